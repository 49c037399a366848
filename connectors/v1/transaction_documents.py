"""V1's documents about deals.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Bools
from connectors.sandbox.days import DAY
from connectors.sandbox.deals import LEASES, REOPENED_AFTER
from connectors.sandbox.world import World
from connectors.v1.deal_values import CANADA, LEAD_SOURCES, PROPERTY_TYPES, addresses, as_objects, none_or, spelled
from connectors.v1.people_values import OLD, full_names, of_agents
from connectors.v1.quirks import MISSING, Column, Quirks, one_or_the_other, plain

_WITH_HISTORY = np.datetime64("2022-10-01", "s")
_SKYSLOPE_UNTIL = np.datetime64("2023-06-01", "s")

_STAGES = {
    "Closed": ("Closed", "CLOSED", "SETTLED", "Settled"),
    "Pending": ("Pending", "PENDING", "UNDER_CONTRACT", "Under Contract"),
    "Active": ("Approved", "APPROVED", "Active", "ACTIVE"),
    "Terminated": ("Terminated", "TERMINATED"),
    "Canceled": ("Canceled", "CANCELLED", "Cancelled", "CANCELED"),
    "Archived": ("Archived", "ARCHIVED", "Closed"),
    "Listed": ("Listed", "LISTED"),
}
_LIFECYCLE = {
    "Closed": ("SETTLED", "CLOSED", "PAYMENT_SCHEDULED"),
    "Pending": ("NEEDS_COMMISSION_VALIDATION", "COMMISSION_VALIDATED", "NEW"),
    "Active": ("APPROVED_FOR_CLOSING", "COMMISSION_DOCUMENT_APPROVED"),
    "Terminated": ("TERMINATED", "TERMINATION_REQUESTED"),
    "Canceled": ("TERMINATED",),
    "Archived": ("SETTLED", ""),
    "Listed": ("LISTING_ACTIVE", ""),
}
_TYPES = {
    "RESIDENTIAL_SALE": ("Sale", "RESIDENTIAL_SALE", "SALE", "Residential Sale"),
    "RESIDENTIAL_LEASE": ("Lease", "RESIDENTIAL_LEASE", "LEASE"),
    "COMMERCIAL_SALE": ("COMMERCIAL_SALE", "Commercial Sale"),
    "COMMERCIAL_LEASE": ("COMMERCIAL_LEASE", "Commercial Lease"),
    "REFERRAL": ("REFERRAL", "Referral"),
}
_TAGS = ("First Time Buyer", "Investor", "Relocation", "New Construction")


def _stages(rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """Stage, status and the flags beside them: each leaves something out that the others say."""
    truth = plain(rows["status"])
    signed = rows["contract"].notna().to_numpy()
    closed, terminated = (rows["status"] == "Closed").to_numpy(), (rows["status"] == "Terminated").to_numpy()
    canceled, archived = (rows["status"] == "Canceled").to_numpy(), (rows["status"] == "Archived").to_numpy()
    plain_pending = (rows["status"] == "Pending").to_numpy() & signed
    told_by_flag = closed | terminated | archived | plain_pending | (rows["status"] == "Listed").to_numpy()

    status = q.change(list(truth), q.happens(0.15), lambda _: "")
    stage = q.texts(spelled(q, truth, _STAGES), pad=0.02)
    q.change(stage, plain_pending & q.happens(0.02), lambda _: "In Escrow")
    q.change(stage, terminated & q.happens(0.04), lambda _: "Pending")
    blank = q.happens(0.03)
    blank &= told_by_flag | np.array([word != "" for word in status])
    q.change(stage, blank, lambda _: "")
    # Without a stage the status says it, so the words there have to be true as well.
    flags = {
        "closed": np.where(closed & ~blank & q.happens(0.03), False, closed | (archived & q.happens(0.7))),
        "terminated": terminated | (canceled & q.happens(0.5)),
    }
    return {
        "stage": stage,
        "status": q.cased(status),
        "lifecycle_state": q.texts(spelled(q, truth, _LIFECYCLE)),
        "closed": q.flags(flags["closed"]),
        "terminated": q.flags(flags["terminated"]),
        "archived": q.flags(archived),
    }


def _money(rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    cents = {name.removesuffix("_cents"): rows[name].to_numpy() for name in rows.columns if name.endswith("_cents")}
    closed = rows["closed_day"].notna().to_numpy()
    buying, selling = cents["buy_commission"] > 0, cents["sell_commission"] > 0
    unsaid = q.happens(0.05)
    unpriced = cents["price"] == 0
    nested = q.happens(0.05) & ~unpriced
    cad = (rows["place"] >= CANADA).to_numpy()
    currency = np.where(cad, "CAD", "USD")
    asked = rows["listed"].notna().to_numpy() | q.happens(0.5)
    object_only = asked & q.happens(0.05)
    list_objects: Column = [{"amount": amount} for amount in (cents["asked"] / 100).tolist()]
    known_close = closed & ~unpriced & q.happens(0.85)
    return {
        "price": none_or(q, q.money(cents["price"]), unpriced | nested),
        "price_amount": none_or(q, q.money(cents["price"]), unpriced | (~nested & ~q.happens(0.1))),
        "price_currency": q.change(plain(currency), ~cad & q.happens(0.1), lambda _: ""),
        "close_price": q.money(cents["price"], none=~known_close),
        "list_price": q.money(cents["asked"], none=~asked | object_only),
        "listPrice": q.change(
            q.change(list_objects, ~object_only & ~q.happens(0.05), lambda _: MISSING), ~asked, lambda _: {}
        ),
        "grossCommission_amount": q.money(cents["gross"], none=cents["gross"] == 0),
        "grossCommission_currency": q.change(plain(currency), ~cad & q.happens(0.3), lambda _: ""),
        "saleCommission_amount": none_or(q, q.money(cents["buy_commission"]), ~buying | unsaid),
        "saleCommission_percent": none_or(q, q.numbers(rows["buy_rate"] / 100), ~buying | q.happens(0.1)),
        "listingCommission_amount": none_or(q, q.money(cents["sell_commission"]), ~selling | unsaid),
        "listingCommission_percent": none_or(q, q.numbers(rows["sell_rate"] / 100), ~selling | q.happens(0.1)),
        "agent_commission": q.money(cents["agents"], none=~closed),
        "team_split": q.money(cents["team"], none=~closed),
        "brokerage_split": q.money(cents["cap"], none=~closed),
        "cap_contribution": q.money(cents["cap"], none=~closed),
        "fees": q.money(cents["fees"], none=~closed),
        "referralFee_amount": none_or(q, q.money(cents["referral"]), cents["referral"] == 0),
        "myNetPayout": q.money(cents["net"], none=~closed),
        "myNetPayout_currency": q.change(plain(currency), ~cad & q.happens(0.3), lambda _: ""),
        "paidAt": q.moments(rows["paid"]),
    }


def _days(rows: pd.DataFrame, q: Quirks, skyslope: Bools) -> dict[str, Column]:
    """SkySlope's older deals have the day of closing only; very few have none."""
    closed = rows["closed"].where(~q.happens(0.002)).to_numpy()
    unsaid = ~skyslope & q.happens(0.2)
    planned = rows["closing_day"].to_numpy() + np.timedelta64(61_200, "s")
    contract = rows["contract"].to_numpy()
    firm = contract.astype("datetime64[D]") + q.chance.integers(3, 16, q.rows)
    known = q.happens(0.5) & np.asarray(firm <= rows["closing_day"].to_numpy())
    return {
        "listingDate": q.moments(rows["listed"]),
        "contractAcceptanceDate": q.moments(contract),
        "firmDate": q.days(np.where(known, firm, np.datetime64("NaT"))),
        "expectedClosingDate": q.moments(planned),
        "closedAt": q.moments(np.where(skyslope, np.datetime64("NaT"), closed)),
        "close_date": q.days(np.where(np.isnat(closed) | unsaid, np.datetime64("NaT"), rows["closed_day"])),
        "effective_close_date": q.moments(
            np.where(np.isnat(closed), np.where(q.happens(0.6), planned, closed), closed)
        ),
        "terminatedAt": q.moments(rows["given_up"]),
    }


