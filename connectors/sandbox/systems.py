"""The systems around the brokerage: what they call about, what users pay for and what they prefer.

Belongs here: what grows with the users: webhooks, referral codes, subscriptions, own copies of the defaults.
Does not belong here: the jobs' steps (`connectors/sandbox/jobs.py`), the defaults themselves and what is sold
(`connectors/sandbox/lookups.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox import jobs
from connectors.sandbox.chance import Ints, pick, stream, uuids
from connectors.sandbox.jobs import ERRORS, LAST, NEVER, SECOND, after, some_of, spans
from connectors.sandbox.lookups import Lookups

_OWN_SOURCES = ("Soccer club", "Dog park", "Alumni", "Old colleagues", "My podcast 🎙", "Café")


@dataclass(frozen=True)
class Systems:
    """Jobs, calls, subscriptions and preferences; a worker log of job 0 says no job."""

    sync_jobs: pd.DataFrame
    onboarding_jobs: pd.DataFrame
    webhook_calls: pd.DataFrame
    referral_codes: pd.DataFrame
    webhooks: pd.DataFrame
    skyslope_connections: pd.DataFrame
    subscriptions: pd.DataFrame
    lead_sources: pd.DataFrame
    notification_prefs: pd.DataFrame
    jobs: pd.DataFrame
    worker_logs: pd.DataFrame


def build(seed: int, rows: Mapping[str, int], users: pd.DataFrame, lookups: Lookups) -> Systems:
    """Make the systems' records.

    Args:
        seed: of the world.
        rows: how many of each.
        users: all users, with `agent_id`.
        lookups: what users' own copies are made from.
    """
    agents_seen = users[users["agent_id"] > 0]
    workers, worker_logs = jobs.workers(seed, rows["jobs"], rows["worker_logs"], users, rows["fub_accounts"])
    return Systems(
        sync_jobs=jobs.sync_jobs(seed, agents_seen),
        onboarding_jobs=jobs.onboarding_jobs(seed, rows["onboarding_jobs"], users),
        webhook_calls=_webhook_calls(seed, rows["webhook_calls"], agents_seen),
        referral_codes=_referral_codes(seed, rows["referral_codes"], agents_seen),
        webhooks=_webhooks(seed, rows["webhooks"], agents_seen),
        skyslope_connections=jobs.skyslope_connections(seed, rows["skyslope_connections"], agents_seen),
        subscriptions=_subscriptions(seed, rows["subscriptions"], users, lookups.prices),
        lead_sources=_lead_sources(seed, rows["lead_sources"], users, lookups.lead_sources),
        notification_prefs=_notification_prefs(seed, rows["notification_prefs"], users, len(lookups.notifications)),
        jobs=workers,
        worker_logs=worker_logs,
    )


def _webhook_calls(seed: int, count: int, users: pd.DataFrame) -> pd.DataFrame:
    """Make what reZEN called about lately; the newest are not handled yet."""
    chance = stream(seed, "rezen webhook calls")
    received = np.sort(LAST - spans(chance, count, 60, 30 * 86_400))
    failed = chance.random(count) < 0.03
    handled = ~failed & (received < LAST - 900 * SECOND)
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": users["id"].to_numpy()[chance.integers(0, len(users), count)],
            "created": received,
            "type": pick(chance, ["TRANSACTION", "LISTING"], [7, 3], count),
            "event": pick(chance, ["UPDATED", "CREATED", "CLOSED", "TERMINATED"], [12, 4, 3, 1], count),
            "object_uuid": uuids("rezen webhook object", (np.arange(count) * 2 // 3).tolist()),
            "handled": handled,
            "handled_at": np.where(handled, received + spans(chance, count, 5, 600), NEVER),
            "error": np.where(failed, pick(chance, ERRORS, [2, 3, 5], count), ""),
        }
    )


def _referral_codes(seed: int, count: int, users: pd.DataFrame) -> pd.DataFrame:
    chance = stream(seed, "rezen referral codes")
    chosen = some_of(chance, users, count)
    count = len(chosen)
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": chosen["id"].to_numpy(),
            "agent_id": chosen["agent_id"].to_numpy(),
            "created": after(chance, chosen["created"].to_numpy()),
            "code": [f"HW-{number * 7_919 % 100_000:05d}" for number in chosen["id"].tolist()],
            "active": chance.random(count) < 0.9,
            "uses": np.where(chance.random(count) < 0.5, chance.integers(1, 30, count), 0),
        }
    )


def _webhooks(seed: int, count: int, users: pd.DataFrame) -> pd.DataFrame:
    """Register two webhooks a user: one for deals, one for listings."""
    chance = stream(seed, "rezen webhooks")
    chosen = some_of(chance, users, count // 2)
    chosen = chosen.iloc[np.repeat(np.arange(len(chosen)), 2)]
    count = len(chosen)
    created = after(chance, chosen["created"].to_numpy(), 0.9)
    active = chance.random(count) < 0.93
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": chosen["id"].to_numpy(),
            "agent_id": chosen["agent_id"].to_numpy(),
            "created": created,
            "uuid": uuids("rezen webhook", range(1, count + 1)),
            "type": np.where(np.arange(count) % 2 == 0, "TRANSACTION", "LISTING"),
            "active": active,
            "last_received": np.where(active & (chance.random(count) < 0.9), after(chance, created), NEVER),
        }
    )


def _subscriptions(seed: int, count: int, users: pd.DataFrame, prices: pd.DataFrame) -> pd.DataFrame:
    """Make a subscription a user; who has paid has one that runs."""
    chance = stream(seed, "subscriptions")
    chosen = some_of(chance, users, count)
    count = len(chosen)
    sold = prices[prices["interval"] != ""]
    price = sold.iloc[chance.integers(0, len(sold), count)]
    months = np.where(price["interval"] == "year", 12, price["interval_count"])
    days = np.where(months == 12, 365, months * 30) * 86_400
    period = np.maximum(LAST - (chance.random(count) * days).astype(np.int64) * SECOND, chosen["created"].to_numpy())
    status = np.where(
        chosen["paid"].to_numpy(),
        pick(chance, ["active", "trialing"], [95, 5], count),
        pick(chance, ["canceled", "past_due", "unpaid", "incomplete"], [60, 25, 10, 5], count),
    )
    seats = np.where(price["seats"] > 1, chance.integers(1, 20, count), 1)
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "key": [f"sub_{number:012d}" for number in range(1, count + 1)],
            "customer_key": [f"cus_{number:012d}" for number in chosen["id"].tolist()],
            "user_id": chosen["id"].to_numpy(),
            "price_id": price["id"].to_numpy(),
            "created": np.minimum(chosen["created"].to_numpy() + 86_400 * SECOND, LAST),
            "status": status,
            "seats": seats,
            "period_start": period,
            "period_end": period + days * SECOND,
            "ends_with_period": (status == "active") & (chance.random(count) < 0.08),
            "canceled": np.where(status == "canceled", after(chance, period), NEVER),
        }
    )


def _dealt(chance: Generator, users: pd.DataFrame, rows: int, each: int) -> tuple[pd.DataFrame, Ints]:
    """Give users `each` rows until all are given: the user of every row, and its number among the user's."""
    rows = min(rows, len(users) * each)
    user, number = np.divmod(np.arange(rows), each)
    return users.iloc[chance.permutation(len(users))[user]], number + 1


