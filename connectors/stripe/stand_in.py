"""The stand-in for Stripe: its lists, objects and events, by the real protocol.

Enforced: the key and what it may read, versions, pages of 1 to 100 by `starting_after` or `ending_before`, default
filters (cancelled subscriptions, deleted customers), inner lists that show their first 20, events older than 30 days
gone, requests per second with the 429 that does not say how long to wait. A parameter it does not know is refused, as
Stripe refuses one; of Stripe's filters it knows those in `_FILTERS`, and expands nothing.

It lives on its own day: note `now` of its store, in epoch seconds, which every answer bears as `Date`. Objects are
kept as the newest version shows them; whoever names no version gets the old shape that this account began with, and
events bear that shape whatever is asked for.

Does not belong here: what is in the objects (`connectors/stripe/documents.py`).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from email.utils import formatdate
from itertools import count
from typing import Any
from urllib.parse import unquote

import orjson

from connectors.document_store import Store
from connectors.sandbox.world import World
from connectors.stand_in import RateLimit, Refused, Request, Response, StandIn, listed, route
from connectors.stripe.documents import KEYS, moment_of, records
from connectors.stripe.objects import OLD_VERSION, first_items, old_shape

KEY = "rk_live_sandbox"
VERSIONS = (OLD_VERSION, "2025-03-31.basil", "2025-09-30.clover", "2026-03-25.dahlia", "2026-10-28.endive")
_EVENTS_KEPT = 30 * 86_400
_ENDPOINT_LIMIT = 25
_LIMITS = {"live": 100, "test": 25}

_Condition = tuple[str, list[Any]]


def _text(path: str) -> Callable[[list[str]], _Condition]:
    return lambda values: (f"doc ->> '$.{path}' = ?", values[:1])


def _flag(path: str) -> Callable[[list[str]], _Condition]:
    return lambda values: (f"doc ->> '$.{path}' = ?", [int(values[0] == "true")])


def _one_of(column: str, most: int) -> Callable[[list[str]], _Condition]:
    def condition(values: list[str]) -> _Condition:
        if len(values) > most:
            raise _refusal(400, f"Array exceeded maximum {most} allowed elements.", "parameter_invalid_array")
        return f"{column} in ({', '.join('?' * len(values))})", values

    return condition


def _status(values: list[str]) -> _Condition:
    ended = ["canceled", "incomplete_expired"]
    if values[0] == "all":
        return "true", []
    if values[0] == "ended":
        return "doc ->> '$.status' in (?, ?)", ended
    return "doc ->> '$.status' = ?", values[:1]


def _type(values: list[str]) -> _Condition:
    return "doc ->> '$.type' like ?", [values[0].replace("*", "%")]


def _with_price(values: list[str]) -> _Condition:
    of_item = "select 1 from json_each(doc, '$.items.data') where value ->> '$.price.id' = ?"
    return f"exists ({of_item})", values[:1]


_FILTERS: dict[str, dict[str, Callable[[list[str]], _Condition]]] = {
    "products": {
        "active": _flag("active"),
        "shippable": _flag("shippable"),
        "type": _text("type"),
        "url": _text("url"),
        "ids[]": _one_of("id", 100),
    },
    "prices": {
        "active": _flag("active"),
        "currency": _text("currency"),
        "product": _text("product"),
        "type": _text("type"),
        "lookup_keys[]": _one_of("doc ->> '$.lookup_key'", 10),
    },
    "customers": {"email": _text("email")},
    "subscriptions": {
        "status": _status,
        "customer": _text("customer"),
        "price": _with_price,
        "collection_method": _text("collection_method"),
    },
    "invoices": {
        "status": _text("status"),
        "customer": _text("customer"),
        "subscription": _text("parent.subscription_details.subscription"),
        "collection_method": _text("collection_method"),
    },
    "events": {"type": _type, "types[]": _one_of("doc ->> '$.type'", 20)},
}
_RANGES = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_PAGING = ("limit", "starting_after", "ending_before")


def _refusal(status: int, message: str, code: str = "", param: str = "") -> Refused:
    return Refused(status, _envelope(status, message, code, param))


def _envelope(status: int, message: str, code: str = "", param: str = "") -> dict[str, Any]:
    error = {"type": "api_error" if status >= 500 else "invalid_request_error", "message": message}
    if code:
        error |= {"code": code, "doc_url": f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"}
    if param:
        error["param"] = param
    return {"error": error}


def fill(store: Store, world: World) -> None:
    """Hold what the world's day leaves in Stripe, and live on that day."""
    store.hold(records(world, KEY))
    store.note("now", str(moment_of(world)))


