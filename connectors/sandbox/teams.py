"""Teams, who is on them, and who directs, leads and mentors whom.

Belongs here: teams, rosters, the three roles and their assignments. Does not belong here: the people
themselves.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Ints, pick, skewed, split, stream, uuids
from connectors.sandbox.names import TEAM_BACK, TEAM_FRONT

_DAY = np.timedelta64(86_400, "s")
_NEVER = np.datetime64("NaT")


def _ids(count: int) -> Ints:
    return np.arange(1, count + 1)


def teams(seed: int, count: int) -> pd.DataFrame:
    """Make the teams, without their owners."""
    chance = stream(seed, "teams")
    names = chance.permutation(len(TEAM_FRONT) * len(TEAM_BACK))
    front, back = np.divmod(names[np.arange(count) % len(names)], len(TEAM_BACK))
    again = np.arange(count) // len(names)
    rows = zip(front.tolist(), back.tolist(), again.tolist(), strict=True)
    return pd.DataFrame(
        {
            "id": _ids(count),
            "uuid": uuids("team", range(1, count + 1)),
            "name": [f"{TEAM_FRONT[a]} {TEAM_BACK[b]}" + (f" {c + 1}" if c else "") for a, b, c in rows],
            "type": pick(chance, ["NORMAL", "PLATINUM", "DOMESTIC", "GROUP"], [80, 8, 8, 4], count),
            "created": np.datetime64("2019-01-07", "s") + chance.integers(0, 2_500, count) * _DAY,
            "active": chance.random(count) < 0.96,
            "brokerage_id": chance.integers(1, 5, count),
        }
    )


def roster(seed: int, count: int, team_count: int, members: Ints, logins_on_team: int, joined: Array) -> pd.DataFrame:
    """Fill the teams; the first row of a team is its owner.

    Args:
        seed: of the world.
        count: roster rows in all.
        team_count: how many teams.
        members: agent ids to draw from: first those with a login, of whom many own a team.
        logins_on_team: how many of `members` have a login.
        joined: the agents' first days at the brokerage, by agent id - 1.
    """
    chance = stream(seed, "roster")
    sizes = split(count, skewed(chance, team_count, 2, 250), least=2)
    first = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    owned = chance.permutation(first)[: min(team_count, logins_on_team * 11 // 20)]
    rest = np.setdiff1d(np.arange(count), first)
    seats = np.concatenate([owned, chance.permutation(rest), np.setdiff1d(first, owned)])
    agent = np.empty(count, dtype=np.int64)
    agent[seats] = members[:count]
    is_owner = np.isin(np.arange(count), first)
    has_login = np.isin(agent, members[:logins_on_team])
    gone = ~is_owner & ~has_login & (chance.random(count) < 0.06)
    since = np.maximum(joined[agent - 1], np.datetime64("2019-01-07", "s")) + chance.integers(0, 60, count) * _DAY
    since = np.minimum(since, np.datetime64("2026-10-01", "s"))
    return pd.DataFrame(
        {
            "id": _ids(count),
            "team_id": np.repeat(_ids(team_count), sizes),
            "agent_id": agent,
            "role": pd.Categorical(
                np.where(is_owner, "owner", np.where(chance.random(count) < 0.04, "admin", "member")),
                ["owner", "leader", "director", "mentor", "admin", "member"],
            ),
            "joined": since,
            "left": np.where(gone, since + chance.integers(1, 30, count) * _DAY, _NEVER),
            "seat": chance.random(count) < 0.7,
        }
    )


def listed_only(seed: int, teams_made: pd.DataFrame, free: Ints) -> pd.DataFrame:
    """Choose members whom a team's own list names and no roster does: 1 to 3 in one team of twenty."""
    chance = stream(seed, "listed_only")
    chosen = np.sort(chance.permutation(teams_made["id"].to_numpy())[: max(1, len(teams_made) // 20)])
    team = np.repeat(chosen, chance.integers(1, 4, len(chosen)))
    return pd.DataFrame({"team_id": team, "agent_id": free[: len(team)]})


def _served(chance: np.random.Generator, roster_made: pd.DataFrame, count: int) -> pd.DataFrame:
    """Take `count` plain members out of the roster, in an order of chance, with their time in office."""
    plain = roster_made[(roster_made["role"] == "member") & roster_made["left"].isna()]
    taken = plain.iloc[np.sort(chance.permutation(len(plain))[:count])]
    assigned = taken["joined"].to_numpy() + chance.integers(0, 31, count) * _DAY
    over = chance.random(count) < 0.1
    return pd.DataFrame(
        {
            "id": _ids(count),
            "roster_id": taken["id"].to_numpy(),
            "agent_id": taken["agent_id"].to_numpy(),
            "team_id": taken["team_id"].to_numpy(),
            "assigned": assigned,
            "unassigned": np.where(over, np.datetime64("2026-10-15", "s"), _NEVER),
            "active": ~over,
        }
    )


def directors(seed: int, roster_made: pd.DataFrame, count: int) -> pd.DataFrame:
    """Choose the directors from the roster."""
    return _served(stream(seed, "directors"), roster_made, count)


def leaders(seed: int, roster_made: pd.DataFrame, count: int, director_of_team: Ints) -> pd.DataFrame:
    """Choose the leaders from the roster; `director_of_team` by team id, 0 where a team has none."""
    chance = stream(seed, "leaders")
    made = _served(chance, roster_made, count)
    made["director_id"] = director_of_team[made["team_id"]]
    made["percentage"] = np.array([5, 7.5, 10, 12.5, 15, 20])[chance.integers(0, 6, count)]
    made["training"] = chance.random(count) < 0.15
    return made


def mentors(seed: int, roster_made: pd.DataFrame, count: int) -> pd.DataFrame:
    """Choose the mentors from the roster."""
    chance = stream(seed, "mentors")
    made = _served(chance, roster_made, count)
    made["percentage"] = np.array([10, 15, 20, 22.5])[chance.integers(0, 4, count)]
    made["max_mentees"] = chance.integers(20, 60, count)
    return made


def _assignment_days(chance: np.random.Generator, count: int) -> dict[str, Array]:
    assigned = np.datetime64("2024-01-02", "s") + chance.integers(0, 990, count) * _DAY
    over = chance.random(count) < 0.15
    return {
        "assigned": assigned,
        "unassigned": np.where(over, assigned + chance.integers(1, 40, count) * _DAY, _NEVER),
        "active": ~over,
    }


def director_assignments(seed: int, count: int, director_count: int, team_count: int) -> pd.DataFrame:
    """Give each director some teams; a team has at most one director."""
    chance = stream(seed, "director_assignments")
    count = min(count, team_count)
    return pd.DataFrame(
        {
            "id": _ids(count),
            "director_id": np.arange(count) % director_count + 1,
            "team_id": chance.permutation(_ids(team_count))[:count],
            **_assignment_days(chance, count),
        }
    )


def leader_of(seed: int, roster_made: pd.DataFrame, leaders_made: pd.DataFrame) -> Ints:
    """Choose each roster row's leader out of the team's; 0 for teams without one, and for those not led."""
    chance = stream(seed, "leader_of")
    by_team = leaders_made.sort_values("team_id", kind="stable")
    team = roster_made["team_id"].to_numpy()
    first = np.searchsorted(by_team["team_id"], team)
    has = np.searchsorted(by_team["team_id"], team, side="right") - first
    nth = (chance.random(len(team)) * has).astype(np.int64)
    led = (has > 0) & roster_made["role"].isin(["member", "mentor"]).to_numpy() & roster_made["left"].isna().to_numpy()
    return np.where(led, by_team["id"].to_numpy()[np.minimum(first + nth, len(by_team) - 1)], 0)


def leader_assignments(seed: int, count: int, roster_made: pd.DataFrame, leading: Ints) -> pd.DataFrame:
    """Record who leads whom for `count` of those who have a leader."""
    chance = stream(seed, "leader_assignments")
    chosen = np.sort(chance.permutation(np.flatnonzero(leading))[:count])
    led = roster_made.iloc[chosen]
    return pd.DataFrame(
        {
            "id": _ids(len(led)),
            "leader_id": leading[chosen],
            "team_id": led["team_id"].to_numpy(),
            "agent_id": led["agent_id"].to_numpy(),
            "percentage": np.array([5, 7.5, 10, 12.5])[chance.integers(0, 4, len(led))],
            **_assignment_days(chance, len(led)),
        }
    )


def mentor_assignments(seed: int, count: int, mentors_made: pd.DataFrame, agent_count: int) -> pd.DataFrame:
    """Give the mentors agents to coach; an agent has at most one mentor and no mentor has one."""
    chance = stream(seed, "mentor_assignments")
    others = np.setdiff1d(_ids(agent_count), mentors_made["agent_id"])
    required = chance.integers(1, 4, count)
    return pd.DataFrame(
        {
            "id": _ids(count),
            "mentor_id": chance.integers(1, len(mentors_made) + 1, count),
            "agent_id": chance.permutation(others)[:count],
            "transactions_required": required,
            "transactions_completed": (chance.random(count) * (required + 1)).astype(np.int64),
            "percentage": np.array([10, 15, 20])[chance.integers(0, 3, count)],
            **_assignment_days(chance, count),
        }
    )


def with_roles(roster_made: pd.DataFrame, role: str, holders: Mapping[str, Array] | pd.DataFrame) -> pd.DataFrame:
    """Write a role into the roster rows of those who hold it."""
    roles = roster_made["role"].copy()
    roles.iloc[np.asarray(holders["roster_id"]) - 1] = role
    return roster_made.assign(role=roles)
