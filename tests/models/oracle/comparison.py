"""What the warehouse holds, and how it is held against the second opinion.

Belongs here: reading the landed documents and finished tables, comparing two tables. Does not belong here: what a
table should hold (the domain modules), which tables are compared (`tests/models/test_oracle*.py`).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
import psycopg
from psycopg import sql
from psycopg.types.json import set_json_loads

from oracle import Document, Landed

MOST_SHOWN = 5


@contextmanager
def connected(warehouse: str) -> Iterator[psycopg.Connection]:
    """A connection that gives moments in UTC and the JSON text of numbers."""
    with psycopg.connect(warehouse, autocommit=True, options="-c timezone=UTC") as opened:
        # As floats, amounts and the JSON text of numbers would not be the landed ones.
        set_json_loads(partial(json.loads, parse_float=Decimal), opened)
        yield opened


def landed_in(connection: psycopg.Connection) -> Landed:
    """The documents of a warehouse, and the day its tables were computed for."""

    def read(table: str) -> list[Document]:
        query = sql.SQL("select key, payload from staging_v1.{}").format(sql.Identifier(table))
        return [Document(key, payload) for key, payload in connection.execute(query)]

    (as_of,) = connection.execute("select max(as_of) from v2.agent_performance").fetchone()
    return Landed(read, as_of)


def stored(connection: psycopg.Connection, schema: str, table: str) -> pd.DataFrame:
    """All rows of a table."""
    cursor = connection.execute(sql.SQL("select * from {}").format(sql.Identifier(schema, table)))
    columns = [column.name for column in cursor.description]
    return pd.DataFrame(cursor.fetchall(), columns=columns, dtype=object)


def same(expected: Any, found: Any) -> bool:
    """Compare two cells: 1, 1.0, true and '1' are four different things."""
    if isinstance(expected, dict | list):
        return _written(expected) == _written(found)
    return type(expected) is type(found) and expected == found


def same_number(expected: Any, found: Any) -> bool:
    """Compare two cells, of which a number may be whole or decimal: 2 and 2.000000 are the same."""
    if {type(expected), type(found)} == {int, Decimal}:
        return expected == found
    return same(expected, found)


def differences(
    expected: pd.DataFrame,
    found: pd.DataFrame,
    keys: Sequence[str] = ("id",),
    alike: Callable[[Any, Any], bool] = same,
) -> str:
    """Say what differs between the second opinion and the warehouse; '' if nothing."""
    if set(found.columns) != set(expected.columns):
        only = [sorted(set(one.columns) - set(other.columns)) for one, other in ((expected, found), (found, expected))]
        return f"columns only in the second opinion: {only[0]}, only in the warehouse: {only[1]}"
    left, right = _by_key(expected, keys), _by_key(found, keys)
    return _keys_that_differ(left, right) or _cells_that_differ(dict(left), dict(right), alike)


def _by_key(table: pd.DataFrame, keys: Sequence[str]) -> list[tuple[tuple, dict[str, Any]]]:
    rows = (dict(zip(table.columns, cells, strict=True)) for cells in table.itertuples(index=False, name=None))
    return [(tuple(one[name] for name in keys), one) for one in rows]


def _keys_that_differ(expected: list[tuple[tuple, Any]], found: list[tuple[tuple, Any]]) -> str:
    """Say which keys only one side has, or has twice; '' if none."""
    ours, theirs = (Counter(key for key, _ in side) for side in (expected, found))
    kinds = {
        "missing in the warehouse": set(ours) - set(theirs),
        "only in the warehouse": set(theirs) - set(ours),
        "twice in the warehouse": {key for key, count in theirs.items() if count > 1},
        "twice in the second opinion": {key for key, count in ours.items() if count > 1},
    }
    return "\n".join(
        f"{len(keys)} {kind}, such as {[_shown(key) for key in sorted(keys, key=str)[:MOST_SHOWN]]}"
        for kind, keys in kinds.items()
        if keys
    )


def _cells_that_differ(
    expected: dict[tuple, dict[str, Any]], found: dict[tuple, dict[str, Any]], alike: Callable[[Any, Any], bool]
) -> str:
    """Say which columns differ in how many rows, and show the first rows; '' if none."""
    differing: Counter[str] = Counter()
    shown: list[str] = []
    for key in sorted(expected, key=str):
        ours, theirs = expected[key], found[key]
        columns = [column for column in ours if not alike(ours[column], theirs[column])]
        differing.update(columns)
        if columns and len(shown) < MOST_SHOWN:
            cells = (f"{column} {theirs[column]!r:.80} instead of {ours[column]!r:.80}" for column in columns)
            shown.append(f"{_shown(key)}: {'; '.join(cells)}")
    return "\n".join([f"rows that differ by column: {dict(differing)}", *shown]) if differing else ""


def _shown(key: tuple) -> str:
    return ", ".join(str(part) for part in key)


def _written(value: Any) -> str:
    """JSON of a value, in which, unlike in Python, true is not 1."""
    return json.dumps(value, sort_keys=True, default=lambda number: {"number": str(number)})
