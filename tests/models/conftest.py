"""Fixtures of the reconciliation's tests: one connection a module, on which nothing lasts."""

import json
from collections.abc import Iterator

import psycopg
import pytest
from faults import COLUMNS, MODELS, V1, Found, Rows, findings, paths, rebuild, told_by_v1
from psycopg import Connection

STOCKED = 777
"""Id of the documents that `stocked` adds."""

REFERRED_TO = {
    "fub_users": "select assigned_to_fub_id from v2.fub_people union select fub_users_id from v2.fub_calls"
    " union select fub_users_id from v2.fub_appointments union select fub_users_id from v2.fub_text_messages",
    "fub_people": "select fub_people_id from v2.fub_events",
    "network_hierarchy": "select pair.id from v2.network_hierarchy as pair"
    " inner join v2.network_hierarchy as below on below.ancestor_agent_id = pair.descendant_agent_id",
}
"""Rows that other rows are held against (the agent of a call is the agent of its user): a fault there shows in both."""


@pytest.fixture(scope="module")
def stocked(warehouse: str) -> Iterator[Connection]:
    """A connection that keeps its plans, and no foreign key; V1 with a row more where a table has none to spare.

    V1 sends no text messages, and every CRM user of the sandbox has leads.
    """
    with psycopg.connect(warehouse, autocommit=True) as connection, connection.transaction(force_rollback=True):
        connection.execute("set local session_replication_role = replica")
        for table in ("fub_users", "fub_text_messages"):
            carried = {path: None for column in COLUMNS[table] for path in paths(table, column) if path != "id"}
            document = {"key": STOCKED, "payload": carried, "extracted_at": "now", "_dlt_load_id": "", "_dlt_id": ""}
            connection.execute(
                f"insert into staging_v1.{table} select (jsonb_populate_record(null::staging_v1.{table}, %s)).*",
                [json.dumps(document)],
            )
            rebuild(connection, table)
        yield connection


@pytest.fixture
def faulty(stocked: Connection) -> Iterator[Connection]:
    """For one test's faults, which are taken back after it."""
    with stocked.transaction(force_rollback=True):
        yield stocked


@pytest.fixture(scope="module")
def baseline(stocked: Connection) -> Found:
    """What is found without a fault of ours: the accepted faults of the sandbox."""
    with stocked.transaction(force_rollback=True):
        return findings(stocked)


@pytest.fixture(scope="module")
def rows(stocked: Connection, baseline: Found) -> Rows:
    """For every table keys and ids of rows of V1's, without an accepted finding, to which no other table's are held."""
    free: Rows = {}
    for table in MODELS:
        known = [finding.key for finding in baseline if finding.table == table and finding.key]
        free[table] = stocked.execute(
            f'select key, id from (select ({V1[table]["key"]})::text as key, id from v2."{table}"'
            f" where {told_by_v1(table)}) as keyed where key <> all(%s)"
            f" and not exists (select from ({REFERRED_TO.get(table, 'select null::bigint')}) as referred (id)"
            " where referred.id = keyed.id) order by id limit 100",
            [known],
        ).fetchall()
        assert free[table], f"v2.{table} has no row to plant a fault in"
    return free
