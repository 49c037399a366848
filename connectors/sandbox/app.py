"""The made-up consumer-finance app: a world of its own, with accounts, answers, events and statement lines.

Belongs here: who signs up, what they answer, and how days pass. Does not belong here: what a visit or an upload brings
(`connectors/sandbox/app_activity.py`), and the app's tables (`connectors/customer_app/stand_in.py`).

Planted, since real data has it: second rows of answers, answers finished before they were begun, steps that no screen
has, events before the sign-up, an event nobody knows, demo accounts, people erased or deleted, lines that were never
copied from the app's older table.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox import WORLD_DAY, app_activity
from connectors.sandbox import app_words as words
from connectors.sandbox.app_activity import SECOND, TRACKED_SINCE
from connectors.sandbox.chance import Array, Bools, Ints, pick, stream
from connectors.sandbox.names import FIRST, LAST
from connectors.sandbox.people import emails

_DAY = np.timedelta64(86_400, "s")
_BEGAN = np.datetime64("2025-11-03T14:00", "ms")
_ENDS = np.datetime64(WORLD_DAY, "ms") + 72_000 * SECOND
_NEVER = np.datetime64("NaT", "ms")
_AN_HOUR = 3_600

_SIZES = {
    "users": (4_000, 80),
    "logins": (25_500, 600),
    "uploads": (4_500, 90),
    "admin_events": (600, 20),
    "new_users": (8, 2),
    "new_logins": (130, 4),
    "new_uploads": (14, 3),
    "new_answers": (20, 1),
    "edited_lines": (40, 2),
    "erased_people": (1, 1),
}
"""Rows at scale 1, and the fewest; the last six a day."""

SECOND_ANSWERS, BEFORE_SIGNUP, UNTOLD = 50, 60, 100
"""Every so manieth user has a second row of answers, or an event before the sign-up; upload, no row but a fact."""


@dataclass(frozen=True)
class AppWorld:
    """What the app knows on a day.

    Attributes:
        users: accounts, and who they are; `erased` is when the app hid the latter.
        answers: of the questionnaire; `step` -1 stands for none noted.
        events: what users did.
        lines: statement lines; `id` 0 for those the older table lacks, `fact_id` is never 0.
        day: days since the world's own last one.
        today: the day it is.
    """

    users: pd.DataFrame
    answers: pd.DataFrame
    events: pd.DataFrame
    lines: pd.DataFrame
    day: int
    today: date


def build(seed: int, scale: float = 1.0, day: int = 0) -> AppWorld:
    """Make the app's world, so many days after its own last one, the same on every machine."""
    rows = {name: max(round(size * scale), fewest) for name, (size, fewest) in _SIZES.items()}
    made = _last_day(seed, rows)
    for _ in range(day):
        made = _next_day(made, seed, rows)
    return made


