"""The stand-in for reZEN: two hosts under one address, and the traps of their API.

A key acts as one agent. Lists hide: members who are no longer active unless every status is asked for, deals of other
groups than the one in the path, pages beyond the first.

Belongs here: the protocol. Does not belong here: what is in the documents (`connectors/rezen/documents.py`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.document_store import Store
from connectors.rezen.documents import (
    AGENT,
    CONTRIBUTION,
    DEAL,
    KEY,
    LISTING,
    LISTING_ACTIVE,
    LISTING_IN_CONTRACT,
    MEMBER,
    PENDING,
    records,
)
from connectors.sandbox.world import World
from connectors.stand_in import RateLimit, Refused, Request, Response, StandIn, listed, route

_ARRAKIS, _YENTA = "/arrakis/api/v1", "/yenta/api/v1"
_PER_SECOND = 5
_PAGE_SIZE = 20
_DEAL_GROUPS = {"OPEN": ("OPEN",), "CLOSED": ("CLOSED",), "TERMINATED": ("TERMINATED",)}
_LISTING_GROUPS = {
    "LISTING_ACTIVE": (LISTING_ACTIVE,),
    "LISTING_NONTERMINATED": (LISTING_ACTIVE, LISTING_IN_CONTRACT),
    "CLOSED": ("CLOSED",),
    "TERMINATED": ("TERMINATED",),
}
_ORDERS = {"CREATED_AT": "ord", "ESCROW_CLOSING_DATE": "doc ->> '$.closingDateEstimated'"}
_REFUSED_BY_THE_GATE = b"<html><head><title>403 Forbidden</title></head><body></body></html>"


def fill(store: Store, world: World) -> None:
    """Hold what reZEN knows of the world."""
    store.hold(records(world))


def configuration(world: World, url: str) -> dict[str, str]:
    """The settings that lead the connector here; the keys are in the business's own records."""
    del world
    return {
        "SOURCES__REZEN__ARRAKIS_URL": f"{url}{_ARRAKIS}",
        "SOURCES__REZEN__YENTA_URL": f"{url}{_YENTA}",
        "SOURCES__REZEN__REQUESTS_PER_SECOND": "200",
    }


