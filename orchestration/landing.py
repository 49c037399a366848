"""Landed tables as Dagster assets: one step a source, one asset a table.

Belongs here: wrapping `connectors.<source>.source.land`. Does not belong here: anything about a source; which
tables it lands is read from the dbt sources, the one list of them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import psycopg

from connectors.landing import row_count
from connectors.v1.source import SOURCE, land
from orchestration import build_state
from orchestration.database import home
from orchestration.progress import progress

UNMAPPED = "unmapped_tables"


class Warehouse(dg.ConfigurableResource):
    """The warehouse's connection. Nothing connects before `connect` is called."""

    url: str

    def connect(self) -> psycopg.Connection:
        """Open a connection that commits every statement."""
        return psycopg.connect(self.url, autocommit=True)


class LandConfig(dg.Config):
    """How to land."""

    full: bool = False


def landed_specs(manifest: Mapping[str, Any], source: str) -> list[dg.AssetSpec]:
    """One spec a table of the dbt source, and one for the landed tables that no model reads."""
    schema = f"staging_{source}"
    nodes = [node for node in manifest["sources"].values() if node["schema"] == schema]
    specs = [
        dg.AssetSpec(
            [schema, node["name"]],
            group_name=node["config"]["meta"]["group"],
            description=node["description"],
            kinds={"dlt", "postgres"},
        )
        for node in nodes
    ]
    description = "Every table of the source that no model reads, landed all the same."
    unmapped = dg.AssetSpec(
        [schema, UNMAPPED], group_name="unmapped", description=description, kinds={"dlt", "postgres"}
    )
    return [*specs, unmapped]


def v1_assets(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """The step that lands V1."""
    specs = landed_specs(manifest, SOURCE)
    mapped = [spec.key.path[-1] for spec in specs if spec.key.path[-1] != UNMAPPED]

    @dg.multi_asset(name="land_v1", specs=specs, pool=SOURCE)
    def land_v1(config: LandConfig, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
        rows = land(warehouse.url, home(), full=config.full)
        progress(f"landed {sum(rows.values()):,} rows of {len(rows)} changed V1 tables")
        with warehouse.connect() as connection:
            loads = build_state.current(connection).loads
            totals = {name: row_count(connection, SOURCE, name) for name in mapped}
        for name in mapped:
            # An unchanged table keeps its version, so that nothing below it looks out of date.
            yield dg.MaterializeResult(
                [f"staging_{SOURCE}", name],
                metadata={"rows_landed": rows.get(name, 0), "dagster/row_count": totals[name]},
                data_version=dg.DataVersion(loads[f"staging_{SOURCE}.{name}"]),
            )
        others = {table: load for table, load in loads.items() if table.split(".")[1] not in mapped}
        yield dg.MaterializeResult(
            [f"staging_{SOURCE}", UNMAPPED],
            metadata={"tables": dg.MetadataValue.json(sorted(others))},
            data_version=dg.DataVersion(max(others.values(), default="")),
        )

    return land_v1
