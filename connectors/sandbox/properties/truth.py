"""What the metrics of the made-up properties are: recomputed from the frames, by their definitions.

Belongs here: every figure the property marts show, in pandas, from what the world knows; nothing of it passes through a
report, a protocol or SQL. Does not belong here: how the marts compute them.

Every function takes a `PropertyWorld` and returns a frame by `site_id`; money is in dollars, NaN means that there is no
answer (a division by zero). What a system cannot say although it is true is in `CANNOT_SAY`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.properties import PropertyWorld
from connectors.sandbox.properties.calendar import HISTORY, moments
from connectors.sandbox.properties.leasing import TOURS

STATES = ("O", "ON", "OL", "VU", "VL", "VM", "VD")
OCCUPIED = ("O", "ON", "OL")

_NO_LEDGER = "the interface has no open items by age"
_NO_PROSPECTS = "the gateway tells of residents and applicants, not of prospects"

CANNOT_SAY = {
    "reports": {
        ("activity", "renewal_rate"): "the expiration report does not say who renewed; only counts of the month",
    },
    "rpx": {
        **{("delinquency", field): _NO_LEDGER for field in ("balance_0_30", "balance_31_60", "balance_61_90")},
        ("delinquency", "balance_over_90"): _NO_LEDGER,
        **{("leasing_funnel", field): _NO_PROSPECTS for field in ("leads", "tours", "lead_to_tour")},
        ("leasing_funnel", "tour_to_application"): _NO_PROSPECTS,
    },
    "yardi": {
        **{
            ("delinquency", field): _NO_LEDGER
            for field in (
                "total_delinquent", "balance_0_30", "balance_31_60", "balance_61_90", "balance_over_90", "prepaid",
                "delinquent_units", "delinquent_share",
            )
        },
        ("activity", "expirations"): "a renewed resident's former lease is not shown: past months are too low",
        ("activity", "renewal_rate"): "a renewed resident's former lease is not shown",
    },
}  # fmt: skip
"""By door, module and field: why it has no answer there, or not this one."""


def _as_of(world: PropertyWorld, sites: pd.Series) -> pd.Series:
    return sites.map(world.properties.set_index("site_id")["property_date"])


def _divided(above: pd.Series, below: pd.Series) -> pd.Series:
    return above / below.where(below != 0)


def _counted(world: PropertyWorld) -> pd.DataFrame:
    units = world.units[world.units["counted"]]
    rent = world.leases.set_index("lease_id")["rent_cents"]
    return units.assign(rent_cents=units["lease_id"].map(rent).fillna(0).astype(np.int64))


def unit_states(world: PropertyWorld) -> pd.DataFrame:
    """Count units by state, property and floor plan, with sums of rents and square feet: what a Box Score prints."""
    units = _counted(world)
    keys = [units["site_id"], units["group"], units["plan_name"]]
    made = pd.DataFrame({state: units["state"].eq(state).groupby(keys).sum() for state in STATES})
    occupied = units["state"].isin(OCCUPIED)
    made["units"] = units.groupby(keys).size()
    for name, column in (("market_cents", "market_cents"), ("sqft", "sqft")):
        made[name] = units[column].groupby(keys).sum()
    made["rent_cents"] = units["rent_cents"].where(occupied, 0).groupby(keys).sum()
    made["occupied_sqft"] = units["sqft"].where(occupied, 0).groupby(keys).sum()
    return made.reset_index()


def occupancy(world: PropertyWorld) -> pd.DataFrame:
    """Return the occupancy of each property."""
    units = _counted(world)
    as_of = _as_of(world, units["site_id"])
    state = units["state"]
    leasable = state.isin(["VU", "VL"])
    left = units["last_move_out_on"]
    ready = leasable & (units["made_ready_on"] <= as_of) & (left.isna() | (units["made_ready_on"] >= left))
    since = left.where(left.notna(), units["available_on"].where(units["available_on"] <= as_of))
    aged = leasable & ((as_of - since).dt.days > 90)
    counts = {
        "total_units": state.isin(STATES),
        "occupied_units": state.isin(OCCUPIED),
        "vacant_units": ~state.isin(OCCUPIED),
        "preleased_vacant": state == "VL",
        "vacant_ready": ready,
        "vacant_not_ready": leasable & ~ready,
        "aged_vacancy_90": aged,
        "on_notice": state.isin(["ON", "OL"]),
    }
    made = pd.DataFrame({name: chosen.groupby(units["site_id"]).sum() for name, chosen in counts.items()})
    made["physical_occupancy"] = _divided(made["occupied_units"], made["total_units"])
    made["leased_percentage"] = _divided(made["occupied_units"] + made["preleased_vacant"], made["total_units"])
    return made.reset_index()


def exposure(world: PropertyWorld) -> pd.DataFrame:
    """Return what will be empty within 30 and 60 days."""
    units = _counted(world)
    as_of = _as_of(world, units["site_id"])
    sites = units["site_id"]
    noticed = units["state"].isin(["ON", "OL"])
    leaves = (units["on_notice_for_on"] - as_of).dt.days
    arrives = (units["expected_move_in_on"] - as_of).dt.days
    state = {name: units["state"].eq(name).groupby(sites).sum() for name in ("VU", "VL")}
    made = pd.DataFrame({"vacant_unleased": state["VU"]})
    for days in (30, 60):
        made[f"notices_{days}"] = (noticed & (leaves <= days)).groupby(sites).sum()
    for days in (30, 60):
        made[f"move_ins_{days}"] = arrives.between(0, days).groupby(sites).sum()
    for days in (30, 60):
        net = state["VU"] + state["VL"] + made[f"notices_{days}"] - made[f"move_ins_{days}"]
        made[f"exposure_{days}"] = net.clip(lower=0)
    return made.reset_index()


def pricing(world: PropertyWorld) -> pd.DataFrame:
    """Return the rents of each floor plan that has units, by its name."""
    plans = unit_states(world)
    occupied = plans[list(OCCUPIED)].sum(axis=1)
    made = plans[["site_id", "plan_name"]].assign(unit_count=plans["units"], occupied_count=occupied)
    made["average_sqft"] = plans["sqft"] / plans["units"]
    made["in_place_rent"] = _divided(plans["rent_cents"] / 100, occupied)
    made["in_place_per_sqft"] = _divided(plans["rent_cents"] / 100, plans["occupied_sqft"])
    made["asking_rent"] = plans["market_cents"] / 100 / plans["units"]
    made["asking_per_sqft"] = _divided(plans["market_cents"] / 100, plans["sqft"])
    made["rent_growth"] = _divided(made["asking_rent"] - made["in_place_rent"], made["in_place_rent"])
    return made


def delinquency(world: PropertyWorld) -> pd.DataFrame:
    """Return what is owed and paid ahead, from the ledgers' open lines."""
    lines = world.ledger
    owed = lines[lines["delinquent_cents"] > 0]
    made = pd.DataFrame({"total_delinquent": owed.groupby("site_id")["delinquent_cents"].sum()})
    for name, bucket in (("0_30", "0"), ("31_60", "30"), ("61_90", "60"), ("over_90", "90")):
        made[f"balance_{name}"] = owed.groupby("site_id")[f"bucket_{bucket}_cents"].sum()
    made["prepaid"] = -lines.groupby("site_id")["prepaid_cents"].sum()
    made = made.reindex(world.properties["site_id"]).fillna(0) / 100
    living = owed[owed["status"].isin(["Current resident", "NTV"])]
    units = living.groupby("site_id")["unit_label"].nunique()
    made["delinquent_units"] = units.reindex(made.index).fillna(0).astype(np.int64)
    occupied = occupancy(world).set_index("site_id")["occupied_units"]
    made["delinquent_share"] = _divided(made["delinquent_units"], occupied.reindex(made.index))
    return made.reset_index()


