"""The made-up roofing business: homeowners, their jobs, and how these move from status to status, day by day.

Belongs here: who asked for a roof, what became of it and when, what each day brings besides. Does not belong here:
estimates, invoices, payments and orders (`connectors/sandbox/roofing_papers.py`), statuses and staff
(`connectors/sandbox/roofing_workflows.py`), and how JobNimbus writes it down (`connectors/jobnimbus/documents.py`).

Every job has a plan of its whole life, drawn once; a day shows what of it has happened by its end. So a later day only
adds, and a job is the same whichever day is asked for. Moments are epoch seconds, money is whole cents.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import numpy as np

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.chance import stream
from connectors.sandbox.names import FIRST, LAST
from connectors.sandbox.roofing_workflows import (
    BILLED,
    DONE,
    ESTIMATE,
    LEAD,
    LEGACY,
    LEGACY_NAMES,
    LOST,
    ODD,
    SOLD,
    SOURCES,
    STREET_KINDS,
    STREETS,
    TOWNS,
    UNKNOWN_STATUS,
    WORK,
    Colleague,
    Status,
    Workflow,
    staff,
    workflows,
)

DAY = 86_400
_LAST_DAY = int(np.datetime64(WORLD_DAY, "s").astype(np.int64))
_YEARS = 5 * 365 * DAY
_LATELY = 45 * DAY
_LATELY_SHARE = 0.15
"""Share of the jobs that began in the last 45 days, so that many are on their way."""

JOBS, JOBS_A_DAY = 8_000, 4.4
_FEWEST_JOBS, _FEWEST_A_DAY = 80, 2
SUBCONTRACTORS = 12

TEST_CONTACT = 1
"""Jane Tester, whose jobs are 1 and 2."""
WITHOUT_CONTACT, IN_UNKNOWN_STATUS, DELETED_BUT_PAID, PAID_TOGETHER = 3, 4, 6, (7, 8)
WON = 15
"""The first jobs were all won and paid long ago; those named above and some of the papers need that."""

_GAPS = {
    LEAD: (3_600, 6 * DAY),
    ESTIMATE: (DAY // 2, 15 * DAY),
    SOLD: (DAY, 20 * DAY),
    WORK: (DAY // 2, 18 * DAY),
    BILLED: (DAY, 25 * DAY),
    DONE: (DAY, DAY),
    LOST: (30 * DAY, 90 * DAY),
    ODD: (DAY, 30 * DAY),
}
_VALUES = {47: (500_000, 2_400_000), 58: (30_000, 400_000), 59: (20_000, 90_000), 63: (300_000, 1_500_000)}
_ROOF = (800_000, 3_200_000)


class Dice:
    """Chance of one thing's own, drawn whole numbers at a time."""

    def __init__(self, seed: int, name: str) -> None:
        self._chance = stream(seed, f"roofing {name}")
        self._left: list[int] = []

    def below(self, number: int) -> int:
        """Draw one of 0 to number - 1."""
        if not self._left:
            self._left = self._chance.integers(0, 2**32, 48).tolist()
        return self._left.pop() % number

    def between(self, low: int, high: int) -> int:
        """Draw a number, both ends included."""
        return low + self.below(high - low + 1)

    def early(self, low: int, high: int) -> int:
        """Draw a number between two, the low ones more often."""
        return low + (high - low) * self.below(1_000) * self.below(1_000) // 1_000_000

    def percent(self, share: int) -> bool:
        """Is it one of so many in a hundred?"""
        return self.below(100) < share

    def of(self, values: Sequence[Any]) -> Any:
        """Draw one of them."""
        return values[self.below(len(values))]


@dataclass(frozen=True)
class Move:
    """A job came into a status. `is_told`: an activity says so; `is_first`: it came to be in it."""

    job: str
    status: Status
    moment: int
    is_told: bool
    is_first: bool

    @property
    def told_at(self) -> int:
        """When its activity was made: up to two seconds later."""
        return self.moment + (0 if self.is_first else self.moment % 3)


@dataclass
class Contact:
    """A homeowner, or a subcontractor. `jobs` are their numbers; `edits` are moments of changes of the phone."""

    number: int
    first: str
    last: str
    created: int
    town: tuple[str, str, str]
    street: str
    source: int
    is_subcontractor: bool = False
    jobs: list[int] = field(default_factory=list)
    edits: list[int] = field(default_factory=list)
    deleted: int | None = None
    is_hidden: bool = False

    @property
    def jnid(self) -> str:
        """Its id."""
        return jnid("contact", self.number)

    @property
    def name(self) -> str:
        """First and last."""
        return f"{self.first} {self.last}".strip()


