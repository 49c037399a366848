"""RealPage's reports: box score, rent roll, delinquency, activity, monthly summary, lease expirations of a property.

Fetched: one workbook a report, property and day, made on request: asked for, waited for on the job list, downloaded,
read (`connectors/realpage_reports/batch.py`). Paging: the job list's (`connectors/realpage_reports/client.py`).
A row is unique by the file it came in, its sheet and its row there; older files stay, so that any day can be read.
Incremental: the cursor of a report is the day it was wanted for; a report that stands for the day is not asked for
again. Workbooks in the inbox folder take the same way, known by a hash of their content.

    POST create x 6 ──> POST job list … ready ──> POST download ──┬─ rows ──> staging_realpage_reports.<report>
                                          inbox/*.xls, *.xlsx ────┤           payload {kind, label: cell}
                                                                  ├─ file ──> .files
                                                                  └─ bad ───> .rejected_files

People's names never land, but salted hashes of them. Alone: `python -m connectors.realpage_reports` with DATABASE_URL,
SOURCES__REALPAGE_REPORTS__TOKEN and …PERSON_SALT set. Does not belong here: what a cell means (the models).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from dlt.common.configuration import with_config
from dlt.common.typing import TSecretStrValue

from connectors.errors import HeadwaterError
from connectors.landing_live import cursors
from connectors.realpage_reports import instances
from connectors.realpage_reports.batch import Batch, Plan, ReportFailedError
from connectors.realpage_reports.client import Reporting
from connectors.realpage_reports.definitions import REPORTS, Definition
from connectors.realpage_reports.inbox import ACCOUNT as INBOX
from connectors.realpage_reports.inbox import Inbox
from connectors.realpage_reports.instances import SCHEMA, Instances
from connectors.realpage_reports.properties import Property, properties
from connectors.realpage_reports.reading import Workbook, read
from connectors.realpage_reports.tokens import Tokens
from connectors.sync import Account, Context, Done, Page, Resource, Row, Source, Walk

FILES, REJECTED = "files", "rejected_files"

_ACTIVITY = "activity"


@dataclass(frozen=True)
class _Settings:
    base_url: str
    token: str = field(repr=False)
    token_file: str
    person_salt: str = field(repr=False)
    inbox: str
    accounts: list[Any] | None
    today: str
    days_back: int
    first_activity_months: int
    poll_seconds: float
    polls: int

    @property
    def has_token(self) -> bool:
        """Can reports be asked for?"""
        return bool(self.token or self.token_file)


@with_config(sections=("sources", "realpage_reports"))
def _settings(
    base_url: str = "https://reportingapi.realpage.com/v1",
    token: TSecretStrValue | None = None,
    token_file: str | None = None,
    person_salt: TSecretStrValue | None = None,
    inbox: str | None = None,
    accounts: list[Any] | None = None,
    today: str | None = None,
    days_back: int = 1,
    first_activity_months: int = 12,
    poll_seconds: float = 15.0,
    polls: int = 20,
) -> _Settings:
    """The settings.

    Args:
        base_url: of the reporting API.
        token: of a logged-in web session.
        token_file: a file it is read from instead, before each request.
        person_salt: what the hashes that stand in for people are salted with; the same for ever.
        inbox: a folder of workbooks dropped by hand.
        accounts: `{"name": site id}` each; without them every active property of `seeds/properties.csv`.
        today: the day that counts as today; without it each property's own.
        days_back: how many days before it the first end date lies: a property's accounting day is mostly yesterday.
        first_activity_months: how far back the first activity report goes; a later one takes in the month before.
        poll_seconds: between two looks at the job list.
        polls: how many times it is looked at for one report.
    """
    return _Settings(
        base_url,
        token or "",
        token_file or "",
        person_salt or "",
        inbox or "",
        accounts,
        today or "",
        days_back,
        first_activity_months,
        poll_seconds,
        polls,
    )


def configured() -> list[Account] | None:
    """The properties whose reports are wanted, and the inbox.

    Raises:
        HeadwaterError: something of what they need is not set.
    """
    settings = _settings()
    if not (settings.has_token or settings.inbox or settings.accounts):
        return None
    if not (settings.has_token or settings.inbox):
        raise HeadwaterError("realpage_reports: set sources.realpage_reports.token or …token_file, or …inbox")
    if not settings.person_salt:
        raise HeadwaterError(
            "realpage_reports: set sources.realpage_reports.person_salt to a long random text, and keep it:"
            " people are told apart by hashes made with it"
        )
    sites = [Account(site.site_id) for site in _sites(settings)]
    return [*sites, Account(INBOX)] if settings.inbox else sites


def _sites(settings: _Settings) -> Sequence[Property]:
    """The properties that are synced.

    Raises:
        HeadwaterError: one that was named is not in the seed.
    """
    if settings.accounts is None:
        return [site for site in properties() if site.is_active]
    known = {site.site_id: site for site in properties()}
    names = [str(one["name"]) if isinstance(one, Mapping) and "name" in one else str(one) for one in settings.accounts]
    if missing := [name for name in names if name not in known]:
        raise HeadwaterError(
            f"realpage_reports: seeds/properties.csv has no site {', '.join(missing)}: add a row, or take it out of"
            " sources.realpage_reports.accounts"
        )
    return [known[name] for name in names]


@dataclass(frozen=True)
class Site:
    """An account as its walks get it: a property, or the inbox's own account.

    Attributes:
        wanted: the day reports are wanted for.
        batch: of its reports, where there is a token.
        inbox: where there is one.
        account: its name.
    """

    account: str
    wanted: str = ""
    batch: Batch | None = None
    inbox: Inbox | None = None


def connect(account: Account, warehouse_url: str) -> Site:
    """Get ready to read an account; nothing is asked for yet."""
    settings = _settings()
    sites = _sites(settings)
    inbox = None
    if settings.inbox:
        folder = Path(settings.inbox).expanduser()
        inbox = Inbox(folder, {site.site_id for site in sites}, settings.person_salt)
    site = next((one for one in sites if one.site_id == account.name), None)
    if not site or not settings.has_token:
        return Site(account.name, inbox=inbox)
    today = date.fromisoformat(settings.today) if settings.today else datetime.now(ZoneInfo(site.timezone)).date()
    wanted = today - timedelta(days=settings.days_back)
    file = Path(settings.token_file).expanduser() if settings.token_file else None

    def made_of(definition: Definition, file_id: str, content: bytes) -> Workbook:
        name = f"{definition.name} {file_id} of {site.name}"
        return read(content, file_id, name, site, settings.person_salt, definition)

    batch = Batch(
        Reporting(settings.base_url, Tokens(settings.token, file)),
        site,
        Instances(warehouse_url, site.site_id),
        made_of,
        _plan(settings, wanted, _read_up_to(warehouse_url, site.site_id)),
    )
    return Site(account.name, wanted.isoformat(), batch, inbox)


def _read_up_to(warehouse_url: str, account: str) -> dict[str, str | None]:
    """The cursor of each of an account's reports: one report's walk has all of them asked for."""
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        known = cursors(connection, SCHEMA)
    return {definition.name: known.get((account, definition.name)) for definition in REPORTS}


def _plan(settings: _Settings, wanted: date, known: Mapping[str, str | None]) -> Plan:
    return Plan(
        wanted=wanted,
        landed=frozenset(name for name, cursor in known.items() if cursor == wanted.isoformat()),
        # People are leads in the month of their very first activity, so the first report reaches far back; each
        # later one takes in the month before, which one that was missed at its end would lack.
        months_back={_ACTIVITY: 1 if known[_ACTIVITY] else settings.first_activity_months},
        seconds=settings.poll_seconds,
        looks=settings.polls,
    )


def _report(definition: Definition) -> Callable[[Site, Context], Walk]:
    def fetch(site: Site, context: Context) -> Walk:
        if site.batch is None or context.cursor == site.wanted:
            return Done(cursor=context.cursor)
        try:
            workbook = site.batch.report(definition)
        except ReportFailedError as failed:
            if failed.rejected:
                yield _rejected(failed.rejected)
            raise
        yield from _pages(workbook, "api")
        return Done(cursor=site.wanted, gone=_settled(context, "api", definition.name))

    return fetch


def _dropped(site: Site, context: Context) -> Walk:
    """What lies in the inbox: a property's own files, or with the inbox's own account those that are nobody's."""
    if site.inbox is None:
        return Done()
    refused: list[Row] = []
    if site.account == INBOX:
        if not site.inbox.is_there:
            raise ReportFailedError("there is no inbox folder: make it, or set sources.realpage_reports.inbox")
        refused += site.inbox.strays
    else:
        known = {row["sha256"] for _, row in context.landed(FILES)}
        for found in site.inbox.of(site.account, known):
            if isinstance(found, Workbook):
                yield from _pages(found, "inbox")
            else:
                refused.append(found)
    for row in refused:
        yield _rejected(row)
    if refused:
        # Said only now: the others have landed all the same.
        raise ReportFailedError(
            "; ".join(row["reason"] for row in refused) + ": save it anew, or take it out of the inbox"
        )
    return Done(gone=_settled(context, "inbox"))


