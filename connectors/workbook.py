"""Opening a workbook by what it is, never by what it is called: BIFF8 or xlsx through calamine, HTML through lxml.

Belongs here: bytes to rows of cells, and one clear error for bytes that hold none. Does not belong here: what the
cells mean (`connectors/realpage_reports/`).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import lxml.html
import python_calamine as calamine
from lxml import etree

from connectors.errors import HeadwaterError

Cell = str | float | int | bool | date | datetime | time | timedelta
Cells = dict[int, Cell]
"""The filled cells of a row by column, from 0 (A). A cell of blanks only is empty."""
Line = tuple[int, Cells]
"""A row that has cells, with its number as a spreadsheet shows it, from 1."""

MOST_BYTES = 100_000_000
_MOST_UNPACKED = 1_000_000_000
_OLE2, _ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK"
_BIFF8_START = b"\x09\x08\x10\x00\x00\x06\x05\x00"
_FILEPASS = b"\x2f\x00"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
_HTML = re.compile(
    rb"^\s*(<!--.*?-->\s*|<\?xml[^>]*>\s*)*<(!doctype\s+html|html|head|body|meta|title|table)\b", re.I | re.S
)
_MARKS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class WorkbookError(HeadwaterError):
    """A file is no workbook that can be read."""


@dataclass(frozen=True)
class Sheet:
    """A sheet of a workbook, read row by row.

    Attributes:
        name: as the workbook has it.
    """

    name: str
    _rows: Any
    _first_column: int = 0

    def lines(self) -> Iterator[Line]:
        """Yield the rows that have cells; blank ones say nothing in a report and are left out."""
        first = self._first_column
        for number, row in enumerate(self._rows(), 1):
            if not any(row) and row.count("") == len(row):
                continue  # most rows of a printed report; a row of zeros is none of them
            cells = {
                column: cell
                for column, cell in enumerate(row, first)
                if cell != "" and (cell.__class__ is not str or not cell.isspace())
            }
            if cells:
                yield number, cells


@dataclass(frozen=True)
class Workbook:
    """A workbook.

    Attributes:
        kind: xls, xlsx or html, by its bytes.
        sheets: those that hold cells, in order.
        title: of the page, for HTML.
    """

    kind: str
    sheets: tuple[Sheet, ...]
    title: str = ""


def open_workbook(content: bytes, file: str, *, most_bytes: int = MOST_BYTES) -> Workbook:
    """Open a workbook.

    Args:
        content: its bytes.
        file: its name, for messages.
        most_bytes: a bigger file is refused.

    Raises:
        WorkbookError: it is too big, empty, cut short, locked by a password, or no workbook at all.
    """
    if not content.strip(b"\0\t\r\n "):
        raise WorkbookError(f"{file} is empty: download it again")
    if len(content) > most_bytes:
        raise WorkbookError(f"{file} has {len(content):,} bytes, more than {most_bytes:,}: ask for fewer properties")
    if content.startswith(_OLE2):
        return _grid("xls", content, file)
    if content.startswith(_ZIP):
        _check_unpacked(content, file)
        return _grid("xlsx", content, file)
    text = _text(content)
    if _HTML.match(text):
        return _page(text, file)
    raise WorkbookError(f"{file} is neither an Excel workbook nor an HTML table: download it again as Excel")


def _grid(kind: str, content: bytes, file: str) -> Workbook:
    """A workbook that calamine reads."""
    if kind == "xls" and _is_locked(content):
        raise WorkbookError(f"{file} is locked by a password: save it without one")
    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        grids = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except calamine.PasswordError as error:
        raise WorkbookError(f"{file} is locked by a password: save it without one") from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise WorkbookError(f"{file} is cut short or damaged ({kind}): download it again") from error
    sheets = tuple(Sheet(grid.name, grid.iter_rows, grid.start[1]) for grid in grids if grid.start is not None)
    if not sheets:
        raise WorkbookError(f"{file} has no cell in any sheet: download it again")
    return Workbook(kind, sheets)


def _is_locked(content: bytes) -> bool:
    """Tell whether an OLE2 file is encrypted, as a whole or by a record after the beginning of its book."""
    if _ENCRYPTED_PACKAGE in content:
        return True
    start = content.find(_BIFF8_START)
    return start >= 0 and content[start + 20 : start + 22] == _FILEPASS


def _check_unpacked(content: bytes, file: str) -> None:
    """Refuse a zip that is damaged, or unpacks to more than anything real does."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(entry.file_size for entry in packed.infolist())
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise WorkbookError(f"{file} is cut short or damaged (xlsx): download it again") from error
    if unpacked > _MOST_UNPACKED:
        raise WorkbookError(f"{file} unpacks to {unpacked:,} bytes, more than {_MOST_UNPACKED:,}: no report is so big")


def _text(content: bytes) -> bytes:
    """A file's text in UTF-8 where a mark at its beginning says what it is in; else as it stands."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return content[len(mark) :].decode(encoding, "replace").encode()
    return content


def _page(text: bytes, file: str) -> Workbook:
    """The rows of a page's tables, one after the other."""
    encoding = "utf-8"
    try:
        text.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
    try:
        root = lxml.html.document_fromstring(text, parser=lxml.html.HTMLParser(encoding=encoding, huge_tree=True))
    except (etree.LxmlError, ValueError) as error:
        raise WorkbookError(f"{file} is a page that cannot be read: download it again") from error
    for line_break in root.iter("br"):
        line_break.tail = "\n" + (line_break.tail or "")
    title = " ".join((root.findtext(".//title") or "").split())
    rows = [_cells_of(row) for row in root.iter("tr")]
    if not any(rows):
        said = title or " ".join(root.text_content().split())[:80]
        raise WorkbookError(f"{file} is a web page ({said}) without a table, no report: download it again")
    if b"</html>" not in text[-2000:].lower() and b"<html" in text[:2000].lower():
        raise WorkbookError(f"{file} is a page cut short, its end is missing: download it again")
    return Workbook("html", (Sheet("html", lambda: rows),), title)


def _cells_of(row: Any) -> list[str]:
    """A table row's cells, each in its column. One that holds a table is layout: that table's rows follow."""
    cells: list[str] = []
    for cell in row:
        if cell.tag not in ("td", "th"):
            continue
        text = "" if cell.find(".//table") is not None else cell.text_content().replace("\xa0", " ").strip()
        span = cell.get("colspan", "1")
        cells += [text, *[""] * (min(int(span), 1000) - 1 if span.isdigit() else 0)]
    return cells
