"""The Rent Roll Detail's workbook (4043): a block of rows a lease, then the summaries it is tied out by.

Belongs here: that report's layout: charges below each other, a move-out below its move-in, bare status rows for other
leases of a unit, amounts with `*` that no total counts. Does not belong here: what is true of a property.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from connectors.realpage_reports.render_page import Cells, Head, Line, day, dollars, parameters, printed_at, workbook
from connectors.sandbox.properties import PropertyWorld

_STATUS = {
    "O": "Occupied",
    "ON": "Occupied-NTV",
    "OL": "Occupied-NTVL",
    "VU": "Vacant",
    "VL": "Vacant-Leased",
    "VM": "Admin/Down",
    "VD": "Admin/Down",
}
_SUMMARY = {
    "Occupied no NTV": ("O",),
    "Occupied NTV": ("ON",),
    "Occupied NTV Leased": ("OL",),
    "Vacant Leased": ("VL",),
    "Vacant not Leased": ("VU",),
    "Admin/Down": ("VM", "VD"),
}
_CODE, _RENT, _OTHER, _TOTAL, _DEPOSIT, _BALANCE = 37, 42, 46, 51, 54, 58
_LEAST_ROWS = 3

_LABELS: tuple[Cells, ...] = (
    {
        17: "\nUnit/Lease",
        26: "\nLease",
        29: "\nLease",
        32: "\nMarket +",
        37: "\nTrans",
        46: "Other\nCharges/",
        54: "\nDep On",
    },
    {
        0: "\nUnit",
        2: "\nFloorplan",
        8: "Unit\nDesignation",
        13: "\nSQFT",
        17: "Status",
        19: "\nName",
        23: "Move-In\nMove-Out",
        26: "Start",
        29: "End",
        32: "Addl.",
        37: "Code",
        40: "Lease\nRent",
        46: "Credits",
        50: "Total\nBilling",
        54: "Hand",
        58: "\nBalance",
    },
)


def render(site: PropertyWorld, told: Mapping[str, Any]) -> bytes:
    """Print the report."""
    one = site.properties.iloc[0]
    as_of = one["property_date"]
    head: list[Cells] = [
        {},
        {0: "OneSite Rents v3.0", 17: f"{one['company']} - {one['name']}", 54: "Page {page} of {pages}"},
        {0: printed_at(as_of), 17: "RENT ROLL DETAIL", 54: "mgt-521-003"},
        {17: f"As of {day(as_of)}"},
    ]
    first = [
        *head,
        {0: parameters({"Property": "ALL", **{n: told[n] for n in ("SubProperty", "SubJournal", "ReportType")}})},
    ]
    first += [
        {0: parameters({name: told[name] for name in ("UnitDesignation", "MarketRentType", "ExclFormers", "SortBy")})},
        {},
    ]
    units = site.units[site.units["counted"]].sort_values(["label", "unit_id"], kind="stable")
    billed = _Billed(site)
    lines = [*map(Line, _LABELS), Line(), *_details(site, units, billed), *_summaries(units, billed, day(as_of) or "")]
    return workbook(Head(first, [*head, {}], 50), lines)


class _Billed:
    """The scheduled charges of each lease, and what they add up to."""

    def __init__(self, site: PropertyWorld) -> None:
        self._of = dict(list(site.charges.groupby("lease_id", sort=False)))

    def of(self, lease: int) -> list[tuple[str, int, bool]]:
        """(Code, cents, is it rent) of a lease's charges."""
        rows = self._of.get(lease)
        return [] if rows is None else list(zip(rows["code"], rows["cents"].astype(int), rows["is_rent"], strict=True))

    def rent(self, lease: int) -> int:
        """The rent of a lease in cents."""
        return sum(cents for _, cents, is_rent in self.of(lease) if is_rent)

    def other(self, lease: int) -> int:
        """Everything else billed on it."""
        return sum(cents for _, cents, is_rent in self.of(lease) if not is_rent)


def _details(site: PropertyWorld, units: pd.DataFrame, billed: _Billed) -> Iterator[Line]:
    homes = site.households.set_index("household_id")
    leases = site.leases.set_index("lease_id")
    others = _others(site)
    for _, unit in units.iterrows():
        cells: dict[int, Any] = {0: unit["label"], 2: unit["plan_code"], 8: unit["designation"], 13: int(unit["sqft"])}
        cells |= {17: _STATUS[unit["state"]], 32: dollars(unit["market_cents"] + unit["addl_cents"])}
        home = homes.loc[unit["household_id"]] if unit["household_id"] else None
        lease = leases.loc[unit["lease_id"]] if unit["lease_id"] else None
        yield from _block(cells, home, lease, billed, "")
        for status, other in others.get(unit["unit_id"], []):
            yield from _block({17: status}, homes.loc[other["household_id"]], other, billed, "*")
    yield Line(_totals(site, units, billed), _LABELS)
    yield Line()


def _others(site: PropertyWorld) -> dict[int, list[tuple[str, pd.Series]]]:
    """Leases of a unit besides the one in force: who has signed to come, and renewals that have not begun."""
    words = {"signed": "Applicant", "applicant": "Applicant", "future": "Pending renewal"}
    found: dict[int, list[tuple[str, pd.Series]]] = {}
    for _, lease in site.leases[site.leases["status"].isin(list(words)) & (site.leases["unit_id"] != 0)].iterrows():
        one = lease.rename(lease["lease_id"])
        found.setdefault(lease["unit_id"], []).append((words[lease["status"]], one))
    return found


