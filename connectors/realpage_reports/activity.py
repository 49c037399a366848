"""The Activity report (3837), a page of HTML: what prospects and residents did, letters, follow-ups.

Whoever an activity is about lands as a hash of `Last, First` and the property; addresses and notes do not land, nor
does anything under a label that is not known here. Every row lands as `event`, its `section` activity, letter or
follow_up.

Belongs here: its three tables. Does not belong here: what is common to reports
(`connectors/realpage_reports/layout.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.realpage_reports.header import Header
from connectors.realpage_reports.printed import normal
from connectors.realpage_reports.tables import DATE, NAME, PRIVATE, RAW, Column, Reading, find_table
from connectors.workbook import Cells, Line

_NOTES = Column("Notes", PRIVATE, ("Note", "Comments"), required=False)
_PLACE = Column(
    "Address/City/State/ZIP",
    PRIVATE,
    ("Address", "Address/City/State/Zip Code", "City/State/ZIP"),
    required=False,
)
_UNIT = Column("Bldg/Unit", also=("Unit", "Building/Unit"))
_SECTIONS = {
    "activity": (
        _UNIT,
        Column("Name", RAW),
        _PLACE,
        Column("Type", also=("Activity Type",)),
        Column("Date", DATE, ("Activity Date",)),
        Column("Leasing Consultant", NAME, ("Consultant", "Leasing Agent")),
        _NOTES,
    ),
    "letter": (
        _UNIT,
        Column("Recipient", RAW),
        Column("Letter/Notice"),
        Column("Status"),
        Column("Created", DATE, ("Created Date",)),
        Column("Created By", NAME),
        _NOTES,
    ),
    "follow_up": (
        Column("Bldg/Unit", also=("Unit", "Building/Unit"), required=False),
        Column("Name", RAW, required=False),
        Column("Priority"),
        Column("Date/Time", DATE, ("Date", "Due Date", "Date / Time")),
        Column("Leasing Consultant", NAME, ("Consultant", "Leasing Agent")),
        _NOTES,
    ),
}
_SAYS = {
    "activity": ("Type", "Date", "Name"),
    "letter": ("Letter/Notice", "Created", "Recipient"),
    "follow_up": ("Priority", "Date/Time", "Name"),
}
"""Per section the labels of what was done, when, and about whom."""

_HALF = 0.5


def rows(reading: Reading, lines: Sequence[Line], header: Header) -> list[tuple[int, dict[str, Any]]]:
    """Read an Activity report.

    Raises:
        ReportError: a label is missing, or an activity has no date or type.
    """
    found: list[tuple[int, dict[str, Any]]] = []
    section, form = "", None
    begun = set()
    for row, cells in lines:
        if fresh := _begun(cells):
            table = find_table(reading, [(row, cells)], _SECTIONS[fresh])
            assert table is not None  # noqa: S101 - most of its labels are there
            section, form = fresh, table.form({column.name for column in _SECTIONS[fresh]})
            begun.add(section)
        elif form and len(cells) > 1 and next(iter(cells.values())) not in header.furniture:
            payload = _event(reading, row, form.read((row, cells)), section)
            found += [(row, payload)] if payload else []
    if "activity" not in begun and not any(_is_nothing(cell) for _, cells in lines for cell in cells.values()):
        raise reading.error("no labels 'Bldg/Unit', 'Name', 'Type', 'Date', 'Leasing Consultant'")
    return found


def _begun(cells: Cells) -> str:
    """The section whose labels a row holds, "" for any other row."""
    if len(cells) <= 2 or not all(cell.__class__ is str for cell in cells.values()):
        return ""
    said = {normal(cell) for cell in cells.values()}
    shares = {
        section: sum(bool(said & spellings) for spellings in labels) / len(labels)
        for section, labels in _SPELLINGS.items()
    }
    best = max(shares, key=lambda section: shares[section])
    return best if shares[best] > _HALF else ""


def _event(reading: Reading, row: int, made: dict[str, Any], section: str) -> dict[str, Any] | None:
    """What lands of a row; None where it only goes on with the address or the notes of the one before."""
    what, when, who = _SAYS[section]
    person = made.pop(who, None)
    if what not in made and when not in made:
        return None
    if missing := next((name for name in (what, when) if name not in made), None):
        raise reading.error(f"nothing under {missing!r}", row=row)
    if person is not None:
        made[f"{who} key"] = reading.key(person, *([reading.site] if reading.site else []))
    return {"kind": "event", "section": section, **made}


def _is_nothing(cell: Any) -> bool:
    return any(said in normal(cell) for said in ("noactivit", "norecords", "nodata"))


_SPELLINGS = {
    section: [{normal(name) for name in (column.name, *column.also)} for column in columns if column.required]
    for section, columns in _SECTIONS.items()
}