def _last_day(seed: int, rows: dict[str, int]) -> AppWorld:
    count = rows["users"]
    chance = stream(seed, "app users")
    span = (_ENDS - _BEGAN) // SECOND - _AN_HOUR
    share = np.sort(np.maximum(chance.random(count), chance.random(count)))
    created = _BEGAN + (share * span).astype(np.int64) * SECOND + chance.integers(0, 1_000, count) * np.timedelta64(1)
    created[0] = _BEGAN
    users = _people(chance, np.arange(1, count + 1), created)

    chance = stream(seed, "app uploads")
    uploading = users[users["uploads"]]
    owners = uploading.iloc[np.sort(chance.integers(0, len(uploading), rows["uploads"]))]
    lasted = _seconds(_ENDS - owners["created"].to_numpy())
    early = chance.random(len(owners)) < 0.4
    waited = np.where(
        early, np.minimum(lasted, 6 * _AN_HOUR) * chance.random(len(owners)), lasted * _soon(chance, lasted)
    )
    moments = owners["created"].to_numpy() + waited.astype(np.int64) * SECOND
    lines, uploaded = app_activity.uploads(chance, owners, moments, 1)
    users = _uploaded(users, owners, moments)

    chance = stream(seed, "app visits")
    heavy = 3 * chance.integers(0, count // 3, rows["logins"])
    who = np.where(chance.random(rows["logins"]) < 0.5, heavy, chance.integers(0, count, rows["logins"]))
    since = users["created"].to_numpy()[who]
    lasted = _seconds(_ENDS - since)
    came = since + (lasted * _soon(chance, lasted)).astype(np.int64) * SECOND
    early_birds = users["id"].to_numpy()[BEFORE_SIGNUP - 1 :: BEFORE_SIGNUP]
    who, came = (
        np.concatenate([users["id"].to_numpy()[who], early_birds]),
        np.concatenate([came, users["created"].to_numpy()[early_birds - 1] - 2 * _DAY]),
    )
    administered = _BEGAN + (np.sort(chance.random(rows["admin_events"])) * span).astype(np.int64) * SECOND
    parts = [
        app_activity.visits(chance, who, came),
        app_activity.consents(users),
        uploaded,
        app_activity.administered(chance, len(administered), administered),
    ]
    users = users.assign(logins=_counted(users, who))
    events = _numbered(pd.concat(parts, ignore_index=True), users, 0)
    events = events[events["moment"] <= _ENDS]
    answers = _answers(stream(seed, "app answers"), users, 0)
    answers = answers[answers["created"] <= _ENDS]
    return AppWorld(users, answers, events, _with_ids(lines, 0, 0), 0, WORLD_DAY)


def _seconds(span: Array) -> Ints:
    return np.asarray(span.astype("timedelta64[s]").astype(np.int64))


def _soon(chance: Generator, like: Array) -> Array:
    """Draw shares of a time, the early ones far more often."""
    return chance.random(len(like)) * chance.random(len(like))


def _people(chance: Generator, ids: Ints, created: Array) -> pd.DataFrame:
    count = len(ids)
    made = pd.DataFrame(
        {
            "id": ids,
            "first_name": pick(chance, FIRST, [1] * len(FIRST), count).astype(object),
            "last_name": pick(chance, LAST, [1] * len(LAST), count).astype(object),
            "phone": chance.integers(0, 100, count),
            "province": pick(chance, words.PROVINCES, [40, 22, 14, 12, 4, 3, 3, 2, 2, 1, 1, 1, 1, 2], count).astype(
                object
            ),
            "birthdate": created.astype("datetime64[D]") - (6_800 + chance.integers(0, 15_000, count)),
            "created": created,
            "cookie_at": np.where(chance.random(count) < 0.8, created + chance.integers(1, 40, count) * SECOND, _NEVER),
            "cookie_choice": pick(chance, ["accept_all", "essential_only"], [3, 2], count).astype(object),
            "active": pick(chance, ["yes", "no", "not said"], [94, 4, 2], count).astype(object),
            "validated": chance.random(count) < 0.85,
            "is_demo": chance.random(count) < 0.03,
            "uploads": chance.random(count) < 0.55,
            "has_token": chance.random(count) < 0.6,
            "has_answers": chance.random(count) < 0.88,
            "first_upload": np.full(count, _NEVER),
            "erased": np.where(chance.random(count) < 0.012, created + 20 * _DAY, _NEVER),
            "logins": np.zeros(count, dtype=np.int64),
        }
    )
    made.loc[made["erased"] > _ENDS, "erased"] = pd.NaT
    is_admin = (ids == 1).astype(bool)
    made.loc[is_admin, ["uploads", "has_answers", "is_demo"]] = False
    made.loc[is_admin, "erased"] = pd.NaT
    address = np.array(emails(made, "customer"), dtype=object)
    return made.assign(email=np.where(is_admin, words.ADMIN, address), updated=created)


def _uploaded(users: pd.DataFrame, owners: pd.DataFrame, moments: Array) -> pd.DataFrame:
    """Note the first upload of each owner, by which the app gives a token."""
    first = pd.Series(moments, index=owners["id"].to_numpy()).groupby(level=0).min()
    found = users["id"].map(first)
    return users.assign(
        first_upload=users["first_upload"].where(users["first_upload"].notna(), found),
        has_token=users["has_token"] | found.notna(),
    )


def _counted(users: pd.DataFrame, who: Ints) -> Ints:
    return np.asarray(users["logins"] + users["id"].map(pd.Series(who).value_counts()).fillna(0).astype(np.int64))


def _numbered(events: pd.DataFrame, users: pd.DataFrame, last_id: int) -> pd.DataFrame:
    """Number events as they came; what the app did not note in its early days is not there."""
    events = events.sort_values(["moment", "user_id"], kind="stable", ignore_index=True)
    is_tracked = events["moment"] >= TRACKED_SINCE
    with_token = users["id"][users["has_token"]]
    return events.assign(
        id=last_id + np.arange(1, len(events) + 1),
        session=events["session"].where(is_tracked, None),
        with_token=is_tracked & events["user_id"].isin(with_token),
    )


def _with_ids(lines: pd.DataFrame, last_id: int, last_fact: int) -> pd.DataFrame:
    """Number lines in both of the app's tables; those of some uploads were born in the newer one."""
    lines = lines.sort_values(["created", "user_id"], kind="stable", ignore_index=True)
    told = ~(lines["upload"].str[-2:] == f"{UNTOLD // 2:02d}").fillna(value=False).to_numpy(dtype=bool)
    return lines.assign(
        id=np.where(told, last_id + np.cumsum(told), 0), fact_id=last_fact + np.arange(1, len(lines) + 1)
    )


def _answers(chance: Generator, users: pd.DataFrame, last_id: int) -> pd.DataFrame:
    """Make the answers of new users; some began anew and have a second row."""
    having = users[users["has_answers"]]
    again = having[having["id"] % SECOND_ANSWERS == 0]
    begun = having["created"].to_numpy() + chance.integers(10, 600, len(having)) * SECOND
    anew = again["created"].to_numpy() + chance.integers(2 * _AN_HOUR, 9 * _AN_HOUR, len(again)) * SECOND
    owner = np.concatenate([having["id"].to_numpy(), again["id"].to_numpy()])
    created = np.concatenate([begun, anew])
    count = len(owner)
    is_done = chance.random(count) < 0.62
    step = np.where(is_done, np.where(chance.random(count) < 0.3, 6, 7), chance.integers(0, 7, count))
    slow = chance.random(count) < 0.1
    took = np.where(slow, chance.integers(_AN_HOUR, 4 * 86_400, count), chance.integers(120, 2_400, count))
    took = np.where(chance.random(count) < 0.015, -chance.integers(1, 300, count), took)  # a browser's clock
    completed = np.where(is_done, created + took * SECOND, _NEVER)
    completed = np.where(completed > _ENDS, np.where(created > _ENDS, completed, _ENDS), completed)
    odd = owner % 70 == 7
    step = np.where(odd, np.array([9, 3, -1, 8])[owner // 70 % 4], step)
    made = pd.DataFrame({"user_id": owner, "created": created, "completed": completed, "step": step})
    made = made.assign(updated=made[["created", "completed"]].max(axis=1))
    made = made.assign(**_said(chance, count))
    made = made.sort_values(["created", "user_id"], kind="stable", ignore_index=True)
    return made.assign(id=last_id + np.arange(1, count + 1))


def _said(chance: Generator, count: int) -> dict[str, Array]:
    """What everybody would answer; how far they came tells what of it is noted."""
    alone = chance.random(count) < 0.1
    saving, others = words.FINANCIAL[:3], words.FINANCIAL[3:]
    first = np.array(saving, dtype=object)[chance.integers(0, 3, count)]
    other = np.array(others, dtype=object)[chance.integers(0, len(others), count)]
    context: list[tuple[str, ...]] = [
        (words.NOT_SAID,) if one else (a, b) for one, a, b in zip(alone, first, other, strict=True)
    ]
    free = pick(chance, words.FREE_TEXT, [1] * len(words.FREE_TEXT), count).astype(object)
    return {
        "emotional": _several(chance, words.EMOTIONAL, count),
        "financial": _column(context),
        "motivation": np.array(words.MOTIVATION, dtype=object)[chance.integers(0, 6, count)],
        "acquisition": np.array(words.ACQUISITION, dtype=object)[chance.integers(0, 6, count)],
        "insights": _several(chance, words.INSIGHTS, count),
        "free_text": np.asarray(free),
    }


def _several(chance: Generator, options: tuple[str, ...], count: int) -> Array:
    first, wanted = chance.integers(0, len(options), count), chance.integers(1, 4, count)
    ring = options * 2
    return _column([ring[start : start + number] for start, number in zip(first, wanted, strict=True)])


def _column(values: list[tuple[str, ...]]) -> Array:
    made = np.empty(len(values), dtype=object)
    made[:] = values
    return made


def _next_day(world: AppWorld, seed: int, rows: dict[str, int]) -> AppWorld:
    """Let a day pass: some sign up, come, upload, answer, correct; one is erased, and one without facts deleted."""
    number = world.day + 1
    chance = stream(seed, f"app day {number}")
    noon = np.datetime64(WORLD_DAY, "ms") + number * _DAY + 43_200 * SECOND

    def moments(count: int) -> Array:
        return np.asarray(np.sort(noon + chance.integers(2 * _AN_HOUR, 8 * _AN_HOUR, count) * SECOND))

    created = noon + np.sort(chance.integers(0, _AN_HOUR, rows["new_users"])) * SECOND
    first_id = int(world.users["id"].max()) + 1
    came = _people(chance, np.arange(first_id, first_id + len(created)), created).assign(erased=_NEVER)
    came.loc[came.index[0], ["uploads", "has_answers"]] = True
    leaving = world.users[~world.users["has_token"] & ~world.users["uploads"] & (world.users["id"] > BEFORE_SIGNUP)]
    gone = _some(chance, leaving["id"], 1)
    users = pd.concat([world.users[~world.users["id"].isin(gone)], came], ignore_index=True)

    ours = users[users["uploads"]]
    chosen = np.sort(chance.permutation(len(ours) - 1)[: rows["new_uploads"] - 1])
    owners = ours.iloc[[*chosen, len(ours) - 1]]
    when = moments(len(owners))
    lines, uploaded = app_activity.uploads(chance, owners, when, 100_000 * number + 1)
    users = _uploaded(users, owners, when)
    who = users["id"].to_numpy()[np.sort(chance.integers(0, len(users), rows["new_logins"]))]
    parts = [
        app_activity.visits(chance, who, moments(len(who))),
        app_activity.consents(came),
        uploaded,
        app_activity.administered(chance, 2, moments(2)),
    ]
    erased = _some(chance, users["id"][users["erased"].isna() & (users["id"] > 1)], rows["erased_people"])
    is_erased = users["id"].isin(erased)
    users = users.assign(
        logins=_counted(users, who),
        erased=users["erased"].where(~is_erased, moments(1)[0]),
        updated=users["updated"].where(~users["id"].isin(who), moments(1)[0]),
    )
    new = _numbered(pd.concat(parts, ignore_index=True), users, int(world.events["id"].max()))
    answers = _went_on(chance, world.answers[~world.answers["user_id"].isin(gone)], rows["new_answers"], moments(1)[0])
    answers = pd.concat([answers, _answers(chance, came, int(world.answers["id"].max()))], ignore_index=True)
    kept = _corrected(chance, world.lines, rows["edited_lines"])
    added = _with_ids(lines, int(kept["id"].max()), int(kept["fact_id"].max()))
    return replace(
        world,
        users=users,
        answers=answers,
        events=pd.concat([world.events[~world.events["user_id"].isin(gone)], new], ignore_index=True),
        lines=pd.concat([kept, added], ignore_index=True),
        day=number,
        today=WORLD_DAY + timedelta(days=number),
    )


def _some(chance: Generator, ids: pd.Series, count: int) -> Ints:
    return np.asarray(np.sort(chance.permutation(ids.to_numpy())[:count]))


def _went_on(chance: Generator, answers: pd.DataFrame, count: int, moment: np.datetime64) -> pd.DataFrame:
    """Let some who had stopped go on: the first of them to the end."""
    waiting = answers["id"][answers["completed"].isna() & answers["step"].between(0, 6)]
    chosen = _some(chance, waiting, count)
    is_on: Bools = answers["id"].isin(chosen).to_numpy()
    is_done: Bools = answers["id"].isin(chosen[:1]).to_numpy()
    return answers.assign(
        step=np.where(is_done, 7, answers["step"] + is_on),
        completed=answers["completed"].where(~is_done, moment),
        updated=answers["updated"].where(~is_on, moment),
    )


def _corrected(chance: Generator, lines: pd.DataFrame, count: int) -> pd.DataFrame:
    """Let people put lines into another category, which both of the app's tables learn."""
    is_one = lines["fact_id"].isin(_some(chance, lines["fact_id"], count))
    return lines.assign(
        category=lines["category"].where(~is_one, "Health"), label=lines["label"].where(~is_one, "Corrected")
    )
