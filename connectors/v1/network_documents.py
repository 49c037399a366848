"""V1's documents about who sponsors whom: sponsor_tree, network.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Bools
from connectors.sandbox.world import World
from connectors.v1.people_values import ABBREVIATIONS, OLD, full_names, of_agents, only_by_uuid, short_names
from connectors.v1.quirks import Column, Quirks, plain


def sponsor_tree(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 77: one document an agent and level; names and status are the sponsor's."""
    sponsor_uuid = plain(of_agents(world, rows["sponsor_agent_id"], "uuid"))
    user_id = of_agents(world, rows["agent_id"], "user_id")
    return {
        "created_at": q.moments(q.until_end(of_agents(world, rows["agent_id"], "joined"))),
        "agent_id": only_by_uuid(q, 0.03, rows["agent_id"]),
        "agent_id_raw": plain(of_agents(world, rows["agent_id"], "uuid")),
        "sponsor_agent_id": only_by_uuid(q, 0.05, rows["sponsor_agent_id"]),
        "sponsor_id_raw": sponsor_uuid,
        "id_raw": sponsor_uuid,
        "level": q.numbers(rows["level"]),
        "firstName": q.texts(of_agents(world, rows["sponsor_agent_id"], "first_name")),
        "lastName": q.texts(of_agents(world, rows["sponsor_agent_id"], "last_name")),
        "status": q.cased(of_agents(world, rows["sponsor_agent_id"], "status")),
        "user_id": q.ids(user_id),
    }


def network(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 48: one document a user and member."""
    narrow = [
        "id",
        "uuid",
        "first_name",
        "last_name",
        "status",
        "joined",
        "left",
        "anniversary",
        "place",
        "city",
    ]
    figures = ["cap", "cap_paid_cents", "network_size", "is_demo"]
    member = world.agents[narrow + figures].iloc[rows["member_id"].to_numpy() - 1]
    owner = world.agents[narrow[:4]].iloc[rows["agent_id"].to_numpy() - 1]
    sponsor = world.agents[narrow[:4]].iloc[rows["sponsor_id"].to_numpy() - 1]
    joined, left = member["joined"].to_numpy(), member["left"].to_numpy()
    created = joined + q.chance.integers(0, 5, q.rows) * np.timedelta64(86_400, "s")
    old: Bools = np.less(created, OLD)
    tier = plain(rows["tier"])
    raw = [f"{a}-{b}-{c}" for a, b, c in zip(plain(owner["uuid"]), plain(member["uuid"]), tier, strict=True)]
    unlocking = q.happens(0.1)
    expiry = np.where(unlocking, q.sometime(1.0, 180, ahead=True), np.datetime64("NaT"))
    return {
        "created_at": q.moments(created),
        "last_updatedAt": q.moments(q.until_end(created)),
        "network_id_raw": q.change(raw, q.happens(0.05), lambda _: ""),
        "user_id": q.ids(rows["user_id"]),
        "agent_id": q.ids(rows["agent_id"]),
        "agent_id_raw": plain(owner["uuid"]),
        "agent_name": q.texts(full_names(owner)),
        "downline_agent_id": q.ids(rows["member_id"]),
        "downline_agent_id_raw": plain(member["uuid"]),
        "downline_agent_name": q.texts(full_names(member)),
        "sponsoring_agent_id": q.ids(rows["sponsor_id"]),
        "sponsoring_agent_id_raw": plain(sponsor["uuid"]),
        "sponsoring_agent_name": q.texts(full_names(sponsor)),
        "first_name": q.texts(member["first_name"]),
        "last_name": q.texts(member["last_name"]),
        "display_name": q.change(short_names(member), ~q.happens(0.03), lambda _: ""),
        "status": q.cased(member["status"].str.capitalize(), 0.3),
        "tier": q.change([str(one) for one in tier], q.happens(0.1), lambda text: f"Tier {text}"),
        "sponsorship_type": q.one_of(["Primary", "Co-Sponsor", ""], [8, 1, 1]),
        "sponsor_split": q.numbers(np.array([5, 4, 3, 2, 1.5])[rows["tier"] - 1]),
        "network_size": q.numbers(member["network_size"]),
        "capped": q.flags(member["cap"] * 100 == member["cap_paid_cents"]),
        "capAmount": q.money((member["cap"] * 100).to_numpy()),
        "capAmountPaid": q.money(member["cap_paid_cents"].to_numpy()),
        "total_contribution": q.money(rows["contribution_cents"].to_numpy(), none=q.happens(0.05)),
        "unlocking": q.flags(unlocking),
        "unlockingExpiryDate": q.days(expiry),
        "left_network": q.flags(~np.isnat(left)),
        "anniversary_date": q.days(member["anniversary"]),
        "broker_joinDate": q.days(joined),
        "broker_terminatedDate": q.days(left),
        "contact_frequency": q.texts(rows["contact_frequency"]),
        "last_contacted_date": q.moments(rows["last_contacted"]),
        "city": q.texts(member["city"]),
        "state": q.texts(ABBREVIATIONS[member["place"]]),
        "demo": q.flags(member["is_demo"]),
        "favorite": q.late(q.flags(rows["favorite"]), old & ~rows["favorite"].to_numpy()),
        "collapsed": q.late(q.flags(rows["collapsed"]), old & ~rows["collapsed"].to_numpy()),
        "sort_order": q.late(q.numbers(rows["sort_order"]), old & (rows["sort_order"] == 0).to_numpy()),
        "notes": q.late(q.one_of(["", "Met at the café ☕", 'Said "call me" \\ later\nTwice.'], [38, 1, 1]), old),
    }
