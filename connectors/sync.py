"""How a live source is synced: accounts times resources, each with its cursor, landed by one transaction.

Belongs here: what every live source has in common. Does not belong here: what is fetched and how it is paged
(`connectors/<source>/source.py`), HTTP (`connectors/rest.py`).

    account ─ resource ─ resource …    one thread an account; a failing account fails alone
        └─pages─> spool (Arrow files) ──dlt──> arriving_<source> ──one transaction──> staging_<source>

The transaction lays what arrived over what is landed (newest row of a key; a row that did not change is not
touched), marks what a complete walk saw no more, and moves the cursors. A run that is killed anywhere leaves either
the old state or the new one: no row twice, none lost, no cursor ahead of its rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dlt
import orjson
import psycopg

from connectors import landing
from connectors.errors import HeadwaterError
from connectors.landing_live import Applied, Attempt, Readers, apply, cursors, landed_keys, landed_rows, prepare
from connectors.rest import SourceError
from connectors.spool import Spool

Row = dict[str, Any]


@dataclass(frozen=True)
class Account:
    """One login of a source.

    Attributes:
        name: tells it from the source's others, in landed rows and messages; no secret, nothing personal.
        secrets: what it logs in with; never shown.
    """

    name: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Page:
    """Rows as received.

    Attributes:
        rows: the documents.
        request: what the request knew and the rows do not say, such as the tier of a downline.
        table: where they land, when not in the resource's first table.
        requests: instead of `request`, one for each row.
    """

    rows: Sequence[Row]
    request: Mapping[str, Any] | None = None
    table: str | None = None
    requests: Sequence[Mapping[str, Any]] | None = None


@dataclass(frozen=True)
class Done:
    """How a walk ended.

    Attributes:
        cursor: where the next one goes on; None where there is no such place.
        complete: every row of the account there is was seen, so that what was not is gone.
        gone: keys of rows of the first table that the source itself says it has deleted, or such keys per table.
    """

    cursor: str | None = None
    complete: bool = False
    gone: Sequence[str] | Mapping[str, Collection[str]] = ()


Walk = Generator[Page, None, Done]


@dataclass(frozen=True)
class Mark:
    """A cursor of changes that are read since then, and now and then all there is, as text both.

    Attributes:
        changes: up to when changes were read, in the source's epoch seconds.
        whole: when all there is was last looked at.
    """

    changes: int
    whole: int

    @classmethod
    def of(cls, cursor: str | None) -> Mark | None:
        """Read a cursor; None where there is none, or not one of these."""
        found = re.fullmatch(r"(\d+) (\d+)", cursor or "")
        return cls(int(found[1]), int(found[2])) if found else None

    def __str__(self) -> str:
        return f"{self.changes} {self.whole}"


@dataclass(frozen=True)
class Context:
    """What a walk may know of earlier ones: `cursor` (None for a first or full one), and rows landed so far.

    Without readers nothing has landed.
    """

    cursor: str | None
    _readers: Readers | None = None
    _schema: str = ""
    _account: str = ""

    def rows(self, table: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """Yield (key, columns…) of the account's rows in a landed table, as of the last complete load."""
        if self._readers:
            yield from landed_rows(self._readers, self._schema, table, self._account, *columns)

    def landed(self, table: str) -> Iterator[tuple[str, Row]]:
        """Yield (key, payload) of the same rows."""
        yield from ((key, payload) for key, payload in self.rows(table, "payload"))

    def requests(self, table: str) -> Iterator[tuple[str, Row | None]]:
        """Yield (key, request) of the same rows."""
        yield from ((key, request) for key, request in self.rows(table, "request"))

    def keys(self, table: str, beginning: str = "") -> set[str]:
        """Return the keys of those rows, or of those that begin so, without fetching them."""
        return landed_keys(self._readers, self._schema, table, self._account, beginning) if self._readers else set()


