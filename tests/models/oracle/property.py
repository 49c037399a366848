"""What the property marts must hold, from the made-up world itself.

Belongs here: the world's truth in the marts' keys and numbers, how near a figure has to come, and how the two are held
against each other. Does not belong here: the truth (`connectors/sandbox/properties/truth.py`); anything of the models.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import psycopg
from psycopg import sql

from connectors.realpage_reports.render_activity import TYPES
from connectors.sandbox.properties import PropertyWorld, truth

CENT = 0.011
"""A printed mean is rounded once by the report and once here."""

SHARE = 1e-5

_NEAR = {
    **dict.fromkeys(("average_sqft", "in_place_rent", "in_place_per_sqft", "asking_rent", "asking_per_sqft"), CENT),
    **dict.fromkeys(
        ("physical_occupancy", "leased_percentage", "delinquent_share", "rent_growth", "renewal_rate", "lead_to_tour"),
        SHARE,
    ),
    **dict.fromkeys(("tour_to_application", "application_to_lease"), SHARE),
}
"""How far a figure may be off; counts and sums of money not at all."""


BY_NAME = ["leads", "tours", "lead_to_tour", "tour_to_application"]
"""Figures that RealPage's Activity report counts by people's names: of two who share one it knows one."""

_NO_UNITS = "no list of units: the reports' own lists of vacancies are not read"
_NO_LISTS = "nothing but today's leases and this month's events"

SILENT: Mapping[str, Mapping[tuple[str, str], str]] = {
    "reports": {
        **{("occupancy", field): _NO_UNITS for field in ("vacant_ready", "vacant_not_ready", "aged_vacancy_90")},
        ("pricing", "in_place_per_sqft"): _NO_UNITS,
        **{("activity", field): _NO_LISTS for field in ("move_ins", "move_outs", "net_absorption")},
        **{("activity", field): _NO_LISTS for field in ("renewals", "expirations", "renewal_rate")},
    },
    "rpx": {},
}
"""By door: figures that the raw tables of it do not hold, besides what the world says the door cannot say."""


@dataclass(frozen=True)
class Mart:
    """A mart and the truth it is held against: its keys besides the property, and the module of its figures."""

    name: str
    module: str
    keys: tuple[str, ...]
    expected: Callable[[PropertyWorld], pd.DataFrame]


MARTS = (
    Mart("agg_property_occupancy", "occupancy", (), truth.occupancy),
    Mart("agg_property_exposure", "exposure", (), truth.exposure),
    Mart("agg_property_pricing", "pricing", ("floorplan",), truth.pricing),
    Mart("agg_property_delinquency", "delinquency", (), truth.delinquency),
    Mart("agg_property_leasing_funnel", "leasing_funnel", ("month",), truth.leasing_funnel),
    Mart("agg_property_activity", "activity", ("month",), truth.activity),
)


def expected(mart: Mart, world: PropertyWorld) -> pd.DataFrame:
    """Return the truth of a mart: by `unified_property_id` and its other keys."""
    return by_property(mart.expected(world), world)


def by_property(frame: pd.DataFrame, world: PropertyWorld) -> pd.DataFrame:
    """Return a frame of the truth under the marts' keys."""
    slugs = world.properties.set_index("site_id")["slug"]
    frame = frame.rename(columns={"plan_name": "floorplan"}).drop(columns="occupied_count", errors="ignore")
    return frame.assign(unified_property_id=frame.pop("site_id").map(slugs))


def stored(connection: psycopg.Connection, mart: str, day: pd.Timestamp | None = None) -> pd.DataFrame:
    """Return a mart: numbers as floats, days as timestamps; of one day if it has days."""
    rows = connection.execute(sql.SQL("select * from marts.{}").format(sql.Identifier(mart)))
    assert rows.description
    frame = pd.DataFrame(rows.fetchall(), columns=[column.name for column in rows.description])
    for name in {"snapshot_date", "month"} & set(frame.columns):
        frame[name] = pd.to_datetime(frame[name])
    if day is not None and "snapshot_date" in frame:
        frame = frame[frame["snapshot_date"] == day]
    keys = {"unified_property_id", "floorplan", "snapshot_date", "month"}
    return frame.astype({name: float for name in frame.columns if name not in keys})


