"""V1's documents about connections and old workers: skyslope_connection, lambda_job_status, lambda_worker_logs.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.world import World
from connectors.v1.quirks import MISSING, Column, Quirks, plain


def skyslope_connection(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 175: the moments say `listings_`, the state says `listing_`."""
    ids = plain(rows["id"])
    failed = np.any([rows[f"{step}_state"] == "ERROR" for step in ("transactions", "listings", "users")], axis=0)
    errors: Column = [[{"message": text}] for text in plain(rows["error"])]
    return {
        "created_at": q.moments(rows["created"]),
        "user_id": q.ids(rows["user_id"]),
        "access_key": q.label("sandbox-skyslope-key-{}", ids),
        "access_secret": q.label("sandbox-skyslope-secret-{}", ids),
        "session_token": q.label("sandbox-skyslope-session-{}", ids, 0.8),
        "expiration": q.moments(rows["expires"]),
        "credentials_id": q.ids(ids),
        "transaction_status": q.texts(rows["transactions_state"]),
        "transaction_last_started_at": q.moments(rows["transactions_started"]),
        "transaction_last_finished_at": q.moments(rows["transactions_ended"]),
        "transaction_last_updated_at": q.moments(rows["transactions_newest"]),
        "listing_status": q.texts(rows["listings_state"]),
        "listings_last_started_at": q.moments(rows["listings_started"]),
        "listings_last_finished_at": q.moments(rows["listings_ended"]),
        "listings_last_updated_at": q.moments(rows["listings_newest"]),
        "account_users_status": q.texts(rows["users_state"]),
        "account_users_last_started_at": q.moments(rows["users_started"]),
        "account_users_last_finished_at": q.moments(rows["users_ended"]),
        "has_team_been_created": q.flags(rows["team_made"]),
        "assigned_to_worker_id": q.ids(rows["worker"]),
        "error_list": q.change(errors, ~failed, lambda _: []),
    }


def lambda_job_status(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 163."""
    spawned = rows["spawned"].to_numpy()
    finished = rows["done"].to_numpy() + rows["failed"].to_numpy()
    text = rows["error"].to_numpy(dtype=object)
    details: Column = [{"message": one, "code": "WORKER_FAILED"} if one else {} for one in text.tolist()]
    q.change(details, (text == "") & q.happens(0.3), lambda _: None)
    return {
        "created_at": q.moments(rows["created"]),
        "job_id": q.texts(rows["uuid"], pad=0.02),
        "job_type": q.texts(rows["type"]),
        "status": q.texts(rows["state"]),
        "progress": q.numbers(finished * 100 // np.maximum(spawned, 1)),
        "records_processed": q.numbers(rows["read"]),
        "records_stored": q.numbers(rows["stored"]),
        "workers_spawned": q.numbers(spawned),
        "workers_completed": q.numbers(rows["done"]),
        "workers_failed": q.numbers(rows["failed"]),
        "attempts": q.change(q.numbers(rows["attempts"]), (rows["attempts"] == 0).to_numpy(), lambda _: None),
        "error_message": q.texts(text),
        "error_details": q.change(details, (text == "") & q.happens(0.1), lambda _: MISSING),
        "started_at": q.moments(rows["started"]),
        "last_activity": q.moments(rows["last_activity"]),
        "completed_at": q.moments(rows["ended"]),
        "user_id": q.ids(rows["user_id"]),
        "fub_accounts_id": q.ids(rows["account_id"]),
    }


def lambda_worker_logs(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 165: a log names its job by the job's key."""
    keys = np.append("", world.systems.jobs["uuid"].to_numpy(dtype=object))
    created = rows["created"].to_numpy()
    return {
        "created_at": q.moments(created),
        "job_id": q.texts(keys[rows["job_id"].to_numpy()]),
        "worker_id": q.label("w-{:02d}", rows["worker"]),
        "endpoint_type": q.texts(rows["endpoint"]),
        "status": q.texts(rows["state"]),
        "records_processed": q.numbers(rows["read"]),
        "records_failed": q.change(
            q.numbers(rows["failed"]), (rows["failed"] == 0).to_numpy() & q.happens(0.2), lambda _: None
        ),
        "duration_ms": q.numbers(rows["milliseconds"]),
        "error_message": q.texts(rows["error"]),
        "started_at": q.moments(created),
        "finished_at": q.moments(rows["ended"]),
        "user_id": q.ids(rows["user_id"]),
        "fub_accounts_id": q.ids(rows["account_id"]),
    }
