"""JobNimbus: pages that move while they are read, windows, answers that are not as agreed; over HTTP."""

from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jobnimbus_server import KINDS, NOW, Landed, clear, moving, names, put, served

from connectors.document_store import Record
from connectors.jobnimbus import source as connector
from connectors.jobnimbus.source import JobNimbus, by_moment, whole
from connectors.jobnimbus.stand_in import TOKEN
from connectors.rest import SourceError
from connectors.stand_in import Refused, Request

__all__ = ["served"]

SMALL = 10
"""Rows a page in the tests of paging."""
FAST = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def small(served: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(connector, "PAGE", SMALL)
    return served


@FAST
@given(
    rows=st.integers(0, 45),
    ties=st.integers(1, 25),
    changed=st.lists(st.integers(0, 44), max_size=6),
    deleted=st.lists(st.integers(0, 44), max_size=4),
    inserted=st.integers(0, 4),
)
def test_no_row_that_was_there_throughout_is_missed(
    small: Any, rows: int, ties: int, changed: list[int], deleted: list[int], inserted: int
) -> None:
    stand_in, url = small
    store = stand_in.store
    clear(store)
    keys = [f"l{number:03d}" for number in range(rows)]
    for number, key in enumerate(keys):
        put(store, "jobs", key, NOW - 1_000 + number // ties)
        put(store, "invoices", key, NOW - 1_000 + number // ties)
    gone = {keys[place] for place in deleted if place < rows}
    moment = count(NOW)
    for collection, walk in (
        ("jobs", lambda client: by_moment(client, KINDS["job"], "date_updated", 0)),
        ("invoices", lambda client: whole(client, KINDS["invoice"])),
    ):
        happenings = [
            *(
                lambda p=p, c=collection: put(store, c, keys[p], next(moment), NOW - 1_000 + p // ties)
                for p in changed
                if p < rows and keys[p] not in gone
            ),
            *(lambda key=key, c=collection: store.remove(c, "", key) for key in sorted(gone)),
            *(lambda n=n, c=collection: put(store, c, f"new{n}", next(moment)) for n in range(inserted)),
        ]
        stand_in.before = moving(happenings)
        found = {row["jnid"] for page in walk(JobNimbus(url, TOKEN)) for row in page}
        assert found >= set(keys) - gone


def test_more_than_ten_thousand_rows_are_read_in_windows(served: Any) -> None:
    stand_in, url = served
    stand_in.store.hold(
        [
            Record("keys", "", TOKEN, {"may": ["*"]}),
            *(
                Record("activities", "", f"l{n:05d}", {"jnid": f"l{n:05d}", "date_updated": n // 3}, changed=n // 3)
                for n in range(3, 12_003)
            ),
        ]
    )
    client = JobNimbus(url, TOKEN)
    found = {row["jnid"] for page in by_moment(client, KINDS["activity"], "date_updated", 0) for row in page}
    assert len(found) == 12_000
    assert 12 <= stand_in.requests["GET /api1/activities"] <= 14
    with pytest.raises(SourceError, match="answered 400: Result window is too large"):
        client.get("/activities", {"from": 9_500, "size": 1_000})


def test_a_second_that_holds_more_than_can_be_read_is_an_error(small: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in, url = small
    monkeypatch.setattr(connector, "DEEPEST", 30)
    for number in range(40):
        put(stand_in.store, "jobs", f"l{number}", NOW)
    with pytest.raises(SourceError, match="more than 30 rows of the same date_updated"):
        list(by_moment(JobNimbus(url, TOKEN), KINDS["job"], "date_updated", 0))


def test_a_list_that_never_holds_still_is_an_error(small: Any) -> None:
    stand_in, url = small
    for number in range(40):
        put(stand_in.store, "invoices", f"l{number:02d}", NOW)
        put(stand_in.store, "jobs", f"l{number:02d}", NOW)

    def shift(request: Request) -> None:
        if request.one("from") != "0":
            for collection in ("jobs", "invoices"):
                ((first, *_),) = stand_in.store.select(collection, limit=1)
                ((last, *_),) = stand_in.store.select(collection, order="id desc", limit=1)
                stand_in.store.remove(collection, "", first)
                stand_in.store.remove(collection, "", last)

    stand_in.before = shift
    for walk in (
        whole(JobNimbus(url, TOKEN), KINDS["invoice"]),
        by_moment(JobNimbus(url, TOKEN), KINDS["job"], "date_updated", 0),
    ):
        for number in range(400):
            put(stand_in.store, "invoices", f"m{number:03d}", NOW)
            put(stand_in.store, "jobs", f"m{number:03d}", NOW)
        with pytest.raises(SourceError, match="changed during every walk"):
            list(walk)


@pytest.mark.parametrize("ignored", ["filter", "sort_field"])
def test_a_list_that_does_not_heed_what_is_asked_is_an_error(small: Any, ignored: str) -> None:
    stand_in, url = small
    for number in range(40):
        put(stand_in.store, "jobs", f"l{number:02d}", NOW - number, NOW - 100 + number)

    def forget(request: Request) -> None:
        request.query.pop(ignored, None)

    stand_in.before = forget
    with pytest.raises(SourceError, match="answered rows other than by date_updated"):
        list(by_moment(JobNimbus(url, TOKEN), KINDS["job"], "date_updated", 0))


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("contacts", {"count": 0, "rows": []}, "/contacts answered without a list results"),
        ("activities", {"count": 0, "results": []}, "/activities answered without a list activity"),
        ("users", {"results": []}, "/account/users answered without a list users"),
        ("settings", {"workflows": []}, "/account/settings answered without a list sources"),
        ("settings", {"workflows": [{"id": 1}], "sources": []}, "answered a row without 'object_type'"),
        ("jobs", {"results": [{"id": 1}]}, "without jnid|is no moment"),
        ("jobs", {"results": [{"jnid": "l1", "date_updated": None}]}, "whose date_updated is no moment"),
        ("invoices", [], "without a list results"),
    ],
)
def test_an_answer_without_its_rows_is_no_empty_one(served: Any, name: str, body: Any, says: str) -> None:
    stand_in, url = served

    def answer(_: Request) -> None:
        raise Refused(200, body)

    stand_in.before = answer
    with pytest.raises(SourceError, match=says):
        Landed(url).run(name)


@pytest.mark.parametrize("is_bare", [False, True])
def test_budgets_may_be_a_bare_list(small: Any, is_bare: bool) -> None:
    stand_in, url = small
    stand_in.bare_budgets = is_bare
    for number in range(25):
        put(stand_in.store, "budgets", f"l{number:02d}", NOW - number)
    assert len(set(names(Landed(url).run("budgets")))) == 25
    assert stand_in.requests["GET /api1/budgets"] == 3


def test_a_short_page_is_not_the_last_one_if_the_count_says_more(small: Any) -> None:
    stand_in, url = small
    for number in range(25):
        put(stand_in.store, "jobs", f"l{number:02d}", NOW + number)
        put(stand_in.store, "invoices", f"l{number:02d}", NOW + number)

    def at_most_seven(request: Request) -> None:
        request.query["size"] = ["7"]

    stand_in.before = at_most_seven
    assert len(names(Landed(url).run("jobs"))) == 25
    assert len(names(Landed(url).run("invoices"))) == 25
