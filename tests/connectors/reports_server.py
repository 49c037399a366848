"""What the tests of RealPage's reports share: the stand-in with tiny files in place of workbooks, and syncs from it.

The files are JSON, so that a batch takes milliseconds: `test_realpage_reports_rendered.py` reads true workbooks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest
from live import landed, state

from connectors.document_store import Record, Store
from connectors.realpage_reports import inbox, reading, source
from connectors.realpage_reports.definitions import REPORTS
from connectors.realpage_reports.documents import SITE
from connectors.realpage_reports.layout import ErrorWorkbook, Report, ReportError, Row
from connectors.realpage_reports.properties import properties
from connectors.realpage_reports.stand_in import RealPageReportsStandIn, token
from connectors.stand_in import serve
from connectors.sync import Outcome, land

TODAY = date(2026, 1, 15)
SITES = [site.site_id for site in properties()][:3]
NAMES = {site.site_id: site.name for site in properties()}
KINDS = [report.name for report in REPORTS]
PADDING = "x" * 500


def told_end(told: Mapping[str, str]) -> date | None:
    """The end date a report was asked with, None for one that takes none."""
    text = told.get("End_Date") or told.get("AsOfDate") or told.get("enddate")
    return datetime.strptime(text, "%m/%d/%Y").date() if text else None  # noqa: DTZ007 - a day


def file(kind: str, name: str, day: date = TODAY, rows: int = 3, **more: Any) -> bytes:
    """A file as the tests' own reader takes it."""
    told = {"kind": kind, "name": name, "day": day.isoformat(), "rows": rows, "padding": PADDING, **more}
    return orjson.dumps(told)


@dataclass
class Files:
    """Stands in for the renderer: tiny files, as of the day each property has reached."""

    days: dict[str, date] = field(default_factory=dict)
    made: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def render(self, report: str, site: str, told: Mapping[str, str]) -> bytes:
        if (site, report) in self.made:
            return self.made[site, report]
        day, end = self.days.get(site, TODAY), told_end(told)
        if end and end > day:
            return file(report, NAMES[site], day, error="Invalid end date entered - must be the property date or less")
        return file(report, NAMES[site], day, told=dict(told))


def read_file(content: bytes, *, file: str, property: str | None, salt: str, company: str | None = None) -> Report:  # noqa: A002
    try:
        told = orjson.loads(content)
    except orjson.JSONDecodeError:
        raise ReportError(f"{file}: it is no workbook: save it anew") from None
    if "error" in told:
        raise ErrorWorkbook(f"{file}: RealPage says: {told['error']}")
    rows = (Row("Sheet1", number, {"kind": "total", "Units": number}) for number in range(told["rows"]))
    parameters = told.get("told", {})
    day = date.fromisoformat(told["day"])
    return Report(told["kind"], day, parameters, told["name"], told["kind"].upper(), rows, day)


class Reports:
    """The stand-in, the warehouse, and syncs from one into the other."""

    def __init__(self, server: RealPageReportsStandIn, warehouse: str, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.server, self.warehouse, self.folder, self._patch = server, warehouse, folder, patch
        self.files = Files()
        server._renderer = self.files  # type: ignore[assignment]

    def set(self, **settings: Any) -> None:
        for name, value in settings.items():
            variable = f"SOURCES__REALPAGE_REPORTS__{name.upper()}"
            if value is None:
                self._patch.delenv(variable, raising=False)
            else:
                self._patch.setenv(variable, value if isinstance(value, str) else orjson.dumps(value).decode())

    def sync(self, *, full: bool = False) -> Outcome:
        self.server.requests.clear()
        return land(source.SOURCE, self.warehouse, self.folder, source.configured() or [], full=full)

    def requests(self) -> dict[str, int]:
        names = {"create": "{report}/report-instances", "look": "my/report-instances", "download": "/files"}
        return {
            name: sum(count for route, count in self.server.requests.items() if route.endswith(end))
            for name, end in names.items()
        }

    def rows(self, table: str, columns: str = "account, key, payload") -> list[tuple[Any, ...]]:
        return landed(self.warehouse, "realpage_reports", table, columns)

    def files_landed(self) -> set[tuple[str, str]]:
        return {(account, payload["report"]) for account, payload in self.rows("files", "account, payload")}

    def state(self) -> dict[tuple[str, str], tuple[Any, ...]]:
        return state(self.warehouse, "realpage_reports")

    def execute(self, query: str) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.warehouse) as connection:
            found = connection.execute(query)
            return found.fetchall() if found.description else []

    def empty(self) -> None:
        """Forget everything that was landed."""
        self.execute("drop schema if exists staging_realpage_reports cascade")
        self.execute("drop schema if exists arriving_realpage_reports cascade")


@contextmanager
def reports(warehouse: str, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Reports]:
    """The stand-in with three properties, and the settings that lead there."""
    patch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    for module in (reading, inbox):
        patch.setattr(module, "read_report", read_file)
    patch.setattr(inbox, "_SETTLED_AFTER", 0.0)
    inbox._sorted.clear()
    store = Store(folder / "reports.sqlite")
    for site in SITES:
        store.put(Record(SITE, "", site, {"name": NAMES[site]}))
    server = RealPageReportsStandIn(store)
    with serve(server) as url:
        made = Reports(server, warehouse, folder, patch)
        made.set(
            base_url=f"{url}/v1",
            token=token(datetime.now(UTC) + timedelta(hours=1)),
            person_salt="salt",
            accounts=[{"name": site} for site in SITES],
            today=TODAY.isoformat(),
            days_back="0",
            poll_seconds="0.001",
            polls="6",
        )
        yield made
