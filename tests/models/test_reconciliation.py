"""The reconciliation finds every planted fault, and finds nothing else.

Each test plants one fault in a transaction that is rolled back and compares anew. Does not belong here: values
(`test_oracle.py`), and faults that go through the commands (`end_to_end/test_planted_faults.py`).
"""

import csv
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

import psycopg
import pytest
import yaml
from psycopg import Connection, sql

from connectors.postgres import quoted
from orchestration import reconciliation
from orchestration.project import DBT_PROJECT, ROOT, dbt_target

MODELS = {
    model["name"]: model
    for file in sorted((DBT_PROJECT / "models" / "v2").rglob("*.yml"))
    for model in yaml.safe_load(file.read_text())["models"]
}
KEY_SQL = {table: model["config"]["meta"]["v1"]["key"] for table, model in MODELS.items()}
FAULTS = list(csv.DictReader((ROOT / "connectors" / "v1" / "planted_faults.csv").open()))
V1_TABLES = sorted({model["config"]["meta"]["v1"]["table"] for model in MODELS.values()} | {"sponsor_tree"})

# Columns that hold the reconciliation's key: another value there is a row missing and a row too many.
KEYS = {
    "agent_cap_data": {"agent_id"},
    "agent_hierarchy": {"agent_id", "level"},
    "network_hierarchy": {"ancestor_agent_id", "descendant_agent_id"},
    "network_user_prefs": {"network_member_id"},
    "user_preferences": {"user_id", "page_key"},
}
# Computed columns with no value in V1 to be held against: only their own tests guard them.
NOT_RECONCILED = {
    "agent_cap_data": {"id", "cap_year_start", "cap_year_end", "brokerage_cap_remaining"},
    "agent_hierarchy": {"id", "path_json"},
    "agent_performance": {"closed_volume", "gci", "as_of"},
    "agent_rezen": {"referral_code_id"},
    "network_hierarchy": {"id", "path_json", "is_broken"},
    "network_user_prefs": {"id"},
    "team_members": {"member_role"},
    "user_onboarding": {"total_steps"},
    "user_preferences": {"id"},
}
CHANGED = {
    "text": "coalesce({0}, '') || 'x'",
    "bigint": "coalesce({0}, 0) + 1",
    "integer": "coalesce({0}, 0) + 1",
    "numeric": "coalesce({0}, 0) + 0.01",
    "boolean": "not coalesce({0}, false)",
    "date": "coalesce({0}, '2020-01-01') + 1",
    "timestamptz": "coalesce({0}, '2020-01-01') + interval '1 microsecond'",
    "jsonb": "'{{\"changed\": true}}'::jsonb",
}
NEW = 888_888_888
NEW_KEYS: dict[str, dict[str, Any]] = {
    "agent": {"agent_id_raw": "new"},
    "agent_cap_data": {"agent_id": NEW},
    "agent_hierarchy": {"level": 99},
    "network_hierarchy": {"ancestor_agent_id": NEW, "descendant_agent_id": NEW + 1},
    "network_member": {"network_id_raw": "new"},
    "network_user_prefs": {"network_member_id": NEW},
    "team": {"team_id_raw": "new"},
    "user": {"email": "new@example.com"},
    "user_2fa": {"user_id": NEW},
    "user_preferences": {"page_key": "new"},
}


class Finding(NamedTuple):
    check: str
    table: str
    key: str | None
    column: str | None
    accepted: bool = False


Baseline = Counter[Finding]


def findings(connection: Connection) -> Counter[Finding]:
    """Compare anew; every finding the JSON names, with how often it does."""
    reconciliation.renew(connection)
    result = reconciliation.collect(connection)
    found = Counter[Finding]()
    for check in (
        "missing_records",
        "extra_records",
        "field_mismatches",
        "rejected_values",
        "duplicate_keys",
    ):
        found.update(
            Finding(check, row["table"], row["key"], row.get("column"), row["accepted"]) for row in result[check]
        )
    for row in result["orphan_references"]:
        assert row["accepted"] in (0, row["rows"])
        found.update(
            Finding("orphan_references", row["table"], key, row["column"], row["accepted"] > 0) for key in row["keys"]
        )
    for row in result["unmapped_fields"]:
        found[Finding("unmapped_fields", row["table"], None, row["path"], row["accepted"])] += 1
    for row in result["checks"]:
        if row["check"] == "dead_paths":
            found[Finding("dead_paths", row["table"], None, None)] += row["failing_rows"]
    return +found


@pytest.fixture(scope="module")
def connection(warehouse: str) -> Iterator[Connection]:
    with psycopg.connect(warehouse, autocommit=True) as opened:
        yield opened


@pytest.fixture
def planted(connection: Connection) -> Iterator[Connection]:
    """As conftest's, on one connection, which keeps its plans; against the foreign keys."""
    with connection.transaction(force_rollback=True):
        connection.execute("set local session_replication_role = replica")
        yield connection


