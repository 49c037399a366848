"""The customer app into Postgres: first syncs, unchanged ones, days, deletions, what cannot be read."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import psycopg
import pytest
from app_database import SCALE, AppDatabase, app, app_url, only_known
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from killed import PLACES
from live import landed, state

from connectors.customer_app import stand_in
from connectors.customer_app.shape import COLUMNS, PERSONAL, Reading
from connectors.customer_app.source import SOURCE, App, configured

__all__ = ["app", "app_url"]  # fixtures

KEYS = {table: columns[0] for table, columns in COLUMNS.items()}


def versions(app: AppDatabase) -> dict[str, list[tuple[object, ...]]]:
    return {table: landed(app.warehouse, "customer", table, "key, payload::text, xmin::text") for table in COLUMNS}


def assert_same(app: AppDatabase) -> None:
    """What is landed is what the app has, row by row and to the last cent."""
    for table, key in KEYS.items():
        source, ours = app.source(table, key), app.landed(table)
        if table == "l0_user_tokenization":
            assert ours.keys() == app.source("users").keys() | source.keys()
            ours = {one: row for one, row in ours.items() if one in source}
        if table == "l0_pii_users":
            for row in source.values():
                row.update(dict.fromkeys(PERSONAL) if row["deleted_at"] else {})
        assert ours.keys() == source.keys(), table
        for one, row in ours.items():
            told = source[one]
            told.pop("password_hash", None)
            assert only_known(row, told) == told, table


def test_days(app: AppDatabase) -> None:
    outcome = app.sync()
    assert outcome.failures == []
    assert outcome.rows["transactions"] == app.rows("select count(*) from transactions")[0][0]
    assert_same(app)
    first = versions(app)
    (cents,) = app.rows("select sum(amount) from transactions")[0]
    with psycopg.connect(app.warehouse) as connection:
        query = "select sum((payload ->> 'amount')::numeric) from staging_customer.transactions"
        assert connection.execute(query).fetchone() == (cents,)

    outcome = app.sync()
    assert (outcome.rows, outcome.failures) == ({}, [])
    assert {rows for _, _, _, rows, _ in state(app.warehouse, "customer").values()} == {0}
    outcome = app.sync(full=True)
    assert (outcome.rows, outcome.failures) == ({}, [])
    assert versions(app) == first

    for day in (1, 2):
        before = versions(app)
        written = stand_in.fill(app.url, scale=SCALE, day=day)
        outcome = app.sync()
        assert outcome.failures == []
        assert_same(app)
        for table, rows in versions(app).items():
            touched = set(rows) - set(before[table])
            allowed = written[table] + (2 if table == "l0_user_tokenization" else 0)  # made here, for the new ones
            assert len(touched) <= allowed, table
            assert len(rows) >= len(before[table])


def test_killed_anywhere(app: AppDatabase) -> None:
    """Killed while reading, loading or applying: the old rows or the new ones, and in the end all."""
    folder = Path(__file__).parent
    environment = {**os.environ, "PYTHONPATH": str(folder.parents[1])}
    app.sync()
    stand_in.fill(app.url, scale=SCALE, day=1)
    before = versions(app)
    order = {
        "source": "customer_app",
        "warehouse": app.warehouse,
        "folder": str(app.folder / "killed"),
        "accounts": [["app", dict(app.account.secrets)]],
        "settings": {},
    }
    orders = "".join(orjson.dumps(order | {"at": place}).decode() + "\n" for place in PLACES)
    ended = subprocess.run(
        [sys.executable, str(folder / "killed.py")],
        input=orders,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.split() == ["-9"] * len(PLACES)
    assert versions(app) == before
    assert app.sync().failures == []
    assert_same(app)


def test_no_secret_leaves_the_app(app: AppDatabase) -> None:
    app.do("alter table users add reset_code text default 'r3s3t'")
    app.sync()
    everything = orjson.dumps(versions(app), default=str).decode()
    for text in ("$2b$", "password", "r3s3t", stand_in.SALT):
        assert text not in everything
    assert app.told()["tables"]["users"]["not_read"] == ["password_hash", "reset_code"]


def test_what_the_app_erases_is_erased(app: AppDatabase) -> None:
    app.sync()
    (gone,) = app.rows("select min(id) from users where id not in (select internal_user_id from l0_user_tokenization)")[
        0
    ]
    (hidden,) = app.rows("select max(internal_user_id) from l0_pii_users where deleted_at is null and last_name > ''")[
        0
    ]
    app.do(
        f"delete from users where id = {gone}; update l0_pii_users set deleted_at = now()"
        f" where internal_user_id = {hidden}"
    )
    assert app.sync().failures == []
    assert_same(app)
    for table in ("users", "l0_pii_users", "l0_user_tokenization"):
        rows = landed(app.warehouse, "customer", table, "key, payload, deleted_at is null")
        assert [row[1:] for row in rows if row[0] == str(gone)] == [({KEYS[table]: gone}, False)]
    row = app.landed("l0_pii_users")[str(hidden)]
    assert row["internal_user_id"] == hidden
    assert row["deleted_at"]
    assert {row[name] for name in PERSONAL} == {None}


def test_what_commits_late_is_read(app: AppDatabase) -> None:
    app.do("create sequence numbers start 1000000")
    write = "insert into user_events (id, user_id, event_type) values (nextval('numbers'), 1, 'login')"
    with psycopg.connect(app.url) as slow:
        slow.execute(write)  # the lower id
        slow.execute("update transactions set label = 'late' where id = 1")
        app.do(f"{write}; update transactions set label = 'soon' where id = 2")
        app.sync()
        assert "1000000" not in app.landed("user_events")
        assert "1000001" in app.landed("user_events")
        slow.commit()
    app.sync()
    assert_same(app)


def test_what_others_write_while_it_reads_hides_no_change(app: AppDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """Transactions that begin after the snapshot was taken do not make a row look older than it is."""
    keys = App.keys

    def busy(one: App, reading: Reading) -> set[str]:
        for _ in range(5):
            app.do("select pg_current_xact_id()")
        return keys(one, reading)

    monkeypatch.setattr(App, "keys", busy)
    with psycopg.connect(app.url) as slow:
        slow.execute("update transactions set label = 'late' where id = 1")
        app.sync()
        slow.commit()
    app.sync()
    assert app.landed("transactions")["1"]["label"] == "late"


def test_one_moment(app: AppDatabase) -> None:
    """What is written while a sync is under way is seen in no table, or in all of them by the next one."""
    app.sync()
    source = SOURCE.connect(app.account, "")
    app.do(
        "insert into users (id, email, password_hash) values (900000, 'new@example.com', 'x');"
        " insert into user_events (id, user_id, event_type) values (900000, 900000, 'login')"
    )
    for table in ("users", "user_events"):
        assert "900000" not in source.keys(source.shape.readings[table])
    source.close()
    app.sync()
    assert_same(app)


def test_rows_taken_out_of_the_landing_come_again(app: AppDatabase) -> None:
    app.sync()
    with psycopg.connect(app.warehouse) as connection:
        connection.execute("delete from staging_customer.transactions where key::bigint % 2 = 0")
        connection.execute("delete from staging_customer.shape")
    assert app.sync().failures == []
    assert_same(app)
    assert app.told()["shape"] == "A"


def test_a_copy_elsewhere_is_read_whole(app: AppDatabase) -> None:
    """Its rows bear transactions of their own, by which nothing can be told: here they are older than the sync."""
    name = app.url.rsplit("/", 1)[1]
    with psycopg.connect(app.warehouse, autocommit=True) as connection:
        connection.execute(f'create database "{name}2" template "{name}"')
    try:
        copy = AppDatabase.__new__(AppDatabase)
        copy.__dict__.update(app.__dict__ | {"url": f"{app.url}2"})
        copy.do("update users set is_active = not coalesce(is_active, true) where id = 2")
        app.sync()
        assert copy.sync().rows == {"users": 1}
        assert_same(copy)
    finally:
        with psycopg.connect(app.warehouse, autocommit=True) as connection:
            connection.execute(f'drop database "{name}2" with (force)')


def test_frozen_and_rewritten_rows_are_no_changes(app: AppDatabase) -> None:
    app.sync()
    with psycopg.connect(app.url, autocommit=True) as connection:
        connection.execute("vacuum freeze users")
        connection.execute("vacuum full transactions")
    assert app.sync().rows == {}


def test_a_table_that_is_gone_is_not_believed(app: AppDatabase) -> None:
    app.sync()
    count = len(app.landed("user_events"))
    app.do("drop table user_events; delete from l1_transaction_facts where id % 2 = 0")
    (line,) = app.sync().failures
    assert f"{count} of {count} rows of user_events are gone, which nobody believes" in line
    assert "rows of l1_transaction_facts are gone" in line
    assert len(app.landed("user_events")) == count
    assert app.told()["tables"]["user_events"] is None
    # As the message says.
    with psycopg.connect(app.warehouse) as connection:
        connection.execute("delete from staging_customer.user_events")
        connection.execute("delete from staging_customer.l1_transaction_facts")
    assert app.sync().failures == []
    assert app.landed("l1_transaction_facts").keys() == app.source("l1_transaction_facts").keys()
    assert app.landed("user_events") == {}


class TestWhatCannotBeRead:
    def test_a_table_without_permission_fails_alone(self, app: AppDatabase) -> None:
        role = app.url.rsplit("/", 1)[1]
        app.do(f"""create role "{role}" login password 'pw' nosuperuser; grant select on all tables in schema public
            to "{role}"; revoke select on l0_pii_users from "{role}" """)
        try:
            user = app.url.split("//")[1].split("@")[0]
            (line,) = app.sync(app.url.replace(user, f"{role}:pw")).failures
            assert "l0_pii_users cannot be read (InsufficientPrivilege): may the user select from it?" in line
            assert line.count("customer_app, account app") == 1
            assert len(app.landed("users")) == len(app.source("users"))
        finally:
            app.do(f'drop owned by "{role}"; drop role "{role}"')

    def test_another_database(self, app: AppDatabase) -> None:
        (line,) = app.sync(app.warehouse).failures
        assert "neither a table users nor l1_user_permissions" in line
        assert "check sources.customer_app.url" in line

    @pytest.mark.parametrize("url", ["postgres://u:s3cret@127.0.0.1:1/none", "postgresql://u:s3cret@[x", "s3cret=no"])
    def test_no_database(self, app: AppDatabase, url: str) -> None:
        (line,) = app.sync(url).failures
        assert "s3cret" not in line
        assert "\n" not in line
        assert app.landed("users") == {}

    def test_it_is_not_configured(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SOURCES__CUSTOMER_APP__URL", raising=False)
        assert configured() is None
        monkeypatch.setenv("SOURCES__CUSTOMER_APP__URL", "postgresql://u:s3cret@h/d")
        (account,) = configured() or []
        assert "s3cret" not in repr(account)


CHANGES = st.lists(
    st.tuples(st.sampled_from(["insert", "update", "delete", "move"]), st.integers(0, 30)), min_size=1, max_size=12
)
SQL = {
    "insert": "insert into user_events (id, user_id, event_type) values (2000000 + {n}, 1, 'login')"
    " on conflict do nothing",
    "update": "update user_events set metadata = jsonb_build_object('at', clock_timestamp()) where id % 31 = {n}",
    "delete": "delete from user_events where id = (select id from user_events order by id offset {n} limit 1)",
    "move": "update user_events set id = 3000000 + id where id = (select id from user_events where id < 1000000"
    " order by id offset {n} limit 1)",
}


@settings(max_examples=5, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(CHANGES, min_size=1, max_size=3))
def test_whatever_happens_is_landed(app: AppDatabase, rounds: list[list[tuple[str, int]]]) -> None:
    for changes in rounds:
        app.do(";".join(SQL[kind].format(n=number) for kind, number in changes))
        assert app.sync().failures == []
        source = app.source("user_events")
        ours = app.landed("user_events")
        assert ours.keys() == source.keys()
        assert all(only_known(ours[key], row) == row for key, row in source.items())
