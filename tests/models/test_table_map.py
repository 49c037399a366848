"""The table map says what the models do, and Xano's own names answer like Xano's tables.

Belongs here: seeds/v1_table_map.csv, reconciliation.recon_table_coverage and schema `xano`. Does not belong here:
whether rows agree (`test_reconciliation.py`).
"""

import csv
from collections import defaultdict

import psycopg
import pytest
import yaml

from orchestration.project import DBT_PROJECT, SEEDS

MAP = list(csv.DictReader((SEEDS / "v1_table_map.csv").open()))
MODELS = [
    model
    for file in sorted((DBT_PROJECT / "models" / "v2").rglob("*__models.yml"))
    for model in yaml.safe_load(file.read_text())["models"]
]

VERIFICATION = """
    select 'users' as entity, (select count(*) from mvpw1_41) as v1, (select count(*) from mvpw5_664) as v2
    union all
    select 'network', (select count(*) from mvpw1_48), (select count(*) from mvpw5_698)
    order by 1
"""
"""What the migration was checked with by hand, in Xano's names."""


def _fed_by() -> dict[str, set[str]]:
    """V2 tables by the V1 table whose documents give them rows, as the models declare it."""
    fed: dict[str, set[str]] = defaultdict(set)
    for model in MODELS:
        if v1 := model.get("config", {}).get("meta", {}).get("v1"):
            fed[v1["table"]].add(model["name"])
    return fed


def test_the_map_names_what_the_models_read() -> None:
    """Every V1 table a model takes its rows from is mapped to that model, and to no other."""
    mapped = {row["v1_table"]: set(row["v2_tables"].split()) for row in MAP if row["mapping"] in ("1:1", "1:N")}
    fed = _fed_by()
    # A table that adds rows to another's model stands with that one too.
    added = {row["v1_table"]: set(row["v2_tables"].split()) for row in MAP if row["mapping"] == "N:1"}
    shared = set().union(*added.values())
    assert {table: models - shared for table, models in fed.items() if table not in added} == {
        table: models - shared for table, models in mapped.items()
    }
    for table, models in added.items():
        also = {
            model["name"]
            for model in MODELS
            if (v1 := model.get("config", {}).get("meta", {}).get("v1"))
            and (v1["table"] == table or table in v1.get("also", {}))
        }
        assert models <= also


def test_kinds_and_ids_are_what_they_say() -> None:
    """1:1 feeds one table, 1:N several, deprecated and unmapped none; ids are numbers and nobody's twice."""
    for row in MAP:
        tables, ids = row["v2_tables"].split(), row["v2_ids"].split()
        assert len(tables) == len(ids), row
        assert {"1:1": len(tables) == 1, "1:N": len(tables) > 1, "N:1": len(tables) >= 1}.get(
            row["mapping"], not tables and row["note"]
        ), row
        assert all(id_ == "-" or id_.isdigit() for id_ in ids), row
    assert len({row["xano_id"] for row in MAP}) == len(MAP)
    named = {
        (table, id_) for row in MAP for table, id_ in zip(row["v2_tables"].split(), row["v2_ids"].split(), strict=True)
    }
    named |= {(row["v2_table"], row["xano_id"]) for row in csv.DictReader((SEEDS / "v2_xano_ids.csv").open())}
    ids = [id_ for _, id_ in named if id_ != "-"]
    assert len(ids) == len(set(ids))


def test_every_v1_table_is_covered(planted: psycopg.Connection) -> None:
    """V1's 251 tables stand in the coverage once each, with the rows V1 has."""
    rows = planted.execute(
        "select v1_table, coverage, v1_rows from reconciliation.recon_table_coverage where relation is not null"
    ).fetchall()
    assert len({name for name, _, _ in rows}) == len(rows) == 251
    assert {coverage for _, coverage, _ in rows} == {"mapped", "merged", "deprecated", "unmapped"}
    for name, _, count in rows:
        landed = planted.execute(
            psycopg.sql.SQL("select count(*) from staging_v1.{} where deleted_at is null").format(
                psycopg.sql.Identifier(name)
            )
        ).fetchone()
        assert landed == (count,), name


def test_the_verification_query_runs_in_xanos_names(planted: psycopg.Connection) -> None:
    """Every user and every network row of V1 is in V2, by the very tables of the old query."""
    planted.execute("set search_path to xano")
    counts = planted.execute(VERIFICATION).fetchall()
    assert [entity for entity, _, _ in counts] == ["network", "users"]
    (_, v1_network, v2_network), (_, v1_users, v2_users) = counts
    assert 0 < v1_network < v2_network  # reZEN knows members that V1 does not
    assert v1_users == v2_users > 0


@pytest.mark.parametrize(
    ("query", "answers"),
    [
        ("select count(*) from mvpw1_36 where xdo ->> 'agent_id_raw' <> ''", True),
        ("select pg_typeof(id)::text = 'uuid' from mvpw1_402 limit 1", True),
        ("select pg_typeof(created_at)::text = 'bigint' from mvpw5_664 limit 1", True),
        (
            (
                "select count(*) from mvpw5_664 v2 join mvpw1_41 v1 on v1.id = v2.id"
                " where v2.created_at is distinct from nullif((v1.xdo ->> 'created_at')::bigint, 0)"
            ),
            False,
        ),
    ],
)
def test_xanos_tables_look_like_xanos(query: str, answers: bool, planted: psycopg.Connection) -> None:
    """V1 is (id, xdo), V2 has its columns, and moments are milliseconds."""
    planted.execute("set search_path to xano")
    row = planted.execute(query).fetchone()
    assert row
    assert bool(row[0]) is answers


def test_every_table_with_a_known_id_has_its_alias(planted: psycopg.Connection) -> None:
    """One view a landed V1 table, one a V2 table whose Xano id is known."""
    views = {name for (name,) in planted.execute("select viewname from pg_views where schemaname = 'xano'")}
    built = {model["name"] for model in MODELS}
    known = [
        (table, id_) for row in MAP for table, id_ in zip(row["v2_tables"].split(), row["v2_ids"].split(), strict=True)
    ]
    known += [(row["v2_table"], row["xano_id"]) for row in csv.DictReader((SEEDS / "v2_xano_ids.csv").open())]
    expected = {f"mvpw5_{id_}" for table, id_ in known if id_ != "-" and table in built}
    assert {view for view in views if view.startswith("mvpw5_")} == expected
    assert len({view for view in views if view.startswith("mvpw1_")}) == 251
