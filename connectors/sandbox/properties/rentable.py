"""What is let beside units: garages, storage, parking.

Belongs here: the items and who has them. Does not belong here: what residents are charged for them (`rents.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import stream
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import FAR, moments

_TYPES = (
    # type, description, cents, frequency
    ("Garage", "Detached garage", 15_000, "M"),
    ("Storage 1", "Storage locker 4x6", 4_500, "M"),
    ("Reserved Parking", "Covered space", 6_500, "M"),
    ("Washer/Dryer", "Washer and dryer set", 5_000, "M"),
    ("Gate Remote", "Gate remote", 7_500, "O"),
    ("Furniture Delivery", "Delivery of a furniture package", 25_000, "S"),
)


def items(site: Site, leases: pd.DataFrame, today: int) -> pd.DataFrame:
    """List a property's items: one for every seventh unit, four in five of them with somebody."""
    count = max(12, site.homes // 7)
    chance = stream(site.seed, "rentable items")
    kind = chance.integers(0, len(_TYPES), count)
    broken = chance.random(count) < 0.04
    taken = ~broken & (chance.random(count) < 0.8)
    home = chance.integers(0, site.homes, count)
    made = pd.DataFrame(
        {
            "site_id": site.site_id,
            "item_id": site.ids + 8_200_001 + np.arange(count),
            "name": [f"{_TYPES[k][0]} {n}" for n, k in enumerate(kind, 1)],
            **{
                column: [_TYPES[k][position] for k in kind]
                for position, column in enumerate(("type", "description", "cents", "frequency"))
            },
            "code_id": 300 + kind,
            "in_service": ~broken,
            "serial": [f"SN-{n:05d}" if n % 3 else "" for n in range(count)],
        }
    )
    force = leases[leases["in_force"]].set_index("unit_id")
    force = force.reindex(np.where(taken, site.units["unit_id"].to_numpy()[home], 0))
    held = force["lease_id"].notna().to_numpy()
    made["status"] = np.select([broken, held], ["Not available", "Leased"], "Available now")
    made["available_on"] = moments(np.where(held | broken, FAR, today))
    made["unit_id"] = np.where(held, force.index.to_numpy(), 0)
    for column in ("lease_id", "household_id"):
        made[column] = force[column].fillna(0).to_numpy().astype(np.int64)
    made["member_id"] = made["household_id"] * 10
    made["start_on"] = force["begin_on"].to_numpy()
    made["end_on"] = force["end_on"].to_numpy()
    return made
