"""V1's documents about revenue share and equity.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, uuids
from connectors.sandbox.deals import LEASES
from connectors.sandbox.equity import SHARE
from connectors.sandbox.world import World
from connectors.v1.deal_values import agent_uuids, deal_uuids, deals_by_uuid_only, none_or
from connectors.v1.people_values import OLD, full_names, of_agents
from connectors.v1.quirks import Column, Quirks, plain

_SYNCS = (["onboarding", "daily", ""], [5, 4, 1])


def _contributed(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """What a contribution says, pending or not: who gives, who receives, how much, at which tier."""
    giving, receiving = rows["contributor_agent_id"].to_numpy(), rows["receiving_agent_id"].to_numpy()
    people = world.agents[["first_name", "last_name"]].iloc[giving - 1]
    tier = [str(one) for one in plain(rows["tier"])]
    return {
        "agent_id": q.ids(np.where(q.happens(0.05), 0, receiving)),
        "contributor_agent_id": q.ids(giving),
        "contributor_agent_id_raw": agent_uuids(world, giving),
        "contributor_name": q.texts(full_names(people)),
        "receiving_agent_id": q.ids(receiving),
        "user_id": q.ids(of_agents(world, receiving, "user_id")),
        "amount_amount": q.money(rows["amount_cents"].to_numpy()),
        "amount_currency": q.one_of(["USD", ""], [9, 1]),
        "tier": q.change(tier, q.happens(0.1), lambda text: f"Tier {text}"),
        "status": q.cased(rows["status"]),
        "contribution_date": q.moments(rows["contributed"]),
        "source": q.one_of(["rezen", "manual"], [97, 3]),
        "sync_source": q.one_of(*_SYNCS),
        "demo": q.flags(rows["is_demo"]),
    }


def contributions(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 51."""
    deal_id, receiving = rows["deal_id"].to_numpy(), rows["receiving_agent_id"].to_numpy()
    code = [f"RZ-{one:06d}" if one else "" for one in deal_id.tolist()]
    columns = {
        "created_at": q.moments(rows["contributed"]),
        "contribution_id": uuids("contribution", rows["id"].tolist()),
        **_contributed(world, rows, q),
        "receiving_agent_id_raw": agent_uuids(world, receiving),
        "transaction_id": deals_by_uuid_only(q, 0.1, deal_id),
        "transaction_id_raw": deal_uuids(deal_id),
        "transaction_code": q.change(code, q.happens(0.1), lambda _: ""),
        "type": q.cased(rows["kind"]),
        "price": none_or(q, q.money(rows["price_cents"].to_numpy()), (rows["price_cents"] == 0).to_numpy()),
        "notes": q.one_of(["", "Adjusted by hand"], [99, 1]),
    }
    old = np.less(rows["contributed"].to_numpy(), OLD)
    for key in ("sync_source", "notes", "transaction_code"):
        columns[key] = q.late(columns[key], old)
    return columns


