"""Everything Dagster knows of Headwater, assembled by one function.

Belongs here: assembly. Does not belong here: what a step does. Nothing connects when this is imported, and no
secret is needed: `dagster definitions validate` passes on a bare checkout.
"""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from connectors.registry import live_sources
from orchestration.dbt_build import dbt_build_assets, load_manifest
from orchestration.landing import Warehouse, live_assets, v1_assets
from orchestration.project import WAREHOUSE_VARIABLE

PIPELINE = "headwater"
"""The job that does it all: land, build, reconcile."""


def build_defs(
    *,
    assets: Sequence[dg.AssetsDefinition] | None = None,
    jobs: Sequence[Any] | None = None,
    resources: dict[str, Any] | None = None,
) -> dg.Definitions:
    """Assemble the code location; each part can be replaced, for tests.

    Args:
        assets: instead of the landed tables and dbt's models.
        jobs: instead of the pipeline job.
        resources: laid over the default ones.
    """
    if assets is None:
        manifest = load_manifest()
        live = [live_assets(manifest, source) for source in live_sources()]
        assets = [v1_assets(manifest), *live, dbt_build_assets(manifest)]
    if jobs is None:
        jobs = [
            dg.define_asset_job(
                PIPELINE,
                selection=dg.AssetSelection.all(),
                description="Land what changed, build what follows, check it.",
            )
        ]
    defaults = {"warehouse": Warehouse(url=dg.EnvVar(WAREHOUSE_VARIABLE))}
    return dg.Definitions(
        assets=assets,
        jobs=jobs,
        resources={**defaults, **(resources or {})},
        # Every process would import Dagster and dbt anew, 6 s each: one process, parallel inside dlt and dbt.
        executor=dg.in_process_executor,
    )


defs = build_defs()
