"""The extraction rules that only live sources need, and their paths.

Belongs here: moments and days as APIs write them, what is read beside the payload. Does not belong here: V1's rules
(`test_extraction.py`), what people type into forms (`test_live_rules.py`).
"""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from test_extraction import anything, as_json

from orchestration.dbt_build import invoke

COLUMNS = {
    "as_iso": ("timestamptz", "iso", "v"),
    "as_seconds": ("timestamptz", "epoch_s", "v"),
    "as_day": ("date", "day", "v"),
    "as_midnight": ("timestamptz", "day", "v"),
    "as_us_day": ("date", "us_day", "v"),
    "as_money": ("numeric(14,2)", "us_money", "v"),
    "as_entered": ("numeric(14,2)", "null_if_zero", "v"),
    "second": ("text", "direct", "list.1.value"),
    "tier": ("integer", "digits", "_request.tier"),
    "account_name": ("text", "direct", "_account"),
}

Landed = tuple[psycopg.Connection, str]


@pytest.fixture(scope="module")
def landed(warehouse: str) -> Iterator[Landed]:
    """A connection with an empty landed table, and the SQL the macro makes for it."""
    columns = ", ".join(
        f"helper_column('{name}', '{kind}', '{path}', '{rule}')" for name, (kind, rule, path) in COLUMNS.items()
    )
    relation = "api.Relation.create(schema='live_extraction', identifier='rows')"
    compiled = invoke(["compile", "--inline", "{{ extract_live(" + relation + ", [" + columns + "]) }}"])
    with psycopg.connect(warehouse, options="-c timezone=Asia/Tokyo") as connection:
        connection.execute("create schema live_extraction")
        connection.execute(
            "create table live_extraction.rows"
            " (account text, key text, request jsonb, payload jsonb, deleted_at timestamptz)"
        )
        yield connection, compiled[0].node.compiled_code
        connection.rollback()


def land(connection: psycopg.Connection, documents: Sequence[str], request: str | None) -> None:
    """Let these documents alone have landed."""
    connection.execute("truncate live_extraction.rows")
    with connection.cursor() as cursor:
        rows = [("office", f"{place:09}", request, document) for place, document in enumerate(documents)]
        cursor.executemany("insert into live_extraction.rows values (%s, %s, %s, %s)", rows)


def read(landed: Landed, *documents: str, request: str | None = None) -> list[dict[str, Any]]:
    """What the macro reads of documents, in their order."""
    connection, query = landed
    land(connection, documents, request)
    with connection.cursor() as cursor:
        cursor.execute(f"select {', '.join(COLUMNS)} from ({query}) as read order by key")
        return [dict(zip(COLUMNS, row, strict=True)) for row in cursor]


@pytest.mark.parametrize(
    ("written", "moment"),
    {
        "2026-01-03T18:39:55.757": datetime(2026, 1, 3, 18, 39, 55, 757_000, UTC),
        "2026-01-03T18:39:21.1234567": datetime(2026, 1, 3, 18, 39, 21, 123_457, UTC),
        "2026-01-03T18:39:55Z": datetime(2026, 1, 3, 18, 39, 55, tzinfo=UTC),
        "2026-01-03 18:39:55": datetime(2026, 1, 3, 18, 39, 55, tzinfo=UTC),
        "2026-01-03T18:39:55-07:00": datetime(2026, 1, 4, 1, 39, 55, tzinfo=UTC),
        "2026-01-03T18:39:55.5+0530": datetime(2026, 1, 3, 13, 9, 55, 500_000, UTC),
        "2026-01-03": datetime(2026, 1, 3, tzinfo=UTC),
        "0001-01-01T00:00:00": None,
        "1899-12-31T23:59:59": None,
        "2026-02-30T00:00:00": None,
        "2026-01-03T25:00:00": None,
        "yesterday": None,
        "": None,
        1767225600000: None,
    }.items(),
)
def test_an_iso_moment(landed: Landed, written: str | int, moment: datetime | None) -> None:
    """Whatever the server's time zone, a text without one is UTC; a year before 1900 is how systems write none."""
    assert read(landed, json.dumps({"v": written}))[0]["as_iso"] == moment


@pytest.mark.parametrize(
    ("written", "day", "midnight"),
    [
        ("2026-02-15T00:00:00", date(2026, 2, 15), datetime(2026, 2, 15, 6, tzinfo=UTC)),
        ("2026-07-15", date(2026, 7, 15), datetime(2026, 7, 15, 5, tzinfo=UTC)),
        (1767225600000, date(2025, 12, 31), datetime(2026, 1, 1, tzinfo=UTC)),
        ("0001-01-01T00:00:00", None, None),
        ("2026-02-30", None, None),
        ("15.02.2026", None, None),
        (0, None, None),
    ],
)
def test_a_business_day(landed: Landed, written: Any, day: date | None, midnight: datetime | None) -> None:
    """The day the text names, which begins in the business time zone; of milliseconds, the day they fall on there."""
    found = read(landed, json.dumps({"v": written}))[0]
    assert (found["as_day"], found["as_midnight"]) == (day, midnight)


def test_seconds_and_amounts(landed: Landed) -> None:
    """Seconds since 1970; amounts as typed; 0 as "not entered"."""
    documents = [json.dumps({"v": value}) for value in (1_767_225_600, 0, 10**18, "$1,200.50", 12.345, "0.00")]
    found = read(landed, *documents)
    assert [row["as_seconds"] for row in found] == [datetime(2026, 1, 1, tzinfo=UTC), *[None] * 5]
    assert [row["as_money"] for row in found[3:]] == [Decimal("1200.50"), Decimal("12.35"), 0]
    assert [row["as_entered"] for row in found[3:]] == [None, Decimal("12.35"), None]


def test_paths_beside_and_into_the_payload(landed: Landed) -> None:
    """What the request knew, whose account it is, an element of an array; null where there is none."""
    found = read(landed, '{"list": [{"value": "a"}, {"value": "b"}]}', '{"list": "b"}', request='{"tier": 3}')
    assert [(row["second"], row["tier"], row["account_name"]) for row in found] == [
        ("b", 3, "office"),
        (None, 3, "office"),
    ]
    assert read(landed, "{}")[0]["tier"] is None


@given(anything)
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
def test_no_json_value_is_an_error(landed: Landed, value: Any) -> None:
    """Whatever an API sends, a run goes on. Python has no moments after the year 9999: read as text."""
    connection, query = landed
    land(connection, ['{"v": ' + as_json(value) + ', "list": ' + as_json(value) + "}"], as_json(value))
    connection.execute(f"select read::text from ({query}) as read")
