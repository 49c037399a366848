"""A second opinion on the marts of JobNimbus.

Belongs here: what the marts hold. Does not belong here: what is counted in them (`growth.py`).
"""

from collections import defaultdict
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pandas as pd

from oracle.growth import Growth, when
from oracle.sums import mean, nearest, total
from oracle.values import business_day, frame, nonzero_money

Row = dict[str, Any]


def _month(day: date) -> date:
    return day.replace(day=1)


def _rate(part: Any, whole: Any) -> Decimal | None:
    if part is None or not whole:
        return None
    quotient = nearest(Fraction(part) / Fraction(whole), 6)
    return quotient if abs(quotient) < 1000 else None


def revenue_monthly(growth: Growth) -> pd.DataFrame:
    """One row a month and record type that something was paid in."""
    paid: dict[tuple[date, str | None], list[Any]] = defaultdict(list)
    for share in growth.shares:
        kind = growth.jobs[share.job].payload.get("record_type_name") if share.job else None
        paid[_month(share.day), kind].append(share)
    revenue = {place: _known_total(share.amount for share in shares) for place, shares in paid.items()}
    rows = []
    for (month, kind), shares in paid.items():
        year = [
            amount
            for (other, other_kind), amount in revenue.items()
            if other_kind == kind and other.year == month.year and other <= month
        ]
        prior = revenue.get((month.replace(year=month.year - 1), kind))
        now = revenue[month, kind]
        rows.append(
            {
                "month": month,
                "record_type_name": kind,
                "revenue": now,
                "payment_count": len({share.payment for share in shares}),
                "revenue_ytd": _known_total(year),
                "prior_year_revenue": prior,
                "growth": None if None in (now, prior) else _rate(now - prior, prior),
            }
        )
    columns = ("month", "record_type_name", "revenue", "payment_count", "revenue_ytd", "prior_year_revenue", "growth")
    return frame(rows, columns)


def _known_total(amounts: Any) -> Decimal | None:
    known = [one for one in amounts if one is not None]
    return sum(known, Decimal(0)) if known else None


def pipeline_by_stage(growth: Growth) -> pd.DataFrame:
    """One row a stage and record type that jobs stand in."""
    standing: dict[tuple[str, str | None], list[Row]] = defaultdict(list)
    for job in growth.counted.values():
        if not job.is_archived:
            told = job.payload
            status = growth.status(told.get("record_type_name"), told.get("status_name"))
            approved, last = (nonzero_money(told.get(name)) for name in ("approved_estimate_total", "last_estimate"))
            age = (growth.as_of - job.day("date_created")).days
            standing[status.stage, told.get("record_type_name")].append(
                {"value": last if approved is None else approved, "age": age, "status": status}
            )
    rows = (
        {
            "stage": stage,
            "record_type_name": kind,
            "job_count": len(jobs),
            "pipeline_value": _known_total(one["value"] for one in jobs),
            "average_age_days": mean((one["age"] for one in jobs), 2),
            "won_count": sum(one["status"].is_won is True for one in jobs),
            "lost_count": sum(one["status"].is_lost is True for one in jobs),
        }
        for (stage, kind), jobs in standing.items()
    )
    columns = (
        "stage",
        "record_type_name",
        "job_count",
        "pipeline_value",
        "average_age_days",
        "won_count",
        "lost_count",
    )
    return frame(rows, columns)


