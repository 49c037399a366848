"""The stand-in for dotloop: its API and its OAuth server, by the real protocol.

Enforced: the application's own login, access tokens that end after twelve hours or at once when renewed, whose
profile it is, batches of at most 100, filters and orders of loops, details only on request, merged loops answered
301, 100 requests a minute with the milliseconds until there is room again.

Does not belong here: what is in the documents (`connectors/dotloop/documents.py`).
"""

from __future__ import annotations

import base64
import re
import uuid
from datetime import datetime
from time import time
from typing import Any
from urllib.parse import parse_qs

import orjson

from connectors.document_store import Record, Store
from connectors.dotloop.documents import HOLDERS, records
from connectors.sandbox.world import World
from connectors.stand_in import RateLimit, Refused, Request, Response, StandIn, listed, route

CLIENT_ID, CLIENT_SECRET = "headwater-sandbox", "not-a-secret"
SCOPE = "account:read, profile:*, loop:*, contact:*, template:read"
LIFETIME = 43_199

_API = "/public/v2"
_PROFILE = f"{_API}/profile/{{profile}}"
_LOOP = f"{_PROFILE}/loop/{{loop}}"
_DETAIL = "doc ->> '$.details.\"{}\"'"
_ORDERS = {
    "default": "id",
    "address": "doc ->> '$.name'",
    "created": "ord",
    "updated": "changed",
    "purchase_price": _DETAIL.format('Financials"."Purchase/Sale Price'),
    "listing_date": _DETAIL.format('Listing Information"."Listing Date'),
    "expiration_date": _DETAIL.format('Listing Information"."Expiration Date'),
    "closing_date": _DETAIL.format('Contract Dates"."Closing Date'),
    "review_submission_date": "doc ->> '$.reviewSubmissionDate'",
}


def fill(store: Store, world: World) -> None:
    """Let the stand-in tell of a world. Tokens that were given out stay good."""
    store.hold(records(world))


def configuration(world: World, url: str) -> dict[str, str]:
    """Return the settings that lead the connector here, to every account there is."""
    del world
    accounts = [{"name": holder.name, "refresh_token": holder.refresh_token} for holder in HOLDERS]
    return {
        "SOURCES__DOTLOOP__BASE_URL": url + _API,
        "SOURCES__DOTLOOP__AUTH_URL": url,
        "SOURCES__DOTLOOP__CLIENT_ID": CLIENT_ID,
        "SOURCES__DOTLOOP__CLIENT_SECRET": CLIENT_SECRET,
        "SOURCES__DOTLOOP__ACCOUNTS": orjson.dumps(accounts).decode(),
    }


def _error(code: str, detail: str) -> dict[str, Any]:
    return {"errors": [{"code": code, "detail": detail}]}


def _invalid_token(token: str) -> Refused:
    return Refused(401, {"error": "invalid_token", "error_description": f"Invalid access token: {token}"})


def _document(text: str) -> dict[str, Any]:
    made: dict[str, Any] = orjson.loads(text)
    return made


def _some(documents: list[str], total: int) -> Response:
    return Response(b'{"meta":{"total":%d},"data":%b}' % (total, listed(documents)))


