"""Follow Up Boss's documents about accounts and the people in them, and who may read them.

Belongs here: which field of identity, users, people, stages, pipelines and groups holds what, in the contract's
spelling. Does not belong here: what is done with the people (`connectors/follow_up_boss/activity_documents.py`), how a
kind of value is written (`connectors/follow_up_boss/values.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from connectors.document_store import Record
from connectors.follow_up_boss.activity_documents import activity, deal_status
from connectors.follow_up_boss.values import (
    FORMER,
    Column,
    Lots,
    as_records,
    digits,
    documents,
    epochs,
    iso,
    looked_up,
    names,
    null_if,
    only,
)
from connectors.sandbox.chance import uuids
from connectors.sandbox.crm import FIRST_STAGE, STAGES, Crm
from connectors.sandbox.crm_activity import PIPELINES, SOURCES, deal_stage_names
from connectors.sandbox.world import World
from connectors.v1.people_values import full_names, phones
from connectors.v1.quirks import plain

KEYS = "keys"
"""API keys: id = key, document = whose it is."""

_COLORS = ("#819cff", "#ffb400", "#8bd346", "#ff6b6b", "#00b3a4")
_TAGS = ("Luxury", "Referral", "First Time Buyer", "Investor", "Relocation", "New Construction")
_ZONES = ("America/Chicago", "America/Chicago", "America/New_York", "America/Denver")
_FIRST_LEFT = 900


def records(world: World) -> Iterator[Record]:
    """Everything Follow Up Boss knows of a world."""
    crm = world.live.crm
    return chain(
        _accounts(crm),
        as_records("users", crm.users, documents(_users(crm))),
        _stages(crm),
        _pipelines(crm),
        _groups(crm),
        as_records("people", crm.people, documents(_people(crm)), ord=epochs(crm.people["created"])),
        activity(crm),
    )


def _accounts(crm: Crm) -> Iterator[Record]:
    owners = crm.users[crm.users["is_owner"]].set_index("account_id").loc[crm.accounts["id"]]
    rows = zip(
        crm.accounts.to_dict("records"),
        plain(owners["number"]),
        full_names(owners),
        plain(owners["email"]),
        uuids("crm account", plain(crm.accounts["id"])),
        strict=True,
    )
    for account, number, name, email, uuid in rows:
        document = {
            "account": {
                "id": account["number"],
                "domain": account["host"],
                "name": f"{name} Homes",
                "owner": {"name": name, "email": email},
            },
            "user": {
                "id": number,
                "name": name,
                "email": email,
                "fuid": f"fau_{uuid[:12]}",
                "role": "Broker",
                "isOwner": True,
                "isAdmin": True,
                "isLender": False,
            },
        }
        yield Record(KEYS, "", f"fka_sandbox_{account['number']}", {"account": str(account["id"])})
        yield Record("identity", str(account["id"]), str(account["number"]), document)


def _users(crm: Crm) -> dict[str, Column]:
    rows = crm.users
    lots = Lots("user", rows)
    emails = plain(rows["email"])
    shouting = lots.one_in("casing", 10).tolist()
    groups = zip(
        plain(looked_up(crm.groups, rows["group_id"], "number")),
        plain(looked_up(crm.groups, rows["group_id"], "name")),
        strict=True,
    )
    in_team = (rows["team_id"] > 0).tolist()
    is_owner, role = rows["is_owner"].to_numpy(), rows["role"].to_numpy()
    picture = {"original": "https://www.example.com/crm/user.png", "60x60": "https://www.example.com/crm/user60.png"}
    numbers = plain(rows["number"])
    return {
        "id": numbers,
        "created": iso(rows["created"]),
        "updated": iso(rows["updated"]),
        "name": full_names(rows),
        "firstName": plain(rows["first_name"]),
        "lastName": plain(rows["last_name"]),
        "email": [one.upper() if loud else one for one, loud in zip(emails, shouting, strict=True)],
        "phone": only(phones(rows["phone"]), ~lots.one_in("no phone", 10), ""),
        "role": plain(role),
        "status": plain(rows["status"]),
        "timezone": lots.one_of("zone", _ZONES),
        "isOwner": plain(is_owner),
        "beta": plain(lots.one_in("beta", 20)),
        "picture": only([picture] * len(rows), lots.one_in("picture", 3)),
        "pauseLeadDistribution": plain(lots.one_in("paused", 12)),
        "lastSeenIos": only(iso(rows["updated"]), lots.one_in("ios", 3)),
        "lastSeenAndroid": only(iso(rows["updated"]), lots.one_in("android", 6)),
        "lastSeenFub2": only(iso(rows["updated"]), ~lots.one_in("never seen", 8)),
        "canExport": plain(role == "Broker"),
        "canCreateApiKeys": plain(is_owner),
        "acceptedShowingtimeConsent": [False] * len(rows),
        "acceptedShowingtimeConsentV2": [False] * len(rows),
        "fuid": [f"fau_{uuid[:12]}" for uuid in uuids("crm user", plain(rows["id"]))],
        "groups": [[] if number is None else [{"id": number, "name": name}] for number, name in groups],
        "teamIds": [[1] if one else [] for one in in_team],
        "teamLeaderOf": [[1] if one and owns else [] for one, owns in zip(in_team, plain(is_owner), strict=True)],
        "leadEmailAddress": [f"leads{number}@example.com" for number in numbers],
        "mlsMemberships": [[] for _ in numbers],
    }


def _stages(crm: Crm) -> Iterator[Record]:
    """All stages of each account: V1 has fetched some of them."""
    counts = crm.people.groupby(["account_id", "stage_number"]).size().to_dict()
    for account in plain(crm.accounts["id"]):
        for place, name in enumerate(STAGES):
            number = FIRST_STAGE + place
            document = {
                "id": number,
                "name": name,
                "orderWeight": (place + 1) * 1_000,
                "isProtected": place in {0, len(STAGES) - 1},
                "pipelineId": None,
                "description": "",
                "systems": [{"id": 1, "name": "Website", "externalLabel": name, "externalIcon": None}]
                if not place
                else [],
                "peopleCount": counts.get((account, number), 0),
            }
            yield Record("stages", str(account), str(number), document, number)


def _pipelines(crm: Crm) -> Iterator[Record]:
    for account in plain(crm.accounts["id"]):
        for number, name in enumerate(PIPELINES, start=1):
            stages = plain(deal_stage_names(np.full(len(_COLORS), number), np.arange(len(_COLORS))))
            steps = [
                {
                    "id": number * 10 + place,
                    "name": stage,
                    "color": _COLORS[place],
                    "description": "",
                    "orderWeight": (place + 1) * 1_000,
                    "closedStage": place == len(stages) - 1,
                }
                for place, stage in enumerate(stages)
            ]
            document = {"id": number, "name": name, "description": "", "orderWeight": number * 1_000, "stages": steps}
            yield Record("pipelines", str(account), str(number), document, number)


def _groups(crm: Crm) -> Iterator[Record]:
    users = crm.users.assign(name=full_names(crm.users))
    members = dict(iter(users.groupby("group_id")))
    owners = users[users["is_owner"]].set_index("account_id")["number"].to_dict()
    for row in crm.groups.to_dict("records"):
        inside = members.get(row["id"], users.iloc[:0])
        is_first = row["distribution"] == "first-to-claim"
        document = {
            "id": row["number"],
            "name": row["name"],
            "type": row["type"],
            "distribution": row["distribution"],
            "defaultUserId": int(owners[row["account_id"]]),
            "defaultPondId": None,
            "defaultGroupId": None,
            "claimWindow": 300 if is_first else 0,
            "hideName": 0,
            "hideSource": int(is_first),
            "nextRoundRobinUser": None if is_first or inside.empty else int(inside["number"].iloc[0]),
            "isPrimary": row["primary"],
            "users": [
                {
                    "id": one["number"],
                    "name": one["name"],
                    "firstName": one["first_name"],
                    "lastName": one["last_name"],
                    "role": one["role"],
                    "picture": None,
                    "pauseLeadDistribution": False,
                }
                for one in inside.to_dict("records")
            ],
        }
        yield Record("groups", str(row["account_id"]), str(row["number"]), document, row["number"])


def _contact(rows: pd.DataFrame, lots: Lots) -> dict[str, Column]:
    """Addresses and numbers; some people have none, and some a second one that comes first."""
    spare = [f"second{number}p@example.com" for number in plain(rows["id"])]
    emails = plain(rows["email"])
    for row in np.flatnonzero(lots.one_in("casing", 25)).tolist():
        emails[row] = emails[row].upper()
    numbers, others = phones(rows["phone"]), phones((rows["phone"] + 7) % 100)
    homes = [
        [{"type": "home", "street": f"{n} Example Street", "city": "Springfield", "state": "IL", "code": "00000",
          "country": "US"}]
        for n in plain(rows["id"] % 1_000)
    ]  # fmt: skip
    return {
        "emails": _entries(lots, "email", zip(emails, spare, strict=True), ("home", "work")),
        "phones": [
            [{**one, "normalized": digits([one["value"]])[0]} for one in entries]
            for entries in _entries(lots, "phone", zip(numbers, others, strict=True), ("mobile", "work"))
        ],
        "addresses": only(homes, lots.one_in("address", 5), []),
    }


def _entries(lots: Lots, what: str, values: Any, kinds: tuple[str, str]) -> list[list[dict[str, Any]]]:
    made = []
    for (value, other), number in zip(values, lots.numbers(what, 12).tolist(), strict=True):
        main = {"value": value, "type": kinds[0], "status": "Valid", "isPrimary": 1}
        second = {"value": other, "type": kinds[1], "status": "Not Validated", "isPrimary": 0}
        made.append([] if number == 0 else [second, main] if number == 1 else [main])
    return made


def _first_deal(crm: Crm, rows: pd.DataFrame) -> dict[str, Column]:
    """The person's first deal, repeated; most have none."""
    first = crm.deals.drop_duplicates("person_id").set_index("person_id")
    deals = first.assign(status=deal_status(first)).reindex(rows["id"])
    has = deals["number"].notna()
    return {
        "dealStatus": only(deals["status"], has),
        "dealStage": only(deals["stage_name"], has),
        "dealName": only(deals["name"], has),
        "dealCloseDate": [text and text[:10] for text in iso(deals["projected_close"])],
        "dealPrice": only(deals["price"].fillna(0).astype(np.int64), has),
    }


