"""Delinquent and Prepaid: accounts and their transaction codes, held to `Grand Totals:` to the cent.

Two shapes: the printed one (4260: an account row, then a row per code, `Subtotals:` where there are several) and the
flat one (4009: a row per account and code). Rows land as `account`, `code`, `subtotal` and `total`, flat ones as `code`
with what the account says; all carry the `account_no`. A star is `Under Eviction`, daggers are `NSF` and `120+ Days`.

Belongs here: its tables and its totals. Does not belong here: what is common to reports
(`connectors/realpage_reports/layout.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.realpage_reports.header import Header
from connectors.realpage_reports.printed import normal, text
from connectors.realpage_reports.tables import (
    DATES,
    NAME,
    NUMBER,
    PAIR,
    PRIVATE,
    Column,
    Hint,
    Reading,
    Table,
    find_table,
    split_marks,
)
from connectors.workbook import Cell, Cells, Line

_PREPAID, _DELINQUENT, _NET = "Total Prepaid", "Total Delinquent", "Net Balance"
_AMOUNTS = (_PREPAID, _DELINQUENT, "Current", "30 Days", "60 Days", "90+ Days")
_CODE_COLUMNS = (
    Column("Code Description"),
    Column(_PREPAID, NUMBER),
    Column(_DELINQUENT, NUMBER),
    Column(_NET, NUMBER),
    Column("Current", NUMBER),
    Column("30 Days", NUMBER),
    Column("60 Days", NUMBER),
    Column("90+ Days", NUMBER, ("90 Days", "90 + Days")),
    Column("Prorate Credits", NUMBER, ("Prorate Credit",), required=False),
)
_ACCOUNT_COLUMNS = (
    Column("Unit", also=("Bldg/Unit",)),
    Column("Name", NAME, ("Name / Phone / Email", "Name Phone Email", "Name/Phone"), required=False),
    Column("Status"),
    Column("Move-In/Out", DATES, ("Move-In / Move-Out", "Move-In/Move-Out")),
    Column("Deposits Held", NUMBER, ("Deposit Held",)),
    Column("Outstanding Deposit", NUMBER, ("Outstanding Deposits",)),
)
_LATE = Column("# Late/# NSF", PAIR, ("Late/NSF",))
_FLAT_COLUMNS = (
    Column("Resh ID"),
    Column("Lease ID"),
    Column("Phone", PRIVATE, required=False),
    Column("Email", PRIVATE, required=False),
    Column("D", required=False),
    Column("O", required=False),
    Column("#Late", NUMBER, ("# Late",), required=False),
    Column("#NSF", NUMBER, ("# NSF",), required=False),
    Column("Comment Date", PRIVATE, required=False),
    Column("Leasing Agent", NAME, required=False),
)
_CODE_HINT: Hint = {_PREPAID: -1, _DELINQUENT: -1, "Prorate Credits": 1}
_ACCOUNT_HINT: Hint = {"Deposits Held": 1}
_GRAND_HINT: Hint = {_PREPAID: -1, "Prorate Credits": 1, "Deposits Held": 1}
_HALF_CENT = 0.005
_NSF, _LONG_OVERDUE, _EVICTION = "†", "‡", "*"
_ACCOUNTS = re.compile(r"Detail\s*-\s*(\d[\d,]*)\s*Account", re.I)
_FOOTER = re.compile(r"\s*(resident count|net prepaid|net delinquent|summary by)\b", re.I)
_TOTALS = re.compile(r"\s*((sub|grand)\s*)?totals?\s*:?\s*$", re.I)


def rows(reading: Reading, lines: Sequence[Line], header: Header) -> list[tuple[int, dict[str, Any]]]:
    """Read a Delinquent and Prepaid report.

    Raises:
        ReportError: a label is missing, or the codes do not add up to the totals.
    """
    if any({"reshid", "leaseid"} <= {normal(cell) for cell in cells.values()} for _, cells in lines[:20]):
        return _flat_rows(reading, lines)
    table = find_table(reading, lines[:200], (*_ACCOUNT_COLUMNS[:4], *_CODE_COLUMNS, *_ACCOUNT_COLUMNS[4:], _LATE))
    if table is None:
        if any(_accounts_told(cells) == 0 for _, cells in lines):
            return []
        raise reading.error("no labels 'Unit', 'Code Description', 'Total Prepaid', 'Total Delinquent'")
    return _Printed(reading, table, header.furniture | table.furniture).rows(lines, table.last + 1)


class _Printed:
    """The printed shape, row by row."""

    def __init__(self, reading: Reading, table: Table, furniture: set[Cell]) -> None:
        self._reading, self._columns, self._furniture = reading, table.columns, furniture
        known = {column.name for column in (*_ACCOUNT_COLUMNS, *_CODE_COLUMNS, _LATE)}
        more = {column.name for column, _ in table.columns} - known
        codes = {column.name for column in _CODE_COLUMNS}
        self._accounts = table.form({column.name for column in (*_ACCOUNT_COLUMNS, _LATE)} | more, [_ACCOUNT_HINT])
        self._codes = table.form(codes | more, [_CODE_HINT])
        self._totals = table.form(codes - {"Code Description"} | {"Deposits Held"}, [_CODE_HINT, _GRAND_HINT])
        self._nearest: dict[int, str] = {}
        self._found: list[tuple[int, dict[str, Any]]] = []
        self._codes_found: list[dict[str, Any]] = []
        self._account: dict[str, Any] = {}
        self._first_code = 0
        self._is_open = self._page_began = False

    def rows(self, lines: Sequence[Line], start: int) -> list[tuple[int, dict[str, Any]]]:
        """Read from a row to `Grand Totals:`.

        Raises:
            ReportError: a row is none of the report's, or a total is not what its rows give.
        """
        told = next((n for _, cells in lines[:start] if (n := _accounts_told(cells)) is not None), None)
        for row, cells in lines[start:]:
            first = next(iter(cells.values()))
            if first in self._furniture:
                self._page_began = True
                continue
            cells, marks = split_marks(cells)
            if not cells:
                continue
            at = next(iter(cells))
            if first.__class__ is str and _FOOTER.match(str(first)):
                break
            kind = self._nearest.get(at) or self._nearest_to(at)
            if kind == "Code Description" and not _is_total(cells[at]):
                self._take_code(row, cells, marks)
            elif _is_total(cells[at]):
                if normal(cells[at]).startswith("grand"):
                    return self._finished(row, cells, told)
                self._take_subtotal(row, cells)
            elif kind == "Unit" and len(cells) > 1:
                self._take_account(row, cells, marks)
            else:
                self._take_rest(row, cells, kind)
        if self._found or told != 0:
            raise self._reading.error("no row 'Grand Totals:'")
        return []

    def _nearest_to(self, at: int) -> str:
        """The label that a row's first cell stands under, which tells its kind."""
        nearest = min(self._columns, key=lambda one: abs(one[1] - at))[0].name
        self._nearest[at] = nearest
        return nearest

    def _take_account(self, row: int, cells: Cells, marks: str) -> None:
        made = _account_of(self._accounts.read((row, cells)), marks)
        if "Status" not in made:
            raise self._reading.error("an account without 'Status'", row=row)
        if self._page_began and self._is_open and made == {name: self._account.get(name) for name in made}:
            return  # goes on from the page before
        self._account = {"kind": "account", "account_no": self._account.get("account_no", 0) + 1, **made}
        self._first_code = len(self._codes_found)
        self._is_open, self._page_began = True, False
        self._found.append((row, self._account))

    def _take_code(self, row: int, cells: Cells, marks: str) -> None:
        if not self._account:
            raise self._reading.error("a code before the first unit", row=row)
        made = self._codes.read((row, cells))
        _check_code(self._reading, row, made)
        made["kind"], made["account_no"], made["Unit"] = "code", self._account["account_no"], self._account["Unit"]
        if marks:
            made |= {"NSF": _NSF in marks, "120+ Days": _LONG_OVERDUE in marks}
        self._page_began = False
        if _NET in made:  # printed only for an account of one code, which is all of it
            self._is_open = False
        self._codes_found.append(made)
        self._found.append((row, made))

    def _take_subtotal(self, row: int, cells: Cells) -> None:
        made = self._totals.read((row, _without_first(cells)))
        own = self._codes_found[self._first_code :]
        _check_sums(self._reading, row, "Subtotals", made, own)
        account = {"account_no": self._account.get("account_no"), "Unit": self._account.get("Unit")}
        self._is_open = False
        self._found.append((row, {"kind": "subtotal", **account, **made}))

    def _take_rest(self, row: int, cells: Cells, kind: str) -> None:
        """Take a row that goes on with an account's text: a second date, or a name that is not kept."""
        if any(isinstance(cell, int | float) for cell in cells.values()):
            raise self._reading.error("amounts in a row without a unit or a code", row=row)
        if kind == "Move-In/Out" and self._account and "Move-Out" not in self._account:
            self._account.update(_moves(self._accounts.read((row, cells)).get("Move-In/Out", []), first="Move-Out"))

    def _finished(self, row: int, cells: Cells, told: int | None) -> list[tuple[int, dict[str, Any]]]:
        made = self._totals.read((row, _without_first(cells)))
        _check_sums(self._reading, row, "Grand Totals", made, self._codes_found)
        accounts = self._account.get("account_no", 0)
        if told is not None:
            self._reading.same("number of accounts", told, accounts, row=row)
        if made.get("Prorate Credits") == accounts:  # this column has the number of accounts here
            made["Accounts"] = made.pop("Prorate Credits")
        return [*self._found, (row, {"kind": "total", **made})] if self._found else []


