"""The Box Score's workbook: Unit Status, exposure beside make ready, designations, leasing, then the lists.

Belongs here: that report's layout (sections by title, labels on two rows, up to eighty columns). Does not belong
here: what is true of a property (`connectors/sandbox/properties/`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from connectors.realpage_reports.render_page import Cells, Head, Line, day, dollars, parameters, printed_at, workbook
from connectors.sandbox.properties import PropertyWorld

_GROUP, _PLAN = 0, 6
_COUNTS = {
    "units": 14,
    "vacant": 18,
    "VU": 22,
    "VL": 26,
    "VM": 30,
    "VD": 34,
    "occupied": 38,
    "O": 42,
    "ON": 46,
    "OL": 50,
}
_OCCUPANCY, _MARKET, _LEASED, _NET_LEASED = 54, 59, 65, 71

_LABELS: tuple[Cells, ...] = (
    {18: "Vacant", 38: "Occupied"},
    {
        0: "\nFloor Plan\nGroup",
        6: "\nFloor Plan",
        14: "\nUnits",
        18: "Total\nVacant",
        22: "Not\nLeased",
        26: "\nLeased",
        30: "Model/\nAdmin",
        34: "\nDown",
        38: "Total\nOccupied",
        42: "No\nNTV",
        46: "\nNTV-NL",
        50: "\nNTV-L",
        54: "Occupancy\nPercent",
        59: "Avg Market\nRent",
        65: "Avg Leased\nRent",
        71: "Net Leased\nPercent",
    },
)

_STATES = ("O", "ON", "OL", "VU", "VL", "VM", "VD")


def render(site: PropertyWorld, told: Mapping[str, Any]) -> bytes:
    """Print the report."""
    one = site.properties.iloc[0]
    as_of = one["property_date"]
    title = f"{one['company']} - {one['name']}"
    head: list[Cells] = [
        {1: "OneSite Rents v3.0", 3: title, 7: "Page {page} of {pages}"},
        {},
        {3: "BOXSCORE"},
        {7: "mgt-542-001"},
        {1: printed_at(as_of)},
        {3: f"As of {day(as_of)}"},
    ]
    first = [*head, {1: parameters({"Subproperty": told["SubProperty"]})}]
    first += [
        {1: parameters({name: told[name] for name in ("Start_Date", "End_Date", "ShowUnitDesignations")})},
        {},
        {},
    ]
    lines = [*_unit_status(site, day(as_of) or ""), *_exposure(site), *_designations(site), *_lists(site, told)]
    return workbook(Head(first, head, 52), lines)


def _unit_status(site: PropertyWorld, as_of: str) -> Iterator[Line]:
    yield Line({0: f"Unit Status - {as_of}"})
    yield from map(Line, _LABELS)
    # Half of the sites print a group on a row of its own, half of them beside its first plan.
    is_apart = int(site.properties.iloc[0]["site_id"]) % 2 == 0
    plans = _by_plan(site)
    for group, rows in plans.groupby("group", sort=True):
        if is_apart:
            yield Line({_GROUP: group}, _LABELS)
        for place, (_, plan) in enumerate(rows.iterrows()):
            leads = {} if is_apart or place else {_GROUP: group}
            yield Line({**leads, _PLAN: plan["name"], **_figures(plan)}, _LABELS)
        yield Line({_GROUP: f"Total {group}:", **_figures(_sum(rows))}, _LABELS)
    yield Line({_GROUP: "Property Totals", **_figures(_sum(plans))}, _LABELS)
    yield Line()


def _by_plan(site: PropertyWorld) -> pd.DataFrame:
    """Each plan's units by state, and its rents in cents; plans that share a name are one."""
    plans = site.plans[site.plans["counts"]].groupby("name", sort=True)["group"].first().to_frame()
    units = site.units[site.units["counted"]]
    states = pd.crosstab(units["plan_name"], units["state"])
    made = plans.join(states).reindex(columns=["group", *_STATES])
    made["market"] = units.groupby("plan_name")["market_cents"].sum()
    rents = site.charges[site.charges["is_rent"]].groupby("lease_id")["cents"].sum()
    occupied = units[units["state"].isin(["O", "ON", "OL"])]
    made["rent"] = occupied.assign(rent=occupied["lease_id"].map(rents).fillna(0)).groupby("plan_name")["rent"].sum()
    numbers = [*_STATES, "market", "rent"]
    made[numbers] = made[numbers].fillna(0).astype("int64")
    return made.reset_index()


