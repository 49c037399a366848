"""V1's documents about agents.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`). Where the world knows no
truth the value is made up here.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Bools
from connectors.sandbox.frames import present
from connectors.sandbox.world import WORLD_DAY, World
from connectors.v1.people_values import ABBREVIATIONS, OLD, STATE_NAMES, full_names, of_agents, phones
from connectors.v1.quirks import MISSING, Column, Quirks, one_or_the_other, plain


def _next_anniversary(anniversary: Any) -> Array:
    """First anniversary after the world's last day, at noon so that it is the same day in every time zone."""
    days = np.asarray(anniversary, dtype="datetime64[D]")
    months = days.astype("datetime64[M]")
    years = WORLD_DAY.year - (days.astype("datetime64[Y]").astype(np.int64) + 1970)
    offset = days - months.astype("datetime64[D]")

    def in_year(more: Array) -> Array:
        month = months + (12 * more).astype("timedelta64[M]")
        return np.asarray(np.minimum(month.astype("datetime64[D]") + offset, (month + 1).astype("datetime64[D]") - 1))

    years = np.where(np.isnat(days), 0, years)
    this_year = in_year(years)
    coming = np.where(this_year > np.datetime64(WORLD_DAY), this_year, in_year(years + 1))
    return coming.astype("datetime64[s]") + np.timedelta64(43_200, "s")


def _role(q: Quirks, holders: pd.DataFrame, agent_ids: Array) -> Column:
    """An object about the role for who holds it, or just true; else false, null, {} or no key."""
    by_agent = dict(zip(plain(holders["agent_id"]), plain(holders["id"]), strict=True))
    active = dict(zip(plain(holders["agent_id"]), plain(holders["active"]), strict=True))
    without = q.one_of([False, None, {}, "false", MISSING], [80, 6, 6, 3, 5])
    bare = q.happens(0.2).tolist()

    def one(agent: int, row: int) -> Any:
        if agent not in by_agent:
            return without[row]
        status = "Active" if active[agent] else "Inactive"
        return True if bare[row] else {"id": by_agent[agent], "agent_id": agent, "status": status}

    return [one(agent, row) for row, agent in enumerate(agent_ids.tolist())]


_COUNTED = {
    "all_transactions": (),
    "pending_transaction": ("Pending", "Active"),
    "closed_transaction": ("Closed",),
    "terminated_transaction": ("Terminated", "Canceled"),
    "all_listing": (),
    "active_listing": ("Active",),
    "under_contract_listing": ("Pending",),
    "terminated_listing": ("Terminated",),
}
"""V1's own counts of an agent's deals and listings: the statuses each counts, none for all."""


def _counters(world: World, agent_ids: Array, q: Quirks) -> dict[str, Column]:
    """The counts as they are; of one agent in twenty as they once were, for nothing keeps them right."""
    deals, listings = present(world.business.deals), present(world.business.listings)
    stale = q.happens(0.05)
    columns = {}
    for kind, statuses in _COUNTED.items():
        rows, owner = (deals, "owner_agent_id") if "transaction" in kind else (listings, "agent_id")
        counted = rows[owner][rows["status"].isin(statuses)] if statuses else rows[owner]
        counts = np.bincount(counted, minlength=len(world.agents) + 1)[agent_ids]
        off = q.chance.integers(-2, 3, q.rows) * stale
        columns[f"{kind}_count"] = q.numbers(np.maximum(counts + off, 0))
    return columns


