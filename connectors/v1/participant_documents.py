"""V1's documents about who took part in a deal, and what they were paid: participant, participant_paid.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Bools, uuids
from connectors.sandbox.deals import BUYING, LEASES, SELLING
from connectors.sandbox.names import CITIES, FIRST, LAST, SLUGS
from connectors.sandbox.world import World
from connectors.v1.deal_values import (
    CANADA,
    Addresses,
    addresses,
    agent_uuids,
    as_objects,
    deal_uuids,
    deals_by_uuid_only,
    none_or,
    spelled,
)
from connectors.v1.people_values import OLD, of_agents, only_by_uuid
from connectors.v1.quirks import Column, Quirks, plain

_ROLES = {
    "BUYERS_AGENT": ("BUYERS_AGENT", "Buyer's Agent", "BUYER_AGENT", "Buying Agent"),
    "LISTING_AGENT": ("LISTING_AGENT", "SELLERS_AGENT", "Listing Agent", "Seller's Agent"),
    "CO_BUYERS_AGENT": ("CO_BUYERS_AGENT", "Co-Buyer's Agent", "CO_BUYER_AGENT"),
    "CO_LISTING_AGENT": ("CO_LISTING_AGENT", "Co-Listing Agent"),
    "TEAM_LEADER": ("TEAM_LEADER", "Team Leader"),
    "REFERRAL": ("REFERRAL", "Referral Agent", "REFERRAL_AGENT"),
    "TENANTS_AGENT": ("TENANTS_AGENT", "Tenant's Agent"),
    "LANDLORDS_AGENT": ("LANDLORDS_AGENT", "Landlord's Agent"),
    "AGENT": ("AGENT", "Agent", ""),
    "BUYER": ("BUYER", "Buyer"),
    "SELLER": ("SELLER", "Seller"),
    "TITLE": ("TITLE", "Title Company"),
    "LENDER": ("LENDER", "Lender"),
    "INSPECTOR": ("INSPECTOR",),
    "TRANSACTION_COORDINATOR": ("TRANSACTION_COORDINATOR", "Transaction Coordinator"),
    "OTHER": ("OTHER", ""),
}
_COMPANIES = {
    "TITLE": ("Example Title Co.", "Sample Escrow Inc."),
    "LENDER": ("Example Mortgage LLC", "Specimen Savings & Loan"),
    "INSPECTOR": ("Sample Home Inspections",),
    "BUYERS_AGENT": ("Other Example Realty", "Exemple Immobilier Québec"),
    "LISTING_AGENT": ("Other Example Realty", "Sample & Sons Realtors"),
}


def _roles(q: Quirks, rows: pd.DataFrame, deals: pd.DataFrame) -> Column:
    """Roles in any of their spellings; plain AGENT only where the deal's representation says the side."""
    role, side = rows["role"].to_numpy(dtype=object), rows["side"].to_numpy(dtype=object)
    on_deal = rows["deal_id"].to_numpy() > 0
    represented = deals["representation"].to_numpy()
    lease = deals["type"].isin(LEASES).to_numpy() & on_deal & q.happens(0.5)
    clear = (on_deal & deals["representation_said"].to_numpy()) & (
        ((side == "buy") & np.isin(represented, BUYING)) | ((side == "sell") & np.isin(represented, SELLING))
    )
    role = np.where((role == "BUYERS_AGENT") & lease, "TENANTS_AGENT", role)
    role = np.where((role == "LISTING_AGENT") & lease, "LANDLORDS_AGENT", role)
    main = rows["role"].isin(["BUYERS_AGENT", "LISTING_AGENT"]).to_numpy()
    return spelled(q, plain(np.where(clear & main & q.happens(0.05), "AGENT", role)), _ROLES)


def _names(q: Quirks, world: World, agent_ids: Array) -> tuple[Column, Column, Column]:
    """First name, last name and e-mail: an agent's own, anybody's for who is no agent of ours."""
    known = np.maximum(agent_ids, 1)
    nobody = agent_ids == 0
    first = q.change(plain(of_agents(world, known, "first_name")), nobody, lambda _: "")
    last = q.change(plain(of_agents(world, known, "last_name")), nobody, lambda _: "")
    email = plain(of_agents(world, known, "email"))
    strangers = zip(q.one_of(FIRST, [1] * len(FIRST)), q.one_of(LAST, [1] * len(LAST)), strict=True)
    numbers = q.chance.integers(1, 100_000, q.rows).tolist()
    for row, (a, b) in enumerate(strangers):
        if nobody[row]:
            first[row], last[row] = a, b
            email[row] = f"{SLUGS[a]}.{SLUGS[b]}{numbers[row]}p@example.com"
    return first, last, email


def _home(q: Quirks) -> Addresses:
    """Addresses of people who have no truth of their own."""
    return addresses(
        pd.DataFrame(
            {
                "property": q.chance.integers(1, 90_000, q.rows),
                "place": q.chance.integers(0, CANADA, q.rows),
                "city": np.array(CITIES, dtype=object)[q.chance.integers(0, len(CITIES), q.rows)],
            }
        )
    )


