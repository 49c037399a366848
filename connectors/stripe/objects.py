"""Stripe's objects as the newest version shows them, and the shape that this account's events still have.

Belongs here: which field an object has. Does not belong here: which objects there are and what happens to them
(`connectors/stripe/documents.py`). Moments are epoch seconds, money whole minor units of its currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Doc = dict[str, Any]

OLD_VERSION = "2024-06-20"
"""What the account began with: its events, and answers to whoever names no version, have that version's shape."""

ITEMS_SHOWN = 20
FINAL_AFTER, PAID_AFTER = 60, 62
"""Seconds from an invoice's first draft to its last word, and to the money."""

_LINES_SHOWN = 10


def product(key: str, name: str, created: int, **values: Any) -> Doc:
    """Return a product; values replace its fields."""
    return {
        "id": key,
        "object": "product",
        "active": True,
        "created": created,
        "default_price": None,
        "description": None,
        "images": [],
        "livemode": True,
        "marketing_features": [],
        "metadata": {},
        "name": name,
        "package_dimensions": None,
        "shippable": None,
        "statement_descriptor": None,
        "tax_code": None,
        "tax_details": None,
        "type": "service",
        "unit_label": None,
        "updated": created,
        "url": None,
        **values,
    }


def price(key: str, of: str, amount: int | None, every: tuple[str, int] | None, created: int, **values: Any) -> Doc:
    """Return a price of a product.

    Args:
        key: its id.
        of: the product's id.
        amount: what a unit costs; None where tiers or a decimal say so.
        every: interval and how many of it; None when it is paid once.
        created: when it was made.
        values: replace its fields.
    """
    recurring = every and {
        "interval": every[0],
        "interval_count": every[1],
        "meter": None,
        "trial_period_days": None,
        "usage_type": "licensed",
    }
    return {
        "id": key,
        "object": "price",
        "active": True,
        "billing_scheme": "per_unit",
        "created": created,
        "currency": "usd",
        "custom_unit_amount": None,
        "livemode": True,
        "lookup_key": None,
        "metadata": {},
        "nickname": None,
        "product": of,
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if every else "one_time",
        "unit_amount": amount,
        "unit_amount_decimal": None if amount is None else str(amount),
        **values,
    }


