"""What the sponsors above an agent receive of the agent's deals, five tiers up.

Belongs here: contributions, those still pending, what they come to, and the monthly payments. Does not belong
here: who sponsors whom (`connectors/sandbox/forest.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox import forest
from connectors.sandbox.chance import Array, pick, stream
from connectors.sandbox.days import DAY, LAST, at_work
from connectors.sandbox.forest import move_up

BONUS_ROW = 9
"""The contribution that comes from no deal at every scale: a planted fault needs one."""

_PER_MILLE = np.array([50, 40, 30, 20, 10])  # of the gross, by tier
_BEHIND_UTC = np.timedelta64(6, "h")  # about the business's time zone: moments lie well within their day there
_BONUSES = 100  # one contribution in so many


def due(chance: np.random.Generator, count: int, deals: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Choose `count` of all pairs of a deal and a sponsor of its owner; no contribution of nothing."""
    chains = forest.upline(agents["sponsor_id"].to_numpy() - 1, deals["owner_agent_id"].to_numpy() - 1, forest.TIERS)
    tier, row = np.nonzero(np.stack(chains) >= 0)
    receiver = np.stack(chains)[tier, row] + 1
    amount = deals["gross_cents"].to_numpy()[row] * _PER_MILLE[tier] // 1000
    ours = agents["status"].isin(["ACTIVE", "INACTIVE", "RESURRECTING"]) & ~agents["from_outside"]
    worth = np.flatnonzero((amount > 0) & ours.to_numpy()[receiver - 1])
    chosen = np.sort(chance.permutation(worth)[:count])
    order = chosen[np.lexsort((tier[chosen], row[chosen]))]
    deal = deals.iloc[row[order]].reset_index(drop=True)
    return pd.DataFrame(
        {
            "deal_id": deal["id"],
            "contributor_agent_id": deal["owner_agent_id"],
            "receiving_agent_id": receiver[order],
            "tier": tier[order] + 1,
            "amount_cents": amount[order],
            "is_demo": deal["is_demo"],
        }
    ).join(deal[["closed", "closed_day", "closing_day", "contract", "status", "type", "created", "price_cents"]])


