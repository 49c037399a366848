"""The lookups, jobs and subscriptions of the made-up world, V1's documents about them, and V1's tables as a whole."""

import csv
import dataclasses
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from connectors.sandbox import WORLD_DAY, jobs, lookups, world
from connectors.sandbox.world import SEED, World
from connectors.v1 import documents as v1
from connectors.v1.other_tables import OTHER_TABLES, listed_tables
from connectors.v1.source import landing_name

Documents = dict[int, dict[str, Any]]

SEEDS = Path(__file__).parents[2] / "seeds"
TABLES = [table for table in v1.TABLES if table.frame.startswith(("systems.", "lookups."))]
FULL = {
    "rezen_sync_jobs": 234,
    "rezen_onboarding_jobs": 240,
    "rezen_process_webhook": 800,
    "rezen_referral_code": 56,
    "rezen_webhooks_registered": 120,
    "skyslope_connection": 5,
    "stripe_product": 6,
    "stripe_pricing": 14,
    "stripe_subscriptions": 290,
    "stripe_subscription_packages": 19,
    "brokerage": 4,
    "office": 40,
    "calendar": 4_383,
    "permissions": 40,
    "modules": 23,
    "tags": 6,
    "lead_source_defaults": 103,
    "lead_source_user": 21_944,
    "notification_defaults": 7,
    "notification_user_prefs": 1_488,
    "pipeline_stage_defaults": 8,
    "pipeline_prospect_defaults": 8,
    "lambda_job_status": 600,
    "lambda_worker_logs": 2_400,
}
REFERENCES = {
    # V1's key: the table whose ids it holds
    "user_id": "user",
    "agent_id": "agent",
    "team_id": "team",
    "brokerage_id": "brokerage",
    "state_or_province_id": "state_province",
    "module_id": "modules",
    "lead_source_defaults_id": "lead_source_defaults",
    "notification_default_categories_id": "notification_defaults",
    "pipeline_stages_id": "pipeline_stage_defaults",
    "fub_accounts_id": "fub_accounts",
    "stripe_product_id": "stripe_product",
    "stripe_price_id": "stripe_pricing",
    "subscription_packages_id": "stripe_subscription_packages",
    "office_id": "office",
}
OWN_UUIDS = {("office", "office_id"), ("agent", "agent_id")}
"""Keys named like a reference that hold the row's own UUID."""


@pytest.fixture(scope="module")
def whole() -> World:
    return world.build()


@pytest.fixture(scope="module")
def tenth() -> World:
    return world.build(scale=0.1)


def rendered(made: World, *names: str) -> dict[str, Documents]:
    wanted = [table for table in v1.TABLES if table.name in names] if names else TABLES
    return {
        table.name: {key: one for chunk in v1.documents(made, table, SEED) for key, one in chunk} for table in wanted
    }


@pytest.fixture(scope="module")
def told(whole: World) -> dict[str, Documents]:
    return rendered(whole)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_v1_has_251_tables_each_with_a_place_to_land() -> None:
    tables = [*v1.TABLES, *OTHER_TABLES]
    assert len(tables) == 251
    assert len({table.xano_id for table in tables}) == 251
    assert len({landing_name(f"mvpw1_{table.xano_id}", table.name) for table in tables}) == 251
    assert len([name for _, workspace, name, *_ in listed_tables() if workspace == 1]) == 249


def test_leftovers_are_small_and_plain() -> None:
    for other in OTHER_TABLES:
        assert len(other.rows) <= 64
    assert any(not other.rows for other in OTHER_TABLES)


def test_counts_at_full_size(told: dict[str, Documents]) -> None:
    assert {name: len(documents) for name, documents in told.items()} == FULL


def test_every_listed_key_occurs_and_no_other_but_the_planted(tenth: World) -> None:
    names = {table.name for table in TABLES}
    listed = {(row["table"], row["path"]) for row in rows(Path(__file__).with_name("v1_paths.csv"))}
    expected = {(table, path) for table, path in listed if table in names}
    found = {(name, key) for name, documents in rendered(tenth).items() for one in documents.values() for key in one}
    assert expected - found == set()
    assert found - expected == {("office", "legacy_region")}