@dataclass(frozen=True)
class Resource:
    """One kind of record, and how it is read.

    Attributes:
        name: of the resource, as sync state calls it.
        tables: where its rows land.
        fetch: given the account's client and the context, yields pages and returns how the walk ended.
        key: the natural key of a row, unique within account and table; gets the row and its page's request.
        cursor_of: the value of a row by which a cursor moves, for people to see.
        is_guarded: a complete walk may not lose more than a fifth of the rows; off where rows leave by nature.
        lands_whole: of a walk that failed nothing lands; for what is wrong by halves, such as a day's snapshot.
    """

    name: str
    tables: tuple[str, ...]
    fetch: Callable[[Any, Context], Walk]
    key: Callable[[Row, Mapping[str, Any]], str]
    cursor_of: Callable[[Row], Any] = lambda _: None
    is_guarded: bool = True
    lands_whole: bool = False


@dataclass(frozen=True)
class Declared:
    """Where the business's own records name a source's accounts.

    Attributes:
        table: a V2 table with a V1 side.
        account: its column that names the account.
        secrets: its columns an account logs in with; a row that lacks one is no account.
        active: its column that says false of an account which is no longer connected.
    """

    table: str
    account: str
    secrets: tuple[str, ...]
    active: str | None = None


@dataclass(frozen=True)
class Source:
    """A live source.

    Attributes:
        name: the folder of its connector, and its section in the configuration.
        schema: it lands in `staging_<schema>`.
        resources: in the order an account is read.
        configured: the accounts that the configuration names; None when it says nothing of this source.
        connect: the client of an account, as `Resource.fetch` gets it; also gets the warehouse's URL, for one that
            keeps renewed tokens there. Raises SourceError where it cannot log in. Closed in the end, if it can be.
        declared: where V2 names accounts, used unless the configuration does.
        prepare: creates what the source keeps besides its landed tables, if anything, whether configured or not.
        accounts_at_a_time: how many are read side by side; fewer where the API asks for it.
    """

    name: str
    schema: str
    resources: tuple[Resource, ...]
    configured: Callable[[], list[Account] | None]
    connect: Callable[[Account, str], Any]
    declared: Declared | None = None
    prepare: Callable[[psycopg.Connection[Any]], None] = lambda _: None
    accounts_at_a_time: int = 8

    @property
    def tables(self) -> list[str]:
        """Every landed table, once."""
        return list(dict.fromkeys(table for resource in self.resources for table in resource.tables))

    def shares(self, resource: Resource) -> bool:
        """Tell whether rows of another resource land where this one's do."""
        return any(set(one.tables) & set(resource.tables) for one in self.resources if one is not resource)


@dataclass(frozen=True)
class Outcome:
    """What a sync did: rows new, changed or gone per table, and one line for everything that failed."""

    rows: dict[str, int]
    failures: list[str]


def land(
    source: Source, warehouse_url: str, folder: Path, accounts: Sequence[Account], *, full: bool = False
) -> Outcome:
    """Sync a source's accounts into `staging_<schema>`.

    Args:
        source: what to sync.
        warehouse_url: where to.
        folder: where dlt and the spool keep their files.
        accounts: whom to sync; with none the tables still stand.
        full: read everything again, whatever the cursors say.
    """
    with psycopg.connect(warehouse_url, autocommit=True) as connection:
        prepare(connection, source.schema, source.tables)
        source.prepare(connection)
        known = {} if full else cursors(connection, source.schema)
        if not accounts:
            return Outcome({}, [])
        readers = Readers(warehouse_url)
        with Spool(folder / "spool" / source.schema) as spool, closing(readers):

            def sync(account: Account) -> list[Attempt]:
                contexts = {
                    resource.name: Context(
                        known.get((account.name, resource.name)), readers, source.schema, account.name
                    )
                    for resource in source.resources
                }
                return list(_sync(source, account, contexts, spool, warehouse_url))

            with ThreadPoolExecutor(source.accounts_at_a_time, source.name) as threads:
                attempts = [attempt for done in threads.map(sync, accounts) for attempt in done]
            load_id = _load(source, spool, warehouse_url, folder)
        applied = apply(connection, source.schema, load_id, attempts)
    return Outcome(applied.rows, _failures(source, attempts, applied))