def _lead_sources(seed: int, rows: int, users: pd.DataFrame, defaults: pd.DataFrame) -> pd.DataFrame:
    """Copy the defaults for users; some were replaced by a source of the user's own (default 0)."""
    chance = stream(seed, "lead sources")
    owner, default = _dealt(chance, users, rows, len(defaults))
    count = len(owner)
    own = chance.random(count) < 0.01
    names = defaults["name"].to_numpy()[default - 1]
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": owner["id"].to_numpy(),
            "created": owner["created"].to_numpy() + 60 * SECOND,
            "default_id": np.where(own, 0, default),
            "name": np.where(own, pick(chance, _OWN_SOURCES, [1] * len(_OWN_SOURCES), count), names),
            "category": np.where(own, "", defaults["category"].to_numpy()[default - 1]),
            "order": default,
            "active": chance.random(count) < 0.85,
        }
    )


def _notification_prefs(seed: int, rows: int, users: pd.DataFrame, defaults: int) -> pd.DataFrame:
    chance = stream(seed, "notification prefs")
    owner, default = _dealt(chance, users, rows, defaults)
    count = len(owner)
    created = owner["created"].to_numpy() + 60 * SECOND
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": owner["id"].to_numpy(),
            "default_id": default,
            "created": created,
            "updated": np.where(chance.random(count) < 0.3, after(chance, created), created),
            "email": chance.random(count) < 0.7,
            "push": chance.random(count) < 0.4,
            "in_app": chance.random(count) < 0.9,
        }
    )
