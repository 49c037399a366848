"""The jobs that keep the records in step with other systems: how far each got, when, and what stopped it.

Belongs here: imports and syncs of reZEN, SkySlope and Follow Up Boss, step by step. Does not belong here: what
else users have in those systems (`connectors/sandbox/systems.py`), the records the jobs move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.chance import Array, Ints, pick, stream, uuids

SYNC_STEPS = (
    "transactions",
    "transaction_counts",
    "listings",
    "listing_updates",
    "downline",
    "caps",
    "frontline",
    "roster",
    "agent_data",
    "contributions",
    "equity",
)
"""What a reZEN sync does for a user, in this order."""

ONBOARDING_STEPS = (
    "agent_data",
    "team_members",
    "transaction_data",
    "listing_data",
    "network",
    "network_frontline",
    "network_cap_data",
    "sponsor_tree",
    "contributions",
    "pending_contributions",
    "pending_revshare_payments",
    "contributors",
    "equity",
)
"""What the first import of a user's reZEN records does, in this order."""

FUB_ENDPOINTS = ("people", "calls", "events", "appointments", "deals", "textMessages")
ERRORS = ("HTTP 429: too many requests", "HTTP 503: upstream timed out", "Unexpected token < in JSON at position 0")

SECOND = np.timedelta64(1, "s")
NEVER = np.datetime64("NaT", "s")
LAST = np.datetime64(WORLD_DAY, "s")


def some_of(chance: Generator, users: pd.DataFrame, count: int) -> pd.DataFrame:
    """Choose some of the users, oldest first."""
    return users.iloc[np.sort(chance.permutation(len(users))[:count])]


def spans(chance: Generator, count: int, least: int, most: int) -> Array:
    """Draw this many spans of time, in seconds."""
    return np.asarray(chance.integers(least, most, count) * SECOND)


def after(chance: Generator, start: Array, share: float = 1.0) -> Array:
    """Draw a moment between each start and the end of the world, in the first `share` of that time."""
    left: Array = LAST - start
    return np.asarray(start + (chance.random(len(start)) * share * (left // SECOND)).astype(np.int64) * SECOND)


def _steps(started: Array, seconds: Ints, names: Sequence[str], done: Ints, broken: Array) -> dict[str, Array]:
    """Let steps follow each other: those before `done` have ended, that one has begun where `broken` says so."""
    ended = started[:, None] + seconds.cumsum(axis=1) * SECOND
    begun = ended - seconds * SECOND
    position = np.arange(len(names))
    over = position < done[:, None]
    open_ = (position == done[:, None]) & broken[:, None]
    made = {}
    for number, name in enumerate(names):
        made[f"{name}_started"] = np.where(over[:, number] | open_[:, number], begun[:, number], NEVER)
        made[f"{name}_ended"] = np.where(over[:, number], ended[:, number], NEVER)
    return made


def sync_jobs(seed: int, users: pd.DataFrame) -> pd.DataFrame:
    """Make a job a user: last night's run, mostly through; the step after the `done` ones failed or still runs."""
    chance = stream(seed, "rezen sync jobs")
    count = len(users)
    state = pick(chance, ["COMPLETED", "ERROR", "IN_PROGRESS", "PENDING"], [80, 8, 7, 5], count)
    done = chance.integers(0, len(SYNC_STEPS), count)
    done[state == "COMPLETED"] = len(SYNC_STEPS)
    done[state == "PENDING"] = 0
    stopped = np.isin(state, ["ERROR", "IN_PROGRESS"])
    # last night, or the night the user was made if that was later
    night = np.maximum(LAST - spans(chance, count, 7_200, 36_000), users["created"].to_numpy())
    night = np.where(chance.random(count) < 0.1, after(chance, users["created"].to_numpy(), 0.9), night)
    counts = chance.integers(0, 60, (count, 3)) * np.array([1, 4, 1])
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": users["id"].to_numpy(),
            "created": users["created"].to_numpy(),
            "active": users["active"].to_numpy(),
            "worker": chance.integers(0, 5, count),
            "state": state,
            "done": done,
            "open": counts[:, 0],
            "closed": counts[:, 1],
            "terminated": counts[:, 2],
            "closed_short": np.where(chance.random(count) < 0.12, chance.integers(1, 4, count), 0),
            "error": pick(chance, ERRORS, [6, 3, 1], count),
            **_steps(night, chance.integers(2, 240, (count, len(SYNC_STEPS))), SYNC_STEPS, done, stopped),
        }
    )


def onboarding_jobs(seed: int, count: int, users: pd.DataFrame) -> pd.DataFrame:
    """Make the imports: one for each user with an agent, the rest for others; they agree with the user's state."""
    chance = stream(seed, "rezen onboarding jobs")
    users = users.iloc[np.argsort(users["agent_id"].to_numpy() == 0, kind="stable")][:count].sort_values("id")
    count = len(users)
    wanted = users["onboarding"].astype("object").to_numpy()
    unlucky = chance.random(count) < 0.4
    steps = len(ONBOARDING_STEPS)
    some = chance.integers(4, steps, count)
    done = np.select([wanted == "Complete", wanted == "Partial", wanted == "Started"], [steps, some, 2], 0)
    status = np.select(
        [wanted == "Complete", (wanted == "Partial") & unlucky, wanted == "Partial", wanted == "Started", unlucky],
        ["Complete", "Error", "Partial", "Started", "New"],
        "Pending",
    )
    begun = np.isin(status, ["Complete", "Error", "Partial", "Started"])
    started = users["created"].to_numpy() + spans(chance, count, 60, 3_600)
    seconds = chance.integers(3, 900, (count, steps))
    last = started + np.where(np.arange(steps) < done[:, None], seconds, 0).sum(axis=1) * SECOND
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": users["id"].to_numpy(),
            "first_name": users["first_name"].to_numpy(),
            "last_name": users["last_name"].to_numpy(),
            "created": users["created"].to_numpy(),
            "status": status,
            "done": done,
            "started": np.where(begun, started, NEVER),
            "ended": np.where(status == "Complete", last, NEVER),
            "updated": np.where(begun, last, users["created"].to_numpy()),
            "is_large": chance.random(count) < 0.15,
            "error": pick(chance, ERRORS, [6, 3, 1], count),
            **_steps(started, seconds, ONBOARDING_STEPS, done, begun),
        }
    )


