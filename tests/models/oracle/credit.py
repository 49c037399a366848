"""The people on deals, what they were paid, and the credit rule that the marts rest on.

Belongs here: `participant`, `participant_paid`, `transaction_participants`. Does not belong here: the deals themselves
(`deal.py`), what the marts make of credit (`marts.py`).
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from oracle import Document, Landed
from oracle.deal import deals, financials
from oracle.sums import cut, total_or_none
from oracle.values import (
    boolean,
    first,
    first_of,
    flag,
    frame,
    key,
    lower,
    moment,
    money,
    nonzero,
    of,
    percent,
    reference,
    row,
    surrogate,
    text,
    upper,
)

_ROLES = {
    "BUYERS_AGENT": "BUYERS_AGENT",
    "BUYER_AGENT": "BUYERS_AGENT",
    "BUYING_AGENT": "BUYERS_AGENT",
    "TENANTS_AGENT": "BUYERS_AGENT",
    "LISTING_AGENT": "LISTING_AGENT",
    "SELLERS_AGENT": "LISTING_AGENT",
    "LANDLORDS_AGENT": "LISTING_AGENT",
    "CO_BUYERS_AGENT": "CO_BUYERS_AGENT",
    "CO_BUYER_AGENT": "CO_BUYERS_AGENT",
    "CO_LISTING_AGENT": "CO_LISTING_AGENT",
    "TEAM_LEADER": "TEAM_LEADER",
    "REFERRAL": "REFERRAL",
    "REFERRAL_AGENT": "REFERRAL",
}
_SIDES = {
    "BUYERS_AGENT": "buy",
    "CO_BUYERS_AGENT": "buy",
    "LISTING_AGENT": "sell",
    "CO_LISTING_AGENT": "sell",
    "TEAM_LEADER": None,
    "REFERRAL": None,
}
_ROLES_OF_OWNER = {
    "BUYER": ("BUYERS_AGENT",),
    "TENANT": ("BUYERS_AGENT",),
    "SELLER": ("LISTING_AGENT",),
    "LANDLORD": ("LISTING_AGENT",),
    "DUAL": ("BUYERS_AGENT", "LISTING_AGENT"),
}
_SIDES_OF_OWNER = {"BUYER": "buy", "TENANT": "buy", "SELLER": "sell", "LANDLORD": "sell"}
_LOST = ("Canceled", "Terminated", "Archived")


def _full_name(document: Document, landed: Landed) -> str | None:
    names = (text(document.get("firstName")), text(document.get("lastName")))
    return first([text(document.get("full_name")), " ".join(name for name in names if name) or None])


PARTICIPANT = {
    "id": key,
    "created_at": first_of(moment, "created_at", "createdAt"),
    "updated_at": first_of(moment, "updatedAt", "last_updatedAt"),
    "participant_id_raw": of(text, "participant_id"),
    "transaction_id": reference("transaction_id", "transaction"),
    "transaction_id_raw": of(text, "transaction_id_raw"),
    "listing_id": reference("listing_id", "listing"),
    "agent_id": reference("agent_id", "agent"),
    "agent_id_raw": of(text, "agent_id_raw"),
    "agent_name": of(text, "agent_name"),
    "user_id": reference("user_id", "user"),
    "role": of(text, "role"),
    "stage": of(text, "stage"),
    "status": of(text, "status"),
    "first_name": of(text, "firstName"),
    "last_name": of(text, "lastName"),
    "full_name": _full_name,
    "email": of(lower, "email"),
    "phone": of(text, "phone"),
    "company": of(text, "company"),
    "address": first_of(text, "address.oneLine", "address.street", "address"),
    "transaction_address": of(text, "transaction_address"),
    "office_address": of(text, "office_address"),
    "is_real_agent": lambda document, landed: reference("agent_id", "agent")(document, landed) is not None,
    "paid_by_real": of(boolean, "paidbyReal"),
    "external": of(boolean, "external"),
    "is_transaction": of(boolean, "is_transaction"),
    "is_listing": of(boolean, "is_listing"),
    "is_demo": flag("demo"),
}

PAID = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "participant_id": reference("participant_id", "participant"),
    "transaction_id": reference("transaction_id", "transaction"),
    "agent_id": reference("agent_id", "agent"),
    "agent_id_raw": of(text, "agent_id_raw"),
    "user_id": reference("user_id", "user"),
    "role": of(text, "role"),
    "payment_type": of(text, "payment_type"),
    "gross_amount": of(money, "grossAmount_amount"),
    "amount": first_of(money, "amount_amount", "amount"),
    "currency": of(text, "amount_currency"),
    "percent": of(percent, "percent"),
    "paid_at": of(moment, "date_paid"),
    "is_demo": of(boolean, "demo"),
}

SEAT = (
    "id",
    "transaction_id",
    "agent_id",
    "participant_id",
    "user_id",
    "role",
    "side",
    "is_primary",
    "is_paid",
    "side_share",
    "units",
    "volume",
    "gross_commission",
    "net_payout",
    "commission_split",
    "paid_at",
)

Seat = dict[str, Any]
"""One agent role on a deal, and in `claims_pay` whether V1 says so without a payment."""


def _role(raw: Any) -> str:
    words = (upper(raw) or "").replace("'", "").replace("\u2019", "").replace(" ", "_").replace("-", "_")
    return _ROLES.get(words, "AGENT")


def _seat(landed: Landed, deal: int, agent: int, role: str) -> Seat:
    """A seat nobody named yet, as the deal's own keys tell it."""
    return {
        "id": surrogate(deal, agent, role),
        "transaction_id": deal,
        "agent_id": agent,
        "participant_id": None,
        "user_id": landed.known("user", nonzero(landed.agents[agent].get("user_id"))),
        "role": role,
        "side": _SIDES[role] if role in _SIDES else _SIDES_OF_OWNER.get(deals(landed)[deal]["representation"]),
        "commission_split": None,
        "claims_pay": boolean(landed.agents[agent].get("real_agent")) is True,
    }


