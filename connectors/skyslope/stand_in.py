"""The stand-in for SkySlope: signed logins, sessions that end, and answers with SkySlope's traps.

An access key sees what its user sees: `sees` of its connection is '' for a broker's, else the agent's guid.

Belongs here: the protocol. Does not belong here: what is in the documents (`connectors/skyslope/documents.py`).
"""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.document_store import Store
from connectors.sandbox.world import World
from connectors.skyslope.documents import CONNECTION, FILES, LISTING, OFFICE, SALE, TODAY, USER, records
from connectors.skyslope.session import signature
from connectors.stand_in import RateLimit, Refused, Request, Response, StandIn, listed, route

CLIENT_ID, CLIENT_SECRET = "sandbox-skyslope-partner", "sandbox-skyslope-partner-secret"

_BOM = b"\xef\xbb\xbf"
_PAGE = 10
_WINDOW = timedelta(days=7)
_SKEW = timedelta(minutes=5)
_RAW = {"\ue000": b"\x00", "\ue001": b"\x01", "\ue01a": b"\x1a"}
"""How documents write the control characters that go out as they are."""

_DATES = {"created": "ord", "modified": "changed", "closed": "unixepoch(doc ->> '$.actualClosingDate')"}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?)?")


def fill(store: Store, world: World) -> None:
    """Hold what SkySlope knows of the world."""
    store.hold(records(world))
    store.note(TODAY, str(world.today))


def configuration(world: World, url: str) -> dict[str, str]:
    """The settings that lead the connector here; the access keys are in the business's own records."""
    del world
    return {
        "SOURCES__SKYSLOPE__BASE_URL": url,
        "SOURCES__SKYSLOPE__CLIENT_ID": CLIENT_ID,
        "SOURCES__SKYSLOPE__CLIENT_SECRET": CLIENT_SECRET,
    }