def configuration(_: World, url: str) -> dict[str, str]:
    """The settings that lead the connector here."""
    return {"SOURCES__STRIPE__BASE_URL": url, "SOURCES__STRIPE__API_KEY": KEY}


class StripeStandIn(StandIn):
    """Stripe's API."""

    name = "stripe"

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        super().__init__(store, hurry)
        self._rates = {mode: RateLimit(max(int(most * hurry), 1), 1) for mode, most in _LIMITS.items()}
        self._endpoint_rate = RateLimit(max(int(_ENDPOINT_LIMIT * hurry), 1), 1)
        self._numbers = count(1)

    @property
    def now(self) -> int:
        """What time it is here."""
        return int(self.store.note("now") or 0)

    def account_of(self, request: Request) -> str | None:
        """There is one account."""
        del request
        return "main"

    def error(self, status: int, message: str) -> Any:
        """An error in Stripe's envelope."""
        return _envelope(status, message, {429: "rate_limit", 404: "resource_missing"}.get(status, ""))

    def answer(self, request: Request) -> Response:
        """Answer a request; whatever the answer, it bears the moment and a number."""
        response = super().answer(request)
        always = {"Date": formatdate(self.now, usegmt=True), "Request-Id": f"req_{next(self._numbers):014d}"}
        response.headers = {**always, **response.headers}
        return response

    def allow(self, request: Request) -> dict[str, str]:
        """Check key, permission, version and rates."""
        key = _key(request)
        found = self.store.get(KEYS, "", key)
        if found is None:
            shown = f"{key[:8]}***" if key else ""
            raise _refusal(401, f"Invalid API Key provided: {shown}" if key else "You did not provide an API key.")
        kind = request.path.split("/")[2]
        may = orjson.loads(found)["may"]
        if "*" not in may and kind not in may:
            raise _refusal(403, f"The provided key does not have the required permissions for '{kind}'.")
        version = request.headers.get("stripe-version", OLD_VERSION)
        if version not in VERSIONS:
            raise _refusal(400, f"Invalid Stripe API version: {version}")
        mode = "live" if "_live_" in key else "test"
        endpoint = f"{kind} {'object' if request.parts else 'list'}"
        for rate, name, reason in ((self._rates[mode], "", "global"), (self._endpoint_rate, endpoint, "endpoint")):
            if rate.take(name)[0] < 0:
                refusal = _refusal(429, "Request rate limit exceeded.", "rate_limit")
                refusal.response.headers = {"Stripe-Rate-Limited-Reason": f"{reason}-rate"}
                raise refusal
        return {"Stripe-Version": version}

    @route("GET", "/v1/products")
    def _products(self, request: Request) -> Response:
        return self._list("products", request)

    @route("GET", "/v1/prices")
    def _prices(self, request: Request) -> Response:
        return self._list("prices", request)

    @route("GET", "/v1/customers")
    def _customers(self, request: Request) -> Response:
        return self._list("customers", request, "doc ->> '$.deleted' is null")

    @route("GET", "/v1/subscriptions")
    def _subscriptions(self, request: Request) -> Response:
        hidden = "true" if "status" in request.query else "doc ->> '$.status' <> 'canceled'"
        return self._list("subscriptions", request, hidden)

    @route("GET", "/v1/invoices")
    def _invoices(self, request: Request) -> Response:
        return self._list("invoices", request)

    @route("GET", "/v1/events")
    def _events(self, request: Request) -> Response:
        return self._list("events", request, f"ord > {self.now - _EVENTS_KEPT} and ord <= {self.now}")

    @route("GET", "/v1/subscription_items")
    def _items(self, request: Request) -> Response:
        """The items of one subscription, in their own order: they are few, and kept within it."""
        parent = request.one("subscription")
        if not parent:
            raise _refusal(400, "Missing required param: subscription.", "parameter_missing", "subscription")
        _check(request, {"subscription"})
        items = orjson.loads(self._document("subscriptions", parent, 400, "subscription"))["items"]["data"]
        after = request.one("starting_after")
        if after:
            places = [place for place, item in enumerate(items, start=1) if item["id"] == after]
            if not places:
                raise _missing(400, "subscription_item", after, "starting_after")
            items = items[places[0] :]
        limit = _limit(request)
        page = {"object": "list", "url": "/v1/subscription_items", "has_more": len(items) > limit}
        return Response({**page, "data": items[:limit]})

    @route("GET", "/v1/{kind}/{id}")
    def _one(self, request: Request) -> Response:
        kind = request.parts["kind"]
        if kind not in _FILTERS:
            raise _refusal(404, f"Unrecognized request URL (GET: {request.path}).")
        text = self._document(kind, unquote(request.parts["id"]), 404, kind.removesuffix("s"))
        return Response(self._shown(kind, text, request).encode())

    def _document(self, kind: str, key: str, status: int, param: str) -> str:
        text = self.store.get(kind, "", key)
        if text is None:
            raise _missing(status, kind.removesuffix("s"), key, param)
        return text

    def _list(self, kind: str, request: Request, hidden: str = "true") -> Response:
        _check(request, set(_FILTERS[kind]))
        conditions, values = [hidden], []
        for name, told in request.query.items():
            if name in _FILTERS[kind]:
                condition, found = _FILTERS[kind][name](told)
            elif name.startswith("created"):
                condition, found = _moment(name, told[0])
            else:
                continue
            conditions.append(condition)
            values += found
        place, bound, order = self._place(kind, request)
        limit = _limit(request)
        rows = self.store.select(kind, "", " and ".join([*conditions, place]), [*values, *bound], order, limit + 1)
        texts = [self._shown(kind, row[3], request) for row in rows[:limit]]
        if request.one("ending_before"):
            texts.reverse()
        head = orjson.dumps({"object": "list", "url": f"/v1/{kind}", "has_more": len(rows) > limit})
        return Response(head[:-1] + b',"data":' + listed(texts) + b"}")

    def _place(self, kind: str, request: Request) -> tuple[str, list[Any], str]:
        """Where a page begins: newest first, after or before the object that a cursor names."""
        for param, sign, order in (
            ("starting_after", "<", "ord desc, id desc"),
            ("ending_before", ">", "ord, id"),
        ):
            cursor = request.one(param)
            if cursor:
                found = self.store.select(kind, "", "id = ?", [cursor])
                if not found or '"deleted":true' in found[0][3]:
                    raise _missing(400, kind.removesuffix("s"), cursor, param)
                return f"(ord, id) {sign} (?, ?)", [found[0][1], cursor], order
        return "true", [], "ord desc, id desc"

    def _shown(self, kind: str, text: str, request: Request) -> str:
        """A document as this request sees it."""
        if kind != "subscriptions":
            return text
        document = first_items(orjson.loads(text))
        if request.headers.get("stripe-version", OLD_VERSION) == OLD_VERSION:
            document = old_shape(document)
        return orjson.dumps(document).decode()