def contributions_pending(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 135."""
    deal_id = rows["deal_id"].to_numpy()
    complete = (rows["status"] == "Complete").to_numpy()
    created = rows["contributed"].to_numpy()
    lease = rows["type"].isin(LEASES)
    kind = rows["type"].str.replace("_", " ").str.title()
    reason = q.one_of(["Deal not closed", "Waiting on payment", "Sponsor not producing"], [7, 2, 1])
    failed = q.happens(0.02)
    return {
        "created_at": q.moments(created),
        "pending_contribution_id": uuids("pending contribution", rows["id"].tolist()),
        **_contributed(world, rows, q),
        "transaction_id": q.ids(deal_id),
        "transaction_id_raw": deal_uuids(deal_id),
        "transactionType": q.texts(kind),
        "deal_type": q.cased(np.where(lease, "Lease", "Sale")),
        "transaction_status": q.cased(rows["deal_status"]),
        "type": q.cased(q.one_of(["Revenue Share", "Bonus"], [98, 2])),
        "pending_reason": q.change(reason, complete, lambda _: ""),
        "closingDate": q.days(rows["closing_day"]),
        "processing_date": q.moments(np.where(complete, q.until_end(created), np.datetime64("NaT"))),
        "processing_error": q.change([""] * q.rows, failed, lambda _: "Timeout after 30 s"),
        "notes": q.one_of(["", "Check the tier"], [98, 2]),
    }


def revshare_totals(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 56."""
    return {
        "created_at": q.moments(rows["last_contribution"]),
        "agent_id": q.ids(rows["agent_id"]),
        "user_id": q.ids(rows["user_id"]),
        "total_amount": q.money(rows["total_cents"].to_numpy()),
        "ytd_amount": q.money(rows["ytd_cents"].to_numpy()),
        "mtd_amount": q.money(rows["mtd_cents"].to_numpy()),
        "last_contribution_date": q.moments(rows["last_contribution"]),
        "tier": q.change([str(one) for one in plain(rows["tier"])], q.happens(0.1), lambda text: f"Tier {text}"),
    }


def revshare_payments(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 71."""
    paid = (rows["status"] == "Paid").to_numpy()
    return {
        "created_at": q.moments(rows["paid_at"]),
        "payment_id": uuids("revenue share payment", rows["id"].tolist()),
        "agent_id": q.ids(rows["agent_id"]),
        "user_id": q.ids(rows["user_id"]),
        "revshare_totals_id": q.ids(rows["totals_id"]),
        "amount_amount": q.money(rows["amount_cents"].to_numpy()),
        "amount_currency": q.one_of(["USD", ""], [9, 1]),
        "status": q.cased(rows["status"]),
        "payment_date": q.moments(rows["paid_at"].where(paid)),
        "payment_method": q.texts(q.one_of(["ACH", "Wire", "Check", ""], [80, 10, 6, 4])),
        "payment_reference": q.label("SANDBOX-{:06d}", rows["id"], 0.9),
        "period": q.texts(np.datetime_as_string(rows["period"].to_numpy().astype("datetime64[M]"))),
        "period_start": q.days(rows["period"]),
        "period_end": q.days(rows["period_end"]),
        "notes": q.one_of(["", "Sent again after a return"], [98, 2]),
    }


_STATUSES = {"Grant": "Granted", "Vest": "Vested", "Exercise": "Completed", "Forfeit": "Forfeited", "Dividend": "Paid"}


def _shares(q: Quirks, units: Array) -> Column:
    """Numbers of shares, with as many decimals as they have."""
    return q.numbers(units / SHARE)


def equity_transactions(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 85."""
    dividend = (rows["kind"] == "Dividend").to_numpy()
    happened = rows["happened"].to_numpy()
    columns = {
        "created_at": q.moments(q.until_end(happened)),
        "agent_id": q.ids(rows["agent_id"]),
        "user_id": q.ids(rows["user_id"]),
        "grant_id_raw": uuids("equity grant", rows["grant"].tolist()),
        "grant_type": q.texts(q.one_of(["RSU", "Agent Award", "Stock Purchase"], [5, 3, 2])),
        "transaction_type": q.cased(rows["kind"]),
        "transaction_date": q.moments(happened),
        "amount": none_or(q, _shares(q, rows["units"].to_numpy()), dividend & q.happens(0.7)),
        "price": q.money(rows["price_cents"].to_numpy()),
        "value": q.money(rows["value_cents"].to_numpy()),
        "vesting_date": q.days(rows["vests"]),
        "expiration_date": q.days(rows["expires"]),
        "status": q.cased(rows["kind"].map(_STATUSES)),
        "source": q.one_of(["rezen", "carta"], [7, 3]),
        "sync_source": q.one_of(*_SYNCS),
        "notes": q.one_of(["", "Sign-on award"], [95, 5]),
    }
    old = np.less(happened, OLD + np.timedelta64(180 * 86_400, "s"))
    columns["sync_source"] = q.late(columns["sync_source"], old)
    return columns
