"""JobNimbus: what is news, sweeps, filters, limits and errors, against the stand-in over HTTP."""

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from jobnimbus_server import DAY, NOW, Landed, names, put, retire, served

from connectors.document_store import Record
from connectors.jobnimbus import source as connector
from connectors.jobnimbus.events import key_of
from connectors.jobnimbus.source import SOURCE, JobNimbus
from connectors.jobnimbus.stand_in import TOKEN
from connectors.rest import SourceError
from connectors.stand_in import Fault
from connectors.sync import Mark

__all__ = ["served"]


# What is news


def test_only_news_lands_and_old_content_lands_again(served: Any) -> None:
    stand_in, url = served
    landed = Landed(url)
    old = [{"id": "u1", "is_active": True}, {"id": "u2", "is_active": True}]

    def users(*rows: dict[str, Any]) -> None:
        stand_in.store.hold([Record("keys", "", TOKEN, {"may": ["*"]}), *(_user(row) for row in rows)])

    users(*old)
    assert names(landed.run("users")) == ["u1", "u2"]
    assert landed.run("users") == []
    users({"id": "u1", "is_active": False}, old[1])
    assert [request for request, _ in landed.run("users")] == [{"object": "user", "jnid": "u1", "is_active": False}]
    users(*old)
    ((request, row),) = landed.run("users")
    assert (row, set(request)) == (old[0], {"object", "jnid", "again"})
    assert landed.run("users") == []
    users(old[0])
    ((request, row),) = landed.run("users")
    assert (row, request["gone"], request["jnid"]) == ({}, True, "u2")
    assert landed.rows[-1][0] == f"user:u2:gone:{request['at']}"
    assert landed.run("users") == []
    users(*old)
    ((request, row),) = landed.run("users")
    assert key_of(row, request) == f"{landed.rows[1][0]}:{request['again']}"
    assert landed.run("users") == []


def _user(row: dict[str, Any]) -> Record:
    return Record("users", "", row["id"], row)


def test_only_what_changed_is_asked_for_with_an_overlap(served: Any) -> None:
    stand_in, url = served
    landed = Landed(url)
    for number in range(5):
        put(stand_in.store, "contacts", f"l{number}", NOW - 10_000 + number * 1_000)
    assert len(landed.run("contacts")) == 5
    asked: list[str] = []
    stand_in.before = lambda request: asked.append(request.one("filter"))
    assert landed.run("contacts") == []
    assert orjson.loads(asked[0]) == {"must": [{"range": {"date_updated": {"gte": NOW - 6_000 - 300}}}]}
    put(stand_in.store, "contacts", "l1", NOW - 5_900, first_name="Ádám")
    put(stand_in.store, "contacts", "late", NOW - 6_250)
    assert names(landed.run("contacts")) == ["late", "l1"]
    assert Mark.of(landed.cursors["contacts"]) == Mark(NOW - 5_900, NOW)
    assert len(asked) == 2


def test_a_moment_to_come_hides_nothing(served: Any) -> None:
    stand_in, url = served
    landed = Landed(url)
    put(stand_in.store, "jobs", "l1", NOW + 900 * DAY)
    landed.run("jobs")
    assert Mark.of(landed.cursors["jobs"]) == Mark(NOW, NOW)


def test_a_sweep_finds_what_is_gone_inactive_or_was_overlooked(served: Any) -> None:
    stand_in, url = served
    store = stand_in.store
    landed = Landed(url)
    for number in range(30):
        put(store, "jobs", f"l{number:02d}", NOW - 50_000 + number)
        put(store, "payments", f"l{number:02d}", NOW - 50_000 + number)
    landed.run("jobs")
    landed.run("payments")
    retire(store, "jobs", "l03", NOW + 50)
    store.remove("jobs", "", "l04")
    store.remove("payments", "", "l05")
    put(store, "payments", "late", NOW - 51_000, total=7)
    stand_in.requests.clear()
    assert landed.run("jobs") == landed.run("payments") == [], "not before a day has gone"
    assert sum(stand_in.requests.values()) == 2

    store.note("now", str(NOW + DAY))
    (inactive, gone) = landed.run("jobs")
    assert (inactive[0], inactive[1]["is_active"]) == ({"object": "job", "jnid": "l03", "is_active": False}, False)
    assert (gone[0]["jnid"], gone[0]["gone"], gone[1]) == ("l04", True, {})
    found = {request["jnid"]: (request.get("gone"), row.get("total")) for request, row in landed.run("payments")}
    assert found == {"l05": (True, None), "late": (None, 7)}
    assert stand_in.requests["GET /api1/{kind}/{id}"] == 2

    store.note("now", str(NOW + 2 * DAY))
    stand_in.requests.clear()
    assert landed.run("jobs") == landed.run("payments") == [], "what is known to be gone is not asked for again"
    assert sum(stand_in.requests.values()) == 4
    put(store, "jobs", "l04", NOW - 50_000 + 4)
    store.note("now", str(NOW + 3 * DAY))
    ((request, row),) = landed.run("jobs")
    assert (row["jnid"], "again" in request) == ("l04", True)


