"""The deal tables: V1's `transaction` document taken apart.

Belongs here: every column's rule, and the deals as other modules look them up. Does not belong here: who is credited
with a deal (`credit.py`), how values are converted (`values.py`).
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pandas as pd

from oracle import Document, Landed
from oracle.values import (
    boolean,
    day,
    first,
    first_of,
    flag,
    frame,
    initcap,
    key,
    lower,
    moment,
    moment_or_day,
    money,
    of,
    one_to_one,
    percent,
    reference,
    row,
    surrogate,
    text,
    upper,
)

_OF_STAGE = {
    "PENDING": "Pending",
    "UNDER CONTRACT": "Pending",
    "APPROVED": "Active",
    "ACTIVE": "Active",
    "LISTED": "Listed",
    "ARCHIVED": "Archived",
}
_OF_TYPE = {
    "RESIDENTIAL SALE": "Sale",
    "SALE": "Sale",
    "RESIDENTIAL LEASE": "Lease",
    "LEASE": "Lease",
    "COMMERCIAL SALE": "Commercial Sale",
    "COMMERCIAL LEASE": "Commercial Lease",
    "REFERRAL": "Referral",
}


def spelled(raw: Any) -> str | None:
    """Words in capitals, however V1 joins them."""
    capitals = upper(raw)
    return capitals and capitals.replace("_", " ")


def _status(document: Document, landed: Landed) -> str:
    stage = first(spelled(document.get(path)) for path in ("stage", "status"))
    signs = {
        "Archived": boolean(document.get("archived")) is True,
        "Canceled": stage in ("CANCELED", "CANCELLED"),
        "Terminated": boolean(document.get("terminated")) is True or stage == "TERMINATED",
        "Closed": boolean(document.get("closed")) is True or stage in ("CLOSED", "SETTLED"),
    }
    undated = "Listed" if _contract_date(document, landed) is None else "Pending"
    return next((status for status, holds in signs.items() if holds), _OF_STAGE.get(stage or "", undated))


def _type(document: Document, landed: Landed) -> str | None:
    words = first(spelled(document.get(path)) for path in ("transactionType", "type"))
    return _OF_TYPE.get(words or "", initcap(words))


_price = first_of(money, "price", "price.amount", "price_amount")
_list_price = first_of(money, "list_price", "listPrice.amount")
_contract_date = of(moment_or_day, "contractAcceptanceDate")

DEAL = {
    "id": key,
    "created_at": first_of(moment, "created_at", "createdAt"),
    "updated_at": of(moment, "updatedAt"),
    "last_updated": of(moment, "last_updatedAt"),
    "transaction_id_raw": first_of(text, "transaction_id_raw", "transaction_id"),
    "rezen_code": of(text, "code"),
    "status": _status,
    "stage": of(text, "stage"),
    "lifecycle_state": of(text, "lifecycle_state"),
    "transaction_type": _type,
    "representation": of(upper, "transaction_owner_representation"),
    "property_type": of(text, "propertyType"),
    "mls_num": of(text, "mlsNumber"),
    "address": first_of(text, "address.oneLine", "address.street", "address"),
    "city": first_of(text, "city", "address.city"),
    "state": first_of(text, "state", "address.state"),
    "zip": first_of(text, "zip", "address.zipcode"),
    "contract_date": _contract_date,
    "closing_date": first_of(moment_or_day, "closedAt", "close_date"),
    "effective_close_date": first_of(
        moment_or_day, "closedAt", "effective_close_date", "close_date", "expectedClosingDate"
    ),
    "listing_date": of(moment_or_day, "listingDate"),
    "firm_date": of(day, "firmDate"),
    "sale_price": _price,
    "list_price": _list_price,
    "currency": of(text, "price_currency", default="USD"),
    "gross_commission": of(money, "grossCommission_amount"),
    "net_payout": of(money, "myNetPayout"),
    "closed": flag("closed"),
    "terminated": flag("terminated"),
    "archived": of(boolean, "archived"),
    "is_demo": flag("demo"),
    "source": of(text, "source"),
    "transaction_owner_name": of(text, "transaction_owner_name"),
    "transaction_owner_email": of(text, "transaction_owner_email"),
    "transaction_owner_agent_id": reference("transaction_owner_agent_id", "agent"),
    "team_owner_agent_id": reference("team_owner_agent_id", "agent"),
    "listing_id": reference("listing_id", "listing"),
    "team_id": reference("team_id", "team"),
    "team_id_raw": of(text, "team_id_raw"),
    "office_id": reference("office_id", "office"),
    "user_id": reference("user_id", "user"),
    "lead_source": of(text, "lead_source"),
    "lead_type": of(text, "lead_type"),
    "sync_source": of(text, "sync_source"),
}

FINANCIALS = {
    "id": key,
    "transaction_id": key,
    "gci": of(money, "grossCommission_amount"),
    "gross_commission_currency": of(text, "grossCommission_currency"),
    "sale_commission_amount": of(money, "saleCommission_amount"),
    "sale_commission_percent": of(percent, "saleCommission_percent"),
    "listing_commission_amount": of(money, "listingCommission_amount"),
    "listing_commission_percent": of(percent, "listingCommission_percent"),
    "list_price": _list_price,
    "close_price": lambda document, landed: first((money(document.get("close_price")), _price(document, landed))),
    "agent_commission": of(money, "agent_commission"),
    "team_split": of(money, "team_split"),
    "brokerage_split": of(money, "brokerage_split"),
    "fees": of(money, "fees"),
    "referral_fee": of(money, "referralFee_amount"),
    "net_payout": of(money, "myNetPayout"),
    "net_payout_currency": of(text, "myNetPayout_currency"),
    "cap_contribution": of(money, "cap_contribution"),
    "paid_at": of(moment, "paidAt"),
}

CHANGE = {
    "field": of(text, "field", default="stage"),
    "old_status": of(text, "old_value"),
    "new_status": of(text, "new_value"),
    "changed_at": of(moment, "changed_at"),
    "changed_by": reference("user_id", "user"),
}


@cache
def deals(landed: Landed) -> dict[int, dict[str, Any]]:
    """The typed deals by id."""
    return {document.id: row(document, DEAL, landed) for document in landed.documents("transaction")}


@cache
def financials(landed: Landed) -> dict[int, dict[str, Any]]:
    """The typed money of each deal by its id."""
    return {document.id: row(document, FINANCIALS, landed) for document in landed.documents("transaction")}


def _milestones(document: Document, landed: Landed) -> Iterator[dict[str, Any]]:
    """The changes of a deal without a log, told by its dates."""
    deal = deals(landed)[document.id]
    dates = {
        "Listed": deal["listing_date"],
        "Pending": deal["contract_date"],
        "Closed": deal["closing_date"] if deal["status"] == "Closed" else None,
        "Terminated": moment_or_day(document.get("terminatedAt")),
    }
    before = None
    for status, when in dates.items():
        if when is not None:
            changes = {"old_status": before, "new_status": status, "changed_at": when, "changed_by": None}
            yield {"field": "stage", **changes}
            before = status


def history(landed: Landed) -> pd.DataFrame:
    """One row for each change a deal's log lists, or for each date of a deal without a log."""

    def changes_of(document: Document) -> Iterator[dict[str, Any]]:
        log = document.get("history")
        if not isinstance(log, list):
            return _milestones(document, landed)
        return (row(Document("", one if isinstance(one, dict) else {}), CHANGE, landed) for one in log)

    rows = (
        {"id": surrogate(document.id, seq), "transaction_id": document.id, "seq": seq, **change}
        for document in landed.documents("transaction")
        for seq, change in enumerate(changes_of(document), start=1)
    )
    return frame(rows, ("id", "transaction_id", "seq", *CHANGE))


def tags(landed: Landed) -> pd.DataFrame:
    """One row for each different tag of a deal."""
    known: dict[str, int] = {}
    for tag in sorted(landed.documents("tags"), key=lambda one: one.id):
        known.setdefault(lower(tag.get("name")) or "", tag.id)

    def tags_of(document: Document) -> list[str]:
        raw = document.get("tags")
        listed = raw.split(",") if isinstance(raw, str) else raw
        named = (text(one) for one in (listed if isinstance(listed, list) else []))
        return list(dict.fromkeys(name for name in named if name))

    rows = (
        {
            "id": surrogate(document.id, tag),
            "transaction_id": document.id,
            "tag_id": known.get(tag.lower()),
            "tag": tag,
        }
        for document in landed.documents("transaction")
        for tag in tags_of(document)
    )
    return frame(rows, ("id", "transaction_id", "tag_id", "tag"))


TABLES = {
    "transaction": lambda landed: frame(deals(landed).values(), DEAL),
    "transaction_financials": one_to_one("transaction", FINANCIALS),
    "transaction_history": history,
    "transaction_tags": tags,
}
