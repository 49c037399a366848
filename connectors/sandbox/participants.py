"""Who took part in a deal or a listing: agents of the brokerage, agents from outside, and everybody else.

Belongs here: one row a participation. Does not belong here: what they were paid
(`connectors/sandbox/payouts.py`).

Roles: BUYERS_AGENT, LISTING_AGENT, CO_BUYERS_AGENT, CO_LISTING_AGENT, TEAM_LEADER, REFERRAL; and of parties who
are no agents BUYER, SELLER, TITLE, LENDER, INSPECTOR, TRANSACTION_COORDINATOR, OTHER.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import pick, stream
from connectors.sandbox.days import NEVER
from connectors.sandbox.deals import SELLING, split_percentages
from connectors.sandbox.forest import move_up

PARTIES = ("BUYER", "SELLER", "TITLE", "LENDER", "INSPECTOR", "TRANSACTION_COORDINATOR", "OTHER")

PARTY_ROW = 8
"""The participant row that is no agent at every scale: a planted fault needs one."""

_PLACES = (
    ("buy_agent_id", "BUYERS_AGENT", "buy"),
    ("sell_agent_id", "LISTING_AGENT", "sell"),
    ("co_buy_agent_id", "CO_BUYERS_AGENT", "buy"),
    ("co_sell_agent_id", "CO_LISTING_AGENT", "sell"),
    ("referral_agent_id", "REFERRAL", ""),
    ("leader_agent_id", "TEAM_LEADER", ""),
)


def credited_agents(seed: int, deals: pd.DataFrame) -> pd.DataFrame:
    """List the brokerage's own agents on each deal, whether or not a participant says so."""
    chance = stream(seed, "credits")
    parts = []
    for order, (column, role, side) in enumerate(_PLACES):
        on = deals[deals[column] > 0]
        share = np.full(len(on), 100.0)
        if side:
            share = split_percentages(on[f"{side}_split"].to_numpy(), np.full(len(on), role.startswith("CO_")))
        partner = role.startswith("CO_")
        parts.append(
            pd.DataFrame(
                {
                    "deal_id": on["id"].to_numpy(),
                    "agent_id": on[column].to_numpy(),
                    "role": role,
                    "side": side,
                    "order": order,
                    "split": share,
                    "paid": ~(partner & (chance.random(len(on)) < 0.06)),
                    "told_by": on["told_by"].to_numpy(),
                }
            )
        )
    return pd.concat(parts, ignore_index=True).sort_values(["deal_id", "order"], ignore_index=True)


def participants(
    seed: int, count: int, deals: pd.DataFrame, credited: pd.DataFrame, listings: pd.DataFrame
) -> pd.DataFrame:
    """List all who took part, oldest first; parties who are no agents fill up to `count`."""
    chance = stream(seed, "participants")
    shown = credited[credited["told_by"] == "participants"]
    twice = shown[(shown["side"] != "") & (chance.random(len(shown)) < 0.003)].assign(order=6)
    open_to_all = deals[deals["told_by"] == "participants"]
    ours = pd.concat([shown, twice], ignore_index=True).drop(columns="told_by").assign(external=False)
    outside = _outside_agents(seed, open_to_all)
    for_listing = _of_listings(seed, listings)
    free = max(count - len(ours) - len(outside) - len(for_listing), len(deals) // 10)
    deal = np.sort(open_to_all["id"].to_numpy()[chance.integers(0, len(open_to_all), free)])
    role = pick(chance, PARTIES, [38, 32, 12, 9, 4, 3, 2], free).astype("object")
    parties = pd.DataFrame({"deal_id": deal, "role": role, "order": 8, "external": True})
    made = pd.concat([ours, outside, for_listing, parties], ignore_index=True)
    numbers = ["deal_id", "agent_id", "listing_id"]
    made[numbers] = made[numbers].fillna(0).astype(np.int64)
    made["side"] = made["side"].fillna("")
    made["paid"] = made["paid"].eq(True)
    start = np.where(
        made["deal_id"] > 0,
        deals["created"].to_numpy()[made["deal_id"].to_numpy() - 1],
        np.append(listings["created"].to_numpy(), NEVER)[made["listing_id"].to_numpy() - 1],
    )
    made["created"] = start + np.timedelta64(60, "s") * (1 + made["order"].to_numpy())
    made["is_demo"] = np.where(
        made["deal_id"] > 0,
        deals["is_demo"].to_numpy()[made["deal_id"].to_numpy() - 1],
        np.append(listings["is_demo"].to_numpy(), False)[made["listing_id"].to_numpy() - 1],
    )
    made = made.sort_values(["created", "deal_id", "listing_id", "order"], kind="stable", ignore_index=True)
    made = move_up(made, PARTY_ROW - 1, made["role"].isin(PARTIES).to_numpy() & (made["deal_id"] > 0).to_numpy())
    made.insert(0, "id", np.arange(1, len(made) + 1))
    of_deal = np.append(0, deals["listing_id"].to_numpy())[made["deal_id"].to_numpy()]
    named = made["role"].isin(["LISTING_AGENT", "SELLER"]).to_numpy()
    made["listing_id"] = np.where(made["deal_id"] > 0, np.where(named, of_deal, 0), made["listing_id"])
    return made.drop(columns="order")


def _outside_agents(seed: int, deals: pd.DataFrame) -> pd.DataFrame:
    """List the agents of other brokerages on the side that is not ours; few of them have a number here."""
    chance = stream(seed, "outside agents")
    parts = []
    for column, role in (("buy_agent_id", "BUYERS_AGENT"), ("sell_agent_id", "LISTING_AGENT")):
        on = deals[(deals[column] == 0) & (chance.random(len(deals)) < 0.65) & deals["contract"].notna()]
        known = on["outside_agent_id"].to_numpy() * (chance.random(len(on)) < 0.5)
        parts.append(pd.DataFrame({"deal_id": on["id"], "agent_id": known, "role": role, "order": 7, "external": True}))
    return pd.concat(parts, ignore_index=True)


def _of_listings(seed: int, listings: pd.DataFrame) -> pd.DataFrame:
    """List participants of a listing alone: its agent, and the seller of some."""
    chance = stream(seed, "listing participants")
    on = listings[chance.random(len(listings)) < 0.12]
    with_seller = on[chance.random(len(on)) < 0.5]
    agent = pd.DataFrame(
        {
            "listing_id": on["id"],
            "agent_id": on["agent_id"],
            "role": "LISTING_AGENT",
            "side": "sell",
            "split": 100.0,
            "order": 0,
            "external": False,
        }
    )
    seller = pd.DataFrame({"listing_id": with_seller["id"], "role": SELLING[0], "order": 8, "external": True})
    return pd.concat([agent, seller], ignore_index=True)
