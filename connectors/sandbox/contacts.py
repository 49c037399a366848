"""What happens in the CRM on a day: people come in, are called and written to, change or are thrown away.

Belongs here: which rows come, change and go, and what the CRM then counts. Does not belong here: what a call or an
event looks like (`connectors/sandbox/crm_activity.py`), who is told (`connectors/sandbox/passing.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from connectors.sandbox import crm_activity, crm_texts
from connectors.sandbox.chance import Array, Ints
from connectors.sandbox.crm import FIRST_STAGE, STAGES, Crm
from connectors.sandbox.frames import LIVE_ONLY, UNTOUCHED, Round, added, at, without
from connectors.sandbox.people import emails

_TRASH = len(STAGES) - 1
_LAST_STAGE = 4  # of a deal
_NEARLY_A_DAY = np.timedelta64(86_399, "s")
_DEEDS = {"calls": "at", "events": "at", "appointments": "set_at", "text_messages": "at"}
"""What is done with people, and when it was."""


@dataclass(frozen=True)
class Volume:
    """How much happens: shares of all rows of the kind; `people` come in, `moved` go to another stage."""

    deeds: float
    texts: float
    people: float
    moved: float
    changed: float


LEAD = Volume(deeds=0.01, texts=0, people=0.002, moved=0.003, changed=0.001)
"""What V1 has missed on the world's last day; it never had any text message."""

DAILY = Volume(deeds=0.0015, texts=0, people=0.0008, moved=0.001, changed=0.0005)
ASIDE = Volume(deeds=0.0005, texts=0.002, people=0.0002, moved=0.0003, changed=0.0002)
"""What a day brings, and what of it V1 misses."""


def with_texts(today: Round, crm: Crm, count: int, people: int) -> Crm:
    """Add the text messages there have been with so many people."""
    others = crm.people[crm.people["id"] > UNTOUCHED]
    texts = crm_texts.so_far(today.branch("texts"), count, people, crm.users, others).assign(ahead=True)
    return _counted(today, replace(crm, text_messages=texts), {"text_messages": texts})


def happened(today: Round, volume: Volume, crm: Crm) -> Crm:
    """Let a round pass over the CRM."""
    crm = _moved(today, volume, crm)
    crm = _changed(today, volume, crm)
    crm = replace(crm, people=_with_new_people(today, volume, crm), deals=_with_new_deal(today, crm))
    new = {name: _new(today, crm, name, volume) for name in _DEEDS if name != "text_messages" or volume.texts}
    frames = {name: added(getattr(crm, name), rows) for name, rows in new.items()}
    return _counted(today, replace(crm, **frames), new)


def vanished(today: Round, crm: Crm) -> Crm:
    """Delete a person nobody has had to do with."""
    people = crm.people
    met = [getattr(crm, name)["person_id"] for name in _DEEDS]
    met += [crm.deals["person_id"], crm.deals["second_person_id"]]
    free = ~people["id"].isin(pd.concat(met)) & (people["id"] > UNTOUCHED) & ~(people["ahead"] & today.in_v1)
    gone = today.some("vanished people", people["id"][free], 0.00005, len(people))
    return replace(crm, people=without(people, gone))


def _free(today: Round, frame: pd.DataFrame) -> pd.Series[bool]:
    return (frame["id"] > UNTOUCHED) & ~(frame["ahead"] & today.in_v1)


def _moved(today: Round, volume: Volume, crm: Crm) -> Crm:
    """Move people to the next stage, every fourth into the trash."""
    people = crm.people
    free = people["id"][_free(today, people) & (people["stage"] < _TRASH)]
    ids = today.some("moved people", free, volume.moved, len(people), least=2)
    now = at(people, ids)
    trashed = (np.arange(len(ids)) + today.number) % 4 == 0
    stage = np.where(trashed, _TRASH, now["stage"].to_numpy() + 1)
    rows = crm.stages.set_index(["account_id", "number"])["id"]
    wanted = pd.MultiIndex.from_arrays([now["account_id"], stage + FIRST_STAGE])
    known = rows.reindex(wanted).fillna(0).astype(np.int64).to_numpy()
    moments = today.moments("moved people", len(ids))
    columns = {"stage": stage, "stage_number": stage + FIRST_STAGE, "stage_id": known}
    return replace(crm, people=today.changed(people, ids, moments, **columns))


def _changed(today: Round, volume: Volume, crm: Crm) -> Crm:
    """Write down how calls and appointments went, and bring deals forward."""
    calls, booked, deals = crm.calls, crm.appointments, crm.deals
    tried = calls["id"][_free(today, calls) & (calls["outcome"] == "No Answer")]
    ids = today.some("changed calls", tried, volume.changed, len(calls))
    calls = today.changed(calls, ids, today.moments("changed calls", len(ids)), outcome="Left Message")
    open_ = booked["id"][_free(today, booked) & (booked["outcome"] == "") & (booked["set_at"] < today.day)]
    ids = today.some("changed appointments", open_, volume.changed, len(booked))
    booked = today.changed(booked, ids, today.moments("changed appointments", len(ids)), outcome="Cancelled")
    going = deals["id"][
        ~(deals["ahead"] & today.in_v1) & (deals["status"] == "Active") & (deals["stage"] < _LAST_STAGE)
    ]
    ids = today.some("changed deals", going, volume.changed, len(deals))
    moments, now = today.moments("changed deals", len(ids)), at(deals, ids)
    stage = now["stage"].to_numpy() + 1
    deals = today.changed(
        deals,
        ids,
        moments,
        stage=stage,
        stage_name=crm_activity.deal_stage_names(now["pipeline"].to_numpy(), stage),
        status=np.where(stage == _LAST_STAGE, "Won", "Active"),
        entered_stage=moments,
    )
    return replace(crm, calls=calls, appointments=booked, deals=deals)


