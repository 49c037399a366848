"""How reZEN is read: what each resource asks for, first and later, and what becomes of refusals."""

import json
import time
from collections.abc import Iterator

import pytest
from live import first_walk
from rezen_server import AGENT, KEY, OTHER, OTHER_KEY, RESOURCES, Reader, Server, served

from connectors.document_store import Record
from connectors.rest import Api, SourceError
from connectors.rezen.client import Client, Settings, configured, settings
from connectors.rezen.source import CONTRIBUTIONS, NEW_CONTRIBUTIONS, STATUSES, TIERS
from connectors.stand_in import Fault, Request, Response, serve


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.001")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "4")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    with served(server) as made:
        server.asked()
        yield made


def test_the_agent_is_read_at_the_login(server: Server, client: Client) -> None:
    rows, done = first_walk(RESOURCES["agents"], client)
    assert [row["id"] for row in rows["agents"]] == [AGENT]
    assert done.complete
    assert server.asked() == {}


def test_members_of_every_status_and_tier_are_read(server: Server, client: Client) -> None:
    statuses = (*STATUSES, "ACTIVE")
    expected = {server.put_member(n, tier, status) for tier in TIERS for n, status in enumerate(statuses)}
    reader = Reader("network", client)
    done = reader.read()
    assert set(reader.rows) == expected
    assert done.complete
    assert done.cursor == "2026-09-21T14:13:20+00:00"  # BEGIN, the newest change
    assert server.asked() == {"down-line": 5, "network-size-by-tier": 1}


def test_a_list_of_members_hides_who_is_not_active(server: Server, client: Client) -> None:
    for number, status in enumerate(STATUSES):
        server.put_member(number, status=status)
    answer = client.yenta.get(f"agents/{AGENT}/down-line/1")
    assert [row["status"] for row in answer["downLineAgents"]] == ["ACTIVE"]
    assert answer["totalCount"] == 1


def test_later_only_changed_members_are_read(server: Server, client: Client) -> None:
    for number in range(40):
        server.put_member(number, tier=1 + number % 5, updated=number)
    reader = Reader("network", client)
    reader.read()
    changed = server.put_member(3, tier=4, status="INACTIVE", updated=45)
    added = server.put_member(99, tier=5, updated=46)
    server.asked()
    done = reader.read()
    overlap = {f"{AGENT}-member-{number}-{1 + number % 5}" for number in (36, 37, 38, 39)}
    assert set(reader.keys) == {changed, added} | overlap
    assert not done.complete
    assert server.asked() == {"down-line": 5, "network-size-by-tier": 1}
    reader.read()
    assert set(reader.keys) == {changed, added}


def test_who_left_or_moved_up_a_tier_is_found_by_the_count(server: Server, client: Client) -> None:
    for number in range(10):
        server.put_member(number, tier=1 + number % 2, updated=number)
    reader = Reader("network", client)
    reader.read()
    server.store.remove("member", AGENT, "2-member-1")
    moved = server.put_member(1, tier=1, updated=1)  # no change that a filter would show
    done = reader.read()
    assert done.complete
    assert moved in reader.rows
    assert f"{AGENT}-member-1-2" not in reader.rows
    assert len(reader.rows) == 10


@pytest.mark.parametrize(
    ("counts_all", "check", "agrees"), [(True, True, False), (False, True, True), (True, False, True)]
)
def test_counts_of_members_are_held_against_ours(
    counts_all: bool, check: bool, agrees: bool, monkeypatch: pytest.MonkeyPatch, server: Server
) -> None:
    server.put_member(1)
    server.put_member(2, status="INACTIVE")
    told = {"1": {"size": 3 if counts_all else 1}}  # all: one that no list shows
    monkeypatch.setattr(server, "network_sizes", lambda _: None)
    sizes = next(one for one in server._routes if one[2].endswith("network-size-by-tier"))
    server._routes[server._routes.index(sizes)] = (*sizes[:3], lambda *_: Response(told))
    with served(server, check_totals=check) as client:
        if agrees:
            assert first_walk(RESOURCES["network"], client)[1].complete
        else:
            with pytest.raises(SourceError, match="disagree, twice") as refused:
                first_walk(RESOURCES["network"], client)
            assert not refused.value.is_about_all


