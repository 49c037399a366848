"""Stripe: products, prices, customers, subscriptions of all states, invoices, events.

Paging: 100 a page, newest first, `starting_after` the last id. Rows that come meanwhile stand before the first page;
a cursor whose object has been deleted meanwhile begins the walk again. A row is unique by its `id`.
Incremental: Stripe cannot be asked what changed, so the events since the last run name the objects, and each is read
anew; one that is no longer there is marked as deleted. Everything is read when there is no last run, when it is
longer ago than events are kept (30 days), and once a week: an event may have been missed, and no event tells that a
price changed inside the subscriptions that hold a copy of it.
Moments are the API's own (`Date` of its answers), so a wrong clock here loses nothing.

    /v1/events?types[]=price.… ──ids──> /v1/prices/{id} ─┐
    /v1/prices (first, weekly) ──────────────────────────┴─> staging_stripe.prices (account, key, payload, …)

Payloads land as received but for one thing: a subscription's `items` come in pages of their own, and its further
pages are put into `items.data`. This is the only place where a payload is completed.

Alone: `python -m connectors.stripe`. Does not belong here: what a field means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote

from dlt.common.configuration import with_config
from dlt.common.typing import TSecretStrValue

from connectors.rest import Api, SourceError
from connectors.sync import Account, Context, Done, Mark, Page, Resource, Row, Source, Walk

VERSION = "2026-10-28.endive"
"""Pinned: without it an account's own default would decide the shape of what is answered."""

PAGE = 100
_DAY = 86_400
_EVENTS_KEPT = 30 * _DAY
_FULL_EVERY = 7 * _DAY
_OVERLAP = 900
"""Seconds that two runs' windows share: an event can be listed a little after the moment it bears."""

_BEGIN_AGAIN = 10


@dataclass(frozen=True)
class Kind:
    """A kind of object: its list, the parameters that hide nothing from it, and the events that name one."""

    name: str
    events: tuple[str, ...]
    params: Mapping[str, Any]


def _named(prefix: str, *happenings: str) -> tuple[str, ...]:
    return tuple(f"{prefix}.{happening}" for happening in happenings)


_MADE = ("created", "updated", "deleted")
KINDS = (
    Kind("products", _named("product", *_MADE), {}),
    Kind("prices", _named("price", *_MADE), {}),
    Kind("customers", _named("customer", *_MADE), {}),
    Kind(
        "subscriptions",
        _named(
            "customer.subscription",
            *_MADE,
            "paused",
            "resumed",
            "pending_update_applied",
            "pending_update_expired",
            "trial_will_end",
        ),
        {"status": "all"},  # without it cancelled ones are left out
    ),
    Kind(
        "invoices",
        # All but `upcoming`, whose invoice does not exist yet.
        _named(
            "invoice",
            *_MADE,
            "finalization_failed",
            "finalized",
            "marked_uncollectible",
            "overdue",
            "overpaid",
            "paid",
            "payment_action_required",
            "payment_attempt_required",
            "payment_failed",
            "payment_succeeded",
            "sent",
            "voided",
            "will_be_due",
        ),
        {},
    ),
)


class Stripe:
    """An account. `now` is what time it was there at the last answer, in epoch seconds."""

    def __init__(self, base_url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}", "Stripe-Version": VERSION}
        self.api = Api("stripe", base_url, headers=headers, secrets=(key,), again=_again)
        self.now = 0

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Any:
        """Return the JSON of a GET."""
        response = self.api.send("GET", path, params=params)
        told = response.headers.get("Date")
        self.now = int(parsedate_to_datetime(told).timestamp() if told else time.time())
        return self.api.json(response, path)

    def pages(self, path: str, params: Mapping[str, Any]) -> Iterator[list[Row]]:
        """Yield the pages of a list; rows come twice where the walk had to begin again.

        Raises:
            SourceError: the API refused, or answered no list.
        """
        cursor: dict[str, str] = {}
        left = _BEGIN_AGAIN
        while True:
            try:
                answer = self.get(path, {**params, "limit": PAGE, **cursor})
            except SourceError as error:
                # But for the cursor the request was answered before: the object it names has gone.
                if not cursor or error.status != 400 or not left:
                    raise
                cursor, left = {}, left - 1
                continue
            rows = self.api.rows(answer, path, "data")
            if not isinstance(answer.get("has_more"), bool) or (answer["has_more"] and not rows):
                raise SourceError(f"stripe: {path.split('?')[0]} does not say whether there is more", 200)
            yield rows
            if not answer["has_more"]:
                return
            cursor = {"starting_after": rows[-1]["id"]}

    def one(self, kind: str, key: str) -> Row | None:
        """Return an object, None when it has been deleted."""
        path = f"/v1/{kind}/{quote(key, safe='')}"
        try:
            row = self.get(path)
        except SourceError as error:
            if error.status == 404:
                return None
            raise
        if not isinstance(row, dict):
            raise SourceError(f"stripe: {path} answered no object", 200)
        return None if row.get("deleted") is True else row

    def whole(self, row: Row) -> Row:
        """Return an object with all its items, where it has some that come in pages."""
        items = row.get("items")
        if not isinstance(items, dict) or not items.get("has_more"):
            return row
        try:
            found = {item["id"]: item for page in self.pages(items["url"], {}) for item in page}
        except KeyError as error:
            raise SourceError(f"stripe: a subscription's items lack {error}", 200) from None
        return {**row, "items": {**items, "data": list(found.values()), "has_more": False}}


