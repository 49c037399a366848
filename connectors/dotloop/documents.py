"""The documents of dotloop's stand-in: what the made-up brokerage keeps there, as the API tells it.

Belongs here: which key holds what, with dotloop's own labels and spellings, and who has which profile. Does not
belong here: how it is served (`connectors/dotloop/stand_in.py`) and what is true (`connectors/sandbox/`).

Deals that are told in dotloop are loops with the labels of a deal. Beside them every account keeps loops that are no
deals: leases of its own office, events, other paperwork. What is drawn hangs on a row's id alone, so that a document
is the same on every day on which nothing happened to it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from connectors.document_store import Record
from connectors.sandbox.deals import LEASES
from connectors.sandbox.names import CITIES, FIRST, LAST, SLUGS, STATES
from connectors.sandbox.world import WORLD_DAY, World
from connectors.v1.deal_values import Addresses, addresses

Document = dict[str, Any]


@dataclass(frozen=True)
class Profile:
    """A profile of the stand-in; one that is closed answers 403."""

    id: int
    name: str
    type: str
    is_closed: bool = False


@dataclass(frozen=True)
class Holder:
    """Who has an account of the stand-in. The loops are in the last profile; one before it is empty or closed."""

    name: str
    id: int
    first_name: str
    last_name: str
    company: str
    profiles: tuple[Profile, ...]

    @property
    def refresh_token(self) -> str:
        """What the account is configured with."""
        return f"00000000-0000-4000-8000-{self.id:012d}"

    @property
    def email(self) -> str:
        """Where mail reaches the account."""
        return f"{SLUGS[self.first_name]}.{SLUGS[self.last_name]}@example.com"


HOLDERS = (
    Holder(
        "harbor-office",
        101,
        "Imani",
        "Okafor",
        "Example Realty",
        (
            Profile(4710, "Imani Okafor", "INDIVIDUAL"),  # a company's agents list no loops of their own
            Profile(4711, "Harbor Association of Realtors", "ASSOCIATION", is_closed=True),
            Profile(4712, "Example Realty & Sons, Harbor", "COMPANY"),
        ),
    ),
    Holder("north-team", 102, "Søren", "Núñez", "", (Profile(4720, "Northstar Group 🏡", "TEAM"),)),
    Holder("solo", 103, "Xiomara", "D'Angelo", "Sample & Sons Realtors", (Profile(4730, "X. D'Angelo", "INDIVIDUAL"),)),
)

_FIRST_PAPERWORK, _FIRST_DEAL, _FIRST_ADMIN, _FIRST_CREDIT = 70_000_000, 40_000_000, 200_000_000, 400_000_000
_TYPES = {"BUYER": "PURCHASE_OFFER", "DUAL": "PURCHASE_OFFER", "SELLER": "LISTING_FOR_SALE"}
_LEASE_TYPES = {"TENANT": "LEASE_OFFER", "LANDLORD": "LISTING_FOR_LEASE", "DUAL": "LEASE_OFFER"}
_ROLES = {
    "BUYERS_AGENT": "BUYING_AGENT",
    "CO_BUYERS_AGENT": "BUYING_AGENT",
    "LISTING_AGENT": "LISTING_AGENT",
    "CO_LISTING_AGENT": "LISTING_AGENT",
    "TEAM_LEADER": "MANAGING_BROKER",
    "REFERRAL": "OTHER",
    "TITLE": "ESCROW_TITLE_REP",
    "LENDER": "LOAN_OFFICER",
    "INSPECTOR": "HOME_INSPECTOR",
}
_LEASE_ROLES = {
    "BUYER": "TENANT",
    "SELLER": "LANDLORD",
    "BUYERS_AGENT": "TENANT_AGENT",
    "CO_BUYERS_AGENT": "TENANT_AGENT",
}
_PAPERWORK = ("Office lease", "Recruiting packet", "Broker price opinion", "Vendor agreements", "Año nuevo: party 🎉")
_MONEY = ("{:.0f}", "{:.1f}", "${:,.2f}")


def records(world: World) -> Iterator[Record]:
    """Yield all there is to tell of a world."""
    for holder in HOLDERS:
        yield from _account(holder)
        yield from _paperwork(holder, world)
        yield from _contacts(holder, world)
    yield from _deals(world)


def iso(moment: Any) -> str:
    """Write a moment as dotloop does."""
    return f"{pd.Timestamp(moment):%Y-%m-%dT%H:%M:%SZ}"


def _drawn(values: Sequence[Any], what: str, number: int) -> Any:
    """Choose a value by nothing but what it is for and the row's number."""
    digest = blake2b(f"dotloop {what} {number}".encode(), digest_size=8).digest()
    return values[int.from_bytes(digest, "big") % len(values)]


