"""Which differences seeds/recon_exceptions.csv accepts, and which of its lines count where.

Belongs here: the faults the sandbox has from the start. Does not belong here: faults that tests plant
(`test_reconciliation.py`, `test_reconciliation_of_v1.py`).
"""

import csv
from collections import Counter
from collections.abc import Iterator

import psycopg
import pytest
from faults import COLUMNS, FAULTS, V1, Finding, Found, findings, meta, paths
from psycopg import Connection

from orchestration import reconciliation
from orchestration.dbt_build import invoke
from orchestration.project import SEEDS

EXCEPTIONS = list(csv.DictReader((SEEDS / "recon_exceptions.csv").open()))


def places(fault: dict[str, str]) -> list[Finding]:
    """What a fault of the sandbox is found as: once in every V2 column that takes its path as it is."""
    check, v1_table, path = fault["expected_in"], fault["v1_table"], fault["path"]
    if check == "none":
        return []
    if check == "unmapped_fields":
        return [Finding(check, v1_table, None, path, accepted=True)]
    needs = {"orphan_references": "references", "duplicate_keys": "natural_key"}.get(check, "path")
    return [
        Finding(check, table, fault["key"], column, accepted=True)
        for table, v1 in V1.items()
        if v1["table"] == v1_table
        for column in COLUMNS[table]
        if path in paths(table, column)
        and meta(table, column).get(needs)
        and meta(table, column).get("rule") != "computed"
    ]


PLANTED = [finding for fault in FAULTS for finding in places(fault)]


@pytest.fixture(scope="module")
def connection(warehouse: str) -> Iterator[Connection]:
    with psycopg.connect(warehouse, autocommit=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def sandbox(connection: Connection) -> Found:
    """What is found in the sandbox as it is."""
    with connection.transaction(force_rollback=True):
        return findings(connection)


@pytest.mark.parametrize("fault", [f for f in FAULTS if f["expected_in"] != "none"], ids=lambda f: f["fault"])
def test_planted_faults_are_reported_once_and_accepted(fault: dict[str, str], sandbox: Found) -> None:
    """Every fault of the sandbox is found in each column that takes it, and is accepted by name."""
    expected = places(fault)
    assert expected
    assert {finding: sandbox[finding] for finding in expected} == dict.fromkeys(expected, 1)


def test_nothing_else_is_found_in_the_sandbox(sandbox: Found) -> None:
    """The sandbox's findings in rows are its planted faults, and no more; whatever is found is accepted."""
    assert {finding for finding in sandbox if finding.key} == {finding for finding in PLANTED if finding.key}
    assert {finding for finding in sandbox if not finding.accepted} == set()


def test_exceptions_are_the_planted_faults_and_explained_drift() -> None:
    """A planted fault has one line, which counts in the sandbox only; no line accepts a row of anybody else's."""
    planted = [line for line in EXCEPTIONS if line["reason"].startswith("Planted: ")]
    others = [line for line in EXCEPTIONS if line not in planted]
    assert Counter(
        Finding(line["check_name"], line["table_name"], line["key_pattern"] or None, line["column_name"], accepted=True)
        for line in planted
    ) == Counter(PLANTED)
    assert {line["applies_to"] for line in planted} == {"sandbox"}
    # Spellings that V1 has and the sandbox does not write.
    assert {line["check_name"] for line in others if line["applies_to"] == "sandbox"} <= {"dead_paths"}
    assert {line["check_name"] for line in others if line["applies_to"] == "everywhere"} == {"unmapped_fields"}
    assert all(line["reason"] and line["owner_role"] for line in others)


def test_an_expired_exception_counts_no_more(connection: Connection, sandbox: Found) -> None:
    """What was accepted until a day fails from the next day on; on the day itself it is still accepted."""
    with connection.transaction(force_rollback=True):
        connection.execute("update seeds.recon_exceptions set expires_on = '2020-01-01'")
        assert findings(connection) == Counter({one._replace(accepted=False): n for one, n in sandbox.items()})
        assert reconciliation.collect(connection)["verdict"] == "fail"
        connection.execute(
            "update seeds.recon_exceptions set expires_on = (select max(as_of) from v2.agent_performance)"
        )
        assert findings(connection) == sandbox


@pytest.mark.parametrize(("world", "is_limited"), [("production", True), ("sandbox", False)])
def test_planted_faults_are_accepted_in_the_sandbox_only(
    world: str, is_limited: bool, environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a V1 of one's own, an exception for the sandbox must not accept a real difference by accident."""
    monkeypatch.setenv("HEADWATER_WORLD", world)
    compiled = invoke(["compile", "--inline", "{{ join_exceptions('found') }}"])[0].node.compiled_code
    assert ("listed.applies_to = 'everywhere'" in compiled) == is_limited
