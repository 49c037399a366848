"""dbt models as Dagster assets, dbt tests as their checks: run in this process, only what changed.

Belongs here: calling dbt and turning its results into Dagster's. Does not belong here: what a model is.

dbt runs by `dbtRunner` in a thread of this process and its results are yielded as they come: half the time of a
dbt process whose log is parsed. Models and tests are two calls, since within one `dbt build` a failed test would
skip everything below it, the reconciliation among it.
"""

import json
import queue
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import dagster as dg
from dagster._core.storage.asset_check_execution_record import AssetCheckExecutionRecordStatus
from dagster_dbt import dbt_assets

from connectors.errors import HeadwaterError
from orchestration import build_state
from orchestration.build_state import BuildState
from orchestration.landing import Warehouse
from orchestration.progress import progress
from orchestration.project import DBT_PROJECT, dbt_target
from orchestration.translators import HeadwaterDbtTranslator

_BUILDABLE = ("model", "seed", "snapshot")
_CULPRITS_SHOWN = 20


class DbtError(HeadwaterError):
    """dbt could not run, or a model failed. The message names the node and what dbt said."""


class BuildConfig(dg.Config):
    """What to build.

    Attributes:
        rebuild: build everything selected, also what did not change.
    """

    rebuild: bool = False


def load_manifest() -> dict[str, Any]:
    """The project's dbt manifest, parsed anew when a file changed. Needs no database."""
    path = dbt_target() / "manifest.json"
    parsed = dbt_target() / "manifest.fingerprint"
    fingerprint = build_state.code_fingerprint()
    if not path.exists() or not parsed.exists() or parsed.read_text() != fingerprint:
        invoke(["parse"])
        parsed.write_text(fingerprint)
    manifest: dict[str, Any] = json.loads(path.read_text())
    return manifest


def invoke(arguments: Sequence[str], on_result: Any = None) -> list[Any]:
    """Run dbt in this process.

    Args:
        arguments: the command line after `dbt`.
        on_result: called with every node's result as it comes.

    Raises:
        DbtError: dbt could not run at all. Failed nodes are results, not errors.
    """
    from dbt.cli.main import dbtRunner  # takes seconds to import, and a run without changes needs none of it

    def callback(event: Any) -> None:
        if on_result and event.info.name == "NodeFinished":
            on_result(event.data.node_info.unique_id, event.data.run_result)

    folders = ["--project-dir", str(DBT_PROJECT), "--profiles-dir", str(DBT_PROJECT)]
    folders += ["--target-path", str(dbt_target()), "--log-path", str(dbt_target().parent / "logs")]
    outcome = dbtRunner(callbacks=[callback]).invoke([*arguments, *folders, "--log-level", "none"])
    if outcome.exception:
        raise DbtError(f"dbt {arguments[0]}: {outcome.exception}") from outcome.exception
    return list(getattr(outcome.result, "results", None) or [])


def streamed(arguments: Sequence[str]) -> Iterator[tuple[str, Any]]:
    """Run dbt in a thread and yield (unique id, result) in the order of completion.

    Raises:
        DbtError: dbt could not run at all.
    """
    results: queue.Queue[Any] = queue.Queue()

    def work() -> None:
        try:
            invoke(arguments, lambda unique_id, result: results.put((unique_id, result)))
            results.put(None)
        except Exception as error:  # noqa: BLE001 - handed to the reading thread, which raises it
            results.put(error)

    thread = threading.Thread(target=work, name="dbt", daemon=True)
    thread.start()
    while (item := results.get()) is not None:
        if isinstance(item, Exception):
            raise item
        yield item
    thread.join()


def selected_nodes(
    manifest: Mapping[str, Any], assets: set[dg.AssetKey], checks: set[dg.AssetCheckKey]
) -> tuple[set[str], set[str]]:
    """Unique ids of the models and seeds, and of the tests, that a Dagster selection stands for."""
    translator = HeadwaterDbtTranslator()
    nodes = manifest["nodes"]
    keys = {uid: translator.get_asset_key(n) for uid, n in nodes.items() if n["resource_type"] in _BUILDABLE}
    models = {uid for uid, key in keys.items() if key in assets}
    tests = {
        uid
        for uid, node in nodes.items()
        if node["resource_type"] == "test"
        and node.get("attached_node") in keys
        and dg.AssetCheckKey(keys[node["attached_node"]], node["name"]) in checks
    }
    return models, tests


