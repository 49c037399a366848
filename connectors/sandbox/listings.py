"""What the brokerage's agents offered for sale or rent.

Belongs here: one row a listing, with how its price and status went. Does not belong here: the deals that came
of it (`connectors/sandbox/deals.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Ints, skewed, stream, uuids
from connectors.sandbox.days import DAY, LAST, NEVER, at_work, closing_days, in_the_morning
from connectors.sandbox.deals import LEASES
from connectors.sandbox.workforce import Workforce

_STATUS_OF_DEAL = {"Closed": "Closed", "Archived": "Closed", "Pending": "Pending", "Active": "Pending"}


def listings(
    seed: int, count: int, deals: pd.DataFrame, agents: pd.DataFrame, teams: pd.DataFrame, force: Workforce
) -> pd.DataFrame:
    """Make the listings, oldest first: three of four became one of the deals, or more than one."""
    chance = stream(seed, "listings")
    sold = _that_became_deals(chance, count * 3 // 4, deals)
    made = pd.concat([sold, _others(chance, count - len(sold), deals, force)], ignore_index=True)
    made["created"] = in_the_morning(chance, made["listed_day"].to_numpy())
    made = made.sort_values(["created", "property"], ignore_index=True)
    made.insert(0, "id", np.arange(1, count + 1))
    made.insert(1, "uuid", uuids("listing", range(1, count + 1)))
    people = agents.iloc[made["agent_id"].to_numpy() - 1]
    team = people["team_id"].to_numpy()
    cuts = np.minimum(skewed(chance, count, 1, 5).astype(np.int64) - 1, 3)
    price = made["price_cents"].to_numpy()
    dearer = price * (100 + cuts * chance.integers(1, 5, count)) // 100 // 2_500 * 2_500
    over = made["status"].isin(["Closed", "Terminated"]).to_numpy()
    return made.assign(
        cuts=cuts,
        first_price_cents=np.where(cuts > 0, np.maximum(dearer, price + 2_500), price),
        relisted=chance.random(count) < 0.05,
        expires=made["listed_day"].to_numpy() + np.array([90, 180, 180, 365])[chance.integers(0, 4, count)] * DAY,
        days_on_market=(np.where(over, made["over_day"], made["listed_day"]) - made["listed_day"].to_numpy()) // DAY,
        over=at_work(chance, made["over_day"].to_numpy()),
        photos=np.where(chance.random(count) < 0.8, chance.integers(0, 7, count), 0),
        commission_cents=price * np.array([20, 25, 25, 30])[chance.integers(0, 4, count)] // 1_000,
        team_id=team,
        team_owner_agent_id=np.append(0, teams["owner_agent_id"])[team],
        user_id=people["user_id"].to_numpy(),
        office_id=people["office_id"].to_numpy(),
        is_demo=chance.random(count) < 0.001,
    )


def _that_became_deals(chance: np.random.Generator, count: int, deals: pd.DataFrame) -> pd.DataFrame:
    """Make the listings of some of the properties whose sale an agent of ours listed, by their latest deal."""
    listed = deals[_listed_by_us(deals)]
    latest = listed.drop_duplicates("property", keep="last")
    deal = latest.iloc[np.sort(chance.permutation(len(latest))[:count])].reset_index(drop=True)
    begun = listed.groupby("property")["listed"].min().loc[deal["property"]].to_numpy()
    status = deal["status"].map(_STATUS_OF_DEAL).astype("object").to_numpy()
    again = chance.random(len(deal)) < 0.4
    open_again = again & (deal["created"] > np.datetime64("2026-05-01", "s")).to_numpy()
    unsold = np.where((deal["status"] == "Listed") | open_again, "Active", "Terminated")
    status = np.where(pd.isna(status), unsold, status)
    given_up = deal["given_up"].to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    over = np.where(status == "Closed", deal["closed_day"], np.where(status == "Terminated", given_up, NEVER))
    return pd.DataFrame(
        {
            "property": deal["property"],
            "agent_id": deal["sell_agent_id"],
            "place": deal["place"],
            "city": deal["city"].astype("object"),
            "lease": deal["type"].isin(LEASES),
            "status": status,
            "listed_day": begun.astype("datetime64[D]").astype("datetime64[s]"),
            "contracted": np.where(status == "Active", NEVER, deal["contract"]),
            "over_day": over,
            "price_cents": deal["asked_cents"],
        }
    )


def _others(chance: np.random.Generator, count: int, deals: pd.DataFrame, force: Workforce) -> pd.DataFrame:
    """Make the listings that came to nothing: still on offer, or withdrawn. They look like some deal's property."""
    like = deals.iloc[chance.integers(0, len(deals), count)].reset_index(drop=True)
    active = chance.random(count) < 0.35
    day = np.where(active, LAST - chance.integers(0, 150, count) * DAY, closing_days(chance, count) - 30 * DAY)
    over = np.minimum(day + chance.integers(10, 200, count) * DAY, LAST)
    return pd.DataFrame(
        {
            "property": len(deals) + np.arange(count),
            "agent_id": force.draw(chance, day),
            "place": like["place"],
            "city": like["city"].astype("object"),
            "lease": like["type"].isin(LEASES),
            "status": np.where(active, "Active", "Terminated"),
            "listed_day": day,
            "contracted": NEVER,
            "over_day": np.where(active, NEVER, over),
            "price_cents": like["asked_cents"],
        }
    )


def listing_of(deals: pd.DataFrame, made: pd.DataFrame) -> Ints:
    """Return the listing each deal came of, 0 for none."""
    ids = np.zeros(len(deals) + len(made) + 1, dtype=np.int64)
    ids[made["property"]] = made["id"]
    return np.where(_listed_by_us(deals), ids[deals["property"]], 0)


def _listed_by_us(deals: pd.DataFrame) -> pd.Series[bool]:
    """Tell the deals whose owner offered the property: agents across the table come in later."""
    return (deals["sell_agent_id"] == deals["owner_agent_id"]) & deals["listed"].notna()
