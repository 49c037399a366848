"""The agents' shares of the company: granted, vested, sold, forfeited, and the dividends on them.

Belongs here: one row an event, in the order of time. Does not belong here: what an agent holds in the end.

Shares are counted in ten-thousandths here: an award of an amount of money rarely is a whole number of them.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox.chance import Array, Ints, skewed, split, stream
from connectors.sandbox.days import DAY, LAST, NEVER, at_work

SHARE = 10_000
"""So many units are one share."""

_FIRST = np.datetime64("2022-01-10", "s")
_TRANCHES = 4
_TRANCHE_DAYS = 91
_DIVIDENDS = 12  # one event in so many, at least
_EVERY = 110  # days from an agent's grant to the next one
_KINDS = ("Grant", "Vest", "Exercise", "Forfeit", "Dividend")  # in this order on one day


def equity(seed: int, count: int, holders: int, agents: pd.DataFrame) -> pd.DataFrame:
    """Make `count` events of so many agents: each begins with a grant, and no holding is ever negative."""
    chance = stream(seed, "equity")
    may = agents[(agents["status"] == "ACTIVE") & (agents["joined"] < "2022-01-01")]["id"].to_numpy()
    who = np.sort(chance.permutation(may)[:holders])
    wanted = split(count - count // _DIVIDENDS, skewed(chance, len(who), 4, 70), least=1)
    grants = _grants(chance, wanted // 2 + 1)
    made = _story(chance, grants)
    made = made[made["day"] <= LAST].sort_values(["holder", "day", "grant", "kind"], ignore_index=True)
    # What comes first in time stays: an agent never sells what the rows left out would have granted.
    made = made[made.groupby("holder").cumcount().to_numpy() < wanted[made["holder"]]]
    made = pd.concat([made, _dividends(chance, made, count - len(made))], ignore_index=True)
    made = made.sort_values(["day", "holder", "grant", "kind"], kind="stable", ignore_index=True)
    return _told(chance, made, who, agents)


def _grants(chance: Generator, sizes: Ints) -> pd.DataFrame:
    """Make each holder's grants: at intervals, most of them small."""
    holder = np.repeat(np.arange(len(sizes)), sizes)
    nth = np.arange(len(holder)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    begun = _FIRST + chance.integers(0, 300, len(sizes)) * DAY
    units = skewed(chance, len(holder), 20, 1_500).astype(np.int64) * SHARE
    units += np.where(chance.random(len(holder)) < 0.6, chance.integers(0, SHARE, len(holder)), 0)
    return pd.DataFrame(
        {
            "holder": holder,
            "grant": np.arange(len(holder)),
            "day": begun[holder] + nth * _EVERY * DAY,
            "units": units,
        }
    )


def _story(chance: Generator, grants: pd.DataFrame) -> pd.DataFrame:
    """Tell what becomes of each grant: it vests in parts, some of which are sold, or the rest is forfeited."""
    count, units, day = len(grants), grants["units"].to_numpy(), grants["day"].to_numpy()
    forfeited_after = np.where(chance.random(count) < 0.05, chance.integers(0, _TRANCHES, count), _TRANCHES)
    parts = [grants.assign(kind=0)]
    for tranche in range(_TRANCHES):
        lost = forfeited_after == tranche
        vested = units // _TRANCHES * tranche
        due = day + (tranche + 1) * _TRANCHE_DAYS * DAY
        parts.append(grants.assign(day=due, units=units - vested, kind=3)[lost])
        vests = forfeited_after > tranche
        part = units // _TRANCHES if tranche < _TRANCHES - 1 else units - vested
        parts.append(grants.assign(day=due, units=part, kind=1)[vests])
        sells = vests & (chance.random(count) < 0.12)
        sold_on = due + chance.integers(5, 60, count) * DAY
        parts.append(grants.assign(day=sold_on, units=part // chance.integers(1, 4, count), kind=2)[sells])
    return pd.concat(parts, ignore_index=True)


def _dividends(chance: Generator, made: pd.DataFrame, count: int) -> pd.DataFrame:
    """Pay `count` dividends, each some weeks after an event of the agent's."""
    after = made.iloc[np.sort(chance.integers(0, len(made), count))]
    day = np.minimum(after["day"].to_numpy() + chance.integers(1, 90, count) * DAY, LAST)
    return after.assign(day=day, units=0, kind=4)


def _price_cents(days: Array) -> Ints:
    """Return what a share costs on a day: it rises, not steadily."""
    age = ((days - _FIRST) // DAY).astype(np.int64)
    return np.asarray(180 + age * 22 // 100 + (age * age // 97) % 61)


def _told(chance: Generator, made: pd.DataFrame, who: Ints, agents: pd.DataFrame) -> pd.DataFrame:
    """Give the events their moment, price and value."""
    count, day, kind = len(made), made["day"].to_numpy(), made["kind"].to_numpy()
    agent = who[made["holder"].to_numpy()]
    price = _price_cents(day)
    granted = kind == 0
    value = np.where(kind == 4, chance.integers(50, 40_000, count), made["units"].to_numpy() * price // SHARE)
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "agent_id": agent,
            "user_id": agents["user_id"].to_numpy()[agent - 1],
            "grant": made["grant"].to_numpy() + 1,
            "kind": np.array(_KINDS, dtype=object)[kind],
            "happened": np.maximum.accumulate(at_work(chance, day)),  # a day's events stay in their order
            "units": made["units"].to_numpy(),
            "price_cents": price,
            "value_cents": value,
            "vests": np.where(granted, day + _TRANCHES * _TRANCHE_DAYS * DAY, NEVER),
            "expires": np.where(granted, day + 3_653 * DAY, NEVER),
        }
    )
