"""How live sources are synced: one transaction, newest wins, cursors, isolation of accounts, walks that lose rows."""

from pathlib import Path

import psycopg
import pytest
from live import Tiny, landed, state

from connectors.rest import SourceError


@pytest.fixture
def tiny() -> Tiny:
    made = Tiny()
    made.people = {
        "a": [{"id": 1, "at": 5, "name": "Ash"}, {"id": 2, "at": 6, "name": "Éva"}],
        "b": [{"id": 1, "at": 9}],
    }
    made.stages = {"a": [{"id": n} for n in range(30)], "b": []}
    return made


def test_first_sync_lands_rows_and_cursors(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    outcome = tiny.land(empty_database, tmp_path, "a", "b")
    assert outcome.failures == []
    assert outcome.rows == {"people": 3, "stages": 30}
    assert landed(empty_database, "tiny", "people") == [
        ("a", "1", {"id": 1, "at": 5, "name": "Ash"}),
        ("a", "2", {"id": 2, "at": 6, "name": "Éva"}),
        ("b", "1", {"id": 1, "at": 9}),
    ]
    assert landed(empty_database, "tiny", "people", "cursor_value, request") == [("5", None), ("6", None), ("9", None)]
    assert landed(empty_database, "tiny", "stages", "request")[0] == ({"of": "a"},)
    assert state(empty_database, "tiny") == {
        ("a", "people"): ("ready", None, "6", 2, 2),
        ("a", "stages"): ("ready", None, None, 30, 30),
        ("b", "people"): ("ready", None, "9", 1, 1),
        ("b", "stages"): ("ready", None, None, 0, 0),
    }


def test_unchanged_rows_are_not_touched(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.land(empty_database, tmp_path, "a", "b")
    before = landed(empty_database, "tiny", "people", "xmin::text, _dlt_load_id, extracted_at")
    outcome = tiny.land(empty_database, tmp_path, "a", "b")
    assert outcome.rows == {}
    assert landed(empty_database, "tiny", "people", "xmin::text, _dlt_load_id, extracted_at") == before
    assert ("a", "people", "6") in tiny.asked


def test_of_a_row_that_came_twice_the_last_one_stands(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.people["a"] = [{"id": 1, "at": 5, "name": "old"}, {"id": 2, "at": 6}, {"id": 1, "at": 7, "name": "new"}]
    tiny.land(empty_database, tmp_path, "a")
    assert landed(empty_database, "tiny", "people", "payload ->> 'name'") == [("new",), (None,)]


def test_a_character_that_jsonb_cannot_hold_stops_nothing(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.people["a"] = [{"id": 1, "at": 5, "a\0b": ["x\0", {"y": "\0"}], "path": "C:\\u0000"}]
    assert tiny.land(empty_database, tmp_path, "a").failures == []
    ((payload,),) = landed(empty_database, "tiny", "people", "payload")
    assert payload == {"id": 1, "at": 5, "a\ufffdb": ["x\ufffd", {"y": "\ufffd"}], "path": "C:\\u0000"}


def test_changes_and_returns_are_written(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.land(empty_database, tmp_path, "a")
    gone = tiny.stages["a"].pop()
    tiny.people["a"][0].update(at=8, name="Ash II")
    outcome = tiny.land(empty_database, tmp_path, "a")
    assert outcome.rows == {"people": 1, "stages": 1}
    with psycopg.connect(empty_database) as connection:
        deleted = connection.execute("select key from staging_tiny.stages where deleted_at is not null").fetchall()
    assert deleted == [(str(gone["id"]),)]
    tiny.stages["a"].append(gone)
    assert tiny.land(empty_database, tmp_path, "a").rows == {"stages": 1}
    assert landed(empty_database, "tiny", "stages", "deleted_at")[-1] == (None,)


def test_a_walk_that_lost_too_much_deletes_nothing(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.stages["a"] = [{"id": n} for n in range(100)]
    tiny.land(empty_database, tmp_path, "a", "b")
    tiny.stages["a"] = tiny.stages["a"][:70]
    outcome = tiny.land(empty_database, tmp_path, "a", "b")
    assert outcome.rows == {}
    (failure,) = outcome.failures
    assert failure.startswith("tiny, account a: stages: 30 of 100 rows of stages are gone")
    assert state(empty_database, "tiny")["a", "stages"][0] == "error"
    assert state(empty_database, "tiny")["b", "stages"][0] == "ready"


def test_a_failing_account_fails_alone_and_heals(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.errors["mid", "a"] = SourceError("key revoked", 401)
    outcome = tiny.land(empty_database, tmp_path, "a", "b")
    assert outcome.failures == ["tiny, account a: people: key revoked"]
    states = state(empty_database, "tiny")
    assert states["a", "people"][:3] == ("error", "key revoked", None)
    assert states["a", "stages"][:3] == ("error", "not read, since people failed", None)
    assert states["b", "people"][0] == states["b", "stages"][0] == "ready"
    tiny.errors.clear()
    assert tiny.land(empty_database, tmp_path, "a", "b").failures == []
    assert len(landed(empty_database, "tiny", "people")) == 3
    assert {one[0] for one in state(empty_database, "tiny").values()} == {"ready"}


def test_what_concerns_one_resource_leaves_the_others(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.errors["people", "a"] = SourceError("no right to people", 403)
    outcome = tiny.land(empty_database, tmp_path, "a")
    assert outcome.failures == ["tiny, account a: people: no right to people"]
    assert outcome.rows["stages"] == 30


def test_a_failed_resource_keeps_its_cursor(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.land(empty_database, tmp_path, "a")
    tiny.people["a"].append({"id": 3, "at": 20})
    tiny.errors["people", "a"] = SourceError("storm", 500)
    tiny.land(empty_database, tmp_path, "a")
    assert state(empty_database, "tiny")["a", "people"][2] == "6"
    tiny.errors.clear()
    tiny.land(empty_database, tmp_path, "a")
    assert state(empty_database, "tiny")["a", "people"][2] == "20"


def test_without_accounts_the_tables_stand(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    assert tiny.land(empty_database, tmp_path).rows == {}
    assert landed(empty_database, "tiny", "people") == landed(empty_database, "tiny", "stages") == []


def test_full_reads_everything_again(tiny: Tiny, empty_database: str, tmp_path: Path) -> None:
    tiny.land(empty_database, tmp_path, "a")
    tiny.asked.clear()
    assert tiny.land(empty_database, tmp_path, "a", full=True).rows == {}
    assert tiny.asked[0] == ("a", "people", None)
