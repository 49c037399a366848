"""Households: where each stands today, and what the property's own journal says of them.

Belongs here: one row a household or application, stays, the events of residents. Does not belong here: their leases
(`leases.py`), what they owe (`ledger.py`), which units they leave empty (`states.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array
from connectors.sandbox.properties import leasing, people
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import FAR, HISTORY, moments, seen
from connectors.sandbox.properties.draws import drawn

LIVING = ("current", "notice", "eviction")


def days(stays: pd.DataFrame, today: int) -> pd.DataFrame:
    """Return what is known of each household that signed or lived here, days as whole numbers, `FAR` for unknown."""
    begun = stays[stays["from_household"] == 0].set_index("household_id", drop=False)
    begun = begun[begun["applied"] <= today]
    moved = stays[(stays["from_household"] > 0) & (stays["begin"] <= today)].set_index("from_household")
    made = pd.DataFrame(
        {
            "household_id": begun["household_id"],
            "cycle": begun["cycle"],
            "place": begun["place"],
            "first_place": begun["place"],
            "applied": begun["applied"],
            "approved": begun["approved"],
            "signed": begun["signed"],
            "scheduled": begun["begin"],
            "moved_in": begun["begin"],
            "unit_moved_in": begun["begin"],
            "moved_out": np.where(begun["to_transfer"], FAR, begun["end"]),
            "first_notice": begun["notice"],
            "notice": begun["notice"],
            "notice_for": begun["notice_for"],
            "evict": begun["evict"],
            "transferring": begun["to_transfer"],
            "transferred": FAR,
        }
    )
    known = moved.index.intersection(made.index)
    moved = moved.loc[known]
    made.loc[known, "transferred"] = moved["begin"]
    made.loc[known, "transferring"] = False
    for column, source in (
        ("place", "place"),
        ("unit_moved_in", "begin"),
        ("moved_out", "end"),
        ("notice", "notice"),
        ("notice_for", "notice_for"),
        ("evict", "evict"),
    ):
        made.loc[known, column] = moved[source]
    made["transfer_notice"] = np.where(begun["to_transfer"], made["first_notice"], FAR)
    hidden = made["notice"] > today
    made["notice_for"] = np.where(hidden, FAR, made["notice_for"])
    for column in (
        "approved",
        "signed",
        "moved_in",
        "unit_moved_in",
        "moved_out",
        "notice",
        "evict",
        "transfer_notice",
    ):
        made[column] = np.where(made[column] <= today, made[column], FAR)
    return made.reset_index(drop=True).assign(denied=FAR, cancelled=FAR)


def with_applicants(known: pd.DataFrame, who: pd.DataFrame, today: int) -> pd.DataFrame:
    """Add those who applied and came to nothing, or are not decided on."""
    lost = who[(who["signed"] == FAR) & (who["applied"] <= today) & ~who["household_id"].isin(known["household_id"])]
    rows = lost[["household_id", "cycle", "applied"]].assign(
        place=lost["unit"], draw=lost["place"], transferring=False
    )  # fmt: skip
    for column in ("approved", "denied", "cancelled"):
        rows[column] = np.where(lost[column] <= today, lost[column], FAR)
    rows["scheduled"] = lost["first"] + 30
    rows["first_place"] = rows["place"]
    made = pd.concat([known.assign(draw=known["first_place"]), rows], ignore_index=True)
    for column in known.columns:
        if column != "transferring":
            made[column] = made[column].fillna(FAR).astype(np.int64)
    made["transferring"] = made["transferring"].astype(bool)
    return made.sort_values("household_id", ignore_index=True)


def status(known: pd.DataFrame, today: int) -> Array:
    """Return Yardi's word for where each household stands."""
    return np.select(
        [
            known["cancelled"] <= today,
            known["denied"] <= today,
            known["moved_out"] <= today,
            known["signed"] > today,
            known["moved_in"] > today,
            known["evict"] <= today,
            known["notice"] <= today,
        ],
        ["cancelled", "denied", "past", "applicant", "future", "eviction", "notice"],
        "current",
    )


def kept(known: pd.DataFrame, last_in_vacant: Array) -> pd.Series[bool]:
    """Tell who is still on file: everyone but those who left long ago and whose unit was let again."""
    ended = known[["moved_out", "denied", "cancelled"]].min(axis=1)
    return (ended >= HISTORY) | known["household_id"].isin(last_in_vacant)