def _flat_rows(reading: Reading, lines: Sequence[Line]) -> list[tuple[int, dict[str, Any]]]:
    """Read the flat shape: what an account says stands in each of its rows."""
    late = Column(_LATE.name, PAIR, _LATE.also, required=False)
    table = find_table(reading, lines[:20], (*_FLAT_COLUMNS, *_ACCOUNT_COLUMNS, *_CODE_COLUMNS, late), ordered=False)
    if table is None:
        raise reading.error("no labels 'Resh ID', 'Lease ID', 'Bldg/Unit'")
    form = table.form(reach=0)
    found: list[tuple[int, dict[str, Any]]] = []
    numbers: dict[tuple[Any, ...], int] = {}
    for row, cells in lines[table.last + 1 :]:
        if _is_total(next(iter(cells.values()))):
            made = form.read((row, _without_first(cells)))
            _check_sums(reading, row, "Totals", made, [payload for _, payload in found])
            continue
        cells, marks = split_marks(cells)
        made = _account_of(form.read((row, cells)), marks)
        if "Unit" not in made or "Code Description" not in made:
            raise reading.error("a row without 'Bldg/Unit' or 'Code Description'", row=row)
        _check_code(reading, row, made)
        account = numbers.setdefault((made.get("Resh ID"), made.get("Lease ID"), made["Unit"]), len(numbers) + 1)
        found.append((row, {"kind": "code", "account_no": account, **made}))
    return found


