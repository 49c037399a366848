"""The made-up world as clean frames, and how large it is.

Belongs here: which tables the world has, how many rows each, and how they hang together. Does not belong
here: how a single table is made (the modules beside this one) and how a source writes it down.

Conventions: `id` starts at 1, a reference of 0 means none, moments are UTC without zone, NaT means never,
money is whole cents in `*_cents`, `place` is a position in `names.STATES`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from connectors.sandbox import business, commissions, crm, forest, live, lookups, passing, people, systems, teams
from connectors.sandbox.business import Business
from connectors.sandbox.chance import Ints, pick, skewed, stream
from connectors.sandbox.crm import Crm
from connectors.sandbox.live import Live
from connectors.sandbox.lookups import Lookups
from connectors.sandbox.people import WORLD_DAY
from connectors.sandbox.systems import Systems

__all__ = ["SEED", "WORLD_DAY", "World", "build", "sizes"]

SEED = 20260101

_SIZES = {
    "users": (335, 12),
    "users_with_agent": (234, 8),
    "users_with_team": (204, 7),
    "users_with_team_only": (14, 1),
    "agents": (37_040, 370),
    "teams": (260, 3),
    "roster": (3_697, 37),
    "directors": (40, 1),
    "leaders": (234, 2),
    "mentors": (9, 1),
    "director_assignments": (80, 1),
    "leader_assignments": (900, 2),
    "mentor_assignments": (300, 3),
    "network": (86_617, 866),
    "second_factors": (120, 1),
    "sponsor_tree_agents": (2_000, 20),
    "deals": (55_008, 550),
    "listings": (14_819, 148),
    "participants": (165_000, 1_650),
    "payouts": (100_000, 1_000),
    "contributions": (60_000, 600),
    "pending_contributions": (3_000, 30),
    "revshare_totals": (2_000, 20),
    "revshare_payments": (4_000, 40),
    "equity": (5_933, 60),
    "equity_holders": (400, 4),
    "fub_accounts": (15, 2),
    "fub_users": (271, 6),
    "fub_people": (40_000, 400),
    "fub_deals": (101, 12),
    "fub_calls": (60_000, 600),
    "fub_events": (30_000, 300),
    "fub_appointments": (6_639, 66),
    "fub_text_messages": (0, 0),
    "fub_stages": (28, 4),
    "fub_groups": (17, 2),
    "fub_sync_jobs": (60, 8),
    "onboarding_jobs": (240, 9),
    "webhook_calls": (800, 8),
    "referral_codes": (56, 2),
    "webhooks": (120, 4),
    "skyslope_connections": (5, 3),
    "subscriptions": (290, 3),
    "lead_sources": (21_944, 206),
    "notification_prefs": (1_488, 14),
    "jobs": (600, 6),
    "worker_logs": (2_400, 24),
    "live_rezen_deals": (40, 2),
    "live_skyslope_deals": (25, 2),
    "live_dotloop_deals": (20, 2),
    "live_csv_deals": (20, 2),
    "live_rezen_listings": (15, 2),
    "live_skyslope_listings": (10, 2),
    "live_dotloop_listings": (0, 0),
    "live_csv_listings": (6, 2),
    "live_network": (6, 6),
    "live_texts": (8_000, 80),
    "live_texted_people": (1_500, 15),
}
"""Rows at scale 1, and the fewest a world can have."""

BROKEN_CHAIN_ROW = 12
"""The network row whose member stands in no other network, so that nothing else tells who the sponsor is."""


@dataclass(frozen=True)
class World:
    """The frames of the world as V1 knows them, and `live`, as the live sources do.

    `listed_only` are members a team's own list names and its roster does not. `day` days have passed since the
    world's own last one, so that `today` is the last. `seed` and `scale` are for what has a world of its own.
    """

    seed: int
    scale: float

    agents: pd.DataFrame
    users: pd.DataFrame
    second_factors: pd.DataFrame
    teams: pd.DataFrame
    roster: pd.DataFrame
    listed_only: pd.DataFrame
    directors: pd.DataFrame
    leaders: pd.DataFrame
    mentors: pd.DataFrame
    director_assignments: pd.DataFrame
    leader_assignments: pd.DataFrame
    mentor_assignments: pd.DataFrame
    sponsor_tree: pd.DataFrame
    network: pd.DataFrame
    business: Business
    crm: Crm
    lookups: Lookups
    systems: Systems
    live: Live
    day: int
    today: date


def sizes(scale: float) -> dict[str, int]:
    """Return how many rows each part has at a scale; what the world has not enough of can stay below."""
    return {name: max(round(rows * scale), fewest) for name, (rows, fewest) in _SIZES.items()}


def build(seed: int = SEED, scale: float = 1.0, day: int = 0) -> World:
    """Make the world of this seed and scale, so many days after its own last one, the same on every machine."""
    made = _last_day(seed, scale)
    for _ in range(day):
        made = passing.next_day(made, seed)
    return made


def _last_day(seed: int, scale: float) -> World:
    rows = sizes(scale)
    sponsor, depth = forest.grow(seed, rows["agents"])
    network_sizes = forest.network_sizes(sponsor)
    owning = forest.owners(seed, network_sizes, rows["users_with_agent"], rows["network"])
    agents = people.agents(seed, sponsor, depth, network_sizes, owning)

    chance = stream(seed, "who is on a team")
    logins = chance.permutation(owning + 1)
    on_team = rows["users_with_team"] - rows["users_with_team_only"]
    others = chance.permutation(np.setdiff1d(agents["id"].to_numpy(), logins))
    on_rosters, free = np.split(others, [rows["roster"] - on_team])
    staff = _staff(seed, rows, agents, np.concatenate([logins[:on_team], on_rosters]), on_team, free)

    agents = _with_teams(agents, staff)
    users = people.users(seed, rows["users"], agents.iloc[owning], rows["users_with_team_only"], rows["teams"])
    user_of = np.zeros(len(agents) + 1, dtype=np.int64)
    user_of[users["agent_id"]] = users["id"]
    user_of[0] = 0
    users["rezen_key"] = people.with_key(seed, users)
    agents["user_id"] = user_of[1:]
    agents["email"] = people.emails(agents, "agent")
    for name in ("roster", "directors"):
        staff[name]["user_id"] = user_of[staff[name]["agent_id"]]
    done = business.build(seed, rows, agents, staff["teams"])
    agents = agents.assign(**commissions.caps_paid(done.deals, agents))
    looked_up = lookups.build()
    network = _network(seed, sponsor, owning, rows["network"], user_of)
    kept = crm.build(seed, rows, users, agents, staff["teams"])
    known = live.Known(agents, users, staff["teams"], network, done, kept)
    return World(
        seed=seed,
        scale=scale,
        agents=agents,
        users=users,
        second_factors=people.second_factors(seed, rows["second_factors"], users),
        sponsor_tree=_sponsor_tree(seed, sponsor, rows["sponsor_tree_agents"]),
        network=network,
        business=done,
        crm=kept,
        lookups=looked_up,
        systems=systems.build(seed, rows, users, looked_up),
        live=live.build(seed, rows, known),
        day=0,
        today=WORLD_DAY,
        **staff,
    )


def _staff(
    seed: int, rows: dict[str, int], agents: pd.DataFrame, members: Ints, logins_on_team: int, free: Ints
) -> dict[str, pd.DataFrame]:
    """Make the teams with everyone on them and above them."""
    made = teams.teams(seed, rows["teams"])
    joined = agents["joined"].to_numpy()
    roster = teams.roster(seed, rows["roster"], rows["teams"], members, logins_on_team, joined)
    made["owner_agent_id"] = roster.loc[roster["role"] == "owner", "agent_id"].to_numpy()
    directing = teams.director_assignments(seed, rows["director_assignments"], rows["directors"], rows["teams"])
    director_of = np.zeros(rows["teams"] + 1, dtype=np.int64)
    director_of[directing["team_id"]] = directing["director_id"]
    directors = teams.directors(seed, roster, rows["directors"])
    roster = teams.with_roles(roster, "director", directors)
    leaders = teams.leaders(seed, roster, rows["leaders"], director_of)
    roster = teams.with_roles(roster, "leader", leaders)
    mentors = teams.mentors(seed, roster, rows["mentors"])
    roster = teams.with_roles(roster, "mentor", mentors)
    leading = teams.leader_of(seed, roster, leaders)
    roster["leader_id"] = leading
    roster["director_id"] = director_of[roster["team_id"]]
    first_leader = np.zeros(rows["teams"] + 1, dtype=np.int64)
    first_leader[leaders["team_id"][::-1]] = leaders["id"][::-1]
    directing["leader_id"] = first_leader[directing["team_id"]]
    return {
        "teams": made,
        "roster": roster,
        "listed_only": teams.listed_only(seed, made, free),
        "directors": directors,
        "leaders": leaders,
        "mentors": mentors,
        "director_assignments": directing,
        "leader_assignments": teams.leader_assignments(seed, rows["leader_assignments"], roster, leading),
        "mentor_assignments": teams.mentor_assignments(seed, rows["mentor_assignments"], mentors, len(agents)),
    }


def _with_teams(agents: pd.DataFrame, staff: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Add to each agent the team worked on today, and who is above there."""
    current = staff["roster"][staff["roster"]["left"].isna()].set_index("agent_id")
    listed = staff["listed_only"].set_index("agent_id")
    coached = staff["mentor_assignments"].set_index("agent_id")["mentor_id"]
    above = current[["team_id", "leader_id", "director_id"]]
    made = agents.join(pd.concat([above, listed]).assign(on_team=True), on="id").join(coached, on="id")
    references = ["team_id", "leader_id", "director_id", "mentor_id"]
    made[references] = made[references].fillna(0).astype(np.int64)
    return made.assign(on_team=made["on_team"].notna())


