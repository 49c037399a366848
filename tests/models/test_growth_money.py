"""What jobs earn and cost, and who sold them: on a few made-up payments and orders, by hand.

Belongs here: `growth.payments`, `payment_jobs`, `expenses`, the marts of money. Does not belong here: every cell of the
marts (`test_oracle_growth.py`).
"""

from datetime import date
from decimal import Decimal

import psycopg
from growth_rows import (
    Growth,
    at,
    contact,
    job,
    land,
    moved,
    one,
    order,
    payment,
    rows,
    user,
)

pytest_plugins = ["growth_fixtures"]


def test_a_refund_a_credit_and_an_archived_payment(growth: Growth, database: psycopg.Connection) -> None:
    """What was paid back is no revenue, nor what was only credited; what is archived or deleted counts nowhere."""
    land(
        database,
        1,
        job=[job("j1")],
        payment=[
            payment("p1", 1000, "2026-02-02", "j1", refunded_amount=250.5, refund_id="r1"),
            payment("p2", 100, "2026-02-28", "j1", credit=40),
            payment("p3", 5000, "2026-02-02", "j1", is_archived=True),
            payment("p4", 7000, "2026-02-02", "j1", is_active=False),
            payment("p5", 9000, "2026-02-02", "j1", date_payment=0),
            payment("p6", 11000, "2026-11-02", "j1"),
        ],
    )
    growth.rebuild(database)
    assert one(database, "growth.payments", jnid="p1")["net_amount"] == Decimal("749.50")
    found = one(database, "marts.agg_revenue_monthly")
    assert (found["month"], found["record_type_name"]) == (date(2026, 2, 1), "Roof Replacement")
    assert (found["revenue"], found["payment_count"]) == (Decimal("809.50"), 2)
    assert one(database, "marts.agg_job_cash_flow", job_id="j1")["paid"] == Decimal("809.50")


def test_a_payment_for_a_deleted_job(growth: Growth, database: psycopg.Connection) -> None:
    """The money was paid: revenue, of the job's record type where the job was ever received."""
    land(
        database,
        1,
        job=[job("j1", is_active=False)],
        payment=[
            payment("p1", 10, "2026-02-02", "j1"),
            payment("p2", 5, "2026-02-02", "never"),
            payment("p3", 1, "2026-02-02"),
        ],
    )
    growth.rebuild(database)
    assert (
        one(database, "growth.payments", jnid="p2")["job_id"],
        one(database, "growth.payments", jnid="p1")["job_id"],
    ) == (
        None,
        "j1",
    )
    revenue = {row["record_type_name"]: row["revenue"] for row in rows(database, "marts.agg_revenue_monthly")}
    assert revenue == {"Roof Replacement": Decimal(10), None: Decimal(6)}
    assert rows(database, "marts.agg_job_cash_flow") == []


def test_several_jobs_share_a_payment(growth: Growth, database: psycopg.Connection) -> None:
    """By what the invoices say is theirs; equally, to the cent, where one has no invoice in it."""
    invoices = [{"jnid": f"i{number}", "related": [{"id": f"j{number}", "type": "job"}]} for number in (1, 2)]
    lines = [{"invoice_id": "i1", "amount": 30}, {"invoice_id": "i2", "amount": 60}]
    land(
        database,
        1,
        job=[job("j1"), job("j2", record_type=57, status=701), job("j3")],
        invoice=invoices,
        payment=[
            payment("p1", 100, "2026-02-02", "j1", "j2", invoices=lines),
            payment("p2", 0.02, "2026-03-02", "j1", "j2", "j3", invoices=lines),
            payment("p3", 7, "2026-04-02", primary={"id": "j3", "type": "job"}),
            payment("p4", 8, "2026-05-02", primary={"id": "i2", "type": "invoice"}, invoices=lines[1:]),
        ],
    )
    growth.rebuild(database)
    shares = {(row["payment_id"], row["job_id"]): row["amount"] for row in rows(database, "growth.payment_jobs")}
    assert shares == {
        ("p1", "j1"): Decimal("33.33"),
        ("p1", "j2"): Decimal("66.67"),
        ("p2", "j1"): Decimal("0.01"),
        ("p2", "j2"): Decimal("0.00"),
        ("p2", "j3"): Decimal("0.01"),
        ("p3", "j3"): Decimal(7),
        ("p4", "j2"): Decimal(8),
    }
    assert one(database, "growth.payments", jnid="p1")["job_id"] == "j1"
    assert one(database, "marts.agg_job_cash_flow", job_id="j2")["paid"] == Decimal("74.67")
    february = rows(database, "marts.agg_revenue_monthly", month=date(2026, 2, 1))
    assert {row["record_type_name"]: (row["revenue"], row["payment_count"]) for row in february} == {
        "Roof Replacement": (Decimal("33.33"), 1),
        "Insurance": (Decimal("66.67"), 1),
    }


def test_revenue_against_the_year_before(growth: Growth, database: psycopg.Connection) -> None:
    """Months are Chicago's; year to date begins anew in January; without a year before there is no growth."""
    evening = at("2026-01-31", "23:30")
    land(
        database,
        1,
        job=[job("j1")],
        payment=[
            payment("p1", 200, "2025-01-31", "j1"),
            payment("p2", 300, "2026-01-31", "j1", date_payment=evening),
            payment("p3", 50, "2026-03-01", "j1"),
        ],
    )
    growth.rebuild(database)
    columns = ("month", "revenue", "revenue_ytd", "prior_year_revenue", "growth")
    found = sorted(tuple(row[name] for name in columns) for row in rows(database, "marts.agg_revenue_monthly"))
    assert found == [
        (date(2025, 1, 1), 200, 200, None, None),
        (date(2026, 1, 1), 300, 300, 200, Decimal("0.5")),
        (date(2026, 3, 1), 50, 350, None, None),
    ]


