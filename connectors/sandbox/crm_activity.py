"""People in the CRM and what is done with them: deals, calls, events, appointments.

Belongs here: one frame a kind, and when things happen: weekdays, seasons, growth. Does not belong here: who
works in the CRM (`connectors/sandbox/crm.py`).

Whatever happens to a person happens in the person's account and after the person came in. A `person_id` of 0
is a caller nobody knows; `user_missing` marks work of a user whom no row of `Crm.users` stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Bools, Ints, pick, skewed, stream
from connectors.sandbox.names import CITIES, FIRST, LAST, STATES
from connectors.sandbox.people import WORLD_DAY, emails

Chance = np.random.Generator

_SECOND = np.timedelta64(1, "s")
_DAY = np.timedelta64(86_400, "s")
_END = np.datetime64(WORLD_DAY, "s")
_NEVER = np.datetime64("NaT")
_FIRST_PERSON = np.datetime64("2023-05-01", "D")
FIRST_DEED = np.datetime64("2023-11-01", "D")

_BY_MONTH = np.array([7, 8, 10, 12, 13, 13, 12, 11, 10, 9, 7, 5])
_BY_WEEKDAY = np.array([11, 11, 11, 10, 9, 5, 2])
_DAYTIME = (0,) * 8 + (4, 8, 10, 9, 6, 7, 8, 9, 9, 10, 8, 4, 2, 0, 0, 0)
_ANY_TIME = (1, 1, 1, 1, 1, 2, 4, 6, 8, 8, 8, 8, 9, 8, 8, 8, 8, 8, 9, 10, 10, 8, 5, 2)

SOURCES = (
    "Zillow",
    "Realtor.com",
    "Website",
    "Facebook",
    "Google",
    "Referral",
    "Sphere",
    "Past Client",
    "Open House",
    "Yard Sign",
)
_SOURCE_WEIGHTS = (22, 14, 16, 10, 9, 10, 8, 5, 4, 2, 4)

PIPELINES = ("Buyers", "Sellers")
_DEAL_STAGES = (
    ("Agreement signed", "Showing", "Offer made", "Under contract", "Closed"),
    ("Agreement signed", "Listed", "Offer received", "Under contract", "Closed"),
)


def deal_stage_names(pipeline: Ints, stage: Ints) -> Array:
    """Name the stages of deals; pipelines count from 1, stages from 0."""
    return np.array(_DEAL_STAGES, dtype=object)[pipeline - 1, stage]


_UNKNOWN_USER = 900
"""The first number of users that left the CRM and whom V1 never fetched."""


def moments(chance: Chance, first: np.datetime64, hours: Sequence[int], count: int) -> Array:
    """Draw moments from the day `first` to the end, in order: fewer on weekends and in winter, more each year.

    `hours` weighs the hours of the day in Chicago, where the business day is cut.
    """
    days = np.arange(first, np.datetime64(WORLD_DAY, "D"))
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (days.astype(np.int64) + 3) % 7
    until = np.cumsum(_BY_MONTH[month] * _BY_WEEKDAY[weekday] * (800 + np.arange(len(days))))
    day = days[np.searchsorted(until, chance.integers(0, until[-1], count), side="right")]
    seconds = pick(chance, range(24), hours, count).codes.astype(np.int64) * 3_600 + chance.integers(0, 3_600, count)
    # An hour that the clocks skip or repeat in Chicago: take it for summer time.
    local = pd.DatetimeIndex(day.astype("datetime64[s]") + seconds * _SECOND).tz_localize(
        "America/Chicago", ambiguous=np.ones(count, dtype=bool), nonexistent="shift_forward"
    )
    drawn = local.tz_convert(None).to_numpy().astype("datetime64[s]")
    return np.sort(np.where(drawn >= _END, drawn - 7 * 3_600 * _SECOND, drawn))


def after(chance: Chance, since: Array, most: int) -> Array:
    """Draw a moment at most so many seconds after each of these; what is before the end stays before it."""
    drawn = since + chance.integers(1, most, len(since)) * _SECOND
    return np.where(since < _END, np.minimum(drawn, _END), drawn)


def seconds_left(since: Array) -> Ints:
    """Count the seconds from each of these moments to the end, 0 after it."""
    return np.maximum(np.asarray(_END - since).astype("m8[s]").astype(np.int64), 0)


def numbered(chance: Chance, account: Array, first: int) -> Ints:
    """Number rows within their account, in their order, with gaps."""
    steps = pd.Series(np.where(chance.random(len(account)) < 0.8, 1, chance.integers(2, 5, len(account))))
    return np.asarray(first + steps.groupby(np.asarray(account)).cumsum().to_numpy(), dtype=np.int64)


def people(
    seed: int, count: int, users: pd.DataFrame, stages: pd.DataFrame, stage_count: int, drawn_at: Array | None = None
) -> pd.DataFrame:
    """Make the people, oldest first: some users get far more of them than others.

    Args:
        seed: of the world.
        count: how many.
        users: the CRM's users.
        stages: the rows of stages.
        stage_count: how many stages an account has.
        drawn_at: when they come in, in order; without it at all times. So it is with everything below.
    """
    chance = stream(seed, "crm people")
    weights = (skewed(chance, len(users), 10, 400)).astype(np.int64)
    user = pick(chance, range(len(users)), weights.tolist(), count).codes.astype(np.int64)
    account = users["account_id"].to_numpy()[user]
    drawn = chance.random(count)
    created = moments(chance, _FIRST_PERSON, _ANY_TIME, count) if drawn_at is None else drawn_at
    stage = pick(chance, range(stage_count), [30, 22, 14, 6, 5, 6, 3, 6, 14, 4], count).codes.astype(np.int64)
    stage_row = np.zeros((users["account_id"].max() + 1, stage_count), dtype=np.int64)
    first = int(stages["number"].min())
    stage_row[stages["account_id"], stages["number"] - first] = stages["id"]
    via = pick(
        chance, ["API", "Email Parsing", "Historic Email Parsing", "Import", "Manually"], [50, 20, 5, 15, 10], count
    )
    made = pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "number": numbered(chance, account, 100),
            "account_id": account,
            "fub_user_id": np.where(drawn < 0.92, user + 1, 0),
            "user_missing": drawn > 0.985,
            "first_name": pick(chance, FIRST, [1] * len(FIRST), count),
            "last_name": pick(chance, LAST, [1] * len(LAST), count),
            "phone": chance.integers(0, 100, count),
            "created": created,
            "stage": stage,
            "stage_number": stage + first,
            "stage_id": stage_row[account, stage],
            "type": pick(chance, ["Buyer", "Seller", "Renter", ""], [60, 20, 5, 15], count),
            "source": pick(chance, [*SOURCES, ""], _SOURCE_WEIGHTS, count),
            "created_via": via,
            "price": np.where(
                chance.random(count) < 0.6, skewed(chance, count, 150, 4_000).astype(np.int64) * 1_000, 0
            ),
            "claimed": chance.random(count) < 0.3,
        }
    )
    made["email"] = emails(made, "person")
    return made


@dataclass(frozen=True)
class _Contact:
    """Who had to do with whom: rows of people and users, and the account of both."""

    person_id: Ints
    account_id: Ints
    fub_user_id: Ints


def _someone(chance: Chance, people_made: pd.DataFrame, at: Array) -> Ints:
    """Draw a person who was there at each of these moments, the newer the likelier."""
    known = np.searchsorted(people_made["created"].to_numpy(), at, side="right")
    share = chance.random(len(at))
    return np.minimum((np.maximum(known, 1) * (1 - share * share)).astype(np.int64), len(people_made) - 1) + 1


def _contacts(chance: Chance, users: pd.DataFrame, people_made: pd.DataFrame, at: Array, own: float) -> _Contact:
    """Draw a person and a user for each of these moments: in the share `own` the user the person is assigned to."""
    return of_people(chance, users, somebody(chance, people_made, at), own)


def somebody(chance: Chance, people_made: pd.DataFrame, at: Array) -> pd.DataFrame:
    """Draw the row of a person for each of these moments."""
    return people_made.iloc[_someone(chance, people_made, at) - 1]


def working_moments(chance: Chance, count: int) -> Array:
    """Draw moments at which people call or write, in order."""
    return moments(chance, FIRST_DEED, _DAYTIME, count)


def of_people(chance: Chance, users: pd.DataFrame, some: pd.DataFrame, own: float) -> _Contact:
    """Draw a user for each of these people."""
    account, assigned = some["account_id"].to_numpy(), some["fub_user_id"].to_numpy()
    other = _colleague(chance, users, account)
    user = np.where((assigned > 0) & (chance.random(len(some)) < own), assigned, other)
    return _Contact(some["id"].to_numpy(), account, user)


def user_numbers(chance: Chance, users: pd.DataFrame, fub_user_id: Ints, missing: Bools) -> Ints:
    """Look the CRM's numbers of users up; a missing user has one that no row of users has."""
    unknown = _UNKNOWN_USER + chance.integers(0, 5, len(missing))
    return np.where(missing, unknown, users["number"].to_numpy()[fub_user_id - 1])