def _numbers(today: Round, kind: str, frame: pd.DataFrame, account: Ints) -> Ints:
    """Number new rows on within their accounts."""
    highest = frame.groupby("account_id")["number"].max().reindex(account).fillna(0).to_numpy().astype(np.int64)
    return highest + crm_activity.numbered(today.chance(f"numbers of {kind}"), account, 0)


def _with_new_people(today: Round, volume: Volume, crm: Crm) -> pd.DataFrame:
    people = crm.people
    count = max(round(volume.people * len(people)), 1)
    moments = np.sort(today.moments("new people", count))
    made = crm_activity.people(today.branch("people"), count, crm.users, crm.stages, len(STAGES), moments)
    made["id"] += today.last_id("people", people)
    made["number"] = _numbers(today, "people", people, made["account_id"].to_numpy())
    made["email"] = emails(made, "person")
    made = made.assign(contacted=0, visits=0, last_activity=np.datetime64("NaT"))
    return added(people, today.told(made, made["created"]))


def _in_order(today: Round, people: pd.DataFrame) -> pd.DataFrame:
    """The people as the makers of deeds want them: oldest first, numbered from 1; `known_as` is the true id.

    What V1 learns of happens to people it knows.
    """
    people = people[(people["id"] > UNTOUCHED) & ((people["id"] < LIVE_ONLY) | (not today.in_v1))]
    ordered = people.sort_values(["created", "id"], ignore_index=True)
    return ordered.assign(known_as=ordered["id"], id=np.arange(1, len(ordered) + 1))


def _truly(people: pd.DataFrame, ids: pd.Series[int]) -> Ints:
    return np.append(0, people["known_as"].to_numpy())[ids]


def _with_new_deal(today: Round, crm: Crm) -> pd.DataFrame:
    ordered = _in_order(today, crm.people)
    made = crm_activity.deals(today.branch("deals"), 1, crm.users, ordered)
    moments = today.moments("new deals", len(made))
    stage = np.zeros(len(made), dtype=np.int64)
    made = made.assign(
        id=made["id"] + today.last_id("crm deals", crm.deals),
        number=_numbers(today, "deals", crm.deals, made["account_id"].to_numpy()),
        person_id=_truly(ordered, made["person_id"]),
        second_person_id=_truly(ordered, made["second_person_id"]),
        created=moments,
        entered_stage=moments,
        stage=stage,
        stage_name=crm_activity.deal_stage_names(made["pipeline"].to_numpy(), stage),
        status="Active",
        projected_close=today.day + np.timedelta64(45 * 86_400, "s"),
    )
    return added(crm.deals, today.told(made, moments))


_MAKERS: dict[str, Callable[[int, int, pd.DataFrame, pd.DataFrame, Array], pd.DataFrame]] = {
    "calls": crm_activity.calls,
    "events": lambda seed, count, _, people, moments: crm_activity.events(seed, count, people, moments),
    "appointments": crm_activity.appointments,
    "text_messages": crm_texts.text_messages,
}


def _new(today: Round, crm: Crm, name: str, volume: Volume) -> pd.DataFrame:
    """Make what is done with people in this round."""
    frame: pd.DataFrame = getattr(crm, name)
    share = volume.texts if name == "text_messages" else volume.deeds
    count = max(round(share * len(frame)), 2)
    ordered = _in_order(today, crm.people)
    moments = np.sort(today.moments(f"new {name}", count))
    made = _MAKERS[name](today.branch(name), count, crm.users, ordered, moments)
    made["id"] += today.last_id(name, frame)
    made["number"] = _numbers(today, name, frame, made["account_id"].to_numpy())
    made["person_id"] = _truly(ordered, made["person_id"])
    for column in {"updated", "stored"} & set(made.columns):
        made[column] = np.minimum(made[column].to_numpy(), today.day + _NEARLY_A_DAY)
    when = next(made[column] for column in ("updated", "stored", _DEEDS[name]) if column in made)
    return today.told(made, when)


def _counted(today: Round, crm: Crm, new: dict[str, pd.DataFrame]) -> Crm:
    """Let the people know what was done with them: calls made, visits to the website, the last activity."""
    people = crm.people.set_index("id")
    last = pd.concat([rows.set_index("person_id")[_DEEDS[name]] for name, rows in new.items()]).groupby(level=0).max()
    last = last[last.index != 0]
    calls, events = new.get("calls", crm.calls.iloc[:0]), new.get("events", crm.events.iloc[:0])
    called = calls[~calls["incoming"]].groupby("person_id").size().reindex(last.index, fill_value=0)
    came = events[events["type"] == "Visited Website"].groupby("person_id").size().reindex(last.index, fill_value=0)
    now = people.loc[last.index]
    later = now["last_activity"].isna() | (last > now["last_activity"])
    now = now.assign(
        contacted=now["contacted"] + called,
        visits=now["visits"] + came,
        last_activity=now["last_activity"].mask(later, last),
    )[later | (called + came > 0)]
    touched = now[["updated", "last_activity"]].max(axis=1).to_numpy()
    columns = {name: now[name].to_numpy() for name in ("contacted", "visits", "last_activity")}
    return replace(crm, people=today.changed(crm.people, now.index, touched, **columns))
