"""The Monthly Activity Summary's workbook (3877): occupancy and activity by plan, then what happened, two rows each.

Belongs here: that report's layout: three sections without titles, labels on two and three rows, values beside them.
Does not belong here: what is true of a property.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from connectors.realpage_reports.render_page import Cells, Head, Line, day, dollars, printed_at, workbook
from connectors.sandbox.properties import PropertyWorld

_OCCUPANCY: tuple[Cells, ...] = (
    {8: "Total", 11: "Total", 12: "Total", 16: "Occupied", 17: "Vacant\nNot", 21: "Vacant", 23: "Occupied\nNTV not"}
    | {26: "Occupied\nNTV", 31: "Vacant\nAdmini-", 33: "Vacant"},
    {},
    {1: "Floor plan", 2: "Market Rent", 8: "Base Rent", 11: "SQFT", 12: "Units", 16: "no NTV", 17: "Leased"}
    | {21: "Leased", 23: "Leased", 26: "Leased", 31: "strative", 33: "Down"},
)
_STATES = {"O": 16, "VU": 17, "VL": 21, "ON": 23, "OL": 26, "VM": 31, "VD": 33}

_ACTIVITY: tuple[Cells, ...] = (
    {6: "Cancella-", 15: "\nRent", 19: "Other", 27: "Other", 32: "Deposits"},
    {6: "tions"},
    {1: "Floor plan", 2: "Move-ins", 4: "Move-outs", 6: "/Rejection", 11: "Renewals", 12: "Leases", 15: "Charged"}
    | {19: "Charges", 23: "Payments", 27: "Credits", 32: "In", 34: "Deposits\nOut"},
)
_COUNTS = {
    2: ("moved_in", "transferred"),
    4: ("moved_out",),
    6: ("cancelled", "denied"),
    11: ("renewed",),
    12: ("lease_approved",),
}
_MONEY = {"rent": 16, "other": 19, "payments": 22, "credits": 25, "deposits_in": 29, "deposits_out": 32}

_EVENTS: tuple[Cells, ...] = ({2: "Unit", 8: "Status", 14: "Name", 22: "Action", 28: "Date"},)
_ACTIONS = {
    "lease_approved": ("Lease Approved", "Applicant"),
    "moved_in": ("Moved In", "Current resident"),
    "moved_out": ("Moved Out", "Former resident"),
    "move_out_notice": ("Move Out Notice", "NTV"),
    "transfer_notice": ("Transfer Notice", "NTV"),
    "renewed": ("Renewed Lease", "Current resident"),
    "transferred": ("Transferred to New Unit", "Current resident"),
}


def render(site: PropertyWorld, told: Mapping[str, Any]) -> bytes:
    """Print the report."""
    one = site.properties.iloc[0]
    as_of = one["property_date"]
    head: list[Cells] = [
        {},
        {1: "OneSite Rents v3.0", 5: f"{one['company']} - {one['name']}", 31: "Page {page} of {pages}"},
        {1: printed_at(as_of), 5: "MONTHLY ACTIVITY SUMMARY", 31: "120.080.017"},
        {},
        {5: f"As of {day(as_of)}"},
    ]
    asked = "\n".join(
        [
            "Parameters:",
            f"Accounting activity since: {told['AccStartDate']}",
            f"Occupancy activity since: {told['OccStartDate']}",
            f"Property number: {one['site_number']}",
            f"Subtotals by: {told['SubTotal']}",
        ]
    )
    first = [*head, {}, {}, {1: asked}, {}, {}, {}, {}, {}, {}]
    units = site.units[site.units["counted"]]
    names = sorted(site.plans.loc[site.plans["counts"], "name"].unique())
    since = pd.to_datetime(told["OccStartDate"], format="%m/%d/%Y")
    events = site.resident_events[site.resident_events["on"] >= since]
    events = events.join(
        site.units.drop_duplicates("unit_id").set_index("unit_id")[["label", "plan_name"]], on="unit_id"
    )
    lines = [*_occupancy(site, units, names), Line(), *_activity(site, units, events, names), Line()]
    return workbook(Head(first, [*head, {}], 55), [*lines, *_events(site, events)])


def _occupancy(site: PropertyWorld, units: pd.DataFrame, names: list[str]) -> Iterator[Line]:
    yield from map(Line, _OCCUPANCY)
    rents = site.charges[site.charges["is_rent"]].groupby("lease_id")["cents"].sum()
    base = units["lease_id"].map(rents).fillna(0).astype("int64")
    for name, rows in [*((name, units[units["plan_name"] == name]) for name in names), ("Totals", units)]:
        states = rows["state"].value_counts()
        yield Line(
            {1: name, 3: dollars(rows["market_cents"].sum()), 5: dollars(base.loc[rows.index].sum())}
            | {11: int(rows["sqft"].sum()), 12: len(rows)}
            | {column: int(states.get(state, 0)) for state, column in _STATES.items()},
            _OCCUPANCY,
        )


def _activity(site: PropertyWorld, units: pd.DataFrame, events: pd.DataFrame, names: list[str]) -> Iterator[Line]:
    """Counts of events, and the money that moved: this month's charges, and what was paid of them."""
    yield from map(Line, _ACTIVITY)
    known = events[events["plan_name"].isin(names)]
    money = _money(site, units)
    for name in [*names, None]:
        rows = known if name is None else known[known["plan_name"] == name]
        sums = money.sum() if name is None else money[money["plan_name"] == name].sum()
        yield Line(
            {1: name or "Totals"}
            | {column: int(rows["action"].isin(actions).sum()) for column, actions in _COUNTS.items()}
            | {column: dollars(sums[part]) for part, column in _MONEY.items()},
            _ACTIVITY,
        )


def _money(site: PropertyWorld, units: pd.DataFrame) -> pd.DataFrame:
    charges = site.charges[site.charges["lease_id"].isin(units["lease_id"])]
    parts = {
        "rent": charges["cents"].where(charges["is_rent"], 0),
        "other": charges["cents"].where(~charges["is_rent"] & (charges["cents"] > 0), 0),
        "credits": charges["cents"].where(~charges["is_rent"] & (charges["cents"] < 0), 0),
    }
    of_lease = pd.DataFrame(parts).groupby(charges["lease_id"]).sum()
    made = units[["plan_name", "lease_id", "household_id"]].join(of_lease, on="lease_id")
    homes = site.households.set_index("household_id")[["balance_cents", "deposits_cents"]]
    made = made.join(homes, on="household_id")
    made[["rent", "other", "credits"]] = made[["rent", "other", "credits"]].fillna(0)
    owed = made["balance_cents"].fillna(0).clip(lower=0)
    made["payments"] = -(made["rent"] + made["other"] + made["credits"] - owed).clip(lower=0)
    made["deposits_in"] = made["deposits_cents"].fillna(0)
    made["deposits_out"] = 0
    return made[["plan_name", *_MONEY]]


def _events(site: PropertyWorld, events: pd.DataFrame) -> Iterator[Line]:
    yield from map(Line, _EVENTS)
    people = site.members[site.members["is_head"]].set_index("household_id")
    for action, (word, status) in _ACTIONS.items():
        rows = events[events["action"] == action].sort_values(["on", "event_id"])
        for _, event in rows.iterrows():
            person = people.loc[event["household_id"]]
            yield Line({2: event["label"], 8: status, 14: f"{person['last']}, {person['first']}"}, _EVENTS)
            yield Line({21: word, 27: day(event["on"])})
        yield Line({20: f"Total {word}: {len(rows)}"}, _EVENTS)
        yield Line()
