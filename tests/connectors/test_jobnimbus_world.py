"""The made-up roofing business: one story however one comes to it, the cases that must be in it, and its documents."""

import csv
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import orjson
import pytest

from connectors.document_store import Record
from connectors.jobnimbus.documents import records
from connectors.jobnimbus.values import INACTIVE
from connectors.sandbox import roofing, roofing_papers
from connectors.sandbox.roofing_workflows import UNKNOWN_STATUS, staff, workflows
from connectors.sandbox.world import SEED, World

SCALE = 0.01
LOOKUP = Path(__file__).parents[2] / "seeds" / "jobnimbus_stages.csv"


@cache
def documents(day: int, scale: float = SCALE) -> dict[tuple[str, str], tuple[str, dict[str, Any]]]:
    world = cast(World, SimpleNamespace(seed=SEED, scale=scale, day=day))
    return {
        (one.collection, one.id): (one.account, orjson.loads(orjson.dumps(one.document)))
        for one in records(world, "token")
    }


def of(collection: str, day: int = 0) -> list[dict[str, Any]]:
    return [one for (name, _), (_, one) in documents(day).items() if name == collection]


@pytest.mark.parametrize("day", range(1, 5))
def test_a_day_only_adds_and_what_changes_says_when(day: int) -> None:
    before, after = documents(day - 1), documents(day)
    begin, end = roofing.begin(day), roofing.begin(day + 1)
    for name, (account, document) in before.items():
        if name in after and after[name][1] != document and name[0] not in {"users", "settings"}:
            assert begin <= after[name][1]["date_updated"] < end, name
        if name in after and account == INACTIVE:
            assert after[name] == before[name], "what is deleted stays as it was"
    for name in after.keys() - before.keys():
        document = after[name][1]
        # But for the contact that could not be seen for a day.
        assert name[0] == "contacts" or begin <= document["date_created"] <= document["date_updated"] < end
    new = {collection for collection, _ in after.keys() - before.keys()}
    assert {"contacts", "jobs", "activities", "payments"} <= new
    assert sum(document != before[name][1] for name, (_, document) in after.items() if name in before) > 5


def test_ids_and_moments_are_unique_and_not_to_come() -> None:
    world = cast(World, SimpleNamespace(seed=SEED, scale=0.2, day=2))
    made = [one for one in records(world, "token") if one.collection not in {"keys", "settings"}]
    assert len({(one.collection, one.id) for one in made}) == len(made)
    assert max(one.changed for one in made) < roofing.begin(3)
    assert all(one.ord <= one.changed for one in made if one.collection != "users")


def test_moves_are_a_day_s_and_every_day_has_some() -> None:
    for day in range(1, 5):
        made = roofing.moves(SEED, SCALE, day)
        assert sum(move.is_first for move in made) >= 2
        assert sum(not move.is_first for move in made) >= 2
        jobs = [move.job for move in made]
        assert len(set(jobs)) < len(jobs) - 1, "some jobs move twice"
    jobs = roofing.build(SEED, 0.2, 3).jobs.values()
    hidden = [move for job in jobs for move in job.moves if not move.is_told]
    assert hidden
    for job in jobs:
        for move, later in zip(job.moves, job.moves[1:], strict=False):
            assert later.moment - move.moment > 60
            assert move.is_told or later.moment // roofing.DAY > move.moment // roofing.DAY


def test_statuses_are_those_of_the_lookup_but_for_one() -> None:
    with LOOKUP.open() as file:
        known = {(row["record_type"], row["status_name"]) for row in csv.DictReader(file)}
    here = {(one.name, status.name) for one in workflows().values() for status in one.statuses}
    legacy = {(other, name) for (kind, name) in here if kind.startswith("Legacy") for other in roofing.LEGACY_NAMES}
    assert (here | legacy) - known == {("Insurance", UNKNOWN_STATUS)}
    assert known - here - legacy == set()
    ids: dict[int, set[str]] = {}
    for one in workflows().values():
        for status in one.statuses:
            ids.setdefault(status.id, set()).add(status.name)
    assert all(len(names) == 1 for names in ids.values())


def test_every_case_is_there() -> None:
    jobs = {one["jnid"]: one for one in of("jobs")}
    by_number = {int(one["number"]) - 2_000: one for one in jobs.values()}
    payments = of("payments")
    assert by_number[1]["primary"]["name"] == by_number[2]["primary"]["name"] == "Jane Tester"
    assert by_number[3]["primary"] is None
    assert by_number[4]["status_name"] == UNKNOWN_STATUS
    assert {one["record_type_name"] for one in jobs.values()} >= set(roofing.LEGACY_NAMES)
    assert not by_number[6]["is_active"]

    def of_job(number: int) -> list[dict[str, Any]]:
        jnid = roofing.jnid("job", number)
        return [one for one in payments if any(about["id"] == jnid for about in one["related"])]

    assert of_job(6)
    assert any(len([about for about in one["related"] if about["type"] == "job"]) == 2 for one in of_job(7))
    assert of_job(9)[0]["credit"] > 0
    assert of_job(10)[0]["refunded_amount"] > 0
    assert of_job(11)[0]["is_archived"]
    assert 0 in [one["date_payment"] for one in of_job(12)]
    assert any(not any(about["type"] == "job" for about in one["related"]) for one in of("payments", 1))
    assert {one["primary"]["type"] for one in payments if one["primary"]} >= {"invoice", "job"}
    for key, label in (("cf_string_10", "Market Type"), ("cf_string_3", "Claim #"), ("cf_date_1", "Contract Date")):
        assert all(one[key] == one[label] for one in jobs.values())
    for name in ("owners", "tags"):
        assert {type(one.get(name, "missing")) for one in (*jobs.values(), *of("contacts"))} >= {list, str, type(None)}
    orders = of("materialorders")
    for one in orders:
        lines = [item for section in one["sections"] for item in section["items"]]
        assert one["total_line_item_cost"] == pytest.approx(sum(item["quantity"] * item["cost"] for item in lines))
    assert {type(one["subcontractors"]) for one in of("workorders")} == {list, type(None)}
    sellers = {one["sales_rep"] for one in jobs.values()}
    assert None in sellers
    assert len(of("users")) == 25


def test_papers_add_up() -> None:
    made = roofing.build(SEED, 0.2, 1)
    written = roofing_papers.papers(made)
    for invoice in written.invoices:
        # A check for two jobs comes on top.
        paid = sum(cents for payment, cents in invoice.paid if len(payment.jobs) == 1)
        assert paid <= invoice.cents
    for payment in written.payments:
        assert not payment.invoices or sum(cents for _, cents in payment.invoices) == payment.cents
        assert payment.credit + payment.refunded <= payment.cents


def test_it_is_as_large_as_it_should_be() -> None:
    made = roofing.build(SEED, 1.0, 0)
    written = roofing_papers.papers(made)
    assert len(made.jobs) == 8_000
    assert 5_800 < len(made.contacts) < 6_200
    assert 7_500 < len(written.payments) < 9_500
    assert len({move.status.name for job in made.jobs.values() for move in job.moves}) > 45
    assert sum(one.is_listed for one in staff()) == 25


def test_records_are_told_apart_by_what_lists_show() -> None:
    hidden = [one for one in documents(3).values() if one[0] == INACTIVE]
    assert hidden
    assert all(document["is_active"] is False for _, document in hidden)
    assert isinstance(next(iter(records(cast(World, SimpleNamespace(seed=1, scale=SCALE, day=0)), "t"))), Record)
