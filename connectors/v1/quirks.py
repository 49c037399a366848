"""How V1 writes values down: '' and 0 for none, milliseconds, digits and booleans as text, keys left out.

Belongs here: the conventions of V1's values, a column at a time. Does not belong here: which key holds what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox.chance import Array, Bools, Ints, pick
from connectors.sandbox.world import WORLD_DAY

MISSING: Any = object()
"""Stands in a column where the document lacks the key."""

_DAY = np.timedelta64(86_400_000, "ms")
_END = np.datetime64(WORLD_DAY, "ms")

Column = list[Any]


class Quirks:
    """Turns columns of truth into columns of V1 values, for one chunk of documents."""

    def __init__(self, chance: Generator, rows: int, changed: Array | None = None) -> None:
        self.chance = chance
        self.rows = rows
        self.changed = np.full(rows, np.datetime64("NaT", "ms")) if changed is None else changed

    def happens(self, share: float) -> Bools:
        """Choose about this share of the rows."""
        return self.chance.random(self.rows) < share

    def change(self, values: Column, rows: Bools, how: Callable[[Any], Any]) -> Column:
        """Change some of a column's values in place."""
        for row in np.flatnonzero(rows).tolist():
            values[row] = how(values[row])
        return values

    def late(self, values: Iterable[Any], old: Bools) -> Column:
        """Leave a key out of the old documents: it was added to V1 later."""
        return self.change(list(values), old, lambda _: MISSING)

    def texts(self, values: Iterable[Any], *, pad: float = 0.01) -> Column:
        """Texts: sometimes padded, seldom null instead of ''."""
        made = self.change(plain(values), self.happens(pad), lambda text: f"  {text} " if text else text)
        return self.change(made, self.happens(0.01), lambda text: text or None)

    def cased(self, values: Iterable[Any], share: float = 0.1) -> Column:
        """Texts whose casing nobody watched."""
        made = self.change(self.texts(values), self.happens(share), lambda text: text and text.upper())
        return self.change(made, self.happens(share / 2), lambda text: text and text.lower())

    def flags(self, values: Iterable[Any], *, unsaid: bool = False) -> Column:
        """Booleans: also as text; what the app assumes anyway is sometimes left out."""
        made = self.change(plain(values), self.happens(0.03), lambda value: str(value).lower())
        return self.change(made, self.happens(0.06), lambda value: MISSING if value is unsaid else value)

    def chance_flags(self, share: float) -> Column:
        """Booleans without a truth behind them, true for about this share."""
        return self.flags(self.happens(share))

    def ids(self, values: Iterable[Any]) -> Column:
        """References: 0, seldom null or '', for none; sometimes digits as text."""
        made = self.change(plain(values), self.happens(0.03), lambda value: str(value) if value else "")
        return self.change(made, self.happens(0.02), lambda value: value or None)

    def numbers(self, values: Iterable[Any]) -> Column:
        """Counts and percentages: sometimes digits as text, whole where they are whole."""
        made = [int(value) if value == int(value) else value for value in plain(values)]
        return self.change(made, self.happens(0.02), str)

    def money(self, cents: Ints, none: Bools | None = None) -> Column:
        """Amounts in units with at most 2 decimals; null or '' for none."""
        made = self.numbers(cents / 100)
        if none is not None:
            self.change(made, none, lambda _: None)
            self.change(made, none & self.happens(0.5), lambda _: "")
        return made

    def moments(self, values: Any) -> Column:
        """Epoch milliseconds; 0, seldom null or no key at all, for none."""
        stamps = np.asarray(values, dtype="datetime64[ms]")
        never = np.isnat(stamps)
        made = np.where(never, 0, stamps.astype(np.int64)).tolist()
        self.change(made, never & self.happens(0.2), lambda _: None)
        return self.change(made, never & self.happens(0.1), lambda _: MISSING)

    def days(self, values: Any) -> Column:
        """ISO days; '' or null for none."""
        days = np.asarray(values, dtype="datetime64[D]")
        never = np.isnat(days)
        made = np.where(never, "", np.datetime_as_string(days)).tolist()
        return self.change(made, never & self.happens(0.3), lambda _: None)

    def until_end(self, since: Any) -> Array:
        """Draw a moment between each of these and the end of the world; of what changed later, it is known."""
        start = np.minimum(np.asarray(since, dtype="datetime64[ms]"), _END)
        span = (_END - start).astype(np.int64)
        drawn = start + (self.chance.random(self.rows) * span).astype("timedelta64[ms]")
        return np.where(np.isnat(self.changed), drawn, self.changed)

    def later(self, since: Any) -> Array:
        """Return these moments, or those of a later change."""
        return np.where(np.isnat(self.changed), since, self.changed)

    def sometime(self, share: float, days: int, *, ahead: bool = False) -> Array:
        """Draw moments within so many days of the end of the world for about this share, else never."""
        distance = self.chance.integers(1, days, self.rows) * _DAY
        return np.where(self.happens(share), _END + distance if ahead else _END - distance, np.datetime64("NaT"))

    def one_of(self, values: Sequence[Any], weights: Sequence[int]) -> Column:
        """Draw a value for each row, as often as its weight says."""
        drawn = pick(self.chance, range(len(values)), weights, self.rows)
        return [values[code] for code in drawn.codes.tolist()]

    def label(self, text: str, numbers: Any, share: float = 1.0) -> Column:
        """Fill each row's number into `text` for about this share, else ''."""
        return self.change([text.format(n) for n in plain(numbers)], ~self.happens(share), lambda _: "")


def plain(values: Iterable[Any]) -> Column:
    """Return the values as a list of plain Python objects."""
    if isinstance(values, pd.Categorical):
        values = values.astype("object")
    return list(values.tolist()) if hasattr(values, "tolist") else list(values)


def one_or_the_other(q: Quirks, share: float, first: Column, second: Column, none: Any) -> tuple[Column, Column]:
    """Keep one value under two keys: mostly both, in `share` of the rows only the one, only the other."""
    drawn = q.chance.random(q.rows)
    return (
        q.change(first, drawn < share, lambda _: none),
        q.change(second, drawn > 1 - share, lambda _: none),
    )