def _settled(context: Context, source: str, report: str = "") -> dict[str, set[str]]:
    """The rejected files of a source that have been made good, of one report or of all."""
    rows = ((key, row) for key, row in context.landed(REJECTED) if row.get("source") == source)
    return {REJECTED: {key for key, row in rows if report in ("", row.get("report"))}}


def _pages(workbook: Workbook, source: str) -> Iterator[Page]:
    """The rows, each told where it stands; then the file itself."""
    report = workbook.report
    told = {
        "file_id": workbook.file_id,
        "file": workbook.file,
        "report": report.kind,
        "report_date": _iso(report.report_date),
        "fiscal_period": report.fiscal_period,
        "parameters": report.parameters,
        "property_name": report.property_name,
        "title": report.title,
    }
    yield Page(
        [row.payload for row in workbook.rows],
        table=report.kind,
        requests=[{**told, "sheet": row.sheet, "row": row.row_number} for row in workbook.rows],
    )
    file = {
        "report": report.kind,
        "report_date": _iso(report.report_date),
        "rows": len(workbook.rows),
        "size": workbook.size,
        "sha256": workbook.content_hash,
        "source": source,
        "file": workbook.file,
        "title": report.title,
        "property_name": report.property_name,
        "parameters": report.parameters,
        "wanted": _iso(workbook.asked.wanted) if workbook.asked else None,
    }
    yield Page([file], {"file_id": workbook.file_id}, FILES)


def _rejected(row: Row) -> Page:
    payload = {name: value for name, value in row.items() if name != "sha256"}
    return Page([payload], {"sha256": row["sha256"]}, REJECTED)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _key(_: Row, request: Mapping[str, Any]) -> str:
    if "row" in request:
        return f"{request['file_id']}:{request['sheet']}:{request['row']}"
    return str(request.get("file_id") or request["sha256"])


_TABLES = tuple(definition.name for definition in REPORTS)

SOURCE = Source(
    name="realpage_reports",
    schema=SCHEMA,
    resources=(
        # First, so that a dead token keeps nobody from what lies in the inbox.
        Resource("inbox", (*_TABLES, FILES, REJECTED), _dropped, _key),
        *(
            Resource(definition.name, (definition.name, FILES, REJECTED), _report(definition), _key)
            for definition in REPORTS
        ),
    ),
    configured=configured,
    connect=connect,
    prepare=instances.prepare,
)
"""Account: a property, by its RealPage site id; `inbox` for files that are nobody's."""
