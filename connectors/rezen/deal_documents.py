"""The made-up world's deals and listings as reZEN tells them to each agent who has a part in one.

Belongs here: which field of a transaction holds what, with reZEN's several spellings. Does not belong here: all that
is no transaction (`connectors/rezen/documents.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

import numpy as np
import pandas as pd

from connectors.document_store import Record
from connectors.sandbox.chance import uuids
from connectors.sandbox.deals import BUYING, LEASES, SELLING
from connectors.sandbox.frames import at
from connectors.sandbox.names import FIRST, LAST, SLUGS, STATES
from connectors.sandbox.people import emails
from connectors.sandbox.world import World
from connectors.v1.deal_values import CANADA, LEAD_SOURCES, addresses

DEAL, LISTING = "deal", "listing"
LISTING_ACTIVE, LISTING_IN_CONTRACT = "LISTING_ACTIVE", "LISTING_IN_CONTRACT"

_NOON = 43_200_000
_STATES_OF = {
    "Closed": ("SETTLED", "SETTLED", "CLOSED", "CLOSED, WAITING_ON_PAYMENT", "PAYMENT_SCHEDULED", "PAYMENT_ACCEPTED"),
    "Pending": (
        "NEW",
        "CALCULATE_LEDGER",
        "NEEDS_COMMISSION_VALIDATION",
        "COMMISSION_VALIDATED",
        "READY_FOR_COMMISSION_DOCUMENT_GENERATION",
        "COMMISSION_DOCUMENT_GENERATED",
    ),
    "Active": ("COMMISSION_DOCUMENT_APPROVED", "COMMISSION_DOCUMENT_SENT", "APPROVED_FOR_CLOSING"),
    "Terminated": ("TERMINATED",),
    "Canceled": ("TERMINATED",),
    "Archived": ("SETTLED",),
    "Listed": (LISTING_ACTIVE,),
}
_STATUSES = {"Pending": "PENDING", "Active": "APPROVED"}
_LISTING_STATES = {
    "Active": LISTING_ACTIVE,
    "Pending": LISTING_IN_CONTRACT,
    "Closed": "LISTING_CLOSED",
    "Terminated": "TERMINATED",
}
_LISTING_STATUSES = {"Active": "ACTIVE", "Pending": "PENDING"}
_ROLES = {"LISTING_AGENT": "SELLERS_AGENT", "REFERRAL": "REFERRING_AGENT"}
_COMPANIES = {
    "TITLE": ("Example Title Co.", "Sample Escrow Inc."),
    "LENDER": ("Example Mortgage LLC", "Specimen Savings & Loan"),
    "BUYERS_AGENT": ("Other Example Realty", "Exemple Immobilier Québec"),
    "SELLERS_AGENT": ("Other Example Realty", "Sample & Sons Realtors"),
}


def chance_of(kind: str, number: int) -> Random:
    """Return the chance of one row alone."""
    return Random(f"rezen {kind} {number}")  # noqa: S311 - invents a world, guards nothing


def epoch_ms(moment: Any) -> Any:
    """A moment as reZEN writes it: epoch milliseconds; null for never."""
    return None if pd.isna(moment) else int(pd.Timestamp(moment).value // 1_000_000)


def rows_of(frame: pd.DataFrame) -> Iterator[Any]:
    """The rows of a frame as tuples with its columns' names."""
    return iter(frame.itertuples())


def written(frame: pd.DataFrame, days: Sequence[str] = (), moments: Sequence[str] = ()) -> pd.DataFrame:
    """Return the frame with columns of days and of moments as reZEN writes them; for frames of many rows."""
    made: dict[str, list[Any]] = {}
    for column in (*days, *moments):
        values = frame[column].to_numpy(dtype="datetime64[ms]")
        told = np.datetime_as_string(values.astype("datetime64[D]")) if column in days else values.astype(np.int64)
        never = np.isnat(values).tolist()
        made[column] = [None if is_never else one for one, is_never in zip(told.tolist(), never, strict=True)]
    return frame.assign(**{column: pd.Series(told, frame.index, dtype=object) for column, told in made.items()})


def day(moment: Any) -> str | None:
    """A day as reZEN writes it."""
    return None if pd.isna(moment) else f"{moment:%Y-%m-%d}"


def money(cents: int, currency: str) -> dict[str, Any]:
    """An amount in whole units and its currency."""
    return {"amount": cents / 100, "currency": currency}


