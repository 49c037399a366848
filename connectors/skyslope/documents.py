"""The made-up world as SkySlope's files, users and offices, with SkySlope's spellings of nothing.

Belongs here: which field of an object holds what. Does not belong here: how it is asked for
(`connectors/skyslope/stand_in.py`) and what is true (`connectors/sandbox/`).

What is invented about a row hangs on its kind and id alone: a file that was not modified reads as it did the day
before, whatever else has come or gone. So a file names its agent, but only the user has the agent's e-mail address.
Private-use characters stand for the control characters that SkySlope sends raw, see `stand_in.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any

import pandas as pd

from connectors.document_store import Record
from connectors.sandbox.chance import uuids
from connectors.sandbox.frames import at
from connectors.sandbox.names import FIRST, LAST
from connectors.sandbox.world import World
from connectors.v1.deal_values import LEAD_SOURCES, PROPERTY_TYPES, addresses

SALE, LISTING, USER, OFFICE, CONNECTION = "sale", "listing", "user", "office", "connection"
FILES = (SALE, LISTING)
TODAY = "today"

NO_DATE = "0001-01-01T00:00:00"

_SALE_STATUS = {
    "Closed": "Closed",
    "Pending": "Pending",
    "Active": "Incomplete",
    "Listed": "Incomplete",
    "Terminated": "Canceled/Pend",
    "Canceled": "Canceled/App",
    "Archived": "Archived",
}
_STATUS_ID = {"Incomplete": 59, "Pending": 60, "Closed": 61, "Archived": 62, "Canceled/App": 63, "Canceled/Pend": 64}
_STAGES = {
    "Listed": {"id": 1, "name": "Active"},
    "Active": {"id": 2, "name": "Under Contract"},
    "Pending": {"id": 2, "name": "Under Contract"},
    "Closed": {"id": 3, "name": "Closed"},
}
_DEALS = {
    "RESIDENTIAL_SALE": ("Purchase", 1),
    "RESIDENTIAL_LEASE": ("Lease", 2),
    "COMMERCIAL_SALE": ("Commercial Purchase", 3),
    "COMMERCIAL_LEASE": ("Commercial Lease", 4),
    "REFERRAL": ("Referral", 5),
}
_COMPANIES = ("Oak \ue000& Ivy Realty", "Québec Métro Homes", "Tidewater Group", "Keystone Partners")
_NOTES = ("Call after 5 pm\ue001ask for the gate code", "Prefers e-mail", "Has two dogs\ue01a🐕", "Señor, not Sr.", "")


def records(world: World) -> Iterator[Record]:
    """Everything that SkySlope holds, and who may log in to see what."""
    deals, listings = (
        frame[frame["told_in"] == "skyslope"] for frame in (world.live.business.deals, world.live.business.listings)
    )
    yield from connections(world)
    for office in range(1, int(world.agents["office_id"].max()) + 1):
        guid = _guid("office", office)
        yield Record(OFFICE, "", guid, {"officeGuid": guid, "officeName": f"Office {office}"})
    yield from _users(world, deals, listings)
    yield from _sales(world, deals)
    yield from _listings(listings)


def connections(world: World) -> Iterator[Record]:
    """The access keys of V1's connections: the first is a broker's, the others are agents' own."""
    made = world.systems.skyslope_connections
    for number, agent in zip(made["id"].tolist(), _connected(world), strict=True):
        key = f"sandbox-skyslope-key-{number}"
        sees = "" if number == made["id"].min() else _guid("user", agent)
        secret = f"sandbox-skyslope-secret-{number}"
        yield Record(CONNECTION, "", key, {"key": key, "secret": secret, "account": str(number), "sees": sees})


def _connected(world: World) -> list[int]:
    """The agents of the users whose access keys these are."""
    agents: list[int] = at(world.users, world.systems.skyslope_connections["user_id"])["agent_id"].tolist()
    return agents


def _guid(kind: str, number: int) -> str:
    return uuids(f"skyslope {kind}", [number])[0]