@dataclass
class Job:
    """A job with what has happened of its plan. `contact` 0 is none; `edits` are moments of changed custom fields."""

    number: int
    workflow: Workflow
    type_name: str
    contact: int
    street: str
    town: tuple[str, str, str]
    source: int
    rep: Colleague | None
    value: int
    moves: list[Move]
    edits: list[int] = field(default_factory=list)
    deleted: int | None = None
    is_hidden: bool = False

    @property
    def jnid(self) -> str:
        """Its id."""
        return jnid("job", self.number)

    @property
    def created(self) -> int:
        """When it came to be."""
        return self.moves[0].moment

    def first(self, *parts: str) -> int | None:
        """When it first came into one of these parts of its workflow."""
        return next((move.moment for move in self.moves if move.status.part in parts), None)


@dataclass(frozen=True)
class Roofing:
    """The business at the end of a day."""

    seed: int
    day: int
    now: int
    contacts: dict[int, Contact]
    jobs: dict[int, Job]


@lru_cache(20_000)
def jnid(kind: str, name: object) -> str:
    """The opaque id of a thing."""
    return "l" + blake2b(f"{kind} {name}".encode(), digest_size=12).hexdigest()


def begin(day: int) -> int:
    """The first second of a day; day 0 is the world's last one."""
    return _LAST_DAY + day * DAY


def moves(seed: int, scale: float, day: int) -> list[Move]:
    """What moves were made on a day, jobs that came to be among them: what a history of statuses has to tell.

    From day 1 on a daily look at jobs and activities can see them all: the last of a job's day is in the job, and
    those before it have an activity.
    """
    made = build(seed, scale, day)
    return [move for job in made.jobs.values() for move in job.moves if begin(day) <= move.moment <= made.now]


@lru_cache(2)
def build(seed: int, scale: float, day: int) -> Roofing:
    """Make the business of this seed and scale, so many days after the world's own last one."""
    made = Roofing(seed, day, begin(day + 1) - 1, {}, {})
    for number in range(1, SUBCONTRACTORS + 1):
        _add_contact(made, begin(0) - _YEARS - number * DAY, is_subcontractor=True)
    count = max(round(JOBS * scale), _FEWEST_JOBS)
    for number, moment in enumerate(_beginnings(seed, count), start=1):
        _add_job(made, number, moment)
    daily = max(round(JOBS_A_DAY * scale), _FEWEST_A_DAY)
    for past in range(1, day + 1):
        _happen(made, past)
        dice = Dice(seed, f"new on {past}")
        for _ in range(daily):
            _add_job(made, len(made.jobs) + 1, begin(past) + dice.between(6 * 3_600, 18 * 3_600), is_fresh=True)
    return made


