"""Everything people find in the warehouse says what it is: dbt's descriptions become comments, docs, Dagster's pages.

Does not belong here: whether a description is right.
"""

import csv
from typing import Any

import pytest

from orchestration.dbt_build import load_manifest
from orchestration.project import ROOT

KINDS = ["model", "seed", "source", "exposure"]


@pytest.fixture(scope="module")
def described(environment: pytest.MonkeyPatch) -> dict[str, list[dict[str, Any]]]:
    """What the project declares, by kind."""
    manifest = load_manifest()
    everything = [*manifest["nodes"].values(), *manifest["sources"].values(), *manifest["exposures"].values()]
    return {kind: [node for node in everything if node["resource_type"] == kind] for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_everything_has_a_description(kind: str, described: dict[str, list[dict[str, Any]]]) -> None:
    """A table, a seed or a reader of tables without a word about it is found by nobody."""
    assert described[kind]
    assert [node["name"] for node in described[kind] if not node["description"].strip()] == []


@pytest.mark.parametrize("kind", ["model", "seed"])
def test_every_column_has_a_description(kind: str, described: dict[str, list[dict[str, Any]]]) -> None:
    """Every table declares its columns, and every column says what it holds."""
    assert [node["name"] for node in described[kind] if not node["columns"]] == []
    columns = [(node["name"], column) for node in described[kind] for column in node["columns"].values()]
    assert [f"{table}.{column['name']}" for table, column in columns if not column["description"].strip()] == []


def test_a_models_description_says_its_grain(described: dict[str, list[dict[str, Any]]]) -> None:
    """Whoever counts rows has to know what a row is; a second name for a table points to the first."""
    models = {node["name"]: node["description"].lower() for node in described["model"]}
    unsaid = [name for name, text in models.items() if "one row" not in text and "the same as" not in text]
    assert unsaid == []


def test_every_column_of_a_seed_is_declared(described: dict[str, list[dict[str, Any]]]) -> None:
    """What seeds.yml describes are the columns of the file, in its order, each with a type in dbt_project.yml."""
    for seed in described["seed"]:
        path = ROOT / "dbt_project" / seed["original_file_path"]
        with path.open(newline="", encoding="utf-8") as file:
            header = next(csv.reader(file))
        assert list(seed["columns"]) == header, seed["name"]
        assert list(seed["config"]["column_types"]) == header, seed["name"]
