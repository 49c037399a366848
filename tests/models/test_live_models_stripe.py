"""Stripe's objects laid over V1's, and its events replayed: what its API answers, and what V2 makes of it.

Belongs here: the `stripe_*` tables. Does not belong here: how objects are fetched (`connectors/stripe/`) and the
amounts of each currency (`tests/models/test_live_rules.py`).
"""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from faults import rebuild
from live_rows import FIRST_LIVE_ID, attempted, broken, documents, land, one, rows, stand

STRIPE = (
    "stripe_product",
    "stripe_pricing",
    "stripe_subscriptions",
    "stripe_subscription_packages",
    "stripe_events",
)
READ_AT = "2025-10-12T00:00:00Z"
"""When the lists were read: epoch 1760227200."""
BEFORE, AFTER, LAST = 1_760_000_000, 1_760_300_000, 1_760_300_060

TOLD = documents("stripe")
PRODUCT, PRICE, SUBSCRIPTION = TOLD["product"], TOLD["price"], TOLD["subscription"]


def event(key: str, kind: str, moment: int, document: dict[str, Any]) -> dict[str, Any]:
    """An event as listed."""
    return {
        "id": key,
        "object": "event",
        "api_version": "2024-06-20",
        "created": moment,
        "type": kind,
        "livemode": document["livemode"],
        "data": {"object": document},
    }


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """The warehouse with a product, its prices, a customer and a subscription that V1 does not know."""
    with psycopg.connect(warehouse, options="-c timezone=UTC") as opened:
        opened.execute("set local session_replication_role = replica")
        stand(opened)
        attempted(opened, "stripe", "main", "products", "prices")
        (user,) = opened.execute('select min(id) from v2."user"').fetchone()
        yearly = PRICE | {"id": "price_T02", "unit_amount": 49000, "nickname": "Pro Annual"}
        yearly["recurring"] = {"interval": "year", "interval_count": 1}
        customer = {"id": "cus_T01", "object": "customer", "livemode": True, "metadata": {"user_id": str(user)}}
        _land(opened, "products", PRODUCT)
        _land(opened, "prices", PRICE, yearly)
        _land(opened, "customers", customer)
        _land(opened, "subscriptions", SUBSCRIPTION)
        rebuild(opened, *STRIPE)
        yield opened
        opened.rollback()


def _land(opened: psycopg.Connection, table: str, *documents: dict[str, Any], read_at: str = READ_AT) -> None:
    land(opened, f"stripe.{table}", "main", {one["id"]: one for one in documents}, extracted_at=read_at)


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_keys_references_and_accepted_values_hold(connection: psycopg.Connection) -> None:
    """Live-only rows refer to each other and to V1's, and break nothing the tables declare."""
    assert broken(connection, "stripe", STRIPE) == []


def test_a_product_its_prices_and_package(connection: psycopg.Connection) -> None:
    """What V1 does not sell: a package of the monthly and the yearly price."""
    product = one(connection, "stripe_product", stripe_product_id="prod_T01")
    price = one(connection, "stripe_pricing", stripe_price_id="price_T01")
    package = one(connection, "stripe_subscription_packages", stripe_product_id=product["id"])
    assert product["id"] >= FIRST_LIVE_ID
    assert product["active"] is True
    assert (price["stripe_product_id"], price["amount"], price["interval"], price["name"]) == (
        product["id"],
        Decimal("49.00"),
        "month",
        "Agent Pro",
    )
    assert (package["price_monthly"], package["price_annual"], package["tier"]) == (Decimal(49), Decimal(490), "Pro")
    assert package["features"] == ["Leads", "API"]


def test_v1s_price_list_gets_no_second_package_of_a_product(connection: psycopg.Connection) -> None:
    """It is kept by hand: what Stripe says of a product on it adds nothing."""
    known = one(connection, "stripe_product", id=1)["stripe_product_id"]
    before = len(rows(connection, "stripe_subscription_packages"))
    _land(connection, "products", PRODUCT | {"id": known})
    _land(connection, "prices", PRICE | {"id": "price_T03", "product": known})
    rebuild(connection, *STRIPE)
    assert len(rows(connection, "stripe_subscription_packages")) == before


