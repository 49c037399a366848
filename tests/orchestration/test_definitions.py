"""The code location: it loads on a bare machine, and holds what it is meant to hold.

After a wanted change of assets, checks or jobs: `python -m tests.orchestration.test_definitions` rewrites
snapshot.json. Does not belong here: what a step does.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration.project import ROOT

SNAPSHOT = Path(__file__).with_name("snapshot.json")
REWRITE = "If that is wanted: .venv/bin/python -m tests.orchestration.test_definitions"

ENTITIES = ("v2", "growth", "customer", "unified", "realpage_raw", "yardi_raw")
"""Schemas of the tables that landed ones are made into."""


def described(defs: dg.Definitions) -> dict[str, Any]:
    """What people see in Dagster of a code location, sorted."""
    graph = defs.resolve_asset_graph()
    repository = defs.get_repository_def()
    jobs = [job for job in repository.get_all_jobs() if not job.name.startswith("__")]
    return {
        "assets": {key.to_user_string(): graph.get(key).group_name for key in sorted(graph.get_all_asset_keys())},
        "checks": sorted(f"{check.asset_key.to_user_string()}: {check.name}" for check in graph.asset_check_keys),
        "jobs": {
            job.name: sorted(key.to_user_string() for key in job.asset_layer.executable_asset_keys)
            for job in sorted(jobs, key=lambda job: job.name)
        },
    }


@pytest.fixture(scope="module")
def defs(environment: pytest.MonkeyPatch) -> dg.Definitions:
    from orchestration.definitions import build_defs

    return build_defs()


@pytest.fixture(scope="module")
def manifest(environment: pytest.MonkeyPatch) -> dict[str, Any]:
    from orchestration.dbt_build import load_manifest

    return load_manifest()


def models(manifest: dict[str, Any], schema: str) -> Iterator[dict[str, Any]]:
    return (n for n in manifest["nodes"].values() if (n["resource_type"], n["schema"]) == ("model", schema))


def test_the_code_location_loads_on_a_bare_machine(tmp_path: Path) -> None:
    """No setting, no secret and no database is needed to see what Headwater is."""
    outcome = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-w", "workspace.yaml"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HEADWATER_HOME": str(tmp_path / "var")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    assert not (tmp_path / "var" / "postgres").exists()


@pytest.mark.parametrize("part", ["assets", "checks", "jobs"])
def test_nothing_came_or_went_unnoticed(part: str, defs: dg.Definitions) -> None:
    """An asset, a check or a job that vanishes, or changes its group, is a change of behaviour."""
    assert described(defs)[part] == json.loads(SNAPSHOT.read_text())[part], REWRITE


def test_dbt_sources_are_landed_assets(defs: dg.Definitions, manifest: dict[str, Any]) -> None:
    """Every source table dbt reads is materialized by a step of this code location."""
    graph = defs.resolve_asset_graph()
    declared = {dg.AssetKey([node["schema"], node["name"]]) for node in manifest["sources"].values()}
    assert declared
    assert {key for key in declared if not graph.has(key) or not graph.get(key).is_materializable} == set()


def test_landed_tables_lead_to_models(defs: dg.Definitions, manifest: dict[str, Any]) -> None:
    """A landed table has an entity below it, but for what no table holds; V1's unmapped ones share an asset."""
    graph = defs.resolve_asset_graph()
    landed = [key for key in graph.get_all_asset_keys() if key.path[0].startswith("staging_")]
    unused = {
        key.to_user_string()
        for key in landed
        if not any(child.path[0] in (*ENTITIES, "marts") for child in graph.get(key).child_keys)
    }
    assert unused == {
        "staging_csv/rejected_rows",
        "staging_csv/sync_state",
        "staging_customer/sync_state",
        "staging_jobnimbus/sync_state",
        "staging_lofty/organisations",
        "staging_stripe/invoices",
        "staging_v1/unmapped_tables",
        *(f"staging_realpage_reports/{table}" for table in ("rejected_files", "sync_state")),
        *(f"staging_realpage_rpx/{table}" for table in ("household_members", "rentable_items", "sync_state")),
        "staging_yardi/sync_state",
    }


@pytest.mark.parametrize(
    ("kind", "schema"),
    [*(("contract", schema) for schema in (*ENTITIES, "marts")), ("reconciled", "v2"), ("ties_out", "marts")],
)
def test_models_are_guarded(kind: str, schema: str, defs: dg.Definitions, manifest: dict[str, Any]) -> None:
    """Every table has a check of its declaration, and one of its agreement with V1 or, a mart, with its entities."""
    checks = defs.resolve_asset_graph().asset_check_keys
    guarded = {check.asset_key.path[-1] for check in checks if check.name == f"{kind}_{check.asset_key.path[-1]}"}
    names = {node["name"] for node in models(manifest, schema) if node["config"]["materialized"] != "lean_view"}
    if kind == "reconciled":  # a table that V1 has no documents of has nothing to agree with
        names = {node["name"] for node in models(manifest, schema) if node["config"]["meta"].get("v1")}
    assert names
    assert names - guarded == set()


def test_checks_do_not_stop_a_run(defs: dg.Definitions) -> None:
    """A failed check is shown, and what is below it is built all the same: the reconciliation must see it."""
    specs = [spec for asset in defs.assets for spec in asset.check_specs]
    assert specs
    assert [spec.name for spec in specs if spec.blocking] == []


def test_parts_can_be_replaced() -> None:
    """build_defs takes other assets, jobs and resources in place of its own."""
    from orchestration.definitions import build_defs

    replaced = build_defs(assets=[], jobs=[], resources={"warehouse": "another", "more": 1})
    assert described(replaced) == {"assets": {}, "checks": [], "jobs": {}}
    assert replaced.resources == {"warehouse": "another", "more": 1}
    assert set(build_defs(assets=[], jobs=[]).resources) == {"warehouse"}


if __name__ == "__main__":
    from orchestration.definitions import build_defs

    SNAPSHOT.write_text(json.dumps(described(build_defs()), indent=2) + "\n")
