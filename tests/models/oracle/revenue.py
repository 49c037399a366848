"""The revenue tables: shares of others' deals, equity, and everybody's income of every kind.

Belongs here: every column's rule. Does not belong here: how values are converted (`values.py`).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from oracle import Document, Landed
from oracle.deal import deals
from oracle.sums import total_or_none
from oracle.values import (
    BUSINESS_ZONE,
    day,
    decimal,
    digits,
    first_of,
    flag,
    frame,
    key,
    lower,
    midnight,
    moment,
    money,
    month_end,
    nonzero,
    of,
    one_to_one,
    reference,
    row,
    surrogate,
    text,
)


def _deal(document: Document, landed: Landed) -> int | None:
    return landed.known_deal(document.get("transaction_id"), document.get("transaction_id_raw"))


CONTRIBUTION = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "contribution_id_raw": of(text, "contribution_id"),
    "amount": first_of(money, "amount_amount", "amount"),
    "currency": of(text, "amount_currency"),
    "contribution_type": of(text, "type"),
    "status": of(text, "status"),
    "source": of(text, "source"),
    "contribution_date": of(moment, "contribution_date"),
    "tier": of(digits, "tier"),
    "notes": of(text, "notes"),
    "sync_source": of(text, "sync_source"),
    "is_demo": flag("demo"),
    "user_id": reference("user_id", "user"),
    "agent_id": reference("agent_id", "agent"),
    "transaction_id": _deal,
    "transaction_id_raw": of(text, "transaction_id_raw"),
    "contributing_agent_id": reference("contributor_agent_id", "agent"),
    "receiving_agent_id": reference("receiving_agent_id", "agent"),
}

PENDING = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "amount": first_of(money, "amount_amount", "amount"),
    "status": of(text, "status"),
    "contribution_type": of(text, "type"),
    "source": of(text, "source"),
    "transaction_type": of(text, "transactionType"),
    "deal_type": of(text, "deal_type"),
    "transaction_status": of(text, "transaction_status"),
    "pending_reason": of(text, "pending_reason"),
    "processing_date": of(moment, "processing_date"),
    "closing_date": of(day, "closingDate"),
    "contribution_date": of(moment, "contribution_date"),
    "tier_at_contribution": of(digits, "tier"),
    "notes": of(text, "notes"),
    "sync_source": of(text, "sync_source"),
    "processing_error": of(text, "processing_error"),
    "user_id": reference("user_id", "user"),
    "agent_id": reference("agent_id", "agent"),
    "transaction_id": reference("transaction_id", "transaction"),
    "contributing_agent_id": reference("contributor_agent_id", "agent"),
    "receiving_agent_id": reference("receiving_agent_id", "agent"),
}

TOTALS = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "user_id": reference("user_id", "user"),
    "agent_id": reference("agent_id", "agent"),
    "total_amount": of(money, "total_amount"),
    "ytd_amount": of(money, "ytd_amount"),
    "mtd_amount": of(money, "mtd_amount"),
    "last_contribution_date": of(moment, "last_contribution_date"),
    "tier": of(digits, "tier"),
}

PAYMENT = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "payment_id_raw": of(text, "payment_id"),
    "amount": first_of(money, "amount_amount", "amount"),
    "status": of(text, "status"),
    "payment_date": of(moment, "payment_date"),
    "payment_method": of(text, "payment_method"),
    "payment_reference": of(text, "payment_reference"),
    "period_start": of(day, "period_start"),
    "period_end": of(day, "period_end"),
    "notes": of(text, "notes"),
    "user_id": reference("user_id", "user"),
    "agent_id": reference("agent_id", "agent"),
    "revshare_totals_id": reference("revshare_totals_id", "revshare_totals"),
}

_HELD = ("total_shares", "vested_shares", "unvested_shares", "total_value")
_MOVED = {"grants": "grant", "vested": "vest", "exercised": "exercise", "forfeited": "forfeit"}

ANNUAL = (
    "id",
    "user_id",
    "agent_id",
    "period_year",
    *_HELD,
    *(f"{column}_this_year" for column in _MOVED),
    "dividends_earned",
    "calculated_at",
)
MONTHLY = (
    "id",
    "user_id",
    "agent_id",
    "period_year",
    "period_month",
    *_HELD,
    *(f"{column}_this_period" for column in _MOVED),
    "calculated_at",
)
INCOME = (
    "id",
    "user_id",
    "agent_id",
    "transaction_id",
    "contribution_id",
    "listing_id",
    "revshare_payment_id",
    "income_type",
    "source",
    "amount",
    "status",
    "income_date",
    "period_month",
    "period_year",
    "description",
    "is_demo",
)

Grant = dict[str, Any]
"""One movement of an agent's shares; `when` is in business time."""


