"""Numbers into shapes: where bars, columns and grid lines of the page's charts go.

Belongs here: geometry. Does not belong here: colours and markup (`template.html`, `style.css`).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_TICKS = 4
_THOUSANDS = ("", "k", "M", "bn")


@dataclass(frozen=True)
class Columns:
    """A column chart in a box of its own.

    Attributes:
        bars: (x, y, width, height) of each value.
        ticks: (y, label) of each grid line, zero included.
    """

    bars: list[tuple[float, float, float, float]]
    ticks: list[tuple[float, str]]


def columns(values: Sequence[float], width: float, height: float) -> Columns:
    """Columns that stand on zero, under round grid lines."""
    step = _round_step(max(values, default=0))
    top = step * max(1, math.ceil(max(values, default=0) / step))
    slot = width / max(1, len(values))
    bars = []
    for place, value in enumerate(values):
        tall = height * max(0.0, value) / top
        bars.append((round((place + 0.14) * slot, 2), round(height - tall, 2), round(slot * 0.72, 2), round(tall, 2)))
    ticks = [(round(height - height * step * n / top, 2), short(step * n)) for n in range(round(top / step) + 1)]
    return Columns(bars, ticks)


def shares(parts: Sequence[float]) -> list[tuple[float, float]]:
    """(start, length) of each part, in percent of them all, one behind the other."""
    total = sum(parts)
    spans, start = [], 0.0
    for part in parts:
        length = 100 * part / total if total else 0.0
        spans.append((round(start, 3), round(length, 3)))
        start += length
    return spans


def length(value: float, longest: float) -> float:
    """Percent of a bar on a logarithmic scale: tables of 3 and of 200,000 rows are both to be seen."""
    return round(100 * math.log1p(value) / math.log1p(longest), 2) if value > 0 and longest > 0 else 0.0


def short(number: float) -> str:
    """A number as an axis shows it: 1.5M."""
    power = 0
    while abs(number) >= 1000 and power < len(_THOUSANDS) - 1:
        number, power = number / 1000, power + 1
    return f"{number:.4g}{_THOUSANDS[power]}"


def _round_step(most: float) -> float:
    """The distance of grid lines: 1, 2 or 5 of some power of ten. Less than a cent is nothing."""
    if most < 0.01:
        return 1
    rough = most / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    return float(next(step * power for step in (1, 2, 5, 10) if step * power >= rough))