def _rows(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as tuples with its columns' names."""
    return iter(frame.itertuples())


def _chance(kind: str, number: int) -> Random:
    """The chance of one row alone."""
    return Random(f"skyslope {kind} {number}")  # noqa: S311 - invents a world, guards nothing


def _nothing(chance: Random) -> str | None:
    """Texts that are not there are '' or null, one as good as the other."""
    return chance.choice(("", None))


def _moment(value: Any, chance: Random, *, is_exact: bool = False) -> str:
    """A moment without zone, and with as many digits of a second as there happen to be."""
    digits = chance.choice((0, 0, 1, 2, 3, 3, 7))
    fraction = "0" * digits if is_exact else f"{chance.randrange(10**7):07d}"[:digits]
    return f"{pd.Timestamp(value):%Y-%m-%dT%H:%M:%S}" + (f".{fraction}" if digits else "")


def _day(value: Any, none: str | None = None) -> str | None:
    return none if pd.isna(value) else f"{pd.Timestamp(value):%Y-%m-%d}T00:00:00"


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text[:26]).replace(tzinfo=UTC).timestamp()


def _users(world: World, deals: pd.DataFrame, listings: pd.DataFrame) -> Iterator[Record]:
    """Who has a file, or an access key; the users a list hides until asked have left."""
    seen = {*deals["owner_agent_id"].tolist(), *listings["agent_id"].tolist(), *_connected(world)} - {0}
    agents = world.live.agents[world.live.agents["id"].isin(seen)]
    where = addresses(agents.assign(property=agents["id"]))
    for number, row in enumerate(_rows(agents)):
        guid, chance = _guid("user", row.id), _chance("user", row.id)
        street_number, street = where.street[number].split(" ", 1)
        document = {
            "userGuid": guid,
            "publicId": f"HW{row.id:06d}",
            "firstName": row.first_name,
            "lastName": row.last_name,
            "email": row.email.upper() if chance.random() < 0.05 else row.email,
            "phone": f"555-01{row.phone:02d}",
            "alternatePhone": _nothing(chance),
            "userType": "Broker" if chance.random() < 0.02 else "Agent",
            "streetNumber": street_number,
            "streetName": street,
            "city": where.city[number],
            "state": where.state[number],
            "zipCode": where.zipcode[number],
        }
        office = _guid("office", row.office_id) if row.office_id else ""
        yield Record(USER, "", guid, document, ord=int(row.status == "INACTIVE"), parent=office)


def _listing_guids(world: World, deals: pd.DataFrame) -> list[str | None]:
    """The listing each deal came of, if SkySlope has or had it."""
    offered = world.live.business.listings
    told = dict(zip(offered["id"].tolist(), offered["told_in"].tolist(), strict=True))
    ids = deals["listing_id"].tolist()
    guids = uuids("listing", ids)
    return [
        guid if number and told.get(number, "skyslope") == "skyslope" else None
        for number, guid in zip(ids, guids, strict=True)
    ]


def _property(row: Any, place: tuple[Any, ...], chance: Random) -> dict[str, Any]:
    street, city, state, code = place
    number, name = street.split(" ", 1)
    kind = chance.randrange(len(PROPERTY_TYPES))
    return {
        "streetNumber": int(number) if chance.random() < 0.1 else number,
        "streetAddress": name,
        "unit": chance.choice(("", "", "", "12-A")) if row.id % 7 == 0 else _nothing(chance),
        "direction": _nothing(chance),
        "city": city,
        "county": _nothing(chance),
        "state": state,
        "zip": code,
        "areasqft": str(chance.randrange(6, 40) * 100) if chance.random() < 0.6 else "",
        "yearBuilt": chance.randrange(1900, 2024) if chance.random() < 0.6 else 0,
        "realPropertyTypeId": kind + 1,
        "realPropertySubtypeId": None,
        "realPropertyType": PROPERTY_TYPES[kind],
    }