def _grant(document: Document, landed: Landed) -> Grant:
    when = moment(document.get("transaction_date"))
    return {
        "agent": landed.known("agent", nonzero(document.get("agent_id"))),
        "user": landed.known("user", nonzero(document.get("user_id"))),
        "when": when and when.astimezone(BUSINESS_ZONE),
        "id": document.id,
        "kind": lower(document.get("transaction_type")),
        "shares": decimal(document.get("amount")) or Decimal(0),
        "price": decimal(document.get("price")),
        "value": money(document.get("value")),
    }


@cache
def _grants_of(landed: Landed) -> dict[int, list[Grant]]:
    """Movements by agent, the oldest first; without an agent or a date they count nowhere."""
    found = defaultdict(list)
    grants = (_grant(document, landed) for document in landed.documents("equity_transactions"))
    for grant in sorted((one for one in grants if one["when"]), key=lambda one: (one["when"].timestamp(), one["id"])):
        if grant["agent"] is not None:
            found[grant["agent"]].append(grant)
    return found


def _shares(grants: list[Grant], kind: str) -> Decimal:
    return sum((one["shares"] for one in grants if one["kind"] == kind), Decimal(0))


def _held(so_far: list[Grant]) -> dict[str, Any]:
    """What somebody holds after movements."""
    shares = _shares(so_far, "grant") - _shares(so_far, "exercise") - _shares(so_far, "forfeit")
    vested = _shares(so_far, "vest")
    price = next((one["price"] for one in reversed(so_far) if one["price"] is not None), None)
    return {
        "total_shares": float(shares),
        "vested_shares": float(vested),
        "unvested_shares": float(shares - vested),
        "total_value": None if price is None else money(shares * price),
    }


def _periods(landed: Landed, *parts: str) -> Iterator[tuple[dict[str, Any], list[Grant]]]:
    """Equity by agent and period (its year, or its year and month): the row of the period, and its movements."""

    def period_of(grant: Grant) -> tuple[int, ...]:
        return tuple(getattr(grant["when"], part) for part in parts)

    for agent, grants in _grants_of(landed).items():
        for period in sorted({period_of(one) for one in grants}):
            so_far = [one for one in grants if period_of(one) <= period]
            own = [one for one in so_far if period_of(one) == period]
            named = {f"period_{part}": number for part, number in zip(parts, period, strict=True)}
            moved = {
                f"{column}_this_{'period' if 'month' in parts else 'year'}": kind for column, kind in _MOVED.items()
            }
            yield (
                {
                    "id": surrogate(agent, *period),
                    "user_id": own[-1]["user"],
                    "agent_id": agent,
                    **named,
                    **_held(so_far),
                    **{column: float(_shares(own, kind)) for column, kind in moved.items()},
                    "calculated_at": midnight(landed.as_of),
                },
                own,
            )


def annual(landed: Landed) -> pd.DataFrame:
    """One row for each agent and year in which shares moved."""
    rows = []
    for held, own in _periods(landed, "year"):
        dividends = (one["value"] or Decimal(0) for one in own if one["kind"] == "dividend")
        rows.append({**held, "dividends_earned": sum(dividends, Decimal(0))})
    return frame(rows, ANNUAL)


def monthly(landed: Landed) -> pd.DataFrame:
    """One row for each agent and month in which shares moved."""
    return frame((held for held, _ in _periods(landed, "year", "month")), MONTHLY)


