"""Faults planted in V1 and in V2, found by the real commands, and gone once they are undone.

Does not belong here: every kind of fault in every table (`models/test_reconciliation.py`).
"""

import json
from collections.abc import Callable, Iterator

import psycopg
import pytest

from orchestration.database import Databases

AGENT = "mvpw1_36"


@pytest.fixture
def planted_in_v1(built: Databases, headwater: Callable[..., int]) -> Iterator[None]:
    """Agent 40 with words for an amount, an unknown key and a team that is none; then agent 40 as before."""
    with psycopg.connect(built.v1, autocommit=True) as v1:
        (document,) = v1.execute(f"select xdo from {AGENT} where id = 40").fetchone()
        faults = {"team_cap": "a lot", "brand_new": 1, "team_id": 99_999_990}
        v1.execute(f"update {AGENT} set xdo = %s where id = 40", [json.dumps(document | faults)])
        yield
        v1.execute(f"update {AGENT} set xdo = %s where id = 40", [json.dumps(document)])
    assert headwater("reconcile") == 0, "undone, and still a difference"


@pytest.fixture
def planted_in_v2(built: Databases, headwater: Callable[..., int]) -> Iterator[None]:
    """V2 with one value changed and one row lost; then undone."""
    with psycopg.connect(built.warehouse, autocommit=True) as v2:
        v2.execute("create temp table kept as select * from v2.user_settings where id in (1, 2)")
        v2.execute("update v2.user_settings set default_view = 'changed' where id = 1")
        v2.execute("delete from v2.user_settings where id = 2")
        yield
        v2.execute("delete from v2.user_settings where id = 1")
        v2.execute("insert into v2.user_settings select * from kept")
    assert headwater("reconcile", "--no-land") == 0, "undone, and still a difference"


def dbt_test(headwater: Callable[..., int], *names: str) -> int:
    return headwater("exec", "--", "dbt", "--quiet", "test", "--select", *names)


def test_faults_in_v1_are_found(
    planted_in_v1: None, headwater: Callable[..., int], capfd: pytest.CaptureFixture[str]
) -> None:
    """`headwater reconcile` lands them, fails, and names table, key and column; dbt's own tests fail as well."""
    assert headwater("reconcile") == 1
    printed = capfd.readouterr().out
    for fault in (
        "field_mismatches: v2.agent_cap_data key 40 team_cap",
        "orphan_references: v2.agent team_id, 1 rows",
        "unmapped_fields: V1 agent.brand_new in 1 documents",
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
    """A value somebody changed in V2 and a row somebody deleted there fail both commands, by name."""
    assert headwater("reconcile") == 1
    printed = capfd.readouterr().out
    assert "field_mismatches: v2.user_settings key 1 default_view" in printed
    assert "missing_records: v2.user_settings key 2" in printed
    assert dbt_test(headwater, "reconciled_user_settings") == 1


def test_without_faults_all_agree(headwater: Callable[..., int]) -> None:
    """The same commands pass when nothing is planted: they do not simply always fail."""
    assert headwater("reconcile") == 0
    assert dbt_test(headwater, "reconciled_agent_cap_data", "reconciled_user_settings") == 0
