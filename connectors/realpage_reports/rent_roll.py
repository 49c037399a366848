"""The Rent Roll Detail: a block of rows per lease, held to the occupancy summary at the report's end.

A block begins with its unit, or with the status of another lease of the same unit. Rows below it say a charge each,
the move-out below the move-in, and the rest of a name. A whole block lands as one row: `unit` for the lease by which
its unit is counted, `lease` for the unit's others, amounts summed, `Charges` one by one; then `total`, `summary` and
`summary_total`. Stars are `is_in_totals` false. The flat export has a row per lease and a column per charge code.

Belongs here: its tables and its totals. Does not belong here: what is common to reports
(`connectors/realpage_reports/layout.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.realpage_reports.header import Header
from connectors.realpage_reports.printed import cents, normal, number, text
from connectors.realpage_reports.tables import (
    DATE,
    DATES,
    NAME,
    NUMBER,
    RAW,
    Column,
    Reading,
    Table,
    find_table,
    split_marks,
)
from connectors.workbook import Cell, Cells, Line

_MARKET = Column("Market + Addl.", NUMBER, ("Market Rent", "Effective Rent", "Market Addl"))
_RENT, _OTHER, _BILLING = "Lease Rent", "Other Charges/Credits", "Total Billing"
_HELD, _BALANCE = "Dep On Hand", "Balance"
_AMOUNTS = (_RENT, _OTHER, _BILLING, _HELD, _BALANCE)
_OF_CHARGES = frozenset(("Trans Code", "Subjournal", *_AMOUNTS))
_MOVES, _STATUS, _CODE = "Move-In / Move-Out", "Unit/Lease Status", "Trans Code"
_COLUMNS = (
    Column("Unit", also=("Bldg/Unit",)),
    Column("Floorplan", also=("Floor plan",)),
    Column("Unit Designation", required=False),
    Column("SQFT", NUMBER, ("Sq Ft",)),
    Column(_STATUS, also=("Unit Lease Status", "Status")),
    Column("Name", NAME, required=False),
    Column(_MOVES, DATES, ("Move-In/Out", "Move-In Move-Out", "Move In/Move Out")),
    Column("Lease Start", DATE),
    Column("Lease End", DATE),
    _MARKET,
    Column("Subjournal", required=False),
    Column(_CODE, also=("Transaction Code",)),
    Column(_RENT, RAW),
    Column(_OTHER, RAW, ("Other Charges / Credits", "Other Charges/Credit")),
    Column(_BILLING, RAW),
    Column(_HELD, RAW, ("Deposit On Hand", "Deposits On Hand")),
    Column(_BALANCE, RAW),
)
_FLAT = (
    Column("Resh ID"),
    Column("Lease ID"),
    Column("Bldg/Unit", also=("Unit",)),
    Column("Floorplan", also=("Floor plan",)),
    Column("Unit Designation", required=False),
    Column("SQFT", NUMBER),
    Column(_STATUS, also=("Unit Lease Status", "Status")),
    Column("Name", NAME, required=False),
    Column("Move-In", DATE),
    Column("Move-Out", DATE),
    Column("Lease Start", DATE),
    Column("Lease End", DATE),
    _MARKET,
    *(Column(name, NUMBER, required=False) for name in _AMOUNTS),
)
_SUMMARY = (
    Column("Unit Status", also=("Status",)),
    Column(_MARKET.name, NUMBER, _MARKET.also, required=False),
    Column("# Units", NUMBER, ("Units", "No. of Units")),
    Column("Potential Rent", NUMBER),
)
_COUNTED = {
    "occupiednontv": ("occupied",),
    "occupied": ("occupied",),
    "occupiedntv": ("occupiedntv",),
    "occupiedntvleased": ("occupiedntvl",),
    "vacantleased": ("vacantleased",),
    "vacantnotleased": ("vacant",),
    "vacant": ("vacant",),
    "admin/down": ("admin/down", "model", "admin", "down", "corporate", "employee"),
}
"""Per row of the occupancy summary the statuses that it counts, both as they are compared."""

_OF_UNIT = ("occupied", "vacant", "admin", "model", "down", "corporate", "employee")
_STATUSES = re.compile(r"(occupied|vacant|admin|model|down|corporate|employee|applicant|pending|former|approved)", re.I)
_SUMMARY_TITLE = "Occupancy and Rents Summary"
_END = re.compile(
    r"\s*((?P<total>(grand\s+|property\s+)?totals?\b)|rent\s+analysis|occupancy\s+and\s+rents|summary\s+billing)", re.I
)

_Rows = list[tuple[int, dict[str, Any]]]


def rows(reading: Reading, lines: Sequence[Line], header: Header) -> _Rows:
    """Read a Rent Roll Detail.

    Raises:
        ReportError: a label is missing, or the units do not add up to the summary.
    """
    if any({"reshid", "leaseid"} <= {normal(cell) for cell in cells.values()} for _, cells in lines[:20]):
        return _flat_rows(reading, lines)
    table = find_table(reading, lines[:200], _COLUMNS)
    if table is None:
        raise reading.error("no labels 'Unit', 'Unit/Lease Status', 'Market + Addl.'")
    found, summary_at = _Details(reading, table, header.furniture | table.furniture).rows(lines, table.last + 1)
    return found + _summary(reading, lines[summary_at:], found)


class _Details:
    """The blocks of a rent roll, row by row."""

    def __init__(self, reading: Reading, table: Table, furniture: set[Cell]) -> None:
        self._reading, self._furniture = reading, furniture
        self._form = table.form()
        self._totals = table.form({_MARKET.name, *_AMOUNTS})
        self._market_type = table.printed[_MARKET.name]
        self._found: _Rows = []
        self._row = 0
        self._unit: dict[str, Any] = {}
        self._total: _Rows = []
        self._said: dict[str, list[float]] = {name: [] for name in _AMOUNTS}

    def rows(self, lines: Sequence[Line], start: int) -> tuple[_Rows, int]:
        """Read the blocks. Returns them and where the summaries begin.

        Raises:
            ReportError: a row is none of the report's, or a total is not what its rows give.
        """
        for place in range(start, len(lines)):
            row, cells = lines[place]
            first = next(iter(cells.values()))
            if first in self._furniture:
                continue
            if first.__class__ is not str or not (ends := _END.match(str(first))):
                self._take(row, cells)
            elif not ends["total"]:
                self._close()
                if self._found and not self._total:
                    raise self._reading.error("no row 'Totals' below its leases", row=row)
                return self._found + self._total, place
            else:
                self._close()
                self._check_totals(row, cells)
        raise self._reading.error(f"no section {_SUMMARY_TITLE!r} at its end", "ask for the type Details + Summary")

    def _take(self, row: int, cells: Cells) -> None:
        cells, marks = split_marks(cells)
        if not cells:
            return
        made = self._form.read((row, cells))
        if "Unit" in made or _STATUSES.match(made.get(_STATUS, "")):
            self._close()
            self._open(row, made)
        elif not self._unit:
            if any(isinstance(cell, int | float) for cell in cells.values()):
                raise self._reading.error("amounts before the first unit", row=row)
            return
        else:
            self._go_on(row, made)
        self._add(row, made, marks)

    def _open(self, row: int, made: dict[str, Any]) -> None:
        """Begin a lease, of a unit of its own or of the one before."""
        if "Unit" not in made and not self._unit:
            raise self._reading.error("a lease before the first unit", row=row)
        moves = made.pop(_MOVES, [])
        said = {name: move for name, move in zip(("Move-In", "Move-Out"), moves, strict=False) if move}
        own = {name: made[name] for name in made if name not in _OF_CHARGES}
        if "Unit" not in made or made["Unit"] == self._unit.get("Unit"):  # the unit's own figures are printed once
            own = {name: self._unit[name] for name in ("Unit", "Floorplan", "SQFT") if name in self._unit} | own
        block = {"kind": "lease", "line_no": len(self._found) + 1, **own, **said}
        block |= {"Market Rent Type": self._market_type, "is_in_totals": True, "Charges": []}
        if _STATUS not in block:
            raise self._reading.error(f"nothing under {_STATUS!r}", row=row)
        self._unit, self._row = block, row

    def _go_on(self, row: int, made: dict[str, Any]) -> None:
        """Take what a further row of a block says beside its charge: the move-out, below the move-in."""
        for move in made.get(_MOVES, []):
            if move and "Move-Out" in self._unit:
                raise self._reading.error("a third date under 'Move-In / Move-Out'", row=row)
            if move:
                self._unit["Move-Out"] = move
        if self._unit[_STATUS].endswith("-") and _STATUS in made:
            self._unit[_STATUS] += made[_STATUS]
        for name in ("SQFT", _MARKET.name, "Lease Start", "Lease End"):
            if name in made:
                raise self._reading.error(f"{name!r} in a row without a unit", row=row)

    def _add(self, row: int, made: dict[str, Any], marks: str) -> None:
        """Add a row's amounts to its block. A star says that they are in no total."""
        block = self._unit
        for name in _AMOUNTS:
            amount = made.get(name)
            if amount is None:
                continue
            if amount.__class__ is not float and amount.__class__ is not int:
                marks += "*" * ("*" in str(amount))
                amount = made[name] = self._amount(row, name, amount)
            self._said[name].append(amount)
        if "*" in marks:
            block["is_in_totals"] = False
        if _CODE in made:
            charge = {_CODE: made[_CODE], _RENT: made.get(_RENT), _OTHER: made.get(_OTHER)}
            block["Charges"].append({**charge, "Subjournal": made["Subjournal"]} if "Subjournal" in made else charge)

    def _amount(self, row: int, name: str, cell: Any) -> float:
        try:
            return number(cell)
        except ValueError:
            raise self._reading.error(f"what stands under {name!r} is no amount", row=row) from None

    def _close(self) -> None:
        """End the block that is open: sum what its rows say."""
        block = self._unit
        if not block or (self._found and self._found[-1][1] is block):
            return
        for name, said in self._said.items():
            if len(said) == 1:
                block[name] = number(said[0])
            elif said:
                block[name] = _billed(block, said) if name == _BILLING else number(round(sum(said), 2))
        self._said = {name: [] for name in _AMOUNTS}
        self._found.append((self._row, block))

    def _check_totals(self, row: int, cells: Cells) -> None:
        """Hold the totals below the details to their leases."""
        _count_once(self._found)
        figures, _ = split_marks(dict(list(cells.items())[1:]))
        made = self._totals.read((row, figures))
        made |= {name: self._amount(row, name, made[name]) for name in _AMOUNTS if name in made}
        leases = [block for _, block in self._found if block["is_in_totals"]]
        for name in (_MARKET.name, _RENT, _OTHER, _BILLING):
            counted = [block for block in leases if name != _MARKET.name or block["kind"] == "unit"]
            summed = sum([block.get(name, 0) for block in counted])
            if name not in made and round(summed * 100):
                raise self._reading.error(f"totals say nothing under {name!r}", row=row)
            self._reading.same(f"totals, {name!r}", made.get(name, 0), summed, row=row)
        self._unit = {}
        self._total = [(row, {"kind": "total", **made})] if leases else []


