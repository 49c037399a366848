"""The stand-in for Lofty: leads by scroll or offset, members, who one is, by the real protocol.

Enforced: the two forms of authorization, what a user may see (an owner all of the team, an agent the own leads),
1 to 100 leads a page, scrolls that expire and want the filters they began with, offsets up to 10,000, members by
pages that must not be too large, trashed leads that no list shows, a window of 60 seconds for requests whose headers
every answer bears. Three things that the documentation says twice are switches: `metadata_key`, `reset_form`, and
whether `/v1.0/leads/{id}` wraps its lead.

Does not belong here: what is in the documents (`connectors/lofty/documents.py`).
"""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass
from typing import Any

import orjson

from connectors.document_store import Store
from connectors.lofty.documents import ACCOUNTS, KEYS, LEADS, MEMBERS, ORGANISATIONS, SECRETS, TRASH, records
from connectors.sandbox.world import World
from connectors.stand_in import RateLimit, Refused, Request, Response, StandIn, listed, route

_A_WINDOW = 60
_REQUESTS_A_WINDOW = 500
_DEEPEST = 10_000
_MEMBERS_AT_MOST = 100
_FORMS = {"token": "api_key", "Bearer": "access_token", "bearer": "access_token"}
"""The word for a key is written small; for a token in either way."""

_NAMES = {401: "BAD_CREDENTIALS", 403: "PERMISSION_DENIED", 404: "LEAD_NOT_EXIST", 429: ""}
_FILTERS = {
    "stage": "doc ->> '$.stage' = ?",
    "source": "doc ->> '$.source' = ?",
    "assignedUserId": "doc ->> '$.assignedUserId' = cast(? as integer)",
    "email": "exists (select 1 from json_each(doc, '$.emails') where value = ?)",
    "phone": "exists (select 1 from json_each(doc, '$.phones') where value = ?)",
}


@dataclass(frozen=True)
class _Scroll:
    """Where a scroll goes on: whose it is, what it filters by, the last lead shown, until when."""

    key: str
    filters: tuple[tuple[str, str], ...]
    after: tuple[float, str]
    shown: int
    until: float


def fill(store: Store, world: World) -> None:
    """Hold what the world's day leaves in Lofty."""
    store.hold(records(world))


def configuration(_: World, url: str) -> dict[str, str]:
    """The settings that lead the connector here."""
    accounts = [{"name": name, kind: secret} for name in ACCOUNTS for kind, secret in [SECRETS[name]]]
    return {"SOURCES__LOFTY__BASE_URL": url, "SOURCES__LOFTY__ACCOUNTS": orjson.dumps(accounts).decode()}


