"""Landed tables as Dagster assets: one step a source, one asset a table.

Belongs here: wrapping `connectors.v1.source.land` and `connectors.sync.land`. Does not belong here: anything about
a source; which tables it lands is read from the dbt sources, the one list of them.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import psycopg

from connectors import sync
from connectors.landing import row_count
from connectors.landing_live import SYNC_STATE
from connectors.sync import Source
from connectors.v1.source import SOURCE, land
from orchestration import build_state
from orchestration.accounts import accounts_of, declaring_table
from orchestration.database import home
from orchestration.progress import progress

UNMAPPED = "unmapped_tables"
ACCOUNTS_READ = "accounts_read"
"""The check of a live source: every account could be read."""


class Warehouse(dg.ConfigurableResource):
    """The warehouse's connection. Nothing connects before `connect` is called."""

    url: str

    def connect(self) -> psycopg.Connection:
        """Open a connection that commits every statement."""
        return psycopg.connect(self.url, autocommit=True)


class LandConfig(dg.Config):
    """How to land."""

    full: bool = False


def landed_specs(manifest: Mapping[str, Any], source: str, deps: list[dg.AssetKey] | None = None) -> list[dg.AssetSpec]:
    """One spec a table of the dbt source."""
    schema = f"staging_{source}"
    nodes = [node for node in manifest["sources"].values() if node["schema"] == schema]
    return [
        dg.AssetSpec(
            [schema, node["name"]],
            deps=deps,
            group_name=node["config"]["meta"]["group"],
            description=node["description"],
            kinds={"dlt", "postgres"},
        )
        for node in nodes
    ]


def v1_assets(manifest: Mapping[str, Any]) -> dg.AssetsDefinition:
    """The step that lands V1: the tables that models read, and one asset for all the others."""
    specs = landed_specs(manifest, SOURCE)
    mapped = [spec.key.path[-1] for spec in specs]
    description = "Every table of the source that no model reads, landed all the same."
    unmapped = dg.AssetSpec(
        [f"staging_{SOURCE}", UNMAPPED], group_name="unmapped", description=description, kinds={"dlt", "postgres"}
    )

    @dg.multi_asset(name="land_v1", specs=[*specs, unmapped], pool=SOURCE)
    def land_v1(config: LandConfig, warehouse: Warehouse) -> Iterator[dg.MaterializeResult]:
        rows = land(warehouse.url, home(), full=config.full)
        progress(f"landed {sum(rows.values()):,} rows of {len(rows)} changed V1 tables")
        with warehouse.connect() as connection:
            loads = build_state.loads(connection)
            totals = {name: row_count(connection, SOURCE, name) for name in mapped}
        schema = f"staging_{SOURCE}"
        for name in mapped:
            # An unchanged table keeps its version, so that nothing below it looks out of date.
            yield _landed(schema, name, rows.get(name, 0), totals[name], loads[f"{schema}.{name}"])
        own = {table.split(".")[1]: load for table, load in loads.items() if table.startswith(f"{schema}.")}
        others = {f"{schema}.{table}": load for table, load in own.items() if table not in mapped}
        yield dg.MaterializeResult(
            [schema, UNMAPPED],
            metadata={"tables": dg.MetadataValue.json(sorted(others))},
            data_version=dg.DataVersion(max(others.values(), default="")),
        )

    return land_v1


def live_assets(manifest: Mapping[str, Any], source: Source) -> dg.AssetsDefinition:
    """The step that syncs a live source. A failed account is told and fails the check, not the step."""
    schema = f"staging_{source.schema}"
    naming = declaring_table(source, manifest)
    specs = landed_specs(manifest, source.schema, [dg.AssetKey([f"staging_{SOURCE}", naming])] if naming else None)
    check = dg.AssetCheckSpec(
        ACCOUNTS_READ, asset=[schema, SYNC_STATE], description="Every account of the source could be read."
    )

    @dg.multi_asset(name=f"land_{source.name}", specs=specs, check_specs=[check], pool=source.name)
    def land_live(config: LandConfig, warehouse: Warehouse) -> Iterator[dg.MaterializeResult | dg.AssetCheckResult]:
        with warehouse.connect() as connection:
            accounts = accounts_of(source, manifest, connection)
        outcome = sync.land(source, warehouse.url, home(), accounts or [], full=config.full)
        _tell(source, accounts, outcome)
        with warehouse.connect() as connection:
            loads = build_state.loads(connection)
            for spec in specs:
                name = spec.key.path[-1]
                total = row_count(connection, source.schema, name) if name in source.tables else None
                yield _landed(schema, name, outcome.rows.get(name, 0), total, loads.get(f"{schema}.{name}", ""))
        yield dg.AssetCheckResult(
            asset_key=[schema, SYNC_STATE],
            check_name=ACCOUNTS_READ,
            passed=not outcome.failures,
            severity=dg.AssetCheckSeverity.WARN,
            metadata={"accounts": len(accounts or []), "failures": dg.MetadataValue.json(outcome.failures)},
        )

    return land_live


def _landed(schema: str, table: str, landed: int, total: int | None, load: str) -> dg.MaterializeResult:
    metadata: dict[str, Any] = {"rows_landed": landed} | ({} if total is None else {"dagster/row_count": total})
    return dg.MaterializeResult([schema, table], metadata=metadata, data_version=dg.DataVersion(load))


def _tell(source: Source, accounts: list[sync.Account] | None, outcome: sync.Outcome) -> None:
    if not accounts:
        progress(f"{source.name}: not configured")
        return
    changed = sum(outcome.rows.values())
    progress(f"{source.name}: {changed:,} rows new, changed or gone, of {len(accounts)} accounts")
    for failure in outcome.failures:
        progress(f"FAILED {failure}")
