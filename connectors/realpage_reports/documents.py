"""What the stand-in serves: which properties there are, and their reports, made when somebody downloads one.

Belongs here: the property world of a store, and RealPage's sentence for an end date that is too late. Does not belong
here: layouts (`render_<report>.py`) and the protocol (`connectors/realpage_reports/stand_in.py`).

A report is not made before it is wanted: all of a day's are a minute's work at full scale, and most are never asked
for twice.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import orjson
import pandas as pd

from connectors.document_store import Record, Store
from connectors.realpage_reports import (
    render_activity,
    render_box_score,
    render_delinquency,
    render_lease_expirations,
    render_monthly_summary,
    render_rent_roll,
)
from connectors.realpage_reports.render_page import Head, Line, day, printed_at, workbook
from connectors.sandbox import properties
from connectors.sandbox.properties import PropertyWorld
from connectors.sandbox.world import World

SITE = "site"

_WORLD = "property world"
_KEPT = 200
"""Files kept ready: a day's at full scale."""

_RENDERERS: Mapping[str, Callable[[PropertyWorld, Mapping[str, Any]], bytes]] = {
    "box_score": render_box_score.render,
    "rent_roll": render_rent_roll.render,
    "delinquency": render_delinquency.render,
    "activity": render_activity.render,
    "monthly_summary": render_monthly_summary.render,
    "lease_expirations": render_lease_expirations.render,
}
_TITLES = {"box_score": "BOXSCORE", "rent_roll": "RENT ROLL DETAIL", "activity": "ACTIVITY REPORT"}
_ENDS = {"box_score": "End_Date", "rent_roll": "AsOfDate", "activity": "enddate"}
"""The parameters that may not be later than the property date."""


def records(world: World) -> Iterator[Record]:
    """Yield the properties that RealPage shows."""
    made = properties.of(world)
    shown = made.properties.set_index("site_id").loc[list(made.realpage)]
    for number, (site, row) in enumerate(shown.iterrows()):
        yield Record(SITE, "", str(site), {"name": row["name"]}, number)


def note_world(store: Store, world: World) -> None:
    """Let a store remember of which world its reports are."""
    store.note(_WORLD, orjson.dumps(properties.beside(world)).decode())


class Renderer:
    """Makes a store's reports; keeps the last ones, since a batch that was cut off fetches its own again."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._made: dict[tuple[Any, ...], bytes] = {}
        self._world: tuple[str, PropertyWorld] | None = None
        self._lock = threading.Lock()

    def render(self, report: str, site: str, told: Mapping[str, Any]) -> bytes:
        """Make a report of a property, as it was asked for."""
        known = (self._store.note(_WORLD), report, site, *sorted(told.items()))
        if known not in self._made:
            while len(self._made) >= _KEPT:
                self._made.pop(next(iter(self._made)), None)
            self._made[known] = self._new(report, site, told)
        return self._made[known]

    def _new(self, report: str, site: str, told: Mapping[str, Any]) -> bytes:
        one = self.world.site(int(site))
        as_of = pd.Timestamp(one.properties.iloc[0]["property_date"])
        if (end := told.get(_ENDS.get(report, ""))) and pd.to_datetime(end, format="%m/%d/%Y") > as_of:
            return too_late(one, report)
        return _RENDERERS[report](one, told)

    @property
    def world(self) -> PropertyWorld:
        """The property world as the store has it."""
        with self._lock:
            noted = self._store.note(_WORLD) or ""
            if not self._world or self._world[0] != noted:
                self._world = noted, properties.build(*orjson.loads(noted))
            return self._world[1]


def too_late(site: PropertyWorld, report: str) -> bytes:
    """The workbook that holds a sentence instead of figures: ten rows, no labels."""
    one = site.properties.iloc[0]
    as_of: date = one["property_date"]
    rows: list[Mapping[int, Any]] = [
        {},
        {1: "OneSite Rents v3.0", 3: f"{one['company']} - {one['name']}", 7: "Page {page} of {pages}"},
        {1: printed_at(as_of), 3: _TITLES[report], 7: "mgt-542-001"},
        {3: f"As of {day(as_of)}"},
    ]
    said = "Invalid end date entered - end date must be less than or equal to the property date"
    lines = [Line(), Line(), Line(), Line(), Line(), Line({0: said}, widths={0: 12})]
    return workbook(Head(rows, rows), lines)
