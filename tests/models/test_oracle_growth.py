"""JobNimbus' stand-in, its connector, `growth` and the marts together: four days, held against a second opinion.

Belongs here: that every cell of the marts is what the raw events say, and the history of statuses what the stand-in
did. Does not belong here: what a cell should hold (`oracle/growth*.py`), edge cases by hand (`test_growth.py`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import psycopg
import pytest
from growth_rows import EVENTS, Growth, contents, copy_events, own_database
from oracle import growth as second
from oracle.comparison import connected, differences, same_number, stored
from oracle.growth_marts import MARTS

from connectors.document_store import Store
from connectors.jobnimbus.source import SOURCE
from connectors.jobnimbus.stand_in import JobNimbusStandIn, configuration, fill
from connectors.sandbox import WORLD_DAY
from connectors.sandbox.roofing import Move, moves
from connectors.sandbox.world import SEED, build
from connectors.stand_in import serve
from connectors.sync import land
from orchestration.database import Databases

SCALE = 0.02
DAYS = 3

History = set[tuple[str, str, int, str]]
"""(job, status, when, whole row) of growth.job_status_history."""


@dataclass
class Days:
    """What four daily syncs made."""

    growth: Growth
    histories: list[History]
    again: History


@pytest.fixture(scope="module")
def days(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Days]:
    """The world of days 0 to 3 landed one by one, the tables made after each; the last day synced twice."""
    folder = tmp_path_factory.mktemp("growth")
    as_of = WORLD_DAY + timedelta(days=DAYS)
    store = Store()
    with (
        own_database(databases, "test_growth_days", folder, as_of) as growth,
        pytest.MonkeyPatch.context() as patch,
        serve(JobNimbusStandIn(store, hurry=10_000)) as url,
    ):
        growth.build()
        histories = []
        for day in [*range(DAYS + 1), DAYS]:
            world = build(SEED, SCALE, day)
            fill(store, world)
            for name, value in configuration(world, url).items():
                patch.setenv(name, value)
            outcome = land(SOURCE, growth.url, folder, SOURCE.configured() or [])
            assert outcome.failures == []
            with psycopg.connect(growth.url) as connection:
                growth.rebuild(connection)
                histories.append(_history(connection))
        yield Days(growth, histories[:-1], histories[-1])


@pytest.fixture(scope="module")
def connection(days: Days) -> Iterator[psycopg.Connection]:
    with connected(days.growth.url) as opened:
        yield opened


@pytest.fixture(scope="module")
def opinion(days: Days, connection: psycopg.Connection) -> second.Growth:
    events = connection.execute(f"select key, request, payload, extracted_at, _dlt_load_id from {EVENTS}")
    return second.Growth([second.Event(*row) for row in events], days.growth.as_of)


def _history(connection: psycopg.Connection) -> History:
    rows = connection.execute(
        "select job_id_raw, status_name, extract(epoch from changed_at)::bigint, to_jsonb(history)::text"
        " from growth.job_status_history as history"
    ).fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize("mart", MARTS)
def test_every_cell_of_a_mart_is_what_the_events_say(
    mart: str, connection: psycopg.Connection, opinion: second.Growth
) -> None:
    keys, expected_of = MARTS[mart]
    expected = expected_of(opinion)
    assert not expected.empty, "nothing to compare"
    message = differences(expected, stored(connection, "marts", mart), keys, alike=same_number)
    if message:
        pytest.fail(f"marts.{mart}\n{message}", pytrace=False)


def test_the_history_is_what_the_events_say(connection: psycopg.Connection, opinion: second.Growth) -> None:
    """Every change of every job, and the stage it led to."""
    found = connection.execute(
        "select job_id_raw, status_name, stage, extract(epoch from changed_at)::bigint from growth.job_status_history"
    ).fetchall()
    expected = [
        (job, change.name, change.status.stage, change.moment)
        for job, changes in opinion.history.items()
        for change in changes
    ]
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("day", range(1, DAYS + 1))
def test_a_day_adds_exactly_the_moves_the_stand_in_made(day: int, days: Days) -> None:
    """None missing, none twice, none changed; a move that only its activity tells is up to two seconds late."""
    before, after = days.histories[day - 1], days.histories[day]
    assert before <= after
    made: dict[tuple[str, str], list[Move]] = {}
    for move in moves(SEED, SCALE, day):
        made.setdefault((move.job, move.status.name), []).append(move)
    added = sorted(after - before)
    assert sorted((job, name) for job, name, _, _ in added) == sorted(
        place for place, found in made.items() for _ in found
    )
    for job, name, when, _ in added:
        assert any(0 <= when - move.moment <= 2 for move in made[job, name]), (job, name, when)
    assert added, "nothing moved"


def test_a_sync_of_nothing_new_adds_nothing(days: Days) -> None:
    assert days.again == days.histories[-1]


def test_the_events_alone_make_the_same_tables(
    days: Days, databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A fresh database, into which nothing but the raw events was copied."""
    target = tmp_path_factory.mktemp("anew")
    with own_database(databases, "test_growth_copied", target, days.growth.as_of) as anew:
        copy_events(days.growth, anew)
        anew.build()
        assert contents(anew) == contents(days.growth)