def _colleague(chance: Chance, users: pd.DataFrame, account: Ints) -> Ints:
    """Draw a user of each of these accounts, the longer there the likelier."""
    first = np.searchsorted(users["account_id"], account)
    size = np.searchsorted(users["account_id"], account, side="right") - first
    share = chance.random(len(account))
    return first + (share * share * size).astype(np.int64) + 1


def _since(people_made: pd.DataFrame, person: Ints) -> Array:
    return people_made["created"].to_numpy()[person - 1]


def deals(seed: int, count: int, users: pd.DataFrame, people_made: pd.DataFrame) -> pd.DataFrame:
    """Make the deals that users keep in the CRM: few, as the brokerage keeps its own elsewhere."""
    chance = stream(seed, "crm deals")
    assigned = people_made["id"].to_numpy()[people_made["fub_user_id"].to_numpy() > 0]
    person = np.sort(chance.permutation(assigned)[:count])
    count = len(person)
    account = people_made["account_id"].to_numpy()[person - 1]
    came_in = _since(people_made, person)
    created = came_in + (chance.random(count) * seconds_left(came_in) / 2).astype(np.int64) * _SECOND
    entered = created + (chance.random(count) * seconds_left(created)).astype(np.int64) * _SECOND
    stage, pipeline = chance.integers(0, 5, count), chance.integers(0, 2, count)
    price = skewed(chance, count, 150, 2_500).astype(np.int64) * 1_000
    commission_cents = price * 100 * chance.integers(20, 31, count) // 1_000
    agent_cents = commission_cents * 7 // 10
    lost = chance.random(count)
    second = np.where(chance.random(count) < 0.25, _relative(people_made, person), 0)
    colleague = _colleague(chance, users, account)
    user = people_made["fub_user_id"].to_numpy()[person - 1]
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "number": numbered(chance, account, 30),
            "account_id": account,
            "person_id": person,
            "second_person_id": second,
            "fub_user_id": user,
            "second_fub_user_id": np.where((chance.random(count) < 0.2) & (colleague != user), colleague, 0),
            "created": created,
            "entered_stage": entered,
            "stage": stage,
            "stage_name": deal_stage_names(pipeline + 1, stage),
            "pipeline": pipeline + 1,
            "status": np.where(
                stage == 4, "Won", np.where(lost < 0.15, "Lost", np.where(lost < 0.25, "Archived", "Active"))
            ),
            "projected_close": np.where(
                stage == 4, entered, np.maximum(entered, created) + chance.integers(10, 90, count) * _DAY
            ),
            "price": price,
            "commission_cents": commission_cents,
            "agent_cents": agent_cents,
            "team_cents": commission_cents - agent_cents,
            "name": [f"{number} Example Street" for number in chance.integers(1, 2_000, count).tolist()],
        }
    )