def near(field: str) -> float:
    """How far a figure may be off."""
    return _NEAR.get(field, 0.001)


def as_reported(world: PropertyWorld, *, leases_too: bool, months: int = 12) -> PropertyWorld:
    """Return the world as Activity reports tell it: since a month so many months back, people by their names.

    Args:
        world: the whole one.
        leases_too: applications are known by lease besides, and not by name.
        months: how far back the first report went.
    """
    cards = world.prospects
    named = cards.groupby(["site_id", "last", "first"])["prospect_id"].transform("min")
    ids = dict(zip(cards["prospect_id"], named, strict=True))
    begin = pd.to_datetime(world.properties["property_date"]).min().replace(day=1) - pd.DateOffset(months=months)
    events = world.prospect_events
    events = events[events["kind"].isin(list(TYPES)) & (events["at"] >= begin)]
    # Somebody who just walked in is a visitor to RealPage.
    events = events.assign(
        kind=events["kind"].mask(events["kind"].map(TYPES) == TYPES["visit"], "visit"),
        named=events["prospect_id"].map(ids),
    )
    first = events.groupby(["site_id", "named"])["at"].min().dt.normalize()
    first = first.rename_axis(["site_id", "prospect_id"]).rename("first_contact_on").reset_index()
    by_lease = events["kind"].isin(["application", "reapply"]) & leases_too
    events = events.assign(prospect_id=events["prospect_id"].where(by_lease, events["named"]))
    return replace(world, prospect_events=events, prospects=first)


def netted_delinquency(world: PropertyWorld) -> pd.DataFrame:
    """Return what the gateway's balances tell, one a household: what is owed and paid ahead by one is netted."""
    homes, sites = world.households, world.properties["site_id"]
    owes = homes["balance_cents"].clip(lower=0)
    living = homes["status"].isin(["current", "notice", "eviction"]) & (owes > 0)
    made = pd.DataFrame({"total_delinquent": owes.groupby(homes["site_id"]).sum() / 100})
    made["prepaid"] = -homes["balance_cents"].clip(upper=0).groupby(homes["site_id"]).sum() / 100
    made["delinquent_units"] = homes[living].groupby("site_id")["unit_id"].nunique()
    made = made.reindex(sites).fillna(0)
    occupied = truth.occupancy(world).set_index("site_id")["occupied_units"].reindex(sites)
    return made.assign(delinquent_share=made["delinquent_units"] / occupied).reset_index()


def differences(
    mart: Mart, said: pd.DataFrame, true: pd.DataFrame, cannot: Mapping[str, Mapping[tuple[str, str], str]]
) -> list[str]:
    """Return every figure that is not the true one, and every null where the property's door could have said it.

    Args:
        mart: which.
        said: the mart's rows.
        true: the truth of the same properties.
        cannot: by property, the (module, field)s that need not be said; what is said of them has to be true as well.
    """
    keys = ["unified_property_id", *mart.keys]
    both = true.merge(said, on=keys, how="outer", suffixes=("_true", "_said"), indicator=True)
    wrong = [
        f"{mart.name}: no row {tuple(row)}"
        for row in both.loc[both["_merge"] == "left_only", keys].itertuples(index=False)
        if "month" not in keys
    ]
    both = both[both["_merge"] == "both"]
    for field in [name for name in true.columns if name not in keys and name in said.columns]:
        is_, should = both[f"{field}_said"], both[f"{field}_true"].astype(float)
        off = (is_ - should).abs() > near(field)
        silent = is_.isna() & should.notna()
        silent &= ~both["unified_property_id"].map(lambda one, name=field: (mart.module, name) in cannot.get(one, {}))
        bad = off | silent | (is_.notna() & should.isna())
        wrong += [
            f"{mart.name}.{field} {tuple(row)}: {found} instead of {true_one}"
            for row, found, true_one in zip(
                both.loc[bad, keys].itertuples(index=False), is_[bad], np.round(should[bad], 4), strict=True
            )
        ]
    return wrong
