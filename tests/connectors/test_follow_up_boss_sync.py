"""Follow Up Boss synced into Postgres: first, unchanged, changed, one account failing, rows that left."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from follow_up_boss_walks import served
from live import landed, state

from connectors.document_store import Record
from connectors.follow_up_boss import stand_in
from connectors.follow_up_boss.source import SOURCE
from connectors.sandbox.world import World, build
from connectors.stand_in import Fault
from connectors.sync import Account, Outcome, land

TEXTS = "stage_text_messages_fub_onboarding"


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.01)


@pytest.fixture
def fub(world: World) -> Iterator[Any]:
    with served() as made:
        stand_in.fill(made.store, world)
        yield made


@pytest.fixture
def sync(world: World, empty_database: str, tmp_path: Path) -> Callable[..., Outcome]:
    found = world.live.crm.accounts[["id", "number"]].astype(str).to_numpy().tolist()
    accounts = [Account(name, {"api_key": f"fka_sandbox_{number}"}) for name, number in found]

    def run(**options: Any) -> Outcome:
        return land(SOURCE, empty_database, tmp_path, accounts, **options)

    return run


def change(made: Any, collection: str, key: str, moment: str, **values: Any) -> None:
    """Change a row of account 1 in the stand-in, at this moment."""
    ((_, place, _, text),) = made.store.select(collection, "1", "id = ?", [key])
    document = json.loads(text) | {"updated": moment} | values
    parent = str(document.get("personId") or "")
    changed = datetime.fromisoformat(moment).timestamp()
    made.store.put(Record(collection, "1", key, document, place, changed, parent))


def test_first_unchanged_and_changed(fub: Any, sync: Callable[..., Outcome], world: World, empty_database: str) -> None:
    first = sync()
    crm = world.live.crm
    assert first.failures == []
    counted = {name: first.rows[name] for name in ("people", "calls", "events", "deals", "users", "groups", TEXTS)}
    assert counted == {
        "people": len(crm.people),
        "calls": len(crm.calls),
        "events": len(crm.events),
        "deals": len(crm.deals),
        "users": len(crm.users),
        "groups": len(crm.groups),
        TEXTS: len(crm.text_messages),
    }
    rows = landed(empty_database, "fub", "calls", "account, payload ->> 'duration', cursor_value, deleted_at")
    assert sum(int(row[1]) for row in rows) == crm.calls["duration"].sum()
    assert Counter(row[0] for row in rows) == Counter(crm.calls["account_id"].astype(str))
    numbers = {row[0] for row in landed(empty_database, "fub", "accounts", "key")}
    assert numbers == set(crm.accounts["number"].astype(str))

    before = landed(empty_database, "fub", "people", "account, key, xmin::text")
    queue = landed(empty_database, "fub", "text_queue", "account, key, payload")
    assert {row[2]["status"] for row in queue} == {"completed"}
    fub.requests.clear()
    assert sync() == Outcome({}, [])
    assert landed(empty_database, "fub", "people", "account, key, xmin::text") == before
    assert fub.requests["GET /v1/textMessages"] == 0
    assert sum(fub.requests.values()) == 15 * len(crm.accounts)

    called = fub.store.select("calls", "1")[-9][0]
    touched, gone = (fub.store.select("people", "1")[-place][0] for place in (9, 5))
    change(fub, "calls", called, "2026-11-02T10:00:00Z", note="Called again")
    change(fub, "people", touched, "2026-11-02T10:00:00Z", lastActivity="2026-11-02T10:00:00Z", stage="Trash")
    fub.store.put(Record("textMessages", "1", "9001", {"id": 9001, "personId": int(touched)}, 9001, 0, touched))
    fub.store.remove("people", "1", gone)
    fub.requests.clear()
    assert sync().rows == {"calls": 1, "people": 2, "text_queue": 1, TEXTS: 1}
    assert fub.requests["GET /v1/textMessages"] == 1
    rows = landed(empty_database, "fub", "people", "account, key, payload ->> 'stage', deleted_at is not null")
    assert [row[:2] for row in rows if row[3]] == [("1", gone)]
    assert ("1", touched, "Trash", False) in rows
    assert sync() == Outcome({}, [])


def test_a_dead_key_stops_one_account_only(
    fub: Any, sync: Callable[..., Outcome], world: World, empty_database: str
) -> None:
    number = world.live.crm.accounts["number"].iloc[0]
    fub.store.remove("keys", "", f"fka_sandbox_{number}")
    outcome = sync()
    assert outcome.failures == [
        "follow_up_boss, account 1: accounts: follow_up_boss: /identity answered 401: Invalid API key"
    ]
    states = state(empty_database, "fub")
    assert states["1", "people"][:2] == ("error", "not read, since accounts failed")
    assert {one[0] for (account, _), one in states.items() if account == "2"} == {"ready"}
    fub.store.put(Record("keys", "", f"fka_sandbox_{number}", {"account": "1"}))
    assert sync().failures == []
    assert len(landed(empty_database, "fub", "people")) == len(world.live.crm.people)


def test_failures_leave_the_rest_and_are_made_up_for(
    fub: Any, sync: Callable[..., Outcome], world: World, empty_database: str
) -> None:
    fub.faults += [
        Fault("/v1/calls", 403, account="1"),
        Fault("/v1/textMessages", 403, times=3, account="2"),
    ]
    failures = sorted(sync().failures)
    assert len(failures) == 2
    assert "account 1: calls: follow_up_boss: /calls answered 403" in failures[0]
    assert "account 2: text_messages: follow_up_boss: messages of 3 of" in failures[1]
    states = Counter(row[0] for row in landed(empty_database, "fub", "text_queue", "payload ->> 'status'"))
    assert states["failed"] == 3
    fub.requests.clear()
    assert sync().failures == []
    assert fub.requests["GET /v1/textMessages"] == 3
    assert len(landed(empty_database, "fub", "calls")) == len(world.live.crm.calls)
    assert len(landed(empty_database, "fub", TEXTS)) == len(world.live.crm.text_messages)
    assert sync(full=True) != Outcome({}, [])  # the queue alone: everyone was read anew
    assert set(landed(empty_database, "fub", "text_queue", "payload ->> 'status'")) == {("completed",)}


def test_an_account_that_seems_to_lose_everything_keeps_it(
    fub: Any, sync: Callable[..., Outcome], empty_database: str
) -> None:
    sync()
    before = len(landed(empty_database, "fub", "people"))
    for key, *_ in fub.store.select("people", "1"):
        fub.store.remove("people", "1", key)
    (failure,) = sync().failures
    assert "rows of people are gone, which nobody believes" in failure
    with psycopg.connect(empty_database) as connection:
        rows = connection.execute("select count(*) from staging_fub.people where deleted_at is null").fetchall()
    assert rows == [(before,)]
