"""Snapshots: what a property system says of a day is landed under that day, and stays when the next day comes.

A key begins with its day. What the system no longer says later on the same day is marked as deleted; days before are
never touched. Belongs here: that. Does not belong here: whose day it is and what is asked
(`connectors/<source>/source.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from connectors.rest import SourceError
from connectors.sync import Context, Done, Page, Row, Walk

_SHRINKS_BY = 0.2
_FEW_ROWS = 20


def key_of(day: str, *parts: Any) -> str:
    """The key of a row of a day.

    Raises:
        KeyError: a part of its natural key is missing.
    """
    if None in parts or "" in parts:
        raise KeyError("a part of the key is empty")
    return ":".join([day, *map(str, parts)])


def snapshot(
    context: Context,
    table: str,
    request: Mapping[str, Any],
    pages: Iterator[list[Row]],
    key: Callable[[Row, Mapping[str, Any]], str],
    *,
    may_be_empty: bool = False,
) -> Walk:
    """Walk what a system says of `request["snapshot_date"]`.

    Args:
        context: of the walk.
        table: where it lands.
        request: what rows do not say themselves, the day among it.
        pages: the rows.
        key: the key of a row.
        may_be_empty: there need not be any from one day to the next, as of units that are to let.

    Raises:
        SourceError: it says nothing where it said something before, or far less than earlier the same day.
    """
    day = str(request["snapshot_date"])
    seen: set[str] = set()
    for rows in pages:
        yield Page(rows, request)
        # A row without a key ends the walk by the engine's own error, where the page is spooled.
        seen.update(key(row, request) for row in rows)
    before = context.keys(table, f"{day}:")
    has_been_filled = before or (context.cursor and context.keys(table, f"{context.cursor}:"))
    if not seen and has_been_filled and not may_be_empty:
        raise SourceError(f"{table} came empty, which it was not before: what is landed is kept; run again later", 200)
    gone = before - seen
    if len(gone) > max(_FEW_ROWS, len(before) * _SHRINKS_BY):
        raise SourceError(
            f"{len(gone)} of {len(before)} rows of {table} of {day} are gone, which nobody believes: they are kept;"
            " if it is so, delete the account's rows of that day from the landed table and run again",
            200,
        )
    return Done(cursor=day, gone=sorted(gone))
