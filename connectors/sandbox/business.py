"""The brokerage's business: deals, listings, who took part, and the money that came of it.

Belongs here: which frames there are and how they hang together. Does not belong here: how a single one is made
(the modules beside this one).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from connectors.sandbox import commissions, deals, equity, listings, participants, payouts, revenue_share
from connectors.sandbox.workforce import workforce


@dataclass(frozen=True)
class Business:
    """The frames. `credits` says whose deal it was on which side, `participants` what is written down of that."""

    deals: pd.DataFrame
    listings: pd.DataFrame
    credits: pd.DataFrame
    participants: pd.DataFrame
    payouts: pd.DataFrame
    contributions: pd.DataFrame
    pending_contributions: pd.DataFrame
    revshare_totals: pd.DataFrame
    revshare_payments: pd.DataFrame
    equity: pd.DataFrame


def build(seed: int, rows: Mapping[str, int], agents: pd.DataFrame, teams: pd.DataFrame) -> Business:
    """Make the business of these agents and teams."""
    force = workforce(seed, agents)
    sold = deals.deals(seed, rows["deals"], agents, teams, force)
    offered = listings.listings(seed, rows["listings"], sold, agents, teams, force)
    sold["listing_id"] = listings.listing_of(sold, offered)
    sold = sold.join(commissions.commissions(seed, sold, agents))
    credited = participants.credited_agents(seed, sold)
    took_part = participants.participants(seed, rows["participants"], sold, credited, offered)
    contributed = revenue_share.contributions(seed, rows["contributions"], sold, agents)
    totals = revenue_share.totals(seed, rows["revshare_totals"], contributed, agents)
    return Business(
        deals=sold,
        listings=offered,
        credits=credited,
        participants=took_part,
        payouts=payouts.payouts(seed, rows["payouts"], sold, credited, took_part),
        contributions=contributed,
        pending_contributions=revenue_share.pending(seed, rows["pending_contributions"], sold, agents),
        revshare_totals=totals,
        revshare_payments=revenue_share.payments(seed, rows["revshare_payments"], contributed, totals, agents),
        equity=equity.equity(seed, rows["equity"], rows["equity_holders"], agents),
    )
