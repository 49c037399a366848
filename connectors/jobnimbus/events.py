"""Which payload is news: JobNimbus lands as events that are never changed, and each is an object as once seen.

Belongs here: the keys of events, what was landed last of every object, which of them are gone. Does not belong here:
how objects are read (`connectors/jobnimbus/source.py`).

    <object>:<jnid>:<hash>             a payload, by the hash of its content
    <object>:<jnid>:<hash>:<moment>    the same content again, after another one or after it was gone
    <object>:<jnid>:gone:<moment>      no longer there; payload {}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson

from connectors.landing_live import loses_too_many
from connectors.rest import SourceError
from connectors.sync import Context, Page, Row

EVENTS = "jobnimbus_raw_events"


@dataclass
class _Newest:
    """The newest event of an object: its key, the `date_updated` it told, whether lists show the object."""

    key: str
    updated: str | None
    is_there: bool


class Known:
    """The events of an account that are landed, and those that this run adds."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Learn landed events: key, request, cursor_value, extracted_at."""
        self._keys: set[str] = set()
        self._newest: dict[str, dict[str, _Newest]] = defaultdict(dict)
        # Of events that came in one moment the one updated last is the newest, as it is for the models.
        for key, request, updated, _ in sorted(rows, key=lambda row: (row[3], int(row[2] or 0))):
            self._add(key, request, updated)

    @classmethod
    def of(cls, context: Context) -> Known:
        """Learn what is landed of an account."""
        return cls(context.rows(EVENTS, "request", "cursor_value", "extracted_at"))

    def there(self, kind: str) -> dict[str, str | None]:
        """The objects of a kind that lists should show, with the `date_updated` each was landed with."""
        return {jnid: one.updated for jnid, one in self._newest[kind].items() if one.is_there}

    def news(self, kind: str, rows: Iterable[tuple[str, Row]]) -> Iterator[Page]:
        """Yield as events those payloads, each with its id, that are not what was landed last of the object."""
        found = [(row, request) for jnid, row in rows if (request := self._news(kind, jnid, row))]
        if found:
            yield Page([row for row, _ in found], requests=[request for _, request in found])

    def _news(self, kind: str, jnid: str, row: Row) -> Row | None:
        """The request that a payload lands with, None when it is none."""
        request: Row = {"object": kind, "jnid": jnid}
        if row.get("is_active") is False:
            request["is_active"] = False
        key = key_of(row, request)
        newest = self._newest[kind].get(jnid)
        # A key with a moment begins like the one without.
        if newest and f"{newest.key}:".startswith(f"{key}:"):
            return None
        if key in self._keys:
            request["again"] = _moment()
            key = key_of(row, request)
        updated = cursor_of(row)
        self._add(key, request, None if updated is None else str(updated))
        return request

    def gone(self, kind: str, jnids: Iterable[str]) -> Iterator[Page]:
        """Yield the events that objects are no longer there."""
        requests = [{"object": kind, "jnid": jnid, "gone": True, "at": _moment()} for jnid in jnids]
        for request in requests:
            self._add(key_of({}, request), request, None)
        if requests:
            yield Page([{}] * len(requests), requests=requests)

    def missing(self, kind: str, seen: Mapping[str, Any] | set[str]) -> list[str]:
        """The objects that a whole list did not show.

        Raises:
            SourceError: they are more than a business loses between two runs.
        """
        there = self.there(kind)
        missing = sorted(there.keys() - seen)
        if loses_too_many(len(there), len(missing)):
            raise SourceError(
                f"{len(missing)} of {len(there)} objects of kind {kind} are gone, which nobody believes: nothing is"
                " marked; see what the token's access profile may read",
                200,
            )
        return missing

    def _add(self, key: str, request: Mapping[str, Any], updated: str | None) -> None:
        self._keys.add(key)
        is_there = not request.get("gone") and request.get("is_active", True)
        self._newest[request["object"]][request["jnid"]] = _Newest(key, updated, is_there)


def key_of(row: Row, request: Mapping[str, Any]) -> str:
    """The key of an event."""
    named = f"{request['object']}:{request['jnid']}"
    if request.get("gone"):
        return f"{named}:gone:{request['at']}"
    content = sha256(orjson.dumps(row, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]
    return f"{named}:{content}:{request['again']}" if "again" in request else f"{named}:{content}"


def cursor_of(row: Row) -> Any:
    """By what lists go on: when the object was last updated."""
    return row.get("date_updated")


def _moment() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
