"""Good small reports of what happens in a time: Activity, Monthly Activity Summary, Lease Expiration (both).

Does not belong here: reports of a day (`workbooks.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grids import Grid, block


def activity() -> Grid:
    grid = Grid().put(0, {0: "OneSite Prospect Management v3.0", 2: "Juniper Square Management - Parkside"})
    grid.put(1, {0: "10/31/2025  6:15:02AM", 2: "ACTIVITY REPORT"})
    grid.put(
        2,
        {0: "Parameters: startdate: 10/01/2025; enddate: 10/30/2025; OccStatus: Prospect; Leasing agents: Reed, Sam;"},
    )
    grid.put(4, {0: "Activity"})
    labels = ("Bldg/Unit", "Name", "Address/City/State/ZIP", "Type", "Date", "Leasing Consultant", "Notes")
    grid.put(5, dict(enumerate(labels)))
    grid.put(6, {1: "Fern, Otto", 2: "1 Elm St", 3: "E-mail", 4: "10/02/2025", 5: "Reed, Sam", 6: "asked for a tour"})
    grid.put(7, {2: "Denver, CO 80202", 6: "and a price"})
    grid.put(8, {1: "Fern,  Otto", 3: "Visit", 4: "10/04/2025", 5: "Reed, Sam"})
    grid.put(9, {0: "1-104", 1: "Moss, Ida", 3: "Leased", 4: "10/05/2025", 5: "Reed, Sam"})
    grid.put(11, {0: "Letter/Notice Activity"})
    labels = ("Bldg/Unit", "Recipient", "Letter/Notice", "Status", "Created", "Created By", "Notes")
    grid.put(12, dict(enumerate(labels)))
    grid.put(13, {0: "1-104", 1: "Moss, Ida", 2: "Welcome", 3: "Sent", 4: "10/06/2025", 5: "Reed, Sam"})
    grid.put(15, {0: "Follow-Up Activity"})
    grid.put(16, dict(enumerate(("Priority", "Date/Time", "Leasing Consultant", "Notes"))))
    return grid.put(17, {0: "High", 1: "10/31/2025 2:30 PM", 2: "Reed, Sam", 3: "call back"})


_MONTH_LABELS = (
    (
        14,
        {
            8: "Total\nBase Rent",
            11: "Total\nSQFT",
            12: "Total\nUnits",
            16: "Occupied\nno NTV",
            17: "Vacant\nNot\nLeased",
        },
    ),
    (14, {21: "Vacant\nLeased", 23: "Occupied\nNTV not\nLeased", 26: "Occupied\nNTV\nLeased"}),
    (14, {31: "Vacant\nAdmini-\nstrative", 33: "Vacant\nDown"}),
    (16, {1: "Floor plan", 2: "Market Rent"}),
)
_MONTH_PLANS = (
    ("A1", 30000, 27000.5, 14000, 20, 13, 2, 1, 2, 1, 1, 0),
    ("B1", 16800, 16000, 8080, 8, 7, 0, 0, 0, 1, 0, 0),
)
_MONTH_AT = (1, 3, 5, 11, 12, 16, 17, 21, 23, 26, 31, 33)
_DONE_LABELS = (
    (26, {2: "Move-\nins", 4: "Move-\nouts", 6: "Cancella-\ntions\n/Rejection"}),
    (27, {11: "Renewals", 12: "Leases", 15: "Rent\nCharged", 19: "Other\nCharges"}),
    (28, {23: "Payments", 27: "Other\nCredits", 32: "Deposits In", 34: "Deposits Out"}),
)
_DONE_AT = (1, 2, 4, 6, 11, 12, 16, 19, 22, 25, 29, 32)
_DONE_PLANS = (
    ("A1", 1, 0, 0, 1, 2, 26000, 300.25, -26100, -10, 500, 0),
    ("B1", 0, 1, 0, 0, 0, 15800, 80, -15880, 0, 0, -300),
)
EVENTS = (
    ("Moved In", (("1-101", "Current resident", "Fern, Otto", "10/03/2025"),)),
    ("Moved Out", (("1-104", "Former resident", "Moss, Ida", "10/09/2025"),)),
    ("Move Out Notice", (("1-106", "NTV", "Quill, Ada", "10/12/2025"), ("1-102", "NTV", "Reed, Jo", "10/20/2025"))),
)


def monthly_summary(*, empty: bool = False) -> Grid:
    grid = block("MONTHLY ACTIVITY SUMMARY").replaced("As of 10/30/2025", None).put(4, {5: "As of 10/30/2025"})
    grid.cells.pop((5, 1))
    grid.put(
        7,
        {
            0: "Parameters:\nAccounting activity since: 10/01/2025\n"
            "Occupancy activity since: 10/01/2025\nProperty number: 4"
        },
    )
    row = _tables(grid, 18, (_MONTH_LABELS, _MONTH_AT, _MONTH_PLANS), empty=empty)
    assert row < 26
    row = _tables(grid, 30, (_DONE_LABELS, _DONE_AT, _DONE_PLANS), empty=empty)
    if empty:
        return grid
    row += 3
    grid.put(row, {2: "Unit", 8: "Status", 14: "Name", 22: "Action", 28: "Date"})
    for action, events in EVENTS:
        for unit, status, name, date in events:
            grid.put(row + 1, {2: unit, 8: status, 14: name}).put(row + 2, {21: action, 27: date})
            row += 2
        row += 1
        grid.put(row, {20: f"Total {action}: {len(events)}"})
    return grid


def _tables(grid: Grid, row: int, table: tuple[Any, Any, Any], *, empty: bool) -> int:
    labels, at, plans = table
    for place, cells in labels:
        grid.put(place, cells)
    for plan in () if empty else plans:
        grid.put(row, dict(zip(at, plan, strict=True)))
        row += 1
    sums = [0 if empty else sum(plan[place] for plan in plans) for place in range(1, len(at))]
    grid.put(row, dict(zip(at, ("Totals", *sums), strict=True)))
    return row + 1


_LEASE_UPPER = {4: "Name /\nPhone/email", 7: "Term", 9: "Lease\nEnd", 13: "Move-In", 15: "Expected\nMove-out"} | {
    17: "Do Not\nRenew",
    21: "Late/\nNSF",
    23: "Last Rent\nChange",
    29: "Market +\nAddl.",
    31: "Lease\nRent",
    32: "Other\nCharges",
    36: "Other\nCredits",
    38: "Total\nBilling",
    42: "Balance",
}
LEASES: tuple[tuple[str, tuple[dict[int, Any], ...]], ...] = (
    (
        "MTM",
        (
            {
                0: "1-101",
                1: "A1",
                2: 700,
                4: "Fern, Otto",
                7: "MTM",
                9: "08/31/2025",
                13: "09/01/2022",
                18: "c",
                21: "1/0",
            }
            | {24: "09/01/2024", 28: 1500, 30: 1450, 32: 35, 36: -10, 38: 1475, 42: 0},
        ),
    ),
    (
        "November 2025",
        (
            {0: "1-102", 1: "A1", 2: 700, 4: "Quill, Ada", 7: "12", 9: "11/30/2025", 13: "12/01/2023", 15: "11/30/2025"}
            | {18: "c", 21: "0/0", 24: "12/01/2024", 27: 25.5, 30: 1500, 32: 1400, 35: 10, 37: 0, 40: 1410, 43: 12.25},
            {0: "1-106", 1: "B1", 2: 1010, 4: "Moss, Ida", 7: "12", 9: "11/15/2025", 13: "11/16/2024", 17: "x"},
            {
                18: "c",
                21: "2/1",
                24: "11/16/2024",
                28: 2100,
                30: 2000,
                32: 0,
                36: -50,
                38: 1950,
                42: 75,
                4: "303-555-0100",
            },
        ),
    ),
)
LEASE_SUMS = {"MTM": (1500, 1450, 35, -10, 1475), "November 2025": (3600, 3400, 10, -50, 3360)}


def lease_expirations(
    months: tuple[tuple[str, tuple[dict[int, Any], ...]], ...] = LEASES,
    sums: Mapping[str, tuple[float, ...]] = LEASE_SUMS,
) -> Grid:
    grid = block("LEASE EXPIRATION DETAIL")
    grid.put(8, {26: "Last Rent\nChange Amt"}).put(9, _LEASE_UPPER).put(10, {0: "Unit", 1: "Floorplan", 2: "SQFT"})
    row = 12
    for title, leases in months:
        grid.put(row, {0: title})
        for cells in leases:
            row += 1
            grid.put(row, cells)
            if row == 13:
                row += 1
                grid.put(row, {4: "otto@example.com"})
        row += 2
        count = sum(1 for cells in leases if 0 in cells)
        what = "MTM/Expired leases" if title == "MTM" else f"leases expiring in {title}"
        grid.put(row, {0: f"Total {what}: {count}", **dict(zip((27, 30, 32, 36, 38), sums[title], strict=True))})
        row += 2
    return grid.put(row, {0: f"Total leases: {sum(0 in cells for _, leases in months for cells in leases)}"})


_RENEWAL_LABELS = {
    0: "Bldg/Unit",
    1: "FloorPlan",
    2: "Name",
    3: "Actual rent",
    5: "Other Billings",
    7: "Last Increase",
} | {
    9: "Last Increase Amount",
    10: "Market Rent",
    12: "Move in Date",
    14: "Lease end Date",
    15: "Decision",
    16: "New Lease Start Date",
    17: "New Lease Term",
    18: "New Rent",
    19: "New Other Billings",
    21: "Leasing Consultant",
}


def lease_renewals() -> tuple[Grid, dict[str, Grid]]:
    """The sheet of its contents, and the others."""
    contents = Grid().put(0, {0: "LEASE EXPIRATION/RENEWAL DETAIL - Parkside - As of 10/30/2025"}).put(2, {0: "Sheets"})
    detail = Grid().put(0, {0: "LEASE EXPIRATION/RENEWAL DETAIL - As of 10/30/2025"}).put(1, _RENEWAL_LABELS)
    detail.put(2, {0: "1-101", 1: "A1", 2: "Fern, Otto", 3: 1450, 5: 35, 10: 1500, 12: "09/01/2022", 14: "11/30/2025"})
    detail.put(2, {15: "Renewed", 16: "12/01/2025", 17: "12", 18: 1500, 19: 35, 21: "Reed, Sam"})
    detail.put(3, {0: "1-102", 1: "A1", 2: "Moss, Ida", 3: 1400, 5: 10, 10: 1500, 12: "12/01/2023", 14: "11/15/2025"})
    detail.put(3, {15: "Vacating", 21: "Reed, Sam"}).put(4, {0: "Totals:", 3: 2850, 5: 45})
    names = ("Renewal Detail", "Summary by Floorplan", "Future by Floorplan", "Summary by Leasing Consultant")
    other = (
        Grid()
        .put(0, {0: "LEASE EXPIRATION/RENEWAL DETAIL"})
        .put(1, {0: "FloorPlan", 1: "Leases"})
        .put(2, {0: "A1", 1: 2})
    )
    return contents, {"Lease Expiration Detail": detail, **dict.fromkeys(names, other)}
