"""What all stand-ins share: documents that are held, limits, troubles on request, counted requests."""

import json
from pathlib import Path
from urllib.request import Request as Ask
from urllib.request import urlopen

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.document_store import Record, Store
from connectors.stand_in import RateLimit, Request, Response, StandIn, listed, route, serve


def people(*ids: int, name: str = "Ash") -> list[Record]:
    return [Record("people", "a", str(n), {"id": n, "name": name}, ord=n, changed=n * 10) for n in ids]


@pytest.mark.parametrize("place", [":memory:", "file"])
def test_a_store_holds_exactly_what_it_is_given(place: str, tmp_path: Path) -> None:
    store = Store(place if place == ":memory:" else tmp_path / "store.sqlite")
    store.hold(people(1, 2, 3))
    store.hold(people(2, 4, name="Éva"))
    assert [key for key, *_ in store.select("people", "a")] == ["2", "4"]
    assert json.loads(store.get("people", "a", "2") or "") == {"id": 2, "name": "Éva"}
    assert store.count("people", "a", "changed > ?", [20]) == 1
    assert store.select("people", "b") == []


@given(st.sets(st.integers(1, 400)), st.integers(1, 50))
def test_pages_of_a_store_are_the_whole(ids: set[int], limit: int) -> None:
    store = Store()
    store.hold(people(*ids))
    pages = [store.select("people", "a", limit=limit, offset=at) for at in range(0, len(ids), limit)]
    assert [int(row[0]) for page in pages for row in page] == sorted(ids)


def test_a_store_survives(tmp_path: Path) -> None:
    Store(tmp_path / "store").hold(people(1))
    Store(tmp_path / "store").note("made_with", "x")
    assert Store(tmp_path / "store").count("people", "a") == 1
    assert Store(tmp_path / "store").note("made_with") == "x"


def test_a_window_slides(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("connectors.stand_in.time.monotonic", lambda: now[0])
    limit = RateLimit(2, 10)
    assert [limit.take("a")[0], limit.take("a")[0], limit.take("a")[0], limit.take("b")[0]] == [1, 0, -1, 1]
    assert limit.take("a")[1] == 10
    now[0] = 110.0
    assert limit.take("a")[0] == 1


class People(StandIn):
    @route("GET", "/people/{id}")
    def one(self, request: Request) -> Response:
        return Response(listed(row[3] for row in self.store.select("people", "a", "id = ?", [request.parts["id"]])))

    def account_of(self, request: Request) -> str:
        return request.headers.get("x-account", "")


def ask(url: str, body: object = None, **headers: str) -> tuple[int, object]:
    """Status and JSON of an answer."""
    data = None if body is None else json.dumps(body).encode()
    try:
        asked = Ask(url, data, {f"x-{name}": value for name, value in headers.items()})  # noqa: S310 - loopback
        with urlopen(asked) as answer:  # noqa: S310
            return answer.status, json.loads(answer.read())
    except OSError as error:
        return error.code, json.loads(error.read())  # type: ignore[attr-defined]


def test_requests_are_counted_and_troubles_come_on_request() -> None:
    store = Store()
    store.hold(people(7))
    with serve(People(store)) as url:
        assert ask(f"{url}/people/7") == (200, [{"id": 7, "name": "Ash"}])
        assert ask(f"{url}/nothing")[0] == 404
        ask(f"{url}/_stand_in/faults", {"path": "people", "status": 502, "times": 1, "account": "b"})
        assert ask(f"{url}/people/7", account="a")[0] == 200
        assert ask(f"{url}/people/7", account="b")[0] == 502
        assert ask(f"{url}/people/7", account="b")[0] == 200
        assert ask(f"{url}/_stand_in/requests") == (200, {"GET /people/{id}": 4})
        ask(f"{url}/_stand_in/reset", {})
        assert ask(f"{url}/_stand_in/requests") == (200, {})
