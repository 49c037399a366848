"""The units of a property as they stand on a day.

Belongs here: which of the eight states a counted unit is in, when it was left, when it is ready. Does not belong here:
who moves when (`tenancies.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, stream
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import ANCHOR, FAR, moments, month_of
from connectors.sandbox.properties.draws import drawn
from connectors.sandbox.properties.rents import market
from connectors.sandbox.properties.tenancies import FirstDay

COLUMNS = (
    "site_id unit_id number label yardi_code building_id building floor plan_id plan_name plan_code group sqft "
    "gross_sqft designation market_cents addl_cents state x_reason counted deleted reason_not_available reserved "
    "made_ready_on is_ready last_move_out_on days_vacant available_on expected_move_in_on on_notice_for_on "
    "household_id lease_id incoming_household_id vacated_by_transfer"
).split()
"""Of the frame of units."""

_OFF_MARKET = ("Model", "Employee unit", "Under rehab", "Administrative", "Storage")


def units(site: Site, known: FirstDay, stays: pd.DataFrame, leases: pd.DataFrame, today: int) -> pd.DataFrame:
    """Say how the units stand on a day.

    Args:
        site: the property.
        known: what is given of its first day.
        stays: all of them, past and to come.
        leases: those in force name the lease of an occupied unit.
        today: the day.
    """
    homes = site.homes
    here = stays[(stays["begin"] <= today) & (stays["end"] > today)].set_index("place")
    coming = stays[(stays["signed"] <= today) & (stays["begin"] > today) & (stays["from_household"] == 0)]
    coming = coming.drop_duplicates("place").set_index("place")
    gone = stays[stays["end"] <= today].sort_values("end", kind="stable").drop_duplicates("place", keep="last")
    gone = gone.set_index("place")
    living = _by_unit(here, "household_id", homes, 0)
    incoming = _by_unit(coming, "household_id", homes, 0)
    notice = _by_unit(here, "notice", homes, FAR)
    noticed = notice <= today
    left = _by_unit(gone, "end", homes, FAR)
    by_transfer = _by_unit(gone, "to_transfer", homes, 0).astype(bool)
    occupied, vacant = living > 0, living == 0
    off = vacant & (known.back_on > today)
    state = np.select(
        [off & (known.state == "VD"), off, vacant & (incoming > 0), vacant, noticed & (incoming > 0), noticed],
        ["VD", "VM", "VL", "VU", "OL", "ON"],
        "O",
    )
    chance = stream(site.seed, "off market")
    reasons = np.array(_OFF_MARKET)[chance.integers(0, len(_OFF_MARKET), homes)]
    delivered = np.where(chance.random(homes) < 0.5, ANCHOR - 40 - chance.integers(0, 80, homes), FAR)
    ready = _made_ready(site, gone, left, today, vacant)
    ready = np.where(off, FAR, ready)
    is_ready = np.isin(state, ("VU", "VL")) & (ready <= today) & ((left == FAR) | (ready >= left))
    available = np.where(left < FAR, np.where(by_transfer, left, left + 5), delivered)
    planned = np.where(noticed, _by_unit(here, "notice_for", homes, FAR), FAR)
    available = np.where(occupied, np.where(planned < FAR, planned + 5, FAR), available)
    since = np.where(left < FAR, left, np.where(available <= today, available, FAR))
    force = leases[leases["in_force"]].set_index("unit_id")["lease_id"]
    made = site.units.copy()
    counted = np.arange(len(made)) < homes
    everywhere = {
        "state": (state, "X"),
        "household_id": (living, 0),
        "incoming_household_id": (incoming, 0),
        "reason_not_available": (np.select([state == "VD", off], ["Down unit", reasons], ""), ""),
        "made_ready_on": (moments(ready), np.datetime64("NaT")),
        "is_ready": (is_ready, False),
        "last_move_out_on": (moments(left), np.datetime64("NaT")),
        "days_vacant": (np.where(vacant & (since < FAR), today - since, np.nan), np.nan),
        "available_on": (moments(available), np.datetime64("NaT")),
        "expected_move_in_on": (moments(_by_unit(coming, "begin", homes, FAR)), np.datetime64("NaT")),
        "on_notice_for_on": (moments(planned), np.datetime64("NaT")),
        "vacated_by_transfer": (vacant & by_transfer, False),
        "reserved": (np.isin(state, ("VL", "OL")), False),
    }
    for column, (values, otherwise) in everywhere.items():
        filler = np.full(len(made) - homes, otherwise, dtype=values.dtype)
        made[column] = np.concatenate([values, filler])
    made["market_cents"] = market(site, np.arange(len(made)), np.full(len(made), month_of(today)))
    made["counted"] = counted
    made["lease_id"] = made["unit_id"].map(force).fillna(0).astype(np.int64)
    return made[list(COLUMNS)]


def _by_unit(stays: pd.DataFrame, column: str, homes: int, otherwise: int) -> Array:
    made = np.full(homes, otherwise, dtype=np.int64)
    made[stays.index.to_numpy()] = stays[column].to_numpy()
    return made


def _made_ready(site: Site, gone: pd.DataFrame, left: Array, today: int, vacant: Array) -> Array:
    """Return when each unit was made ready, as recorded: never, long ago, lately, or as planned."""
    rows = gone.reset_index()
    u = drawn(site.seed, "made ready", rows, 3, by="stay")
    turned = rows["end"].to_numpy() + 1 + (u[0] * u[0] * 30).astype(np.int64)
    turned = np.where(u[1] < 0.08, FAR, turned)
    stale = rows["begin"].to_numpy() - 4
    untold = np.where(u[2] < 0.5, turned, np.where(u[2] < 0.8, stale, FAR))
    recorded = np.where(turned <= today, turned, untold)
    made = np.full(site.homes, FAR, dtype=np.int64)
    made[rows["place"].to_numpy()] = recorded
    new = stream(site.seed, "delivered").integers(30, 200, site.homes)
    return np.where((left == FAR) & vacant, np.where(new % 3 == 0, FAR, ANCHOR - new), made)
