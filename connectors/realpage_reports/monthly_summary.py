"""The Monthly Activity Summary: occupancy and activity per floor plan, and the leasing events of the period.

Its three tables have no titles; they are found by their labels. Values stand beside their labels by known steps.
Rows land as `plan` and `total`, their `section` occupancy or activity, then `event` and `event_total`.

Belongs here: its tables and its totals. Does not belong here: what is common to reports
(`connectors/realpage_reports/layout.py`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from connectors.realpage_reports.header import Header
from connectors.realpage_reports.printed import cents, text
from connectors.realpage_reports.tables import (
    DATE,
    NAME,
    NUMBER,
    Column,
    Hint,
    Reading,
    Table,
    find_table,
)
from connectors.workbook import Cells, Line

_PLAN = "Floor plan"
_STATES = (
    "Occupied no NTV",
    "Vacant Not Leased",
    "Vacant Leased",
    "Occupied NTV not Leased",
    "Occupied NTV Leased",
    "Vacant Administrative",
    "Vacant Down",
)
_OCCUPANCY = (
    Column(_PLAN, also=("Floorplan",)),
    Column("Market Rent", NUMBER),
    Column("Total Base Rent", NUMBER),
    Column("Total SQFT", NUMBER),
    Column("Total Units", NUMBER),
    *(Column(name, NUMBER) for name in _STATES),
)
_OCCUPANCY_HINT: Hint = {"Market Rent": 1, "Total Base Rent": -3}
_ACTIVITY = (
    Column(_PLAN, also=("Floorplan",), required=False),
    Column("Move-ins", NUMBER),
    Column("Move-outs", NUMBER),
    Column("Cancellations/Rejection", NUMBER, ("Cancellations/Rejections",)),
    Column("Renewals", NUMBER),
    Column("Leases", NUMBER),
    Column("Rent Charged", NUMBER),
    Column("Other Charges", NUMBER),
    Column("Payments", NUMBER),
    Column("Other Credits", NUMBER),
    Column("Deposits In", NUMBER),
    Column("Deposits Out", NUMBER),
)
_ACTIVITY_HINT: Hint = {
    "Rent Charged": 1,
    "Payments": -1,
    "Other Credits": -2,
    "Deposits In": -3,
    "Deposits Out": -2,
}
_EVENTS = (Column("Unit"), Column("Status"), Column("Name", NAME), Column("Action"), Column("Date", DATE))
_EVENT_HINT: Hint = {"Action": -1, "Date": -1}
_EVENT_TOTAL = re.compile(r"Total\s+(.+?)\s*:\s*(\d[\d,]*)?$", re.I)

_Rows = list[tuple[int, dict[str, Any]]]


def rows(reading: Reading, lines: Sequence[Line], header: Header) -> _Rows:
    """Read a Monthly Activity Summary.

    Raises:
        ReportError: a label is missing, or the plans do not add up to the totals.
    """
    occupancy = find_table(reading, lines, _OCCUPANCY)
    if occupancy is None:
        raise reading.error("no labels 'Floor plan', 'Total Units', 'Occupied no NTV'")
    plans, rest = _section(reading, occupancy, lines[occupancy.last + 1 :], header, _OCCUPANCY_HINT, "occupancy")
    for row, plan in plans:
        reading.same("'Total Units'", plan["Total Units"], sum(plan[name] for name in _STATES), row=row)
    if not plans[-1][1]["Total Units"]:
        return []
    activity = find_table(reading, rest, _ACTIVITY)
    if activity is None:
        raise reading.error("no labels 'Move-ins', 'Move-outs', 'Renewals'")
    activities, rest = _section(reading, activity, rest[activity.last + 1 :], header, _ACTIVITY_HINT, "activity")
    return plans + activities + _events(reading, rest, header)


def _section(
    reading: Reading, table: Table, lines: Sequence[Line], header: Header, hint: Hint, section: str
) -> tuple[_Rows, Sequence[Line]]:
    """The plans of a table with their totals, and the lines that follow."""
    form = table.form({column.name for column, _ in table.columns} - {_PLAN}, [hint])
    names = [column.name for column, _ in table.columns if column.holds == NUMBER]
    furniture = header.furniture | table.furniture
    found: _Rows = []
    for place, (row, cells) in enumerate(lines):
        at, first = next(iter(cells.items()))
        if first in furniture or len(cells) == 1:
            continue
        made = form.read((row, {column: cell for column, cell in cells.items() if column != at}))
        for name in names:
            if name not in made:
                raise reading.error(f"nothing under {name!r}", "open it: a formula in it may have failed", row)
        if re.fullmatch(r"totals?:?", text(first), re.I):
            for name in names:
                summed = sum(cents(plan[name]) for _, plan in found) / 100
                reading.same(f"Totals, {name!r}", made[name], summed, row=row)
            found.append((row, {"kind": "total", "section": section, **made}))
            return found, lines[place + 1 :]
        found.append((row, {"kind": "plan", "section": section, _PLAN: text(first), **made}))
    raise reading.error(f"no row 'Totals' below {table.printed[names[0]]!r}")


def _events(reading: Reading, lines: Sequence[Line], header: Header) -> _Rows:
    """The events: unit, status and name on one row, action and date on the next. Groups end with their number."""
    table = find_table(reading, lines, _EVENTS)
    if table is None:
        if totals := [row for row, cells in lines if any(_EVENT_TOTAL.match(text(cell)) for cell in cells.values())]:
            raise reading.error("no labels 'Unit', 'Action', 'Date' above its events", row=totals[0])
        return []
    events = _Events(reading, table)
    for row, cells in lines[table.last + 1 :]:
        if next(iter(cells.values())) not in header.furniture | table.furniture:
            events.take(row, cells)
    events.end()
    return events.found


class _Events:
    """The events, row by row.

    Attributes:
        found: what lands.
    """

    def __init__(self, reading: Reading, table: Table) -> None:
        self._reading = reading
        more = {column.name for column, _ in table.columns} - {column.name for column in _EVENTS}
        self._upper = table.form({"Unit", "Status", "Name"} | more, [_EVENT_HINT])
        self._lower = table.form({"Action", "Date"}, [_EVENT_HINT])
        self._whole = table.form(None, [_EVENT_HINT])
        self._lower_from = min(at for column, at in table.columns if column.name in ("Action", "Date")) - 3
        self.found: _Rows = []
        self._counted: Counter[str] = Counter()
        self._open: tuple[int, dict[str, Any]] | None = None

    def take(self, row: int, cells: Cells) -> None:
        """Take a row.

        Raises:
            ReportError: it does not go on where the last one ended, or the events are not as many as it says.
        """
        if told := _told(cells):
            self._reading.same(f"{told[0]!r} events", told[1], self._counted[told[0].lower()], row=row)
            self.found.append((row, {"kind": "event_total", "Action": told[0], "Events": told[1]}))
        elif next(iter(cells)) >= self._lower_from:
            if self._open is None:
                raise self._reading.error("an action without a unit above it", row=row)
            above = self._open
            self._open = None
            self._add(above[0], {**above[1], **self._lower.read((row, cells))})
        elif max(cells) >= self._lower_from:
            self._add(row, self._whole.read((row, cells)))
        elif "Unit" in (made := self._upper.read((row, cells))):
            self._raise_open()
            self._open = row, made
        # else a name that goes on

    def _add(self, row: int, made: dict[str, Any]) -> None:
        if not {"Unit", "Action", "Date"} <= made.keys():
            raise self._reading.error("an event without 'Unit', 'Action' or 'Date'", row=row)
        self._counted[made["Action"].lower()] += 1
        self.found.append((row, {"kind": "event", **made}))

    def end(self) -> None:
        """Make sure that every group of events has printed its number; where none has, the file is cut short."""
        self._raise_open()
        told = {payload["Action"].lower() for _, payload in self.found if payload["kind"] == "event_total"}
        if missing := [action for action in self._counted if action not in told]:
            raise self._reading.error(f"no row 'Total {missing[0]}: n'")

    def _raise_open(self) -> None:
        if self._open:
            raise self._reading.error("a unit without an action below it", row=self._open[0])


def _told(cells: Cells) -> tuple[str, int] | None:
    """The action and the number of `Total <action>: n`, None in any other row."""
    for cell in cells.values():
        if cell.__class__ is str and (found := _EVENT_TOTAL.match(text(cell))):
            number = found[2] or next((text(other) for other in cells.values() if isinstance(other, int | float)), None)
            return (found[1], int(number.replace(",", ""))) if number else None
    return None
