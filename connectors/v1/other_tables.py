"""The rest of a real V1: lookup tables, leftovers, and the list of tables. Nothing maps most of it.

Belongs here: small V1 tables that no made-up truth stands behind, written out. Does not belong here: V1's
mapped tables (`connectors/v1/documents.py`).

`mvp_tables` lists ids and names the way Xano's metadata API does. That V1's own Postgres has such a table,
and under this name, is ASSUMED; a real instance may need it made from the API's answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from connectors.sandbox.chance import uuids
from connectors.sandbox.names import STATES
from connectors.v1.documents import TABLES
from connectors.v1.leftover_tables import leftover_tables

_MADE = 1_650_000_000_000
_WORKSPACE, _V2_WORKSPACE = 1, 5

XDO = "xdo jsonb not null"


@dataclass(frozen=True)
class OtherTable:
    """A small table: its Xano id, its name (None: the list of tables lacks it), columns and rows."""

    xano_id: int
    name: str | None
    columns: str
    rows: list[tuple[Any, ...]]


def _documents(*documents: dict[str, Any]) -> list[tuple[Any, ...]]:
    return list(enumerate(documents, start=1))


OTHER_TABLES = (
    OtherTable(
        112,
        "state_province",
        # Standard SQL format: made, or converted, after Xano's release 1.68
        "id bigint primary key, created_at bigint, name text, abbreviation text, country text",
        [
            (number, _MADE + number, name, abbreviation, "United States" if number <= 51 else "Canada")
            for number, (abbreviation, name) in enumerate(STATES, start=1)
        ],
    ),
    OtherTable(
        401,
        "⚡ queue - old",
        f"id bigint primary key, {XDO}",
        _documents(*({"created_at": _MADE + n, "task": "sync", "done": "true", "try": n % 3} for n in range(40))),
    ),
    OtherTable(
        402,
        "webhook log (uuid)",
        f"id uuid primary key, {XDO}",
        [(key, {"created_at": _MADE, "body": {"event": "ping"}}) for key in uuids("webhook log", range(1, 26))],
    ),
    OtherTable(
        403,
        "zz deprecated - agent import 2022",
        f"id bigint primary key, {XDO}",
        _documents({"created_at": _MADE, "csv": "name\tphone\nPat\t555-0142"}, {"created_at": _MADE + 1, "csv": ""}),
    ),
    OtherTable(404, "🚩 feature flags", f"id bigint primary key, {XDO}", _documents({"key": "beta", "on": True})),
    OtherTable(405, None, f"id bigint primary key, {XDO}", _documents({"created_at": _MADE, "note": "test"}, {})),
    OtherTable(406, None, f"id bigint primary key, {XDO}", []),
    *(
        OtherTable(xano_id, name, f"id bigint primary key, {XDO}", _documents(*rows))
        for xano_id, name, rows in leftover_tables()
    ),
)


def listed_tables() -> list[tuple[int, int, str, str, str, bool, str, str]]:
    """Return the rows of `mvp_tables`; two belong to V2's workspace and repeat names of V1."""
    names = {table.xano_id: table.name for table in TABLES}
    names |= {table.xano_id: table.name for table in OTHER_TABLES if table.name}
    listed = [(_WORKSPACE, xano_id, name) for xano_id, name in sorted(names.items())]
    listed += [(_V2_WORKSPACE, 664, "user"), (_V2_WORKSPACE, 670, "agent")]
    made, changed = "2022-03-24 20:20:26+0000", "2026-01-05 10:00:00+0000"
    return [
        (xano_id, workspace, name, "", uuids("table", [xano_id])[0], name == "user", made, changed)
        for workspace, xano_id, name in listed
    ]