def participant(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 39."""
    ids, deal_id, agent_id = (rows[name].to_numpy() for name in ("id", "deal_id", "agent_id"))
    deals = world.business.deals.iloc[np.maximum(deal_id, 1) - 1]
    on_deal, external = deal_id > 0, rows["external"].to_numpy()
    ours, party = (agent_id > 0) & ~external, agent_id == 0
    first, last, email = _names(q, world, agent_id)
    full = [f"{a} {b}" for a, b in zip(first, last, strict=True)]
    created = rows["created"].to_numpy()
    alive = deals["status"].isin(["Closed", "Pending", "Active", "Listed"]).to_numpy() & on_deal
    paid = rows["paid"].to_numpy() & alive & ~q.happens(0.03)
    paid |= rows["paid"].to_numpy() & ~alive & on_deal & q.happens(0.4)
    stage = q.texts(deals["status"].where(on_deal, ""))
    no_company = ~external | q.happens(0.2)
    company = spelled(q, plain(rows["role"]), {role: _COMPANIES.get(role, ("",)) for role in _ROLES})
    split = rows["split"].fillna(0).to_numpy()
    agent_office = [f"{one % 900 + 1} Example Plaza, Springfield" for one in agent_id.tolist()]
    columns = {
        "created_at": q.moments(created),
        "createdAt": q.moments(created),
        "updatedAt": q.moments(q.until_end(created)),
        "last_updatedAt": q.moments(q.until_end(created)),
        "participant_id": uuids("participant", ids.tolist()),
        "transaction_id": deals_by_uuid_only(q, 0.03, deal_id),
        "transaction_id_raw": deal_uuids(deal_id),
        "listing_id": q.ids(rows["listing_id"]),
        "agent_id": only_by_uuid(q, 0.04, agent_id),
        "agent_id_raw": agent_uuids(world, agent_id),
        "agent_name": q.change(list(full), party, lambda _: ""),
        "user_id": q.ids(np.where(ours, of_agents(world, np.maximum(agent_id, 1), "user_id"), 0)),
        "role": _roles(q, rows, deals),
        "stage": q.change(stage, q.happens(0.08), lambda _: ""),
        "status": q.cased(q.one_of(["Active", "", "Inactive"], [80, 15, 5])),
        "firstName": q.texts(first),
        "lastName": q.texts(last),
        "full_name": q.change(list(full), q.happens(0.1), lambda _: ""),
        "email": q.change(q.texts(email), q.happens(0.05), lambda text: text and text.upper()),
        "phone": q.label("555-01{:02d}", q.chance.integers(0, 100, q.rows), 0.8),
        "company": q.change(company, no_company, lambda _: ""),
        "address": q.change(as_objects(q, _home(q), q.happens(0.1)), ~party | q.happens(0.4), lambda _: ""),
        "transaction_address": q.change(addresses(deals).lines, ~on_deal | q.happens(0.3), lambda _: ""),
        "office_address": q.change(agent_office, party | q.happens(0.5), lambda _: ""),
        "paidbyReal": q.flags(paid),
        "external": q.flags(external),
        "is_transaction": q.flags(on_deal),
        "is_listing": q.flags(~on_deal),
        "demo": q.flags(rows["is_demo"]),
        "commission_split": none_or(q, q.numbers(split * ~q.happens(0.01)), (split == 0) | q.happens(0.06)),
    }
    old: Bools = np.less(created, OLD)
    for key in ("createdAt", "last_updatedAt", "office_address", "transaction_address"):
        columns[key] = q.late(columns[key], old)
    return columns


_PAID_ROLES: dict[str, Any] = {role: spellings[:2] for role, spellings in _ROLES.items()}


def participant_paid(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 43: one document a payment. Some say deal and agent only, not which participant."""
    deal_id, agent_id = rows["deal_id"].to_numpy(), rows["agent_id"].to_numpy()
    participant_id = np.where(q.happens(0.05) & rows["only_role"].to_numpy(), 0, rows["participant_id"])
    deals = world.business.deals[["place"]].iloc[deal_id - 1]
    people = world.agents[["first_name", "last_name", "user_id"]].iloc[agent_id - 1]
    gross = rows["gross_cents"].to_numpy()
    cad = (deals["place"] >= CANADA).to_numpy()
    commission = (rows["kind"] == "COMMISSION").to_numpy()
    split = rows["split"].fillna(0).to_numpy()
    return {
        "created_at": q.moments(rows["paid_at"]),
        "participant_id": q.ids(participant_id),
        "transaction_id": q.ids(np.where(q.happens(0.01) & (participant_id > 0), 0, deal_id)),
        "transaction_id_raw": deal_uuids(deal_id),
        "agent_id": q.ids(agent_id),
        "agent_id_raw": agent_uuids(world, agent_id),
        "user_id": q.ids(people["user_id"]),
        "firstName": q.texts(people["first_name"]),
        "lastName": q.texts(people["last_name"]),
        "role": spelled(q, plain(rows["role"]), _PAID_ROLES),
        "payment_type": q.cased(rows["kind"]),
        "grossAmount_amount": none_or(q, q.money(gross), (gross < 0) | (commission & q.happens(0.04))),
        "amount_amount": q.money(rows["amount_cents"].to_numpy()),
        "amount_currency": q.change(plain(np.where(cad, "CAD", "USD")), ~cad & q.happens(0.2), lambda _: ""),
        "percent": none_or(q, q.numbers(split), ~commission | q.happens(0.05)),
        "date_paid": q.moments(rows["paid_at"]),
        "demo": q.flags(rows["is_demo"]),
    }
