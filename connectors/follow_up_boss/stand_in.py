"""The stand-in for Follow Up Boss: its lists, filters, hidden rows, links to next pages, keys and limits.

Belongs here: how the API answers. Does not belong here: what is in the documents (`documents.py` beside this) and the
truth they tell (`connectors/sandbox/`). Webhooks are not served.

What a list hides stands in `_HIDDEN`: a stand-in that shows everything would hide a connector that asks for less.
"""

from __future__ import annotations

import math
import re
from base64 import b64decode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from connectors.document_store import Store
from connectors.follow_up_boss.documents import KEYS, records
from connectors.sandbox.world import World
from connectors.stand_in import RateLimit, Refused, Request, Response, StandIn, listed, route

SYSTEM, SYSTEM_KEY = "headwater-sandbox", "sandbox-system-key"
"""The one registered piece of software."""

_LIMITS = {"global": 250, "events": 20}
_DEFAULT, _MOST = 10, 100
_DEEP = 2_000
_TEXT_FILTERS = ("personId", "threadId", "phone", "toNumber", "fromNumber", "sharedInboxId", "groupTextId", "id")
_NEEDS_FILTER = (
    "personId, threadId, phone, toNumber, fromNumber, sharedInboxId, groupTextId, participants, or id list"
    " must be specified for GET /v1/textMessages."
)
_MASK = "*** Hidden: your system may not see this ***"
_ONLY_IN_ALL_FIELDS = re.compile(r"custom|background$|teamLeaders$|pondMembers$")

_EXPRESSIONS = {
    "id": "cast(id as integer)",
    "updated": "changed",
    "name": "coalesce(doc ->> '$.name', '')",
    "lastActivity": "coalesce(doc ->> '$.lastActivity', '')",
}
"""What `sort` means in the store; `created` is what a list is sorted by anyhow."""

_HIDDEN = {
    "users": {"includeDeleted": "doc ->> '$.status' <> 'Deleted'"},
    "people": {
        "includeTrash": "doc ->> '$.stage' <> 'Trash'",
        "includeUnclaimed": "(doc ->> '$.claimed' or doc ->> '$.assignedUserId' is not null)",
    },
    "deals": {
        "includeArchived": "doc ->> '$.status' <> 'Archived'",
        "includeDeleted": "doc ->> '$.status' <> 'Deleted'",
    },
    "appointments": {"includeDeleted": "parent <> 'deleted'"},
}
"""Rows that a list leaves out unless a parameter asks for them."""

_ANY_PERSON = "exists (select 1 from json_each(doc, '$.{}') as one where one.value ->> '$.{}' in ({{}}))"
_EXACT = {
    "users": {"role": "role", "name": "name", "email": "email"},
    "people": {"stage": "stage", "source": "source", "assignedUserId": "assignedUserId", "type": "type"},
    "deals": {"pipelineId": "pipelineId", "status": "status"},
    "calls": {"phone": "phone", "fromNumber": "fromNumber", "toNumber": "toNumber"},
    "textMessages": {one: one for one in ("fromNumber", "toNumber", "sharedInboxId", "groupTextId")},
    "events": {"type": "type"},
    "appointments": {"createdById": "createdById", "typeId": "typeId", "outcomeId": "outcomeId"},
    "pipelines": {"name": "name"},
    "groups": {"type": "type"},
}
_BY_PERSON = {
    "calls": "parent in ({})",
    "events": "parent in ({})",
    "textMessages": "parent in ({})",
    "deals": _ANY_PERSON.format("people", "id"),
    "appointments": _ANY_PERSON.format("invitees", "personId"),
}


@dataclass
class _Where:
    """A condition as it grows."""

    parts: list[str] = field(default_factory=lambda: ["true"])
    values: list[Any] = field(default_factory=list)

    def add(self, part: str, *values: Any) -> None:
        self.parts.append(part)
        self.values.extend(values)

    def among(self, part: str, values: list[str]) -> None:
        self.add(part.format(", ".join("?" * len(values))), *values)

    def __str__(self) -> str:
        return " and ".join(self.parts)


def _listing(path: str, *, has_links: bool = True) -> tuple[Callable[..., Response], Callable[..., Response]]:
    """Make the handlers of a list and of one of its rows."""

    @route("GET", f"/v1/{path}")
    def all_of(stand_in: FollowUpBossStandIn, request: Request) -> Response:
        return stand_in.list(request, path, has_links=has_links)

    @route("GET", f"/v1/{path}/{{id}}")
    def one_of(stand_in: FollowUpBossStandIn, request: Request) -> Response:
        return stand_in.one(request, path)

    return all_of, one_of


