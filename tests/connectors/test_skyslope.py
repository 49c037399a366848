"""The SkySlope connector against its stand-in: logins, windows, traps of the answers, limits. No database."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live import first_walk, walked

from connectors.document_store import Record, Store
from connectors.errors import HeadwaterError
from connectors.rest import SourceError
from connectors.sandbox.world import World, build
from connectors.skyslope.session import Session, decoded, signature
from connectors.skyslope.source import LISTINGS, SALES, SOURCE, USERS, configured, windows
from connectors.skyslope.stand_in import CLIENT_ID, CLIENT_SECRET, SkySlopeStandIn, configuration, fill
from connectors.stand_in import RateLimit, Response, route, serve
from connectors.sync import Account, Context

FILES, ACCOUNT_USERS = SOURCE.resources
NOW = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
BROKER = Account("1", {"access_key": "key-1", "access_secret": "secret-1"})
AGENT = Account("2", {"access_key": "key-2", "access_secret": "secret-2"})


@pytest.fixture(autouse=True)
def fast(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "3")


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.01)


def a_file(kind: str, number: int, created: datetime, modified: datetime | None = None, agent: str = "a") -> Record:
    guid = f"{kind}-{number}"
    moments = {"createdOn": created.isoformat(), "modifiedOn": (modified or created).isoformat()}
    document = {"objectType": kind, f"{kind}Guid": guid, "agentGuid": agent, **moments}
    stamps = [moment.replace(tzinfo=UTC).timestamp() for moment in (created, modified or created)]
    return Record(kind, "", guid, document, ord=stamps[0], changed=stamps[1], parent=agent)


def keys() -> list[Record]:
    return [
        Record(
            "connection", "", f"key-{n}", {"key": f"key-{n}", "secret": f"secret-{n}", "account": f"{n}", "sees": sees}
        )
        for n, sees in ((1, ""), (2, "a"))
    ]


@contextmanager
def serving(*files: Record, kind: type[SkySlopeStandIn] = SkySlopeStandIn) -> Iterator[tuple[SkySlopeStandIn, str]]:
    store = Store()
    store.hold([*keys(), *files])
    stand_in = kind(store)
    with serve(stand_in) as url:
        yield stand_in, url


def session(url: str, account: Account = BROKER, first_year: int = NOW.year) -> Session:
    return Session(account.secrets, url, CLIENT_ID, CLIENT_SECRET, first_year)


def context(cursor: str | None) -> Context:
    return Context(cursor)


def guids(rows: dict[str, list[dict[str, Any]]]) -> set[str]:
    return {FILES.key(row, {}) for table in rows.values() for row in table}


def test_the_signature_is_the_contracts() -> None:
    wanted = hmac.new(b"secret", b"id:partner:2026-01-05T14:03:00Z", hashlib.sha256).digest()
    assert signature("id", "partner", "secret", "2026-01-05T14:03:00Z") == base64.b64encode(wanted).decode()


def test_a_first_walk_reads_the_whole_world(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store()
    fill(store, world)
    with serve(SkySlopeStandIn(store)) as url:
        for name, value in configuration(world, url).items():
            monkeypatch.setenv(name, value)
        assert configured() is None  # V2 declares the accounts
        number = world.systems.skyslope_connections["id"].min()
        secrets = {f"access_{one}": f"sandbox-skyslope-{one}-{number}" for one in ("key", "secret")}
        client = SOURCE.connect(Account(str(number), secrets), "")
        rows, done = first_walk(FILES, client)
        users, users_done = first_walk(ACCOUNT_USERS, client)
    business = world.live.business
    for table, frame in ((SALES, business.deals), (LISTINGS, business.listings)):
        told = frame[frame["told_in"] == "skyslope"]
        assert {FILES.key(row, {}) for row in rows[table]} == set(told["uuid"])
        assert len(rows[table]) >= len(told)  # windows overlap by a second
    assert done.complete
    assert users_done.complete
    agents = {row["agentGuid"] for table in rows.values() for row in table}
    assert agents <= {row["userGuid"] for row in users[USERS]}
    text = orjson.dumps(rows).decode()
    assert "0001-01-01T00:00:00" in text
    assert "Señor" in text
    assert "ask for the gate code" in text
    assert not any(letter in text for letter in "\x00\x01\x1a\ue000\ue001\ue01a")
    prices = {FILES.key(row, {}): row["salePrice"] for row in rows[SALES]}
    told = business.deals[business.deals["told_in"] == "skyslope"]
    assert prices == dict(zip(told["uuid"], told["price_cents"] / 100, strict=True))


def test_an_answer_without_dates_hides_what_is_older_than_a_week() -> None:
    old, new = a_file("sale", 1, NOW - timedelta(days=300)), a_file("sale", 2, NOW - timedelta(days=1))
    with serving(old, new) as (_, url):
        answer = session(url).get("api/files", {})
        rows, _ = first_walk(FILES, session(url))
    assert [row.get("saleGuid") for row in answer["value"]] == ["sale-2", None]
    assert guids(rows) == {"sale-1", "sale-2"}


def test_an_agents_key_sees_its_own_files_and_the_list_hides_who_left() -> None:
    users = [
        Record("user", "", guid, {"userGuid": guid, "email": f"{guid}@example.com"}, ord=left)
        for guid, left in (("a", 0), ("b", 1))
    ]
    with serving(a_file("sale", 1, NOW, agent="a"), a_file("sale", 2, NOW, agent="b"), *users) as (_, url):
        assert guids(first_walk(FILES, session(url))[0]) == {"sale-1", "sale-2"}
        assert guids(first_walk(FILES, session(url, AGENT))[0]) == {"sale-1"}
        assert len(session(url).get("api/users", {})["value"]["users"]) == 1
        assert [row["userGuid"] for row in first_walk(ACCOUNT_USERS, session(url))[0][USERS]] == ["a", "b"]


@given(
    begin=st.integers(0, 9_000).map(lambda days: NOW - timedelta(days=days, seconds=days * 977)),
    days=st.integers(0, 900),
    seconds=st.integers(0, 80_000_000),
)
def test_windows_leave_no_moment_out(begin: datetime, days: int, seconds: int) -> None:
    cuts = list(windows(begin, begin + timedelta(days=days)))
    moment = (begin + timedelta(seconds=seconds)).isoformat()
    assert any(since < moment and (until is None or moment < until) for since, until in cuts)
    assert [until for _, until in cuts].count(None) == 1
    assert len(cuts) <= days // 28 + 2


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_file_that_was_there_throughout_is_missed(data: st.DataObject) -> None:
    """Files come, go and change between the windows of a first walk, and of the next one."""
    ages = data.draw(st.lists(st.integers(0, 700), max_size=12))
    kinds = st.sampled_from(["sale", "listing"])
    there = {n: a_file(data.draw(kinds), n, NOW - timedelta(days=age, seconds=n)) for n, age in enumerate(ages)}
    moves = data.draw(st.lists(st.tuples(st.sampled_from(["come", "go", "change"]), st.integers(0, 30)), max_size=12))
    moved: set[str] = set()
    numbers = iter(range(100, 200))

    def move(stand_in: SkySlopeStandIn) -> None:
        if not moves:
            return
        how, which = moves.pop()
        files = {**there}
        if how == "come":
            number = next(numbers)
            new = there[number] = a_file("sale", number, NOW)
            stand_in.store.put(new)
            moved.add(new.id)
        elif which in files and files[which].id not in moved:
            file = files[which]
            if how == "go":
                stand_in.store.remove(file.collection, "", file.id)
                moved.add(file.id)
            else:
                created = datetime.fromisoformat(file.document["createdOn"])
                stand_in.store.put(a_file(file.collection, which, created, NOW))

    with serving(*there.values()) as (stand_in, url):
        client = session(url, first_year=NOW.year - 1)
        stand_in.before = lambda request: move(stand_in) if request.path == "/api/files" else None
        stayed = {file.id for file in there.values()}
        rows, done = first_walk(FILES, client)
        assert stayed - moved <= guids(rows)
        stand_in.before = lambda _: None
        changed = [a_file("sale", n, NOW - timedelta(days=400), NOW + timedelta(seconds=n)) for n in range(300, 303)]
        for file in changed:
            stand_in.store.put(file)
        rows, _ = walked(FILES, client, context(done.cursor))
        assert {file.id for file in changed} <= guids(rows)


def test_the_next_walk_asks_once_for_what_was_modified_since() -> None:
    months = [a_file("sale", n, NOW - timedelta(days=30 * n)) for n in range(1, 10)]
    with serving(*months) as (stand_in, url):
        client = session(url)
        _, done = first_walk(FILES, client)
        newest = (NOW - timedelta(days=30)).isoformat()
        assert (done.cursor or "").startswith(f"{newest} swept ")
        stand_in.store.put(a_file("sale", 5, NOW - timedelta(days=150), NOW))
        stand_in.requests.clear()
        rows, done = walked(FILES, client, context(done.cursor))
        assert guids(rows) == {"sale-5", "sale-1"}  # sale-1 is the newest known, within the overlap of a day
        assert not done.complete
        assert (done.cursor or "").startswith(NOW.isoformat())
        assert stand_in.requests == {"GET /api/files": 1}
        stand_in.requests.clear()
        walked(FILES, client, context(done.cursor))
        assert stand_in.requests == {"GET /api/files": 1}


def test_a_week_later_everything_is_read_again() -> None:
    with serving(a_file("listing", 1, NOW - timedelta(days=500))) as (_, url):
        swept = (NOW - timedelta(days=7)).isoformat()
        rows, done = walked(FILES, session(url), context(f"{NOW.isoformat()} swept {swept}"))
    assert guids(rows) == {"listing-1"}
    assert done.complete
    assert (done.cursor or "").partition(" swept ")[2] > swept


def test_a_file_of_the_future_hides_nothing_and_neither_does_having_none() -> None:
    with serving(a_file("sale", 1, NOW, NOW + timedelta(days=4_000))) as (stand_in, url):
        _, done = first_walk(FILES, session(url))
        assert (done.cursor or "") < (NOW + timedelta(days=2)).isoformat()
        stand_in.store.remove("sale", "", "sale-1")
        _, done = first_walk(FILES, session(url))
        assert (done.cursor or "").startswith(" swept ")
        assert done.complete
        stand_in.store.put(a_file("sale", 2, NOW - timedelta(days=900)))
        stand_in.requests.clear()
        rows, done = walked(FILES, session(url), context(done.cursor))
        assert guids(rows) == {"sale-2"}
        assert stand_in.requests["GET /api/files"] == 1
        assert (done.cursor or "").startswith((NOW - timedelta(days=900)).isoformat())


def test_a_session_is_renewed_before_it_ends_and_when_it_is_refused() -> None:
    with serving(a_file("sale", 1, NOW)) as (stand_in, url):
        stand_in.session_life = timedelta(seconds=90)  # always within the time before which it is renewed
        client = session(url)
        first_walk(ACCOUNT_USERS, client)
        assert stand_in.requests["POST /auth/login"] == 2
        stand_in.session_life = timedelta(hours=2)
        first_walk(ACCOUNT_USERS, client)
        token = client.api.headers["Session"]
        stand_in.store.note(f"session {token}", "{}")  # SkySlope forgot it
        first_walk(ACCOUNT_USERS, client)
        assert stand_in.requests["POST /auth/login"] == 4
        assert client.api.headers["Session"] != token


@pytest.mark.parametrize(
    ("secrets", "partner"),
    [
        ({"access_key": "key-1", "access_secret": "wrong"}, CLIENT_SECRET),
        ({"access_key": "revoked", "access_secret": "secret-1"}, CLIENT_SECRET),
        (dict(BROKER.secrets), "wrong"),
    ],
)
def test_a_refused_login_says_what_to_do_and_no_secret(secrets: dict[str, str], partner: str) -> None:
    with serving() as (_, url), pytest.raises(SourceError, match="new access key") as raised:
        Session(secrets, url, CLIENT_ID, partner, 2020)
    assert raised.value.is_about_all
    assert not any(secret in str(raised.value) for secret in (*secrets.values(), partner, CLIENT_ID))


def test_limits_are_waited_out_as_told() -> None:
    with serving() as (stand_in, url):
        stand_in.limit = RateLimit(3, 1.0)
        client = session(url)
        for _ in range(4):
            first_walk(ACCOUNT_USERS, client)
        assert stand_in.requests["GET /api/users"] > 4


def test_errors_are_repeated_while_that_can_help_and_told_when_not() -> None:
    with serving(a_file("sale", 1, NOW)) as (_, url):
        client = session(url)
        client.api.send("POST", "_stand_in/faults", json={"path": "/api/users", "status": 503, "times": 2})
        assert first_walk(ACCOUNT_USERS, client)[1].complete
        client.api.send("POST", "_stand_in/faults", json={"path": "/api/files$", "status": 500, "times": 99})
        with pytest.raises(SourceError, match="/api/files answered 500: asked for") as raised:
            first_walk(FILES, client)
        assert raised.value.is_about_all
        with pytest.raises(SourceError, match="answered 422: A date must be"):
            client.get("api/files/sales", {"earliestDate": "05.01.2026"})


class Odd(SkySlopeStandIn):
    """Answers what a test gives it."""

    body: Any = None

    @route("GET", "/api/files")
    def files(self, _: Any) -> Response:
        return Response(self.body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"value": [{"objectType": "summary", "numberOfSales": 2}]}, "0 sale files of .* says that it has 2"),
        ({"value": [{"objectType": "offer"}]}, "no sale, listing or summary"),
        ({"values": []}, "without a list value"),
        (b"<html>", "no JSON"),
        (None, "without a list value"),
    ],
)
def test_an_answer_that_breaks_the_contract_is_an_error(body: Any, message: str) -> None:
    with serving(kind=Odd) as (stand_in, url):
        stand_in.body = body  # type: ignore[attr-defined]
        with pytest.raises(SourceError, match=message):
            first_walk(FILES, session(url))


def test_a_link_to_more_is_followed_on_the_same_host() -> None:
    class Linked(SkySlopeStandIn):
        @route("GET", "/api/files")
        def files(self, request: Any) -> Response:
            if request.one("page"):
                rest = [{"objectType": "sale", "saleGuid": "B:"}, {"objectType": "summary", "numberOfSales": 2}]
                return Response({"value": rest})
            link = "https://elsewhere.example/api/files?page=2"
            return Response({"value": [{"objectType": "Sale", "saleGuid": "A"}], "nextLink": link})

    with serving(kind=Linked) as (_, url):
        rows, _ = first_walk(FILES, session(url))
    assert guids(rows) == {"a", "b"}


def test_summaries_come_ten_a_page() -> None:
    with serving(*(a_file("sale", n, NOW) for n in range(12))) as (stand_in, url):
        for record in stand_in.store.select("sale"):
            document = orjson.loads(record[3]) | {
                "status": "Closed",
                "property": {"streetNumber": 1, "streetAddress": "X"},
            }
            stand_in.store.put(Record("sale", "", record[0], document, record[1], record[2], "a"))
        client = session(url)
        pages = [client.get("api/files/sales", {"pageNumber": str(n)}) for n in (1, 2)]
        assert [len(page["value"]["sales"]) for page in pages] == [10, 2]
        assert [[link["rel"] for link in page["links"]] for page in pages] == [["next"], []]
        assert client.get("api/files/sales/SALE-3", {})["value"]["sale"]["saleGuid"] == "sale-3"
        with pytest.raises(SourceError, match="404"):
            session(url, AGENT).get("api/files/listings/nobody", {})


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'\xef\xbb\xbf {"a": "x"} \r\n', '{"a": "x"}'),
        (b'{"a": "one\x01two\x00\x1athree\x07"}', '{"a": "one\\ntwo three "}'),
        (b'{"a": "nul \\u0000, no nul \\\\u0000"}', '{"a": "nul , no nul \\\\u0000"}'),
        ('{"a": "Peña 🏡"}'.encode(), '{"a": "Peña 🏡"}'),
        (b"", ""),
    ],
)
def test_bodies_become_json(body: bytes, text: str) -> None:
    assert decoded(body).decode() == text


def test_who_is_configured(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured() == []
    accounts = [{"name": "west", "access_key": "k", "access_secret": "s"}, {"name": "east", "access_key": "k"}]
    monkeypatch.setenv("SOURCES__SKYSLOPE__ACCOUNTS", orjson.dumps(accounts).decode())
    with pytest.raises(HeadwaterError, match=r"client_id, .*client_secret, .*accounts\[1\].access_secret;"):
        configured()
    monkeypatch.setenv("SOURCES__SKYSLOPE__ACCOUNTS", orjson.dumps(accounts[:1]).decode())
    monkeypatch.setenv("SOURCES__SKYSLOPE__CLIENT_ID", "id")
    monkeypatch.setenv("SOURCES__SKYSLOPE__CLIENT_SECRET", "secret")
    assert configured() == [Account("west", {"access_key": "k", "access_secret": "s"})]
    assert "'k'" not in repr(configured())
    monkeypatch.delenv("SOURCES__SKYSLOPE__ACCOUNTS")
    assert configured() is None


def test_documents_change_only_with_their_row(world: World) -> None:
    """A day later a file that was not modified reads as before."""
    from connectors.skyslope.documents import FILES as KINDS
    from connectors.skyslope.documents import records

    before, after = (
        {record.id: record.document for record in records(one) if record.collection in KINDS}
        for one in (world, build(scale=0.01, day=1))
    )
    changed = {guid for guid in before.keys() & after.keys() if before[guid] != after[guid]}
    assert after.keys() - before.keys()
    assert all(after[guid]["modifiedOn"][:10] > str(world.today) for guid in changed)
