"""Chance that falls the same way on every machine.

Belongs here: named streams of random numbers, uuids, and the few distributions the world uses. Does not
belong here: what is made with them.

Only whole numbers, and fractions combined by + - * / (which every machine rounds alike), decide anything: no
logarithms or exponentials, whose last bit differs between processors.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import PCG64, Generator
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Array = NDArray[Any]


def stream(seed: int, name: str) -> Generator:
    """Return the stream of random numbers of this seed and name; a new name leaves the others as they are."""
    named = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
    return Generator(PCG64([seed, named]))


def branch(seed: int, name: str) -> int:
    """Return a seed of its own for one part of the world, so that its streams are not the world's."""
    return int.from_bytes(blake2b(f"{seed} {name}".encode(), digest_size=8).digest(), "big") >> 1


def uuids(kind: str, ids: Iterable[int]) -> list[str]:
    """Return the uuid of each row of a kind: a hash of kind and id, the same in every world."""
    made = []
    for number in ids:
        h = blake2b(f"{kind} {number}".encode(), digest_size=16).hexdigest()
        made.append(f"{h[:8]}-{h[8:12]}-4{h[13:16]}-8{h[17:20]}-{h[20:]}")
    return made


def skewed(chance: Generator, size: int, low: int, high: int) -> Array:
    """Draw `size` numbers between `low` and `high`, the small ones far more often (Pareto, shape 1)."""
    return 1 / (1 / low - chance.random(size) * (1 / low - 1 / high))


def pick(chance: Generator, values: Sequence[Any], weights: Sequence[int], size: int) -> pd.Categorical:
    """Draw `size` of the values, each as often as its weight says."""
    drawn = chance.integers(0, sum(weights), size)
    codes = np.searchsorted(np.cumsum(weights), drawn, side="right")
    return pd.Categorical.from_codes(codes, pd.Index(values))


def split(total: int, sizes: Array, least: int) -> Ints:
    """Share `total` out in proportion to `sizes`: whole numbers, at least `least`, adding up exactly."""
    shares = np.maximum(sizes * total // sizes.cumsum()[-1], least).astype(np.int64)
    order = np.argsort(-sizes, kind="stable")
    while (missing := total - int(shares.sum())) != 0:
        room = order if missing > 0 else order[shares[order] > least]
        shares[room[: abs(missing)]] += np.sign(missing)
    return shares
