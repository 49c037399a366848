"""Follow Up Boss, read by walks: pages that move, what changed, rows that left, text messages, hidden rows."""

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from follow_up_boss_walks import RESOURCES, Landed, between, connected, moment, put, served
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.follow_up_boss import client
from connectors.rest import SourceError
from connectors.stand_in import Refused

MOVES = st.lists(st.tuples(st.sampled_from(["add", "remove", "change"]), st.integers(0, 200)), max_size=12)
QUICK = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def fub() -> Iterator[Any]:
    with served() as made:
        yield made


@pytest.fixture(scope="module")
def shared() -> Iterator[Any]:
    """One server for all the examples of the property tests; each begins with an empty list."""
    with served() as made:
        yield made


def emptied(made: Any, collection: str) -> None:
    made.before = lambda _: None
    for key, *_ in made.store.select(collection, "a"):
        made.store.remove(collection, "a", key)


class Moving:
    """A list whose rows come, go and change, each time a second later."""

    def __init__(self, made: Any, collection: str, rows: int, **values: Any) -> None:
        self.made, self.collection, self.values = made, collection, values
        self.now, self.next = 0, 1
        self.stayed: set[int] = set()
        emptied(made, collection)
        for _ in range(rows):
            self.move("add", 0)
        self.stayed = {int(row[0]) for row in made.store.select(collection, "a")}

    def move(self, what: str, which: int) -> None:
        self.now += 1
        ids = [int(row[0]) for row in self.made.store.select(self.collection, "a")]
        if what == "add" or not ids:
            put(self.made, self.collection, self.next, self.now, **self.values)
            self.next += 1
        elif what == "remove":
            self.made.store.remove(self.collection, "a", str(ids[which % len(ids)]))
            self.stayed.discard(ids[which % len(ids)])
        else:
            put(self.made, self.collection, ids[which % len(ids)], self.now, said=self.now, **self.values)

    def moves(self, moves: list[tuple[str, int]]) -> list[Any]:
        return [lambda move=move: self.move(*move) for move in moves]

    def rows(self) -> dict[str, Any]:
        return {row[0]: json.loads(row[3]) for row in self.made.store.select(self.collection, "a")}


@QUICK
@given(st.integers(0, 25), st.integers(2, 6), MOVES)
@pytest.mark.parametrize("name", ["deals", "users"])  # one that gives links, one that does not
def test_no_row_that_stays_is_missed(shared: Any, name: str, rows: int, limit: int, moves: list[Any]) -> None:
    moving = Moving(shared, name, rows, status="Active")
    between(shared, *moving.moves(moves), path=f"/v1/{name}")
    with patch.object(client, "LIMIT", limit):
        landed = Landed()
        landed.walk(name, connected())
    assert {str(one) for one in moving.stayed} <= set(landed.tables[name])


@QUICK
@given(st.integers(0, 20), st.integers(2, 6), MOVES, MOVES, MOVES)
def test_a_quiet_run_agrees_with_the_source(
    shared: Any, rows: int, limit: int, during: list[Any], idle: list[Any], later: list[Any]
) -> None:
    moving = Moving(shared, "calls", rows)
    landed = Landed()
    with patch.object(client, "LIMIT", limit):
        between(shared, *moving.moves(during), path="/v1/calls")
        landed.walk("calls", connected())
        shared.before = lambda _: None
        for move in idle:
            moving.move(*move)
        between(shared, *moving.moves(later), path="/v1/calls")
        landed.walk("calls", connected())
        shared.before = lambda _: None
        landed.walk("calls", connected())
        landed.walk("calls", connected())
    assert landed.tables["calls"] == moving.rows()


def test_a_long_list_is_read_by_its_links(fub: Any) -> None:
    for number in range(1, 2_251):
        put(fub, "deals", number, status="Active")
    landed = Landed()
    landed.walk("deals", connected())
    assert len(landed.tables["deals"]) == 2_250
    assert fub.requests["GET /v1/deals"] == 23
    with pytest.raises(SourceError, match="400: Deep pagination disabled, use 'nextLink' url"):
        connected().get("deals", {"offset": 2_000})


def test_what_lists_hide_is_read_too(fub: Any) -> None:
    put(fub, "people", 1, stage="Lead", claimed=True, assignedUserId=1, background="Likes gardens", customBudget="1")
    put(fub, "people", 2, stage="Trash", claimed=True, assignedUserId=1)
    put(fub, "people", 3, stage="Lead", claimed=False, assignedUserId=None)
    for number, status in enumerate(("Active", "Archived", "Deleted"), start=1):
        put(fub, "deals", number, status=status)
        put(fub, "users", number, status=status)
    landed = Landed()
    for name in ("people", "deals", "users"):
        landed.walk(name, connected())
        assert list(landed.tables[name]) == ["3", "2", "1"]
    assert landed.tables["people"]["1"]["background"] == "Likes gardens"
    assert landed.tables["people"]["1"]["customBudget"] == "1"
    shown = connected().get("people")
    assert [(row["id"], "background" in row, "customBudget" in row) for row in shown["people"]] == [(1, False, False)]


