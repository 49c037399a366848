"""Households that move from one unit of a property to another.

Belongs here: which stay continues which. Does not belong here: what a transfer is called by a system.

A transfer signs for the new unit on the day of the move, so that nobody sees it coming but by the notice in the old
one; the new unit was simply vacant until then. Which stays are joined depends only on what is near them in time, so
that looking further ahead changes none.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import stream
from connectors.sandbox.properties.calendar import ANCHOR, FAR, HISTORY

_NEAR = 12
"""A household that leaves within so many days of another's move-in can be the one that moves in."""


def with_transfers(seed: int, stays: pd.DataFrame) -> pd.DataFrame:
    """Join some stays: the second becomes the first household's.

    Adds `to_transfer` (ended by one) and `from_household` (begun by one: the household's own id, else 0).
    """
    cycles = sorted(stays["cycle"].unique())
    chosen = np.concatenate(
        [stream(seed, f"transfers {n}").random(10_000)[stays.loc[stays["cycle"] == n, "place"]] < 0.07 for n in cycles]
    )
    end, begin = stays["end"].to_numpy().copy(), stays["begin"].to_numpy()
    signed, notice = stays["signed"].to_numpy().copy(), stays["notice"].to_numpy()
    evict, place = stays["evict"].to_numpy(), stays["place"].to_numpy()
    previous_end = stays.groupby("place")["end"].shift(1).fillna(0).to_numpy()
    next_signed = stays.groupby("place")["signed"].shift(-1).fillna(FAR).to_numpy()
    sources = np.flatnonzero(chosen & (notice < end - _NEAR - 2) & (evict == FAR) & (end > HISTORY - 100))
    order = np.argsort(begin, kind="stable")
    begins = begin[order]
    taken = np.zeros(len(stays), dtype=bool)
    continued: dict[int, int] = {}
    for one in sources[np.argsort(end[sources], kind="stable")]:
        if taken[one]:
            continue
        near = order[np.searchsorted(begins, end[one] - _NEAR) : np.searchsorted(begins, end[one] + _NEAR, "right")]
        fits = (
            ~taken[near]
            & (place[near] != place[one])
            & (previous_end[near] < begin[near])
            & (begin[near] < next_signed[one])
            & ((signed[near] > ANCHOR) | (begin[near] <= ANCHOR - 1))
            & ((end[one] > ANCHOR) == (begin[near] > ANCHOR))
        )
        if not fits.any():
            continue
        other = near[np.flatnonzero(fits)[0]]
        taken[[one, other]] = True
        continued[int(other)] = int(one)
        end[one] = begin[other]
        signed[other] = begin[other]
    made = stays.assign(end=end, signed=signed, to_transfer=False, from_household=0)
    rows, froms = list(continued), list(continued.values())
    households = stays["household_id"].to_numpy()
    made.loc[froms, "to_transfer"] = True
    made.loc[rows, "from_household"] = households[froms]
    made.loc[rows, "household_id"] = households[froms]
    kept = made["notice_for"].to_numpy()
    made["notice_for"] = np.where(made["to_transfer"] & (kept < FAR), made["end"], kept)
    late = made["from_household"].gt(0)
    for column in ("applied", "approved"):
        made[column] = np.where(late, made["signed"], made[column])
    return made
