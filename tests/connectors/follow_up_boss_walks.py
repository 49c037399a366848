"""What the tests of Follow Up Boss share: small accounts in a stand-in, and walks that land in memory."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from connectors.document_store import Record, Store
from connectors.follow_up_boss import client, source, stand_in
from connectors.follow_up_boss.documents import KEYS
from connectors.follow_up_boss.stand_in import FollowUpBossStandIn
from connectors.stand_in import Request, serve
from connectors.sync import Account, Done, Resource

FIRST_MOMENT = 1_790_000_000
RESOURCES = {one.name: one for one in source.SOURCE.resources}


def moment(seconds: int) -> str:
    """A moment so many seconds after the first one."""
    return datetime.fromtimestamp(FIRST_MOMENT + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def served(hurry: float = 100, kind: type[FollowUpBossStandIn] = stand_in.FollowUpBossStandIn) -> Iterator[Any]:
    """A stand-in with two accounts, a and b, and the settings that lead there."""
    made = kind(Store(), hurry)
    for account in "ab":
        identity = {"account": {"id": ord(account)}, "user": {"id": 1}}
        made.store.put(Record(KEYS, "", f"key-{account}", {"account": account}))
        made.store.put(Record("identity", account, str(ord(account)), identity))
    settings = {"RUNTIME__REQUEST_BACKOFF_FACTOR": "0.01", "RUNTIME__REQUEST_MAX_ATTEMPTS": "3"}
    before = dict(os.environ)
    with serve(made) as url:
        os.environ.update(settings | stand_in.configuration(None, url))
        try:
            yield made
        finally:
            os.environ.clear()
            os.environ.update(before)


def connected(account: str = "a", key: str | None = None) -> client.Client:
    return source.connect(Account(account, {"api_key": key or f"key-{account}"}), "")


def put(made: Any, collection: str, number: int, seconds: int = 0, *, parent: str = "", **row: Any) -> None:
    """Put a row of account a that changed so many seconds after the first moment."""
    document = {"id": number, "updated": moment(seconds), **row}
    made.store.put(Record(collection, "a", str(number), document, number, FIRST_MOMENT + seconds, parent))


@dataclass
class Landed:
    """What landing would make of walks: also a walk's context, as far as one looks."""

    cursors: dict[str, str | None] = field(default_factory=dict)
    tables: dict[str, dict[str, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    cursor: str | None = None
    walks: list[Done] = field(default_factory=list)

    def landed(self, table: str) -> Iterator[tuple[str, dict[str, Any]]]:
        return iter(dict(self.tables[table]).items())

    def keys(self, table: str) -> set[str]:
        return set(self.tables[table])

    def walk(self, resource: Resource | str, reader: client.Client) -> Done:
        """Walk a resource and land it; what an error leaves behind lands too, as it does in a run."""
        one = RESOURCES[resource] if isinstance(resource, str) else resource
        self.cursor = self.cursors.get(one.name)
        arrived: dict[str, dict[str, Any]] = defaultdict(dict)
        walk = one.fetch(reader, self)
        try:
            while True:
                page = next(walk)
                for row in page.rows:
                    arrived[page.table or one.tables[0]][one.key(row, {})] = row
        except StopIteration as end:
            done: Done = end.value
            self.cursors[one.name] = done.cursor
        finally:
            for table, rows in arrived.items():
                self.tables[table].update(rows)
        if done.complete:
            for table in one.tables:
                self.tables[table] = {key: row for key, row in self.tables[table].items() if key in arrived[table]}
        for key in done.gone:
            self.tables[one.tables[0]].pop(key, None)
        self.walks.append(done)
        return done


def between(made: Any, *changes: Callable[[], None], after: int = 1, path: str = "") -> None:
    """Let one change happen before each of the requests to a path, from the one after the first `after` on."""
    waiting, asked = list(changes), [0]

    def before(request: Request) -> None:
        asked[0] += path in request.path
        if waiting and path in request.path and asked[0] > after:
            waiting.pop(0)()

    made.before = before
