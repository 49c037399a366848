"""Reading a CSV file nobody described: its encoding, its delimiter, its records, and what is wrong with them.

Belongs here: bytes to records. Does not belong here: what their headers mean (`connectors/csv_import/headers.py`).
"""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")

_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_LOST = re.compile("[\udc00-\udcff]")
_LONGEST_RECORD = 200
"""Lines a record may have: a quote that is never closed must not swallow the file."""


@dataclass(frozen=True)
class Record:
    """A record of a file.

    Attributes:
        line: the one it begins at, from 1.
        raw: its text, with bytes that are none spelled out.
        cells: its cells, None where it has none.
        reason: why it has none.
    """

    line: int
    raw: str
    cells: Sequence[str] | None = None
    reason: str = ""


def _keep_lost(error: UnicodeError) -> tuple[str, int]:
    """Put bytes that are no text where no text is: among lone surrogates, which no file can hold."""
    assert isinstance(error, UnicodeDecodeError)  # noqa: S101 - for the type: it is registered for decoding
    lost = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in lost), error.end


codecs.register_error("headwater.lost", _keep_lost)


def decoded(data: bytes) -> tuple[str, str]:
    """Return a file's text and its encoding. Bytes that are no text stay in it as lone surrogates.

    Without a mark it is UTF-8 where that fits, or at least half of what is not ASCII does; else Windows' own.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "headwater.lost"), encoding
    head = data[:400]
    if head.count(0) * 4 > len(head):
        encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
        return data.decode(encoding, "headwater.lost"), encoding
    text = data.decode("utf-8", "headwater.lost")
    lost = len(_LOST.findall(text))
    if not lost or sum(letter > "\x7f" for letter in text) >= 2 * lost:
        return text, "utf-8"
    return data.decode("cp1252", "headwater.lost"), "cp1252"


def records(text: str, encoding: str, known: Callable[[Sequence[str]], int]) -> tuple[list[str], Iterator[Record]]:
    """Return a file's headers and what follows them; no headers where the file says nothing.

    Args:
        text: of the file.
        encoding: its encoding, for reasons.
        known: counts the headers that mean something: the delimiter is the one by which most do.
    """
    lines = list(io.StringIO(text, newline=""))
    first = next((place for place, line in enumerate(lines) if line.strip()), None)
    if first is None:
        return [], iter(())
    candidates: Sequence[str] = DELIMITERS
    if told := re.fullmatch(r"sep=(.)", lines[first].strip('"\r\n')):  # Excel's own way to say it
        candidates, first = (told[1],), first + 1
    read = []
    for delimiter in candidates:
        with contextlib.suppress(csv.Error):
            names, length = _next(lines, first, delimiter)
            read.append((known(names), len(names), delimiter, _named(names), first + length))
    if not read:
        return [], iter(())
    _, _, delimiter, names, start = max(read, key=lambda one: one[:2])
    return names, _following(lines, start, delimiter, len(names), encoding)


def _next(lines: list[str], start: int, delimiter: str) -> tuple[list[str], int]:
    """The record that begins at a line, and how many lines it has.

    Raises:
        csv.Error: it is none.
    """
    reader = csv.reader(lines[start : start + _LONGEST_RECORD], delimiter=delimiter, strict=True)
    cells = next(reader, [])
    return cells, max(reader.line_num, 1)


def _named(names: Sequence[str]) -> list[str]:
    """Headers as keys: without blanks around, each once, none empty. Empty ones at the end are no columns."""
    stripped = [name.strip() for name in names]
    while stripped and not stripped[-1]:
        stripped.pop()
    made: list[str] = []
    for place, name in enumerate(stripped, 1):
        name = name or f"column {place}"
        made.append(name if name not in made else f"{name} (column {place})")
    return made


def _following(lines: list[str], start: int, delimiter: str, width: int, encoding: str) -> Iterator[Record]:
    """The records from a line on. After one that is wrong reading goes on at the next line."""
    while start < len(lines):
        try:
            cells, length = _next(lines, start, delimiter)
            reason = _wrong(cells, "".join(lines[start : start + length]), width, encoding)
        except csv.Error as error:
            cells, length, reason = [], 1, f"cannot be read as CSV: {error}"
        length = 1 if reason else length
        raw = "".join(lines[start : start + length]).rstrip("\r\n")
        if reason:
            yield Record(start + 1, spelled_out(raw), reason=reason)
        elif any(cells):
            yield Record(start + 1, raw, cells[:width])
        start += length


def _wrong(cells: Sequence[str], raw: str, width: int, encoding: str) -> str:
    """What is wrong with a record, '' for nothing. Empty cells beyond the last header are nothing."""
    if any(cells) and (len(cells) < width or any(cells[width:])):
        return f"has {len(cells)} cells, and there are {width} headers"
    if _LOST.search(raw):
        return f"has bytes that are no {encoding}"
    return "has a NUL character" if "\x00" in raw else ""


def spelled_out(raw: str) -> str:
    """A text with what was no text in it written as bytes, so that anything can hold it."""
    return _LOST.sub(lambda lost: f"\\x{ord(lost[0]) - 0xDC00:02x}", raw).replace("\x00", "\\x00")


def is_damaged(names: Sequence[str]) -> bool:
    """Tell whether headers hold what is no text."""
    return any(_LOST.search(name) or "\x00" in name for name in names)
