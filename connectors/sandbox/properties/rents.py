"""What units and leases cost.

Belongs here: market rents month by month, lease rents, the charges of a lease. Does not belong here: what is owed
(`ledger.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Ints, stream
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import ANCHOR, month_of
from connectors.sandbox.properties.draws import drawn

CHARGES = (
    # code, description, is it rent?
    ("RENT", "Apartment Rent", True),
    ("RENTSTEP", "Rent Step", True),
    ("CONC", "Recurring Concession", False),
    ("PETRENT", "Pet Rent", False),
    ("PARKING", "Parking", False),
    ("TRASH", "Valet Trash", False),
    ("PESTCTRL", "Pest Control", False),
    ("MTMFEE", "Month to Month Fee", False),
)
"""Scheduled charges in the order of their sequence."""

_SEASON = np.array([-8, -8, -4, 0, 6, 10, 12, 10, 4, 0, -6, -10])


def market(site: Site, place: Array, months: Array) -> Ints:
    """Return the market rents in cents of units (by their place) in months: in whole dollars, moving every month."""
    plan = site.units["plan"].to_numpy()[place]
    base = site.plans["market_cents"].to_numpy()[plan] + site.units["premium_cents"].to_numpy()[place]
    slope = int(stream(site.seed, "slope").integers(-1, 4))
    months = np.asarray(months)
    thousandths = 1_000 + np.maximum(slope * (months - int(month_of(ANCHOR))), -150) + _SEASON[months % 12]
    return np.where(base > 0, base * thousandths // 1_000 // 100 * 100, 0).astype(np.int64)


def with_charges(site: Site, leases: pd.DataFrame) -> pd.DataFrame:
    """Add to each lease the cents of each charge (`charge_<code>`), and their sums."""
    u = drawn(site.seed, "charges", leases, 8)
    u[5] = drawn(site.seed, "household habits", leases, 1, by="stay")[0]
    asked = market(site, leases["place"].to_numpy(), month_of(leases["signed"].to_numpy()))
    rent = asked * (940 + (u[0] * 76).astype(np.int64)) // 1_000 // 100 * 100
    step = np.where(u[1] < 0.05, 5_000, 0)
    amounts = {
        "RENT": rent - step,
        "RENTSTEP": step,
        "CONC": np.where(u[2] < 0.12, -(2_500 + (u[3] * 6).astype(np.int64) * 2_500), 0),
        "PETRENT": np.where(u[5] < 0.32, 3_500, 0),
        "PARKING": np.where(u[5] > 0.55, 6_500, 0),
        "TRASH": np.full(len(leases), 2_800),
        "PESTCTRL": np.where(u[6] < 0.5, 350, 0),
        "MTMFEE": np.where(leases["monthly"], 20_000, 0),
    }
    made = leases.assign(**{f"charge_{code}": cents.astype(np.int64) for code, cents in amounts.items()})
    rents = [f"charge_{code}" for code, _, is_rent in CHARGES if is_rent]
    others = [f"charge_{code}" for code, _, is_rent in CHARGES if not is_rent and code != "CONC"]
    return made.assign(
        rent_cents=made[rents].sum(axis=1), other_cents=made[others].sum(axis=1), credits_cents=made["charge_CONC"]
    )


def charges(leases: pd.DataFrame) -> pd.DataFrame:
    """List the scheduled charges of leases that are in force or to come."""
    kept = ["site_id", "lease_id", "household_id", "unit_id", "begin_on", "end_on"]
    kept += [f"charge_{code}" for code, _, _ in CHARGES]
    billed = leases.loc[leases["status"].isin(["current", "current_future", "future", "signed"]), kept]
    parts = []
    for number, (code, description, is_rent) in enumerate(CHARGES, 1):
        having = billed[billed[f"charge_{code}"] != 0]
        parts.append(
            having[["site_id", "lease_id", "household_id", "unit_id"]].assign(
                seq=number,
                code=code,
                description=description,
                cents=having[f"charge_{code}"].astype(np.int64),
                is_rent=is_rent,
                begin_on=having["begin_on"],
                end_on=having["end_on"],
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values(["lease_id", "seq"], kind="stable", ignore_index=True)
