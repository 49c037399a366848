"""What every HTTP stand-in has in common: a server on loopback, its documents, its limits, its troubles on request.

Belongs here: routing, the store of documents, sliding-window rate limits, counted requests, faults that a test asks
for. Does not belong here: any one API (`connectors/<source>/stand_in.py`) and what is true (`connectors/sandbox/`).

A stand-in is a class with handlers; `serve` runs it in a thread of this process. The sandbox runs all of them in a
process of their own (`connectors/sandbox/services.py`).

Troubles and counts are asked for over HTTP too, so that a test can reach a stand-in in another process:
    GET  /_stand_in/requests            {"<method> <route>": count}; POST /_stand_in/reset sets them to 0
    POST /_stand_in/faults              {"path": regex, "status": 500, "times": 3, "delay": 0, "account": null}
"""

from __future__ import annotations

import re
import sqlite3
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

_CONTROL = "/_stand_in/"


@dataclass(frozen=True)
class Record:
    """One document of a stand-in.

    Attributes:
        collection: its kind, such as people.
        account: whose it is; '' where the source has one account.
        id: unique within both.
        document: what the API answers, as JSON text or an object.
        ord: what lists are sorted by.
        changed: its last change, where the API filters by it (epoch seconds, or any number that grows).
        parent: what it hangs on, where the API lists by that.
    """

    collection: str
    account: str
    id: str
    document: Any
    ord: float = 0
    changed: float = 0
    parent: str = ""


class Store:
    """A stand-in's documents, in a SQLite file: flat memory, and they survive a restart.

    Columns for `where` and `order`: id, ord, changed, parent, doc (JSON text: `doc ->> '$.stage'`).
    """

    def __init__(self, path: Path | str = ":memory:") -> None:
        self._path = str(path)
        self._local = threading.local()
        # A memory database has one connection only, which threads share.
        self._shared = self._open() if self._path == ":memory:" else None
        self._lock = threading.RLock()
        self._connection.executescript(
            "create table if not exists document (collection text, account text, id text, ord real, changed real,"
            " parent text, doc text, primary key (collection, account, id)) without rowid;"
            "create index if not exists by_ord on document (collection, account, ord, id);"
            "create index if not exists by_changed on document (collection, account, changed, id);"
            "create index if not exists by_parent on document (collection, account, parent, ord, id);"
            "create table if not exists note (name text primary key, value text);"
        )

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, check_same_thread=False, isolation_level=None, timeout=60)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = off")
        return connection

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._shared:
            return self._shared
        if not hasattr(self._local, "connection"):
            self._local.connection = self._open()
        opened: sqlite3.Connection = self._local.connection
        return opened

    def hold(self, records: Iterable[Record]) -> None:
        """Hold exactly these records: in one transaction what differs is written, what is missing is removed."""
        connection = self._connection
        with self._lock:
            connection.execute("begin")
            connection.execute("create temp table if not exists seen (c text, a text, i text, primary key (c, a, i))")
            connection.execute("delete from seen")
            for batch in _batches(records, 5_000):
                rows = [_row(record) for record in batch]
                connection.executemany("insert into seen values (?, ?, ?)", [row[:3] for row in rows])
                connection.executemany(_UPSERT, rows)
            connection.execute(
                "delete from document where not exists"
                " (select 1 from seen where c = collection and a = account and i = id)"
            )
            connection.execute("commit")

    def put(self, record: Record) -> None:
        """Add or change one record."""
        with self._lock:
            self._connection.execute(_UPSERT, _row(record))

    def remove(self, collection: str, account: str, id: str) -> None:  # noqa: A002 - the column's name
        """Remove one record."""
        with self._lock:
            self._connection.execute(
                "delete from document where collection = ? and account = ? and id = ?", [collection, account, id]
            )

    def select(
        self,
        collection: str,
        account: str = "",
        where: str = "true",
        values: Sequence[Any] = (),
        order: str = "ord, id",
        limit: int = -1,
        offset: int = 0,
    ) -> list[tuple[str, float, float, str]]:
        """Return (id, ord, changed, document as JSON text) of the records that meet a SQL condition, in order."""
        with self._lock if self._shared else _no_lock():
            return self._connection.execute(
                f"select id, ord, changed, doc from document where collection = ? and account = ? and ({where})"
                f" order by {order} limit ? offset ?",
                [collection, account, *values, limit, offset],
            ).fetchall()

    def count(self, collection: str, account: str = "", where: str = "true", values: Sequence[Any] = ()) -> int:
        """Count the records that meet a SQL condition."""
        with self._lock if self._shared else _no_lock():
            (count,) = self._connection.execute(
                f"select count(*) from document where collection = ? and account = ? and ({where})",
                [collection, account, *values],
            ).fetchone()
        return int(count)

    def get(self, collection: str, account: str, id: str) -> str | None:  # noqa: A002
        """Return one document as JSON text."""
        found = self.select(collection, account, "id = ?", [id])
        return found[0][3] if found else None

    def note(self, name: str, value: str | None = None) -> str | None:
        """Read a note, or write it: what the store was filled with, tokens that were given out."""
        with self._lock:
            if value is not None:
                self._connection.execute("insert or replace into note values (?, ?)", [name, value])
                return value
            row = self._connection.execute("select value from note where name = ?", [name]).fetchone()
        return row[0] if row else None


