"""Pages of a reZEN list that moves while it is read: nothing is missed that is there all the while."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rezen_server import AGENT, KEY, Server

from connectors.document_store import Record
from connectors.rest import Api, SourceError
from connectors.rezen.paging import Listing, pages
from connectors.stand_in import Request, Response, serve


@dataclass(frozen=True)
class Move:
    """Between two requests: rows leave, come in or change, at any place of the list."""

    kind: str
    place: float


MOVES = st.lists(
    st.lists(st.builds(Move, st.sampled_from(["insert", "delete", "change"]), st.floats(0, 1)), max_size=6), max_size=30
)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Server, str]]:
    made = Server()
    with serve(made) as url:
        yield made, url


def listing(url: str, size: int = 500) -> Listing:
    api = Api("rezen", f"{url}/arrakis/api/v1", headers={"X-API-KEY": KEY})
    return Listing(api, f"revshares/{AGENT}/contributions/1", ("contributions",), size=size)


def put(server: Server, place: float, change: int = 0) -> None:
    number = f"row {place!r}"
    server.store.put(Record("contribution", AGENT, number, {"id": number, "at": change}, place, parent="1"))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.integers(0, 90), limit=st.integers(8, 40), size=st.integers(8, 60), moves=MOVES)
def test_rows_that_are_there_all_the_while_are_read(
    server: tuple[Server, str], rows: int, limit: int, size: int, moves: list[list[Move]]
) -> None:
    stand_in, url = server
    for number, *_ in stand_in.store.select("contribution", AGENT):
        stand_in.store.remove("contribution", AGENT, number)
    for row in range(rows):
        put(stand_in, row / 100)
    stand_in.page_limit = limit
    throughout = {number for number, *_ in stand_in.store.select("contribution", AGENT)}
    to_come = iter(moves)

    def move(_: Request) -> None:
        for one in next(to_come, []):
            there = stand_in.store.select("contribution", AGENT)
            if one.kind == "insert":
                put(stand_in, one.place)
            elif there:
                number, order, *_ = there[int(one.place * (len(there) - 1))]
                if one.kind == "delete":
                    stand_in.store.remove("contribution", AGENT, number)
                    throughout.discard(number)
                else:
                    put(stand_in, order, change=1)

    stand_in.before = move
    read = {row["id"] for page in pages(listing(url, size)) for row in page.rows}
    stand_in.before = lambda _: None
    assert throughout <= read


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 1_000])
@pytest.mark.parametrize("rows", [0, 1, 6, 7, 8, 60])
def test_a_list_at_rest_is_read_whole(server: tuple[Server, str], limit: int, rows: int) -> None:
    stand_in, url = server
    for number, *_ in stand_in.store.select("contribution", AGENT):
        stand_in.store.remove("contribution", AGENT, number)
    for row in range(rows):
        put(stand_in, row)
    stand_in.page_limit = limit
    read = list(pages(listing(url)))
    assert len({row["id"] for page in read for row in page.rows}) == rows
    assert read[-1].total == rows


def test_overlaps_cost_next_to_no_requests(server: tuple[Server, str]) -> None:
    stand_in, url = server
    for row in range(4_000):
        put(stand_in, row)
    stand_in.page_limit = 1_000
    asked = list(pages(listing(url)))
    assert len(asked) == 9  # 8 without any overlap


class Stubborn(Server):
    """Answers whatever page is asked for with the first."""

    def _page(self, *asked: object, **_: object) -> Response:
        return Response({"hasNext": True, "pageNumber": 0, str(asked[2]): [{"id": "the same"}]})


def test_a_list_that_does_not_page_is_given_up() -> None:
    stand_in = Stubborn()
    with serve(stand_in) as url, pytest.raises(SourceError, match="cannot be paged"):
        list(pages(listing(url)))
    assert sum(stand_in.requests.values()) < 20


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Response({"hasNext": False, "rows": []}), "answered without a list contributions"),
        (Response({"hasNext": False, "contributions": None}), "answered without a list contributions"),
        (Response({"hasNext": False, "contributions": [{"name": "no id"}]}), "answered a row without id"),
        (Response(b"<html>", 200), "answered no JSON"),
        (Response(b"", 200), "answered without a list contributions"),
    ],
)
def test_an_answer_of_another_shape_is_no_empty_list(
    answer: Response, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = Server()
    monkeypatch.setattr(stand_in, "_page", lambda *_: answer)
    with serve(stand_in) as url, pytest.raises(SourceError, match=message):
        list(pages(listing(url)))


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        (Response(None, 204), 0),
        (Response([{"id": 1}, {"id": 2}]), 2),
        (Response({"contributions": [{"id": 1}]}), 1),
    ],
)
def test_no_content_a_bare_list_and_a_short_page_end_a_list(
    answer: Response, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in = Server()
    monkeypatch.setattr(stand_in, "_page", lambda *_: answer)
    with serve(stand_in) as url:
        (page,) = pages(listing(url))
    assert len(page.rows) == count
