"""Stripe into Postgres: first sync, an unchanged one, one after a day, a key that was revoked."""

from pathlib import Path

import pytest
from live import landed, state

from connectors.document_store import Store
from connectors.sandbox.world import build
from connectors.stand_in import Fault, serve
from connectors.stripe.source import SOURCE
from connectors.stripe.stand_in import KEY, StripeStandIn, configuration, fill
from connectors.sync import Outcome, land


def test_syncs(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    store = Store()
    world = build(scale=0.01)
    later = build(scale=0.01, day=1)
    fill(store, world)
    stand_in = StripeStandIn(store, hurry=1_000)

    def sync(*, full: bool = False) -> Outcome:
        stand_in.requests.clear()
        return land(SOURCE, empty_database, tmp_path, SOURCE.configured() or [], full=full)

    with serve(stand_in) as url:
        for name, value in configuration(world, url).items():
            monkeypatch.setenv(name, value)

        outcome = sync()
        assert outcome.failures == []
        held = {name: store.count(name, "", "doc ->> '$.deleted' is null") for name in SOURCE.tables}
        assert outcome.rows == held
        assert all(count > 0 for count in held.values())
        first = {name: landed(empty_database, "stripe", name, "key, payload, xmin::text") for name in SOURCE.tables}

        outcome = sync()
        assert (outcome.rows, outcome.failures) == ({}, [])
        assert stand_in.requests == {"GET /v1/events": len(SOURCE.resources)}
        for name in SOURCE.tables:
            assert landed(empty_database, "stripe", name, "key, payload, xmin::text") == first[name]

        fill(store, later)
        store.remove("keys", "", KEY)
        (failure,) = sync().failures
        assert failure.startswith("stripe, account main: products: stripe: /v1/events answered 401")
        assert KEY not in failure
        assert state(empty_database, "stripe")["main", "prices"][1] == "not read, since products failed"

        fill(store, later)
        stand_in.faults.append(Fault("/v1/invoices/", 500, times=99))
        (failure,) = sync().failures
        assert failure.startswith("stripe, account main: invoices: stripe: /v1/invoices/")
        stand_in.faults.clear()
        outcome = sync()
        assert outcome.failures == []
        assert 0 < outcome.rows["invoices"] < held["invoices"]
        _agrees(store, empty_database)
        deleted = {
            name: [key for key, at in landed(empty_database, "stripe", name, "key, deleted_at") if at]
            for name in SOURCE.tables
        }
        assert {name for name, keys in deleted.items() if keys} == {"products", "customers", "invoices"}
        kept = dict(landed(empty_database, "stripe", "customers", "key, payload"))
        assert kept[deleted["customers"][0]]["email"] == "lead0@example.com"

        outcome = sync(full=True)
        assert set(outcome.rows) <= {"subscriptions"}, "but for prices inside items nothing was missed"
        _agrees(store, empty_database)


def _agrees(store: Store, url: str) -> None:
    for name in SOURCE.tables:
        here = {key for key, at in landed(url, "stripe", name, "key, deleted_at") if not at}
        assert here == {row[0] for row in store.select(name, "", "doc ->> '$.deleted' is null")}
