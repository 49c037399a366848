"""The made-up world of properties: units, residents, leases, ledgers and prospects, told by three systems.

Belongs here: which frames there are, and how they hang together. Does not belong here: how one is made (the modules
beside this one), how a system says it (`connectors/realpage_reports`, `realpage_rpx`, `yardi`), what the metrics of it
are (`truth.py`).

    properties = of(world)          # for a stand-in: of the same scale and day as the brokerage's world
    one = properties.site(4810117)  # one property of it

Conventions: a reference of 0 means none; `*_on` are days, `at` moments on the property's own clock; NaT means never;
money is whole cents; frames show what a property knows at the end of its `property_date`. The life of a property does
not depend on the day it is looked at: a later day shows more of it and leaves the past as it was.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.properties import (
    buildings,
    households,
    leases,
    leasing,
    ledger,
    people,
    places,
    rentable,
    rents,
    states,
    tenancies,
)
from connectors.sandbox.properties.calendar import number

if TYPE_CHECKING:
    from connectors.sandbox.world import World

__all__ = ["PropertyWorld", "beside", "build", "of"]


@dataclass(frozen=True)
class PropertyWorld:
    """The frames, each with a `site_id`; their columns are described in the README.md beside this file."""

    properties: pd.DataFrame
    buildings: pd.DataFrame
    plans: pd.DataFrame
    units: pd.DataFrame
    households: pd.DataFrame
    members: pd.DataFrame
    leases: pd.DataFrame
    charges: pd.DataFrame
    accounts: pd.DataFrame
    ledger: pd.DataFrame
    prospects: pd.DataFrame
    prospect_events: pd.DataFrame
    resident_events: pd.DataFrame
    rentable_items: pd.DataFrame
    stays: pd.DataFrame

    @property
    def realpage(self) -> list[int]:
        """Site ids of the properties that RealPage has."""
        return self.properties.loc[self.properties["on_realpage"], "site_id"].tolist()

    @property
    def yardi(self) -> list[int]:
        """Site ids of the properties that Yardi has."""
        return self.properties.loc[self.properties["on_yardi"], "site_id"].tolist()

    def site(self, site_id: int) -> PropertyWorld:
        """Return the world of one property."""
        frames = {one.name: getattr(self, one.name) for one in fields(self)}
        return PropertyWorld(
            **{name: frame[frame["site_id"] == site_id].reset_index(drop=True) for name, frame in frames.items()}
        )


def of(world: World) -> PropertyWorld:
    """Return the properties beside a brokerage's world: of its seed, scale and day."""
    return build(*beside(world))


def beside(world: World) -> tuple[int, float, int]:
    """Return what `build` makes the properties beside a brokerage's world of, for a server that does so later on."""
    return world.seed, world.scale, world.day


@lru_cache(maxsize=2)
def build(seed: int, scale: float = 1.0, day: int = 0) -> PropertyWorld:
    """Make the properties of a seed and scale, so many days after the world's first, the same on every machine."""
    today = WORLD_DAY + timedelta(days=day)
    listed = places.properties(seed, scale, today)
    made = [_property(seed, row) for row in listed.to_dict("records")]
    together = {name: pd.concat([one[name] for one in made], ignore_index=True) for name in made[0]}
    together["plans"] = together["plans"].drop(columns="weight")
    together["charges"] = rents.charges(together["leases"])
    together["leases"] = together["leases"][list(leases.COLUMNS)]
    together["ledger"], together["accounts"], together["households"] = ledger.opened(
        together["ledger"], together["households"], together["units"]
    )
    properties = listed.drop(columns=["number", "first_day_units", "first_day_occupied"])
    return PropertyWorld(properties=properties, **together)


def _property(seed: int, row: dict[Hashable, Any]) -> dict[str, pd.DataFrame]:
    """Make the frames of one property."""
    site = buildings.site(seed, row)
    today = number(row["property_date"])
    first_day = tenancies.first_day(site)
    stays = tenancies.stays(site, today)
    agreed = rents.with_charges(site, leases.of_stays(site, stays))
    shown = leases.shown(site, agreed, today)
    units = states.units(site, first_day, stays, shown, today)

    who = leasing.prospects(site, stays, today)
    known = households.days(stays, today)
    gone = stays[stays["end"] <= today].sort_values("end").drop_duplicates("place", keep="last")
    vacant = units.loc[units["counted"], "household_id"].to_numpy() == 0
    last_ones = gone.loc[vacant[gone["place"].to_numpy()], "household_id"]
    filed = households.with_applicants(known, who, today)
    filed = filed[households.kept(filed, last_ones)].reset_index(drop=True)
    lived = households.frame(site, filed, shown, today)
    posted, lived = ledger.posted(site, agreed, lived, today)

    applied = leasing.applications(site, filed, who)
    shown = pd.concat([shown, applied], ignore_index=True)
    shown = shown[shown["household_id"].isin(lived["household_id"])]
    cards = leasing.cards(site, who, lived)
    later = leasing.later(agreed, known)
    members = people.members(site, filed.assign(place=filed["draw"]))
    return {
        "buildings": site.buildings,
        "plans": site.plans,
        "units": units,
        "households": lived,
        "members": members,
        "leases": shown,
        "ledger": posted,
        "prospects": cards,
        "prospect_events": leasing.events(site, who, known, later, cards, today),
        "resident_events": households.events(site, filed, agreed, today),
        "rentable_items": rentable.items(site, shown, today),
        "stays": households.stays(site, stays, today),
    }