def skyslope_connections(seed: int, count: int, users: pd.DataFrame) -> pd.DataFrame:
    """Make the connections to SkySlope, each with the states of its three imports."""
    chance = stream(seed, "skyslope connections")
    chosen = some_of(chance, users, count)
    count = len(chosen)
    started = LAST - spans(chance, count, 3_600, 40_000)
    made: dict[str, Any] = {
        "id": np.arange(1, count + 1),
        "user_id": chosen["id"].to_numpy(),
        "created": chosen["created"].to_numpy(),
    }
    for step in ("transactions", "listings", "users"):
        state = pick(chance, ["COMPLETED", "IN_PROGRESS", "ERROR", "PENDING"], [7, 1, 1, 1], count)
        made[f"{step}_state"] = state.astype("object")
        made[f"{step}_started"] = np.where(state == "PENDING", NEVER, started)
        made[f"{step}_ended"] = np.where(state == "COMPLETED", started + spans(chance, count, 10, 1_800), NEVER)
        made[f"{step}_newest"] = np.where(state == "COMPLETED", started - spans(chance, count, 0, 86_400), NEVER)
    return pd.DataFrame(made).assign(
        expires=started + 7_200 * SECOND,
        worker=chance.integers(0, 4, count),
        team_made=chance.random(count) < 0.6,
        error=pick(chance, ERRORS, [1, 1, 1], count),
    )


def workers(seed: int, count: int, logs: int, users: pd.DataFrame, accounts: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make the old workers' jobs and what each worker logged: a job's counts are its logs' sums."""
    chance = stream(seed, "jobs")
    state = pick(chance, ["COMPLETED", "ERROR", "IN_PROGRESS", "PENDING"], [84, 8, 4, 4], count)
    state[0] = "COMPLETED"
    created = np.sort(LAST - spans(chance, count, 7_200, 200 * 86_400))
    working = np.flatnonzero(state != "PENDING")
    job = np.sort(np.concatenate([working, working[chance.integers(0, len(working), logs - len(working))]]))
    started = created + spans(chance, count, 1, 120)
    seconds = chance.integers(1, 1_500, logs)
    failed = (chance.random(logs) < 0.05) | ((state[job] == "ERROR") & (chance.random(logs) < 0.5))
    running = (state[job] == "IN_PROGRESS") & (chance.random(logs) < 0.5)
    read = chance.integers(0, 2_000, logs)
    lost = np.where(failed, read // 10 + 1, 0)
    log_state = np.select([running, failed], ["IN_PROGRESS", "ERROR"], "COMPLETED")
    read = np.maximum(read, lost)
    owner = users["id"].to_numpy()[chance.integers(0, len(users), count)]
    account = chance.integers(1, accounts + 1, count)
    begun = started[job] + spans(chance, logs, 1, 300)
    errors = pick(chance, ERRORS, [6, 3, 1], logs)
    worker_logs = pd.DataFrame(
        {
            "id": np.arange(1, logs + 1),
            "job_id": np.where(chance.random(logs) < 0.02, 0, job + 1),
            "user_id": owner[job],
            "account_id": account[job],
            "worker": chance.integers(1, 13, logs),
            "endpoint": pick(chance, FUB_ENDPOINTS, [6, 8, 3, 1, 1, 2], logs),
            "state": log_state,
            "read": read,
            "failed": lost,
            "created": begun,
            "ended": np.where(running, NEVER, begun + seconds * SECOND),
            "milliseconds": np.where(running, 0, seconds * 1_000),
            "error": np.where(log_state == "ERROR", errors, ""),
        }
    )

    def summed(what: Array) -> Ints:
        return np.bincount(job, weights=what, minlength=count).astype(np.int64)

    spawned, stored = summed(np.ones(logs)), summed(read - lost)
    done, broken = summed(log_state == "COMPLETED"), summed(log_state == "ERROR")
    ended = started + 1_900 * SECOND
    jobs = pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "uuid": uuids("lambda job", range(1, count + 1)),
            "type": pick(chance, ["fub_daily_sync", "fub_onboarding", "fub_webhook_replay"], [8, 2, 1], count),
            "state": state,
            "user_id": owner,
            "account_id": account,
            "created": created,
            "started": np.where(state == "PENDING", NEVER, started),
            "last_activity": np.where(state == "PENDING", NEVER, ended),
            "ended": np.where(np.isin(state, ["COMPLETED", "ERROR"]), ended, NEVER),
            "read": summed(read),
            "stored": stored,
            "spawned": spawned,
            "done": done,
            "failed": broken,
            "attempts": np.where(state == "PENDING", 0, np.where(state == "ERROR", 3, 1)),
            "error": np.where(state == "ERROR", pick(chance, ERRORS, [6, 3, 1], count), ""),
        }
    )
    return jobs, worker_logs