@pytest.mark.parametrize("scale", [0.01, 0.1, 1.0])
def test_every_reference_points_to_a_row_but_the_planted(scale: float) -> None:
    made = world.build(scale=scale)
    ids = {table.name: set(attrgetter(table.frame)(made)["id"]) for table in v1.TABLES}
    ids["state_province"] = set(range(1, 65))
    dangling, checked = set(), set()
    for name, documents in rendered(made, *[table.name for table in TABLES], "user", "agent").items():
        for key, one in documents.items():
            for path in REFERENCES.keys() & one.keys():
                if (name, path) in OWN_UUIDS:
                    continue
                number = int(one[path] or 0)
                checked.add((name, path))
                if number and number not in ids[REFERENCES[path]]:
                    dangling.add((name, key, path))
    planted = {(fault.table, fault.id, fault.path) for fault in v1.planted_faults()}
    assert dangling <= planted
    assert {("stripe_subscriptions", 2, "user_id"), ("permissions", 6, "module_id")} <= dangling
    assert len(checked) > 30


def test_offices_are_the_ones_agents_name(tenth: World) -> None:
    offices = rendered(tenth, "office")["office"]
    known = {key: one["office_id"] for key, one in offices.items()}
    for one in rendered(tenth, "agent")["agent"].values():
        if number := int(one["office_id"] or 0):
            assert one["office_id_raw"] in ("", known[number])


def test_same_seed_same_records_another_seed_other_records_and_the_same_lookups() -> None:
    first, again, other = (world.build(seed, 0.01) for seed in (SEED, SEED, SEED + 1))
    for field in dataclasses.fields(first.systems):
        pd.testing.assert_frame_equal(getattr(first.systems, field.name), getattr(again.systems, field.name))
    for field in dataclasses.fields(first.lookups):
        pd.testing.assert_frame_equal(getattr(first.lookups, field.name), getattr(other.lookups, field.name))
    assert not first.systems.worker_logs.equals(other.systems.worker_logs)
    options = orjson.OPT_NON_STR_KEYS
    assert orjson.dumps(rendered(first), option=options) == orjson.dumps(rendered(again), option=options)


def test_a_jobs_counts_are_the_sums_of_its_logs(whole: World) -> None:
    made, logs = whole.systems.jobs, whole.systems.worker_logs
    known = logs[logs["job_id"] > 0].groupby("job_id")
    per_job = made.set_index("id").loc[list(known.groups)]
    sums = known["read"].sum()
    assert (sums <= per_job["read"]).all(), "some logs do not say which job they are of"
    assert (sums == per_job["read"]).mean() > 0.8
    assert (made["spawned"] >= made["done"] + made["failed"]).all()
    assert made["spawned"].sum() == len(logs)
    assert (made["read"] - made["stored"]).sum() == logs["failed"].sum()


@pytest.mark.parametrize(
    ("frame", "steps"), [("sync_jobs", jobs.SYNC_STEPS), ("onboarding_jobs", jobs.ONBOARDING_STEPS)]
)
def test_steps_follow_each_other(whole: World, frame: str, steps: tuple[str, ...]) -> None:
    made: pd.DataFrame = getattr(whole.systems, frame)
    for step, following in pairwise(steps):
        ended, next_started = made[f"{step}_ended"], made[f"{following}_started"]
        assert not (ended.isna() & next_started.notna()).any()
        assert (next_started.isna() | (next_started >= ended)).all()
        assert not (made[f"{step}_ended"] < made[f"{step}_started"]).any()
    assert made["user_id"].is_unique


def test_nothing_has_happened_after_the_last_day(whole: World) -> None:
    ahead = {"period_end", "expires"}
    for field in dataclasses.fields(whole.systems):
        frame: pd.DataFrame = getattr(whole.systems, field.name)
        for column in frame.select_dtypes("datetime"):
            if column not in ahead:
                assert not (frame[column] > pd.Timestamp(WORLD_DAY)).any(), (field.name, column)


def test_a_step_is_pending_running_failed_or_done(told: dict[str, Documents]) -> None:
    for one in told["rezen_sync_jobs"].values():
        for key in ("transaction", "tc", "lu", "equity"):
            state, ended = one[f"{key}_status"], one.get(f"{key}_last_finished_at")
            assert state in ("", "PENDING", "IN_PROGRESS", "COMPLETED", "ERROR")
            assert state == "" or bool(ended) == (state == "COMPLETED")
    states = {one["status"].strip() for one in told["rezen_onboarding_jobs"].values()}
    assert states == {"New", "Pending", "Started", "Partial", "Complete", "Error"}


