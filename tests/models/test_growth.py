"""What `growth` makes of JobNimbus' objects: on a few made-up ones, each rule by hand.

Belongs here: the tables of people and jobs, what is deleted or a test, the log. Does not belong here: how objects are
fetched (`tests/connectors/test_jobnimbus*.py`), statuses over time (`test_growth_history.py`), money
(`test_growth_money.py`), every cell of the marts (`test_oracle_growth.py`).
"""

from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest
from growth_rows import (
    Growth,
    at,
    contact,
    job,
    land,
    lose,
    moment,
    moved,
    one,
    order,
    own_database,
    payment,
    rows,
    user,
    workflows,
)

from orchestration.database import Databases

pytest_plugins = ["growth_fixtures"]

ENTITIES = (
    "sales_reps",
    "contacts",
    "jobs",
    "job_status_history",
    "payments",
    "payment_jobs",
    "expenses",
    "workflow_status_lookup",
    "jobnimbus_ingestion_log",
)
MARTS = (
    "agg_revenue_monthly",
    "agg_pipeline_by_stage",
    "agg_stage_velocity",
    "agg_rep_performance",
    "agg_lead_source_performance",
    "agg_job_cash_flow",
)


def test_every_schema_has_its_tables(growth: Growth) -> None:
    """What is built here is what these tests speak of."""
    assert sorted(growth.queries) == sorted(
        [*(f"growth.{name}" for name in ENTITIES), *(f"marts.{name}" for name in MARTS)]
    )


def test_the_newest_version_counts_and_raw_is_as_received(growth: Growth, database: psycopg.Connection) -> None:
    """Whatever order versions came in; seconds become moments, 0 none, and a phone is the first that is there."""
    newer = job("j1", name="Newer", date_updated=at("2026-01-07"), date_start=0, last_estimate=12.5)
    land(database, 1, job=[newer, job("j1", name="Older")])
    land(database, 2, contact=[contact("con1", email="Rowan@Example.com", date_updated=at("2026-01-08"))])
    growth.rebuild(database)
    found = one(database, "growth.jobs", jnid="j1")
    assert (found["name"], found["date_start"], found["last_estimate"]) == ("Newer", None, Decimal("12.50"))
    assert (found["approved_estimate_total"], found["latitude"]) == (None, None)
    assert found["date_created"] == moment(at("2026-01-05"))
    assert (found["contact_id"], found["sales_rep_id"], found["stage"]) == ("con1", "rep1", "Lead")
    assert found["raw"] == newer
    homeowner = one(database, "growth.contacts", jnid="con1")
    assert (homeowner["email"], homeowner["phone"], homeowner["lead_source"]) == (
        "rowan@example.com",
        "5550100",
        "Referral",
    )


def test_custom_fields_go_by_their_labels(growth: Growth, database: psycopg.Connection) -> None:
    """Every custom field comes twice: under its number, and under its label."""
    labels = {
        "cf_string_10": "Residential",
        "Market Type": "Residential",
        "Claim #": "C-1",
        "Total Squares Installed": 31.5,
    }
    land(database, 1, job=[job("j1") | labels])
    growth.rebuild(database)
    found = one(database, "growth.jobs", jnid="j1")
    assert (found["market_type"], found["claim_number"], found["squares_installed"]) == (
        "Residential",
        "C-1",
        Decimal("31.5"),
    )


def test_a_status_the_lookup_does_not_know_is_unmapped(growth: Growth, database: psycopg.Connection) -> None:
    """It is kept, in the pipeline too, neither won nor lost; also one whose name is spelled otherwise."""
    land(database, 1, job=[job("j1", 703, 57), job("j2", 601, status_name="lead")])
    growth.rebuild(database)
    for key in ("j1", "j2"):
        found = one(database, "growth.jobs", jnid=key)
        assert (found["stage"], found["is_won"], found["is_lost"]) == ("Unmapped", None, None)
    mart = one(database, "marts.agg_pipeline_by_stage", record_type_name="Insurance")
    assert (mart["stage"], mart["job_count"], mart["won_count"], mart["lost_count"]) == ("Unmapped", 1, 0, 0)


def test_stages_go_by_record_type_and_name(growth: Growth, database: psycopg.Connection) -> None:
    """The same name is Lost of one type and Completed of another; windows use the statuses of roofs."""
    same = {"status_name": "Referral/Newsletter"}
    land(
        database,
        1,
        job=[
            job("j1", record_type_name="Repairs", **same),
            job("j2", record_type_name="Maintenance Plan", **same),
            job("j3", 604, 63),
        ],
    )
    growth.rebuild(database)
    assert [one(database, "growth.jobs", jnid=key)["stage"] for key in ("j1", "j2", "j3")] == [
        "Lost",
        "Completed",
        "Sold",
    ]