def test_only_what_changed_is_read_again(fub: Any) -> None:
    for number in range(1, 351):
        put(fub, "calls", number, number * 60)
        put(fub, "events", number, number * 60)
    landed = Landed()
    for name in ("calls", "events"):
        assert landed.walk(name, connected()).complete
    fub.requests.clear()
    put(fub, "calls", 7, 30_000, said="changed")
    for name in ("calls", "events"):
        assert not landed.walk(name, connected()).complete
    assert landed.tables["calls"]["7"]["said"] == "changed"
    assert fub.requests == {"GET /v1/calls": 2, "GET /v1/events": 1}  # what changed, and how many there are
    assert landed.cursors["calls"] == moment(29_699)


def test_the_mark_stays_behind_what_may_have_changed_unseen(fub: Any) -> None:
    put(fub, "calls", 1, 1_000)
    landed = Landed()
    with patch("connectors.follow_up_boss.source.time") as time:
        time.monotonic.side_effect = [0.0, 2_000.0]
        landed.walk("calls", connected())
    assert landed.cursors["calls"] == moment(1_000 - 2_000 - 300)
    landed.walk("calls", connected())
    assert landed.cursors["calls"] == moment(699)
    landed.walk("calls", connected())
    assert landed.cursors["calls"] == moment(699)  # and does not creep back


def test_people_are_found_by_what_was_done_with_them(fub: Any) -> None:
    for number in range(1, 4):
        put(fub, "people", number, 1_000, claimed=True, lastActivity=None)
    landed = Landed()
    landed.walk("people", connected())
    put(fub, "people", 2, 10, claimed=True, lastActivity=moment(5_000), note="active")
    landed.walk("people", connected())
    assert landed.tables["people"]["2"]["note"] == "active"


def test_people_are_read_anew_when_their_deal_changed(fub: Any) -> None:
    for number in range(1, 4):
        put(fub, "people", number, number, claimed=True, dealStage="Showing")
        put(fub, "deals", number, status="Active", stageName="Showing", people=[{"id": number}])
    landed = Landed()
    for name in ("people", "deals"):
        landed.walk(name, connected())
    assert fub.requests["GET /v1/people"] == 1
    put(fub, "people", 2, 2, claimed=True, dealStage="Closed")
    put(fub, "deals", 2, status="Active", stageName="Closed", people=[{"id": 2}])
    fub.store.remove("deals", "a", "3")
    put(fub, "people", 3, 3, claimed=True, dealStage=None)
    fub.requests.clear()
    for name in ("people", "deals"):
        landed.walk(name, connected())
    assert [row["dealStage"] for _, row in sorted(landed.tables["people"].items())] == ["Showing", "Closed", None]
    assert fub.requests["GET /v1/people"] == 4  # updated, active, how many; and those of the deals


def test_rows_that_left_are_noticed_by_their_number(fub: Any) -> None:
    for number in range(1, 31):
        put(fub, "people", number, number * 600, claimed=True)
    landed = Landed()
    landed.walk("people", connected())
    fub.store.remove("people", "a", "5")
    assert landed.walk("people", connected()).complete
    assert "5" not in landed.tables["people"]
    assert not landed.walk("people", connected()).complete


def test_a_list_that_counts_more_than_it_shows_is_not_read_whole_each_time(fub: Any) -> None:
    for number in range(1, 6):
        put(fub, "calls", number, number * 600)
    landed = Landed()
    with patch("connectors.stand_in.Store.count", lambda *_: 7):
        assert landed.walk("calls", connected()).complete
        assert landed.cursors["calls"] == f"{moment(2_699)} unlisted 2"
        assert not landed.walk("calls", connected()).complete
        assert landed.cursors["calls"] == f"{moment(2_699)} unlisted 2"


def test_a_deleted_appointment_is_told(fub: Any) -> None:
    table = RESOURCES["appointments"].tables[0]
    for number in range(1, 4):
        put(fub, "appointments", number, number)
    put(fub, "appointments", 4, 4, parent="deleted")
    landed = Landed()
    landed.walk("appointments", connected())
    assert set(landed.tables[table]) == {"1", "2", "3"}
    put(fub, "appointments", 2, 900, parent="deleted")
    done = landed.walk("appointments", connected())
    assert (done.complete, done.gone) == (False, ["2", "4"])
    assert set(landed.tables[table]) == {"1", "3"}


