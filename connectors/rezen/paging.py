"""Reading a reZEN list page by page while it moves.

Belongs here: which page to ask next so that nothing is lost, and when a list has ended. Does not belong here: which
lists there are (`connectors/rezen/source.py`).

reZEN pages by number, so a row that leaves a page already read pulls one over that nobody sees. Every page is therefore
asked so that it overlaps those before: page n of a smaller size begins earlier. As long as it shows a row that was
seen, nothing behind that row can have slipped past; if it shows none, the walk steps back. This needs an order that
stays, such as that of creation, and costs next to no requests, since sizes shrink by a few rows only:

    rows 0-499 (page 0 of 500) · 480-959 (page 1 of 480) · 938-1406 (page 2 of 469) …
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.rest import Api, SourceError

PAGE_SIZE = 500
_OVERLAP = 20
_PATIENCE = 10
"""So many steps back, or equal pages, in a row: the list does not answer what it is asked."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Listing:
    """A list of the API: what to ask, and the names its rows may be under."""

    api: Api
    path: str
    keys: tuple[str, ...]
    params: Mapping[str, Any] = field(default_factory=dict)
    size: int = PAGE_SIZE


@dataclass(frozen=True)
class Answer:
    """One page: its rows, and how many the list has, None where the API does not say."""

    rows: list[Row]
    total: int | None


def pages(listing: Listing) -> Iterator[Answer]:
    """Yield a list's pages. Rows may come more than once; none is left out that is there all the while."""
    limit, end, back, patience = listing.size, 0, 0, _PATIENCE
    seen: set[str] = set()
    last: list[str] = []
    while patience:
        number, asked = _next_page(end, limit)
        answer, rows = _answered(listing, number, asked)
        size = _size(answer, rows, asked)
        limit = size if size < asked else limit
        ids = [_id(listing, row) for row in rows]
        slipped = number * size < end and seen.isdisjoint(ids)
        patience = patience - 1 if slipped or (ids and ids == last) else _PATIENCE
        last = ids
        if slipped:
            back = max(2 * back, limit // 2, 1)
            end = max(end - back, 0)
            continue
        total = answer.get("totalCount")
        yield Answer(rows, total if isinstance(total, int) else None)
        seen.update(ids)
        end, back = number * size + len(rows), 0
        more = answer.get("hasNext")
        if not (len(rows) >= size if more is None else more):
            return
    raise SourceError(f"rezen: /{listing.path} cannot be paged: it answers the same rows again and again", 200)


def _next_page(end: int, limit: int) -> tuple[int, int]:
    """Choose number and size of the page that reaches furthest beyond the rows read, and overlaps them if one can."""
    for overlap in (min(_OVERLAP, limit // 2), 1):
        reach, size = max(((max(end - overlap, 0) // size + 1) * size, size) for size in range(1, limit + 1))
        if reach > end:
            return reach // size - 1, size
    return end // limit, limit


def _answered(listing: Listing, number: int, size: int) -> tuple[Mapping[str, Any], list[Row]]:
    """Ask for a page. An answer without content is an empty list; a bare list is one that is not paged."""
    params = {**listing.params, "pageNumber": number, "pageSize": size}
    response = listing.api.send("GET", listing.path, params=params)
    if response.status_code == 204:
        return {"hasNext": False}, []
    answer = listing.api.json(response, listing.path)
    if isinstance(answer, list):
        answer = {"hasNext": False, listing.keys[0]: answer}
    return answer, listing.api.rows(answer, listing.path, *listing.keys)


def _size(answer: Mapping[str, Any], rows: list[Row], asked: int) -> int:
    """Return how large the API made the page: it may hold fewer rows than were asked for."""
    told = answer.get("pageSize")
    if isinstance(told, int) and 0 < told < asked:
        return told
    return len(rows) if answer.get("hasNext") and 0 < len(rows) < asked else asked


def _id(listing: Listing, row: Row) -> str:
    try:
        return str(row["id"])
    except (KeyError, TypeError):
        raise SourceError(f"rezen: /{listing.path} answered a row without id", 200) from None
