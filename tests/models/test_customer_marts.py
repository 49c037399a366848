"""The customer marts: every cell against the second opinion, and what a source that lacks things tells.

Belongs here: `marts.agg_cohort_*`, `agg_vanity_metrics_monthly`, `customer_data`. Does not belong here: the tables they
are made of (`test_customer.py`); the rules on rows worked out by hand are dbt's own unit tests.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any

import psycopg
import pytest
from customer_rows import (
    FOUND,
    MARTS,
    Row,
    build,
    event,
    fact,
    findings,
    land,
    land_shape,
    line,
    stand,
    table,
    token,
    user,
)
from oracle import customer
from oracle.comparison import connected, differences, landed_in, same_number, stored
from psycopg import sql

MONDAY = datetime(2026, 9, 7, 18, tzinfo=UTC)
NO_IMPORTS: Row = {"table": "t", "missing": ["upload_session_id"]}
SHAPES: dict[str, tuple[str, dict[str, Row | None]]] = {
    "A": ("A", {}),
    "A, before imports were told apart": ("A", {"transactions": NO_IMPORTS, "l1_transaction_facts": NO_IMPORTS}),
    "B": ("B", {"onboarding_responses": {"table": "onboarding_responses", "missing": ["completed_at"]}}),
    "C": ("C", {"transactions": None, "l1_transaction_facts": NO_IMPORTS, "users": {"missing": ["last_step"]}}),
    "no questions": ("C", {"onboarding_responses": None, "users": {"missing": ["completed_at"]}}),
    "no events": ("A", {"user_events": None, "transactions": NO_IMPORTS, "l1_transaction_facts": NO_IMPORTS}),
    "no lines": ("A", {"transactions": None, "l1_transaction_facts": None}),
}
"""Which shape the source has, and what of its tables and columns is not as in the first, complete one."""


SUMS = (*(f"ties_out_{mart}" for mart in MARTS), "activation_adds_up", "engagement_of_cohort", "months_lead_on")


def at(days: float) -> str:
    """So many days after a Monday noon."""
    return (MONDAY + timedelta(days=days)).isoformat()


@pytest.fixture(scope="module")
def warehouse_connection(warehouse: str) -> Iterator[psycopg.Connection]:
    with connected(warehouse) as opened:
        yield opened


@pytest.fixture
def connection(warehouse_connection: psycopg.Connection) -> Iterator[psycopg.Connection]:
    """The warehouse with an app that has landed nothing."""
    with warehouse_connection.transaction(force_rollback=True):
        stand(warehouse_connection)
        yield warehouse_connection


def second_opinion(connection: psycopg.Connection) -> customer.App:
    """The app's rows as they landed. Who is left out, `test_customer.py` looks at."""
    excluded = [number for (number,) in connection.execute("select id from customer.users where is_excluded")]

    @cache
    def read(name: str) -> list[dict[str, Any]]:
        query = sql.SQL("select payload from staging_customer.{} where deleted_at is null").format(sql.Identifier(name))
        return [payload for (payload,) in connection.execute(query)]

    return customer.App(read, landed_in(connection).as_of, excluded=excluded)


def assert_alike(connection: psycopg.Connection, mart: str) -> None:
    keys, expected_of = customer.MARTS[mart]
    expected = expected_of(second_opinion(connection))
    assert not expected.empty, "nothing to compare"
    message = differences(expected, stored(connection, "marts", mart), keys, alike=same_number)
    if message:
        pytest.fail(f"marts.{mart}\n{message}", pytrace=False)


@pytest.mark.parametrize("mart", MARTS)
def test_every_cell_of_a_mart_is_what_the_app_says(mart: str, warehouse_connection: psycopg.Connection) -> None:
    assert_alike(warehouse_connection, mart)


