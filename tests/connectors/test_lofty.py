"""Lofty: scrolls, overlapping pages, both forms of authorization, limits, over HTTP; and landed."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live import first_walk, landed, state

from connectors.document_store import Record, Store
from connectors.lofty import source
from connectors.lofty.documents import KEYS, LEADS, MEMBERS, TRASH
from connectors.lofty.source import LEADS_A_PAGE, MEMBERS_A_PAGE, SOURCE, Lofty
from connectors.lofty.stand_in import LoftyStandIn, configuration, fill
from connectors.rest import SourceError
from connectors.sandbox.world import build
from connectors.stand_in import Fault, Refused, Request, serve
from connectors.sync import Account, land

RESOURCES = {resource.name: resource for resource in SOURCE.resources}
FAST = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
OWNER = {"id": 1, "memberUserId": 5, "isAdmin": True, "email": "owner@example.com"}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")


@pytest.fixture
def empty() -> Iterator[tuple[LoftyStandIn, Lofty]]:
    stand_in = LoftyStandIn(Store(), hurry=1_000)
    refill(stand_in.store, 0)
    with serve(stand_in) as url:
        yield stand_in, Lofty("a", url, {"api_key": "k"})


def refill(store: Store, leads: int, members: int = 1) -> None:
    store.hold(
        [
            Record(KEYS, "", "k", {"account": "a", "form": "api_key", "user": "5"}),
            Record(MEMBERS, "a", "5", OWNER),
            *(_member(number) for number in range(2, members + 1)),
            *(_lead(number) for number in range(leads)),
        ]
    )


def _member(number: int) -> Record:
    return Record(MEMBERS, "a", str(number + 100), {"id": number, "memberUserId": number + 100}, ord=number)


def _lead(number: int, **values: Any) -> Record:
    # Ids a float cannot hold.
    key = 2**53 + 1 + number * 2
    return Record(LEADS, "a", str(key), {"leadId": key, "stage": "Hot", **values}, ord=number // 3)


def moving(happenings: list[Callable[[], None]]) -> Callable[[Request], None]:
    """Let one of these happen before each request from the second on."""
    left = iter([lambda: None, *happenings])
    return lambda _: next(left, lambda: None)()


def leads(client: Lofty) -> tuple[set[int], bool]:
    found, done = first_walk(RESOURCES["leads"], client)
    return {row["leadId"] for row in found["lofty_staging"]}, done.complete


# Leads


@FAST
@given(
    rows=st.integers(0, 330),
    inserted=st.integers(0, 3),
    trashed=st.lists(st.integers(0, 329), max_size=4),
    changed=st.lists(st.integers(0, 329), max_size=2),
    order=st.randoms(use_true_random=False),
)
def test_no_lead_that_was_there_throughout_is_missed(
    empty: Any, rows: int, inserted: int, trashed: list[int], changed: list[int], order: Any
) -> None:
    stand_in, client = empty
    store = stand_in.store
    refill(store, rows)
    gone = {place for place in trashed if place < rows}
    happenings = [
        *(lambda p=p: store.put(dataclasses.replace(_lead(p), parent=TRASH)) for p in gone),
        *(lambda n=n: store.put(_lead(1_000 + n)) for n in range(inserted)),
        *(lambda p=p: store.put(_lead(p, stage="Cold")) for p in changed if p < rows and p not in gone),
    ]
    order.shuffle(happenings)
    stand_in.before = moving(happenings)
    found, is_complete = leads(client)
    assert is_complete
    assert found >= {_lead(place).document["leadId"] for place in range(rows) if place not in gone}


def test_a_scroll_that_expires_begins_again(empty: Any) -> None:
    stand_in, client = empty
    refill(stand_in.store, 2 * LEADS_A_PAGE + 5)

    def expire() -> None:
        stand_in._scrolls.clear()

    stand_in.before = moving([expire, expire])
    found, is_complete = leads(client)
    assert (len(found), is_complete) == (2 * LEADS_A_PAGE + 5, True)
    assert stand_in.requests["GET /v1.0/leads"] == 5


def test_scrolls_that_always_expire_are_an_error(empty: Any) -> None:
    stand_in, client = empty
    refill(stand_in.store, LEADS_A_PAGE + 5)
    stand_in.scroll_seconds = 0
    with pytest.raises(SourceError, match=r"/v1.0/leads showed 100 of 105 leads"):
        leads(client)


def test_a_scroll_that_ends_early_is_not_believed(empty: Any) -> None:
    stand_in, client = empty
    first = {"_metadata": {"total": 7, "scrollId": "s"}, "leads": [{"leadId": 1}]}
    last = {"_metadata": {"total": 7, "scrollId": None}, "leads": []}

    def answer(request: Request) -> None:
        raise Refused(200, last if "scrollId" in request.query else first)

    stand_in.before = answer
    with pytest.raises(SourceError, match="1 of 7"):
        leads(client)


@pytest.mark.parametrize("key", ["_metadata", "get_metadata"])
def test_either_name_of_the_metadata_is_read(empty: Any, key: str) -> None:
    stand_in, client = empty
    refill(stand_in.store, LEADS_A_PAGE + 1)
    stand_in.metadata_key = key
    assert len(leads(client)[0]) == LEADS_A_PAGE + 1


@pytest.mark.parametrize("body", [{"leads": []}, {"metadata": {"total": 0}, "leads": []}, {"_metadata": {"total": 0}}])
def test_an_answer_without_rows_or_metadata_is_no_empty_one(empty: Any, body: Any) -> None:
    stand_in, client = empty

    def answer(_: Request) -> None:
        raise Refused(200, body)

    stand_in.before = answer
    with pytest.raises(SourceError, match=r"/v1\.0/leads"):
        leads(client)


def test_rows_land_as_received(empty: Any) -> None:
    stand_in, client = empty
    refill(stand_in.store, 3)
    found, _ = first_walk(RESOURCES["leads"], client)
    assert found["lofty_staging"] == [_lead(n).document for n in (2, 1, 0)]


# Members, the account, its organisation


@FAST
@given(
    rows=st.integers(1, 120),
    inserted=st.integers(0, 2),
    deleted=st.lists(st.integers(2, 120), max_size=2),
)
def test_no_member_is_missed(empty: Any, rows: int, inserted: int, deleted: list[int]) -> None:
    stand_in, client = empty
    store = stand_in.store
    refill(store, 0, rows)
    gone = {number for number in deleted if number <= rows}
    happenings = [
        *(lambda n=n: store.remove(MEMBERS, "a", str(n + 100)) for n in gone),
        *(lambda n=n: store.put(dataclasses.replace(_member(1_000 + n), ord=-1)) for n in range(inserted)),
    ]
    stand_in.before = moving(happenings)
    found, done = first_walk(RESOURCES["members"], client)
    assert done.complete
    assert {row["id"] for row in found["members"]} >= set(range(1, rows + 1)) - gone


def test_members_that_never_stand_still_are_an_error(empty: Any) -> None:
    stand_in, client = empty
    refill(stand_in.store, 0, MEMBERS_A_PAGE * 2)
    numbers = iter(range(1_000, 2_000))
    stand_in.before = lambda _: stand_in.store.put(dataclasses.replace(_member(next(numbers)), ord=-1))
    with pytest.raises(SourceError, match="changed during every walk"):
        first_walk(RESOURCES["members"], client)


def test_no_member_is_no_reason_to_delete_any(empty: Any) -> None:
    stand_in, client = empty
    stand_in.store.remove(MEMBERS, "a", "5")
    found, done = first_walk(RESOURCES["members"], client)
    assert (found["members"], done.complete) == ([], False)


def test_an_account_and_its_organisation(empty: Any) -> None:
    stand_in, client = empty
    stand_in.store.put(Record("organisations", "a", "a", {"orgType": "MULTI_TEAM"}))
    assert first_walk(RESOURCES["accounts"], client)[0]["accounts"] == [OWNER]
    assert first_walk(RESOURCES["organisations"], client)[0]["organisations"] == [{"orgType": "MULTI_TEAM"}]
    stand_in.before = _nothing
    with pytest.raises(SourceError, match="answered no object"):
        first_walk(RESOURCES["accounts"], client)


def _nothing(_: Request) -> None:
    raise Refused(200, [])


# Keys and limits


@pytest.mark.parametrize("header", ["token x", "Token k", "Bearer k", "k", ""])
def test_only_the_key_in_its_own_form_is_let_in(empty: Any, header: str) -> None:
    _, client = empty
    client.api.headers["Authorization"] = header
    with pytest.raises(SourceError, match="401: Bad credentials") as caught:
        leads(client)
    assert caught.value.is_about_all


def test_a_token_of_an_application_is_a_bearer(empty: Any) -> None:
    stand_in, client = empty
    stand_in.store.put(Record(KEYS, "", "t", {"account": "a", "form": "access_token", "user": "5"}))
    assert leads(Lofty("a", client.api.base_url, {"access_token": "t"}))[1]


def test_an_agent_sees_the_own_leads_only(empty: Any) -> None:
    stand_in, client = empty
    store = stand_in.store
    store.put(_member(2))
    store.put(Record(KEYS, "", "agent", {"account": "a", "form": "api_key", "user": "102"}))
    store.put(_lead(1, assignedUserId=102))
    store.put(_lead(2, assignedUserId=5))
    agent = Lofty("a", client.api.base_url, {"api_key": "agent"})
    assert len(leads(agent)[0]) == 1
    assert len(leads(client)[0]) == 2
    with pytest.raises(SourceError, match="404: LEAD_NOT_EXIST"):
        agent.one(f"/v1.0/leads/{_lead(2).id}")


@pytest.mark.parametrize("form", ["milliseconds", "moment"])
def test_the_window_is_waited_for_in_either_form(monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    store = Store()
    refill(store, 0)
    stand_in = LoftyStandIn(store)
    stand_in.reset_form = form
    stand_in._rate.limit, stand_in._rate.seconds = 3, 1.0
    waits: list[float] = []
    monkeypatch.setattr("connectors.rest.time.sleep", waits.append)
    with serve(stand_in) as url:
        client = Lofty("a", url, {"api_key": "k"})
        for _ in range(3):
            client.one("/v1.0/me")
        with pytest.raises(SourceError, match="429: Too Many Requests"):
            client.one("/v1.0/me")
    assert waits
    assert all(0.3 < wait <= 2.0 for wait in waits)


def test_a_wait_is_capped_and_read_only_when_nothing_remains() -> None:
    def wait(remaining: str, reset: str) -> float | None:
        return source._wait({"X-RateLimit-Remaining": remaining, "X-RateLimit-Reset": reset})

    assert wait("0", "21000") == 21.0
    assert wait("0", "900000") == 60.0
    assert wait("0", str(time.time() + 5_000)) == 60.0
    assert wait("0", str(time.time() - 5)) == 0.0
    assert wait("7", "21000") is None
    assert wait("0", "soon") is None


def test_the_stand_in_refuses_what_lofty_refuses(empty: Any) -> None:
    stand_in, client = empty
    refill(stand_in.store, 3)
    for path, params, why in (
        ("/v1.0/leads", {"limit": 101}, "400: LIMIT_NOT_VALID"),
        ("/v1.0/leads", {"limit": 100, "offset": 9_950}, "400: INVALID_PARAMETER"),
        ("/v1.0/leads", {"limit": 1, "scrollId": "none"}, "400: INVALID_PARAMETER"),
        ("/v1.0/members", {"limit": 500}, "400: limit is too large"),
        ("/v1.0/members", {"groupIds": "9"}, "404: USER_NOT_EXIST"),
        ("/v1.0/members/nobody@example.com", {}, "404: USER_NOT_EXIST"),
        ("/v1.0/leads/1", {}, "404: LEAD_NOT_EXIST"),
    ):
        with pytest.raises(SourceError, match=why):
            client.api.get(path, params)
    assert client.api.get("/v1.0/members/owner@example.com") == OWNER
    stand_in.store.put(dataclasses.replace(_lead(0), parent=TRASH))
    assert client.api.get(f"/v1.0/leads/{_lead(0).id}", {"withTrash": "true"})["lead"] == _lead(0).document
    assert client.api.get("/v1.0/leads", {"stage": "Hot"})["_metadata"]["total"] == 2


def test_accounts_need_names_and_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCES__LOFTY__ACCOUNTS", raising=False)
    assert source.configured() is None

    def configured(*accounts: dict[str, str]) -> Any:
        monkeypatch.setenv("SOURCES__LOFTY__ACCOUNTS", orjson.dumps(accounts).decode())
        return source.configured()

    assert configured({"name": "n", "api_key": "k"}) == [Account("n", {"api_key": "k"})]
    for wrong in ([{"api_key": "k"}], [{"name": "n", "api_key": "k"}, {"name": "n", "api_key": "l"}]):
        with pytest.raises(SourceError, match="a name of its own"):
            configured(*wrong)
    with pytest.raises(SourceError, match=r"account n of sources\.lofty\.accounts has no api_key"):
        source.connect(Account("n"), "")


# Landed


def test_syncs(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    world = build(scale=0.01)
    fill(store, world)
    stand_in = LoftyStandIn(store, hurry=1_000)

    def sync() -> Any:
        stand_in.requests.clear()
        return land(SOURCE, empty_database, tmp_path, SOURCE.configured() or [])

    with serve(stand_in) as url:
        for name, value in configuration(world, url).items():
            monkeypatch.setenv(name, value)
        outcome = sync()
        assert outcome.failures == []
        assert outcome.rows["accounts"] == outcome.rows["organisations"] == 2
        assert sum(stand_in.requests.values()) == 2 * len(SOURCE.resources)
        first = landed(empty_database, "lofty", "lofty_staging", "account, key, payload, xmin::text")
        assert {account for account, *_ in first} == {"north", "south"}
        assert sync().rows == {}
        assert landed(empty_database, "lofty", "lofty_staging", "account, key, payload, xmin::text") == first

        fill(store, build(scale=0.01, day=1))
        stand_in.faults.append(Fault("/v1.0/leads", 500, times=99, account="north"))
        (failure,) = sync().failures
        assert failure.startswith("lofty, account north: leads: lofty: /v1.0/leads answered 500")
        assert state(empty_database, "lofty")["south", "leads"][0] == "ready"
        stand_in.faults.clear()
        outcome = sync()
        assert outcome.failures == []
        assert 0 < outcome.rows["lofty_staging"] < len(first) / 2
        rows = landed(empty_database, "lofty", "lofty_staging", "account, key, deleted_at")
        for account in ("north", "south"):
            held = {row[0] for row in store.select(LEADS, account, f"parent <> '{TRASH}'")}
            assert {key for of, key, at in rows if of == account and not at} == held
            assert sum(1 for of, _, at in rows if of == account and at) == 1
