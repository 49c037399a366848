"""Follow Up Boss's documents about what is done with people: deals, calls, events, appointments, text messages.

Belongs here: which field holds what, in the contract's spelling. Does not belong here: how a kind of value is written
(`connectors/follow_up_boss/values.py`) and what is true (`connectors/sandbox/crm_activity.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from connectors.document_store import Record
from connectors.follow_up_boss.values import (
    FORMER,
    Column,
    Lots,
    amounts,
    as_records,
    documents,
    iso,
    looked_up,
    names,
    null_if,
    only,
)
from connectors.sandbox.crm import Crm
from connectors.sandbox.crm_activity import PIPELINES
from connectors.v1.people_values import ABBREVIATIONS, phones
from connectors.v1.quirks import plain

_SYSTEM = -1
"""Who did what nobody did."""

_STATUS = {"Won": "Active", "Lost": "Deleted"}
"""A closed deal stays Active, in a stage that closes; a lost one is deleted by those who lost it."""

_EVENT_TYPES = {"Property Viewed": "Viewed Property"}
"""What the world calls otherwise."""

_APPOINTMENT_TYPES = ("Showing", "Listing Appointment", "Buyer Consultation", "Call")
_OUTCOMES = ("Met", "Held", "Completed", "No Show", "Rescheduled", "Cancelled")
_ZONES = ("America/Chicago", "America/Chicago", "America/Chicago", "America/New_York", "America/Denver")
_MESSAGES = (
    "Hello!",
    "On my way 🚗",
    "See you at 5",
    "",
    "¿Podemos verla el sábado?",
    "Is the one with the garden still for sale?",
    'They said "maybe"',
    "Line one\nline two",
)


def activity(crm: Crm) -> Iterator[Record]:
    """Everything that was done with people."""
    return chain(
        as_records("deals", crm.deals, documents(_deals(crm))),
        as_records("calls", crm.calls, documents(_calls(crm)), parents=_parents(crm, crm.calls)),
        as_records("events", crm.events, documents(_events(crm)), parents=_parents(crm, crm.events)),
        as_records("appointments", crm.appointments, documents(_appointments(crm))),
        as_records("textMessages", crm.text_messages, documents(_texts(crm)), parents=_parents(crm, crm.text_messages)),
    )


def deal_status(deals: pd.DataFrame) -> Column:
    """What Follow Up Boss calls the state of deals."""
    return [_STATUS.get(one, one) for one in plain(deals["status"])]


def _person_numbers(crm: Crm, ids: Any) -> Column:
    return plain(looked_up(crm.people, ids, "number"))


def _parents(crm: Crm, rows: pd.DataFrame) -> Column:
    return [str(number or "") for number in _person_numbers(crm, rows["person_id"])]


def _named(frame: pd.DataFrame, picture: str, *ids: Any) -> list[list[dict[str, Any]]]:
    """Lists of number, name and picture for the rows of one or more columns of ids."""
    columns = [zip(plain(looked_up(frame, some, "number")), names(frame, some), strict=True) for some in ids]
    none = "" if picture == "avatar" else None
    return [
        [{"id": number, "name": name, picture: none} for number, name in row if number]
        for row in zip(*columns, strict=True)
    ]


def _deals(crm: Crm) -> dict[str, Column]:
    rows = crm.deals
    lots = Lots("deal", rows)
    days = (rows["entered_stage"] - rows["created"]).dt.days
    under_contract = rows["stage"] >= 3
    return {
        "id": plain(rows["number"]),
        "name": plain(rows["name"]),
        "type": [0] * len(rows),
        "status": deal_status(rows),
        "price": plain(rows["price"]),
        "createdAt": iso(rows["created"]),
        "orderWeight": plain(rows["number"] * 1_000),
        "description": lots.one_of("description", ("", "", "", "", "Wants a garden 🌳", 'Said "before June"')),
        "projectedCloseDate": iso(rows["projected_close"]),
        "pipelineId": plain(rows["pipeline"]),
        "pipelineName": [PIPELINES[one - 1] for one in plain(rows["pipeline"])],
        "stageId": plain(rows["pipeline"] * 10 + rows["stage"]),
        "stageName": plain(rows["stage_name"]),
        "enteredStageAt": iso(rows["entered_stage"]),
        "commissionValue": amounts(rows["commission_cents"]),
        "agentCommission": amounts(rows["agent_cents"]),
        "teamCommission": amounts(rows["team_cents"]),
        "timeToClose": plain(np.where(rows["status"] == "Won", days, 0)),
        "earnestMoneyDueDate": only(iso(rows["entered_stage"]), under_contract),
        "mutualAcceptanceDate": only(iso(rows["entered_stage"]), under_contract),
        "dueDiligenceDate": [None] * len(rows),
        "finalWalkThroughDate": [None] * len(rows),
        "possessionDate": only(iso(rows["projected_close"]), under_contract),
        "customCoopPercent": lots.one_of("coop", (None, "2.5", "3", "2.75")),
        "customEscrowOfficer": lots.one_of("escrow", (None, "", "Éva Example")),
        "people": _named(crm.people, "avatar", rows["person_id"], rows["second_person_id"]),
        "users": _named(crm.users, "picture", rows["fub_user_id"], rows["second_fub_user_id"]),
    }


def _user_names(crm: Crm, rows: pd.DataFrame) -> Column:
    return names(crm.users, rows["fub_user_id"], FORMER)


def _sides(crm: Crm, rows: pd.DataFrame) -> tuple[Column, Column, Column]:
    """Whose number it came from, where it went, and the person's; nobody knows a caller without a person."""
    phone = looked_up(crm.people, rows["person_id"], "phone")
    theirs = phones([n % 100 if known is None else known for known, n in zip(phone, plain(rows["id"]), strict=True)])
    ours = phones(looked_up(crm.users, rows["fub_user_id"], "phone", 0))
    came = plain(rows["incoming"])
    first = [a if incoming else b for a, b, incoming in zip(theirs, ours, came, strict=True)]
    second = [b if incoming else a for a, b, incoming in zip(theirs, ours, came, strict=True)]
    return first, second, theirs


