"""The team tables: teams, their members and the people above them.

Belongs here: every column's rule. Does not belong here: how values are converted (`values.py`).
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from oracle import Document, Landed
from oracle.values import (
    boolean,
    day,
    first_of,
    flag,
    frame,
    integer,
    key,
    lower,
    moment,
    nonzero,
    of,
    one_to_one,
    percent,
    reference,
    row,
    surrogate,
    text,
)

TEAM = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "updated_at"),
    "team_id_raw": first_of(text, "team_id_raw", "team_id"),
    "team_name": of(text, "name"),
    "team_type": of(text, "type"),
    "active": flag("active"),
    "status": of(text, "status"),
    "max_teammates": of(integer, "maxTeammates"),
    "max_leaders": of(integer, "maxLeaders"),
    "config_id": of(text, "configId"),
    "commission_plan_id": of(text, "commissionPlanId"),
    "logo": of(text, "logo"),
    "brokerage_id": of(nonzero, "brokerage_id"),
    "team_owner_agent_id": reference("owner_agent_id", "agent"),
}

SETTINGS = {
    "id": key,
    "team_id": key,
    "team_type": of(text, "type"),
    "brokerage": of(text, "brokerage"),
    "visibility": of(text, "visibility"),
    "collaboration_mode": of(text, "collaboration_mode"),
    "default_split": of(percent, "default_split"),
    "leaderboard_enabled": of(boolean, "leaderboard"),
    "show_financials_to_members": of(boolean, "show_financials"),
    "updated_at": of(moment, "updated_at"),
}

DIRECTOR = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "updated_at"),
    "agent_id": reference("agent_id", "agent"),
    "team_id": reference("team_id", "team"),
    "user_id": reference("user_id", "user"),
    "status": of(text, "status"),
    "active": flag("active"),
    "assigned_on": of(moment, "assigned_on"),
    "unassigned_on": of(moment, "unassigned_on"),
}

LEADER = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "updated_at"),
    "agent_id": reference("agent_id", "agent"),
    "team_id": reference("team_id", "team"),
    "director_id": reference("director_id", "directors"),
    "status": of(text, "status"),
    "active": flag("active"),
    "training": of(boolean, "training"),
    "percentage": of(percent, "percentage"),
    "effective_start_date": of(day, "effective_start_date"),
    "effective_end_date": of(day, "effective_end_date"),
    "assigned_on": of(moment, "assigned_on"),
    "unassigned_on": of(moment, "unassigned_on"),
    "v1_id": key,
}

MENTOR = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "updated_at"),
    "agent_id": reference("agent_id", "agent"),
    "team_id": reference("team_id", "team"),
    "status": of(text, "status"),
    "active": flag("active"),
    "percentage": of(percent, "percentage"),
    "max_mentees": of(integer, "max_mentees"),
    "assigned_on": of(moment, "assigned_on"),
    "unassigned_on": of(moment, "unassigned_on"),
}

DIRECTOR_ASSIGNMENT = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "director_id": reference("director_id", "directors"),
    "team_id": reference("team_id", "team"),
    "leader_id": reference("leader_id", "leaders"),
    "agent_id": reference("agent_id", "agent"),
    "status": of(text, "status"),
    "active": flag("active"),
    "assigned_on": of(moment, "assigned_on"),
    "unassigned_on": of(moment, "unassigned_on"),
}

LEADER_ASSIGNMENT = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "leader_id": reference("leader_id", "leaders"),
    "team_id": reference("team_id", "team"),
    "agent_id": reference("agent_id", "agent"),
    "percentage": of(percent, "percentage"),
    "status": of(text, "status"),
    "active": flag("active"),
    "assigned_on": of(moment, "assigned_on"),
    "unassigned_on": of(moment, "unassigned_on"),
}

MENTOR_ASSIGNMENT = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "mentor_id": reference("mentor_id", "mentors"),
    "agent_id": reference("agent_id", "agent"),
    "team_id": reference("team_id", "team"),
    "transactions_required": of(integer, "transactions_required"),
    "transactions_completed": of(integer, "transactions_completed"),
    "percentage": of(percent, "percentage"),
    "status": of(text, "status"),
    "active": flag("active"),
    "assigned_on": of(moment, "assigned_on"),
    "unassigned_on": of(moment, "unassigned_on"),
}


def _agent_id(document: Document, landed: Landed) -> int | None:
    return landed.known("agent", landed.agent_named(document.get("agent_id"), document.get("agent_id_raw")))


def _user_id(document: Document, landed: Landed) -> int | None:
    agent = landed.agents.get(_agent_id(document, landed))
    through_agent = nonzero(agent.get("user_id")) if agent else None
    return landed.known("user", nonzero(document.get("user_id")) or through_agent)


# Rules of a roster row; a member that only the team's own list names is a document with far fewer keys.
MEMBER = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "last_updated"),
    "team_id": reference("team_id", "team"),
    "agent_id": _agent_id,
    "user_id": _user_id,
    "agent_id_raw": of(text, "agent_id_raw"),
    "active": of(boolean, "active", default=True),
    "status": of(text, "status", default="Active"),
    "is_leader": flag("is_leader"),
    "is_director": flag("is_director"),
    "is_mentor": flag("is_mentor"),
    "seat": flag("seat"),
    "team_join_date": of(day, "teamJoinDate"),
    "team_leave_date": of(day, "teamLeaveDate"),
    "avatar": of(text, "avatar"),
}


def _named_in_teams(landed: Landed) -> Iterator[Document]:
    """Members that a team's own list names and the roster lacks, as if the roster had them."""
    taken = {
        (nonzero(one.get("team_id")), landed.agent_named(one.get("agent_id"), one.get("agent_id_raw")))
        for one in landed.documents("team_roster")
    }
    for team in landed.documents("team"):
        members = team.get("members")
        for member in members if isinstance(members, list) else []:
            named = member if isinstance(member, dict) else {}
            agent = landed.agent_named(named.get("agent_id"), named.get("agent_id_raw"))
            if agent is None or (team.id, agent) in taken:
                continue
            taken.add((team.id, agent))
            kept = {name: named.get(name) for name in ("agent_id", "agent_id_raw", "role")}
            yield Document(str(surrogate(team.id, agent)), {**kept, "team_id": team.id})


