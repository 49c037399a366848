"""The sandbox's inbox: the folder into which the made-up offices drop their exports.

Belongs here: putting files there. Does not belong here: what is in them (`connectors/csv_import/documents.py`).
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, time
from pathlib import Path

from connectors.csv_import.documents import files
from connectors.sandbox.world import World


def fill(folder: Path, world: World) -> None:
    """Drop the world's files. One that says what it said before is left alone; others in the folder are too."""
    dropped = datetime.combine(world.today, time(20), UTC).timestamp()
    for name, content in files(world):
        path = folder / name
        if path.exists() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name}")
        half.write_bytes(content)
        # Dropped on the world's day, not just now: a file just written might not be whole yet.
        os.utime(half, (dropped, dropped))
        half.rename(path)


def configuration(world: World, url: str) -> dict[str, str]:
    """The setting that leads the connector to the folder."""
    del world
    return {"SOURCES__CSV_IMPORT__FOLDER": url}