def _calls(crm: Crm) -> dict[str, Column]:
    rows = crm.calls
    lots = Lots("call", rows)
    first_names = plain(looked_up(crm.people, rows["person_id"], "first_name", ""))
    last_names = plain(looked_up(crm.people, rows["person_id"], "last_name", ""))
    from_number, to_number, phone = _sides(crm, rows)
    author = plain(np.where(rows["incoming"], _SYSTEM, rows["user_number"]))
    is_recorded = (rows["duration"] > 30).to_numpy() & lots.one_in("recorded", 3)
    recording = [f"https://www.example.com/rec/{number}" for number in plain(rows["id"])]
    started = lots.one_in("started", 3)
    return {
        "id": plain(rows["number"]),
        "relationshipId": [0] * len(rows),
        "created": iso(rows["at"]),
        "updated": iso(rows["updated"]),
        "createdById": author,
        "updatedById": only(author, lots.one_in("edited", 2), _SYSTEM),
        "personId": _person_numbers(crm, rows["person_id"]),
        "name": names(crm.people, rows["person_id"]),
        "firstName": first_names,
        "lastName": last_names,
        "userId": plain(rows["user_number"]),
        "userName": _user_names(crm, rows),
        "phone": phone,
        "fromNumber": from_number,
        "toNumber": to_number,
        "forwardNumber": only(to_number, lots.one_in("forwarded", 30)),
        "note": lots.one_of("note", (*(None,) * 20, "", "Call back on Monday", "Rappeler après 17 h ☎")),
        "outcome": null_if(rows["outcome"], ""),
        "isIncoming": plain(rows["incoming"]),
        "duration": plain(rows["duration"]),
        "ringDuration": only(plain(lots.numbers("rang", 30)), started),
        "startedAt": only(iso(rows["at"]), started),
        "recordingUrl": only(recording, is_recorded),
        "sharedInboxId": lots.one_of("inbox", (0, 0, 0, 3)),
        "conferenceCallId": [None] * len(rows),
        "systemId": [None] * len(rows),
    }


