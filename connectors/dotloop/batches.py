"""Lists in batches, read so that rows which move meanwhile are not missed.

Belongs here: dotloop's paging by `batch_number` and `batch_size`. Does not belong here: which lists are read.

A batch is a window on a list that others shorten and lengthen. When a row before the window goes, every later one
moves up, and a walk from batch to batch would step over one. So each window here begins within the one before, and
must show a row that was seen: then nothing lies between the two. If it shows none, the walk steps back until it does.
What existed throughout is seen, whatever comes, goes or moves to the end; rows in the overlaps are seen twice.

Batches of one size never overlap; of different sizes they do: of 49 the second begins with row 50.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

Row = dict[str, Any]
Fetch = Callable[[int, int], tuple[list[Row], int]]

SIZE = 50
"""Rows asked for at most: more than this not every reading of the API allows."""


def batches(fetch: Fetch, size: int = SIZE) -> Iterator[list[Row]]:
    """Yield the rows of a list in batches, some of them twice.

    Args:
        fetch: given number and size of a batch, returns its rows, and of how many rows the API says the list is.
        size: of a batch at most.
    """
    seen: set[tuple[Any, Any]] = set()
    position = 0
    while True:
        asked, number = _window(position, size)
        rows, total = fetch(number, asked)
        start = asked * (number - 1)
        marks = {_mark(row) for row in rows}
        if 0 < start < position and marks.isdisjoint(seen):
            position = max(start - asked, 0)
            continue
        news = marks - seen
        seen |= marks
        yield rows
        position = start + len(rows)
        if len(rows) < asked:
            if position >= total or not news:
                return
            size = len(rows)  # there is more: the API gives no more than so many at a time


def _window(position: int, size: int) -> tuple[int, int]:
    """Return size and number of the batch that reaches furthest of those that begin before a position."""
    if position == 0:
        return size, 1
    reach, asked = max(((position - 1) // one * one + one, one) for one in range(1, size + 1))
    # Only with tiny batches none reaches beyond: the next one is taken, without an overlap.
    return (asked, reach // asked) if reach > position else (size, position // size + 1)


def _mark(row: Row) -> tuple[Any, Any]:
    """What tells a row that stands where it stood: one that changed may have moved to the end."""
    return row.get("id"), row.get("updated")
