"""RPX into Postgres: first, unchanged, the next day, what goes the same day, one bad site."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from live import landed, state
from property_servers import OTHER, SMALL, personal, properties

from connectors.document_store import Store
from connectors.realpage_rpx.documents import records
from connectors.realpage_rpx.source import SOURCE, configured
from connectors.realpage_rpx.stand_in import LICENCE, PATH, PMC, RealPageRpxStandIn
from connectors.stand_in import serve
from connectors.sync import Account, Outcome, land

SCHEMA = "realpage_rpx"


@pytest.fixture
def run(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[RealPageRpxStandIn, Callable[..., Outcome]]]:
    store = Store()
    store.hold(records(properties(), [SMALL]))
    stand_in = RealPageRpxStandIn(store)
    with serve(stand_in) as url:
        for name, value in {
            "URL": url + PATH,
            "PMCID": PMC,
            "LICENSEKEY": LICENCE,
            "PERSON_SALT": "salt",
            "ACCOUNTS": f'["{SMALL}"]',
        }.items():
            monkeypatch.setenv(f"SOURCES__REALPAGE_RPX__{name}", value)

        def sync(*more: str) -> Outcome:
            accounts = [*(configured() or []), *map(Account, more)]
            return land(SOURCE, empty_database, tmp_path, accounts)

        yield stand_in, sync


def test_a_site_day_after_day(run: Any, empty_database: str) -> None:
    stand_in, sync = run
    one = properties().site(SMALL)
    first = sync()
    assert first.failures == []
    assert first.rows["units"] == len(one.units)
    assert set(first.rows) == set(SOURCE.tables)
    ((account, key, request),) = landed(empty_database, SCHEMA, "sites", "account, key, request")
    assert (account, key) == (str(SMALL), f"2026-11-01:{SMALL}")
    assert request == {"snapshot_date": "2026-11-01", "pmcid": PMC, "siteid": str(SMALL)}

    # Unchanged: read again, nothing written.
    stand_in.requests.clear()
    assert sync() == Outcome({}, [])
    assert sum(stand_in.requests.values()) == 7

    # A unit and a resident go the same day: marked, not removed; they come back.
    (unit,) = stand_in.store.select("units", str(SMALL), limit=1)
    stand_in.store.remove("units", str(SMALL), unit[0])
    assert sync() == Outcome({"units": 1}, [])
    gone = landed(empty_database, SCHEMA, "units where deleted_at is not null", "key")
    assert [key for (key,) in gone] == [f"2026-11-01:{one.units['unit_id'].iloc[0]}"]
    stand_in.store.hold(records(properties(), [SMALL]))
    assert sync() == Outcome({"units": 1}, [])

    # The next day is a snapshot of its own, and the day before stays as it was.
    before = landed(empty_database, SCHEMA, "units", "key, payload, extracted_at")
    following = properties(1).site(SMALL)
    stand_in.store.hold(records(properties(1), [SMALL]))
    assert sync().rows["units"] == len(following.units)
    after = landed(empty_database, SCHEMA, "units where deleted_at is null", "key, payload, extracted_at")
    assert [row for row in after if row[0].startswith("2026-11-01")] == before
    assert len(after) == len(before) + len(following.units)
    assert {values[2] for values in state(empty_database, SCHEMA).values()} == {"2026-11-02"}

    # Nobody can be told from what has landed.
    with psycopg.connect(empty_database) as connection:
        dump = "".join(
            str(row)
            for table in SOURCE.tables
            for row in connection.execute(f"select key, request, payload from staging_{SCHEMA}.{table}")
        )
    assert not [word for word in personal(SMALL) if word in dump and not word[:4].isdigit()]


def test_a_site_that_fails_fails_alone(run: Any, empty_database: str) -> None:
    _, sync = run
    outcome = sync(str(OTHER))
    assert outcome.rows["units"] > 0
    (failure,) = outcome.failures
    assert failure.startswith(f"realpage_rpx, account {OTHER}: sites: realpage_rpx: getsitelist answered inv_Param")
    states = state(empty_database, SCHEMA)
    assert states[str(OTHER), "units"][:2] == ("error", "not read, since sites failed")
    assert states[str(SMALL), "units"][0] == "ready"


def test_a_list_that_comes_empty_or_halved_is_not_believed(run: Any, empty_database: str) -> None:
    stand_in, sync = run
    sync()
    many = len(landed(empty_database, SCHEMA, "units", "key"))
    units = stand_in.store.select("units", str(SMALL))
    for unit in units[: len(units) // 2]:
        stand_in.store.remove("units", str(SMALL), unit[0])
    (failure,) = sync().failures
    assert "of 2026-11-01 are gone, which nobody believes" in failure
    for unit in units:
        stand_in.store.remove("units", str(SMALL), unit[0])
    (failure,) = sync().failures
    assert "units came empty, which it was not before" in failure
    assert len(landed(empty_database, SCHEMA, "units where deleted_at is null", "key")) == many
