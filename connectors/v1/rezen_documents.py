"""V1's documents about reZEN: sync and onboarding jobs, webhooks and their calls, referral codes.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.jobs import ONBOARDING_STEPS, SYNC_STEPS
from connectors.sandbox.world import World
from connectors.v1.people_values import full_names
from connectors.v1.quirks import MISSING, Column, Quirks, plain

_NO_ERRORS: tuple[Any, ...] = ([], None, MISSING)
_STEP_KEYS = {
    # our name: V1's, of the state and of the moments
    "transactions": "transaction",
    "transaction_counts": "tc",
    "listing_updates": "lu",
    "downline": "network_downline",
    "caps": "network_cap",
    "frontline": "network_frontline",
    "roster": "team_roster",
}
_SUB_STEPS = {
    # said to be done when this step is
    "transaction_data": "transaction_data_loaded open_transactions closed_transactions terminated_transactions",
    "listing_data": "listing_data_loaded open_listings closed_listings terminated_listings",
    "network": "network_loaded",
    "contributions": "contributions_loaded",
}
_FAILED_FLAGS = {
    # raised when the import stopped at this step
    "team_members": "error_members",
    "transaction_data": "error_transactions",
    "listing_data": "error_listings",
    "agent_data": "error_keydata",
    "network": "error_counts",
    "equity": "error_email",
}


def _step(rows: pd.DataFrame, name: str) -> Column:
    """The state of a step: done, stopped as the whole job did, or not begun."""
    begun, over = rows[f"{name}_started"].notna(), rows[f"{name}_ended"].notna()
    stopped = rows["state"].astype("object")
    return plain(np.select([over, begun], ["COMPLETED", stopped], "PENDING"))


def _errors(rows: pd.DataFrame, q: Quirks) -> Column:
    """What went wrong, if the job stopped for an error."""
    none = q.one_of(_NO_ERRORS, [8, 1, 1])
    steps = [SYNC_STEPS[min(done, len(SYNC_STEPS) - 1)] for done in plain(rows["done"])]
    failed = plain(rows["state"] == "ERROR")
    found = [{"step": step, "message": text} for step, text in zip(steps, plain(rows["error"]), strict=True)]
    return [[one] if bad else empty for one, bad, empty in zip(found, failed, none, strict=True)]


def _counts(rows: pd.DataFrame, short: Any) -> Column:
    numbers = zip(*(plain(rows[key]) for key in ("open", "closed", "terminated")), plain(short), strict=True)
    return [{"open": a, "closed": max(b - less, 0), "terminated": c} for a, b, c, less in numbers]


def rezen_sync_jobs(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 173."""
    counted = ~q.happens(0.05)
    ours = _counts(rows, rows["closed_short"])
    columns = {
        "created_at": q.moments(rows["created"]),
        "user_id": q.ids(rows["user_id"]),
        "active": q.flags(rows["active"]),
        "assigned_to_worker_id": q.ids(rows["worker"]),
        "error_list": _errors(rows, q),
        "tc_rezen": q.change(_counts(rows, [0] * q.rows), ~counted, lambda _: MISSING),
        "tc_ad": q.change(ours, ~counted, lambda _: None),
        "tc_mismatch": q.flags((rows["closed_short"] > 0).to_numpy() & (rows["closed"] > 0).to_numpy() & counted),
        "network_downline_sync_status": q.one_of(["COMPLETED", "PENDING", ""], [8, 1, 1]),
    }
    for name in SYNC_STEPS:
        key = _STEP_KEYS.get(name, name)
        columns[f"{key}_status"] = q.change(_step(rows, name), q.happens(0.02), lambda _: "")
        columns[f"{key}_last_started_at"] = q.moments(rows[f"{name}_started"])
        columns[f"{key}_last_finished_at"] = q.moments(rows[f"{name}_ended"])
    return columns


