"""Landed tables as assets: what the landing returns is what Dagster shows. Landing itself is replaced here."""

from contextlib import nullcontext
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from orchestration import landing
from orchestration.landing import UNMAPPED, Warehouse, landed_specs, v1_assets

MANIFEST = {
    "sources": {
        name: {"schema": schema, "name": name, "description": f"All {name}", "config": {"meta": {"group": name}}}
        for schema, name in (("staging_v1", "agent"), ("staging_v1", "team"), ("staging_fub", "people"))
    }
}


def landed(monkeypatch: pytest.MonkeyPatch, rows: dict[str, int], full: bool = False) -> tuple[Any, list[Any]]:
    """Materialize the landing with made-up rows; the outcome and how `land` was called."""
    calls = []

    def land(url: str, folder: Path, *, full: bool) -> dict[str, int]:
        calls.append((url, full))
        return dict(rows)

    loads = {f"staging_v1.{name}": "1" for name in ("agent", "team", "queue_old", "mvpw1_9")}
    monkeypatch.setattr(landing, "land", land)
    monkeypatch.setattr(landing, "row_count", lambda _connection, _source, table: len(table))
    monkeypatch.setattr(landing.build_state, "loads", lambda _connection: loads)
    monkeypatch.setattr(Warehouse, "connect", lambda _self: nullcontext())
    outcome = dg.materialize(
        [v1_assets(MANIFEST)],
        resources={"warehouse": Warehouse(url="postgresql://warehouse")},
        run_config={"ops": {"land_v1": {"config": {"full": full}}}},
    )
    return outcome, calls


def test_a_table_of_the_source_is_an_asset() -> None:
    """Each table dbt reads from this source is an asset in its domain; the rest of V1 is one more."""
    specs = {spec.key.to_user_string(): spec.group_name for spec in landed_specs(MANIFEST, "v1")}
    assert specs == {
        "staging_v1/agent": "agent",
        "staging_v1/team": "team",
    }


def test_rows_landed_are_shown(environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each asset says how many rows came and how many there are; the tables no model reads are named."""
    outcome, calls = landed(monkeypatch, {"agent": 3, "queue_old": 2, "mvpw1_9": 5})
    shown = {
        event.asset_key.path[-1]: {name: value.value for name, value in event.materialization.metadata.items()}
        for event in outcome.get_asset_materialization_events()
    }
    assert shown == {
        "agent": {"rows_landed": 3, "dagster/row_count": 5},
        "team": {"rows_landed": 0, "dagster/row_count": 4},
        UNMAPPED: {"tables": ["staging_v1.mvpw1_9", "staging_v1.queue_old"]},
    }
    assert calls == [("postgresql://warehouse", False)]


def test_a_full_landing_is_passed_on(environment: pytest.MonkeyPatch, monkeypatch: pytest.MonkeyPatch) -> None:
    """`headwater run --full` reaches the source."""
    assert landed(monkeypatch, {}, full=True)[1] == [("postgresql://warehouse", True)]


def test_nothing_connects_before_it_must() -> None:
    """A warehouse that cannot be reached is no obstacle to looking at the code location."""
    assert Warehouse(url="postgresql://nobody@127.0.0.1:1/nothing").url
    assert v1_assets(MANIFEST).keys
