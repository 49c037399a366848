"""RealPage workbooks that were dropped into the inbox by hand: each lands once, whose it is says its title."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from reports_server import KINDS, NAMES, PADDING, SITES, Reports, file, reports


@pytest.fixture
def server(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Reports]:
    with reports(empty_database, tmp_path, monkeypatch) as made:
        (tmp_path / "inbox").mkdir()
        made.set(inbox=str(tmp_path / "inbox"), token=None)
        yield made


def drop(server: Reports, name: str, content: bytes) -> Path:
    place = server.folder / "inbox" / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return place


def test_dropped_files_land_once_under_the_property_they_name(server: Reports) -> None:
    drop(server, "a.xls", file("rent_roll", NAMES[SITES[0]]))
    drop(server, "old/b.XLSX", file("rent_roll", NAMES[SITES[0]].upper(), date(2026, 1, 3)))
    drop(server, "c.xls", file("activity", NAMES[SITES[1]]))
    drop(server, "notes.txt", b"not looked at")
    assert server.sync().failures == []
    assert server.files_landed() == {(SITES[0], "rent_roll"), (SITES[1], "activity")}
    files = server.rows("files", "key, payload ->> 'file', payload ->> 'report_date', payload ->> 'source'")
    assert sorted(row[1:] for row in files) == [
        ("a.xls", "2026-01-15", "inbox"),
        ("c.xls", "2026-01-15", "inbox"),
        ("old/b.XLSX", "2026-01-03", "inbox"),
    ]
    # A number above any of RealPage's own, so that what was dropped by hand counts.
    assert all(key.isdigit() and int(key) > 10**15 for key, *_ in files)
    assert len(server.rows("rent_roll")) == 6
    assert (server.folder / "inbox" / "a.xls").exists()
    again = server.sync()
    assert (again.failures, again.rows) == ([], {})
    drop(server, "renamed.xls", (server.folder / "inbox" / "a.xls").read_bytes())
    assert server.sync().rows == {}


def test_a_changed_file_is_another_one(server: Reports) -> None:
    drop(server, "a.xls", file("rent_roll", NAMES[SITES[0]]))
    server.sync()
    drop(server, "a.xls", file("rent_roll", NAMES[SITES[0]], rows=4))
    assert server.sync().failures == []
    first, second = sorted(server.rows("files", "key, payload ->> 'rows'"), key=lambda row: int(row[0]))
    assert (first[1], second[1]) == ("3", "4")


def test_what_cannot_be_read_is_told_until_it_is_gone_and_the_rest_lands(server: Reports) -> None:
    broken = drop(server, "broken.xls", b"<html>" + PADDING.encode())
    unknown = drop(server, "unknown.xls", file("rent_roll", "Nowhere Lofts"))
    late = drop(server, "late.xls", file("rent_roll", NAMES[SITES[2]], error="Invalid end date entered"))
    other = drop(server, "other.xls", file("rent_roll", list(NAMES.values())[3]))
    drop(server, "good.xls", file("rent_roll", NAMES[SITES[0]]))
    for _ in range(2):
        (line,) = server.sync().failures
        assert "account inbox: inbox:" in line
        for words in (
            "broken.xls: it is no workbook",
            "unknown.xls: it is about a property that seeds/properties.csv does not name so",
            "late.xls: RealPage says",
            "is not among the properties that are synced",
            "take it out of the inbox",
        ):
            assert words in line
        assert server.files_landed() == {(SITES[0], "rent_roll")}
        assert len(server.rows("rejected_files")) == 4
    for place in (broken, unknown, late, other):
        place.unlink()
    assert server.sync().failures == []
    assert {gone for (gone,) in server.rows("rejected_files", "deleted_at is not null")} == {True}


def test_a_dead_token_keeps_nobody_from_the_inbox(server: Reports) -> None:
    server.set(token="a.e30.c")
    server.server.expire_after = 0
    drop(server, "a.xls", file("rent_roll", NAMES[SITES[0]]))
    assert len(server.sync().failures) == 3
    assert server.files_landed() == {(SITES[0], "rent_roll")}


def test_a_dropped_file_does_not_stand_for_the_days_report(server: Reports) -> None:
    server.set(token=server.server.new_token())
    drop(server, "a.xls", file("rent_roll", NAMES[SITES[0]]))
    assert server.sync().failures == []
    assert len(server.rows("files")) == 19
    assert server.requests()["create"] == len(KINDS) * 3


def test_an_inbox_that_is_not_there_is_told_once(server: Reports) -> None:
    server.set(inbox=str(server.folder / "nowhere"), token=server.server.new_token())
    (line,) = server.sync().failures
    assert "there is no inbox folder" in line
    assert len(server.files_landed()) == 18
