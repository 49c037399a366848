"""The stand-in for JobNimbus: its lists, objects, users and settings, by the real protocol.

Enforced: the bearer token and what its profile may read, pages by `from` and `size` up to 10,000 deep, filters as
JSON of Elasticsearch on the older lists and none on those of v2, rows under the keys that differ by list, inactive
rows that lists do not show, a count of activities that ends at 10,000, requests a minute with a 429 that does not say
how long to wait, errors as text. A parameter it does not know is ignored.

It lives on its own day: note `now` of its store, in epoch seconds, which every answer bears as `Date`.
Not here: files, tasks and units, which nobody reads. Does not belong here: what is in the documents
(`connectors/jobnimbus/documents.py`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import formatdate
from typing import Any

import orjson

from connectors.document_store import Store
from connectors.jobnimbus.documents import KEYS, SETTINGS, USERS, records
from connectors.jobnimbus.values import INACTIVE
from connectors.sandbox.roofing import begin
from connectors.sandbox.world import World
from connectors.stand_in import RateLimit, Refused, Request, Response, StandIn, listed, route

TOKEN = "jn-sandbox-token"  # noqa: S105 - opens nothing
_REQUESTS_A_MINUTE = 100
_DEEPEST = 10_000
_PAGE = 1_000
_COLUMNS = {"jnid": "id", "date_created": "ord", "date_updated": "changed"}
_RANGES = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}

_Condition = tuple[str, list[Any]]


def fill(store: Store, world: World) -> None:
    """Hold what the world's day leaves in JobNimbus, and live on that day."""
    store.hold(records(world, TOKEN))
    store.note("now", str(begin(world.day + 1) - 1))


def configuration(_: World, url: str) -> dict[str, str]:
    """The settings that lead the connector here."""
    return {"SOURCES__JOBNIMBUS__BASE_URL": f"{url}/api1", "SOURCES__JOBNIMBUS__TOKEN": TOKEN}


def _refusal(status: int, message: str) -> Refused:
    return Refused(status, message.encode(), dict(_TEXT))