def _relative(people_made: pd.DataFrame, person: Ints) -> Ints:
    """Find the next person of the same account, 0 where there is none."""
    after_id = people_made.groupby("account_id")["id"].shift(-1).fillna(0).to_numpy().astype(np.int64)
    return after_id[person - 1]


def _talks(chance: Chance, incoming: Bools) -> tuple[Array, Ints]:
    """Draw how calls ended and how long they took: seconds that fit the outcome."""
    count = len(incoming)
    outcomes = ["No Answer", "Left Message", "Interested", "Not Interested", "Busy", "Bad Number", ""]
    made = pick(chance, outcomes, [34, 24, 11, 8, 3, 4, 16], count)
    received = pick(chance, outcomes, [12, 8, 22, 8, 0, 0, 50], count)
    outcome: Array = np.where(incoming, np.asarray(received, dtype=object), np.asarray(made, dtype=object))
    rang = np.where(chance.random(count) < 0.8, 0, chance.integers(1, 31, count))
    talked = skewed(chance, count, 40, 2_400).astype(np.int64)
    lengths = {
        "No Answer": rang,
        "Left Message": chance.integers(15, 56, count),
        "Interested": talked,
        "Not Interested": chance.integers(10, 240, count),
        "Busy": chance.integers(0, 6, count),
        "Bad Number": chance.integers(0, 13, count),
        "": np.where(chance.random(count) < 0.4, 0, talked),
    }
    drawn = np.zeros(count, dtype=np.int64)
    for name, seconds in lengths.items():
        drawn = np.where(outcome == name, seconds, drawn)
    return outcome, drawn


