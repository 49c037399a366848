"""The block at the top of a report: what it is, about which property and day, and by which parameters.

Belongs here: recognising a report by its title cell and reading the block. Does not belong here: the tables below it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.realpage_reports.printed import day, text
from connectors.workbook import Cell, Line

TITLES = (
    ("BOXSCORE", "box_score"),
    ("BOX SCORE", "box_score"),
    ("RENT ROLL", "rent_roll"),
    ("DELINQUENT AND PREPAID", "delinquency"),
    ("MONTHLY ACTIVITY SUMMARY", "monthly_summary"),
    ("LEASE EXPIRATION/RENEWAL DETAIL", "lease_renewals"),
    ("LEASE EXPIRATION RENEWAL DETAIL", "lease_renewals"),
    ("LEASE EXPIRATION", "lease_expirations"),
    ("LEASING ACTIVITY DETAIL", "other"),
    ("ACTIVITY REPORT", "activity"),
    ("ACTIVITY", "activity"),
)
"""What a title cell begins with, and the report it is: the first that fits."""

_BLOCK_ROWS, _BLOCK_CELLS = 30, 4
_TITLE_ROWS = 8
_AS_OF = re.compile(r"\bAs of(?: Date)?:?\s*(\d{1,2}/\d{1,2}/\d{4})", re.I)
_FISCAL = re.compile(r"\bFiscal Period:?\s*(\d{2}/?\d{4})", re.I)
_RUN = re.compile(r"^(\d{1,2}/\d{1,2}/\d{4})\s+\d{1,2}:\d{2}(:\d{2})?\s*[AP]M", re.I)
_PAGE = re.compile(r"^(Page \d+( of \d+)?|[a-z]{3}-\d{3}-\d{3}|\d{3}\.\d{3}\.\d{3})$", re.I)
_PRODUCT = re.compile(r"^OneSite\b", re.I)
_PARAMETER = re.compile(r"^([\w #/()&.-]{2,60}?)\s*[:=]\s*(.*)$", re.S)
_PEOPLE = re.compile(r"agent|consultant|user|run by|created by", re.I)


@dataclass
class Header:
    """What the block says.

    Attributes:
        kind: the report, by its title; "" where no title is one.
        title: the title cell.
        named: the cell that names the company and the property.
        as_of: its day.
        fiscal_period: MMYYYY, where it is printed.
        run_on: the day it was made.
        parameters: by name.
        furniture: first cells of the block's rows, which stand again on each printed page.
    """

    kind: str = ""
    title: str = ""
    named: str = ""
    as_of: date | None = None
    fiscal_period: str | None = None
    run_on: date | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    furniture: set[Cell] = field(default_factory=set)

    def property_name(self, company: str | None) -> str | None:
        """The property's name: what follows the company, or the first ` - ` where the company is not known."""
        if company and self.named.casefold().startswith(company.casefold() + " - "):
            return self.named[len(company) + 3 :].strip()
        return self.named.partition(" - ")[2].strip() or None


def read_header(lines: Sequence[Line], page_title: str = "") -> Header:
    """Read the block from a sheet's first rows.

    Args:
        lines: of the sheet.
        page_title: the title of a page, for HTML.
    """
    header = Header()
    header.kind, header.title = recognised(lines, page_title)
    in_parameters = False
    for _, cells in lines[:_BLOCK_ROWS]:
        if len(cells) > _BLOCK_CELLS:
            break  # labels
        texts = [str(cell) for cell in cells.values() if cell.__class__ is str]
        for said in texts:
            in_parameters = _read_cell(header, said, in_parameters)
        if in_parameters or any(is_page_matter(said) or text(said) in (header.title, header.named) for said in texts):
            header.furniture.add(next(iter(cells.values())))
    return header


def recognised(lines: Sequence[Line], page_title: str = "") -> tuple[str, str]:
    """The report that a title cell names, and that cell; empty where none does.

    Parameters may hold another report's words, so only whole cells count that are no parameters; one that begins
    with a title counts before one that merely has it in it.
    """
    cells = [text(cell) for row, cells in lines[:_TITLE_ROWS] for cell in cells.values() if cell.__class__ is str]
    cells = [cell for cell in cells if not re.search(r"parameters\s*:|;", cell, re.I)]
    for fits in (str.startswith, str.__contains__):
        for title, kind in TITLES:
            if title == "ACTIVITY" and fits is not str.startswith:
                continue  # a word that stands in much
            for cell in cells:
                if fits(cell.upper(), title):
                    return kind, cell
    return next(((kind, page_title) for title, kind in TITLES if title in page_title.upper()), ("", ""))


def is_page_matter(said: str) -> bool:
    """Tell whether a text is one that stands at the head of each printed page."""
    one_line = " ".join(said.split())
    return bool(_PAGE.match(one_line) or _PRODUCT.match(one_line) or _RUN.match(one_line) or _AS_OF.search(one_line))


def _read_cell(header: Header, said: str, in_parameters: bool) -> bool:
    """Take what a cell of the block says. Returns whether parameters may follow it."""
    one_line = " ".join(said.split())
    if header.as_of is None and (found := _AS_OF.search(one_line)) and "arameters" not in one_line:
        header.as_of = _day(found[1])
    if header.fiscal_period is None and (found := _FISCAL.search(one_line)):
        header.fiscal_period = found[1].replace("/", "")
    if header.run_on is None and (found := _RUN.match(one_line)):
        header.run_on = _day(found[1])
    if _PRODUCT.match(one_line):
        if not header.named and " - " in one_line:  # the flat exports name only the property: OneSite Reports - <it>
            header.named = one_line
        return False
    if one_line.lower().startswith("parameters"):
        _take_parameters(header, re.sub(r"^\s*parameters\s*:?", "", said, flags=re.I))
        return True
    if in_parameters and (";" in one_line or _PARAMETER.match(one_line)):
        _take_parameters(header, said)
        return True
    is_title = " - " in one_line and not _is_dated(one_line) and one_line != header.title
    if is_title and not header.parameters and (not header.named or header.named.startswith("OneSite")):
        header.named = one_line
    return in_parameters and len(one_line) < 2


def _is_dated(one_line: str) -> bool:
    return bool(re.search(r"\d{1,2}/\d{1,2}/\d{4}", one_line))


def _take_parameters(header: Header, said: str) -> None:
    """Read `name: value;` pairs. Whose agents and users were picked is nobody's business."""
    for part in said.split(";") if ";" in said else said.splitlines():
        if (found := _PARAMETER.match(part.strip())) and found[1].strip():
            name, value = " ".join(found[1].split()), " ".join(found[2].split())
            if not _PEOPLE.search(name) or value.lower() in ("all", ""):
                header.parameters.setdefault(name, value)


def _day(said: Any) -> date | None:
    try:
        return date.fromisoformat(day(said)[:10])
    except ValueError:
        return None
