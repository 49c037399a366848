"""Changing frames: rows that change, come and go, each named by its id.

Belongs here: what is done to any frame alike, and who is told of it. Does not belong here: what happens in the
world (`connectors/sandbox/trading.py`, `connectors/sandbox/contacts.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox.chance import Array, Ints, branch, stream

LIVE_ONLY = 50_000_000
"""The first id of rows that only live sources know; V1's are all below."""

UNTOUCHED = 40
"""Rows up to this id never change: planted faults are among them."""

_IDS_A_DAY = 100_000
_PROPERTIES_A_DAY = 20_000


@dataclass(frozen=True)
class Round:
    """One round of happenings: on one day, in every source or only where V1 does not look.

    Attributes:
        seed: of the world.
        number: of the day, 0 for the world's own last one.
        day: at which it begins, in UTC.
        in_v1: does V1 learn of it?
        v1_rows: how many rows V1 ever had in each frame.
    """

    seed: int
    number: int
    day: np.datetime64
    in_v1: bool
    v1_rows: Mapping[str, int] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What tells this round's chance from any other's."""
        return f"day {self.number} {'everywhere' if self.in_v1 else 'live only'}"

    def branch(self, what: str) -> int:
        """Return the seed of one part of this round."""
        return branch(self.seed, f"{self.name} {what}")

    def chance(self, what: str) -> Generator:
        """Return the stream of one part of this round."""
        return stream(self.seed, f"{self.name} {what}")

    def moments(self, what: str, count: int) -> Array:
        """Draw moments within the day's working hours; where V1 does not look, they come after those it sees."""
        first, span = (50_400, 20_000) if self.in_v1 else (72_000, 12_000)
        seconds = first + self.chance(f"{what} moments").integers(0, span, count)
        return np.asarray(self.day + seconds.astype("timedelta64[s]"))

    def some(self, what: str, ids: Any, share: float, of: int, least: int = 1) -> Ints:
        """Choose ids, about this share `of` so many rows, at least `least` if there are as many; in order."""
        wanted = max(round(of * share), least)
        return np.sort(self.chance(what).permutation(np.array(ids, dtype=np.int64))[:wanted])

    def last_id(self, name: str, frame: pd.DataFrame) -> int:
        """Return the id after which new rows of a live frame are numbered in this round."""
        ids = frame["id"].to_numpy()
        first = self.v1_rows[name] if self.in_v1 else LIVE_ONLY + self.number * _IDS_A_DAY
        return max(first, int(ids[ids < LIVE_ONLY].max() if self.in_v1 else ids.max()))

    def next_property(self, properties: pd.Series[int]) -> int:
        """Return the number of the next new property of this round."""
        first = (2_000_000 if self.in_v1 else 6_000_000) + self.number * _PROPERTIES_A_DAY
        taken = properties[properties.between(first, first + _PROPERTIES_A_DAY - 1)]
        return max(first, int(taken.max()) + 1 if len(taken) else 0)

    def told(self, frame: pd.DataFrame, updated: Any) -> pd.DataFrame:
        """Mark rows of this round as changed at these moments."""
        return frame.assign(updated=updated, ahead=not self.in_v1)

    def changed(self, frame: pd.DataFrame, ids: Any, updated: Any, **values: Any) -> pd.DataFrame:
        """Change values of these rows in this round. What V1 knows nothing of stays ahead of it."""
        ahead = np.asarray(ids) >= LIVE_ONLY if self.in_v1 else True
        return changed(frame, ids, updated=updated, ahead=ahead, **values)


def places(frame: pd.DataFrame, ids: Any) -> Ints:
    """Return the positions of these ids, all of which must be there."""
    found = pd.Index(frame["id"]).get_indexer(np.asarray(ids))
    if (found < 0).any():
        message = "sandbox: a row is referred to that the frame does not have; see connectors/sandbox/frames.py"
        raise KeyError(message)
    return np.asarray(found, dtype=np.int64)


def at(frame: pd.DataFrame, ids: Any) -> pd.DataFrame:
    """Return the rows of these ids, in their order."""
    return frame.iloc[places(frame, ids)]


def changed(frame: pd.DataFrame, ids: Any, **values: Any) -> pd.DataFrame:
    """Return the frame with some rows' values changed."""
    rows = places(frame, ids)
    made = {}
    for column, value in values.items():
        series = frame[column].copy()
        series.iloc[rows] = value
        made[column] = series
    return frame.assign(**made)


def added(frame: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with new rows, by id where it has one; they have all its columns."""
    if new.empty:
        return frame
    made = pd.concat([frame, new[list(frame.columns)].astype(dict(frame.dtypes))], ignore_index=True)
    return made.sort_values("id", kind="stable", ignore_index=True) if "id" in frame.columns else made


def without(frame: pd.DataFrame, ids: Any) -> pd.DataFrame:
    """Return the frame without these rows."""
    return frame[~frame["id"].isin(ids)].reset_index(drop=True)


def present(frame: pd.DataFrame) -> pd.DataFrame:
    """Return what V1 still has of a frame."""
    return frame[~frame["gone"]] if "gone" in frame else frame
