"""Follow Up Boss: accounts, users, people and what is done with them, stages, pipelines and groups.

Paging: 100 a page, by the link to the next page that each page gives (`client.py`). Lists hide rows by default
(trashed, unclaimed, archived and deleted ones, custom fields): every list is asked for all of them. A row is unique by
its `id` within its account.
Incremental: people, calls, events and appointments by `updatedAfter`, people also by `lastActivityAfter` (what is done
with a person does not move `updated`). The mark is the newest `updated` seen, less the length of the walk and five
minutes, so that no clock but the API's own counts. Deals tell no moment of change: all are read each time, so are the
short lists. Rows that have gone show by the list's own total: where it is not what is landed, the list is read whole
(not events: the longest list, whose rows only leave with their person).
Text messages can be listed by person only. Who was touched is queued (`text_queue`), and read until it went well:
one person's failure loses no other's messages, and the next run tries again.

    /people (changed, active) ──> staging_fub.people
          └─touched─> text_queue ──> /textMessages?personId=… ──> staging_fub.stage_text_messages_fub_onboarding

Alone: `python -m connectors.follow_up_boss`. Does not belong here: what a field means.
"""

from __future__ import annotations

import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from dlt.common.configuration import with_config
from dlt.common.typing import TSecretStrValue

from connectors.follow_up_boss.client import LIMIT, Client
from connectors.rest import Api, Params, SourceError
from connectors.sync import Account, Context, Declared, Done, Page, Resource, Row, Source, Walk

BASE_URL = "https://api.followupboss.com/v1"
QUEUE = "text_queue"
"""Per person whose text messages are read: person_id, status (pending, completed, failed), touched (the person's
newest moment when it was queued), queued_at, picked_up_at, finished_at, attempts, error. `in_progress` is never seen:
what a run does is seen when it has ended."""

_GONE = 404
_OVERLAP = timedelta(minutes=5)
_MARK = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class _List:
    """A list that tells what has changed.

    Attributes:
        path: of the list; its rows are under the same name.
        table: where they land.
        params: what makes it hide nothing.
        moments: fields of a row that each have a filter of their own.
        has_total: rows that left are looked for by the list's total.
        finds_deleted: its deleted rows can be listed too, but do not say that they are.
        queues: its rows are people whose text messages are to be read.
    """

    path: str
    table: str
    params: Params = field(default_factory=dict)
    moments: tuple[str, ...] = ("updated",)
    has_total: bool = True
    finds_deleted: bool = False
    queues: bool = False

    def fetch(self, client: Client, context: Context) -> Walk:
        """Read what has changed, or everything when there is no cursor or rows have left."""
        began = time.monotonic()
        mark, unlisted = _parsed(context.cursor)
        newest: datetime | None = None
        deleted: set[str] = set()
        is_full = mark is None
        if self.queues:
            client.queue = {} if is_full else dict(context.landed(QUEUE))
        if mark:
            known = context.keys(self.table) if self.has_total else set()
            for moment in self.moments:
                filters = {f"{moment}After": mark.strftime(_MARK)}
                if self.finds_deleted:
                    deleted |= self._deleted(client, filters)
                for rows in client.pages(self.path, self.path, {**self.params, **filters}):
                    newest = _newest(rows, newest)
                    ids = {str(row.get("id")) for row in rows}
                    known |= ids
                    deleted -= ids
                    yield from self._as_pages(client, rows)
            is_full = self.has_total and self._differs(client, len(known - deleted) + unlisted)
        if is_full:
            seen: set[str] = set()
            for rows in client.pages(self.path, self.path, self.params):
                newest = _newest(rows, newest)
                seen |= {str(row.get("id")) for row in rows}
                yield from self._as_pages(client, rows)
            unlisted = client.counted - len(seen) if self.has_total and client.counted is not None else 0
        cursor = _cursor(mark, newest, timedelta(seconds=time.monotonic() - began), unlisted)
        return Done(cursor, complete=is_full, gone=() if is_full else sorted(deleted))

    def _differs(self, client: Client, expected: int) -> bool:
        """Tell whether the list has other rows than expected. One that does not count them cannot tell."""
        total = client.total(self.path, self.params)
        return total is not None and total != expected

    def _deleted(self, client: Client, filters: Params) -> set[str]:
        """Ids that only show among the deleted, unless the list itself, which is read after this, has them too."""
        params = {**self.params, **filters, "includeDeleted": "true"}
        return {str(row.get("id")) for rows in client.pages(self.path, self.path, params) for row in rows}

    def _as_pages(self, client: Client, rows: list[Row]) -> Iterator[Page]:
        yield Page(rows)
        if self.queues:
            yield Page(_queued(client, rows), table=QUEUE)


