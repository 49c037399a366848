"""What Lofty knows of the made-up world: two teams, who is on them, and their leads.

Belongs here: the documents, with Lofty's own ways of writing a moment, a yes and a nothing. Does not belong here: the
protocol (`connectors/lofty/stand_in.py`).

A team belongs to a user with an agent, its members are agents. Leads are drawn one by one, so that one more leaves
the others as they are. A day brings a few new leads, some that are worked on, and one a team that goes to the trash.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from numpy.random import Generator

from connectors.document_store import Record
from connectors.sandbox import WORLD_DAY
from connectors.sandbox.chance import stream
from connectors.sandbox.names import CITIES, FIRST, LAST, SLUGS, STATES
from connectors.sandbox.world import SEED, World

Doc = dict[str, Any]

KEYS, LEADS, MEMBERS, ORGANISATIONS = "keys", "leads", "members", "organisations"
TRASH = "trash"
"""The parent of a lead in the trash."""

ACCOUNTS = ("north", "south")
SECRETS = {"north": ("api_key", "lofty-sandbox-north"), "south": ("access_token", "lofty-sandbox-south")}
"""What each account logs in with: one a user's key, one an application's token."""

_LEADS_OF_FIVE_USERS = 9  # 603 of 335
_FEWEST_LEADS = 12
_LEADS_A_MEMBER = 12
_CHOSEN_AMONG = 370  # agents there are in every world
_STAGES = ("New Lead", "Attempted", "Hot", "Warm", "Appointment Set", "Under Contract", "Closed", "Archived")
_SOURCES = ("Website", "Zillow", "Open House", "Réferral", "", "Facebook Ad")
_TAGS = ("open house", "VIP", "relocation", "cash 💵")
_FRAMES = ("1-3", "3-6", "6-12", "12+", "Just Looking", "Refinancing", "")
_KINDS = ("Single Family Home", "Condo", "Townhouse", "Multi-Family", "Vacant Land")
_TYPES: tuple[list[int], ...] = ([2], [1], [1, 2], [5], [-1], [6, 2], [], [7])


def records(world: World) -> Iterator[Record]:
    """Everything the stand-in holds on the world's day."""
    for place, account in enumerate(ACCOUNTS):
        team = _Team(world, place)
        leads = team.leads()
        owner = team.members[0]
        yield Record(
            KEYS, "", SECRETS[account][1], {"account": account, "form": SECRETS[account][0], "user": str(owner)}
        )
        yield Record(ORGANISATIONS, account, account, team.organisation())
        for number, agent in enumerate(team.members):
            yield Record(MEMBERS, account, str(agent), team.member(number, leads), ord=number)
        for lead, created in leads:
            bin_or_not = TRASH if lead["leadId"] in team.trashed else ""
            yield Record(LEADS, account, str(lead["leadId"]), lead, ord=created, parent=bin_or_not)


def user_number(agent_id: int) -> int:
    """Return Lofty's number of an agent as a user."""
    return 651_095_960_000_000 + agent_id


