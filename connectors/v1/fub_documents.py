"""V1's documents about the CRM and the people in it: accounts, users, stages, groups, sync jobs, people.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is written
(`connectors/v1/quirks.py`, `connectors/v1/fub_values.py`), what is done with the people
(`connectors/v1/fub_activity_documents.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import uuids
from connectors.sandbox.crm import STAGES
from connectors.sandbox.crm_activity import SOURCES
from connectors.sandbox.frames import present
from connectors.sandbox.world import World
from connectors.v1.fub_values import (
    NAMES_AGENT,
    NAMES_LOGIN,
    OLD_RECORD,
    account_keys,
    composite,
    connected,
    fetched,
    links,
    logins,
    looked_up,
    names,
    stamps,
    texts,
)
from connectors.v1.people_values import full_names, phones
from connectors.v1.quirks import MISSING, Column, Quirks, plain

_COUNTED = ("users", "people", "deals", "calls", "events", "appointments", "text_messages")
_TAGS = ("Luxury", "Referral", "First Time Buyer", "Investor", "Relocation", "New Construction")
_SYNCED = ("people", "events", "calls", "text_messages", "appointments", "deals")


def _counters(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """Rows here and at the CRM: mostly equal; where the last sync is some time ago, the CRM has more."""
    behind = q.happens(0.15) & (rows["id"] > 1).to_numpy()
    columns = {}
    for name in _COUNTED:
        here = np.bincount(present(getattr(world.crm, name))["account_id"], minlength=len(world.crm.accounts) + 1)[
            rows["id"]
        ]
        # Text messages were never fetched, so that only the CRM has them.
        there = here if name != "text_messages" else q.chance.integers(0, 5_000, q.rows)
        columns[f"{name}_ad"] = q.numbers(here)
        columns[f"{name}_fub"] = q.numbers(np.where(behind, there + q.chance.integers(1, 9, q.rows), there))
    return columns


def fub_accounts(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 121."""
    ids = plain(rows["id"])
    counted = {key: q.moments(q.until_end(rows["connected"])) for key in ("users", "people", "deal", "call")}
    return {
        "created_at": q.moments(rows["connected"]),
        "account_id_raw": [str(number) for number in plain(rows["number"])],
        "api_key": [f"fka_sandbox_{number}" for number in plain(rows["number"])],
        "active": q.flags(rows["active"]),
        "data_pull": q.flags(rows["data_pull"]),
        "credentials_id": q.ids(rows["id"] + 3_000),
        "fub_owner_id": q.ids(rows["owner_number"]),
        "fub_uid": [f"fau_{uid[:12]}" for uid in uuids("crm account", ids)],
        "host_name": q.texts(rows["host"]),
        "team_id": q.ids(rows["team_id"]),
        "user_id": q.ids(rows["user_id"]),
        "webhook_url": q.label("https://www.example.com/hooks/{}", rows["host"], 0.8),
        **{f"{key}_updated": moments for key, moments in counted.items()},
        **_counters(world, rows, q),
    }


