"""Numbers into shapes, for the charts of the reconciliation's page. The page: `orchestration/test_report.py`."""

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestration.report import charts


@given(st.lists(st.floats(min_value=0, max_value=1e12), max_size=200))
def test_columns_stay_in_their_box(values: list[float]) -> None:
    """Whatever the numbers: no column leaves the chart, higher numbers are not lower, grid lines go from zero up."""
    chart = charts.columns(values, 880, 150)
    for x, y, width, tall in chart.bars:
        assert x >= 0
        assert x + width <= 881
        assert math.isclose(y + tall, 150, abs_tol=0.02)
        assert 0 <= tall <= 150.01
    by_value = [tall for _, (_, _, _, tall) in sorted(zip(values, chart.bars, strict=True), key=lambda pair: pair[0])]
    assert by_value == sorted(by_value)
    assert chart.ticks[0] == (150, "0")
    assert [y for y, _ in chart.ticks] == sorted((y for y, _ in chart.ticks), reverse=True)
    assert len(chart.ticks) <= 6


@given(st.lists(st.integers(min_value=0, max_value=10**9), max_size=8))
def test_shares_lie_behind_each_other(parts: list[int]) -> None:
    """Shares of a whole fill it, and none overlaps the next."""
    spans = charts.shares(parts)
    assert math.isclose(sum(length for _, length in spans), 100 if sum(parts) else 0, abs_tol=0.01)
    assert all(later >= start + length - 0.002 for (start, length), (later, _) in pairwise(spans))


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0"), (950, "950"), (1500, "1.5k"), (2_000_000, "2M"), (3.5e9, "3.5bn"), (4e13, "4e+04bn")]
)
def test_numbers_on_an_axis(number: float, text: str) -> None:
    """Short enough for the margin."""
    assert charts.short(number) == text
