"""The main job from the command line: sandbox, one Dagster run in this process, the outcome.

Belongs here: calling Dagster for `headwater run`, keeping the sandbox in step. Does not belong here: what the run
does (`definitions.py`) and how it is asked for (`cli.py`).
"""

import os
import re
from typing import Any

import psycopg

from connectors.errors import HeadwaterError
from orchestration.database import Databases
from orchestration.progress import progress
from orchestration.project import V1_VARIABLE, environment, is_v1_configured

_STATEMENT_TIMEOUT_MS = 60_000
"""How long one statement on Dagster's own database may take."""


class RunFailedError(HeadwaterError):
    """A step of the run failed. The message is the step's own."""


def use(databases: Databases) -> None:
    """Lead everything in this process to the databases, and to the sandbox when no V1 is configured."""
    is_sandbox = not is_v1_configured()
    os.environ.update(environment(databases))
    if is_sandbox:
        os.environ[V1_VARIABLE] = databases.v1
        fill_sandbox(databases, sandbox_scale())


def sandbox_scale() -> float:
    """`HEADWATER_SCALE`, the size of the sandbox; 1 is the size of the real business.

    Raises:
        HeadwaterError: it is no positive number.
    """
    text = os.environ.get("HEADWATER_SCALE", "1")
    try:
        scale = float(text)
    except ValueError:
        scale = 0
    if not 0 < scale <= 1000:
        raise HeadwaterError(f"HEADWATER_SCALE is {text!r}: write a number above 0, such as 0.01, 1 or 10.")
    return scale


def fill_sandbox(databases: Databases, scale: float, *, anew: bool = False) -> None:
    """Fill the sandbox's V1 database, unless it holds that world already.

    Another world replaces the old one, and what was landed of that one is dropped: its rows would stay in V2 as
    rows that V1 deleted.
    """
    from connectors.v1 import stand_in  # pandas; a run with a V1 of its own needs neither

    filled = stand_in.filled_with(databases.v1)
    if filled == (stand_in.SEED, scale, stand_in.edition()) and not anew:
        return
    progress(f"filling the sandbox's V1 database at scale {scale:g}")
    rows = stand_in.fill(databases.v1, seed=stand_in.SEED, scale=scale)
    progress(f"sandbox: {sum(rows.values()):,} documents in {len(rows)} V1 tables")
    if filled:
        with psycopg.connect(databases.warehouse, autocommit=True) as connection:
            connection.execute("drop schema if exists staging_v1 cascade")
            connection.execute("drop schema if exists headwater cascade")


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
    ops: dict[str, Any] = {
        "land_v1": {"config": {"full": full}},
        "dbt_build": {"config": {"rebuild": rebuild}},
    }
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
