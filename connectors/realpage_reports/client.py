"""RealPage's reporting API: create an instance of a report, see which are ready, download one.

Paging: the job list comes newest first by page number, so that what is created meanwhile shifts rows onto later pages
and none is missed. File ids are one sequence over all of RealPage's customers: none is ever guessed.

Does not belong here: what is asked for when (`connectors/realpage_reports/batch.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.realpage_reports.definitions import Definition
from connectors.realpage_reports.properties import Property
from connectors.realpage_reports.tokens import Tokens
from connectors.rest import Api, SourceError

READY, FAILED = 3, 4

_PAGE = 100
_LEAST_BYTES = 500
"""What is shorter is no report but a message in place of one."""

_JOBS = "my/report-instances"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Listed:
    """An instance on the job list."""

    status: int
    file_id: str


class Reporting:
    """The API, as the user of the token sees it."""

    def __init__(self, base_url: str, tokens: Tokens) -> None:
        self._tokens = tokens
        origin = "https://www.realpage.com"
        headers = {
            "Accept": "application/json, text/plain, */*",
            "Content-Type": "application/json",
            "Origin": origin,
            "Referer": origin,
        }
        self._api = Api("realpage_reports", base_url, headers=headers, renew=self._renew)

    def create(self, report: Definition, site: Property, parameters: Mapping[str, str]) -> str:
        """Have a report made; return the id of the instance.

        Raises:
            SourceError: RealPage refused.
        """
        path = f"reports/{report.id}/report-instances"
        detail = {"propertyId": site.site_id, "propertyName": site.name, "city": "", "state": "", "zipcode": ""}
        answer = self._post(
            path,
            {
                "reportKey": report.key,
                "sourceId": "OS",
                "scheduledType": 1,
                "scheduledDate": "",
                "scheduledTime": "",
                "scheduleDateTime": None,
                "reportFormat": report.format,
                "reportFormatName": "Excel",
                "emaiTo": "",
                "properties": [site.site_id],
                "propertyDetailList": [{**detail, "country": ""}],
                "parameters": [{"name": name, "label": value, "value": value} for name, value in parameters.items()],
                "users": [],
                "cloudServiceAccountId": None,
            },
        )
        instance = answer.get("instanceId") if isinstance(answer, dict) else None
        if not instance:
            raise SourceError(f"realpage_reports: /{path} answered no instanceId", 200)
        return str(instance)

    def instances(self, ids: Collection[str], since: datetime) -> dict[str, Listed]:
        """Look for instances that were created after `since` on the job list; what is not there is left out."""
        found: dict[str, Listed] = {}
        seen, number = 0, 1
        while True:
            answer = self._post(
                _JOBS,
                {
                    "pageSize": _PAGE,
                    "pageNumber": number,
                    "searchText": "",
                    "reportProductList": [],
                    "reportAreaList": [],
                    # The list compares in UTC, whatever the zone of the user; a day covers all of them.
                    "startDate": _utc(since - _DAY),
                    "endDate": _utc(datetime.now(UTC) + _DAY),
                    "favorite": False,
                    "PropertiesList": [],
                    "OrderBy": "CreatedDate",
                    "OrderByDesc": True,
                },
            )
            rows = self._api.rows(answer, _JOBS, "data")
            for row in rows:
                instance = str(row.get("sourceReportInstanceId"))
                if instance in ids and instance not in found:
                    found[instance] = Listed(int(row.get("status") or 0), str(row.get("reportFileId") or ""))
            seen, number = seen + len(rows), number + 1
            if not rows or len(found) == len(ids) or seen >= int(answer.get("totalCount") or 0):
                return found

    def download(self, report: Definition, site: Property, instance: str, file_id: str) -> bytes:
        """Return the bytes of a finished report.

        Raises:
            SourceError: RealPage gave none.
        """
        path = f"reports/{report.id}/report-instances/{instance}/files"
        asked = {
            "reportId": report.id,
            "parameters": f"reportKey={report.key}&sourceId=OS&fileID={file_id}&View=2",
            "fileId": file_id,
            "propertyName": site.name,
        }
        content = bytes(self._send(path, asked).content)
        if len(content) < _LEAST_BYTES:
            raise SourceError(
                f"realpage_reports: file {file_id} came with {len(content)} bytes, which is no report: run again", 404
            )
        return content

    def _post(self, path: str, body: Mapping[str, Any]) -> Any:
        return self._api.json(self._send(path, body), path)

    def _send(self, path: str, body: Mapping[str, Any]) -> Any:
        self._use(self._tokens.current())
        return self._api.send("POST", path, json=body)

    def _renew(self) -> None:
        self._use(self._tokens.after_refusal())

    def _use(self, token: str) -> None:
        self._api.headers["Authorization"] = f"Bearer {token}"
        self._api.secrets = (token,)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