def test_a_job_without_contact_rep_or_status(growth: Growth, database: psycopg.Connection) -> None:
    """What is missing stays missing; whoever is named and was never received keeps the name only."""
    land(
        database,
        1,
        job=[
            job("j1", primary=None, sales_rep=None, status=None, status_name=None, owners=None),
            job("j2", primary={"id": "nobody", "type": "contact"}, sales_rep="gone"),
            job("j3", primary={"id": "inv1", "type": "invoice"}, related=[{"id": "con1", "type": "contact"}]),
        ],
    )
    growth.rebuild(database)
    first, second, third = (one(database, "growth.jobs", jnid=key) for key in ("j1", "j2", "j3"))
    assert (first["contact_id"], first["contact_id_raw"], first["sales_rep_id"], first["stage"]) == (
        None,
        None,
        None,
        "Unmapped",
    )
    assert (second["contact_id"], second["contact_id_raw"], second["sales_rep_id_raw"]) == (None, "nobody", "gone")
    assert third["contact_id"] == "con1"
    assert one(database, "marts.agg_rep_performance", sales_rep_id=None)["jobs_created"] == 2


def test_what_is_deleted_stays_and_leaves_the_marts(growth: Growth, database: psycopg.Connection) -> None:
    """Found gone, or inactive by its own word; back again when it comes back."""
    land(database, 1, job=[job("j1"), job("j2", is_active=False), job("j3"), job("j4", is_archived=True)])
    lose(database, 2, "job", "j1")
    lose(database, 2, "job", "j3")
    land(database, 3, job=[job("j3", date_updated=at("2026-01-09"))])
    growth.rebuild(database)
    deleted = {row["jnid"]: row["is_deleted"] for row in rows(database, "growth.jobs")}
    assert deleted == {"j1": True, "j2": True, "j3": False, "j4": False}
    assert one(database, "growth.jobs", jnid="j1")["raw"] == job("j1")
    assert sorted(row["job_id"] for row in rows(database, "marts.agg_job_cash_flow")) == ["j3", "j4"]
    assert one(database, "marts.agg_pipeline_by_stage")["job_count"] == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"record_type": 47, "record_type_name": "Legacy"},
        {"record_type": 47, "record_type_name": "Legacy (Bob's Workflow)"},
        {"primary": {"id": "con2", "type": "contact"}},
        {"name": "9 Elm St - Jane  Tester"},
    ],
)
def test_tests_and_legacy_are_flagged_and_leave_the_marts(
    fields: dict[str, Any], growth: Growth, database: psycopg.Connection
) -> None:
    """And what was paid and spent for them with them."""
    tester = contact("con2", first_name="Jane", last_name="Tester", display_name="jane tester")
    land(database, 1, contact=[tester], job=[job("j1") | fields], payment=[payment("p1", 10, "2026-02-02", "j1")])
    land(database, 1, workorder=[order("w1", "j1", total=5)])
    growth.rebuild(database)
    assert one(database, "growth.contacts", jnid="con2")["is_test"]
    for table, key in (("jobs", "j1"), ("payments", "p1"), ("expenses", "w1")):
        assert one(database, f"growth.{table}", jnid=key)["is_test"]
    assert sum(len(rows(database, f"marts.{mart}")) for mart in MARTS) == 2, (
        "a month of con1 is left, by rep and source"
    )


def test_the_log_counts_what_came_in(growth: Growth, database: psycopg.Connection) -> None:
    """One row a load and kind of object."""
    land(database, 1, job=[job("j1"), job("j2")])
    land(database, 2, job=[job("j1", name="Other"), job("j3", date_updated=at("2026-01-09"))])
    lose(database, 2, "job", "j2")
    growth.rebuild(database)
    counts = ("events", "new_objects", "changed_objects", "gone_objects")
    first, second = (one(database, "growth.jobnimbus_ingestion_log", load_id=load, object="job") for load in "12")
    assert [first[name] for name in counts] == [2, 2, 0, 0]
    assert [second[name] for name in counts] == [3, 1, 1, 1]
    assert second["newest_update_at"] == moment(at("2026-01-09"))


def test_dbts_own_tests_hold_and_warn_of_what_is_missing(databases: Databases, tmp_path: Path) -> None:
    """Keys, references, totals; what is unmapped or dangling is listed and stops nothing."""
    with own_database(databases, "test_growth_tested", tmp_path) as growth:
        with psycopg.connect(growth.url) as connection:
            land(
                connection,
                1,
                user=[user("rep1")],
                contact=[contact("con1")],
                workflow=workflows(),
                job=[
                    job("j1", 703, 57, sales_rep="gone"),
                    moved(job("j2", approved_estimate_total=5), 604, at("2026-01-09")),
                ],
                payment=[payment("p1", 10, "2026-02-02", "never"), payment("p2", 9.99, "2026-02-02", "j1", "j2")],
                workorder=[order("w1", "j1", total=7)],
            )
        made = growth.dbt("build")
        assert made.returncode == 0, made.stdout[-4000:]
        warned = {
            line.split("WARN ")[1].split()[1]
            for line in made.stdout.splitlines()
            if " WARN " in line and "[WARN" in line
        }
        with psycopg.connect(growth.url) as connection:
            keys = connection.execute(
                "select conrelid::regclass || ' ' || conname from pg_constraint where contype = 'f' and connamespace ="
                " 'growth'::regnamespace order by 1"
            ).fetchall()
            unmapped = connection.execute(
                "select record_type_name, status_name from test_failures.unmapped_statuses_jobs"
            )
            assert unmapped.fetchall() == [("Insurance", "Deductible Collection")]
    assert warned == {
        "dangling_jobs",
        "dangling_payments",
        "dangling_payment_jobs",
        "unmapped_statuses_jobs",
        "unmapped_statuses_job_status_history",
    }
    assert len(keys) == 10
