"""Requests: what is tried again, how long is waited, and what an error says and does not say."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.document_store import Store
from connectors.rest import Api, SourceError, said
from connectors.stand_in import Fault, Refused, Request, Response, StandIn, route, serve

KEY = "sk_very_secret"


class Things(StandIn):
    """Answers what a test tells it to."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.token = KEY
        self.limited: list[dict[str, str]] = []

    @route("GET", "/things")
    def things(self, request: Request) -> Response:
        if request.headers.get("x-key") != self.token:
            raise Refused(401, {"message": f"Invalid key {request.headers.get('x-key')} of eva@example.com"})
        if self.limited:
            raise Refused(429, {"message": "slow down"}, self.limited.pop())
        return Response({"things": [{"id": 1}]})

    @route("GET", "/page")
    def page(self, _request: Request) -> Response:
        return Response(b"<html>403</html>", 403, {"Content-Type": "text/html"})

    @route("GET", "/text")
    def text(self, _request: Request) -> Response:
        return Response(b"no json", headers={"Content-Type": "text/plain"})

    @route("GET", "/empty")
    def empty(self, _request: Request) -> Response:
        return Response(None, 204)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "3")


@pytest.fixture
def things() -> Things:
    return Things(Store())


@pytest.fixture
def url(things: Things) -> Iterator[str]:
    with serve(things) as url:
        yield url


def api(url: str, **options: Any) -> Api:
    return Api("test", url, headers={"X-Key": KEY}, secrets=(KEY,), **options)


def test_troubles_pass(things: Things, url: str) -> None:
    things.faults.append(Fault("things", 503, times=2))
    assert api(url).get("things") == {"things": [{"id": 1}]}
    assert things.requests == {"GET /things": 3}


def test_a_storm_ends_the_tries(things: Things, url: str) -> None:
    things.faults.append(Fault("things", 500, times=99))
    with pytest.raises(SourceError, match=r"^test: /things answered 500: asked for$") as error:
        api(url).get("things?key=1")
    assert things.requests == {"GET /things": 3}
    assert error.value.is_about_all


@pytest.mark.parametrize("headers", [{"Retry-After": "1"}, {"X-Reset-Ms": "1000"}], ids=["header", "own word"])
def test_it_waits_as_told(headers: dict[str, str], things: Things, url: str) -> None:
    things.limited = [headers]
    began = time.monotonic()
    wait = api(url, wait=lambda answer: int(answer["X-Reset-Ms"]) / 1000 if "X-Reset-Ms" in answer else None)
    assert wait.get("things")
    assert 1 <= time.monotonic() - began < 5


def test_a_wait_has_a_bound(things: Things, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_RETRY_DELAY", "0.1")
    things.limited = [{"Retry-After": "3600"}]
    began = time.monotonic()
    assert api(url).get("things")
    assert time.monotonic() - began < 5


def test_a_refusal_is_told_at_once_and_holds_no_secret(things: Things, url: str) -> None:
    things.token = "another"
    with pytest.raises(SourceError) as error:
        api(url).get("/things")
    assert str(error.value) == "test: /things answered 401: Invalid key *** of ***"
    assert error.value.status == 401
    assert things.requests == {"GET /things": 1}


def test_a_renewed_login_is_used_once(things: Things, url: str) -> None:
    things.token = "renewed"
    renewals = []

    def renew() -> None:
        renewals.append(1)
        way.headers["X-Key"] = "renewed"

    way = api(url, renew=renew)
    assert way.get("things")
    things.token = "gone"
    with pytest.raises(SourceError, match="401"):
        way.get("things")
    assert len(renewals) == 2


def test_html_and_text_are_no_answers(url: str) -> None:
    with pytest.raises(SourceError, match=r"^test: /page answered 403$") as error:
        api(url).get("page")
    assert not error.value.is_about_all
    with pytest.raises(SourceError, match=r"^test: /text answered no JSON \(text/plain\)$"):
        api(url).get("text")
    assert api(url).get("empty") is None


def test_rows_that_are_not_there_are_no_rows_of_zero(url: str) -> None:
    way = api(url)
    assert way.rows(way.get("things"), "things", "data", "things") == [{"id": 1}]
    with pytest.raises(SourceError, match="/things answered without a list data"):
        way.rows(way.get("things"), "things", "data")


def test_nobody_there() -> None:
    with pytest.raises(SourceError, match=r"^test: /things cannot be reached \(ConnectionError\)$") as error:
        api("http://127.0.0.1:1").get("things")
    assert error.value.is_about_all


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        ({"message": "m"}, "m"),
        ({"error": {"message": "inner", "code": 5}}, "inner"),
        ({"error": "invalid_token", "error_description": "dead"}, "dead"),
        ({"errors": [{"detail": "a"}, {"detail": "b"}]}, "a; b"),
        (
            {"com.real.commons.apierror.ApiError": {"status": "FORBIDDEN", "message": "Not authorized."}},
            "Not authorized.",
        ),
        ({"code": 3}, ""),
        (None, ""),
    ],
)
def test_an_apis_own_words(answer: Any, message: str) -> None:
    assert said(answer) == message
