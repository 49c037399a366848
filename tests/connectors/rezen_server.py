"""What the tests of reZEN share: a stand-in with a few rows, a client of it, walks that know earlier ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.document_store import Record, Store
from connectors.rezen.client import Client, Settings
from connectors.rezen.paging import Row
from connectors.rezen.source import SOURCE
from connectors.rezen.stand_in import RezenStandIn
from connectors.stand_in import serve
from connectors.sync import Account, Context, Done, Resource

AGENT, KEY = "aaaaaaaa-0000-4000-8000-000000000001", "real_key_one"
OTHER, OTHER_KEY = "aaaaaaaa-0000-4000-8000-000000000002", "real_key_two"
DAY = 86_400_000
BEGIN = 1_790_000_000_000

RESOURCES: dict[str, Resource] = {resource.name: resource for resource in SOURCE.resources}


@dataclass(frozen=True)
class Known(Context):
    """A context whose landed rows are given."""

    rows: Mapping[str, Mapping[str, Row]] = field(default_factory=dict)
    asked: Mapping[str, Row] = field(default_factory=dict)

    def landed(self, table: str) -> Iterator[tuple[str, Row]]:
        yield from self.rows.get(table, {}).items()

    def requests(self, _: str) -> Iterator[tuple[str, Row | None]]:
        yield from self.asked.items()


class Server(RezenStandIn):
    """A stand-in whose rows a test puts in and takes out."""

    def __init__(self) -> None:
        super().__init__(Store(), hurry=100_000)
        for account, (key, agent) in enumerate(((KEY, AGENT), (OTHER_KEY, OTHER)), start=1):
            self.store.put(Record("key", "", key, {"account": str(account), "agent": agent}))
            self.store.put(Record("agent", agent, agent, {"id": agent, "agentStatus": "ACTIVE", "updatedAt": BEGIN}))

    def put_member(self, number: int, tier: int = 1, status: str = "ACTIVE", updated: int = 0) -> str:
        uuid = f"member-{number}"
        at = BEGIN + updated * DAY
        document = {"id": uuid, "status": status, "updatedAt": at}
        self.store.put(Record("member", AGENT, f"{tier}-{uuid}", document, number, at / 1000, str(tier)))
        return f"{AGENT}-{uuid}-{tier}"

    def put_deal(self, number: int, group: str, updated: int = 0, collection: str = "deal") -> str:
        uuid = f"{collection}-{number:04d}"
        state = {"OPEN": "NEW", "CLOSED": "SETTLED"}.get(group, group)
        document = {
            "id": uuid,
            "lifecycleState": {"state": state},
            "closed": group == "CLOSED",
            "terminated": group == "TERMINATED",
            "updatedAt": BEGIN + updated * DAY,
        }
        self.store.put(Record(collection, AGENT, uuid, document, number, updated, group))
        return uuid

    def put_contribution(self, number: int, day: int, status: str = "PAID", tier: int = 1) -> str:
        uuid = f"contribution-{number}"
        at = BEGIN + day * DAY
        document = {"id": uuid, "status": status, "createdAt": at}
        self.store.put(Record("contribution", AGENT, uuid, document, number, at / 1000, str(tier)))
        return uuid

    def asked(self) -> dict[str, int]:
        """Requests since the last call, by the last part of their paths that says what is asked."""
        counts = dict(self.requests)
        self.requests.clear()
        return {
            label.replace("/{tier}", "").replace("/{group}", "").rsplit("/", 1)[1]: n for label, n in counts.items()
        }


@contextmanager
def served(server: RezenStandIn, key: str = KEY, **changes: Any) -> Iterator[Client]:
    """Serve it and log in."""
    with serve(server) as url:
        yield Client(Account("1", {"api_key": key}), replace(settings_of(url), **changes))


def settings_of(url: str) -> Settings:
    return Settings(f"{url}/arrakis/api/v1", f"{url}/yenta/api/v1", 1e6, check_totals=True, accounts=[])


class Reader:
    """Walks of one resource, each knowing what the ones before brought."""

    def __init__(self, name: str, client: Client) -> None:
        self.resource, self.client = RESOURCES[name], client
        self.known: Context = Known(None)
        self.tables: dict[str, dict[str, Row]] = {table: {} for table in self.resource.tables}
        self.keys: list[str] = []
        self.asked: dict[str, Row] = {}

    def read(self) -> Done:
        """Walk, and land the way a sync does; `keys` are those that were read."""
        self.keys = []
        seen: dict[str, set[str]] = {table: set() for table in self.tables}
        walk = self.resource.fetch(self.client, self.known)
        while True:
            try:
                page = next(walk)
            except StopIteration as end:
                done: Done = end.value
                break
            for row in page.rows:
                table, key = page.table or self.resource.tables[0], self.resource.key(row, dict(page.request or {}))
                self.tables[table][key] = row
                seen[table].add(key)
                self.keys.append(key)
                self.asked[key] = dict(page.request or {})
        if done.complete:
            self.tables = {table: {key: rows[key] for key in seen[table]} for table, rows in self.tables.items()}
        for key in done.gone:
            del self.rows[key]
        asked = {key: self.asked[key] for key in self.rows}
        self.known = Known(done.cursor, "", "", "", self.tables, asked)
        return done

    @property
    def rows(self) -> dict[str, Row]:
        """The rows of the first table."""
        return self.tables[self.resource.tables[0]]
