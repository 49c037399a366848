"""Prospects as Yardi's guest card writes them: who they are, what they want, every event with them.

Belongs here: GetYardiGuestActivity. Does not belong here: units, residents, charges (`connectors/yardi/documents.py`).

Of a prospect `ord` is the first event and `changed` the last one, in epoch seconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import pandas as pd

from connectors.sandbox.properties import PropertyWorld
from connectors.soap_stand_in import dicts, tag, wrap

EVENTS = {
    "email": ("Email",),
    "call": ("CallFromProspect",),
    "web": ("Webservice",),
    "text": ("Text",),
    "chat": ("Chat",),
    "walk_in": ("WalkIn",),
    "other": ("Other",),
    "appointment": ("Appointment",),
    "quote": ("Other",),
    "visit": ("Show",),
    "return_visit": ("ReturnVisit", "Show"),
    "self_tour": ("Show",),
    "video_tour": ("Show",),
    "recorded_tour": ("Show",),
    "application": ("Application",),
    "reapply": ("ReApply",),
    "approve": ("Approve",),
    "deny": ("ApplicationDenied",),
    "cancel": ("CancelApplication",),
    "lease_sign": ("LeaseSign",),
    "move_in": ("MoveIn",),
    "notice": ("Notice",),
    "cancel_notice": ("CancelNotice",),
    "renew": ("Renew",),
    "transfer": ("Transfer",),
    "month_to_month": ("MonthToMonth",),
    "move_out": ("MoveOut",),
}
"""What each happening of the world is called; a return visit is told twice."""

_EPOCH = pd.Timestamp(0)


def prospects(world: PropertyWorld) -> Iterable[tuple[str, float, float, str]]:
    """Every prospect with all events, the first customer being the lead."""
    households = {one["household_id"]: one for one in dicts(world.households)}
    roommates = {one["household_id"]: one for one in dicts(world.members) if not one["is_head"]}
    by_prospect: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for event in dicts(world.prospect_events.sort_values(["prospect_id", "at", "event_id"])):
        by_prospect[event["prospect_id"]].append(event)
    plans = dict(zip(world.plans["plan_id"], world.plans["name"], strict=True))
    units = dict(zip(world.units["unit_id"], world.units["yardi_code"], strict=True))
    for row in dicts(world.prospects):
        told = by_prospect[row["prospect_id"]]
        if not told:
            continue
        customers = [_customer(row, households.get(row["household_id"]))]
        if row["household_id"] in roommates:
            customers.append(_roommate(roommates[row["household_id"]], row["prospect_code"]))
        inner = (
            wrap("Customers", *customers),
            _preferences(row, plans.get(row["plan_id"], ""), units.get(row["unit_id"], "")),
            wrap("Events", *(text for event in told for text in _events(event))),
        )
        first, last = ((event["at"] - _EPOCH).total_seconds() for event in (told[0], told[-1]))
        yield "", first, last, wrap("Prospect", *inner)


def _identification(kind: str, value: Any) -> str:
    return tag("Identification", IDType=kind, IDValue=value, OrganizationName="Yardi")


def _day(day: Any, none: str = "") -> str:
    return none if day is pd.NaT else day.date().isoformat()


def _customer(row: dict[str, Any], household: Any) -> str:
    ids = [_identification("ProspectID", row["prospect_code"])]
    lease = ""
    if household is not None:
        ids.append(_identification("TenantID", household["tenant_code"]))
        lease = wrap(
            "Lease",
            tag("ExpectedMoveInDate", _day(household["scheduled_move_in_on"], "0001-01-01")),
            tag("ActualMoveIn", _day(household["move_in_on"], "0001-01-01")),
            tag("ResponsibleForLease", "true"),
        )
    ids += [_identification("ThirdPartyID", ""), _identification("NoMiddleName", "true")]
    name = wrap("Name", tag("FirstName", row["first"]), tag("LastName", row["last"]))
    address = wrap(
        "Address",
        tag("AddressLine1", row["street"]),
        tag("City", row["city"]),
        tag("State", row["state"]),
        tag("PostalCode", row["zip"]),
        AddressType="current",
    )
    phone = wrap("Phone", tag("PhoneNumber", row["phone"]), PhoneType="cell") if row["phone"] else ""
    return wrap("Customer", *ids, name, address, phone, tag("Email", row["email"]), lease, Type=row["status"])


def _roommate(member: Any, prospect_code: str) -> str:
    name = wrap("Name", tag("FirstName", member["first"]), tag("LastName", member["last"]))
    return wrap("Customer", _identification("ProspectID", f"{prospect_code}r"), name, Type="roommate")


def _preferences(row: dict[str, Any], plan: str, unit: str) -> str:
    rent, rooms = row["desired_rent_cents"], row["desired_bedrooms"]
    return wrap(
        "CustomerPreferences",
        tag("TargetMoveInDate", _day(row["target_move_in_on"], "0001-01-01")),
        tag("DesiredFloorplan", plan),
        wrap("DesiredUnit", tag("MarketingName", unit)) if unit else "",
        tag("DesiredRent", Exact=f"{rent / 100:.2f}") if rent else tag("DesiredRent"),
        tag("DesiredNumBedrooms", Exact=rooms),
        tag("Comment", row["comment"]),
    )


def _events(event: dict[str, Any]) -> Iterable[str]:
    at = event["at"].isoformat() + (".0" if event["event_id"] % 2 else "")
    first, _, last = event["agent"].partition(" ")
    for number, kind in enumerate(EVENTS[event["kind"]]):
        inner = (
            tag("EventID", IDValue=event["event_id"] * 10 + number, IDType="EventID"),
            wrap("Agent", wrap("AgentName", tag("FirstName", first), tag("LastName", last))) if first else "",
            tag("EventReasons", event["reason"]),
            tag("FirstContact", "true" if event["is_first_contact"] and not number else "false"),
            tag("Comments", "Asked about parking and pets."),
            wrap("Quotes", wrap("Quote", tag("QuotedRent", Exact=f"{event['quoted_cents'] / 100:.6f}")))
            if event["quoted_cents"]
            else "",
            tag("TransactionSource", event["source"]) if event["source"] else "",
        )
        yield wrap("Event", *inner, EventType=kind, EventDate=at)
