"""When jobs came to their statuses, and how long they stayed: on a few made-up jobs, by hand.

Belongs here: `growth.job_status_history` and `marts.agg_stage_velocity`. Does not belong here: the history that days of
the sandbox make (`test_oracle_growth.py`).
"""

from decimal import Decimal

import psycopg
from growth_rows import (
    EVENTS,
    Growth,
    at,
    job,
    land,
    lose,
    moment,
    move,
    moved,
    one,
    rows,
)

pytest_plugins = ["growth_fixtures"]

DAYS = 86_400


def _history(connection: psycopg.Connection, job_id: str) -> list[tuple[str, str, int]]:
    found = rows(connection, "growth.job_status_history", job_id_raw=job_id)
    return [
        (row["status_name"], row["stage"], int(row["changed_at"].timestamp()))
        for row in sorted(found, key=lambda row: row["changed_at"])
    ]


def test_history_takes_each_change_once(growth: Growth, database: psycopg.Connection) -> None:
    """Versions and activities tell the same moves, some only one of them; landing all again adds nothing."""
    start, first, second, third = at("2026-01-05"), at("2026-01-08"), at("2026-01-08", "15:00"), at("2026-01-12")
    told = job("j1")
    created = move("a0", "j1", 601, start, is_status_change=False, record_type_name="Job Created")
    land(database, 1, job=[told], activity=[created])
    # Two moves between two readings: only the activity tells the first.
    now = moved(told, 604, second)
    land(database, 2, job=[now], activity=[move("a1", "j1", 602, first + 1), move("a2", "j1", 604, second + 2)])
    # No activity: the profile hides it. A note carries no status change.
    note = move("a3", "j1", 610, third, is_status_change=None, record_type_name="Note")
    land(database, 3, job=[moved(now, 605, third)], activity=[note])
    # An edit is no change, and what says the same of the status later is none.
    land(database, 4, job=[moved(now, 605, third, name="Other", date_updated=third + 60)])
    growth.rebuild(database)
    expected = [
        ("Lead", "Lead", start),
        ("Appointment Scheduled", "Lead", first + 1),
        ("Signed Contract", "Sold", second),
        ("In Progress", "In Production", third),
    ]
    assert _history(database, "j1") == expected
    before = rows(database, "growth.job_status_history")
    database.execute(
        f"insert into {EVENTS} select account, key || ':again', request, payload, cursor_value,"
        f" extracted_at + interval '9 days', deleted_at, '9' from {EVENTS}"
        " where request ->> 'object' in ('job', 'activity')"
    )
    growth.rebuild(database)
    assert rows(database, "growth.job_status_history") == before
    found = one(database, "growth.jobs", jnid="j1")
    assert (found["date_sold"], found["date_completed"]) == (moment(second), None)


def test_history_is_only_added_to(growth: Growth, database: psycopg.Connection) -> None:
    """The activity came a load before the version that tells the same two seconds earlier: the row stays as it was."""
    when = at("2026-01-08")
    land(database, 1, job=[job("j1")])
    land(database, 2, activity=[move("a1", "j1", 604, when + 2)])
    growth.rebuild(database)
    before = rows(database, "growth.job_status_history", stage="Sold")
    land(database, 3, job=[moved(job("j1"), 604, when)])
    growth.rebuild(database)
    assert rows(database, "growth.job_status_history", stage="Sold") == before
    assert before[0]["changed_at"] == moment(when + 2)


def test_there_and_back_again_is_two_changes(growth: Growth, database: psycopg.Connection) -> None:
    """A job that left a status and came back between two readings: the activity tells that it was away."""
    away, back = at("2026-01-08"), at("2026-01-09")
    land(database, 1, job=[job("j1")])
    land(
        database,
        2,
        job=[job("j1", date_status_change=back, date_updated=back)],
        activity=[move("a1", "j1", 603, away)],
    )
    growth.rebuild(database)
    assert [name for name, _, _ in _history(database, "j1")] == ["Lead", "Estimating", "Lead"]


def test_how_the_number_of_a_status_gets_its_name(growth: Growth, database: psycopg.Connection) -> None:
    """By the workflow of the job's type, else by any other, else by jobs, else by the note; else it has none."""
    land(database, 1, job=[job("j1", 601, 63), job("j2", 999, status_name="Contacting")])
    moves = [
        move("a1", "j1", 604, at("2026-01-06")),
        move("a2", "j1", 999, at("2026-01-07")),
        move("a3", "j1", 998, at("2026-01-08"), note="Status changed to: <b>Lost</b>"),
        move("a4", "j1", 997, at("2026-01-09")),
        move("a5", "never", 601, at("2026-01-09")),
    ]
    land(database, 1, activity=moves)
    growth.rebuild(database)
    found = [(name, stage) for name, stage, _ in _history(database, "j1")]
    assert found == [
        ("Lead", "Lead"),
        ("Signed Contract", "Sold"),
        ("Contacting", "Lead"),
        ("Lost", "Lost"),
        (None, "Unmapped"),
    ]
    orphan = one(database, "growth.job_status_history", job_id_raw="never")
    assert (orphan["job_id"], orphan["stage"]) == (None, "Unmapped")


def test_an_activity_that_is_deleted_happened_all_the_same(growth: Growth, database: psycopg.Connection) -> None:
    """The note is gone, the move is not."""
    land(database, 1, job=[job("j1")], activity=[move("a1", "j1", 604, at("2026-01-06"))])
    lose(database, 2, "activity", "a1")
    growth.rebuild(database)
    assert [name for name, _, _ in _history(database, "j1")] == ["Lead", "Signed Contract"]


def test_velocity_of_three_jobs_by_hand(growth: Growth, database: psycopg.Connection) -> None:
    """Lead to Sold in 2, 4 and 9 days: mean 5, median 4, nine of ten within 4 + 0.8 x 5 = 8. Back to Lead in 1."""
    start = at("2026-01-05")
    jobs = {}
    for key, days in {"j1": 2, "j2": 4, "j3": 9}.items():
        told = job(key)
        # Appointment Scheduled is a Lead still.
        jobs[key] = [told, moved(told, 602, start + DAYS), moved(told, 604, start + days * DAYS)]
    jobs["j1"].append(moved(jobs["j1"][0], 601, start + 3 * DAYS))
    for load in range(4):
        land(database, load + 1, job=[versions[load] for versions in jobs.values() if load < len(versions)])
    growth.rebuild(database)
    columns = ("transitions", "average_days", "median_days", "p90_days")
    found = {
        (row["from_stage"], row["to_stage"]): tuple(row[name] for name in columns)
        for row in rows(database, "marts.agg_stage_velocity", record_type_name="Roof Replacement")
    }
    assert found == {
        ("Lead", "Sold"): (3, Decimal(5), Decimal(4), Decimal(8)),
        ("Sold", "Lead"): (1, Decimal(1), Decimal(1), Decimal(1)),
    }
