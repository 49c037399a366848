"""The customer app's tables: what lands, who is left out, what of somebody's data stays.

Belongs here: schema `customer`. Does not belong here: how the app is read (`tests/connectors/test_customer_app*.py`),
the marts (`test_customer_marts.py`).
"""

import hashlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
import pytest
from customer_rows import (
    ENTITIES,
    MARTS,
    build,
    build_marts,
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

from orchestration.dbt_build import DbtError, invoke

SIGNUP = "2026-09-07T18:00:00+00:00"
ADMIN = "admin@app.example"
ADMIN_HASH = "HEADWATER_CUSTOMER_ADMIN_SHA256"


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """The warehouse with an app of three users."""
    with psycopg.connect(warehouse, options="-c timezone=UTC") as opened:
        stand(opened)
        land_shape(opened, "A")
        for number in (1, 2, 3):
            land(opened, "users", user(number, SIGNUP, display_name=f"Shown {number}"))
            land(opened, "l0_user_tokenization", {"internal_user_id": number, "tokenized_user_id": token(number)})
        yield opened
        opened.rollback()


def test_values_have_their_types(connection: psycopg.Connection) -> None:
    """Moments, money, lists of answers with commas in them, details; '' is none but where a text has to be."""
    land(connection, "transactions", line(1, 1, SIGNUP, description="", category=None, upload_session_id="u1"))
    land(connection, "user_events", event(1, 1, "feedback", SIGNUP, metadata={"trust": 5}, is_admin=False))
    answers = {
        "id": 1,
        "user_id": 1,
        "emotional_state": ["calm", "tired, a bit"],
        "financial_context": [],
        "last_step": 2,
    }
    land(connection, "onboarding_responses", answers)
    build(connection)
    (spent,) = table(connection, "customer.transactions")
    assert (spent["amount"], spent["date"], spent["created_at"]) == (
        Decimal("-4.50"),
        date(2026, 9, 7),
        datetime(2026, 9, 7, 18, tzinfo=UTC),
    )
    assert (spent["description"], spent["category"], spent["label"]) == ("", "Uncategorised", None)
    assert table(connection, "customer.user_events")[0]["metadata"] == {"trust": 5}
    (answered,) = table(connection, "customer.onboarding_responses")
    assert (answered["emotional_state"], answered["financial_context"]) == (["calm", "tired, a bit"], None)


def test_every_reference_is_a_key_of_the_database(warehouse: str) -> None:
    """Also the tokens', which refer to no primary key."""
    with psycopg.connect(warehouse) as opened:
        found = opened.execute(
            "select conrelid::regclass::text, conname from pg_constraint"
            " where contype = 'f' and connamespace = 'customer'::regnamespace"
        ).fetchall()
    assert {name for _, name in found} == {
        "user_events_user_id_fkey",
        "user_events_tokenized_user_id_fkey",
        "transactions_user_id_fkey",
        "onboarding_responses_user_id_fkey",
        "l0_pii_users_internal_user_id_fkey",
        "l0_user_tokenization_internal_user_id_fkey",
        "l1_transaction_facts_tokenized_user_id_fkey",
        "l1_transaction_facts_legacy_transaction_id_fkey",
    }


def test_what_the_app_deletes_goes(connection: psycopg.Connection) -> None:
    """A user goes, and his token and data with him; a row that still names him loses the reference, and is told."""
    land(connection, "users", user(3, SIGNUP), deleted=True)
    land(connection, "l0_pii_users", {"internal_user_id": 3, "email": "p3@app.example"})
    land(connection, "user_events", event(7, 3, "login", SIGNUP, tokenized_user_id=token(3)))
    land(connection, "l1_transaction_facts", fact(8, 3, SIGNUP))
    build(connection)
    for name in ("users", "l0_pii_users", "l0_user_tokenization"):
        assert len(table(connection, f"customer.{name}")) == 2, name
    (login,) = table(connection, "customer.user_events")
    assert (login["user_id"], login["tokenized_user_id"]) == (None, None)
    assert table(connection, "customer.l1_transaction_facts")[0]["tokenized_user_id"] is None
    assert {(found["kind"], found["key"]) for found in findings(connection, "odd_customer_events")} == {
        ("lost reference: user_id", "7"),
        ("lost reference: tokenized_user_id", "7"),
    }
    assert findings(connection, "odd_customer_facts") == [{"kind": "lost reference: tokenized_user_id", "key": "8"}]


@pytest.mark.parametrize("is_purged", [False, True])
def test_deleted_data_are_gone_everywhere(is_purged: bool, connection: psycopg.Connection) -> None:
    """Also from users and questionnaires, where the oldest app has them a second time; the user still counts.

    The app marks them as deleted, and a month later they are gone.
    """
    told = {"first_name": "Ada", "recovery_phone": "+1 416 555 0100"}
    land(connection, "l0_pii_users", {"internal_user_id": 1, "email": None, "deleted_at": SIGNUP}, deleted=is_purged)
    land(connection, "onboarding_responses", {"id": 1, "user_id": 1, "created_at": SIGNUP} | told)
    build(connection)
    person, *_ = table(connection, "customer.l0_pii_users", "internal_user_id")
    assert person.pop("deleted_at")
    assert {name for name, value in person.items() if value is not None} == {
        "internal_user_id",
        "created_at",
    }
    assert table(connection, "customer.users")[0]["email"] is None
    assert len(table(connection, "marts.customer_data")) == 3


def test_older_tables_fill_what_is_not_told(connection: psycopg.Connection) -> None:
    """The own row first, then the newest questionnaire that says it; the name shown stands with the user."""
    land(connection, "l0_pii_users", {"internal_user_id": 1, "id": 9, "email": "P1@app.example", "first_name": "Ada"})
    for number, told in (
        (1, {"first_name": "Bea", "last_name": "Old", "date_of_birth": "1990-02-28", "created_at": SIGNUP}),
        (2, {"first_name": "Cleo", "last_name": "New", "created_at": "2026-09-08T18:00:00+00:00"}),
    ):
        land(connection, "onboarding_responses", {"id": number, "user_id": 1} | told)
    build(connection)
    person, other, _ = table(connection, "customer.l0_pii_users", "internal_user_id")
    assert (person["first_name"], person["last_name"], person["date_of_birth"]) == ("Ada", "New", date(1990, 2, 28))
    assert (person["display_name"], person["email"], person["id"]) == ("Shown 1", "p1@app.example", 9)
    assert (other["email"], other["display_name"]) == ("p2@app.example", "Shown 2")


def test_an_excluded_user_is_in_no_mart(connection: psycopg.Connection) -> None:
    """Nor is anything he did; the tables keep him."""
    land(connection, "user_events", event(1, 1, "login", SIGNUP), event(2, 2, "login", SIGNUP))
    land(connection, "transactions", line(1, 1, SIGNUP), line(2, 2, SIGNUP, "RBC"))
    build(connection)
    connection.execute("update customer.users set is_excluded = true where id = 1")
    build_marts(connection)
    assert [row["tokenized_user_id"] for row in table(connection, "marts.customer_data")] == sorted(
        [token(2), token(3)]
    )
    assert {row["cohort_size"] for row in table(connection, "marts.agg_cohort_activation")} == {2}
    month, *_ = table(connection, "marts.agg_vanity_metrics_monthly")
    assert list(month.values())[1:] == [2, 2, 1, 1, 1]
    for test in ("activation_adds_up", *(f"ties_out_{mart}" for mart in MARTS)):
        assert findings(connection, test) == []


def test_the_administrator_is_told_by_a_hash(warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """So his address stands in no SQL; case and blanks do not matter. Without a setting nobody is left out."""
    people = "(values (1, ' Admin@App.example'), (2, 'p@app.example'), (3, null)) as doc (id, email)"
    macro = "select {{ is_excluded('doc.id', 'doc.email') }} from " + people
    with psycopg.connect(warehouse) as opened:
        for told, expected in (
            (hashlib.sha256(ADMIN.encode()).hexdigest(), [(True,), (False,), (False,)]),
            ("", [(False,)] * 3),
        ):
            monkeypatch.setenv(ADMIN_HASH, told)
            query = invoke(["compile", "--inline", macro])[0].node.compiled_code
            assert ADMIN not in query
            assert opened.execute(query).fetchall() == expected


def test_an_address_in_place_of_its_hash_is_refused(warehouse: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not quoted."""
    monkeypatch.setenv(ADMIN_HASH, ADMIN)
    with pytest.raises(DbtError, match="64 hex digits") as refused:
        invoke(["compile", "--inline", "select {{ is_excluded('1', 'null') }}"])
    assert ADMIN not in str(refused.value)


def test_no_secret_and_no_name_leaves_its_place(warehouse: str) -> None:
    """What tells who somebody is stands in l0_pii_users, the address also in users; the app's passwords nowhere."""
    personal = "email first_name last_name date_of_birth recovery_phone province_region ip_address display_name"
    with psycopg.connect(warehouse) as opened:
        found = opened.execute(
            "select table_schema || '.' || table_name, column_name from information_schema.columns"
            " where table_schema in ('customer', 'marts') and column_name = any(%s)",
            [["password_hash", *personal.split()]],
        ).fetchall()
        landed = opened.execute(
            "select count(*) from staging_customer.users where payload ? 'password_hash'"
        ).fetchone()
    assert {(name, column) for name, column in found if name != "customer.l0_pii_users"} == {
        ("customer.users", "email")
    }
    assert landed == (0,)


def test_a_line_and_its_copy_agree(connection: psycopg.Connection) -> None:
    """Of every row of transactions one fact, of the same amount and user; a double is told, and left as it is."""
    land(connection, "transactions", line(1, 1, SIGNUP), line(2, 1, SIGNUP), line(3, 1, SIGNUP))
    land(
        connection,
        "l1_transaction_facts",
        fact(1, 1, SIGNUP, legacy_transaction_id=1),
        fact(2, 1, SIGNUP, legacy_transaction_id=2, amount=-5),
        fact(3, 2, SIGNUP, legacy_transaction_id=3),
        fact(4, 1, SIGNUP),
    )
    build(connection)
    assert {found["transaction_id"] for found in findings(connection, "facts_are_copies")} == {2, 3}
    assert findings(connection, "odd_customer_facts") == [{"kind": "likely double", "key": "4"}]
    assert [row["transactions"] for row in table(connection, "marts.customer_data", "transactions")] == [0, 0, 4]


def test_odd_rows_are_told(connection: psycopg.Connection) -> None:
    """Unknown kinds, what came before the signup, steps that no flow has, a browser's clock, a second questionnaire."""
    land(connection, "users", user(4, None))
    before, after = "2026-09-06T18:00:00+00:00", "2026-09-08T18:00:00+00:00"
    land(connection, "user_events", event(1, 1, "goal_created", after), event(2, 1, "login", before))
    answer = {"created_at": SIGNUP, "completed_at": None}
    land(
        connection,
        "onboarding_responses",
        {"id": 1, "user_id": 1, "last_step": 9} | answer,
        {"id": 2, "user_id": 2, "last_step": -1} | answer | {"completed_at": before},
        {"id": 3, "user_id": 2, "last_step": 3} | answer,
    )
    build(connection)
    assert {(row["kind"], row["key"]) for row in findings(connection, "odd_customer_events")} == {
        ("unknown type: goal_created", "1"),
        ("before the signup", "2"),
    }
    assert {(row["kind"], row["key"]) for row in findings(connection, "odd_customer_onboarding")} == {
        ("no such step: 9", "1"),
        ("no such step: -1", "2"),
        ("completed before it was opened", "2"),
        ("a later one counts", "2"),
    }
    assert findings(connection, "odd_customer_users") == [{"kind": "no signup", "key": "4"}]
    assert [row["user_id"] for row in findings(connection, "valid_tokens")] == [4]


def test_nothing_landed_is_nothing(connection: psycopg.Connection) -> None:
    """An app that is not configured: every table and mart stands, and is empty, and nothing is wrong with it."""
    stand(connection)
    build(connection)
    assert [name for name in ENTITIES if table(connection, f"customer.{name}")] == []
    for test in ("activation_adds_up", "months_lead_on", *(f"ties_out_{mart}" for mart in MARTS)):
        assert findings(connection, test) == []
