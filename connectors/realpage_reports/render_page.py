"""Workbooks as Crystal Reports exports them: one sheet of printed pages, merged cells, headers again on each page.

Belongs here: what all of these reports share: the header block, pages, merges, how days and amounts are written. Does
not belong here: what any one report says (`render_<report>.py`). Nothing here is shared with the parser: the sandbox
is to show what RealPage sends, not what we read.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd
import xlwt

Cells = Mapping[int, Any]
"""A printed row: what stands in which column."""

_WIDEST = 6


@dataclass(frozen=True)
class Line:
    """A printed row.

    Attributes:
        cells: what stands where.
        labels: the rows of labels that are printed anew where this line comes first on a page.
        widths: how many columns a cell is merged over, by its column; without one, as far as the next cell or six.
        tall: columns whose cell is merged with the one below it.
    """

    cells: Cells = field(default_factory=dict)
    labels: tuple[Cells, ...] = ()
    widths: Mapping[int, int] = field(default_factory=dict)
    tall: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Head:
    """What every page begins with.

    Attributes:
        first: rows of the first page, before its lines; `{page}` and `{pages}` are filled in.
        again: rows of every further page.
        per_page: lines on a page.
    """

    first: Sequence[Cells]
    again: Sequence[Cells]
    per_page: int = 48


def workbook(head: Head, lines: Sequence[Line]) -> bytes:
    """Print the lines into a BIFF8 workbook."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    pages = max(1, -(-len(lines) // head.per_page))
    for row, line in enumerate(_paged(head, lines, pages)):
        _write(sheet, row, line)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _paged(head: Head, lines: Sequence[Line], pages: int) -> Iterator[Line]:
    for number in range(pages):
        for cells in head.again if number else head.first:
            yield Line({column: _filled(value, number + 1, pages) for column, value in cells.items()})
        on_page = lines[number * head.per_page : (number + 1) * head.per_page]
        if number and on_page:
            for cells in on_page[0].labels:
                yield Line(cells)
        yield from on_page


def _filled(value: Any, page: int, pages: int) -> Any:
    return value.format(page=page, pages=pages) if isinstance(value, str) and "{page}" in value else value


def _write(sheet: Any, row: int, line: Line) -> None:
    columns = sorted(line.cells)
    for place, column in enumerate(columns):
        value = line.cells[column]
        if value is None:
            continue
        room = columns[place + 1] - column if place + 1 < len(columns) else _WIDEST
        width = line.widths.get(column, min(room, _WIDEST))
        below = 1 if column in line.tall else 0
        if width > 1 or below:
            sheet.write_merge(row, row + below, column, column + width - 1, value)
        else:
            sheet.write(row, column, value)


def day(moment: Any) -> str | None:
    """A day as reports print it; None for none."""
    return None if moment is None or pd.isna(moment) else pd.Timestamp(moment).strftime("%m/%d/%Y")


def dollars(cents: Any) -> float:
    """An amount."""
    return round(int(cents)) / 100


def printed_at(as_of: date) -> str:
    """When a report says it was made."""
    return f"{as_of:%m/%d/%Y}  6:04:12AM"


def parameters(told: Mapping[str, Any]) -> str:
    """The cell of parameters."""
    return "Parameters: " + " ".join(f"{name}: {value};" for name, value in told.items())
