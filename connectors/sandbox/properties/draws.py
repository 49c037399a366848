"""Chance that belongs to a stay, a lease or a unit's month, whatever else is drawn.

Belongs here: drawing for rows that are named by cycle and unit. Does not belong here: what the numbers decide.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, stream

_UNITS = 512
"""More than any property has."""


def drawn(seed: int, name: str, rows: pd.DataFrame, count: int, by: str = "lease") -> Array:
    """Draw `count` numbers below 1 for each row: the same for a row, however many others there are.

    Args:
        seed: of the site.
        name: of what is drawn.
        rows: with `cycle` and `place`, and for `lease` the `position` in its stay.
        count: how many.
        by: `lease` or `stay`: rows of one stay draw alike.
    """
    made = np.empty((count, len(rows)))
    cycle, place = rows["cycle"].to_numpy(), rows["place"].to_numpy()
    position = rows["position"].to_numpy() if by == "lease" else np.zeros(len(rows), dtype=np.int64)
    for number in np.unique(cycle):
        chosen = np.flatnonzero(cycle == number)
        deepest = int(position[chosen].max()) + 1
        for step in range(deepest):
            here = chosen[position[chosen] == step]
            made[:, here] = stream(seed, f"{name} {number} {step}").random((count, _UNITS))[:, place[here]]
    return made