def test_what_a_job_costs(growth: Growth, database: psycopg.Connection) -> None:
    """Orders as they are, of the newest budget what orders do not tell; a draft makes the sum unknown."""
    item = {"quantity": 1, "item_type": None}
    budget = order(
        "b2",
        "j1",
        cost=999,
        date_created=at("2026-02-03"),
        sections=[
            {"name": "Materials", "items": [{"jnid": "l1", "item_type": "material", "cost": 400}]},
            {"name": "Other", "items": [{"jnid": "l2", "category": "Permit", "cost": 75.25} | item]},
        ],
    )
    older = budget | {"jnid": "b1", "date_created": at("2026-02-02")}
    sold = {"approved_estimate_total": 2000, "parent_approved_estimate_total": 9000}
    land(
        database,
        1,
        job=[job("j1", **sold), job("j2"), job("j3")],
        materialorder=[
            order("m1", "j1", total_line_item_cost=410.5),
            order("m2", "j1", total_line_item_cost=9, is_archived=True),
        ],
        workorder=[
            order("w1", "j1", total=100, subcontractors=[]),
            order("w2", "j1", total=200, subcontractors=[{"id": "s1"}]),
            order("w3", "j2", total=0, subcontractors=None),
            order("w4", "j3", total=60),
        ],
        budget=[older, budget, order("b3", "j3", cost=80.5), order("b4", "j2", cost=None)],
        payment=[payment("p1", 1000, "2026-03-02", "j1")],
    )
    growth.rebuild(database)
    kept = {
        row["jnid"]: (row["category"], row["amount"]) for row in rows(database, "growth.expenses", is_superseded=False)
    }
    assert kept == {
        "m1": ("materials", Decimal("410.50")),
        "m2": ("materials", Decimal(9)),
        "w1": ("labor", Decimal(100)),
        "w2": ("subcontractor", Decimal(200)),
        "w3": ("labor", None),
        "w4": ("labor", Decimal(60)),
        "b2:l2": ("other", Decimal("75.25")),
        "b3": ("other", Decimal("20.50")),
    }
    first, second, third = (one(database, "marts.agg_job_cash_flow", job_id=key) for key in ("j1", "j2", "j3"))
    assert (first["contract_value"], first["paid"], first["balance"]) == (2000, 1000, 1000)
    spent = ("materials", "labor", "subcontractor", "other_expense", "gross_profit", "gross_margin")
    assert [first[name] for name in spent] == [
        Decimal("410.50"),
        100,
        200,
        Decimal("75.25"),
        Decimal("214.25"),
        Decimal("0.21425"),
    ]
    assert [second[name] for name in spent] == [0, None, 0, 0, None, None]
    assert (second["contract_value"], second["balance"], third["gross_profit"]) == (None, None, Decimal("-80.50"))


def test_reps_and_lead_sources(growth: Growth, database: psycopg.Connection) -> None:
    """A rep's months are those things happened in; a source's are those its leads came in."""
    sold, lost = at("2026-02-10"), at("2026-02-11")
    land(
        database,
        1,
        user=[user("rep2")],
        contact=[
            contact("con2", source_name="Web", date_created=at("2026-02-01")),
            contact("sub1", is_sub_contractor=True, date_created=at("2026-02-01")),
        ],
        job=[
            moved(job("j1", approved_estimate_total=500), 604, sold),
            moved(job("j2", primary={"id": "con2"}), 610, lost),
            moved(
                job("j3", primary=None, source_name=None, sales_rep="rep2", date_created=at("2026-02-03")), 604, sold
            ),
        ],
        payment=[
            payment("p1", 90, "2026-03-02", "j1"),
            payment("p2", 9, "2026-03-02"),
            payment("p3", 2, "2026-03-03", "j3", sales_rep="rep1"),
        ],
    )
    growth.rebuild(database)
    columns = (
        "sales_rep_id",
        "month",
        "leads",
        "jobs_created",
        "jobs_won",
        "win_rate",
        "sold_value",
        "revenue_collected",
    )
    reps = sorted(
        (tuple(row[name] for name in columns) for row in rows(database, "marts.agg_rep_performance")), key=str
    )
    half = Decimal("0.5")
    assert reps == sorted(
        [
            ("rep1", date(2026, 1, 1), 1, 2, 0, None, 0, 0),
            ("rep1", date(2026, 2, 1), 1, 0, 1, half, 500, 0),
            ("rep1", date(2026, 3, 1), 0, 0, 0, None, 0, 92),
            ("rep2", date(2026, 2, 1), 0, 1, 1, 1, None, 0),
            (None, date(2026, 3, 1), 0, 0, 0, None, 0, 9),
        ],
        key=str,
    )
    columns = ("lead_source", "month", "leads", "jobs_won", "conversion", "revenue_collected")
    sources = {tuple(row[name] for name in columns) for row in rows(database, "marts.agg_lead_source_performance")}
    assert sources == {
        ("Referral", date(2026, 1, 1), 1, 1, Decimal(1), Decimal(90)),
        ("Web", date(2026, 2, 1), 1, 0, Decimal(0), Decimal(0)),
        (None, date(2026, 2, 1), 0, 1, None, Decimal(2)),
        (None, date(2026, 3, 1), 0, 0, None, Decimal(9)),
    }
