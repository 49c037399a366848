"""The Lease Expiration Detail (3838): leases by the month in which they end, held to the totals of each month.

A lease stands in one of three shapes: without an amount of its last rent change, with one (which moves every amount
after it), and with Do Not Renew set, when everything from that mark on stands on the next row. Rows land as
`lease` with the section they stand in, `section_total` and `total`.

Belongs here: its table and its totals. Does not belong here: what is common to reports
(`connectors/realpage_reports/layout.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from connectors.realpage_reports.header import Header
from connectors.realpage_reports.printed import cents, text
from connectors.realpage_reports.tables import DATE, NAME, NUMBER, PAIR, Column, Hint, Reading, Table, find_table
from connectors.workbook import Cell, Cells, Line

_MARKET = Column("Market + Addl.", NUMBER, ("Market Rent", "Effective Rent", "Market Addl"))
_RENT, _CHARGES, _CREDITS, _BILLING = "Lease Rent", "Other Charges", "Other Credits", "Total Billing"
_AMOUNTS = (_MARKET.name, _RENT, _CHARGES, _CREDITS, _BILLING)
_RENEW, _CHANGE = "Do Not Renew", "Last Rent Change Amt"
_COLUMNS = (
    Column("Unit", also=("Bldg/Unit",)),
    Column("Floorplan", also=("Floor plan",)),
    Column("SQFT", NUMBER),
    Column("Name", NAME, ("Name / Phone/email", "Name / Phone / Email")),
    Column("Term"),
    Column("Lease End", DATE),
    Column("Move-In", DATE),
    Column("Expected Move-out", DATE),
    Column(_RENEW),
    Column("Late/NSF", PAIR, ("# Late/# NSF",)),
    Column("Last Rent Change", DATE),
    Column(_CHANGE, NUMBER, ("Last Rent Change Amount",)),
    _MARKET,
    Column(_RENT, NUMBER),
    Column(_CHARGES, NUMBER),
    Column(_CREDITS, NUMBER),
    Column(_BILLING, NUMBER),
    Column("Balance", NUMBER),
)
_START: Hint = {_RENEW: 1, "Last Rent Change": 1}
_UNCHANGED: Hint = {**_START, _MARKET.name: -1, _RENT: -1}
_CHANGED: Hint = {
    **_START,
    _CHANGE: 1,
    _MARKET.name: 1,
    _RENT: 1,
    _CHARGES: 3,
    _CREDITS: 1,
    _BILLING: 2,
    "Balance": 1,
}
_TOTAL: Hint = {_MARKET.name: -2, _RENT: -1}
_TOTALS = re.compile(r"\s*total\b", re.I)
_ALL_TOTALS = re.compile(r"Total leases\s*:\s*(\d[\d,]*)?", re.I)
_SECTION_TOTAL = re.compile(r"Total (?:MTM\b.*|leases expiring in .*?)\s*:\s*(\d[\d,]*)?$", re.I)


def rows(reading: Reading, lines: Sequence[Line], header: Header) -> list[tuple[int, dict[str, Any]]]:
    """Read a Lease Expiration Detail.

    Raises:
        ReportError: a label is missing, or the leases do not add up to the totals.
    """
    table = find_table(reading, lines[:200], _COLUMNS)
    if table is None:
        if any(_all_told(cells) == 0 for _, cells in lines):
            return []
        raise reading.error("no labels 'Unit', 'Lease End', 'Lease Rent'")
    return _Leases(reading, table, header.furniture | table.furniture).rows(lines[table.last + 1 :])


class _Leases:
    """The leases of a report, row by row."""

    def __init__(self, reading: Reading, table: Table, furniture: set[Cell]) -> None:
        self._reading, self._furniture = reading, furniture
        self._places = {column.name: at for column, at in table.columns}
        self._market_type = table.printed[_MARKET.name]
        names = {column.name for column, _ in table.columns}
        self._form = table.form(names - {_RENEW}, [_UNCHANGED, _CHANGED])
        self._totals = table.form({*_AMOUNTS, "Balance"}, [_TOTAL])
        self._found: list[tuple[int, dict[str, Any]]] = []
        self._section: list[dict[str, Any]] = []
        self._all: list[dict[str, Any]] = []
        self._title: str | None = None
        self._month: str | None = None
        self._open: tuple[int, Cells] | None = None

    def rows(self, lines: Sequence[Line]) -> list[tuple[int, dict[str, Any]]]:
        """Read from the labels to `Total leases`.

        Raises:
            ReportError: a row is none of the report's, or a total is not what its rows give.
        """
        for row, cells in lines:
            at, first = next(iter(cells.items()))
            if first in self._furniture:
                continue
            if first.__class__ is str and _TOTALS.match(str(first)):
                self._close()
                said = text(first)
                if found := _ALL_TOTALS.fullmatch(said):
                    self._check(row, cells, found[1], said, self._all)
                    return self._found if self._all else []
                if found := _SECTION_TOTAL.match(said):
                    self._check(row, cells, found[1], said, self._section)
                    self._section = []
            elif len(cells) == 1 and (text(first).upper() == "MTM" or _month(text(first))):
                self._close()
                self._title, self._month = text(first), _month(text(first))
            elif abs(at - self._places["Unit"]) < abs(at - self._places["Name"]) and len(cells) > 2:
                self._close()
                self._open = row, cells
            else:
                self._go_on(row, cells)
        raise self._reading.error("no row 'Total leases: n'")

    def _go_on(self, row: int, cells: Cells) -> None:
        """Take what a lease's second row says from Do Not Renew on; before it stand phone and e-mail."""
        more = {at: cell for at, cell in cells.items() if at >= self._places[_RENEW]}
        if not more:
            return
        if self._open is None:
            raise self._reading.error("amounts in a row without a unit", row=row)
        number, own = self._open
        if clash := own.keys() & more.keys():
            raise self._reading.error(f"a second row says column {min(clash) + 1} again", row=row)
        self._open = number, dict(sorted((own | more).items()))

    def _close(self) -> None:
        """End the lease that is open."""
        if self._open is None:
            return
        row, cells = self._open
        self._open = None
        around = self._places[_RENEW]
        marks = [cells.pop(at) for at in range(around - 2, around + 3) if _is_letter(cells.get(at))]
        made = self._form.read((row, cells))
        for name in (_MARKET.name, _RENT, _BILLING, "Lease End"):
            if name not in made:
                raise self._reading.error(f"nothing under {name!r}", "open it: a formula in it may have failed", row)
        billed = made[_RENT] + made.get(_CHARGES, 0) + made.get(_CREDITS, 0)
        self._reading.same(f"{_BILLING!r}", made[_BILLING], billed, row=row)
        if "Late/NSF" in made:
            made["# Late"], made["# NSF"] = made.pop("Late/NSF")
        section = {"Section": self._title, "Section Month": self._month}
        renew = {
            _RENEW: any(str(mark).lower() == "x" for mark in marks),
            "Market Rent Type": self._market_type,
        }
        lease = {"kind": "lease", **section, **made, **renew}
        self._section.append(lease)
        self._all.append(lease)
        self._found.append((row, lease))

    def _check(self, row: int, cells: Cells, told: str | None, said: str, leases: Sequence[Mapping[str, Any]]) -> None:
        """Hold a printed total to its leases, and take it."""
        figures = dict(list(cells.items())[1:])
        if told is None and figures:
            told = text(figures.pop(min(figures)))
        made = self._totals.read((row, figures))
        what = said.split(":")[0]
        self._reading.same(f"number of {what!r}", int((told or "0").replace(",", "")), len(leases), row=row)
        for name in _AMOUNTS:
            summed = sum(cents(lease.get(name)) for lease in leases) / 100
            if name in made:
                self._reading.same(f"{what!r}, {name!r}", made[name], summed, row=row)
            elif summed and leases is not self._all:  # the last row may have the number of leases only
                raise self._reading.error(f"{what!r} says nothing under {name!r}", row=row)
        kind = "total" if leases is self._all else "section_total"
        if leases:
            self._found.append((row, {"kind": kind, "Section": self._title, "Leases": len(leases), **made}))


def _is_letter(cell: Cell | None) -> bool:
    """Tell whether a cell is the letter of Do Not Renew; an empty box is a letter too, of a font of signs."""
    return isinstance(cell, str) and len(cell.strip()) == 1


@lru_cache(maxsize=1024)  # every row is asked whether it begins a month
def _month(said: str) -> str | None:
    """The first of a month named as `November 2025`, None for anything else."""
    try:
        return datetime.strptime(said.strip(), "%B %Y").date().isoformat()  # noqa: DTZ007 - a month has no zone
    except ValueError:
        return None


def _all_told(cells: Cells) -> int | None:
    for cell in cells.values():
        if isinstance(cell, str) and (found := _ALL_TOTALS.fullmatch(text(cell))) and found[1]:
            return int(found[1].replace(",", ""))
    return None
