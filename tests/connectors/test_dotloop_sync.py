"""dotloop synced into Postgres: tokens, what a second sync asks for, loops that are lost, accounts that fail."""

import os
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import orjson
import psycopg
import pytest
from live import landed, state

from connectors.document_store import Record, Store
from connectors.dotloop.documents import HOLDERS
from connectors.dotloop.login import Client, Login
from connectors.dotloop.source import SOURCE, configured
from connectors.dotloop.stand_in import CLIENT_ID, CLIENT_SECRET, DotloopStandIn, configuration, fill
from connectors.sandbox.world import World, build
from connectors.stand_in import Fault, serve
from connectors.sync import Outcome, land

TEAM = HOLDERS[1]
ACCOUNT, PROFILE = str(TEAM.id), TEAM.profiles[-1].id


class Sandbox:
    """The stand-in, the warehouse, and syncs from one into the other."""

    def __init__(self, store: Store, server: DotloopStandIn, warehouse: str, folder: Path) -> None:
        self.store, self.server, self.warehouse, self.folder = store, server, warehouse, folder

    def sync(self, *, full: bool = False) -> Outcome:
        self.server.requests.clear()
        return land(SOURCE, self.warehouse, self.folder, configured() or [], full=full)

    def rows(self, table: str, columns: str = "account, key, payload") -> list[tuple]:
        return landed(self.warehouse, "dotloop", table, columns)

    def gone(self, table: str) -> list[str]:
        return [key for key, deleted in self.rows(table, "key, deleted_at") if deleted]

    def execute(self, query: str) -> list[tuple]:
        with psycopg.connect(self.warehouse) as connection:
            found = connection.execute(query)
            return found.fetchall() if found.description else []

    def tokens(self) -> dict[str, tuple]:
        return {row[0]: row[1:] for row in self.execute("select * from staging_dotloop.tokens")}

    def loops(self) -> list[str]:
        return [row[0] for row in self.store.select("loop", ACCOUNT, order="changed")]

    def touch(self, loop: str) -> None:
        """Let a loop be changed a second after all others."""
        last = self.store.select("loop", ACCOUNT, order="changed desc", limit=1)[0][2] + 1
        row = orjson.loads(self.store.get("loop", ACCOUNT, loop) or "")
        row |= {"updated": f"{datetime.fromtimestamp(last, UTC):%Y-%m-%dT%H:%M:%SZ}", "status": "TOUCHED"}
        ord_ = self.store.select("loop", ACCOUNT, "id = ?", [loop])[0][1]
        self.store.put(Record("loop", ACCOUNT, loop, row, ord_, last, str(PROFILE)))


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.01)


