"""The Lease Expiration Detail's workbook (3838): month to month first, then a section a month, in three row shapes.

Belongs here: that report's layout: the columns of a row move with a rent change, and all of the right half falls onto
the next row where a lease is not to be renewed. Does not belong here: what is true of a property.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from connectors.realpage_reports.render_page import Cells, Head, Line, day, dollars, parameters, printed_at, workbook
from connectors.sandbox.properties import PropertyWorld

_LABELS: tuple[Cells, ...] = (
    {26: "Last Rent\nChange Amt"},
    {
        4: "Name /\nPhone/email",
        7: "Term",
        9: "Lease End",
        13: "Move-In",
        15: "Expected\nMove-out",
        17: "Do Not\nRenew",
        21: "Late/\nNSF",
        23: "Last Rent\nChange",
        29: "Market +\nAddl.",
        31: "Lease\nRent",
        32: "Other\nCharges",
        36: "Other\nCredits",
        38: "Total\nBilling",
        42: "Balance",
    },
    {0: "Unit", 1: "Floorplan", 2: "SQFT"},
)
_PLAIN = {"market": 28, "rent": 30, "charges": 32, "credits": 36, "total": 38, "balance": 42}
_CHANGED = {"amount": 27, "market": 30, "rent": 32, "charges": 35, "credits": 37, "total": 40, "balance": 43}
_TOTALS = {"market": 27, "rent": 30, "charges": 32, "credits": 36, "total": 38}
_EMPTY_BOX = "c"
"""How an unticked box comes out: a letter of a font of symbols."""


def render(site: PropertyWorld, told: Mapping[str, Any]) -> bytes:
    """Print the report."""
    one = site.properties.iloc[0]
    as_of = one["property_date"]
    head: list[Cells] = [
        {},
        {0: "OneSite Rents v3.0", 9: f"{one['company']} - {one['name']}", 38: "Page {page} of {pages}"},
        {0: printed_at(as_of)},
        {9: "LEASE EXPIRATION DETAIL", 38: "mgt-521-007"},
        {9: f"As of {day(as_of)}"},
        {},
    ]
    first = [
        *head,
        {0: parameters({name: told[name] for name in ("startmonth", "endmonth", "MarketRentType", "SortBy")})},
        {},
    ]
    leases = expiring(site, told)
    return workbook(Head(first, head, 47), [*map(Line, _LABELS), *_sections(site, leases)])


def expiring(site: PropertyWorld, told: Mapping[str, Any]) -> pd.DataFrame:
    """Leases in force that are month to month or end in the range, in the order they are printed."""
    begin, end = (pd.to_datetime(told[name], format="%m/%Y") for name in ("startmonth", "endmonth"))
    units = site.units[site.units["counted"]].set_index("unit_id")
    leases = site.leases[site.leases["in_force"] & site.leases["unit_id"].isin(units.index)]
    leases = leases.join(units[["label", "plan_code", "sqft", "market_cents", "addl_cents"]], on="unit_id")
    is_open = leases["month_to_month_on"].notna()
    leases = leases.assign(month=leases["end_on"].dt.to_period("M").dt.to_timestamp().mask(is_open))
    leases = leases[is_open | ((leases["month"] >= begin) & (leases["month"] <= end))]
    return leases.sort_values(["month", "end_on", "label"], na_position="first", kind="stable")


def _sections(site: PropertyWorld, leases: pd.DataFrame) -> Iterator[Line]:
    homes = site.households.set_index("household_id")
    people = site.members[site.members["is_head"]].set_index("household_id")
    sums = _amounts(leases).sum()
    for month, rows in leases.groupby("month", dropna=False, sort=False):
        is_open = pd.isna(month)
        name = "MTM" if is_open else f"{month:%B %Y}"
        yield Line({0: name}, _LABELS)
        for _, lease in rows.iterrows():
            yield from _lease(lease, homes.loc[lease["household_id"]], people.loc[lease["household_id"]])
        total = "Total MTM/Expired leases" if is_open else f"Total leases expiring in {name}"
        yield Line({0: f"{total}: {len(rows)}", **_totals(_amounts(rows).sum())}, _LABELS)
        yield Line()
    yield Line({0: f"Total leases: {len(leases)}", **_totals(sums)}, _LABELS)


def _totals(sums: pd.Series) -> dict[int, Any]:
    return {column: dollars(sums[name]) for name, column in _TOTALS.items()}


def _amounts(leases: pd.DataFrame) -> pd.DataFrame:
    made = {
        "market": leases["market_cents"] + leases["addl_cents"],
        "rent": leases["rent_cents"],
        "charges": leases["other_cents"],
        "credits": leases["credits_cents"],
    }
    return pd.DataFrame({**made, "total": made["rent"] + made["charges"] + made["credits"]}).astype("int64")


def _lease(lease: pd.Series, home: pd.Series, person: pd.Series) -> Iterator[Line]:
    """Two rows: the lease, and who is to be called; the right half is on the second where it is not to be renewed."""
    amounts = _amounts(lease.to_frame().T).iloc[0].to_dict()
    amounts |= {"balance": int(home["balance_cents"]), "amount": int(lease["last_rent_change_cents"])}
    is_open = pd.notna(lease["month_to_month_on"])
    left = {
        0: lease["label"],
        1: lease["plan_code"],
        2: int(lease["sqft"]),
        4: f"{person['last']}, {person['first']}",
        7: "MTM" if is_open else str(int(lease["term_months"])),
        9: day(lease["end_on"]),
        13: day(home["unit_move_in_on"]),
        15: day(home["notice_for_on"]),
    }
    columns = _CHANGED if amounts["amount"] else _PLAIN
    right: dict[int, Any] = {21: f"{home['late_count']}/{home['nsf_count']}", 24: day(lease["last_rent_change_on"])}
    right |= {column: dollars(amounts[name]) for name, column in columns.items()}
    called = {4: f"{person['phone_cell']} {person['email']}"}
    if home["do_not_renew"]:
        yield Line({**left, 17: "x"}, _LABELS, widths={17: 1}, tall=frozenset({17}))
        yield Line({**called, **right})
    else:
        yield Line({**left, 18: _EMPTY_BOX, **right}, _LABELS)
        yield Line(called)
