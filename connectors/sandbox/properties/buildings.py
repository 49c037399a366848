"""What stands on a property: buildings, floor plans, units.

Belongs here: what does not change from day to day. Does not belong here: who lives in a unit, what it costs today
(`rents.py`), which state it is in (`states.py`).
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Ints, branch, stream

IDS = 10_000_000
"""So many ids belong to a property; its own begin at its number times this."""

_PLANS = (
    # name, code, group, bedrooms, bathrooms, sqft, market rent, how often, counts
    ("Studio", "S1", "Studio", 0, 1.0, 510, 1_450, 3, True),
    ("Aspen", "A1", "1x1", 1, 1.0, 662, 1_610, 6, True),
    ("Aspen", "A1R", "1x1", 1, 1.0, 662, 1_745, 3, True),
    ("Birch", "A2", "1x1", 1, 1.0, 741, 1_720, 5, True),
    ("Cedar - Den", "A3D", "1x1", 1, 1.5, 838, 1_890, 2, True),
    ("Dogwood", "B1", "2x2", 2, 2.0, 1_054, 2_180, 6, True),
    ("Elm", "B2", "2x2", 2, 2.0, 1_131, 2_290, 3, True),
    ("Fir", "C1", "3x2", 3, 2.0, 1_388, 2_840, 1, True),
    ("Penthouse", "PH", "3x2", 3, 2.5, 1_720, 3_950, 0, True),
    ("Amenity", "AMEN", "Other", 0, 0.0, 0, 0, 0, False),
)
"""Two ids share a name, one plan has no unit, one does not count in occupancy."""

_UNCOUNTED = (
    # number, code in Yardi, why, square feet, plan that counts?
    ("FITNESS", "NONRESID", "not_in_occupancy", 1_900, False),
    ("WAIT", "WAIT", "wait", 0, True),
    ("RETAIL", "RETAIL", "retail", 0, True),
    ("LIFT", "", "no_sqft", 0, True),
)


@dataclass(frozen=True)
class Site:
    """A property while its world is made: the row of it, its own seed, and what stands there.

    `units` has the counted units first, `homes` of them.
    """

    row: dict[Hashable, Any]
    seed: int
    buildings: pd.DataFrame
    plans: pd.DataFrame
    units: pd.DataFrame
    homes: int

    @property
    def site_id(self) -> int:
        """The site id."""
        return int(self.row["site_id"])

    @property
    def ids(self) -> int:
        """The id after which this property's begin."""
        return int(self.row["number"]) * IDS


def site(seed: int, row: dict[Hashable, Any]) -> Site:
    """Build a property."""
    own = branch(seed, f"site {row['slug']}")
    ids = int(row["number"]) * IDS
    homes = int(row["first_day_units"])
    count = 4 if row["uses_buildings"] else 1
    buildings = pd.DataFrame(
        {
            "site_id": row["site_id"],
            "building_id": ids + 8_100_001 + np.arange(count),
            "number": [str(n) for n in range(1, count + 1)],
            "name": [f"Building {n}" for n in range(1, count + 1)],
            **{column: row[column] for column in ("street", "city", "state", "zip", "county")},
        }
    )
    plans = _plans(own, row, ids)
    return Site(row, own, buildings, plans, _units(own, row, ids, plans, buildings, homes), homes)


def _plans(seed: int, row: dict[Hashable, Any], ids: int) -> pd.DataFrame:
    names = ["name", "code", "group", "bedrooms", "bathrooms", "sqft", "market", "weight", "counts"]
    made = pd.DataFrame(list(_PLANS), columns=names)
    dearness = 850 + int(stream(seed, "dearness").integers(0, 400))
    made["market_cents"] = made["market"] * dearness // 1000 * 100
    made["plan_id"] = ids + 8_000_001 + np.arange(len(made))
    made["site_id"] = row["site_id"]
    made["yardi_type"] = [f"{row['yardi_code'][:4]}{code.lower()}" for code in made["code"]]
    columns = ["site_id", "plan_id", *names[:6], "market_cents", "counts", "yardi_type"]
    return made[[*columns, "weight"]]


def _units(
    seed: int, row: dict[Hashable, Any], ids: int, plans: pd.DataFrame, buildings: pd.DataFrame, homes: int
) -> pd.DataFrame:
    """List the counted units, those that do not count, and one that is deleted and whose number lives on."""
    chance = stream(seed, "units")
    weights = plans["weight"].to_numpy()
    fewest = np.flatnonzero(weights)
    drawn = np.searchsorted(np.cumsum(weights), chance.integers(0, weights.sum(), homes), side="right")
    drawn[: len(fewest)] = fewest
    place = np.arange(homes)
    in_building = place * len(buildings) // homes
    within = place - np.searchsorted(in_building, in_building)
    per_floor = 12
    floor = within // per_floor + 1
    number = (in_building + 1) * 1_000 * (len(buildings) > 1) + floor * 100 + within % per_floor + 1
    if len(buildings) > 1:
        number[np.flatnonzero(in_building == 1)[-1]] = number[np.flatnonzero(in_building == 0)[-1]]
    numbers = number.astype(str)
    counted = pd.DataFrame(
        {
            "number": numbers,
            "label": [f"{b + 1}-{n}" for b, n in zip(in_building, numbers, strict=True)]
            if row["uses_buildings"]
            else numbers,
            "place": in_building,
            "floor": floor,
            "plan": drawn,
            "sqft": plans["sqft"].to_numpy()[drawn],
            "designation": np.where(chance.random(homes) < 0.05, "Corporate", "Conventional"),
            "premium_cents": chance.integers(-3, 8, homes) * 1_500,
            "addl_cents": np.array([0, 2_500, 5_000, 7_500])[chance.integers(0, 4, homes)],
            "x_reason": "",
            "deleted": False,
        }
    ).assign(yardi_code=lambda frame: frame["label"])
    amenity = len(plans) - 1
    others = [
        {"number": name, "label": name, "yardi_code": code, "x_reason": reason, "sqft": sqft}
        | {"plan": 0 if counts else amenity, "deleted": False}
        for name, code, reason, sqft, counts in _UNCOUNTED
    ]
    repeated = {"number": numbers[2], "label": numbers[2], "yardi_code": "", "x_reason": "deleted", "sqft": 662}
    others.append(repeated | {"plan": 1, "deleted": True})
    extra = pd.DataFrame(others).assign(place=0, floor=1, designation="N/A", premium_cents=0, addl_cents=0)
    made = pd.concat([counted, extra], ignore_index=True)
    made.insert(0, "site_id", row["site_id"])
    made.insert(1, "unit_id", ids + 1 + np.arange(len(made)))
    plan: Ints = made["plan"].to_numpy()
    for column in ("plan_id", "group"):
        made[column] = plans[column].to_numpy()[plan]
    made["plan_name"] = plans["name"].to_numpy()[plan]
    made["plan_code"] = plans["code"].to_numpy()[plan]
    made["building_id"] = buildings["building_id"].to_numpy()[made["place"]]
    made["building"] = buildings["number"].to_numpy()[made["place"]]
    made["gross_sqft"] = made["sqft"] + np.where(made["sqft"] > 0, 38, 0)
    return made
