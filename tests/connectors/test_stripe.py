"""Stripe: pages, hidden rows, inner lists, limits, keys and versions, against the stand-in over HTTP."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live import first_walk, walked

from connectors.document_store import Record, Store
from connectors.rest import SourceError
from connectors.sandbox.world import World, build
from connectors.stand_in import Refused, Request, serve
from connectors.stripe.objects import event, product
from connectors.stripe.source import PAGE, SOURCE, Stripe
from connectors.stripe.stand_in import KEY, StripeStandIn, fill
from connectors.sync import Context, Mark

RESOURCES = {resource.name: resource for resource in SOURCE.resources}
NOW = 1_793_577_599
FAST = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@cache
def world(day: int = 0) -> World:
    return build(scale=0.01, day=day)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")


@pytest.fixture
def filled() -> Iterator[tuple[StripeStandIn, Stripe]]:
    store = Store()
    fill(store, world())
    stand_in = StripeStandIn(store, hurry=1_000)
    with serve(stand_in) as url:
        yield stand_in, Stripe(url, KEY)


@pytest.fixture
def empty() -> Iterator[tuple[StripeStandIn, Stripe]]:
    store = Store()
    store.put(Record("keys", "", KEY, {"may": ["*"]}))
    store.note("now", str(NOW))
    stand_in = StripeStandIn(store, hurry=1_000)
    with serve(stand_in) as url:
        yield stand_in, Stripe(url, KEY)


def put(store: Store, key: str, created: int) -> None:
    store.put(Record("products", "", key, product(key, key, created), ord=created))


def since(cursor: Mark | str) -> Context:
    return Context(str(cursor))


def moving(happenings: list[Callable[[], None]]) -> Callable[[Request], None]:
    """Let one of these happen before each request from the second on."""
    left = iter([lambda: None, *happenings])
    return lambda _: next(left, lambda: None)()


# Paging


@FAST
@given(
    rows=st.integers(0, 330),
    ties=st.integers(1, 150),
    inserted=st.integers(0, 3),
    deleted=st.lists(st.integers(0, 329), max_size=6),
    changed=st.lists(st.integers(0, 329), max_size=3),
)
def test_no_row_that_was_there_throughout_is_missed(
    empty: Any, rows: int, ties: int, inserted: int, deleted: list[int], changed: list[int]
) -> None:
    stand_in, client = empty
    store = stand_in.store
    store.hold([Record("keys", "", KEY, {"may": ["*"]})])
    keys = [f"prod_{number:04d}" for number in range(rows)]
    for number, key in enumerate(keys):
        put(store, key, NOW - 1_000 + number // ties)
    gone = [keys[place] for place in deleted if place < rows]
    happenings = [
        *(lambda key=key: store.remove("products", "", key) for key in gone),
        *(lambda n=n: put(store, f"prod_new{n}", NOW + n) for n in range(inserted)),
        *(
            lambda p=p: put(store, keys[p], NOW - 1_000 + p // ties)
            for p in changed
            if p < rows and keys[p] not in gone
        ),
    ]
    stand_in.before = moving(happenings)
    found, done = first_walk(RESOURCES["products"], client)
    assert done.complete
    assert {row["id"] for row in found["products"]} >= set(keys) - set(gone)


def test_a_cursor_that_was_deleted_begins_the_walk_again(empty: Any) -> None:
    stand_in, client = empty
    for number in range(PAGE + 20):
        put(stand_in.store, f"prod_{number:04d}", NOW - number)
    stand_in.before = moving([lambda: stand_in.store.remove("products", "", f"prod_{PAGE - 1:04d}")])
    found, done = first_walk(RESOURCES["products"], client)
    assert done.complete
    assert len({row["id"] for row in found["products"]}) == PAGE + 20
    assert stand_in.requests["GET /v1/products"] == 4


def test_a_refusal_that_is_not_about_the_cursor_ends_the_walk(empty: Any) -> None:
    stand_in, client = empty
    with pytest.raises(SourceError, match="answered 400: Received unknown parameter: colour"):
        list(client.pages("/v1/products", {"colour": "red"}))
    assert stand_in.requests["GET /v1/products"] == 1


@pytest.mark.parametrize("body", [{}, {"data": []}, {"data": {}, "has_more": False}, {"data": [], "has_more": True}])
def test_an_answer_without_its_list_is_no_empty_one(empty: Any, body: Any) -> None:
    stand_in, client = empty

    def answer(_: Request) -> None:
        raise Refused(200, body)

    stand_in.before = answer
    with pytest.raises(SourceError, match="/v1/products"):
        first_walk(RESOURCES["products"], client)


# What is read


def test_everything_is_read_whatever_hides_by_default(filled: Any) -> None:
    stand_in, client = filled
    for name, resource in RESOURCES.items():
        found, _ = first_walk(resource, client)
        hidden = "doc ->> '$.deleted' is null"
        held = {row[0] for row in stand_in.store.select(name, "", hidden)}
        assert {row["id"] for row in found[name]} == held
        assert len(found[name]) == len(held) > 4


def test_cancelled_subscriptions_hide_unless_asked_for(filled: Any) -> None:
    stand_in, client = filled
    one = orjson.loads(stand_in.store.select("subscriptions")[0][3])
    stand_in.store.put(Record("subscriptions", "", one["id"], {**one, "status": "canceled"}, ord=one["created"]))
    found, _ = first_walk(RESOURCES["subscriptions"], client)
    assert one["id"] in {row["id"] for row in found["subscriptions"]}
    assert one["id"] not in {row["id"] for page in client.pages("/v1/subscriptions", {}) for row in page}


def test_items_beyond_the_first_are_put_into_the_subscription(filled: Any) -> None:
    stand_in, client = filled
    found, _ = first_walk(RESOURCES["subscriptions"], client)
    (office,) = [row for row in found["subscriptions"] if len(row["items"]["data"]) > 20]
    assert len({item["id"] for item in office["items"]["data"]}) == 25
    assert office["items"]["has_more"] is False
    assert office["items"]["url"] == f"/v1/subscription_items?subscription={office['id']}"
    assert stand_in.requests["GET /v1/subscription_items"] == 1
    assert client.get(f"/v1/subscriptions/{office['id']}")["items"]["has_more"] is True


def test_but_for_that_rows_land_as_received(filled: Any) -> None:
    stand_in, client = filled
    for name in ("products", "prices", "customers", "invoices", "events"):
        found, _ = first_walk(RESOURCES[name], client)
        for row in found[name]:
            assert row == orjson.loads(stand_in.store.get(name, "", row["id"]))


def test_the_version_is_pinned(filled: Any) -> None:
    _, client = filled
    found, _ = first_walk(RESOURCES["subscriptions"], client)
    for row in found["subscriptions"]:
        assert "current_period_end" not in row
        assert row["items"]["data"][0]["current_period_end"] > row["created"]
    del client.api.headers["Stripe-Version"]
    old, _ = first_walk(RESOURCES["subscriptions"], client)
    assert all("current_period_end" in row for row in old["subscriptions"])
    client.api.headers["Stripe-Version"] = "2031-01-01.zeta"
    with pytest.raises(SourceError, match="400: Invalid Stripe API version"):
        first_walk(RESOURCES["products"], client)


# What changed


def test_without_changes_a_run_asks_once_a_resource(filled: Any) -> None:
    stand_in, client = filled
    cursors = {name: first_walk(resource, client)[1].cursor for name, resource in RESOURCES.items()}
    stand_in.requests.clear()
    for name, resource in RESOURCES.items():
        found, done = walked(resource, client, since(cursors[name]))
        assert (found[name], done.gone, done.complete) == ([], [] if name != "events" else (), False)
        assert done.cursor == cursors[name]
    assert stand_in.requests == {"GET /v1/events": len(RESOURCES)}


def test_after_a_day_only_what_changed_is_read(filled: Any) -> None:
    stand_in, client = filled
    first = {name: first_walk(resource, client) for name, resource in RESOURCES.items()}
    fill(stand_in.store, world(1))
    stand_in.requests.clear()
    total = 0
    for name, resource in RESOURCES.items():
        found, done = walked(resource, client, since(first[name][1].cursor))
        rows = {row["id"]: row for row in first[name][0][name]}
        before = len(rows)
        rows |= {row["id"]: row for row in found[name]}
        for key in done.gone:
            del rows[key]
        full, _ = first_walk(resource, client)
        if name == "subscriptions":  # a price that changed within others' items has no event of theirs
            assert {key: _without_price(row) for key, row in rows.items()} == {
                row["id"]: _without_price(row) for row in full[name]
            }
        else:
            assert rows == {row["id"]: row for row in full[name]}
        assert len(found[name]) < before or name == "events"
        total += len(found[name]) + len(done.gone)
        assert bool(done.gone) == (name in {"products", "customers", "invoices"})
    asked = sum(stand_in.requests[f"GET {path}"] for path in ("/v1/{kind}/{id}",))
    assert asked < total


def _without_price(row: dict[str, Any]) -> dict[str, Any]:
    items = [{**item, "price": item["price"]["id"], "plan": None} for item in row["items"]["data"]]
    return {**row, "items": items}


@pytest.mark.parametrize(
    ("until", "walked_at", "is_full"),
    [(60, 60, False), (60, 8 * 86_400, True), (31 * 86_400, 31 * 86_400, True), (6 * 86_400, 6 * 86_400, False)],
)
def test_all_is_read_weekly_and_after_a_long_gap(filled: Any, until: int, walked_at: int, is_full: bool) -> None:
    stand_in, client = filled
    now = stand_in.now
    _, done = walked(RESOURCES["products"], client, since(Mark(now - until, now - walked_at)))
    assert done.complete is is_full
    assert Mark.of(done.cursor) == Mark(now, now if is_full else now - walked_at)


def test_a_cursor_of_another_kind_reads_all(filled: Any) -> None:
    _, client = filled
    assert walked(RESOURCES["products"], client, since("cus_1"))[1].complete


def test_what_changes_behind_a_walk_is_found_by_the_next(empty: Any) -> None:
    stand_in, client = empty
    store = stand_in.store
    for number in range(PAGE + 20):
        put(store, f"prod_{number:04d}", NOW - 5_000 - number)

    def change() -> None:
        store.note("now", str(NOW + 7))
        changed = product("prod_0001", "other name", NOW - 5_001, updated=NOW + 7)
        store.put(Record("products", "", "prod_0001", changed, ord=NOW - 5_001))
        told = event("evt_1", "product.updated", NOW + 7, changed, {"name": "prod_0001"}, is_asked=True)
        store.put(Record("events", "", "evt_1", told, ord=NOW + 7))

    stand_in.before = moving([change])
    found, done = first_walk(RESOURCES["products"], client)
    assert "other name" not in {row["name"] for row in found["products"]}
    store.note("now", str(NOW + 86_400))
    again, _ = walked(RESOURCES["products"], client, since(done.cursor))
    assert [row["name"] for row in again["products"]] == ["other name"]


def test_events_older_than_a_month_are_gone(filled: Any) -> None:
    stand_in, client = filled
    stand_in.store.note("now", str(stand_in.now + 31 * 86_400))
    found, done = first_walk(RESOURCES["events"], client)
    assert found["events"] == []
    assert done.cursor == str(stand_in.now)
    assert not done.complete


def test_an_event_that_names_nothing_is_an_error(filled: Any) -> None:
    stand_in, client = filled
    now = stand_in.now
    stand_in.store.put(Record("events", "", "evt_x", {"id": "evt_x", "type": "price.updated", "created": now}, ord=now))
    with pytest.raises(SourceError, match="names no object"):
        walked(RESOURCES["prices"], client, since(Mark(now - 60, now - 60)))


def test_an_id_of_ones_own_making_is_quoted(empty: Any) -> None:
    stand_in, client = empty
    put(stand_in.store, "gold plan/2", NOW)
    assert client.one("products", "gold plan/2")["id"] == "gold plan/2"
    assert client.one("products", "gold plan/3") is None
