"""The made-up world as V1 documents: which table shows which part of it, chunk by chunk, faults included.

Belongs here: the list of V1's mapped tables, and how columns become documents. Does not belong here: which
key holds what (`connectors/v1/*_documents.py`) and how documents get into Postgres
(`connectors/v1/stand_in.py`).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from connectors.sandbox.chance import stream
from connectors.sandbox.world import World
from connectors.v1 import agent_documents, network_documents, team_documents, user_documents
from connectors.v1.quirks import MISSING, Column, Quirks

CHUNK = 5_000
"""Documents rendered at a time: each chunk has its own stream of chance, so this is part of the world."""

Document = dict[str, Any]
Render = Callable[[World, pd.DataFrame, Quirks], dict[str, Column]]


@dataclass(frozen=True)
class Table:
    """A V1 table: its Xano id and name, the frame of the world it shows, and how."""

    xano_id: int
    name: str
    frame: str
    render: Render


TABLES = (
    Table(41, "user", "users", user_documents.user),
    Table(358, "user_2fa", "second_factors", user_documents.user_2fa),
    Table(36, "agent", "agents", agent_documents.agent),
    Table(77, "sponsor_tree", "sponsor_tree", network_documents.sponsor_tree),
    Table(45, "team", "teams", team_documents.team),
    Table(97, "team_roster", "roster", team_documents.team_roster),
    Table(92, "directors", "directors", team_documents.directors),
    Table(88, "leaders", "leaders", team_documents.leaders),
    Table(94, "mentors", "mentors", team_documents.mentors),
    Table(98, "team_director_assignments", "director_assignments", team_documents.team_director_assignments),
    Table(99, "team_leader_assignments", "leader_assignments", team_documents.team_leader_assignments),
    Table(100, "team_mentor_assignments", "mentor_assignments", team_documents.team_mentor_assignments),
    Table(48, "network", "network", network_documents.network),
)


@dataclass(frozen=True)
class Fault:
    """A planted fault: in this table, the document with this id holds this value under this key."""

    table: str
    id: int
    path: str
    value: Any


@cache
def planted_faults() -> tuple[Fault, ...]:
    """Read `planted_faults.csv`, the one place that says what is wrong with V1 on purpose."""
    with Path(__file__).with_name("planted_faults.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(Fault(row["v1_table"], int(row["key"]), row["path"], json.loads(row["value"])) for row in rows)


def documents(world: World, table: Table, seed: int) -> Iterator[list[tuple[int, Document]]]:
    """Render a table as chunks of (id, document)."""
    frame: pd.DataFrame = getattr(world, table.frame)
    for start in range(0, len(frame), CHUNK):
        rows = frame.iloc[start : start + CHUNK]
        chance = stream(seed, f"v1 {table.name} {start // CHUNK}")
        columns = table.render(world, rows, Quirks(chance, len(rows)))
        chunk = list(zip(rows["id"].tolist(), _documents(columns), strict=True))
        _plant(table.name, dict(chunk))
        yield chunk


def _documents(columns: dict[str, Column]) -> list[Document]:
    keys = tuple(columns)
    rows = zip(*columns.values(), strict=True)
    return [{key: value for key, value in zip(keys, row, strict=True) if value is not MISSING} for row in rows]


def _plant(table: str, by_id: dict[int, Document]) -> None:
    for fault in planted_faults():
        if fault.table == table and fault.id in by_id:
            by_id[fault.id][fault.path] = fault.value