def downstream_of(manifest: Mapping[str, Any], selectors: Sequence[str]) -> set[str]:
    """Unique ids of everything below `source:schema.table+` selectors."""
    wanted = {selector.removeprefix("source:").removesuffix("+") for selector in selectors}
    sources = manifest["sources"].items()
    return _below(manifest, {uid for uid, node in sources if f"{node['schema']}.{node['name']}" in wanted})


def _below(manifest: Mapping[str, Any], unique_ids: set[str]) -> set[str]:
    """Everything that depends on these nodes, themselves not included."""
    todo = list(unique_ids)
    found: set[str] = set()
    while todo:
        for child in manifest["child_map"].get(todo.pop(), []):
            if child not in found:
                found.add(child)
                todo.append(child)
    return found


def _selection_arguments(manifest: Mapping[str, Any], unique_ids: set[str]) -> list[str]:
    return ["--select", *sorted(".".join(manifest["nodes"][uid]["fqn"]) for uid in unique_ids)]


def _model_result(manifest: Mapping[str, Any], uid: str, result: Any) -> Iterator[dg.MaterializeResult]:
    node = manifest["nodes"][uid]
    key = HeadwaterDbtTranslator().get_asset_key(node)
    if result.status != "success":
        raise DbtError(f"{key.to_user_string()}: {result.message}")
    rows = result.adapter_response.fields.get("rows_affected") if result.adapter_response else None
    seconds = round(result.execution_time, 3)
    metadata: dict[str, Any] = {"seconds": seconds}
    if rows and int(rows.number_value) >= 0 and node["config"]["materialized"] != "lean_view":
        metadata["dagster/row_count"] = int(rows.number_value)
    made = metadata.get("dagster/row_count", node["config"]["materialized"].removeprefix("lean_"))
    progress(f"built {key.to_user_string()} ({made}, {seconds} s)")
    yield dg.MaterializeResult(key, metadata=metadata)


def _check_result(
    manifest: Mapping[str, Any], uid: str, result: Any, warehouse: Warehouse
) -> Iterator[dg.AssetCheckResult]:
    node = manifest["nodes"][uid]
    key = HeadwaterDbtTranslator().get_asset_key(manifest["nodes"][node["attached_node"]])
    passed, is_warning = result.status == "pass", result.status == "warn"
    metadata: dict[str, Any] = {"failing_rows": result.num_failures}
    if result.status == "error":
        metadata["error"] = result.message
    elif not passed:
        metadata["culprits"] = dg.MetadataValue.json(_culprits(warehouse, node))
        outcome = "warns of" if is_warning else "FAILED for"
        progress(f"check {node['name']} on {key.to_user_string()} {outcome} {result.num_failures} rows")
    severity = dg.AssetCheckSeverity.WARN if is_warning else dg.AssetCheckSeverity.ERROR
    yield dg.AssetCheckResult(
        asset_key=key, check_name=node["name"], passed=passed, severity=severity, metadata=metadata
    )