def _some_day(moment: Any, chance: Random) -> Any:
    """A day; now and then as the moment of its noon."""
    if pd.notna(moment) and chance.random() < 0.05:
        return epoch_ms(moment.normalize()) + _NOON
    return day(moment)


def deals(world: World, owner: Mapping[int, str]) -> Iterator[Record]:
    """The deals told in reZEN, once for every agent with a key who owns one or is credited on it."""
    business = world.live.business
    told = business.deals[business.deals["told_in"] == "rezen"]
    credited = business.credits[["deal_id", "agent_id", "split"]]
    owned = told[["id", "owner_agent_id"]].set_axis(["deal_id", "agent_id"], axis=1).assign(split=100.0)
    seen = pd.concat([owned, credited], ignore_index=True).drop_duplicates(["deal_id", "agent_id"])
    seen = seen[seen["agent_id"].isin(owner) & seen["deal_id"].isin(told["id"])]
    readers = defaultdict(list)
    for reader in rows_of(seen):
        readers[reader.deal_id].append((reader.agent_id, reader.split))
    told = told[told["id"].isin(seen["deal_id"])]
    present = _participants(world, business.participants[business.participants["deal_id"].isin(told["id"])], "deal_id")
    names = _names(world, told["owner_agent_id"])
    listing = dict(zip(business.listings["id"].tolist(), business.listings["uuid"].tolist(), strict=True))
    for row, place, name in zip(rows_of(told), _places(told), names, strict=True):
        shared = _deal(row, place, name, present.get(row.id, []), listing.get(row.listing_id))
        group = "TERMINATED" if shared["terminated"] else "CLOSED" if shared["closed"] else "OPEN"
        for agent, split in readers[row.id]:
            mine = row.net_cents if agent == row.owner_agent_id else int(row.net_cents * split // 200)
            payout = money(mine, shared["currency"]) if shared["closed"] else None
            document = shared | {"myNetPayout": payout}
            yield Record(DEAL, owner[agent], row.uuid, document, shared["createdAt"], shared["updatedAt"], group)


def _places(rows: pd.DataFrame) -> list[dict[str, Any]]:
    """Addresses: two ways to write a state, three names for the code."""
    where = addresses(rows)
    parts = zip(rows["place"].tolist(), rows["property"].tolist(), where.street, where.city, where.zipcode, strict=True)
    made = []
    for (place, number, street, city, code), line in zip(parts, where.lines, strict=True):
        short, name = STATES[place]
        made.append(
            {
                "oneLine": line,
                "street": street,
                "street2": (None, "")[number % 2],
                "unit": "4B" if number % 11 == 0 else None,
                "city": city,
                "state": short if number % 3 == 0 else name.upper().replace(" ", "_"),
                ("zip", "zipOrPostalCode", "zipCode", "zip")[number % 4]: code,
                "county": None,
                "country": "CANADA" if place >= CANADA else "UNITED_STATES",
            }
        )
    return made


def _names(world: World, agent_ids: Any) -> list[tuple[str, str, str]]:
    """First name, last name and uuid of agents."""
    found = at(world.live.agents, agent_ids)
    columns = (found[name].astype("object").tolist() for name in ("first_name", "last_name", "uuid"))
    return list(zip(*columns, strict=True))


def _state(chance: Random, state: str) -> dict[str, Any]:
    """The state: an object, as older records have it a text, seldom under another name."""
    drawn = chance.random()
    if drawn < 0.03:
        return {"transactionStatus": state, "lifecycleState": None}
    return {"lifecycleState": state if drawn < 0.1 else {"state": state}}


def _common(row: Any, chance: Random, place: dict[str, Any]) -> dict[str, Any]:
    """What deals and listings have alike."""
    lead = chance.choice((None, *LEAD_SOURCES))
    return {
        "id": row.uuid,
        "complianceStatus": chance.choice(("APPROVED", "IN_REVIEW", None)),
        "personalDeal": chance.random() < 0.02,
        "requiresInstallments": False,
        "address": place,
        "currency": "CAD" if place["country"] == "CANADA" else "USD",
        chance.choice(("mlsNum", "mlsNumber")): f"MLS{row.property:07d}",
        "escrowNumber": chance.choice(("", None, f"E-{row.id % 1000}")),
        "yearBuilt": chance.choice((None, 1900 + row.property % 120)),
        "leadSource": {"id": None, "name": lead} if lead and chance.random() < 0.7 else lead,
        "office": {"id": uuids("office", [row.office_id])[0], "name": place["state"]} if row.office_id else None,
        "officeId": uuids("office", [row.office_id])[0] if row.office_id else None,
        "teamId": uuids("team", [row.team_id])[0] if row.team_id else None,
        "checklistId": uuids("checklist", [row.id])[0],
        "commissionSplits": [],
        "createdAt": epoch_ms(row.created),
        "updatedAt": epoch_ms(row.updated),
    }


def _deal(
    row: Any, place: dict[str, Any], name: tuple[str, str, str], present: list[dict[str, Any]], listing: str | None
) -> dict[str, Any]:
    chance = chance_of(DEAL, row.id)
    common = _common(row, chance, place)
    currency, first, last, agent = common["currency"], *name
    closed, terminated = row.status in {"Closed", "Archived"}, row.status in {"Terminated", "Canceled"}
    lease, referral = row.type in LEASES, row.type == "REFERRAL"
    # A deal that closes keeps what chance gave it before, so the states' chance is drawn whatever the state.
    state = _state(chance, _STATES_OF[row.status][int(chance.random() * len(_STATES_OF[row.status]))])
    represented = row.representation if row.representation_said else None
    selling = represented is not None and represented in SELLING
    return {
        **common,
        **state,
        "code": f"RZ-{row.id:06d}",
        "transactionType": "REFERRAL"
        if referral
        else row.type
        if chance.random() < 0.3
        else "LEASE"
        if lease
        else "SALE",
        "dealType": "LEASE" if lease else "SALE",
        "propertyType": "COMMERCIAL" if row.type.startswith("COMMERCIAL") else "RENTAL" if lease else "RESIDENTIAL",
        "status": _STATUSES.get(row.status, row.status.upper()),
        "listing": row.status == "Listed",
        "closed": closed,
        "terminated": terminated,
        "representedByAgent": chance.random() < 0.9,
        "zeroCommissionDeal": row.gross_cents == 0,
        "price": money(row.price_cents, currency) if row.price_cents else None,
        "listPrice": money(row.asked_cents, currency) if pd.notna(row.listed) else None,
        "grossCommission": money(row.gross_cents, currency) if row.gross_cents else None,
        "saleCommissionAmount": money(row.buy_commission_cents, currency) if row.buy_commission_cents else None,
        "listingCommissionAmount": money(row.sell_commission_cents, currency) if row.sell_commission_cents else None,
        "rebate": None,
        "saleCommissionPercent": row.buy_rate / 100 if row.buy_rate else None,
        "grossCommissionPercentage": (row.buy_rate + row.sell_rate) / 100,
        "contractAcceptanceDate": _some_day(row.contract, chance),
        "firmDate": None,
        "listingDate": _some_day(row.listed, chance),
        "listingExpirationDate": None,
        "closingDateEstimated": day(row.closing_day),
        "closingDateActual": day(row.closed_day),
        "skySlopeActualClosingDate": day(row.closed_day) if chance.random() < 0.5 else None,
        "skySlopeEscrowClosingDate": day(row.closing_day) if chance.random() < 0.5 else None,
        "agentReportedClosingDate": None,
        "closedAt": epoch_ms(row.closed),
        "rezenClosedAt": epoch_ms(row.closed),
        "transactionOwnerId": agent,
        "journeyId": uuids("journey", [row.id])[0],
        "listingId": listing,
        "participants": present,
        "commissionSplits": [
            {
                "yentaId": agent,
                "firstName": first,
                "lastName": last,
                "amount": money(row.gross_cents, currency),
                "percentage": {"string": "100%"},
            }
        ],
        "agentsInfo": {
            "representationType": represented,
            "ownerAgent": [{"agentId": agent, "firstName": first, "lastName": last}],
            "coAgents": [],
            "officeId": common["officeId"],
            "teamId": common["teamId"],
        },
        "cdPayer": {"fullName": chance.choice(("", "Sample Escrow Inc.")), "email": None} if not selling else None,
        "cdPayerBusinessEntity": {"name": "Sample Escrow Inc."} if closed else None,
    }


def _participants(world: World, rows: pd.DataFrame, by: str) -> dict[int, list[dict[str, Any]]]:
    """Who took part in each deal, or listing. Agents' addresses are those they had when they were written down."""
    known = rows[rows["agent_id"] > 0]
    people = at(world.live.agents, known["agent_id"])
    then = zip(_names(world, known["agent_id"]), emails(people, "agent"), strict=True)
    agents = dict(zip(known["id"].tolist(), then, strict=True))
    made = defaultdict(list)
    for row, identity in zip(rows_of(rows), uuids("participant", rows["id"].tolist()), strict=True):
        made[getattr(row, by)].append(_participant(row, identity, agents.get(row.id)))
    return made


def _participant(row: Any, identity: str, agent: tuple[tuple[str, str, str], str] | None) -> dict[str, Any]:
    chance = chance_of("participant", row.id)
    role = _ROLES.get(row.role, row.role)
    if agent:
        (first, last, uuid), email = agent
    else:
        first, last, uuid = chance.choice(FIRST), chance.choice(LAST), None
        email = f"{SLUGS[first]}.{SLUGS[last]}{row.id}p@example.com"
    companies = _COMPANIES.get(role) if row.external else None
    percent = row.split if pd.notna(row.split) and row.split else None
    return {
        "id": identity,
        "yentaUserId": uuid,
        "participantRole": role,
        "external": row.external,
        "firstName": first,
        "lastName": last,
        "fullName": f"{first} {last}",
        "company": chance.choice(companies) if companies else chance.choice(("", None)),
        "emailAddress": email if chance.random() < 0.95 else "",
        "phoneNumber": f"555-01{chance.randrange(100):02d}" if chance.random() < 0.8 else None,
        "address": None,
        chance.choice(("paidByReal", "paidbyReal")): row.paid,
        "paidViaBusinessEntity": {"name": f"{last} Homes LLC", "nationalIds": []} if row.id % 40 == 0 else None,
        "payment": {"percent": percent, "amount": None} if percent and not row.external else None,
        "createdAt": epoch_ms(row.created),
        "updatedAt": epoch_ms(row.updated),
    }


def listings(world: World, owner: Mapping[int, str]) -> Iterator[Record]:
    """The listings told in reZEN, for their agents who have a key."""
    business = world.live.business
    told = business.listings[(business.listings["told_in"] == "rezen") & business.listings["agent_id"].isin(owner)]
    on = business.participants[(business.participants["deal_id"] == 0)]
    present = _participants(world, on[on["listing_id"].isin(told["id"])], "listing_id")
    for row, place, name in zip(rows_of(told), _places(told), _names(world, told["agent_id"]), strict=True):
        document = _listing(row, place, name, present.get(row.id, []))
        state = _LISTING_STATES[row.status]
        group = "CLOSED" if state == "LISTING_CLOSED" else state
        times = document["createdAt"], document["updatedAt"]
        yield Record(LISTING, owner[row.agent_id], row.uuid, document, *times, group)


def _listing(row: Any, place: dict[str, Any], name: tuple[str, str, str], present: list[Any]) -> dict[str, Any]:
    chance = chance_of(LISTING, row.id)
    common = _common(row, chance, place)
    currency, first, last, agent = common["currency"], *name
    side = (SELLING if not row.lease else BUYING)[0]
    return {
        **common,
        **_state(chance, _LISTING_STATES[row.status]),
        "code": f"RL-{row.id:06d}",
        "transactionType": "LISTING",
        "dealType": "LEASE" if row.lease else "SALE",
        "propertyType": "RENTAL" if row.lease else "RESIDENTIAL",
        "status": _LISTING_STATUSES.get(row.status, row.status.upper()),
        "listing": True,
        "closed": row.status == "Closed",
        "terminated": row.status == "Terminated",
        "representedByAgent": True,
        "zeroCommissionDeal": False,
        "price": money(row.price_cents, currency),
        "grossCommission": None,
        "listingCommissionAmount": money(row.commission_cents, currency),
        "myNetPayout": None,
        "contractAcceptanceDate": day(row.contracted),
        "listingDate": _some_day(row.listed_day, chance),
        "listingExpirationDate": day(row.expires),
        "closingDateEstimated": None,
        "closingDateActual": day(row.over_day) if row.status == "Closed" else None,
        "closedAt": epoch_ms(row.over) if row.status == "Closed" else None,
        "transactionOwnerId": agent,
        "participants": present,
        "agentsInfo": {
            "representationType": "LANDLORD" if row.lease else side,
            "ownerAgent": [{"agentId": agent, "firstName": first, "lastName": last}],
            "coAgents": [],
            "officeId": common["officeId"],
            "teamId": common["teamId"],
        },
    }
