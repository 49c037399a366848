"""How dbt's nodes look in Dagster: keys, groups, kinds.

Belongs here: names and grouping. Does not belong here: what a step does (`dbt_build.py`, `landing.py`).
"""

from collections.abc import Mapping
from typing import Any

from dagster import AssetCheckSpec, AssetKey
from dagster_dbt import DagsterDbtTranslator

JsonMap = Mapping[str, Any]


class HeadwaterDbtTranslator(DagsterDbtTranslator):
    """Asset key = [schema, table], for models, seeds and landed tables alike; group = domain."""

    def get_asset_key(self, dbt_resource_props: JsonMap) -> AssetKey:
        """[schema, table] as they stand in the warehouse."""
        return AssetKey([dbt_resource_props["schema"], dbt_resource_props.get("alias") or dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: JsonMap) -> str:
        """The dbt group, a source table's `meta.group`, else reference data."""
        config = dbt_resource_props.get("config", {})
        return str(config.get("group") or config.get("meta", {}).get("group") or "reference")

    def get_asset_check_spec(
        self, asset_spec: Any, manifest: JsonMap, unique_id: str, project: Any
    ) -> AssetCheckSpec | None:
        """A failed check turns red and the run goes on: the reconciliation has to see all of them."""
        spec = super().get_asset_check_spec(asset_spec, manifest, unique_id, project)
        return spec._replace(blocking=False) if spec else None
