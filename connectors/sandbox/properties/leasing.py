"""Prospects: those who moved in, and those who went elsewhere, with all they did on the way.

Belongs here: guest cards and their events. Does not belong here: what residents do (`households.py`).
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Ints, stream
from connectors.sandbox.properties import people
from connectors.sandbox.properties.buildings import Site
from connectors.sandbox.properties.calendar import FAR, HISTORY, add_months, first_of, moments, month_of, on
from connectors.sandbox.properties.draws import drawn

CONTACTS = ("email", "web", "call", "walk_in", "text", "chat", "other")
TOURS = ("visit", "return_visit", "self_tour", "video_tour", "recorded_tour")

_CONTACT_WEIGHTS = (34, 24, 20, 8, 7, 5, 2)
_SOURCES = ("Apartments.com", "Property Website", "Zillow", "Drive By", "Resident Referral", "Google", "Instagram")
_LOST_CYCLE = 10_000
_REASONS = ("", "", "", "Price", "Location", "Timing", "Floor plan")
_COMMENTS = ("", "", "", "Prefers an upper floor.", "Two cats.", "Needs parking for two cars.", "Relocating for work.")


def prospects(site: Site, stays: pd.DataFrame, today: int) -> pd.DataFrame:
    """List everyone who made contact until today, days as whole numbers; `household_id` of those who ever apply."""
    housed = stays[(stays["from_household"] == 0) & (stays["signed"] >= HISTORY)]
    won = housed[["cycle", "place", "household_id", "applied", "approved", "signed"]].assign(
        unit=housed["place"], denied=FAR, cancelled=FAR, prospect_id=housed["household_id"] + 4_000_000
    )
    u = drawn(site.seed, "guest card", won, 1, by="stay")
    won["first"] = won["applied"] - (u[0] * u[0] * 41).astype(np.int64)
    made = pd.concat([won, _lost(site, today)], ignore_index=True)
    return made[made["first"] <= today].sort_values("prospect_id", ignore_index=True)


def _lost(site: Site, today: int) -> pd.DataFrame:
    """Make those who did not move in, month by month, so that a month stays as it was."""
    first_month = int(month_of(HISTORY))
    parts = []
    for month in range(first_month, int(month_of(today)) + 1):
        chance = stream(site.seed, f"lost {month}")
        count = 3 + site.homes * 9 // 100 + int(chance.integers(0, site.homes // 12 + 3))
        u = chance.random((8, count))
        length = int(first_of(month + 1) - first_of(month))
        first = int(first_of(month)) + (u[0] * length).astype(np.int64)
        applies = u[1] < 0.16
        applied = first + 1 + (u[2] * 14).astype(np.int64)
        decided = applied + 2 + (u[3] * 7).astype(np.int64)
        denied = applies & (u[4] < 0.5)
        approved = applies & (u[4] > 0.75)
        number = np.arange(count)
        parts.append(
            pd.DataFrame(
                {
                    "cycle": _LOST_CYCLE + month,
                    "place": number,
                    "prospect_id": site.ids + 6_000_000 + (month - first_month) * 1_000 + number,
                    "household_id": np.where(applies, site.ids + 2_000_000 + (month - first_month) * 1_000 + number, 0),
                    "unit": np.where(u[5] < 0.7, (u[6] * site.homes).astype(np.int64), -1),
                    "first": first,
                    "applied": np.where(applies, applied, FAR),
                    "approved": np.where(approved, applied + 1, FAR),
                    "denied": np.where(denied, decided, FAR),
                    "cancelled": np.where(applies & ~denied, decided, FAR),
                    "signed": FAR,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def cards(site: Site, who: pd.DataFrame, households: pd.DataFrame) -> pd.DataFrame:
    """Write the guest cards as a frame."""
    u = drawn(site.seed, "wishes", who, 8, by="stay")
    plans = site.plans[(site.plans["weight"] > 0) & site.plans["counts"]]
    unit = who["unit"].to_numpy()
    wanted = site.units["plan"].to_numpy()[np.maximum(unit, 0)]
    any_plan = plans.index.to_numpy()[(u[0] * len(plans)).astype(np.int64)]
    plan = np.where(unit >= 0, wanted, any_plan)
    known = pd.Index(households["household_id"])
    found = known.get_indexer(who["household_id"])
    status = np.where(found >= 0, households["status"].to_numpy()[found], "")
    approved = households["approved_on"].notna().to_numpy()[found]
    target = who["first"] + 10 + (u[1] * 70).astype(np.int64)
    names = people.names(site.seed, "prospect names", who)
    shared = people.shared_names(site, who)
    place = site.row
    return pd.DataFrame(
        {
            "site_id": site.site_id,
            "prospect_id": who["prospect_id"],
            "prospect_code": people.codes("p", who["prospect_id"]),
            "household_id": np.where(found >= 0, who["household_id"], 0),
            "first": np.where(found >= 0, shared["first"], names["first"]),
            "last": np.where(found >= 0, shared["last"], names["last"]),
            "phone": people.phones(who["prospect_id"].to_numpy()),
            "email": people.emails(names, who["prospect_id"].to_numpy()),
            "street": [f"{100 + int(n * 9_000)} Elm St" for n in u[2]],
            "city": place["city"],
            "state": place["state"],
            "zip": place["zip"],
            "first_contact_on": moments(who["first"]),
            "source": _source(u[3]),
            "agent": agents(site)[(u[4] * len(agents(site))).astype(np.int64)],
            "plan_id": site.plans["plan_id"].to_numpy()[plan],
            "unit_id": np.where(unit >= 0, site.units["unit_id"].to_numpy()[np.maximum(unit, 0)], 0),
            "target_move_in_on": moments(np.where(u[5] < 0.15, FAR, target)),
            "desired_rent_cents": site.plans["market_cents"].to_numpy()[plan],
            "desired_bedrooms": site.plans["bedrooms"].to_numpy()[plan],
            "status": _status(status, approved),
            "occ_status": np.where(found >= 0, households["occ_status"].to_numpy()[found], "Prospect"),
            "comment": np.array(_COMMENTS)[(u[6] * len(_COMMENTS)).astype(np.int64)],
        }
    )


def _source(share: Array) -> Array:
    return np.array(_SOURCES)[(share * len(_SOURCES)).astype(np.int64)]


def _status(household: Array, approved: Array) -> Array:
    words = {
        "future": "future_resident",
        "denied": "denied_applicant",
        "cancelled": "canceled",
        "past": "former_resident",
        "current": "current_resident",
        "notice": "current_resident",
        "eviction": "current_resident",
    }
    applicant = (household == "applicant").astype(bool)
    conditions = [household == word for word in words] + [applicant & approved, applicant]
    return np.select(conditions, [*words.values(), "approved_applicant", "applicant"], "prospect")


def agents(site: Site) -> Array:
    """Return the names of those who let here."""
    return people.some_names(site.seed, "leasing agents", 4)


def events(
    site: Site, who: pd.DataFrame, households: pd.DataFrame, renewals: pd.DataFrame, cards: pd.DataFrame, today: int
) -> pd.DataFrame:
    """List what prospects did until today, and what became of those who moved in.

    Args:
        site: the property.
        who: as `prospects` makes them.
        households: days of those who live or lived here, as whole numbers.
        renewals: days renewals and months to month begin on: prospect_id, slot, kind, day.
        cards: as `cards` makes them, row by row those of `who`.
        today: the last day.
    """
    u = drawn(site.seed, "what they did", who, 24, by="stay")
    first, applied = who["first"].to_numpy(), who["applied"].to_numpy()
    goes = applied < FAR
    reach = np.cumsum(_CONTACT_WEIGHTS) / sum(_CONTACT_WEIGHTS)
    contact = np.array(CONTACTS)[np.searchsorted(reach, u[0], side="right")]
    latest = np.where(goes, applied, first + 12)
    tour = first + (u[1] * (latest - first + 1)).astype(np.int64)
    toured = u[2] < np.where(goes, 0.86, 0.42)
    tour_kind = np.array(["visit", "visit", "visit", "self_tour", "video_tour", "recorded_tour"])[
        (u[3] * 6).astype(np.int64)
    ]
    again = tour + 1 + (u[4] * 5).astype(np.int64)
    same_month = month_of(np.minimum(applied, FAR)) == month_of(np.minimum(applied + 1, FAR))
    life = households.set_index("household_id").reindex(who["household_id"])
    days = {name: life[name].fillna(FAR).to_numpy().astype(np.int64) for name in life.columns}
    steps: list[tuple[int, Array | str, Ints, Array]] = [
        (0, contact, first, np.ones(len(who), dtype=bool)),
        (1, np.where(u[5] < 0.5, "email", "text"), first + (u[6] * 3).astype(np.int64), u[7] < 0.6),
        (2, "appointment", np.maximum(tour - 1, first), toured & (u[8] < 0.45)),
        (3, tour_kind, tour, toured),
        (4, "return_visit", again, toured & (u[9] < 0.14) & (again <= latest)),
        (5, "quote", tour, u[10] < 0.5),
        (6, "application", applied, goes),
        (7, "reapply", applied + 1, goes & same_month & (u[11] < 0.04)),
        (8, "approve", who["approved"].to_numpy(), goes),
        (9, "lease_sign", who["signed"].to_numpy(), goes),
        (10, "move_in", days["moved_in"], goes),
        (11, "notice", np.minimum(days["transfer_notice"], days["notice"]), goes),
        (12, "move_out", days["moved_out"], goes),
        (13, "transfer", days["transferred"], goes),
        (17, "notice", days["notice"], goes & (days["transferred"] <= today)),
        (14, "call", first + 3, u[12] < 0.05),
        (15, "deny", who["denied"].to_numpy(), goes),
        (16, "cancel", who["cancelled"].to_numpy(), goes),
    ]
    parts = []
    for slot, kind, day, there in steps:
        chosen = np.flatnonzero(there & (day <= today))
        parts.append(
            pd.DataFrame(
                {
                    "row": chosen,
                    "slot": slot,
                    "kind": kind[chosen] if isinstance(kind, np.ndarray) else kind,
                    "day": day[chosen],
                    "seconds": 32_400 + slot * 900 + (u[13 + slot % 8][chosen] * 14_000).astype(np.int64),
                    "is_first_contact": slot in (0, 14),
                }
            )
        )
    later = renewals[renewals["day"] <= today]
    row = pd.Index(who["prospect_id"]).get_indexer(later["prospect_id"])
    parts.append(later.assign(row=row, seconds=36_000, is_first_contact=False)[parts[0].columns][row >= 0])
    made = pd.concat(parts, ignore_index=True)
    row = made["row"].to_numpy()
    card = cards.iloc[row].reset_index(drop=True)
    quoted = np.where(made["kind"] == "quote", card["desired_rent_cents"], 0)
    lost = made["kind"].isin(["deny", "cancel"]).to_numpy()
    return pd.DataFrame(
        {
            "site_id": site.site_id,
            "event_id": card["prospect_id"] * 100 + made["slot"],
            "prospect_id": card["prospect_id"],
            "household_id": card["household_id"],
            "unit_id": card["unit_id"],
            "kind": made["kind"],
            "at": moments(made["day"]) + made["seconds"].to_numpy().astype("timedelta64[s]"),
            "is_first_contact": made["is_first_contact"].astype(bool),
            "agent": card["agent"],
            "source": np.where(made["is_first_contact"].astype(bool), card["source"], ""),
            "quoted_cents": quoted,
            "reason": np.where(lost, np.array(_REASONS)[row % len(_REASONS)], ""),
        }
    ).sort_values(["at", "event_id"], kind="stable", ignore_index=True)


def applications(site: Site, filed: pd.DataFrame, who: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of leases that applications without a stay are on file with."""
    rows = filed[(filed["cycle"] >= _LOST_CYCLE).to_numpy()]
    wanted = who[who["household_id"] > 0].set_index("household_id")["unit"]
    unit = wanted.reindex(rows["household_id"]).astype(np.int64).to_numpy()
    plan = site.units["plan"].to_numpy()[np.maximum(unit, 0)]
    over = rows[["denied", "cancelled"]].min(axis=1).to_numpy()
    open_ = over == FAR
    term = np.where(rows["household_id"] % 9 == 0, 0, 12)
    begin = on(rows["scheduled"].to_numpy())
    never = np.full(len(rows), np.datetime64("NaT", "s"))
    days = dict.fromkeys(
        ["signed_on", "month_to_month_on", "active_on", "last_rent_change_on", "move_in_on", "notice_given_on"], never
    )
    return pd.DataFrame(
        {
            "site_id": site.site_id,
            "lease_id": rows["household_id"] * 100 + 1,
            "household_id": rows["household_id"],
            "unit_id": np.where(unit >= 0, site.units["unit_id"].to_numpy()[np.maximum(unit, 0)], 0),
            "plan_id": site.plans["plan_id"].to_numpy()[plan],
            "number": 1,
            "kind": "first",
            "type": "first",
            "applied_on": moments(rows["applied"]),
            "approved_on": moments(rows["approved"]),
            "begin_on": moments(begin),
            "end_on": moments(add_months(begin, term) - 1 + (term == 0)),
            "term_months": term,
            "rent_cents": site.plans["market_cents"].to_numpy()[plan],
            "other_cents": 0,
            "credits_cents": 0,
            "status": np.where(open_, "applicant", "former_applicant"),
            "in_force": False,
            "prior_lease_id": 0,
            "next_lease_id": 0,
            "inactive_on": moments(over),
            "deposit_cents": 0,
            "last_rent_change_cents": 0,
            "evict": False,
            "scheduled_move_in_on": moments(begin),
            "notice_for_on": never,
            **days,
        }
    )


def later(leases: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Return the days renewals, and months to month, began on: events of a resident's old guest card."""
    card = leases["household_id"] + 4_000_000
    renewed = leases["position"] > 0
    monthly = leases["monthly"]
    of = leases["household_id"].isin(known["household_id"])
    return pd.concat(
        [
            pd.DataFrame(
                {"prospect_id": card, "slot": 20 + leases["number"], "kind": "renew", "day": leases["begin"]}
            )[renewed & of],
            pd.DataFrame(
                {"prospect_id": card, "slot": 18, "kind": "month_to_month", "day": leases["end"] + 1}
            )[monthly & of],
        ],
        ignore_index=True,
    )  # fmt: skip
