"""What Stripe knows of the made-up world: what V1 knows, what happened on the world's day, and on each day since.

Belongs here: who subscribes, pays, changes and leaves, and what is sold. Does not belong here: what Stripe does then
(`connectors/stripe/book.py`), the fields of an object (`connectors/stripe/objects.py`), the protocol
(`connectors/stripe/stand_in.py`).

V1's rows keep V1's keys; what V1 does not know has numbers from `_LIVE_ONLY` on. A day brings the periods that end,
a new subscriber, a change of mind, of seats, of an address, of a price's name and a product's text, and something
that is deleted a day after it was made: a product, a customer, a draft of an invoice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.document_store import Record
from connectors.sandbox import WORLD_DAY
from connectors.sandbox.chance import stream
from connectors.sandbox.names import CITIES, FIRST, LAST, STATES
from connectors.sandbox.world import SEED, World
from connectors.stripe import objects
from connectors.stripe.book import Book
from connectors.stripe.objects import Doc

KEYS = "keys"
"""The collection of keys: what each may read, `*` for everything."""

_DAY = 86_400
_START = int(np.datetime64(WORLD_DAY, "s").astype(np.int64))
_HISTORY = 14 * _DAY
"""How far back events go on the world's day. None of them is forgotten within the next two weeks."""

_LIVE_ONLY = 900_000_000_000
_MANY_ITEMS = 25
_PERIODS_BILLED = 6
_SAMPLE_OF = "Live reports, and a coach's hour"


def records(world: World, key: str) -> Iterator[Record]:
    """Everything the stand-in holds on the world's day; `key` may read all of it."""
    yield Record(KEYS, "", key, {"may": ["*"]})
    yield from _book(world).records()


def moment_of(world: World) -> int:
    """What time it is at Stripe: the last second of the world's day."""
    return _START + (_days(world) + 1) * _DAY - 1


def _days(world: World) -> int:
    return (world.today - WORLD_DAY).days


def _book(world: World) -> Book:
    book = Book(_START - _HISTORY)
    _catalogue(book, world)
    _customers(book, world)
    _subscriptions(book, world)
    _new_catalogue(book)
    for day in range(_days(world) + 1):
        _pass(book, world, day)
    return book


def _seconds(moments: pd.Series[Any]) -> list[int]:
    """Epoch seconds; 0 for never."""
    found = moments.to_numpy(dtype="datetime64[s]")
    return [int(one) for one in np.where(np.isnat(found), 0, found.astype(np.int64)).tolist()]


def _catalogue(book: Book, world: World) -> None:
    """What V1 knows to be sold; nothing of it is new."""
    products, prices = world.lookups.products, world.lookups.prices
    for row, created in zip(products.to_dict("records"), _seconds(products["created"]), strict=True):
        text = {"description": row["description"], "metadata": {"seats": str(row["seats"])}}
        made = objects.product(row["key"], row["name"], created, updated=created + 400, **text)
        book.kinds["products"][row["key"]] = made
    for row, created in zip(prices.to_dict("records"), _seconds(prices["created"]), strict=True):
        of = f"prod_{row['product_id']:012d}"
        every = (row["interval"], int(row["interval_count"])) if row["interval"] else None
        seats = {"seats_included": str(row["seats"]), "admin_accounts": str(row["admins"])}
        made = objects.price(row["key"], of, int(row["cents"]), every, created, nickname=row["name"], metadata=seats)
        made["active"] = "(2022)" not in row["name"]
        book.kinds["prices"][row["key"]] = made
        if every == ("month", 1) and made["active"]:
            book.kinds["products"][of]["default_price"] = row["key"]


