"""People in what lands: their data stays at the source, a salted hash tells them apart.

Belongs here: the hash, and which fields of a person's record say who the person is. Does not belong here: which
records are a person's (`connectors/<source>/`).
"""

from __future__ import annotations

import re
from collections.abc import Collection
from hashlib import sha256
from typing import Any

_PERSONAL = re.compile(r"name|phone|fax|e-?mail|birth|ssn|social|address|comment|notes?$|memo|death|license|employer")


def key_of(salt: str, *parts: Any) -> str:
    """Return the hash that stands for a person, from what tells the person apart; the same in every run."""
    return sha256((salt + ":".join(map(str, parts))).encode()).hexdigest()


def without(record: Any, keep: Collection[str] = ()) -> Any:
    """Return a record, at any depth, without the fields whose names say that they hold personal data.

    Args:
        record: a person's.
        keep: fields that sound personal and are not, such as a floor plan's name.
    """
    if isinstance(record, dict):
        return {
            name: without(value, keep)
            for name, value in record.items()
            if name in keep or not _PERSONAL.search(name.lower())
        }
    return [without(one, keep) for one in record] if isinstance(record, list) else record
