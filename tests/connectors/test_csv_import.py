"""The CSV inbox: any delimiter and encoding, the header mapping, bad rows, files read once. Few need a database."""

import csv
import io
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from live import landed, state, walked

from connectors.csv_import import source
from connectors.csv_import.headers import HeaderError, Headers
from connectors.csv_import.reading import DELIMITERS, decoded, records
from connectors.csv_import.source import REJECTED, ROWS, SOURCE, Inbox
from connectors.csv_import.stand_in import configuration, fill
from connectors.rest import SourceError
from connectors.sandbox.world import World, build
from connectors.sync import Account, Context, Done, land

FILES = SOURCE.resources[0]
HEADERS = Headers()
HEADER = "Transaction ID,Status,Address,Sale Price"


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.01)


def drop(folder: Path, name: str, content: str | bytes) -> Path:
    """Put a file into the inbox that has been there for a while."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, (1_700_000_000, 1_700_000_000))
    return path


def read(folder: Path, cursor: str | None = None) -> tuple[dict[str, list[dict[str, Any]]], Done]:
    return walked(FILES, Inbox(folder, HEADERS), Context(cursor))


def pages(folder: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """(key, payload, request) of every row."""
    walk = FILES.fetch(Inbox(folder, HEADERS), Context(None))
    found = [(page.rows[0], dict(page.request or {})) for page in walk]
    return [(FILES.key(row, request), row, request) for row, request in found]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", DELIMITERS)
def test_any_delimiter_and_encoding(delimiter: str, encoding: str, tmp_path: Path) -> None:
    text = io.StringIO()
    rows = [
        ["Transaction ID", "Status", "Address", "Sale Price", "Our notes"],
        ["A-1", "Closed", "1 Peña Blvd, Salem; OR | 97301", "$450,000.00", 'said "yes"\nand\tno'],
        ["A-2", "Pending", "2 Café Ct", "", ""],
    ]
    csv.writer(text, delimiter=delimiter).writerows(rows)
    drop(tmp_path, "deals.txt", text.getvalue().encode(encoding))
    found, _ = read(tmp_path)
    assert found == {ROWS: [dict(zip(rows[0], row, strict=True)) for row in rows[1:]], REJECTED: []}


def test_where_a_row_stands_and_what_its_fields_are(tmp_path: Path) -> None:
    drop(
        tmp_path,
        "west/deals.csv",
        'Deal No;Stage;Street;Price\r\n\r\nA;Closed;"1\r\nMain";1\r\nB;;;2\r\n;;;\r\nC;;x;3\r\n',
    )
    rows = pages(tmp_path)
    name = rows[0][0].split(":")[0]
    assert [key for key, *_ in rows] == [f"{name}:3", f"{name}:5", f"{name}:7"]
    assert rows[0][1] == {"Deal No": "A", "Stage": "Closed", "Street": "1\r\nMain", "Price": "1"}
    fields = {"transaction_id_raw": "Deal No", "status": "Stage", "address": "Street", "sale_price": "Price"}
    told = {"file": "west/deals.csv", "kind": "transaction", "fields": fields, "hash": name, "line": 3}
    assert rows[0][2] == told


@pytest.mark.parametrize(
    ("header", "kind", "fields"),
    [
        ("MLS #,Price,Expires,Off Market Date,Status", "listing", {"list_price": "Price", "mls_number": "MLS #"}),
        ("listing_id,list-price,ADDRESS,Expiration Date", "listing", {"listing_id_raw": "listing_id"}),
        ("ID,Address,Price,Contract Date", "transaction", {"transaction_id_raw": "ID", "sale_price": "Price"}),
        # Of two headers of one field the one that stands first in the mapping is it.
        ("Deal No,Price,Sale Price", "transaction", {"sale_price": "Sale Price"}),
        ("Deal No,Sale Price,Price", "transaction", {"sale_price": "Sale Price"}),
        ("Deal No,Note,Note,,Note,", "transaction", {"transaction_id_raw": "Deal No"}),
    ],
)
def test_kinds_and_fields_follow_from_headers(header: str, kind: str, fields: dict[str, str]) -> None:
    names, _ = records(header, "utf-8", HEADERS.known)
    form = HEADERS.form(names)
    assert not isinstance(form, str)
    assert form.kind == kind
    assert fields.items() <= dict(form.fields).items()


def test_columns_are_all_kept_under_names_of_their_own(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", "Deal No,Note,Note,,Closing Date,\nA,1,2,3,4,\n")
    ((_, row, _),) = pages(tmp_path)
    assert row == {"Deal No": "A", "Note": "1", "Note (column 3)": "2", "column 4": "3", "Closing Date": "4"}


@pytest.mark.parametrize(
    ("line", "raw", "reason"),
    [
        (b"A,Closed,x", "A,Closed,x", "has 3 cells, and there are 4 headers"),
        (b"A,Closed,x,1,2", "A,Closed,x,1,2", "has 5 cells, and there are 4 headers"),
        (b" ,Closed,x,1", " ,Closed,x,1", "nothing in Transaction ID"),
        (b"A,Closed,Pe\xf1a,1", "A,Closed,Pe\\xf1a,1", "has bytes that are no utf-8"),
        (b"A,Closed,\x00x,1", "A,Closed,\\x00x,1", "has a NUL character"),
        (b'A,Closed,"x,1', 'A,Closed,"x,1', "cannot be read as CSV: unexpected end of data"),
        (b'A,Closed,"x"y,1', 'A,Closed,"x"y,1', "cannot be read as CSV: ',' expected after '\"'"),
    ],
)
def test_a_bad_row_is_kept_and_what_follows_is_read(line: bytes, raw: str, reason: str, tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", HEADER.encode() + b"\nZ,Closed,Caf\xc3\xa9,1\n" + line + b"\nB,Closed,y,2,,\n")
    found = pages(tmp_path)
    assert [row["Transaction ID"] for _, row, request in found if "kind" in request] == ["Z", "B"]
    ((key, row, request),) = [one for one in found if "kind" not in one[2]]
    assert row == {"raw": raw, "reason": reason}
    assert (key.split(":")[1], request["line"], request["file"]) == ("3", 3, "a.csv")


def test_a_row_of_a_file_without_ids_is_named_by_its_place(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", "Sale Price,Property Address,MLS\n1,1 Main St,\n2,,M1\n3,,\n")
    found, _ = read(tmp_path)
    assert [row["Sale Price"] for row in found[ROWS]] == ["1", "2"]
    assert found[REJECTED] == [{"raw": "3,,", "reason": "nothing in MLS or Property Address"}]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it has no headers"),
        (b"\n \n", "it has no headers"),
        (b"name,colour\nx,y\n", "do not tell whether it holds transactions or listings"),
        (b"Status,Sale Price\nClosed,1\n", "no header names a transaction"),
        (b"\xef\xbb\xbfDeal No,Caf\xe9,Sale Price\nA,1,2\n", "its headers hold bytes that are no utf-8"),
        (b"\x50\x4b\x03\x04\x14\x00\x06\x00\x08\x00\x00\x00", "the whole file"),
    ],
)
def test_a_file_that_says_nothing_is_refused_as_a_whole(content: bytes, reason: str, tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", content)
    ((key, row, _),) = pages(tmp_path)
    assert key.endswith(":1")
    assert row["reason"].startswith("the whole file: ")
    assert reason in row["reason"]


def test_excel_says_its_delimiter(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", "sep=^\r\nDeal No^Closing Date\r\nA^1,2;3\r\n")
    assert read(tmp_path)[0][ROWS] == [{"Deal No": "A", "Closing Date": "1,2;3"}]


def test_each_file_lands_once_by_its_content(tmp_path: Path) -> None:
    drop(tmp_path, "a.csv", f"{HEADER}\nA,Closed,x,1\n")
    first, done = read(tmp_path)
    assert len(first[ROWS]) == 1
    (tmp_path / "a.csv").rename(tmp_path / "renamed.csv")
    drop(tmp_path, "copy.CSV", (tmp_path / "renamed.csv").read_bytes())
    again, done = read(tmp_path, done.cursor)
    assert again[ROWS] == []
    drop(tmp_path, "copy.CSV", f"{HEADER}\nA,Closed,x,2\n")
    changed, done = read(tmp_path, done.cursor)
    assert [row["Sale Price"] for row in changed[ROWS]] == ["2"]
    other_mapping = f"00000000 {(done.cursor or '').split(' ', 1)[1]}"
    assert len(read(tmp_path, other_mapping)[0][ROWS]) == 2
    for name in (".hidden.csv", "~lock.csv", "notes.md", ".trash/x.csv"):
        drop(tmp_path, name, f"{HEADER}\nB,Closed,x,1\n")
    assert read(tmp_path, done.cursor)[0][ROWS] == []


def test_a_file_still_being_written_is_waited_for_and_else_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_SETTLED_AFTER", 0.3)
    path = tmp_path / "a.csv"
    path.write_text(f"{HEADER}\nA,Closed,x,1\n")
    drop(tmp_path, "b.csv", f"{HEADER}\nB,Closed,x,1\n")
    began = time.monotonic()
    assert len(read(tmp_path)[0][ROWS]) == 2
    assert time.monotonic() - began > 0.1
    path.write_text(f"{HEADER}\nA,Closed,x,2\n")
    monkeypatch.setattr(source.time, "sleep", lambda _: path.write_text(f"{HEADER}\nA,Closed,x,2\nC,Cl"))
    found: list[Any] = []
    with pytest.raises(SourceError, match=r"a\.csv is still being written to"):
        found.extend(FILES.fetch(Inbox(tmp_path, HEADERS), Context(None)))
    assert [page.rows[0]["Transaction ID"] for page in found] == ["B"]


def test_no_folder_is_an_error_and_none_named_is_no_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert SOURCE.configured() is None
    monkeypatch.setenv("SOURCES__CSV_IMPORT__FOLDER", str(tmp_path / "nowhere"))
    (account,) = SOURCE.configured() or []
    with pytest.raises(SourceError, match="no inbox folder"):
        SOURCE.connect(account, "")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("deal,ID,x\n", "needs a header"),
        ("listing,,x\n", "needs a header"),
        ("listing,MLS #,mls_number\nlisting,mls-number,mls_number\n", "line 3: 'mls-number' is there twice"),
    ],
)
def test_a_wrong_mapping_is_an_error(rows: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "headers.csv"
    path.write_text(f"kind,header,field\n{rows}")
    with pytest.raises(HeaderError, match=message):
        Headers(path)


def test_long_files_are_read_in_linear_time() -> None:
    """An inch mark at the start of every line opens a quote that nothing closes."""
    text = f"{HEADER}\n" + '"5 in,Closed,x,1\n' * 30_000
    began = time.monotonic()
    _, found = records(text, "utf-8", HEADERS.known)
    assert sum(1 for _ in found) == 30_000
    assert time.monotonic() - began < 30


@given(st.binary(max_size=300))
def test_no_bytes_break_reading(data: bytes) -> None:
    text, encoding = decoded(data)
    _, found = records(text, encoding, HEADERS.known)
    for record in found:
        if record.cells is None:
            record.raw.encode()
            assert record.reason


@given(
    st.lists(
        st.lists(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8),
            min_size=2,
            max_size=2,
        ),
        max_size=20,
    ),
    st.sampled_from(DELIMITERS),
    st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]),
)
def test_what_was_written_is_read(rows: list[list[str]], delimiter: str, encoding: str) -> None:
    written = io.StringIO()
    writer = csv.writer(written, delimiter=delimiter, quoting=csv.QUOTE_ALL)
    writer.writerows([["Deal No", "Closing Date"], *rows])
    text, found_encoding = decoded(written.getvalue().encode(encoding))
    names, found = records(text, found_encoding, HEADERS.known)
    assert names == ["Deal No", "Closing Date"]
    assert [record.cells for record in found] == [row for row in rows if any(row)]


def test_the_sandboxs_inbox_tells_every_deal_once(world: World, tmp_path: Path) -> None:
    fill(tmp_path, world)
    assert configuration(world, "x") == {"SOURCES__CSV_IMPORT__FOLDER": "x"}
    before = {path: path.stat().st_ino for path in tmp_path.rglob("*.*")}
    fill(tmp_path, world)
    assert {path: path.stat().st_ino for path in tmp_path.rglob("*.*")} == before
    told: dict[str, list[str]] = {"transaction": [], "listing": []}
    wrong = 0
    for _, row, request in pages(tmp_path):
        if "kind" not in request:
            wrong += 1
            continue
        kind, fields = request["kind"], request["fields"]
        told[kind].append(row[fields["transaction_id_raw" if kind == "transaction" else "listing_id_raw"]])
        assert row[fields["updated_at"]]
    business = world.live.business
    for kind, frame in (("transaction", business.deals), ("listing", business.listings)):
        assert sorted(told[kind]) == sorted(frame.loc[frame["told_in"] == "csv", "uuid"])
    assert wrong == 4


def test_files_land_in_the_warehouse(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = tmp_path / "inbox"
    monkeypatch.setenv("SOURCES__CSV_IMPORT__FOLDER", str(inbox))
    inbox.mkdir()

    def sync(**options: bool) -> dict[str, int]:
        outcome = land(SOURCE, empty_database, tmp_path, SOURCE.configured() or [], **options)
        assert outcome.failures == []
        return outcome.rows

    assert sync() == {}
    drop(inbox, "a.csv", HEADER.encode() + b"\nA,Closed,Caf\xc3\xa9,1\nB,Closed\nC,Closed,\xff,1\n")
    assert sync() == {ROWS: 1, REJECTED: 2}
    (row,) = landed(
        empty_database, "csv", ROWS, "account, payload ->> 'Address', request ->> 'line', request ->> 'kind'"
    )
    assert row == ("inbox", "Café", "2", "transaction")
    assert landed(empty_database, "csv", REJECTED, "payload ->> 'raw'") == [("B,Closed",), ("C,Closed,\\xff,1",)]
    before = landed(empty_database, "csv", ROWS, "key, xmin::text, extracted_at")
    (inbox / "a.csv").rename(inbox / "b.csv")
    assert sync() == {}
    drop(inbox, "c.csv", f"{HEADER}\nD,Closed,x,1\n")
    assert sync() == {ROWS: 1}
    (inbox / "b.csv").unlink()
    assert sync(full=True) == {}
    assert set(before) <= set(landed(empty_database, "csv", ROWS, "key, xmin::text, extracted_at"))
    assert state(empty_database, "csv")["inbox", "files"][0] == "ready"


def test_one_unreadable_file_keeps_no_other_out(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop(tmp_path, "a.csv", f"{HEADER}\nA,Closed,x,1\n")
    drop(tmp_path, "z.csv", f"{HEADER}\nZ,Closed,x,1\n")
    whole = Path.read_bytes

    def refused(path: Path) -> bytes:
        if path.name == "a.csv":
            raise PermissionError(13, "Permission denied")
        return whole(path)

    monkeypatch.setenv("SOURCES__CSV_IMPORT__FOLDER", str(tmp_path))
    monkeypatch.setattr(Path, "read_bytes", refused)
    outcome = land(SOURCE, empty_database, tmp_path / "work", [Account("inbox")])
    assert outcome.rows == {ROWS: 1}
    assert outcome.failures == [
        "csv_import, account inbox: files: csv_import: a.csv cannot be read (Permission denied): see who owns it"
    ]
    monkeypatch.setattr(Path, "read_bytes", whole)
    assert land(SOURCE, empty_database, tmp_path / "work", [Account("inbox")]).rows == {ROWS: 1}
