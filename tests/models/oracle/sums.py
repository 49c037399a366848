"""Exact sums, means and shares, as the rules of money write them.

Belongs here: arithmetic over several amounts. Does not belong here: which amounts (the domain modules), and how one
raw value becomes an amount (`values.py`).
"""

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor
from typing import Any


def nearest(number: Fraction, places: int) -> Decimal:
    """A number rounded, halves away from zero."""
    steps = floor(abs(number) * 10**places + Fraction(1, 2))
    return Decimal(-steps if number < 0 else steps).scaleb(-places)


def cut(whole: Decimal | None, weights: list[Decimal], places: int) -> list[Decimal | None]:
    """An amount in parts by weight that add up to it: each is the difference of two rounded running amounts."""
    if whole is None:
        return [None for _ in weights]
    running = [Fraction(0), *accumulate(Fraction(weight) for weight in weights)]
    edges = [nearest(Fraction(whole) * reached / running[-1], places) for reached in running]
    return [end - begin for begin, end in pairwise(edges)]


def total(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """A sum: 0 of nothing, none where all amounts lack."""
    listed = list(amounts)
    known = [one for one in listed if one is not None]
    return sum(known, Decimal(0)) if known or not listed else None


def total_or_none(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """A sum of the amounts that are known, none of nothing."""
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if known else None


def mean(amounts: Iterable[Any], places: int) -> Decimal | None:
    """The mean of the amounts that are known, rounded; none of nothing."""
    known = [Fraction(one) for one in amounts if one is not None]
    return nearest(sum(known, Fraction(0)) / len(known), places) if known else None