@pytest.fixture(scope="module")
def baseline(connection: Connection) -> Counter[Finding]:
    """What is found in the untouched warehouse: the accepted faults of the sandbox."""
    with connection.transaction(force_rollback=True):
        return findings(connection)


def appeared(planted: Connection, baseline: Baseline) -> list[Finding]:
    """The findings beyond the baseline; none of the baseline's may be gone."""
    found = findings(planted)
    assert not baseline - found, "accepted findings vanished"
    return sorted((found - baseline).elements(), key=str)


def pick(planted: Connection, table: str, baseline: Baseline) -> tuple[str, int]:
    """Key and id of a row without an accepted finding, and without rows that are derived from it."""
    derived = "descendant_agent_id in (select ancestor_agent_id from v2.network_hierarchy)"
    known = [finding.key for finding in baseline if finding.table == table and finding.key]
    query = (
        f'select key, id from (select ({KEY_SQL[table]})::text as key, * from v2."{table}") as keyed'
        f" where not {derived if table == 'network_hierarchy' else 'false'} and key <> all(%s) order by id limit 1"
    )
    (row,) = planted.execute(query, [known]).fetchall()
    return row


def change(planted: Connection, table: str, row_id: int, columns: dict[str, str]) -> None:
    """Set columns of a row to another value of their type."""
    values = ", ".join(
        f'"{name}" = {CHANGED[data_type.split("(")[0]].format(quoted(name))}' for name, data_type in columns.items()
    )
    planted.execute(f'update v2."{table}" set {values} where id = %s', [row_id])


def compared(table: str) -> dict[str, str]:
    """Columns that are held against V1, with their types."""
    left_out = KEYS.get(table, {"id"}) | NOT_RECONCILED.get(table, set())
    return {c["name"]: c["data_type"] for c in MODELS[table]["columns"] if c["name"] not in left_out}


def patch(planted: Connection, v1_table: str, key: str, **values: Any) -> None:
    """Set keys of a landed document."""
    query = f'update staging_v1."{v1_table}" set payload = payload || %s where key = %s'
    assert planted.execute(query, [json.dumps(values), key]).rowcount == 1


def rebuild(planted: Connection, table: str) -> None:
    """Fill a V2 table anew by the SQL dbt compiled; not-nulls that a row breaks go, as in lean_table."""
    (file,) = (dbt_target() / "compiled" / "headwater" / "models" / "v2").rglob(f"{table}.sql")
    for column in MODELS[table]["columns"]:
        if {"type": "not_null"} in column.get("constraints", []):
            planted.execute(f'alter table v2."{table}" alter column "{column["name"]}" drop not null')
    planted.execute(f'delete from v2."{table}"')
    planted.execute(sql.SQL("insert into v2.{} {}").format(sql.Identifier(table), sql.SQL(file.read_text())))


@pytest.mark.parametrize("table", MODELS)
def test_a_missing_row_is_found(table: str, planted: Connection, baseline: Baseline) -> None:
    """A row that V2 lost is reported by its key, and its entity is incomplete."""
    key, row_id = pick(planted, table, baseline)
    planted.execute(f'delete from v2."{table}" where id = %s', [row_id])
    assert appeared(planted, baseline) == [Finding("missing_records", table, key, None)]
    result = reconciliation.collect(planted)
    (entity,) = (row for row in result["entities"] if row["entity"] == table)
    assert (entity["missing"], entity["extra"], entity["status"]) == (1, 0, "incomplete")
    assert result["verdict"] == "fail"


@pytest.mark.parametrize("table", MODELS)
def test_an_extra_row_is_found(table: str, planted: Connection, baseline: Baseline) -> None:
    """A row of V2 that V1 never had is reported by its key."""
    _, row_id = pick(planted, table, baseline)
    (key,) = planted.execute(
        f'insert into v2."{table}" select (jsonb_populate_record(row, %s)).* from v2."{table}" as row'
        f" where id = %s returning ({KEY_SQL[table]})::text",
        [json.dumps({"id": NEW, **NEW_KEYS.get(table, {})}), row_id],
    ).fetchone()
    assert appeared(planted, baseline) == [Finding("extra_records", table, key, None)]
    (entity,) = (row for row in reconciliation.collect(planted)["entities"] if row["entity"] == table)
    assert (entity["missing"], entity["extra"]) == (0, 1)


@pytest.mark.parametrize("table", MODELS)
def test_every_column_is_held_against_v1(table: str, planted: Connection, baseline: Baseline) -> None:
    """One row with every value changed: every column is reported, but for those listed in NOT_RECONCILED."""
    key, row_id = pick(planted, table, baseline)
    change(planted, table, row_id, compared(table))
    assert set(appeared(planted, baseline)) == {
        Finding("field_mismatches", table, key, name) for name in compared(table)
    }


