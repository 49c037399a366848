"""Rows on their way from many threads to one load: Arrow files, one a table.

Belongs here: writing pages as they come and reading them back in chunks, in bounded memory. Does not belong here:
where rows come from and go to (`connectors/sync.py`).
"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any

import orjson
import pyarrow as pa

from connectors.landing import as_jsonb

_SCHEMA = pa.schema(
    {
        "account": pa.string(),
        "key": pa.string(),
        "request": pa.string(),
        "payload": pa.string(),
        "cursor_value": pa.string(),
        "extracted_at": pa.timestamp("us", tz="UTC"),
    }
)
_CHUNK_ROWS = 10_000
_CHUNK_BYTES = 16 * 2**20


def _as_text(row: Any) -> str:
    """A row as JSON text. U+0000, the one character that jsonb cannot hold, is shown as U+FFFD."""
    text = orjson.dumps(row).decode()
    return orjson.dumps(_without_nul(row)).decode() if "\\u0000" in text else text


def _without_nul(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd")
    if isinstance(value, dict):
        return {_without_nul(name): _without_nul(one) for name, one in value.items()}
    return [_without_nul(one) for one in value] if isinstance(value, list) else value


class Spool:
    """A folder of Arrow files that lives as long as the block; safe to write to from any thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._writers: dict[str, pa.ipc.RecordBatchStreamWriter] = {}

    def __enter__(self) -> Spool:
        shutil.rmtree(self._folder, ignore_errors=True)  # of a run that was killed
        self._folder.mkdir(parents=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()
        shutil.rmtree(self._folder)

    @property
    def tables(self) -> list[str]:
        """The tables that rows were written for."""
        return sorted(self._writers)

    def write(
        self,
        table: str,
        account: str,
        keys: Sequence[str],
        rows: Sequence[Any],
        request: str | Sequence[str] | None,
        cursor_values: Sequence[Any],
    ) -> None:
        """Append a page, with the request of all rows or of each; now counts as the moment of extraction."""
        count = len(keys)
        requests = pa.repeat(request, count) if isinstance(request, str) else pa.array(request or [], pa.string())
        payloads = pa.array([_as_text(row) for row in rows], pa.string())
        batch = pa.record_batch(
            [
                pa.repeat(pa.scalar(account, pa.string()), count),
                pa.array(keys, pa.string()),
                pa.nulls(count, pa.string()) if request is None else as_jsonb(requests),
                as_jsonb(payloads),
                pa.array([None if value is None else str(value) for value in cursor_values], pa.string()),
                pa.repeat(pa.scalar(datetime.now(UTC), _SCHEMA.field("extracted_at").type), count),
            ],
            schema=_SCHEMA,
        )
        with self._lock:
            if table not in self._writers:
                self._writers[table] = pa.ipc.new_stream(self._folder / f"{table}.arrow", _SCHEMA)
            self._writers[table].write_batch(batch)

    def reader(self, table: str) -> Callable[[], Iterator[pa.Table]]:
        """Return what yields a table's rows in chunks. Nothing can be written afterwards."""
        self._close()

        def chunks() -> Iterator[pa.Table]:
            with pa.memory_map(str(self._folder / f"{table}.arrow")) as file, pa.ipc.open_stream(file) as batches:
                gathered: list[pa.RecordBatch] = []
                rows = size = 0
                for batch in batches:
                    gathered.append(batch)
                    rows, size = rows + len(batch), size + batch.nbytes
                    if rows >= _CHUNK_ROWS or size >= _CHUNK_BYTES:
                        yield pa.Table.from_batches(gathered).combine_chunks()
                        gathered, rows, size = [], 0, 0
                if gathered:
                    yield pa.Table.from_batches(gathered).combine_chunks()

        return chunks

    def _close(self) -> None:
        for writer in self._writers.values():
            writer.close()
