"""Reading values out of reZEN's answers, which come in more than one shape.

Belongs here: moments and counts. Does not belong here: lists (`connectors/rezen/paging.py`).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from connectors.rest import SourceError
from connectors.rezen.paging import Row


class Newest:
    """The newest moment seen, as the cursor keeps it."""

    def __init__(self, cursor: str | None, *keys: str) -> None:
        self._at = datetime.fromisoformat(cursor) if cursor else None
        self._keys = keys

    def see(self, row: Row) -> None:
        """Look at a row: the first of the keys that holds a moment counts."""
        newest = next(filter(None, (moment(row.get(key)) for key in self._keys)), None)
        if newest and (self._at is None or newest > self._at):
            self._at = newest

    @property
    def cursor(self) -> str | None:
        """The moment as text; None when no row told one."""
        return self._at.isoformat() if self._at else None


def moment(value: Any) -> datetime | None:
    """Read epoch milliseconds, or an ISO day or moment; None of what is neither: a row lands whatever it says."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value)
            return read if read.tzinfo else read.replace(tzinfo=UTC)
        return datetime.fromtimestamp(value / 1000, UTC) if value else None
    except (ValueError, TypeError, OverflowError):
        return None


def counts(answer: Any, path: str) -> dict[str, int]:
    """Read counts a tier or group, a map or a list of objects."""
    if isinstance(answer, list):
        names = ("tier", "group", "lifecycleGroup")
        objects = [one for one in answer if isinstance(one, dict)]
        answer = {next((one[name] for name in names if name in one), None): one for one in objects}
    found: dict[str, int] = {}
    for name, told in answer.items() if isinstance(answer, dict) else ():
        count = next((told[key] for key in ("count", "size") if key in told), None) if isinstance(told, dict) else told
        if name is not None and isinstance(count, int):
            found[str(name)] = count
    if not found:
        raise SourceError(f"rezen: /{path} answered no counts", 200)
    return found
