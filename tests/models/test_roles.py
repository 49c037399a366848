"""What the role `analyst` may read, tried as that role."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege

OPEN = ("growth", "marts", "reconciliation", "unified", "v2")
NEVER = {"v2.user_credentials", "v2.user_2fa"}
SECRETS = {
    "agent": {"api_key"},
    "dotloop_accounts": {"access_token", "refresh_token"},
    "fub_accounts": {"api_key"},
    "lofty_accounts": {"access_token", "refresh_token"},
    "skyslope_connection": {"access_key", "access_secret", "session_token"},
    "recon_differences": {"v1_value", "v2_value"},
    "recon_rejected_values": {"raw_value"},
}
"""Columns no analyst reads: written down here by hand, so that a mark lost in the YAML is found."""


@pytest.fixture
def analyst(warehouse: str) -> Iterator[Connection]:
    """A connection that reads as an analyst does."""
    with psycopg.connect(warehouse, autocommit=True) as connection:
        connection.execute("set role analyst")
        yield connection


@pytest.fixture(scope="module")
def relations(warehouse: str) -> list[tuple[str, str]]:
    """Every table and view of the warehouse, (schema, name)."""
    with psycopg.connect(warehouse) as connection:
        return connection.execute(
            "select n.nspname, c.relname from pg_class as c inner join pg_namespace as n on n.oid = c.relnamespace"
            r" where c.relkind in ('r', 'v', 'm') and n.nspname !~ '^(pg_|information_schema)' order by 1, 2"
        ).fetchall()


def test_an_analyst_reads_the_marts(analyst: Connection, relations: list[tuple[str, str]]) -> None:
    marts = [name for schema, name in relations if schema == "marts"]
    assert len(marts) > 15
    for name in marts:
        analyst.execute(sql.SQL("select * from marts.{} limit 1").format(sql.Identifier(name)))
    assert analyst.execute("select count(*) from marts.agg_vanity_metrics_monthly").fetchone() > (0,)


def test_an_analyst_reads_every_open_table(analyst: Connection, relations: list[tuple[str, str]]) -> None:
    for schema, name in relations:
        if schema in OPEN and f"{schema}.{name}" not in NEVER:
            columns = analyst.execute(
                "select column_name from information_schema.columns where (table_schema, table_name) = (%s, %s)",
                [schema, name],
            ).fetchall()
            # information_schema shows what the role may read.
            assert columns, f"{schema}.{name} cannot be read at all"
            chosen = sql.SQL(", ").join(sql.Identifier(column) for (column,) in columns)
            analyst.execute(sql.SQL("select {} from {} limit 0").format(chosen, sql.Identifier(schema, name)))


def test_an_analyst_is_refused_all_else(analyst: Connection, relations: list[tuple[str, str]]) -> None:
    closed = [pair for pair in relations if pair[0] not in OPEN or ".".join(pair) in NEVER]
    schemas = {schema for schema, _ in closed}
    assert {"staging_v1", "staging_customer", "arriving_stripe", "customer", "headwater", "xano"} <= schemas
    assert {"l0_pii_users", "l0_user_tokenization"} <= {name for schema, name in closed if schema == "customer"}
    for pair in closed:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(sql.SQL("select 1 from {} limit 0").format(sql.Identifier(*pair)))


@pytest.mark.parametrize("table", SECRETS)
def test_an_analyst_is_refused_secret_columns(analyst: Connection, table: str) -> None:
    schema = "reconciliation" if table.startswith("recon_") else "v2"
    for column in SECRETS[table]:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(sql.SQL("select {} from {}").format(sql.Identifier(column), sql.Identifier(schema, table)))


def test_an_analyst_writes_nothing(analyst: Connection) -> None:
    for statement in (
        "delete from marts.agg_revenue_monthly",
        "create table marts.mine (id int)",
        "insert into v2.tags default values",
    ):
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(statement)  # type: ignore[arg-type]
