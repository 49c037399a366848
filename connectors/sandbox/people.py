"""The agents of the made-up brokerage and the users who sign in.

Belongs here: one row a person, and the second factors of users. Does not belong here: who sponsors whom
(`connectors/sandbox/forest.py`), teams and roles (`connectors/sandbox/teams.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.chance import Array, Bools, Ints, pick, stream, uuids
from connectors.sandbox.names import CITIES, FIRST, LAST, SLUGS, STATES

LONELY_USER = 7
"""The user id that has neither an agent nor a team, at every scale."""

LEAP_AGENT = 29
"""The agent id whose cap year starts on a February 29."""

_DAY = np.timedelta64(86_400, "s")
_LAST = np.datetime64(WORLD_DAY, "s")
_FIRST = np.datetime64("2016-01-04", "s")
_FIRST_USER = np.datetime64("2022-03-24", "s")


def _days_before(day: Array | np.datetime64, days: Array) -> Array:
    return np.asarray(day - days.astype(np.int64) * _DAY)


def agents(seed: int, sponsor: Ints, depth: Ints, sizes: Ints, logins: Ints) -> pd.DataFrame:
    """Make the agents, oldest first; those with a login are active. Ids start at 1, 0 is nobody."""
    count = len(sponsor)
    ids = np.arange(1, count + 1)
    chance = stream(seed, "agents")
    share = ids / (count + 1)
    joined = _FIRST + ((share + share * (1 - share)) * ((_LAST - _FIRST) // _DAY)).astype(np.int64) * _DAY
    status = pick(chance, ["ACTIVE", "INACTIVE", "CANDIDATE", "REJECTED", "RESURRECTING"], [70, 22, 4, 3, 1], count)
    status[logins] = "ACTIVE"
    since = (_LAST - joined) // _DAY
    left = np.where(
        status == "INACTIVE",
        joined + (chance.random(count) * since).astype(np.int64) * _DAY,
        np.datetime64("NaT"),
    )
    cap = np.array([12_000, 6_000, 4_000])[chance.integers(0, 3, count)]
    paid = np.minimum((chance.random(count) * cap * 130).astype(np.int64), cap * 100)
    capped_at = _LAST - (chance.random(count) * 300 * 86_400).astype(np.int64) * np.timedelta64(1, "s")
    anniversary = np.where(chance.random(count) < 0.08, np.datetime64("NaT"), joined)
    anniversary[LEAP_AGENT - 1] = np.datetime64("2020-02-29", "s")
    return pd.DataFrame(
        {
            "id": ids,
            "uuid": uuids("agent", ids.tolist()),
            "first_name": pick(chance, FIRST, [1] * len(FIRST), count),
            "last_name": pick(chance, LAST, [1] * len(LAST), count),
            "phone": chance.integers(0, 100, count),
            "status": status,
            "is_demo": chance.random(count) < 0.001,
            "from_outside": chance.random(count) < 0.03,
            "sponsor_id": sponsor + 1,
            "depth": depth,
            "network_size": sizes,
            "joined": joined,
            "left": left,
            "anniversary": anniversary,
            "birthdate": _days_before(_LAST, 8_800 + chance.integers(0, 18_000, count)),
            "place": chance.integers(0, len(STATES), count),
            "city": pick(chance, CITIES, [1] * len(CITIES), count),
            "brokerage_id": chance.integers(1, 5, count),
            "office_id": chance.integers(0, 40, count),
            "cap": cap,
            "cap_paid_cents": paid,
            "capped_at": np.where(paid == cap * 100, capped_at, np.datetime64("NaT")),
            "elite": chance.random(count) < 0.02,
        }
    )


def users(seed: int, count: int, agents_seen: pd.DataFrame, staff: int, teams: int) -> pd.DataFrame:
    """Make the users: one for each of the agents with a login, `staff` who only have a team, and others.

    Args:
        seed: of the world.
        count: how many users there are.
        agents_seen: the agents with a login, with `team_id`.
        staff: how many have a team and no agent.
        teams: how many teams there are.
    """
    chance = stream(seed, "users")
    ids = np.arange(1, count + 1)
    dealt = chance.permutation(ids[ids != LONELY_USER]) - 1
    with_agent = np.sort(dealt[: len(agents_seen)])
    only_team = dealt[len(agents_seen) : len(agents_seen) + staff]
    logins = agents_seen.iloc[chance.permutation(len(agents_seen))]
    created = _FIRST_USER + (chance.random(count) * ((_LAST - _FIRST_USER) // _DAY)).astype(np.int64) * _DAY
    made = pd.DataFrame(
        {
            "id": ids,
            "agent_id": 0,
            "team_id": 0,
            "first_name": pick(chance, FIRST, [1] * len(FIRST), count),
            "last_name": pick(chance, LAST, [1] * len(LAST), count),
            "phone": chance.integers(0, 100, count),
            "created": created,
            "last_login": _days_before(_LAST, chance.random(count) * 90),
            "birthdate": _days_before(_LAST, 8_800 + chance.integers(0, 18_000, count)),
            "is_admin": chance.random(count) < 0.1,
            "active": chance.random(count) < 0.95,
            "is_demo": chance.random(count) < 0.01,
            "paid": chance.random(count) < 0.8,
            "onboarding": pick(chance, ["Pending", "Started", "Partial", "Complete"], [8, 10, 12, 70], count),
        }
    )
    for column in ("first_name", "last_name"):
        made.loc[with_agent, column] = logins[column].to_numpy()
    for column, source in (("agent_id", "id"), ("team_id", "team_id")):
        made.loc[with_agent, column] = logins[source].to_numpy()
    made.loc[only_team, "team_id"] = chance.integers(1, teams + 1, staff)
    made["email"] = emails(made, "user")
    return made


def with_key(seed: int, users_made: pd.DataFrame) -> Bools:
    """Choose who has given a key to reZEN: every other one of the users who are agents."""
    agents_seen = users_made["id"].to_numpy()[users_made["agent_id"].to_numpy() > 0]
    chosen = stream(seed, "reZEN keys").permutation(agents_seen)[: (len(agents_seen) + 1) // 2]
    return np.isin(users_made["id"], chosen)


def emails(people: pd.DataFrame, kind: str) -> list[str]:
    """Return an address for each person, unique within the kind, whose letter it ends in."""
    slugs = [people[column].astype("object").map(SLUGS) for column in ("first_name", "last_name")]
    rows = zip(*slugs, people["id"].tolist(), strict=True)
    return [f"{first}.{last}{number}{kind[0]}@example.com" for first, last, number in rows]


def second_factors(seed: int, count: int, users_made: pd.DataFrame) -> pd.DataFrame:
    """Make the second factors: `count` users have one."""
    chance = stream(seed, "second_factors")
    holder = np.sort(chance.permutation(users_made["id"].to_numpy())[:count])
    created = users_made["created"].to_numpy()[holder - 1]
    enabled = chance.random(count) < 0.85
    confirmed = created + (chance.random(count) * 3_600).astype(np.int64) * np.timedelta64(1, "s")
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": holder,
            "created": created,
            "enabled": enabled,
            "method": pick(chance, ["totp", "sms", "email"], [6, 3, 1], count),
            "confirmed": np.where(enabled, confirmed, np.datetime64("NaT")),
            "last_used": np.where(enabled, _days_before(_LAST, chance.random(count) * 30), np.datetime64("NaT")),
        }
    )