def _again(headers: Mapping[str, str]) -> bool | None:
    return {"true": True, "false": False}.get(headers.get("Stripe-Should-Retry", ""))


def _objects(kind: Kind) -> Callable[[Stripe, Context], Walk]:
    def fetch(client: Stripe, context: Context) -> Walk:
        mark = Mark.of(context.cursor)
        if mark is None:
            return (yield from _all(client, kind))
        since = {"created[gte]": mark.changes - _OVERLAP, "types[]": list(kind.events)}
        named: dict[str, None] = {}
        until = 0
        for page in client.pages("/v1/events", since):
            until = until or client.now
            if until - mark.changes > _EVENTS_KEPT or until - mark.whole > _FULL_EVERY:
                return (yield from _all(client, kind))
            named |= dict.fromkeys(_named_by(event) for event in page)
        gone = []
        for key in named:
            row = client.one(kind.name, key)
            if row is None:
                gone.append(key)
            else:
                yield Page([client.whole(row)])
        return Done(str(Mark(until, mark.whole)), gone=gone)

    return fetch


def _named_by(event: Row) -> str:
    try:
        return str(event["data"]["object"]["id"])
    except (KeyError, TypeError):
        raise SourceError("stripe: /v1/events answered an event that names no object", 200) from None


def _all(client: Stripe, kind: Kind) -> Walk:
    began = 0
    for rows in client.pages(f"/v1/{kind.name}", kind.params):
        # Of the first answer: what changes from now on is told by events from then on.
        began = began or client.now
        yield Page([client.whole(row) for row in rows])
    return Done(str(Mark(began, began)), complete=True)


def _events(client: Stripe, context: Context) -> Walk:
    """Events are kept for a month, so that no walk is complete; they are landed for good."""
    since = {"created[gte]": int(context.cursor) - _OVERLAP} if context.cursor else {}
    began = 0
    for rows in client.pages("/v1/events", since):
        began = began or client.now
        yield Page(rows)
    return Done(str(began))


@with_config(sections=("sources", "stripe"))
def _settings(
    base_url: str = "https://api.stripe.com", api_key: TSecretStrValue | None = None
) -> tuple[str, str | None]:
    return base_url, api_key


def configured() -> list[Account] | None:
    """The one account, by `sources.stripe.api_key`."""
    _, key = _settings()
    return [Account("main", {"api_key": key})] if key else None


def connect(account: Account, _: str) -> Stripe:
    """Return the account's client.

    Raises:
        SourceError: the key is one of those that a browser may hold, which reads nothing.
    """
    base_url, _key = _settings()
    key = account.secrets["api_key"]
    if key.startswith("pk_"):
        raise SourceError(
            "stripe: sources.stripe.api_key is a publishable key; make a restricted one (rk_…) that reads"
        )
    return Stripe(base_url, key)


def _id(row: Row, _: Mapping[str, Any]) -> str:
    return str(row["id"])


SOURCE = Source(
    name="stripe",
    schema="stripe",
    resources=(
        *(
            Resource(kind.name, (kind.name,), _objects(kind), _id, lambda row: row.get("updated") or row["created"])
            for kind in KINDS
        ),
        Resource("events", ("events",), _events, _id, lambda row: row["created"]),
    ),
    configured=configured,
    connect=connect,
)
