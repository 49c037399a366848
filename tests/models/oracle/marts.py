"""The brokerage marts: what agents and the brokerage did, from the credit rule.

Belongs here: `agg_agent_monthly`, `agg_leaderboard`, `agg_transactions_weekly`. Does not belong here: who is credited
(`credit.py`), activity in the CRM (`fub_activity.py`).
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pandas as pd

from oracle import Landed
from oracle.credit import credited_seats
from oracle.deal import deals, financials
from oracle.listing import listings
from oracle.sums import mean, total
from oracle.values import business_day, day, first, frame, in_year, money, month_end, nonzero

_KINDS = {"Closed": "closed", "Pending": "pending", "Active": "pending", "Listed": "listed"}
_DATES = {"closed": "closing_date", "pending": "contract_date", "listed": "listing_date"}
_MEASURES = ("units", "volume", "gci")

MONTHLY = (
    "agent_id",
    "month",
    "closed_units",
    "closed_volume",
    "gci",
    "net_commission",
    "buyer_units",
    "seller_units",
    "average_sale_price",
    "pending_units",
    "pending_volume",
    "listings_taken",
    "listings_closed",
    "cap_paid",
    "cap_remaining",
)
LEADERBOARD = ("time_period", "status", "team_id", "agent_id", *_MEASURES, "transaction_count")
WEEKLY = (
    "week_start",
    "status",
    "transaction_type",
    "transaction_count",
    "volume",
    "gci",
    "average_sale_price",
    "average_days_to_close",
)

Credit = dict[str, Any]
"""A credited seat with what counts of its deal: kind (closed, pending, listed) and day."""


@cache
def counted(landed: Landed) -> list[Credit]:
    """What is credited to whom and when, of deals that have the date of their status, up to the day of computation."""
    found = []
    for seat in credited_seats(landed):
        deal = deals(landed)[seat["transaction_id"]]
        kind = _KINDS[deal["status"]]
        when = business_day(deal[_DATES[kind]])
        if when is not None and when <= landed.as_of:
            found.append({**seat, "gci": seat["gross_commission"], "deal": deal, "kind": kind, "day": when})
    return found


def _sum(mine: Iterable[Credit], column: str) -> Decimal | None:
    return total(one[column] for one in mine)


def _deals_of(mine: Iterable[Credit]) -> list[dict[str, Any]]:
    """The different deals credited."""
    return list({one["transaction_id"]: one["deal"] for one in mine}.values())


def _by(rows: Iterable[Any], key: Callable[[Any], Any]) -> dict[Any, list[Any]]:
    found = defaultdict(list)
    for one in rows:
        found[key(one)].append(one)
    return found


@cache
def closed_sums(landed: Landed) -> dict[int, tuple[Decimal | None, Decimal | None]]:
    """Volume and gross commission of the closed deals of each agent that has any."""
    closed = _by((one for one in counted(landed) if one["kind"] == "closed"), lambda one: one["agent_id"])
    return {agent: (_sum(mine, "volume"), _sum(mine, "gci")) for agent, mine in closed.items()}


def _cap_year_start(landed: Landed, agent: int, last: date) -> date:
    """The last anniversary of an agent on or before a day."""
    document = landed.agents[agent]
    began = first((*(day(document.get(path)) for path in ("anniversary_date", "joinDate")), date(2000, 1, 1)))
    this_year = in_year(began, last.year)
    return this_year if this_year <= last else in_year(began, last.year - 1)


@cache
def _owned(landed: Landed) -> dict[int, list[tuple[date, Decimal | None]]]:
    """Closing day and cap contribution of the closed deals each agent owns."""
    found = defaultdict(list)
    for deal in deals(landed).values():
        when = business_day(deal["closing_date"])
        if deal["status"] == "Closed" and not deal["is_demo"] and when is not None:
            contribution = financials(landed)[deal["id"]]["cap_contribution"]
            found[deal["transaction_owner_agent_id"]].append((when, contribution))
    return found


def _cap(landed: Landed, agent: int, month: date) -> dict[str, Decimal | None]:
    last = min(month_end(month), landed.as_of)
    start = _cap_year_start(landed, agent, last)
    paid = total(amount for when, amount in _owned(landed).get(agent, ()) if start <= when <= last)
    cap = money(landed.agents[agent].get("annualCap"))
    remaining = None if cap is None or paid is None else max(cap - paid, Decimal(0))
    return {"cap_paid": paid, "cap_remaining": remaining}


def _listed(landed: Landed) -> Iterator[tuple[str, int, date]]:
    """The column in which a listing counts, its agent, its month."""
    for listing in listings(landed):
        taken = {"listings_taken": listing["listing_date"]}
        sold = {"listings_closed": listing["closed_at"]} if listing["status"] == "Closed" else {}
        for column, when in {**taken, **sold}.items():
            if when and when <= landed.as_of and listing["agent_id"] is not None and not listing["is_demo"]:
                yield column, listing["agent_id"], when.replace(day=1)


def agent_monthly(landed: Landed) -> pd.DataFrame:
    """One row for each agent and month in which a deal closed or went pending, or a listing was taken or closed."""
    by_month = _by(counted(landed), lambda one: (one["kind"], one["agent_id"], one["day"].replace(day=1)))
    listed = _by(_listed(landed), lambda one: one)
    places = sorted({place[1:] for place in (*by_month, *listed) if place[0] != "listed"})

    def month_of(agent: int, month: date) -> dict[str, Any]:
        closed, pending = (by_month.get((kind, agent, month), []) for kind in ("closed", "pending"))
        return {
            "agent_id": agent,
            "month": month,
            "closed_units": _sum(closed, "units"),
            "closed_volume": _sum(closed, "volume"),
            "gci": _sum(closed, "gci"),
            "net_commission": _sum(closed, "net_payout"),
            "buyer_units": _sum((one for one in closed if one["side"] == "buy"), "units"),
            "seller_units": _sum((one for one in closed if one["side"] == "sell"), "units"),
            "average_sale_price": mean((deal["sale_price"] for deal in _deals_of(closed)), 2),
            "pending_units": _sum(pending, "units"),
            "pending_volume": _sum(pending, "volume"),
            **{name: len(listed.get((name, agent, month), ())) for name in ("listings_taken", "listings_closed")},
            **_cap(landed, agent, month),
        }

    return frame((month_of(*place) for place in places), MONTHLY)


def _periods(as_of: date) -> dict[str, tuple[date, date]]:
    """First and last day of each period of the leaderboard."""
    month, year = as_of.replace(day=1), as_of.replace(month=1, day=1)
    quarter = as_of.replace(month=as_of.month - (as_of.month - 1) % 3, day=1)
    eve = timedelta(days=1)
    last_quarter_end = quarter - eve
    return {
        "mtd": (month, as_of),
        "qtd": (quarter, as_of),
        "ytd": (year, as_of),
        "last_month": ((month - eve).replace(day=1), month - eve),
        "last_quarter": (last_quarter_end.replace(month=last_quarter_end.month - 2, day=1), last_quarter_end),
        "last_year": ((year - eve).replace(month=1, day=1), year - eve),
        "last_12_months": (in_year(as_of, as_of.year - 1) + eve, as_of),
        "all_time": (date.min, as_of),
    }


def _ranks(amounts: list[Decimal | None]) -> list[int]:
    """Place of each amount, the highest first, the unknown last; equals share a place."""
    order = [(one is None, -(one or Decimal(0))) for one in amounts]
    in_line = sorted(order)
    return [1 + bisect_left(in_line, mine) for mine in order]


def leaderboard(landed: Landed) -> pd.DataFrame:
    """One row for each period, status, and agent, in the whole brokerage and in the agent's own team."""
    team_of = {
        number: landed.known("team", nonzero(document.get("team_id"))) for number, document in landed.agents.items()
    }

    def standings() -> Iterator[list[dict[str, Any]]]:
        for period, (begin, end) in _periods(landed.as_of).items():
            within = [one for one in counted(landed) if begin <= one["day"] <= end]
            for (kind, team), group in _by(
                ((one["kind"], team, one) for one in within for team in {None, team_of[one["agent_id"]]}),
                lambda entry: entry[:2],
            ).items():
                mine = _by((one for _, _, one in group), lambda one: one["agent_id"])
                yield [
                    {
                        **dict(zip(LEADERBOARD, (period, kind, team, agent), strict=False)),
                        **{measure: _sum(own, measure) for measure in _MEASURES},
                        "transaction_count": len(_deals_of(own)),
                    }
                    for agent, own in mine.items()
                ]

    def ranked(standing: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        ranks = [_ranks([one[measure] for one in standing]) for measure in _MEASURES]
        for one, places in zip(standing, zip(*ranks, strict=True), strict=True):
            yield {**one, **{f"rank_{measure}": place for measure, place in zip(_MEASURES, places, strict=True)}}

    rows = (one for standing in standings() for one in ranked(standing))
    return frame(rows, (*LEADERBOARD, *(f"rank_{measure}" for measure in _MEASURES)))


def weekly(landed: Landed) -> pd.DataFrame:
    """One row for each week, status and type of deal."""

    def days_to_close(deal: dict[str, Any]) -> int | None:
        accepted, closed = business_day(deal["contract_date"]), business_day(deal["closing_date"])
        return (closed - accepted).days if accepted and closed else None

    def week_of(week: date, kind: str, type_: str | None, group: list[Credit]) -> dict[str, Any]:
        found = _deals_of(group)
        return {
            "week_start": week,
            "status": kind,
            "transaction_type": type_,
            "transaction_count": len(found),
            "volume": _sum(group, "volume"),
            "gci": _sum(group, "gci"),
            "average_sale_price": mean((deal["sale_price"] for deal in found), 2),
            "average_days_to_close": mean(map(days_to_close, found), 2) if kind == "closed" else None,
        }

    def place(one: Credit) -> tuple[date, str, str | None]:
        return one["day"] - timedelta(days=one["day"].weekday()), one["kind"], one["deal"]["transaction_type"]

    return frame((week_of(*key, group) for key, group in _by(counted(landed), place).items()), WEEKLY)


_WEEKLY_KEY = ("week_start", "status", "transaction_type")

MARTS = {
    "agg_agent_monthly": (("agent_id", "month"), agent_monthly),
    "agg_leaderboard": (("time_period", "status", "team_id", "agent_id"), leaderboard),
    "agg_transactions_weekly": (_WEEKLY_KEY, weekly),
    "agg_transactions_by_week": (_WEEKLY_KEY, weekly),
}