class FollowUpBossStandIn(StandIn):
    """Follow Up Boss at https://api.followupboss.com/v1."""

    name = "follow_up_boss"
    window = 10.0
    """Seconds that limits are counted over."""

    users, user = _listing("users", has_links=False)
    people, person = _listing("people")
    deals, deal = _listing("deals")
    calls, call = _listing("calls")
    events, event = _listing("events")
    appointments, appointment = _listing("appointments")
    text_messages, text_message = _listing("textMessages")
    stages, stage = _listing("stages", has_links=False)
    pipelines, pipeline = _listing("pipelines", has_links=False)
    groups, group = _listing("groups", has_links=False)

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        super().__init__(store, hurry)
        self._limits = {
            (context, share): RateLimit(max(int(limit * hurry / share), 1), self.window)
            for context, limit in _LIMITS.items()
            for share in (1, 2)  # unregistered software gets half
        }

    def account_of(self, request: Request) -> str | None:
        """Whose key it is."""
        scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
        try:
            key, _, password = b64decode(credentials, validate=True).decode().partition(":")
        except ValueError:
            return None
        found = self.store.get(KEYS, "", key)
        is_known = found and scheme == "Basic" and not password
        return str(orjson.loads(found)["account"]) if found and is_known else None

    def allow(self, request: Request) -> dict[str, str]:
        """Check the key, and the limit that the endpoint counts in."""
        account = self.account_of(request)
        if account is None:
            raise Refused(401, self.error(401, "Invalid API key"))
        context = "events" if request.path.startswith("/v1/events") else "global"
        limit = self._limits[context, 1 if _is_registered(request) else 2]
        left, seconds = limit.take(f"{account} {request.headers.get('x-system', '')}")
        headers = {
            "X-RateLimit-Limit": str(limit.limit),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Window": f"{self.window:g}",
            "X-RateLimit-Context": context,
        }
        if left < 0:
            retry = {"Retry-After": str(math.ceil(seconds))}
            raise Refused(429, self.error(429, "Too many requests, slow down"), headers | retry)
        return headers

    def error(self, status: int, message: str) -> Any:
        """An error as the API words it."""
        del status
        return {"errorMessage": message}

    @route("GET", "/v1/identity")
    def identity(self, request: Request) -> Response:
        """Whose key it is: account and user."""
        (found,) = self.store.select("identity", str(self.account_of(request)))
        return Response(found[3].encode())

    @route("GET", "/v1/me")
    def me(self, request: Request) -> Response:
        """The user whose key it is."""
        account = str(self.account_of(request))
        (identity,) = self.store.select("identity", account)
        user = self.store.get("users", account, str(orjson.loads(identity[3])["user"]["id"]))
        return Response((user or "null").encode())

    @route("GET", "/v1/rateLimit/limits")
    def limits(self, request: Request) -> Response:
        """What limits hold."""
        share = 1 if _is_registered(request) else 2
        limits = {context: self._limits[context, share].limit for context in _LIMITS}
        system = request.headers.get("x-system")
        return Response({"system": system, "current_limits": {"across_all_accounts": None, "per_account": limits}})

    def one(self, request: Request, path: str) -> Response:
        """Answer one row."""
        found = self.store.get(path, str(self.account_of(request)), request.parts["id"])
        if found is None:
            raise Refused(404, self.error(404, f"{path} {request.parts['id']} not found"))
        return Response(_shown(path, found, request).encode())

    def list(self, request: Request, path: str, *, has_links: bool) -> Response:
        """Answer a page of a list."""
        account = str(self.account_of(request))
        where = self._where(request, path)
        limit = min(max(request.number("limit", _DEFAULT), 1), _MOST)
        offset, place = max(request.number("offset", 0), 0), request.one("next")
        if has_links and offset >= _DEEP:
            raise Refused(400, self.error(400, "Deep pagination disabled, use 'nextLink' url"))
        sort, is_up = _order(request)
        expression, direction = _EXPRESSIONS.get(sort, "ord"), "" if is_up else " desc"
        if place:
            since = self._place(place)
            total, offset = since["total"], 0
            where.add(f"({expression}, id) {'>' if is_up else '<'} (?, ?)", since["since"], since["sinceId"])
        else:
            total = self.store.count(path, account, str(where), where.values)
        found = self.store.select(
            path,
            account,
            str(where),
            where.values,
            f"{expression}{direction}, id{direction}",
            limit + 1,
            offset,
        )
        rows, link, cursor = found[:limit], None, None
        if has_links and len(found) > limit:
            key, ord_, changed, document = rows[-1]
            values = {"id": int(key), "updated": changed, **_texts(document)}
            told = {"sinceId": key, "since": values.get(sort, ord_), "total": total}
            cursor = urlsafe_b64encode(orjson.dumps(told)).decode()
            again = urlencode(
                [(name, value) for name, values in request.query.items() for value in values if name != "next"]
            )
            link = f"{request.base_url}{request.path}?{again}&&next={cursor}"
        metadata = {
            "collection": path.lower(),
            "offset": offset,
            "limit": limit,
            "total": total,
            "next": cursor,
            "nextLink": link,
        }
        shown = listed(_shown(path, row[3], request) for row in rows)
        return Response(
            b'{"_metadata":' + orjson.dumps(metadata) + b',"' + path.lower().encode() + b'":' + shown + b"}"
        )

    def _place(self, cursor: str) -> Any:
        try:
            return orjson.loads(urlsafe_b64decode(cursor))
        except ValueError:
            raise Refused(400, self.error(400, "Invalid next")) from None

    def _where(self, request: Request, path: str) -> _Where:
        where = _Where()
        for parameter, condition in _HIDDEN.get(path, {}).items():
            if request.one(parameter) not in {"true", "1"}:
                where.add(condition)
        if path == "textMessages" and not any(request.one(name) for name in _TEXT_FILTERS):
            raise Refused(400, self.error(400, _NEEDS_FILTER))
        _add_ids(where, request)
        self._add_moments(where, request, path)
        for name, field_ in _EXACT.get(path, {}).items():
            if name in request.query:
                where.among(f"cast(doc ->> '$.{field_}' as text) in ({{}})", request.one(name).split(","))
        if path in _BY_PERSON and "personId" in request.query:
            where.among(_BY_PERSON[path], request.one("personId").split(","))
        return where

    def _add_moments(self, where: _Where, request: Request, path: str) -> None:
        columns = {"created": "coalesce(doc ->> '$.created', doc ->> '$.createdAt')"}
        if path != "deals":  # they tell no change
            columns["updated"] = "changed"
        if path == "people":
            columns["lastActivity"] = "doc ->> '$.lastActivity'"
        for name, column in columns.items():
            for suffix, sign in (("After", ">"), ("Before", "<")):
                if f"{name}{suffix}" not in request.query:
                    continue
                try:
                    moment = datetime.fromisoformat(request.one(f"{name}{suffix}"))
                except ValueError:
                    raise Refused(400, self.error(400, f"{name}{suffix} must be a date")) from None
                moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
                value = moment.timestamp() if column == "changed" else moment.strftime("%Y-%m-%dT%H:%M:%SZ")
                where.add(f"{column} {sign} ?", value)