_UPSERT = (
    "insert into document values (?, ?, ?, ?, ?, ?, ?) on conflict do update set ord = excluded.ord,"
    " changed = excluded.changed, parent = excluded.parent, doc = excluded.doc where doc <> excluded.doc"
    " or ord <> excluded.ord or changed <> excluded.changed or parent <> excluded.parent"
)


@contextmanager
def _no_lock() -> Iterator[None]:
    yield


def _row(record: Record) -> tuple[Any, ...]:
    document = record.document if isinstance(record.document, str) else orjson.dumps(record.document).decode()
    return (record.collection, record.account, record.id, record.ord, record.changed, record.parent, document)


def _batches(records: Iterable[Record], size: int) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in records:
        batch.append(record)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


class RateLimit:
    """A sliding window: so many requests in so many seconds, per name."""

    def __init__(self, limit: int, seconds: float) -> None:
        self.limit, self.seconds = limit, seconds
        self._taken: dict[str, deque[float]] = {}
        self._lock = threading.Lock()

    def take(self, name: str) -> tuple[int, float]:
        """Take one request; return how many are left, -1 when there was none, and seconds until one is free."""
        now = time.monotonic()
        with self._lock:
            taken = self._taken.setdefault(name, deque())
            while taken and taken[0] <= now - self.seconds:
                taken.popleft()
            if len(taken) >= self.limit:
                return -1, taken[0] + self.seconds - now
            taken.append(now)
            return self.limit - len(taken), taken[0] + self.seconds - now


@dataclass(frozen=True)
class Request:
    """What was asked; header names in lower case, `parts` as the route names them, every value of a parameter."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes
    parts: Mapping[str, str] = field(default_factory=dict)
    base_url: str = ""

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a parameter."""
        return self.query.get(name, [default])[0]

    def number(self, name: str, default: int) -> int:
        """Return a parameter as a number.

        Raises:
            Refused: it is none; status 400.
        """
        text = self.one(name, str(default))
        if not re.fullmatch(r"-?\d+", text):
            raise Refused(400, {"message": f"{name} must be a number"})
        return int(text)