def _property(numbers: Column, cities: Column, places: Column) -> Column:
    """Properties as V1 has them too, with what V1 left out."""
    return [
        {
            "id": n,
            "street": f"{n * 13 % 990 + 1} Example Avenue",
            "city": city,
            "state": ABBREVIATIONS[place],
            "code": f"{n * 37 % 100_000:05d}",
            "mlsNumber": f"M{n}",
            "price": str(200_000 + n * 977 % 900_000),
            "forRent": int(n % 17 == 0),
            "url": f"https://www.example.com/homes/{n}",
            "type": "",
            "bedrooms": str(n % 5 + 1),
            "bathrooms": f"{n % 3 + 1}.0",
            "area": None,
            "lot": None,
            "lat": 30 + n % 1_000 / 1_000,
            "lng": -97 - n % 700 / 1_000,
        }
        if n
        else None
        for n, city, place in zip(numbers, cities, places, strict=True)
    ]


def _events(crm: Crm) -> dict[str, Column]:
    rows = crm.events
    lots = Lots("event", rows)
    asked = (rows["type"] == "Inquiry").to_numpy()
    said = lots.one_of("message", ("", "", "Is it still available?", "¿Cuándo puedo verla?"))
    numbers = plain(rows["property_number"])
    seen = [f"https://www.example.com/page/{n}" for n in plain(lots.numbers("page", 500))]
    return {
        "id": plain(rows["number"]),
        "created": iso(rows["stored"]),
        "updated": iso(rows["updated"]),
        "occurred": iso(rows["at"]),
        "personId": _person_numbers(crm, rows["person_id"]),
        "type": [_EVENT_TYPES.get(one, one) for one in plain(rows["type"])],
        "source": plain(looked_up(crm.people, rows["person_id"], "source", "")),
        "message": only(said, asked, ""),
        "description": lots.one_of("description", (*("",) * 9, "From the mobile app")),
        "noteId": [None] * len(rows),
        "additional": [[] for _ in numbers],
        "pageTitle": only(["Homes, Example Realty"] * len(rows), lots.one_in("titled", 5)),
        "pageUrl": only(seen, (rows["type"] != "Registration").to_numpy(), ""),
        "pageDuration": plain(lots.numbers("stayed", 300)),
        "property": _property(numbers, plain(rows["city"]), plain(rows["place"])),
        "propertySearch": [None] * len(rows),
    }


def _invited(frame: pd.DataFrame, ids: Any, key: str, emails: Column) -> list[dict[str, Any] | None]:
    found = zip(plain(looked_up(frame, ids, "number")), names(frame, ids), emails, strict=True)
    empty = {"userId": None, "personId": None, "relationshipId": None}
    return [
        {**empty, key: number, "name": name, "email": email, "picture": None} if number else None
        for number, name, email in found
    ]


