"""Text messages between the CRM's users and the people in it; V1 never fetched any.

Belongs here: who writes to whom, and when. Does not belong here: what else is done with people
(`connectors/sandbox/crm_activity.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, pick, skewed, stream
from connectors.sandbox.crm_activity import (
    FIRST_DEED,
    after,
    numbered,
    of_people,
    seconds_left,
    somebody,
    user_numbers,
    working_moments,
)

_SECOND = np.timedelta64(1, "s")


def so_far(seed: int, count: int, texted: int, users: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
    """Make the messages there have been, oldest first, with `texted` of the people: with few of them, the most."""
    chance = stream(seed, "who is texted")
    chosen = np.sort(chance.permutation(len(people))[:texted])
    busy = skewed(chance, len(chosen), 2, 120).astype(np.int64)
    some = people.iloc[chosen[pick(chance, range(len(chosen)), busy.tolist(), count).codes]]
    since = np.maximum(some["created"].to_numpy(), FIRST_DEED.astype("datetime64[s]"))
    at = since + (chance.random(count) * seconds_left(since)).astype(np.int64) * _SECOND
    order = np.argsort(at, kind="stable")
    return _messages(seed, some.iloc[order], at[order], users)


def text_messages(
    seed: int, count: int, users: pd.DataFrame, people: pd.DataFrame, drawn_at: Array | None = None
) -> pd.DataFrame:
    """Make messages at these moments, or at all times, oldest first."""
    chance = stream(seed, "who is texted now")
    at = working_moments(chance, count) if drawn_at is None else drawn_at
    return _messages(seed, somebody(chance, people, at), at, users)


def _messages(seed: int, some: pd.DataFrame, at: Array, users: pd.DataFrame) -> pd.DataFrame:
    """Make a message to or from each of these people; now and then with a user who left the CRM."""
    chance = stream(seed, "crm text messages")
    count = len(some)
    contact = of_people(chance, users, some, own=0.9)
    incoming, missing = chance.random(count) < 0.4, chance.random(count) < 0.02
    sent = pick(chance, ["Delivered", "Sent", "Failed"], [85, 12, 3], count)
    at = np.maximum(at, some["created"].to_numpy())
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "number": numbered(chance, contact.account_id, 600),
            "account_id": contact.account_id,
            "fub_user_id": np.where(missing, 0, contact.fub_user_id),
            "user_missing": missing,
            "user_number": user_numbers(chance, users, contact.fub_user_id, missing),
            "person_id": contact.person_id,
            "at": at,
            "updated": after(chance, at, 3_600),
            "incoming": incoming,
            "status": np.where(incoming, "Received", np.asarray(sent, dtype=object)),
        }
    )