def _key(request: Request) -> str:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        return base64.b64decode(value).decode().partition(":")[0]
    return value if scheme.lower() == "bearer" else ""


def _missing(status: int, kind: str, key: str, param: str) -> Refused:
    return _refusal(status, f"No such {kind}: '{key}'", "resource_missing", param)


def _limit(request: Request) -> int:
    text = request.one("limit", "10")
    if not re.fullmatch(r"\d+", text) or not 1 <= int(text) <= 100:
        raise _refusal(400, "Invalid integer: limit must be between 1 and 100.", "parameter_invalid_integer", "limit")
    return int(text)


def _check(request: Request, known: set[str]) -> None:
    """Refuse what is not a parameter of the list."""
    for name in request.query:
        if name not in {*known, *_PAGING} and not re.fullmatch(r"created(\[\w+\])?", name):
            raise _refusal(400, f"Received unknown parameter: {name}", "parameter_unknown", name)
    if request.one("starting_after") and request.one("ending_before"):
        raise _refusal(400, "You may only specify one of these parameters: starting_after, ending_before.")


def _moment(name: str, value: str) -> _Condition:
    sign: Mapping[str, str] = {"created": "=", **{f"created[{one}]": sign for one, sign in _RANGES.items()}}
    if name not in sign:
        raise _refusal(400, f"Received unknown parameter: {name}", "parameter_unknown", name)
    if not re.fullmatch(r"\d+", value):
        raise _refusal(400, f"Invalid integer: {value}", "parameter_invalid_integer", name)
    return f"doc ->> '$.created' {sign[name]} ?", [int(value)]