def _seconds(moment: Any) -> float:
    return float(pd.Timestamp(moment).timestamp())


def _account(holder: Holder) -> Iterator[Record]:
    account = str(holder.id)
    yield Record("login", "", holder.refresh_token, {"account": account})
    told = {
        "id": holder.id,
        "firstName": holder.first_name,
        "lastName": holder.last_name,
        "email": holder.email,
        "defaultProfileId": holder.profiles[0].id,
    }
    yield Record("account", account, account, told)
    for place, profile in enumerate(holder.profiles):
        row = {
            "id": profile.id,
            "name": profile.name,
            "type": profile.type,
            "company": holder.company,
            "phone": f"+1 (555) 010-{profile.id}",
            "fax": "",
            "address": f"{profile.id} Example St",
            "city": "Cañon",
            "state": "CO",
            "zipcode" if holder.name == "solo" else "zipCode": "81212",  # some accounts spell it so
            "default": place == 0,
            "requiresTemplate": profile.type == "COMPANY",
        }
        yield Record("profile", account, str(profile.id), row, ord=place, parent="closed" if profile.is_closed else "")


def _loop(holder: Holder, document: Document, created: Any, updated: Any) -> Record:
    profile = holder.profiles[-1].id
    done, tasks = _drawn(range(12), "done", document["id"]), _drawn(range(11, 30), "tasks", document["id"])
    row = {
        "id": document["id"],
        "profileId": profile,
        "name": document["name"],
        "transactionType": document["transactionType"],
        "status": document["status"],
        "totalTaskCount": tasks,
        "completedTaskCount": done,
        "created": iso(created),
        "updated": iso(updated),
        "loopUrl": f"https://www.dotloop.com/m/loop?viewId={document['id']}",
        "details": document["details"],
    }
    key = str(document["id"])
    return Record("loop", str(holder.id), key, row, _seconds(created), _seconds(updated), str(profile))


def _participant(account: str, loop: int, place: int, row: Document) -> Record:
    return Record("participant", account, str(row["id"]), row, ord=place, parent=str(loop))


def _admin(holder: Holder, loop: int) -> Record:
    row = {
        "id": _FIRST_ADMIN + loop,
        "fullName": f"{holder.first_name} {holder.last_name}",
        "email": holder.email,
        "role": "ADMIN",
    }
    return _participant(str(holder.id), loop, 0, row)


def _paperwork(holder: Holder, world: World) -> Iterator[Record]:
    """Loops that are no deals: a new one every day, and every day another one is worked on."""
    count = max(6, round(len(world.business.deals) / 1_500))
    today, first = np.datetime64(WORLD_DAY, "s"), _FIRST_PAPERWORK + holder.id * 10_000
    for place in range(count + world.day):
        day = place - count + 1
        age = _drawn(range(30, 900), "age", first + place)
        created = today + np.timedelta64(day if day > 0 else -age, "D") + np.timedelta64(57_600 + place, "s")
        worked_on = [later for later in range(1, world.day + 1) if later % count == place]
        updated: Any = created + np.timedelta64(_drawn(range(500_000), "since", first + place) if day <= 0 else 0, "s")
        if worked_on:
            updated = today + np.timedelta64(worked_on[-1], "D") + np.timedelta64(61_200 + place, "s")
        number = first + place
        document = {
            "id": number,
            "name": f"{_drawn(_PAPERWORK, 'paperwork', number)} #{place + 1}",
            "transactionType": _drawn(("REAL_ESTATE_OTHER", "OTHER"), "type", number),
            "status": "DONE" if worked_on else _drawn(("NEW", "IN_PROGRESS", "DONE", "ARCHIVED"), "status", number),
            "details": {"Office Use": {"Cost Center": f"{number % 40 + 100}", "Shared w/ franchise? %": "0"}},
        }
        yield _loop(holder, document, created, updated)
        yield _admin(holder, number)


