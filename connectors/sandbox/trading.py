"""What happens to the brokerage's business on a day: deals and listings that begin, change and end.

Belongs here: which of them change and what follows: money, caps, contributions. Does not belong here: who is told
(`connectors/sandbox/passing.py`) and how new ones are made (`connectors/sandbox/newcomers.py`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import pandas as pd

from connectors.sandbox import commissions, newcomers, payouts, revenue_share
from connectors.sandbox.business import Business
from connectors.sandbox.chance import Array, Bools, Ints
from connectors.sandbox.days import DAY
from connectors.sandbox.frames import UNTOUCHED, Round, added, at, without

_MONEY = ("buy_commission_cents", "sell_commission_cents", "gross_cents", "referral_cents", "cap_cents", "team_cents")
_CLOSING_MONEY = (*_MONEY, "agents_cents", "fees_cents", "net_cents", "paid")


@dataclass(frozen=True)
class Volume:
    """How much happens: shares of all deals and of all listings there are."""

    closings: float
    prices: float
    terminations: float
    listings: float


LEAD = Volume(closings=0.002, prices=0.006, terminations=0.002, listings=0.01)
"""What V1 has missed on the world's last day."""

DAILY = Volume(closings=0.0004, prices=0.0005, terminations=0.0001, listings=0.0015)
ASIDE = Volume(closings=0.0001, prices=0.0002, terminations=0.0001, listings=0.0005)
"""What a day brings, and what of it V1 misses."""


def happened(today: Round, volume: Volume, business: Business, agents: pd.DataFrame) -> tuple[Business, pd.DataFrame]:
    """Let a round pass over the business there is; agents come nearer to their caps by what they close.

    Args:
        today: the round.
        volume: how much happens.
        business: as the live sources know it.
        agents: likewise.
    """
    deals, count = business.deals, len(business.deals)
    free = _may_change(today, deals) & ~deals["id"].isin(_kept_pending(business.pending_contributions))
    free &= deals["owner_agent_id"] > UNTOUCHED
    running = deals[free & deals["status"].isin(["Pending", "Active"]) & deals["contract"].notna()]
    promising = running["id"].isin(business.pending_contributions["deal_id"])
    first = today.some("first closing", running["id"][promising], 0, count)
    rest = running["id"][~running["id"].isin(first)]
    closing = np.union1d(first, today.some("closings", rest, volume.closings, count, least=0))
    rest = running["id"][~running["id"].isin(closing)]
    ending = today.some("terminations", rest, volume.terminations, count)
    rest = running["id"][~running["id"].isin(ending) & ~running["id"].isin(closing) & (running["price_cents"] > 0)]
    dearer = today.some("prices", rest, volume.prices, count)

    business, agents = _closed(today, business, agents, closing)
    business = _repriced(today, business, agents, dearer)
    business = _terminated(today, business, ending)
    return _listings_changed(today, volume.listings, business), agents


def _may_change(today: Round, frame: pd.DataFrame) -> Bools:
    """Tell the rows a round can change: what V1 does not know it cannot learn a part of."""
    return np.asarray((frame["id"] > UNTOUCHED) & ~(frame["ahead"] & today.in_v1))


