"""Every cell of V2's user, agent, team and network tables against the second opinion.

Belongs here: reading what is landed and what V2 holds, and comparing the two. Does not belong here: what a
column should hold (`oracle/`).
"""

import json
from collections.abc import Iterator
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import psycopg
import pytest
from oracle import Document, Landed, agent, network, team, user
from psycopg import sql
from psycopg.types.json import set_json_loads

TABLES = {**user.TABLES, **agent.TABLES, **team.TABLES, **network.TABLES}
MOST_SHOWN = 5


@pytest.fixture(scope="module")
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(warehouse, autocommit=True, options="-c timezone=UTC") as opened:
        # As floats, amounts and the JSON text of numbers would not be the landed ones.
        set_json_loads(partial(json.loads, parse_float=Decimal), opened)
        yield opened


@pytest.fixture(scope="module")
def landed(connection: psycopg.Connection) -> Landed:
    def read(table: str) -> list[Document]:
        query = sql.SQL("select key, payload from staging_v1.{}").format(sql.Identifier(table))
        return [Document(key, payload) for key, payload in connection.execute(query)]

    (as_of,) = connection.execute("select max(as_of) from v2.agent_performance").fetchone()
    return Landed(read, as_of)


def _in_v2(connection: psycopg.Connection, table: str) -> pd.DataFrame:
    cursor = connection.execute(sql.SQL("select * from v2.{}").format(sql.Identifier(table)))
    columns = [column.name for column in cursor.description]
    return pd.DataFrame(cursor.fetchall(), columns=columns, dtype=object)


def _same(expected: Any, found: Any) -> bool:
    """Compare two cells: 1, 1.0, true and '1' are four different things."""
    if isinstance(expected, dict | list):
        return _written(expected) == _written(found)
    return type(expected) is type(found) and expected == found


def _written(value: Any) -> str:
    """JSON of a value, in which, unlike in Python, true is not 1."""
    return json.dumps(value, sort_keys=True, default=lambda number: {"number": str(number)})


def _keys_that_differ(expected: pd.DataFrame, found: pd.DataFrame) -> str:
    """Say which ids only one side has, or has twice; '' if none."""
    kinds = {
        "missing in V2": set(expected["id"]) - set(found["id"]),
        "only in V2": set(found["id"]) - set(expected["id"]),
        "twice in V2": set(found["id"][found["id"].duplicated()]),
        "twice in the second opinion": set(expected["id"][expected["id"].duplicated()]),
    }
    return "\n".join(
        f"{len(keys)} {kind}, such as {sorted(keys, key=str)[:MOST_SHOWN]}" for kind, keys in kinds.items() if keys
    )


def _cells_that_differ(expected: pd.DataFrame, found: pd.DataFrame) -> str:
    """Say which columns differ in how many rows, and show the first rows; '' if none."""
    ids = sorted(expected["id"])
    left, right = (side.set_index("id").loc[ids] for side in (expected, found))
    differing: dict[str, int] = {}
    shown: dict[int, list[str]] = {}
    for column in left.columns:
        for key, ours, theirs in zip(ids, left[column], right[column], strict=True):
            if _same(ours, theirs):
                continue
            differing[column] = differing.get(column, 0) + 1
            if key in shown or len(shown) < MOST_SHOWN:
                shown.setdefault(key, []).append(f"{column} {theirs!r:.80} instead of {ours!r:.80}")
    lines = [f"id {key}: {'; '.join(cells)}" for key, cells in shown.items()]
    return "\n".join([f"rows that differ by column: {differing}", *lines]) if differing else ""


@pytest.mark.parametrize("table", TABLES)
def test_every_cell_is_what_the_documents_say(table: str, connection: psycopg.Connection, landed: Landed) -> None:
    found, expected = _in_v2(connection, table), TABLES[table](landed)
    assert set(found.columns) == set(expected.columns)
    message = _keys_that_differ(expected, found) or _cells_that_differ(expected, found)
    if message:
        pytest.fail(f"v2.{table}\n{message}", pytrace=False)


def test_there_is_something_to_compare(landed: Landed) -> None:
    """Empty tables are equal, too."""
    for table in ("user", "agent", "sponsor_tree", "team", "team_roster", "network"):
        assert landed.documents(table), f"staging_v1.{table} is empty"
