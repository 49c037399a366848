"""The listing tables: V1's `listing` document taken apart.

Belongs here: every column's rule. Does not belong here: how values are converted (`values.py`).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import pandas as pd

from oracle import Document, Landed
from oracle.deal import deals, spelled
from oracle.values import (
    boolean,
    day_or_moment,
    first,
    first_of,
    flag,
    frame,
    integer,
    key,
    midnight,
    moment,
    money,
    nonzero_integer,
    of,
    reference,
    row,
    surrogate,
    text,
)

_OF_STAGE = {
    **dict.fromkeys(("CANCELED", "CANCELLED", "TERMINATED", "EXPIRED", "WITHDRAWN"), "Terminated"),
    **dict.fromkeys(("UNDER CONTRACT", "PENDING"), "Pending"),
    **dict.fromkeys(("SOLD", "CLOSED"), "Closed"),
}
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def _status(document: Document, landed: Landed) -> str:
    flags = {"Terminated": document.get("terminated"), "Closed": document.get("closed")}
    flagged = next((status for status, raw in flags.items() if boolean(raw) is True), None)
    stage = first(spelled(document.get(path)) for path in ("stage", "status"))
    return flagged or _OF_STAGE.get(stage or "", "Active")


@cache
def _deal_of_listing(landed: Landed) -> dict[int, int]:
    by_age = sorted(deals(landed).values(), key=lambda deal: (deal["created_at"] or _LONG_AGO, deal["id"]))
    return {deal["listing_id"]: deal["id"] for deal in by_age}


def _days_on_market(document: Document, landed: Landed) -> int | None:
    stored = integer(document.get("days_on_market"))
    listed: date | None = _listing_date(document, landed)
    sold = day_or_moment(document.get("closedAt"))
    return (sold - listed).days if stored is None and listed and sold else stored


_listing_date = first_of(day_or_moment, "listingDate", "list_date")

LISTING = {
    "id": key,
    "created_at": first_of(moment, "created_at", "createdAt"),
    "updated_at": of(moment, "updatedAt"),
    "listing_id_raw": first_of(text, "listing_id_raw", "listing_id"),
    "status": _status,
    "list_price": first_of(money, "price", "price_amount"),
    "listing_date": _listing_date,
    "expiration_date": first_of(day_or_moment, "expirationDate", "expire_date"),
    "days_on_market": _days_on_market,
    "property_type": of(text, "propertyType"),
    "listing_type": of(text, "type"),
    "mls_number": of(text, "mlsNumber"),
    "address": first_of(text, "address.oneLine", "address.street", "address"),
    "city": first_of(text, "city", "address.city"),
    "state": first_of(text, "state", "address.state"),
    "zip": first_of(text, "zip", "address.zipcode"),
    "gross_commission": of(money, "grossCommission_amount"),
    "closed": flag("closed"),
    "terminated": flag("terminated"),
    "closed_at": of(day_or_moment, "closedAt"),
    "terminated_at": of(day_or_moment, "terminatedAt"),
    "data_source": of(text, "source"),
    "is_demo": flag("demo"),
    "agent_id": reference("agent_id", "agent"),
    "transaction_owner_agent_id": reference("transaction_owner_agent_id", "agent"),
    "team_owner_agent_id": reference("team_owner_agent_id", "agent"),
    "team_id": reference("team_id", "team"),
    "team_id_raw": of(text, "team_id_raw"),
    "office_id": reference("office_id", "office"),
    "user_id": reference("user_id", "user"),
    "transaction_id": lambda document, landed: _deal_of_listing(landed).get(document.id),
}

CHANGE = {
    "status": of(text, "status"),
    "old_status": of(text, "old_status"),
    "price": of(money, "price"),
    "old_price": of(money, "old_price"),
    "changed_at": of(moment, "changed_at"),
}

PHOTO = {
    "caption": of(text, "caption"),
    "width": of(integer, "width"),
    "height": of(integer, "height"),
    "uploaded_at": of(moment, "created_at"),
}


@cache
def listings(landed: Landed) -> list[dict[str, Any]]:
    """The typed listings."""
    return [row(document, LISTING, landed) for document in landed.documents("listing")]


def history(landed: Landed) -> pd.DataFrame:
    """One row for each change a listing's log lists, or for the day it was listed where there is no log."""

    def changes_of(document: Document, listing: dict[str, Any]) -> Iterator[dict[str, Any]]:
        log = document.get("history")
        if isinstance(log, list):
            yield from (row(Document("", one if isinstance(one, dict) else {}), CHANGE, landed) for one in log)
        elif listing["listing_date"] is not None:
            now = {"status": listing["status"], "price": listing["list_price"]}
            yield {**dict.fromkeys(CHANGE), **now, "changed_at": midnight(listing["listing_date"])}

    rows = (
        {"id": surrogate(document.id, seq), "listing_id": document.id, "seq": seq, **change}
        for document, listing in zip(landed.documents("listing"), listings(landed), strict=True)
        for seq, change in enumerate(changes_of(document, listing), start=1)
    )
    return frame(rows, ("id", "listing_id", "seq", *CHANGE))


def photos(landed: Landed) -> pd.DataFrame:
    """One row for each photo with a URL; V1 writes one as an object or as the URL alone."""

    def rows_of(document: Document) -> Iterator[dict[str, Any]]:
        album = document.get("photos")
        for number, one in enumerate(album if isinstance(album, list) else (), start=1):
            photo = Document("", one if isinstance(one, dict) else {"url": one})
            # V1 writes 0 for a number it does not have; a second photo is not at position 0.
            position = first((nonzero_integer(photo.get("order")), number))
            if (url := text(photo.get("url"))) is not None:
                yield {
                    "id": surrogate(document.id, number),
                    "listing_id": document.id,
                    "url": url,
                    "position": position,
                    "is_primary": position == 1,
                    **row(photo, PHOTO, landed),
                }

    rows = (one for document in landed.documents("listing") for one in rows_of(document))
    return frame(rows, ("id", "listing_id", "url", "position", "is_primary", *PHOTO))


TABLES = {
    "listing": lambda landed: frame(listings(landed), LISTING),
    "listing_history": history,
    "listing_photos": photos,
}
