"""Yardi into Postgres: first, unchanged, the next day, what goes the same day."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from live import landed, state
from property_servers import properties
from test_yardi import DAY, SITE, code, settings_of

from connectors.document_store import Store
from connectors.stand_in import Refused, Request, serve
from connectors.sync import Outcome, land
from connectors.yardi.client import CHARGES
from connectors.yardi.documents import records
from connectors.yardi.guest_documents import EVENTS
from connectors.yardi.source import SOURCE, configured
from connectors.yardi.stand_in import SHARE, YardiStandIn

SCHEMA = "yardi"


@pytest.fixture
def run(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[YardiStandIn, Callable[..., Outcome]]]:
    store = Store()
    store.hold(records(properties(), [SITE]))
    stand_in = YardiStandIn(store)
    with serve(stand_in) as url:
        for name, value in settings_of(url).items():
            monkeypatch.setenv(f"SOURCES__YARDI__{name}", value)

        def sync(day: str = DAY, **how: Any) -> Outcome:
            monkeypatch.setenv("SOURCES__YARDI__SNAPSHOT_DATE", day)
            return land(SOURCE, empty_database, tmp_path, configured() or [], **how)

        yield stand_in, sync


def test_a_property_day_after_day(run: Any, empty_database: str) -> None:
    stand_in, sync = run
    first = sync()
    assert first.failures == []
    assert set(first.rows) == set(SOURCE.tables)
    requests = {request["post_month"] for (request,) in landed(empty_database, SCHEMA, "lease_charges", "request")}
    assert requests == {"2026-11-01"}

    stand_in.requests.clear()
    assert sync() == Outcome({}, [])
    assert sum(stand_in.requests.values()) == 6

    (unit,) = stand_in.store.select("units", code(), limit=1)
    stand_in.store.remove("units", code(), unit[0])
    assert sync() == Outcome({"units": 1}, [])
    ((key,),) = landed(empty_database, SCHEMA, "units where deleted_at is not null", "key")
    assert key.startswith(f"{DAY}:")

    before = landed(empty_database, SCHEMA, "residents", "key, payload")
    events = len(landed(empty_database, SCHEMA, "guest_activity", "key"))
    following = properties(1).site(SITE)
    stand_in.store.hold(records(properties(1), [SITE]))
    second = sync("2026-11-02")
    assert second.failures == []
    after = landed(empty_database, SCHEMA, "residents where deleted_at is null", "key, payload")
    assert [row for row in after if row[0].startswith(DAY)] == before
    assert sum(row[0].startswith("2026-11-02") for row in after) == len(following.households)

    # Events are no snapshots: new ones came, old ones keep the day they were first seen on.
    expected = sum(len(EVENTS[kind]) for kind in following.prospect_events["kind"])
    told = landed(empty_database, SCHEMA, "guest_activity", "request ->> 'snapshot_date'")
    assert len(told) >= expected
    assert second.rows["guest_activity"] < events / 4
    assert {day for (day,) in told} <= {DAY, "2026-11-02"}
    assert sync("2026-11-02") == Outcome({}, [])
    assert state(empty_database, SCHEMA)[code(), "guest_activity"][2] == "2026-11-02"


def test_a_billing_licence_that_is_wrong_leaves_the_rest(run: Any, empty_database: str, monkeypatch: Any) -> None:
    _, sync = run
    monkeypatch.setenv("SOURCES__YARDI__BILLING_LICENSE", "MII-wrong")
    outcome = sync()
    (failure,) = outcome.failures
    assert "lease_charges: yardi: GetResidentLeaseCharges_Login answered Interface license is invalid." in failure
    assert set(outcome.rows) == set(SOURCE.tables) - {"lease_charges"}


def test_of_charges_that_break_off_none_land(run: Any, empty_database: str) -> None:
    """Rents of half the tenants would be a wrong snapshot, which nothing tells from a right one."""
    stand_in, sync = run
    stand_in.unlicensed = frozenset({"GetResidentsLeaseCharges_Login"})
    one = f"POST {SHARE}/{CHARGES}.asmx/GetResidentLeaseCharges_Login"

    def break_off(_: Request) -> None:
        if stand_in.requests[one] > 3:
            raise Refused(403)

    stand_in.before = break_off
    (failure,) = sync().failures
    assert "GetResidentLeaseCharges_Login" in failure
    assert landed(empty_database, SCHEMA, "lease_charges", "key") == []
    stand_in.before = lambda _: None
    assert sync().failures == []
    assert len(landed(empty_database, SCHEMA, "lease_charges", "key")) == 70


def test_a_day_without_units_to_let_is_no_error_one_without_units_is(run: Any, empty_database: str) -> None:
    stand_in, sync = run
    sync()
    for collection in ("available", "units"):
        for row in stand_in.store.select(collection, code()):
            stand_in.store.remove(collection, code(), row[0])
    (failure,) = sync("2026-11-02").failures
    assert "units: units came empty, which it was not before" in failure
    assert "available_units" not in failure
    states = state(empty_database, SCHEMA)
    assert (states[code(), "available_units"][2], states[code(), "units"][2]) == ("2026-11-02", DAY)