def rezen_onboarding_jobs(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 96."""
    failed = (rows["status"] == "Error").to_numpy()
    done = rows["done"].to_numpy()
    stopped_at = np.array(ONBOARDING_STEPS, dtype=object)[np.minimum(done, len(ONBOARDING_STEPS) - 1)]
    complete = (rows["status"] == "Complete").to_numpy()
    results = q.one_of([{"imported": True}, {"imported": True, "warnings": ["no listings"]}], [8, 2])
    columns = {
        "created_at": q.moments(rows["created"]),
        "user_id": q.ids(rows["user_id"]),
        "name": q.texts(full_names(rows)),
        "status": q.texts(rows["status"], pad=0.02),
        "started": q.moments(rows["started"]),
        "ended": q.moments(rows["ended"]),
        "lastupdated": q.moments(rows["updated"]),
        "transaction_worker_id": q.ids(np.where(done > 0, np.where(rows["is_large"], 90, 1), 0)),
        "code": q.texts(np.where(failed, "STEP_FAILED", "")),
        "message": q.texts(np.where(failed, rows["error"].astype("object"), "")),
        "result": q.change(results, ~complete, lambda _: {}),
    }
    q.change(columns["result"], q.happens(0.1), lambda _: MISSING)
    for position, name in enumerate(ONBOARDING_STEPS):
        over = done > position
        columns[name] = q.flags(over)
        columns[f"{name}_started"] = q.moments(rows[f"{name}_started"])
        columns[f"{name}_ended"] = q.moments(rows[f"{name}_ended"])
        columns |= {key: q.flags(over) for key in _SUB_STEPS.get(name, "").split()}
        if name in _FAILED_FLAGS:
            columns[_FAILED_FLAGS[name]] = q.flags(failed & (stopped_at == name))
    return columns


def rezen_process_webhook(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 207: the calls as they came in; a body that was no JSON is null."""
    received = np.datetime_as_string(rows["created"].to_numpy(), unit="s")
    told = zip(
        *(plain(rows[key]) for key in ("object_uuid", "type", "event", "user_id")), received.tolist(), strict=True
    )
    bodies: Column = [
        {"id": uuid, "eventType": f"{kind}_{event}", "type": kind, "timestamp": f"{moment}Z", "userId": user}
        for uuid, kind, event, user, moment in told
    ]
    unread = (rows["error"] != "").to_numpy()
    q.change(bodies, unread & q.happens(0.5), lambda _: None)
    q.change(bodies, q.happens(0.01), lambda body: body and body | {"id": ""})
    return {
        "created_at": q.moments(rows["created"]),
        "user_id": q.ids(rows["user_id"]),
        "type": q.texts(rows["type"]),
        "data": bodies,
        "processed": q.flags(rows["handled"]),
        "processed_at": q.moments(rows["handled_at"]),
        "error_message": q.texts(rows["error"]),
    }


def rezen_referral_code(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 206."""
    return {
        "created_at": q.moments(rows["created"]),
        "user_id": q.ids(rows["user_id"]),
        "agent_id": q.ids(rows["agent_id"]),
        "referral_code": q.texts(rows["code"], pad=0.05),
        "url": q.label("https://www.example.com/join/{}", rows["code"], 0.9),
        "active": q.flags(rows["active"]),
        "uses": q.change(q.numbers(rows["uses"]), (rows["uses"] == 0).to_numpy() & q.happens(0.3), lambda _: None),
    }


def rezen_webhooks_registered(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 201."""
    return {
        "created_at": q.moments(rows["created"]),
        "user_id": q.ids(rows["user_id"]),
        "agent_id": q.ids(rows["agent_id"]),
        "webhook_id": q.texts(rows["uuid"]),
        "type": q.texts(rows["type"]),
        "url": q.label("https://hooks.example.com/rezen/{}", rows["user_id"]),
        "active": q.flags(rows["active"]),
        "last_received": q.moments(rows["last_received"]),
    }
