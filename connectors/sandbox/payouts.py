"""What was paid out of closed deals, one row a payment.

Belongs here: commissions, team splits, referrals and fees as they were paid. Does not belong here: how the gross
is shared between the brokerage and the rest (`connectors/sandbox/commissions.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Ints, stream
from connectors.sandbox.days import DAY, LAST

_NO_GROSS = -1  # 0 is a gross


def payouts(
    seed: int,
    count: int,
    deals: pd.DataFrame,
    credited: pd.DataFrame,
    participants: pd.DataFrame,
    before: np.datetime64 = LAST + DAY,
) -> pd.DataFrame:
    """List the payments made before a day, oldest first; fees of some deals fill up to `count`.

    Args:
        seed: of the world.
        count: how many there are at most.
        deals: numbered from 1, with their money.
        credited: the brokerage's own agents on them.
        participants: what is written down of these.
        before: the day nothing is paid on any more.
    """
    chance = stream(seed, "payouts")
    paid = deals[(deals["status"] == "Closed") & deals["paid"].notna()]
    rows = credited[credited["paid"] & credited["deal_id"].isin(paid["id"])].reset_index(drop=True)
    money = deals.iloc[rows["deal_id"].to_numpy() - 1].reset_index(drop=True)
    rows["participant_id"] = _participant_of(rows, participants)
    rows["paid_at"] = money["paid"]
    rows["is_demo"] = money["is_demo"]
    refers = (money["type"] == "REFERRAL").to_numpy()
    role = rows["role"].to_numpy()
    earns = (rows["side"] != "").to_numpy() | (refers & (role == "REFERRAL"))
    rows["kind"] = np.select([earns, role == "TEAM_LEADER"], ["COMMISSION", "TEAM_SPLIT"], "REFERRAL")
    rows["only_role"] = ~rows.duplicated(["deal_id", "agent_id"], keep=False)

    work = rows[earns].reset_index(drop=True)
    money = money[earns].reset_index(drop=True)
    sells = (work["side"] == "sell").to_numpy()
    side_cents = np.where(sells, money["sell_commission_cents"], money["buy_commission_cents"])
    weight = (work["split"].to_numpy() * 100).round().astype(np.int64)
    work["gross_cents"] = _shared(side_cents, weight, work["deal_id"] * 2 + sells)
    fee_rows = _fees(chance, count - len(rows) - len(work) // 16, work, paid)
    kept_apart = np.isin(work["deal_id"].to_numpy(), fee_rows["deal_id"].to_numpy())
    due = np.where(kept_apart, money["agents_cents"], money["net_cents"])
    work["amount_cents"] = _shared(due, np.maximum(work["gross_cents"].to_numpy(), 1), work["deal_id"])
    work, later = _instalments(chance, work)

    others = rows[~earns].copy()
    of_deal = deals.iloc[others["deal_id"].to_numpy() - 1]
    others["amount_cents"] = np.where(
        others["kind"] == "TEAM_SPLIT", of_deal["team_cents"].to_numpy(), of_deal["referral_cents"].to_numpy()
    )
    others["gross_cents"] = _NO_GROSS
    made = pd.concat([work, later, others, fee_rows], ignore_index=True)
    made = made[(made["paid_at"] < before) & ((made["amount_cents"] != 0) | (made["gross_cents"] > 0))]
    made = made.sort_values(["paid_at", "deal_id"], kind="stable", ignore_index=True)
    made.insert(0, "id", np.arange(1, len(made) + 1))
    return made.drop(columns=["order", "told_by", "paid"])


def _participant_of(rows: pd.DataFrame, participants: pd.DataFrame) -> Ints:
    """Return the id of the participant row of each credit; 0 where the deal has none."""
    ours = participants[~participants["external"] & (participants["deal_id"] > 0)]
    first = ours.drop_duplicates(["deal_id", "agent_id", "role"]).set_index(["deal_id", "agent_id", "role"])["id"]
    wanted = pd.MultiIndex.from_frame(rows[["deal_id", "agent_id", "role"]])
    return first.reindex(wanted).fillna(0).to_numpy().astype(np.int64)


def _shared(total: Ints | pd.Series, weight: Ints, by: pd.Series) -> Ints:
    """Share each group's total out by weight, to the cent: row by row what falls due up to it, less what did before."""
    running = pd.Series(weight).groupby(by.to_numpy()).cumsum().to_numpy()
    whole = pd.Series(weight).groupby(by.to_numpy()).transform("sum").to_numpy()
    amount = np.asarray(total, dtype=np.int64)
    # In parts, so that the product stays within 64 bits.
    return np.asarray(_part(amount, running, whole) - _part(amount, running - weight, whole))


def _part(amount: Ints, weight: Ints, whole: Ints) -> Ints:
    return (amount // whole) * weight + (amount % whole) * weight // whole


def _fees(chance: np.random.Generator, count: int, work: pd.DataFrame, paid: pd.DataFrame) -> pd.DataFrame:
    """Make rows of their own for the fees of up to `count` deals, against the first agent paid there."""
    charged = paid[paid["fees_cents"] > 0]["id"].to_numpy()
    first = work[work["deal_id"].isin(charged)].drop_duplicates("deal_id")
    chosen = np.sort(chance.permutation(len(first))[: max(count, len(first) // 4)])
    rows = first.iloc[chosen].copy()
    rows["kind"], rows["gross_cents"] = "FEE", _NO_GROSS
    rows["amount_cents"] = -paid.set_index("id")["fees_cents"].loc[rows["deal_id"]].to_numpy()
    return rows


def _instalments(chance: np.random.Generator, work: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Pay some commissions in two halves, the second a month later."""
    halved = chance.random(len(work)) < 0.06
    later = work[halved].copy()
    later["paid_at"] += 30 * DAY
    for column in ("gross_cents", "amount_cents"):
        later[column] = later[column] // 2
        work.loc[halved, column] -= later[column]
    return work, later
