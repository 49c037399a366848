"""What the tests of JobNimbus share: an empty stand-in over HTTP, and runs after runs without a database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from connectors.document_store import Record, Store
from connectors.jobnimbus.events import Known
from connectors.jobnimbus.source import CHANGING, SOURCE, WHOLE, JobNimbus
from connectors.jobnimbus.stand_in import TOKEN, JobNimbusStandIn
from connectors.jobnimbus.values import INACTIVE
from connectors.stand_in import Request, serve
from connectors.sync import Context, Done

RESOURCES = {resource.name: resource for resource in SOURCE.resources}
KINDS = {kind.name: kind for kind in (*CHANGING, *WHOLE)}
NOW = 1_793_577_599
DAY = 86_400


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[JobNimbusStandIn, str]]:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    stand_in = JobNimbusStandIn(Store(), hurry=1_000)
    clear(stand_in.store)
    with serve(stand_in) as url:
        yield stand_in, f"{url}/api1"


def clear(store: Store) -> None:
    store.hold([Record("keys", "", TOKEN, {"may": ["*"]})])
    store.note("now", str(NOW))


def put(store: Store, collection: str, jnid: str, updated: int, created: int = 0, **fields: Any) -> None:
    document = {"jnid": jnid, "date_created": created or updated, "date_updated": updated, "is_active": True, **fields}
    store.put(Record(collection, "", jnid, document, ord=document["date_created"], changed=updated))


def retire(store: Store, collection: str, jnid: str, moment: int) -> None:
    """Delete as JobNimbus does: lists drop the row, its own path tells that it is inactive."""
    document = {**orjson.loads(store.get(collection, "", jnid)), "is_active": False, "date_updated": moment}
    store.remove(collection, "", jnid)
    store.put(Record(collection, INACTIVE, jnid, document, changed=moment))


def moving(happenings: list[Callable[[], None]]) -> Callable[[Request], None]:
    """Let one of these happen before each request from the second on."""
    left = iter([lambda: None, *happenings])
    return lambda _: next(left, lambda: None)()


class Landed:
    """What a run after another one knows, without a database."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.rows: list[tuple[Any, ...]] = []
        self.cursors: dict[str, str | None] = {}

    def run(self, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Walk a resource with what the last run left; return (request, payload) of the events."""
        resource = RESOURCES[name]
        client = JobNimbus(self.url, TOKEN)
        client._known = Known(self.rows)
        walk = resource.fetch(client, Context(self.cursors.get(name)))
        came = []
        while True:
            try:
                page = next(walk)
            except StopIteration as end:
                done: Done = end.value
                self.cursors[name] = done.cursor
                assert not done.complete
                return came
            for row, told in zip(page.rows, page.requests or (), strict=True):
                request = dict(told)
                updated = row.get("date_updated")
                key = resource.key(row, request)
                assert key not in {one[0] for one in self.rows}, "an event is never changed"
                self.rows.append((key, request, None if updated is None else str(updated), datetime.now(UTC)))
                came.append((request, row))


def names(events: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[str]:
    return [request["jnid"] for request, _ in events]
