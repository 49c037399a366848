"""dotloop by its own protocol: batches over data that moves, limits, errors, settings, what the stand-in enforces."""

import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live import walked

from connectors.document_store import Record, Store
from connectors.dotloop import source as dotloop
from connectors.dotloop.batches import SIZE, batches
from connectors.dotloop.documents import HOLDERS, records
from connectors.dotloop.stand_in import CLIENT_ID, CLIENT_SECRET, DotloopStandIn, configuration
from connectors.errors import HeadwaterError
from connectors.rest import Api, SourceError
from connectors.sandbox.world import World, build
from connectors.stand_in import Fault, RateLimit, Request, serve
from connectors.sync import Context, Done, Resource

LOOPS = next(one for one in dotloop.SOURCE.resources if one.name == "loops")
CONTACTS = next(one for one in dotloop.SOURCE.resources if one.name == "contacts")
OFFICE = HOLDERS[0]


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.01)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    for name in ("BASE_URL", "AUTH_URL", "CLIENT_ID", "CLIENT_SECRET", "ACCOUNTS"):
        monkeypatch.delenv(f"SOURCES__DOTLOOP__{name}", raising=False)


class Fresh(Context):
    """Of an account of which nothing is landed."""

    def landed(self, _: str) -> Iterator[tuple[str, dict[str, Any]]]:
        return iter(())

    requests = landed


def first_walk(resource: Resource, client: Any) -> tuple[dict[str, list[dict[str, Any]]], Done]:
    return walked(resource, client, Fresh(None))


class Office:
    """An account with one profile and as many loops and contacts as a test likes."""

    def __init__(self) -> None:
        self.store = Store()
        self.server = DotloopStandIn(self.store, hurry=1_000)
        self.store.put(Record("login", "", "r-1", {"account": "1"}))
        self.store.put(Record("account", "1", "1", {"id": 1}))
        self.store.put(Record("profile", "1", "7", {"id": 7}))

    def loop(self, number: int, second: int, profile: int = 7, **more: Any) -> None:
        row = {"id": number, "profileId": profile, "name": f"{number}", "updated": _iso(second), **more}
        self.store.put(Record("loop", "1", str(number), row, number, float(second), str(profile)))

    def contact(self, number: int) -> None:
        self.store.put(Record("contact", "1", f"{number:06}", {"id": number, "updated": _iso(0)}, number))

    def client(self, url: str) -> dotloop.Dotloop:
        basic = Api("dotloop", url, headers={"Authorization": _basic()})
        token = basic.json(
            basic.send("POST", "oauth/token", params={"grant_type": "refresh_token", "refresh_token": "r-1"}), ""
        )["access_token"]
        api = Api("dotloop", f"{url}/public/v2", headers={"Authorization": f"Bearer {token}"}, secrets=(token,))
        return dotloop.Dotloop(SimpleNamespace(api=api, belongs_to=lambda _: None))  # type: ignore[arg-type]


def _basic() -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()


def _iso(second: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(second))


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
def url(office: Office) -> Iterator[str]:
    with serve(office.server) as served:
        yield served


# Paging.

_MOVES = st.lists(st.tuples(st.sampled_from(["delete", "insert", "change"]), st.integers(0, 10_000)), max_size=12)


def _move(rows: list[dict[str, Any]], what: str, at: int, changed: set[int]) -> None:
    """Delete a row, insert one, or change one, which moves it to the end."""
    place = at % (len(rows) + 1)
    if what == "insert":
        rows.insert(place, {"id": 100_000 + len(changed) + at * 50 + len(rows), "updated": "new"})
    elif rows:
        row = rows.pop(place % len(rows))
        changed.add(row["id"])
        if what == "change":
            rows.append({"id": row["id"], "updated": f"{row['updated']}+"})


@given(
    count=st.integers(0, 400),
    size=st.integers(7, SIZE),
    cap=st.integers(7, 100),
    tells_total=st.booleans(),
    moves=st.dictionaries(st.integers(0, 30), _MOVES, max_size=10),
)
@settings(max_examples=300, deadline=None)
def test_batches_miss_no_row_that_existed_throughout(
    count: int, size: int, cap: int, tells_total: bool, moves: dict[int, list[tuple[str, int]]]
) -> None:
    """Whatever comes, goes or moves to the end between requests, and however few rows the API gives at a time."""
    rows = [{"id": number, "updated": "1"} for number in range(count)]
    deleted: set[int] = set()
    requests = 0

    def fetch(number: int, asked: int) -> tuple[list[dict[str, Any]], int]:
        nonlocal requests
        for what, at in moves.get(requests, []):
            touched: set[int] = set()
            _move(rows, what, at, touched)
            if what == "delete":
                deleted.update(touched)
        requests += 1
        assert requests < 500
        given = min(asked, cap) if tells_total else asked
        return rows[(number - 1) * given : number * given], len(rows) if tells_total else 0

    seen = {row["id"] for batch in batches(fetch, size) for row in batch}
    assert set(range(count)) - deleted <= seen


