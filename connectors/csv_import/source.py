"""CSV files of deals and listings: whatever lies in the inbox folder and its subfolders, each file once.

Fetched: every `*.csv`, `*.tsv` and `*.txt`. A file is known by a hash of its content: a renamed copy is the same
file, an edited one another. A row is unique by that hash and the line it begins at. Delimiter and encoding are found
out; the headers are looked up in `seeds/csv_headers.csv`. The inbox is left as it is.
Incremental: the hashes of the files that lay there are the cursor; another mapping has all of them read again.

    inbox/*.csv ─┬─ rows ──> staging_csv.stage_csv_import  payload {header: cell}, request {file, line, kind, fields}
                 └─ bad ───> staging_csv.rejected_rows     payload {raw, reason}, request {file, line}

Alone: `python -m connectors.csv_import` with DATABASE_URL and SOURCES__CSV_IMPORT__FOLDER set. Does not belong here:
what a cell means (the models of V2).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import dlt

from connectors.csv_import.headers import Headers
from connectors.csv_import.reading import Record, decoded, is_damaged, records, spelled_out
from connectors.rest import SourceError
from connectors.sync import Account, Context, Done, Page, Resource, Row, Source, Walk

ROWS, REJECTED = "stage_csv_import", "rejected_rows"
INBOX = "inbox"

_ENDINGS = {".csv", ".tsv", ".txt"}
_SETTLED_AFTER = 5.0
"""Seconds a file must have been left alone: one that is still being copied is not read half."""

_SHOWN = 500
"""Letters kept of a file that was refused as a whole."""


class Inbox:
    """The folder.

    Raises:
        SourceError: it is not there.
    """

    def __init__(self, folder: Path, headers: Headers) -> None:
        self.folder, self.headers = folder, headers
        if not folder.is_dir():
            raise SourceError("csv_import: there is no inbox folder: make it, or set SOURCES__CSV_IMPORT__FOLDER")

    def files(self) -> list[Path]:
        """The files in order of name; hidden ones and what programs keep beside them are none."""
        found = (path for path in self.folder.rglob("*") if path.suffix.lower() in _ENDINGS and path.is_file())
        shown = (path for path in found if not any(part[0] in ".~" for part in path.relative_to(self.folder).parts))
        return sorted(shown)

    def content(self, path: Path) -> bytes:
        """A file's content, once nobody writes to it any more.

        Raises:
            SourceError: somebody does, or it cannot be read.
        """
        name = path.relative_to(self.folder)
        try:
            before = path.stat()
            age = time.time() - before.st_mtime
            time.sleep(_SETTLED_AFTER - age if 0 <= age < _SETTLED_AFTER else 0)
            data = path.read_bytes()
            after = path.stat()
        except OSError as error:
            raise SourceError(f"csv_import: {name} cannot be read ({error.strerror}): see who owns it", 403) from None
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise SourceError(f"csv_import: {name} is still being written to: the next run takes it", 409)
        return data


def _files(inbox: Inbox, context: Context) -> Walk:
    # The mapping's edition comes first: files were read by it.
    edition, _, hashes = (context.cursor or "").partition(" ")
    known = set(hashes.split()) if edition == inbox.headers.edition else set()
    seen: set[str] = set()
    failed: list[SourceError] = []
    for path in inbox.files():
        try:
            data = inbox.content(path)
        except SourceError as error:
            failed.append(error)
            continue
        name = sha256(data).hexdigest()[:16]
        if name not in known | seen:
            yield from _pages(inbox, path, name, data)
        seen.add(name)
    if failed:
        # Said only now: the others have landed all the same, and are known by their hashes when they come again.
        raise SourceError("; ".join(map(str, failed)), failed[0].status)
    return Done(cursor=" ".join((inbox.headers.edition, *sorted(seen))))


def _pages(inbox: Inbox, path: Path, name: str, data: bytes) -> Iterator[Page]:
    """The rows of one file, each with where it stands."""
    file = str(path.relative_to(inbox.folder))
    text, encoding = decoded(data)
    names, found = records(text, encoding, inbox.headers.known)
    form = "it has no headers" if not names else inbox.headers.form(names)
    if is_damaged(names):
        form = f"its headers hold bytes that are no {encoding}"
    if isinstance(form, str):
        yield _rejected(file, name, Record(1, spelled_out(text[:_SHOWN]), reason=f"the whole file: {form}"))
        return
    told = {"file": file, "kind": form.kind, "fields": dict(form.fields), "hash": name}
    for record in found:
        if record.cells is None:
            yield _rejected(file, name, record)
            continue
        row = dict(zip(names, record.cells, strict=True))
        if reason := form.unnamed(row):
            yield _rejected(file, name, Record(record.line, record.raw, reason=reason))
        else:
            yield Page([row], {**told, "line": record.line})


def _rejected(file: str, name: str, record: Record) -> Page:
    row = {"raw": record.raw, "reason": record.reason}
    return Page([row], {"file": file, "line": record.line, "hash": name}, table=REJECTED)


def _key(_: Row, request: Mapping[str, Any]) -> str:
    return f"{request['hash']}:{request['line']}"


@dlt.common.configuration.with_config(sections=("sources", "csv_import"))
def configured(folder: str | None = None) -> list[Account] | None:
    """The one account there is, where a folder is named."""
    return [Account(INBOX)] if folder else None


@dlt.common.configuration.with_config(sections=("sources", "csv_import"))
def connect(account: Account, warehouse_url: str = "", folder: str = dlt.config.value) -> Inbox:
    """Look into the inbox.

    Args:
        account: the one there is.
        warehouse_url: not used.
        folder: of the inbox.

    Raises:
        SourceError: the folder is not there.
    """
    del account, warehouse_url
    return Inbox(Path(folder).expanduser(), Headers())


SOURCE = Source(
    name="csv_import",
    schema="csv",
    resources=(Resource("files", (ROWS, REJECTED), _files, _key),),
    configured=configured,
    connect=connect,
)
