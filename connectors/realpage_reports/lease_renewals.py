"""The Lease Expiration Renewal Detail (4156), successor of 3838: what became of each lease that ends.

Rows land as `renewal`.

Belongs here: the sheet of its details. Does not belong here: its other sheets, which say the same in sums.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connectors.realpage_reports.header import Header
from connectors.realpage_reports.printed import cents, text
from connectors.realpage_reports.tables import DATE, NAME, NUMBER, Column, Reading, find_table
from connectors.workbook import Line

_COLUMNS = (
    Column("Bldg/Unit", also=("Unit",)),
    Column("FloorPlan"),
    Column("Name", NAME),
    Column("Actual rent", NUMBER),
    Column("Other Billings", NUMBER),
    Column("Last Increase", DATE, required=False),
    Column("Last Increase Amount", NUMBER, required=False),
    Column("Market Rent", NUMBER),
    Column("Move in Date", DATE),
    Column("Lease end Date", DATE),
    Column("Decision"),
    Column("New Lease Start Date", DATE, required=False),
    Column("New Lease Term", required=False),
    Column("New Rent", NUMBER, required=False),
    Column("New Other Billings", NUMBER, required=False),
    Column("Leasing Consultant", NAME, required=False),
)


def rows(reading: Reading, lines: Sequence[Line], header: Header) -> list[tuple[int, dict[str, Any]]]:
    """Read the details of a Lease Expiration Renewal Detail.

    Raises:
        ReportError: a label is missing, or the leases do not add up to the totals.
    """
    table = find_table(reading, lines[:50], _COLUMNS)
    if table is None:
        raise reading.error("no labels 'Bldg/Unit', 'Lease end Date', 'Decision'")
    form, furniture = table.form(), header.furniture | table.furniture
    found: list[tuple[int, dict[str, Any]]] = []
    for row, cells in lines[table.last + 1 :]:
        at, first = next(iter(cells.items()))
        if first in furniture or len(cells) == 1:
            continue
        if text(first).lower().rstrip(": ") in ("totals", "total", "grand totals"):
            made = form.read((row, {column: cell for column, cell in cells.items() if column != at}))
            for name in ("Actual rent", "Other Billings"):
                if name in made:
                    summed = sum(cents(payload.get(name)) for _, payload in found) / 100
                    reading.same(f"'Totals', {name!r}", made[name], summed, row=row)
            return found
        made = form.read((row, cells))
        for name in ("Bldg/Unit", "Lease end Date", "Decision"):
            if name not in made:
                raise reading.error(f"nothing under {name!r}", row=row)
        found.append((row, {"kind": "renewal", **made}))
    raise reading.error("no row 'Totals:'")