@pytest.mark.parametrize("collection", ["deal", "listing"])
def test_deals_of_all_groups_are_read(server: Server, client: Client, collection: str) -> None:
    name = {"deal": "transactions", "listing": "listings"}[collection]
    groups = {"deal": ("OPEN", "CLOSED", "TERMINATED"), "listing": ("LISTING_ACTIVE", "LISTING_IN_CONTRACT", "CLOSED")}
    made = {server.put_deal(n, group, n, collection) for n, group in enumerate(groups[collection])}
    reader = Reader(name, client)
    done = reader.read()
    assert set(reader.rows) == made
    assert done.complete
    assert sum(server.asked().values()) == {"deal": 4, "listing": 3}[collection]


def test_later_the_newest_closed_deals_are_enough(server: Server, client: Client) -> None:
    for number in range(300):
        server.put_deal(number, "TERMINATED" if number % 3 else "CLOSED", number)
    for number in range(300, 320):
        server.put_deal(number, "OPEN", number)
    reader = Reader("transactions", client)
    assert reader.read().complete
    server.asked()
    assert not reader.read().complete
    assert len(reader.keys) == 20 + 50 + 50
    assert server.asked() == {"transactions": 3, "lifecycle-group-counts": 1}

    closed, ended = server.put_deal(301, "CLOSED", 400), server.put_deal(302, "TERMINATED", 401)
    new = server.put_deal(321, "OPEN", 402)
    done = reader.read()
    assert {closed, ended, new} <= set(reader.keys)
    assert reader.rows[closed]["closed"]
    assert done.cursor == "2027-10-28T14:13:20+00:00"
    assert server.asked()["transactions"] == 5  # a page of each group more, since the first brought something new


def test_deals_far_down_that_closed_are_looked_up(server: Server, client: Client) -> None:
    for number in range(100, 300):
        server.put_deal(number, "CLOSED", number)
    old = [server.put_deal(number, "OPEN", 1) for number in range(3)]
    reader = Reader("transactions", client)
    reader.read()
    server.asked()
    server.put_deal(0, "CLOSED", 500)
    assert not reader.read().complete
    assert reader.rows[old[0]]["closed"]
    assert server.asked() == {"transactions": 3, "{id}": 1, "lifecycle-group-counts": 1}


def test_a_deal_that_vanished_is_found_by_reading_everything(server: Server, client: Client) -> None:
    for number in range(200):
        server.put_deal(number, "CLOSED", number)
    server.put_deal(500, "OPEN", 1)
    reader = Reader("transactions", client)
    reader.read()
    server.store.remove("deal", AGENT, "deal-0010")  # far down, so only the count tells
    assert reader.read().complete
    assert "deal-0010" not in reader.rows
    server.store.remove("deal", AGENT, "deal-0500")  # open: looked up and not found
    assert reader.read().gone == ["deal-0500"]
    assert len(reader.rows) == 199


def test_a_deal_that_moves_between_groups_while_they_are_read_is_there(server: Server, client: Client) -> None:
    for number in range(4):
        server.put_deal(number, "OPEN", number)

    def move(request: Request) -> None:
        if request.path.endswith("/CLOSED"):
            server.put_deal(1, "CLOSED", 50)
        if request.path.endswith("/TERMINATED"):
            server.put_deal(2, "CLOSED", 51)  # after its group was read: seen open, and counted closed

    server.before = move
    reader = Reader("transactions", client)
    assert reader.read().complete
    assert set(reader.rows) == {f"deal-{number:04d}" for number in range(4)}
    assert reader.rows["deal-0001"]["closed"]
    assert reader.rows["deal-0002"]["closed"]


def test_contributions_are_read_since_what_is_not_settled(server: Server, client: Client) -> None:
    old, late = server.put_contribution(1, 0), server.put_contribution(2, 30, "PROCESSED", tier=2)
    settled, newest = server.put_contribution(3, 40), server.put_contribution(4, 60)
    reader = Reader("contributions", client)
    assert reader.read().complete
    assert set(reader.tables[CONTRIBUTIONS]) == {old, late, settled, newest}
    server.put_contribution(2, 30, "PAID", tier=2)
    new = server.put_contribution(5, 62)
    done = reader.read()
    assert set(reader.keys) == {late, settled, newest, new}
    assert not done.complete
    assert set(reader.tables[NEW_CONTRIBUTIONS]) == {new}
    assert reader.tables[CONTRIBUTIONS][late]["status"] == "PAID"
    server.asked()
    reader.read()
    assert set(reader.keys) == {newest, new}
    assert server.asked() == {"contributions": 5}


def test_pending_contributions_leave(server: Server, client: Client) -> None:
    for number in range(3):
        server.store.put(Record("pending", AGENT, f"p{number}", {"id": f"p{number}"}))
    reader = Reader("pending_contributions", client)
    assert reader.read().complete
    server.store.remove("pending", AGENT, "p1")
    reader.read()
    assert set(reader.rows) == {"p0", "p2"}
    assert not RESOURCES["pending_contributions"].is_guarded


