"""What a deal earns and who gets which part of it.

Belongs here: commissions a side, and how the gross falls apart into the brokerage's, the team's, the referrer's
and the agents' part. Does not belong here: single payouts (`connectors/sandbox/payouts.py`).

    gross = referral + brokerage + team + agents', and net = agents' - fees, to the cent
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox.chance import Array, Ints, stream
from connectors.sandbox.days import DAY, LAST, NEVER, cap_year
from connectors.sandbox.deals import LEASES

_RATES = np.array([200, 225, 225, 250, 250, 250, 250, 275, 275, 300, 300])  # of 10,000
_LEASE_RATES = np.array([3_000, 5_000, 5_000, 10_000])  # of one month's rent
_BROKERAGE_PERCENT = 15


def cap_starts(agents: pd.DataFrame, owners: Ints, days: Array) -> Array:
    """Return the first day of the cap year that each day lies in, for its owner."""
    first = agents["anniversary"].fillna(agents["joined"]).to_numpy()[owners - 1]
    return cap_year(first, days)


def commissions(
    seed: int, deals: pd.DataFrame, agents: pd.DataFrame, earlier: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the money of every deal, in its order; what only a closing decides is 0 before.

    Args:
        seed: of the world.
        deals: whose money it is, numbered from 1.
        agents: all agents, oldest first.
        earlier: deals with their money that used up caps already.
    """
    chance = stream(seed, "commissions")
    count = len(deals)
    lease = deals["type"].isin(LEASES).to_numpy()
    referral = (deals["type"] == "REFERRAL").to_numpy()
    signed = deals["contract"].notna().to_numpy()
    made: dict[str, Array] = {}
    for side in ("buy", "sell"):
        rate = np.where(
            lease, _LEASE_RATES[chance.integers(0, 4, count)], _RATES[chance.integers(0, len(_RATES), count)]
        )
        rate = rate + np.where(~lease & (chance.random(count) < 0.1), chance.integers(-15, 16, count), 0)
        ours = signed & ((deals[f"{side}_agent_id"] > 0).to_numpy() | (referral & (side == "buy")))
        made[f"{side}_rate"] = np.where(ours, rate, 0)
    priced = deals.assign(**made)
    return pd.DataFrame(made).join(shares(chance, priced, agents, earlier))


def shares(
    chance: Generator, deals: pd.DataFrame, agents: pd.DataFrame, earlier: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return how the gross of deals with a price and rates falls apart: everything but the rates."""
    count, price = len(deals), deals["price_cents"].to_numpy()
    referral = (deals["type"] == "REFERRAL").to_numpy()
    made = {f"{side}_commission_cents": price * deals[f"{side}_rate"].to_numpy() // 10_000 for side in ("buy", "sell")}
    gross = made["buy_commission_cents"] + made["sell_commission_cents"]
    closed = deals["closed_day"].notna().to_numpy()
    referred = closed & ~referral & (deals["referral_agent_id"] > 0).to_numpy()
    made["referral_cents"] = np.where(referred, gross // 4, 0)
    made["cap_cents"] = _cap_contributions(deals, agents, gross - made["referral_cents"], earlier)
    rest = gross - made["referral_cents"] - made["cap_cents"]
    led = closed & (deals["leader_agent_id"] > 0).to_numpy()
    made["team_cents"] = np.where(led, rest * np.array([5, 10, 10, 15, 20])[chance.integers(0, 5, count)] // 100, 0)
    made["agents_cents"] = np.where(closed, rest - made["team_cents"], 0)
    asked = np.array([28_500, 28_500, 12_900, 4_000, 22_550])[chance.integers(0, 5, count)]
    made["fees_cents"] = np.minimum(np.where(closed, asked, 0), made["agents_cents"] // 5)
    made["net_cents"] = made["agents_cents"] - made["fees_cents"]
    paid_day = deals["closed_day"].to_numpy() + chance.integers(1, 11, count) * DAY
    paid = paid_day + (50_400 + chance.integers(0, 25_000, count)).astype("timedelta64[s]")
    return pd.DataFrame(made | {"gross_cents": gross, "paid": np.where(paid_day <= LAST, paid, NEVER)})


def _cap_contributions(deals: pd.DataFrame, agents: pd.DataFrame, shared: Ints, earlier: pd.DataFrame | None) -> Ints:
    """Return the brokerage's part of each closed deal: 15 % until the owner's cap of the cap year is paid."""
    counted = deals["closed_day"].notna() & ~deals["is_demo"]
    closed = deals.assign(place=np.arange(len(deals)))[counted].sort_values(["closed_day", "id"], kind="stable")
    rows, owner = closed["place"].to_numpy(), closed["owner_agent_id"].to_numpy()
    due = pd.Series(shared[rows] * _BROKERAGE_PERCENT // 100)
    start = cap_starts(agents, owner, closed["closed_day"].to_numpy())
    cap = agents["cap"].to_numpy()[owner - 1] * 100
    after = due.groupby([owner, start]).cumsum().to_numpy()
    if earlier is not None:
        after = after + used_up(earlier, agents, owner, start)
    made = np.zeros(len(deals), dtype=np.int64)
    made[rows] = np.minimum(after, cap) - np.minimum(after - due.to_numpy(), cap)
    return made


def used_up(earlier: pd.DataFrame, agents: pd.DataFrame, owners: Ints, starts: Array) -> Ints:
    """Return what each owner has paid towards the cap of that year with other deals."""
    theirs = earlier[earlier["owner_agent_id"].isin(owners) & (earlier["cap_cents"] > 0)]
    of_owner = theirs["owner_agent_id"].to_numpy()
    year = cap_starts(agents, of_owner, theirs["closed_day"].to_numpy())
    paid = theirs["cap_cents"].groupby([of_owner, year]).sum()
    return np.asarray(paid.reindex(pd.MultiIndex.from_arrays([owners, starts])).fillna(0), dtype=np.int64)


def caps_paid(deals: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Return what each agent has paid towards the cap of the running year, and when it was reached."""
    today = np.full(len(agents), LAST)
    start = cap_starts(agents, agents["id"].to_numpy(), today)
    owner = deals["owner_agent_id"].to_numpy()
    counted = (deals["closed_day"].to_numpy() >= start[owner - 1]) & ~deals["is_demo"].to_numpy()
    counted &= (deals["status"] == "Closed").to_numpy()
    paid = np.bincount(owner[counted], weights=deals["cap_cents"][counted], minlength=len(agents) + 1)
    paid_cents = paid[1:].astype(np.int64)
    paying = deals[counted & (deals["cap_cents"] > 0).to_numpy()]
    last = paying.groupby("owner_agent_id")["closed"].max().reindex(agents["id"])
    capped = paid_cents == agents["cap"].to_numpy() * 100
    return pd.DataFrame({"cap_paid_cents": paid_cents, "capped_at": np.where(capped, last.to_numpy(), NEVER)})