def _people(crm: Crm) -> dict[str, Column]:
    rows = crm.people
    lots = Lots("person", rows)
    user = plain(looked_up(crm.users, rows["fub_user_id"], "number"))
    left = rows["user_missing"].tolist()
    former = (_FIRST_LEFT + lots.numbers("former", 5)).tolist()
    assigned = [gone if missing else one for one, gone, missing in zip(user, former, left, strict=True)]
    assigned_to = names(crm.users, rows["fub_user_id"])
    assigned_to = [FORMER if missing else one for one, missing in zip(assigned_to, left, strict=True)]
    numbers, claimed = plain(rows["number"]), plain(rows["claimed"])
    nobody = [None] * len(rows)
    source = plain(rows["source"])
    tags = [[_TAGS[n % 6], _TAGS[(n + 1) % 6]][: n % 2 + 1] if n < 12 else [] for n in lots.numbers("tags", 30)]
    budget = [str(price) if price else None for price in plain(rows["price"])]
    social = {"twitter": None, "linkedIn": "https://www.example.com/in/somebody"}
    collaborators = zip(assigned, assigned_to, left, strict=True)
    return {
        "id": numbers,
        "created": iso(rows["created"]),
        "updated": iso(rows["updated"]),
        "createdVia": plain(rows["created_via"].astype(object)),
        "lastActivity": iso(rows["last_activity"]),
        "name": full_names(rows),
        "firstName": plain(rows["first_name"].astype(object)),
        "lastName": plain(rows["last_name"].astype(object)),
        "stage": [STAGES[place] for place in plain(rows["stage"])],
        "stageId": plain(rows["stage_number"]),
        "type": null_if(rows["type"].astype(object), ""),
        "source": [one or "<unspecified>" for one in source],
        "sourceId": [SOURCES.index(one) + 1 if one else None for one in source],
        "sourceUrl": only([f"https://www.example.com/lead/{n}" for n in numbers], lots.one_in("url", 3), ""),
        "leadFlowId": only([1] * len(rows), lots.one_in("flow", 4)),
        "delayed": [False] * len(rows),
        "contacted": (rows["contacted"] > 0).astype(int).tolist(),
        "price": null_if(rows["price"], 0),
        "assignedLenderId": nobody,
        "assignedLenderName": nobody,
        "assignedUserId": assigned,
        "assignedPondId": [None if one else 7 for one in assigned],
        "assignedTo": assigned_to,
        "tags": tags,
        "background": lots.one_of("background", (None, None, None, "", "Met at an open house 🏡", "Prefers e-mail")),
        **_contact(rows, lots),
        "picture": only([{"60x60": "https://www.example.com/p.png"}] * len(rows), lots.one_in("picture", 9)),
        "socialData": only([social] * len(rows), lots.one_in("social", 20)),
        "websiteVisits": plain(rows["visits"]),
        "timeframeId": nobody,
        "timeframeUpdated": nobody,
        "timeframeStatus": nobody,
        "timeframeDateRange": nobody,
        "claimed": claimed,
        **_first_deal(crm, rows),
        "firstToClaimOffer": [not (one or taken) for one, taken in zip(assigned, claimed, strict=True)],
        "collaborators": [
            [{"id": one, "name": name, "assigned": True, "role": "Agent"}] if one and not missing else []
            for one, name, missing in collaborators
        ],
        "teamLeaders": [[] for _ in numbers],
        "pondMembers": [[] for _ in numbers],
        "customBudget": budget,
        "customAnniversary": lots.one_of("anniversary", (None, None, None, "2019-06-15", "2022-02-28")),
    }
