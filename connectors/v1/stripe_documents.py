"""V1's documents about Stripe: products, prices, subscriptions, packages.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.world import World
from connectors.v1.quirks import MISSING, Column, Quirks, plain


def stripe_product(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 208."""
    return {
        "created_at": q.moments(rows["created"]),
        "product_id": q.texts(rows["key"]),
        "name": q.texts(rows["name"]),
        "description": q.texts(rows["description"]),
        "active": q.flags(np.ones(q.rows, dtype=bool)),
    }


def _price(number: int, cents: int) -> int | float | str:
    """Cents as a whole number where Stripe sent it, units with decimals where somebody typed it."""
    if number % 3 == 0:
        return f"{cents / 100:.2f}"
    return cents / 100 if number % 3 == 1 and cents % 100 else cents


def stripe_pricing(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 38."""
    products = world.lookups.products["key"].to_numpy(dtype=object)
    every = plain(rows["interval_count"])
    return {
        "created_at": q.moments(rows["created"]),
        "price_id": q.texts(rows["key"]),
        "stripe_product_id_raw": q.texts(products[rows["product_id"].to_numpy() - 1]),
        "name": q.texts(rows["name"], pad=0.1),
        "price": [_price(number, cents) for number, cents in zip(plain(rows["id"]), plain(rows["cents"]), strict=True)],
        "currency": q.one_of(["usd", ""], [8, 2]),
        "type": q.texts(np.where(rows["interval"] == "", "one_time", "recurring")),
        "frequency": q.texts(rows["interval"]),
        "interval_count": q.change(every, (rows["interval"] == "").to_numpy(), lambda _: None),
        "seats_included": q.numbers(rows["seats"]),
        "price_per_seat": q.money(rows["seat_cents"].to_numpy(), (rows["seat_cents"] == 0).to_numpy()),
        "admin_accounts": q.numbers(rows["admins"]),
        "seat_price_id": q.change([f"{key}_seat" for key in rows["key"]], (rows["seats"] < 2).to_numpy(), lambda _: ""),
    }


def stripe_subscriptions(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 37: `price_id` is Stripe's key of the price."""
    prices = world.lookups.prices["key"].to_numpy(dtype=object)
    seats = plain(rows["seats"])
    return {
        "created_at": q.moments(rows["created"]),
        "subscription_id": q.texts(rows["key"]),
        "customer_id": q.texts(rows["customer_key"]),
        "user_id": q.ids(rows["user_id"]),
        "price_id": q.change(q.texts(prices[rows["price_id"].to_numpy() - 1]), q.happens(0.02), lambda _: ""),
        "status": q.texts(rows["status"], pad=0.02),
        "quantity": q.change(seats, (rows["seats"] == 1).to_numpy() & q.happens(0.1), lambda _: MISSING),
        "current_period_start": q.moments(rows["period_start"]),
        "current_period_end": q.moments(rows["period_end"]),
        "cancel_at_period_end": q.flags(rows["ends_with_period"]),
        "canceled_at": q.moments(rows["canceled"]),
    }


def stripe_subscription_packages(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 150."""
    features: Column = [list(some) for some in rows["features"]]
    no_features = np.array([not some for some in features])
    return {
        "created_at": q.moments(rows["created"]),
        "name": q.texts(rows["name"], pad=0.05),
        "description": q.label("Everything in {}", rows["name"], 0.7),
        "tier": q.texts(rows["tier"]),
        "price_monthly": q.money(rows["cents"].to_numpy()),
        "price_annual": q.money(rows["year_cents"].to_numpy(), q.happens(0.1)),
        "features": q.change(features, no_features, lambda _: None),
        "active": q.flags(rows["tier"] != ""),
        "stripe_product_id": q.ids(rows["product_id"]),
    }
