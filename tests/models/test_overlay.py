"""Live rows laid over V1's deals and listings: who wins what, and what becomes of deals V1 does not have.

Belongs here: the rule itself (newest wins, column by column) and the deals. Does not belong here: the ways a moment or
an amount is written (`test_live_rules.py`), people, money and what follows (`test_overlay_around_deals.py`), the other
systems (`test_live_models_*.py`).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from brokerage_rows import DEALS, MS, REZEN, deal, known, live_id, money, nothing_landed
from faults import rebuild
from live_rows import FIRST_LIVE_ID, LAST_LIVE_ID, broken, land, one, rows

from orchestration.project import dbt_target


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """The warehouse with nothing landed of the live sources, whose changes never last."""
    with psycopg.connect(warehouse, options="-c timezone=UTC -c datestyle=ISO,YMD") as opened:
        nothing_landed(opened)
        yield opened
        opened.rollback()


def test_the_newest_wins_column_by_column(connection: psycopg.Connection) -> None:
    """Newer than V1: what reZEN tells counts, null included; what it does not tell stays. Else V1 counts."""
    newer, same, older = known(
        connection, "transaction", 3, price=500, code="OLD", tags="one", team_split=3, mlsNumber="M"
    )
    before = {number: one(connection, "transaction", id=number) for number, _ in (newer, same, older)}
    for at, (_, key) in zip((1, 0, -1), (newer, same, older), strict=True):
        land(connection, REZEN, "2", {key: deal(at, code="NEW", price=money("510.50"), mlsNum=None)})
    rebuild(connection, *DEALS)

    found = one(connection, "transaction", id=newer[0])
    assert (found["_source"], found["rezen_code"], found["sale_price"]) == ("rezen", "NEW", Decimal("510.50"))
    assert (found["mls_num"], found["status"], found["stage"]) == (None, "Pending", "COMMISSION_VALIDATED")
    assert found["last_updated"] == datetime.fromtimestamp((MS + 1) / 1000, UTC)
    untold = ("created_at", "sync_source", "team_owner_agent_id", "lead_type", "is_demo")
    assert {name: found[name] for name in untold} == {name: before[newer[0]][name] for name in untold}
    assert one(connection, "transaction_financials", id=newer[0])["team_split"] == 3
    assert one(connection, "transaction_financials", id=newer[0])["_source"] == "rezen"
    for number, _ in (same, older):
        found = one(connection, "transaction", id=number)
        assert (found["_source"], found["rezen_code"], found["sale_price"]) == ("v1", "OLD", 500)
        assert found["status"] == before[number]["status"]


def test_links_of_v1_stay_and_missing_ones_are_filled(connection: psycopg.Connection) -> None:
    """Who owns a deal V1 knows better; where it does not say, and reZEN is newer, reZEN says it."""
    linked, missing, unlinked_and_older = known(connection, "transaction", 3)
    owners = connection.execute(
        "select id, agent_id_raw from v2.agent where id < 20 and agent_id_raw is not null order by id limit 2"
    ).fetchall()
    for number, owner in ((linked[0], owners[0][0]), (missing[0], 0), (unlinked_and_older[0], 0)):
        connection.execute(
            "update staging_v1.transaction"
            " set payload = payload || jsonb_build_object('transaction_owner_agent_id', %s::int)"
            " where key = %s",
            [owner, str(number)],
        )
    for at, (_, key) in zip((1, 1, -1), (linked, missing, unlinked_and_older), strict=True):
        land(connection, REZEN, "2", {key: deal(at, transactionOwnerId=owners[1][1])})
    rebuild(connection, *DEALS)
    owner_of = [
        one(connection, "transaction", id=number)["transaction_owner_agent_id"] for number, _ in (linked, missing)
    ]
    assert owner_of == [owners[0][0], owners[1][0]]
    assert one(connection, "transaction", id=unlinked_and_older[0])["transaction_owner_agent_id"] is None


def test_two_live_sources_tell_of_one_deal(connection: psycopg.Connection) -> None:
    """SkySlope is the newest; what only reZEN tells is reZEN's all the same."""
    ((number, key),) = known(connection, "transaction", 1, price=500)
    land(connection, REZEN, "2", {key: deal(1, code="NEW", price=money(510))})
    file = {"modifiedOn": "2030-01-01T00:00:03.5", "salePrice": 520, "status": "Pending", "dealType": "Lease / Tenant"}
    land(connection, "skyslope.stage_transactions_skyslope", "1", {key: file})
    rebuild(connection, *DEALS)
    found = one(connection, "transaction", id=number)
    assert (found["_source"], found["rezen_code"], found["sale_price"], found["status"]) == (
        "skyslope",
        "NEW",
        520,
        "Pending",
    )
    assert found["last_updated"] == datetime(2030, 1, 1, 0, 0, 3, 500_000, UTC)