def _from_deals(landed: Landed) -> Iterator[dict[str, Any]]:
    for deal in deals(landed).values():
        if deal["status"] == "Closed" and None not in (deal["transaction_owner_agent_id"], deal["gross_commission"]):
            name = deal["address"] or deal["rezen_code"] or f"deal {deal['id']}"
            yield {
                "id": surrogate("GCI", deal["id"]),
                "user_id": deal["user_id"],
                "agent_id": deal["transaction_owner_agent_id"],
                "transaction_id": deal["id"],
                "listing_id": deal["listing_id"],
                "income_type": "GCI",
                "source": "transaction_financials",
                "amount": deal["gross_commission"],
                "status": deal["status"],
                "income_date": deal["closing_date"],
                "description": f"Commission on {name}",
                "is_demo": deal["is_demo"],
            }


def _from_contributions(landed: Landed) -> Iterator[dict[str, Any]]:
    for document in landed.documents("contributions"):
        share = row(document, CONTRIBUTION, landed)
        if share["receiving_agent_id"] is not None and lower(share["status"]) != "void":
            kind = "Bonus" if lower(share["contribution_type"]) == "bonus" else "RevShare"
            yield {
                # The source is in the id, or contribution 5 and payment 5 would share one.
                "id": surrogate(kind, "contribution", share["id"]),
                "user_id": share["user_id"],
                "agent_id": share["receiving_agent_id"],
                "transaction_id": share["transaction_id"],
                "contribution_id": share["id"],
                "listing_id": deals(landed)[share["transaction_id"]]["listing_id"] if share["transaction_id"] else None,
                "income_type": kind,
                "source": "contribution",
                "amount": share["amount"],
                "status": share["status"],
                "income_date": share["contribution_date"],
                "description": share["notes"] or share["contribution_type"],
                "is_demo": share["is_demo"],
            }


def _from_payments(landed: Landed) -> Iterator[dict[str, Any]]:
    for document in landed.documents("revshare_payments"):
        payment = row(document, PAYMENT, landed)
        named = payment["payment_reference"]
        yield {
            "id": surrogate("RevShare", "revshare_payment", payment["id"]),
            "user_id": payment["user_id"],
            "agent_id": payment["agent_id"],
            "revshare_payment_id": payment["id"],
            "income_type": "RevShare",
            "source": "revshare_payment",
            "amount": payment["amount"],
            "status": payment["status"],
            "income_date": payment["payment_date"],
            "description": payment["notes"] or (named and f"Revenue share payment {named}"),
            "is_demo": False,
        }


def _from_equity(landed: Landed) -> Iterator[dict[str, Any]]:
    for held, own in _periods(landed, "year", "month"):
        earned = total_or_none(one["value"] for one in own if one["kind"] in ("vest", "dividend"))
        if earned is not None:
            yield {
                "id": surrogate("Equity", held["id"]),
                "user_id": held["user_id"],
                "agent_id": held["agent_id"],
                "income_type": "Equity",
                "source": "equity_monthly",
                "amount": earned,
                "status": "Vested",
                "description": f"Equity of {held['period_year']}-{held['period_month']:02}",
                "income_date": midnight(month_end(date(held["period_year"], held["period_month"], 1))),
                "is_demo": False,
            }


def income(landed: Landed) -> pd.DataFrame:
    """One row for everything an agent earned, of whatever kind."""

    def rows() -> Iterator[dict[str, Any]]:
        for source in (_from_deals, _from_contributions, _from_payments, _from_equity):
            for one in source(landed):
                when = one["income_date"] and one["income_date"].astimezone(BUSINESS_ZONE)
                period = {"period_month": when and when.month, "period_year": when and when.year}
                yield {**dict.fromkeys(INCOME), **one, **period}

    return frame(rows(), INCOME)


TABLES = {
    "contribution": one_to_one("contributions", CONTRIBUTION),
    "contributions_pending": one_to_one("contributions_pending", PENDING),
    "revshare_totals": one_to_one("revshare_totals", TOTALS),
    "revshare_payment": one_to_one("revshare_payments", PAYMENT),
    "equity_annual": annual,
    "equity_monthly": monthly,
    "income": income,
}
