"""Good small reports as RealPage lays them out, whose figures the tests know: those of a day, and the others' names.

Does not belong here: the stand-in's reports, which come from the property world.
"""

from __future__ import annotations

from typing import Any

from grids import ERROR, Grid, block, error_workbook, locked, locked_whole
from workbooks_of_periods import (
    EVENTS,
    LEASE_SUMS,
    LEASES,
    activity,
    lease_expirations,
    lease_renewals,
    monthly_summary,
)

__all__ = [
    "BOX_PLANS",
    "DELINQUENT",
    "ERROR",
    "EVENTS",
    "LEASES",
    "LEASE_SUMS",
    "RENT_ROWS",
    "Grid",
    "activity",
    "block",
    "box_score",
    "delinquency",
    "error_workbook",
    "flat_delinquency",
    "lease_expirations",
    "lease_renewals",
    "locked",
    "locked_whole",
    "monthly_summary",
    "rent_roll",
]

_BOX_LABELS = (
    "Floor Plan\nGroup,Floor Plan,Units,Total Vacant,Not Leased,Leased,Model/\nAdmin,Down,Total\nOccupied,No NTV,"
    "NTV-NL,NTV-L,Occupancy\nPercent,\nAvg Market Rent,\nAvg Leased Rent,Net Leased\nPercent"
).split(",")
BOX_PLANS = (
    ("1x1", "A1", 20, 4, 2, 1, 1, 0, 16, 13, 2, 1, 0.80, 1500.00, 1400.50, 0.75),
    ("1x1", "A2", 10, 1, 0, 0, 0, 1, 9, 9, 0, 0, 0.90, 1610.25, 1555.10, 0.90),
    ("2x2", "B1", 8, 0, 0, 0, 0, 0, 8, 7, 0, 1, 1.00, 2100.00, 2051.75, 1.00),
    ("2x2", "B2", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
)
_BOX_AT = (1, 4, 9, 13, 17, 21, 25, 29, 33, 37, 41, 45, 49, 53, 57, 61)


def box_sums(plans: list[tuple[Any, ...]]) -> tuple[Any, ...]:
    """The figures of a totals row: every average by its own denominator."""
    counts = [sum(plan[place] for plan in plans) for place in range(2, 12)]
    units, occupied = counts[0], counts[6]
    market = sum(plan[13] * plan[2] for plan in plans) / units if units else 0
    leased = sum(plan[14] * plan[8] for plan in plans) / occupied if occupied else 0
    net = (counts[3] + counts[7] + counts[9]) / units if units else 0
    return (*counts, round(occupied / units, 4) if units else 0, round(market, 2), round(leased, 2), round(net, 4))


def box_score(plans: tuple[tuple[Any, ...], ...] = BOX_PLANS) -> Grid:
    grid = block("BOXSCORE")
    grid.put(10, {0: "Unit Status - 10/30/2025"}).put(11, {13: "Vacant", 33: "Occupied"})
    grid.put(12, dict(zip(_BOX_AT, _BOX_LABELS, strict=True)))
    row, group = 14, ""
    for plan in plans:
        if plan[0] != group:
            if group:
                sums = box_sums([one for one in plans if one[0] == group])
                grid.put(row, {1: f"Total {group}:", **dict(zip(_BOX_AT[2:], sums, strict=True))})
                row += 2
            group = plan[0]
            grid.put(row, {1: group})
        grid.put(row, dict(zip(_BOX_AT[1:], plan[1:], strict=True)))
        row += 1
    if plans:
        sums = box_sums([one for one in plans if one[0] == group])
        grid.put(row, {1: f"Total {group}:", **dict(zip(_BOX_AT[2:], sums, strict=True))})
    total = box_sums(list(plans))
    grid.put(row + 1, {1: "Property Totals", **dict(zip(_BOX_AT[2:], total, strict=True))})
    row += 4
    grid.put(row, {0: "Availability/Exposure - 10/30/2025", 40: "Vacant Units Make Ready Status - 10/30/2025"})
    grid.put(row + 1, {1: "Status", 9: "Number", 13: "%"})
    grid.put(row + 1, {46: "Number", 50: "%", 54: "Total Leased", 58: "Admin/Down", 62: "Total Available"})
    vacant, leased, model, down = total[1], total[3], total[4], total[5]
    said = {
        "Total Vacant Units": vacant,
        "Vacant Units Leased": leased,
        "Occupied On-Notice": total[8],
        "Occupied On-Notice Pre-Leased": total[9],
        "Net Exposure": vacant - leased + total[8],
        "Model/Admin": model,
        "Down": down,
        "Controllable Availability": vacant - leased + total[8] - model - down,
    }
    for place, (name, count) in enumerate(said.items()):
        grid.put(row + 2 + place, {1: name, 9: count, 13: round(count / max(total[0], 1), 4)})
    for place, (name, figures) in enumerate({"Made Ready": (3, 1, 1, 1), "Not Made Ready": (2, 0, 1, 1)}.items()):
        grid.put(row + 2 + place, {41: name, 46: figures[0], 50: 0.5, 54: figures[1], 58: figures[2], 62: figures[3]})
    grid.put(row + 4, {41: "Total Vacant Units", 46: vacant, 50: 1, 54: leased, 58: model + down, 62: 2})
    grid.put(row + 12, {0: "Leasing - 10/01/2025 through 10/30/2025"})
    return grid.put(row + 13, {1: "Floor Plan", 9: "Units", 13: "Leases"}).put(row + 14, {1: "A1", 9: 20, 13: 2})


RENT_LABELS = {
    0: "\nUnit",
    2: "\nFloorplan",
    8: "Unit\nDesignation",
    13: "\nSQFT",
    17: "Unit/Lease\nStatus",
    19: "\nName",
    23: "Move-In\nMove-Out",
    26: "Lease\nStart",
    29: "Lease\nEnd",
    32: "Market\n+ Addl.",
    37: "Trans\nCode",
    40: "Lease\nRent",
    46: "Other Charges/\nCredits",
    50: "Total\nBilling",
    54: "Dep On\nHand",
    58: "\nBalance",
}
_D = "10/31/2026"
RENT_ROWS: tuple[dict[int, Any], ...] = (
    {0: "1-101", 2: "A1", 8: "N/A", 13: 700, 17: "Occupied", 23: "05/01/2024", 26: "05/01/2025", 29: "04/30/2026"}
    | {32: 1500, 37: "RENT", 42: 1450, 46: 0, 51: 1485, 54: 300, 58: -12.5},
    {37: "PEST", 42: 0, 46: 10},
    {37: "TRASH", 42: 0, 46: 25},
    {0: "1-102", 2: "A1", 8: "N/A", 13: 700, 17: "Occupied-NTVL", 19: "Quill, Ada", 23: "06/01/2023", 26: "06/01/2025"}
    | {29: "11/30/2025", 32: 1500, 37: "RENT", 42: 1400, 46: 0, 51: 1410, 54: 0, 58: 0},
    {19: "Marianne", 23: "11/30/2025", 37: "PEST", 42: 0, 46: 10},
    {
        17: "Applicant",
        19: "Fern, Otto",
        23: "12/05/2025",
        26: "12/05/2025",
        29: "12/04/2026",
        37: "RENT",
        42: "1,510.00*",
    }
    | {46: "0.00*", 51: "1,510.00*"},
    {0: "1-103", 2: "A1", 8: "N/A", 13: 700, 17: "Vacant", 32: 1525.5},
    {0: "1-104", 2: "B1", 8: "N/A", 13: 1010, 17: "Vacant-Leased", 32: 2100},
    {0: "1-104", 17: "Applicant", 23: "11/05/2025", 26: "11/05/2025", 29: _D, 37: "RENT", 42: "2,090.00*", 51: "*"},
    {0: "1-105", 2: "B1", 8: "N/A", 13: 1010, 17: "Admin/Down", 32: 2110},
    {0: "1-106", 2: "B1", 8: "N/A", 13: 1010, 17: "Occupied-NTV", 23: "01/01/2022", 26: "01/01/2025", 29: _D, 32: 2100}
    | {37: "RENT", 42: 2000, 46: 0, 51: 1950, 54: 500, 58: 75},
    {23: "12/31/2025", 37: "CONC", 42: 0, 46: -50},
    {17: "Pending renewal", 26: "01/01/2026", 29: "12/31/2026", 37: "RENT", 42: "2,050.00*", 46: 0, 51: "2,050.00*"},
)
RENT_TOTALS = {32: 10835.5, 42: 4850, 46: -5, 51: 4845, 54: 800, 58: 62.5}
RENT_SUMMARY = (
    ("Occupied no NTV", 1500, 1, 1450),
    ("Occupied NTV", 2100, 1, 2000),
    ("Occupied NTV Leased", 1500, 1, 1400),
    ("Vacant Leased", 2100, 1, 2100),
    ("Vacant not Leased", 1525.5, 1, 1525.5),
    ("Admin/Down", 2110, 1, 2110),
    ("Totals:", 10835.5, 6, 10585.5),
)


def rent_roll(
    rows: tuple[dict[int, Any], ...] = RENT_ROWS,
    totals: dict[int, Any] | None = None,
    summary: tuple[tuple[Any, ...], ...] = RENT_SUMMARY,
) -> Grid:
    grid = block("RENT ROLL DETAIL", "mgt-521-003")
    grid.put(9, {at: text for at, text in RENT_LABELS.items() if not text.startswith("\n")})
    grid.put(10, {at: text for at, text in RENT_LABELS.items() if text.startswith("\n")})
    for row, cells in enumerate(rows, 12):
        grid.put(row, cells)
    row = 13 + len(rows)
    grid.put(row, {0: "Totals:", **(RENT_TOTALS if totals is None else totals)})
    grid.put(row + 3, {0: "Rent Analysis by Floor Plan"}).put(row + 4, {0: "Floor Plan", 8: "# Units"})
    grid.put(row + 5, {0: "A1", 8: 3})
    grid.put(row + 8, {0: "Occupancy and Rents Summary for Current Date"})
    grid.put(row + 9, {0: "Unit Status", 13: "Market +\nAddl.", 20: "# Units", 26: "Potential\nRent"})
    for place, (name, market, units, potential) in enumerate(summary):
        grid.put(row + 10 + place, {0: name, 14: market, 20: units, 27: potential})
    return grid.put(row + 20, {0: "Summary Billing by Transaction Code"}).put(row + 21, {0: "RENT", 20: 4850})


_DEL_UPPER = {5: "Name\nPhone / Email", 13: "Move-In/\nOut", 24: "Total\nPrepaid", 30: "Total\nDelinquent"}
_DEL_LOWER = {1: "\nUnit", 9: "Status", 18: "Code Description", 39: "Net\nBalance", 43: "Current", 48: "30 Days"} | {
    52: "60 Days",
    55: "90+ Days",
    59: "Prorate\nCredits",
    64: "Deposits\nHeld",
    70: "Outstanding\nDeposit",
    75: "# Late/\n# NSF",
}
DELINQUENT: tuple[tuple[dict[int, Any], tuple[tuple[str, float, float, float, float, float], ...]], ...] = (
    (
        {1: "1-101", 9: "Current resident", 13: "05/01/2024", 65: 300, 70: 0, 75: "2/1"},
        (
            ("RENT", 0, 1450.25, 1450.25, 0, 0),
            ("LATE", 0, 75, 25, 50, 0),
            ("CREDIT", -20.10, 0, -20.10, 0, 0),
        ),
    ),
    ({1: "1-102 *", 9: "NTV", 13: "06/01/2023\n11/30/2025", 65: 0, 70: 50, 75: "0/0"}, (("RENT", 0, 900, 0, 0, 900),)),
    (
        {1: "1-102", 9: "Former resident", 13: "01/01/2021\n05/15/2023", 65: 0, 70: 0, 75: "4/2"},
        (("DAMAGE", 0, 612.4, 0, 0, 612.4), ("UTIL", 0, 33.33, 0, 33.33, 0)),
    ),
    ({1: "NONE", 9: "Misc. Income", 65: 0, 70: 0, 75: "0/0"}, (("LAUNDRY", -105.5, 0, -105.5, 0, 0),)),
)
"""Per account its row and its codes: prepaid, delinquent, current, 30 days, 90+ days."""


def delinquency(
    accounts: tuple[tuple[dict[int, Any], tuple[tuple[str, float, float, float, float, float], ...]], ...] = DELINQUENT,
) -> Grid:
    grid = block("DELINQUENT AND PREPAID").replaced("As of 10/30/2025", "Fiscal Period 102025 As of 10/30/2025")
    grid.put(7, {1: "Aging Columns: Fiscal; DelinquentRentOnly: No;"})
    grid.put(16, {1: f"Detail - {len(accounts)} Account(s)"}).put(18, _DEL_UPPER).put(19, _DEL_LOWER)
    row, sums = 21, [0.0] * 5
    for account, codes in accounts:
        grid.put(row, account)
        own = [0.0] * 5
        for code, prepaid, delinquent, current, month, old in codes:
            row += 1
            grid.put(row, {18: code, 43: current, 48: month, 52: 0, 55: old, 60: 0})
            grid.put(row, ({23: prepaid} if prepaid else {}) | ({29: delinquent} if delinquent else {}))
            if code == "LATE":
                grid.put(row, {36: "†"})
            if len(codes) == 1:
                grid.put(row, {39: prepaid + delinquent})
            own = [a + b for a, b in zip(own, (prepaid, delinquent, current, month, old), strict=True)]
        if len(codes) > 1:
            row += 3
            grid.put(row, {18: "Subtotals:", 23: own[0], 29: own[1], 39: own[0] + own[1]})
            grid.put(row, {43: own[2], 48: own[3], 52: 0, 55: own[4], 59: 0})
        sums = [a + b for a, b in zip(sums, own, strict=True)]
        row += 3
    grid.put(row, {16: "Grand Totals:", 23: sums[0], 30: sums[1], 39: sums[0] + sums[1], 43: sums[2], 48: sums[3]})
    grid.put(row, {52: 0, 55: sums[4], 60: len(accounts), 65: 300})
    grid.put(row + 1, {16: "Resident Count:", 23: 2, 30: 3}).put(row + 2, {16: "Net Prepaid:", 30: 1, 39: -105.5})
    grid.put(row + 5, {3: "Summary By Transaction Code **"}).put(row + 6, {3: "Description", 20: "Current\nPrepaid"})
    return grid.put(row + 7, {3: "RENT", 20: 0, 60: 1})


FLAT_LABELS = (
    "Resh ID,Lease ID,Bldg/Unit,Name,Phone,Email,Status,Move-In/Out,Code Description,Total Prepaid,Total Delinquent,"
    "D,O,Net Balance,Current,30 Days,60 Days,90+ Days,Prorate Credit,Deposits Held,Outstanding Deposit,#Late,#NSF,"
    "Comment Date,Leasing Agent"
).split(",")


def flat_delinquency() -> Grid:
    grid = Grid().put(0, {0: "Delinquent and Prepaid (Excel) - Parkside - As of 10/30/2025"})
    grid.put(1, dict(enumerate(FLAT_LABELS)))
    row = 1
    for place, (account, codes) in enumerate(DELINQUENT):
        for code, prepaid, delinquent, current, month, old in codes:
            row += 1
            grid.put(
                row, {0: 9000 + place, 1: 70 + place, 2: account[1], 3: "Quill, Ada", 4: "3035550100", 6: account[9]}
            )
            grid.put(row, {5: "ada@example.com", 7: account[13]} if 13 in account else {})
            grid.put(row, {8: code, 9: prepaid, 10: delinquent, 13: prepaid + delinquent, 14: current, 15: month})
            grid.put(row, {16: 0, 17: old, 18: 0, 19: account[65], 20: account[70], 21: 1, 22: 0, 24: "Reed, Sam"})
    return grid