def _milliseconds(moments: Array) -> list[int]:
    return np.asarray(moments, dtype="datetime64[ms]").astype(np.int64).tolist()


def _history(rows: pd.DataFrame, q: Quirks, users: int) -> Column:
    """Changes of stage, price and day of closing, in order of time."""
    empty = q.one_of([None, [], MISSING], [2, 1, 1])
    lacking = (rows["created"].to_numpy() < _WITH_HISTORY) | q.happens(0.02)
    reopened = rows["contract"].to_numpy() + np.array(REOPENED_AFTER) // 2
    moments = {
        "Listed": rows["listed"],
        "Pending": rows["contract"],
        "closed by mistake": np.where(rows["reopened"], reopened, np.datetime64("NaT")),
        "reopened": np.where(rows["reopened"], reopened + 3 * DAY, np.datetime64("NaT")),
        "Closed": rows["closed"],
        "given up": rows["given_up"],
    }
    never = np.iinfo(np.int64).min
    by_row = list(zip(*(_milliseconds(np.asarray(one)) for one in moments.values()), strict=True))
    status, price = plain(rows["status"]), (rows["price_cents"].to_numpy() // 100).tolist()
    planned = np.datetime_as_string(rows["closing_day"].to_numpy().astype("datetime64[D]")).tolist()
    moved = np.datetime_as_string((rows["closing_day"].to_numpy() - 7 * DAY).astype("datetime64[D]")).tolist()
    repriced, delayed = q.happens(0.15).tolist(), q.happens(0.15).tolist()
    who = (q.chance.integers(1, users + 1, q.rows) * q.happens(0.7)).tolist()

    def one(row: int) -> list[dict[str, Any]]:
        changes: list[dict[str, Any]] = []
        before = ""

        def add(at: int, field: str, old: str, new: str) -> None:
            changes.append({"field": field, "old_value": old, "new_value": new, "changed_at": at, "user_id": who[row]})

        names = ("Listed", "Pending", "Closed", "Pending", "Closed", status[row])
        for at, stage in zip(by_row[row], names, strict=True):
            if at != never:
                add(at, "stage", before, stage)
                before = stage
        signed = by_row[row][1]
        if signed != never and repriced[row]:
            add(signed + 3_600_000, "price", str(price[row] + 5_000), str(price[row]))
        if signed != never and delayed[row] and status[row] != "Listed":
            add(signed + 7_200_000, "close_date", moved[row], planned[row])
        return sorted(changes, key=lambda change: change["changed_at"])

    return [empty[row] if lacking[row] else one(row) for row in range(q.rows)]


def _tags(rows: pd.DataFrame, q: Quirks) -> Column:
    """Tags: a list, or a text with commas; nobody watches casing or repeats."""
    luxury = (rows["price_cents"] > 150_000_000).tolist()
    referral = (rows["type"] == "REFERRAL").tolist()
    other = q.one_of(("", *_TAGS), [80, 6, 6, 4, 4])
    as_text, lower, twice = (q.happens(share).tolist() for share in (0.3, 0.1, 0.03))
    none = q.one_of([[], None, MISSING, ""], [5, 2, 2, 1])

    def one(row: int) -> Any:
        tags = ["Luxury"] * luxury[row] + ["Referral"] * referral[row] + [other[row]] * bool(other[row])
        if not tags:
            return none[row]
        tags = [tag.lower() for tag in tags] if lower[row] else tags
        tags = tags + tags[:1] if twice[row] else tags
        return ", ".join(tags) if as_text[row] else tags

    return [one(row) for row in range(q.rows)]


def transaction(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 34."""
    ids, owner = rows["id"].to_numpy(), rows["owner_agent_id"].to_numpy()
    created = rows["created"].to_numpy()
    people = world.agents[["first_name", "last_name"]].iloc[owner - 1]
    skyslope = (created < _SKYSLOPE_UNTIL) & q.happens(0.4)
    source = q.one_of(["rezen", "manual", "fub"], [90, 6, 4])
    where = addresses(rows)
    as_object = q.happens(0.3) & ~skyslope
    elsewhere = as_object & q.happens(0.6)
    raw, spare = one_or_the_other(q, 0.05, plain(rows["uuid"]), plain(rows["uuid"]), "")
    kinds = spelled(q, plain(rows["type"]), _TYPES)
    kind, older_kind = one_or_the_other(q, 0.05, kinds, list(kinds), "")
    by_keys = (rows["told_by"] == "keys").to_numpy()
    by_owner = (rows["told_by"] == "owner").to_numpy()
    named = by_keys | (~by_owner & q.happens(0.7))
    outside = rows["outside_agent_id"].to_numpy() * q.happens(0.2)
    lease = rows["type"].isin(LEASES).to_numpy()
    lead = q.one_of(("", *LEAD_SOURCES), [30, *[6] * len(LEAD_SOURCES)])
    team_uuid = np.append("", world.teams["uuid"].to_numpy(dtype=object))[rows["team_id"]]
    referral = (rows["type"] == "REFERRAL").to_numpy()
    columns = {
        "created_at": q.moments(created),
        "createdAt": q.moments(created),
        "updatedAt": q.moments(q.until_end(created)),
        "last_updatedAt": q.moments(q.until_end(created)),
        "transaction_id_raw": raw,
        "transaction_id": spare,
        "code": q.change([f"RZ-{one:06d}" for one in ids.tolist()], q.happens(0.1), lambda _: ""),
        "source": q.change(source, skyslope, lambda _: "skyslope"),
        "sync_source": q.one_of(["onboarding", "daily", "webhook", ""], [4, 3, 2, 1]),
        "address": as_objects(q, where, as_object, lines=0.95),
        "city": q.change(q.texts(where.city), elsewhere, lambda _: ""),
        "state": q.change(q.texts(where.state), elsewhere, lambda _: ""),
        "zip": q.change(q.texts(where.zipcode), elsewhere, lambda _: ""),
        "transactionType": kind,
        "type": older_kind,
        "propertyType": q.texts(q.one_of(PROPERTY_TYPES, [50, 20, 12, 6, 4, 8])),
        "mlsNumber": q.label("MLS{:07d}", rows["property"], 0.8),
        "transaction_owner_agent_id": q.ids(owner),
        "transaction_owner_name": q.texts(full_names(people)),
        "transaction_owner_email": q.texts(of_agents(world, owner, "email")),
        "transaction_owner_representation": q.cased(rows["representation"].where(rows["representation_said"], "")),
        "buying_agent_id": q.ids(_agent_key(rows, "buy", named & ~referral, outside)),
        "listing_agent_id": q.ids(_agent_key(rows, "sell", named & ~referral, outside)),
        "team_id": q.ids(rows["team_id"]),
        "team_id_raw": plain(team_uuid),
        "team_owner_agent_id": q.ids(rows["team_owner_agent_id"]),
        "listing_id": q.ids(rows["listing_id"]),
        "office_id": q.ids(rows["office_id"]),
        "user_id": q.ids(rows["user_id"]),
        "lead_source": q.texts(lead),
        "lead_type": q.one_of(["", "Buyer", "Seller", "Renter"], [5, 2, 2, 1]),
        "demo": q.flags(rows["is_demo"]),
        "tags": _tags(rows, q),
        "history": _history(rows, q, len(world.users)),
        **_stages(rows, q),
        **_days(rows, q, skyslope),
        **_money(rows, q),
    }
    old: Bools = np.less(created, OLD)
    for key in ("createdAt", "sync_source", "lead_type", "listPrice", "expectedClosingDate"):
        columns[key] = q.late(columns[key], old)
    q.change(columns["propertyType"], lease & q.happens(0.2), lambda _: "Rental")
    return columns


def _agent_key(rows: pd.DataFrame, side: str, named: Bools, outside: Array) -> Array:
    """Return the agent on a side: ours where the deal's own keys name agents, now and then one from outside."""
    ours = rows[f"{side}_agent_id"].to_numpy()
    return np.where(named, np.where(ours > 0, ours, outside), 0)