def newest(seed: int, count: int, closed: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """List `count` contributions of deals that have only just closed: none is paid yet."""
    made = due(stream(seed, "newest contributions"), count, closed, agents).rename(columns={"closed": "contributed"})
    made = made.drop(columns=["closed_day", "closing_day", "contract", "type", "created"])
    made.insert(0, "id", np.arange(1, len(made) + 1))
    return made.assign(kind="Revenue Share", status="Pending")


def contributions(seed: int, count: int, deals: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """List the contributions of closed deals, oldest first, with a bonus now and then."""
    chance = stream(seed, "contributions")
    bonuses = max(count // _BONUSES, 1)
    closed = deals[(deals["status"] == "Closed") & deals["closed"].notna()]
    made = due(chance, count - bonuses, closed, agents)
    like = made.iloc[np.sort(chance.integers(0, len(made), bonuses))].copy()
    like["deal_id"], like["price_cents"] = 0, 0
    like["amount_cents"] = chance.integers(2, 41, bonuses) * 2_500
    made = pd.concat([made.assign(kind="Revenue Share"), like.assign(kind="Bonus")], ignore_index=True)
    made = made.rename(columns={"closed": "contributed"}).sort_values("contributed", kind="stable", ignore_index=True)
    made = move_up(made, BONUS_ROW - 1, (made["deal_id"] == 0).to_numpy())
    made.insert(0, "id", np.arange(1, len(made) + 1))
    age = (pd.Timestamp(LAST) - made["closed_day"]).dt.days
    late = np.asarray(pick(chance, ["Paid", "Processed", "Void"], [97, 2, 1], len(made)), dtype=object)
    status = np.select([age < 12, age < 45], ["Pending", "Processed"], late)
    return made.assign(status=status).drop(columns=["closed_day", "closing_day", "contract", "type", "created"])


def pending(seed: int, count: int, deals: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """List what deals under contract will contribute when they close."""
    chance = stream(seed, "pending contributions")
    open_deals = deals[deals["status"].isin(["Pending", "Active"]) & deals["contract"].notna()]
    made = due(chance, count, open_deals, agents).drop(columns=["closed", "closed_day", "created", "price_cents"])
    made.insert(0, "id", np.arange(1, len(made) + 1))
    status = np.asarray(pick(chance, ["Pending", "Processing", "Complete"], [85, 12, 3], len(made)), dtype=object)
    return made.rename(columns={"status": "deal_status", "contract": "contributed"}).assign(status=status)


def _first_of(days: Array, unit: str) -> Array:
    return np.asarray(days.astype("datetime64[s]").astype(f"datetime64[{unit}]").astype("datetime64[s]"))


def totals(seed: int, count: int, contributed: pd.DataFrame, agents: pd.DataFrame) -> pd.DataFrame:
    """Add up what those agents have received who received most often; a few totals lag by a quarter."""
    chance = stream(seed, "revenue share totals")
    counted = contributed[contributed["status"] != "Void"]
    often = counted["receiving_agent_id"].value_counts(sort=False).sort_index()
    agent = np.sort(often.sort_values(ascending=False, kind="stable").index[:count].to_numpy())
    stale = chance.random(len(agent)) < 0.05
    behind = pd.Series(stale, index=agent)
    missed = counted["receiving_agent_id"].map(behind).eq(True) & (counted["contributed"] >= LAST - 90 * DAY)
    counted = counted[~missed]
    day = counted["contributed"] - _BEHIND_UTC
    this_year, this_month = (day >= _first_of(np.array([LAST]), unit)[0] for unit in ("Y", "M"))
    made = pd.DataFrame({"id": np.arange(1, len(agent) + 1), "agent_id": agent}).set_index("agent_id", drop=False)
    for name, rows in (("total", counted), ("ytd", counted[this_year]), ("mtd", counted[this_month])):
        sums = rows.groupby("receiving_agent_id")["amount_cents"].sum()
        made[f"{name}_cents"] = sums.reindex(agent).fillna(0).astype(np.int64)
    by_agent = counted.groupby("receiving_agent_id")
    made["last_contribution"] = by_agent["contributed"].max().reindex(agent)
    made["tier"] = by_agent["tier"].max().reindex(agent).fillna(1).astype(np.int64)
    made["user_id"] = agents["user_id"].to_numpy()[agent - 1]
    return made.reset_index(drop=True)


def payments(
    seed: int, count: int, contributed: pd.DataFrame, totalled: pd.DataFrame, agents: pd.DataFrame
) -> pd.DataFrame:
    """Pay out what an agent received in a month, on a day in the middle of the next; `count` of all of them."""
    chance = stream(seed, "revenue share payments")
    paid = contributed[contributed["status"] == "Paid"]
    month = _first_of((paid["contributed"] - _BEHIND_UTC).to_numpy(), "M")
    sums = paid.groupby([month, paid["receiving_agent_id"].to_numpy()])["amount_cents"].sum().reset_index()
    sums = sums.set_axis(["period", "agent_id", "amount_cents"], axis=1)
    made = sums.iloc[np.sort(chance.permutation(len(sums))[:count])].reset_index(drop=True)
    following = _months_later(made["period"].to_numpy(), 1)
    agent = made["agent_id"].to_numpy()
    of_agent = np.zeros(len(agents) + 1, dtype=np.int64)
    of_agent[totalled["agent_id"]] = totalled["id"]
    made.insert(0, "id", np.arange(1, len(made) + 1))
    return made.assign(
        period_end=following - DAY,
        paid_at=at_work(chance, following + chance.integers(13, 19, len(made)) * DAY),
        status=np.asarray(pick(chance, ["Paid", "Pending", "Failed"], [97, 2, 1], len(made)), dtype=object),
        totals_id=of_agent[agent],
        user_id=agents["user_id"].to_numpy()[agent - 1],
    )


def _months_later(days: Array, months: int) -> Array:
    later = days.astype("datetime64[s]").astype("datetime64[M]") + months
    return np.asarray(later.astype("datetime64[s]"))