@pytest.mark.parametrize("table", [table for table in MODELS if table in NOT_RECONCILED])
def test_columns_that_are_not_reconciled(table: str, planted: Connection, baseline: Baseline) -> None:
    """NOT_RECONCILED is the truth: a column that came to be compared must leave that list."""
    _, row_id = pick(planted, table, baseline)
    types = {column["name"]: column["data_type"] for column in MODELS[table]["columns"]}
    change(planted, table, row_id, {column: types[column] for column in NOT_RECONCILED[table]})
    assert appeared(planted, baseline) == []


SINGLE_VALUES = [
    (table, column, CHANGED[data_type.split("(")[0]])
    for table in MODELS
    for data_type, column in {kind: name for name, kind in reversed(compared(table).items())}.items()
]
REFERENCES = [
    (table, column["name"], str(NEW))
    for table in MODELS
    for column in MODELS[table]["columns"]
    if column["config"]["meta"].get("references") in MODELS and column["name"] in compared(table)
]


@pytest.mark.parametrize(("table", "column", "value"), SINGLE_VALUES + REFERENCES)
def test_a_single_value_is_found(table: str, column: str, value: str, planted: Connection, baseline: Baseline) -> None:
    """One other value of each type, and each reference that dangles, is found; only its own table is looked at."""
    key, row_id = pick(planted, table, baseline)
    planted.execute(f'update v2."{table}" set "{column}" = {value.format(quoted(column))} where id = %s', [row_id])
    found = planted.execute(
        "select check_name, key, column_name from reconciliation.recon_live_differences"
        f" where table_name = '{table}' and not accepted and check_name <> 'contract_violations'",
        prepare=True,
    )
    assert found.fetchall() == [("field_mismatches", key, column)]


@pytest.mark.parametrize("v1_table", V1_TABLES)
def test_an_unknown_key_is_found(v1_table: str, planted: Connection, baseline: Baseline) -> None:
    """A key that one document of V1 brings along and no column declares is reported by its path."""
    patch(planted, v1_table, "1", brand_new=None)
    assert appeared(planted, baseline) == [Finding("unmapped_fields", v1_table, None, "brand_new")]


def test_an_unknown_key_inside_an_object_is_found(planted: Connection, baseline: Baseline) -> None:
    """Drift inside an object that V2 takes apart is reported by its path."""
    (key, pages) = planted.execute(
        "select key, payload -> 'preferences' from staging_v1.user"
        " where payload -> 'preferences' <> '{}' order by key limit 1"
    ).fetchone()
    next(iter(pages.values()))["zoom"] = 2
    patch(planted, "user", key, preferences=pages)
    assert appeared(planted, baseline) == [Finding("unmapped_fields", "user", None, "preferences.*.zoom")]


def test_accepting_a_key_accepts_no_other(planted: Connection, baseline: Baseline) -> None:
    """An exception for `join_date` says nothing about `join-date`."""
    patch(planted, "agent", "40", **{"join-date": "2024-01-01"})
    assert appeared(planted, baseline) == [Finding("unmapped_fields", "agent", None, "join-date")]


def test_a_path_no_document_has_is_a_warning(planted: Connection, baseline: Baseline) -> None:
    """A misspelt path is reported, and does not break the verdict by itself."""
    planted.execute("update staging_v1.user set payload = payload - 'email2'")
    planted.execute("update v2.user set email2 = null")
    assert appeared(planted, baseline) == [Finding("dead_paths", "user", None, None)]
    assert reconciliation.collect(planted)["verdict"] == "pass"


def test_deleted_in_v1_stays_in_v2(planted: Connection, baseline: Baseline) -> None:
    """V2 keeps a row that V1 deleted: no finding, the entity is a superset, the verdict stands."""
    planted.execute("update staging_v1.team_mentor_assignments set deleted_at = now() where key = '1'")
    assert appeared(planted, baseline) == []
    result = reconciliation.collect(planted)
    others = {row["entity"]: row["status"] for row in result["entities"] if row["status"] != "complete"}
    assert (others, result["verdict"]) == ({"team_mentor_assignments": "V2 superset"}, "pass")


BAD_VALUES = [
    ("agent", "team_cap", "a lot", "agent_cap_data.team_cap", "rejected_values"),
    ("agent", "joinDate", "01/02/2024", "agent.join_date", "rejected_values"),
    ("agent", "elite", "yes", "agent_performance.elite", "rejected_values"),
    ("agent", "cappedAt", "soon", "agent_cap_data.capped_at", "rejected_values"),
    ("agent", "city", {"en": "Austin"}, "agent.city", "rejected_values"),
    ("agent", "leaderSplit", 250_000, "agent_commission.leader_split", "rejected_values"),
    ("agent", "office_id", "main", "agent.office_id", "rejected_values"),
    ("network", "capAmount", "12k", "network_member.cap_amount", "rejected_values"),
    ("network", "sponsoring_agent_id", NEW, "network_member.sponsoring_agent_id", "orphan_references"),
    ("agent", "director_id", NEW, "agent_hierarchy.director_id", "orphan_references"),
    ("agent", "user_id", NEW, "agent.user_id", "orphan_references"),
]