class LoftyStandIn(StandIn):
    """Lofty's API."""

    name = "lofty"
    metadata_key = "_metadata"
    reset_form = "milliseconds"  # or "moment"
    wraps_a_lead = True
    scroll_seconds = 300.0

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        super().__init__(store, hurry)
        self._rate = RateLimit(max(int(_REQUESTS_A_WINDOW * hurry), 1), _A_WINDOW)
        self._scrolls: dict[str, _Scroll] = {}

    def account_of(self, request: Request) -> str | None:
        """The account of the key."""
        found = self._login(request)
        return str(found["account"]) if found else None

    def error(self, status: int, message: str) -> Any:
        """An error in Lofty's shape; of 429 only the words."""
        return {"message": "Too Many Requests"} if status == 429 else _body(_NAMES.get(status, "INTERNAL"), message)

    def _login(self, request: Request) -> dict[str, Any] | None:
        form, _, secret = request.headers.get("authorization", "").partition(" ")
        text = self.store.get(KEYS, "", secret)
        found: dict[str, Any] | None = orjson.loads(text) if text else None
        return found if found and _FORMS.get(form) == found["form"] else None

    def allow(self, request: Request) -> dict[str, str]:
        """Check key and rate."""
        if self._login(request) is None:
            raise Refused(401, _body("BAD_CREDENTIALS", "Bad credentials"))
        left, seconds = self._rate.take(request.headers["authorization"])
        reset = int(seconds * 1_000) if self.reset_form == "milliseconds" else int(time.time() + seconds) + 1
        headers = {
            "X-RateLimit-Limit": str(self._rate.limit),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": str(reset),
        }
        if left < 0:
            raise Refused(429, self.error(429, ""), headers)
        return headers

    def _user(self, request: Request) -> tuple[str, dict[str, Any]]:
        """The account of a request that was let in, and the member who asks."""
        login = self._login(request) or {}
        text = self.store.get(MEMBERS, login["account"], str(login["user"]))
        return login["account"], orjson.loads(text or "{}")

    @route("GET", "/v1.0/me")
    def _me(self, request: Request) -> Response:
        return Response(self._user(request)[1])

    @route("GET", "/v1.0/org")
    def _org(self, request: Request) -> Response:
        account, _ = self._user(request)
        return Response((self.store.get(ORGANISATIONS, account, account) or "{}").encode())

    @route("GET", "/v1.0/members")
    def _members(self, request: Request) -> Response:
        account, _ = self._user(request)
        limit, offset = _number(request, "limit", 25), max(_number(request, "offset", 0), 0)
        if not 1 <= limit <= _MEMBERS_AT_MOST:
            raise Refused(400, _body("LIMIT_PARAM_OVERSIZE", "limit is too large"))
        where, values = "true", []
        if "groupIds" in request.query:
            values = request.query["groupIds"]
            marks = ", ".join("cast(? as integer)" for _ in values)
            where = f"doc ->> '$.groupId' in ({marks})"
        total = self.store.count(MEMBERS, account, where, values)
        if not total:
            raise Refused(404, _body(20003, "USER_NOT_EXIST"))
        rows = self.store.select(MEMBERS, account, where, values, limit=limit, offset=offset)
        return self._page("members", [row[3] for row in rows], offset, limit, total)

    @route("GET", "/v1.0/members/{account}")
    def _member(self, request: Request) -> Response:
        account, _ = self._user(request)
        rows = self.store.select(MEMBERS, account, "doc ->> '$.email' = ?", [request.parts["account"]])
        if not rows:
            raise Refused(404, _body(20003, "USER_NOT_EXIST"))
        return Response(rows[0][3].encode())

    @route("GET", "/v1.0/leads")
    def _leads(self, request: Request) -> Response:
        account, user = self._user(request)
        limit = _number(request, "limit", 10)
        if not 1 <= limit <= 100:
            raise Refused(400, _body(20042, "LIMIT_NOT_VALID"))
        filters = tuple((name, request.one(name)) for name in _FILTERS if name in request.query)
        visible, whose = _visible(user)
        where = " and ".join([f"parent <> '{TRASH}'", visible, *(_FILTERS[name] for name, _ in filters)])
        values = [*whose, *(value for _, value in filters)]
        total = self.store.count(LEADS, account, where, values)
        offset = _number(request, "offset", 0)
        if offset < 0 or offset + limit > _DEEPEST:
            raise Refused(400, _body(20012, "INVALID_PARAMETER"))
        scroll = self._scroll(request, filters)
        if scroll:
            where, values, offset = f"{where} and (ord, id) < (?, ?)", [*values, *scroll.after], scroll.shown
        skipped = 0 if scroll else offset
        rows = self.store.select(LEADS, account, where, values, "ord desc, id desc", limit, skipped)
        going_on = None
        if rows:
            key = request.headers["authorization"]
            until = time.monotonic() + self.scroll_seconds
            going_on = _Scroll(key, filters, (rows[-1][1], rows[-1][0]), offset + len(rows), until)
        return self._page("leads", [row[3] for row in rows], offset, limit, total, self._given_out(going_on))

    @route("GET", "/v1.0/leads/{id}")
    def _lead(self, request: Request) -> Response:
        account, user = self._user(request)
        visible, whose = _visible(user)
        bin_or_not = "true" if request.one("withTrash") == "true" else f"parent <> '{TRASH}'"
        rows = self.store.select(
            LEADS, account, f"id = ? and {visible} and {bin_or_not}", [request.parts["id"], *whose]
        )
        if not rows:
            raise Refused(404, _body(20006, "LEAD_NOT_EXIST"))
        text = rows[0][3]
        return Response((f'{{"lead":{text}}}' if self.wraps_a_lead else text).encode())

    def _scroll(self, request: Request, filters: tuple[tuple[str, str], ...]) -> _Scroll | None:
        given = request.one("scrollId")
        if not given:
            return None
        found = self._scrolls.get(given)
        mine = (request.headers["authorization"], filters)
        if found is None or (found.key, found.filters) != mine or found.until <= time.monotonic():
            raise Refused(400, _body(20012, "INVALID_PARAMETER: scrollId has expired"))
        return found

    def _given_out(self, scroll: _Scroll | None) -> str | None:
        """Name a scroll. An earlier name stays good, so that a request whose answer was lost can be repeated."""
        if scroll is None:
            return None
        name = base64.b64encode(f"scroll:{secrets.token_hex(8)}".encode()).decode()
        with self._lock:
            now = time.monotonic()
            self._scrolls = {key: one for key, one in self._scrolls.items() if one.until > now}
            self._scrolls[name] = scroll
        return name

    def _page(
        self, collection: str, texts: list[str], offset: int, limit: int, total: int, scroll: str | None = None
    ) -> Response:
        told: dict[str, Any] = {"collection": collection, "offset": offset, "limit": limit, "total": total}
        if collection == LEADS:
            told["scrollId"] = scroll
        head = orjson.dumps({self.metadata_key: told})[:-1]
        return Response(head + f',"{collection}":'.encode() + listed(texts) + b"}")


def _visible(user: dict[str, Any]) -> tuple[str, list[Any]]:
    """SQL condition of the leads a member may see, and its values."""
    if user.get("isAdmin"):
        return "true", []
    return "doc ->> '$.assignedUserId' = ?", [user.get("memberUserId")]


def _number(request: Request, name: str, default: int) -> int:
    try:
        return request.number(name, default)
    except Refused:
        raise Refused(400, _body(20012, "INVALID_PARAMETER")) from None


def _body(code: int | str, message: str) -> dict[str, Any]:
    return {"code": code, "message": message}