def _billed(block: Mapping[str, Any], said: Sequence[float]) -> float:
    """What a lease is billed where several of its rows say so: their sum, or the one that is the sum already."""
    charged = block.get(_RENT, 0) + block.get(_OTHER, 0)
    is_said = cents(sum(said)) != cents(charged) and any(cents(amount) == cents(charged) for amount in said)
    return number(round(charged if is_said else sum(said), 2))


def _count_once(found: _Rows) -> None:
    """Call one lease of each unit the unit: the first whose status is a unit's, else the first."""
    chosen: dict[str, dict[str, Any]] = {}
    for _, block in found:
        held = chosen.get(block["Unit"])
        if held is None or (not _is_of_unit(held) and _is_of_unit(block)):
            chosen[block["Unit"]] = block
    for block in chosen.values():
        block["kind"] = "unit"


def _is_of_unit(block: Mapping[str, Any]) -> bool:
    return normal(block[_STATUS]).startswith(_OF_UNIT)


def _summary(reading: Reading, lines: Sequence[Line], found: _Rows) -> _Rows:
    """Hold the units to the occupancy summary, and take it."""
    title = normal(_SUMMARY_TITLE)
    start = next((place for place, (_, cells) in enumerate(lines) if _says(cells, title)), None)
    if start is None:
        raise reading.error(f"no section {_SUMMARY_TITLE!r} at its end", "ask for the type Details + Summary")
    table = find_table(reading, lines[start : start + 10], _SUMMARY)
    if table is None:
        raise reading.error(f"no labels 'Unit Status', '# Units' below {_SUMMARY_TITLE!r}", row=lines[start][0])
    form = table.form({column.name for column in _SUMMARY} - {"Unit Status"})
    units = [block for _, block in found if block["kind"] == "unit"]
    taken: _Rows = []
    for row, cells in lines[start + table.last + 1 :]:
        at, first = next(iter(cells.items()))
        figures = {column: cell for column, cell in cells.items() if column != at}
        if not figures or not any(isinstance(cell, int | float) or _is_number(cell) for cell in figures.values()):
            continue
        made, name = form.read((row, figures)), text(first).rstrip(":")
        if re.fullmatch(r"(grand )?totals?", name, re.I):
            _check_summary(reading, row, name, made, units)
            return [*taken, (row, {"kind": "summary_total", **made})] if units else []
        if statuses := _COUNTED.get(normal(name)):
            counted = [unit for unit in units if normal(unit[_STATUS]) in statuses]
            _check_summary(reading, row, name, made, counted)
        taken.append((row, {"kind": "summary", "Unit Status": name, **made}))
    raise reading.error(f"no row 'Totals' below {_SUMMARY_TITLE!r}")