@pytest.mark.parametrize(("v1_table", "path", "value", "place", "check"), BAD_VALUES)
def test_a_bad_value_in_v1_is_found(
    v1_table: str, path: str, value: Any, place: str, check: str, planted: Connection, baseline: Baseline
) -> None:
    """What V2 cannot hold is null there and reported for what it is, once V2 is built from it."""
    table, column = place.split(".")
    patch(planted, v1_table, "40", **{path: value})
    rebuild(planted, table)
    found = [finding for finding in appeared(planted, baseline) if finding.table == table]
    assert found == [Finding(check, table, "40/1" if table == "agent_hierarchy" else "40", column)]


@pytest.mark.parametrize(
    ("v1_table", "values"), [("network", {"tier": "99999999999"}), ("agent", {"sponsorId": "\u00a05"})]
)
def test_no_value_of_v1_breaks_the_comparison(
    v1_table: str, values: dict[str, str], planted: Connection, baseline: Baseline
) -> None:
    """Whatever a document holds, it is compared and reported: never an error."""
    patch(planted, v1_table, "40", **values)
    assert appeared(planted, baseline)


@pytest.mark.parametrize(
    ("v1_value", "v2_value", "kind"),
    [("", "", "null_vs_empty"), ("Reno", '"Reno"', "type_only"), ("Reno", "reno", "real"), ("Reno", None, "real")],
)
def test_kinds_of_difference(
    v1_value: str, v2_value: str | None, kind: str, planted: Connection, baseline: Baseline
) -> None:
    """A difference says whether it matters: null against '', only the type, or real."""
    patch(planted, "agent", "40", city=v1_value)
    planted.execute("update v2.agent set city = %s where id = 40", [v2_value])
    reconciliation.renew(planted)
    (row,) = reconciliation.collect(planted)["field_mismatches"]
    assert (row["table"], row["key"], row["column"], row["kind"]) == ("agent", "40", "city", kind)


def declared_by(fault: dict[str, str]) -> list[tuple[str, str]]:
    """V2 tables and columns that take the fault's path as it is."""
    wanted = []
    for table, model in MODELS.items():
        if model["config"]["meta"]["v1"]["table"] != fault["v1_table"]:
            continue
        for column in model["columns"]:
            meta = column["config"]["meta"]
            fits = {"orphan_references": "references", "duplicate_keys": "natural_key"}.get(
                fault["expected_in"], "path"
            )
            if fault["path"] in [meta.get("path")] and meta.get("rule") != "computed" and meta.get(fits):
                wanted.append((table, column["name"]))
    return wanted


@pytest.mark.parametrize("fault", [f for f in FAULTS if f["expected_in"] != "none"], ids=lambda f: f["fault"])
def test_planted_faults_are_reported_once_and_accepted(fault: dict[str, str], baseline: Baseline) -> None:
    """Every fault of the sandbox is found once in each column that takes it, and is accepted by name."""
    check = fault["expected_in"]
    places = (
        [(fault["v1_table"], None, fault["path"])]
        if check == "unmapped_fields"
        else [(table, fault["key"], column) for table, column in declared_by(fault)]
    )
    assert places
    assert [baseline[Finding(check, *place, True)] for place in places] == [1] * len(places)


def test_nothing_else_is_found_in_the_sandbox(baseline: Baseline) -> None:
    """The sandbox's findings in rows are its planted faults, and no more."""
    planned = {
        (fault["expected_in"], table, fault["key"], column)
        for fault in FAULTS
        for table, column in declared_by(fault)
        if fault["expected_in"] not in ("none", "unmapped_fields")
    }
    assert {finding[:4] for finding in baseline if finding.key} == planned
    assert all(finding.accepted for finding in baseline)


def test_an_expired_exception_counts_no_more(planted: Connection, baseline: Baseline) -> None:
    """What was accepted until a day fails from the next day on; on the day itself it is still accepted."""
    planted.execute("update seeds.recon_exceptions set expires_on = '2020-01-01'")
    assert findings(planted) == Counter({one._replace(accepted=False): n for one, n in baseline.items()})
    assert reconciliation.collect(planted)["verdict"] == "fail"
    planted.execute("update seeds.recon_exceptions set expires_on = (select max(as_of) from v2.agent_performance)")
    assert findings(planted) == baseline