def _account_of(made: dict[str, Any], marks: str) -> dict[str, Any]:
    """What an account says, dates and counts apart and the unit without its marks."""
    unit = made.get("Unit", "")
    if unit:
        made["Unit"], made["Under Eviction"] = unit.strip("* "), _EVICTION in marks or _EVICTION in unit
    made.update(_moves(made.pop("Move-In/Out", [])))
    if _LATE.name in made:
        made["# Late"], made["# NSF"] = made.pop(_LATE.name)
    for flat, name in (("#Late", "# Late"), ("#NSF", "# NSF")):
        if flat in made:
            made[name] = made.pop(flat)
    return made


def _moves(dates: Sequence[str], first: str = "Move-In") -> dict[str, str]:
    names = ("Move-In", "Move-Out") if first == "Move-In" else (first,)
    return {name: said for name, said in zip(names, dates, strict=False) if said}


def _check_code(reading: Reading, row: int, made: Mapping[str, Any]) -> None:
    """Hold a code to itself: its aging is its amounts, prepaid below zero and delinquent above."""
    said = made.get
    aged = said("Current", 0) + said("30 Days", 0) + said("60 Days", 0) + said("90+ Days", 0)
    amount = said(_PREPAID, 0) + said(_DELINQUENT, 0)
    if abs(aged - amount) >= _HALF_CENT:
        raise reading.error(
            "its aging is not its prepaid and delinquent amount", "open it: a formula in it may have failed", row
        )


def _check_sums(
    reading: Reading, row: int, what: str, total: Mapping[str, Any], codes: Sequence[Mapping[str, Any]]
) -> None:
    """Hold printed totals to their codes."""
    sums = {name: sum([code.get(name, 0) for code in codes]) for name in _AMOUNTS}
    for name, summed in (*sums.items(), (_NET, sums[_PREPAID] + sums[_DELINQUENT])):
        if name not in total and codes and round(summed * 100):
            raise reading.error(f"{what} say nothing under {name!r}", row=row)
        reading.same(f"{what}, {name!r}", total.get(name, 0), summed, row=row)


def _accounts_told(cells: Cells) -> int | None:
    """The number in `Detail - n Account(s)`, None in any other row."""
    for cell in cells.values():
        if cell.__class__ is str and (found := _ACCOUNTS.match(text(cell))):
            return int(found[1].replace(",", ""))
    return None


def _is_total(cell: Cell) -> bool:
    return cell.__class__ is str and _TOTALS.match(str(cell)) is not None


def _without_first(cells: Cells) -> Cells:
    first = next(iter(cells))
    return {at: cell for at, cell in cells.items() if at != first}
