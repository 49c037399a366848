"""Opening workbooks by their bytes: what is read, and the one error for what cannot be."""

from __future__ import annotations

import io
import zipfile

import pytest
from workbooks import Grid, box_score, locked, locked_whole

from connectors import workbook
from connectors.workbook import WorkbookError, open_workbook

_GRID = Grid().put(2, {1: "Unit", 4: 12.5}).put(4, {0: 0.0, 3: "  \xa0"}).put(5, {2: "\n"})
_LINES = [(3, {1: "Unit", 4: 12.5}), (5, {0: 0})]


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
def test_rows_keep_their_numbers_and_columns_and_blanks_are_none(kind: str) -> None:
    book = open_workbook(getattr(_GRID, kind)(), "a.pdf")
    assert (book.kind, [sheet.name for sheet in book.sheets]) == (kind, ["Sheet1"])
    assert list(book.sheets[0].lines()) == _LINES


def test_columns_are_the_sheets_own_where_the_first_ones_are_empty() -> None:
    assert list(open_workbook(Grid().put(3, {7: "x"}).xls(), "a.xls").sheets[0].lines()) == [(4, {7: "x"})]


def test_html_under_any_name_is_read_with_its_spans_and_nested_tables() -> None:
    page = (
        b"<!-- x --><HTML><head><title>Activity \n report</title></head><body><table><tr><td><table>"
        b"<tr><td colspan=2>A<br>B</td><td>C &amp; D</td></tr></table></td></tr><tr><td>&nbsp;</td><td>\xe9</td></tr>"
        b"</table></body></html>"
    )
    book = open_workbook(page, "activity.xlsx")
    assert (book.kind, book.title) == ("html", "Activity report")
    assert list(book.sheets[0].lines()) == [(2, {0: "A\nB", 2: "C & D"}), (3, {1: "é"})]


def test_html_in_utf_16_is_read() -> None:
    page = "﻿<html><body><table><tr><td>Señor</td></tr></table></body></html>".encode("utf-16-le")
    assert list(open_workbook(page, "a.xls").sheets[0].lines()) == [(1, {0: "Señor"})]


def test_empty_sheets_are_left_out() -> None:
    book = open_workbook(Grid().put(0, {0: "x"}).xlsx("Data", {"Nothing": Grid()}), "a.xlsx")
    assert [sheet.name for sheet in book.sheets] == ["Data"]


def _broken(content: bytes) -> bytes:
    """A whole zip whose sheet is no XML to its end."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as whole, zipfile.ZipFile(packed, "w") as file:
        for name in whole.namelist():
            data = whole.read(name)
            file.writestr(name, data[: len(data) // 2] if "sheet1" in name else data)
    return packed.getvalue()


_XLS, _XLSX = box_score().xls(), box_score().xlsx()
_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>Bad Gateway</h1></body></html>"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\0", "is empty"),
        (b"Unit,Status\n1,2\n", "neither an Excel workbook nor an HTML table"),
        (b"%PDF-1.7 x", "neither an Excel workbook nor an HTML table"),
        (b'{"message": "Unauthorized"}', "neither an Excel workbook nor an HTML table"),
        (_XLS[: len(_XLS) // 2], "cut short or damaged"),
        (_XLS[:600], "cut short or damaged"),
        (_XLSX[: len(_XLSX) // 2], "cut short or damaged"),
        (_broken(_XLSX), "cut short or damaged"),
        (_PAGE, "is a web page (502 Bad Gateway)"),
        (b"<html><body><table><tr><td>x</td></tr>" + b" " * 10, "cut short"),
        (locked(_XLS), "locked by a password"),
        (locked_whole(_XLS), "locked by a password"),
        (Grid().xlsx(), "no cell in any sheet"),
    ],
)
def test_what_is_no_workbook_is_one_clear_error(content: bytes, said: str) -> None:
    with pytest.raises(WorkbookError, match=r"^report\.xls ") as error:
        open_workbook(content, "report.xls")
    assert said in str(error.value)
    assert ": " in str(error.value)  # what to do


def test_a_file_that_is_too_big_is_refused_before_it_is_opened() -> None:
    with pytest.raises(WorkbookError, match="more than 1,000"):
        open_workbook(_XLS, "a.xls", most_bytes=1000)


def test_a_zip_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b"0" * 1_000_000)
    monkeypatch.setattr(workbook, "_MOST_UNPACKED", 100_000)
    with pytest.raises(WorkbookError, match="unpacks to"):
        open_workbook(packed.getvalue(), "a.xlsx")
