"""The main job from the command line: sources, one Dagster run in this process, the outcome.

Belongs here: calling Dagster for `headwater run`, leading the process to its sources. Does not belong here: what the
run does (`definitions.py`), how it is asked for (`cli.py`) and what plays a source that is not configured
(`sandbox.py`).
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from connectors.errors import HeadwaterError
from orchestration import sandbox
from orchestration.database import Databases
from orchestration.progress import progress
from orchestration.project import V1_VARIABLE, environment, is_v1_configured

_STATEMENT_TIMEOUT_MS = 60_000
"""How long one statement on Dagster's own database may take."""


class RunFailedError(HeadwaterError):
    """A step of the run failed. The message is the step's own."""


@contextmanager
def sources(databases: Databases, *, live: bool = True) -> Iterator[None]:
    """Lead everything in this process to the databases and to the sources; where no V1 is configured the sandbox is.

    Args:
        databases: the ones in use.
        live: also the live sources, whose stand-ins are served as long as the block lasts.
    """
    is_sandbox = not is_v1_configured()
    with sandbox.serving(databases) if is_sandbox and live else nullcontext():
        if is_sandbox and not live:
            sandbox.fill(databases, sandbox.scale())
        os.environ.update(environment(databases))
        if is_sandbox:
            os.environ[V1_VARIABLE] = databases.v1
        yield


def run(select: str | None, *, full: bool, rebuild: bool) -> bool:
    """Run the pipeline job through Dagster, in this process.

    Args:
        select: a Dagster asset selection, such as `key:"v2/agent"+`; None for all.
        full: land every row again.
        rebuild: build every model, changed or not.

    Returns:
        Whether the run renewed the reconciliation.

    Raises:
        RunFailedError: a step failed.
    """
    progress("starting Dagster")
    import dagster as dg

    from orchestration.definitions import PIPELINE, defs

    job = defs.resolve_job_def(PIPELINE)
    landing = [node.name for node in job.graph.nodes if node.name.startswith("land_")]
    ops: dict[str, Any] = {name: {"config": {"full": full}} for name in landing}
    ops["dbt_build"] = {"config": {"rebuild": rebuild}}
    selection = None
    if select:
        graph = defs.resolve_asset_graph()
        selection = list(dg.AssetSelection.from_string(select).resolve(graph))
        steps = {graph.get(key).assets_def.op.name for key in selection}
        ops = {name: config for name, config in ops.items() if name in steps}
    with dg.DagsterInstance.get() as instance:
        # Keeps a connection open. Otherwise dagster-postgres opens three for every event: half of a small run's time.
        instance.optimize_for_webserver(statement_timeout=_STATEMENT_TIMEOUT_MS, pool_recycle=3600, max_overflow=20)
        outcome = job.execute_in_process(
            instance=instance,
            run_config={"ops": ops, "loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            asset_selection=selection,
            raise_on_error=False,
        )
    for event in outcome.all_events:
        if event.is_step_failure:
            raise RunFailedError(f"{event.step_key}: {_root_message(event.step_failure_data.error)}")
    if not outcome.success:
        raise RunFailedError("the run failed before its first step; `headwater ui` shows its log")
    built = {tuple(event.asset_key.path) for event in outcome.get_asset_materialization_events() if event.asset_key}
    return ("reconciliation", "recon_differences") in built


def _root_message(error: Any) -> str:
    """The innermost error's message: ours, where one of ours began it."""
    while error.cause:
        error = error.cause
    return re.sub(r"^[\w.]+: ", "", str(error.message).strip(), count=1)