def _person(number: int) -> tuple[str, str, str]:
    """First and last name of somebody, and an address whose letters are large now and then."""
    first, last = _drawn(FIRST, "first", number), _drawn(LAST, "last", number)
    email = f"{SLUGS[first]}.{SLUGS[last]}{number % 97}@example.com"
    return first, last, email.upper() if number % 7 == 0 else email


def _contacts(holder: Holder, world: World) -> Iterator[Record]:
    """The people of an account's address book; one of them changes every day."""
    count = max(5, round(len(world.business.deals) / 800))
    today = np.datetime64(WORLD_DAY, "s")
    for place in range(count):
        number = holder.id * 100_000 + place
        first, last, email = _person(number)
        updated: Any = today - np.timedelta64(_drawn(range(86_400, 80_000_000), "contact", number), "s")
        changes = [day for day in range(1, world.day + 1) if day % count == place]
        if changes:
            updated = today + np.timedelta64(changes[-1], "D") + np.timedelta64(54_000, "s")
        row = {
            "id": number,
            "firstName": first,
            "lastName": last,
            "email": email,
            "home": f"555-01{number % 100:02d}",
            "office": "",
            "cell": f"+1 555 01{(number + len(changes)) % 100:02d}",
            "fax": "",
            "address": f"{number % 900 + 1} Demo Rd",
            "city": _drawn(CITIES, "city", number),
            "zipCode": f"{number % 89_000 + 10_000}",
            "state": _drawn(STATES, "state", number)[0],
            "country": "US",
            "updated": iso(updated),
        }
        for key, rarely in (("cell", 3), ("email", 5), ("country", 4)):
            if number % rarely == 2:
                del row[key]  # a missing value is an absent key
        yield Record("contact", str(holder.id), str(number), row, ord=number, changed=_seconds(updated))


def _deals(world: World) -> Iterator[Record]:
    business = world.live.business
    deals = business.deals[business.deals["told_in"] == "dotloop"]
    where = addresses(deals)
    agents = world.live.agents.set_index("id")
    credited = business.credits[business.credits["deal_id"].isin(deals["id"])]
    took_part = business.participants[business.participants["deal_id"].isin(deals["id"])]
    # Of some deals participants say nothing of the agents: here everybody is listed all the same.
    told_else = credited[~credited["deal_id"].isin(took_part.loc[took_part["agent_id"] > 0, "deal_id"])]
    told_else = told_else.assign(id=_FIRST_CREDIT + told_else["deal_id"] * 10 + told_else["order"])
    listed = pd.concat([took_part, told_else])
    updated = took_part.groupby("deal_id")["updated"].max()
    for place, deal in enumerate(deals.to_dict("records")):
        holder = HOLDERS[deal["id"] % len(HOLDERS)]
        number = _FIRST_DEAL + deal["id"]
        is_lease = deal["type"] in LEASES
        people = [
            _taking_part(row, is_lease, agents) for row in listed[listed["deal_id"] == deal["id"]].to_dict("records")
        ]
        line = where.lines[place]
        document = {
            "id": number,
            "name": _drawn((line, line, people[0]["fullName"] if people else line), "name", number),
            "transactionType": (_LEASE_TYPES if is_lease else _TYPES).get(deal["representation"], "PURCHASE_OFFER"),
            "details": _details(deal, is_lease, where, place),
        }
        document["status"] = _status(deal["status"], document["transactionType"])
        moment = max(deal["updated"], updated.get(deal["id"], deal["updated"]))
        yield _loop(holder, document, deal["created"], moment)
        yield _admin(holder, number)
        for order, row in enumerate(people, 1):
            yield _participant(str(holder.id), number, order, row)