def _cap(rows: pd.DataFrame, q: Quirks, on_team: Bools) -> dict[str, Column]:
    cap, paid = rows["cap"].to_numpy() * 100, rows["cap_paid_cents"].to_numpy()
    unknown = q.happens(0.04)
    return {
        "annualCap": q.money(cap, none=unknown),
        "brokerage_cap": q.money(cap, none=unknown),
        "brokerage_cap_paid": q.money(paid, none=unknown),
        "team_cap": q.money(np.where(on_team, cap // 2, 0)),
        "team_cap_paid": q.money(np.where(on_team, paid // 4, 0)),
        "groupTeamCap": q.money(np.where(on_team, 125_050, 0), none=~on_team & q.happens(0.5)),
        "normalTeamLeadAnnualCap": q.money(np.where(on_team, cap, 0), none=~on_team & q.happens(0.5)),
        "capped": q.flags(cap == paid),
        "cappedAt": q.moments(rows["capped_at"]),
        "unlocked": q.chance_flags(0.2),
        "anniversary_date": q.days(rows["anniversary"]),
        "nextAnniversaryDate": q.moments(_next_anniversary(rows["anniversary"])),
        "deferredCapEndDat": q.moments(q.sometime(0.05, 300, ahead=True)),
        "gracePeriodEnd": q.moments(q.sometime(0.05, 90, ahead=True)),
        "sponsorProducingGracePeriodEnd": q.moments(q.sometime(0.05, 180, ahead=True)),
        "preCapFee": q.money(q.chance.integers(0, 4, q.rows) * 1_500),
        "postCapFee": q.money(np.array([28_500, 12_900, 22_550])[q.chance.integers(0, 3, q.rows)]),
        "leaderSplit": q.numbers(np.array([0, 10, 12.5, 20])[q.chance.integers(0, 4, q.rows)]),
        "memberCommissionSplit": q.numbers(np.array([70, 80, 87.5, 90])[q.chance.integers(0, 4, q.rows)]),
        "preCapRealCommissionSplit": q.numbers(np.array([15, 15, 12.5])[q.chance.integers(0, 3, q.rows)]),
        "paysLeaderSplit": q.flags(rows["leader_id"] > 0),
        "commission_plan_id": q.ids(q.chance.integers(0, 4, q.rows)),
        "commissionPlan": q.one_of([{}, {"name": "Standard", "split": 85}, None, MISSING], [6, 2, 1, 1]),
    }


def agent(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 36."""
    ids, place = rows["id"].to_numpy(), rows["place"].to_numpy()
    sponsor_id, team_id = rows["sponsor_id"].to_numpy(), rows["team_id"].to_numpy()
    on_team = team_id > 0
    uuid, names = plain(rows["uuid"]), full_names(rows)
    team_uuid = np.append("", world.teams["uuid"].to_numpy(dtype=object))[team_id]
    sponsor_uuid = np.where(sponsor_id > 0, of_agents(world, np.maximum(sponsor_id, 1), "uuid"), "")
    sponsors = one_or_the_other(q, 0.15, q.ids(sponsor_id), q.ids(sponsor_id), 0)
    created = rows["joined"].to_numpy() + q.chance.integers(0, 86_400, q.rows) * np.timedelta64(1, "s")
    shown = q.change(list(names), q.happens(0.1), lambda name: name.split(" ")[0])
    hidden = q.happens(0.1)
    columns = {
        "created_at": q.moments(created),
        "createdAt": q.moments(created),
        "updated_at": q.moments(q.until_end(created)),
        "lastUpdatedAt": q.moments(q.until_end(created)),
        "agent_id": uuid,
        "agent_id_raw": uuid,
        "first_name": q.texts(rows["first_name"], pad=0.02),
        "last_name": q.texts(rows["last_name"]),
        "full_name": q.change(q.texts(names), ~hidden & q.happens(0.03), lambda _: ""),
        "display_name": q.change(q.texts(shown), hidden, lambda _: ""),
        "agent_name": q.texts(names),
        "email": q.change(q.texts(rows["email"]), q.happens(0.05), lambda text: text.title()),
        "phone": q.change(phones(rows["phone"]), q.happens(0.1), lambda _: ""),
        "agent_status": q.cased(rows["status"]),
        "status": q.cased(rows["status"].str.capitalize()),
        "type": q.cased(q.one_of(["Standard", "Broker", "Referral"], [90, 6, 4])),
        "title": q.texts(q.one_of(["", "Agent", "Broker Associate", "Team Lead", "REALTOR®"], [4, 3, 1, 1, 1])),
        "avatar": q.label("https://www.example.com/agent/{}.png", ids, 0.3),
        "birthdate": q.days(rows["birthdate"].where(~q.happens(0.3))),
        "joinDate": q.days(rows["joined"]),
        "join_date": q.days(rows["joined"].where(~q.happens(0.5))),
        "real_agent": q.flags(~rows["from_outside"]),
        "active_on_team": q.flags(on_team),
        "is_demo": q.flags(rows["is_demo"]),
        "source": q.one_of(["rezen", "skyslope", "fub", "manual"], [90, 4, 3, 3]),
        "license_number": q.label("SL{:07d}", ids, 0.8),
        "license_state": q.texts(ABBREVIATIONS[place]),
        "license_expiration": q.days(q.sometime(0.7, 700, ahead=True)),
        "city": q.texts(rows["city"]),
        "state": q.texts(STATE_NAMES[place]),
        "state_abbreviation": q.texts(ABBREVIATIONS[place]),
        "home_address": q.label("{} Example Street", ids, 0.4),
        "api_key": q.label("sandbox-agent-key-{}", ids, 0.01),
        "brokerage_id": q.ids(rows["brokerage_id"]),
        "office_id": q.ids(rows["office_id"]),
        "office_id_raw": q.label("00000000-0000-4000-8000-{:012d}", rows["office_id"], 0.9),
        "team_id": q.ids(team_id),
        "team_id_raw": plain(team_uuid),
        "user_id": q.ids(rows["user_id"]),
        "sponsorId": sponsors[0],
        "sponsor_id": sponsors[1],
        "sponsorId_raw": plain(sponsor_uuid),
        "director_id": q.ids(rows["director_id"]),
        "leader_id": q.ids(rows["leader_id"]),
        "mentor_id": q.ids(rows["mentor_id"]),
        "director": _role(q, world.directors, ids),
        "leader": _role(q, world.leaders, ids),
        "mentor": _role(q, world.mentors, ids),
        "needsMentorship": q.flags(rows["mentor_id"] > 0),
        "sizeOfNetwork": q.numbers(rows["network_size"]),
        "elite": q.flags(rows["elite"]),
        "rezen_last_synced": q.moments(q.sometime(0.9, 30)),
        **_cap(rows, q, on_team),
        **_counters(world, ids, q),
    }
    old: Bools = np.less(created, OLD)
    for key in ("createdAt", "lastUpdatedAt", "license_expiration", "home_address", "commissionPlan"):
        columns[key] = q.late(columns[key], old)
    columns["sponsor_id"] = q.late(columns["sponsor_id"], old & np.array([one != 0 for one in columns["sponsorId"]]))
    return columns
