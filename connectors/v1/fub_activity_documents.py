"""V1's documents about what is done in the CRM: deals, calls, events, appointments, text messages.

Belongs here: which key holds what, with V1's own spelling, which differs from table to table. Does not belong here:
how a kind of value is written (`connectors/v1/quirks.py`, `connectors/v1/fub_values.py`) and what is true
(`connectors/sandbox/crm_activity.py`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import Array, Bools
from connectors.sandbox.crm_activity import PIPELINES
from connectors.sandbox.world import World
from connectors.v1.fub_values import (
    OLD_RECORD,
    account_keys,
    composite,
    fetched,
    links,
    logins,
    looked_up,
    names,
    nullable,
    stamps,
    texts,
)
from connectors.v1.people_values import ABBREVIATIONS, phones
from connectors.v1.quirks import MISSING, Column, Quirks, one_or_the_other, plain


def _numbers(frame: pd.DataFrame, ids: Any) -> Array:
    """Look the CRM's own numbers up, 0 for none."""
    return looked_up(frame, ids, "number")


def _named(frame: pd.DataFrame, *ids: Any) -> Column:
    """Lists of number and name for the rows of one or more columns of ids."""
    columns = [zip(_numbers(frame, some).tolist(), names(frame, some), strict=True) for some in ids]
    return [[{"id": number, "name": name} for number, name in row if number] for row in zip(*columns, strict=True)]


