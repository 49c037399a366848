"""What is printed in a report's cells: numbers, dates, marks, names.

Belongs here: one cell's text to its value. Does not belong here: which cell says what
(`connectors/realpage_reports/tables.py`).
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from connectors.errors import HeadwaterError
from connectors.personal import key_of


class ReportError(HeadwaterError):
    """A report that cannot be believed: names the report, the file, the sheet, the row or label, and what to do."""


class ErrorWorkbook(ReportError):  # noqa: N818 - what it is called
    """RealPage's answer is a sentence about what was asked, in the shape of a report."""


MARKS: frozenset[Any] = frozenset("* ** *** † ‡ †‡ *† *‡ *†‡ †* ‡* ‡† ● •".split())
_REMEMBERED = 10_000
"""Of a report's texts and dates most stand in it again and again."""
_MARK_ENDS = "*†‡ \xa0"
_NUMBER = re.compile(r"\$?(\d[\d,]*(?:\.\d*)?|\.\d+)")
_DATE = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?\s*([AaPp][Mm])?)?")
_BETWEEN_DATES = re.compile(r"\s*[\r\n]\s*|\s{2,}|(?<=\d{4})\s+(?=\d)")
_ISO_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_NOT_SAID = re.compile(r"[^a-z0-9#%/+&]+")
_MASKED = re.compile(r"[*xX#.\-\s]*")
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - day 0 of a spreadsheet has no zone


@lru_cache(_REMEMBERED, typed=True)
def text(cell: Any) -> str:
    """A cell as text on one line. A number that is whole, such as a unit's, has no decimals."""
    if cell.__class__ is str:
        return " ".join(cell.split())
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime | date):
        return _iso(cell)
    return str(cell)


@lru_cache(_REMEMBERED, typed=True)
def normal(cell: Any) -> str:
    """A label as it is compared: case, blanks, line breaks, hyphens of divided words and full stops do not count."""
    return _NOT_SAID.sub("", text(cell).lower())


def number(cell: Any) -> float | int:
    """A cell as a number: 1,905.00 and (1,234.56) and 12.5% and 1,450.00* are some too.

    Raises:
        ValueError: it is none.
    """
    if cell.__class__ is int:
        return int(cell)
    if cell.__class__ is float:
        return int(cell) if cell.is_integer() else float(cell)
    if cell.__class__ is not str:
        raise ValueError
    bare = cell.strip(_MARK_ENDS).replace(" ", "")
    share = bare.endswith("%")
    bare = bare.rstrip("%")
    negative = bare.startswith("-") or bare.endswith("-") or (bare.startswith("(") and bare.endswith(")"))
    bare = bare.replace("$-", "$").strip("-()")
    if not (found := _NUMBER.fullmatch(bare)):
        raise ValueError
    value = float(found[1].replace(",", "")) * (-1 if negative else 1)
    value = round(value / 100, 10) if share else value
    return int(value) if value.is_integer() else value


@lru_cache(_REMEMBERED, typed=True)
@lru_cache(maxsize=8192, typed=True)  # a report of thousands of rows has some hundred days
def day(cell: Any) -> str:
    """A cell as an ISO date, with its time of day where it says one.

    Raises:
        ValueError: it is none.
    """
    if isinstance(cell, datetime | date):
        return _iso(cell)
    if isinstance(cell, int | float) and not isinstance(cell, bool) and 10_000 < cell < 100_000:
        return _iso(_EPOCH + timedelta(days=float(cell)))
    said = text(cell).strip(_MARK_ENDS)
    if found := _DATE.fullmatch(said):
        month, of_month, year, hour, minute, second, half = found.groups()
    elif found := _ISO_DATE.match(said):
        (year, month, of_month), hour = found.groups(), None
    else:
        raise ValueError
    if hour is None:
        return date(int(year), int(month), int(of_month)).isoformat()
    hours = int(hour) % 12 + (12 if half.lower() == "pm" else 0) if half else int(hour)
    moment = datetime(int(year), int(month), int(of_month), hours, int(minute), int(second or 0))  # noqa: DTZ001 - local
    return _iso(moment)


def days(cell: Any) -> list[str]:
    """A cell of dates on lines of their own. A line without one is an empty text.

    Raises:
        ValueError: something in it is no date.
    """
    if cell.__class__ is not str:
        return [day(cell)]
    return [day(part) if part else "" for part in map(str.strip, _BETWEEN_DATES.split(cell))]


def pair(cell: Any) -> tuple[int, int]:
    """Two counts printed as n/n.

    Raises:
        ValueError: it is none.
    """
    left, right = text(cell).split("/")
    return int(left), int(right)


def share(cell: Any) -> float:
    """A cell as a part of 1, whether it is printed as 95.74%, 95.74 or 0.9574."""
    value = number(cell)
    return value / 100 if value > 1 and "%" not in str(cell) else value


def cents(value: float | None) -> int:
    """An amount in cents, so that sums are exact."""
    return round((value or 0) * 100)


def person_key(name: Any, salt: str, *more: str) -> str | None:
    """The salted hash that stands in for a person, None where the name is hidden.

    Only the first line of the cell is the name; below it stand phone and e-mail.
    """
    lines = [line for line in str(name).splitlines() if line.strip()]
    first = " ".join(lines[0].split()).casefold() if lines else ""
    if _MASKED.fullmatch(first) or "@" in first:
        return None
    return key_of(salt, first, *more)


def _iso(moment: date) -> str:
    if isinstance(moment, datetime):
        moment = moment.replace(microsecond=0)
        return (
            moment.isoformat()
            if (moment.hour, moment.minute, moment.second) != (0, 0, 0)
            else moment.date().isoformat()
        )
    return moment.isoformat()
