"""Leases: those of every stay, and what of them is known on a day.

Belongs here: begin, end, signature, renewal, status. Does not belong here: what they cost (`rents.py`), applications
that came to nothing (`leasing.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Ints
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import FAR, HISTORY, add_months, moments, seen
from connectors.sandbox.properties.draws import drawn

COLUMNS = (
    "site_id lease_id household_id unit_id plan_id number kind type applied_on approved_on signed_on begin_on end_on "
    "term_months rent_cents other_cents credits_cents status in_force prior_lease_id next_lease_id "
    "month_to_month_on active_on inactive_on deposit_cents last_rent_change_on last_rent_change_cents evict "
    "scheduled_move_in_on move_in_on notice_given_on notice_for_on"
).split()
"""Of the frame of leases."""


def of_stays(site: Site, stays: pd.DataFrame) -> pd.DataFrame:
    """List the leases of all stays, one after the other; a stay that ends early ends its last one."""
    repeated = stays.loc[stays.index.repeat(stays["leases"])].reset_index(names="stay")
    terms = np.array(repeated.pop("terms").tolist())
    position = repeated.groupby("stay").cumcount().to_numpy()
    until = np.cumsum(terms, axis=1)
    rows = np.arange(len(repeated))
    months = terms[rows, position]
    after = until[rows, position]
    first = repeated["begin"].to_numpy()
    begin, end = add_months(first, after - months), add_months(first, after) - 1
    made = repeated.rename(columns={"begin": "moved_in", "end": "moved_out"}).assign(
        position=position, months=months, begin=begin, end=end
    )
    made = made[made["begin"] < made["moved_out"]].reset_index(drop=True)
    made["last"] = made["stay"] != made["stay"].shift(-1)
    made["monthly"] = made["last"] & (made["end"] < made["moved_out"])
    u = drawn(site.seed, "renewal", made, 1)
    made["signed"] = np.where(
        made["position"] > 0, made["begin"] - 10 - (u[0] * 56).astype(np.int64), made["signed"]
    ).astype(np.int64)
    transferred = made["from_household"] > 0
    for column in ("applied", "approved"):
        made[column] = np.where((made["position"] > 0) | transferred, FAR, made[column])
    made["number"] = made["position"] + 1 + np.where(transferred, 50, 0)
    made["lease_id"] = made["household_id"] * 100 + made["number"]
    return made.sort_values(["household_id", "number"], kind="stable", ignore_index=True)


def shown(site: Site, leases: pd.DataFrame, today: int) -> pd.DataFrame:
    """Say what of the leases is known today; drops those not yet applied for, and those that ended long ago."""
    known = np.minimum(leases["signed"], leases["applied"]) <= today
    frame = leases[known].copy()
    frame["site_id"] = site.site_id
    frame["unit_id"] = site.units["unit_id"].to_numpy()[frame["place"]]
    frame["plan_id"] = site.units["plan_id"].to_numpy()[frame["place"]]
    same_next = frame["household_id"] == frame["household_id"].shift(-1)
    same_before = frame["household_id"] == frame["household_id"].shift(1)
    frame["next_lease_id"] = np.where(same_next, frame["lease_id"].shift(-1, fill_value=0), 0)
    frame["prior_lease_id"] = np.where(same_before, frame["lease_id"].shift(1, fill_value=0), 0)
    next_begin = frame["begin"].shift(-1, fill_value=FAR).where(same_next, FAR)
    over = np.minimum(frame["moved_out"].to_numpy(), next_begin.to_numpy())
    frame = _with_status(frame, next_begin.to_numpy(), over, today)
    previous = frame["rent_cents"].shift(1, fill_value=0).where(same_before, 0)
    change = np.where(previous > 0, frame["rent_cents"] - previous, 0)
    moved_out = frame["moved_out"].to_numpy()
    end = np.where(moved_out <= today, np.minimum(frame["end"], moved_out), frame["end"])
    noticed = frame["notice"].to_numpy() <= today
    begun = frame["begin"].to_numpy() <= today
    expired = np.where(frame["monthly"] & (frame["end"] + 1 < moved_out), frame["end"] + 1, FAR)
    frame = frame.assign(
        applied_on=moments(frame["applied"]),
        approved_on=seen(frame["approved"], today),
        signed_on=seen(frame["signed"], today),
        begin_on=moments(frame["begin"]),
        end_on=moments(end),
        term_months=frame["months"],
        month_to_month_on=seen(expired, today),
        active_on=seen(frame["begin"], today),
        inactive_on=seen(over, today),
        deposit_cents=30_000,
        last_rent_change_on=moments(np.where(begun & (change != 0), frame["begin"], FAR)),
        last_rent_change_cents=np.where(begun, change, 0),
        evict=(frame["evict"] <= today) & (moved_out > today),
        scheduled_move_in_on=moments(frame["moved_in"]),
        move_in_on=seen(frame["moved_in"], today),
        notice_given_on=seen(frame["notice"], today),
        notice_for_on=moments(np.where(noticed, frame["notice_for"], FAR)),
        kind=np.select(
            [frame["position"] > 0, frame["from_household"] > 0], ["renewal", "transfer"], "first"
        ),
    )  # fmt: skip
    frame["type"] = _types(frame)
    # A month-to-month fee is charged once the term is over; until then nobody knows of it.
    fee = np.where(frame["month_to_month_on"].isna(), frame["charge_MTMFEE"], 0)
    frame["charge_MTMFEE"] -= fee
    frame["other_cents"] -= fee
    return frame[np.asarray(frame["inactive_on"].isna()) | (over >= HISTORY)].reset_index(drop=True)


def _with_status(frame: pd.DataFrame, next_begin: Ints, over: Ints, today: int) -> pd.DataFrame:
    begun, signed = frame["begin"].to_numpy() <= today, frame["signed"].to_numpy() <= today
    lives = frame["moved_out"].to_numpy() > today
    household_over = frame.groupby("household_id")["moved_out"].transform("max").to_numpy() <= today
    in_force = begun & lives & (over > today)
    renewed = in_force & (next_begin < FAR) & (next_begin > today)
    status = np.select(
        [~signed, ~begun & (frame["position"].to_numpy() == 0), ~begun, household_over, renewed, in_force],
        ["applicant", "signed", "future", "former", "current_future", "current"],
        "current_past",
    )
    return frame.assign(status=status, in_force=in_force)


def _types(frame: pd.DataFrame) -> np.ndarray:
    """Return the word RealPage has for the lease now."""
    noticed = frame["in_force"] & frame["notice_given_on"].notna()
    return np.select(
        [frame["status"] == "former", noticed & frame["to_transfer"], noticed, frame["kind"] == "renewal"],
        ["moved_out", "notice_transfer", "notice_move_out", "renewal"],
        "first",
    )
