"""JobNimbus into Postgres: first sync, an unchanged one, three days of changes, what fails and what is gone."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import psycopg
import pytest
from live import state

from connectors.document_store import Record, Store
from connectors.jobnimbus.source import SOURCE
from connectors.jobnimbus.stand_in import TOKEN, JobNimbusStandIn, configuration, fill
from connectors.sandbox import roofing
from connectors.sandbox.world import SEED
from connectors.stand_in import Fault, serve
from connectors.sync import Outcome, land

SCALE = 0.01
EVENTS = "jobnimbus_raw_events"
LISTS = {
    "contact": "contacts",
    "job": "jobs",
    "payment": "payments",
    "activity": "activities",
    "budget": "budgets",
    "workorder": "workorders",
    "materialorder": "materialorders",
    "estimate": "estimates",
    "invoice": "invoices",
}


def world(day: int) -> Any:
    """What the stand-in asks of a world: the roofing business is its own."""
    return SimpleNamespace(seed=SEED, scale=SCALE, day=day)


@pytest.fixture
def syncing(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[JobNimbusStandIn, Callable[..., Outcome], str]]:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    stand_in = JobNimbusStandIn(Store(), hurry=1_000)
    fill(stand_in.store, world(0))

    def sync(*, full: bool = False) -> Outcome:
        stand_in.requests.clear()
        return land(SOURCE, empty_database, tmp_path, SOURCE.configured() or [], full=full)

    with serve(stand_in) as url:
        for name, value in configuration(world(0), url).items():
            monkeypatch.setenv(name, value)
        yield stand_in, sync, empty_database


def events(url: str) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Key, request and payload of every event, the oldest first, by the rule that tells the newest."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            f"select key, request, payload from staging_jobnimbus.{EVENTS}"
            " order by extracted_at, (payload ->> 'date_updated')::bigint nulls first"
        ).fetchall()


def newest(url: str) -> dict[tuple[str, str], dict[str, Any] | None]:
    """The newest payload of every object that is there."""
    found = {(request["object"], request["jnid"]): (request, payload) for _, request, payload in events(url)}
    return {
        name: payload
        for name, (request, payload) in found.items()
        if "gone" not in request and payload.get("is_active", True)
    }


def agrees(store: Store, url: str) -> None:
    """What is there by the events is what the lists hold; inactive users are listed."""
    here = newest(url)
    for kind, collection in LISTS.items():
        held = {row[0]: orjson.loads(row[3]) for row in store.select(collection)}
        assert {jnid: payload for (name, jnid), payload in here.items() if name == kind} == held


def moves_seen(url: str) -> set[tuple[str, int, int]]:
    """Moves (job, status id, moment) by the events alone: activities, and versions of jobs that none explains."""
    told, shown = [], []
    for _, request, payload in events(url):
        if request["object"] == "activity" and "new_status" in payload.get("primary", {}):
            told.append((payload["primary"]["id"], payload["primary"]["new_status"], payload["date_created"]))
        elif request["object"] == "job" and payload:
            shown.append((payload["jnid"], payload["status"], payload["date_status_change"]))
    seen = set(shown)
    return seen | {
        (job, status, at) for job, status, at in told if not seen & {(job, status, at - late) for late in range(3)}
    }


def test_three_days(syncing: Any) -> None:
    stand_in, sync, url = syncing
    outcome = sync()
    assert outcome.failures == []
    assert outcome.rows == {EVENTS: len(events(url))}
    agrees(stand_in.store, url)
    first = Counter(request["object"] for _, request, _ in events(url))
    for kind, collection in LISTS.items():
        assert first[kind] == stand_in.store.count(collection) > 20
        assert state(url, "jobnimbus")["main", collection][3:] == (first[kind], first[kind])

    for day in range(4):
        fill(stand_in.store, world(day))
        before = {key: payload for key, _, payload in events(url)}
        outcome = sync()
        assert outcome.failures == []
        after = events(url)
        assert {key: payload for key, _, payload in after if key in before} == before, "an event was changed"
        assert outcome.rows == ({EVENTS: len(after) - len(before)} if day else {})
        assert len(after) - len(before) < 60
        agrees(stand_in.store, url)
        asked = sum(stand_in.requests.values())
        assert asked == 11 if day == 0 else asked < 25

        outcome = sync()
        assert (outcome.rows, outcome.failures) == ({}, []), "the same day again brings nothing"

    assert sync(full=True).rows == {}, "nothing was missed"
    gone = Counter(request["object"] for _, request, _ in events(url) if "gone" in request)
    assert {"contact", "job", "payment", "estimate", "user"} == set(gone)
    inactive = {request["object"] for _, request, _ in events(url) if request.get("is_active") is False}
    assert {"contact", "job", "workorder"} <= inactive
    assert any("again" in request for _, request, _ in events(url)), "a contact came back as it was"


def test_events_tell_every_move_of_a_day_and_no_other(syncing: Any) -> None:
    stand_in, sync, url = syncing
    for day in range(4):
        fill(stand_in.store, world(day))
        assert sync().failures == []
    seen = moves_seen(url)
    for day in range(1, 4):
        made = {(move.job, move.status.id, move.moment) for move in roofing.moves(SEED, SCALE, day)}
        that_day = [one for one in seen if roofing.begin(day) <= one[2] < roofing.begin(day + 1)]
        assert len(that_day) == len(made) > 4
        # An activity is up to two seconds later than the move that it tells.
        for job, status, moment in made:
            assert len(seen & {(job, status, moment + late) for late in range(3)}) == 1


def test_what_fails_fails_alone(syncing: Any) -> None:
    stand_in, sync, url = syncing
    stand_in.store.put(Record("keys", "", TOKEN, {"may": ["contacts", "jobs", "payments", "account", "estimates"]}))
    stand_in.faults.append(Fault("/estimates", 500, times=99))
    outcome = sync()
    (failure,) = outcome.failures
    assert "activities: jobnimbus: /activities answered 403: The access profile does not allow this." in failure
    assert "budgets: jobnimbus: /budgets answered 403" in failure
    assert "estimates: jobnimbus: /v2/estimates answered 500: asked for" in failure
    assert TOKEN not in failure
    states = state(url, "jobnimbus")
    assert states["main", "invoices"][1] == "not read, since estimates failed"
    assert states["main", "payments"][0] == "ready"
    assert states["main", "activities"][2:] == (None, 0, 0)

    stand_in.faults.clear()
    fill(stand_in.store, world(0))
    assert sync().failures == []
    agrees(stand_in.store, url)

    stand_in.store.remove("keys", "", TOKEN)
    (failure,) = sync().failures
    assert failure.startswith("jobnimbus, account main: users: jobnimbus: /account/users answered 401: Unauthorized")


def test_a_profile_that_shows_nothing_deletes_nothing(syncing: Any) -> None:
    stand_in, sync, url = syncing
    sync()
    before = len(events(url))
    for row in stand_in.store.select("payments"):
        stand_in.store.remove("payments", "", row[0])
    stand_in.store.note("now", str(roofing.begin(2)))
    (failure,) = sync().failures
    assert "objects of kind payment are gone, which nobody believes" in failure
    assert len(events(url)) == before
    fill(stand_in.store, world(0))
    assert sync() == Outcome({}, [])
