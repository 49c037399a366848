"""A second opinion on JobNimbus' objects: what its raw events say of jobs, their histories, payments and costs.

Belongs here: everything the marts of JobNimbus are computed from, in plain Python. Does not belong here: the marts
(`growth_marts.py`). Nothing here may be taken from the models, or both would be wrong together.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple

from oracle.sums import cut
from oracle.values import business_day, money, nonzero_money
from orchestration.project import SEEDS

Payload = dict[str, Any]

_SAME_MOVE = 10
"""Seconds within which a job and an activity tell the same move."""


class Event(NamedTuple):
    """A landed row of jobnimbus_raw_events."""

    key: str
    request: dict[str, Any]
    payload: Payload
    extracted_at: datetime
    load_id: str

    @property
    def rank(self) -> tuple[Any, ...]:
        return self.extracted_at, self.payload.get("date_updated") or 0, self.key


class Status(NamedTuple):
    """What the lookup says of a status; nothing is known of one it does not have."""

    stage: str
    is_won: bool | None
    is_lost: bool | None
    is_closed: bool | None


class Change(NamedTuple):
    """A job came to a status."""

    name: str | None
    status: Status
    moment: int


class Share(NamedTuple):
    """A job's part of a payment that counts."""

    payment: str
    job: str | None
    rep: str | None
    contact: str | None
    day: date
    amount: Decimal | None


@dataclass
class Thing:
    """An object as it is now."""

    key: str
    payload: Payload
    is_deleted: bool

    def related(self, kind: str) -> list[str]:
        """Ids of the related records of a kind, each once."""
        named = self.payload.get("related") or []
        return list(dict.fromkeys(one["id"] for one in named if one.get("type") == kind and one.get("id")))

    def day(self, name: str) -> date | None:
        return business_day(when(self.payload.get(name)))

    @property
    def is_archived(self) -> bool:
        return self.payload.get("is_archived") is True


def when(seconds: Any) -> datetime | None:
    """A moment from seconds; 0 is none."""
    return datetime.fromtimestamp(int(seconds), UTC) if seconds else None


def is_jane(name: str | None) -> bool:
    return re.search(r"(^|- )jane tester$", " ".join((name or "").split()), re.IGNORECASE) is not None


def is_legacy(kind: str | None) -> bool:
    return re.match(r"legacy\b", kind or "", re.IGNORECASE) is not None


