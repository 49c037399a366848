"""The deals of the brokerage: what was sold or let, when, for how much, and by whom.

Belongs here: one row a deal, with the agents on both sides. Does not belong here: what was earned on it
(`connectors/sandbox/commissions.py`) and who else took part (`connectors/sandbox/participants.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.random import Generator

from connectors.sandbox.chance import Array, Bools, Ints, pick, skewed, stream, uuids
from connectors.sandbox.days import (
    DAY,
    LAST,
    NEVER,
    at_work,
    closing_days,
    in_the_evening,
    in_the_morning,
)
from connectors.sandbox.names import CITIES, STATES
from connectors.sandbox.workforce import Workforce

STATUSES = ("Closed", "Pending", "Active", "Terminated", "Canceled", "Archived", "Listed")
LEASES = ("RESIDENTIAL_LEASE", "COMMERCIAL_LEASE")
SELLING = ("SELLER", "LANDLORD")
BUYING = ("BUYER", "TENANT")

REOPENED_AFTER = 40 * DAY
"""A reopened deal had been closed at this age, by mistake."""

_ARCHIVED_UNTIL = np.datetime64("2023-09-30", "s")
_DEAR = {"CA": 780, "HI": 840, "MA": 640, "DC": 690, "WA": 600, "NY": 560, "NJ": 520, "CO": 560, "BC": 900, "ON": 760}
_DEFAULT_LEVEL = 340  # thousands
_SHARES = ((100, 0), (50, 50), (60, 40), (70, 30), (66.67, 33.33), (33.33, 66.67))


def deals(seed: int, count: int, agents: pd.DataFrame, teams: pd.DataFrame, force: Workforce) -> pd.DataFrame:
    """Make the deals, oldest first."""
    chance = stream(seed, "deals")
    made = _timed(chance, _retold(chance, _begun(chance, count, force), force))
    made = made.sort_values(["created", "property"], ignore_index=True)
    made.insert(0, "id", np.arange(1, count + 1))
    made.insert(1, "uuid", uuids("transaction", range(1, count + 1)))
    made = made.join(_agents(seed, made, agents, teams, force))
    return made.join(_prices(seed, made, agents))


def _begun(chance: Generator, count: int, force: Workforce) -> pd.DataFrame:
    """Draw what becomes of each deal and when, and who owns it."""
    status = np.asarray(pick(chance, STATUSES, [780, 55, 25, 90, 30, 10, 10], count), dtype=object)
    kind = np.asarray(
        pick(
            chance,
            ["RESIDENTIAL_SALE", "RESIDENTIAL_LEASE", "COMMERCIAL_SALE", "COMMERCIAL_LEASE", "REFERRAL"],
            [81, 10, 3, 2, 4],
            count,
        ),
        dtype=object,
    )
    lease = np.isin(kind, LEASES)
    side = np.asarray(pick(chance, ["BUYER", "SELLER", "DUAL"], [49, 44, 7], count), dtype=object)
    side = np.where((kind == "REFERRAL") & (side == "DUAL"), "BUYER", side)
    side = np.where(lease & (side == "BUYER"), "TENANT", np.where(lease & (side == "SELLER"), "LANDLORD", side))

    live = np.isin(status, ["Pending", "Active"])
    closing = closing_days(chance, count)
    closing = np.where(status == "Archived", closing_days(chance, count, _ARCHIVED_UNTIL), closing)
    escrow = chance.integers(20, 61, count)
    old = chance.random(count) < 0.1
    signed = LAST - np.where(old, chance.integers(60, 220, count), chance.integers(0, 48, count)) * DAY
    contract = np.where(live, signed, closing - escrow * DAY)
    closing = np.where(live, contract + escrow * DAY, closing)
    shown = skewed(chance, count, 3, 140).astype(np.int64) + chance.integers(0, 25, count)
    listed = np.where(status == "Listed", LAST - chance.integers(0, 120, count) * DAY, contract - shown * DAY)
    given_up = contract + (1 + chance.random(count) * (escrow - 1)).astype(np.int64) * DAY
    unsigned = (status == "Listed") | ((status == "Canceled") & (chance.random(count) < 0.5))
    unsigned |= live & (chance.random(count) < 0.01)
    selling = np.isin(side, [*SELLING, "DUAL"])
    opened = np.where(selling | (status == "Listed"), listed, contract - chance.integers(0, 8, count) * DAY)
    created = in_the_morning(chance, opened)
    over = np.isin(status, ["Closed", "Archived"])
    return pd.DataFrame(
        {
            "property": np.arange(count),
            "status": status,
            "type": kind,
            "representation": side,
            "created": created,
            "listed": np.where(selling | (status == "Listed") | (chance.random(count) < 0.2), listed, NEVER),
            "contract": np.where(unsigned, NEVER, contract),
            "closing_day": np.where(status == "Listed", NEVER, closing),
            "closed_day": np.where(over, closing, NEVER),
            "given_up": np.where(np.isin(status, ["Terminated", "Canceled"]), given_up, NEVER),
            "reopened": live & (contract < LAST - REOPENED_AFTER) & (chance.random(count) < 0.3),
            "owner_agent_id": force.draw(chance, created),
        }
    )


def _retold(chance: Generator, made: pd.DataFrame, force: Workforce) -> pd.DataFrame:
    """Let some deals that fell through be first tries at what another deal then sold, by the same agent."""
    sold = np.flatnonzero(((made["status"] == "Closed") & made["representation"].isin(SELLING)).to_numpy())
    failed = np.flatnonzero((made["status"] == "Terminated").to_numpy())
    pairs = min(len(failed) // 8, len(sold))
    then, first = chance.permutation(sold)[:pairs], chance.permutation(failed)[:pairs]
    given_up = made["contract"].to_numpy()[then] - chance.integers(3, 30, pairs) * DAY
    contract = given_up - chance.integers(5, 40, pairs) * DAY
    listed = contract - chance.integers(3, 60, pairs) * DAY
    created = in_the_morning(chance, listed)
    kept = force.at_work(made["owner_agent_id"].to_numpy()[then], created)
    then, first = then[kept], first[kept]
    for column in ("property", "type", "representation", "owner_agent_id"):
        made.loc[first, column] = made[column].to_numpy()[then]
    for column, values in (
        ("listed", listed),
        ("contract", contract),
        ("closing_day", contract + 45 * DAY),
        ("given_up", given_up),
        ("created", created),
    ):
        made.loc[first, column] = values[kept]
    made.loc[then, "listed"] = np.maximum(made["listed"].to_numpy()[then], given_up[kept] + DAY)
    made.loc[then, "created"] = in_the_morning(chance, made["listed"].to_numpy()[then])
    return made


def _timed(chance: Generator, made: pd.DataFrame) -> pd.DataFrame:
    """Give each day its hour, in the order in which things happen; few deals close in the evening."""
    late = chance.random(len(made)) < 0.03
    closed = made["closed_day"].to_numpy()
    return made.assign(
        listed=at_work(chance, made["listed"].to_numpy()),
        contract=at_work(chance, made["contract"].to_numpy()) + np.timedelta64(4_000, "s"),
        given_up=at_work(chance, made["given_up"].to_numpy()) + np.timedelta64(8_000, "s"),
        closed=np.where(late, in_the_evening(chance, closed), at_work(chance, closed) + np.timedelta64(2_000, "s")),
    )


def _agents(seed: int, made: pd.DataFrame, agents: pd.DataFrame, teams: pd.DataFrame, force: Workforce) -> pd.DataFrame:
    """Name the agents of the brokerage on both sides, and those above the owner; 0 where a side is outside."""
    chance = stream(seed, "deal agents")
    count, created = len(made), made["created"].to_numpy()
    owner, side = made["owner_agent_id"].to_numpy(), made["representation"].to_numpy()
    people = agents.iloc[owner - 1]

    def colleague(share: Bools, *others: Ints) -> Ints:
        """Some agent for this share of the deals, often the owner's sponsor; nobody out of the others."""
        sponsor = people["sponsor_id"].to_numpy()
        known = force.at_work(sponsor, created) & (chance.random(count) < 0.4)
        drawn = np.where(known, sponsor, force.draw(chance, created))
        taken = np.any([drawn == other for other in others], axis=0)
        return np.where(share & ~taken, drawn, 0)

    buying, selling = np.isin(side, [*BUYING, "DUAL"]), np.isin(side, [*SELLING, "DUAL"])
    referral = (made["type"] == "REFERRAL").to_numpy()
    across = colleague((chance.random(count) < 0.06) | ((side == "DUAL") & (chance.random(count) < 0.5)), owner)
    buyer = np.where(referral, 0, np.where(buying & ~((side == "DUAL") & (across > 0)), owner, across))
    seller = np.where(referral, 0, np.where(selling, owner, across))
    co_buyer = colleague((buyer > 0) & (chance.random(count) < 0.08), buyer, seller)
    co_seller = colleague((seller > 0) & (chance.random(count) < 0.08), buyer, seller, co_buyer)
    splits = chance.integers(1, len(_SHARES), count), chance.integers(1, len(_SHARES), count)
    referred = colleague(chance.random(count) < 0.04, buyer, seller, co_buyer, co_seller, owner)

    joined_team = people["team_id"].to_numpy()
    team = np.where(chance.random(count) < 0.95, joined_team, 0)
    team_owner = np.append(0, teams["owner_agent_id"])[team]
    leads = force.at_work(team_owner, created) & (chance.random(count) < 0.7)
    for other in (owner, buyer, seller, co_buyer, co_seller, referred):
        leads &= team_owner != other

    outsiders = np.append(agents.loc[agents["from_outside"] & (agents["joined"] < "2021-09-01"), "id"].to_numpy(), 0)
    outside = outsiders[(chance.random(count) * len(outsiders)).astype(np.int64)]
    # An agent on both sides of a closed deal is paid twice: without participants nobody could say for which side.
    twice = (buyer == seller) & (made["status"] == "Closed").to_numpy()
    plain = (co_buyer + co_seller + referred == 0) & ~leads & ~referral & ~twice
    told = np.select(
        [plain & (chance.random(count) < 0.015), plain & (across == 0) & (chance.random(count) < 0.008)],
        ["keys", "owner"],
        "participants",
    )
    return pd.DataFrame(
        {
            "buy_agent_id": buyer,
            "sell_agent_id": seller,
            "co_buy_agent_id": co_buyer,
            "co_sell_agent_id": co_seller,
            "buy_split": np.where(co_buyer > 0, splits[0], 0),
            "sell_split": np.where(co_seller > 0, splits[1], 0),
            "referral_agent_id": np.where(referral, owner, referred),
            "leader_agent_id": np.where(leads, team_owner, 0),
            "outside_agent_id": np.where(chance.random(count) < 0.15, outside, 0),
            "team_id": team,
            "team_owner_agent_id": team_owner,
            "user_id": people["user_id"].to_numpy(),
            "office_id": people["office_id"].to_numpy(),
            "told_by": told,
            "representation_said": (told != "participants") | (chance.random(count) < 0.99),
            "is_demo": chance.random(count) < 0.001,
        }
    )


