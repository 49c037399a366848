"""Which dbt nodes a run builds, and what is kept of it. dbt itself is replaced by its results here.

Does not belong here: whole runs (`end_to_end/test_second_run.py`).
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from graphlib import TopologicalSorter
from types import SimpleNamespace
from typing import Any

import dagster as dg
import pytest

from orchestration import build_state, dbt_build
from orchestration.build_state import BuildState
from orchestration.dbt_build import DbtError, downstream_of, invoke, load_manifest, selected_nodes
from orchestration.landing import Warehouse

BUILT = BuildState("code", "2024-06-30", {"staging_v1.agent": "1", "staging_v1.user_2fa": "1"})
AGENT_LANDED = replace(BUILT, loads={**BUILT.loads, "staging_v1.agent": "2"})


@pytest.fixture(scope="module")
def manifest(environment: pytest.MonkeyPatch) -> dict[str, Any]:
    return load_manifest()


def below(manifest: dict[str, Any], *tables: str) -> set[str]:
    """`schema/name` of the models below landed tables."""
    nodes = found_below(manifest, *tables)
    return {f"{node['schema']}/{node['name']}" for node in nodes if node["resource_type"] == "model"}


def found_below(manifest: dict[str, Any], *tables: str) -> list[dict[str, Any]]:
    """Models and tests below landed tables; exposures and unit tests, which no run builds, are left out."""
    found = downstream_of(manifest, [f"source:staging_v1.{table}+" for table in tables])
    return [manifest["nodes"][uid] for uid in found if uid in manifest["nodes"]]


def test_below_a_parent_are_all_that_refer_to_it(manifest: dict[str, Any]) -> None:
    """Another team may make a reference dangle: what refers to teams is built again, and nothing else."""
    assert {"v2/team", "v2/team_settings", "v2/team_members", "v2/user", "v2/agent"} <= below(manifest, "team")
    assert not {"v2/user_2fa", "v2/user_settings", "v2/agent_rezen"} & below(manifest, "team")


def test_below_a_leaf_is_its_own_table(manifest: dict[str, Any]) -> None:
    """One V1 table nobody refers to leads to its own V2 table and the reconciliation."""
    assert {name for name in below(manifest, "user_2fa") if name.startswith("v2/")} == {"v2/user_2fa"}
    assert {name.split("/")[0] for name in below(manifest, "user_2fa")} == {"v2", "reconciliation"}


def test_below_are_tests_too(manifest: dict[str, Any]) -> None:
    """What is built again is tested again."""
    names = {node["name"] for node in found_below(manifest, "user_2fa")}
    assert {"contract_user_2fa", "reconciled_user_2fa", "no_unmapped_fields_user_2fa"} <= names


@pytest.mark.parametrize("selectors", [[], ["source:staging_v1.queue_old+"]])
def test_below_nothing_is_nothing(selectors: list[str], manifest: dict[str, Any]) -> None:
    """A landed table that no model reads has nothing built."""
    assert downstream_of(manifest, selectors) == set()


def test_a_selection_names_models_and_tests(manifest: dict[str, Any]) -> None:
    """Dagster's keys stand for dbt's nodes: models, seeds and tests, each by its own."""
    agent, seed = dg.AssetKey(["v2", "agent"]), dg.AssetKey(["seeds", "recon_exceptions"])
    check = dg.AssetCheckKey(agent, "contract_agent")
    models, tests = selected_nodes(manifest, {agent, seed}, {check})
    assert models == {"model.headwater.agent", "seed.headwater.recon_exceptions"}
    assert {manifest["nodes"][uid]["name"] for uid in tests} == {"contract_agent"}


def test_a_check_is_selected_on_its_own_asset_only(manifest: dict[str, Any]) -> None:
    """The same name on another table is another check."""
    stranger = dg.AssetCheckKey(dg.AssetKey(["v2", "team"]), "contract_agent")
    assert selected_nodes(manifest, set(), {stranger}) == (set(), set())


def test_dbt_that_cannot_run_is_an_error() -> None:
    """A call dbt refuses is our error, with dbt's words."""
    with pytest.raises(DbtError, match="nosuch"):
        invoke(["nosuch"])