def test_twins_of_v1(connection: psycopg.Connection) -> None:
    """Of two V1 deals with one UUID the older takes what is laid over; the other stays as it is."""
    (first, key), (second, _) = known(connection, "transaction", 2, price=500)
    connection.execute(
        "update staging_v1.transaction set payload = payload || jsonb_build_object('transaction_id_raw', %s::text)"
        " where key = %s",
        [key, str(second)],
    )
    land(connection, REZEN, "2", {key: deal(1, price=money(510))})
    rebuild(connection, *DEALS)
    twins = rows(connection, "transaction", transaction_id_raw=key)
    assert [(row["id"], row["sale_price"], row["_source"]) for row in twins] == [
        (first, 510, "rezen"),
        (second, 500, "v1"),
    ]


def test_of_several_accounts_the_newest_then_the_owner(connection: psycopg.Connection) -> None:
    """A deal is read with three keys. Equally new tellings differ in whose payout they tell: the owner's counts."""
    ((number, key),) = known(connection, "transaction", 1)
    for account, at, payout in (("2", 1, 10), ("5", 2, 20), ("7", 2, 30)):
        told = deal(at, transactionOwnerId="agent of 7", myNetPayout=money(payout), code=f"AT{at}")
        land(connection, REZEN, account, {key: told}, request={"agent_id": f"agent of {account}", "group": "OPEN"})
    connection.execute(
        "update staging_v1.transaction set payload = payload - 'myNetPayout' where key = %s", [str(number)]
    )
    rebuild(connection, *DEALS)
    found = one(connection, "transaction", id=number)
    assert (found["rezen_code"], found["net_payout"]) == ("AT2", 30)