def frame(site: Site, known: pd.DataFrame, leases: pd.DataFrame, today: int) -> pd.DataFrame:
    """Write the households as a frame; the ledger adds what they owe."""
    rows = known.assign(place=known["draw"])
    u = drawn(site.seed, "households", rows, 10, by="stay")
    word = status(known, today)
    place = known["place"].to_numpy()
    unit = np.where(place >= 0, site.units["unit_id"].to_numpy()[np.maximum(place, 0)], 0)
    renewals = leases[(leases["kind"] == "renewal") & leases["active_on"].notna()]
    last_renewal = renewals.groupby("household_id")["begin_on"].max().reindex(known["household_id"])
    lived = known["moved_in"] < FAR
    carded = (known["signed"] >= HISTORY).to_numpy()
    lost = (known["household_id"] % 10_000_000 >= 2_000_000).to_numpy()
    household = known["household_id"]
    there = np.isin(word, LIVING)
    noticed = (known["notice"] <= today).to_numpy()
    return pd.DataFrame(
        {
            "site_id": site.site_id,
            "household_id": household,
            "tenant_code": people.codes("t", household),
            "prospect_id": np.where(carded, household + 4_000_000, 0),
            "head_member_id": household * 10,
            "unit_id": unit,
            "status": word,
            "occ_status": np.select(
                [there, np.isin(word, ("applicant", "future"))], ["Resident", "Applicant"], "Former"
            ),
            "applied_on": moments(known["applied"]),
            "approved_on": moments(known["approved"]),
            "signed_on": moments(known["signed"]),
            "move_in_on": moments(known["moved_in"]),
            "unit_move_in_on": moments(known["unit_moved_in"]),
            "scheduled_move_in_on": moments(np.where(lived, FAR, known["scheduled"])),
            "move_out_on": moments(known["moved_out"]),
            "notice_given_on": moments(known["notice"]),
            "notice_for_on": moments(known["notice_for"]),
            "notice_type": np.where(noticed, np.where(known["transferring"], "transfer", "move_out"), ""),
            "eviction": (known["evict"] <= today) & there,
            "in_collection": (word == "past") & (u[0] < 0.2),
            "do_not_renew": there & (u[1] < 0.02),
            "nochk": u[2] < 0.03,
            "pets": u[3] < 0.32,
            "payment_plan": there & (u[4] < 0.02),
            "last_renewal_on": last_renewal.to_numpy(),
            "deposits_cents": np.where(lost | ~there, 0, np.where(u[5] < 0.3, 0, 30_000)),
            "outstanding_deposit_cents": np.where((word == "future") & (u[6] < 0.4), 30_000, 0),
            "cancelled_on": moments(known["cancelled"]),
            "denied_on": moments(known["denied"]),
            "is_transfer": known["transferred"] < FAR,
            "agent": leasing.agents(site)[(u[7] * 4).astype(np.int64)],
        }
    ).assign(prospect_id=lambda made: np.where(lost, household + 4_000_000, made["prospect_id"]))


def stays(site: Site, everything: pd.DataFrame, today: int) -> pd.DataFrame:
    """List who lived where until today."""
    rows = everything[everything["begin"] <= today]
    return pd.DataFrame(
        {
            "site_id": site.site_id,
            "stay_id": site.ids + 100_000 + (rows["cycle"] + 10) * 10_000 + rows["place"],
            "household_id": rows["household_id"],
            "unit_id": site.units["unit_id"].to_numpy()[rows["place"]],
            "move_in_on": moments(rows["begin"]),
            "move_out_on": seen(rows["end"], today),
            "by_transfer_in": rows["from_household"] > 0,
            "by_transfer_out": rows["to_transfer"] & (rows["end"] <= today),
        }
    ).reset_index(drop=True)


def events(site: Site, known: pd.DataFrame, leases: pd.DataFrame, today: int) -> pd.DataFrame:
    """List the journal of residents since the beginning of the history."""
    unit = site.units["unit_id"].to_numpy()
    here = np.where(known["place"] >= 0, unit[np.maximum(known["place"], 0)], 0)
    before = np.where(known["first_place"] >= 0, unit[np.maximum(known["first_place"], 0)], 0)
    moved = (known["transferred"] < FAR).to_numpy()
    later_notice = np.where(known["notice"] == known["transfer_notice"], FAR, known["notice"])
    steps = [
        (1, "lease_approved", known["approved"], before),
        (2, "moved_in", known["moved_in"], before),
        (3, "transfer_notice", known["transfer_notice"], before),
        (4, "move_out_notice", later_notice, here),
        (5, "transferred", known["transferred"], here),
        (6, "moved_out", known["moved_out"], here),
        (7, "cancelled", known["cancelled"], here),
        (8, "denied", known["denied"], here),
    ]
    parts = [
        pd.DataFrame(
            {
                "event_id": known["household_id"] * 100 + slot,
                "day": day,
                "action": action,
                "household_id": known["household_id"],
                "unit_id": where,
                "lease_id": known["household_id"] * 100 + np.where(moved & (where == here), 51, 1),
                "from_unit_id": before if action == "transferred" else 0,
            }
        )
        for slot, action, day, where in steps
    ]
    renewed = leases[(leases["position"] > 0) & (leases["begin"] <= today)]
    parts.append(
        pd.DataFrame(
            {
                "event_id": renewed["household_id"] * 100 + 10 + renewed["number"],
                "day": renewed["begin"],
                "action": "renewed",
                "household_id": renewed["household_id"],
                "unit_id": unit[renewed["place"]],
                "lease_id": renewed["lease_id"],
                "from_unit_id": 0,
            }
        )
    )
    made = pd.concat(parts, ignore_index=True)
    made = made[(made["day"] <= today) & (made["day"] >= HISTORY)]
    made.insert(0, "site_id", site.site_id)
    made.insert(2, "on", moments(made.pop("day")))
    return made.sort_values(["on", "event_id"], kind="stable", ignore_index=True)