def land_odd_app(connection: psycopg.Connection, letter: str, tables: dict[str, Row | None]) -> None:
    """A small app with everything that is odd about apps; what the shape lacks does not land."""
    users = [user(number, at(number * 4)) for number in range(6)] + [user(6, at(-1), is_active=False), user(7, None)]
    kinds = ("login", "dashboard_access", "statement_upload", "goal_created", "login")
    days = (-3, 0, 0.5, 6.9, 7, 20, 90)
    events = [
        event(10 * number + place, number, kind, at(number * 4 + day), is_admin=number == 5 or None)
        for number in range(7)
        for place, (kind, day) in enumerate(zip(kinds * 2, days, strict=False))
    ]
    answers = [
        {"id": 1, "user_id": 0, "last_step": 3, "created_at": at(0)},
        {"id": 2, "user_id": 0, "last_step": 1, "created_at": at(2), "completed_at": at(1)},
        {"id": 3, "user_id": 1, "last_step": 12, "created_at": at(4), "motivation": " Else (say what), please "},
        {"id": 4, "user_id": 2, "last_step": -4, "created_at": at(8), "emotional_state": ["calm"]},
        {"id": 5, "user_id": 3, "last_step": None, "created_at": None, "completed_at": at(12)},
    ]
    own = [line(number, number % 5, at(number), upload_session_id=f"u{number // 3}") for number in range(12)]
    own += [line(20, 1, at(9), " tD chequing "), line(21, 1, at(9), "Checking"), line(22, 1, at(9), "")]
    facts = [fact(one["id"], one["user_id"], one["created_at"], legacy_transaction_id=one["id"]) for one in own]
    facts += [fact(40, 6, at(3), upload_session_id="late"), fact(41, 6, at(4), "Ébène")]
    facts += [fact(42, 2, at(8), legacy_transaction_id=999)]  # the copy of a row that is gone
    rows = {
        "users": users,
        "l0_user_tokenization": [
            {"internal_user_id": one["id"], "tokenized_user_id": token(one["id"])} for one in users
        ],
        "user_events": events,
        "onboarding_responses": answers,
        "transactions": own,
        "l1_transaction_facts": facts,
    }
    land_shape(connection, letter, **tables)
    for name, told in rows.items():
        found = (FOUND | tables)[name]
        lacks = dict.fromkeys(found["missing"]) if found else {}
        land(connection, name, *([one | lacks for one in told] if found else []))


@pytest.mark.parametrize("shape", SHAPES)
def test_every_cell_of_an_odd_app(shape: str, connection: psycopg.Connection) -> None:
    land_odd_app(connection, *SHAPES[shape])
    build(connection)
    for mart in MARTS:
        assert_alike(connection, mart)
    for test in SUMS:
        assert findings(connection, test) == [], test


LACKING = [
    ("C", "agg_cohort_engagement", {"users_uploading"}, set()),
    ("no questions", "agg_cohort_activation", {"cohort_size"}, {"reached", "completed", "dropped", "completion_rate"}),
    (
        "no events",
        "agg_cohort_engagement",
        {"cohort_size"},
        {"users_logged_in", "users_on_dashboard", "users_uploading", "retention"},
    ),
    ("no events", "agg_vanity_metrics_monthly", {"transactions", "total_users"}, {"mau"}),
    ("no events", "customer_data", {"transactions"}, {"logins", "dashboard_accesses", "uploads", "last_login_at"}),
    ("no lines", "agg_vanity_metrics_monthly", {"mau"}, {"transactions", "unique_banks"}),
    ("no lines", "customer_data", {"logins", "uploads"}, {"transactions", "unique_banks", "first_transaction_at"}),
]


@pytest.mark.parametrize(("shape", "mart", "told", "lacking"), LACKING)
def test_what_a_source_lacks_is_null_and_told(
    shape: str, mart: str, told: set[str], lacking: set[str], connection: psycopg.Connection
) -> None:
    """Never 0: that would say that nobody did what nobody could see."""
    land_odd_app(connection, *SHAPES[shape])
    build(connection)
    rows = table(connection, f"marts.{mart}")
    for column in told:
        assert any(row[column] for row in rows), column
        assert None not in [row[column] for row in rows], column
    for column in lacking:
        assert {row[column] for row in rows} == {None}, column
    assert bool(findings(connection, "customer_source_tells_all")) == bool(lacking)


def test_a_source_without_dashboard_events(connection: psycopg.Connection) -> None:
    """The newest app writes none: null, not 0; and its uploads are events, of which there may be none yet."""
    land_shape(connection, "C", transactions=None, l1_transaction_facts=NO_IMPORTS)
    land(connection, "users", user(1, at(0)))
    land(connection, "l0_user_tokenization", {"internal_user_id": 1, "tokenized_user_id": token(1)})
    land(connection, "user_events", event(1, 1, "login", at(0)))
    build(connection)
    first, *_ = table(connection, "marts.agg_cohort_engagement", "weeks_since_signup")
    assert (first["users_logged_in"], first["users_on_dashboard"], first["users_uploading"]) == (1, None, 0)
    land_shape(connection, "A", transactions=NO_IMPORTS, l1_transaction_facts=None)
    build(connection)
    first, *_ = table(connection, "marts.agg_cohort_engagement", "weeks_since_signup")
    assert first["users_uploading"] is None, "the first app wrote no upload events, so none says nothing"


def test_odd_rows_count_by_the_rules(connection: psycopg.Connection) -> None:
    """Second questionnaire, steps out of range, a browser's clock, demo rows, events before the signup."""
    land_odd_app(connection, *SHAPES["A"])
    build(connection)
    by_token = {row["tokenized_user_id"]: row for row in table(connection, "marts.customer_data")}
    zero, one, two, three = (by_token[token(number)] for number in range(4))
    assert (zero["last_step"], zero["onboarding_completed"]) == (1, True)
    assert (one["last_step"], one["onboarding_completed"], one["motivation"]) == (7, False, "Else (say what), please")
    assert (two["last_step"], three["last_step"], three["onboarding_completed"]) == (0, 0, True)
    assert one["unique_banks"] == 2, "a demo row's product counts, another spelling and no account do not"
    assert two["transactions"] == 2, "the copy of a row that is gone is none"
    assert by_token[token(5)]["logins"] == 0, "administrators' doings count for nobody"
    before = [row for row in findings(connection, "odd_customer_events") if row["kind"] == "before the signup"]
    assert len(before) == 6
    week = table(connection, "marts.agg_cohort_engagement", "week_start, weeks_since_signup")
    assert sum(row["users_logged_in"] for row in week if row["weeks_since_signup"] == 0) == 0
    assert (week[0]["week_start"], week[0]["cohort_size"]) == (date(2026, 8, 31), 1)