def test_a_deal_only_rezen_has(connection: psycopg.Connection) -> None:
    """Its id follows from its key; its people, money, listing and credit hang on it; what is lost since is kept."""
    agent, uuid = connection.execute(
        "select id, agent_id_raw from v2.agent where real_agent and id > 21 and agent_id_raw is not null"
        " order by id limit 1"
    ).fetchone() or (0, "")
    people = [
        {
            "id": "new-p1",
            "yentaUserId": uuid,
            "participantRole": "SELLERS_AGENT",
            "paidByReal": True,
            "external": False,
        },
        {
            "id": "new-p2",
            "yentaUserId": None,
            "participantRole": "SELLER",
            "firstName": "Ida",
            "lastName": "Ott",
            "external": True,
        },
    ]
    told = deal(
        0,
        listingId="new-listing",
        transactionOwnerId=uuid,
        price=money(400_000),
        grossCommission=money(8_000),
        lifecycleState="SETTLED",
        closed=True,
        closedAt=1792000000000,
        address={"oneLine": "1 Example St", "state": "NORTH_CAROLINA", "zipOrPostalCode": "27000"},
        participants=people,
    )
    land(connection, REZEN, "2", {"new-deal": told}, deleted_at="2026-11-01T12:00:00Z")
    land(
        connection,
        "rezen.stage_listings_rezen_onboarding",
        "2",
        {"new-listing": deal(0, listing=True, participants=[])},
    )
    rebuild(connection, *DEALS)

    found = one(connection, "transaction", transaction_id_raw="new-deal")
    assert found["id"] == live_id("transaction", "new-deal")
    assert FIRST_LIVE_ID <= found["id"] <= LAST_LIVE_ID
    assert (found["status"], found["closed"], found["state"], found["zip"]) == ("Closed", True, "NC", "27000")
    assert found["closing_date"] == datetime.fromtimestamp(1792000000, UTC)
    assert (found["transaction_owner_agent_id"], found["currency"], found["source"]) == (agent, "USD", "rezen")
    listing = one(connection, "listing", listing_id_raw="new-listing")
    assert (found["listing_id"], listing["transaction_id"]) == (live_id("listing", "new-listing"), found["id"])
    assert one(connection, "transaction_financials", transaction_id=found["id"])["gci"] == 8_000
    (credit,) = rows(connection, "transaction_participants", transaction_id=found["id"])
    assert (credit["agent_id"], credit["role"], credit["volume"]) == (agent, "LISTING_AGENT", 400_000)
    assert credit["participant_id"] == one(connection, "participant", participant_id_raw="new-p1")["id"]
    seller = one(connection, "participant", participant_id_raw="new-p2")
    assert (seller["transaction_id"], seller["full_name"], seller["is_real_agent"]) == (found["id"], "Ida Ott", False)
    assert broken(connection, "transaction", DEALS[:2] + DEALS[3:]) + broken(connection, "listing", ["listing"]) == []


def test_a_file_without_dates_and_a_status_nobody_knows(connection: psycopg.Connection) -> None:
    """Year 1 is no date, 0 no price; a word that is not in the map stays, and dates decide. The check names it."""
    files: dict[str, dict[str, Any]] = {
        "sky-1": {"status": "Waiting for Bo", "contractAcceptanceDate": "0001-01-01T00:00:00", "salePrice": 0},
        "sky-2": {
            "status": "Waiting for Bo",
            "contractAcceptedDate": "2026-02-15T00:00:00",
            "modifiedOn": "2026-01-03T18:39:55.7571234",
        },
        "sky-3": {"status": "incomplete", "stage": {"id": 1, "name": "Active"}},
        "sky-4": {
            "status": "Canceled/Pend",
            "buyers": [{"contactGuid": "c1", "firstName": "Bo", "email": "BO@example.com"}],
        },
    }
    land(connection, "skyslope.stage_transactions_skyslope", "1", files)
    rebuild(connection, *DEALS)
    found = {row["transaction_id_raw"]: row for row in rows(connection, "transaction", _source="skyslope")}
    assert {key: row["status"] for key, row in found.items()} == {
        "sky-1": "Listed",
        "sky-2": "Pending",
        "sky-3": "Listed",
        "sky-4": "Terminated",
    }
    assert (found["sky-1"]["stage"], found["sky-1"]["contract_date"], found["sky-1"]["sale_price"]) == (
        "Waiting for Bo",
        None,
        None,
    )
    assert found["sky-2"]["contract_date"] == datetime(2026, 2, 15, 6, tzinfo=UTC)  # that day's midnight in Chicago
    assert found["sky-2"]["last_updated"] == datetime(2026, 1, 3, 18, 39, 55, 757123, UTC)
    buyer = one(connection, "participant", transaction_id=found["sky-4"]["id"])
    assert (buyer["role"], buyer["email"], buyer["external"]) == ("BUYER", "bo@example.com", True)

    check = next((dbt_target() / "compiled").rglob("known_statuses_transaction.sql")).read_text()
    assert connection.execute(check).fetchall() == [("skyslope", "Waiting for Bo", 2, "sky-1")]