class DotloopStandIn(StandIn):
    """The servers. `rotates`: a renewal brings a new refresh token, too, and the old one is dead."""

    name = "dotloop"

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        super().__init__(store, hurry)
        self.limit = RateLimit(round(100 * hurry), 60)
        self.rotates = False

    # Whose request it is, and whether it may be made.

    def account_of(self, request: Request) -> str | None:
        """The account whose living token the request bears."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        given: dict[str, Any] = orjson.loads(self.store.note(f"token {token}") or "{}")
        account = given.get("account")
        if not account or given["until"] < time() or self.store.note(f"access {account}") != token:
            return None
        return str(account)

    def allow(self, request: Request) -> dict[str, str]:
        """Check the token, then the limit; logging in has neither."""
        if not request.path.startswith(_API):
            return {}
        account = self.account_of(request)
        if account is None:
            raise _invalid_token(request.headers.get("authorization", "").removeprefix("Bearer "))
        left, wait = self.limit.take(account)
        headers = {
            "X-RateLimit-Limit": str(self.limit.limit),
            "X-RateLimit-Remaining": str(max(left, 0)),
            "X-RateLimit-Reset": str(int(wait * 1000) + 1),
        }
        if left < 0:
            raise Refused(429, {"message": "Rate limit exceeded"}, headers)
        return headers

    def error(self, status: int, message: str) -> Any:
        """The body of an error answer."""
        return _error(str(status), message)

    def expire(self, account: str) -> None:
        """Let an account's access token have ended."""
        self.store.note(f"access {account}", "")

    def revoke(self, account: str) -> None:
        """Kill both of an account's tokens, until its user authorises the application anew."""
        self.expire(account)
        self.store.note(f"refresh {account}", "revoked")

    def merge(self, account: str, loop: str, into: str) -> None:
        """Let a loop take in another one, with its participants."""
        profile = _document(self.store.get("loop", account, into) or "{}")["profileId"]
        for key, order, changed, row in self.store.select("participant", account, "parent = ?", [loop]):
            self.store.put(Record("participant", account, key, row, order, changed, into))
        self.store.remove("loop", account, loop)
        self.store.note(f"merged {account} {loop}", f"{profile}/loop/{into}")

    @route("POST", "/oauth/token")
    def token(self, request: Request) -> Response:
        """Give out tokens for a refresh token; parameters may be in the query or in a form."""
        expected = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        if request.headers.get("authorization") != f"Basic {expected}":
            raise Refused(401, {"error": "unauthorized", "error_description": "Bad client credentials"})
        asked = {**parse_qs(request.body.decode()), **request.query}
        if asked.get("grant_type") != ["refresh_token"]:
            raise Refused(400, {"error": "unsupported_grant_type", "error_description": "Unsupported grant type"})
        refresh = asked.get("refresh_token", [""])[0]
        with self._lock:
            account = self._holder_of(refresh)
            access = str(uuid.uuid4())
            if self.rotates:
                refresh = str(uuid.uuid4())
                self.store.note(f"refresh {account}", refresh)
                self.store.note(f"holder {refresh}", account)
            self.store.note(f"access {account}", access)
            self.store.note(f"token {access}", orjson.dumps({"account": account, "until": time() + LIFETIME}).decode())
        answer = {"access_token": access, "token_type": "Bearer", "refresh_token": refresh}
        return Response({**answer, "expires_in": LIFETIME, "scope": SCOPE})

    @route("POST", "/oauth/token/revoke")
    def revoked(self, request: Request) -> Response:
        """Kill both tokens of whom an access token belongs to."""
        given = _document(self.store.note(f"token {request.one('token')}") or "{}")
        if given:
            self.revoke(given["account"])
        return Response({})

    def _holder_of(self, refresh: str) -> str:
        first = self.store.get("login", "", refresh)
        account = _document(first)["account"] if first else self.store.note(f"holder {refresh}") or ""
        if not account or (self.store.note(f"refresh {account}") or refresh) != refresh:
            raise Refused(400, {"error": "invalid_grant", "error_description": f"Invalid refresh token: {refresh}"})
        return str(account)

    # What there is to read.

    @route("GET", f"{_API}/account")
    def account(self, request: Request) -> Response:
        """Tell of the token's user."""
        account = self._account(request)
        return self._one(self.store.get("account", account, account))

    @route("GET", f"{_API}/profile")
    def profiles(self, request: Request) -> Response:
        """List all profiles, those that may not be read among them."""
        rows = [row[3] for row in self.store.select("profile", self._account(request))]
        return _some(rows, len(rows))

    @route("GET", _PROFILE)
    def profile(self, request: Request) -> Response:
        """Tell of a profile."""
        return self._one(self.store.get("profile", self._account(request), request.parts["profile"]))

    @route("GET", f"{_PROFILE}/loop")
    def loops(self, request: Request) -> Response:
        """List a profile's loops."""
        account, profile = self._open(request)
        where, values = self._filtered(request)
        order = self._order(request)
        where, values = f"parent = ? and {where}", [profile, *values]
        rows = self._batch(request, "loop", account, where, values, order)
        if request.one("include_details") != "true":
            rows = [self._plain(row) for row in rows]
        return _some(rows, self.store.count("loop", account, where, values))

    @route("GET", _LOOP)
    def loop(self, request: Request) -> Response:
        """Tell of a loop, without its details."""
        return self._one(self._plain(self._loop(request)))

    @route("GET", f"{_LOOP}/detail")
    def detail(self, request: Request) -> Response:
        """Tell a loop's details."""
        return Response({"data": _document(self._loop(request)).get("details", {})})

    @route("GET", f"{_LOOP}/participant")
    def participants(self, request: Request) -> Response:
        """List all of a loop's participants."""
        self._loop(request)
        rows = self.store.select("participant", self._account(request), "parent = ?", [request.parts["loop"]])
        return _some([row[3] for row in rows], len(rows))

    @route("GET", f"{_LOOP}/participant/{{participant}}")
    def participant(self, request: Request) -> Response:
        """Tell of a participant."""
        self._loop(request)
        return self._one(self.store.get("participant", self._account(request), request.parts["participant"]))

    @route("GET", f"{_API}/contact")
    def contacts(self, request: Request) -> Response:
        """List the user's contacts."""
        account = self._account(request)
        rows = self._batch(request, "contact", account, "true", [], "ord, id")
        return _some(rows, self.store.count("contact", account))

    @route("GET", f"{_API}/contact/{{contact}}")
    def contact(self, request: Request) -> Response:
        """Tell of a contact."""
        return self._one(self.store.get("contact", self._account(request), request.parts["contact"]))

    # How it is found.

    def _account(self, request: Request) -> str:
        account = self.account_of(request)
        if account is None:  # it ended since the request was allowed
            raise _invalid_token("")
        return account

    def _open(self, request: Request) -> tuple[str, str]:
        """The account and its profile, which the user may read."""
        account, profile = self._account(request), request.parts["profile"]
        found = self.store.count("profile", account, "id = ?", [profile])
        if not found:
            raise Refused(404, _error("NOT_FOUND", "Profile not found"))
        if self.store.count("profile", account, "id = ? and parent = 'closed'", [profile]):
            raise Refused(403, _error("FORBIDDEN", "Profile is not allowed"))
        return account, profile

    def _loop(self, request: Request) -> str:
        account, profile = self._open(request)
        loop = request.parts["loop"]
        found = self.store.select("loop", account, "id = ? and parent = ?", [loop, profile])
        if found:
            return found[0][3]
        moved = self.store.note(f"merged {account} {loop}")
        if moved:
            place = re.sub(r"[^/]+/loop/[^/]+", moved, request.path.removeprefix(f"{_API}/profile/"), count=1)
            raise Refused(301, None, {"Location": f"{request.base_url}{_API}/profile/{place}"})
        raise Refused(404, _error("NOT_FOUND", "Loop not found"))

    def _batch(
        self, request: Request, collection: str, account: str, where: str, values: list[Any], order: str
    ) -> list[str]:
        number, size = request.number("batch_number", 1), request.number("batch_size", 20)
        if number < 1 or not 1 <= size <= 100:
            raise Refused(400, _error("BAD_REQUEST", "batch_number begins with 1, batch_size is 1 to 100"))
        rows = self.store.select(collection, account, where, values, order, size, (number - 1) * size)
        return [row[3] for row in rows]

    def _filtered(self, request: Request) -> tuple[str, list[Any]]:
        """The condition that parameter `filter` says; a filter given by any other name is not looked at."""
        conditions: list[str] = ["true"]
        values: list[Any] = []
        for one in filter(None, request.one("filter").split(",")):
            key, _, text = one.partition("=")
            if key in {"updated_min", "created_min"}:
                conditions.append(f"{'changed' if key == 'updated_min' else 'ord'} >= ?")
                values.append(_moment(text))
            elif key in {"transaction_type", "transaction_status"}:
                wanted = text.split("|")
                name = "transactionType" if key == "transaction_type" else "status"
                conditions.append(f"doc ->> '$.{name}' in ({', '.join('?' * len(wanted))})")
                values += wanted
            else:
                raise Refused(400, _error("BAD_REQUEST", f"Unknown filter {key}"))
        return " and ".join(conditions), values

    def _order(self, request: Request) -> str:
        key, _, direction = request.one("sort", "default").partition(":")
        if key not in _ORDERS or direction not in {"", "asc", "desc"}:
            raise Refused(400, _error("BAD_REQUEST", "Unknown sort"))
        return f"{_ORDERS[key]} {direction}, id {direction}"

    def _one(self, document: str | None) -> Response:
        if document is None:
            raise Refused(404, _error("NOT_FOUND", "Not found"))
        return Response(b'{"data":%b}' % document.encode())

    def _plain(self, loop: str) -> str:
        return orjson.dumps({key: value for key, value in _document(loop).items() if key != "details"}).decode()


def _moment(text: str) -> float:
    try:
        return datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise Refused(400, _error("BAD_REQUEST", "A moment is written 2026-01-31T00:00:00Z")) from None
