"""How Follow Up Boss writes values down, and what its documents take from one another.

Belongs here: moments as ISO texts, whole amounts without decimals, chance that stays with a row whatever comes and
goes around it, look-ups in the CRM's frames. Does not belong here: which field holds what
(`connectors/follow_up_boss/documents.py`, `connectors/follow_up_boss/activity_documents.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson
import pandas as pd

from connectors.document_store import Record
from connectors.sandbox.chance import Array, Bools, Ints, branch
from connectors.sandbox.world import SEED
from connectors.v1.people_values import full_names
from connectors.v1.quirks import plain

Column = list[Any]

FORMER = "Former Agent"
"""Users that left are known by their number only."""

_NEVER = np.datetime64("NaT")


class Lots:
    """Chance of the rows of one kind: drawn by their ids, so that a row keeps its lots as others come and go."""

    def __init__(self, kind: str, rows: pd.DataFrame) -> None:
        self._kind = kind
        self._ids = rows["id"].to_numpy(dtype=np.uint64)

    def numbers(self, what: str, below: int) -> Ints:
        """Draw a number from 0 for each row."""
        mixed = self._ids * np.uint64(0x9E3779B97F4A7C15) ^ np.uint64(branch(SEED, f"{self._kind} {what}"))
        for factor in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB):
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(factor)
        return np.asarray((mixed ^ (mixed >> np.uint64(31))) % np.uint64(below), dtype=np.int64)

    def one_in(self, what: str, count: int) -> Bools:
        """Choose about one of so many rows."""
        return self.numbers(what, count) == 0

    def one_of(self, what: str, values: Sequence[Any]) -> Column:
        """Draw a value for each row; one that is there twice is drawn twice as often."""
        return [values[number] for number in self.numbers(what, len(values)).tolist()]


def iso(moments: Any) -> Column:
    """Moments as ISO 8601 in UTC, to the second; null for never."""
    at = np.asarray(moments, dtype="datetime64[s]")
    texts = np.char.add(np.datetime_as_string(at, unit="s"), "Z").astype(object)
    texts[np.isnat(at)] = None
    return plain(texts)


def epochs(moments: Any) -> Column:
    """Moments as seconds, as the store compares them."""
    return plain(np.asarray(moments, dtype="datetime64[s]").astype(np.int64))


def amounts(cents: Any) -> Column:
    """Amounts in units, whole where they are."""
    return [value // 100 if value % 100 == 0 else value / 100 for value in plain(cents)]


def null_if(values: Iterable[Any], none: Any) -> Column:
    """Null where a value says that there is none."""
    return [None if value == none else value for value in plain(values)]


def only(values: Iterable[Any], rows: Any, otherwise: Any = None) -> Column:
    """Keep the values of some rows."""
    return [value if keep else otherwise for value, keep in zip(plain(values), plain(rows), strict=True)]


def looked_up(frame: pd.DataFrame, ids: Any, column: str, none: Any = None) -> Array:
    """Look a column up by id; `none` for an id that is 0 or has gone."""
    places = pd.Index(frame["id"]).get_indexer(np.asarray(ids))
    if frame.empty:
        return np.full(len(places), none, dtype=object)
    values = frame[column].to_numpy(dtype=object)[places]
    return np.where(places >= 0, values, none)


def names(frame: pd.DataFrame, ids: Any, none: str = "") -> Column:
    """Look full names up by id."""
    named = frame[["id"]].assign(name=full_names(frame))
    return plain(looked_up(named, ids, "name", none))


def text_moments(frame: pd.DataFrame, ids: Any, column: str) -> Column:
    """Look moments up by id, as texts."""
    return iso(looked_up(frame, ids, column, _NEVER).astype("datetime64[s]"))


def digits(phones: Iterable[str]) -> Column:
    """Phone numbers without what is between the digits."""
    return [phone.replace("-", "") for phone in phones]


def documents(columns: Mapping[str, Iterable[Any]]) -> Iterator[str]:
    """Rows of columns as JSON texts."""
    keys = list(columns)
    for row in zip(*columns.values(), strict=True):
        yield orjson.dumps(dict(zip(keys, row, strict=True))).decode()


def as_records(
    collection: str,
    rows: pd.DataFrame,
    texts: Iterable[str],
    *,
    ord: Iterable[float] | None = None,  # noqa: A002 - the column's name
    parents: Iterable[str] | None = None,
) -> Iterator[Record]:
    """Records of a collection's documents: listed by number unless `ord` says otherwise, changed when `updated`."""
    numbers = plain(rows["number"])
    changed = epochs(rows["updated"])
    each = zip(
        plain(rows["account_id"]),
        numbers,
        texts,
        numbers if ord is None else ord,
        changed,
        [""] * len(numbers) if parents is None else parents,
        strict=True,
    )
    for account, number, text, place, moment, parent in each:
        yield Record(collection, str(account), str(number), text, place, moment, parent)