def _appointments(crm: Crm) -> dict[str, Column]:
    rows = crm.appointments
    lots = Lots("appointment", rows)
    person_emails = plain(looked_up(crm.people, rows["person_id"], "email", ""))
    user_emails = plain(looked_up(crm.users, rows["fub_user_id"], "email", ""))
    users = _invited(crm.users, rows["fub_user_id"], "userId", user_emails)
    people = _invited(crm.people, rows["person_id"], "personId", person_emails)
    kinds, outcomes = plain(rows["type"].astype(object)), plain(rows["outcome"])
    from_fub = rows["from_fub"].to_numpy()
    is_open = from_fub | ~lots.one_in("hidden", 15)
    titled = zip(kinds, names(crm.people, rows["person_id"]), strict=True)
    synced = [f"cal-{number}" for number in plain(rows["id"])]
    return {
        "id": plain(rows["number"]),
        "created": iso(rows["set_at"]),
        "updated": iso(rows["updated"]),
        "createdById": plain(looked_up(crm.users, rows["author_id"], "number", _SYSTEM)),
        "updatedById": only(
            plain(looked_up(crm.users, rows["fub_user_id"], "number", _SYSTEM)), lots.one_in("edited", 2), _SYSTEM
        ),
        "title": only([f"{kind or 'Appointment'}: {name}" for kind, name in titled], is_open, ""),
        "description": only(lots.one_of("told", (*("",) * 8, "Bring the keys", "Deux visites")), is_open, ""),
        "start": iso(rows["start"]),
        "end": iso(rows["end"]),
        "timezone": lots.one_of("zone", _ZONES),
        "allDay": plain(rows["all_day"]),
        "originFub": plain(from_fub),
        "location": only([f"{n + 1} Example Street" for n in lots.numbers("place", 900)], is_open, ""),
        "invitees": [[one for one in pair if one] for pair in zip(users, people, strict=True)],
        "typeId": [_APPOINTMENT_TYPES.index(one) + 1 if one else None for one in kinds],
        "type": null_if(kinds, ""),
        "outcomeId": [_OUTCOMES.index(one) + 1 if one else None for one in outcomes],
        "outcome": null_if(outcomes, ""),
        "isEditable": plain(from_fub),
        "isDeletable": plain(from_fub),
        "detailsVisible": plain(is_open),
        "externalCalendarId": only(synced, ~from_fub),
        "externalEventLink": only([f"https://www.example.com/calendar/{one}" for one in synced], ~from_fub),
    }


def _texts(crm: Crm) -> dict[str, Column]:
    rows = crm.text_messages
    lots = Lots("text message", rows)
    from_number, to_number, _ = _sides(crm, rows)
    incoming = plain(rows["incoming"])
    author = [_SYSTEM if came else number for came, number in zip(incoming, plain(rows["user_number"]), strict=True)]
    in_group = lots.one_in("group", 25)
    persons = _person_numbers(crm, rows["person_id"])
    others = [[{"personId": one, "phone": None}] for one in persons]
    is_external = lots.one_in("external", 20)
    return {
        "id": plain(rows["number"]),
        "created": iso(rows["at"]),
        "updated": iso(rows["updated"]),
        "sent": only(iso(rows["at"]), (rows["status"] != "Failed").to_numpy()),
        "createdById": author,
        "updatedById": [_SYSTEM] * len(rows),
        "userId": plain(rows["user_number"]),
        "userName": _user_names(crm, rows),
        "personId": persons,
        "name": names(crm.people, rows["person_id"]),
        "firstName": plain(looked_up(crm.people, rows["person_id"], "first_name", "")),
        "lastName": plain(looked_up(crm.people, rows["person_id"], "last_name", "")),
        "message": lots.one_of("message", _MESSAGES),
        "isIncoming": incoming,
        "fromNumber": from_number,
        "toNumber": to_number,
        "status": plain(rows["status"]),
        "read": plain(~lots.one_in("unread", 5)),
        "archived": plain(lots.one_in("archived", 20)),
        "isExternal": plain(is_external),
        "externalLabel": only(["Texting app"] * len(rows), is_external, ""),
        "externalUrl": only(["https://www.example.com/texts"] * len(rows), is_external, ""),
        "systemId": [None] * len(rows),
        "systemName": [None] * len(rows),
        "actionPlanId": [None] * len(rows),
        "sharedInboxId": [0] * len(rows),
        "groupTextId": only(plain(lots.numbers("group id", 900) + 1), in_group),
        "participants": only(others, in_group, []),
        "media": [[] for _ in persons],
        "picture": [[] for _ in persons],
    }
