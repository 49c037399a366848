"""The stand-in for RealPage's reporting API: instances that take their time, a job list, workbooks made on download.

Enforced: tokens that end, or die when a test says so; what a report must be asked with; that a file belongs to its
instance; pages of the job list, on which other people's reports stand, too. An end date later than the property date
gives the workbook with RealPage's sentence instead of figures.

Does not belong here: what is in the workbooks (`connectors/realpage_reports/documents.py`).
"""

from __future__ import annotations

import base64
import hmac
import re
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from connectors.document_store import Record, Store
from connectors.realpage_reports.definitions import REPORTS
from connectors.realpage_reports.documents import SITE, Renderer, note_world, records
from connectors.sandbox.world import World
from connectors.stand_in import Refused, Request, Response, StandIn, route

_SIGNED_WITH = b"the stand-in's own"
_FAR_OFF = datetime(2100, 1, 1, tzinfo=UTC)
_INSTANCE = "instance"
_FOREIGNERS = 130
"""Reports of the same user's other work, so many that the job list is longer than a page."""

_LONGEST_PAGE = 100
_QUEUED, _RUNNING, _READY, _FAILED = 1, 2, 3, 4
_REPORT = "/v1/reports/{report}/report-instances"
_LIST_FIELDS = ("pageSize", "pageNumber", "startDate", "endDate", "OrderBy", "OrderByDesc")


def fill(store: Store, world: World) -> None:
    """Let the stand-in tell of a world."""
    store.hold(records(world))
    note_world(store, world)


def configuration(world: World, url: str) -> dict[str, str]:
    """Return the settings that lead the connector here, to every property there is."""
    sites = [record.id for record in records(world)]
    return {
        "SOURCES__REALPAGE_REPORTS__BASE_URL": f"{url}/v1",
        "SOURCES__REALPAGE_REPORTS__TOKEN": token(_FAR_OFF),
        "SOURCES__REALPAGE_REPORTS__PERSON_SALT": "not-a-secret",
        "SOURCES__REALPAGE_REPORTS__ACCOUNTS": orjson.dumps([{"name": site} for site in sites]).decode(),
        "SOURCES__REALPAGE_REPORTS__TODAY": world.today.isoformat(),
        # The sandbox's properties are as far as its day, but for one.
        "SOURCES__REALPAGE_REPORTS__DAYS_BACK": "0",
        "SOURCES__REALPAGE_REPORTS__POLL_SECONDS": "0.05",
    }


def token(until: datetime, generation: int = 0) -> str:
    """Return a token that ends then; of a generation that is past, it is dead already."""
    head = {"alg": "HS256", "typ": "JWT"}
    claims = {
        "client_id": "greenbookpkce",
        "scope": ["unifiedreportingapi"],
        "orgName": "Sandbox",
        "exp": int(until.timestamp()),
        "generation": generation,
    }
    signed = b".".join(_base64(orjson.dumps(part)) for part in (head, claims))
    return (signed + b"." + _base64(hmac.digest(_SIGNED_WITH, signed, "sha256"))).decode()


