"""The CRM of the made-up business: accounts, who works in them, and what they are set up with.

Belongs here: accounts, their users, stages, groups and sync jobs, and how the CRM's frames are put together.
Does not belong here: the people in the CRM and what is done with them (`connectors/sandbox/crm_activity.py`).

A `number` is the CRM's own: unique inside one account only, so that accounts share numbers. `fub_user_id` is a
row of `Crm.users`, `user_id` a row of the world's users.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from connectors.sandbox import crm_activity, crm_texts
from connectors.sandbox.chance import Array, Bools, Ints, pick, skewed, split, stream
from connectors.sandbox.names import FIRST, LAST
from connectors.sandbox.people import WORLD_DAY, emails

_DAY = np.timedelta64(86_400, "s")
_END = np.datetime64(WORLD_DAY, "s")
_FIRST_NUMBER = 1_600_000_000

LINKS = ("login", "agent", "address", "nobody", "both", "login", "agent", "staff", "login", "address", "both", "agent")
"""What a CRM user's row says about the person behind it, dealt out in this order; an account's owner is `both`.

login: the user who signs in here. agent: the agent. both: both. address: nothing but the agent's e-mail.
staff: a user who is no agent. nobody: nothing, as for a lender.
"""

STAGES = (
    "Lead",
    "Attempted contact",
    "Spoke with customer",
    "Appointment set",
    "Met with customer",
    "Showing homes",
    "Under contract",
    "Closed",
    "Nurture",
    "Trash",
)
"""Stages of people; the first has number 2 in every account."""
FIRST_STAGE = 2

_GROUPS = ("All agents", "North", "South", "Buyers", "Listings", "Weekend duty")

JOB_TYPES = ("Onboarding", "Sync", "All", "Created Today", "Updated Today")


@dataclass(frozen=True)
class Crm:
    """The frames of the CRM; people, calls, events, appointments and text messages are in the order of time."""

    accounts: pd.DataFrame
    users: pd.DataFrame
    stages: pd.DataFrame
    groups: pd.DataFrame
    people: pd.DataFrame
    deals: pd.DataFrame
    calls: pd.DataFrame
    events: pd.DataFrame
    appointments: pd.DataFrame
    text_messages: pd.DataFrame
    sync_jobs: pd.DataFrame


def build(seed: int, rows: dict[str, int], users: pd.DataFrame, agents: pd.DataFrame, teams: pd.DataFrame) -> Crm:
    """Make the CRM of the people who are there already.

    Args:
        seed: of the world.
        rows: how many rows each part has, under the names of V1's tables.
        users: who signs in, with `agent_id` and `email`.
        agents: the agents, with `team_id`, `user_id` and `email`.
        teams: the teams; the larger ones have an account.
    """
    chance = stream(seed, "crm")
    sizes = split(rows["fub_users"], skewed(chance, rows["fub_accounts"], 3, 60), least=3)
    team_of = _teams_with_accounts(chance, sizes, agents, len(teams))
    staffed = _users(seed, sizes, team_of, users, agents)
    accounts = _accounts(seed, staffed, team_of, users)
    stages = _stages(seed, rows["fub_stages"], len(accounts))
    groups = _groups(seed, rows["fub_groups"], len(accounts))
    staffed["group_id"] = _in_groups(seed, staffed["account_id"].to_numpy(), groups)
    people = crm_activity.people(seed, rows["fub_people"], staffed, stages, len(STAGES))
    deals = crm_activity.deals(seed, rows["fub_deals"], staffed, people)
    calls = crm_activity.calls(seed, rows["fub_calls"], staffed, people)
    events = crm_activity.events(seed, rows["fub_events"], people)
    appointments = crm_activity.appointments(seed, rows["fub_appointments"], staffed, people)
    texts = crm_texts.text_messages(seed, rows["fub_text_messages"], staffed, people)
    return Crm(
        accounts=accounts,
        users=staffed,
        stages=stages,
        groups=groups,
        people=_with_history(people, calls, events, appointments, texts),
        deals=deals,
        calls=calls,
        events=events,
        appointments=appointments,
        text_messages=texts,
        sync_jobs=_sync_jobs(seed, rows["fub_sync_jobs"], accounts),
    )


def _with_history(
    people_made: pd.DataFrame,
    calls_made: pd.DataFrame,
    events_made: pd.DataFrame,
    appointments_made: pd.DataFrame,
    texts_made: pd.DataFrame,
) -> pd.DataFrame:
    """Add to each person what the CRM counts: calls made, visits to the website, and the last activity."""
    size = len(people_made) + 1
    outgoing = calls_made.loc[~calls_made["incoming"], "person_id"]
    visits = events_made.loc[events_made["type"] == "Visited Website", "person_id"]
    last = np.full(size, np.datetime64("NaT"), dtype="datetime64[s]")
    for frame, moment in ((calls_made, "at"), (events_made, "at"), (appointments_made, "set_at"), (texts_made, "at")):
        seen = frame.groupby("person_id")[moment].max()
        at = seen.index.to_numpy()
        last[at] = np.fmax(last[at], seen.to_numpy().astype("datetime64[s]"))
    created = people_made["created"].to_numpy()
    active = last[1:]
    return people_made.assign(
        contacted=np.bincount(outgoing, minlength=size)[1:],
        visits=np.bincount(visits, minlength=size)[1:],
        last_activity=active,
        updated=np.where(np.isnat(active), created, active),
    )


def _teams_with_accounts(chance: np.random.Generator, sizes: Ints, agents: pd.DataFrame, teams: int) -> Ints:
    """Choose each account's team: the more logins, the larger the account; the smallest accounts have no team."""
    on_team = agents["team_id"].to_numpy()[agents["user_id"].to_numpy() > 0]
    logins = np.bincount(on_team, minlength=teams + 1)[1:]
    busiest = np.argsort(-(logins * 1_000 + chance.integers(0, 1_000, teams)), kind="stable") + 1
    with_team = min(len(sizes) - len(sizes) // 6, teams)
    team_of = np.zeros(len(sizes), dtype=np.int64)
    team_of[np.argsort(-sizes, kind="stable")[:with_team]] = busiest[:with_team]
    return team_of


class _Drawing:
    """Draws people for one account after the other, its own team first; nobody is drawn twice."""

    def __init__(self, chance: np.random.Generator, ids: Array, teams: Array) -> None:
        order = chance.permutation(len(ids))
        self.ids, self.teams = np.asarray(ids)[order], np.asarray(teams)[order]

    def draw(self, team: int, count: int) -> Ints:
        own = (self.teams == team) & (team > 0)
        chosen = np.argsort(~own, kind="stable")[:count]
        drawn = self.ids[chosen]
        self.ids, self.teams = np.delete(self.ids, chosen), np.delete(self.teams, chosen)
        return np.asarray(drawn)


def _links(is_owner: Bools) -> Array:
    """Deal out what rows say about the person behind them."""
    links = np.full(len(is_owner), "both", dtype=object)
    links[~is_owner] = np.resize(np.array(LINKS, dtype=object), np.count_nonzero(~is_owner))
    return links


def _behind(
    chance: np.random.Generator, links: Array, account: Ints, team_of: Ints, users: pd.DataFrame, agents: pd.DataFrame
) -> tuple[Ints, Ints]:
    """Choose the login and the agent behind each CRM user, 0 for none."""
    # Those long here: they worked with the CRM before its first record.
    is_old = agents["user_id"].eq(0) & agents["status"].eq("ACTIVE") & (agents["joined"] < pd.Timestamp("2023-01-01"))
    pools = (
        (agents[agents["user_id"] > 0], ("both", "login")),
        (agents[is_old], ("agent", "address")),
        (users[users["agent_id"] == 0], ("staff",)),
    )
    drawn = np.zeros(len(links), dtype=np.int64)
    for pool, kinds in pools:
        drawing = _Drawing(chance, pool["id"].to_numpy(), pool["team_id"].to_numpy())
        wanted = np.isin(links, kinds)
        for number, team in enumerate(team_of.tolist(), start=1):
            places = np.flatnonzero(wanted & (account == number))
            found = drawing.draw(team, len(places))
            drawn[places[: len(found)]] = found
    is_staff = links == "staff"
    agent_id = np.where(is_staff, 0, drawn)
    login_of = np.append(0, agents["user_id"].to_numpy())
    return np.where(is_staff, drawn, login_of[agent_id]), agent_id


def _users(seed: int, sizes: Ints, team_of: Ints, users: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Make the CRM's users, account by account, the owner of an account first."""
    chance = stream(seed, "crm users")
    count = int(sizes.sum())
    ids = np.arange(1, count + 1)
    account = np.repeat(np.arange(1, len(sizes) + 1), sizes)
    is_owner = np.diff(account, prepend=0) > 0
    links = _links(is_owner)
    user_id, agent_id = _behind(chance, links, account, team_of, users, agents)
    links[(user_id == 0) & (agent_id == 0)] = "nobody"
    role = np.where(is_owner | (chance.random(count) < 0.06), "Broker", np.where(links == "nobody", "Lender", "Agent"))
    deleted = ~is_owner & (chance.random(count) < 0.08)
    made = pd.DataFrame(
        {
            "id": ids,
            "number": crm_activity.numbered(chance, account, 0),
            "account_id": account,
            "link": links,
            "user_id": user_id,
            "agent_id": agent_id,
            "team_id": np.where(chance.random(count) < 0.9, team_of[account - 1], 0),
            "first_name": pick(chance, FIRST, [1] * len(FIRST), count).astype(object),
            "last_name": pick(chance, LAST, [1] * len(LAST), count).astype(object),
            "phone": chance.integers(0, 100, count),
            "role": role,
            "status": np.where(deleted, "Deleted", "Active"),
            "is_owner": is_owner,
            "created": np.datetime64("2021-03-01", "s") + chance.integers(0, 700 * 86_400, count).astype("m8[s]"),
            "updated": _END - chance.integers(0, 300 * 86_400, count).astype("m8[s]"),
        }
    )
    made["email"] = emails(made, "fub")
    by_login, by_agent = links == "staff", agent_id > 0
    for column in ("first_name", "last_name", "phone", "email"):
        values = made[column].to_numpy(dtype=object)
        values[by_login] = users[column].to_numpy(dtype=object)[user_id[by_login] - 1]
        values[by_agent] = agents[column].to_numpy(dtype=object)[agent_id[by_agent] - 1]
        made[column] = values
    # Who is known by the login alone has the login's address, which no agent has.
    login_only = links == "login"
    made.loc[login_only, "email"] = users["email"].to_numpy(dtype=object)[user_id[login_only] - 1]
    return made


def _accounts(seed: int, staffed: pd.DataFrame, team_of: Ints, users: pd.DataFrame) -> pd.DataFrame:
    chance = stream(seed, "crm accounts")
    owners = staffed[staffed["is_owner"]]
    count = len(owners)
    ids = np.arange(1, count + 1)
    since = users["created"].to_numpy()[owners["user_id"].to_numpy() - 1]
    connected = since + (chance.random(count) * ((_END - since) // _DAY * 3 // 4)).astype(np.int64) * _DAY
    return pd.DataFrame(
        {
            "id": ids,
            "number": _FIRST_NUMBER + np.cumsum(chance.integers(1, 9_000, count)),
            "host": [f"{_slug(name)}{number}" for name, number in zip(owners["last_name"], ids.tolist(), strict=True)],
            "user_id": owners["user_id"].to_numpy(),
            "team_id": team_of,
            "owner_number": owners["number"].to_numpy(),
            "connected": connected,
            "active": (chance.random(count) < 0.9) | (ids == 1),
            "data_pull": chance.random(count) < 0.85,
        }
    )


def _slug(name: str) -> str:
    letters = "".join(one for one in name.lower() if one.isascii() and one.isalpha())
    return f"{letters or 'example'}homes"


def _shared(seed: int, kind: str, count: int, accounts: int) -> tuple[Ints, Ints]:
    """Share rows out among the accounts: each row's account, and its place there."""
    sizes = split(count, skewed(stream(seed, f"crm {kind}"), accounts, 2, 6), least=1)
    account = np.repeat(np.arange(1, accounts + 1), sizes)
    return account, np.arange(count) - np.repeat(np.cumsum(sizes) - sizes, sizes)


def _stages(seed: int, count: int, accounts: int) -> pd.DataFrame:
    """Make the rows of stages; an account's later stages have none, as V1 never fetched them all."""
    account, place = _shared(seed, "stages", count, accounts)
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "number": FIRST_STAGE + place,
            "account_id": account,
            "name": [STAGES[nth] for nth in place.tolist()],
            "order": (place + 1) * 1_000,
            "protected": np.isin(place, (0, len(STAGES) - 1)),
        }
    )


def _groups(seed: int, count: int, accounts: int) -> pd.DataFrame:
    account, place = _shared(seed, "groups", count, accounts)
    chance = stream(seed, "crm groups")
    made = pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "number": 40 + place,
            "account_id": account,
            "name": [_GROUPS[nth % len(_GROUPS)] for nth in place.tolist()],
            "type": pick(chance, ["Agent", "Lender", "Pond"], [8, 1, 2], count).astype(object),
            "distribution": pick(chance, ["round-robin", "first-to-claim"], [3, 1], count),
            "primary": place == 0,
        }
    )
    made.loc[made["primary"], "type"] = "Agent"
    return made