def _months(world: PropertyWorld) -> pd.MultiIndex:
    first = pd.Timestamp(moments(HISTORY).item())
    dates = world.properties.set_index("site_id")["property_date"]
    pairs = [(site, month) for site, last in dates.items() for month in pd.date_range(first, last, freq="MS")]
    return pd.MultiIndex.from_tuples(pairs, names=["site_id", "month"])


def _by_month(rows: pd.DataFrame, day: str, who: str, months: pd.MultiIndex) -> pd.Series:
    """Count distinct `who` by property and month of `day`."""
    month = rows[day].dt.to_period("M").dt.to_timestamp().rename("month")
    return rows.groupby([rows["site_id"], month])[who].nunique().reindex(months).fillna(0).astype(np.int64)


def leasing_funnel(world: PropertyWorld) -> pd.DataFrame:
    """Return by month how many people first made contact, toured, applied and signed; each once a month and stage."""
    months = _months(world)
    events = world.prospect_events
    made = pd.DataFrame({"leads": _by_month(world.prospects, "first_contact_on", "prospect_id", months)})
    for stage, kinds in (
        ("tours", TOURS),
        ("applications", ("application", "reapply")),
        ("lease_signs", ("lease_sign",)),
    ):
        made[stage] = _by_month(events[events["kind"].isin(kinds)], "at", "prospect_id", months)
    made["lead_to_tour"] = _divided(made["tours"], made["leads"])
    made["tour_to_application"] = _divided(made["applications"], made["tours"])
    made["application_to_lease"] = _divided(made["lease_signs"], made["applications"])
    return made.reset_index()