def test_prices_are_written_in_cents_or_in_units(told: dict[str, Documents], whole: World) -> None:
    written = told["stripe_pricing"]
    assert {type(one["price"]) for one in written.values()} == {int, float, str}
    for key, cents in zip(whole.lookups.prices["id"].tolist(), whole.lookups.prices["cents"].tolist(), strict=True):
        price = written[key]["price"]
        in_cents = isinstance(price, int)
        assert in_cents or "." in str(price)
        assert Decimal(str(price)) * (1 if in_cents else 100) == cents


def test_subscriptions_say_what_stripe_would(told: dict[str, Documents], whole: World) -> None:
    paid = dict(zip(whole.users["id"].tolist(), whole.users["paid"].tolist(), strict=True))
    keys = {one["price_id"].strip() for one in told["stripe_pricing"].values()}
    for key, one in told["stripe_subscriptions"].items():
        assert one["price_id"].strip() in keys | {""}
        state = one["status"].strip()
        assert state in ("trialing", "active", "past_due", "canceled", "unpaid", "incomplete")
        assert key == 2 or paid[int(one["user_id"])] == (state in ("active", "trialing"))
        assert bool(one.get("canceled_at")) == (state == "canceled")


def test_calendar_has_every_day_once(told: dict[str, Documents]) -> None:
    days = [one["date"] for one in told["calendar"].values()]
    assert days == sorted(set(days))
    assert (days[0], days[-1]) == ("2016-01-01", "2027-12-31")
    by_day = {one["date"]: one for one in told["calendar"].values()}
    assert (int(by_day["2021-01-03"]["week"]), by_day["2021-01-03"]["dayName"].strip()) == (53, "Sunday")


def test_secrets_are_plainly_made_up(told: dict[str, Documents]) -> None:
    for one in told["skyslope_connection"].values():
        for key in ("access_key", "access_secret", "session_token"):
            assert one[key] == "" or one[key].startswith("sandbox-")


def test_addresses_come_as_text_and_in_parts(told: dict[str, Documents]) -> None:
    assert {type(one["address"]) for one in told["office"].values()} == {str, dict}
    for one in told["office"].values():
        city = one["city"] or one["address"]["city"]
        assert city.strip() in lookups.CITIES


def test_lookups_do_not_repeat_names() -> None:
    made = lookups.build()
    for field in dataclasses.fields(made):
        frame: pd.DataFrame = getattr(made, field.name)
        assert np.array_equal(frame["id"], np.arange(1, len(frame) + 1))
        if "name" in frame and field.name != "prospects":
            assert frame["name"].is_unique


def test_table_map_names_v1_tables_that_exist() -> None:
    mapped = rows(SEEDS / "v1_table_map.csv")
    there = {table.name: table.xano_id for table in v1.TABLES} | {table.name: table.xano_id for table in OTHER_TABLES}
    assert len({row["v1_table"] for row in mapped}) == len(mapped)
    assert {table.name for table in v1.TABLES} <= {row["v1_table"] for row in mapped}
    for row in mapped:
        assert there[row["v1_table"]] == int(row["xano_id"])
        targets = row["v2_tables"].split()
        assert len(targets) == len(row["v2_ids"].split())
        assert bool(targets) == (row["mapping"] in ("1:1", "1:N", "N:1"))
        assert (len(targets) > 1) == (row["mapping"] == "1:N")
        assert targets or row["note"], "a table that nothing maps says why"


def test_v2_ids_are_said_once() -> None:
    mapped = {
        table: number
        for row in rows(SEEDS / "v1_table_map.csv")
        for table, number in zip(row["v2_tables"].split(), row["v2_ids"].split(), strict=True)
    }
    others = {row["v2_table"]: row["xano_id"] for row in rows(SEEDS / "v2_xano_ids.csv")}
    assert not mapped.keys() & others.keys()
    known = [number for number in (*mapped.values(), *others.values()) if number != "-"]
    assert len(set(known)) == len(known)