class RezenStandIn(StandIn):
    """arrakis and yenta, as far as they are known."""

    name = "rezen"
    page_limit = 1_000
    """The largest page; more is cut without a word."""

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        super().__init__(store, hurry)
        self.limit = RateLimit(round(_PER_SECOND * hurry), 1)

    def account_of(self, request: Request) -> str | None:
        """The user whose key it is."""
        owner = self._owner(request)
        return owner["account"] if owner else None

    def error(self, status: int, message: str) -> Any:
        """An error the way reZEN wraps it."""
        names = {400: "BAD_REQUEST", 401: "UNAUTHORIZED", 403: "FORBIDDEN", 404: "NOT_FOUND", 429: "TOO_MANY_REQUESTS"}
        told = {"status": names.get(status, "INTERNAL_SERVER_ERROR"), "message": message}
        return {"com.real.commons.apierror.ApiError": told}

    def allow(self, request: Request) -> dict[str, str]:
        """Let in who looks like a browser and has a key, not too often."""
        if not request.headers.get("user-agent", "").startswith("Mozilla/"):
            raise Refused(403, _REFUSED_BY_THE_GATE, {"Content-Type": "text/html"})
        if "x-api-key" not in request.headers and request.headers.get("authorization"):
            raise Refused(403, self.error(403, "Not authorized."))
        owner = self._owner(request)
        if owner is None:
            raise Refused(401, self.error(401, "The API key is not valid."))
        left, seconds = self.limit.take(owner["account"])
        if left < 0:
            headers = {"Retry-After": str(math.ceil(seconds))}
            raise Refused(429, self.error(429, "Too many requests."), headers)
        return {}

    def _owner(self, request: Request) -> dict[str, str] | None:
        found = self.store.get(KEY, "", request.headers.get("x-api-key", ""))
        return dict(orjson.loads(found)) if found else None

    def _agent(self, request: Request) -> str:
        """The key's agent, if it is the one that is asked for."""
        own = (self._owner(request) or {})["agent"]
        if request.parts.get("agent", own) != own:
            raise Refused(403, self.error(403, "Not authorized."))
        return own

    def _bad(self, message: str) -> Refused:
        return Refused(400, self.error(400, message))

    def _day(self, request: Request, name: str, *, ends: bool = False) -> float | None:
        """A day as the moment it begins, or ends."""
        text = request.one(name)
        if not text:
            return None
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            raise self._bad(f"{name} must be a day")
        return (datetime.fromisoformat(text).replace(tzinfo=UTC) + timedelta(days=ends)).timestamp()

    def _between(self, request: Request, first: str, last: str) -> tuple[str, list[Any]]:
        """The condition that a row was changed between two days, both counted."""
        since, until = self._day(request, first), self._day(request, last, ends=True)
        conditions = [("changed >= ?", since), ("changed < ?", until)]
        given = [(condition, value) for condition, value in conditions if value is not None]
        return " and ".join(["true", *(one for one, _ in given)]), [value for _, value in given]

    def _page(
        self,
        request: Request,
        collection: str,
        key: str,
        where: str = "true",
        values: Sequence[Any] = (),
        order: str = "ord, id",
    ) -> Response:
        number, size = request.number("pageNumber", 0), request.number("pageSize", _PAGE_SIZE)
        if number < 0 or size < 1:
            raise self._bad("pageNumber and pageSize must be positive")
        size = min(size, self.page_limit)
        agent = self._agent(request)
        total = self.store.count(collection, agent, where, values)
        rows = self.store.select(collection, agent, where, values, order, size, number * size)
        head = orjson.dumps(
            {
                "pageNumber": number,
                "pageSize": size,
                "hasNext": (number + 1) * size < total,
                "totalCount": total,
            }
        )
        documents = listed(document for *_, document in rows)
        return Response(head[:-1] + b',"' + key.encode() + b'":' + documents + b"}")

    def _document(self, collection: str, agent: str, where: str, values: Sequence[Any]) -> bytes | None:
        found = self.store.select(collection, agent, where, values, limit=1)
        return found[0][3].encode() if found else None

    @route("GET", f"{_YENTA}/agents/me")
    def me(self, request: Request) -> Response:
        """The key's agent."""
        return Response(self._document(AGENT, self._agent(request), "true", ()))

    @route("GET", f"{_YENTA}/users/me")
    def user(self, request: Request) -> Response:
        """The same, under the other name."""
        return self.me(request)

    @route("GET", f"{_YENTA}/agents/{{agent}}/down-line/{{tier}}")
    def down_line(self, request: Request) -> Response:
        """Members of a tier: the active ones, unless others are asked for."""
        if request.parts["tier"] not in {"1", "2", "3", "4", "5"}:
            raise self._bad("tier must be 1 to 5")
        statuses = request.query.get("statusIn", ["ACTIVE"])
        where, values = self._between(request, "updatedAtFrom", "updatedAtTo")
        where += f" and parent = ? and doc ->> '$.status' in ({', '.join('?' * len(statuses))})"
        return self._page(request, MEMBER, "downLineAgents", where, [*values, request.parts["tier"], *statuses])

    @route("GET", f"{_YENTA}/agents/{{agent}}/network-size-by-tier")
    def network_sizes(self, request: Request) -> Response:
        """How many members a tier has, whatever their status."""
        agent = self._agent(request)
        counts = {tier: self.store.count(MEMBER, agent, "parent = ?", [str(tier)]) for tier in range(1, 6)}
        return Response([{"tier": tier, "count": count} for tier, count in counts.items()])

    @route("GET", f"{_YENTA}/agents/{{agent}}/front-line-agents-info")
    def front_line(self, request: Request) -> Response:
        """The first tier, not paged."""
        rows = self.store.select(MEMBER, self._agent(request), "parent = '1'")
        return Response(b'{"frontLineAgentInfos":' + listed(document for *_, document in rows) + b"}")

    def _grouped(self, request: Request, collection: str, groups: Mapping[str, tuple[str, ...]]) -> Response:
        group, by = request.parts["group"], request.one("sortBy", "CREATED_AT")
        direction = request.one("sortDirection", "DESC")
        if group not in groups or by not in _ORDERS or direction not in {"ASC", "DESC"}:
            raise self._bad("unknown group, sortBy or sortDirection")
        parents = groups[group]
        where = f"parent in ({', '.join('?' * len(parents))})"
        order = f"{_ORDERS[by]} {direction}, id"
        return self._page(request, collection, "transactions", where, parents, order)

    @route("GET", f"{_ARRAKIS}/transactions/participant/{{agent}}/transactions/{{group}}")
    def deals(self, request: Request) -> Response:
        """The agent's deals of a group."""
        return self._grouped(request, DEAL, _DEAL_GROUPS)

    @route("GET", f"{_ARRAKIS}/transactions/participant/{{agent}}/transactions/lifecycle-group-counts")
    def counts(self, request: Request) -> Response:
        """How many deals the agent has in each group."""
        agent = self._agent(request)
        return Response({group: self.store.count(DEAL, agent, "parent = ?", [group]) for group in _DEAL_GROUPS})

    @route("GET", f"{_ARRAKIS}/transactions/participant/{{agent}}/listing-transactions/{{group}}")
    def listings(self, request: Request) -> Response:
        """The agent's listings of a group."""
        return self._grouped(request, LISTING, _LISTING_GROUPS)

    @route("GET", f"{_ARRAKIS}/transactions/participant/{{agent}}/current")
    def current(self, request: Request) -> Response:
        """The agent's open deals, not paged."""
        rows = self.store.select(DEAL, self._agent(request), "parent = 'OPEN'", order="ord desc, id")
        return Response(b'{"openTransactions":' + listed(document for *_, document in rows) + b"}")

    @route("GET", f"{_ARRAKIS}/transactions/{{id}}")
    def deal(self, request: Request) -> Response:
        """One deal or listing."""
        return self._one(request, "id = ?", request.parts["id"])

    @route("GET", f"{_ARRAKIS}/transactions/code/{{code}}")
    def deal_by_code(self, request: Request) -> Response:
        """One deal or listing by its human code."""
        return self._one(request, "doc ->> '$.code' = ?", request.parts["code"])

    def _one(self, request: Request, where: str, value: str) -> Response:
        agent = self._agent(request)
        for collection in (DEAL, LISTING):
            if found := self._document(collection, agent, where, [value]):
                return Response(found)
        raise Refused(404, self.error(404, "Transaction not found."))

    @route("GET", f"{_ARRAKIS}/revshares/{{agent}}/contributions/{{tier}}")
    def contributions(self, request: Request) -> Response:
        """What the agent received of a tier; nothing was missed in this world."""
        where, values = self._between(request, "startDate", "endDate")
        if request.one("missed") == "true":
            where += " and false"
        return self._page(
            request, CONTRIBUTION, "contributions", f"{where} and parent = ?", [*values, request.parts["tier"]]
        )

    @route("GET", f"{_ARRAKIS}/revshares/{{agent}}/payments/pending")
    def pending(self, request: Request) -> Response:
        """What waits for its deal."""
        return self._page(request, PENDING, "contributions")
