"""How V1 writes the CRM's records down, and what its documents take from one another.

Belongs here: the conventions of the six tables of records (people, deals, calls, events, appointments, text
messages): '' for a text, null for a link or a moment, 0 for a number that the CRM did not give; composite keys;
look-ups in the CRM's frames. Does not belong here: which key holds what (`connectors/v1/fub_documents.py`,
`connectors/v1/fub_activity_documents.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array
from connectors.sandbox.world import WORLD_DAY, World
from connectors.v1.people_values import full_names
from connectors.v1.quirks import Column, Quirks, plain

OLD_RECORD = np.datetime64("2024-05-01", "s")
"""Records made in the CRM before this day were fetched by a program that knew fewer keys."""

NAMES_LOGIN = ("both", "login", "staff")
"""Links of CRM users whose documents name the login; see `connectors/sandbox/crm.py`."""
NAMES_AGENT = ("both", "agent")


def texts(q: Quirks, values: Iterable[Any]) -> Column:
    """Texts: '' for none, sometimes padded, never null."""
    return q.change(plain(values), q.happens(0.01), lambda text: f" {text}  " if text else text)


def nullable(values: Iterable[Any]) -> Column:
    """Texts of which an empty one is null."""
    return [text or None for text in plain(values)]


def links(q: Quirks, ids: Iterable[Any]) -> Column:
    """References: null for none, sometimes digits as text."""
    return q.change(nullable(ids), q.happens(0.02), lambda one: str(one) if one else one)


def stamps(moments: Any) -> Column:
    """Epoch milliseconds; null for none."""
    at = np.asarray(moments, dtype="datetime64[ms]")
    made: Array = at.astype(np.int64).astype(object)
    made[np.isnat(at)] = None
    return plain(made)


def looked_up(frame: pd.DataFrame, ids: Any, column: str, none: Any = 0) -> Array:
    """Look a column up by id; `none` where the id is 0."""
    rows = np.asarray(ids)
    if frame.empty:
        return np.full(len(rows), none, dtype=object)
    found = frame[column].to_numpy()[np.maximum(rows, 1) - 1]
    return np.where(rows > 0, found, none)


def names(frame: pd.DataFrame, ids: Any) -> Column:
    """Look full names up by id; '' where the id is 0."""
    rows = np.asarray(ids)
    found = full_names(frame[["first_name", "last_name"]].iloc[np.maximum(rows, 1) - 1])
    return [name if number else "" for name, number in zip(found, rows.tolist(), strict=True)]


def logins(world: World, fub_user_ids: Any) -> Array:
    """Look up the logins that CRM users' documents name, 0 for none."""
    named = looked_up(world.crm.users, fub_user_ids, "link", "")
    return np.where(np.isin(named, NAMES_LOGIN), looked_up(world.crm.users, fub_user_ids, "user_id"), 0)


def composite(world: World, q: Quirks, rows: pd.DataFrame) -> Column:
    """Keys made of the account's number and the record's; the oldest have none."""
    accounts = plain(looked_up(world.crm.accounts, rows["account_id"], "number"))
    made = [f"{account}_{number}" for account, number in zip(accounts, plain(rows["number"]), strict=True)]
    return q.change(made, q.happens(0.02), lambda _: "")


def account_keys(world: World, q: Quirks, rows: pd.DataFrame, key: str = "fub_account_id") -> dict[str, Column]:
    """What every record says about its account; `key` as the table spells it."""
    account = rows["account_id"].to_numpy()
    raw = [str(number) for number in plain(looked_up(world.crm.accounts, account, "number"))]
    return {
        key: links(q, account),
        "fub_account_id_raw": q.change(raw, q.happens(0.03), lambda _: ""),
        "credentials_id": links(q, np.where(q.happens(0.05), 0, account + 3_000)),
    }


def connected(world: World, rows: pd.DataFrame) -> Array:
    """When V1 was connected to the account of each of these rows."""
    return np.asarray(world.crm.accounts["connected"].to_numpy()[rows["account_id"] - 1])


def fetched(world: World, q: Quirks, rows: pd.DataFrame, moment: str) -> Array:
    """When V1 got a record: within an hour after it was made, but not before the account was connected."""
    known = np.maximum(rows[moment].to_numpy(), connected(world, rows))
    end = np.maximum(np.datetime64(WORLD_DAY, "s"), known)
    return np.minimum(known + q.chance.integers(1, 3_600, q.rows).astype("m8[s]"), end)