def fub_deals(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 154."""
    crm = world.crm
    person, second = rows["person_id"], rows["second_person_id"]
    user, colleague = rows["fub_user_id"], rows["second_fub_user_id"]
    login = logins(world, user)
    owner = looked_up(crm.accounts, rows["account_id"], "user_id")
    team = looked_up(crm.users, user, "team_id")
    seen_at = fetched(world, q, rows, "created")
    days = (rows["entered_stage"] - rows["created"]).dt.days.to_numpy()
    no_people, no_users = q.happens(0.1), q.happens(0.1)
    absent = q.one_of([None, MISSING], [1, 1])
    columns = {
        "created_at": stamps(seen_at),
        "ad_updated_at": stamps(q.until_end(seen_at)),
        "ad_deal_id": composite(world, q, rows),
        "fub_deal_id": q.numbers(rows["number"]),
        "deal_id": links(q, np.where(q.happens(0.3), 0, rows["number"])),
        **account_keys(world, q, rows),
        "deal_name": texts(q, rows["name"]),
        "type": q.numbers(np.zeros(q.rows)),
        "status": texts(q, rows["status"]),
        "price": q.numbers(rows["price"]),
        "description": q.one_of(["", "Wants a garden 🌳", 'Said "before June"'], [8, 1, 1]),
        "projected_close_date": stamps(rows["projected_close"]),
        "pipeline_id": q.numbers(rows["pipeline"]),
        "pipeline_name": texts(q, np.array(PIPELINES, dtype=object)[rows["pipeline"] - 1]),
        "stage_id": links(q, rows["stage"] + rows["pipeline"] * 10),
        "stage_name": texts(q, rows["stage_name"]),
        "entered_stage_at": stamps(rows["entered_stage"]),
        "commission_value": q.numbers(rows["commission_cents"] / 100),
        "agent_commission": q.numbers(rows["agent_cents"] / 100),
        "team_commission": q.numbers(rows["team_cents"] / 100),
        "time_to_close": q.numbers(np.where(rows["status"] == "Won", days, 0)),
        "primary_person_id": links(q, person),
        "secondary_person_id": links(q, second),
        "primary_fub_user_id": links(q, user),
        "secondary_fub_user_id": links(q, colleague),
        "ad_user_id": links(q, login),
        "ad_user_name": names(world.users, login),
        "ad_team_id": links(q, team),
        "ad_team_name": plain(looked_up(world.teams, team, "name", "")),
        "fub_account_user_id": links(q, owner),
        "fub_account_user_name": names(world.users, owner),
        "people": q.change(_named(crm.people, person, second), no_people, lambda _: None),
        "fub_users": q.change(_named(crm.users, user, colleague), no_users, lambda _: None),
        "fub_created_at": stamps(rows["created"]),
        "copied_to_normalized": q.one_of([True, False, None, "true", MISSING], [5, 2, 2, 1, 1]),
    }
    for row in np.flatnonzero(no_people).tolist():
        columns["people"][row] = absent[row]
    return columns


def fub_calls(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 117: old documents name the user under keys that later ones have no more."""
    crm = world.crm
    user, person = rows["fub_user_id"].to_numpy(), rows["person_id"].to_numpy()
    incoming = rows["incoming"].to_numpy()
    old: Bools = (rows["at"] < OLD_RECORD).to_numpy()
    login = logins(world, user)
    called = names(crm.people, person)
    people_name, name = one_or_the_other(q, 0.1, texts(q, called), list(called), "")
    theirs = np.array(phones(np.where(person > 0, looked_up(crm.people, person, "phone"), rows["id"] % 100)))
    ours = np.array(phones(looked_up(crm.users, user, "phone")))
    author = np.where(incoming, 0, rows["user_number"])
    recorded = (rows["duration"] > 30).to_numpy() & q.happens(0.3)
    columns = {
        "created_at": stamps(fetched(world, q, rows, "at")),
        "ad_updated_at": stamps(np.where(q.happens(0.2), np.datetime64("NaT"), fetched(world, q, rows, "updated"))),
        "fub_created_at": stamps(rows["at"]),
        "fub_updated_at": stamps(rows["updated"]),
        "ad_call_id": composite(world, q, rows),
        "call_id": q.numbers(rows["number"]),
        **account_keys(world, q, rows),
        "fub_users_id": links(q, np.where(old, 0, user)),
        "fub_users_id_deprecated": q.numbers(np.where(old | q.happens(0.05), user, 0)),
        "fub_user_id": links(q, rows["user_number"]),
        "fub_people_id": links(q, person),
        "person_id": links(q, _numbers(crm.people, person)),
        "user_id": links(q, np.where(old, 0, login)),
        "ad_user_id": links(q, np.where(old | q.happens(0.4), login, 0)),
        "user_name": q.change(names(crm.users, user), user == 0, lambda _: "Former Agent"),
        "people_name": people_name,
        "name": name,
        "phone": q.change(plain(theirs), q.happens(0.02), lambda _: ""),
        "from_number": plain(np.where(incoming, theirs, ours)),
        "to_number": plain(np.where(incoming, ours, theirs)),
        "is_incoming": q.flags(incoming),
        "direction": q.change(plain(np.where(incoming, "inbound", "outbound")), old, lambda _: None),
        "outcome": texts(q, rows["outcome"]),
        "duration": q.numbers(rows["duration"]),
        "note": texts(q, q.one_of(["", "Call back on Monday", "Rappeler après 17 h ☎"], [30, 2, 1])),
        "recording_url": q.change(q.label("https://www.example.com/rec/{}", rows["id"]), ~recorded, lambda _: ""),
        "user_missing": q.flags(rows["user_missing"]),
        "created_by_id": q.numbers(author),
        "updated_by_id": q.numbers(np.where(q.happens(0.5), 0, rows["user_number"])),
    }
    columns["user_missing"] = q.late(columns["user_missing"], old)
    return columns


def fub_events(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 156."""
    person = rows["person_id"].to_numpy()
    found = rows["property_number"].to_numpy()
    seen = found > 0
    streets = [f"{n * 13 % 990 + 1} Example Avenue" if n else "" for n in found.tolist()]
    codes = [f"{n * 37 % 100_000:05d}" if n else "" for n in found.tolist()]
    said = texts(q, q.one_of(["", "Is it still available?", "¿Cuándo puedo verla?"], [20, 3, 1]))
    return {
        "created_at": stamps(fetched(world, q, rows, "stored")),
        "last_updated_ad": stamps(np.where(q.happens(0.3), np.datetime64("NaT"), fetched(world, q, rows, "stored"))),
        "fub_created_at": stamps(rows["stored"]),
        "fub_updated_at": stamps(rows["stored"]),
        "occurred": stamps(rows["at"]),
        "ad_events_id": composite(world, q, rows),
        "fub_events_id": q.numbers(rows["number"]),
        **account_keys(world, q, rows, "fub_accounts_id"),
        "fub_people_id": links(q, person),
        "people_id": links(q, _numbers(world.crm.people, person)),
        "people_name": texts(q, names(world.crm.people, person)),
        "type": texts(q, rows["type"]),
        "source": texts(q, looked_up(world.crm.people, person, "source", "")),
        "message": q.change(said, (rows["type"] != "Inquiry").to_numpy(), lambda _: ""),
        "description": q.one_of(["", "From the mobile app"], [9, 1]),
        "property_id": q.numbers(found),
        "property_street": streets,
        "property_city": plain(rows["city"]),
        "property_state": plain(np.where(seen, ABBREVIATIONS[rows["place"]], "")),
        "property_zip": codes,
    }


def _invitees(world: World, rows: pd.DataFrame) -> Column:
    crm = world.crm
    user, person = rows["fub_user_id"], rows["person_id"]
    users = zip(_numbers(crm.users, user).tolist(), names(crm.users, user), strict=True)
    people = zip(_numbers(crm.people, person).tolist(), names(crm.people, person), strict=True)
    return [
        [
            {"userId": us, "personId": None, "name": our_name},
            *([{"userId": None, "personId": p, "name": n}] if p else []),
        ]
        for (us, our_name), (p, n) in zip(users, people, strict=True)
    ]


def fub_appointments(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 124: what is absent is null, also texts."""
    crm = world.crm
    user, author, person = rows["fub_user_id"], rows["author_id"], rows["person_id"]
    seen_at = fetched(world, q, rows, "set_at")
    old: Bools = (rows["set_at"] < OLD_RECORD).to_numpy()
    title = [
        f"{kind or 'Appointment'}: {name}"
        for kind, name in zip(plain(rows["type"]), names(crm.people, person), strict=True)
    ]
    place = q.label("{} Example Street", q.chance.integers(1, 900, q.rows), 0.7)
    linked = q.label("https://www.example.com/calendar/{}", rows["id"])
    return {
        "created_at": stamps(seen_at),
        "ad_created_at": stamps(np.where(old, np.datetime64("NaT"), seen_at)),
        "ad_updated_at": stamps(q.until_end(seen_at)),
        "fub_created_at": stamps(rows["set_at"]),
        "fub_updated_at": stamps(q.later(rows["set_at"])),
        "ad_appointment_id": nullable(composite(world, q, rows)),
        "appointment_id": [str(number) for number in plain(rows["number"])],
        "fub_account_id": links(q, rows["account_id"]),
        "fub_user_id": links(q, user),
        "fub_user_id_raw": links(q, _numbers(crm.users, user)),
        "created_by_fub_user_id": links(q, author),
        "created_by_id": links(q, _numbers(crm.users, author)),
        "created_by_name": nullable(names(crm.users, author)),
        "updated_by_id": links(q, np.where(q.happens(0.5), 0, _numbers(crm.users, user))),
        "updated_by_name": nullable(q.change(names(crm.users, user), q.happens(0.5), lambda _: "")),
        "invited_person_id": links(q, person),
        "invited_person_id_raw": links(q, _numbers(crm.people, person)),
        "user_id": links(q, logins(world, user)),
        "title": texts(q, title),
        "description": nullable(q.one_of(["", "Bring the keys", "Deux visites"], [8, 1, 1])),
        "type": nullable(rows["type"]),
        "outcome": nullable(q.cased(rows["outcome"])),
        "start": stamps(rows["start"]),
        "end": stamps(rows["end"]),
        "timezone": q.one_of(["America/Chicago", "America/New_York", "America/Denver", None], [7, 2, 1, 1]),
        "is_all_day": q.change(q.flags(rows["all_day"], unsaid=MISSING), q.happens(0.05), lambda _: None),
        "is_from_fub": q.change(q.flags(rows["from_fub"], unsaid=MISSING), q.happens(0.05), lambda _: None),
        "location": nullable(place),
        "invitees": q.change(_invitees(world, rows), q.happens(0.1), lambda _: None),
        "external_link": nullable(q.change(linked, rows["from_fub"].to_numpy(), lambda _: "")),
    }


def fub_text_messages(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 127: the only one that says `ad_updatedAt`."""
    crm = world.crm
    user, person = rows["fub_user_id"], rows["person_id"]
    incoming = rows["incoming"].to_numpy()
    theirs = np.array(phones(looked_up(crm.people, person, "phone")))
    ours = np.array(phones(looked_up(crm.users, user, "phone")))
    old: Bools = (rows["at"] < OLD_RECORD).to_numpy()
    return {
        "created_at": stamps(fetched(world, q, rows, "at")),
        "ad_updatedAt": stamps(fetched(world, q, rows, "updated")),
        "created_at_fub": stamps(rows["at"]),
        "updated_at_fub": stamps(rows["updated"]),
        "sent": stamps(np.where(old, np.datetime64("NaT"), rows["at"])),
        "ad_text_message_id": composite(world, q, rows),
        "text_message_id": [str(number) for number in plain(rows["number"])],
        "fub_account_id": links(q, rows["account_id"]),
        "fub_users_id": links(q, user),
        "user_id_fub": q.numbers(_numbers(crm.users, user)),
        "fub_people_id": links(q, person),
        "user_id": links(q, logins(world, user)),
        "name": texts(q, names(crm.people, person)),
        "user_name": texts(q, names(crm.users, user)),
        "status": texts(q, rows["status"]),
        "message": q.one_of(["Hello!", "On my way 🚗", "See you at 5", ""], [4, 2, 3, 1]),
        "from_number": plain(np.where(incoming, theirs, ours)),
        "to_number": plain(np.where(incoming, ours, theirs)),
        "is_incoming": q.flags(incoming),
        "archived": q.chance_flags(0.05),
        "read": q.chance_flags(0.8),
        "is_webhook": q.chance_flags(0.6),
        "participants": q.one_of([None, {"count": 2}], [4, 1]),
        "picture": q.one_of([None, {}, MISSING], [4, 1, 1]),
    }
