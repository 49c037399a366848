"""Which header of a file says which field: the mapping that people keep in `seeds/csv_headers.csv`.

Belongs here: reading the mapping, and finding out from a file's headers what the file holds. Does not belong here:
what a field's text means (the models of V2).
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from connectors.errors import HeadwaterError

SEED = Path(__file__).parents[2] / "seeds" / "csv_headers.csv"

KEYS = {"transaction": "transaction_id_raw", "listing": "listing_id_raw"}
"""The kinds of file there are, and the field by which one names its rows."""

_NAMES_A_ROW = ("mls_num", "mls_number", "address")


class HeaderError(HeadwaterError):
    """The mapping is not what it must be."""


@dataclass(frozen=True)
class Form:
    """What a file holds.

    Attributes:
        kind: transaction or listing.
        fields: per field the header of this file that says it.
    """

    kind: str
    fields: Mapping[str, str]

    def unnamed(self, row: Mapping[str, str]) -> str | None:
        """Why nothing names a row, None where something does: its id or, in a file without ids, where it is."""
        key = KEYS[self.kind]
        naming = [key] if key in self.fields else [field for field in _NAMES_A_ROW if field in self.fields]
        headers = [self.fields[field] for field in naming]
        return None if any(row[header].strip() for header in headers) else f"nothing in {' or '.join(headers)}"


class Headers:
    """The mapping.

    Attributes:
        edition: tells this mapping from another.
    """

    def __init__(self, path: Path = SEED) -> None:
        """Read the mapping.

        Raises:
            HeaderError: a row lacks something, or a header is there twice.
        """
        text = path.read_text(encoding="utf-8")
        self.edition = sha256(text.encode()).hexdigest()[:8]
        self._fields: dict[str, dict[str, tuple[int, str]]] = {kind: {} for kind in KEYS}
        for place, row in enumerate(csv.DictReader(text.splitlines())):
            kind, header, field = row["kind"], _plain(row["header"]), row["field"]
            if kind not in KEYS or not header or not field:
                raise HeaderError(f"{path.name}, line {place + 2}: needs a header, a field and a kind of {list(KEYS)}")
            if header in self._fields[kind]:
                raise HeaderError(f"{path.name}, line {place + 2}: {row['header']!r} is there twice for a {kind}")
            self._fields[kind][header] = place, field

    def form(self, names: Sequence[str]) -> Form | str:
        """Tell what a file of these headers holds, or why that cannot be told.

        The kind is the one that knows more of the headers that the other kind does not know.
        """
        known = {kind: {one for one in map(_plain, names) if one in fields} for kind, fields in self._fields.items()}
        transactions, listings = known["transaction"] - known["listing"], known["listing"] - known["transaction"]
        if len(transactions) == len(listings):
            return "its headers do not tell whether it holds transactions or listings"
        kind = "transaction" if len(transactions) > len(listings) else "listing"
        said = sorted((*self._fields[kind][_plain(name)], name) for name in names if _plain(name) in known[kind])
        fields: dict[str, str] = {}
        for _, field, name in said:
            fields.setdefault(field, name)  # of two headers of a field the one that stands first in the mapping
        if not fields.keys() & {KEYS[kind], *_NAMES_A_ROW}:
            return f"no header names a {kind}: neither {KEYS[kind]} nor an MLS number nor an address"
        return Form(kind, fields)

    def known(self, names: Sequence[str]) -> int:
        """Count the headers that some kind knows."""
        return sum(any(_plain(name) in fields for fields in self._fields.values()) for name in names)


def _plain(header: str) -> str:
    """A header without case, blanks and marks, as which it is looked up."""
    return re.sub(r"[^a-z0-9]+", "_", header.lower().replace("#", " number ")).strip("_")
