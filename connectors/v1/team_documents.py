"""V1's documents about teams: team, team_roster, directors, leaders, mentors and their assignments.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import uuids
from connectors.sandbox.world import World
from connectors.v1.people_values import of_agents, only_by_uuid, short_names
from connectors.v1.quirks import MISSING, Column, Quirks, one_or_the_other, plain


def team(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 45."""
    ids = plain(rows["id"])
    raw, spare = one_or_the_other(q, 0.1, plain(rows["uuid"]), plain(rows["uuid"]), "")
    size = world.roster[world.roster["left"].isna()].groupby("team_id").size().reindex(rows["id"], fill_value=0)
    listed = dict(iter(world.listed_only.groupby("team_id")["agent_id"]))
    empty = q.one_of([[], None, MISSING], [90, 5, 5])
    old = (rows["created"] < pd.Timestamp("2020-06-01")).to_numpy()
    columns = {
        "created_at": q.moments(rows["created"]),
        "updated_at": q.moments(q.until_end(rows["created"])),
        "name": q.texts(rows["name"], pad=0.05),
        "team_id": spare,
        "team_id_raw": raw,
        "type": q.cased(rows["type"]),
        "status": q.cased(np.where(rows["active"], "Active", "Inactive")),
        "active": q.flags(rows["active"]),
        "brokerage": q.one_of(["Headwater Realty", "Headwater Realty ", ""], [6, 2, 2]),
        "brokerage_id": q.ids(rows["brokerage_id"]),
        "owner_agent_id": q.ids(rows["owner_agent_id"]),
        "owner_agent_id_raw": plain(of_agents(world, rows["owner_agent_id"], "uuid")),
        "size": q.numbers(size),
        "maxTeammates": q.numbers(np.array([0, 10, 50, 250])[q.chance.integers(0, 4, q.rows)]),
        "maxLeaders": q.numbers(q.chance.integers(0, 5, q.rows)),
        "default_split": q.numbers(np.array([0, 10, 12.5, 15])[q.chance.integers(0, 4, q.rows)]),
        "commissionPlanId": uuids("commission plan", [number % 7 for number in ids]),
        "configId": uuids("team config", ids),
        "logo": q.label("https://www.example.com/team/{}.png", ids, 0.5),
        "description": q.one_of(["", "Serving buyers & sellers 🏡", "Équipe bilingue"], [8, 1, 1]),
        "visibility": q.one_of(["private", "team", "public", ""], [3, 5, 1, 1]),
        "collaboration_mode": q.one_of(["open", "leaders", ""], [5, 3, 2]),
        "leaderboard": q.chance_flags(0.7),
        "show_financials": q.chance_flags(0.3),
        "members": [_listed(world, listed[n]) if n in listed else none for n, none in zip(ids, empty, strict=True)],
    }
    for key in ("description", "collaboration_mode", "visibility"):
        columns[key] = q.late(columns[key], old)
    return columns


def _listed(world: World, agent_ids: pd.Series[int]) -> list[dict[str, Any]]:
    rows = zip(plain(agent_ids), plain(of_agents(world, agent_ids, "uuid")), strict=True)
    return [{"agent_id": number, "agent_id_raw": raw, "role": "member"} for number, raw in rows]


def team_roster(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 97."""
    agents = world.agents[["first_name", "last_name", "uuid", "is_demo"]].iloc[rows["agent_id"].to_numpy() - 1]
    active = rows["left"].isna()
    return {
        "created_at": q.moments(rows["joined"]),
        "last_updated": q.moments(q.until_end(rows["joined"])),
        "team_id": q.ids(rows["team_id"]),
        "agent_id": only_by_uuid(q, 0.05, rows["agent_id"]),
        "agent_id_raw": plain(agents["uuid"]),
        "user_id": q.ids(np.where(q.happens(0.1), 0, rows["user_id"])),
        "display_name": q.texts(short_names(agents)),
        "avatar": q.label("https://www.example.com/agent/{}.png", rows["agent_id"], 0.3),
        "role": q.change(plain(rows["role"]), q.happens(0.2), lambda _: ""),
        "status": q.cased(np.where(active, "Active", "Inactive")),
        "active": q.flags(active, unsaid=True),
        "is_director": q.flags(rows["role"] == "director"),
        "is_leader": q.flags(rows["role"] == "leader"),
        "is_mentor": q.flags(rows["role"] == "mentor"),
        "seat": q.flags(rows["seat"]),
        "demo": q.flags(agents["is_demo"]),
        "teamJoinDate": q.days(rows["joined"]),
        "teamLeaveDate": q.days(rows["left"]),
        "removed_on": q.moments(rows["left"]),
    }


def _served(rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """What every role and assignment has: from when to when."""
    return {
        "created_at": q.moments(rows["assigned"]),
        "assigned_on": q.moments(rows["assigned"]),
        "unassigned_on": q.moments(rows["unassigned"]),
        "status": q.cased(np.where(rows["active"], "Active", "Inactive")),
        "active": q.flags(rows["active"]),
    }


def directors(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 92."""
    return _served(rows, q) | {
        "updated_at": q.moments(q.until_end(rows["assigned"])),
        "agent_id": q.ids(rows["agent_id"]),
        "team_id": q.ids(rows["team_id"]),
        "user_id": q.ids(rows["user_id"]),
    }


def leaders(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 88."""
    return _served(rows, q) | {
        "updated_at": q.moments(q.until_end(rows["assigned"])),
        "agent_id": q.ids(rows["agent_id"]),
        "team_id": q.ids(rows["team_id"]),
        "director_id": q.ids(rows["director_id"]),
        "percentage": q.numbers(rows["percentage"]),
        "training": q.flags(rows["training"]),
        "effective_start_date": q.days(rows["assigned"]),
        "effective_end_date": q.days(rows["unassigned"]),
    }


def mentors(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 94."""
    return _served(rows, q) | {
        "updated_at": q.moments(q.until_end(rows["assigned"])),
        "agent_id": q.ids(rows["agent_id"]),
        "team_id": q.ids(rows["team_id"]),
        "percentage": q.numbers(rows["percentage"]),
        "max_mentees": q.numbers(rows["max_mentees"]),
    }


def team_director_assignments(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 98: with the leader a director oversees there, and that leader's agent."""
    leader = rows["leader_id"].to_numpy()
    agent = np.append(0, world.leaders["agent_id"])[leader]
    return _served(rows, q) | {
        "director_id": q.ids(rows["director_id"]),
        "team_id": q.ids(rows["team_id"]),
        "leader_id": q.ids(leader),
        "agent_id": q.ids(agent),
    }


def team_leader_assignments(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 99."""
    return _served(rows, q) | {
        "leader_id": q.ids(rows["leader_id"]),
        "team_id": q.ids(rows["team_id"]),
        "agent_id": q.ids(rows["agent_id"]),
        "percentage": q.numbers(rows["percentage"]),
    }


def team_mentor_assignments(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 100."""
    return _served(rows, q) | {
        "mentor_id": q.ids(rows["mentor_id"]),
        "agent_id": q.ids(rows["agent_id"]),
        "team_id": q.ids(of_agents(world, rows["agent_id"], "team_id")),
        "transactions_required": q.numbers(rows["transactions_required"]),
        "transactions_completed": q.numbers(rows["transactions_completed"]),
        "percentage": q.numbers(rows["percentage"]),
    }
