"""Every column has exactly the type that is declared, scale and length included: dbt's contract looks at neither."""

import psycopg

from orchestration.dbt_build import load_manifest

SPELLED_OUT = {"timestamptz": "timestamp with time zone", "bool": "boolean", "int": "integer"}


def test_columns_have_the_declared_types(warehouse: str) -> None:
    with psycopg.connect(warehouse) as connection:
        rows = connection.execute(
            "select n.nspname || '.' || c.relname || '.' || a.attname,"
            " replace(format_type(a.atttypid, a.atttypmod), ' ', '')"
            " from pg_attribute as a inner join pg_class as c on c.oid = a.attrelid"
            " inner join pg_namespace as n on n.oid = c.relnamespace"
            " where a.attnum > 0 and not a.attisdropped and c.relkind = 'r'"
        ).fetchall()
    stands = dict(rows)
    declared = {
        f"{node['schema']}.{node['alias']}.{column['name']}": column["data_type"]
        for node in load_manifest()["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["materialized"] != "lean_view"
        for column in node["columns"].values()
    }
    wanted = {name: SPELLED_OUT.get(kind, kind).replace(" ", "") for name, kind in declared.items()}
    assert len(wanted) > 1_500
    assert {name: (kind, stands.get(name)) for name, kind in wanted.items() if stands.get(name) != kind} == {}
