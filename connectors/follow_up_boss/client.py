"""One account's way into Follow Up Boss: paced by the limits it states, its lists as pages of rows.

Belongs here: which page comes next so that nothing is lost, and waiting before the API has to refuse. Does not belong
here: which lists there are and when they are read (`connectors/follow_up_boss/source.py`).

Long lists give a link to the next page, which stays true while rows come and go. Short ones (users, stages, groups)
may give none: there the next page begins with the last row of this one, so that rows which moved up are noticed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from connectors.rest import Api, Params, SourceError
from connectors.sync import Row

LIMIT = 100
"""Rows a page; the API gives no more."""


class Pace:
    """Holds requests back until the sliding window has room: each answer says how many it still takes."""

    def __init__(self) -> None:
        self._context: dict[str, str] = {}
        self._sent: dict[str, deque[float]] = {}
        self._free_at: dict[str, float] = {}

    def wait(self, endpoint: str) -> None:
        """Wait until a request to this endpoint may be sent."""
        free_at = self._free_at.get(self._context.get(endpoint, ""), 0)
        time.sleep(max(free_at - time.monotonic(), 0))

    def note(self, endpoint: str, headers: Mapping[str, str]) -> None:
        """Take from an answer which limit its endpoint counts in, and how much of that is left."""
        now = time.monotonic()
        context = headers.get("X-RateLimit-Context", "global")
        window, left = _number(headers, "X-RateLimit-Window", 10), _number(headers, "X-RateLimit-Remaining", 1)
        sent = self._sent.setdefault(context, deque())
        sent.append(now)
        while sent[0] <= now - window:
            sent.popleft()
        self._context[endpoint] = context
        self._free_at[context] = sent[0] + window if left < 1 else 0


def _number(headers: Mapping[str, str], name: str, otherwise: float) -> float:
    try:
        return float(headers.get(name, otherwise))
    except ValueError:
        return otherwise


class Client:
    """Reads one account.

    Attributes:
        queue: people whose text messages are to be read, by key, as far as this run knows; None before it is known.
        counted: how many rows the list read last had when its first page was answered, by its own word.
    """

    def __init__(self, api: Api) -> None:
        self.queue: dict[str, Row] | None = None
        self.counted: int | None = None
        self._api, self._pace = api, Pace()

    def get(self, path: str, params: Params | None = None) -> Any:
        """Return the JSON of a GET; `path` may be a link that the API gave.

        Raises:
            SourceError: the API refused or failed, or the link leads elsewhere: it would take the key with it.
        """
        base, parts = urlsplit(self._api.base_url), urlsplit(path)
        if parts.netloc and (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
            raise SourceError("follow_up_boss: a link to the next page leads to another host; it was not followed", 200)
        endpoint = parts.path.removeprefix(base.path).strip("/").split("/")[0]
        self._pace.wait(endpoint)
        response = self._api.send("GET", path, params=params)
        self._pace.note(endpoint, response.headers)
        return self._api.json(response, path)

    def total(self, path: str, params: Params) -> int | None:
        """How many rows a list has, by its own word."""
        return _metadata(self.get(path, {**params, "limit": 1})).get("total")

    def pages(self, path: str, key: str, params: Params) -> Iterator[list[Row]]:
        """Yield a list's rows, some of them more than once; none is left out that is there all the while.

        Args:
            path: of the list.
            key: what its rows are under.
            params: its filters; a link to a next page carries them.
        """
        answer = self.get(path, {"limit": LIMIT, **params})
        self.counted = _metadata(answer).get("total")
        link = _metadata(answer).get("nextLink")
        if not link:
            yield from self._by_offset(answer, path, key, params)
            return
        while True:
            rows = self._api.rows(answer, path, key)
            yield rows
            if not link or not rows:
                return
            answer, last = self.get(link), link
            link = _metadata(answer).get("nextLink")
            if link == last:
                raise SourceError(f"follow_up_boss: /{path} cannot be paged: its next page is the same one again", 200)

    def _by_offset(self, answer: Any, path: str, key: str, params: Params) -> Iterator[list[Row]]:
        seen: set[Any] = set()
        offset = 0
        while True:
            rows = self._api.rows(answer, path, key)
            if offset and (not rows or rows[0].get("id") not in seen):
                offset = max(offset - LIMIT, 0)  # rows before it are gone, and others moved up unseen
            else:
                yield rows
                seen.update(row.get("id") for row in rows)
                total = _metadata(answer).get("total")
                if len(rows) < 2 or (total is not None and offset + len(rows) >= total):
                    return
                offset += len(rows) - 1
            answer = self.get(path, {"limit": LIMIT, **params, "offset": offset})


def _metadata(answer: Any) -> Mapping[str, Any]:
    found = answer.get("_metadata") if isinstance(answer, dict) else None
    return found if isinstance(found, dict) else {}