def members(landed: Landed) -> pd.DataFrame:
    """One row for each roster row, and for each further member that a team names itself."""
    owners = {one.id: nonzero(one.get("owner_agent_id")) for one in landed.documents("team")}

    def with_role(document: Document) -> dict[str, Any]:
        member = row(document, MEMBER, landed)
        agent = member["agent_id"]
        role = lower(document.get("role"))
        if role is None and agent is not None and owners.get(member["team_id"]) == agent:
            role = "owner"
        flagged = (name for name in ("leader", "director", "mentor") if member[f"is_{name}"])
        return {**member, "member_role": role or next(flagged, "member")}

    documents = [*landed.documents("team_roster"), *_named_in_teams(landed)]
    return frame((with_role(one) for one in documents), (*MEMBER, "member_role"))


TABLES = {
    "team": one_to_one("team", TEAM),
    "team_settings": one_to_one("team", SETTINGS),
    "team_members": members,
    "director": one_to_one("directors", DIRECTOR),
    "leader": one_to_one("leaders", LEADER),
    "mentor": one_to_one("mentors", MENTOR),
    "team_director_assignments": one_to_one("team_director_assignments", DIRECTOR_ASSIGNMENT),
    "team_leader_assignments": one_to_one("team_leader_assignments", LEADER_ASSIGNMENT),
    "team_mentor_assignments": one_to_one("team_mentor_assignments", MENTOR_ASSIGNMENT),
}