def _sponsor_tree(seed: int, sponsor: Ints, count: int) -> pd.DataFrame:
    """List all sponsors above some of the agents, level 1 first."""
    sponsored = np.flatnonzero(sponsor >= 0)
    agents = np.sort(stream(seed, "sponsor_tree").permutation(sponsored)[:count])
    chain = np.stack(forest.upline(sponsor, agents, forest.LEVELS))
    level, row = np.nonzero((chain >= 0).T)[::-1]
    return pd.DataFrame(
        {
            "id": np.arange(1, len(row) + 1),
            "agent_id": agents[row] + 1,
            "sponsor_agent_id": chain[level, row] + 1,
            "level": level + 1,
        }
    )


def _network(seed: int, sponsor: Ints, owning: Ints, rows: int, user_of: Ints) -> pd.DataFrame:
    """List the networks of the agents with a login, with what the user noted about each member."""
    listed = forest.members(sponsor, owning, rows)
    alone = ~listed["member"].duplicated(keep=False).to_numpy() & (listed["tier"] > 1).to_numpy()
    listed = forest.move_up(listed, BROKEN_CHAIN_ROW - 1, alone)
    count = len(listed)
    chance = stream(seed, "network")
    contacted = np.datetime64(WORLD_DAY, "s") - chance.integers(0, 500, count) * np.timedelta64(86_400, "s")
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "user_id": user_of[listed["owner"] + 1],
            "agent_id": listed["owner"] + 1,
            "member_id": listed["member"] + 1,
            "sponsor_id": sponsor[listed["member"]] + 1,
            "tier": listed["tier"],
            "contribution_cents": np.where(
                chance.random(count) < 0.35, skewed(chance, count, 500, 1_500_000), 0
            ).astype(np.int64),
            "contact_frequency": pick(
                chance,
                ["", "Weekly", "Bi-Weekly", "Monthly", "Quarterly", "Semi-Annual", "Annual"],
                [60, 4, 4, 14, 10, 4, 4],
                count,
            ),
            "last_contacted": np.where(chance.random(count) < 0.2, contacted, np.datetime64("NaT")),
            "favorite": chance.random(count) < 0.05,
            "collapsed": chance.random(count) < 0.1,
            "sort_order": np.where(chance.random(count) < 0.1, chance.integers(1, 100, count), 0),
        }
    )