def _block(
    cells: dict[int, Any], home: pd.Series | None, lease: pd.Series | None, billed: _Billed, mark: str
) -> Iterator[Line]:
    """The rows of one lease, or of an empty unit."""
    number = 0 if lease is None else int(str(lease.name))
    charges = billed.of(number) or ([("RENT", int(lease["rent_cents"]), True)] if lease is not None else [])
    below: dict[int, Any] = {}
    if lease is not None and home is not None:
        came = home["unit_move_in_on"] if not mark else lease["scheduled_move_in_on"]
        cells |= {23: day(came), 26: day(lease["begin_on"]), 29: day(lease["end_on"])}
        below = {23: day(home["notice_for_on"]) if not mark else None}
        cells[_TOTAL] = _amount(sum(cents for _, cents, _ in charges), mark)
        if not mark:
            cells |= {_DEPOSIT: dollars(home["deposits_cents"]), _BALANCE: dollars(home["balance_cents"])}
    rows: list[dict[int, Any]] = [cells, below]
    for place, (code, cents, is_rent) in enumerate(charges):
        if place == len(rows):
            rows.append({})
        rows[place] |= {_CODE: code, _RENT if is_rent else _OTHER: _amount(cents, mark)}
    rows += [{}] * (_LEAST_ROWS - len(rows))
    for row in rows:
        yield Line({column: row[column] for column in sorted(row)}, _LABELS)


def _amount(cents: int, mark: str) -> Any:
    """A number; with the mark behind it, which makes it text."""
    return f"{cents / 100:,.2f} {mark}" if mark else dollars(cents)


def _totals(site: PropertyWorld, units: pd.DataFrame, billed: _Billed) -> dict[int, Any]:
    homes = site.households[site.households["household_id"].isin(units["household_id"])]
    rent = sum(map(billed.rent, units["lease_id"]))
    other = sum(map(billed.other, units["lease_id"]))
    market = int((units["market_cents"] + units["addl_cents"]).sum())
    cells = {0: "Totals:", 32: market, _RENT: rent, _OTHER: other, _TOTAL: rent + other}
    cells |= {_DEPOSIT: int(homes["deposits_cents"].sum()), _BALANCE: int(homes["balance_cents"].sum())}
    return {column: value if column == 0 else dollars(value) for column, value in cells.items()}


def _summaries(units: pd.DataFrame, billed: _Billed, as_of: str) -> Iterator[Line]:
    occupied = units["state"].isin(["O", "ON", "OL"])
    made = units.assign(
        asked=units["market_cents"] + units["addl_cents"], rent=[billed.rent(one) for one in units["lease_id"]]
    )
    made["potential"] = made["rent"].where(occupied, made["asked"])
    yield from _analysis(made, occupied)
    yield Line({0: f"Occupancy and Rents Summary for Current Date {as_of}"})
    yield Line({0: "Unit Status", 13: "Market +\nAddl.", 23: "# Units", 32: "Potential\nRent"})
    for name, states in _SUMMARY.items():
        rows = made[made["state"].isin(states)]
        yield Line({0: name, 14: dollars(rows["asked"].sum()), 23: len(rows), 33: dollars(rows["potential"].sum())})
    yield Line({0: "Totals:", 14: dollars(made["asked"].sum()), 23: len(made), 33: dollars(made["potential"].sum())})
    yield Line()
    codes: dict[str, list[int]] = {}
    for lease in units["lease_id"]:
        for code, cents, is_rent in billed.of(lease):
            codes.setdefault(code, [0, 0])[0 if is_rent else 1] += cents
    total = [sum(both[place] for both in codes.values()) for place in (0, 1)]
    for title, first, rows_of in (
        ("Summary Billing by Subjournal", "Subjournal", {"RESIDENT": total}),
        ("Summary Billing by Transaction Code", "Trans Code", codes),
    ):
        yield Line({0: title})
        yield Line({0: first, 13: "Lease\nRent", 23: "Other\nCharges/\nCredits", 32: "Total\nBilling"})
        for name, (rent, other) in [*sorted(rows_of.items()), ("Totals:", total)]:
            yield Line({0: name, 14: dollars(rent), 24: dollars(other), 33: dollars(rent + other)})
        yield Line()


def _analysis(made: pd.DataFrame, occupied: pd.Series) -> Iterator[Line]:
    yield Line({0: "Rent Analysis by Floor Plan"})
    yield Line(
        {0: "Floor Plan", 8: "# Units", 13: "Average\nSqFt", 19: "Average\nMarket +\nAddl.", 26: "Market\nAmt/SqFt"}
        | {
            32: "Average\nLeased",
            37: "Leased\nAmt/SqFt",
            42: "Units\nOccupied",
            50: "Occupancy %",
            58: "Units\nAvailable",
        }
    )
    for name, rows in [*made.groupby("plan_code"), ("Totals:", made)]:
        lived_in = rows[occupied.loc[rows.index]]
        area, lived_area = int(rows["sqft"].sum()), int(lived_in["sqft"].sum())
        yield Line(
            {
                0: name,
                8: len(rows),
                13: (2 * area + len(rows)) // (2 * len(rows)),
                20: _average(rows["asked"].sum(), len(rows)),
                26: _average(rows["asked"].sum(), area),
                32: _average(lived_in["rent"].sum(), len(lived_in)),
                37: _average(lived_in["rent"].sum(), lived_area),
                42: len(lived_in),
                50: len(lived_in) * 10_000 // len(rows) / 100,
                58: int(rows["state"].isin(["VU", "ON"]).sum()),
            }
        )
    yield Line()


def _average(cents: Any, count: int) -> float:
    """Rounded half up to the cent."""
    return (int(cents) * 2 + count) // (2 * count) / 100 if count else 0.0