def _status(status: str, kind: str) -> str:
    offered = kind.startswith("LISTING")
    over = "LEASED" if "LEASE" in kind else "SOLD"
    listed = "ACTIVE_LISTING" if offered else "PRE_OFFER"
    return {"Closed": over, "Pending": "UNDER_CONTRACT", "Active": "UNDER_CONTRACT", "Listed": listed}.get(
        status, "ARCHIVED"
    )


def _taking_part(row: Mapping[Any, Any], is_lease: bool, agents: pd.DataFrame) -> Document:
    number = _FIRST_DEAL + row["id"] if row["id"] < _FIRST_CREDIT else row["id"]
    role = str(row["role"])
    made: Document = {"id": int(number)}
    if row["agent_id"]:
        agent = agents.loc[row["agent_id"]]
        made |= {"fullName": f"{agent['first_name']} {agent['last_name']}", "email": agent["email"]}
        made |= {"phone": f"555-01{agent['phone']:02d}", "License Number": f"LIC{row['agent_id']:07d}"}
    else:
        first, last, email = _person(number)
        made |= {"fullName": f"{first} {last}"} | ({"email": email} if number % 4 else {})
        made |= {_drawn(("Phone", "Cell Phone", "phone"), "phone", number): f"5550100{number % 1000:03d}"}
        made |= {"Company Name": "Other Example Realty"} if role.endswith("AGENT") else {}
    made["role"] = (_LEASE_ROLES if is_lease else {}).get(role) or _ROLES.get(role, role)
    return made


def _money(cents: int, what: str, number: int) -> str:
    """Write an amount in one of the ways people type it; '' for none."""
    if not cents:
        return ""
    return str(_drawn(_MONEY if cents % 100 == 0 else _MONEY[2:], what, number).format(cents / 100))


def _day(moment: Any, what: str, number: int) -> str:
    return "" if pd.isna(moment) else format(moment, _drawn(("%m/%d/%Y", "%m/%d/%Y", "%B %d, %Y"), what, number))


def _details(deal: Mapping[Any, Any], is_lease: bool, where: Addresses, place: int) -> Document:
    """The sections of a deal's loop, whose values are all texts; what is empty is left out."""
    number = deal["id"]
    street, _, name = str(where.street[place]).partition(" ")
    price = _money(deal["price_cents"], "price", number)
    rate = max(deal["buy_rate"], deal["sell_rate"])
    sections = {
        "Property Address": {
            "Country": "USA",
            "Street Number": street,
            "Street Name": name,
            "City": where.city[place],
            "State/Prov": where.state[place],
            "Zip/Postal Code": where.zipcode[place],
            "MLS Number": f"MLS{number}",
        },
        "Financials": {
            "Purchase/Sale Price": price,
            "Rent": price if is_lease else "",
            "Sale Commission Rate": f"{rate / 100:g}" if rate else "",
            "Sale Commission Total": _money(deal["gross_cents"], "total", number),
            "Sale Commission Split $ - Buy Side": _money(deal["buy_commission_cents"], "buy", number),
            "Sale Commission Split $ - Sell Side": _money(deal["sell_commission_cents"], "sell", number),
        },
        "Contract Dates": {
            "Contract Agreement Date": _day(deal["contract"], "contract", number),
            "Closing Date": _day(deal["closing_day"], "closing", number),
        },
        "Contract Info": {"Transaction Number": f"DL-{number}", "Type": str(deal["type"])},
        "Listing Information": {
            "Listing Date": _day(deal["listed"], "listed", number),
            "Original Price": _money(deal["asked_cents"], "asked", number),
        },
        "Referral": {"Referral %": "25" if deal["referral_agent_id"] else ""},
        "Broker's questions": {"Is the $ deposit held in trust? (#4b)": _drawn(("yes", "no", ""), "trust", number)},
    }
    filled = {name: {label: text for label, text in section.items() if text} for name, section in sections.items()}
    return {name: section for name, section in filled.items() if section}
