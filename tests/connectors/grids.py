"""A sheet as a test lays it out, what may be done to it, and files that are no workbook.

Belongs here: cells. Does not belong here: reports (`workbooks.py`, `workbooks_of_periods.py`).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import openpyxl
import xlwt

ERROR = object()
"""A formula that failed."""


@dataclass
class Grid:
    """A sheet that is being laid out: cells by row and column, from 0."""

    cells: dict[tuple[int, int], Any] = field(default_factory=dict)
    merges: list[tuple[int, int, int, int]] = field(default_factory=list)

    def put(self, row: int, cells: Mapping[int, Any]) -> Grid:
        self.cells |= {(row, column): value for column, value in cells.items()}
        return self

    def moved(self, rows: int = 0, columns: int = 0, *, from_row: int = 0, from_column: int = 0) -> Grid:
        """Everything from a row and a column on, moved: rows or columns inserted before it."""
        at = {
            (row + rows * (row >= from_row), column + columns * (column >= from_column)): value
            for (row, column), value in self.cells.items()
        }
        return Grid(at)

    def replaced(self, old: Any, new: Any) -> Grid:
        """Cells of one value with another; fails where there is none, so that no test changes nothing."""
        changed = {at: new if type(value) is type(old) and value == old else value for at, value in self.cells.items()}
        assert changed != self.cells
        return Grid({at: value for at, value in changed.items() if value is not None})

    def changed(self, change: Callable[[Any], Any]) -> Grid:
        return Grid({at: change(value) for at, value in self.cells.items()})

    def row_of(self, said: str, nth: int = 0) -> int:
        """The row in which a text stands."""
        return sorted(row for (row, _), value in self.cells.items() if isinstance(value, str) and said in value)[nth]

    def without_row(self, row: int) -> Grid:
        return Grid({at: value for at, value in self.cells.items() if at[0] != row})

    def broken(self, row: int, head: int) -> Grid:
        """A page that ends before a row: the first rows of the sheet stand there again."""
        again = {(row + at[0], at[1]): value for at, value in self.cells.items() if at[0] < head}
        return Grid({**self.moved(head, from_row=row).cells, **again})

    def xls(self, name: str = "Sheet1", more: Mapping[str, Grid] | None = None) -> bytes:
        book = xlwt.Workbook()
        for title, grid in {name: self, **(more or {})}.items():
            sheet = book.add_sheet(title, cell_overwrite_ok=True)
            merged = {(row, column) for row, _, column, _ in grid.merges}
            for (row, column), value in grid.cells.items():
                if value is ERROR:
                    sheet.row(row).set_cell_error(column, "#DIV/0!")
                elif (row, column) not in merged:
                    sheet.write(row, column, value)
            for top, bottom, left, right in grid.merges:
                sheet.write_merge(top, bottom, left, right, grid.cells[top, left])
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    def xlsx(self, name: str = "Sheet1", more: Mapping[str, Grid] | None = None) -> bytes:
        book = openpyxl.Workbook()
        book.remove(book.active)  # type: ignore[arg-type]
        for title, grid in {name: self, **(more or {})}.items():
            sheet = book.create_sheet(title)
            for (row, column), value in grid.cells.items():
                cell = sheet.cell(row + 1, column + 1)
                if value is ERROR:
                    cell.value, cell.data_type = "#DIV/0!", "e"
                else:
                    cell.value = value
        file = io.BytesIO()
        book.save(file)
        return file.getvalue()

    def html(self, title: str = "Activity", end: str = "</table></body></html>") -> bytes:
        last = max(row for row, _ in self.cells)
        lines = [f"<html><head><title>{title}</title></head><body><table>"]
        for row in range(last + 1):
            own = {column: value for (at, column), value in self.cells.items() if at == row}
            width = max(own, default=-1) + 1
            lines.append("<tr>" + "".join(f"<td>{own.get(column, '&nbsp;')}</td>" for column in range(width)) + "</tr>")
        return ("\n".join(lines) + end).encode()


def block(title: str, code: str = "mgt-542-001", named: str = "Juniper Square Management - Parkside") -> Grid:
    """The block at the head of each page."""
    grid = Grid()
    grid.put(1, {0: "OneSite Rents v3.0", 14: named, 60: "Page 1 of 3"})
    grid.put(2, {0: "10/31/2025  6:15:02AM", 14: title, 60: code})
    grid.put(3, {14: "As of 10/30/2025"})
    return grid.put(5, {1: "Parameters: SubProperty: ALL; MarketRentType: Market + Addl.;"})


def error_workbook(title: str = "BOXSCORE") -> Grid:
    """What comes for an end date later than the property date."""
    grid = Grid().put(0, {1: "OneSite Rents v3.0", 3: "Juniper Square Management - Parkside", 7: "Page 1 of 1"})
    grid.put(1, {1: "10/31/2025  6:15:02AM", 3: title, 7: "mgt-542-001"}).put(2, {3: "As of 10/30/2025"})
    return grid.put(9, {0: "Invalid end date entered - end date must be less than or equal to the property date"})


def locked_whole(content: bytes) -> bytes:
    """An OLE2 file whose stream is an encrypted package, as a locked xlsx is."""
    at = content.find("Workbook".encode("utf-16-le"))
    name = "EncryptedPackage".encode("utf-16-le") + b"\0\0"
    return content[:at] + name + content[at + len(name) : at + 64] + struct.pack("<H", len(name)) + content[at + 66 :]


def locked(content: bytes) -> bytes:
    """A BIFF8 book with the record of a password after its beginning."""
    at = content.find(b"\x09\x08\x10\x00\x00\x06\x05\x00") + 20
    filepass = struct.pack("<HHHHH", 0x2F, 54, 1, 1, 1) + b"\1" * 48
    return content[:at] + filepass + content[at + len(filepass) :]
