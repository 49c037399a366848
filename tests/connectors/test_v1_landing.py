"""Landing V1: every table, every document as it is, only what changed.

Belongs here: connectors/v1/source.py and connectors/landing.py against a real Postgres. V1 and the warehouse are
one database here, as they may be in production.
"""

import json
import shutil
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors import landing
from connectors.v1 import source
from connectors.v1.source import land, landing_name


@pytest.fixture
def v1(empty_database: str) -> str:
    """A small V1: both storage formats, a uuid key, no name, no rows, and tables that are not V1's."""
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("""
            create table mvp_tables (id bigint, workspace_id bigint, name text);
            insert into mvp_tables values (41, 1, 'user'), (36, 1, 'agent'), (112, 1, 'State Province'),
                (50, 1, '⚡'), (60, 1, 'empty'), (61, 1, 'User'), (664, 5, 'user'), (36, 5, 'not_v1');
            create table mvpw1_41 (id bigint primary key, xdo jsonb);
            insert into mvpw1_41 select n, jsonb_build_object('name', 'u' || n) from generate_series(1, 100) n;
            create table mvpw1_36 (id bigint primary key, xdo jsonb);
            insert into mvpw1_36 values (7, '{"a": "  ", "b": 1.50, "c": [], "d": "\\u00e9\\\\ \\n\\t\\"", "é": null}');
            create table mvpw1_112 (id bigint primary key, created_at bigint, name text);
            insert into mvpw1_112 values (1, 0, 'Texas');
            create table mvpw1_50 (id uuid primary key, xdo jsonb);
            insert into mvpw1_50 values ('5b7c0a5e-0000-4000-8000-000000000001', '{"x": 1}');
            create table mvpw1_60 (id bigint primary key, xdo jsonb);
            create table mvpw1_61 (id bigint primary key, xdo jsonb);
            insert into mvpw1_61 values (1, '{}');
            create table mvpw1_41_backup (id bigint, xdo jsonb);
            create table mvpw5_664 (id bigint, xdo jsonb);
        """)
    return empty_database


def landed(url: str, table: str) -> dict[str, Any]:
    with psycopg.connect(url) as connection:
        return dict(connection.execute(f'select key, payload from staging_v1."{table}"').fetchall())