def _sum(plans: pd.DataFrame) -> pd.Series:
    return plans[[*_STATES, "market", "rent"]].sum()


def _figures(row: pd.Series) -> dict[int, Any]:
    """A row's figures, a column right of where their labels begin."""
    counts = {state: int(row[state]) for state in _STATES}
    counts["vacant"] = sum(counts[state] for state in ("VU", "VL", "VM", "VD"))
    counts["occupied"] = sum(counts[state] for state in ("O", "ON", "OL"))
    units = counts["units"] = counts["vacant"] + counts["occupied"]
    net_leased = counts["VL"] + counts["O"] + counts["OL"]
    cells: dict[int, Any] = {column + 1: counts[name] for name, column in _COUNTS.items()}
    cells[_OCCUPANCY + 1] = _percent(counts["occupied"], units)
    cells[_MARKET + 1] = _average(row["market"], units)
    cells[_LEASED + 1] = _average(row["rent"], counts["occupied"])
    cells[_NET_LEASED + 1] = _percent(net_leased, units)
    return cells


def _percent(part: int, whole: int) -> str:
    """Cut, not rounded, as RealPage prints it."""
    hundredths = part * 10_000 // whole if whole else 0
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _average(cents: Any, count: int) -> float:
    """Rounded half up to the cent."""
    return (int(cents) * 2 + count) // (2 * count) / 100 if count else 0.0


def _exposure(site: PropertyWorld) -> Iterator[Line]:
    """Availability/Exposure, and the make-ready block to its right on the same rows."""
    total = _sum(_by_plan(site))
    units = int(sum(total[state] for state in _STATES))
    vacant = int(total["VU"] + total["VL"] + total["VM"] + total["VD"])
    exposure = vacant - int(total["VL"]) + int(total["ON"])
    controllable = exposure - int(total["VM"]) - int(total["VD"])
    empty = site.units[site.units["counted"] & site.units["state"].str.startswith("V")]
    is_ready = empty["is_ready"] | _is_made_ready(empty, site.properties.iloc[0]["property_date"])
    left = [
        ("Total Vacant Units", vacant),
        ("Vacant Units Leased", int(total["VL"])),
        ("Occupied On-Notice", int(total["ON"])),
        ("Occupied On-Notice Pre-Leased", int(total["OL"])),
        ("Net Exposure", exposure),
        ("Model/Admin", int(total["VM"])),
        ("Down", int(total["VD"])),
        ("Controllable Availability", controllable),
    ]
    right = [
        ("Made Ready", empty[is_ready]),
        ("Not Made Ready", empty[~is_ready]),
        ("Total Vacant Units", empty),
    ]
    as_of = day(site.properties.iloc[0]["property_date"])
    yield Line({0: f"Availability/Exposure - {as_of}", 40: f"Vacant Units Make Ready Status - {as_of}"})
    yield Line(
        {0: "Status", 14: "Number", 22: "%", 40: "Status", 50: "Number", 56: "%"}
        | {61: "Total\nLeased", 66: "Admin/\nDown", 72: "Total\nAvailable"}
    )
    for place, (status, number) in enumerate(left):
        cells = {0: status, 15: number, 22: _percent(number, units)}
        if place < len(right):
            name, rows = right[place]
            leased, off = (int(rows["state"].isin(states).sum()) for states in (["VL"], ["VM", "VD"]))
            cells |= {40: name, 51: len(rows), 56: _percent(len(rows), len(empty)), 62: leased, 67: off}
            cells[73] = len(rows) - leased - off
        yield Line(cells)
    yield Line()


def _is_made_ready(units: pd.DataFrame, as_of: Any) -> pd.Series:
    """The same rule for units off the market, of which the world keeps no verdict."""
    ready, left = units["made_ready_on"], units["last_move_out_on"]
    return ready.notna() & (ready <= pd.Timestamp(as_of)) & (left.isna() | (ready >= left))


def _designations(site: PropertyWorld) -> Iterator[Line]:
    yield Line({0: "Unit Designations"})
    yield Line({0: "Designation", 14: "Units", 18: "Vacant", 38: "Occupied"})
    units = site.units[site.units["counted"]]
    for name, rows in units.groupby("designation"):
        vacant = int(rows["state"].str.startswith("V").sum())
        yield Line({0: name, 15: len(rows), 19: vacant, 39: len(rows) - vacant})
    yield Line()


