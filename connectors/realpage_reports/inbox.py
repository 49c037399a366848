"""Workbooks that somebody dropped into a folder: found, sorted by property, each read once.

A file is known by the hash of its content, and nothing is moved or renamed. Whose it is says its title cell. What
cannot be read is told on every run as long as it lies there: no file is passed over in silence.

Does not belong here: how a workbook is read (`connectors/realpage_reports/reading.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from connectors.errors import HeadwaterError
from connectors.realpage_reports.layout import read_report
from connectors.realpage_reports.properties import Property, properties, same
from connectors.realpage_reports.reading import FileRefusedError, Workbook, read
from connectors.sync import Row

ACCOUNT = "inbox"

_ENDINGS = {".xls", ".xlsx", ".htm", ".html"}
_SETTLED_AFTER = 5.0
"""Seconds a file must have been left alone: one that is still being copied is not read half."""


@dataclass(frozen=True)
class _Found:
    """A file as it lay there: whose it is, or why nobody's."""

    name: str
    file_id: str
    content_hash: str
    site: Property | None
    reason: str = ""


_sorted: dict[tuple[Path, int, int], _Found] = {}
_lock = threading.Lock()
"""Every account looks through the same folder; one of them opens each file."""


class Inbox:
    """The folder.

    Args:
        folder: where people drop files.
        sites: site ids of the accounts that are synced.
        salt: for the hashes that stand in for people.
    """

    def __init__(self, folder: Path, sites: Collection[str], salt: str) -> None:
        self._folder, self._sites, self._salt = folder, sites, salt

    @property
    def is_there(self) -> bool:
        """Does the folder exist?"""
        return self._folder.is_dir()

    def of(self, site: str, known: Collection[str]) -> Iterator[Workbook | Row]:
        """Yield a property's workbooks that are not known by their hash, or the row of one that was refused."""
        for path, found in self._files:
            if found.site and found.site.site_id == site and found.content_hash not in known:
                try:
                    yield read(path.read_bytes(), found.file_id, found.name, found.site, self._salt, None)
                except FileRefusedError as refused:
                    yield refused.row

    @property
    def strays(self) -> Iterator[Row]:
        """The rows of files that are no synced property's."""
        for _, found in self._files:
            if not found.site:
                yield {
                    "reason": found.reason,
                    "report": None,
                    "file": found.name,
                    "source": "inbox",
                    "sha256": found.content_hash,
                }

    @cached_property
    def _files(self) -> list[tuple[Path, _Found]]:
        paths = (path for path in self._folder.rglob("*") if path.suffix.lower() in _ENDINGS and path.is_file())
        shown = (path for path in paths if not any(part[0] in ".~" for part in path.relative_to(self._folder).parts))
        return [(path, self._found(path)) for path in sorted(shown)]

    def _found(self, path: Path) -> _Found:
        with _lock:
            age = time.time() - path.stat().st_mtime
            time.sleep(_SETTLED_AFTER - age if 0 <= age < _SETTLED_AFTER else 0)
            status = path.stat()
            place = (path, status.st_size, status.st_mtime_ns)
            if place not in _sorted:
                _sorted[place] = self._look_into(path, status.st_mtime_ns)
            found = _sorted[place]
        if found.site and found.site.site_id not in self._sites:
            reason = f"{found.name}: {found.site.name} is not among the properties that are synced"
            return _Found(found.name, found.file_id, found.content_hash, None, reason)
        return found

    def _look_into(self, path: Path, changed_ns: int) -> _Found:
        name = str(path.relative_to(self._folder))
        content = path.read_bytes()
        digest = sha256(content).hexdigest()
        # Digits only, like RealPage's numbers, and above any of those: what was dropped last counts.
        file_id = f"{changed_ns // 1_000_000}{int(digest[:8], 16) % 1000:03d}"
        try:
            told = read_report(content, file=name, property=None, salt=self._salt).property_name or ""
        except HeadwaterError as error:
            return _Found(name, file_id, digest, None, str(error))
        site = next((one for one in properties() if same(one.name) == same(told)), None)
        reason = "" if site else f"{name}: it is about a property that seeds/properties.csv does not name so"
        return _Found(name, file_id, digest, site, reason)
