"""The Box Score: unit status per floor plan, availability and make-ready of the property.

Rows land as `plan`, `group_total`, `total` (unit status, percentages as parts of 1) and `availability` (a row of
Availability/Exposure with the make-ready row that stands beside it). The lists of leases, moves, notices and
vacancies further down say nothing that the other reports do not, and do not land.

Belongs here: its tables and its totals. Does not belong here: what is common to reports
(`connectors/realpage_reports/layout.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.realpage_reports.header import Header
from connectors.realpage_reports.printed import normal, number, text
from connectors.realpage_reports.tables import NUMBER, Column, Form, Reading, find_table
from connectors.workbook import Cell, Cells, Line

_COUNTS = {
    "Units": (),
    "Total Vacant": ("Vacant Total", "Vacant Total Vacant"),
    "Not Leased": ("Vacant Not Leased",),
    "Leased": ("Vacant Leased",),
    "Model/Admin": ("Vacant Model/Admin", "Admin/Model"),
    "Down": ("Vacant Down",),
    "Total Occupied": ("Occupied Total", "Occupied Total Occupied"),
    "No NTV": ("Occupied No NTV",),
    "NTV-NL": ("Occupied NTV-NL",),
    "NTV-L": ("Occupied NTV-L",),
}
_MARKET, _LEASED_RENT = "Avg Market Rent", "Avg Leased Rent"
_OCCUPANCY, _NET_LEASED = "Occupancy Percent", "Net Leased Percent"
_COLUMNS = (
    Column("Floor Plan Group", also=("Floorplan Group",)),
    Column("Floor Plan", also=("Floorplan",)),
    *(Column(name, NUMBER, also) for name, also in _COUNTS.items()),
    Column(_OCCUPANCY, NUMBER, ("Occupancy %", "Occupancy Pct")),
    Column(_MARKET, NUMBER, ("Average Market Rent",)),
    Column(_LEASED_RENT, NUMBER, ("Average Leased Rent",)),
    Column(_NET_LEASED, NUMBER, ("Net Leased %", "Net Leased Pct"), required=False),
    Column("Avg. Effective Rent", NUMBER, ("Average Effective Rent",), required=False),
)
_EXPOSURE = (Column("Status"), Column("Number", NUMBER), Column("%", NUMBER, ("Percent",), required=False))
_MAKE_READY = (
    Column("Status", required=False),
    Column("Number", NUMBER),
    Column("%", NUMBER, ("Percent",), required=False),
    Column("Total Leased", NUMBER),
    Column("Admin/Down", NUMBER),
    Column("Total Available", NUMBER),
)
_EXPOSED = {
    "Total Vacant Units": "Total Vacant",
    "Vacant Units Leased": "Leased",
    "Model/Admin": "Model/Admin",
    "Down": "Down",
}
"""Rows of Availability/Exposure that say again what the unit status says."""

_TOTALS = re.compile(r"((property|grand) totals?\b|totals?:?$)", re.I)
_ROUNDED = 0.0051
"""How far a printed percentage may be from its counts: some versions print whole percents."""


def rows(reading: Reading, lines: Sequence[Line], header: Header) -> list[tuple[int, dict[str, Any]]]:
    """Read a Box Score.

    Raises:
        ReportError: a label is missing, or the plans do not add up to the totals.
    """
    start = next((place for place, (_, cells) in enumerate(lines) if _begins(cells, "Unit Status")), 0)
    table = find_table(reading, lines[start:], _COLUMNS, groups=("Vacant", "Occupied"))
    if table is None:
        raise reading.error("no section 'Unit Status' with labels 'Floor Plan', 'Units', 'Total Vacant'")
    below = lines[start + table.last + 1 :]
    status = _UnitStatus(reading, table.form(), header.furniture | table.furniture)
    end = status.read(below)
    return status.found + _snapshot(reading, below[end:], status.total) if status.total["Units"] else []


class _UnitStatus:
    """The plans, their groups and the property.

    Attributes:
        found: what lands.
        total: of it the property's.
    """

    def __init__(self, reading: Reading, form: Form, furniture: set[Cell]) -> None:
        self._reading, self._form, self._furniture = reading, form, furniture
        self.found: list[tuple[int, dict[str, Any]]] = []
        self.total: dict[str, Any] = {}
        self._plans: list[dict[str, Any]] = []
        self._group: str | None = None
        self._group_began = 0

    def read(self, lines: Sequence[Line]) -> int:
        """Read to the property's totals. Returns the place of what follows them.

        Raises:
            ReportError: a row is none of the report's, or a total is not what its rows give.
        """
        for place, (row, cells) in enumerate(lines):
            first = next(iter(cells.values()))
            if first in self._furniture:
                continue
            if _begins(cells, "Availability/Exposure"):
                break
            if not any(_is_number(cell) for cell in list(cells.values())[1:]):
                if len(cells) == 1:
                    self._begin_group(text(first))
                continue
            self._take(row, text(first), self._form.read((row, cells)))
            if self.total:
                return place + 1
        raise self._reading.error("no row 'Property Totals'")

    def _begin_group(self, group: str | None) -> None:
        self._group, self._group_began = group, len(self._plans)

    def _take(self, row: int, first: str, made: dict[str, Any]) -> None:
        _check_row(self._reading, row, made)
        if _TOTALS.match(first):
            self.total = {"kind": "total", **_named(made, None)}
            self._check(row, "Property Totals", self._plans, self.total)
        elif first.lower().startswith("total "):
            self._check(row, first.rstrip(":"), self._plans[self._group_began :], made)
            self.found.append((row, {"kind": "group_total", **_named(made, self._group)}))
            self._group_began = len(self._plans)
        else:
            if made.get("Floor Plan Group", self._group) != self._group:
                self._begin_group(made["Floor Plan Group"])
            if "Floor Plan" not in made:
                raise self._reading.error("figures without a floor plan", row=row)
            plan = {"kind": "plan", **made, "Floor Plan Group": self._group}
            self._plans.append(plan)
            self.found.append((row, plan))

    def _check(self, row: int, what: str, plans: Sequence[Mapping[str, Any]], total: dict[str, Any]) -> None:
        _check_sums(self._reading, row, what, plans, total)
        if total is self.total:
            if total["Units"] and not any(plan.get(_MARKET) for plan in plans):
                raise self._reading.error(
                    f"{_MARKET!r} is 0 for every floor plan", "ask whether it has rents at all", row
                )
            self.found.append((row, total))


def _check_row(reading: Reading, row: int, made: dict[str, Any]) -> None:
    """Hold a row to itself: its counts to each other, its percentages to its counts."""
    for name in _COUNTS:
        if name not in made:
            raise reading.error(f"nothing under {name!r}", "open it: a formula in it may have failed", row)
    vacant = sum(made[name] for name in ("Not Leased", "Leased", "Model/Admin", "Down"))
    occupied = sum(made[name] for name in ("No NTV", "NTV-NL", "NTV-L"))
    reading.same("'Total Vacant'", made["Total Vacant"], vacant, row=row)
    reading.same("'Total Occupied'", made["Total Occupied"], occupied, row=row)
    reading.same("'Units'", made["Units"], vacant + occupied, row=row)
    if units := made["Units"]:
        net = made["Leased"] + made["No NTV"] + made["NTV-L"]
        for name, counted in ((_OCCUPANCY, occupied / units), (_NET_LEASED, net / units)):
            if name in made:
                made[name] = _part(reading, row, name, made[name], counted)


def _part(reading: Reading, row: int, name: str, printed: float, counted: float) -> float:
    """A printed percentage as a part of 1: of the two things it may mean the one that the counts give."""
    near = [value for value in (printed, round(printed / 100, 10)) if abs(value - counted) <= _ROUNDED]
    if not near:
        raise reading.error(f"{name!r} is not what the counts give", "no row of it is loaded", row)
    return min(near, key=lambda value: abs(value - counted))


def _check_sums(
    reading: Reading, row: int, what: str, plans: Sequence[Mapping[str, Any]], total: Mapping[str, Any]
) -> None:
    """Hold totals to their plans; averages to those that the plans' own denominators give."""
    for name in _COUNTS:
        reading.same(f"{what}, {name!r}", total[name], sum(plan[name] for plan in plans), row=row)
    for name, weight in ((_MARKET, "Units"), (_LEASED_RENT, "Total Occupied")):
        if total[weight] and name in total:
            average = sum((plan.get(name) or 0) * plan[weight] for plan in plans) / total[weight]
            reading.same(f"{what}, {name!r}", total[name], average, off=0.011, row=row)


