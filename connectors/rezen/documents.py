"""The made-up world as reZEN's agents, networks and revenue share: one set of documents a key.

Belongs here: which field holds what. Does not belong here: how it is asked for (`connectors/rezen/stand_in.py`), deals
and listings (`connectors/rezen/deal_documents.py`) and what is true (`connectors/sandbox/`).

What is invented about a row hangs on its kind and id alone: what did not change reads as it did the day before,
whatever else has come or gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from connectors.document_store import Record
from connectors.rezen.deal_documents import (
    DEAL,
    LISTING,
    LISTING_ACTIVE,
    LISTING_IN_CONTRACT,
    chance_of,
    deals,
    listings,
    money,
    rows_of,
    written,
)
from connectors.sandbox.chance import uuids
from connectors.sandbox.deals import LEASES
from connectors.sandbox.frames import at
from connectors.sandbox.names import STATES
from connectors.sandbox.world import World
from connectors.v1.deal_values import CANADA

__all__ = [
    "AGENT",
    "CONTRIBUTION",
    "DEAL",
    "KEY",
    "LISTING",
    "LISTING_ACTIVE",
    "LISTING_IN_CONTRACT",
    "MEMBER",
    "PENDING",
    "keys",
    "records",
]

AGENT, MEMBER, CONTRIBUTION, PENDING, KEY = "agent", "member", "contribution", "pending", "key"

_DAY = 86_400_000


def records(world: World) -> Iterator[Record]:
    """Everything that reZEN shows to the agents who have a key."""
    held = keys(world)
    for row in rows_of(held):
        yield Record(KEY, "", row.key, {"account": str(row.user_id), "agent": row.agent_uuid})
    owner = dict(zip(held["agent_id"].tolist(), held["agent_uuid"].tolist(), strict=True))
    yield from _agents(world, owner)
    yield from _members(world, owner)
    yield from deals(world, owner)
    yield from listings(world, owner)
    yield from _contributions(world, owner)
    yield from _pending(world, owner)


def keys(world: World) -> pd.DataFrame:
    """Who has a key: user_id, agent_id, agent_uuid and the key as V1 has it."""
    users = world.users[world.users["rezen_key"]]
    agents = at(world.live.agents, users["agent_id"])
    return pd.DataFrame(
        {
            "user_id": users["id"].to_numpy(),
            "agent_id": users["agent_id"].to_numpy(),
            "agent_uuid": agents["uuid"].to_numpy(),
            "key": [f"sandbox-key-{number:06d}" for number in users["id"].tolist()],
        }
    )


def _contact(row: Any) -> dict[str, Any]:
    return {
        "id": row.uuid,
        "firstName": row.first_name,
        "lastName": row.last_name,
        "emailAddress": row.email,
        "phoneNumber": f"+1 555-01{row.phone:02d}",
        "joinDate": row.joined,
        "anniversaryDate": row.anniversary,
    }


def _agents(world: World, owner: dict[int, str]) -> Iterator[Record]:
    """The agents whose keys these are, in full."""
    agents = at(world.live.agents, list(owner)).assign(created=lambda frame: frame["joined"])
    for row in rows_of(written(agents, ("joined", "anniversary"), ("created", "updated"))):
        chance = chance_of(AGENT, row.id)
        state, province = STATES[row.place]
        yield Record(
            AGENT,
            row.uuid,
            row.uuid,
            {
                **_contact(row),
                "type": "AGENT",
                "middleName": chance.choice((None, "", "J.")),
                "fullName": f"{row.first_name} {row.last_name}",
                "agentStatus": row.status,
                "agentAccountCountry": "CANADA" if row.place >= CANADA else "UNITED_STATES",
                "lastAnniversaryDate": None,
                "nextAnniversaryDate": None,
                "keyMakerId": uuids("keymaker", [row.id])[0],
                "skySlopeId": str(chance.randrange(10**6)) if chance.random() < 0.5 else None,
                "skySlopePublicId": None,
                "title": chance.choice(("", "REALTOR®", None)),
                "avatar": None,
                "company": chance.choice(("", None)),
                "offices": [
                    {
                        "id": uuids("office", [row.office_id])[0],
                        "address": {"stateOrProvince": chance.choice((state, province.upper().replace(" ", "_")))},
                    }
                ],
                "divisions": [],
                "createdAt": row.created,
                "updatedAt": row.updated,
            },
        )


def _members(world: World, owner: dict[int, str]) -> Iterator[Record]:
    """The networks of the agents with a key, tier by tier."""
    network = world.live.network
    network = network[network["agent_id"].isin(owner)]
    network = written(network, moments=("updated",))
    people = at(world.live.agents, network["member_id"]).assign(created=lambda frame: frame["joined"])
    people = written(people, ("joined", "anniversary", "left"), ("created",))
    sponsors = at(world.live.agents, network["sponsor_id"])
    sponsor_names = (sponsors["first_name"].astype("object") + " " + sponsors["last_name"].astype("object")).tolist()
    rows = zip(rows_of(network), rows_of(people), sponsor_names, strict=True)
    for row, member, sponsor in rows:
        document = {
            **_contact(member),
            "status": member.status,
            "terminatedAsOf": member.left,
            "avatar": f"https://www.example.com/avatar/{member.id}.png" if member.id % 3 == 0 else None,
            "sizeOfNetwork": member.network_size,
            "sponsorName": sponsor,
            "createdAt": member.created,
            "updatedAt": row.updated,
        }
        yield Record(
            MEMBER,
            owner[row.agent_id],
            f"{row.tier}-{member.uuid}",
            document,
            ord=row.id,
            changed=document["updatedAt"] / 1000,
            parent=str(row.tier),
        )


def _contributor(chance: Any, agent: Any) -> dict[str, Any]:
    """Who gives: flat under one of three names, or an object."""
    name = {"firstName": agent.first_name, "lastName": agent.last_name}
    key = chance.choice(("agentYentaId", "contributorYentaId", "yentaId", "contributor"))
    if key == "contributor":
        return {"contributor": {"yentaId": agent.uuid, **name}}
    return {key: agent.uuid, **name}


def _amount(chance: Any, cents: int, currency: str) -> dict[str, Any]:
    """What is given: a number, digits or money, under one of three names."""
    key = chance.choice(("amount", "amount", "payoutAmount", "payout"))
    value: Any = money(cents, currency)
    if chance.random() < 0.3:
        value = {"amount": f"{cents / 100:.2f}", "currency": currency}
    elif currency == "USD" and chance.random() < 0.2:
        value = cents / 100
    return {key: value}


def _currencies(world: World, deal_ids: pd.Series) -> list[str]:
    places = world.live.business.deals.set_index("id")["place"].reindex(deal_ids)
    return np.where(places.to_numpy() >= CANADA, "CAD", "USD").tolist()


def _contributions(world: World, owner: dict[int, str]) -> Iterator[Record]:
    made = world.live.business.contributions
    made = written(made[made["receiving_agent_id"].isin(owner)], moments=("contributed",))
    givers = at(world.live.agents, made["contributor_agent_id"])
    identities = uuids("contribution", made["id"].tolist()), uuids("transaction", made["deal_id"].tolist())
    rows = zip(rows_of(made), rows_of(givers), *identities, _currencies(world, made["deal_id"]), strict=True)
    for row, giver, identity, deal, currency in rows:
        chance = chance_of(CONTRIBUTION, row.id)
        document = {
            "id": identity,
            **_contributor(chance, giver),
            **_amount(chance, row.amount_cents, currency),
            chance.choice(("tier", "revShareTier")): row.tier,
            "contributionType": row.kind.upper().replace(" ", "_"),
            "capContribution": None,
            "status": row.status.upper(),
            "transactionId": deal if row.deal_id else None,
            "transactionClosedAt": row.contributed,
            "paidAt": row.contributed + 20 * _DAY if row.status == "Paid" else None,
            "createdAt": row.contributed,
        }
        yield Record(
            CONTRIBUTION,
            owner[row.receiving_agent_id],
            identity,
            document,
            ord=row.id,
            changed=document["createdAt"] / 1000,
            parent=str(row.tier),
        )


def _pending(world: World, owner: dict[int, str]) -> Iterator[Record]:
    made = world.live.business.pending_contributions
    made = written(made[made["receiving_agent_id"].isin(owner)], ("closing_day",), ("contributed", "updated"))
    givers = at(world.live.agents, made["contributor_agent_id"])
    identities = uuids("pending contribution", made["id"].tolist()), uuids("transaction", made["deal_id"].tolist())
    rows = zip(rows_of(made), rows_of(givers), *identities, _currencies(world, made["deal_id"]), strict=True)
    for row, giver, identity, deal, currency in rows:
        chance = chance_of(PENDING, row.id)
        document = {
            "id": identity,
            **_contributor(chance, giver),
            **_amount(chance, row.amount_cents, currency),
            "tier": row.tier,
            "status": row.status.upper(),
            "transactionId": deal,
            "transactionType": row.type,
            "dealType": "LEASE" if row.type in LEASES else "SALE",
            "transactionStatus": row.deal_status.upper(),
            "contributionType": "REVENUE_SHARE",
            "pendingReason": chance.choice(("Deal not closed", "Waiting on payment", "")),
            "closingDate": row.closing_day,
            "createdAt": row.contributed,
            "updatedAt": row.updated,
        }
        yield Record(PENDING, owner[row.receiving_agent_id], identity, document, ord=row.id, changed=row.id)
