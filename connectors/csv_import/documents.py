"""The made-up world's deals and listings as the exports of several offices, each in a form of its own.

Belongs here: what the files are called, their headers, delimiters, encodings and spellings, and what is wrong with one
of them. Does not belong here: where they lie (`connectors/csv_import/stand_in.py`) and what is true
(`connectors/sandbox/`).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from connectors.sandbox.frames import at
from connectors.sandbox.world import World
from connectors.v1.deal_values import LEAD_SOURCES, PROPERTY_TYPES, addresses

Cells = dict[str, str]

_TYPES = {
    "RESIDENTIAL_SALE": "Sale",
    "RESIDENTIAL_LEASE": "Lease",
    "COMMERCIAL_SALE": "Commercial Sale",
    "COMMERCIAL_LEASE": "Commercial Lease",
    "REFERRAL": "Referral",
}
_PLAIN_STATUS: Mapping[str, str] = {}
_OWN_STATUS = {"Closed": "SOLD", "Pending": "Under Contract", "Terminated": "Withdrawn", "Canceled": "Cancelled"}


@dataclass(frozen=True)
class Office:
    """One office's export.

    Attributes:
        file: its name, in the inbox.
        delimiter: between cells.
        encoding: of the text; letters it lacks come out as question marks.
        columns: per header the field it says, None for one that means nothing to anybody else.
        statuses: its own words for a status.
        day: how it writes days.
        money: how it writes amounts of cents.
        wrong: lines in it that nobody can use, as bytes.
    """

    file: str
    delimiter: str
    encoding: str
    columns: Mapping[str, str | None]
    statuses: Mapping[str, str]
    day: Callable[[pd.Timestamp], str]
    money: Callable[[int], str]
    wrong: tuple[bytes, ...] = ()


def _iso(day: pd.Timestamp) -> str:
    return f"{day:%Y-%m-%d}"


def _american(day: pd.Timestamp) -> str:
    return f"{day.month}/{day.day}/{day.year}"


def _worded(day: pd.Timestamp) -> str:
    return f"{day:%b %d, %Y}"


def _bare(cents: int) -> str:
    return f"{cents / 100:.2f}".removesuffix(".00")


def _dollars(cents: int) -> str:
    return f"${cents / 100:,.2f}"


_DEALS = (
    Office(
        "office export.csv",
        ",",
        "utf-8-sig",
        {
            "Transaction ID": "id",
            "Status": "status",
            "Transaction Type": "type",
            "Representation": "side",
            "Property Address": "address",
            "City": "city",
            "State": "state",
            "Zip": "zip",
            "MLS #": "mls",
            "Property Type": "property_type",
            "Listing Date": "listed",
            "Contract Date": "contract",
            "Closing Date": "closing",
            "List Price": "asked",
            "Sale Price": "price",
            "Gross Commission": "gross",
            "Net Payout": "net",
            "Agent": "agent",
            "Agent Email": "email",
            "Lead Source": "lead_source",
            "Our notes": None,
            "Last Updated": "updated",
        },
        _PLAIN_STATUS,
        _iso,
        _bare,
        (
            b"HW-BAD-1,Closed",
            b",Closed,Sale,Buyer,1 Example St,Salem,OR,97301,,,,,,,250000,,,,,,nobody knows which,2026-10-01",
            b"HW-BAD-3,Closed,Sale,Buyer,1 Pe\xf1a Blvd,Salem,OR,97301,,,,,,,250000,,,,,,,2026-10-01",
            b'HW-BAD-4,Closed,Sale,Buyer,"12 Example St,Salem,OR,97301,,,,,,,250000,,,,,,,2026-10-01',
        ),
    ),
    Office(
        "closings.csv",
        ";",
        "cp1252",
        {
            "Deal No": "id",
            "Deal Status": "status",
            "Deal Type": "type",
            "Side": "side",
            "Street": "address",
            "Town": "city",
            "Province": "state",
            "Postal Code": "zip",
            "Under Contract Date": "contract",
            "Close Date": "closing",
            "Sold Price": "price",
            "Asking Price": "asked",
            "GCI": "gross",
            "Primary Agent": "agent",
            "Primary Agent Email": "email",
            "Modified On": "updated",
        },
        _OWN_STATUS,
        _american,
        _dollars,
    ),
    Office(
        "teams/pipeline.txt",
        "\t",
        "utf-16",
        {
            "Modified": "updated",
            "Deal ID": "id",
            "Stage": "status",
            "Type": "type",
            "Representing": "side",
            "Address": "address",
            "City": "city",
            "State/Province": "state",
            "ZIP/Postal Code": "zip",
            "MLS": "mls",
            "List Date": "listed",
            "Acceptance Date": "contract",
            "Settlement Date": "closing",
            "Purchase Price": "price",
            "Total Commission": "gross",
            "Agent E-mail": "email",
        },
        _OWN_STATUS,
        _worded,
        _bare,
    ),
    Office(
        "archive/deals.csv",
        "|",
        "utf-8",
        {
            "transaction_number": "id",
            "transaction_status": "status",
            "transaction_type": "type",
            "representation": "side",
            "street_address": "address",
            "city": "city",
            "state": "state",
            "zip_code": "zip",
            "contract_date": "contract",
            "closing_date": "closing",
            "sales_price": "price",
            "gross_commission_income": "gross",
            "agent_name": "agent",
            "agent_email": "email",
            "updated_at": "updated",
        },
        _PLAIN_STATUS,
        _iso,
        _dollars,
    ),
)

_LISTINGS = (
    Office(
        "listings.csv",
        ",",
        "utf-8",
        {
            "Listing ID": "id",
            "Listing Status": "status",
            "Listing Type": "type",
            "Address": "address",
            "City": "city",
            "State": "state",
            "Zip Code": "zip",
            "MLS Number": "mls",
            "List Price": "price",
            "List Date": "listed",
            "Expiration Date": "expires",
            "Closed Date": "closing",
            "Listing Agent": "agent",
            "Listing Agent Email": "email",
            "Last Updated": "updated",
        },
        _PLAIN_STATUS,
        _american,
        _dollars,
    ),
    Office(
        "on the market.tsv",
        "\t",
        "cp1252",
        {
            "Listing No": "id",
            "Status": "status",
            "Type": "type",
            "Street Address": "address",
            "City": "city",
            "Province": "state",
            "Postcode": "zip",
            "Current Price": "price",
            "On Market Date": "listed",
            "Expires": "expires",
            "Off Market Date": "closing",
            "Agent Name": "agent",
            "Agent Email": "email",
            "Updated": "updated",
        },
        {"Closed": "Sold", "Terminated": "Expired", "Pending": "Under Contract"},
        _iso,
        _bare,
    ),
)


def files(world: World) -> Iterator[tuple[str, bytes]]:
    """Every file of the inbox, by name: a deal is in the file of one office for good.

    An office without deals has no file, but for the one with the wrong lines.
    """
    business = world.live.business
    for frame, offices, told in ((business.deals, _DEALS, _deals), (business.listings, _LISTINGS, _listings)):
        rows = frame[frame["told_in"] == "csv"]
        for number, office in enumerate(offices):
            own = rows[rows["id"] % len(offices) == number]
            if len(own) or office.wrong:
                yield office.file, _file(office, list(told(world, own, office)))


def _file(office: Office, rows: list[Cells]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=office.delimiter, lineterminator="\r\n")
    writer.writerow(office.columns)
    for row in rows:
        writer.writerow([row.get(field, "") if field else "" for field in office.columns.values()])
    data = text.getvalue().encode(office.encoding, "replace")
    header, _, body = data.partition(b"\r\n") if office.wrong else (data, b"", b"")
    # In the middle: what comes after a wrong line is read all the same.
    return header + b"".join(b"\r\n" + line for line in office.wrong) + b"\r\n" * bool(office.wrong) + body


def _moment(value: Any) -> str:
    return f"{pd.Timestamp(value):%Y-%m-%d %H:%M:%S}"


def _told(
    frame: pd.DataFrame, agents: pd.DataFrame, office: Office
) -> Iterator[tuple[Any, Cells, Callable[[Any], str]]]:
    """What both kinds say, and how the office writes a day."""

    def day(value: Any) -> str:
        return "" if pd.isna(value) else office.day(pd.Timestamp(value))

    where = addresses(frame)
    parts = zip(where.street, where.city, where.state, where.zipcode, strict=True)
    people = zip(agents["first_name"].tolist(), agents["last_name"].tolist(), agents["email"].tolist(), strict=True)
    for row, (street, city, state, code), (first, last, email) in zip(_rows(frame), parts, people, strict=True):
        cells = {
            "id": row.uuid,
            "status": office.statuses.get(row.status, row.status),
            "address": street,
            "city": city,
            "state": state,
            "zip": code,
            "mls": f"MLS{row.property:07d}" if row.id % 5 else "",
            "property_type": PROPERTY_TYPES[row.id % len(PROPERTY_TYPES)],
            "lead_source": LEAD_SOURCES[row.id % len(LEAD_SOURCES)],
            "agent": f"{first} {last}" if row.id % 3 else f"{last}, {first}",
            "email": email,
            "price": office.money(row.price_cents) if row.price_cents else "",
            "updated": _moment(row.updated),
        }
        yield row, cells, day


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    return iter(frame.itertuples())


def _deals(world: World, rows: pd.DataFrame, office: Office) -> Iterator[Cells]:
    agents = at(world.live.agents, rows["owner_agent_id"])
    for row, cells, day in _told(rows, agents, office):
        yield cells | {
            "type": _TYPES[row.type],
            "side": row.representation.title(),
            "listed": day(row.listed),
            "contract": day(row.contract),
            "closing": day(row.closed_day),
            "asked": office.money(row.asked_cents) if pd.notna(row.listed) else "",
            "gross": office.money(row.gross_cents) if row.gross_cents else "",
            "net": office.money(row.net_cents) if row.net_cents else "",
        }


def _listings(world: World, rows: pd.DataFrame, office: Office) -> Iterator[Cells]:
    agents = at(world.live.agents, rows["agent_id"])
    for row, cells, day in _told(rows, agents, office):
        yield cells | {
            "type": "Lease" if row.lease else "Sale",
            "listed": day(row.listed_day),
            "expires": day(row.expires),
            "closing": day(row.over) if row.status == "Closed" else "",
        }