def test_a_dead_key_concerns_everything_and_is_not_shown(server: Server) -> None:
    with pytest.raises(SourceError) as refused, served(server, key="real_dead"):
        pass
    assert str(refused.value) == "rezen: /agents/me answered 401: The API key is not valid."
    assert refused.value.is_about_all


def test_another_agents_data_is_refused(server: Server, client: Client) -> None:
    for path in (f"agents/{OTHER}/down-line/1", f"agents/{OTHER}/network-size-by-tier"):
        with pytest.raises(SourceError, match="403: Not authorized"):
            client.yenta.get(path)
    with served(server, key=OTHER_KEY) as other:
        assert other.agent_id == OTHER


def test_the_gate_wants_a_browser_and_a_key_in_its_header(server: Server) -> None:
    with serve(server) as url:
        plain = Api("rezen", f"{url}/yenta/api/v1", headers={"X-API-KEY": KEY, "User-Agent": "python"})
        with pytest.raises(SourceError, match=r"/agents/me answered 403$"):
            plain.get("agents/me")
        bearer = Api("rezen", f"{url}/yenta/api/v1", headers={"Authorization": f"Bearer {KEY}"})
        with pytest.raises(SourceError, match="403: Not authorized"):
            bearer.get("agents/me")


def test_a_limit_is_waited_out(server: Server) -> None:
    server.limit.limit = 5
    server.put_member(1)
    began = time.monotonic()
    with served(server) as client:
        assert first_walk(RESOURCES["network"], client)[1].complete
    assert 1 <= time.monotonic() - began < 10
    assert server.asked()["down-line"] > 5


def test_an_account_is_not_asked_faster_than_its_pace(server: Server) -> None:
    with served(server, requests_per_second=50) as client:
        began = time.monotonic()
        first_walk(RESOURCES["network"], client)
    assert time.monotonic() - began >= 6 / 50


def test_a_short_storm_is_weathered_and_a_long_one_is_about_all(server: Server, client: Client) -> None:
    server.put_member(1)
    server.faults.append(Fault("down-line/3", status=503, times=2))
    assert first_walk(RESOURCES["network"], client)[1].complete
    server.faults.append(Fault("down-line/2", status=500, times=50, account="1"))
    with pytest.raises(SourceError, match="down-line/2 answered 500") as failed:
        first_walk(RESOURCES["network"], client)
    assert failed.value.is_about_all


@pytest.mark.parametrize(
    "path",
    [
        f"transactions/participant/{AGENT}/listing-transactions/CURRENT",
        f"transactions/participant/{AGENT}/transactions/CLOSED?sortBy=NAME",
        f"revshares/{AGENT}/contributions/1?startDate=yesterday",
        f"revshares/{AGENT}/contributions/1?pageSize=0",
    ],
)
def test_what_is_not_known_is_refused(client: Client, path: str) -> None:
    with pytest.raises(SourceError, match="answered 400"):
        client.arrakis.get(path)


def test_a_deal_is_found_by_id_and_code(server: Server, client: Client) -> None:
    server.store.put(Record("deal", AGENT, "d", {"id": "d", "code": "QX41ZT"}, parent="OPEN"))
    assert client.arrakis.get("transactions/d") == client.arrakis.get("transactions/code/QX41ZT")
    assert client.arrakis.get(f"transactions/participant/{AGENT}/current")["openTransactions"][0]["id"] == "d"
    with pytest.raises(SourceError, match="404: Transaction not found"):
        client.arrakis.get("transactions/e")


def test_accounts_are_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCES__REZEN__ACCOUNTS", raising=False)
    assert configured() is None
    monkeypatch.setenv("SOURCES__REZEN__ACCOUNTS", json.dumps([{"name": 7, "api_key": "real_x"}]))
    (account,) = configured() or []
    assert (account.name, account.secrets) == ("7", {"api_key": "real_x"})
    assert "real_x" not in repr(account)


def test_without_settings_the_real_hosts_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ARRAKIS_URL", "YENTA_URL", "REQUESTS_PER_SECOND", "ACCOUNTS"):
        monkeypatch.delenv(f"SOURCES__REZEN__{name}", raising=False)
    assert settings() == Settings(
        "https://arrakis.therealbrokerage.com/api/v1", "https://yenta.therealbrokerage.com/api/v1", 5.0, True, []
    )
