"""Stripe: keys, rates, troubles, and what the stand-in refuses as Stripe does, over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from live import first_walk

from connectors.document_store import Record, Store
from connectors.rest import SourceError
from connectors.sandbox.world import build
from connectors.stand_in import Fault, Refused, Request, serve
from connectors.stripe import source
from connectors.stripe.source import SOURCE, Stripe
from connectors.stripe.stand_in import KEY, StripeStandIn, fill
from connectors.sync import Account

RESOURCES = {resource.name: resource for resource in SOURCE.resources}


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")


@pytest.fixture(scope="module")
def store() -> Store:
    made = Store()
    fill(made, build(scale=0.01))
    return made


@pytest.fixture
def filled(store: Store) -> Iterator[tuple[StripeStandIn, Stripe]]:
    stand_in = StripeStandIn(store, hurry=1_000)
    with serve(stand_in) as url:
        yield stand_in, Stripe(url, KEY)


def test_an_unknown_key_is_refused_and_not_shown(filled: Any) -> None:
    _, client = filled
    stranger = Stripe(client.api.base_url, "sk_live_0123456789secret")
    with pytest.raises(SourceError, match="401: Invalid API Key") as caught:
        first_walk(RESOURCES["products"], stranger)
    assert "secret" not in str(caught.value)
    assert caught.value.is_about_all


def test_a_restricted_key_fails_where_it_may_not_read(filled: Any) -> None:
    stand_in, client = filled
    stand_in.store.put(Record("keys", "", "rk_live_some", {"may": ["products"]}))
    some = Stripe(client.api.base_url, "rk_live_some")
    assert first_walk(RESOURCES["products"], some)[0]["products"]
    with pytest.raises(SourceError, match="403") as caught:
        first_walk(RESOURCES["prices"], some)
    assert not caught.value.is_about_all


def test_basic_authorization_works_as_well(filled: Any) -> None:
    _, client = filled
    client.api.headers["Authorization"] = "Basic cmtfbGl2ZV9zYW5kYm94Og=="
    assert first_walk(RESOURCES["products"], client)[1].complete


def test_rates_are_waited_out_without_being_told_for_how_long(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.5")
    stand_in = StripeStandIn(store)
    with serve(stand_in) as url:
        client = Stripe(url, KEY)
        for number in range(30):
            assert client.one("products", f"prod_{1 + number % 6:012d}")
    assert stand_in.requests["GET /v1/{kind}/{id}"] > 30


def test_the_429_has_no_hint_and_its_reason(store: Store) -> None:
    request = Request("GET", "/v1/products", {}, {"authorization": f"Bearer {KEY}"}, b"")
    stand_in = StripeStandIn(store)
    answers = [stand_in.answer(request) for _ in range(26)]
    assert [answer.status for answer in answers] == [200] * 25 + [429]
    assert answers[-1].body["error"]["code"] == "rate_limit"
    assert answers[-1].headers["Stripe-Rate-Limited-Reason"] == "endpoint-rate"
    assert "Retry-After" not in answers[-1].headers


def test_a_storm_that_passes_does_no_harm(filled: Any) -> None:
    stand_in, client = filled
    stand_in.faults.append(Fault("/v1/prices", status=503, times=3))
    assert first_walk(RESOURCES["prices"], client)[1].complete
    stand_in.faults.append(Fault("/v1/prices", status=500, times=99))
    with pytest.raises(SourceError, match="500: asked for") as caught:
        first_walk(RESOURCES["prices"], client)
    assert caught.value.is_about_all


@pytest.mark.parametrize(("status", "told", "requests"), [(500, "false", 1), (409, "true", 2), (409, "", 1)])
def test_stripes_own_word_on_repeating_counts(filled: Any, status: int, told: str, requests: int) -> None:
    stand_in, client = filled
    left = [Refused(status, {"error": {"message": "lock"}}, {"Stripe-Should-Retry": told} if told else {})]

    def refuse(_: Request) -> None:
        if left:
            raise left.pop()

    stand_in.before = refuse
    if requests == 1:
        with pytest.raises(SourceError, match=f"{status}: lock"):
            client.get("/v1/products")
    else:
        client.get("/v1/products")
    assert stand_in.requests["GET /v1/products"] == requests


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"limit": "0"}, "parameter_invalid_integer"),
        ({"limit": "101"}, "parameter_invalid_integer"),
        ({"starting_after": "prod_none"}, "resource_missing"),
        ({"created[about]": "1"}, "parameter_unknown"),
        ({"expand[]": "data.default_price"}, "parameter_unknown"),
    ],
)
def test_the_stand_in_refuses_what_stripe_refuses(filled: Any, query: dict[str, str], code: str) -> None:
    stand_in, _ = filled
    asked = {name: [value] for name, value in query.items()}
    answer = stand_in.answer(Request("GET", "/v1/products", asked, {"authorization": f"Bearer {KEY}"}, b""))
    assert (answer.status, answer.body["error"]["code"]) == (400, code)


@pytest.mark.parametrize(
    ("kind", "params"),
    [
        ("products", {"active": "true", "ids[]": ["prod_000000000001"]}),
        ("prices", {"product": "prod_000000000001", "currency": "usd", "type": "recurring"}),
        ("subscriptions", {"price": "price_900000000001", "status": "active"}),
        ("invoices", {"subscription": "sub_900000000001"}),
        ("events", {"type": "price.*", "created[gt]": 0}),
    ],
)
def test_filters_and_pages_backwards(filled: Any, kind: str, params: dict[str, Any]) -> None:
    _, client = filled
    some = client.get(f"/v1/{kind}", {**params, "limit": 100})["data"]
    assert 0 < len(some) < len(client.get(f"/v1/{kind}", {"limit": 100})["data"])
    if len(some) > 1:
        assert client.get(f"/v1/{kind}", {**params, "ending_before": some[-1]["id"], "limit": 100})["data"] == some[:-1]


# Configuration


def test_not_configured_is_no_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCES__STRIPE__API_KEY", raising=False)
    assert source.configured() is None
    monkeypatch.setenv("SOURCES__STRIPE__API_KEY", "rk_live_x")
    assert source.configured() == [Account("main", {"api_key": "rk_live_x"})]
    assert "rk_live_x" not in repr(source.configured())
    assert source.connect(Account("main", {"api_key": "rk_live_x"}), "").api.base_url == "https://api.stripe.com"


def test_a_publishable_key_is_refused_with_advice() -> None:
    with pytest.raises(SourceError, match="make a restricted one"):
        source.connect(Account("main", {"api_key": "pk_live_x"}), "")
