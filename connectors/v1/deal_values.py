"""What V1's documents about deals and listings have in common: addresses, spellings, who may be named how.

Belongs here: values that several of these documents take from the same truth. Does not belong here: which key
holds what (`connectors/v1/*_documents.py`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Bools, uuids
from connectors.sandbox.world import World
from connectors.v1.people_values import ABBREVIATIONS
from connectors.v1.quirks import MISSING, Column, Quirks, plain

SHARED_DEAL_UUID = (30, 31)
"""Deals that a planted fault gives one uuid: no document may name them by uuid alone."""

LEAD_SOURCES = (
    "Zillow",
    "Realtor.com",
    "Open House",
    "Referral",
    "Sphere",
    "Past Client",
    "Facebook",
    "Google",
    "Yard Sign",
    "Website",
    "Follow Up Boss",
)

PROPERTY_TYPES = ("Single Family", "Condo", "Townhouse", "Multi-Family", "Land", "")

CANADA = 51
"""The first place that is in Canada."""

_STREETS = ("Example St", "Sample Ave", "Specimen Rd", "Example Creek Ln", "Peña Blvd", "Old Mill Ct", "Demo Dr")
_POSTAL = "ABCEGHJKLM"


@dataclass(frozen=True)
class Addresses:
    """Where some properties are, part by part."""

    street: Column
    city: Column
    state: Column
    zipcode: Column

    @property
    def lines(self) -> list[str]:
        """Each address in one line."""
        parts = zip(self.street, self.city, self.state, self.zipcode, strict=True)
        return [f"{street}, {city}, {state} {zipcode}" for street, city, state, zipcode in parts]


def addresses(rows: pd.DataFrame) -> Addresses:
    """Return the addresses of rows with `property`, `place` and `city`: the same property has the same one."""
    place = rows["place"].to_numpy()
    numbers = plain(rows["property"])
    codes = [
        f"{one % 89_000 + 10_000}" if land < CANADA else f"{_POSTAL[one % 10]}{one % 9}X {one % 7}A{one % 8}"
        for one, land in zip(numbers, place.tolist(), strict=True)
    ]
    return Addresses(
        [f"{one * 7 % 9_900 + 1} {_STREETS[one % len(_STREETS)]}" for one in numbers],
        plain(rows["city"].astype("object")),
        plain(ABBREVIATIONS[place]),
        codes,
    )


def as_objects(q: Quirks, where: Addresses, rows: Bools, *, lines: float = 1.0) -> Column:
    """Addresses: one text, an object in some rows; that one lacks the whole line where chance is above `lines`."""
    made: Column = list(where.lines)
    lacking = ~q.happens(lines)
    for row in np.flatnonzero(rows).tolist():
        made[row] = {
            "oneLine": "" if lacking[row] else made[row],
            "street": where.street[row],
            "city": where.city[row],
            "state": where.state[row],
            "zipcode": where.zipcode[row],
        }
    return made


def spelled(q: Quirks, truth: Sequence[Any], spellings: Mapping[Any, Sequence[str]]) -> Column:
    """Write each true value in one of its spellings, the first ones more often."""
    drawn = {
        value: q.one_of(words, list(range(2 * len(words), 0, -2))) for value, words in spellings.items() if len(words)
    }
    return [drawn[value][row] for row, value in enumerate(truth)]


def deal_uuids(deal_ids: Array) -> Column:
    """Return the uuids of deals, '' for none."""
    made = uuids("transaction", deal_ids.tolist())
    return [uuid if deal else "" for uuid, deal in zip(made, deal_ids.tolist(), strict=True)]


def deals_by_uuid_only(q: Quirks, share: float, deal_ids: Array) -> Column:
    """References to deals that sometimes are 0, because the document has the uuid beside it."""
    return q.ids(np.where(q.happens(share) & ~np.isin(deal_ids, SHARED_DEAL_UUID), 0, deal_ids))


def agent_uuids(world: World, agent_ids: Array) -> Column:
    """Return the uuids of agents, '' for none."""
    return plain(np.append("", world.agents["uuid"].to_numpy(dtype=object))[agent_ids])


def none_or(q: Quirks, values: Column, none: Bools) -> Column:
    """Leave a value out where there is none: null, '' or no key at all."""
    drawn = q.chance.integers(0, 3, q.rows)
    q.change(values, none & (drawn == 0), lambda _: None)
    q.change(values, none & (drawn == 1), lambda _: "")
    return q.change(values, none & (drawn == 2), lambda _: MISSING)
