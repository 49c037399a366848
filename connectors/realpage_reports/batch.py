"""One account's reports of a day, as a batch: all are asked for first, then waited for together.

    kept instance ─┐
                   ├─> pending ──job list: ready──> downloaded, read ──> landed by source.py
    create ────────┘      ^                              │
                          └── a day earlier ── error workbook

What is ready is downloaded at once, whosever turn it is, so that nothing waits for a slow report while the token
grows old. What concerns all reports (a dead token, no connection) ends the batch and is said once; reports that had
come by then land all the same.

Does not belong here: the requests (`connectors/realpage_reports/client.py`) and how a workbook is read.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from connectors.realpage_reports.client import FAILED, READY, Listed, Reporting
from connectors.realpage_reports.definitions import ERROR_RETRIES, REPORTS, Definition, day_earlier
from connectors.realpage_reports.instances import Asked, Instances
from connectors.realpage_reports.properties import Property
from connectors.realpage_reports.reading import FileRefusedError, TooLateError, Workbook
from connectors.rest import SourceError
from connectors.sync import Row

_GIVEN_UP_AFTER = timedelta(hours=1)
"""An instance of an earlier run that is not ready by then is asked for anew."""


class ReportFailedError(SourceError):
    """One report could not be had. The account's others may stand.

    Attributes:
        rejected: the row of a file that came and was not believed.
    """

    is_about_all = False

    def __init__(self, message: str, rejected: Row | None = None) -> None:
        super().__init__(message, 200)
        self.rejected = rejected


@dataclass(frozen=True)
class Plan:
    """What a batch is to fetch.

    Attributes:
        wanted: the day.
        landed: reports of it that stand already.
        months_back: how far back a report goes, by its name.
        seconds: between two looks at the job list.
        looks: how many times it is looked at for one report.
    """

    wanted: date
    landed: frozenset[str]
    months_back: Mapping[str, int]
    seconds: float
    looks: int


@dataclass
class Batch:
    """The reports of one account.

    Attributes:
        api: RealPage's.
        site: whose.
        instances: where asked-for ones are kept.
        read: makes a workbook of a file's bytes.
        plan: what is to be fetched.
    """

    api: Reporting
    site: Property
    instances: Instances
    read: Callable[[Definition, str, bytes], Workbook]
    plan: Plan
    _pending: dict[str, Asked] = field(default_factory=dict)
    _looks: dict[str, int] = field(default_factory=dict)
    _resumed: set[str] = field(default_factory=set)
    _came: dict[str, Workbook] = field(default_factory=dict)
    _failed: dict[str, ReportFailedError] = field(default_factory=dict)
    _stands: set[str] = field(default_factory=set)
    _broken: SourceError | None = None
    _is_told: bool = False
    _has_begun: bool = False

    def __post_init__(self) -> None:
        self._stands |= self.plan.landed

    def report(self, definition: Definition) -> Workbook:
        """Return a report, having waited for it.

        Raises:
            ReportFailedError: it could not be had.
        """
        self._guarded(self._begin)
        if definition.name in self._stands - self._came.keys():  # landed already, and wanted again
            self._stands.discard(definition.name)
            self._guarded(lambda: self._ask(definition, self.plan.wanted))
        while definition.name in self._pending and not self._broken:
            self._guarded(self._look)
        if definition.name in self._came:
            return self._came.pop(definition.name)
        if definition.name in self._failed:
            raise self._failed[definition.name]
        raise self._why()

    def _why(self) -> ReportFailedError:
        if self._is_told:
            return ReportFailedError("not read, since the batch was ended")
        self._is_told = True
        return ReportFailedError(f"{self._broken}; {len(self._stands)} of {len(REPORTS)} reports are kept")

    def _guarded(self, step: Callable[[], None]) -> None:
        """Take a step; what ends it ends the batch."""
        if self._broken:
            return
        try:
            step()
        except SourceError as error:
            self._broken = error

    def _begin(self) -> None:
        """Ask for every report that is wanted and was not asked for by an earlier run."""
        if self._has_begun:
            return
        self._has_begun = True
        kept = self.instances.kept()
        for definition in REPORTS:
            asked = kept.get(definition.name)
            if definition.name in self._stands:
                continue
            if asked and asked.wanted == self.plan.wanted:
                self._pending[definition.name] = asked
                self._resumed.add(definition.name)
            else:
                self._ask(definition, self.plan.wanted)

    def _ask(self, definition: Definition, end: date) -> None:
        months_back = self.plan.months_back.get(definition.name, 0)
        try:
            instance = self.api.create(definition, self.site, definition.filled_in(end, months_back))
        except SourceError as error:
            if error.is_about_all:
                raise
            self._fail(definition.name, str(error))
            return
        asked = Asked(instance, self.plan.wanted, end, months_back, datetime.now(UTC))
        self.instances.keep(definition.name, asked)
        self._pending[definition.name] = asked
        self._looks[definition.name] = 0

    def _look(self) -> None:
        """Look at the job list once, after a pause unless an earlier run has waited, and take what is ready."""
        if not self._resumed:
            time.sleep(self.plan.seconds)
        since = min(asked.at for asked in self._pending.values())
        listed = self.api.instances({asked.instance for asked in self._pending.values()}, since)
        resumed, self._resumed = self._resumed, set()
        for definition in REPORTS:
            if asked := self._pending.get(definition.name):
                found = listed.get(asked.instance)
                if definition.name in resumed and _is_lost(found, asked):
                    self._ask(definition, self.plan.wanted)
                else:
                    self._settle(definition, asked, found)

    def _settle(self, definition: Definition, asked: Asked, found: Listed | None) -> None:
        """Take a report that is ready, give up one that never will be, or wait on."""
        name = definition.name
        if found and found.status == READY:
            self._take(definition, asked, found.file_id)
        elif found and found.status == FAILED:
            self.instances.forget(name)
            self._fail(name, "RealPage could not make the report: run again, and look at it on RealPage's own page")
        else:
            self._looks[name] = self._looks.get(name, 0) + 1
            if self._looks[name] >= self.plan.looks:
                self._fail(
                    name,
                    f"not ready after {self.plan.looks} looks, {self.plan.seconds:g} s apart:"
                    " the next run goes on waiting for it",
                )

    def _take(self, definition: Definition, asked: Asked, file_id: str) -> None:
        name = definition.name
        try:
            content = self.api.download(definition, self.site, asked.instance, file_id)
            workbook = replace(self.read(definition, file_id, content), asked=asked)
        except TooLateError as error:
            self._a_day_earlier(definition, asked, str(error))
        except FileRefusedError as refused:
            self.instances.forget(name)
            self._fail(name, str(refused), refused.row)
        except SourceError as error:
            if error.is_about_all:
                raise
            self._fail(name, str(error))
        else:
            if behind := _month_behind(workbook, asked):
                self._ask(definition, behind)
                return
            del self._pending[name]
            self._came[name] = workbook
            self._stands.add(name)

    def _a_day_earlier(self, definition: Definition, asked: Asked, why: str) -> None:
        """Ask for a report up to the day before: the property's own day is not there yet."""
        if (self.plan.wanted - asked.end).days >= ERROR_RETRIES:
            self.instances.forget(definition.name)
            self._fail(definition.name, f"{why} (asked for as of {self.plan.wanted}, and {ERROR_RETRIES} days earlier)")
        else:
            self._ask(definition, day_earlier(asked.end))

    def _fail(self, name: str, why: str, rejected: Row | None = None) -> None:
        self._pending.pop(name, None)
        self._failed[name] = ReportFailedError(why, rejected)


def _month_behind(workbook: Workbook, asked: Asked) -> date | None:
    """The property's own day where that lies in an earlier month than the one the report was asked for.

    Reports that are asked for by month say nothing of an end date that is too late: they come with the wrong month.
    """
    day = workbook.report.as_of
    return day if day and (day.year, day.month) < (asked.end.year, asked.end.month) else None


def _is_lost(found: Listed | None, asked: Asked) -> bool:
    """Is an earlier run's instance not worth waiting for?"""
    if found and found.status == READY:
        return False
    return not found or found.status == FAILED or datetime.now(UTC) - asked.at > _GIVEN_UP_AFTER
