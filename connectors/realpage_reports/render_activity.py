"""The Activity report's file (3837): HTML under the name of a workbook, a table for the head and one a section.

Belongs here: that report's layout, and RealPage's words for what people did. Does not belong here: what they did
(`connectors/sandbox/properties/`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd

from connectors.realpage_reports.render_page import day, parameters, printed_at
from connectors.sandbox.properties import PropertyWorld

TYPES = {
    "email": "E-mail",
    "call": "Phone call",
    "web": "Internet",
    "text": "Text message",
    "chat": "Text Conversation",
    "walk_in": "Event",
    "other": "Event",
    "appointment": "Event",
    "quote": "Quote",
    "visit": "Visit",
    "return_visit": "Visit (return)",
    "self_tour": "Self-guided - Tour",
    "video_tour": "Videotelephony - Tour",
    "recorded_tour": "Pre-recorded - Tour",
    "application": "Online Leasing Agreement",
    "reapply": "Online Leasing Agreement",
    "lease_sign": "Leased",
}
"""What each kind of event is called; kinds without a word are not in the report."""

_SYSTEM = {
    "application": ("Online Leasing pre-qualify", "Identity Verification", "Online Leasing Payment"),
    "lease_sign": ("Online Leasing reservation",),
}
"""What RealPage's own system notes besides."""

_ACTIVITY = ("Bldg/Unit", "Name", "Address/City/State/ZIP", "Type", "Date", "Leasing Consultant", "Notes")
_FOLLOW_UP = ("Priority", "Date/Time", "Leasing Consultant", "Notes")
_NOTES = (
    "Called back; prefers a ground floor.",
    "Asked about parking & pets.",
    "",
    "Sent the price list.",
    "Left a message.",
)


def render(site: PropertyWorld, told: Mapping[str, Any]) -> bytes:
    """Print the report."""
    one = site.properties.iloc[0]
    as_of = one["property_date"]
    asked = {"Start date": told["startdate"], "End date": told["enddate"], "Occupancy status": told["OccStatus"]}
    asked |= {"Include followup": told["IncludeFollowup"], "Include system": told["IncludeSystem"]}
    head = _table(
        [
            ("OneSite Prospect Management v3.0", f"{one['company']} - {one['name']}", "Page 1 of 1"),
            (printed_at(as_of), "ACTIVITY REPORT", "mgt-532-004"),
            ("", f"As of {day(as_of)}", ""),
            (parameters(asked), "", ""),
        ]
    )
    events = reported(site, told)
    sections = [_section("Activity", _ACTIVITY, _activities(events))]
    if told["IncludeFollowup"] == "Yes":
        sections.append(_section("Follow-Up Activity", _FOLLOW_UP, _follow_ups(events)))
    body = "".join([head, *sections])
    return f"<html><head><title>Activity Report</title></head><body>{body}</body></html>".encode()


def reported(site: PropertyWorld, told: Mapping[str, Any]) -> pd.DataFrame:
    """What happened in the range, with who it was; the system's own notes are separate rows."""
    begin, end = (pd.to_datetime(told[name], format="%m/%d/%Y") for name in ("startdate", "enddate"))
    events = site.prospect_events
    events = events[
        (events["at"] >= begin) & (events["at"] < end + pd.Timedelta(days=1)) & events["kind"].isin(list(TYPES))
    ]
    events = events.assign(type=events["kind"].map(TYPES))
    if told["IncludeSystem"] == "Yes":
        more = [events[events["kind"] == kind].assign(type=type_) for kind, types in _SYSTEM.items() for type_ in types]
        events = pd.concat([events, *more])
    people = site.prospects.set_index("prospect_id")
    people = people[["first", "last", "street", "city", "state", "zip", "target_move_in_on"]]
    return events.join(people, on="prospect_id").sort_values(["at", "event_id"], kind="stable")


def _activities(events: pd.DataFrame) -> Iterator[Sequence[Any]]:
    columns = ["first", "last", "street", "city", "state", "zip", "type", "at", "agent", "event_id"]
    for first, last, street, city, state, zip_, type_, at, agent, number in events[columns].itertuples(index=False):
        name = f"{last}, {first}"
        note = _NOTES[number % len(_NOTES)]
        address = f"{street} {city}, {state} {zip_}" if street else ""
        yield "", name, address, type_, at.strftime("%m/%d/%Y"), agent, note


def _follow_ups(events: pd.DataFrame) -> Iterator[Sequence[Any]]:
    due = events[events["kind"].isin(["visit", "call"]) & (events["event_id"] % 3 == 0)]
    for at, agent in due[["at", "agent"]].itertuples(index=False):
        following = at + pd.Timedelta(days=2)
        yield "High", following.strftime("%m/%d/%Y %I:%M %p"), agent, "Call again."


def _section(title: str, labels: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    head = "".join(f"<th>{escape(label)}</th>" for label in labels)
    named = f"<tr><td colspan='{len(labels)}'><b>{title}</b></td></tr>"
    return f"<table border='1'>{named}<tr>{head}</tr>{_rows(rows)}</table>"


def _table(rows: Iterable[Sequence[Any]]) -> str:
    return f"<table>{_rows(rows)}</table>"


def _rows(rows: Iterable[Sequence[Any]]) -> str:
    return "".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