class TestTextMessages:
    """They are read person by person; the queue remembers who is left."""

    @pytest.fixture
    def texts(self, fub: Any) -> Any:
        for number in range(1, 6):
            put(fub, "people", number, number, claimed=True, lastActivity=moment(number) if number < 5 else None)
            put(fub, "textMessages", number * 10, parent=str(number), message="Hello!")
        return fub

    def run(self, landed: Landed) -> None:
        reader = connected()
        landed.walk("people", reader)
        landed.walk("text_messages", reader)

    def table(self, landed: Landed) -> dict[str, Any]:
        return landed.tables[RESOURCES["text_messages"].tables[0]]

    def statuses(self, landed: Landed) -> dict[str, tuple[str, int]]:
        return {key: (row["status"], row["attempts"]) for key, row in landed.tables["text_queue"].items()}

    @pytest.mark.usefixtures("texts")
    def test_of_people_something_was_done_with(self) -> None:
        landed = Landed()
        self.run(landed)
        assert set(self.table(landed)) == {"10", "20", "30", "40"}
        row = landed.tables["text_queue"]["1"]
        assert row["queued_at"] <= row["picked_up_at"] <= row["finished_at"]
        assert {name: row[name] for name in ("person_id", "status", "attempts", "error")} == {
            "person_id": 1, "status": "completed", "attempts": 1, "error": None,
        }  # fmt: skip

    def test_again_only_when_something_is_new(self, texts: Any) -> None:
        landed = Landed()
        self.run(landed)
        before = {key: dict(row) for key, row in landed.tables["text_queue"].items()}
        texts.requests.clear()
        self.run(landed)
        assert texts.requests["GET /v1/textMessages"] == 0
        assert landed.tables["text_queue"] == before
        put(texts, "people", 3, 3, claimed=True, lastActivity=moment(700))
        put(texts, "textMessages", 31, parent="3", message="Still there?")
        self.run(landed)
        assert texts.requests["GET /v1/textMessages"] == 1
        assert "31" in self.table(landed)

    def test_of_more_than_a_page(self, texts: Any) -> None:
        for number in range(100, 350):
            put(texts, "textMessages", number, parent="1")
        landed = Landed()
        self.run(landed)
        assert len(self.table(landed)) == 254

    def test_one_failure_loses_no_others(self, texts: Any) -> None:
        def refuse(request: Any) -> None:
            if "textMessages" in request.path and request.one("personId") == "3":
                raise Refused(403, {"errorMessage": "No right to 555-0134 567 890"})

        texts.before = refuse
        landed = Landed()
        with pytest.raises(SourceError, match="messages of 1 of 4 people were not read") as failed:
            self.run(landed)
        assert not failed.value.is_about_all
        assert set(self.table(landed)) == {"10", "20", "40"}
        assert self.statuses(landed)["3"] == ("failed", 1)
        assert "567" not in landed.tables["text_queue"]["3"]["error"]
        texts.before = lambda _: None
        texts.requests.clear()
        self.run(landed)
        assert self.statuses(landed)["3"] == ("completed", 2)
        assert texts.requests["GET /v1/textMessages"] == 1

    def test_a_storm_ends_the_run_and_the_next_goes_on(self, texts: Any) -> None:
        def storm(request: Any) -> None:
            if "textMessages" in request.path and request.one("personId") == "2":
                raise Refused(503, {"errorMessage": "down"})

        texts.before = storm
        landed = Landed()
        with pytest.raises(SourceError, match="503") as failed:
            self.run(landed)
        assert failed.value.is_about_all
        assert self.statuses(landed)["2"] == ("failed", 1)
        assert "pending" in {status for status, _ in self.statuses(landed).values()}
        texts.before = lambda _: None
        self.run(landed)
        assert {status for status, _ in self.statuses(landed).values()} == {"completed"}
        assert set(self.table(landed)) == {"10", "20", "30", "40"}

    def test_who_has_gone_is_no_failure(self, texts: Any) -> None:
        def gone(request: Any) -> None:
            if "textMessages" in request.path and request.one("personId") == "3":
                raise Refused(404, {"errorMessage": "Person not found"})

        texts.before = gone
        landed = Landed()
        self.run(landed)
        assert self.statuses(landed)["3"] == ("completed", 1)

    @pytest.mark.usefixtures("texts")
    def test_they_go_on_where_people_could_not_be_read(self) -> None:
        landed = Landed()
        landed.walk("people", connected())
        landed.walk("text_messages", connected())  # another run: it knows the queue from what landed
        assert len(self.table(landed)) == 4
