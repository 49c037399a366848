"""One account in trouble: the others' data lands, one line says what failed, the next run heals."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from live import Tiny, landed
from sandboxes import Sandbox, contents, sandbox, undisturbed

from connectors.document_store import Record
from connectors.rest import SourceError
from connectors.sandbox.world import World, build
from connectors.stand_in import Fault
from connectors.sync import Account


@dataclass(frozen=True)
class Trouble:
    """What befalls an account of a source, what the run says of it, and how it passes."""

    source: str
    begin: Callable[[Sandbox, Account], None]
    end: Callable[[Sandbox, Account], None]
    said: str


def _revoke_key(one: Sandbox, account: Account) -> None:
    one.store.remove("keys", "", account.secrets["api_key"])


def _give_key_back(one: Sandbox, account: Account) -> None:
    one.store.put(Record("keys", "", account.secrets["api_key"], {"account": account.name}))


def _dotloop_account(one: Sandbox, account: Account) -> str:
    login = orjson.loads(one.store.get("login", "", account.secrets["refresh_token"]) or "")
    return str(login["account"])


def _end_tokens(one: Sandbox, account: Account) -> None:
    """The access token has ended, and the refresh token does not work either."""
    one.server.revoke(_dotloop_account(one, account))


def _authorise(one: Sandbox, account: Account) -> None:
    one.store.note(f"refresh {_dotloop_account(one, account)}", account.secrets["refresh_token"])


def _storm(one: Sandbox, account: Account) -> None:
    one.server.faults.append(Fault("", 500, times=10_000, account=account.name))


def _calm(one: Sandbox, _: Account) -> None:
    one.server.faults.clear()


__all__ = ["undisturbed"]  # a fixture

TROUBLES = {
    "a revoked Follow Up Boss key": Trouble("follow_up_boss", _revoke_key, _give_key_back, "401: Invalid API key"),
    "an expired dotloop token": Trouble("dotloop", _end_tokens, _authorise, "authorise the account again"),
    "a storm of 500 at reZEN": Trouble("rezen", _storm, _calm, "answered 500: asked for"),
}


@pytest.fixture(scope="module")
def worlds() -> list[World]:
    return [build(scale=0.01, day=day) for day in range(2)]


@pytest.mark.parametrize("name", TROUBLES)
def test_one_account_in_trouble_fails_alone_and_heals(
    name: str,
    worlds: list[World],
    empty_database: str,
    undisturbed: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trouble = TROUBLES[name]
    with sandbox(trouble.source, worlds[0], tmp_path, monkeypatch) as one:
        accounts = one.accounts
        poor = accounts[0]
        assert one.sync(empty_database, tmp_path, accounts).failures == []
        one.sync(undisturbed, tmp_path / "undisturbed", accounts)

        one.fill(worlds[1])
        one.sync(undisturbed, tmp_path / "undisturbed", accounts)
        trouble.begin(one, poor)
        outcome = one.sync(empty_database, tmp_path, accounts)
        (line,) = outcome.failures
        assert line.startswith(f"{trouble.source}, account {poor.name}: ")
        assert trouble.said in line
        assert "\n" not in line
        assert not [secret for secret in poor.secrets.values() if secret in line]
        now = contents(empty_database, one.source)
        states = {(row[0] == poor.name, row[2]) for row in now["sync_state"]}
        assert states == {(True, "error"), (False, "ready")}
        assert sum(outcome.rows.values()) > 0, "the others' day was not landed"

        trouble.end(one, poor)
        assert one.sync(empty_database, tmp_path, accounts).failures == []
        assert contents(empty_database, one.source) == contents(undisturbed, one.source)


def test_each_trouble_has_its_line_and_whoever_has_none_lands(empty_database: str, tmp_path: Path) -> None:
    tiny = Tiny()
    tiny.people = {name: [{"id": number, "at": number} for number in range(3)] for name in "abcd"}
    tiny.errors["people", "a"] = SourceError("tiny: /people answered 401: key revoked", 401)
    tiny.errors["mid", "b"] = SourceError("tiny: /people answered 500", 500)
    tiny.errors["people", "c"] = SourceError("tiny: /people cannot be reached (ConnectionError)")
    outcome = tiny.land(empty_database, tmp_path, *"abcd")
    assert outcome.failures == [
        "tiny, account a: people: tiny: /people answered 401: key revoked",
        "tiny, account b: people: tiny: /people answered 500",
        "tiny, account c: people: tiny: /people cannot be reached (ConnectionError)",
    ]
    assert [key for account, key, _ in landed(empty_database, "tiny", "people") if account == "d"] == ["0", "1", "2"]
    tiny.errors.clear()
    assert tiny.land(empty_database, tmp_path, *"abcd").failures == []
    assert len(landed(empty_database, "tiny", "people")) == 12