def _named(made: dict[str, Any], group: str | None) -> dict[str, Any]:
    """A total's figures: where its text stands is no floor plan."""
    return {**{name: value for name, value in made.items() if name != "Floor Plan"}, "Floor Plan Group": group}


def _snapshot(reading: Reading, lines: Sequence[Line], total: Mapping[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """Availability/Exposure and the make-ready block, which stands right of it on the same rows; [] without them."""
    start = next((place for place, (_, cells) in enumerate(lines) if _begins(cells, "Availability/Exposure")), None)
    if start is None:
        return []
    ahead = [place for place in range(start + 1, len(lines)) if _begins(lines[place][1], "Leas", "Unit Designation")]
    section = lines[start : min(ahead, default=len(lines))]
    right = next(
        (at for _, cells in section for at, cell in cells.items() if "make ready" in str(cell).lower()), 10_000
    )
    made: dict[int, dict[str, Any]] = {}
    for title, columns, between in (
        ("Availability/Exposure", _EXPOSURE, (0, right - 1)),
        ("Make Ready", _MAKE_READY, (right, 10_000)),
    ):
        table = find_table(reading, section, columns, between=between) if right < 10_000 or between[0] == 0 else None
        if table is None:
            continue
        form = table.form()
        for row, cells in section[table.last + 1 :]:
            own = {at: cell for at, cell in cells.items() if between[0] <= at <= between[1]}
            if len(own) > 1:
                made.setdefault(row, {"kind": "availability"})[title] = _status_row(own, form, row)
    _check_exposure(reading, made, total)
    return sorted(made.items())


def _status_row(cells: Cells, form: Form, row: int) -> dict[str, Any]:
    """A row of one of the two blocks: its name, and the figures under the labels."""
    first = next(iter(cells))
    figures = form.read((row, {at: cell for at, cell in cells.items() if at != first}))
    return {"Status": text(cells[first]).rstrip(":"), **figures}


def _check_exposure(reading: Reading, made: Mapping[int, Mapping[str, Any]], total: Mapping[str, Any]) -> None:
    for row, payload in made.items():
        for block in ("Availability/Exposure", "Make Ready"):
            said = payload.get(block, {})
            name = _EXPOSED.get(said.get("Status", ""))
            if name and "Number" in said:
                reading.same(f"{said['Status']!r} of {block}", said["Number"], total[name], row=row)


def _begins(cells: Cells, *titles: str) -> bool:
    first = normal(next(iter(cells.values())))
    return any(first.startswith(normal(title)) for title in titles)


def _is_number(cell: Any) -> bool:
    try:
        number(cell)
    except ValueError:
        return False
    return True