def test_what_a_profile_shows_anew_is_read_in_pages(served: Any) -> None:
    stand_in, url = served
    landed = Landed(url)
    put(stand_in.store, "payments", "l0", NOW - 5_000)
    landed.run("payments")
    for number in range(50):
        put(stand_in.store, "payments", f"m{number}", NOW - 50_000 + number)
    stand_in.store.note("now", str(NOW + DAY))
    stand_in.requests.clear()
    assert len(landed.run("payments")) == 50
    assert stand_in.requests == {"GET /api1/payments": 3}


def test_a_sweep_asks_for_ids_and_moments_only(served: Any) -> None:
    stand_in, url = served
    landed = Landed(url)
    put(stand_in.store, "contacts", "l1", NOW - 5_000, email="someone@example.com")
    landed.run("contacts")
    stand_in.store.note("now", str(NOW + DAY))
    asked: list[dict[str, str]] = []
    stand_in.before = lambda request: asked.append({name: request.one(name) for name in request.query})
    landed.run("contacts")
    assert asked[1]["fields"] == "jnid,date_created,date_updated"
    assert asked[1]["sort_field"] == "date_created"


def test_an_object_without_a_path_of_its_own_is_gone_at_once(served: Any) -> None:
    stand_in, url = served
    landed = Landed(url)
    for name in ("workorders", "estimates"):
        put(stand_in.store, name, "l1", NOW)
        landed.run(name)
        retire(stand_in.store, name, "l1", NOW + 5)
    assert [request.get("is_active") for request, _ in landed.run("workorders")] == [False]
    assert [request.get("gone") for request, _ in landed.run("estimates")] == [True]
    assert landed.run("workorders") == landed.run("estimates") == []


# Limits, errors, configuration


def test_the_newer_lists_know_no_filter(served: Any) -> None:
    stand_in, url = served
    put(stand_in.store, "invoices", "l1", 5)
    asked = {"filter": '{"must":[{"range":{"date_updated":{"gte":99}}}]}', "fields": "jnid", "sort_direction": "asc"}
    assert JobNimbus(url, TOKEN).get("/v2/invoices", asked)["results"][0]["date_updated"] == 5


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"must": [{"term": {"related.id": "c1"}}]}, ["l1"]),
        ({"must": [{"term": {"primary.id": "c2"}}]}, ["l2"]),
        ({"must_not": [{"term": {"primary.id": "c2"}}]}, ["l1"]),
        ({"should": [{"term": {"jnid": "l1"}}, {"term": {"jnid": "l2"}}]}, ["l1", "l2"]),
        ({"must": [{"range": {"date_updated": {"gt": 1, "lte": 2}}}]}, ["l2"]),
    ],
)
def test_the_older_lists_filter(served: Any, query: Any, found: list[str]) -> None:
    stand_in, url = served
    for number in (1, 2):
        about = [{"id": f"c{number}"}]
        put(stand_in.store, "jobs", f"l{number}", number, related=about, primary=about[0])
    answer = JobNimbus(url, TOKEN).get("/jobs", {"filter": orjson.dumps(query).decode(), "sort_direction": "asc"})
    assert [row["jnid"] for row in answer["results"]] == found
    with pytest.raises(SourceError, match="answered 400: filter: failed to parse query"):
        JobNimbus(url, TOKEN).get("/jobs", {"filter": "{must"})


def test_a_limit_is_waited_out(served: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in, url = served
    monkeypatch.setattr(connector, "_WAIT", 0.3)
    stand_in._rate.limit, stand_in._rate.seconds = 2, 0.5
    started = datetime.now(UTC)
    landed = Landed(url)
    for name in ("contacts", "jobs", "payments", "users"):
        landed.run(name)
    assert 0.5 < (datetime.now(UTC) - started).total_seconds() < 8


def test_errors_are_told_without_the_token(served: Any) -> None:
    stand_in, url = served
    stand_in.faults.append(Fault("/jobs", 502, times=2))
    Landed(url).run("jobs")
    stand_in.faults.append(Fault("/jobs", 502, times=9))
    with pytest.raises(SourceError, match=r"^jobnimbus: /jobs answered 502: asked for$"):
        Landed(url).run("jobs")
    stand_in.store.remove("keys", "", TOKEN)
    with pytest.raises(SourceError, match=r"^jobnimbus: /contacts answered 401: Unauthorized$") as refused:
        Landed(url).run("contacts")
    assert TOKEN not in str(refused.value)


def test_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    assert SOURCE.configured() is None
    monkeypatch.setenv("SOURCES__JOBNIMBUS__TOKEN", "t")
    assert [(one.name, one.secrets["token"]) for one in SOURCE.configured() or []] == [("main", "t")]
    monkeypatch.setenv(
        "SOURCES__JOBNIMBUS__ACCOUNTS", '[{"name": "east", "token": "a"}, {"name": "west", "token": "b"}]'
    )
    assert [one.name for one in SOURCE.configured() or []] == ["east", "west"]
    for wrong in ('[{"name": "east"}]', '[{"token": "a"}]', '[{"name":"a","token":"a"},{"name":"a","token":"b"}]'):
        monkeypatch.setenv("SOURCES__JOBNIMBUS__ACCOUNTS", wrong)
        with pytest.raises(SourceError, match="needs a token and a name of its own"):
            SOURCE.configured()