def test_loops_and_lines_of_files(connection: psycopg.Connection) -> None:
    """Paperwork of dotloop's is no deal; a file may lack ids; both write days and amounts as people do."""
    email, agent = connection.execute(
        "select email, min(id) from v2.agent where email is not null group by email order by 2 limit 1"
    ).fetchone() or ("", 0)
    details = {
        "Financials": {"Purchase/Sale Price": "$350,000.50"},
        "Contract Dates": {"Closing Date": "March 05, 2026"},
    }
    loops: dict[str, dict[str, Any]] = {
        "1": {"transactionType": "LISTING_FOR_SALE", "status": "SOLD", "details": details, "name": "1 Sample Ave"},
        "2": {"transactionType": "LISTING_FOR_SALE", "status": "ACTIVE_LISTING", "details": details},
        "3": {"transactionType": "REAL_ESTATE_OTHER", "status": "DONE"},
        "4": {"transactionType": "PURCHASE_OFFER", "status": "UNDER_CONTRACT", "details": details},
    }
    land(connection, "dotloop.dotloop_staging", "office", loops, request={"profile_id": 4711})
    agents = {"31": {"role": "LISTING_AGENT", "email": email.upper()}, "32": {"role": "BUYER", "email": email}}
    land(connection, "dotloop.participants", "office", agents, request={"loop_id": 1, "profile_id": 4711})
    line = {"Deal": "x", "State of it": "Under Contract", "Sold for": "$1,250.00", "Signed": "7/31/2026", "Who": email}
    fields = {
        "status": "State of it",
        "sale_price": "Sold for",
        "contract_date": "Signed",
        "transaction_owner_email": "Who",
    }
    request = {"file": "a.csv", "line": 2, "kind": "transaction", "fields": fields}
    land(connection, "csv.stage_csv_import", "inbox", {"aa:2": line}, request=request)
    land(
        connection,
        "csv.stage_csv_import",
        "inbox",
        {"aa:3": line},
        request=request | {"fields": fields | {"transaction_id_raw": "Deal"}},
    )
    rebuild(connection, *DEALS)

    found = {row["transaction_id_raw"]: row for row in rows(connection, "transaction") if row["_source"] != "v1"}
    assert sorted(found) == ["csv-aa:2", "dotloop-1", "dotloop-4", "x"]
    sold, running, dropped = found["dotloop-1"], found["dotloop-4"], found["csv-aa:2"]
    assert (sold["status"], sold["representation"], sold["sale_price"]) == ("Closed", "SELLER", Decimal("350000.50"))
    assert (sold["transaction_owner_agent_id"], sold["address"]) == (agent, "1 Sample Ave")
    assert sold["closing_date"] == datetime(2026, 3, 5, 6, tzinfo=UTC)
    assert (running["closing_date"], running["effective_close_date"]) == (None, datetime(2026, 3, 5, 6, tzinfo=UTC))
    assert (dropped["status"], dropped["sale_price"], dropped["transaction_owner_agent_id"]) == ("Pending", 1250, agent)
    assert dropped["contract_date"] == datetime(2026, 7, 31, 5, tzinfo=UTC)


def test_a_listing_that_sold_since(connection: psycopg.Connection) -> None:
    """Days on market go on from what V1 stored."""
    ((number, key),) = known(
        connection, "listing", 1, listingDate="2026-01-01", days_on_market=3, closedAt=0, closed=False
    )
    sold = deal(
        1, lifecycleState={"state": "LISTING_CLOSED"}, listingDate="2026-01-01", skySlopeActualClosingDate="2026-02-10"
    )
    land(connection, "rezen.stage_listings_rezen_onboarding", "2", {key: sold})
    rebuild(connection, "listing")
    found = one(connection, "listing", id=number)
    assert (found["status"], found["closed_at"], found["days_on_market"]) == ("Closed", date(2026, 2, 10), 40)