def activity(world: PropertyWorld) -> pd.DataFrame:
    """Return by month who moved in and out, who renewed, and how many of the leases that ended were renewed."""
    months = _months(world)
    events = world.resident_events
    made = pd.DataFrame(index=months)
    for field, action in (("move_ins", "moved_in"), ("move_outs", "moved_out")):
        made[field] = _by_month(events[events["action"] == action], "on", "household_id", months)
    made["net_absorption"] = made["move_ins"] - made["move_outs"]
    made["renewals"] = _by_month(events[events["action"] == "renewed"], "on", "lease_id", months)
    leases = world.leases
    ended = leases[leases["status"].isin(["current", "current_future", "current_past", "former"])]
    made["expirations"] = _by_month(ended, "end_on", "household_id", months)
    following = ended["next_lease_id"].map(leases.set_index("lease_id")["kind"])
    cohort = _by_month(ended[following == "renewal"], "end_on", "household_id", months)
    made["renewal_rate"] = _divided(cohort, made["expirations"])
    return made.reset_index()


def _latest(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values("month").drop_duplicates("site_id", keep="last")


def summary(world: PropertyWorld) -> pd.DataFrame:
    """Return the latest of everything, one row a property; rents over all floor plans."""
    made = occupancy(world).merge(exposure(world), on="site_id").merge(delinquency(world), on="site_id")
    made = made.merge(_latest(leasing_funnel(world)), on="site_id")
    made = made.merge(_latest(activity(world)).drop(columns="month"), on="site_id")
    return made.merge(_rents(unit_states(world), ["site_id"]), on="site_id")


def _rents(plans: pd.DataFrame, by: list[str]) -> pd.DataFrame:
    sums = plans.assign(occupied=plans[list(OCCUPIED)].sum(axis=1)).groupby(by)[
        ["rent_cents", "occupied", "market_cents", "units"]
    ]
    total = sums.sum()
    made = pd.DataFrame({"in_place_rent": _divided(total["rent_cents"] / 100, total["occupied"])})
    made["asking_rent"] = _divided(total["market_cents"] / 100, total["units"])
    made["rent_growth"] = _divided(made["asking_rent"] - made["in_place_rent"], made["in_place_rent"])
    return made.reset_index()


def portfolio(world: PropertyWorld) -> pd.DataFrame:
    """Return the sums over the properties of each property date, and the shares divided after adding up."""
    dates = world.properties.set_index("site_id")["property_date"].rename("day")
    parts = [one.set_index("site_id") for one in (occupancy(world), exposure(world), delinquency(world))]
    counts = pd.concat(parts, axis=1)
    shares = ["physical_occupancy", "leased_percentage", "delinquent_share"]
    made = counts.drop(columns=shares).groupby(dates).sum()
    made["physical_occupancy"] = _divided(made["occupied_units"], made["total_units"])
    made["leased_percentage"] = _divided(made["occupied_units"] + made["preleased_vacant"], made["total_units"])
    made["delinquent_share"] = _divided(made["delinquent_units"], made["occupied_units"])
    plans = unit_states(world)
    rents = _rents(plans.assign(day=plans["site_id"].map(dates)), ["day"])
    return made.reset_index().merge(rents, on="day")