def _sync(
    source: Source, account: Account, contexts: Mapping[str, Context], spool: Spool, url: str
) -> Iterator[Attempt]:
    """Read one account, resource by resource. What concerns all of them ends it: the rest would fail just so."""
    broken: str | None = None
    client: Any = None
    for resource in source.resources:
        started = datetime.now(UTC)
        try:
            if broken:
                raise SourceError(broken)
            client = client or source.connect(account, url)
            done, read = _spool(resource, client, contexts[resource.name], account, spool)
        except HeadwaterError as error:
            if not broken and getattr(error, "is_about_all", True):
                broken = f"not read, since {resource.name} failed"
            yield Attempt(
                account.name,
                resource.name,
                resource.tables,
                started,
                error=str(error),
                rows=0 if source.shares(resource) else None,
                lands_nothing=resource.lands_whole,
            )
        else:
            yield Attempt(
                account.name,
                resource.name,
                resource.tables,
                started,
                cursor=done.cursor,
                is_complete=done.complete,
                is_guarded=resource.is_guarded,
                rows=read if source.shares(resource) else None,
                gone=done.gone if isinstance(done.gone, Mapping) else {resource.tables[0]: done.gone},
            )
    if hasattr(client, "close"):
        client.close()


def _spool(resource: Resource, client: Any, context: Context, account: Account, spool: Spool) -> tuple[Done, int]:
    """Spool what a walk yields; return how it ended, and how many rows that were."""
    count = 0
    walk = resource.fetch(client, context)
    while True:
        try:
            page = next(walk)
        except StopIteration as end:
            return end.value, count
        if not page.rows:
            continue
        requests = page.requests or [page.request or {}] * len(page.rows)
        try:
            keys = [resource.key(row, request) for row, request in zip(page.rows, requests, strict=True)]
        except (KeyError, TypeError, AttributeError) as error:
            raise SourceError(
                f"{resource.name}: a row has no key ({error}): the API no longer answers by its contract", 200
            ) from None
        told = [orjson.dumps(one).decode() for one in page.requests] if page.requests else _text(page.request)
        values = [resource.cursor_of(row) for row in page.rows]
        spool.write(page.table or resource.tables[0], account.name, keys, page.rows, told, values)
        count += len(keys)


def _text(request: Mapping[str, Any] | None) -> str | None:
    return orjson.dumps(request).decode() if request else None


def _load(source: Source, spool: Spool, warehouse_url: str, folder: Path) -> str | None:
    """Load the spool by dlt into `arriving_<schema>`; return the load's id, None when nothing arrived."""
    if not spool.tables:
        return None
    pipe = landing.pipeline(source.schema, warehouse_url, folder, dataset=f"arriving_{source.schema}")

    @dlt.source(name=source.schema, section=source.name)
    def arrived() -> Iterator[Any]:
        for table in spool.tables:
            yield landing.arriving(table, spool.reader(table))

    landing.load(pipe, arrived())
    return str(pipe.last_trace.last_load_info.loads_ids[-1])


def _failures(source: Source, attempts: Sequence[Attempt], applied: Applied) -> list[str]:
    """One line a failed account: what failed first there says why the rest was not read."""
    lines: dict[str, str] = {}
    for attempt in attempts:
        error = attempt.error or applied.refused.get((attempt.account, attempt.resource))
        if error and not (attempt.account in lines and error.startswith("not read, since")):
            line = f"{source.name}, account {attempt.account}: {attempt.resource}: {error}"
            lines[attempt.account] = f"{lines[attempt.account]}; {line}" if attempt.account in lines else line
    return list(lines.values())