@pytest.fixture
def sandbox(world: World, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    store = Store(tmp_path / "dotloop.sqlite")
    fill(store, world)
    server = DotloopStandIn(store, hurry=1_000)
    with serve(server) as url:
        for name, value in configuration(world, url).items():
            monkeypatch.setenv(name, value)
        yield Sandbox(store, server, empty_database, tmp_path)


def test_a_first_sync_lands_everything_and_a_second_asks_for_little(sandbox: Sandbox) -> None:
    outcome = sandbox.sync()
    assert outcome.failures == []
    for table, held in {"dotloop_staging": "loop", "participants": "participant", "contacts": "contact"}.items():
        there = sum(sandbox.store.count(held, str(holder.id)) for holder in HOLDERS)
        assert outcome.rows[table] == len(sandbox.rows(table)) == there > 0
    assert len(sandbox.rows("profiles")) == 5
    assert {row[0] for row in sandbox.rows("accounts")} == {holder.name for holder in HOLDERS}
    requests = sandbox.rows("participants", "request")
    assert all(set(request) == {"loop_id", "profile_id"} for (request,) in requests)
    assert {(request["profile_id"]) for (request,) in sandbox.rows("dotloop_staging", "request")} == {4712, 4720, 4730}
    loops, logins = sum(sandbox.store.count("loop", str(holder.id)) for holder in HOLDERS), len(HOLDERS)
    assert sum(n for path, n in sandbox.server.requests.items() if path.endswith("/participant")) == loops
    assert sandbox.server.requests["POST /oauth/token"] == logins

    before = sandbox.rows("dotloop_staging", "xmin::text, extracted_at")
    assert sandbox.sync().rows == {}
    assert sandbox.rows("dotloop_staging", "xmin::text, extracted_at") == before
    asked = sandbox.server.requests
    assert sum(asked.values()) == 3 * 3 + 2 * 4 + 1  # account, profile, contact; total and loops; a closed profile
    assert not any(path.endswith(("/participant", "/oauth/token")) for path in asked)


def test_only_what_changed_is_fetched_and_a_day_later_all_agrees(sandbox: Sandbox) -> None:
    """What comes by small steps is what a sync from scratch finds."""
    sandbox.sync()
    fill(sandbox.store, build(scale=0.01, day=1))
    outcome = sandbox.sync()
    assert outcome.failures == []
    assert outcome.rows["dotloop_staging"] >= 2 * len(HOLDERS)  # one new, one changed in each account
    touched = sum(n for path, n in sandbox.server.requests.items() if path.endswith("/participant"))
    assert touched == outcome.rows["dotloop_staging"]
    tables = SOURCE.tables
    by_steps = {table: sandbox.rows(table, "account, key, request, payload, deleted_at") for table in tables}
    sandbox.execute("drop schema staging_dotloop cascade; drop schema arriving_dotloop cascade")
    sandbox.sync()
    assert {table: sandbox.rows(table, "account, key, request, payload, deleted_at") for table in tables} == by_steps
    assert sandbox.sync(full=True).rows == {}


def test_participants_follow_their_loop(sandbox: Sandbox) -> None:
    sandbox.sync()
    loop = sandbox.loops()[-1]
    gone, *kept = sandbox.store.select("participant", ACCOUNT, "parent = ?", [loop])
    sandbox.store.remove("participant", ACCOUNT, gone[0])
    sandbox.store.put(Record("participant", ACCOUNT, "5", {"id": 5, "role": "BUYER"}, parent=loop))
    sandbox.touch(loop)
    outcome = sandbox.sync()
    assert outcome.rows == {"dotloop_staging": 1, "participants": 2}
    assert sandbox.gone("participants") == [gone[0]]
    assert not {row[0] for row in kept} & set(sandbox.gone("participants"))


def test_a_walk_that_fails_half_way_forgets_no_participants(sandbox: Sandbox) -> None:
    sandbox.sync()
    loops = sandbox.loops()[-2:]
    for loop in loops:
        gone = sandbox.store.select("participant", ACCOUNT, "parent = ?", [loop])[0][0]
        sandbox.store.remove("participant", ACCOUNT, gone)
        sandbox.store.put(Record("participant", ACCOUNT, f"{loop}5", {"id": int(f"{loop}5")}, parent=loop))
        sandbox.touch(loop)
    sandbox.server.faults.append(Fault(f"/loop/{loops[1]}/participant", 500, times=100))
    assert len(sandbox.sync().failures) == 1
    sandbox.server.faults.clear()
    assert sandbox.sync().failures == []
    held = {row[0] for row in sandbox.store.select("participant", ACCOUNT)}
    there = sandbox.rows("participants", "account, key, deleted_at")
    assert {key for account, key, deleted in there if account == TEAM.name and not deleted} == held


@pytest.mark.parametrize("how", ["deleted", "merged"])
def test_a_lost_loop_is_found_without_being_told(sandbox: Sandbox, how: str) -> None:
    sandbox.sync()
    lost, survivor = sandbox.loops()[:2]
    children = [row[0] for row in sandbox.store.select("participant", ACCOUNT, "parent = ?", [lost])]
    if how == "merged":
        sandbox.server.merge(ACCOUNT, lost, survivor)
    else:
        sandbox.store.remove("loop", ACCOUNT, lost)
    assert sandbox.sync().failures == []
    assert sandbox.gone("dotloop_staging") == [lost]
    assert sandbox.gone("participants") == ([] if how == "merged" else children)
    if how == "merged":
        moved = dict(sandbox.rows("participants", "key, request ->> 'loop_id'"))
        assert {moved[key] for key in children} == {survivor}
    sandbox.sync()
    assert sandbox.server.requests["GET /public/v2/profile/{profile}/loop"] == 4 * 2 + 1  # once and no more


def test_a_full_sync_finds_lost_loops_also_where_a_profile_may_not_be_read(sandbox: Sandbox) -> None:
    sandbox.sync()
    lost = sandbox.store.select("loop", "101")[0][0]
    sandbox.store.remove("loop", "101", lost)
    assert sandbox.sync(full=True).failures == []
    assert sandbox.gone("dotloop_staging") == [lost]
    assert len(sandbox.gone("participants")) >= 1
    assert sandbox.sync().rows == {}


def test_a_profile_that_is_opened_later_is_read_from_its_beginning(sandbox: Sandbox) -> None:
    sandbox.sync()
    office = HOLDERS[0]
    profile = sandbox.store.select("profile", "101", "id = '4711'")[0]
    sandbox.store.put(Record("profile", "101", "4711", profile[3], profile[1]))
    old = {"id": 8, "profileId": 4711, "updated": "2020-01-01T00:00:00Z"}
    sandbox.store.put(Record("loop", "101", "8", old, changed=1_577_836_800, parent="4711"))
    assert sandbox.sync().rows == {"dotloop_staging": 1}
    assert (office.name, "8", old) in sandbox.rows("dotloop_staging")


def test_an_unbelievable_loss_of_contacts_is_refused(sandbox: Sandbox) -> None:
    for number in range(60):
        sandbox.store.put(Record("contact", ACCOUNT, f"{number}", {"id": number}, number))
    sandbox.sync()
    for number in range(60):
        sandbox.store.remove("contact", ACCOUNT, f"{number}")
    (failure,) = sandbox.sync().failures
    assert failure.startswith("dotloop, account north-team: contacts: 60 of 65 rows of contacts are gone")
    assert sandbox.gone("contacts") == []


# Tokens.


def test_a_token_is_kept_for_the_next_run_and_renewed_when_it_has_ended(sandbox: Sandbox) -> None:
    sandbox.sync()
    first = sandbox.tokens()
    assert {name: row[-1] for name, row in first.items()} == {holder.name: holder.id for holder in HOLDERS}
    sandbox.execute("update staging_dotloop.tokens set expires_at = now() - interval '1 hour' where account = 'solo'")
    sandbox.server.expire(ACCOUNT)
    assert sandbox.sync().failures == []
    assert sandbox.server.requests["POST /oauth/token"] == 2  # one saw it coming, one was told 401
    then = sandbox.tokens()
    assert {name for name in then if then[name][0] != first[name][0]} == {"north-team", "solo"}


def test_a_refresh_token_that_changes_is_kept_even_if_the_run_then_fails(sandbox: Sandbox) -> None:
    sandbox.server.rotates = True
    sandbox.server.faults.append(Fault("/account", 500, times=100, account=ACCOUNT))
    (failure,) = sandbox.sync().failures
    assert failure == "dotloop, account north-team: accounts: dotloop: /account answered 500: asked for"
    kept = sandbox.tokens()["north-team"][1]
    assert kept != TEAM.refresh_token
    sandbox.server.faults.clear()
    sandbox.server.expire(ACCOUNT)
    assert sandbox.sync().failures == []
    assert sandbox.tokens()["north-team"][1] not in {kept, TEAM.refresh_token}


def test_an_account_that_was_revoked_fails_alone_and_heals_when_authorised_anew(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox.sync()
    sandbox.server.revoke(ACCOUNT)
    for holder in HOLDERS:
        sandbox.store.put(Record("contact", str(holder.id), "9", {"id": 9, "firstName": "Noor"}, 9))
    outcome = sandbox.sync()
    (failure,) = outcome.failures
    assert failure.startswith("dotloop, account north-team: accounts: dotloop: /oauth/token answered 400: Invalid")
    assert failure.endswith("authorise the account again and put its new refresh token into sources.dotloop.accounts")
    assert TEAM.refresh_token not in failure
    assert outcome.rows == {"contacts": 2}
    assert state(sandbox.warehouse, "dotloop")["north-team", "contacts"][0] == "error"

    accounts = [{"name": holder.name, "refresh_token": holder.refresh_token} for holder in HOLDERS]
    accounts[1]["refresh_token"] = "anew"
    sandbox.store.put(Record("login", "", "anew", {"account": ACCOUNT}))
    sandbox.store.note(f"refresh {ACCOUNT}", "anew")
    monkeypatch.setenv("SOURCES__DOTLOOP__ACCOUNTS", orjson.dumps(accounts).decode())
    outcome = sandbox.sync()
    assert (outcome.failures, outcome.rows) == ([], {"contacts": 1})
    assert state(sandbox.warehouse, "dotloop")["north-team", "contacts"][0] == "ready"


def test_two_runs_never_renew_together(sandbox: Sandbox) -> None:
    """The one that comes second takes the token that the first has got: renewing again would kill it."""
    sandbox.sync()
    accounts = configured() or []
    base_url, auth_url = (os.environ[f"SOURCES__DOTLOOP__{name}_URL"] for name in ("BASE", "AUTH"))
    client = Client(auth_url, CLIENT_ID, CLIENT_SECRET)
    logins = [
        Login("north-team", base_url, client, accounts[1].secrets["refresh_token"], sandbox.warehouse) for _ in range(6)
    ]
    sandbox.server.expire(ACCOUNT)
    sandbox.server.requests.clear()
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda one=one: answers.append(one.api.get("account")["data"]["id"])) for one in logins
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert answers == [TEAM.id] * 6
    assert sandbox.server.requests["POST /oauth/token"] == 1


def test_tokens_have_their_table_also_where_nothing_is_configured(empty_database: str, tmp_path: Path) -> None:
    assert land(SOURCE, empty_database, tmp_path, []) == Outcome({}, [])
    assert landed(empty_database, "dotloop", "dotloop_staging") == []
    with psycopg.connect(empty_database) as connection:
        assert connection.execute("select count(*) from staging_dotloop.tokens").fetchone() == (0,)
