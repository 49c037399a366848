"""SkySlope's files in the warehouse: first and later syncs, files that go, accounts that fail."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from live import landed, state

from connectors.document_store import Record, Store
from connectors.skyslope.source import LISTINGS, SALES, SOURCE, USERS
from connectors.skyslope.stand_in import CLIENT_ID, CLIENT_SECRET, SkySlopeStandIn
from connectors.stand_in import serve
from connectors.sync import Account, Outcome, land

NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def a_sale(number: int, age: int, status: str = "Pending", modified: datetime | None = None) -> Record:
    created = NOW - timedelta(days=age)
    modified = modified or created
    document = {
        "objectType": "sale",
        "saleGuid": f"SALE-{number}:",
        "status": f"{status}\ue001\ue000!",
        "createdOn": created.isoformat(),
        "modifiedOn": modified.isoformat(),
    }
    stamps = [moment.replace(tzinfo=UTC).timestamp() for moment in (created, modified)]
    return Record("sale", "", f"sale-{number}", document, ord=stamps[0], changed=stamps[1], parent="a")


@pytest.fixture
def stand_in() -> SkySlopeStandIn:
    store = Store()
    keys = [
        Record(
            "connection", "", f"key-{n}", {"key": f"key-{n}", "secret": f"secret-{n}", "account": f"{n}", "sees": sees}
        )
        for n, sees in ((1, ""), (2, "b"))
    ]
    listing = Record(
        "listing",
        "",
        "l",
        {"objectType": "listing", "listingGuid": "l", "modifiedOn": "2001-09-09T01:46:40"},
        ord=1e9,
        changed=1e9,
        parent="b",
    )
    user = Record("user", "", "a", {"userGuid": "a"})
    store.hold([*keys, listing, user, *(a_sale(number, 100 * number) for number in range(1, 31))])
    return SkySlopeStandIn(store)


def sync(
    stand_in: SkySlopeStandIn,
    warehouse: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *names: str,
    full: bool = False,
) -> Outcome:
    with serve(stand_in) as url:
        monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
        monkeypatch.setenv("SOURCES__SKYSLOPE__BASE_URL", url)
        monkeypatch.setenv("SOURCES__SKYSLOPE__CLIENT_ID", CLIENT_ID)
        monkeypatch.setenv("SOURCES__SKYSLOPE__CLIENT_SECRET", CLIENT_SECRET)
        accounts = [Account(name, {"access_key": f"key-{name}", "access_secret": f"secret-{name}"}) for name in names]
        return land(SOURCE, warehouse, folder, accounts, full=full)


def test_first_unchanged_changed_gone(
    stand_in: SkySlopeStandIn, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = sync(stand_in, empty_database, tmp_path, monkeypatch, "1", "2")
    assert first.failures == []
    assert first.rows == {SALES: 30, LISTINGS: 2, USERS: 1}  # both keys see the listing, one the sales
    assert landed(empty_database, "skyslope", LISTINGS, "account, key") == [("1", "l"), ("2", "l")]
    before = landed(empty_database, "skyslope", SALES, "key, payload ->> 'saleGuid', payload ->> 'status', xmin::text")
    assert before[0][:3] == ("sale-1", "SALE-1:", "Pending\n!")

    stand_in.requests.clear()
    assert sync(stand_in, empty_database, tmp_path, monkeypatch, "1", "2").rows == {}
    assert (
        landed(empty_database, "skyslope", SALES, "key, payload ->> 'saleGuid', payload ->> 'status', xmin::text")
        == before
    )
    assert stand_in.requests == {"POST /auth/login": 2, "GET /api/files": 2, "GET /api/users": 2}

    stand_in.store.put(a_sale(7, 700, "Closed", NOW))
    stand_in.store.remove("sale", "", "sale-9")
    assert sync(stand_in, empty_database, tmp_path, monkeypatch, "1").rows == {SALES: 1}
    gone = "(select count(*) from staging_skyslope.{} where deleted_at is not null)"
    assert landed(empty_database, "skyslope", SALES, gone.format(SALES))[0] == (0,)  # nobody tells, until all are read
    assert state(empty_database, "skyslope")["1", "files"][:2] == ("ready", None)

    assert sync(stand_in, empty_database, tmp_path, monkeypatch, "1", full=True).rows == {SALES: 1}
    assert landed(empty_database, "skyslope", SALES, gone.format(SALES))[0] == (1,)


def test_an_account_fails_alone_and_heals(
    stand_in: SkySlopeStandIn, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = sync(stand_in, empty_database, tmp_path, monkeypatch, "1", "3")
    (failure,) = outcome.failures
    assert failure.startswith("skyslope, account 3: files: skyslope: /auth/login answered 401")
    assert outcome.rows[SALES] == 30
    connection = {"key": "key-3", "secret": "secret-3", "account": "3", "sees": "b"}
    stand_in.store.put(Record("connection", "", "key-3", connection))
    healed = sync(stand_in, empty_database, tmp_path, monkeypatch, "1", "3")
    assert healed.failures == []
    assert healed.rows == {LISTINGS: 1}
    assert state(empty_database, "skyslope")["3", "files"][0] == "ready"


def test_an_answer_cut_off_lands_nothing_and_moves_no_cursor(
    stand_in: SkySlopeStandIn, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from connectors.skyslope import stand_in as module

    whole = module.listed
    monkeypatch.setattr(module, "listed", lambda rows: whole([*rows][1:] if len([*rows]) > 1 else rows))
    outcome = sync(stand_in, empty_database, tmp_path, monkeypatch, "1")
    assert "says that it has" in outcome.failures[0]
    assert state(empty_database, "skyslope")["1", "files"][2] is None
    monkeypatch.setattr(module, "listed", whole)
    assert sync(stand_in, empty_database, tmp_path, monkeypatch, "1").rows[SALES] == 30
