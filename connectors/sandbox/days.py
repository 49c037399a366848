"""Days of business: how much of it falls on which day, and the hours it is done at.

Belongs here: seasons, weekdays, ends of months, cap years. Does not belong here: what is done on a day.

A business day is one in America/Chicago. Its moments are UTC and lie, by their hours, within that day there
in summer and in winter: it begins at 06:00 UTC at the latest and ends at 05:00 UTC of the next at the earliest.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.chance import Array, Ints

DAY = np.timedelta64(86_400, "s")
LAST = np.datetime64(WORLD_DAY, "s")
FIRST = np.datetime64("2021-11-01", "s")
NEVER = np.datetime64("NaT")

_SEASON = np.array([70, 72, 95, 108, 122, 132, 124, 118, 104, 98, 84, 62])
_CLOSINGS_BY_WEEKDAY = np.array([32, 34, 36, 40, 58, 5, 4])


def closing_days(chance: Generator, count: int, last: np.datetime64 = LAST) -> Array:
    """Draw days deals close on, from `FIRST` to `last`: ever more, in season, on weekdays, when a month turns."""
    days = np.arange(FIRST, last + DAY, DAY).astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    left_in_month = ((months + 1).astype("datetime64[D]") - days).astype(np.int64)
    weekday = (days.astype(np.int64) + 3) % 7
    weight = _SEASON[months.astype(np.int64) % 12] * _CLOSINGS_BY_WEEKDAY[weekday]
    weight = weight * np.where(days == months.astype("datetime64[D]"), 5, 1)
    weight = weight * np.where(left_in_month == 1, 4, np.where(left_in_month <= 3, 2, 1))
    weight = weight * (1_200 + np.arange(len(days)))
    reach = np.cumsum(weight)
    drawn = np.searchsorted(reach, chance.integers(0, reach[-1], count), side="right")
    return np.asarray(days[drawn].astype("datetime64[s]"))


def at_work(chance: Generator, days: Array) -> Array:
    """Draw a moment within working hours of each day; never stays never."""
    return np.asarray(days + (50_400 + chance.integers(0, 25_000, len(days))).astype("timedelta64[s]"))


def in_the_morning(chance: Generator, days: Array) -> Array:
    """Draw a moment of each day before anything of `at_work`."""
    return np.asarray(days + (43_200 + chance.integers(0, 7_200, len(days))).astype("timedelta64[s]"))


def in_the_evening(chance: Generator, days: Array) -> Array:
    """Draw a moment of each day that is the next day already in UTC; on the last day one at noon."""
    evening = (90_000 + chance.integers(0, 10_000, len(days))).astype("timedelta64[s]")
    return np.asarray(days + np.where(days < LAST, evening, DAY // 2))


def anniversary(first: Array, years: Ints) -> Array:
    """Return the day so many years after `first`; of a February 29 the 28 in common years."""
    days = first.astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    then = months + (12 * years).astype("timedelta64[M]")
    same_day = then.astype("datetime64[D]") + (days - months.astype("datetime64[D]"))
    return np.asarray(np.minimum(same_day, (then + 1).astype("datetime64[D]") - 1).astype("datetime64[s]"))


def cap_year(first: Array, days: Array) -> Array:
    """Return the last anniversary of `first` on or before each of the days."""
    years = days.astype("datetime64[Y]").astype(np.int64) - first.astype("datetime64[Y]").astype(np.int64)
    this_year = anniversary(first, years)
    return np.where(this_year <= days, this_year, anniversary(first, years - 1))