def _named(landed: Landed) -> Iterator[Seat]:
    """The seats of participants whose deal and agent are known."""
    for document in landed.documents("participant"):
        deal = landed.known_deal(document.get("transaction_id"), document.get("transaction_id_raw"))
        agent = landed.known_agent(document.get("agent_id"), document.get("agent_id_raw"))
        if deal is None or agent is None:
            continue
        yield {
            **_seat(landed, deal, agent, _role(document.get("role"))),
            "id": document.id,
            "participant_id": document.id,
            "user_id": landed.known("user", nonzero(document.get("user_id"))),
            "commission_split": percent(document.get("commission_split")),
            "claims_pay": boolean(document.get("paidbyReal")) is True,
        }


def _added(landed: Landed, named: list[Seat]) -> Iterator[Seat]:
    """The seats that only a deal's own keys tell."""
    sides = {(seat["transaction_id"], seat["agent_id"], seat["side"]) for seat in named}
    staffed = {seat["transaction_id"] for seat in named}
    for document in landed.documents("transaction"):
        for path, role in {"buying_agent_id": "BUYERS_AGENT", "listing_agent_id": "LISTING_AGENT"}.items():
            agent = landed.known("agent", nonzero(document.get(path)))
            if agent is None:
                continue
            staffed.add(document.id)
            if (document.id, agent, _SIDES[role]) not in sides:
                yield _seat(landed, document.id, agent, role)
        deal = deals(landed)[document.id]
        owner = deal["transaction_owner_agent_id"]
        if document.id not in staffed and owner is not None:
            for role in _ROLES_OF_OWNER.get(deal["representation"], ()):
                yield _seat(landed, document.id, owner, role)


@cache
def payments(landed: Landed) -> list[dict[str, Any]]:
    """The typed payments."""
    return [row(document, PAID, landed) for document in landed.documents("participant_paid")]


@cache
def _bare_seats(landed: Landed) -> list[Seat]:
    named = list(_named(landed))
    return sorted([*named, *_added(landed, named)], key=lambda seat: seat["id"])


@cache
def _payments_of(landed: Landed) -> dict[int, list[dict[str, Any]]]:
    """Payments by the seat or participant they belong to: the one named, else the agent's first on the deal."""
    first_seat: dict[tuple[int, int], int] = {}
    for seat in _bare_seats(landed):
        first_seat.setdefault((seat["transaction_id"], seat["agent_id"]), seat["id"])
    found = defaultdict(list)
    for document, paid in zip(landed.documents("participant_paid"), payments(landed), strict=True):
        named = nonzero(document.get("participant_id"))
        owner = first((named, first_seat.get((paid["transaction_id"], paid["agent_id"]))))
        if owner is not None:
            found[owner].append(paid)
    return found