@pytest.mark.parametrize(
    "other",
    [
        {"unit_amount": None, "unit_amount_decimal": "0.05"},
        {"unit_amount": 100, "currency": "kwd"},
        {"unit_amount": 100, "active": False},
        {"unit_amount": 100, "recurring": {"interval": "month", "interval_count": 1, "usage_type": "metered"}},
        {"unit_amount": 100, "recurring": {"interval": "month", "interval_count": 3, "usage_type": "licensed"}},
    ],
)
def test_which_prices_make_no_package(other: dict[str, Any], connection: psycopg.Connection) -> None:
    """Below a cent, in other money, sold no more, by use, for a quarter: none is the price of a month."""
    _land(connection, "prices", PRICE | {"id": "price_T03"} | other)
    rebuild(connection, *STRIPE)
    assert one(connection, "stripe_subscription_packages", _source="stripe")["price_monthly"] == Decimal(49)
    if other["unit_amount"] is None:
        assert one(connection, "stripe_pricing", stripe_price_id="price_T03")["amount"] is None


def test_a_subscription(connection: psycopg.Connection) -> None:
    """The paid period is what all items have in common; who pays, the customer's notes say."""
    found = one(connection, "stripe_subscriptions", stripe_subscription_id="sub_T01")
    (user,) = connection.execute('select min(id) from v2."user"').fetchone()
    assert (found["current_period_start"], found["current_period_end"]) == (_moment(200), _moment(800))
    assert (found["quantity"], found["user_id"], found["cancel_at_period_end"]) == (3, user, True)
    assert found["stripe_price_id"] == one(connection, "stripe_pricing", stripe_price_id="price_T01")["id"]


def test_the_period_at_the_top_counts_first(connection: psycopg.Connection) -> None:
    """Accounts of older versions have it there."""
    old = SUBSCRIPTION | {"current_period_start": 150, "current_period_end": 850}
    _land(connection, "subscriptions", old)
    rebuild(connection, *STRIPE)
    found = one(connection, "stripe_subscriptions", stripe_subscription_id="sub_T01")
    assert (found["current_period_start"], found["current_period_end"]) == (_moment(150), _moment(850))


def test_what_tells_the_same_as_v1_stays_v1s(connection: psycopg.Connection) -> None:
    """Stripe states no moment of change: another word makes a row newer, the same word does not."""
    (v1,) = connection.execute("select to_jsonb(p) from v2.stripe_pricing as p where id = 1").fetchone()
    product = one(connection, "stripe_product", id=1)
    same = PRICE | {"id": v1["stripe_price_id"], "product": v1["stripe_product_id_raw"], "type": v1["type"]}
    same |= {"unit_amount": round(v1["amount"] * 100), "nickname": v1["name"], "currency": v1["currency"]}
    same["recurring"] = {"interval": v1["interval"], "interval_count": v1["interval_count"]} if v1["interval"] else None
    told = PRODUCT | {"id": product["stripe_product_id"], "name": product["name"], "updated": 1_900_000_000}
    _land(connection, "prices", same)
    _land(connection, "products", told | {"description": product["description"], "active": product["active"]})
    rebuild(connection, *STRIPE)
    assert one(connection, "stripe_pricing", id=1)["_source"] == "v1"
    assert one(connection, "stripe_product", id=1)["_source"] == "v1"
    _land(connection, "prices", same | {"unit_amount": 123})
    _land(connection, "products", told | {"description": "New words"})
    rebuild(connection, *STRIPE)
    newer = one(connection, "stripe_pricing", id=1)
    assert (newer["_source"], newer["amount"], newer["seats_included"]) == (
        "stripe",
        Decimal("1.23"),
        v1["seats_included"],
    )
    assert one(connection, "stripe_product", id=1)["description"] == "New words"


