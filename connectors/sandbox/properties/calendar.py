"""Days and months of the properties' world, as whole numbers.

Belongs here: what a day is while the world is made, and how it becomes one in a frame. Does not belong here: what
happens on a day.

A day is the number of days since 1970, a month the number of months. `FAR` is a day that never comes: not to be known
yet and never to happen are the same, `day <= today` is false for both.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.chance import Array, Ints

FAR = 90_000
"""Never, as a day."""

ANCHOR = int(np.datetime64(WORLD_DAY, "D").astype(np.int64))
"""The day whose occupancy is given; what came before and comes after is made from it in both directions."""

HISTORY = int(np.datetime64("2025-05-01", "D").astype(np.int64))
"""The first day that is remembered, a year and a half before the anchor: nobody knows guest cards and events from
before, nor leases and stays that were over by then."""


def number(day: Any) -> int:
    """Return the day of a date."""
    return int(np.datetime64(day, "D").astype(np.int64))


def month_of(days: Any) -> Any:
    """Return the months that days lie in."""
    return np.asarray(days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def first_of(months: Any) -> Any:
    """Return the first days of months."""
    return np.asarray(months).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def add_months(days: Any, months: Any) -> Ints:
    """Return the same day of the month, so many months on; the days are the 28th at the latest."""
    begun = month_of(days)
    return np.asarray(first_of(begun + months) + (days - first_of(begun)), dtype=np.int64)


def back(days: Any) -> Ints:
    """Return the days, those after a 28th moved back to it."""
    first = first_of(month_of(days))
    return np.asarray(first + np.minimum(days - first, 27), dtype=np.int64)


def on(days: Any) -> Ints:
    """Return the days, those after a 28th moved on to the first of the next month."""
    month = month_of(days)
    return np.asarray(np.where(days - first_of(month) > 27, first_of(month + 1), days), dtype=np.int64)


def moments(days: Any) -> Array:
    """Return days as a frame has them: midnights, `FAR` as never."""
    days = np.asarray(days)
    made = days.astype("datetime64[D]").astype("datetime64[s]")
    return np.asarray(np.where(days >= FAR, np.datetime64("NaT"), made))


def seen(days: Any, today: int) -> Array:
    """Return days as `moments` does, those after today as never."""
    days = np.asarray(days)
    return moments(np.where(days <= today, days, FAR))
