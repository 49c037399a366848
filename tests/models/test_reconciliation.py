"""The reconciliation finds every fault in V2, and finds nothing else.

A test plants one kind of fault in all tables at once, in a transaction that is rolled back, and compares once: every
fault must be found under its table, key and column. Does not belong here: faults in V1
(`test_reconciliation_of_v1.py`), what is accepted (`test_exceptions.py`), values (`test_oracle.py`), faults that go
through the commands (`end_to_end/test_planted_faults.py`).
"""

import json

import pytest
from faults import (
    CHANGED,
    COLUMNS,
    MODELS,
    NEW,
    UNKNOWN,
    V1,
    Finding,
    Found,
    Rows,
    assert_found,
    change,
    data_type,
    findings,
    is_told_by_v1,
    key_columns,
    meta,
    plant,
)
from psycopg import Connection

from orchestration import reconciliation

# Computed columns with no value in V1 to be held against: only their own tests guard them.
NOT_RECONCILED = {
    "agent_cap_data": {"id", "cap_year_start", "cap_year_end", "brokerage_cap_remaining"},
    "agent_hierarchy": {"id", "path_json"},
    "agent_performance": {"closed_volume", "gci", "as_of"},
    "agent_rezen": {"referral_code_id"},
    "equity_annual": {"id", "total_value", "calculated_at"},
    "equity_monthly": {"id", "total_value", "calculated_at"},
    "listing": {"transaction_id"},
    "listing_history": {"id"},
    "network_hierarchy": {"id", "path_json", "is_broken"},
    "network_user_prefs": {"id"},
    "participant": {"is_real_agent", "commission_split", "gross_commission", "net_payout", "paid", "paid_at"},
    "team_members": {"member_role"},
    "transaction_history": {"id"},
    "transaction_participants": {
        "is_primary",
        "is_paid",
        "side_share",
        "units",
        "volume",
        "gross_commission",
        "net_payout",
        "paid_at",
    },
    "transaction_tags": {"id"},
    "user_onboarding": {"total_steps"},
    "user_preferences": {"id"},
}
COMPARED = {
    table: [
        name
        for name in columns
        if name not in key_columns(table) | NOT_RECONCILED.get(table, set()) | {"_source"}
        and is_told_by_v1(table, name)
    ]
    for table, columns in COLUMNS.items()
}
"""Columns that are held against V1 one by one."""

REFERENCES = {
    table: [name for name in columns if meta(table, name).get("references")] for table, columns in COMPARED.items()
}


def mismatches(table: str, key: str, columns: list[str]) -> list[Finding]:
    return [Finding("field_mismatches", table, key, name) for name in columns]


def test_a_missing_row_is_found(faulty: Connection, baseline: Found, rows: Rows) -> None:
    """A row that V2 lost is reported by its key, and its entity is incomplete."""
    lost = {table: rows[table][0] for table in MODELS}
    for table, (_, row_id) in lost.items():
        faulty.execute(f'delete from v2."{table}" where id = %s', [row_id])
    assert_found(faulty, baseline, [Finding("missing_records", table, key) for table, (key, _) in lost.items()])
    result = reconciliation.collect(faulty)
    assert {
        row["entity"]: (row["missing"], row["extra"], row["status"]) for row in result["entities"]
    } == dict.fromkeys(MODELS, (1, 0, "incomplete"))
    assert {(row["table"], row["key"]) for row in result["missing_records"]} == {
        (table, key) for table, (key, _) in lost.items()
    }
    assert result["verdict"] == "fail"


def test_an_extra_row_is_found(faulty: Connection, baseline: Found, rows: Rows) -> None:
    """A row of V2 that V1 never had is reported by its key."""
    added = {}
    for table in MODELS:
        new = {"id"} | key_columns(table) | {name for name in COLUMNS[table] if meta(table, name).get("natural_key")}
        values = {name: UNKNOWN[data_type(table, name)] for name in new}
        (added[table],) = faulty.execute(
            f'insert into v2."{table}" select (jsonb_populate_record(row, %s)).* from v2."{table}" as row'
            f" where id = %s returning ({V1[table]['key']})::text",
            [json.dumps(values), rows[table][0][1]],
        ).fetchone()
    assert_found(faulty, baseline, [Finding("extra_records", table, key) for table, key in added.items()])
    result = reconciliation.collect(faulty)
    assert {row["entity"]: (row["missing"], row["extra"]) for row in result["entities"]} == dict.fromkeys(
        MODELS, (0, 1)
    )
    assert {row["table"]: row["key"] for row in result["extra_records"]} == added
    assert result["verdict"] == "fail"


@pytest.mark.parametrize("kind", CHANGED)
def test_a_changed_value_is_found(kind: str, faulty: Connection, baseline: Found, rows: Rows) -> None:
    """One other value of a type, as little different as it can be, is reported by its column."""
    expected = []
    for table, columns in COMPARED.items():
        key, row_id = rows[table][0]
        of_type = [name for name in columns if data_type(table, name) == kind][:1]
        if of_type:
            expected += change(faulty, table, row_id, of_type) + mismatches(table, key, of_type)
    assert expected
    assert_found(faulty, baseline, expected)


@pytest.mark.parametrize("number", range(max(map(len, REFERENCES.values()))))
def test_a_dangling_reference_is_found(number: int, faulty: Connection, baseline: Found, rows: Rows) -> None:
    """A reference that points nowhere, one a table and round, is reported by its column."""
    expected = []
    for table, columns in REFERENCES.items():
        key, row_id = rows[table][0]
        for name in columns[number : number + 1]:
            faulty.execute(f'update v2."{table}" set "{name}" = %s where id = %s', [NEW, row_id])
            expected += mismatches(table, key, [name])
    assert_found(faulty, baseline, expected)


def test_every_column_is_held_against_v1(faulty: Connection, baseline: Found, rows: Rows) -> None:
    """Every column is reported but for those in NOT_RECONCILED: each in a row of its own, as far as rows go."""
    expected = []
    for table, columns in COMPARED.items():
        for place, (key, row_id) in enumerate(rows[table][: len(columns)]):
            changed = columns[place :: len(rows[table])]
            expected += change(faulty, table, row_id, changed) + mismatches(table, key, changed)
    assert_found(faulty, baseline, expected)


def test_columns_that_are_not_reconciled(faulty: Connection, baseline: Found, rows: Rows) -> None:
    """NOT_RECONCILED is the truth: a column that came to be compared must leave that list."""
    expected = []
    for table, columns in NOT_RECONCILED.items():
        expected += change(faulty, table, rows[table][0][1], columns)
    assert_found(faulty, baseline, expected)


def test_kinds_of_difference(faulty: Connection, baseline: Found) -> None:
    """A difference says whether it matters: null against '', only the type, or real."""
    cases = {
        "40": ("", "", "null_vs_empty"),
        "41": ("Reno", '"Reno"', "type_only"),
        "42": ("Reno", "reno", "real"),
        "43": ("Reno", None, "real"),
    }
    for key, (v1_value, v2_value, _) in cases.items():
        plant(faulty, "agent", key, "city", v1_value)
        faulty.execute("update v2.agent set city = %s where id = %s", [v2_value, key])
    findings(faulty)
    found = reconciliation.collect(faulty)["field_mismatches"]
    assert {(row["table"], row["column"], row["key"]): row["kind"] for row in found} == {
        ("agent", "city", key): kind for key, (_, _, kind) in cases.items()
    }