def _base64(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


class RealPageReportsStandIn(StandIn):
    """The API.

    Attributes:
        expire_after: so many requests from now every token given out is dead; None: none dies before its end.
        looks: how many times the job list is looked at until a report is ready.
        never_ready: (site id, report id) of reports that stay in the queue.
        failing: and of those that RealPage cannot make.
        is_open: any instance id will do to download a file by, as the real API has been seen to allow.
    """

    name = "realpage_reports"

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        super().__init__(store, hurry)
        self.expire_after: int | None = None
        self.looks = 2
        self.never_ready: set[tuple[Any, int]] = set()
        self.failing: set[tuple[Any, int]] = set()
        self.is_open = False
        self._renderer = Renderer(store)
        self._moving = threading.Lock()

    # Who may ask.

    @property
    def generation(self) -> int:
        """Of the tokens that live."""
        return int(self.store.note("generation") or 0)

    def new_token(self, life: timedelta = timedelta(hours=1)) -> str:
        """Give out a token."""
        return token(datetime.now(UTC) + life, self.generation)

    def expire(self) -> None:
        """Let every token given out so far die."""
        self.store.note("generation", str(self.generation + 1))

    def error(self, status: int, message: str) -> Any:
        """The body of an error answer."""
        return {"message": "Unauthorized" if status == 401 else message}

    def allow(self, request: Request) -> dict[str, str]:
        """Check the token; count down to its death if a test asked for it."""
        with self._moving:
            if self.expire_after is not None:
                self.expire_after -= 1
                if self.expire_after < 0:
                    self.expire_after = None
                    self.expire()
            if not self._is_good(request.headers.get("authorization", "").removeprefix("Bearer ")):
                raise Refused(401, self.error(401, ""))
        return {}

    def _is_good(self, given: str) -> bool:
        signed, _, signature = given.encode().rpartition(b".")
        if not hmac.compare_digest(_base64(hmac.digest(_SIGNED_WITH, signed, "sha256")), signature):
            return False
        part = signed.split(b".")[1]
        claims = orjson.loads(base64.urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
        return bool(claims["exp"] > datetime.now(UTC).timestamp() and claims["generation"] >= self.generation)

    def _control(self, request: Request) -> Response:
        """Also: `POST /_stand_in/expire {"after": n}` lets tokens die, as `expire_after`; a new one is answered."""
        if not request.path.endswith("/expire"):
            return super()._control(request)
        self.expire_after = int(orjson.loads(request.body)["after"])
        return Response({"next": token(datetime.now(UTC) + timedelta(hours=1), self.generation + 1)})

    # Reports.

    @route("POST", _REPORT)
    def create(self, request: Request) -> Response:
        """Queue a report."""
        body = _json(request)
        report = next((one for one in REPORTS if str(one.id) == request.parts["report"]), None)
        if not report:
            raise Refused(404, self.error(404, "Report not found"))
        sites = body.get("properties")
        told = {one.get("name"): one.get("value") for one in body.get("parameters") or []}
        wrong = [
            name
            for name, is_right in {
                "reportKey": body.get("reportKey") == report.key,
                "sourceId": body.get("sourceId") == "OS",
                "scheduledType": body.get("scheduledType") == 1,
                "reportFormat": body.get("reportFormat") == report.format,
                "emaiTo": body.get("emaiTo") == "",
                "properties": isinstance(sites, list) and len(sites) == 1,
                "propertyDetailList": bool(body.get("propertyDetailList")),
                "parameters": told.keys() == report.parameters.keys(),
            }.items()
            if not is_right
        ]
        if wrong:
            raise Refused(400, self.error(400, f"Invalid {', '.join(wrong)}"))
        site = str(sites[0])  # type: ignore[index]
        if not self.store.get(SITE, "", site):
            raise Refused(400, self.error(400, "Invalid property"))
        with self._moving:
            number = int(self.store.note("instances") or 0) + 1
            self.store.note("instances", str(number))
            now = datetime.now(UTC)
            instance = f"{number % 7 + 1}-{number * 3 + 41_000}-{4_200_000 + number}"
            document = {
                "sourceReportInstanceId": instance,
                # One sequence over all customers: others' files lie between any two of ours.
                "reportFileId": 7_310_000 + number * 13 + number % 5,
                "status": _QUEUED,
                "reportId": report.id,
                "property": site,
                "parameters": told,
                "createdDate": _stamp(now),
                "looks": 0,
            }
            self.store.put(Record(_INSTANCE, "", instance, document, now.timestamp()))
        return Response({"instanceId": instance}, 201)

    @route("POST", "/v1/my/report-instances")
    def jobs(self, request: Request) -> Response:
        """A page of the job list, newest first; each look brings what is on the page a step on."""
        body = _json(request)
        if missing := [name for name in _LIST_FIELDS if name not in body]:
            raise Refused(400, self.error(400, f"Missing {', '.join(missing)}"))
        size, number = min(int(body["pageSize"]), _LONGEST_PAGE), int(body["pageNumber"])
        if size < 1 or number < 1:
            raise Refused(400, self.error(400, "Invalid page"))
        begin, end = _moment(body["startDate"]), _moment(body["endDate"])
        with self._moving:
            held = self.store.select(_INSTANCE, "", "ord between ? and ?", [begin, end])
            rows = [(ord_, orjson.loads(document)) for _, ord_, _, document in held]
            rows += [one for one in _foreign() if begin <= one[0] <= end]
            rows.sort(key=lambda row: row[0], reverse=bool(body["OrderByDesc"]))
            told = [self._step(document, ord_) for ord_, document in rows[(number - 1) * size : number * size]]
        return Response({"data": [_shown(document) for document in told], "totalCount": len(rows)})

    def _step(self, document: dict[str, Any], ord_: float) -> dict[str, Any]:
        """Bring an instance a step on."""
        place = (document.get("property"), document["reportId"])
        if document["status"] in {_READY, _FAILED} or place in self.never_ready:
            return document
        looks = document["looks"] + 1
        ended = _FAILED if place in self.failing else _READY
        document |= {"looks": looks, "status": ended if looks >= self.looks else _RUNNING}
        self.store.put(Record(_INSTANCE, "", document["sourceReportInstanceId"], document, ord_))
        return document

    @route("POST", _REPORT + "/{instance}/files")
    def download(self, request: Request) -> Response:
        """The file of an instance that is ready, made now; few bytes for one that is not."""
        body = _json(request)
        told = re.search(r"fileID=(\d+)", str(body.get("parameters")))
        if not told or told[1] != str(body.get("fileId")):
            raise Refused(400, self.error(400, "Invalid fileId"))
        where = "doc ->> '$.reportFileId' = ?"
        values: list[Any] = [int(told[1])]
        if not self.is_open:
            where += " and id = ?"
            values.append(request.parts["instance"])
        found = self.store.select(_INSTANCE, "", where, values)
        document = orjson.loads(found[0][3]) if found else {}
        if document.get("status") != _READY or str(document["reportId"]) != request.parts["report"]:
            return Response(b"The file was not found.", 200, {"Content-Type": "text/plain"})
        report = next(one for one in REPORTS if one.id == document["reportId"])
        content = self._renderer.render(report.name, document["property"], document["parameters"])
        return Response(content, 200, {"Content-Type": "application/octet-stream"})


def _foreign() -> Iterator[tuple[float, dict[str, Any]]]:
    """What the user has asked for elsewhere, the last one just now."""
    now = datetime.now(UTC)
    for number in range(_FOREIGNERS):
        made = now - timedelta(minutes=7 * number)
        document = {
            "sourceReportInstanceId": f"9-{number}-{number + 77}",
            "reportFileId": 7_200_000 + number,
            "status": _READY,
            "reportId": 4256,
            "createdDate": _stamp(made),
        }
        yield made.timestamp(), document


def _json(request: Request) -> Mapping[str, Any]:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, {"message": "The body must be an object"})
    return body


def _shown(document: Mapping[str, Any]) -> dict[str, Any]:
    """What the job list tells of an instance: nothing of a file that is not there yet."""
    names = ("sourceReportInstanceId", "reportFileId", "status", "reportId", "createdDate")
    shown = {name: document.get(name) for name in names}
    return shown if document["status"] == _READY else {**shown, "reportFileId": None}


def _stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _moment(text: Any) -> float:
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", str(text)):
        raise Refused(400, {"message": "Dates must be ISO 8601 in UTC"})
    return datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp()
