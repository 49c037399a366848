"""Every live source with its real stand-in over a small world: what tests over all of them share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson
import psycopg
import pytest

from connectors.document_store import Store
from connectors.sandbox.services import Service, services
from connectors.sandbox.world import World
from connectors.stand_in import serve
from connectors.sync import Account, Outcome, Source, land

NAMES = [service.name for service in services()]


def _keys(collection: str, **secrets: str) -> Callable[[Store], list[Account]]:
    """Accounts out of a stand-in's own records: the document names the account, secrets are its fields or its key."""

    def accounts(store: Store) -> list[Account]:
        held = [(key, orjson.loads(text)) for key, _, _, text in store.select(collection)]
        return [
            Account(row["account"], {name: row.get(field, key) for name, field in secrets.items()}) for key, row in held
        ]

    return accounts


_DECLARED = {
    "rezen": _keys("key", api_key="-"),
    "follow_up_boss": _keys("keys", api_key="-"),
    "skyslope": _keys("connection", access_key="key", access_secret="secret"),
}
"""In a whole run the business's own records name these accounts."""


@dataclass
class Sandbox:
    """A source, its stand-in, and whom it is read for. `server` is None for the one that reads files."""

    source: Source
    service: Service
    store: Store
    server: Any
    place: Path

    @property
    def accounts(self) -> list[Account]:
        configured = self.source.configured()
        return _DECLARED[self.service.name](self.store) if configured is None else configured

    def fill(self, world: World) -> None:
        self.service.module.fill(self.store if self.server else self.place, world)

    def sync(self, warehouse: str, folder: Path, accounts: Sequence[Account] | None = None) -> Outcome:
        return land(self.source, warehouse, folder, self.accounts if accounts is None else accounts)


@contextmanager
def sandbox(name: str, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Serve a source's stand-in, filled with a world, and lead the connector there."""
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "2")
    service = Service(name, import_module(f"connectors.{name}.stand_in"))
    source: Source = import_module(f"connectors.{name}.source").SOURCE
    store = Store(folder / f"{name}.sqlite")
    server = service.server(store, 1_000) if service.server else None
    made = Sandbox(source, service, store, server, folder / name)
    made.fill(world)
    with serve(server) if server else _nothing(str(made.place)) as place:
        for variable, value in service.module.configuration(world, place).items():
            monkeypatch.setenv(variable, value)
        yield made


@contextmanager
def _nothing(place: str) -> Iterator[str]:
    yield place


_MOMENTS = {
    "text_queue": " - '{queued_at,picked_up_at,finished_at}'::text[]",
    "files": " - '{file,sha256,size}'::text[]",
}
"""A queue of the connector's own: when a run came by differs by nature, as do the files made for it."""


_MOMENT = r":\d{8}T\d{6}[.]\d+Z"
"""How the key of an event of JobNimbus ends that tells when it was noticed."""


_KEY = f"regexp_replace(regexp_replace(key, '{_MOMENT}$', ''), '^[0-9]+:(?=Sheet|html)', '')"
"""A key without the number of the file it came in: whoever asks twice gets two files."""

_KEYS = {("staging_realpage_reports", "files"): "concat_ws(':', payload ->> 'report', payload ->> 'report_date')"}


def contents(warehouse: str, source: Source) -> dict[str, list[tuple[Any, ...]]]:
    """All that is landed of a source, and how far it was read; no moments and no load ids, which differ by nature."""
    made = {}
    schema = f"staging_{source.schema}"
    with psycopg.connect(warehouse) as connection:
        if connection.execute("select to_regclass(%s)", [f"{schema}.sync_state"]).fetchone() == (None,):
            return {}
        for table in source.tables:
            made[table] = connection.execute(
                f"select account, {_KEYS.get((schema, table), _KEY)} as told,"
                " request - '{at,again,file_id,file}'::text[],"
                f" payload{_MOMENTS.get(table, '')}, deleted_at is null"
                f" from {schema}.{table} order by account, told"
            ).fetchall()
        made["sync_state"] = connection.execute(
            f"select account, resource, status, error from {schema}.sync_state order by account, resource"
        ).fetchall()
    return made


@pytest.fixture
def undisturbed(empty_database: str) -> Iterator[str]:
    """URL of a second database, for the syncs that nobody kills."""
    name = f"{empty_database.rsplit('/', 1)[1]}_undisturbed"[:63]
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute(f'create database "{name}" template template0')
        yield empty_database.rsplit("/", 1)[0] + "/" + name
        connection.execute(f'drop database "{name}" with (force)')