def test_events_are_replayed_in_order_and_once(connection: psycopg.Connection) -> None:
    """The last one counts, in whatever order they came; one from before the list was read is no news."""
    seats = copy.deepcopy(SUBSCRIPTION)
    seats["items"]["data"][0]["quantity"] = 8
    _land(
        connection,
        "events",
        event("evt_3", "customer.subscription.updated", LAST, seats | {"status": "past_due"}),
        event("evt_2", "customer.subscription.updated", AFTER, seats | {"status": "unpaid"}),
        event("evt_1", "product.updated", BEFORE, PRODUCT | {"name": "Old name"}),
        event("evt_4", "price.deleted", AFTER, PRICE | {"id": "price_T02"}),
        read_at="2025-10-13T00:00:00Z",
    )
    for _ in range(2):
        rebuild(connection, *STRIPE)
        found = one(connection, "stripe_subscriptions", stripe_subscription_id="sub_T01")
        assert (found["status"], found["quantity"]) == ("past_due", 8)
        assert one(connection, "stripe_product", stripe_product_id="prod_T01")["name"] == "Agent Pro"
        package = one(connection, "stripe_subscription_packages", _source="stripe")
        assert (package["price_monthly"], package["price_annual"]) == (Decimal(49), None)
        told = {row["stripe_event_id"]: row for row in rows(connection, "stripe_events")}
        assert sorted(told) == ["evt_1", "evt_2", "evt_3", "evt_4"]
        assert all(row["processed"] and row["processed_at"] for row in told.values())
        assert (told["evt_3"]["stripe_subscription_id"], told["evt_3"]["user_id"]) == ("sub_T01", found["user_id"])


def test_a_later_reading_agrees_with_the_replay(connection: psycopg.Connection) -> None:
    """The same state, read from the lists after the events: the same rows."""
    last = SUBSCRIPTION | {"status": "past_due"}
    told = event("evt_1", "customer.subscription.updated", AFTER, last)
    _land(connection, "events", told, read_at="2025-10-13T00:00:00Z")
    rebuild(connection, *STRIPE)
    replayed = rows(connection, "stripe_subscriptions")
    _land(connection, "subscriptions", last, read_at="2025-10-14T00:00:00Z")
    rebuild(connection, *STRIPE)
    assert rows(connection, "stripe_subscriptions") == replayed
    _land(connection, "subscriptions", last | {"status": "active"}, read_at="2025-10-15T00:00:00Z")
    rebuild(connection, *STRIPE)
    assert one(connection, "stripe_subscriptions", stripe_subscription_id="sub_T01")["status"] == "active"


def test_what_was_read_after_an_event_landed_is_newer_whatever_the_clocks_say(connection: psycopg.Connection) -> None:
    """A machine's clock may be behind Stripe's; the order of our own readings is certain."""
    told = event("evt_1", "product.updated", AFTER, PRODUCT | {"name": "Old name"})
    _land(connection, "events", told, read_at="2025-10-11T00:00:00Z")
    rebuild(connection, *STRIPE)
    assert one(connection, "stripe_product", stripe_product_id="prod_T01")["name"] == "Agent Pro"


def test_a_deleted_product_stays_and_is_not_sold(connection: psycopg.Connection) -> None:
    """V2 keeps what Stripe forgets."""
    gone = {"id": "prod_T01", "object": "product", "livemode": True, "name": "Agent Pro", "active": True}
    _land(connection, "events", event("evt_1", "product.deleted", AFTER, gone), read_at="2025-10-13T00:00:00Z")
    rebuild(connection, *STRIPE)
    assert one(connection, "stripe_product", stripe_product_id="prod_T01")["active"] is False


def test_how_far_stripe_was_read(connection: psycopg.Connection) -> None:
    """One row a kind of record."""
    found = {row["entity_type"]: row for row in rows(connection, "stripe_sync_state")}
    assert sorted(found) == ["prices", "products"]
    assert (found["prices"]["cursor"], found["prices"]["status"]) == ("mark", "ready")