_PEOPLE = _List(
    "people",
    "people",
    {"includeTrash": "true", "includeUnclaimed": "true", "fields": "allFields"},
    moments=("updated", "lastActivity"),
    queues=True,
)


def _parsed(cursor: str | None) -> tuple[datetime | None, int]:
    """A cursor: the mark, and how many rows more the list counts than it shows, where it does."""
    if not cursor:
        return None, 0
    mark, *rest = cursor.split(" unlisted ")
    return datetime.strptime(mark, _MARK).replace(tzinfo=UTC), int(rest[0]) if rest else 0


def _cursor(mark: datetime | None, newest: datetime | None, lasted: timedelta, unlisted: int) -> str | None:
    """Return where the next walk goes on: what changed while this one lasted may have been passed already."""
    found = [moment for moment in (mark, newest and newest - lasted - _OVERLAP) if moment]
    if not found:
        return None
    return max(found).strftime(_MARK) + (f" unlisted {unlisted}" if unlisted else "")


def _newest(rows: list[Row], so_far: datetime | None) -> datetime | None:
    moments = [moment for row in rows if (moment := _moment(row.get("updated")))]
    return max([*moments, *([so_far] if so_far else [])], default=None)


def _moment(text: Any) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise SourceError("follow_up_boss: a row's moment is no ISO 8601 text: the API has changed", 200) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _queued(client: Client, rows: list[Row]) -> list[Row]:
    """Queue the people of a page whom something was done with, but for those that stand as they stood."""
    queue = client.queue if client.queue is not None else {}
    made = []
    for person in rows:
        if not person.get("lastActivity"):
            continue
        touched = max(filter(None, (_moment(person.get("updated")), _moment(person["lastActivity"])))).strftime(_MARK)
        key = str(person["id"])
        if queue.get(key, {}).get("touched") != touched:
            queue[key] = _queue_row(person_id=person["id"], touched=touched, queued_at=_now())
            made.append(queue[key])
    return made


def _queue_row(**values: Any) -> Row:
    empty = {"status": "pending", "picked_up_at": None, "finished_at": None, "attempts": 0, "error": None}
    return {**empty, **values}


def _now() -> str:
    return datetime.now(UTC).strftime(_MARK)


def _text_messages(client: Client, context: Context) -> Walk:
    """Read the messages of everyone queued. A failure of one is told when all have been tried."""
    queue = client.queue if client.queue is not None else dict(context.landed(QUEUE))
    due = sorted((row for row in queue.values() if row["status"] != "completed"), key=_turn)
    failures: list[SourceError] = []
    for row in due:
        row = {**row, "picked_up_at": _now(), "attempts": row["attempts"] + 1}
        error: SourceError | None = None
        try:
            for rows in client.pages("textMessages", "textmessages", {"personId": row["person_id"]}):
                yield Page(rows)
        except SourceError as failed:
            if failed.status != _GONE:  # a person that has gone took the messages along
                error = failed
                failures.append(failed)
        ended = {"status": "failed" if error else "completed", "finished_at": _now(), "error": error and str(error)}
        yield Page([{**row, **ended}], table=QUEUE)
        if error and error.is_about_all:
            raise error
    if failures:
        message = f"messages of {len(failures)} of {len(due)} people were not read; the next run tries again"
        raise SourceError(f"follow_up_boss: {message} ({failures[0]})", failures[0].status)
    return Done()


def _turn(row: Row) -> tuple[Any, ...]:
    """Who has failed least comes first."""
    return row["attempts"], row["queued_at"], row["person_id"]