def _lists(site: PropertyWorld, told: Mapping[str, Any]) -> Iterator[Line]:
    """Leasing by group, and who came and went in the range, with names left out."""
    begin, end = (pd.to_datetime(told[name], format="%m/%d/%Y") for name in ("Start_Date", "End_Date"))
    range_ = f"{told['Start_Date']} through {told['End_Date']}"
    units = site.units.drop_duplicates("unit_id").set_index("unit_id")
    events = site.resident_events
    events = events[(events["on"] >= begin) & (events["on"] <= end)]
    events = events.join(units[["label", "plan_name", "group"]], on="unit_id")
    yield Line({0: f"Leasing - {range_}"})
    yield Line({0: "Floor Plan\nGroup", 14: "Leases", 22: "Canceled/\nDenied", 34: "Net\nLeases"})
    signed, lost = events["action"] == "lease_approved", events["action"].isin(["cancelled", "denied"])
    for group in sorted(units.loc[units["counted"], "group"].unique()):
        mine = events["group"] == group
        yield Line(
            {
                0: group,
                15: int((mine & signed).sum()),
                23: int((mine & lost).sum()),
                35: int((mine & signed).sum()) - int((mine & lost).sum()),
            }
        )
    yield Line({0: "Totals", 15: int(signed.sum()), 23: int(lost.sum()), 35: int(signed.sum()) - int(lost.sum())})
    yield Line()
    for action, name in (
        ("lease_approved", "Leases - New Residents - Vacant Units Leased"),
        ("cancelled", "Canceled"),
        ("denied", "Denied"),
        ("moved_in", "Move-Ins - New Residents"),
        ("transferred", "Move-Ins - Transferring"),
        ("moved_out", "Move-Outs - Exiting"),
    ):
        labels: tuple[Cells, ...] = ({0: "Unit", 6: "Floor Plan", 14: "Name", 30: "Date"},)
        yield Line({0: f"{name} - {range_}"})
        yield from map(Line, labels)
        for _, event in events[events["action"] == action].iterrows():
            yield Line({0: event["label"], 6: event["plan_name"], 30: day(event["on"])}, labels)
        yield Line()
    yield from _notices(site)
    yield from _vacancies(site)


def _notices(site: PropertyWorld) -> Iterator[Line]:
    labels: tuple[Cells, ...] = (
        {0: "Unit", 6: "Floor Plan", 14: "Name", 22: "Notice\nGiven", 30: "Planned\nMove-Out", 42: "Pre-Leased"}
        | {59: "Market\nRent"},
    )
    yield Line({0: "Notice to Vacate (NTV)"})
    yield from map(Line, labels)
    homes = site.households.set_index("household_id")
    for _, unit in site.units[site.units["state"].isin(["ON", "OL"])].iterrows():
        home = homes.loc[unit["household_id"]]
        cells = {0: unit["label"], 6: unit["plan_name"], 22: day(home["notice_given_on"])}
        cells |= {30: day(unit["on_notice_for_on"]), 42: "Yes" if unit["state"] == "OL" else "No"}
        yield Line({**cells, 60: dollars(unit["market_cents"])}, labels)
    yield Line()


def _vacancies(site: PropertyWorld) -> Iterator[Line]:
    labels: tuple[Cells, ...] = (
        {0: "Unit", 6: "Floor Plan", 14: "Move-Out", 22: "Pre-Leased", 30: "Make\nReady", 42: "Market\nRent"}
        | {50: "Days\nVacant", 59: "Estimated\nVacancy Cost"},
    )
    as_of = day(site.properties.iloc[0]["property_date"])
    yield Line({0: f"Vacancies - {as_of}"})
    yield from map(Line, labels)
    for _, unit in site.units[site.units["counted"] & site.units["state"].str.startswith("V")].iterrows():
        days = unit["days_vacant"]
        known = pd.notna(days)
        cells = {0: unit["label"], 6: unit["plan_name"], 14: day(unit["last_move_out_on"])}
        cells |= {22: "Yes" if unit["state"] == "VL" else "No", 30: day(unit["made_ready_on"])}
        cells |= {43: dollars(unit["market_cents"]), 50: int(days) if known else "*"}
        cells[59] = round(unit["market_cents"] / 30.42 * days) / 100 if known else "*"
        yield Line(cells, labels)
