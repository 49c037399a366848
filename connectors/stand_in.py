"""What every HTTP stand-in has in common: a server on loopback, its documents, its limits, its troubles on request.

Belongs here: routing, sliding-window rate limits, counted requests, faults that a test asks
for. Does not belong here: its documents (`connectors/document_store.py`), any one API
(`connectors/<source>/stand_in.py`) and what is true (`connectors/sandbox/`).

A stand-in is a class with handlers; `serve` runs it in a thread of this process. The sandbox runs all of them in a
process of their own (`connectors/sandbox/services.py`).

Troubles and counts are asked for over HTTP too, so that a test can reach a stand-in in another process:
    GET  /_stand_in/requests            {"<method> <route>": count}; POST /_stand_in/reset sets them to 0
    POST /_stand_in/faults              {"path": regex, "status": 500, "times": 3, "delay": 0, "account": null}
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from connectors.document_store import Store

_CONTROL = "/_stand_in/"


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