def calls(
    seed: int, count: int, users: pd.DataFrame, people_made: pd.DataFrame, drawn_at: Array | None = None
) -> pd.DataFrame:
    """Make the calls, oldest first; most go to the people assigned to who calls."""
    chance = stream(seed, "crm calls")
    drawn = working_moments(chance, count) if drawn_at is None else drawn_at
    contact = _contacts(chance, users, people_made, drawn, own=0.85)
    at = np.maximum(drawn, _since(people_made, contact.person_id))
    incoming = chance.random(count) < 0.22
    outcome, duration = _talks(chance, incoming)
    missing = chance.random(count) < 0.02
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "number": numbered(chance, contact.account_id, 500),
            "account_id": contact.account_id,
            "fub_user_id": np.where(missing, 0, contact.fub_user_id),
            "user_missing": missing,
            "user_number": user_numbers(chance, users, contact.fub_user_id, missing),
            "person_id": np.where(incoming & (chance.random(count) < 0.15), 0, contact.person_id),
            "at": at,
            "updated": after(chance, at, 86_400),
            "incoming": incoming,
            "outcome": outcome,
            "duration": duration,
        }
    )


def events(seed: int, count: int, people_made: pd.DataFrame, drawn_at: Array | None = None) -> pd.DataFrame:
    """Make the events, oldest first: who registered, asked or looked at which property."""
    chance = stream(seed, "crm events")
    registrations = min(count * 3 // 20, len(people_made)) if drawn_at is None else 0
    registered = np.sort(chance.permutation(len(people_made))[:registrations]) + 1
    drawn = moments(chance, FIRST_DEED, _ANY_TIME, count - registrations) if drawn_at is None else drawn_at
    visitor = _someone(chance, people_made, drawn)
    kinds = ["Property Viewed", "Visited Website", "Saved Property", "Inquiry"]
    kind = pick(chance, kinds, [50, 30, 10, 10], len(drawn))
    made = pd.DataFrame(
        {
            "person_id": np.concatenate([registered, visitor]),
            "at": np.concatenate([_since(people_made, registered), np.maximum(drawn, _since(people_made, visitor))]),
            "type": np.concatenate([np.full(registrations, "Registration", dtype=object), kind.astype(object)]),
        }
    ).sort_values("at", kind="stable", ignore_index=True)
    account = people_made["account_id"].to_numpy()[made["person_id"].to_numpy() - 1]
    about_property = made["type"].isin(["Property Viewed", "Saved Property", "Inquiry"]).to_numpy()
    found = np.where(about_property, skewed(chance, count, 1, 4_000).astype(np.int64), 0)
    return made.assign(
        id=np.arange(1, count + 1),
        number=numbered(chance, account, 700),
        account_id=account,
        stored=after(chance, made["at"].to_numpy(), 600),
        property_number=found,
        city=np.where(about_property, np.array(CITIES, dtype=object)[found % len(CITIES)], ""),
        place=found % len(STATES),
    )


def appointments(
    seed: int, count: int, users: pd.DataFrame, people_made: pd.DataFrame, drawn_at: Array | None = None
) -> pd.DataFrame:
    """Make the appointments in the order they were set; the last ones are still to come."""
    chance = stream(seed, "crm appointments")
    drawn = working_moments(chance, count) if drawn_at is None else drawn_at
    contact = _contacts(chance, users, people_made, drawn, own=0.8)
    set_at = np.maximum(drawn, _since(people_made, contact.person_id))
    hour = np.timedelta64(3_600, "s")
    days = chance.integers(1, 22, count)
    days[-2:] += seconds_left(set_at[-2:]) // 86_400  # in a tiny world, too, some are still to come
    start = (set_at + days * _DAY).astype("datetime64[h]").astype("datetime64[s]")
    all_day = chance.random(count) < 0.03
    # Six hours after midnight UTC the day has begun in Chicago, all year round.
    start = np.where(all_day, start.astype("datetime64[D]").astype("datetime64[s]") + 6 * hour, start)
    length = np.where(all_day, 24 * hour, chance.integers(1, 9, count) * (hour // 4))
    outcomes = ["Met", "Held", "Completed", "No Show", "Rescheduled", "Cancelled", ""]
    outcome = np.asarray(pick(chance, outcomes, [36, 12, 10, 12, 9, 9, 12], count), dtype=object)
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "number": numbered(chance, contact.account_id, 800),
            "account_id": contact.account_id,
            "fub_user_id": contact.fub_user_id,
            "author_id": np.where(
                chance.random(count) < 0.75, contact.fub_user_id, _colleague(chance, users, contact.account_id)
            ),
            "person_id": np.where(chance.random(count) < 0.05, 0, contact.person_id),
            "set_at": set_at,
            "start": start,
            "end": start + length,
            "all_day": all_day,
            "outcome": np.where(start + length > _END, "", outcome),
            "type": pick(
                chance, ["Showing", "Listing Appointment", "Buyer Consultation", "Call", ""], [5, 2, 2, 1, 1], count
            ),
            "from_fub": chance.random(count) < 0.8,
        }
    )