class SkySlopeStandIn(StandIn):
    """SkySlope's API, as far as it can be known."""

    name = "skyslope"
    session_life = timedelta(hours=2)

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        super().__init__(store, hurry)
        self.limit = RateLimit(round(1_000 * hurry), 900)

    def account_of(self, request: Request) -> str | None:
        """The connection behind the session, or behind the access key at a login."""
        connection = self._connection(request)
        return connection["account"] if connection else None

    def error(self, status: int, message: str) -> Any:
        """SkySlope's own words for a refused session; a message for anything else."""
        return {"Error": "Unauthorized"} if status == 401 else {"message": message}

    def allow(self, request: Request) -> dict[str, str]:
        """Count the request against its account; all but logins need a session."""
        connection = self._connection(request)
        if connection is None:
            raise Refused(401, self.error(401, ""))
        left, seconds = self.limit.take(connection["account"])
        if left < 0:
            headers = {"x-ratelimit-remaining": "0", "Retry-After": str(int(seconds) + 1)}
            raise Refused(429, self.error(429, "Too many requests"), headers)
        return {"x-ratelimit-remaining": str(left)}

    def _connection(self, request: Request) -> dict[str, str] | None:
        if request.path.rstrip("/") == "/auth/login":
            match = re.fullmatch(r"ss ([^:]+):.+", request.headers.get("authorization", ""), re.IGNORECASE)
            key = match[1] if match else ""
        else:
            session = orjson.loads(self.store.note(f"session {request.headers.get('session')}") or "{}")
            key = session["key"] if session.get("until", 0) > datetime.now(UTC).timestamp() else ""
        found = self.store.get(CONNECTION, "", key) if key else None
        return dict(orjson.loads(found)) if found else None

    @route("POST", "/auth/login")
    def log_in(self, request: Request) -> Response:
        """Give out a session for a signed moment of just now."""
        connection = self._connection(request) or {}
        try:
            body = {name.lower(): value for name, value in orjson.loads(request.body).items()}
            stamp = request.headers.get("timestamp", "")
            skew = abs(datetime.now(UTC) - datetime.fromisoformat(stamp))
        except (orjson.JSONDecodeError, AttributeError, ValueError, TypeError):
            raise Refused(422, {"errors": [{"message": "The login is not valid"}]}) from None
        signed = signature(CLIENT_ID, CLIENT_SECRET, connection["secret"], stamp)
        is_partner = (body.get("clientid"), body.get("clientsecret")) == (CLIENT_ID, CLIENT_SECRET)
        told = request.headers["authorization"].partition(":")[2]
        if not is_partner:
            raise Refused(403, {"message": "Unknown client"})
        if skew > _SKEW or not hmac.compare_digest(told, signed):
            raise Refused(401, self.error(401, ""))
        token, until = secrets.token_hex(8), datetime.now(UTC) + self.session_life
        self.store.note(
            f"session {token}", orjson.dumps({"key": connection["key"], "until": until.timestamp()}).decode()
        )
        return Response({"Session": token, "Expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ")})

    @route("GET", "/api/files")
    def files(self, request: Request) -> Response:
        """Everything in full, in one answer; without a date, the last seven days."""
        kind = request.one("type", "all").lower()
        if kind not in {"sale", "listing", "all"}:
            raise Refused(422, {"errors": [{"message": "type must be sale, listing or all"}]})
        where, values = self._filter(request)
        rows: list[str] = []
        counts = {SALE: 0, LISTING: 0}
        for collection in FILES if kind == "all" else (kind,):
            found = self.store.select(collection, "", where, values, order="+id")  # + keeps the index of the dates
            counts[collection] = len(found)
            rows += [document for *_, document in found]
        owners = self.store.count(USER) if self._sees(request) == "" else 1
        summary = {
            "objectType": "summary",
            "numberOfSales": counts[SALE],
            "numberOfListings": counts[LISTING],
            "numberOfUsers": owners,
        }
        return _as_sent(b'{"value":' + listed([*rows, orjson.dumps(summary).decode()]) + b"}")

    @route("GET", "/api/files/sales")
    def sales(self, request: Request) -> Response:
        """Ten summaries of sales a page."""
        return self._summaries(request, SALE, "saleGuid")

    @route("GET", "/api/files/listings")
    def listings(self, request: Request) -> Response:
        """Ten summaries of listings a page."""
        return self._summaries(request, LISTING, "listingGuid")

    @route("GET", "/api/files/sales/{guid}")
    def sale(self, request: Request) -> Response:
        """One sale in full."""
        return self._one(request, SALE, self._seen(request))

    @route("GET", "/api/files/listings/{guid}")
    def listing(self, request: Request) -> Response:
        """One listing in full."""
        return self._one(request, LISTING, self._seen(request))

    @route("GET", "/api/users")
    def users(self, request: Request) -> Response:
        """The users; deactivated ones only when asked for."""
        sees = self._sees(request)
        where, values = ("id = ?", [sees]) if sees else ("true", [])
        if request.one("includeDeactivated").lower() != "true":
            where += " and ord = 0"
        if office := request.one("officeGuid"):
            where, values = f"{where} and parent = ?", [*values, office]
        rows = self.store.select(USER, "", where, values, order="id")
        return _as_sent(b'{"value":{"users":' + listed(document for *_, document in rows) + b"}}")

    @route("GET", "/api/users/{guid}")
    def user(self, request: Request) -> Response:
        """One user."""
        sees = self._sees(request)
        return self._one(request, USER, ("id = ?", [sees]) if sees else ("true", []))

    @route("GET", "/api/offices")
    def offices(self, request: Request) -> Response:
        """The offices, which every user sees."""
        del request
        rows = self.store.select(OFFICE, order="id")
        return _as_sent(b'{"value":{"offices":' + listed(document for *_, document in rows) + b"}}")

    def _sees(self, request: Request) -> str:
        connection = self._connection(request)
        return connection["sees"] if connection else ""

    def _seen(self, request: Request) -> tuple[str, list[Any]]:
        sees = self._sees(request)
        return ("parent = ?", [sees]) if sees else ("true", [])

    def _today(self) -> datetime:
        noted = self.store.note(TODAY)
        return datetime.fromisoformat(noted).replace(tzinfo=UTC) if noted else datetime.now(UTC)

    def _filter(self, request: Request) -> tuple[str, list[Any]]:
        where, values = self._seen(request)
        dates = [f"{name}{end}" for name in _DATES for end in ("After", "Before") if request.one(f"{name}{end}")]
        for date in dates:
            name = re.sub("After|Before", "", date)
            where += f" and {_DATES[name]} {'>' if date.endswith('After') else '<'} ?"
            values = [*values, _moment(request.one(date))]
        if not dates:
            where, values = f"{where} and ord >= ?", [*values, (self._today() - _WINDOW).timestamp()]
        for name, key in (("status", "status"), ("email", "email")):
            if wanted := request.one(name):
                where, values = f"{where} and doc ->> '$.{key}' = ?", [*values, wanted]
        return where, values

    def _summaries(self, request: Request, kind: str, guid: str) -> Response:
        where, values = self._seen(request)
        begin = self._today() - _WINDOW
        since = _moment(request.one("earliestDate")) if request.one("earliestDate") else begin.timestamp()
        where, values = f"{where} and ord >= ?", [*values, since]
        if request.one("latestDate"):
            where, values = f"{where} and ord <= ?", [*values, _moment(request.one("latestDate"))]
        page = request.number("pageNumber", 1)
        if page < 1:
            raise Refused(422, {"errors": [{"message": "pageNumber must be 1 or more"}]})
        rows = self.store.select(kind, "", where, values, "id", _PAGE + 1, (page - 1) * _PAGE)
        found = [orjson.loads(document) for *_, document in rows[:_PAGE]]
        summaries = [
            {
                guid: one[guid],
                "status": one["status"],
                "actualClosingDate": one.get("actualClosingDate"),
                "escrowClosingDate": one.get("escrowClosingDate"),
                "propertyAddress": f"{one['property']['streetNumber']} {one['property']['streetAddress']}",
                "link": None,
            }
            for one in found
        ]
        following = {"href": f"{request.path}?pageNumber={page + 1}", "method": "GET", "rel": "next"}
        links = [following] if len(rows) > _PAGE else []
        return _as_sent(orjson.dumps({"value": {f"{kind}s": summaries}, "links": links}))

    def _one(self, request: Request, kind: str, seen: tuple[str, list[Any]]) -> Response:
        where, values = seen
        rows = self.store.select(kind, "", f"id = ? and {where}", [request.parts["guid"].lower(), *values])
        if not rows:
            raise Refused(404, {"message": f"The {kind} was not found"})
        return _as_sent(b'{"value":{"' + kind.encode() + b'":' + rows[0][3].encode() + b"}}")


def _moment(text: str) -> float:
    if not _MOMENT.fullmatch(text):
        raise Refused(422, {"errors": [{"message": "A date must be YYYY-MM-DD or YYYY-MM-DDTHH:MM:SS"}]})
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Refused(422, {"errors": [{"message": "There is no such date"}]}) from None


def _as_sent(body: bytes) -> Response:
    """A body with the mark and the control characters SkySlope sends."""
    for written, sent in _RAW.items():
        body = body.replace(written.encode(), sent)
    return Response(_BOM + body + b"\r\n")