def _contact(chance: Random, kind: str, row_id: int, number: int = 0) -> dict[str, Any]:
    first, last = chance.choice(FIRST), chance.choice(LAST)
    return {
        "contactGuid": uuids(f"skyslope {kind} contact", [row_id * 10 + number])[0],
        "firstName": first,
        "lastName": last,
        "company": _nothing(chance),
        "email": f"contact{row_id}.{number}@example.com" if chance.random() < 0.7 else _nothing(chance),
        "phoneNumber": f"555-01{chance.randrange(100):02d}",
        "alternatePhone": _nothing(chance),
        "fax": None,
        "streetNumber": "",
        "streetName": "",
        "city": _nothing(chance),
        "state": _nothing(chance),
        "zip": "",
        "notes": chance.choice(_NOTES),
        "isTrustCompanyOrOtherEntity": chance.random() < 0.05,
    }


def _common(row: Any, agent_id: int, chance: Random) -> dict[str, Any]:
    """What files of both kinds have."""
    agent = _guid("user", agent_id)
    has_office = row.office_id > 0 and chance.random() < 0.9
    return {
        "agentGuid": agent,
        "createdByGuid": agent,
        "mlsNumber": f"MLS{row.property:07d}" if chance.random() < 0.8 else _nothing(chance),
        "officeId": 12_000 + row.office_id if has_office else None,
        "officeGuid": _guid("office", row.office_id) if has_office else None,
        "fileId": f"F-{row.id}" if chance.random() < 0.5 else "",
        "source": chance.choice((*LEAD_SOURCES, None, "")),
        "otherSource": _nothing(chance),
        "email": f"HW{row.id}@skyslope.example",
        "agent": {"guid": agent, "publicId": f"HW{agent_id:06d}"},
        "coAgents": None,
        "commercialLease": None,
        "miscContact": None,
        "customFields": {"Notes": chance.choice(_NOTES)} if chance.random() < 0.1 else {},
        "createdOn": _moment(row.created, chance, is_exact=True),
        # What V1 knows too must not look newer by a fraction of a second.
        "modifiedOn": _moment(row.updated, chance, is_exact=not row.ahead),
    }


def _sales(world: World, deals: pd.DataFrame) -> Iterator[Record]:
    where = addresses(deals)
    parts = zip(where.street, where.city, where.state, where.zipcode, strict=True)
    for row, place, listing in zip(_rows(deals), parts, _listing_guids(world, deals), strict=True):
        chance = _chance(SALE, row.id)
        document = _sale(row, chance, listing) | {"property": _property(row, place, chance)}
        yield _record(SALE, row.uuid, document)


def _record(kind: str, guid: str, document: dict[str, Any]) -> Record:
    """A file: in order of creation, and hung on its agent, by which an agent's key sees it."""
    created, modified = _seconds(document["createdOn"]), _seconds(document["modifiedOn"])
    return Record(kind, "", guid, document, ord=created, changed=modified, parent=document["agentGuid"])


def _sale(row: Any, chance: Random, listing_guid: str | None) -> dict[str, Any]:
    common = _common(row, row.owner_agent_id, chance)
    status = _SALE_STATUS[row.status]
    kind, kind_id = _DEALS[row.type]
    accepted = "contractAcceptanceDate" if chance.random() < 0.95 else "contractAcceptedDate"
    office_lead = chance.random() < 0.1
    partners = [one for one in (row.co_buy_agent_id, row.co_sell_agent_id) if one]
    has_deposit, has_lender = chance.random() < 0.5, chance.random() < 0.4
    return {
        "objectType": SALE,
        "saleGuid": row.uuid + (":" if chance.random() < 0.02 else ""),
        "listingGuid": listing_guid,
        **common,
        "escrowNumber": f"E-{row.id % 1000}" if chance.random() < 0.6 else "",
        "apn": _nothing(chance),
        "reviewerGuid": None,
        "statusId": _STATUS_ID[status],
        "status": status,
        "stage": _STAGES.get(row.status),
        "officeName": f"Office {row.office_id}" if common["officeId"] else None,
        "checklistType": "Other",
        "checklistTypeId": kind_id,
        accepted: _day(row.contract, chance.choice((NO_DATE, NO_DATE, None))),
        "escrowClosingDate": _day(row.closing_day),
        "actualClosingDate": _day(row.closed_day, chance.choice((NO_DATE, None, None))),
        "deadDate": _day(row.given_up, chance.choice((NO_DATE, None))),
        "checklistModifiedOn": None,
        "sourceId": 0,
        "dealType": f"{kind} / {row.representation.title()}",
        "saleTypeId": kind_id,
        "listingPrice": row.asked_cents / 100 if pd.notna(row.listed) else 0,
        "salePrice": row.price_cents / 100,
        "isOfficeLead": str(office_lead).lower() if chance.random() < 0.1 else office_lead,
        "coBrokerCompany": chance.choice(_COMPANIES) if chance.random() < 0.3 else _nothing(chance),
        "commission": _commission(row, chance),
        "commissionBreakdowns": [],
        "commissionSplits": [{"agentGuid": common["agentGuid"], "amount": row.gross_cents / 100, "percentage": 100}],
        "commissionReferral": None,
        "coAgentGuids": [_guid("user", one) for one in partners] or None,
        "transactionCoordinators": [],
        "earnestMoneyDeposit": {"isEarnestMoneyHeld": True, "depositAmount": 1_000.0} if has_deposit else None,
        "sellers": [_contact(chance, "seller", row.id)],
        "buyers": [_contact(chance, "buyer", row.id, one) for one in range(chance.randrange(1, 3))],
        "attorneyContact": [],
        "titleContact": None,
        "escrowContact": None,
        "lenderContact": _lender(row, chance) if has_lender else None,
        "otherSideAgentContact": None,
        "homeWarrantyContact": None,
    }