def _newest_first(paid: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Payments, the newest first, those without a date last."""
    undated = datetime.min.replace(tzinfo=UTC)
    return sorted(paid, key=lambda one: (one["paid_at"] or undated, one["id"]), reverse=True)


def _side_commission(landed: Landed, deal: int, side: str, credited_sides: set[str]) -> Decimal | None:
    """What a side of a deal earned: as stated, else from the whole deal's commission."""
    stated = financials(landed)[deal]["sale_commission_amount" if side == "buy" else "listing_commission_amount"]
    gross = financials(landed)[deal]["gci"]
    if stated is not None or gross is None or len(credited_sides) == 1:
        return first((stated, gross))
    half = money(gross / 2)
    return half if side == "buy" else gross - half


def _with_credit(landed: Landed, side: list[Seat], commission: Decimal | None) -> Iterator[Seat]:
    """Credit the seats of one side of a deal, the first one first."""
    splits = [seat["commission_split"] for seat in side]
    weights = splits if all(split is not None and split > 0 for split in splits) else [Decimal(1)] * len(side)
    price = deals(landed)[side[0]["transaction_id"]]["sale_price"]
    parts = zip(cut(Decimal(1), weights, 6), cut(price, weights, 2), cut(commission, weights, 2), strict=True)
    for number, (seat, (share, volume, gross)) in enumerate(zip(side, parts, strict=True)):
        yield {
            **seat,
            "is_primary": number == 0,
            "units": Decimal(1),
            "side_share": share,
            "volume": volume,
            "gross_commission": first((seat["gross_paid"], gross)),
        }


def _paid_seats(landed: Landed) -> Iterator[Seat]:
    """The seats with their pay, still without credit; `gross_paid` is that of the agent on the side of the deal."""
    paid = _payments_of(landed)

    def same_side(seat: Seat) -> tuple:
        return seat["transaction_id"], seat["agent_id"], seat["side"]

    gross = defaultdict(list)
    for seat in _bare_seats(landed):
        gross[same_side(seat)] += [one["gross_amount"] for one in paid.get(seat["id"], ())]
    for seat in _bare_seats(landed):
        mine = paid.get(seat["id"], [])
        yield {
            **seat,
            **dict.fromkeys(("units", "side_share", "volume", "gross_commission")),
            "is_primary": False,
            "is_paid": bool(mine) or seat["claims_pay"],
            "net_payout": total_or_none(one["amount"] for one in mine),
            "paid_at": first(one["paid_at"] for one in _newest_first(mine)),
            "gross_paid": total_or_none(gross[same_side(seat)]),
        }


@cache
def seats(landed: Landed) -> list[Seat]:
    """Everybody's roles on deals, with pay and credit."""
    found: dict[int, Seat] = {}
    credited: dict[int, dict[str, dict[int, Seat]]] = {}
    for seat in _paid_seats(landed):
        found[seat["id"]] = seat
        deal = deals(landed)[seat["transaction_id"]]
        if seat["is_paid"] and seat["side"] and not deal["is_demo"] and deal["status"] not in _LOST:
            credited.setdefault(deal["id"], {}).setdefault(seat["side"], {}).setdefault(seat["agent_id"], seat)
    for deal_id, sides in credited.items():
        for side, first_of_agents in sides.items():
            commission = _side_commission(landed, deal_id, side, set(sides))
            for seat in _with_credit(landed, list(first_of_agents.values()), commission):
                found[seat["id"]] = seat
    return list(found.values())


def credited_seats(landed: Landed) -> list[Seat]:
    """The seats that earn credit."""
    return [seat for seat in seats(landed) if seat["units"] is not None]


def participant(landed: Landed) -> pd.DataFrame:
    """One row for each participant document, with what its payments say."""

    def rows() -> Iterator[dict[str, Any]]:
        for document in landed.documents("participant"):
            mine = _newest_first(_payments_of(landed).get(document.id, []))
            paid_at = first(one["paid_at"] for one in mine)
            yield {
                **row(document, PARTICIPANT, landed),
                "commission_split": first(one["percent"] for one in mine),
                "gross_commission": total_or_none(one["gross_amount"] for one in mine),
                "net_payout": total_or_none(one["amount"] for one in mine),
                "paid": paid_at is not None,
                "paid_at": paid_at,
            }

    of_payments = ("commission_split", "gross_commission", "net_payout", "paid", "paid_at")
    return frame(rows(), (*PARTICIPANT, *of_payments))


TABLES = {
    "participant": participant,
    "participant_paid": lambda landed: frame(payments(landed), PAID),
    "transaction_participants": lambda landed: frame(seats(landed), SEAT),
}
