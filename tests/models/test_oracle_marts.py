"""Every cell of the brokerage marts against the second opinion, and the second opinion's own rules of credit.

Belongs here: which marts are compared; that the judge judges rightly, on documents made up here. Does not belong here:
what a column should hold (`oracle/`).
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import psycopg
import pytest
from faults import leave_v1_alone
from oracle import Document, Landed, agent, credit, deal, fub_activity, listing, marts, revenue, sums, values
from oracle.comparison import connected, differences, landed_in, same_number, stored

MARTS = {**marts.MARTS, **fub_activity.MARTS}
DAY = date(2026, 3, 10)


@pytest.fixture(scope="module")
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    """What V1 alone makes: the second opinion knows nothing of live sources."""
    with connected(warehouse) as opened, opened.transaction(force_rollback=True):
        leave_v1_alone(opened)
        yield opened


@pytest.fixture(scope="module")
def landed(connection: psycopg.Connection) -> Landed:
    return landed_in(connection)


@pytest.mark.parametrize("mart", MARTS)
def test_every_cell_of_a_mart_is_what_the_documents_say(
    mart: str, connection: psycopg.Connection, landed: Landed
) -> None:
    keys, expected_of = MARTS[mart]
    expected = expected_of(landed)
    assert not expected.empty, "nothing to compare"
    message = differences(expected, stored(connection, "marts", mart), keys, alike=same_number)
    if message:
        pytest.fail(f"marts.{mart}\n{message}", pytrace=False)


def _at(day: str) -> int:
    """Noon in Chicago, as V1 writes a moment."""
    return round(datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=values.BUSINESS_ZONE).timestamp() * 1000)


def _landed(as_of: date = DAY, **tables: dict[int, dict[str, Any]]) -> Landed:
    documents = {name: [Document(str(key), one) for key, one in rows.items()] for name, rows in tables.items()}
    return Landed(lambda table: documents.get(table, []), as_of)


def _rows(table: pd.DataFrame, *columns: str) -> list[tuple]:
    return [tuple(row) for row in table[list(columns)].itertuples(index=False, name=None)]


AGENTS: dict[int, dict] = {1: {"agent_id_raw": "u1"}, 2: {"real_agent": True, "team_id": 9}, 3: {}, 4: {}}
CLOSED = {"stage": "CLOSED", "price": 100_000, "grossCommission_amount": "6000.01", "closedAt": _at("2026-03-02")}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"stage": " under_contract "}, "Pending"),
        ({"stage": "", "status": "settled"}, "Closed"),
        ({"stage": "Closed", "terminated": "true"}, "Terminated"),
        ({"stage": "CANCELED", "closed": True}, "Canceled"),
        ({"stage": "CANCELLED", "archived": True}, "Archived"),
        ({"stage": "somewhere", "contractAcceptanceDate": _at("2026-01-01")}, "Pending"),
        ({}, "Listed"),
    ],
)
def test_status_of_a_deal(document: dict[str, Any], expected: str) -> None:
    (status,) = deal.TABLES["transaction"](_landed(transaction={1: document}))["status"]
    assert status == expected


def test_parts_add_up_to_the_whole_and_halves_round_away_from_zero() -> None:
    assert sums.cut(Decimal(1), [Decimal(1)] * 3, 6) == [Decimal("0.333333"), Decimal("0.333334"), Decimal("0.333333")]
    assert sums.cut(Decimal("-0.01"), [Decimal(1)] * 2, 2) == [Decimal("-0.01"), Decimal(0)]
    assert sums.cut(None, [Decimal(1)] * 2, 2) == [None, None]
    assert sums.nearest(Fraction(5, 1000), 2) == Decimal("0.01")


def test_sums_of_nothing_are_0_and_of_nothing_known_are_none() -> None:
    assert (sums.total([]), sums.total([None]), sums.total([None, Decimal(2)])) == (0, None, 2)
    assert (sums.mean([], 2), sums.mean([None], 2), sums.mean([1, None, 2], 2)) == (None, None, Decimal("1.5"))


def test_one_side_is_shared_by_split_and_the_other_equally() -> None:
    landed = _landed(
        agent=AGENTS,
        transaction={7: {**CLOSED, "transaction_id": "d7"}},
        participant={
            10: {
                "transaction_id": 7,
                "agent_id": 1,
                "role": "Buyer's Agent",
                "paidbyReal": True,
                "commission_split": 75,
            },
            11: {"transaction_id_raw": "d7", "agent_id": 2, "role": "co-buyer agent", "paidbyReal": "true"},
            12: {
                "transaction_id": 7,
                "agent_id": 3,
                "role": "LISTING_AGENT",
                "commission_split": 60,
                "paidbyReal": True,
            },
            13: {"transaction_id": 7, "agent_id": 4, "role": "CO_LISTING_AGENT", "commission_split": 40},
            14: {"transaction_id": 7, "agent_id": 3, "role": "LISTING_AGENT", "paidbyReal": True},
            15: {"transaction_id": 7, "agent_id_raw": "u1", "role": "TEAM_LEADER", "paidbyReal": True},
            16: {"transaction_id": 7, "agent_id": 99, "role": "BUYERS_AGENT"},
        },
        participant_paid={
            20: {"participant_id": 0, "transaction_id": 7, "agent_id": 4, "amount_amount": 900, "date_paid": 1000},
            21: {"participant_id": 13, "amount_amount": 100, "date_paid": 2000},
            22: {"participant_id": 14, "grossAmount_amount": "2000", "amount_amount": 5},
        },
    )
    seats = credit.TABLES["transaction_participants"](landed)
    assert _rows(seats, "id", "side", "is_primary", "is_paid", "side_share", "volume", "gross_commission") == [
        (10, "buy", True, True, Decimal("0.5"), Decimal(50_000), Decimal("1500.01")),
        (11, "buy", False, True, Decimal("0.5"), Decimal(50_000), Decimal(1500)),
        (12, "sell", True, True, Decimal("0.6"), Decimal(60_000), Decimal(2000)),
        (13, "sell", False, True, Decimal("0.4"), Decimal(40_000), Decimal(1200)),
        (14, "sell", False, True, None, None, None),
        (15, None, False, True, None, None, None),
    ]
    assert _rows(seats[3:], "net_payout", "units") == [(Decimal(1000), Decimal(1)), (Decimal(5), None), (None, None)]


def test_a_deal_without_participants_credits_those_its_own_keys_name() -> None:
    landed = _landed(
        agent=AGENTS,
        transaction={
            1: {**CLOSED, "buying_agent_id": 2, "transaction_owner_agent_id": 1, "saleCommission_amount": 10},
            2: {**CLOSED, "transaction_owner_agent_id": 2, "transaction_owner_representation": "dual"},
            3: {**CLOSED, "transaction_owner_agent_id": 2, "transaction_owner_representation": "TENANT", "demo": True},
            4: {**CLOSED, "listing_agent_id": 3},
        },
        participant={5: {"transaction_id": 1, "agent_id": 2, "role": "BUYING_AGENT"}},
    )
    seats = credit.TABLES["transaction_participants"](landed).sort_values(["transaction_id", "role"])
    assert _rows(seats, "transaction_id", "agent_id", "role", "is_paid", "units", "gross_commission") == [
        (1, 2, "BUYERS_AGENT", False, None, None),
        (2, 2, "BUYERS_AGENT", True, Decimal(1), Decimal("3000.01")),
        (2, 2, "LISTING_AGENT", True, Decimal(1), Decimal(3000)),
        (3, 2, "BUYERS_AGENT", True, None, None),
        (4, 3, "LISTING_AGENT", False, None, None),
    ]
    assert seats["id"].tolist()[1:3] == [values.surrogate(2, 2, role) for role in ("BUYERS_AGENT", "LISTING_AGENT")]


def test_cap_counts_from_the_last_anniversary_to_the_end_of_the_month() -> None:
    contributions = {"2026-01-14": 1, "2026-01-15": 10, "2026-02-28": 100, "2026-03-10": 1000, "2026-03-11": 10_000}
    deals = {
        number: {**CLOSED, "closedAt": _at(day), "cap_contribution": amount, "transaction_owner_agent_id": 1}
        for number, (day, amount) in enumerate(contributions.items(), start=1)
    }
    deals[99] = {**CLOSED, "closedAt": _at("2026-02-01"), "buying_agent_id": 2, "transaction_owner_agent_id": 2}
    listed = {number: {"agent_id": 1, "listingDate": day} for number, day in enumerate(contributions)}
    landed = _landed(
        agent={1: {"anniversary_date": "2020-01-15", "annualCap": 1000}, 2: {"real_agent": True}},
        transaction=deals,
        listing=listed,
    )
    found = marts.MARTS["agg_agent_monthly"][1](landed)
    assert _rows(found, "agent_id", "month", "listings_taken", "cap_paid", "cap_remaining") == [
        (1, date(2026, 1, 1), 2, Decimal(10), Decimal(990)),
        (1, date(2026, 2, 1), 1, Decimal(110), Decimal(890)),
        (1, date(2026, 3, 1), 1, Decimal(1110), Decimal(0)),
        (2, date(2026, 2, 1), 0, None, None),
    ]


def test_leaderboard_ranks_in_the_brokerage_and_in_each_team() -> None:
    landed = _landed(
        team={9: {}},
        agent={1: {"real_agent": True, "team_id": 9}, 2: {"real_agent": True, "team_id": 9}, 3: {"real_agent": True}},
        transaction={
            1: {**CLOSED, "buying_agent_id": 1, "listing_agent_id": 2},
            2: {**CLOSED, "buying_agent_id": 1, "listing_agent_id": 1, "price": ""},
            3: {**CLOSED, "buying_agent_id": 3, "price": "250000"},
            4: {**CLOSED, "buying_agent_id": 3, "closedAt": _at("2025-03-10")},
            5: {**CLOSED, "buying_agent_id": 3, "closedAt": _at("2026-03-11")},
            6: {"stage": "Approved", "contractAcceptanceDate": _at("2026-02-28"), "buying_agent_id": 2},
        },
    )
    found = marts.MARTS["agg_leaderboard"][1](landed)
    columns = ("agent_id", "units", "volume", "transaction_count", "rank_units", "rank_volume")
    closed = found[found["status"] == "closed"]
    month = closed[closed["time_period"] == "mtd"]
    assert sorted(_rows(month[month["team_id"].isna()], *columns)) == [
        (1, 3, Decimal(100_000), 2, 1, 2),
        (2, 1, Decimal(100_000), 1, 2, 2),
        (3, 1, Decimal(250_000), 1, 2, 1),
    ]
    assert sorted(_rows(month[month["team_id"] == 9], *columns)) == [
        (1, 3, Decimal(100_000), 2, 1, 1),
        (2, 1, Decimal(100_000), 1, 2, 1),
    ]
    third = closed[(closed["agent_id"] == 3) & closed["team_id"].isna()]
    assert dict(_rows(third, "time_period", "units")) == {
        "mtd": 1,
        "qtd": 1,
        "ytd": 1,
        "last_year": 1,
        "last_12_months": 1,
        "all_time": 2,
    }
    pending = found[(found["status"] == "pending") & found["team_id"].isna()]
    assert _rows(pending, "time_period", "volume") == [
        (period, None) for period in ("qtd", "ytd", "last_month", "last_12_months", "all_time")
    ]


def test_weeks_begin_on_monday_in_chicago() -> None:
    # 03:00 UTC on Monday is still Sunday there.
    sunday_evening = round(datetime.fromisoformat("2026-03-09T03:00+00:00").timestamp() * 1000)
    shared = {"stage": "Closed", "transactionType": "RESIDENTIAL_SALE", "buying_agent_id": 2}
    landed = _landed(
        agent=AGENTS,
        transaction={
            1: {**shared, "closedAt": sunday_evening, "contractAcceptanceDate": _at("2026-02-01"), "price": 100},
            2: {**shared, "close_date": "2026-03-09", "price": "0.01"},
            3: {**shared, "close_date": "2026-03-10", "contractAcceptanceDate": _at("2026-03-05"), "price": "0.02"},
        },
    )
    found = marts.MARTS["agg_transactions_weekly"][1](landed)
    columns = ("week_start", "transaction_count", "average_sale_price", "average_days_to_close")
    assert sorted(_rows(found, *columns)) == [
        (date(2026, 3, 2), 1, Decimal(100), Decimal(35)),
        (date(2026, 3, 9), 2, Decimal("0.02"), Decimal(5)),
    ]


def test_credit_of_closed_deals_is_on_the_agent() -> None:
    landed = _landed(agent=AGENTS, transaction={1: {**CLOSED, "listing_agent_id": 2}})
    found = agent.TABLES["agent_performance"](landed)
    assert _rows(found, "id", "closed_volume", "gci")[:2] == [
        (1, None, None),
        (2, Decimal(100_000), Decimal("6000.01")),
    ]


def test_dates_tell_the_history_of_a_deal_without_a_log() -> None:
    dates = {"listingDate": _at("2026-01-01"), "close_date": "2026-02-02", "terminatedAt": _at("2026-02-03")}
    landed = _landed(
        transaction={
            1: {**dates, "stage": "Pending"},
            2: {**dates, "stage": "Closed", "history": None},
            3: {**dates, "history": []},
            4: {**dates, "history": [{"field": "price", "old_value": 5, "new_value": "6"}, {"new_value": "Closed"}]},
        }
    )
    found = deal.TABLES["transaction_history"](landed)
    assert _rows(found, "transaction_id", "seq", "field", "old_status", "new_status") == [
        (1, 1, "stage", None, "Listed"),
        (1, 2, "stage", "Listed", "Terminated"),
        (2, 1, "stage", None, "Listed"),
        (2, 2, "stage", "Listed", "Closed"),
        (2, 3, "stage", "Closed", "Terminated"),
        (4, 1, "price", "5", "6"),
        (4, 2, "stage", None, "Closed"),
    ]


def test_listing_goes_to_its_latest_deal_and_keeps_its_photos_with_a_url() -> None:
    landed = _landed(
        listing={
            5: {"stage": "SOLD", "photos": ["a", {"url": " "}, {"url": "c", "order": 1}], "listingDate": "2026-01-05"}
        },
        transaction={
            1: {"listing_id": 5, "created_at": 9},
            2: {"listing_id": 5, "created_at": 10},
            3: {"listing_id": "5"},
        },
    )
    assert _rows(listing.TABLES["listing"](landed), "status", "transaction_id", "closed_at") == [("Closed", 2, None)]
    photos = listing.TABLES["listing_photos"](landed)
    assert _rows(photos, "id", "url", "position", "is_primary") == [
        (values.surrogate(5, 1), "a", 1, True),
        (values.surrogate(5, 3), "c", 1, True),
    ]
    assert _rows(listing.TABLES["listing_history"](landed), "seq", "status") == [(1, "Closed")]


def test_equity_runs_on_and_what_vests_is_income() -> None:
    moves = {
        1: {"transaction_type": "Grant", "amount": "100.5", "price": 2, "transaction_date": _at("2025-12-31")},
        2: {"transaction_type": "Vest", "amount": 40, "value": 80, "transaction_date": _at("2026-02-01")},
        3: {"transaction_type": "Exercise", "amount": 10, "transaction_date": _at("2026-02-02")},
        4: {"transaction_type": "Dividend", "value": "1.25", "transaction_date": _at("2026-02-28")},
    }
    landed = _landed(agent=AGENTS, equity_transactions={key: {**move, "agent_id": 1} for key, move in moves.items()})
    months = revenue.TABLES["equity_monthly"](landed)
    assert _rows(months, "period_year", "period_month", "total_shares", "unvested_shares", "total_value") == [
        (2025, 12, 100.5, 100.5, Decimal(201)),
        (2026, 2, 90.5, 50.5, Decimal(181)),
    ]
    (income,) = revenue.TABLES["income"](landed).to_dict("records")
    assert (income["amount"], income["income_date"]) == (Decimal("81.25"), values.midnight(date(2026, 2, 28)))