def _lender(row: Any, chance: Random) -> dict[str, Any]:
    loan = {
        "isCashDeal": False,
        "loanAmount": row.price_cents // 125 * 1.0,
        "loanTypeId": 1,
        "loanType": "Conventional",
    }
    return _contact(chance, "lender", row.id) | loan


def _commission(row: Any, chance: Random) -> dict[str, Any] | None:
    if row.gross_cents == 0 and chance.random() < 0.7:
        return None
    sale, gross = "salesCommissionAmount", "officeGrossCommission"
    if chance.random() < 0.1:
        sale, gross = "saleCommissionAmount", "officeGrossCommissionOnSale"
    return {
        "listingCommissionPercent": row.sell_rate / 100,
        "listingCommissionAmount": row.sell_commission_cents / 100,
        "saleCommissionPercent": row.buy_rate / 100,
        sale: row.buy_commission_cents / 100,
        gross: row.gross_cents / 100,
        "referralAmount": row.referral_cents / 100,
        "referralAmountPercent": 0,
        "transCoordinatorFee": 0,
        "otherDeductions": None,
        "personalDeal": False,
        "dateOfCheck": NO_DATE,
    }


def _listings(listings: pd.DataFrame) -> Iterator[Record]:
    where = addresses(listings)
    parts = zip(where.street, where.city, where.state, where.zipcode, strict=True)
    for row, place in zip(_rows(listings), parts, strict=True):
        chance = _chance(LISTING, row.id)
        document = _listing(row, chance) | {"property": _property(row, place, chance)}
        yield _record(LISTING, row.uuid, document)


def _listing(row: Any, chance: Random) -> dict[str, Any]:
    status = chance.choice(("Expired", "Canceled/App")) if row.status == "Terminated" else row.status
    unread = chance.random() < 0.1
    return {
        "objectType": LISTING,
        "listingGuid": row.uuid,
        "coListingAgentGuid": None,
        "referringAgentGuid": None,
        **_common(row, row.agent_id, chance),
        "status": "Incomplete" if status == "Active" and unread else status,
        "stage": _STAGES.get({"Active": "Listed"}.get(row.status, row.status)),
        "checklistType": "Lease" if row.lease else "New",
        "type": "Lease" if row.lease else "New",
        "listingDate": _day(row.listed_day, NO_DATE),
        "expirationDate": _day(row.expires, NO_DATE),
        "commission": {"listingCommissionAmount": row.commission_cents / 100} if chance.random() < 0.7 else {},
        "company": None,
        "listingPrice": row.price_cents / 100,
        "sellers": [_contact(chance, "owner", row.id)],
        "homeWarranty": None,
        "coAgentGuids": None,
    }