@pytest.mark.parametrize(
    ("test", "mart", "change"),
    [
        ("activation_adds_up", "agg_cohort_activation", "dropped = dropped + 1 where onboarding_step = 4"),
        ("activation_adds_up", "agg_cohort_activation", "reached = reached + 1 where onboarding_step = 4"),
        ("ties_out_agg_cohort_activation", "agg_cohort_activation", "cohort_size = cohort_size + 1"),
        ("ties_out_agg_cohort_engagement", "agg_cohort_engagement", "users_logged_in = users_logged_in + 1"),
        ("ties_out_agg_cohort_engagement", "agg_cohort_engagement", "users_on_dashboard = 0"),
        ("engagement_of_cohort", "agg_cohort_engagement", "users_uploading = cohort_size + 1"),
        ("ties_out_agg_cohort_engagement", "agg_cohort_engagement", "cohort_size = cohort_size + 1"),
        ("ties_out_agg_vanity_metrics_monthly", "agg_vanity_metrics_monthly", "mau = mau + 1"),
        ("months_lead_on", "agg_vanity_metrics_monthly", "new_users = new_users + 1"),
        ("months_lead_on", "agg_vanity_metrics_monthly", "total_users = total_users + 1"),
        ("ties_out_agg_vanity_metrics_monthly", "agg_vanity_metrics_monthly", "transactions = transactions + 1"),
        ("ties_out_agg_cohort_activation", "agg_cohort_activation", "completed = completed + 1"),
        ("ties_out_customer_data", "customer_data", "logins = logins + 1"),
        ("ties_out_customer_data", "customer_data", "transactions = transactions + 1"),
    ],
)
def test_a_wrong_figure_is_found(test: str, mart: str, change: str, connection: psycopg.Connection) -> None:
    """Each sum that has to hold is looked at."""
    land_odd_app(connection, *SHAPES["A"])
    build(connection)
    assert findings(connection, test) == []
    connection.execute(f"update marts.{mart} set {change}".encode())
    assert findings(connection, test)


@pytest.mark.parametrize("mart", ["customer_data", "agg_vanity_metrics_monthly"])
def test_a_missing_row_is_found(mart: str, connection: psycopg.Connection) -> None:
    land_odd_app(connection, *SHAPES["A"])
    build(connection)
    connection.execute(f"delete from marts.{mart} where ctid = (select max(ctid) from marts.{mart})".encode())
    test = "ties_out_customer_data" if mart == "customer_data" else "months_lead_on"
    assert findings(connection, test)


@pytest.mark.parametrize(
    ("column", "value", "kind"),
    [
        ("motivation", "write to ada@app.example", "e-mail address"),
        ("motivation", "call +14165550100", "phone"),
        ("acquisition_source", "(416) 555-0100, evenings", "phone"),
        ("acquisition_source", "416-555-0100", "phone"),
        ("motivation", "203.0.113.7", "address of a computer"),
        ("motivation", "12_1757268000000_0a1b2c3d", "session"),
        ("motivation", "ada LOVELY ", "name"),
        ("insight_preferences", ["Budgets", "Ada"], "name"),
    ],
)
def test_personal_data_in_a_mart_are_found(
    column: str, value: str | list[str], kind: str, connection: psycopg.Connection
) -> None:
    """Whatever the column: the test names it and the kind, and not the value."""
    land_odd_app(connection, *SHAPES["A"])
    land(connection, "l0_pii_users", {"internal_user_id": 0, "first_name": "Ada", "last_name": "Lovely"})
    build(connection)
    assert findings(connection, "no_personal_data_in_marts") == []
    query = sql.SQL("update marts.customer_data set {} = %s where tokenized_user_id = %s").format(
        sql.Identifier(column)
    )
    connection.execute(query, [value, token(2)])
    assert findings(connection, "no_personal_data_in_marts") == [
        {"mart": "customer_data", "column_name": column, "kind": kind}
    ]


def test_a_personal_column_of_any_mart_is_found(connection: psycopg.Connection) -> None:
    connection.execute("alter table marts.agg_vanity_metrics_monthly add column contact_email text")
    assert {
        "mart": "agg_vanity_metrics_monthly",
        "column_name": "contact_email",
        "kind": "column",
    } in findings(connection, "no_personal_data_in_marts")
