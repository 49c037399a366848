"""What V1's documents about people have in common: names, phones, places, references by uuid.

Belongs here: values that several of V1's documents take from the same truth. Does not belong here: which key
holds what (`connectors/v1/*_documents.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.names import STATES
from connectors.sandbox.world import World
from connectors.v1.quirks import Column, Quirks, plain

SHARED_UUID = (20, 21)
"""Agents that a planted fault gives one uuid: no document may name them by uuid alone."""

ABBREVIATIONS, STATE_NAMES = (np.array(part, dtype=object) for part in zip(*STATES, strict=True))
OLD = np.datetime64("2022-01-01", "s")
"""Documents made before this day lack the keys that V1 got later."""


def only_by_uuid(q: Quirks, share: float, agent_ids: Any) -> Column:
    """References to agents that sometimes are 0, because the document has the uuid beside it."""
    agents = np.asarray(agent_ids)
    return q.ids(np.where(q.happens(share) & ~np.isin(agents, SHARED_UUID), 0, agents))


def full_names(people: pd.DataFrame) -> Column:
    """Return first and last name in one text."""
    return [f"{a} {b}" for a, b in zip(plain(people["first_name"]), plain(people["last_name"]), strict=True)]


def short_names(people: pd.DataFrame) -> Column:
    """Return the first name and one letter of the last."""
    return [f"{a} {b[:1]}." for a, b in zip(plain(people["first_name"]), plain(people["last_name"]), strict=True)]


def phones(numbers: Any) -> Column:
    """Return phone numbers out of the block that belongs to nobody."""
    return [f"555-01{number:02d}" for number in plain(numbers)]


def of_agents(world: World, ids: Any, column: str) -> Any:
    """Look a column of agents up by id; id 0 is nobody and must not occur."""
    return world.agents[column].iloc[np.asarray(ids) - 1]
