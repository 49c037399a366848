"""What agents did in the CRM, by account and month.

Belongs here: `agg_fub_activity`. Does not belong here: whose a call or a person is (`fub.py`).
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from oracle import Landed
from oracle.fub import APPOINTMENT, CALL, EVENT, MESSAGE, PERSON, agents_of
from oracle.sums import total
from oracle.values import business_day, frame, row

KEYS = ("fub_account_id", "agent_id", "month")
COLUMNS = (
    "calls_made",
    "calls_received",
    "calls_connected",
    "talk_seconds",
    "texts_sent",
    "texts_received",
    "appointments_set",
    "appointments_held",
    "events",
    "new_leads",
)

Record = dict[str, Any]
Act = tuple[int | None, str, Decimal | None]
"""The agent, the column it counts in, and by how much."""

_ONE = Decimal(1)


def _of_call(call: Record, landed: Landed) -> Iterator[Act]:
    yield call["agent_id"], "calls_received" if call["is_incoming"] else "calls_made", _ONE
    yield call["agent_id"], "talk_seconds", None if call["duration"] is None else Decimal(call["duration"])
    if call["is_connected"]:
        yield call["agent_id"], "calls_connected", _ONE


def _of_message(message: Record, landed: Landed) -> Iterator[Act]:
    yield message["agent_id"], "texts_received" if message["is_incoming"] else "texts_sent", _ONE


def _of_appointment(appointment: Record, landed: Landed) -> Iterator[Act]:
    author = agents_of(landed, "fub_users").get(appointment["created_by_fub_users_id"])
    yield author, "appointments_set", _ONE
    if appointment["is_held"]:
        yield appointment["agent_id"], "appointments_held", _ONE


def _of_event(event: Record, landed: Landed) -> Iterator[Act]:
    yield event["agent_id"], "events", _ONE


def _of_person(person: Record, landed: Landed) -> Iterator[Act]:
    yield person["agent_id"], "new_leads", _ONE


# Table: its rules, the column that dates a row, what a row counts as.
_COUNTED: dict[str, tuple[dict[str, Any], str, Callable[[Record, Landed], Iterator[Act]]]] = {
    "fub_calls": (CALL, "fub_created_at", _of_call),
    "fub_text_messages": (MESSAGE, "sent_at", _of_message),
    "fub_appointments": (APPOINTMENT, "start_at", _of_appointment),
    "fub_events": (EVENT, "occurred_at", _of_event),
    "fub_people": (PERSON, "fub_created_at", _of_person),
}


def activity(landed: Landed) -> pd.DataFrame:
    """One row for each account, agent (or none) and month in which something happened."""
    found: dict[tuple, dict[str, list]] = defaultdict(lambda: defaultdict(list))
    for table, (columns, dated_by, acts_of) in _COUNTED.items():
        for document in landed.documents(table):
            record = row(document, columns, landed)
            when = business_day(record[dated_by])
            if when is None or when > landed.as_of:
                continue
            for agent, column, amount in acts_of(record, landed):
                found[record["fub_account_id"], agent, when.replace(day=1)][column].append(amount)
    rows = (
        {**dict(zip(KEYS, place, strict=True)), **{name: total(amounts[name]) for name in COLUMNS}}
        for place, amounts in found.items()
    )
    return frame(rows, (*KEYS, *COLUMNS))


MARTS = {"agg_fub_activity": (KEYS, activity), "agg_fub_activity_by_agent": (KEYS, activity)}
