"""Reading an agent's deals, or listings: whole the first time, later what may have changed.

Belongs here: groups, what is read of each, how what was read is held against reZEN's counts. Does not belong here:
everything else that is read (`connectors/rezen/source.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass

from connectors.rest import SourceError
from connectors.rezen.answers import Newest, counts
from connectors.rezen.client import Client
from connectors.rezen.paging import PAGE_SIZE, Listing, Row, pages
from connectors.sync import Context, Done, Page, Walk

_OVER = {"CLOSED", "LISTING_CLOSED", "PAYMENT_ACCEPTED", "PAYMENT_SCHEDULED", "SETTLED"}
_NEWEST = 50
"""Deals that are over are asked for in pages of so many, once they are known."""
_LOOKED_UP = 20
"""More deals than this are found by reading whole groups, not one by one."""


@dataclass(frozen=True)
class Family:
    """Deals or listings: where they land and are asked for, by groups; those of the first still move."""

    table: str
    path: str
    groups: tuple[str, str, str]
    counts: str | None = None

    def group_of(self, row: Row) -> str:
        """Tell the group a deal is in by what it says itself."""
        state = row.get("lifecycleState")
        state = str(state.get("state") if isinstance(state, dict) else state or "").split(",")[0].upper()
        if row.get("terminated") or state == "TERMINATED":
            return self.groups[2]
        return self.groups[1] if row.get("closed") or state in _OVER else self.groups[0]


DEALS = Family(
    "stage_transactions_rezen_onboarding",
    "transactions",
    ("OPEN", "CLOSED", "TERMINATED"),
    "transactions/lifecycle-group-counts",
)
OFFERS = Family(
    "stage_listings_rezen_onboarding",
    "listing-transactions",
    ("LISTING_NONTERMINATED", "CLOSED", "TERMINATED"),
)


class Walked:
    """One walk over an account's deals of a family."""

    def __init__(self, family: Family, client: Client, context: Context) -> None:
        self.family, self.client = family, client
        self.newest = Newest(context.cursor, "updatedAt")
        self.known = dict(context.landed(family.table)) if context.cursor else {}
        self.groups = {key: request["group"] for key, request in self._requests(context) if request}
        """The group of every deal there is, as far as is known."""
        self.told: dict[str, int | None] = {}
        self.gone: list[str] = []
        self.is_complete = False

    def _requests(self, context: Context) -> Iterable[tuple[str, Row | None]]:
        return context.requests(self.family.table) if context.cursor else ()

    def walk(self) -> Walk:
        """Read what may have changed, or everything where nothing is known or the counts disagree."""
        if self.known and (yield from self._changes()) and self._agrees():
            return Done(self.newest.cursor, self.is_complete, self.gone)
        for _ in range(2):
            yield from self._everything()
            if self._agrees():
                return Done(self.newest.cursor, complete=True)
        raise SourceError(
            f"rezen: the {self.family.path} read and reZEN's counts disagree, twice; run again later", 200
        )

    def _everything(self) -> Iterator[Page]:
        self.known, self.groups = {}, {}
        for group in self.family.groups:
            yield from self._group(group)

    def _changes(self) -> Generator[Page, None, bool]:
        """Read what may have changed; tell whether it can be all of it."""
        seen: set[str] = set()
        self.is_complete = True
        for group in self.family.groups:
            has_ended = yield from self._group(group, seen)
            self.is_complete &= has_ended
        if self.is_complete:
            self.groups = {key: group for key, group in self.groups.items() if key in seen}
            return True
        moving = self.family.groups[0]
        left = [key for key, group in self.groups.items() if group == moving and key not in seen]
        if len(left) > _LOOKED_UP:
            return False
        yield from self._look_up(left)
        return True

    def _group(self, group: str, seen: set[str] | None = None) -> Generator[Page, None, bool]:
        """Read a group, newest first, until a page brings nothing new; tell whether that was its end."""
        request = {"group": group, "agent_id": self.client.agent_id}
        params = {"sortBy": "CREATED_AT", "sortDirection": "DESC"}
        path = f"transactions/participant/{self.client.agent_id}/{self.family.path}/{group}"
        is_over = bool(self.known) and group != self.family.groups[0]
        size = _NEWEST if is_over else PAGE_SIZE
        listing = Listing(self.client.arrakis, path, ("transactions", "data", "content"), params, size)
        for page in pages(listing):
            yield Page(page.rows, request)
            self.told[group] = page.total
            news = [row for row in page.rows if self._is_news(row)]
            for row in page.rows:
                self.newest.see(row)
                self.groups[str(row["id"])] = group
            if seen is not None:
                seen.update(str(row["id"]) for row in page.rows)
            if is_over and page.rows and not news:
                return False
        return True

    def _is_news(self, row: Row) -> bool:
        known = self.known.get(str(row["id"]))
        return known is None or known.get("updatedAt") != row.get("updatedAt")

    def _look_up(self, ids: list[str]) -> Iterator[Page]:
        """Read deals that left the open ones; one that is not found is gone."""
        for one in ids:
            try:
                row = self.client.arrakis.get(f"transactions/{one}")
            except SourceError as error:
                if error.status != 404:
                    raise
                self.gone.append(one)
                del self.groups[one]
                continue
            if not isinstance(row, dict) or str(row.get("id")) != one:
                raise SourceError("rezen: /transactions/… answered another deal than it was asked for", 200)
            self.newest.see(row)
            self.groups[one] = self.family.group_of(row)
            yield Page([row], {"group": self.groups[one], "agent_id": self.client.agent_id})

    def _agrees(self) -> bool:
        """Hold the deals known against reZEN's own counts."""
        if not self.client.check_totals:
            return True
        told: Mapping[str, int | None] = self.told
        if self.family.counts:
            path = f"transactions/participant/{self.client.agent_id}/{self.family.counts}"
            told = dict.fromkeys(self.family.groups, 0) | counts(self.client.arrakis.get(path), path)
        ours = Counter(self.groups.values())
        return all(told.get(group) in {None, ours[group]} for group in self.family.groups)