def _kept_pending(pending: pd.DataFrame) -> Array:
    """Return the deals whose pending contributions have to stay for the planted fault among them."""
    return pending.loc[pending["id"] <= UNTOUCHED // 4, "deal_id"].to_numpy()


def _of_deals(today: Round, business: Business, ids: Ints, moments: Array) -> Business:
    """Mark the participants of changed deals as changed: they say how the deal stands."""
    when = pd.Series(moments, index=ids)
    theirs = business.participants[business.participants["deal_id"].isin(ids)]
    updated = when.loc[theirs["deal_id"]].to_numpy()
    return replace(business, participants=today.changed(business.participants, theirs["id"], updated))


def _closed(today: Round, business: Business, agents: pd.DataFrame, ids: Ints) -> tuple[Business, pd.DataFrame]:
    """Close deals: the gross is shared, pending contributions are made, the listing is sold."""
    moments = today.moments("closings", len(ids))
    days = np.full(len(ids), today.day)
    now = at(business.deals, ids).reset_index(drop=True)
    now = now.assign(status="Closed", closed_day=days, closing_day=days, closed=moments)
    money = commissions.shares(today.chance("shares"), now, agents, business.deals)
    now = now.assign(**{name: money[name] for name in _CLOSING_MONEY})
    columns = ("status", "closed_day", "closing_day", "closed", *_CLOSING_MONEY)
    deals = today.changed(business.deals, ids, moments, **{name: now[name].to_numpy() for name in columns})
    business = replace(business, deals=deals)

    made = revenue_share.newest(today.branch("contributions"), 2 * len(ids), now, agents)
    made["id"] += today.last_id("contributions", business.contributions)
    business = replace(
        business,
        contributions=added(business.contributions, today.told(made, made["contributed"])),
        pending_contributions=_no_longer_pending(business.pending_contributions, ids),
    )
    listing = now["listing_id"].to_numpy()
    sold = np.isin(listing, business.listings["id"][business.listings["status"].isin(["Active", "Pending"])])
    business = _sold(today, business, listing[sold], now["contract"].to_numpy()[sold], moments[sold])
    return _of_deals(today, business, ids, moments), _nearer_to_caps(today, deals, agents, now)


def _nearer_to_caps(today: Round, deals: pd.DataFrame, agents: pd.DataFrame, closed: pd.DataFrame) -> pd.DataFrame:
    """Count what deals just closed towards their owners' caps of the running year."""
    last = closed.sort_values("closed").drop_duplicates("owner_agent_id", keep="last")
    owner, moments = last["owner_agent_id"].to_numpy(), last["closed"].to_numpy()
    people = at(agents, owner)
    start = commissions.cap_starts(agents, owner, np.full(len(owner), today.day))
    paid = commissions.used_up(deals[deals["closed_day"].isna() | ~deals["is_demo"]], agents, owner, start)
    reached = (paid == people["cap"] * 100).to_numpy()
    capped_at = np.where(
        reached, people["capped_at"].fillna(last["closed"].set_axis(people.index)), np.datetime64("NaT")
    )
    return today.changed(agents, owner, moments, cap_paid_cents=paid, capped_at=capped_at)


def _no_longer_pending(pending: pd.DataFrame, deal_ids: Ints) -> pd.DataFrame:
    return without(pending, pending.loc[pending["deal_id"].isin(deal_ids), "id"])


def _repriced(today: Round, business: Business, agents: pd.DataFrame, ids: Ints) -> Business:
    """Agree on a lower price."""
    moments = today.moments("prices", len(ids))
    now = at(business.deals, ids).reset_index(drop=True)
    percent = today.chance("lower prices").integers(93, 100, len(ids))
    now["price_cents"] = now["price_cents"] * percent // 100 // 10_000 * 10_000
    money = commissions.shares(today.chance("repriced shares"), now, agents)
    columns = {name: money[name].to_numpy() for name in _MONEY}
    deals = today.changed(business.deals, ids, moments, price_cents=now["price_cents"].to_numpy(), **columns)
    return _of_deals(today, replace(business, deals=deals), ids, moments)


def _terminated(today: Round, business: Business, ids: Ints) -> Business:
    """Let deals fall through; nothing is contributed of them."""
    moments = today.moments("terminations", len(ids))
    deals = today.changed(business.deals, ids, moments, status="Terminated", given_up=moments)
    pending = _no_longer_pending(business.pending_contributions, ids)
    return _of_deals(today, replace(business, deals=deals, pending_contributions=pending), ids, moments)


def _on_market(today: Round, listings: pd.DataFrame, ids: Ints) -> Ints:
    """Count the days since these listings began."""
    days: Ints = (pd.Timestamp(today.day) - at(listings, ids)["listed_day"]).dt.days.to_numpy()
    return days


def _sold(today: Round, business: Business, ids: Ints, contracted: Array, moments: Array) -> Business:
    made = today.changed(
        business.listings,
        ids,
        moments,
        status="Closed",
        contracted=contracted,
        over=moments,
        over_day=today.day,
        days_on_market=_on_market(today, business.listings, ids),
    )
    return replace(business, listings=made)


def _listings_changed(today: Round, share: float, business: Business) -> Business:
    """Change listings that no running deal is about: one is cheaper, one sold elsewhere, one withdrawn, in turn."""
    listings, deals = business.listings, business.deals
    running = deals["status"].isin(["Pending", "Active", "Listed"])
    free = _may_change(today, listings) & (listings["status"] == "Active") & (listings["cuts"] == 0)
    free &= ~listings["id"].isin(deals.loc[running, "listing_id"]) & (listings["price_cents"] > 0)
    chosen = today.some("listings", listings["id"][free], share, len(listings), least=2)
    turn = (np.arange(len(chosen)) + today.number) % 3
    cheaper, sold, withdrawn = (chosen[turn == one] for one in range(3))

    moments = today.moments("cheaper listings", len(cheaper))
    price = at(listings, cheaper)["price_cents"].to_numpy() * 95 // 100
    listings = today.changed(listings, cheaper, moments, price_cents=price, cuts=1)
    moments = today.moments("withdrawn listings", len(withdrawn))
    listings = today.changed(
        listings,
        withdrawn,
        moments,
        status="Terminated",
        over=moments,
        over_day=today.day,
        days_on_market=_on_market(today, listings, withdrawn),
    )
    moments = today.moments("sold listings", len(sold))
    begun = at(listings, sold)["listed_day"].to_numpy()
    signed = begun + (moments - begun) * 2 // 3
    return _sold(today, replace(business, listings=listings), sold, signed, moments)


def with_new(today: Round, business: Business, new: Business, told_in: str) -> Business:
    """Add a story to the business, as one source tells it."""
    properties = pd.concat([business.deals["property"], business.listings["property"]])
    names = [one.name for one in fields(business) if one.name != "credits"]
    after = {name: today.last_id(name, getattr(business, name)) for name in names}
    new = newcomers.numbered_on(new, after, today.next_property(properties))
    marked = {}
    for name in names:
        frame = getattr(new, name)
        marked[name] = today.told(frame, today.moments(f"new {name} {told_in}", len(frame)))
    for name in ("deals", "listings"):
        marked[name]["told_in"] = told_in
    return newcomers.joined(business, replace(new, **marked))


def paid(today: Round, business: Business) -> Business:
    """Pay out some deals that closed lately."""
    deals = business.deals
    due = _may_change(today, deals) & (deals["status"] == "Closed") & deals["paid"].isna() & deals["closed"].notna()
    due &= (deals["closed_day"] < today.day) & (deals["closed_day"] >= today.day - 14 * DAY)
    ids = today.some("paid deals", deals["id"][due], 0.0004, len(deals))
    if not len(ids):
        return business
    moments = today.moments("paid deals", len(ids))
    deals = today.changed(deals, ids, moments, paid=moments)
    now = at(deals, ids).assign(id=np.arange(1, len(ids) + 1))
    local = dict(zip(ids.tolist(), now["id"].tolist(), strict=True))
    credited, took_part = (
        rows[rows["deal_id"].isin(ids)].assign(deal_id=lambda rows: rows["deal_id"].map(local))
        for rows in (business.credits, business.participants)
    )
    made = payouts.payouts(today.branch("payouts"), 2 * len(ids), now, credited, took_part, today.day + DAY)
    made["deal_id"] = ids[made["deal_id"].to_numpy() - 1]
    made["id"] += today.last_id("payouts", business.payouts)
    new = added(business.payouts, today.told(made, made["paid_at"]))
    return _of_deals(today, replace(business, deals=deals, payouts=new), ids, moments)


def vanished(today: Round, business: Business) -> Business:
    """Take a withdrawn listing away that nothing refers to: sources forget, too."""
    listings, taken = business.listings, business.participants["listing_id"]
    free = _may_change(today, listings) & (listings["status"] == "Terminated")
    free &= ~listings["id"].isin(business.deals["listing_id"]) & ~listings["id"].isin(taken)
    chosen = today.some("vanished listings", listings["id"][free], 0.0001, len(listings))
    return replace(business, listings=without(listings, chosen))