@dataclass
class Response:
    """What is answered; a body of bytes goes out as it is, anything else as JSON."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class Refused(Exception):  # noqa: N818 - it is an answer, not a failure
    """Ends a handler with an error answer."""

    def __init__(self, status: int, body: Any = None, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.response = Response(body, status, headers or {})


Handler = Callable[[Any, Request], Response]


def route(method: str, pattern: str) -> Callable[[Handler], Handler]:
    """Mark a method of a stand-in as the handler of a path; `{name}` in it is a part without slashes."""

    def mark(handler: Handler) -> Handler:
        handler.route = (method, pattern)  # type: ignore[attr-defined]
        return handler

    return mark


@dataclass
class Fault:
    """Trouble that was asked for: the next `times` requests whose path matches fail, or are slow."""

    path: str
    status: int = 500
    times: int = 1
    delay: float = 0
    account: str | None = None


class StandIn:
    """Base of the stand-ins. Subclasses mark handlers with `route` and may override the hooks below."""

    name = ""

    def __init__(self, store: Store, hurry: float = 1.0) -> None:
        """Make it.

        Args:
            store: its documents.
            hurry: how many times the real rate limits it allows. 1 are the real ones.
        """
        self.store, self.hurry = store, hurry
        self.requests: Counter[str] = Counter()
        self.faults: list[Fault] = []
        self.before: Callable[[Request], None] = lambda _: None
        """Called before every request: a test lets data move while it is paged."""
        self._lock = threading.Lock()
        self._routes = [
            (method, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", pattern) + "/?"), pattern, handler)
            for handler in (getattr(type(self), name) for name in dir(type(self)))
            if hasattr(handler, "route")
            for method, pattern in [handler.route]
        ]
        # What is named wins over a part of any name.
        self._routes.sort(key=lambda one: one[2].count("{"))

    def account_of(self, request: Request) -> str | None:
        """Whose request it is, for faults that hit one account. None where that cannot be told."""
        del request
        return None

    def allow(self, request: Request) -> dict[str, str]:
        """Check limits; return the headers that every answer carries. Raises Refused over the limit."""
        del request
        return {}

    def error(self, status: int, message: str) -> Any:
        """The body of an error answer, in the API's own shape."""
        return {"status": status, "message": message}

    def answer(self, request: Request) -> Response:
        """Answer a request."""
        if request.path.startswith(_CONTROL):
            return self._control(request)
        for method, pattern, label, handler in self._routes:
            match = pattern.fullmatch(request.path)
            if match and method == request.method:
                with self._lock:
                    self.requests[f"{method} {label}"] += 1
                request = Request(**{**vars(request), "parts": match.groupdict()})
                try:
                    self._trouble(request)
                    self.before(request)
                    headers = self.allow(request)
                    response = handler(self, request)
                except Refused as refused:
                    return refused.response
                response.headers = {**headers, **response.headers}
                return response
        return Response(self.error(404, "Not found"), 404)

    def _trouble(self, request: Request) -> None:
        with self._lock:
            for fault in self.faults:
                is_meant = fault.account is None or fault.account == self.account_of(request)
                if fault.times > 0 and is_meant and re.search(fault.path, request.path):
                    fault.times -= 1
                    break
            else:
                return
        time.sleep(fault.delay)
        if fault.status >= 400:
            raise Refused(fault.status, self.error(fault.status, "asked for"))

    def _control(self, request: Request) -> Response:
        action = request.path.removeprefix(_CONTROL)
        if action == "faults":
            self.faults.append(Fault(**orjson.loads(request.body)))
        elif action == "reset":
            self.requests.clear()
            self.faults.clear()
        return Response(dict(self.requests))


def _handler_of(stand_in: StandIn) -> type[BaseHTTPRequestHandler]:
    class HttpHandler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def _answer(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            request = Request(
                self.command,
                parts.path,
                parse_qs(parts.query, keep_blank_values=True),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(length),
                base_url=f"http://{self.headers['Host']}",
            )
            response = stand_in.answer(request)
            body = response.body if isinstance(response.body, bytes) else _json(response.body)
            # Not `send_response`: it adds its own Date, and a stand-in may live on another day.
            self.send_response_only(response.status)
            now = self.date_time_string()
            for name, value in {"Content-Type": "application/json", "Date": now, **response.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = _answer  # noqa: N815 - the base class's names

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Requests hold keys: none is logged."""

    return HttpHandler


def _json(body: Any) -> bytes:
    return b"" if body is None else orjson.dumps(body)


def listed(documents: Iterable[str]) -> bytes:
    """A JSON list of documents that are JSON text already."""
    return b"[" + ",".join(documents).encode() + b"]"


@contextmanager
def serve(stand_in: StandIn, port: int = 0) -> Iterator[str]:
    """Serve a stand-in on loopback as long as the block lasts.

    Yields:
        Its URL.
    """
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler_of(stand_in))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