def _beginnings(seed: int, count: int) -> list[int]:
    """When the jobs up to the world's last day came to be, in order."""
    dice = Dice(seed, "beginnings")
    lately = round(count * _LATELY_SHARE)
    found = []
    for size, since, length in (
        (count - lately, begin(1) - _YEARS, _YEARS - _LATELY),
        (lately, begin(1) - _LATELY, _LATELY),
    ):
        found += [since + (place * 1_000 + dice.below(1_000)) * length // (size * 1_000) for place in range(size)]
    return found


def _add_job(made: Roofing, number: int, created: int, *, is_fresh: bool = False) -> None:
    dice = Dice(made.seed, f"job {number}")
    workflow = _workflow(dice, number)
    contact = _contact_of(made, dice, number, created, is_fresh=is_fresh)
    address = made.contacts[contact] if contact else None
    low, high = _VALUES.get(workflow.id, _ROOF)
    sellers = [one for one in staff() if one.sells and (one.is_listed or number % 3 == 0)]
    plan = _plan(dice, workflow, created, is_won=number <= WON, is_fresh=is_fresh)
    if number == IN_UNKNOWN_STATUS:
        billed = next(place for place, (_, status) in enumerate(plan) if status.part in {BILLED, DONE})
        odd = next(status for status in workflow.statuses if status.name == UNKNOWN_STATUS)
        plan = [*plan[:billed], (plan[billed][0], odd)]
    job = Job(
        number,
        workflow,
        LEGACY_NAMES[number % 2] if workflow.id == LEGACY else workflow.name,
        contact,
        address.street if address else _street(dice),
        address.town if address else dice.of(TOWNS),
        address.source if address else dice.of(sorted(SOURCES)),
        None if dice.percent(4) else dice.of(sellers),
        dice.early(low, high),
        [move for move in _told(dice, jnid("job", number), plan) if move.moment <= made.now],
    )
    if dice.percent(30):
        edit = created + dice.between(DAY, 200 * DAY)
        job.edits += [edit] if edit <= made.now else []
    if number == DELETED_BUT_PAID or (number > WON and dice.percent(2)):
        deleted = plan[-1][0] + 40 * DAY
        job.deleted = deleted if deleted < begin(1) else None
    made.jobs[number] = job
    if contact:
        made.contacts[contact].jobs.append(number)


def _workflow(dice: Dice, number: int) -> Workflow:
    found = workflows()
    if number == IN_UNKNOWN_STATUS:
        return found[57]
    if number % 31 == 5 and number < JOBS * 2 // 5:
        return found[LEGACY]
    drawn = dice.below(sum(one.share for one in found.values()))
    for one in found.values():
        drawn -= one.share
        if drawn < 0:
            return one
    raise AssertionError("shares add up")


def _contact_of(made: Roofing, dice: Dice, number: int, created: int, *, is_fresh: bool) -> int:
    """Whose job it is: mostly someone new. Contacts' numbers begin after the subcontractors'."""
    first = SUBCONTRACTORS + 1
    if number == WITHOUT_CONTACT or number % 400 == 3:
        return 0
    if number in {2, PAID_TOGETHER[1]} or number % 97 == 8:
        return made.jobs[number - 1].contact or first
    if number > WON and dice.percent(24):
        known = made.contacts[first + dice.below(len(made.contacts) - SUBCONTRACTORS)]
        return known.number if known.deleted is None else first + 1
    return _add_contact(made, created - dice.between(60, 3_600 if is_fresh else 2 * DAY))


def _add_contact(made: Roofing, created: int, *, is_subcontractor: bool = False) -> int:
    number = len(made.contacts) + 1
    dice = Dice(made.seed, f"contact {number}")
    first, last = dice.of(FIRST), dice.of(LAST)
    if number == SUBCONTRACTORS + TEST_CONTACT:
        first, last = "Jane", "Tester"
    elif is_subcontractor:
        first, last = f"{last} Crew", ""
    made.contacts[number] = Contact(
        number,
        first,
        last,
        created,
        dice.of(TOWNS),
        _street(dice),
        dice.of(sorted(SOURCES)),
        is_subcontractor,
    )
    return number


def _street(dice: Dice) -> str:
    return f"{dice.between(100, 9_900)} {dice.of(STREETS)} {dice.of(STREET_KINDS)}"


Plan = list[tuple[int, Status]]
_LONGEST = 40


def _plan(dice: Dice, workflow: Workflow, created: int, *, is_won: bool, is_fresh: bool) -> Plan:
    """The statuses of a whole life. A fresh job moves twice on its first day."""
    way = [status for status in workflow.statuses if status.part not in {LOST, ODD}]
    lost = [status for status in workflow.statuses if status.part == LOST]
    odd = [status for status in workflow.statuses if status.part == ODD]
    plan: Plan = [(created, odd[0] if odd and not is_won and dice.percent(30) else way[0])]
    at, moment = 0, created
    while len(plan) < _LONGEST:
        now = plan[-1][1]
        if (is_fresh and len(plan) < 3) or dice.percent(8):
            moment += dice.between(300, 3_000)
        else:
            moment += dice.early(*_GAPS[now.part])
        if now.part == LOST:
            if not dice.percent(6):
                break
            at = 1
        elif now.part == DONE or (now.name == "Paid & Closed" and dice.percent(50)):
            break
        elif not is_won and lost and dice.percent(9 if now.part in {LEAD, ESTIMATE} else 1):
            plan.append((moment, dice.of(lost)))
            continue
        elif at > 1 and dice.percent(4):
            at -= 1
        else:
            at = min(at + dice.of((1, 1, 1, 1, 1, 1, 2, 2, 2, 3)), len(way) - 1)
            while is_won and way[at].name == UNKNOWN_STATUS:
                at += 1
        plan.append((moment, way[at]))
    return plan


def _told(dice: Dice, job: str, plan: Plan) -> list[Move]:
    """Moves, some of which no activity tells; never one that is followed by another on the same day."""
    found = []
    for place, (moment, status) in enumerate(plan):
        is_last_of_day = place + 1 == len(plan) or plan[place + 1][0] // DAY > moment // DAY
        is_told = place == 0 or not (dice.percent(4) and is_last_of_day)
        found.append(Move(job, status, moment, is_told, place == 0))
    return found


def _happen(made: Roofing, day: int) -> None:
    """What a day brings besides: edits, something deleted, a contact that the token's profile hides that day only."""
    dice = Dice(made.seed, f"day {day}")
    moment = begin(day) + dice.between(7 * 3_600, 20 * 3_600)
    alive = [one for one in made.contacts.values() if one.deleted is None and one.created < begin(day)]
    contacts = [one for one in alive if one.number > SUBCONTRACTORS + WON]
    edited, deleted, hidden = (contacts[dice.below(len(contacts))] for _ in range(3))
    edited.edits.append(moment)
    if deleted is not edited and deleted is not hidden:
        deleted.deleted = moment
    hidden.is_hidden = day == made.day
    jobs = [one for one in made.jobs.values() if one.deleted is None and one.created < begin(day) and one.number > WON]
    changed, gone = jobs[dice.below(len(jobs))], jobs[dice.below(len(jobs))]
    changed.edits.append(moment)
    if gone is not changed:
        gone.deleted = moment
        # Erased for good on every third day, not merely inactive: what it did that day nobody can tell.
        gone.is_hidden = day % 3 == 0
        gone.moves = [move for move in gone.moves if move.moment <= (begin(day) if gone.is_hidden else moment)]
