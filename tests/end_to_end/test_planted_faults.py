"""Faults planted in V1 and in V2, found by the real commands, and gone once they are undone.

Does not belong here: every kind of fault in every table (`models/test_reconciliation.py`).
"""

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest

from orchestration.database import Databases

AGENT, DEAL = "mvpw1_36", "mvpw1_34"

A_DEAL = f"select id, xdo from {DEAL} where id > 40 and jsonb_typeof(xdo -> 'address') = 'object' order by id limit 1"
A_CREDIT = """
    select min(credit.id) from v2.transaction_participants as credit
    inner join v2.transaction as deals on deals.id = credit.transaction_id and deals.status = 'Closed'
    where credit.units is not null and credit.volume is not null
"""


@pytest.fixture
def planted_in_v1(built: Databases, headwater: Callable[..., int]) -> Iterator[int]:
    """Agent 40 with words for an amount, an unknown key and a team that is none, a deal likewise; then as before."""
    with psycopg.connect(built.v1, autocommit=True) as v1:
        (agent,) = v1.execute(f"select xdo from {AGENT} where id = 40").fetchone()
        (deal_id, deal) = v1.execute(A_DEAL).fetchone()
        faults = {"team_cap": "a lot", "brand_new": 1, "team_id": 99_999_990}
        v1.execute(f"update {AGENT} set xdo = %s where id = 40", [json.dumps(agent | faults)])
        faults = {"fees": "a lot", "address": deal["address"] | {"zoom": 2}}
        v1.execute(f"update {DEAL} set xdo = %s where id = %s", [json.dumps(deal | faults), deal_id])
        yield deal_id
        v1.execute(f"update {AGENT} set xdo = %s where id = 40", [json.dumps(agent)])
        v1.execute(f"update {DEAL} set xdo = %s where id = %s", [json.dumps(deal), deal_id])
    assert headwater("reconcile") == 0, "undone, and still a difference"


@pytest.fixture
def planted_in_v2(built: Databases, headwater: Callable[..., int]) -> Iterator[None]:
    """V2 with one value changed, one row lost, and a deal's volume that no mart knows; then undone."""
    with psycopg.connect(built.warehouse, autocommit=True) as v2:
        v2.execute("create temp table kept as select * from v2.user_settings where id in (1, 2)")
        v2.execute("update v2.user_settings set default_view = 'changed' where id = 1")
        v2.execute("delete from v2.user_settings where id = 2")
        (credit,) = v2.execute(A_CREDIT).fetchone()
        v2.execute("update v2.transaction_participants set volume = volume + 1 where id = %s", [credit])
        yield
        v2.execute("update v2.transaction_participants set volume = volume - 1 where id = %s", [credit])
        v2.execute("delete from v2.user_settings where id = 1")
        v2.execute("insert into v2.user_settings select * from kept")
    assert headwater("reconcile", "--no-land") == 0, "undone, and still a difference"


def dbt_test(headwater: Callable[..., int], *names: str) -> int:
    return headwater("exec", "--", "dbt", "--quiet", "test", "--select", *names)


def test_faults_in_v1_are_found(
    planted_in_v1: int, headwater: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    """`headwater reconcile` lands them, fails, and names table, key and column; dbt's own tests fail as well."""
    assert headwater("reconcile") == 1
    printed = " ".join(capfd.readouterr().out.split())  # the terminal's width breaks lines anywhere
    for fault in (
        "field_mismatches: v2.agent_cap_data key 40 team_cap",
        "orphan_references: v2.agent team_id, 1 rows",
        f"v2.transaction_financials key {planted_in_v1} fees",
        "unmapped_fields: V1 agent.brand_new in 1 documents",
        "unmapped_fields: V1 transaction.address.zoom in 1 documents",
    ):
        assert fault in printed
    assert "verdict: fail" in printed
    assert dbt_test(headwater, "reconciled_agent_cap_data", "no_unmapped_fields_agent") == 1
    printed = capfd.readouterr().out
    assert "reconciled_agent_cap_data" in printed
    assert "no_unmapped_fields_agent" in printed


def test_faults_in_v2_are_found(
    planted_in_v2: None, headwater: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    """A value somebody changed in V2 and a row somebody deleted there fail both commands, by name.

    V1 keeps no volume by agent: that one was changed shows where the marts do not tie out.
    """
    assert headwater("reconcile") == 1
    printed = " ".join(capfd.readouterr().out.split())
    assert "field_mismatches: v2.user_settings key 1 default_view" in printed
    assert "missing_records: v2.user_settings key 2" in printed
    assert "aggregations: marts.agg_agent_monthly closed_volume differs from its entities by -1" in printed
    assert dbt_test(headwater, "reconciled_user_settings") == 1


def test_without_faults_all_agree(headwater: Callable[..., int]) -> None:
    """The same commands pass when nothing is planted: they do not simply always fail."""
    assert headwater("reconcile") == 0
    assert dbt_test(headwater, "reconciled_agent_cap_data", "reconciled_user_settings") == 0