class Run:
    """One materialization with dbt's results made up: what dbt was asked, what was recorded."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.recorded: list[BuildState | None] = []
        self.failing: set[str] = set()
        self.outcome: Any = None
        self.ids: dict[str, str] = {}

    def streamed(self, arguments: list[str]) -> Iterator[tuple[str, Any]]:
        self.asked.append(arguments)
        kind = "test" if arguments[0] == "test" else "model"
        selected = arguments[arguments.index("--select") + 1 :]
        for fqn in sorted(selected, key=list(self.ids).index):
            bad = fqn.split(".")[-1] in self.failing
            status = ("fail" if kind == "test" else "error") if bad else "pass" if kind == "test" else "success"
            result = SimpleNamespace(
                status=status, message="it broke", execution_time=0.1, adapter_response=None, num_failures=int(bad)
            )
            yield self.ids[fqn], result


@pytest.fixture
def materialize(manifest: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Run]:
    """Run the dbt step from one state to another."""

    def made(
        old: BuildState | None,
        new: BuildState,
        selection: list[str] | None = None,
        failing: set[str] = frozenset(),
        rebuild: bool = False,
        gone: set[str] = frozenset(),
    ) -> Run:
        run = Run()
        run.failing = set(failing)
        order = [uid for uid in TopologicalSorter(manifest["parent_map"]).static_order() if uid in manifest["nodes"]]
        run.ids = {".".join(manifest["nodes"][uid]["fqn"]): uid for uid in order}
        monkeypatch.setattr(build_state, "last", lambda _connection: old)
        monkeypatch.setattr(build_state, "current", lambda _connection: new)
        monkeypatch.setattr(build_state, "record", lambda _connection, state: run.recorded.append(state))
        standing = {dbt_build._relation(node) for node in manifest["nodes"].values()}
        monkeypatch.setattr(build_state, "relations", lambda _connection: standing - set(gone))
        monkeypatch.setattr(dbt_build, "streamed", run.streamed)
        monkeypatch.setattr(dbt_build, "_culprits", lambda _warehouse, _node: [])
        monkeypatch.setattr(Warehouse, "connect", lambda _self: dg_context())
        chosen = [dg.AssetKey(name.split("/")) for name in selection] if selection else None
        run.outcome = dg.materialize(
            [dbt_build.dbt_build_assets(manifest)],
            selection=dg.AssetSelection.assets(*chosen) if chosen else None,
            resources={"warehouse": Warehouse(url="")},
            run_config={
                "ops": {"dbt_build": {"config": {"rebuild": rebuild}}},
                "loggers": {"console": {"config": {"log_level": "CRITICAL"}}},
            },
            raise_on_error=False,
        )
        return run

    return made


class dg_context:  # noqa: N801 - stands for a connection nobody asks anything
    def __enter__(self) -> "dg_context":
        return self

    def __exit__(self, *_error: object) -> None:
        return None


def built(run: Run) -> set[str]:
    return {key.to_user_string() for key in (e.asset_key for e in run.outcome.get_asset_materialization_events())}


def test_nothing_changed_starts_no_dbt(materialize: Callable[..., Run]) -> None:
    """Without a change neither a model nor a test runs, and the recorded state stands."""
    run = materialize(BUILT, BUILT)
    assert run.outcome.success
    assert (run.asked, run.recorded) == ([], [])


def test_only_the_cone_is_built(materialize: Callable[..., Run], manifest: dict[str, Any]) -> None:
    """What lies below the changed table is built, then tested; then the new state holds."""
    new = replace(BUILT, loads={**BUILT.loads, "staging_v1.user_2fa": "2"})
    run = materialize(BUILT, new)
    assert built(run) == below(manifest, "user_2fa")
    assert [arguments[0] for arguments in run.asked] == ["build", "test"]
    assert run.recorded == [None, new]


def test_a_first_build_is_whole(materialize: Callable[..., Run], manifest: dict[str, Any]) -> None:
    """Without a known state everything is built, and counts as complete."""
    run = materialize(None, BUILT)
    nodes = manifest["nodes"].values()
    assert len(built(run)) == len([node for node in nodes if node["resource_type"] in ("model", "seed")])
    assert run.recorded == [None, BUILT]


def test_a_rebuild_builds_what_did_not_change(materialize: Callable[..., Run]) -> None:
    """--rebuild asks for every model."""
    assert len(built(materialize(BUILT, BUILT, rebuild=True))) > 30


def test_a_part_of_a_first_build_is_no_build(materialize: Callable[..., Run]) -> None:
    """A selection of a warehouse never built leaves it not built: the next run does the rest."""
    assert materialize(None, BUILT, selection=["v2/agent"]).recorded == [None, None]


def test_a_part_of_the_cone_is_not_the_whole(materialize: Callable[..., Run]) -> None:
    """After a selected build the rest of what changed is still to be built: the old state stays."""
    run = materialize(BUILT, AGENT_LANDED, selection=["v2/agent"])
    assert built(run) == {"v2/agent"}
    assert run.recorded == [None, BUILT]


def test_a_failed_model_fails_the_step(materialize: Callable[..., Run]) -> None:
    """The message names the table and says what the database said; no state is recorded, no test runs."""
    run = materialize(BUILT, AGENT_LANDED, failing={"agent_rezen"})
    assert not run.outcome.success
    (failure,) = run.outcome.get_step_failure_events()
    error = failure.step_failure_data.error
    while error.cause:
        error = error.cause
    assert "v2/agent_rezen: it broke" in error.message
    assert run.recorded == [None]
    assert [arguments[0] for arguments in run.asked] == ["build"]


def test_a_failed_check_fails_the_check_only(materialize: Callable[..., Run]) -> None:
    """A red check is shown with its number of rows; the run succeeds and its state is recorded."""
    run = materialize(BUILT, AGENT_LANDED, failing={"contract_agent_rezen"})
    assert run.outcome.success
    red = [check for check in run.outcome.get_asset_check_evaluations() if not check.passed]
    assert [(check.asset_key.to_user_string(), check.check_name) for check in red] == [
        ("v2/agent_rezen", "contract_agent_rezen")
    ]
    assert red[0].metadata["failing_rows"].value == 1
    assert run.recorded == [None, AGENT_LANDED]


def test_a_table_that_is_gone_is_built_again(manifest: dict[str, Any], materialize: Callable[..., Run]) -> None:
    """What somebody dropped, or what a build by hand took along, comes back with all that is below it."""
    run = materialize(BUILT, BUILT, gone={"v2.user_2fa", "reconciliation.recon_summary"})
    expected = {"v2/user_2fa", "reconciliation/recon_live_differences", "reconciliation/recon_summary"}
    assert expected <= built(run)
    assert "v2/agent" not in built(run)


def test_views_above_a_picked_table_are_put_back(manifest: dict[str, Any], materialize: Callable[..., Run]) -> None:
    """Swapping in one table takes the views that read it along: dbt is asked for them, Dagster hears of the table."""
    run = materialize(BUILT, BUILT, selection=["v2/agent"])
    assert built(run) == {"v2/agent"}
    assert "headwater.reconciliation.recon_live_differences" in run.asked[0]