def _check_summary(
    reading: Reading, row: int, name: str, made: Mapping[str, Any], units: Sequence[Mapping[str, Any]]
) -> None:
    """Hold a row of the summary to its units. Potential rent is the lease's of an occupied unit, else the market's."""
    if "# Units" not in made:
        raise reading.error("nothing under '# Units'", row=row)
    reading.same(f"{name!r}, '# Units'", made["# Units"], len(units), row=row)
    if _MARKET.name in made:
        market = sum([unit.get(_MARKET.name, 0) for unit in units])
        reading.same(f"{name!r}, {_MARKET.name!r}", made[_MARKET.name], market, row=row)
    if "Potential Rent" in made:
        potential = sum([unit.get(_RENT if _is_occupied(unit) else _MARKET.name, 0) for unit in units])
        reading.same(f"{name!r}, 'Potential Rent'", made["Potential Rent"], potential, row=row)


def _is_occupied(unit: Mapping[str, Any]) -> bool:
    return normal(unit[_STATUS]).startswith("occupied")


def _flat_rows(reading: Reading, lines: Sequence[Line]) -> _Rows:
    """Read the flat shape. What stands right of the known labels is a charge code each."""
    table = find_table(reading, lines[:20], _FLAT, ordered=False)
    if table is None:
        raise reading.error("no labels 'Resh ID', 'Lease ID', 'Bldg/Unit'")
    form = table.form(reach=0)
    known = {column.name for column in _FLAT} | {"Name key"}
    found: _Rows = []
    for row, cells in lines[table.last + 1 :]:
        if re.match(r"(grand )?totals?\b", text(next(iter(cells.values()))), re.I):
            continue
        cells, _ = split_marks(cells)
        made = form.read((row, cells))
        if "Bldg/Unit" not in made or _STATUS not in made:
            raise reading.error(f"nothing under 'Bldg/Unit' or {_STATUS!r}", row=row)
        charges = [{_CODE: name, "Amount": made[name]} for name in made if name not in known]
        own = {("Unit" if name == "Bldg/Unit" else name): made[name] for name in made if name in known}
        block = {"kind": "lease", "line_no": len(found) + 1, **own}
        block |= {"Market Rent Type": table.printed[_MARKET.name], "Charges": charges}
        found.append((row, block))
    _count_once(found)
    for _, block in found:
        block["is_in_totals"] = block["kind"] == "unit"
    return found


def _says(cells: Cells, title: str) -> bool:
    return any(cell.__class__ is str and normal(cell).startswith(title) for cell in cells.values())


def _is_number(cell: Any) -> bool:
    try:
        number(cell)
    except ValueError:
        return False
    return True