def test_batches_of_a_list_at_rest_overlap_little() -> None:
    requests: list[tuple[int, int]] = []

    def fetch(number: int, asked: int) -> tuple[list[dict[str, Any]], int]:
        requests.append((number, asked))
        return [{"id": one} for one in range(5_000)[(number - 1) * asked : number * asked]], 5_000

    seen = [row["id"] for batch in batches(fetch) for row in batch]
    assert set(seen) == set(range(5_000))
    assert len(requests) <= 5_000 / 40
    assert all(asked <= 50 for _, asked in requests)


@given(
    count=st.integers(0, 160),
    moves=st.dictionaries(st.integers(0, 6), _MOVES, max_size=5),
)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_loops_and_contacts_that_move_while_they_are_paged(count: int, moves: dict[int, list[tuple[str, int]]]) -> None:
    office = Office()
    for number in range(count):
        office.loop(number, number // 3)
        office.contact(number)
    touched: set[int] = set()
    asked = 0

    def before(request: Request) -> None:
        nonlocal asked
        if not request.path.endswith(("/loop", "/contact")) or request.one("batch_size") == "1":
            return
        for what, at in moves.get(asked, []):
            number = at % (count + 1)
            if what == "delete":
                touched.add(number)
                office.store.remove("loop", "1", str(number))
                office.store.remove("contact", "1", f"{number:06}")
            elif what == "insert":
                office.loop(1_000 + at, at % 60)
                office.contact(1_000 + at)
            elif office.store.get("loop", "1", str(number)):
                office.loop(number, 5_000 + at)
        asked += 1

    office.server.before = before
    with serve(office.server) as url:
        client = office.client(url)
        loops, _ = first_walk(LOOPS, client)
        contacts, _ = first_walk(CONTACTS, client)
    assert set(range(count)) - touched <= {row["id"] for row in loops["dotloop_staging"]}
    assert set(range(count)) - touched <= {row["id"] for row in contacts["contacts"]}


# What is read.


def test_everything_the_stand_in_holds_is_read(world: World) -> None:
    """Control totals per account against the documents themselves; the newest `updated` is where to go on."""
    store = Store()
    store.hold(records(world))
    server = DotloopStandIn(store, hurry=1_000)
    with serve(server) as url:
        for holder in HOLDERS:
            store.put(Record("login", "", "r-1", {"account": str(holder.id)}))
            client = Office.client(SimpleNamespace(), url)  # type: ignore[arg-type]
            for resource in dotloop.SOURCE.resources:
                rows, done = first_walk(resource, client)
                for table, read in rows.items():
                    held = {"dotloop_staging": "loop"}.get(table, table.removesuffix("s"))
                    assert len({row["id"] for row in read}) == store.count(held, str(holder.id)) > 0
                assert done.complete is (resource is not LOOPS)
                if resource is LOOPS:
                    newest = orjson.loads(done.cursor or "")[str(holder.profiles[-1].id)]
                    assert newest["updated"] == max(row["updated"] for row in rows["dotloop_staging"])
                    assert newest["total"] == len(rows["dotloop_staging"])
                    assert all(row["details"] for row in rows["dotloop_staging"])


def test_a_profile_that_may_not_be_read_has_no_loops(office: Office, url: str) -> None:
    office.loop(1, 5)
    office.store.put(Record("profile", "1", "6", {"id": 6}, parent="closed"))
    rows, done = first_walk(LOOPS, office.client(url))
    assert [row["id"] for row in rows["dotloop_staging"]] == [1]
    assert orjson.loads(done.cursor or "").keys() == {"7"}


def test_a_refusal_within_a_loop_is_no_empty_profile(office: Office, url: str) -> None:
    office.loop(1, 5)
    office.server.faults.append(Fault("/participant", 403))
    with pytest.raises(SourceError, match="answered 403"):
        first_walk(LOOPS, office.client(url))


def test_a_loop_merged_while_it_is_read_hands_over_its_participants(office: Office, url: str) -> None:
    for number in (1, 2):
        office.loop(number, number)
        office.store.put(Record("participant", "1", f"{number}0", {"id": number * 10}, parent=str(number)))

    def before(request: Request) -> None:
        if request.path.endswith("/loop/1/participant") and office.store.get("loop", "1", "1"):
            office.server.merge("1", "1", "2")

    office.server.before = before
    rows, done = first_walk(LOOPS, office.client(url))
    assert {row["id"] for row in rows["participants"]} == {10, 20}
    assert done.gone == {"dotloop_staging": {"1"}, "participants": set()}


def test_a_loop_deleted_while_it_is_read_is_gone(office: Office, url: str) -> None:
    office.loop(1, 1)
    office.loop(2, 2)
    office.server.before = lambda request: (
        office.store.remove("loop", "1", "1") if request.path.endswith("/participant") else None
    )
    _, done = first_walk(LOOPS, office.client(url))
    assert done.gone["dotloop_staging"] == {"1"}


@pytest.mark.parametrize("body", [b'{"meta":{}}', b'{"data":{}}', b"[]", b"<html>"])
def test_an_answer_without_rows_is_an_error(office: Office, url: str, body: bytes, monkeypatch: Any) -> None:
    from connectors.stand_in import Response

    monkeypatch.setattr(office.server, "answer", lambda _: Response(body))
    api = Api("dotloop", f"{url}/public/v2")
    client = dotloop.Dotloop(SimpleNamespace(api=api))  # type: ignore[arg-type]
    for resource in dotloop.SOURCE.resources[1:]:
        with pytest.raises(SourceError, match=r"answered (without a list data|no JSON)"):
            first_walk(resource, client)


# Limits and troubles.


def test_the_limit_is_waited_out_as_told(office: Office) -> None:
    for number in range(300):
        office.contact(number)
    with serve(office.server) as url:
        login = office.client(url)
        office.server.limit = RateLimit(3, 0.4)
        api = Api("dotloop", f"{url}/public/v2", headers=login.api.headers, wait=dotloop_wait())
        began = time.monotonic()
        rows, _ = first_walk(CONTACTS, dotloop.Dotloop(SimpleNamespace(api=api)))  # type: ignore[arg-type]
    assert len({row["id"] for row in rows["contacts"]}) == 300
    assert 0.6 < time.monotonic() - began < 10


def dotloop_wait() -> Any:
    from connectors.dotloop.login import told_to_wait

    return told_to_wait


def test_a_limit_that_does_not_say_how_long_lasts_a_minute() -> None:
    assert dotloop_wait()({"X-RateLimit-Reset": "1500"}) == 1.5
    assert dotloop_wait()({}) == 60


@pytest.mark.parametrize("status", [500, 502, 503])
def test_passing_trouble_is_outlasted_and_lasting_trouble_is_told(office: Office, url: str, status: int) -> None:
    office.contact(1)
    office.server.faults.append(Fault("/contact", status, times=2))
    rows, _ = first_walk(CONTACTS, office.client(url))
    assert len(rows["contacts"]) == 1
    office.server.faults.append(Fault("/contact", status, times=100))
    with pytest.raises(SourceError, match=f"dotloop: /contact answered {status}: asked for") as caught:
        first_walk(CONTACTS, office.client(url))
    assert caught.value.is_about_all


def test_a_dead_token_is_never_shown(office: Office, url: str) -> None:
    client = office.client(url)
    office.server.expire("1")
    with pytest.raises(SourceError, match=r"answered 401: Invalid access token: \*\*\*"):
        first_walk(CONTACTS, client)


# The stand-in itself.


def test_the_stand_in_keeps_to_the_protocol(office: Office, url: str) -> None:
    for number in range(30):
        office.loop(number, number, status="SOLD" if number % 2 else "ARCHIVED", details={"Property": {"Lot": "1"}})
    api = office.client(url).api
    path = "profile/7/loop"
    response = api.send("GET", path)
    told = orjson.loads(response.content)
    assert (len(told["data"]), told["meta"]["total"]) == (20, 30)
    assert "details" not in told["data"][0]
    assert response.headers["X-RateLimit-Limit"] == "100000"
    assert 0 < int(response.headers["X-RateLimit-Reset"]) <= 60_001
    assert "details" not in api.get(f"{path}/3")["data"]
    assert api.get(f"{path}/3/detail") == {"data": {"Property": {"Lot": "1"}}}
    newest = api.get(path, {"sort": "updated:desc", "batch_size": 1, "include_details": "true"})["data"]
    assert [row["id"] for row in newest] == [29]
    filtered = {"filter": f"updated_min={_iso(10)},transaction_status=SOLD|NEW", "batch_size": 100}
    assert {row["id"] for row in api.get(path, filtered)["data"]} == set(range(11, 30, 2))
    assert len(api.get(path, {"updated_min": _iso(10), "batch_size": 100})["data"]) == 30
    for wrong in ({"batch_size": 101}, {"batch_number": 0}, {"filter": "x=1"}, {"sort": "x"}, {"batch_size": "x"}):
        with pytest.raises(SourceError, match="answered 400"):
            api.get(path, wrong)
    with pytest.raises(SourceError, match="answered 404"):
        api.get("profile/8/loop")


# Settings.


def test_settings_name_the_accounts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert dotloop.configured() is None
    for name, value in configuration(world, "http://127.0.0.1:1").items():
        monkeypatch.setenv(name, value)
    accounts = dotloop.configured()
    assert accounts is not None
    assert [account.name for account in accounts] == ["harbor-office", "north-team", "solo"]
    assert OFFICE.refresh_token not in repr(accounts)
    monkeypatch.delenv("SOURCES__DOTLOOP__CLIENT_SECRET")
    with pytest.raises(HeadwaterError, match=r"set sources\.dotloop\.client_secret, or nothing"):
        dotloop.configured()
    monkeypatch.setenv("SOURCES__DOTLOOP__ACCOUNTS", '[{"name": "a"}]')
    with pytest.raises(HeadwaterError, match=r"sources\.dotloop\.accounts\[0\]\.refresh_token"):
        dotloop.configured()