class Growth:
    """What the events say.

    Args:
        events: all of them.
        as_of: the day that is today.
    """

    def __init__(self, events: Iterable[Event], as_of: date) -> None:
        self.as_of = as_of
        self.events: dict[str, list[Event]] = defaultdict(list)
        for event in events:
            self.events[event.request["object"]].append(event)
        self._loads: dict[str, datetime] = {}
        for one in (event for told in self.events.values() for event in told):
            self._loads[one.load_id] = min(one.extracted_at, self._loads.get(one.load_id, one.extracted_at))

    def things(self, kind: str) -> dict[str, Thing]:
        """The objects of a kind by id, each with its newest content."""
        newest: dict[str, Event] = {}
        gone: dict[str, datetime] = {}
        for event in self.events[kind]:
            key = event.request["jnid"]
            if event.request.get("gone"):
                gone[key] = max(event.extracted_at, gone.get(key, event.extracted_at))
            elif key not in newest or event.rank > newest[key].rank:
                newest[key] = event
        return {
            key: Thing(
                key,
                event.payload,
                event.payload.get("is_active") is False or (key in gone and gone[key] > event.extracted_at),
            )
            for key, event in newest.items()
        }

    @cached_property
    def lookup(self) -> dict[tuple[str, str], Status]:
        with (SEEDS / "jobnimbus_stages.csv").open(newline="", encoding="utf-8") as file:
            return {
                (row["record_type"], row["status_name"]): Status(
                    row["stage"], *(row[name] == "true" for name in ("is_won", "is_lost", "is_closed"))
                )
                for row in csv.DictReader(file)
            }

    def status(self, record_type: str | None, name: str | None) -> Status:
        return self.lookup.get((record_type or "", name or ""), Status("Unmapped", None, None, None))

    @cached_property
    def jobs(self) -> dict[str, Thing]:
        return self.things("job")

    @cached_property
    def contacts(self) -> dict[str, Thing]:
        return self.things("contact")

    @cached_property
    def users(self) -> dict[str, Thing]:
        return self.things("user")

    def rep(self, thing: Thing) -> str | None:
        named = thing.payload.get("sales_rep")
        return named if named in self.users else None

    def homeowner(self, thing: Thing) -> str | None:
        """The contact a job or payment is for, if it is known."""
        primary = thing.payload.get("primary") or {}
        named = primary.get("id") if primary and primary.get("type", "contact") == "contact" else None
        named = named or next(iter(thing.related("contact")), None)
        return named if named in self.contacts else None

    def is_test_contact(self, key: str | None) -> bool:
        if key is None:
            return False
        told = self.contacts[key].payload
        names = (told.get("display_name"), f"{told.get('first_name') or ''} {told.get('last_name') or ''}".strip())
        return any(map(is_jane, names)) or is_legacy(told.get("record_type_name"))

    def is_test_job(self, key: str | None) -> bool:
        if key not in self.jobs:
            return False
        job = self.jobs[key].payload
        user = self.users[job["sales_rep"]].payload if job.get("sales_rep") in self.users else {}
        names = (
            job.get("name"),
            (job.get("primary") or {}).get("name"),
            job.get("sales_rep_name"),
            f"{user.get('first_name') or ''} {user.get('last_name') or ''}".strip(),
        )
        is_of_tester = self.is_test_contact(self.homeowner(self.jobs[key]))
        return is_of_tester or any(map(is_jane, names)) or is_legacy(job.get("record_type_name"))

    @cached_property
    def counted(self) -> dict[str, Thing]:
        """The jobs that count."""
        return {
            key: job
            for key, job in self.jobs.items()
            if not job.is_deleted
            and not self.is_test_job(key)
            and (made := job.day("date_created"))
            and made <= self.as_of
        }

    @cached_property
    def _names(self) -> tuple[dict[tuple[int, int], str], dict[int, str]]:
        """Names of statuses by workflow and number, and by number alone."""
        of_workflow: dict[tuple[int, int], str] = {}
        by_number: dict[int, str] = {}
        for event in sorted(self.events["job"], key=lambda one: one.extracted_at):
            if event.payload.get("status") and event.payload.get("status_name"):
                by_number[event.payload["status"]] = event.payload["status_name"]
        for event in sorted(self.events["workflow"], key=lambda one: (one.extracted_at, one.key)):
            if event.payload.get("object_type") == "job":
                for one in event.payload["status"]:
                    of_workflow[event.payload["id"], one["id"]] = by_number[one["id"]] = one["name"]
        return of_workflow, by_number

    def _type_then(self, job: str, moment: int) -> tuple[int | None, str | None]:
        """A job's record type when something happened: of the first version that was made no earlier, else the last."""
        versions = [one.payload for one in self._versions.get(job, [])]
        then = next(
            (one for one in versions if (one.get("date_updated") or 0) >= moment), versions[-1] if versions else {}
        )
        return then.get("record_type"), then.get("record_type_name")

    @cached_property
    def _versions(self) -> dict[str, list[Event]]:
        found = defaultdict(list)
        for event in sorted(self.events["job"], key=lambda one: one.rank):
            if not event.request.get("gone"):
                found[event.request["jnid"]].append(event)
        return found

    def _observed(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that tells of a status, by job: (when observed, 0 for a job, moment, name, record type)."""
        found = defaultdict(list)
        for job, versions in self._versions.items():
            for number, event in enumerate(versions):
                told = event.payload
                made = told.get("date_created") or told.get("date_updated")
                moment = told.get("date_status_change") or (told.get("date_updated") if number else made)
                if told.get("status_name"):
                    seen = self._loads[event.load_id]
                    found[job].append((seen, 0, moment, told["status_name"], told.get("record_type_name")))
        of_workflow, by_number = self._names
        first: dict[str, Event] = {}
        for event in sorted(self.events["activity"], key=lambda one: (one.extracted_at, one.key)):
            primary = event.payload.get("primary") or {}
            is_move = (
                event.payload.get("is_status_change") is True or event.payload.get("record_type_name") == "Job Created"
            )
            if is_move and primary.get("type") == "job" and "new_status" in primary:
                first.setdefault(event.request["jnid"], event)
        for event in first.values():
            job, number = event.payload["primary"]["id"], event.payload["primary"]["new_status"]
            moment = event.payload["date_created"]
            kind, kind_name = self._type_then(job, moment)
            name = of_workflow.get((kind or 0, number)) or by_number.get(number) or str(number)
            found[job].append((self._loads[event.load_id], 1, moment, name, kind_name))
        return found

    @cached_property
    def history(self) -> dict[str, list[Change]]:
        """The changes of every job, the first first."""
        found = {}
        for job, told in self._observed().items():
            changes: list[tuple[Any, ...]] = []
            for name in {one[3] for one in told}:
                group: list[tuple[Any, ...]] = []
                for one in sorted((one for one in told if one[3] == name), key=lambda one: one[2]):
                    if group and one[2] - group[-1][2] > _SAME_MOVE:
                        changes.append(min(group))
                        group = []
                    group.append(one)
                changes.append(min(group))
            before = None
            kept = []
            for _, _, moment, name, kind in sorted(changes, key=lambda one: (one[2], one[0], one[3])):
                if name != before:
                    kept.append(Change(name, self.status(kind, name), moment))
                before = name
            found[job] = kept
        return found

    def history_so_far(self, job: str) -> list[Change]:
        """Up to today."""
        return [one for one in self.history.get(job, []) if business_day(when(one.moment)) <= self.as_of]

    def sold_on(self, job: str) -> date | None:
        return next((business_day(when(one.moment)) for one in self.history_so_far(job) if one.status.is_won), None)

    @cached_property
    def _jobs_of_invoices(self) -> dict[str, str | None]:
        return {key: next(iter(one.related("job")), None) for key, one in self.things("invoice").items()}

    def _paid_for(self, payment: Thing) -> dict[str | None, Decimal]:
        """The jobs of a payment and their weights."""
        lines = [one for one in payment.payload.get("invoices") or [] if one.get("is_active") is not False]
        billed: dict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            if job := self._jobs_of_invoices.get(line.get("invoice_id")):
                billed[job] += Decimal(str(line.get("amount") or 0))
        jobs = payment.related("job")
        primary = payment.payload.get("primary") or {}
        if not jobs and primary.get("type") == "job":
            jobs = [primary["id"]]
        jobs = jobs or list(billed)
        if not jobs:
            return {None: Decimal(1)}
        if all(billed.get(job, 0) > 0 for job in jobs):
            return {job: billed[job] for job in jobs}
        return dict.fromkeys(jobs, Decimal(1))

    @cached_property
    def shares(self) -> list[Share]:
        """What jobs have of the payments that count."""
        found = []
        for key, payment in self.things("payment").items():
            day = payment.day("date_payment")
            weights = self._paid_for(payment)
            first = next(iter(weights))
            contact = self.homeowner(payment) or (self.homeowner(self.jobs[first]) if first in self.jobs else None)
            is_jane_s = is_jane((payment.payload.get("primary") or {}).get("name"))
            is_test = is_jane_s or self.is_test_job(first) or self.is_test_contact(contact)
            if payment.is_deleted or payment.is_archived or is_test or day is None or day > self.as_of:
                continue
            total = money(payment.payload.get("total"))
            less = [money(payment.payload.get(name)) or Decimal(0) for name in ("credit", "refunded_amount")]
            parts = cut(None if total is None else total - sum(less), list(weights.values()), 2)
            for job, amount in zip(weights, parts, strict=True):
                known = job if job in self.jobs else None
                rep = self.rep(payment) or (self.rep(self.jobs[known]) if known else None)
                found.append(Share(key, known, rep, contact, day, amount))
        return found

    @cached_property
    def expenses(self) -> dict[str, list[tuple[str, Decimal | None]]]:
        """(category, amount) of what jobs cost, by job."""
        found: dict[str, list[tuple[str, Decimal | None]]] = defaultdict(list)
        orders = list(self._ordered())
        ordered: dict[str | None, Decimal] = defaultdict(Decimal)
        for order, _, amount in orders:
            ordered[_job_of(order)] += amount or 0
        for thing, category, amount in [*orders, *self._budgeted(ordered)]:
            day, job = thing.day("date_created"), _job_of(thing)
            if job in self.jobs and day and day <= self.as_of and not self.is_test_job(job):
                found[job].append((category, amount))
        return found

    def _ordered(self) -> Iterator[tuple[Thing, str, Decimal | None]]:
        """What orders cost."""
        for kind, name in (("materialorder", "total_line_item_cost"), ("workorder", "total")):
            for order in self.things(kind).values():
                if not order.is_deleted and not order.is_archived:
                    labor = "subcontractor" if order.payload.get("subcontractors") else "labor"
                    category = "materials" if kind == "materialorder" else labor
                    yield order, category, nonzero_money(order.payload.get(name))

    def _budgeted(self, ordered: dict[str | None, Decimal]) -> Iterator[tuple[Thing, str, Decimal | None]]:
        """What the newest budget of a job tells besides."""
        told = self.things("budget").values()
        standing = [budget for budget in told if not budget.is_deleted]
        standing.sort(key=lambda one: (one.payload.get("date_created") or 0, one.key))
        for job, budget in {_job_of(budget): budget for budget in standing}.items():
            lines = [line for section in budget.payload.get("sections") or [] for line in section.get("items") or []]
            for line in lines:
                if line.get("item_type") not in ("material", "labor"):
                    quantity = line.get("quantity")
                    amount = Decimal(str(line["cost"])) * (1 if quantity is None else Decimal(str(quantity)))
                    yield budget, "other", nonzero_money(amount)
            cost = money(budget.payload.get("cost"))
            if not lines and cost is not None and cost > ordered[job]:
                yield budget, "other", cost - ordered[job]


def _job_of(thing: Thing) -> str | None:
    return next(iter(thing.related("job")), None)
