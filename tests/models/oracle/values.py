"""How a raw V1 value becomes a value of a V2 type, and the words the table rules are written in.

Belongs here: conversions that know one value, and `Rule`s that apply them to a key of a document. Does not
belong here: which column follows which rule (the domain modules). Raw values are what `json.loads` gives,
with numbers that have a fraction as Decimal.
"""

import hashlib
import re
from calendar import isleap
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pandas as pd

if TYPE_CHECKING:
    from oracle import Document, Landed

Rule = Callable[["Document", "Landed"], Any]

BUSINESS_ZONE = ZoneInfo("America/Chicago")
"""Where days are cut."""

_BLANKS = " \t\r\n"
_WHOLE = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)
_DECIMAL = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)
_DAY = re.compile(r"\s*\d{4}-\d{2}-\d{2}\s*", re.ASCII)
_DIGITS = re.compile(r"\d+", re.ASCII)
# Wide enough that a long fraction is rounded once, at the column's own last place; half up is away from zero.
_ROUNDING = Context(prec=1000, rounding=ROUND_HALF_UP)


def text(raw: Any) -> str | None:
    """Trimmed text, never ''; numbers and booleans as JSON writes them."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    if isinstance(raw, Decimal):
        return format(raw, "f")
    if isinstance(raw, int):
        return str(raw)
    return (raw.strip(_BLANKS) or None) if isinstance(raw, str) else None


def lower(raw: Any) -> str | None:
    """Text in lower case."""
    return (trimmed := text(raw)) and trimmed.lower()


def upper(raw: Any) -> str | None:
    """Text in upper case."""
    return (trimmed := text(raw)) and trimmed.upper()


def initcap(raw: Any) -> str | None:
    """Text with a capital at the start of each run of letters and digits, as Postgres does."""
    trimmed = text(raw)
    if trimmed is None:
        return None
    before = " " + trimmed
    return "".join(one.lower() if last.isalnum() else one.upper() for last, one in zip(before, trimmed, strict=False))


def _whole(raw: Any, bits: int) -> int | None:
    is_number = isinstance(raw, int) and not isinstance(raw, bool)
    if not is_number and not (isinstance(raw, str) and _WHOLE.fullmatch(raw)):
        return None
    number = int(raw)
    return number if -(2 ** (bits - 1)) <= number < 2 ** (bits - 1) else None


def bigint(raw: Any) -> int | None:
    """A whole number of 64 bits."""
    return _whole(raw, 64)


def integer(raw: Any) -> int | None:
    """A whole number of 32 bits."""
    return _whole(raw, 32)


def nonzero(raw: Any) -> int | None:
    """An id: V1 writes 0 for none."""
    return bigint(raw) or None


def nonzero_integer(raw: Any) -> int | None:
    """A 32-bit number of which 0 says none."""
    return integer(raw) or None


def digits(raw: Any) -> int | None:
    """The first run of digits in a text, such as 1 of 'Tier 1'."""
    found = _DIGITS.search(text(raw) or "")
    return integer(found[0]) if found else None


def decimal(raw: Any) -> Decimal | None:
    """A number with all the digits it is written with."""
    is_number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
    is_text = isinstance(raw, str) and _DECIMAL.fullmatch(raw)
    return Decimal(raw.strip() if is_text else raw) if is_number or is_text else None


def _rounded(number: Decimal | None, digits_before: int, places: int) -> Decimal | None:
    # Numbers far too large or small are settled first: quantize would have to write all their digits down.
    if number is None:
        return None
    if not number or number.adjusted() < -places - 2:
        return Decimal(0)
    if number.adjusted() > digits_before:
        return None
    rounded = number.quantize(Decimal(1).scaleb(-places), context=_ROUNDING)
    return rounded if abs(rounded) < 10**digits_before else None


def money(raw: Any) -> Decimal | None:
    """An amount as numeric(14,2)."""
    return _rounded(decimal(raw), 12, 2)


def nonzero_money(raw: Any) -> Decimal | None:
    """An amount of which 0 says none."""
    return money(raw) or None


def percent(raw: Any) -> Decimal | None:
    """A percentage as a fraction, numeric(9,6)."""
    number = decimal(raw)
    return None if number is None else _rounded(number.scaleb(-2, _ROUNDING), 3, 6)


def boolean(raw: Any) -> bool | None:
    """True and false, also as texts; other words and numbers are none."""
    return {"true": True, "false": False}.get(lower(raw) or "")


def object_or_bool(raw: Any) -> bool:
    """A flag where V1 holds an object, perhaps an empty one, or a boolean."""
    return bool(raw) if isinstance(raw, dict) else boolean(raw) is True


def day(raw: Any) -> date | None:
    """A day written year-month-day, if the calendar has it."""
    if not isinstance(raw, str) or not _DAY.fullmatch(raw):
        return None
    try:
        return date.fromisoformat(raw.strip())
    except ValueError:
        return None


def moment(raw: Any) -> datetime | None:
    """A moment from epoch milliseconds."""
    milliseconds = nonzero(raw)
    try:
        return milliseconds and datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return None


def business_day(when: datetime | None) -> date | None:
    """The day of a moment."""
    return when and when.astimezone(BUSINESS_ZONE).date()


def midnight(of_day: date | None) -> datetime | None:
    """The moment a day begins."""
    return of_day and datetime(of_day.year, of_day.month, of_day.day, tzinfo=BUSINESS_ZONE)


def in_year(born: date, year: int) -> date:
    """The same day of another year; February 29 is the 28th in a common year."""
    return date(year, 2, 28) if (born.month, born.day) == (2, 29) and not isleap(year) else born.replace(year=year)


def month_end(of_day: date) -> date:
    """The last day of a day's month."""
    return (of_day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def moment_or_day(raw: Any) -> datetime | None:
    """A moment from epoch milliseconds, or the beginning of a day written year-month-day."""
    return first((moment(raw), midnight(day(raw))))


def day_or_moment(raw: Any) -> date | None:
    """A day written year-month-day, or the day of a moment in epoch milliseconds."""
    return first((day(raw), business_day(moment(raw))))


def jsonb(raw: Any) -> Any:
    """A JSON value; the empty ones are V1's way to say none."""
    return None if raw in ("", {}, []) else raw


def surrogate(*parts: object) -> int:
    """A stable id between 2^52 and 2^53 for a row that V1 gave none."""
    joined = "|".join("" if part is None else str(part) for part in parts)
    return 2**52 + int(hashlib.md5(joined.encode(), usedforsecurity=False).hexdigest()[:13], 16)


def key(document: "Document", landed: "Landed") -> int:
    """Rule of the columns that carry the document's own id."""
    return document.id


def of(convert: Callable[[Any], Any], path: str, default: Any = None) -> Rule:
    """Rule of a column that is one key converted; `default` where nothing comes out."""

    def rule(document: "Document", landed: "Landed") -> Any:
        value = convert(document.get(path))
        return default if value is None else value

    return rule


def flag(path: str) -> Rule:
    """Rule of a boolean that may not be null."""
    return of(boolean, path, default=False)


def first_of(convert: Callable[[Any], Any], *paths: str) -> Rule:
    """Rule of a column that several keys may hold: the first with a value."""
    return lambda document, _landed: first(convert(document.get(path)) for path in paths)


def reference(path: str, table: str) -> Rule:
    """Rule of a reference to a row of another landed table, none if that has no such row."""
    return lambda document, landed: landed.known(table, nonzero(document.get(path)))


def first_reference(table: str, *paths: str) -> Rule:
    """Rule of a reference that several keys may hold: the first with an id, none if the table has no such row."""
    return lambda document, landed: landed.known(table, first(nonzero(document.get(path)) for path in paths))


def first(candidates: Iterable[Any]) -> Any:
    """Return the first candidate that is not None."""
    return next((one for one in candidates if one is not None), None)


def row(document: "Document", columns: dict[str, Rule], landed: "Landed") -> dict[str, Any]:
    """Apply a table's rules to one document."""
    return {name: rule(document, landed) for name, rule in columns.items()}


def frame(rows: Iterable[dict[str, Any]], columns: Iterable[str]) -> pd.DataFrame:
    """Gather rows; no column's type is guessed, so that 1 stays 1 beside a null."""
    return pd.DataFrame([[one[name] for name in columns] for one in rows], columns=list(columns), dtype=object)


def one_to_one(v1_table: str, columns: dict[str, Rule]) -> Callable[["Landed"], pd.DataFrame]:
    """Return the function of a table that has one row for each document of a V1 table."""

    def expected(landed: "Landed") -> pd.DataFrame:
        return frame((row(document, columns, landed) for document in landed.documents(v1_table)), columns)

    return expected
