"""Reports with one cell lost, moved or changed: the right figures or a `ReportError`, nothing else, whatever it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import pytest
import workbooks
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import ERROR, Grid

from connectors.realpage_reports.layout import ReportError, read_report

_REPORTS: Mapping[str, tuple[Callable[[], Grid], tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]] = {
    "box_score": (
        workbooks.box_score,
        ((("plan",), ("Units", "Total Vacant", "Leased", "Not Leased", "Down", "No NTV", "NTV-NL", "NTV-L")),),
    ),
    "rent_roll": (
        workbooks.rent_roll,
        (
            (("unit", "lease"), ("Lease Rent", "Other Charges/Credits", "Total Billing")),
            (("unit",), ("Market + Addl.",)),
        ),
    ),
    "delinquency": (
        workbooks.delinquency,
        ((("code",), ("Total Prepaid", "Total Delinquent", "Current", "30 Days", "60 Days", "90+ Days")),),
    ),
    "monthly_summary": (
        workbooks.monthly_summary,
        ((("plan",), ("Market Rent", "Total Base Rent", "Total Units", "Leases", "Rent Charged", "Payments")),),
    ),
    "lease_expirations": (
        workbooks.lease_expirations,
        ((("lease",), ("Market + Addl.", "Lease Rent", "Other Charges", "Other Credits", "Total Billing")),),
    ),
}
"""Per report the sums that its totals vouch for: the kinds of row, and what of them."""

_VALUES = st.one_of(
    st.sampled_from(
        ["", "x", "*", "Unit", "Totals", "Total", "12/31/2025", "13/45/2025", "1,234.56", "(5.00)", "n/n", "†"]
    ),
    st.sampled_from([0, -1, 1e9, 0.01, 45000.0, True, date(2025, 10, 30), ERROR]),
    st.text(max_size=8).filter(lambda said: all(" " <= letter < "\ud800" for letter in said)),
)


@settings(deadline=None, max_examples=60)
@given(st.data())
@pytest.mark.parametrize("report", _REPORTS)
def test_one_damaged_cell_gives_the_right_sums_or_one_error(report: str, data: st.DataObject) -> None:
    build, vouched = _REPORTS[report]
    grid = build()
    row, column = data.draw(st.sampled_from(sorted(grid.cells)))
    cells = dict(grid.cells)
    value = cells.pop((row, column))
    how = data.draw(st.sampled_from(["lost", "changed", "moved"]))
    if how == "changed":
        cells[row, column] = data.draw(_VALUES)
    if how == "moved":
        down, right = data.draw(st.tuples(st.integers(-2, 2), st.integers(-9, 9)))
        cells[max(row + down, 0), max(column + right, 0)] = value
    try:
        read = read_report(Grid(cells).xlsx(), file="odd.xls", property="1", salt="s")
        landed = [payload.payload for payload in read.rows]
    except ReportError as error:
        assert "odd.xls" in str(error)  # noqa: PT017 - another error is the failure
        return
    if read.kind == report:
        right = [payload.payload for payload in read_report(grid.xlsx(), file="a", property="1", salt="s").rows]
        for kinds, names in vouched:
            assert _sums(landed, kinds, names) == _sums(right, kinds, names)


def _sums(landed: Sequence[Mapping[str, Any]], kinds: Sequence[str], names: Sequence[str]) -> list[float]:
    own = [one for one in landed if one["kind"] in kinds]
    return [round(sum(one.get(name) or 0 for one in own if one.get("is_in_totals", True)), 2) for name in names]