def _in_groups(seed: int, account: Ints, groups: pd.DataFrame) -> Ints:
    """Put each user into a group of the account; 0 for those in none."""
    chance = stream(seed, "crm group members")
    first = np.searchsorted(groups["account_id"], account)
    size = np.searchsorted(groups["account_id"], account, side="right") - first
    group = first + (chance.random(len(account)) * size).astype(np.int64) + 1
    none: Bools = chance.random(len(account)) < 0.1
    return np.where(none, 0, group)


def _sync_jobs(seed: int, count: int, accounts: pd.DataFrame) -> pd.DataFrame:
    """Make the sync jobs: each account in turn, its first one the onboarding."""
    chance = stream(seed, "crm sync jobs")
    account = np.arange(count) % len(accounts)
    nth = np.arange(count) // len(accounts)
    connected = accounts["connected"].to_numpy()[account]
    later = (chance.random(count) * (crm_activity.seconds_left(connected) // 86_400)).astype(np.int64)
    return pd.DataFrame(
        {
            "id": np.arange(1, count + 1),
            "account_id": account + 1,
            "user_id": accounts["user_id"].to_numpy()[account],
            "type": [JOB_TYPES[one % len(JOB_TYPES)] for one in nth.tolist()],
            "created": connected + np.where(nth == 0, 0, later) * _DAY,
            "active": nth > 0,
        }
    )