def _percentile(ordered: list[int], share: Fraction) -> Fraction:
    """Between two of the numbers by proportion."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def stage_velocity(growth: Growth) -> pd.DataFrame:
    """One row a record type, stage and next stage."""
    stays: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for key, job in growth.counted.items():
        entered: list[tuple[str, int]] = []
        for change in growth.history_so_far(key):
            if not entered or entered[-1][0] != change.status.stage:
                entered.append((change.status.stage, change.moment))
        for (stage, begin), (following, end) in pairwise(entered):
            stays[job.payload.get("record_type_name"), stage, following].append(end - begin)
    rows = []
    for (kind, stage, following), lengths in stays.items():
        lengths.sort()
        average = Fraction(sum(lengths), len(lengths))
        days = [average, _percentile(lengths, Fraction(1, 2)), _percentile(lengths, Fraction(9, 10))]
        rows.append(
            {
                "record_type_name": kind,
                "from_stage": stage,
                "to_stage": following,
                "transitions": len(lengths),
                **{
                    name: nearest(seconds / 86_400, 2)
                    for name, seconds in zip(("average_days", "median_days", "p90_days"), days, strict=True)
                },
            }
        )
    columns = ("record_type_name", "from_stage", "to_stage", "transitions", "average_days", "median_days", "p90_days")
    return frame(rows, columns)


def _leads(growth: Growth) -> dict[str, date]:
    """The contacts that are leads, and the days they came in."""
    return {
        key: day
        for key, one in growth.contacts.items()
        if not one.is_deleted
        and not growth.is_test_contact(key)
        and one.payload.get("is_sub_contractor") is not True
        and (day := one.day("date_created"))
        and day <= growth.as_of
    }


def rep_performance(growth: Growth) -> pd.DataFrame:
    """One row a sales rep and month something happened in."""
    facts: dict[tuple[str | None, date], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for key, day in _leads(growth).items():
        facts[growth.rep(growth.contacts[key]), _month(day)]["lead"].append(key)
    for key, job in growth.counted.items():
        rep, told = growth.rep(job), job.payload
        facts[rep, _month(job.day("date_created"))]["made"].append(key)
        if sold := growth.sold_on(key):
            facts[rep, _month(sold)]["won"].append(nonzero_money(told.get("approved_estimate_total")))
        lost = [one.moment for one in growth.history_so_far(key) if one.status.is_lost]
        if lost and growth.status(told.get("record_type_name"), told.get("status_name")).is_lost:
            facts[rep, _month(business_day(when(lost[-1])))]["lost"].append(key)
    for share in growth.shares:
        facts[share.rep, _month(share.day)]["paid"].append(share.amount)
    rows = (
        {
            "sales_rep_id": rep,
            "month": month,
            "leads": len(found["lead"]),
            "jobs_created": len(found["made"]),
            "jobs_won": len(found["won"]),
            "win_rate": _rate(len(found["won"]), len(found["won"]) + len(found["lost"])),
            "sold_value": total(found["won"]),
            "revenue_collected": total(found["paid"]),
        }
        for (rep, month), found in facts.items()
    )
    columns = (
        "sales_rep_id",
        "month",
        "leads",
        "jobs_created",
        "jobs_won",
        "win_rate",
        "sold_value",
        "revenue_collected",
    )
    return frame(rows, columns)


def lead_source_performance(growth: Growth) -> pd.DataFrame:
    """One row a lead source and month in which leads came in."""
    facts: dict[tuple[str | None, date], dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))

    def place(job: str | None, contact: str | None, day: date) -> tuple[str | None, date]:
        """Where the facts of a job stand, or of what names no job."""
        owner = growth.homeowner(growth.jobs[job]) if job else contact
        things = [growth.contacts[owner]] if owner else []
        things += [growth.jobs[job]] if job else []
        source = next((one.payload["source_name"] for one in things if one.payload.get("source_name")), None)
        began = next((made for one in things if (made := one.day("date_created"))), day)
        return source, _month(began)

    won = {key: sold for key in growth.jobs if (sold := growth.sold_on(key))}
    converted = set()
    for key, sold in won.items():
        if not growth.jobs[key].is_deleted and not growth.is_test_job(key):
            converted.add(growth.homeowner(growth.jobs[key]))
            facts[place(key, None, sold)]["won"].append(key)
    for key in _leads(growth):
        facts[place(None, key, growth.as_of)]["lead"].append(key in converted)
    for share in growth.shares:
        facts[place(share.job, share.contact, share.day)]["paid"].append(share.amount)
    rows = (
        {
            "lead_source": source,
            "month": month,
            "leads": len(found["lead"]),
            "jobs_won": len(found["won"]),
            "conversion": _rate(sum(found["lead"]), len(found["lead"])),
            "revenue_collected": total(found["paid"]),
        }
        for (source, month), found in facts.items()
    )
    return frame(rows, ("lead_source", "month", "leads", "jobs_won", "conversion", "revenue_collected"))


def job_cash_flow(growth: Growth) -> pd.DataFrame:
    """One row a job."""
    paid = defaultdict(list)
    for share in growth.shares:
        paid[share.job].append(share.amount)
    rows = []
    for key, job in growth.counted.items():
        worth = nonzero_money(job.payload.get("approved_estimate_total"))
        got = total(paid[key])
        spent = {
            name: total(amount for kind, amount in growth.expenses.get(key, []) if kind == category)
            for name, category in _EXPENSES.items()
        }
        costs = [got, *spent.values()]
        profit = None if None in costs else got - sum(costs[1:])
        rows.append(
            {
                "job_id": key,
                "contract_value": worth,
                "paid": got,
                "balance": None if None in (worth, got) else worth - got,
                **spent,
                "gross_profit": profit,
                "gross_margin": _rate(profit, got),
            }
        )
    columns = ("job_id", "contract_value", "paid", "balance", *_EXPENSES, "gross_profit", "gross_margin")
    return frame(rows, columns)


_EXPENSES = {"materials": "materials", "labor": "labor", "subcontractor": "subcontractor", "other_expense": "other"}

MARTS: dict[str, tuple[tuple[str, ...], Callable[[Growth], pd.DataFrame]]] = {
    "agg_revenue_monthly": (("month", "record_type_name"), revenue_monthly),
    "agg_pipeline_by_stage": (("stage", "record_type_name"), pipeline_by_stage),
    "agg_stage_velocity": (("record_type_name", "from_stage", "to_stage"), stage_velocity),
    "agg_rep_performance": (("sales_rep_id", "month"), rep_performance),
    "agg_lead_source_performance": (("lead_source", "month"), lead_source_performance),
    "agg_job_cash_flow": (("job_id",), job_cash_flow),
}
