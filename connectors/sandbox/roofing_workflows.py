"""How the made-up roofing business has set up its CRM: workflows with their statuses, lead sources, staff.

Belongs here: what an administrator has typed in. Does not belong here: what stage reports make of a status (the
project's own table of statuses) and who goes through it (`connectors/sandbox/roofing.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from connectors.sandbox.names import FIRST, LAST, SLUGS

LEAD, ESTIMATE, SOLD, WORK, BILLED, DONE, LOST, ODD = (
    "lead",
    "estimate",
    "sold",
    "work",
    "billed",
    "done",
    "lost",
    "odd",
)

UNKNOWN_STATUS = "Deductible Collection"
"""A status that was made after the table of statuses was written: no report knows it."""


@dataclass(frozen=True)
class Status:
    """A status of a workflow; `part` is how far a job is with it."""

    id: int
    name: str
    part: str
    order: int

    @property
    def is_closed(self) -> bool:
        """Does the workflow count it as an end?"""
        return self.part in {DONE, LOST} or self.name == "Paid & Closed"


@dataclass(frozen=True)
class Workflow:
    """A record type of jobs, and the statuses in their order."""

    id: int
    name: str
    statuses: tuple[Status, ...]
    share: int


_REPLACEMENT = f"""
    {LEAD}: Lead, Contacting, Appointment Scheduled, Needs Rescheduling
    {ESTIMATE}: Estimating, Estimate Sent, Bob's Estimate Sent
    {SOLD}: Signed Contract
    {WORK}: Pre-Production, Ready for Install, Job Scheduled, In Progress, Job Completed, Final Walk Through
    {BILLED}: Invoiced Customer, Back End Audit, Pay the Crew, Bob's Collection, Paid & Closed
    {DONE}: Request Review
    {LOST}: Hold, Rehash, Lost"""

_WORKFLOWS = (
    # record type, name, its first status id, share of the jobs, statuses
    (
        47,
        "Legacy (Bob's Workflow)",
        480,
        0,
        f"""
    {LEAD}: Lead, Booking
    {ESTIMATE}: Proposal Sent
    {SOLD}: Signed Contract
    {WORK}: Pre-Production, Delivery, In Progress, Job Complete
    {BILLED}: Invoiced, Pending Payments, Paid & Closed
    {DONE}: Pending Google Review
    {LOST}: Lost, Rehash
    {ODD}: Data Migration Review""",
    ),
    (
        57,
        "Insurance",
        708,
        34,
        f"""
    {LEAD}: Lead, Contacting, Appointment Scheduled, Adjuster Appt. Scheduled, Needs Rescheduling
    {ESTIMATE}: Waiting on Adjuster, Estimating, Estimate Sent, Bob's Estimate Sent
    {SOLD}: Signed Contract
    {WORK}: Supplementing, Appraisal, Pre-Production, Ready for Install, Job Scheduled, In Progress, Job Completed
    {WORK}: Final Walk Through, Lawyer (Appraisal/Litigation)
    {BILLED}: Invoiced Insurance, Invoiced Customer, {UNKNOWN_STATUS}, Back End Audit, Pay the Crew, Paid & Closed
    {BILLED}: Bob's Collection
    {DONE}: Request Review
    {LOST}: Hold, Rehash, Lost""",
    ),
    (
        58,
        "Repairs",
        660,
        20,
        f"""
    {LEAD}: New Lead, Contacting, Appointment Scheduled
    {ESTIMATE}: Estimating, Estimate Sent, Bob's Estimate Sent
    {SOLD}: Signed Contract
    {WORK}: Repair Scheduled, Repair in Progress, Job Complete
    {BILLED}: Invoice Sent, Bob's Collection, Paid & Closed
    {DONE}: Request Review
    {LOST}: Lost Repairs, Rehash, Referral/Newsletter""",
    ),
    (
        59,
        "Maintenance Plan",
        690,
        5,
        f"""
    {LEAD}: Enrolled
    {SOLD}: Scheduled
    {WORK}: In Progress, Service Complete
    {DONE}: Renewal, Referral/Newsletter""",
    ),
    (61, "Real Estate", 770, 6, _REPLACEMENT.replace("Job Completed", "Job Complete")),
    (62, "Roof Replacement", 740, 25, _REPLACEMENT),
    # These three use the statuses of 62, ids and all.
    (63, "Window Replacement", 740, 4, _REPLACEMENT),
    (64, "Siding Replacement", 740, 3, _REPLACEMENT),
    (65, "Gutter Replacement", 740, 3, _REPLACEMENT),
)

LEGACY = 47
LEGACY_NAMES = ("Legacy (Bob's Workflow)", "Legacy")
"""The oldest record type goes by two names."""

SOURCES = {
    3: "Door Knock",
    7: "Yard Sign",
    11: "Web",
    14: "Storm Event",
    18: "Referral",
    21: "Google Ads",
    22: "google ads",
    25: "Realtor Partner",
    30: "Newsletter",
    34: "Salón del Hogar",
}
RETIRED_SOURCES = {34}

TOWNS = (
    ("Lenexa", "KS", "66215"),
    ("Olathe", "KS", "66061"),
    ("Overland Park", "KS", "66204"),
    ("Liberty", "MO", "64068"),
    ("Lee's Summit", "MO", "64063"),
    ("Kansas City", "MO", "64114"),
)
STREETS = tuple("Alder Birch Cedar Dogwood Elm Foxglove Garnet Hickory Ironwood Juniper Larch Maple Quarry".split())
STREET_KINDS = ("Ct", "St", "Ave", "Ln", "Dr", "Terrace")


@cache
def workflows() -> dict[int, Workflow]:
    """The workflows of jobs, by record type."""
    return {
        number: Workflow(number, name, tuple(_statuses(first, text)), share)
        for number, name, first, share, text in _WORKFLOWS
    }


def _statuses(first: int, text: str) -> list[Status]:
    found: list[Status] = []
    for line in text.strip().splitlines():
        part, _, names = line.strip().partition(": ")
        for name in names.split(", "):
            found.append(Status(first + len(found), name, part, len(found) + 1))
    return found


@dataclass(frozen=True)
class Colleague:
    """Someone of the business; `sells` says whether leads are given to them."""

    number: int
    first: str
    last: str
    sells: bool
    is_listed: bool
    is_active: bool

    @property
    def name(self) -> str:
        """First and last."""
        return f"{self.first} {self.last}"

    @property
    def email(self) -> str:
        """At a domain that nobody has."""
        return f"{SLUGS[self.first]}.{SLUGS[self.last]}@roofing.example.com"


@cache
def staff() -> tuple[Colleague, ...]:
    """Twenty-five with a login, and one whose login was deleted, whom old jobs still name."""
    return tuple(
        Colleague(
            number,
            FIRST[number * 11 % len(FIRST)],
            LAST[number * 17 % len(LAST)],
            sells=number <= 14 or number == 26,
            is_listed=number <= 25,
            is_active=number not in {13, 25},
        )
        for number in range(1, 27)
    )
