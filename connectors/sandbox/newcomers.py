"""Deals and listings that come to the business later, with everything that hangs on them.

Belongs here: making a few of them as `connectors/sandbox/business.py` makes them all, and numbering them on.
Does not belong here: what becomes of those that are there (`connectors/sandbox/trading.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace

import numpy as np
import pandas as pd

from connectors.sandbox import commissions, deals, listings, participants, payouts, revenue_share
from connectors.sandbox.business import Business
from connectors.sandbox.chance import Bools, Ints, stream, uuids
from connectors.sandbox.days import DAY, NEVER, at_work, in_the_morning
from connectors.sandbox.frames import added, changed
from connectors.sandbox.workforce import Workforce, workforce

_AGENTS = ("buy", "sell", "co_buy", "co_sell", "referral", "leader")
_UUIDS = {"deals": "transaction", "listings": "listing"}
_TO_CHOOSE_FROM = 20  # deals made for each one taken


def candidates(
    seed: int, count: int, agents: pd.DataFrame, teams: pd.DataFrame, only: Ints | None = None
) -> pd.DataFrame:
    """Make deals to choose from, of all times; each of agents that were there, and of `only` these if given."""
    force = workforce(seed, agents, only)
    made = deals.deals(seed, count * _TO_CHOOSE_FROM + 40, agents, teams, force)
    made = made[_were_there(made, force) & (made["status"] != "Archived").to_numpy()]
    return made.assign(told_by="participants")


def _were_there(made: pd.DataFrame, force: Workforce) -> Bools:
    there = force.at_work(made["owner_agent_id"].to_numpy(), made["created"].to_numpy())
    for name in _AGENTS:
        agent = made[f"{name}_agent_id"].to_numpy()
        there &= (agent == 0) | force.at_work(agent, made["created"].to_numpy())
    return there


def begun_on(seed: int, day: np.datetime64, made: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Move deals that still run to this day: signed on it, or only listed."""
    chance = stream(seed, "begun")
    running = made["status"].isin(["Pending", "Active", "Listed"])
    running &= made["contract"].notna() | (made["status"] == "Listed")
    here = workforce(seed, agents).at_work(made["owner_agent_id"].to_numpy(), np.full(len(made), day))
    made = made[running & here]
    days = np.full(len(made), day)
    escrow = made["closing_day"] - made["contract"].dt.floor("D")
    before = (made["contract"] - made["listed"]).dt.days.clip(lower=0).to_numpy() * DAY
    signed = made["contract"].notna().to_numpy()
    return made.assign(
        created=in_the_morning(chance, days),
        contract=np.where(signed, at_work(chance, days), NEVER),
        closing_day=days + escrow.to_numpy(),
        listed=np.where(signed, at_work(chance, days) - before, at_work(chance, days)),
        reopened=False,
    )


def _begun_with(seed: int, day: np.datetime64, offered: pd.DataFrame, sold: pd.DataFrame) -> pd.DataFrame:
    """Move listings that no deal came of to this day."""
    rows = np.flatnonzero(~offered["id"].isin(sold["listing_id"]).to_numpy())
    days = np.full(len(rows), day)
    never = np.full(len(rows), NEVER, dtype="datetime64[s]")
    return changed(
        offered,
        offered["id"].iloc[rows],
        status="Active",
        created=in_the_morning(stream(seed, "offered"), days),
        listed_day=days,
        contracted=never,
        over=never,
        over_day=never,
        expires=days + 180 * DAY,
        days_on_market=0,
    )


def story(
    seed: int,
    sold: pd.DataFrame,
    offered_count: int,
    agents: pd.DataFrame,
    teams: pd.DataFrame,
    earlier: Business,
    *,
    only: Ints | None = None,
    offered_on: np.datetime64 | None = None,
) -> Business:
    """Tell of some deals all that `Business` tells of deals, numbered from 1.

    Args:
        seed: of this story alone.
        sold: the deals, without their money.
        offered_count: how many listings there are beside them.
        agents: all agents, oldest first.
        teams: all teams.
        earlier: the business so far: what it closed used up caps.
        only: the agents that listings may fall to; without it all who work.
        offered_on: the day listings that no deal came of begin on; without it they are of all times.
    """
    count = len(sold)
    sold = sold.sort_values("created", ignore_index=True)
    sold = sold.assign(id=np.arange(1, count + 1), property=pd.factorize(sold["property"])[0])
    offered = listings.listings(seed, offered_count, sold, agents, teams, workforce(seed, agents, only))
    sold["listing_id"] = listings.listing_of(sold, offered)
    if offered_on is not None:
        offered = _begun_with(seed, offered_on, offered, sold)
    sold = sold.join(commissions.commissions(seed, sold, agents, earlier.deals))
    credited = participants.credited_agents(seed, sold)
    took_part = participants.participants(seed, 3 * count, sold, credited, offered)
    closed = sold[(sold["status"] == "Closed") & sold["closed"].notna()]
    paid = earlier.payouts.iloc[:0]
    if len(closed):
        paid = payouts.payouts(seed, 2 * count, sold, credited, took_part)
    return Business(
        deals=sold,
        listings=offered,
        credits=credited,
        participants=took_part,
        payouts=paid,
        contributions=revenue_share.newest(seed, count, closed, agents),
        pending_contributions=revenue_share.pending(seed, count, sold, agents),
        revshare_totals=earlier.revshare_totals.iloc[:0],
        revshare_payments=earlier.revshare_payments.iloc[:0],
        equity=earlier.equity.iloc[:0],
    )


def numbered_on(made: Business, after: Mapping[str, int], first_property: int) -> Business:
    """Number a story on: after the row of each frame that `after` says."""
    moved = {}
    for name in (one.name for one in fields(made)):
        frame: pd.DataFrame = getattr(made, name)
        for column, parent in (("deal_id", "deals"), ("listing_id", "listings"), ("participant_id", "participants")):
            if column in frame:
                old = frame[column]
                frame = frame.assign(**{column: old.where(old == 0, old + after[parent])})
        if "id" in frame:
            frame = frame.assign(id=frame["id"] + after[name])
        if "property" in frame:
            frame = frame.assign(property=frame["property"] + first_property)
        if name in _UUIDS:
            frame = frame.assign(uuid=uuids(_UUIDS[name], frame["id"]))
        moved[name] = frame
    return replace(made, **moved)


def joined(business: Business, new: Business) -> Business:
    """Return the business with a story more."""
    names = [one.name for one in fields(business)]
    return replace(business, **{name: added(getattr(business, name), getattr(new, name)) for name in names})