class _Team:
    def __init__(self, world: World, place: int) -> None:
        self.place = place
        self.team = 500_000_000_000_001 + place
        self.days = (world.today - WORLD_DAY).days
        count = max(len(world.users) * _LEADS_OF_FIVE_USERS // 5, _FEWEST_LEADS)
        self.leads_then = count // 2
        users = world.users[world.users["agent_id"] > 0].sort_values("id")
        self.owner = users.iloc[place]
        agents = [
            1 + (place * 37 + number * 101) % _CHOSEN_AMONG for number in range(2 + count // 2 // _LEADS_A_MEMBER)
        ]
        logins = set(world.users["agent_id"].tolist())
        self.members = [int(self.owner["agent_id"]), *dict.fromkeys(one for one in agents if one not in logins)]
        rows = world.agents[world.agents["id"].isin(self.members)].to_dict("records")
        known = {row["id"]: {str(name): value for name, value in row.items()} for row in rows}
        self.agents = [known[one] for one in self.members]
        self.trashed: set[int] = set()

    def organisation(self) -> Doc:
        """An office of an enterprise, or one of several teams: the type is a number, or a name."""
        if self.place:
            teams = {"multiTeamId": self.team, "multiTeamName": "Sunrise & Co."}
            return {"orgType": "MULTI_TEAM", "enterpriseInfo": None, "multiTeamInfo": teams}
        group = {"groupId": 41, "groupName": "North"}
        office = {**group, "profileId": 3, "profileName": "Owner", "visibleOrgInfoList": [{**group, "parentId": 0}]}
        return {"orgType": 1, "enterpriseInfo": office, "multiTeamInfo": None}

    def member(self, number: int, leads: list[tuple[Doc, int]]) -> Doc:
        """A member of the team; the first one owns it, and is the one who signs in."""
        agent = self.agents[number]
        is_owner = number == 0
        user = user_number(self.members[number])
        mine = [lead for lead, _ in leads if lead["assignedUserId"] == user and lead["leadId"] not in self.trashed]
        return {
            "id": 11 + self.place * 1_000_000 + self.members[number],
            "teamId": self.team,
            "invitorUserId": 0 if is_owner else user_number(self.members[0]),
            "memberUserId": user,
            "role": 1 if is_owner else 2,
            "roleName": "Owner" if is_owner else "Agent",
            "firstLetter": agent["first_name"][:1],
            "email": self.owner["email"] if is_owner else agent["email"],
            "firstName": agent["first_name"],
            "lastName": agent["last_name"],
            "phoneNumber": f"+155501{agent['phone']:05d}" if number % 4 else None,
            "status": 1,
            "accountStatus": "ACTIVE",
            "virtualNumber": "",
            "newLeadCount": sum(lead["stage"] == _STAGES[0] for lead in mine),
            "assignedLeadCount": len(mine),
            "isAdmin": is_owner,
            "agentInfo": {
                "licenseId": f"{STATES[agent['place']][0]}-{agent['id']}",
                "position": "",
                "companyName": "Headwater Realty",
                "companyAddress": None,
                "mlsAgentId": None,
                "agentPid": None,
            },
            "timeZoneId": "America/Chicago",
            "groupId": None if self.place else 41,
            "groupName": "" if self.place else "North",
            "group": None if self.place else _group(),
        }

    def leads(self) -> list[tuple[Doc, int]]:
        """All leads with the moment of each, as the days have left them; also says which are in the trash."""
        made = [self._lead(number, None) for number in range(self.leads_then)]
        few = 1 + self.leads_then // 100
        for day in range(self.days + 1):
            today = WORLD_DAY + timedelta(days=day)
            # Leads of a day are all there at its end: nothing is told of when within it they came.
            made += [self._lead(10_000_000 + day * 1_000 + number, today) for number in range(few)]
            if not day:
                continue
            for number in range(few):
                lead, _ = made[(day * 13 + number * 17 + 5) % self.leads_then]
                self._work_on(lead, today, day)
            self.trashed.add(made[(day * 11) % self.leads_then][0]["leadId"])
        return made

    def _work_on(self, lead: Doc, today: date, day: int) -> None:
        stage = (_STAGES.index(lead["stage"]) + 1) % len(_STAGES)
        moment = f"{today} 16:{day % 60:02d}:00"
        lead |= {"stage": _STAGES[stage], "stageId": 31 + stage, "score": min((lead["score"] or 0) + 5, 100)}
        lead |= {"lastTouch": moment, "lastUpdateTime": moment}

    def _lead(self, number: int, today: date | None) -> tuple[Doc, int]:
        chance = stream(SEED, f"lofty lead {self.place} {number}")
        numbers = chance.random(30).tolist()

        def chosen(place: int, values: Any) -> Any:
            return values[int(numbers[place] * len(values))]

        first, last = chosen(0, FIRST), chosen(1, LAST)
        key = 651_095_960_136_641 + self.place * 10**12 + number * 7_919
        day = today or WORLD_DAY - timedelta(days=1 + int(numbers[2] * 900))
        created = datetime(day.year, day.month, day.day, 14, tzinfo=UTC) + timedelta(seconds=int(numbers[3] * 25_000))
        updated = created + timedelta(seconds=int(numbers[4] * (10 if today else 86_000)))
        is_in_pond = numbers[5] < 0.08
        worker = int(numbers[6] * len(self.members))
        agent = self.agents[worker]
        stage = int(numbers[7] * numbers[7] * len(_STAGES))
        source = int(numbers[8] * len(_SOURCES))
        phones = ["", f"55501{number % 100_000:05d}"[:10], "+15550100201"][int(numbers[9] * 3) :]
        tags = [_tag(self, key, name, created) for name in _TAGS if chance.random() < 0.2]
        document = {
            "leadId": key,
            "leadUserId": key + 200_000_000_000_000,
            "teamId": self.team,
            "firstName": first,
            "lastName": last if numbers[10] < 0.95 else "",
            "birthday": f"{created:%b} {created.day}, 1980" if numbers[10] < 0.3 else None,
            "emails": _emails(first, last, number, numbers[11]),
            "phones": phones,
            "phoneStatuses": [2 if phone else 1 for phone in phones],
            "leadSource": source,
            "source": _SOURCES[source],
            "stageId": 31 + stage,
            "stage": _STAGES[stage],
            "assignedUserId": None if is_in_pond else user_number(self.members[worker]),
            "assignedUser": None if is_in_pond else f"{agent['first_name']} {agent['last_name']}",
            "lenderUserId": None,
            "pondId": 7 if is_in_pond else None,
            "pondName": "Everybody's" if is_in_pond else None,
            "score": None if numbers[12] < 0.1 else int(numbers[13] * 100),
            "leadTypes": chosen(14, _TYPES),
            "tags": tags,
            "segments": [chosen(15, CITIES)],
            "createTime": _written(created, numbers[16]),
            "lastUpdateTime": _written(updated, numbers[16]),
            "assignTime": None if is_in_pond else _written(created, numbers[16]),
            "lastTouch": _written(updated, numbers[16]) if numbers[17] < 0.6 else ("" if numbers[17] < 0.8 else None),
            "lastVisit": None,
            "cannotText": numbers[18] < 0.1,
            "cannotCall": numbers[18] < 0.05,
            "cannotEmail": numbers[18] > 0.9,
            "unsubscription": numbers[18] > 0.95,
            "hiddenFlag": numbers[19] < 0.02,
            "assignCompletionStatus": not is_in_pond,
            "referredBy": "",
            "language": "en" if numbers[19] < 0.9 else "es",
            "opportunity": None,
            "buyingTimeFrame": chosen(20, _FRAMES),
            "sellingTimeFrame": None,
            "preQual": "Yes" if numbers[21] < 0.3 else "No",
            "houseToSell": "No",
            "leadInquiry": _inquiry(key, chance) if numbers[22] < 0.7 else None,
            "leadPropertyList": [_property(key, chance)] if numbers[23] < 0.3 else [],
            "customAttributes": _attributes(numbers[24]),
            "leadFamilyMemberList": [],
            "customRoleList": [],
            "ownershipId": self.team,
            "ownershipScope": "TEAM",
        }
        return {**document, "groups": document["segments"]}, int(created.timestamp())


def _group() -> Doc:
    moment = "2023-01-05T09:00:00Z"
    return {
        "id": 41,
        "teamId": 500_000_000_000_001,
        "parentId": 0,
        "name": "North",
        "type": 1,
        "phone": "",
        "email": None,
        "city": CITIES[0],
        "state": "TX",
        "zipcode": "00000",
        "streetAddress": "1 Main Street",
        "createTime": moment,
        "updateTime": moment,
        "status": "ACTIVE",
        "agentCount": 3,
        "path": "0/41",
        "layer": 1,
    }


def _written(moment: datetime, kind: float) -> str | int:
    """A moment: mostly without a zone, sometimes as other parts of the API write it."""
    if kind < 0.8:
        return f"{moment:%Y-%m-%d %H:%M:%S}"
    if kind < 0.87:
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    if kind < 0.94:
        return (moment - timedelta(hours=6)).strftime("%Y-%m-%dT%H:%M:%S-06:00")
    return int(moment.timestamp() * 1_000)


def _emails(first: str, last: str, number: int, kind: float) -> list[str]:
    address = f"{SLUGS[first]}.{SLUGS[last]}{number}l@example.com"
    return [] if kind < 0.05 else [address.title() if kind < 0.1 else address]


def _tag(team: _Team, lead: int, name: str, moment: datetime) -> Doc:
    at = f"{moment:%Y-%m-%d %H:%M:%S}"
    return {
        "leadId": lead,
        "tagId": 77 + _TAGS.index(name),
        "tagName": name,
        "createTime": at,
        "updateTime": at,
        "creatorUserId": user_number(team.members[0]),
        "visibleType": 1,
    }


def _inquiry(lead: int, chance: Generator) -> Doc:
    low = int(chance.integers(1, 20)) * 50_000
    return {
        "id": lead % 100_000,
        "leadUserId": lead + 200_000_000_000_000,
        "priceMin": low,
        "priceMax": low + 150_000,
        "propertyType": [_KINDS[int(chance.integers(0, len(_KINDS)))]],
        "bedroomsMin": int(chance.integers(0, 5)),
        "bathroomsMin": str(int(chance.integers(1, 4))),
        "locations": [{"city": CITIES[int(chance.integers(0, len(CITIES)))], "stateCode": "TX"}],
    }


def _property(lead: int, chance: Generator) -> Doc:
    return {
        "id": lead % 100_000,
        "leadUserId": lead + 200_000_000_000_000,
        "streetAddress": f"{int(chance.integers(1, 9_000))} Oak Lane",
        "city": CITIES[int(chance.integers(0, len(CITIES)))],
        "state": "TX",
        "zipCode": "00000",
        "price": int(chance.integers(2, 30)) * 50_000,
        "propertyType": _KINDS[0],
        "bedrooms": int(chance.integers(1, 6)),
        "bathrooms": 2.5,
        "squareFeet": 1_800,
        "lotSize": 0.25,
        "mailAddress": True,
        "listingId": "",
    }


def _attributes(kind: float) -> list[Doc]:
    note = {"attributeName": "Budget note", "attributeType": "text", "value": "cash", "params": None}
    many = {"attributeName": "Wishes", "attributeType": "multi_select", "value": '["pool","garden"]', "params": None}
    return [note, many] if kind < 0.1 else [note] if kind < 0.3 else []