def plan(of: Mapping[str, Any]) -> Doc:
    """Return the older twin of a recurring price."""
    recurring = of["recurring"]
    same = ("id", "active", "billing_scheme", "created", "currency", "livemode", "metadata", "nickname", "product")
    return {
        "object": "plan",
        **{name: of[name] for name in same},
        "amount": of["unit_amount"],
        "amount_decimal": of["unit_amount_decimal"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "meter": recurring["meter"],
        "tiers_mode": of["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": recurring["trial_period_days"],
        "usage_type": recurring["usage_type"],
    }


def item(parent: str, number: int, of: Doc, quantity: int | None, period: tuple[int, int], created: int) -> Doc:
    """Return an item of a subscription; what is metered has no quantity."""
    made: Doc = {
        "id": f"si_{parent.removeprefix('sub_')}{number:02d}",
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": created,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "current_trial": None,
        "discounts": [],
        "metadata": {},
        "plan": plan(of),
        "price": of,
        "quantity": quantity,
        "subscription": parent,
        "tax_rates": [],
    }
    if quantity is None:
        del made["quantity"]
    return made


def subscription(key: str, customer_key: str, status: str, created: int, items: Sequence[Doc], **values: Any) -> Doc:
    """Return a subscription with all its items; values replace its fields."""
    return {
        "id": key,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": created,
        "billing_cycle_anchor_config": None,
        "billing_mode": {"flexible": None, "type": "classic"},
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {"comment": None, "feedback": None, "reason": None},
        "collection_method": "charge_automatically",
        "created": created,
        "currency": "usd",
        "customer": customer_key,
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": {"type": "self"},
        },
        "items": {
            "object": "list",
            "data": list(items),
            "has_more": False,
            "url": f"/v1/subscription_items?subscription={key}",
        },
        "latest_invoice": None,
        "livemode": True,
        "managed_payments": {"enabled": False},
        "metadata": {},
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": created,
        "status": status,
        "status_details": None,
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {"end_behavior": {"missing_payment_method": "create_invoice"}},
        "trial_start": None,
        **values,
    }


def first_items(of: Doc) -> Doc:
    """Return a subscription as it is answered: its further items are pages of their own."""
    items = of["items"]
    if len(items["data"]) <= ITEMS_SHOWN:
        return of
    return {**of, "items": {**items, "data": items["data"][:ITEMS_SHOWN], "has_more": True}}


def old_shape(of: Doc) -> Doc:
    """Return a subscription as it was before 2025-03-31: the period is its own, not its items'."""
    dropped = {"current_period_start", "current_period_end", "billed_until", "current_trial"}
    data = of["items"]["data"]
    made = {
        **of,
        "current_period_start": max(one["current_period_start"] for one in data),
        "current_period_end": min(one["current_period_end"] for one in data),
        "discount": None,
        "items": {**of["items"], "data": [{k: v for k, v in one.items() if k not in dropped} for one in data]},
    }
    for name in ("billing_mode", "billing_schedules", "managed_payments", "status_details", "customer_account"):
        del made[name]
    if len(data) == 1:
        made |= {"plan": data[0]["plan"], "quantity": data[0].get("quantity")}
    return made


def customer(key: str, created: int, **values: Any) -> Doc:
    """Return a customer; values replace its fields."""
    return {
        "id": key,
        "object": "customer",
        "address": None,
        "balance": 0,
        "business_name": None,
        "created": created,
        "currency": None,
        "customer_account": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "individual_name": None,
        "invoice_prefix": f"HW{int(key.removeprefix('cus_')) % 1_000_000:06d}",
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": True,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
        **values,
    }


def gone(key: str, kind: str) -> Doc:
    """Return what is left of an object that was deleted."""
    return {"id": key, "object": kind, "deleted": True}


def invoice(key: str, of: Doc, to: Doc, number: int, moment: int, status: str) -> Doc:
    """Return the invoice of one period of a subscription.

    Args:
        key: its id.
        of: the subscription.
        to: the customer.
        number: which of the customer's it is.
        moment: when it was made.
        status: draft, open, paid, uncollectible or void.
    """
    items = of["items"]["data"]
    lines = [_line(key, place, one) for place, one in enumerate(items, start=1)]
    total = sum(line["amount"] for line in lines)
    is_final = status != "draft"
    paid = total if status == "paid" else 0
    return {
        "id": key,
        "object": "invoice",
        "amount_due": total,
        "amount_overpaid": 0,
        "amount_paid": paid,
        "amount_remaining": total - paid,
        "attempt_count": int(is_final),
        "attempted": is_final,
        "auto_advance": not is_final,
        "billing_reason": "subscription_create" if number == 1 else "subscription_cycle",
        "collection_method": of["collection_method"],
        "created": moment,
        "currency": of["currency"],
        "customer": to["id"],
        "customer_email": to["email"],
        "customer_name": to["name"],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": moment if is_final else None,
        "ending_balance": 0 if is_final else None,
        "hosted_invoice_url": f"https://invoice.example.com/i/{key}" if is_final else None,
        "invoice_pdf": f"https://invoice.example.com/i/{key}/pdf" if is_final else None,
        "lines": {
            "object": "list",
            "data": lines[:_LINES_SHOWN],
            "has_more": len(lines) > _LINES_SHOWN,
            "url": f"/v1/invoices/{key}/lines",
        },
        "livemode": True,
        "metadata": {},
        "next_payment_attempt": moment + 3 * 86_400 if status == "open" else None,
        "number": f"{to['invoice_prefix']}-{number:04d}" if is_final else None,
        "parent": {
            "quote_details": None,
            "subscription_details": {"metadata": of["metadata"], "subscription": of["id"]},
            "type": "subscription_details",
        },
        "period_end": moment,
        "period_start": moment,
        "starting_balance": 0,
        "status": status,
        "status_transitions": {
            "finalized_at": moment + FINAL_AFTER if is_final else None,
            "marked_uncollectible_at": moment + 30 * 86_400 if status == "uncollectible" else None,
            "paid_at": moment + PAID_AFTER if status == "paid" else None,
            "voided_at": moment + 86_400 if status == "void" else None,
        },
        "subtotal": total,
        "total": total,
        "total_excluding_tax": total,
        "total_taxes": [],
    }


def _line(parent: str, place: int, of: Doc) -> Doc:
    return {
        "id": f"il_{parent.removeprefix('in_')}{place:02d}",
        "object": "line_item",
        "amount": (of["price"]["unit_amount"] or 0) * (of.get("quantity") or 0),
        "currency": of["price"]["currency"],
        "description": of["price"]["nickname"],
        "invoice": parent,
        "livemode": True,
        "metadata": {},
        "parent": {"subscription_item_details": {"subscription_item": of["id"]}, "type": "subscription_item_details"},
        "period": {"end": of["current_period_end"], "start": of["current_period_start"]},
        "pricing": {"price_details": {"price": of["price"]["id"], "product": of["price"]["product"]}},
        "quantity": of.get("quantity"),
    }


def event(key: str, kind: str, moment: int, of: Doc, before: Doc | None, is_asked: bool) -> Doc:
    """Return the event that tells of a happening.

    Args:
        key: its id.
        kind: its type.
        moment: when it happened.
        of: the object as it was then.
        before: what changed of it, as it had been.
        is_asked: whether somebody's request did it, not Stripe itself.
    """
    shown = old_shape(first_items(of)) if of["object"] == "subscription" else of
    return {
        "id": key,
        "object": "event",
        "api_version": OLD_VERSION,
        "context": None,
        "created": moment,
        "data": {"object": shown} | ({} if before is None else {"previous_attributes": before}),
        "livemode": True,
        "pending_webhooks": 0,
        "request": {"id": f"req_{key.removeprefix('evt_')}", "idempotency_key": None} if is_asked else None,
        "type": kind,
    }
