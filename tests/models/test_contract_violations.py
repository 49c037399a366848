"""A value that breaks a model's declaration fails the verdict, as everything nobody accepted does."""

from faults import COLUMNS, UNKNOWN, Rows, data_type, findings, meta
from psycopg import Connection

from orchestration import reconciliation


def test_values_outside_the_declaration_are_named(faulty: Connection, rows: Rows) -> None:
    """Accepted values and not-nulls are checked beside V1's values, in every table, by key and column."""
    expected = set()
    for table, columns in COLUMNS.items():
        _, row_id = rows[table][0]
        for name, column in columns.items():
            if meta(table, name).get("accepted_values"):
                value, kind = UNKNOWN[data_type(table, name)], "accepted_values"
            elif name != "id" and {"type": "not_null"} in column.get("constraints", []):
                faulty.execute(f'alter table v2."{table}" alter column "{name}" drop not null')
                value, kind = None, "not_null"
            else:
                continue
            faulty.execute(f'update v2."{table}" set "{name}" = %s where id = %s', [value, row_id])
            expected.add((table, str(row_id), name, kind))
    findings(faulty)
    result = reconciliation.collect(faulty)
    found = [(row["table"], row["key"], row["column"], row["kind"]) for row in result["contract_violations"]]
    assert (len(found), set(found), result["verdict"]) == (len(expected), expected, "fail")
