"""What people do in the made-up app: visits with their events, uploads with their statement lines.

Belongs here: events and statement lines of given people at given moments. Does not belong here: who they are and when
they come (`connectors/sandbox/app.py`).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import orjson
import pandas as pd
from numpy.random import Generator

from connectors.sandbox import app_words as words
from connectors.sandbox.chance import Array, Ints, pick

SECOND = np.timedelta64(1, "s")
MILLISECOND = np.timedelta64(1, "ms")

LINES_AN_UPLOAD = 27
TRACKED_SINCE = np.datetime64("2026-02-01", "ms")
"""From here on uploads have a session and events a token."""

_EDITED = ("category", "label")


def visits(chance: Generator, users: Ints, moments: Array) -> pd.DataFrame:
    """Make what happens when these users come at these moments: a login, and what they then do."""
    count = len(users)
    nonce = chance.integers(0, 2**32, count)
    logins = pd.DataFrame(
        {
            "user_id": users,
            "moment": moments,
            "event_type": "login",
            "session": [
                f"{user}_{epoch}_{number:08x}"
                for user, epoch, number in zip(users, moments.astype(np.int64), nonce, strict=True)
            ],
        }
    )
    made = [logins.assign(metadata=[_json(timestamp=_iso(moment)) for moment in moments])]
    for kind, share, after, metadata in _DONE:
        rows = np.flatnonzero(chance.random(count) < share)
        later = logins.iloc[rows]
        seconds = after + chance.integers(0, 300, len(rows))
        made.append(
            later.assign(
                event_type=kind,
                moment=later["moment"].to_numpy() + seconds * SECOND,
                metadata=[metadata(int(number)) for number in chance.integers(0, 10_000, len(rows))],
            )
        )
    return pd.concat(made, ignore_index=True).assign(is_admin=False)


def _feedback(number: int) -> str:
    text = {"problems": words.FREE_TEXT[number % len(words.FREE_TEXT)]} if number % 3 else {}
    return _json(usefulness=1 + number % 5, trust=1 + number // 5 % 5, **text)


def _edit(number: int) -> str:
    old, new = words.CATEGORIES[number % 6], words.CATEGORIES[number // 6 % 6]
    return _json(transactionId=1 + number, changes=[{"field": _EDITED[0], "oldValue": old, "newValue": new}])


def _bulk(number: int) -> str:
    ids = [1 + number, 2 + number, 3 + number * 7 % 10_000]
    return _json(transactionIds=ids, fieldsUpdated=list(_EDITED[: 1 + number % 2]), transactionCount=len(ids))


_DONE: tuple[tuple[str, float, int, Callable[[int], str]], ...] = (
    ("dashboard_access", 0.55, 5, lambda _: "{}"),
    ("transaction_edit", 0.12, 310, _edit),
    ("bulk_edit", 0.03, 620, _bulk),
    ("feedback", 0.03, 930, _feedback),
    (words.UNKNOWN_EVENT, 0.001, 1_240, lambda number: _json(goal=words.CATEGORIES[number % 6])),
)
"""What follows a login: how often, how many seconds later at the earliest, its metadata."""


def consents(users: pd.DataFrame) -> pd.DataFrame:
    """Make the consents that these users gave: one of each type."""
    made = []
    for kind, column in (
        ("account_creation", "created"),
        ("cookie_banner", "cookie_at"),
        ("first_upload", "first_upload"),
    ):
        given = users[users[column].notna()]
        made.append(
            pd.DataFrame(
                {
                    "user_id": given["id"].to_numpy(),
                    "moment": given[column].to_numpy(),
                    "event_type": "consent",
                    "session": None,
                    "metadata": _json(consentType=kind, version="1.0", value=True),
                    "is_admin": False,
                }
            )
        )
    return pd.concat(made, ignore_index=True)


def administered(chance: Generator, count: int, moments: Array) -> pd.DataFrame:
    """Make what the admin does in the back office."""
    tabs = chance.integers(0, len(words.TABS), count)
    is_login = chance.random(count) < 0.3
    return pd.DataFrame(
        {
            "user_id": 1,
            "moment": moments,
            "event_type": np.where(is_login, "admin_login", "admin_tab_access"),
            "session": None,
            "metadata": [
                _json(adminEmail=words.ADMIN, action="login" if login else "view", tab=words.TABS[tab])
                for login, tab in zip(is_login, tabs, strict=True)
            ],
            "is_admin": True,
        }
    )


def uploads(
    chance: Generator, owners: pd.DataFrame, moments: Array, first_number: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make uploads: their statement lines, and the events that tell of them.

    Args:
        chance: of this.
        owners: of each upload the user, with `is_demo`.
        moments: of each upload.
        first_number: of the uploads, which are numbered.
    """
    count = len(owners)
    user, is_demo = owners["id"].to_numpy(), owners["is_demo"].to_numpy()
    demo = np.asarray(pick(chance, words.DEMO_ACCOUNTS, [1, 1], count), dtype=object)
    real = np.asarray(pick(chance, words.ACCOUNTS, [9, 9, 9, 8, 6, 5, 5, 3, 1, 2], count), dtype=object)
    account = np.where(is_demo, demo, real)
    number = first_number + np.arange(count)
    has_session = ~is_demo & (moments >= TRACKED_SINCE)
    names = zip(number, has_session, strict=True)
    session = np.array([f"upload-{one:06d}" if tracked else None for one, tracked in names], dtype=object)
    lines = 1 + chance.integers(0, 2 * LINES_AN_UPLOAD, count)
    upload = np.repeat(np.arange(count), lines)
    rows = _lines(chance, len(upload))
    day = moments[upload].astype("datetime64[D]") - (1 + chance.integers(0, 60, len(upload)))
    rows = rows.assign(
        user_id=user[upload],
        date=day,
        account=account[upload],
        created=moments[upload],
        upload=session[upload],
    )
    told = np.flatnonzero(~is_demo)
    linked = chance.random(len(told)) < 0.08
    events = pd.DataFrame(
        {
            "user_id": user[told],
            "moment": moments[told],
            "event_type": np.where(linked, "statement_linked", "statement_upload"),
            "session": None,
            "metadata": [
                _json(
                    bank=account[one].split()[0],
                    accountType=account[one].split()[-1],
                    source="linked" if is_linked else "uploaded",
                    transactionCount=int(lines[one]),
                )
                for one, is_linked in zip(told, linked, strict=True)
            ],
            "is_admin": False,
        }
    )
    return rows, events


def _lines(chance: Generator, count: int) -> pd.DataFrame:
    kinds = [*words.SPENDING, *words.INCOME, *words.MOVED]
    spent, came = len(words.SPENDING), len(words.INCOME)
    chosen = pick(chance, list(range(len(kinds))), [12] * spent + [5] * came + [3] * len(words.MOVED), count)
    kind = np.asarray(chosen, dtype=np.int64)
    cents = 100 + (chance.random(count) ** 3 * 240_000).astype(np.int64)
    is_income = (kind >= spent) & (kind < spent + came)
    columns = zip(*kinds, strict=True)
    made = {
        name: np.array(values, dtype=object)[kind]
        for name, values in zip(("description", "merchant", "category", "label"), columns, strict=True)
    }
    cashflow = np.where(is_income, "income", np.where(kind < spent, "expense", "other"))
    return pd.DataFrame({**made, "amount_cents": np.where(is_income, cents, -cents), "cashflow": cashflow})


def _json(**values: object) -> str:
    return orjson.dumps(values).decode()


def _iso(moment: np.datetime64) -> str:
    return f"{np.datetime_as_string(moment, unit='ms')}Z"
