"""V1's documents about listings.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Bools
from connectors.sandbox.days import LAST
from connectors.sandbox.world import World
from connectors.v1.deal_values import PROPERTY_TYPES, addresses, as_objects, none_or, spelled
from connectors.v1.people_values import OLD
from connectors.v1.quirks import MISSING, Column, Quirks, one_or_the_other, plain

_WITH_HISTORY = np.datetime64("2022-06-01", "s")
_MID_MORNING = np.timedelta64(54_000, "s")
_STAGES = {
    "Active": ("Active", "ACTIVE", "New", "Coming Soon"),
    "Pending": ("Pending", "Under Contract", "PENDING"),
    "Closed": ("Closed", "Sold", "CLOSED"),
    "Terminated": ("Terminated", "Expired", "Withdrawn", "Canceled", "CANCELLED"),
}


def _stages(rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """Stage, else status, says it; the flags say it again."""
    truth = plain(rows["status"])
    stage, status = one_or_the_other(q, 0.1, spelled(q, truth, _STAGES), list(truth), "")
    return {
        "stage": q.texts(stage, pad=0.02),
        "status": q.cased(status),
        "closed": q.flags(rows["status"] == "Closed"),
        "terminated": q.flags(rows["status"] == "Terminated"),
    }


def _history(rows: pd.DataFrame, q: Quirks) -> Column:
    """Prices and statuses in order of time; one taken off the market comes back at its next price."""
    empty = q.one_of([None, [], MISSING], [2, 1, 1])
    lacking = ((rows["created"].to_numpy() < _WITH_HISTORY) | q.happens(0.02)).tolist()
    start = rows["listed_day"].to_numpy() + _MID_MORNING
    end = rows["contracted"].fillna(rows["over"]).fillna(pd.Timestamp(LAST)).to_numpy()
    begun, ended = (np.asarray(one, dtype="datetime64[ms]").astype(np.int64) for one in (start, end))
    signed, over = (
        np.asarray(rows[name], dtype="datetime64[ms]").astype(np.int64).tolist() for name in ("contracted", "over")
    )
    never = np.iinfo(np.int64).min
    first, last = (rows[name].to_numpy() // 100 for name in ("first_price_cents", "price_cents"))
    status, cuts, relisted = (rows[name].tolist() for name in ("status", "cuts", "relisted"))

    def one(row: int) -> list[dict[str, Any]]:
        changes: list[dict[str, Any]] = []
        was: tuple[str, Any] = ("", None)

        def add(at: int, word: str, price: int) -> None:
            nonlocal was
            changes.append(
                {"status": word, "old_status": was[0], "price": price, "old_price": was[1], "changed_at": at}
            )
            was = word, price

        price, span = int(first[row]), int(max(ended[row] - begun[row], 0))
        add(int(begun[row]), "Active", price)
        for cut in range(1, cuts[row] + 1):
            at = int(begun[row]) + span * cut // (cuts[row] + 1)
            if relisted[row] and cut == cuts[row]:
                add(at - span // (4 * cuts[row] + 4), "Terminated", price)
            price = int(first[row] + (last[row] - first[row]) * cut // cuts[row])
            add(at, "Active", price)
        if signed[row] != never:
            add(signed[row], "Pending", price)
        if status[row] in ("Closed", "Terminated") and over[row] != never:
            add(max(over[row], signed[row] + 1), status[row], price)
        return changes

    return [empty[row] if lacking[row] else one(row) for row in range(q.rows)]


def _photos(rows: pd.DataFrame, q: Quirks) -> Column:
    """Photos: objects, or their addresses as plain texts."""
    as_text, ordered = q.happens(0.2).tolist(), q.happens(0.9).tolist()
    none = q.one_of([[], None, MISSING], [6, 2, 2])
    made = (rows["created"].to_numpy().astype("datetime64[ms]").astype(np.int64)).tolist()
    wide = q.happens(0.7).tolist()

    def one(listing: int, row: int, number: int) -> Any:
        url = f"https://www.example.com/listing/{listing}/{number}.jpg"
        if as_text[row]:
            return url
        return {
            "url": url,
            "caption": "Front 🏡" if number == 1 else "",
            "order": number if ordered[row] else None,
            "width": 1_600 if wide[row] else 1_200,
            "height": 1_200 if wide[row] else 1_600,
            "created_at": made[row] + 60_000 * number,
        }

    counts = zip(rows["id"].tolist(), rows["photos"].tolist(), strict=True)
    return [
        [one(listing, row, number) for number in range(1, count + 1)] or none[row]
        for row, (listing, count) in enumerate(counts)
    ]


def _listing_dates(rows: pd.DataFrame, q: Quirks) -> Column:
    """One key, two kinds of value: milliseconds, or an ISO day."""
    moments = q.moments(rows["listed_day"].to_numpy() + _MID_MORNING)
    kinds = zip(q.happens(0.5), moments, q.days(rows["listed_day"]), strict=True)
    return [moment if in_milliseconds else day for in_milliseconds, moment, day in kinds]


def listing(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 40."""
    created = rows["created"].to_numpy()
    where = addresses(rows)
    as_object = q.happens(0.3)
    elsewhere = as_object & q.happens(0.6)
    raw, spare = one_or_the_other(q, 0.05, plain(rows["uuid"]), plain(rows["uuid"]), "")
    listed, list_date = one_or_the_other(q, 0.05, _listing_dates(rows, q), q.days(rows["listed_day"]), "")
    expires, older_expires = one_or_the_other(q, 0.1, q.days(rows["expires"]), q.days(rows["expires"]), "")
    closed, terminated = (rows["over"].where(rows["status"] == one) for one in ("Closed", "Terminated"))
    team_uuid = np.append("", world.teams["uuid"].to_numpy(dtype=object))[rows["team_id"]]
    still_on = ~rows["status"].isin(["Closed", "Terminated"]).to_numpy()
    market = np.where(still_on, (pd.Timestamp(LAST) - rows["listed_day"]).dt.days, rows["days_on_market"])
    columns = {
        "created_at": q.moments(created),
        "createdAt": q.moments(created),
        "updatedAt": q.moments(q.until_end(created)),
        "listing_id_raw": raw,
        "listing_id": spare,
        **_stages(rows, q),
        "price": q.money(rows["price_cents"].to_numpy(), none=q.happens(0.005)),
        "listingDate": listed,
        "list_date": list_date,
        "expirationDate": expires,
        "expire_date": older_expires,
        "closedAt": q.moments(closed),
        "terminatedAt": q.moments(terminated),
        "days_on_market": none_or(q, q.numbers(market), q.happens(0.15)),
        "propertyType": q.texts(q.one_of(PROPERTY_TYPES, [50, 20, 12, 6, 4, 8])),
        "type": q.cased(np.where(rows["lease"], "Lease", "Sale")),
        "mlsNumber": q.label("MLS{:07d}", rows["property"], 0.85),
        "address": as_objects(q, where, as_object),
        "address_id": q.ids(rows["property"].to_numpy() * q.happens(0.1)),
        "city": q.change(q.texts(where.city), elsewhere, lambda _: ""),
        "state": q.change(q.texts(where.state), elsewhere, lambda _: ""),
        "zip": q.change(q.texts(where.zipcode), elsewhere, lambda _: ""),
        "grossCommission_amount": none_or(q, q.money(rows["commission_cents"].to_numpy()), q.happens(0.3)),
        "source": q.one_of(["rezen", "skyslope", "manual"], [85, 10, 5]),
        "sync_source": q.one_of(["onboarding", "daily", "webhook", ""], [4, 3, 2, 1]),
        "demo": q.flags(rows["is_demo"]),
        "agent_id": q.ids(rows["agent_id"]),
        "transaction_owner_agent_id": q.ids(np.where(q.happens(0.1), 0, rows["agent_id"])),
        "team_owner_agent_id": q.ids(rows["team_owner_agent_id"]),
        "team_id": q.ids(rows["team_id"]),
        "team_id_raw": plain(team_uuid),
        "office_id": q.ids(rows["office_id"]),
        "user_id": q.ids(rows["user_id"]),
        "photos": _photos(rows, q),
        "history": _history(rows, q),
    }
    old: Bools = np.less(created, OLD)
    for key in ("createdAt", "sync_source", "address_id", "photos"):
        columns[key] = q.late(columns[key], old)
    return columns