def _new_catalogue(book: Book) -> None:
    """What V1 does not know to be sold: in other money, by tiers, by fractions of a cent, for any amount."""
    moment = _START + 13 * 3_600
    first, second = (f"prod_{_LIVE_ONLY + number}" for number in (1, 2))
    book.make("products", "product", objects.product(first, "Referral Desk", moment, unit_label="desk"))
    book.make("products", "product", objects.product(second, "Market Data Ω", moment + 1, description=""))
    tiers = {"billing_scheme": "tiered", "tiers_mode": "graduated"}
    free = {"custom_unit_amount": {"maximum": None, "minimum": 500, "preset": 2_500}}
    metered = {"interval": "month", "interval_count": 1, "meter": "mtr_1", "usage_type": "metered"}
    metered |= {"trial_period_days": None}
    month, year = ("month", 1), ("year", 1)
    sold: tuple[tuple[str, int | None, tuple[str, int] | None, Doc], ...] = (
        (first, 2_450, month, {"nickname": "Desk Monthly", "lookup_key": "desk_monthly"}),
        (first, 24_500, year, {"nickname": "Desk Annual", "lookup_key": "desk_annual"}),
        (first, None, None, {"nickname": "Tip", **free}),
        (second, None, month, {"nickname": "Data by volume", **tiers}),
        (second, None, month, {"nickname": "A lookup", "unit_amount_decimal": "0.05", "recurring": metered}),
        (second, 5_000, month, {"nickname": "Data Japan", "currency": "jpy"}),
        (second, 7_500, month, {"nickname": "Data Kuwait", "currency": "kwd"}),
        (second, 500, month, {"nickname": None, "currency": "ugx", "active": False}),
    )
    for number, (of, amount, every, values) in enumerate(sold, start=1):
        key = f"price_{_LIVE_ONLY + number}"
        book.make("prices", "price", objects.price(key, of, amount, every, moment + number, **values))
    book.change("product", moment + 60, book.kinds["products"][first], default_price=f"price_{_LIVE_ONLY + 1}")


def _customers(book: Book, world: World) -> None:
    """Every user is a customer, whether there is anything to pay or not."""
    chance = stream(SEED, "stripe customers")
    users = world.users
    has_phone, has_address = chance.random((2, len(users))) < np.array([[0.6], [0.4]])
    for place, (row, created) in enumerate(zip(users.to_dict("records"), _seconds(users["created"]), strict=True)):
        key = f"cus_{row['id']:012d}"
        made = objects.customer(
            key,
            created,
            email=str(row["email"]).upper() if place % 41 == 7 else row["email"],
            name=f"{row['first_name']} {row['last_name']}",
            phone=f"555-01{row['phone']:02d}" if has_phone[place] else ("" if place % 5 else None),
            address=_address(chance) if has_address[place] else None,
            metadata={"user_id": str(row["id"])},
        )
        book.make("customers", "customer", made)


def _address(chance: Generator) -> Doc:
    place = int(chance.integers(0, 51))
    return {
        "city": CITIES[int(chance.integers(0, len(CITIES)))],
        "country": "US",
        "line1": f"{int(chance.integers(1, 9_000))} Main Street",
        "line2": "" if chance.random() < 0.5 else None,
        "postal_code": f"{int(chance.integers(10_000, 99_999)):05d}",
        "state": STATES[place][0],
    }


