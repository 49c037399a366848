"""Awkward workbooks: each gives the right rows or one clear error, never a silent zero."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any

import pytest
import workbooks
from hypothesis import given, settings
from hypothesis import strategies as st
from workbooks import ERROR, Grid

from connectors.realpage_reports.layout import ErrorWorkbook, ReportError, read_report
from connectors.realpage_reports.tables import NUMBER, Column, Form, Reading

_REPORTS: Mapping[str, Callable[[], Grid]] = {
    "box_score": workbooks.box_score,
    "rent_roll": workbooks.rent_roll,
    "delinquency": workbooks.delinquency,
    "monthly_summary": workbooks.monthly_summary,
    "lease_expirations": workbooks.lease_expirations,
}
_NAMES = {
    "box_score": "Box Score",
    "rent_roll": "Rent Roll",
    "delinquency": "Delinquent and Prepaid",
    "monthly_summary": "Monthly Activity Summary",
    "lease_expirations": "Lease Expiration Detail",
}
_EVERY = tuple(_REPORTS)


def _landed(content: bytes) -> list[dict[str, Any]]:
    return [row.payload for row in read_report(content, file="odd.xls", property="1", salt="s").rows]


@cache
def _right(report: str) -> list[dict[str, Any]]:
    return _landed(_REPORTS[report]().xls())


def _text(value: Any) -> Any:
    """Amounts as text with commas, negative ones in brackets."""
    if not isinstance(value, float | int):
        return value
    said = f"{abs(value):,.4f}".rstrip("0").rstrip(".")
    return f"({said})" if value < 0 else said


def _with_text_numbers(grid: Grid) -> Grid:
    return grid.changed(_text)


def _with_page_breaks(grid: Grid) -> Grid:
    """Each page repeats its head and its labels; one ends in the middle of whatever there is."""
    labels = {"BOXSCORE": 13, "RENT ROLL DETAIL": 11, "DELINQUENT AND PREPAID": 20, "LEASE EXPIRATION DETAIL": 11}
    title = grid.cells[2, 14]
    head = labels.get(title, 8)
    rows = sorted({row for row, _ in grid.cells if row > head})
    middle = {"BOXSCORE": 15, "RENT ROLL DETAIL": 13, "DELINQUENT AND PREPAID": 23, "LEASE EXPIRATION DETAIL": 21}
    return grid.broken(middle.get(title, rows[-4]), head)


def _with_merges(grid: Grid) -> Grid:
    """Every text merged over the free columns right of it, as far as six."""
    merges = []
    for (row, column), value in grid.cells.items():
        right = [other for at, other in grid.cells if at == row and other > column]
        end = min([column + 6, *(other - 1 for other in right)])
        if isinstance(value, str) and end > column:
            merges.append((row, row, column, end))
    return Grid(dict(grid.cells), merges)


def _with_upper_labels(grid: Grid) -> Grid:
    """Labels in another case, with other line breaks; titles and values are left."""
    head = 31
    return Grid(
        {
            at: value.replace("\n", "\r\n  ")
            if isinstance(value, str) and at[0] < head and "\n" in value[1:]
            else value
            for at, value in grid.cells.items()
        }
    )


_HARMLESS: Mapping[str, Callable[[Grid], Grid]] = {
    "shifted header rows": lambda grid: grid.moved(rows=2, from_row=5),
    "everything three columns to the right": lambda grid: grid.moved(columns=3),
    "blank rows in the middle": lambda grid: grid.moved(rows=4, from_row=20).moved(rows=1, from_row=14),
    "numbers as text, negative ones in brackets": _with_text_numbers,
    "page headers in the middle": _with_page_breaks,
    "merged cells": _with_merges,
    "other line breaks in labels": _with_upper_labels,
    "cells of blanks": lambda grid: Grid({**grid.cells, (15, 6): " ", (22, 3): "\xa0", (23, 71): "  "}),
    "no first row": lambda grid: grid.moved(rows=-1, from_row=1),
}


@pytest.mark.parametrize("awkward", _HARMLESS)
@pytest.mark.parametrize("report", _EVERY)
def test_what_is_awkward_changes_nothing(report: str, awkward: str) -> None:
    assert _landed(_HARMLESS[awkward](_REPORTS[report]()).xls()) == _right(report)


@pytest.mark.parametrize("report", _EVERY)
def test_an_xlsx_and_a_second_sheet_of_notes_change_nothing(report: str) -> None:
    notes = Grid().put(0, {0: "Notes"}).put(3, {0: "seen", 1: 12})
    assert _landed(_REPORTS[report]().xlsx("Sheet1", {"Notes": notes})) == _right(report)


@pytest.mark.parametrize("report", _EVERY)
def test_two_sheets_with_a_report_each_are_one_error(report: str) -> None:
    with pytest.raises(ReportError, match="'Sheet1' and 'Sheet2' both hold a report"):
        _landed(_REPORTS[report]().xls("Sheet1", {"Sheet2": workbooks.box_score()}))


_EXTRA = {"box_score": (49, 12), "rent_roll": (46, 9), "delinquency": (43, 18), "monthly_summary": (20, 14)}


@pytest.mark.parametrize("report", _EXTRA)
def test_an_extra_column_lands_under_its_label_and_moves_nothing(report: str) -> None:
    at, row = _EXTRA[report]
    grid = _REPORTS[report]().moved(columns=8, from_column=at).put(row, {at: "Market\nSegment"})
    first = min(place for (place, _), value in grid.cells.items() if place > row + 1 and isinstance(value, int | float))
    landed = _landed(grid.put(first, {at: 7}).xls()) if report in ("box_score", "rent_roll") else _landed(grid.xls())
    extra = [payload.pop("Market Segment", None) for payload in landed]
    assert extra[0] == (7 if report in ("box_score", "rent_roll") else None)
    assert landed == _right(report)


def test_an_extra_column_of_people_does_not_land() -> None:
    grid = workbooks.rent_roll().moved(columns=16, from_column=46)
    grid.put(9, {47: "Home Phone", 54: "Roommate Name"}).put(12, {47: "303-555-0100", 54: "Fern, Otto"})
    first = _landed(grid.xls())[0]
    assert "303-555-0100" not in str(first)
    assert len(first["Roommate Name key"]) == 64
    assert "Otto" not in str(first)


_LABELS = {
    "box_score": ("Floor Plan", "Units", "Not Leased", "Leased", "Down", "No NTV", "\nAvg Leased Rent"),
    "rent_roll": ("\nUnit", "\nSQFT", "Unit/Lease\nStatus", "Market\n+ Addl.", "Lease\nRent", "Total\nBilling"),
    "delinquency": ("\nUnit", "Total\nPrepaid", "Total\nDelinquent", "Current", "60 Days", "90+ Days"),
    "monthly_summary": ("Market Rent", "Total\nUnits", "Vacant\nLeased", "Renewals", "Deposits In"),
    "lease_expirations": ("Unit", "Lease\nEnd", "Lease\nRent", "Total\nBilling", "Do Not\nRenew"),
}


@pytest.mark.parametrize(("report", "label"), [(report, label) for report in _LABELS for label in _LABELS[report]])
def test_a_renamed_label_is_an_error_that_names_report_file_sheet_and_label(report: str, label: str) -> None:
    with pytest.raises(ReportError) as error:
        _landed(_REPORTS[report]().replaced(label, "Quantity").xls("Page"))
    said = str(error.value)
    for part in (_NAMES[report], "odd.xls", "sheet Page", repr(" ".join(label.split()))):
        assert part in said


_WRONG: Mapping[str, tuple[str, Any, Any, str]] = {
    "box score, a plan's units": ("box_score", 20, 21, "'Units'"),
    "box score, the property's rent": ("box_score", 1655.33, 1655.38, "'Avg Market Rent'"),
    "box score, an occupancy": ("box_score", 0.8, 0.7, "'Occupancy Percent'"),
    "rent roll, a lease rent": ("rent_roll", 1450, 1450.01, "'Lease Rent'"),
    "rent roll, a market rent": ("rent_roll", 1525.5, 1525.0, "'Market + Addl.'"),
    "rent roll, a status": ("rent_roll", "Vacant", "Vacant-Leased", "'# Units'"),
    "delinquency, a bucket": ("delinquency", 612.4, 612.41, "Subtotals"),
    "monthly summary, a plan's rent": ("monthly_summary", 27000.5, 27000.51, "'Total Base Rent'"),
    "monthly summary, a payment": ("monthly_summary", -26100, -26101, "'Payments'"),
    "monthly summary, a number of events": ("monthly_summary", "Total Moved In: 1", "Total Moved In: 2", "'Moved In'"),
    "lease expirations, a rent": ("lease_expirations", 1400, 1401, "'Total Billing'"),
    "lease expirations, a number": ("lease_expirations", "Total leases: 3", "Total leases: 4", "'Total leases'"),
}


@pytest.mark.parametrize("wrong", _WRONG)
def test_figures_that_do_not_add_up_are_an_error_that_names_them(wrong: str) -> None:
    report, old, new, named = _WRONG[wrong]
    with pytest.raises(ReportError) as error:
        _landed(_REPORTS[report]().replaced(old, new).xls())
    assert named in str(error.value)
    assert "odd.xls, sheet Sheet1, row " in str(error.value)


_FAILED = {
    "box_score": [20, 1500.0, 1400.5],
    "rent_roll": [1450, 1525.5, 4850],
    "delinquency": [1450.25, 50, -20.1, 3070.98],
    "monthly_summary": [27000.5, 300.25, 41800],
    "lease_expirations": [1400, 3360],
}


@pytest.mark.parametrize(("report", "value"), [(report, value) for report in _FAILED for value in _FAILED[report]])
def test_a_formula_that_failed_is_never_a_zero(report: str, value: float) -> None:
    grid = _REPORTS[report]()
    near = {
        at: ERROR if isinstance(cell, float | int) and abs(cell - value) < 1e-6 else cell
        for at, cell in grid.cells.items()
    }
    assert near != grid.cells
    for content in (Grid(near).xls(), Grid(near).xlsx()):
        with pytest.raises(ReportError):
            _landed(content)


_CUT = {
    "box_score": ("Property Totals", "Property Totals"),
    "rent_roll": ("Occupancy and Rents", "Occupancy and Rents Summary"),
    "delinquency": ("Grand Totals", "Grand Totals:"),
    "monthly_summary": ("Total Moved In", "Total moved in"),
    "lease_expirations": ("Total leases:", "Total leases: n"),
}


@pytest.mark.parametrize("report", _CUT)
def test_a_report_without_its_totals_is_an_error(report: str) -> None:
    total, named = _CUT[report]
    grid = _REPORTS[report]()
    with pytest.raises(ReportError, match=r"odd\.xls") as error:
        _landed(grid.without_row(grid.row_of(total)).xls())
    assert named in str(error.value)


@pytest.mark.parametrize(
    "empty",
    [
        workbooks.box_score(()),
        workbooks.rent_roll((), {32: 0, 42: 0}, (("Totals:", 0, 0, 0),)),
        workbooks.delinquency(()),
        workbooks.monthly_summary(empty=True),
        workbooks.block("LEASE EXPIRATION DETAIL").put(14, {0: "Total leases: 0"}),
        workbooks.block("DELINQUENT AND PREPAID").put(14, {1: "Detail - 0 Account(s)"}),
    ],
)
def test_an_empty_property_is_no_row_and_no_error(empty: Grid) -> None:
    assert _landed(empty.xls()) == []


@pytest.mark.parametrize(
    "title", ["BOXSCORE", "RENT ROLL DETAIL", "DELINQUENT AND PREPAID", "MONTHLY ACTIVITY SUMMARY", "ACTIVITY REPORT"]
)
def test_a_sentence_instead_of_a_report_is_an_error_of_its_own(title: str) -> None:
    with pytest.raises(ErrorWorkbook, match="less than or equal to the property date"):
        _landed(workbooks.error_workbook(title).xls())


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("LEASING ACTIVITY DETAIL", "'LEASING ACTIVITY DETAIL' is not one of the six"),
        ("LOST RENT SUMMARY", "none of its sheets has the title"),
    ],
)
def test_another_report_is_an_error(title: str, said: str) -> None:
    with pytest.raises(ReportError, match=said):
        _landed(workbooks.block(title).put(9, {0: "Unit", 3: "Rent"}).put(10, {0: "1", 3: 5}).xls())


def test_parameters_with_another_reports_words_do_not_decide() -> None:
    grid = workbooks.delinquency().put(4, {1: "Parameters: Also: BOXSCORE; Then: RENT ROLL DETAIL;"})
    assert _landed(grid.xls()) == _right("delinquency")


def test_a_report_with_a_title_and_nothing_else_is_an_error() -> None:
    for title in ("BOXSCORE", "RENT ROLL DETAIL", "DELINQUENT AND PREPAID", "MONTHLY ACTIVITY SUMMARY"):
        with pytest.raises(ReportError, match=r"no (labels|section)"):
            _landed(workbooks.block(title).xls())


def test_a_label_in_two_pieces_is_found() -> None:
    grid = workbooks.box_score().moved(rows=1, from_row=12).put(12, {13: "Total"}).replaced("Total Vacant", "Vacant")
    assert _landed(grid.xls()) == _right("box_score")


def test_percents_as_text_or_out_of_a_hundred_are_parts_of_one() -> None:
    grid = workbooks.box_score()
    for said in ("{:.2%}", "{:.2f}"):
        changed = Grid(
            {
                at: (said.format(value * (100 if "f" in said else 1)) if at[1] in (49, 61) and at[0] > 13 else value)
                if isinstance(value, float | int)
                else value
                for at, value in grid.cells.items()
                if not (at[0] > 24 and at[1] in (49, 61))
            }
        )
        plans = [payload for payload in _landed(changed.xls()) if payload["kind"] == "plan"]
        assert [plan["Occupancy Percent"] for plan in plans] == [0.8, 0.9, 1, 0]


def test_rents_that_are_all_zero_are_an_error() -> None:
    plans = tuple((*plan[:13], 0, 0, plan[15]) for plan in workbooks.BOX_PLANS)
    with pytest.raises(ReportError, match="'Avg Market Rent' is 0 for every floor plan"):
        _landed(workbooks.box_score(plans).xls())


def test_an_account_over_a_page_break_stays_one() -> None:
    grid = workbooks.delinquency()
    again = {column: value for (row, column), value in grid.cells.items() if row == 21}
    grid = grid.moved(rows=1, from_row=23).put(23, again).broken(23, 20)
    assert _landed(grid.xls()) == _right("delinquency")


def test_a_subtotal_in_the_middle_of_a_group_is_no_floor_plan() -> None:
    grid = workbooks.box_score()
    figures = {column: value for (row, column), value in grid.cells.items() if row == grid.row_of("Total 1x1:")}
    with pytest.raises(ReportError, match=r"row 16: the rows do not add up to the printed Total 1x1"):
        _landed(grid.moved(rows=1, from_row=15).put(15, figures).xls())


def test_a_move_out_below_the_move_in_and_beside_it_are_the_same() -> None:
    rows = list(workbooks.RENT_ROWS)
    rows[3] = {**rows[3], 23: "06/01/2023\n11/30/2025"}
    rows[4] = {at: cell for at, cell in rows[4].items() if at != 23}
    assert _landed(workbooks.rent_roll(tuple(rows)).xls()) == _right("rent_roll")


def test_ten_thousand_units_are_all_there() -> None:
    block = workbooks.RENT_ROWS[:3]
    rows = tuple({**row, **({0: f"{unit}"} if 0 in row else {})} for unit in range(10_000) for row in block)
    summary = (("Occupied no NTV", 15e6, 10_000, 14.5e6), ("Totals:", 15e6, 10_000, 14.5e6))
    totals = {32: 15e6, 42: 14.5e6, 46: 350_000, 51: 14.85e6}
    landed = _landed(workbooks.rent_roll(rows, totals, summary).xls())
    assert sum(payload["kind"] == "unit" for payload in landed) == 10_000
    with pytest.raises(ReportError, match="'Lease Rent'"):
        _landed(workbooks.rent_roll(rows[:-3], totals | {32: 14998500}, summary).xls())


@pytest.mark.parametrize(
    "content",
    [
        workbooks.rent_roll().xls()[:9000],
        b"<html><head><title>Session expired</title></head><body>Log in again</body></html>",
        b"",
        workbooks.locked(workbooks.rent_roll().xls()),
        workbooks.activity().html(end=""),
    ],
)
def test_files_that_are_no_workbook_are_errors_too(content: bytes) -> None:
    with pytest.raises(ReportError, match=r"odd\.xls"):
        _landed(content)


@pytest.mark.parametrize("label", ["Type", "Date", "Name", "Leasing Consultant"])
def test_an_activity_report_without_a_label_is_an_error(label: str) -> None:
    with pytest.raises(ReportError, match=repr(label)):
        _landed(workbooks.activity().replaced(label, "Quantity").html())


def test_an_activity_without_a_date_is_an_error() -> None:
    with pytest.raises(ReportError, match="row 9: nothing under 'Date'"):
        _landed(workbooks.activity().replaced("10/04/2025", None).html())


_READING = Reading("Any", "odd.xls", "Sheet1", None, "s")


@st.composite
def _placed(draw: st.DrawFn) -> tuple[Sequence[int], Sequence[int]]:
    """Labels, and below each its value, moved by less than half of the way to the next."""
    gaps = draw(st.lists(st.integers(1, 9), min_size=1, max_size=12))
    labels = [sum(gaps[:place]) for place in range(len(gaps))]
    reach = [
        (min(gaps[place - 1] if place else 12, gaps[place] if place + 1 < len(gaps) else 12) - 1) // 2
        for place in range(len(gaps))
    ]
    values = [at + draw(st.integers(-min(most, 6), min(most, 6))) for at, most in zip(labels, reach, strict=True)]
    return labels, values


@settings(deadline=None, max_examples=300)
@given(_placed(), st.data())
def test_values_nearer_to_their_label_than_half_of_the_way_are_matched_to_it(
    placed: tuple[Sequence[int], Sequence[int]], data: st.DataObject
) -> None:
    labels, values = placed
    kept = data.draw(st.sets(st.sampled_from(range(len(labels))), min_size=1))
    form = Form(_READING, [(Column(str(place), NUMBER), at) for place, at in enumerate(labels)], (), 6)
    try:
        made = form.read((1, {values[place]: place for place in sorted(kept)}))
    except ReportError as error:
        assert "more than one label" in str(error)  # never a wrong one  # noqa: PT017
    else:
        assert made == {str(place): place for place in kept}


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_cell_that_is_lost_is_an_error_or_was_no_figure(data: st.DataObject) -> None:
    """Any one cell taken out of a rent roll's details: the sums of what lands are right, or it is an error."""
    grid = workbooks.rent_roll()
    details = sorted(at for at, value in grid.cells.items() if 12 <= at[0] < 25 and isinstance(value, int | float))
    lost = data.draw(st.sampled_from(details))
    try:
        landed = _landed(Grid({at: value for at, value in grid.cells.items() if at != lost}).xls())
    except ReportError:
        return
    assert _sums(landed) == _sums(_right("rent_roll"))


def _sums(landed: Sequence[Mapping[str, Any]]) -> list[float]:
    names = ("Market + Addl.", "Lease Rent", "Other Charges/Credits")
    return [sum(one.get(name, 0) for one in landed if one["kind"] in ("unit", "lease")) for name in names]