def execute(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def test_every_table_lands_under_its_name(v1: str, tmp_path: Path) -> None:
    """Named tables under their name, others under Xano's; a name two tables claim stays with the lower id."""
    rows = land(v1, tmp_path, url=v1)
    assert rows == {"user": 100, "agent": 1, "state_province": 1, "mvpw1_50": 1, "mvpw1_61": 1}
    with psycopg.connect(v1) as connection:
        tables = landing.landed_tables(connection, "v1")
    assert {name for name in tables if not name.startswith("_dlt")} == {*rows, "empty", "landing_state"}


def test_documents_land_unmodified_as_jsonb(v1: str, tmp_path: Path) -> None:
    """The landed payload is the document, byte for byte in jsonb's own form; Standard SQL rows are objects."""
    land(v1, tmp_path, url=v1)
    with psycopg.connect(v1) as connection:
        differing = connection.execute("""
            select count(*) from mvpw1_36 v full join staging_v1.agent l on l.key = v.id::text
            where l.payload::text is distinct from v.xdo::text
        """).fetchone()
        types = dict(
            connection.execute(
                "select column_name, data_type from information_schema.columns"
                " where table_schema = 'staging_v1' and table_name = 'agent'"
            ).fetchall()
        )
    assert differing == (0,)
    assert landed(v1, "state_province") == {"1": {"created_at": 0, "name": "Texas"}}
    assert list(landed(v1, "mvpw1_50")) == ["5b7c0a5e-0000-4000-8000-000000000001"]
    assert types["payload"] == "jsonb"
    assert types["extracted_at"] == "timestamp with time zone"


def test_a_second_run_lands_what_changed(v1: str, tmp_path: Path) -> None:
    """Unchanged tables are not read; of a changed one the written rows alone land."""
    land(v1, tmp_path, url=v1)
    assert land(v1, tmp_path, url=v1) == {}
    execute(
        v1,
        """update mvpw1_41 set xdo = '{"name": "new"}' where id = 3; insert into mvpw1_41 values (101, '{}')""",
    )
    assert land(v1, tmp_path, url=v1) == {"user": 2}
    after = landed(v1, "user")
    assert (len(after), after["3"], after["101"]) == (101, {"name": "new"}, {})


def test_the_state_says_which_v1_table_landed_where(v1: str, tmp_path: Path) -> None:
    """By Xano's name a landed table is known again, whatever name it landed under."""
    land(v1, tmp_path, url=v1)
    relations = {table: state["relation"] for table, state in landed(v1, "landing_state").items()}
    assert (relations["user"], relations["mvpw1_61"]) == ("mvpw1_41", "mvpw1_61")


def test_a_state_without_the_v1_table_is_completed(v1: str, tmp_path: Path) -> None:
    """What an older version wrote down is read; the next run adds what it lacks, and lands no row for it."""
    land(v1, tmp_path, url=v1)
    execute(v1, "update staging_v1.landing_state set payload = payload - 'relation'")
    assert set(land(v1, tmp_path, url=v1).values()) <= {0}
    assert {state["relation"] for state in landed(v1, "landing_state").values()} >= {"mvpw1_41", "mvpw1_60"}
    assert land(v1, tmp_path, url=v1) == {}


def test_a_row_deleted_in_v1_stays_and_is_marked(v1: str, tmp_path: Path) -> None:
    """V2 keeps what V1 deletes; a row that comes back is alive again."""
    land(v1, tmp_path, url=v1)
    execute(v1, "delete from mvpw1_41 where id in (5, 6)")
    assert land(v1, tmp_path, url=v1) == {"user": 2}
    with psycopg.connect(v1) as connection:
        gone = connection.execute("select key from staging_v1.user where deleted_at is not null order by 1").fetchall()
    assert gone == [("5",), ("6",)]
    assert len(landed(v1, "user")) == 100
    execute(v1, """insert into mvpw1_41 values (5, '{"name": "back"}')""")
    land(v1, tmp_path, url=v1)
    with psycopg.connect(v1) as connection:
        gone = connection.execute("select key from staging_v1.user where deleted_at is not null").fetchall()
    assert gone == [("6",)]


def test_rows_committed_late_are_not_lost(v1: str, tmp_path: Path) -> None:
    """A transaction that began before a load and commits after it lands with the next one."""
    with psycopg.connect(v1) as slow:
        slow.execute("insert into mvpw1_41 values (200, '{}')")
        execute(v1, "insert into mvpw1_41 values (201, '{}')")  # a younger transaction, committed first
        land(v1, tmp_path, url=v1)
        slow.commit()
    land(v1, tmp_path, url=v1)
    assert {"200", "201"} <= set(landed(v1, "user"))


def test_what_others_write_while_a_load_reads_hides_no_row(
    v1: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Transactions that begin after the snapshot was taken do not make a row look older than it is."""
    read_arrow = source.read_arrow

    def busy(url: str, query: str, snapshot: str) -> Any:
        for _ in range(5):
            execute(v1, "select pg_current_xact_id()")
        return read_arrow(url, query, snapshot)

    monkeypatch.setattr(source, "read_arrow", busy)
    with psycopg.connect(v1) as slow:
        slow.execute("insert into mvpw1_41 values (200, '{}')")
        land(v1, tmp_path, url=v1)
        slow.commit()
    land(v1, tmp_path, url=v1)
    assert "200" in set(landed(v1, "user"))


def test_what_the_warehouse_holds_decides_not_the_local_folder(v1: str, tmp_path: Path) -> None:
    """Losing dlt's folder costs nothing; losing the landed tables lands everything again."""
    land(v1, tmp_path, url=v1)
    shutil.rmtree(tmp_path / "dlt")
    assert land(v1, tmp_path, url=v1) == {}
    execute(v1, "drop schema staging_v1 cascade")
    assert land(v1, tmp_path, url=v1)["user"] == 100


def test_an_interrupted_load_is_made_good(v1: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A load that breaks halfway is dropped, and the next run lands every row once."""
    from dlt.destinations.impl.postgres.postgres import PostgresParquetCopyJob

    run = PostgresParquetCopyJob.run

    def breaking(job: Any) -> None:
        if "user" in job.file_name():
            raise ConnectionResetError("planted")
        run(job)

    monkeypatch.setenv("LOAD__RAISE_ON_MAX_RETRIES", "1")
    with monkeypatch.context() as broken:
        broken.setattr(PostgresParquetCopyJob, "run", breaking)
        with pytest.raises(Exception, match="planted"):
            land(v1, tmp_path, url=v1)
    land(v1, tmp_path, url=v1)
    assert (len(landed(v1, "user")), len(landed(v1, "agent"))) == (100, 1)
    assert land(v1, tmp_path, url=v1) == {}


def test_a_load_that_lost_rows_says_so(v1: str, tmp_path: Path) -> None:
    """The landed count is held against V1's own: rows that went missing in the warehouse are reported by name."""
    land(v1, tmp_path, url=v1)
    execute(v1, "delete from staging_v1.user where key = '9'; insert into mvpw1_41 values (300, '{}')")
    with pytest.raises(landing.LandingError, match=r"staging_v1\.user holds 100 rows .* has 101"):
        land(v1, tmp_path, url=v1)
    land(v1, tmp_path, full=True, url=v1)
    assert "9" in landed(v1, "user")


def test_a_table_that_changes_its_format_goes_on(v1: str, tmp_path: Path) -> None:
    """Xano converts JSONB tables to Standard SQL between two runs: the documents land as before."""
    land(v1, tmp_path, url=v1)
    execute(
        v1,
        """alter table mvpw1_36 add column a text, add column b numeric;
        update mvpw1_36 set a = xdo ->> 'a', b = 2; alter table mvpw1_36 drop column xdo""",
    )
    assert land(v1, tmp_path, url=v1) == {"agent": 1}
    assert landed(v1, "agent") == {"7": {"a": "  ", "b": 2}}


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("aé{}\\\"' \n", max_size=5), inner, max_size=4),
    max_leaves=12,
)


@given(st.lists(st.dictionaries(st.text('abc\\"', max_size=4), json_values, max_size=5), min_size=1, max_size=30))
@settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_any_document_survives(v1: str, tmp_path: Path, documents: list[dict[str, Any]]) -> None:
    """Whatever JSON V1 holds is what lands, over changes too."""
    with psycopg.connect(v1, autocommit=True) as connection:
        connection.execute("truncate mvpw1_36")
        with connection.cursor() as cursor:
            rows = [(number, json.dumps(document)) for number, document in enumerate(documents)]
            cursor.executemany("insert into mvpw1_36 values (%s, %s)", rows)
    land(v1, tmp_path, url=v1)
    with psycopg.connect(v1) as connection:
        query = "select key, payload from staging_v1.agent where deleted_at is null"
        assert dict(connection.execute(query).fetchall()) == {str(n): d for n, d in enumerate(documents)}


@given(st.text())
def test_a_landing_name_is_always_usable(name: str) -> None:
    """Whatever people call a table, its landing name is a plain identifier."""
    assert landing_name("mvpw1_9", name).replace("_", "a").isalnum()