def _whole(path: str, params: Params | None = None) -> Callable[[Client, Context], Walk]:
    """Read a list whole each time."""

    def fetch(client: Client, _: Context) -> Walk:
        for rows in client.pages(path, path, params or {}):
            yield Page(rows)
        return Done(complete=True)

    return fetch


def _deals(client: Client, context: Context) -> Walk:
    """Read all deals, and anew the people of those that changed: they repeat a deal without being updated by it."""
    before = dict(context.landed("deals")) if context.cursor else None
    people: set[int] = set()
    count = 0
    for rows in client.pages("deals", "deals", {"includeArchived": 1, "includeDeleted": 1}):
        count += len(rows)
        yield Page(rows)
        if before is not None:
            for row in rows:
                known = before.pop(str(row.get("id")), {})
                people |= set() if known == row else _people_of(known) | _people_of(row)
    people |= {one for row in (before or {}).values() for one in _people_of(row)}
    for first in range(0, len(people), LIMIT):
        ids = ",".join(str(one) for one in sorted(people)[first : first + LIMIT])
        for rows in client.pages("people", "people", {**_PEOPLE.params, "id": ids}):
            yield Page(rows, table=_PEOPLE.table)
    return Done(f"{count} deals", complete=True)


def _people_of(deal: Row) -> set[int]:
    return {person["id"] for person in deal.get("people") or [] if "id" in person}


def _identity(client: Client, _: Context) -> Walk:
    yield Page([client.get("identity")])
    return Done(complete=True)


def _key(row: Row, _: Mapping[str, Any]) -> str:
    return str(row["person_id"] if "touched" in row else row["id"])


def _changing(one: _List, name: str) -> Resource:
    return Resource(name, (one.table,), one.fetch, _key, lambda row: row.get("updated"))


_RESOURCES = (
    Resource("accounts", ("accounts",), _identity, lambda row, _: str(row["account"]["id"])),
    Resource("users", ("users",), _whole("users", {"includeDeleted": "true"}), _key),
    Resource("stages", ("stages",), _whole("stages"), _key),
    Resource("pipelines", ("pipelines",), _whole("pipelines"), _key),
    Resource("groups", ("groups",), _whole("groups"), _key),
    _changing(_PEOPLE, "people"),
    Resource("deals", ("deals",), _deals, _key),
    _changing(_List("calls", "calls"), "calls"),
    _changing(_List("events", "events", has_total=False), "events"),
    _changing(
        _List("appointments", "stage_appointments_fub_onboarding", finds_deleted=True),
        "appointments",
    ),
    Resource("text_messages", ("stage_text_messages_fub_onboarding", QUEUE), _text_messages, _key),
)


@dataclass(frozen=True)
class Settings:
    """Section `sources.follow_up_boss`.

    Attributes:
        base_url: where the API is.
        system: the name under which this software is registered there; without one lower limits hold.
        system_key: the key that goes with the name.
        accounts: name and api_key of each account; None where V2's fub_accounts tell them.
    """

    base_url: str
    system: str
    system_key: str
    accounts: list[dict[str, str]] | None


@with_config(sections=("sources", "follow_up_boss"))
def settings(
    base_url: str = BASE_URL,
    system: str = "",
    system_key: TSecretStrValue = "",
    accounts: list[dict[str, str]] | None = None,
) -> Settings:
    """Read the section."""
    return Settings(base_url, system, system_key, accounts)


def _configured() -> list[Account] | None:
    accounts = settings().accounts
    return accounts and [Account(one["name"], {"api_key": one["api_key"]}) for one in accounts]


def connect(account: Account, _: str) -> Client:
    """Return the client of an account. The key is tried by the first request only."""
    told = settings()
    key = account.secrets["api_key"]
    headers = {"Authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}"}
    if told.system:
        headers |= {"X-System": told.system, "X-System-Key": told.system_key}
    return Client(Api("follow_up_boss", told.base_url, headers=headers, secrets=(key, told.system_key)))


SOURCE = Source(
    name="follow_up_boss",
    schema="fub",
    resources=_RESOURCES,
    configured=_configured,
    connect=connect,
    declared=Declared("fub_accounts", "id", ("api_key",), "active"),
)
