"""Whom a live source is read for: the accounts of the configuration, or those the business's own records name.

Belongs here: finding them. A V2 table that names accounts is read through its own declaration, from the landed V1
documents: so a first run needs no build, and a key that changed in V1 counts in the very run that lands it. Does not
belong here: what is done with an account (`connectors/sync.py`).
"""

from collections.abc import Iterable, Mapping
from typing import Any

import psycopg
from psycopg import sql

from connectors.sync import Account, Declared, Source

_NO = {"false", "0", "no"}


def accounts_of(source: Source, manifest: Mapping[str, Any], connection: psycopg.Connection) -> list[Account] | None:
    """The accounts to sync; None where neither the configuration nor a record names one.

    Args:
        source: whose.
        manifest: dbt's, with the declarations.
        connection: to the warehouse.
    """
    configured = source.configured()
    if configured is not None or source.declared is None:
        return configured
    return _declared(source.declared, manifest, connection) or None


def declaring_table(source: Source, manifest: Mapping[str, Any]) -> str | None:
    """The landed V1 table whose documents name the source's accounts."""
    return str(_node(source.declared, manifest)["config"]["meta"]["v1"]["table"]) if source.declared else None


def _node(declared: Declared, manifest: Mapping[str, Any]) -> Mapping[str, Any]:
    nodes: Iterable[Mapping[str, Any]] = manifest["nodes"].values()
    return next(node for node in nodes if node["schema"] == "v2" and node["name"] == declared.table)


def _declared(declared: Declared, manifest: Mapping[str, Any], connection: psycopg.Connection) -> list[Account]:
    node = _node(declared, manifest)
    table = node["config"]["meta"]["v1"]["table"]
    if connection.execute("select to_regclass(%s)", [f'staging_v1."{table}"']).fetchone() == (None,):
        return []
    columns = (declared.account, *declared.secrets, *([declared.active] if declared.active else []))
    query = sql.SQL("select {} from {} where deleted_at is null order by length(key), key").format(
        sql.SQL(", ").join(_value(node, column) for column in columns), sql.Identifier("staging_v1", table)
    )
    accounts = []
    for name, *values in connection.execute(query):
        secrets = dict(zip(declared.secrets, values, strict=False))
        is_active = not declared.active or str(values[-1]).strip().lower() not in _NO
        if name and is_active and all(secrets.values()):
            accounts.append(Account(str(name), secrets))
    return accounts


def _value(node: Mapping[str, Any], column: str) -> sql.Composable:
    """SQL of a column's value in a landed document: the first of its declared paths that says something."""
    declared = node["columns"][column]
    meta = declared.get("config", {}).get("meta") or declared["meta"]
    paths = [meta["path"]] if isinstance(meta["path"], str) else meta["path"]
    texts = [
        sql.SQL("key") if path == "id" else sql.SQL("nullif(btrim(payload #>> {}), '')").format(path.split("."))
        for path in paths
    ]
    return sql.SQL("coalesce({})").format(sql.SQL(", ").join(texts))
