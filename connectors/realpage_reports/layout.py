"""Reading one of RealPage's six reports: bytes to rows that the report's own totals vouch for.

A report is opened by its bytes, recognised by its title cell, its labels are found by what they say, and every total
it prints is held to the rows. What does not fit is one `ReportError`; there is no row then. Names land as salted
hashes, phones, e-mails, addresses and notes not at all. The keys of a row are the labels in one spelling, that of the
module's columns, however the file prints them; an empty cell has no key. Which kinds of row there are is said in each
report's module.

Belongs here: which report a workbook is and what is common to all. Does not belong here: the tables of each report
(`box_score.py`, `rent_roll.py`, `delinquency.py`, `activity.py`, `monthly_summary.py`, `lease_expirations.py`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from connectors.realpage_reports import (
    activity,
    box_score,
    delinquency,
    lease_expirations,
    lease_renewals,
    monthly_summary,
    rent_roll,
)
from connectors.realpage_reports.header import Header, read_header
from connectors.realpage_reports.printed import ErrorWorkbook, ReportError, day, text
from connectors.realpage_reports.tables import Reading
from connectors.workbook import Line, Sheet, WorkbookError, open_workbook

__all__ = ["ErrorWorkbook", "Report", "ReportError", "Row", "read_report"]

_Reader = Callable[[Reading, Sequence[Line], Header], list[tuple[int, dict[str, Any]]]]
_READERS: Mapping[str, _Reader] = {
    "box_score": box_score.rows,
    "rent_roll": rent_roll.rows,
    "delinquency": delinquency.rows,
    "activity": activity.rows,
    "monthly_summary": monthly_summary.rows,
    "lease_expirations": lease_expirations.rows,
    "lease_renewals": lease_renewals.rows,
}
_NAMES = {
    "box_score": "Box Score",
    "rent_roll": "Rent Roll",
    "delinquency": "Delinquent and Prepaid",
    "activity": "Activity",
    "monthly_summary": "Monthly Activity Summary",
    "lease_expirations": "Lease Expiration Detail",
    "lease_renewals": "Lease Expiration Renewal Detail",
}
_MESSAGE_ROWS = 20
_MESSAGE = re.compile(
    r"invalid|error|must|cannot|could not|unable|not (?:be|found|valid|available)|no data|exceed", re.I
)
_TABLE_OF = {"lease_renewals": "lease_expirations"}


class Row(NamedTuple):
    """A row that lands.

    Attributes:
        sheet: it stands in.
        row_number: as a spreadsheet shows it, from 1.
        payload: `kind`, and per label what is under it.
    """

    sheet: str
    row_number: int
    payload: dict[str, Any]


@dataclass(frozen=True)
class Report:
    """A report that its own totals vouch for.

    Attributes:
        kind: the landed table it belongs to.
        report_date: the day it is about: as printed, else the end of its period, else the day it was made.
        parameters: as printed.
        property_name: as its header has it, None where it has none.
        title: its title cell.
        rows: those that land.
        as_of: the printed day, None where it prints none.
        fiscal_period: MMYYYY, where it prints one.
    """

    kind: str
    report_date: date
    parameters: Mapping[str, str]
    property_name: str | None
    title: str
    rows: Iterator[Row]
    as_of: date | None = None
    fiscal_period: str | None = None


def read_report(content: bytes, *, file: str, property: str | None, salt: str, company: str | None = None) -> Report:  # noqa: A002 - what it is
    """Read a report.

    Args:
        content: the workbook's bytes.
        file: its name, for messages.
        property: the site id it was asked for; it is not in the file.
        salt: of the hashes that stand in for people.
        company: that manages the property, as headers print it before the property's name.

    Raises:
        ErrorWorkbook: RealPage answered with a sentence instead.
        ReportError: it is no report, or not one that can be believed.
    """
    try:
        book = open_workbook(content, file)
    except WorkbookError as error:
        raise ReportError(str(error)) from error
    found = []
    for sheet in book.sheets:
        lines = list(sheet.lines())
        header = read_header(lines, book.title)
        if header.kind:
            found.append((sheet, lines, header))
    if not found:
        raise ReportError(f"{file}: none of its sheets has the title of one of the six reports: put another one there")
    if any(header.kind == "lease_renewals" for _, _, header in found):
        found = [_renewals(found, file)]
    if len(found) > 1:
        names = " and ".join(repr(sheet.name) for sheet, _, _ in found[:2])
        raise ReportError(f"{file}: sheets {names} both hold a report: keep one report a file")
    sheet, lines, header = found[0]
    if header.kind == "other":
        raise ReportError(f"{file}: {header.title!r} is not one of the six reports: put another one there")
    reading = Reading(_NAMES[header.kind], file, sheet.name, property, salt)
    _raise_message(reading, lines)
    rows = [Row(sheet.name, number, payload) for number, payload in _READERS[header.kind](reading, lines, header)]
    return Report(
        _TABLE_OF.get(header.kind, header.kind),
        _dated(reading, header),
        header.parameters,
        header.property_name(company),
        header.title,
        iter(rows),
        header.as_of,
        header.fiscal_period,
    )


def _renewals(found: list[tuple[Sheet, list[Line], Header]], file: str) -> tuple[Sheet, list[Line], Header]:
    """Of a book of six sheets the one with the details."""
    for sheet, lines, header in found:
        if "detail" in sheet.name.lower() and header.kind in ("lease_renewals", "lease_expirations"):
            header.kind = "lease_renewals"
            return sheet, lines, header
    raise ReportError(f"Lease Expiration Renewal Detail: {file}: no sheet 'Lease Expiration Detail'; download it again")


def _raise_message(reading: Reading, lines: Sequence[Line]) -> None:
    """Raise what a workbook says that holds a header block and a sentence."""
    if len(lines) > _MESSAGE_ROWS or any(
        not isinstance(cell, str | date) for _, cells in lines for cell in cells.values()
    ):
        return
    row, cells = lines[-1]
    said = text(next(iter(cells.values())))
    if len(cells) == 1 and len(said.split()) >= 4 and _MESSAGE.search(said):
        raise ErrorWorkbook(
            f"{reading.report}: {reading.file}, sheet {reading.sheet}, row {row}: RealPage made no report and says: "
            f"{said[:200]}; ask again with what it wants"
        )


def _dated(reading: Reading, header: Header) -> date:
    """The day a report is about."""
    if header.as_of:
        return header.as_of
    for name, value in header.parameters.items():
        if re.fullmatch(r"(as ?of ?date|end ?_?date|activity end date|through|to)", name, re.I):
            try:
                return date.fromisoformat(day(value)[:10])
            except ValueError:
                continue
    if header.run_on:
        return header.run_on
    raise reading.error("no date in its header ('As of MM/DD/YYYY')")