def _culprits(warehouse: Warehouse, node: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The first failing rows of a test: keys, columns and kinds, as our tests select no values."""
    query = f"select to_jsonb(failing) from {node['relation_name']} as failing limit {_CULPRITS_SHOWN}"
    with warehouse.connect() as connection:
        return [row for (row,) in connection.execute(query)]


@dataclass(frozen=True)
class _Plan:
    """What one step builds and tests, and the state to record when it is done.

    Attributes:
        models: what is built and told to Dagster.
        also: views nobody selected, which the tables swapped in beneath them take along.
        tests: what is tested.
        standing: selected tests of tables that did not change: their last results stand.
        state: what to record afterwards.
    """

    models: set[str]
    also: set[str]
    tests: set[str]
    standing: set[str]
    state: BuildState | None


def _plan(manifest: Mapping[str, Any], context: dg.AssetExecutionContext, warehouse: Warehouse, rebuild: bool) -> _Plan:
    """Everything selected; of the whole graph only what is below a change or gone, unless told to rebuild."""
    selected, selected_tests = selected_nodes(manifest, context.selected_asset_keys, context.selected_asset_check_keys)
    models, tests = selected, selected_tests
    buildable = {uid for uid, node in manifest["nodes"].items() if node["resource_type"] in _BUILDABLE}
    with warehouse.connect() as connection:
        old, new = build_state.last(connection), build_state.current(connection)
        standing_relations = build_state.relations(connection)
    gone = {uid for uid in buildable if _relation(manifest["nodes"][uid]) not in standing_relations}
    changed = build_state.changed_selection(old, new)
    if changed is not None and selected == buildable and not rebuild:
        cone = downstream_of(manifest, changed) | gone | _below(manifest, gone)
        models, tests = selected & cone, selected_tests & cone
    views = {uid for uid in buildable if manifest["nodes"][uid]["config"]["materialized"] == "lean_view"}
    taken_along = (_below(manifest, models) & views) - models if models else set()
    # What a person picked by hand brings the rest no nearer to the new state.
    state = new if selected == buildable else old
    return _Plan(models, taken_along, tests, selected_tests - tests, state)


def _relation(node: Mapping[str, Any]) -> str:
    return f"{node['schema']}.{node.get('alias') or node['name']}"


def _build(manifest: Mapping[str, Any], plan: _Plan) -> Iterator[dg.MaterializeResult]:
    progress(f"building {len(plan.models)} tables and views")
    selection = _selection_arguments(manifest, plan.models | plan.also)
    failure = None
    for uid, result in streamed(["build", "--exclude-resource-type", "test", *selection]):
        if uid in plan.models:
            try:
                yield from _model_result(manifest, uid, result)
            except DbtError as error:
                failure = failure or error
    if failure:
        raise failure


def _test(manifest: Mapping[str, Any], tests: set[str], warehouse: Warehouse) -> Iterator[dg.AssetCheckResult]:
    progress(f"running {len(tests)} tests")
    for uid, result in streamed(["test", *_selection_arguments(manifest, tests)]):
        if uid in tests:
            yield from _check_result(manifest, uid, result, warehouse)


def _repeat(
    manifest: Mapping[str, Any], tests: set[str], instance: dg.DagsterInstance
) -> Iterator[dg.AssetCheckResult]:
    """The last results of tests whose tables did not change: Dagster would show a planned check as skipped."""
    translator = HeadwaterDbtTranslator()
    done = {AssetCheckExecutionRecordStatus.SUCCEEDED, AssetCheckExecutionRecordStatus.FAILED}
    for uid in sorted(tests):
        node = manifest["nodes"][uid]
        key = dg.AssetCheckKey(translator.get_asset_key(manifest["nodes"][node["attached_node"]]), node["name"])
        records = instance.event_log_storage.get_asset_check_execution_history(key, limit=1, status=done)
        evaluation = records[0].evaluation if records else None
        if evaluation:
            metadata: dict[str, Any] = {**evaluation.metadata, "unchanged_since_run": records[0].run_id}
            yield dg.AssetCheckResult(
                asset_key=key.asset_key,
                check_name=key.name,
                passed=evaluation.passed,
                severity=evaluation.severity,
                metadata=metadata,
            )


def dbt_build_assets(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """The step that builds the models and runs their tests."""

    @dbt_assets(manifest=manifest, name="dbt_build", dagster_dbt_translator=HeadwaterDbtTranslator())
    def dbt_build(context: dg.AssetExecutionContext, config: BuildConfig, warehouse: Warehouse) -> Iterator[Any]:
        plan = _plan(manifest, context, warehouse, config.rebuild)
        if plan.models:
            with warehouse.connect() as connection:
                build_state.record(connection, None)
            yield from _build(manifest, plan)
        else:
            progress("no model to build: nothing landed, nothing changed")
        if plan.tests:
            yield from _test(manifest, plan.tests, warehouse)
        yield from _repeat(manifest, plan.standing, context.instance)
        if plan.models:
            with warehouse.connect() as connection:
                build_state.record(connection, plan.state)

    return dbt_build
