"""A file's bytes to a workbook that is believed, or to the reason why not.

Belongs here: what must hold of a file before any row of it lands: it is the report that was asked for, about the
property it was asked for, and the parser's own checks (totals to the cent) were met to the last row.
Does not belong here: the layouts (the parser beside this) and where files come from.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from connectors.realpage_reports.definitions import Definition
from connectors.realpage_reports.instances import Asked
from connectors.realpage_reports.layout import ErrorWorkbook, Report, ReportError, Row, read_report
from connectors.realpage_reports.properties import Property, properties, same
from connectors.rest import SourceError


class TooLateError(SourceError):
    """The workbook holds a sentence instead of a report: its end date is later than the property date."""


class FileRefusedError(SourceError):
    """A file that cannot be believed.

    Attributes:
        row: how it lands among the rejected files.
    """

    def __init__(self, message: str, row: dict[str, Any]) -> None:
        super().__init__(message, 200)
        self.row = {"reason": message, **row}


@dataclass(frozen=True)
class Workbook:
    """A file that was read whole.

    Attributes:
        file_id: RealPage's number of it, or one of our own for a file dropped by hand.
        file: how people call it.
        content_hash: SHA-256 of its bytes.
        size: in bytes.
        report: what it says of itself.
        rows: all of them.
        asked: for which instance it came, if it was asked for.
    """

    file_id: str
    file: str
    content_hash: str
    size: int
    report: Report
    rows: list[Row]
    asked: Asked | None = None


def read(content: bytes, file_id: str, file: str, site: Property, salt: str, wanted: Definition | None) -> Workbook:
    """Read a file to its last row.

    Args:
        content: its bytes.
        file_id: its number.
        file: its name, for messages.
        site: the property it is about.
        salt: for the hashes that stand in for people.
        wanted: the report it was asked for as, if it was.

    Raises:
        TooLateError: it holds a sentence about its end date.
        FileRefusedError: it cannot be believed.
    """
    digest = sha256(content).hexdigest()
    kind = wanted.name if wanted else ""
    try:
        report = read_report(content, file=file, property=site.site_id, salt=salt, company=site.company)
        rows = list(report.rows)
    except ErrorWorkbook as error:
        if wanted and "date" in str(error).lower():
            raise TooLateError(str(error), 200) from None
        raise FileRefusedError(str(error), _rejected(digest, kind, file, wanted)) from None
    except ReportError as error:
        raise FileRefusedError(str(error), _rejected(digest, kind, file, wanted)) from None
    if wanted and report.kind != wanted.name:
        raise FileRefusedError(
            f"{file}: it is the report {report.kind}, not {wanted.name}", _rejected(digest, kind, file, wanted)
        )
    # A name nobody knows is a matter of spelling; another property's name is another property's figures.
    if another := next((one for one in properties() if _is_named(one, report) and one.site_id != site.site_id), None):
        raise FileRefusedError(
            f"{file}: it is about {another.name}, not {site.name}", _rejected(digest, report.kind, file, wanted)
        )
    return Workbook(file_id, file, digest, len(content), report, rows)


def _is_named(site: Property, report: Report) -> bool:
    return same(site.name) == same(report.property_name or "")


def _rejected(digest: str, kind: str, file: str, wanted: Definition | None) -> dict[str, Any]:
    source = "api" if wanted else "inbox"
    return {"report": kind or None, "file": file, "source": source, "sha256": digest}