def _subscriptions(book: Book, world: World) -> None:
    """V1's subscriptions, their periods billed so far."""
    frame = world.systems.subscriptions
    moments = ("created", "period_start", "period_end", "canceled")
    told = zip(frame.to_dict("records"), *(_seconds(frame[name]) for name in moments), strict=True)
    for row, created, begins, ends, canceled in told:
        price = book.kinds["prices"][f"price_{row['price_id']:012d}"]
        created, status = min(created, begins), str(row["status"])
        first = objects.item(row["key"], 1, price, int(row["seats"]), (begins, ends), created)
        items = [first]
        if row["id"] % 10 == 3:  # its second item runs over a longer period, which decides nothing
            coach = book.kinds["prices"]["price_000000000009"]
            items.append(objects.item(row["key"], 2, coach, 1, (begins - _DAY, ends + _DAY), created))
        of = objects.subscription(row["key"], row["customer_key"], status, created, items)
        of["metadata"] = {"user_id": str(row["user_id"])}
        if status == "trialing":
            of |= {"trial_start": begins, "trial_end": ends}
        if row["ends_with_period"]:
            of |= {"cancel_at_period_end": True, "cancel_at": ends, "canceled_at": begins + _DAY // 2}
            of["cancellation_details"] = {"comment": None, "feedback": "too_expensive", "reason": _ASKED}
        if canceled:
            of |= {"canceled_at": canceled, "ended_at": canceled}
            of["cancellation_details"] = {"comment": "", "feedback": None, "reason": "payment_failed"}
        book.make("subscriptions", "customer.subscription", of)
        _bill_so_far(book, of, begins, ends - begins)


_ASKED = "cancellation_requested"


def _bill_so_far(book: Book, of: Doc, begins: int, length: int) -> None:
    if of["status"] == "trialing":
        return
    past = min((begins - of["created"]) // length, _PERIODS_BILLED)
    for period in range(past, 0, -1):
        book.bill(of, begins - period * length)
    last = {"past_due": "open", "unpaid": "uncollectible", "incomplete": "void"}.get(of["status"], "paid")
    book.bill(of, begins, last)


def _pass(book: Book, world: World, day: int) -> None:
    """Let a day pass; day 0 is the world's own, of which V1 knows nothing yet."""
    chance = stream(SEED, f"stripe day {day}")
    begins = _START + day * _DAY
    drawn = np.sort(begins + 14 * 3_600 + chance.integers(0, 7 * 3_600, 20)).tolist()

    def in_order() -> Iterator[int]:
        for moment in drawn:
            book.pass_until(moment)
            yield moment

    moments = in_order()
    _deletions(book, day, moments)
    _subscribers(book, world, day, moments)
    _changes(book, chance, day, moments)
    book.pass_until(begins + _DAY - 1)


def _deletions(book: Book, day: int, moments: Iterator[int]) -> None:
    """Make what is deleted a day later: a product nobody bought, a customer, an invoice that stayed a draft."""
    number = _LIVE_ONLY + 1_000 + day
    keys = {"product": f"prod_{number}", "customer": f"cus_{number}", "invoice": f"in_{number}"}
    if day:
        for event, key in keys.items():
            book.delete(f"{event}s", event, next(moments), key.replace(str(number), str(number - 1)))
    kit = objects.product(keys["product"], f"Welcome Kit {day + 1}", next(moments))
    book.make("products", "product", kit)
    lead = objects.customer(keys["customer"], next(moments), email=f"lead{day}@example.com")
    book.make("customers", "customer", lead)
    of = next(iter(book.kinds["subscriptions"].values()))
    to = book.kinds["customers"][of["customer"]]
    draft = objects.invoice(keys["invoice"], of, to, to["next_invoice_sequence"], next(moments), "draft")
    book.make("invoices", "invoice", {**draft, "billing_reason": "manual", "parent": None})


def _subscribers(book: Book, world: World, day: int, moments: Iterator[int]) -> None:
    """Somebody subscribes who had not; on the first day also an office, with a price for each of its teams."""
    held = {of["customer"] for of in book.kinds["subscriptions"].values()}
    users = [f"cus_{number:012d}" for number in world.users["id"].tolist()]
    to = next((key for key in users if key not in held), users[day % len(users)])
    desk = book.kinds["prices"][f"price_{_LIVE_ONLY + 1}"]
    key = _LIVE_ONLY + 10 * day
    customers = book.kinds["customers"]
    book.subscribe(f"sub_{key + 1}", customers[to], [(desk, 1 + day % 3)], next(moments), 30 * _DAY)
    if day == 0:
        at = next(moments)
        name = f"{FIRST[5]} {LAST[5]}"
        office = objects.customer(f"cus_{_LIVE_ONLY + 1}", at - 30, email="office@example.com", name=name)
        book.make("customers", "customer", office)
        teams = [(desk, 1 + number % 4) for number in range(_MANY_ITEMS)]
        mode = {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": at}
        book.subscribe(f"sub_{key + 2}", office, teams, at, 30 * _DAY, billing_mode=mode)


def _changes(book: Book, chance: Generator, day: int, moments: Iterator[int]) -> None:
    """Seats change, somebody wants to leave, somebody pays after all; an address, a price's name, a product's text."""
    change, at = "customer.subscription", next(moments)
    of = _running(book, chance)
    first, *others = of["items"]["data"]
    items = {**of["items"], "data": [{**first, "quantity": first["quantity"] + 1}, *others]}
    book.change(change, at, of, items=items)
    at = next(moments)
    of = _running(book, chance)
    leaves = {"cancel_at_period_end": True, "cancel_at": of["items"]["data"][0]["current_period_end"]}
    why = {"comment": _SAMPLE_OF, "feedback": "missing_features", "reason": _ASKED}
    book.change(change, at, of, cancellation_details=why, canceled_at=at, **leaves)
    owing = next((of for of in book.kinds["subscriptions"].values() if of["status"] == "past_due"), None)
    if owing:
        book.pay(owing, next(moments))
    customers = list(book.kinds["customers"].values())
    one = customers[int(chance.integers(0, len(customers)))]
    book.change("customer", next(moments), one, address=_address(chance), phone=f"555-01{day % 100:02d}")
    price = book.kinds["prices"][f"price_{1 + day % 14:012d}"]
    book.change("price", next(moments), price, nickname=f"{price['nickname']} *")
    product, at = book.kinds["products"][f"prod_{1 + day % 6:012d}"], next(moments)
    book.change("product", at, product, description=f"Since {day} days: {product['name']}", updated=at)


def _running(book: Book, chance: Generator) -> Doc:
    running = [of for of in book.kinds["subscriptions"].values() if of["status"] == "active"]
    return running[int(chance.integers(0, len(running)))]