def _add_ids(where: _Where, request: Request) -> None:
    for name in ("id", "ids"):
        if name in request.query:
            where.among("id in ({})", request.one(name).split(","))
    for name, sign in (("idGreaterThan", ">"), ("idLessThan", "<")):
        if name in request.query:
            where.add(f"cast(id as integer) {sign} ?", request.number(name, 0))


def _is_registered(request: Request) -> bool:
    return (request.headers.get("x-system"), request.headers.get("x-system-key")) == (SYSTEM, SYSTEM_KEY)


def _order(request: Request) -> tuple[str, bool]:
    """What to sort by, and whether upwards. Unasked, the newest comes first."""
    sort = request.one("sort", "-created")
    return sort.removeprefix("-"), not sort.startswith("-")


def _texts(document: str) -> dict[str, str]:
    row = orjson.loads(document)
    return {name: row.get(name) or "" for name in ("name", "lastActivity")}


def _shown(path: str, document: str, request: Request) -> str:
    """A row as it is answered: the fields that were asked for, and what the system may see."""
    fields = request.one("fields")
    is_masked = path in {"calls", "textMessages"} and not _is_registered(request)
    if not is_masked and (fields == "allFields" or (not fields and path != "people")):
        return document
    row = orjson.loads(document)
    if fields and fields != "allFields":
        row = {name: value for name, value in row.items() if name in {"id", *fields.split(",")}}
    elif path == "people" and not fields:
        row = {name: value for name, value in row.items() if not _ONLY_IN_ALL_FIELDS.match(name)}
    if is_masked:
        row |= {name: _MASK for name in ("recordingUrl", "message") if row.get(name)}
    return orjson.dumps(row).decode()


def fill(store: Store, world: World) -> None:
    """Hold what Follow Up Boss knows of a world."""
    store.hold(records(world))


def configuration(world: World, url: str) -> dict[str, str]:
    """The settings that lead the connector here. The accounts' keys stand in V1."""
    del world
    section = "SOURCES__FOLLOW_UP_BOSS__"
    return {f"{section}BASE_URL": f"{url}/v1", f"{section}SYSTEM": SYSTEM, f"{section}SYSTEM_KEY": SYSTEM_KEY}
