"""Who does the business: which agent a deal or a listing falls to on a day.

Belongs here: how busy agents are, and drawing one who is there on the day. Does not belong here: the deals
themselves (`connectors/sandbox/deals.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox.chance import Array, Bools, Ints, skewed, stream

_REDRAWS = 30  # each leaves about a tenth of those who had gone by then


@dataclass(frozen=True)
class Workforce:
    """The agents, oldest first: when they joined and left, and how much business falls to those up to each."""

    joined: Array
    left: Array
    reach: Ints

    def draw(self, chance: Generator, moments: Array) -> Ints:
        """Draw an agent id for each moment: somebody who had joined and not left by then."""
        drawn = self._draw(chance, moments)
        for _ in range(_REDRAWS):
            gone = np.flatnonzero(self.left[drawn - 1] < moments)
            if not len(gone):
                break
            drawn[gone] = self._draw(chance, moments[gone])
        return drawn

    def _draw(self, chance: Generator, moments: Array) -> Ints:
        there = np.searchsorted(self.joined, moments, side="right")
        point = (chance.random(len(moments)) * self.reach[there]).astype(np.int64)
        return np.searchsorted(self.reach, point, side="right").astype(np.int64)

    def at_work(self, agent_ids: Ints, moments: Array) -> Bools:
        """Tell for each agent whether business could fall to them at the moment; to nobody (0) it cannot."""
        rows = np.maximum(agent_ids, 1) - 1
        there = (self.joined[rows] <= moments) & ~(self.left[rows] < moments)
        return np.asarray((agent_ids > 0) & there & (self.reach[rows + 1] > self.reach[rows]))


def workforce(seed: int, agents: pd.DataFrame, only: Ints | None = None) -> Workforce:
    """Say how busy each agent is: most hardly, a few very; more so on a team, and most with a login.

    Args:
        seed: of the world.
        agents: all agents, oldest first.
        only: the agents that business may fall to; without it all who work.
    """
    chance = stream(seed, "workforce")
    busy = skewed(chance, len(agents), 1, 150).astype(np.int64)
    busy *= np.where(agents["on_team"], 2, 1) * np.where(agents["user_id"] > 0, 4, 1)
    works = agents["status"].isin(["ACTIVE", "INACTIVE", "RESURRECTING"]) & ~agents["from_outside"] & ~agents["is_demo"]
    if only is not None:
        works &= agents["id"].isin(only)
    reach = np.concatenate([[0], np.cumsum(busy * works.to_numpy())])
    return Workforce(agents["joined"].to_numpy(), agents["left"].to_numpy(), reach)