class JobNimbusStandIn(StandIn):
    """JobNimbus's API."""

    name = "jobnimbus"
    bare_budgets = False
    """Budgets have been seen both ways: under `results`, and as a bare list."""

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        super().__init__(store, hurry)
        self._rate = RateLimit(max(int(_REQUESTS_A_MINUTE * hurry), 1), 60)

    def account_of(self, request: Request) -> str | None:
        """There is one account."""
        del request
        return "main"

    def error(self, status: int, message: str) -> Any:
        """An error: text, but for those that are JSON."""
        return {"error": message} if status in {401, 403} else message.encode()

    def answer(self, request: Request) -> Response:
        """Answer a request; whatever the answer, it bears the moment."""
        response = super().answer(request)
        response.headers = {"Date": formatdate(int(self.store.note("now") or 0), usegmt=True), **response.headers}
        return response

    def allow(self, request: Request) -> dict[str, str]:
        """Check token, rate and profile."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        found = self.store.get(KEYS, "", token)
        if scheme.lower() != "bearer" or found is None:
            raise Refused(401, {"error": "Unauthorized"})
        if self._rate.take(token)[0] < 0:
            raise _refusal(429, "Slow down")
        may = orjson.loads(found)["may"]
        kind = next(part for part in request.path.split("/")[2:] if part != "v2")
        if "*" not in may and kind not in may:
            raise Refused(403, {"message": "The access profile does not allow this."})
        return {}

    @route("GET", "/api1/contacts")
    def _contacts(self, request: Request) -> Response:
        return self._list("contacts", request, "results")

    @route("GET", "/api1/jobs")
    def _jobs(self, request: Request) -> Response:
        return self._list("jobs", request, "results")

    @route("GET", "/api1/payments")
    def _payments(self, request: Request) -> Response:
        return self._list("payments", request, "results")

    @route("GET", "/api1/activities")
    def _activities(self, request: Request) -> Response:
        return self._list("activities", request, "activity")

    @route("GET", "/api1/budgets")
    def _budgets(self, request: Request) -> Response:
        rows, count = self._plain("budgets", request)
        return Response(listed(rows) if self.bare_budgets else _enveloped(rows, count, "results"))

    @route("GET", "/api1/v2/{kind}")
    def _newer(self, request: Request) -> Response:
        if request.parts["kind"] not in {"workorders", "materialorders", "estimates", "invoices"}:
            raise _refusal(404, "Not Found")
        rows, count = self._plain(request.parts["kind"], request)
        return Response(_enveloped(rows, count, "results"))

    @route("GET", "/api1/account/users")
    def _users(self, _: Request) -> Response:
        users = listed(row[3] for row in self.store.select(USERS))
        return Response(b'{"users":' + users + b',"date_updated":1767225600}')

    @route("GET", "/api1/account/settings")
    def _settings(self, request: Request) -> Response:
        settings = orjson.loads(self.store.get(SETTINGS, "", SETTINGS) or b"{}")
        groups = settings.pop("groups", [])
        field = request.one("field")
        if field == "groups":
            return Response(groups)
        return Response({field: settings.get(field, [])} if field else settings)

    @route("GET", "/api1/{kind}/{id}")
    def _one(self, request: Request) -> Response:
        return self._object(request, {"contacts", "jobs", "activities"})

    @route("GET", "/api1/v2/{kind}/{id}")
    def _one_newer(self, request: Request) -> Response:
        return self._object(request, {"workorders"})

    def _object(self, request: Request, kinds: set[str]) -> Response:
        kind = request.parts["kind"]
        for account in ("", INACTIVE):
            found = self.store.get(kind, account, request.parts["id"]) if kind in kinds else None
            if found is not None:
                return Response(found.encode())
        raise _refusal(404, "Not Found")

    def _list(self, kind: str, request: Request, rows_key: str) -> Response:
        start, size = _window(request)
        if start + size > _DEEPEST:
            raise _refusal(400, f"Result window is too large, from + size must be at most: [{_DEEPEST}]")
        condition, values = _filtered(request)
        direction = "asc" if request.one("sort_direction", "desc").lower() == "asc" else "desc"
        order = f"{_column(request.one('sort_field', 'date_created'))} {direction}, id {direction}"
        rows = [row[3] for row in self.store.select(kind, "", condition, values, order, size, start)]
        if request.one("fields"):
            wanted = request.one("fields").split(",")
            rows = [_narrowed(row, wanted) for row in rows]
        count = self.store.count(kind, "", condition, values)
        return Response(_enveloped(rows, min(count, _DEEPEST) if kind == "activities" else count, rows_key))

    def _plain(self, kind: str, request: Request) -> tuple[list[str], int]:
        """A list that is neither filtered nor sorted: newest first."""
        start, size = _window(request)
        found = self.store.select(kind, order="ord desc, id desc", limit=size, offset=start)
        return [row[3] for row in found], self.store.count(kind)


def _window(request: Request) -> tuple[int, int]:
    start, size = request.number("from", 0), request.number("size", _PAGE)
    if start < 0 or not 0 <= size <= _DEEPEST:
        raise _refusal(400, "from and size are out of range")
    return start, size


def _enveloped(rows: list[str], count: int, key: str) -> bytes:
    return b'{"count":%d,"%s":' % (count, key.encode()) + listed(rows) + b"}"


def _narrowed(text: str, wanted: list[str]) -> str:
    document = orjson.loads(text)
    return orjson.dumps({name: document[name] for name in wanted if name in document}).decode()


def _column(field: str) -> str:
    if not re.fullmatch(r"[\w.]+", field):
        raise _refusal(400, f"No mapping found for [{field}]")
    return _COLUMNS.get(field, f"doc ->> '$.{field}'")


def _filtered(request: Request) -> _Condition:
    text = request.one("filter")
    if not text:
        return "true", []
    try:
        return _bool(orjson.loads(text))
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, ValueError):
        raise _refusal(400, "filter: failed to parse query") from None


def _bool(query: Mapping[str, Any]) -> _Condition:
    conditions, values = ["true"], []
    for name, joined, form in (("must", " and ", "({})"), ("should", " or ", "({})"), ("must_not", " or ", "not ({})")):
        found = [_clause(clause) for clause in query.get(name, [])]
        if found:
            conditions.append(form.format(joined.join(condition for condition, _ in found)))
            values += [value for _, told in found for value in told]
    return " and ".join(conditions), values


def _clause(clause: Mapping[str, Any]) -> _Condition:
    ((kind, what),) = clause.items()
    if kind == "bool":
        return _bool(what)
    ((field, value),) = what.items()
    if kind == "range":
        bounds = [(f"{_column(field)} {_RANGES[sign]} ?", bound) for sign, bound in value.items()]
        return " and ".join(["true", *(condition for condition, _ in bounds)]), [bound for _, bound in bounds]
    if kind != "term":
        raise KeyError(kind)
    if field == "related.id":
        return "exists (select 1 from json_each(doc, '$.related') where value ->> '$.id' = ?)", [value]
    return f"{_column(field)} = ?", [value]