def fub_users(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 78."""
    link = rows["link"].to_numpy()
    named = np.isin(link, NAMES_LOGIN)
    picture = q.one_of([{}, None, MISSING, {"original": "https://www.example.com/crm/user.png"}], [4, 2, 1, 3])
    return {
        "created_at": q.moments(connected(world, rows)),
        "created": q.moments(rows["created"]),
        "updated": q.moments(rows["updated"]),
        "fub_id": q.numbers(rows["number"]),
        "fub_account_id": q.ids(rows["account_id"]),
        "user_id": q.ids(np.where(named, rows["user_id"], 0)),
        "agent_id": q.ids(np.where(np.isin(link, NAMES_AGENT), rows["agent_id"], 0)),
        "team_id": q.ids(rows["team_id"]),
        "name": q.texts(full_names(rows)),
        "firstName": q.texts(rows["first_name"]),
        "lastName": q.texts(rows["last_name"]),
        "email": q.change(plain(rows["email"]), q.happens(0.1), str.upper),
        "phone": q.change(phones(rows["phone"]), q.happens(0.1), lambda _: ""),
        "role": q.texts(rows["role"]),
        "status": q.texts(rows["status"]),
        "isOwner": q.flags(rows["is_owner"]),
        "picture": picture,
    }


def fub_stages(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 119."""
    people = np.bincount(present(world.crm.people)["stage_id"], minlength=len(world.crm.stages) + 1)[rows["id"]]
    return {
        "created_at": q.moments(connected(world, rows)),
        "fub_account_id": q.ids(rows["account_id"]),
        "fub_id": q.numbers(rows["number"]),
        "name": plain(rows["name"]),
        "orderWeight": q.numbers(rows["order"]),
        "isProtected": q.flags(rows["protected"]),
        "peopleCount": q.numbers(people),
        "active": q.chance_flags(0.9),
    }


def fub_groups(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 123."""
    members = dict(iter(world.crm.users.groupby("group_id")["number"]))
    none = q.one_of([[], None, {}], [3, 1, 1])
    ids = plain(rows["id"])
    return {
        "created_at": q.moments(connected(world, rows)),
        "fub_account_id": q.ids(rows["account_id"]),
        "fub_id": q.numbers(rows["number"]),
        "name": plain(rows["name"]),
        "type": q.texts(rows["type"]),
        "distribution": q.texts(rows["distribution"]),
        "isPrimary": q.flags(rows["primary"]),
        "users": [plain(members[n]) if n in members else empty for n, empty in zip(ids, none, strict=True)],
    }


def fub_sync_jobs(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 187: how far each kind of record got is made up here."""
    started = rows["created"].to_numpy().astype("datetime64[s]")
    failed = q.happens(0.1)
    columns = {
        "created_at": q.moments(started),
        "fub_account_id": q.ids(rows["account_id"]),
        "user_id": q.ids(rows["user_id"]),
        "type": q.texts(rows["type"]),
        "active": q.flags(rows["active"]),
        "error_list": [
            [{"endpoint": "calls", "status": 429}] if bad else none
            for bad, none in zip(failed.tolist(), q.one_of([[], None, MISSING], [6, 2, 1]), strict=True)
        ],
    }
    never = np.datetime64("NaT")
    for kind in _SYNCED:
        state = np.array(q.one_of(["COMPLETED", "PENDING", "IN_PROGRESS"], [16, 2, 1]), dtype=object)
        state = np.where(failed & (kind == "calls"), "ERROR", state)
        finished = started + q.chance.integers(5, 2_400, q.rows).astype("m8[s]")
        prefix = "peoples" if kind == "people" else kind
        columns[f"{prefix}_status"] = q.texts(state)
        columns[f"{prefix}_last_started_at"] = q.moments(np.where(state == "PENDING", never, started))
        columns[f"{prefix}_last_finished_at"] = q.moments(
            np.where(np.isin(state, ("COMPLETED", "ERROR")), finished, never)
        )
        started = finished
    return columns


def _entries(q: Quirks, key: str, values: Column, kinds: tuple[str, str], second: Column) -> Column:
    """Lists of addresses or numbers, the main one marked; now and then a list has another one first."""
    marks = q.one_of([True, 1, "true"], [8, 1, 1])
    two = q.happens(0.1).tolist()

    def one(value: str, mark: Any, other: str, both: bool) -> list[dict[str, Any]]:
        main = {key: value, "type": kinds[0], "status": "Valid", "isPrimary": mark}
        return [{key: other, "type": kinds[1], "status": "Unknown", "isPrimary": False}, main] if both else [main]

    return [one(*row) for row in zip(values, marks, second, two, strict=True)]


def _contact(rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """Addresses and numbers; some people have none."""
    ids = plain(rows["id"])
    spare = [f"second{number}p@example.com" for number in ids]
    emails = _entries(q, "emailAddress", plain(rows["email"]), ("home", "work"), spare)
    shouting = q.happens(0.04)
    for row in np.flatnonzero(shouting).tolist():
        emails[row] = [entry | {"emailAddress": entry["emailAddress"].upper()} for entry in emails[row]]
    numbers = _entries(q, "value", phones(rows["phone"]), ("mobile", "work"), phones((rows["phone"] + 7) % 100))
    no_email, no_phone, no_address = q.happens(0.08), q.happens(0.15), q.happens(0.8)
    absent = q.one_of([None, MISSING], [2, 1])
    for row in np.flatnonzero(no_email).tolist():
        emails[row] = absent[row]
    homes = [[{"type": "home", "street": f"{n} Example Street", "city": "Springfield", "code": "00000"}] for n in ids]
    nowhere = q.one_of([[], None, MISSING], [6, 2, 1])
    return {
        "emails": emails,
        "phones": q.change(numbers, no_phone, lambda _: ""),
        "addresses": [none if no else home for home, none, no in zip(homes, nowhere, no_address, strict=True)],
    }


def _first_deal(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """The person's deal, repeated; most have none."""
    deals = world.crm.deals
    deal_of = np.zeros(len(world.crm.people) + 1, dtype=np.int64)
    deal_of[deals["person_id"]] = deals["id"]
    deal = deal_of[rows["id"]]
    closes = looked_up(deals, deal, "projected_close", np.datetime64("NaT")).astype("datetime64[D]")
    return {
        "deal_status": plain(looked_up(deals, deal, "status", "")),
        "deal_stage": plain(looked_up(deals, deal, "stage_name", "")),
        "deal_name": plain(looked_up(deals, deal, "name", "")),
        "deal_price": q.numbers(looked_up(deals, deal, "price")),
        "deal_close_date": [str(day) if number else None for day, number in zip(closes, deal.tolist(), strict=True)],
    }


def fub_people(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 118."""
    user, missing = rows["fub_user_id"].to_numpy(), rows["user_missing"].to_numpy()
    assigned = q.change(names(world.crm.users, user), missing, lambda _: "Former Agent")
    source = pd.Categorical(rows["source"], SOURCES).codes + 1
    host = plain(looked_up(world.crm.accounts, rows["account_id"], "host"))
    number = plain(rows["number"])
    seen_at = fetched(world, q, rows, "created")
    price = q.change(q.numbers(rows["price"]), q.happens(0.5), str)
    tags = [[_TAGS[n % 6], _TAGS[(n + 1) % 6]][: n % 2 + 1] for n in q.chance.integers(0, 36, q.rows).tolist()]
    untagged = q.one_of([[], None, MISSING], [6, 2, 1])
    no_tags = q.happens(0.6)
    columns = {
        "created_at": stamps(seen_at),
        "updated_at": stamps(np.maximum(rows["updated"].to_numpy(), seen_at)),
        "fub_created_at": stamps(rows["created"]),
        "fub_createdAt_formatted": stamps(rows["created"]),
        "fub_updated_at": stamps(rows["updated"]),
        "last_activity": stamps(rows["last_activity"]),
        "ad_people_id": composite(world, q, rows),
        "people_id": links(q, number),
        **account_keys(world, q, rows),
        "people_name": texts(q, full_names(rows)),
        "first_name": texts(q, rows["first_name"]),
        "last_name": texts(q, rows["last_name"]),
        **_contact(rows, q),
        "type": texts(q, rows["type"]),
        "stage_name": texts(q, np.array(STAGES, dtype=object)[rows["stage"]]),
        "stage_id": links(q, rows["stage_id"]),
        "fub_stage_id": links(q, rows["stage_number"]),
        "source_name": texts(q, rows["source"]),
        "source_id": q.numbers(source),
        "source_url": q.label("https://www.example.com/lead/{}", number, 0.4),
        "created_via": texts(q, rows["created_via"]),
        "price": q.change(price, (rows["price"] == 0).to_numpy(), lambda _: ""),
        **_first_deal(world, rows, q),
        "contacted": q.numbers(rows["contacted"]),
        "website_visits": q.numbers(rows["visits"]),
        "claimed": q.flags(rows["claimed"]),
        "url": [f"https://{name}.example.com/2/people/view/{n}" for name, n in zip(host, number, strict=True)],
        "tags": [none if no else some for some, none, no in zip(tags, untagged, no_tags.tolist(), strict=True)],
        "sms_fetched": q.chance_flags(0.1),
        "missing_user": q.flags(missing),
        "assigned_to_fub_id": links(q, user),
        "assigned_to_fub_name": assigned,
        "assigned_to_fub_account_user_id": links(q, logins(world, user)),
    }
    old = (rows["created"] < OLD_RECORD).to_numpy()
    for key in ("fub_createdAt_formatted", "sms_fetched", "addresses"):
        columns[key] = q.late(columns[key], old)
    return columns