def split_percentages(choice: Array, partner: Array) -> Array:
    """Return the percentage of a side's agent, or of the partner there, for each choice of a split."""
    return np.array(_SHARES)[choice, partner.astype(np.int64)]


def _prices(seed: int, made: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Say where each property is and what it costs; two deals over one property agree on the place."""
    chance = stream(seed, "prices")
    count, home = len(made), made["property"].to_numpy()
    moved = (chance.random(count) < 0.06)[home]
    place = np.where(moved, chance.integers(0, len(STATES), count)[home], 0)
    of_owner = agents["place"].to_numpy()[made["owner_agent_id"].to_numpy() - 1]
    place = np.where(moved, place, of_owner)
    city = pick(chance, CITIES, [30 - one for one in range(len(CITIES))], count).codes[home].astype(np.int64)
    level = np.array([_DEAR.get(state, _DEFAULT_LEVEL) for state, _ in STATES])[place] * (80 + 3 * (city * 7 % 17))
    spread = sum(chance.random(count) for _ in range(3)) - 0.5  # mostly near 1, never below 0 with the floor below
    luxury = np.where(chance.random(count) < 0.025, skewed(chance, count, 2, 9), 1)
    since = (made["created"].to_numpy() - np.datetime64("2021-09-01", "s")).astype(np.int64) / (5 * 365 * 86_400)
    worth = level * 10 * np.maximum(spread, 0.28)[home] * luxury[home] * (1 + since / 4)
    kind = made["type"]
    worth = np.where(kind.str.startswith("COMMERCIAL"), worth * 2.2, worth)
    step = np.where(worth > 1_000_000, 25_000, np.where(worth > 300_000, 5_000, 1_000))
    asked = np.maximum((worth / step).astype(np.int64), 40) * step - np.where(chance.random(count) < 0.5, 100, 0)
    agreed = (asked * (930 + chance.integers(0, 125, count)) // 100_000) * 100
    agreed = np.where(chance.random(count) < 0.25, asked, agreed)
    rent = np.maximum(asked // 8_000, 24) * 25
    lease = kind.isin(LEASES).to_numpy()
    asked, agreed = np.where(lease, rent, asked), np.where(lease, rent, agreed)
    agreed = np.where(made["status"] == "Listed", asked, agreed)
    return pd.DataFrame(
        {
            "place": place,
            "city": pd.Categorical.from_codes(city, pd.Index(CITIES)),
            "asked_cents": asked * 100,
            "price_cents": np.where(chance.random(count) < 0.004, 0, agreed * 100),
        }
    )
