"""Runs after the first: what did not change is neither landed nor built, what did is, with what lies below it.

The tests change V1's mentor assignments, which no other table refers to, and a deal, on which marts rest. When the
module ends they are as they were, in V1, in what is landed and in V2.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from orchestration import dbt_build, reconciliation
from orchestration.database import Databases

V1_TABLE = "mvpw1_100"
TABLE = "team_mentor_assignments"
DEALS = "mvpw1_34"
CLOSED_DEAL = """
    select deals.id, count(distinct credit.side)
    from v2.transaction as deals
    inner join v2.transaction_participants as credit on credit.transaction_id = deals.id and credit.units is not null
    inner join staging_v1.transaction as landed on landed.key = deals.id::text
    where deals.status = 'Closed' and jsonb_typeof(landed.payload -> 'price') = 'number'
    group by deals.id
    order by deals.id
    limit 1
"""


@pytest.fixture(scope="module")
def v1(built: Databases) -> Iterator[psycopg.Connection]:
    with psycopg.connect(built.v1, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def v2(built: Databases) -> Iterator[psycopg.Connection]:
    with psycopg.connect(built.warehouse, autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module", autouse=True)
def _settled(headwater: Callable[..., int], v1: psycopg.Connection, v2: psycopg.Connection) -> Iterator[None]:
    """Whatever other tests landed is built before; at the end V1 is as it was, and so is what came of it."""
    assert headwater("run") == 0
    before = v1.execute(f"select id, xdo from {V1_TABLE}").fetchall()
    yield
    v1.execute(f"delete from {V1_TABLE}")
    for key, document in before:
        v1.execute(f"insert into {V1_TABLE} (id, xdo) values (%s, %s)", [key, json.dumps(document)])
    v2.execute(f"delete from staging_v1.{TABLE} where key <> all(%s)", [[str(key) for key, _ in before]])
    assert headwater("run") == 0


@pytest.fixture
def dbt_calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The dbt commands that were started."""
    started: list[str] = []
    invoke = dbt_build.invoke

    def spy(arguments: Any, *rest: Any) -> Any:
        started.append(arguments[0])
        return invoke(arguments, *rest)

    monkeypatch.setattr(dbt_build, "invoke", spy)
    return started


def files(v2: psycopg.Connection) -> dict[str, int]:
    """Each V2 table's file: another one was built anew."""
    query = "select relname, relfilenode from pg_class where relnamespace = 'v2'::regnamespace and relkind = 'r'"
    return dict(v2.execute(query).fetchall())


def loads(v2: psycopg.Connection) -> dict[str, str]:
    return dict(v2.execute("select key, _dlt_load_id from staging_v1.landing_state").fetchall())


def changed(old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    assert set(old) == set(new)
    return {name for name in old if old[name] != new[name]}


def column(v2: psycopg.Connection, name: str) -> dict[int, Any]:
    return dict(v2.execute(f"select id, {name} from v2.{TABLE}").fetchall())


def test_a_run_without_changes_does_nothing(
    headwater: Callable[..., int], v2: psycopg.Connection, dbt_calls: list[str]
) -> None:
    """Nothing lands, dbt is not even started, every table stays the very same."""
    before = files(v2), loads(v2)
    assert headwater("run") == 0
    assert (files(v2), loads(v2)) == before
    assert dbt_calls == []


def test_one_changed_document_rebuilds_its_cone(
    headwater: Callable[..., int], v1: psycopg.Connection, v2: psycopg.Connection, dbt_calls: list[str]
) -> None:
    """Only its table lands, only what lies below it is built, the value arrives, every foreign key stands."""
    keys = "select count(*) from pg_constraint where contype = 'f' and connamespace = 'v2'::regnamespace"
    before, loads_before, keys_before = files(v2), loads(v2), v2.execute(keys).fetchone()
    v1.execute(f"""update {V1_TABLE} set xdo = xdo || '{{"transactions_required": 77}}' where id = 1""")
    assert headwater("run") == 0
    assert changed(loads_before, loads(v2)) == {TABLE}
    assert changed(before, files(v2)) == {TABLE}
    assert column(v2, "transactions_required")[1] == 77
    assert v2.execute(keys).fetchone() == keys_before
    assert keys_before[0] >= 50
    assert dbt_calls == ["build", "test"]


def test_rows_that_go_stay_and_rows_that_come_appear(
    headwater: Callable[..., int], v1: psycopg.Connection, v2: psycopg.Connection
) -> None:
    """V2 keeps what V1 deleted and marks it as landed no more; a new row is there; the verdict stands."""
    v1.execute(
        f"""insert into {V1_TABLE} (id, xdo)
        select 901, xdo || '{{"transactions_required": 78}}' from {V1_TABLE} where id = 1"""
    )
    v1.execute(f"delete from {V1_TABLE} where id = 2")
    assert headwater("run") == 0
    assert column(v2, "transactions_required")[901] == 78
    assert 2 in column(v2, "id")
    gone = v2.execute(f"select key from staging_v1.{TABLE} where deleted_at is not null").fetchall()
    assert gone == [("2",)]
    result = reconciliation.collect(v2)
    assert result["verdict"] == "pass"
    status = {row["entity"]: row["status"] for row in result["entities"]}
    assert "incomplete" not in status.values()
    assert status[TABLE] == "V2 superset"


def test_a_changed_deal_reaches_the_marts(
    headwater: Callable[..., int], v1: psycopg.Connection, v2: psycopg.Connection
) -> None:
    """Another price in V1 is another volume in every mart that adds prices up, and V1, V2 and marts agree again."""
    total = """
        select (select sum(closed_volume) from marts.agg_agent_monthly),
            (select sum(volume) from marts.agg_leaderboard
             where time_period = 'all_time' and status = 'closed' and team_id is null),
            (select sum(volume) from marts.agg_transactions_weekly where status = 'closed')
    """
    deal, sides = v2.execute(CLOSED_DEAL).fetchone()
    before = v2.execute(total).fetchone()
    added = "xdo || jsonb_build_object('price', (xdo ->> 'price')::numeric + %s)"
    price = f"update {DEALS} set xdo = {added} where id = %s"
    v1.execute(price, [1000, deal])
    try:
        assert headwater("run") == 0
        assert v2.execute(total).fetchone() == tuple(volume + 1000 * sides for volume in before)
        assert {row["status"] for row in reconciliation.collect(v2)["aggregations"]} == {"tied out"}
    finally:
        v1.execute(price, [-1000, deal])
