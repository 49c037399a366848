"""The papers of the made-up roofing business: estimates, invoices, payments, orders, budgets.

Belongs here: what a job is sold, billed, paid and costs, and when. Does not belong here: jobs and their moves
(`connectors/sandbox/roofing.py`) and how JobNimbus writes it down (`connectors/jobnimbus/`).

A paper follows from its job's plan and a chance of its own, so that it is the same whichever day is asked for.
`happened` are the moments at which it changed, its making first. Money is whole cents.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.sandbox.roofing import DAY, PAID_TOGETHER, WON, Dice, Job, Roofing, begin
from connectors.sandbox.roofing_workflows import BILLED, DONE, ESTIMATE, LOST, SOLD, WORK

CREDITED, REFUNDED, ARCHIVED, UNDATED = 9, 10, 11, 12
"""Jobs whose first payment is credited in part, refunded, archived, or bears no date."""

_CHECK, _CASH, _CARD = 1, 2, 3


@dataclass
class Item:
    """A line of an order or a budget: the cost of one, and how many."""

    name: str
    category: str
    kind: str | None
    quantity: int
    cost: int

    @property
    def total(self) -> int:
        """What all of them cost."""
        return self.quantity * self.cost


@dataclass
class Paper:
    """Something about a job. `items` by section, `to` are subcontractors' contact numbers (None: not told)."""

    kind: str
    number: str
    job: Job
    cents: int
    happened: list[int]
    status: str
    items: dict[str, list[Item]] = field(default_factory=dict)
    to: list[int] | None = None
    is_archived: bool = False
    deleted: int | None = None
    paid: list[tuple[Payment, int]] = field(default_factory=list)
    signed: int = 0


@dataclass
class Payment:
    """Money that came: whence, for which invoices (with shares) and jobs, and what became of it."""

    number: str
    cents: int
    happened: list[int]
    date: int
    method: int
    jobs: list[Job]
    invoices: list[tuple[Paper, int]] = field(default_factory=list)
    credit: int = 0
    refunded: int = 0
    is_archived: bool = False
    deleted: int | None = None
    contact: int = 0


@dataclass
class Papers:
    """All of them, by the end of a day."""

    estimates: list[Paper] = field(default_factory=list)
    invoices: list[Paper] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    workorders: list[Paper] = field(default_factory=list)
    materialorders: list[Paper] = field(default_factory=list)
    budgets: list[Paper] = field(default_factory=list)


def papers(made: Roofing) -> Papers:
    """Everything that has been written by the end of the business's day."""
    found = Papers()
    for job in made.jobs.values():
        _estimates(made, job, found)
        sold = job.first(SOLD, WORK, BILLED, DONE)
        if sold is not None:
            _bill(made, job, sold, found)
            _spend(made, job, found)
    _pay_together(made, found)
    for day in range(1, made.day + 1):
        _happen(made, day, found)
    return found


def _estimates(made: Roofing, job: Job, found: Papers) -> None:
    started = job.first(ESTIMATE)
    if started is None:
        return
    dice = Dice(made.seed, f"estimates {job.number}")
    sold, lost = job.first(SOLD, WORK, BILLED, DONE), job.first(LOST)
    if dice.percent(25):
        asked = job.value * dice.between(104, 125) // 100
        found.estimates.append(Paper("estimate", f"{job.number}1", job, asked, [started], "Denied"))
    made_at = started + dice.between(600, 3_000)
    is_signed = sold is not None and sold > made_at
    if made_at <= made.now:
        status = "Approved" if is_signed else "Denied" if lost and lost > made_at else "Sent"
        later = sold if is_signed else lost if status == "Denied" else None
        happened = [made_at, *([later] if later else [])]
        estimate = Paper("estimate", f"{job.number}2", job, job.value, happened, status)
        estimate.signed = sold if is_signed and sold else 0
        found.estimates.append(estimate)


def _bill(made: Roofing, job: Job, sold: int, found: Papers) -> None:
    """A deposit when it is sold, the rest when it is billed; each paid in one or two payments."""
    dice = Dice(made.seed, f"bill {job.number}")
    deposit = job.value * dice.between(20, 50) // 100 if dice.percent(55) else 0
    plan = [(sold + 1_800, deposit)] if deposit else []
    billed = job.first(BILLED, DONE)
    if billed is not None:
        # A step further than the deposit's, should both be of one day.
        plan.append((billed + 2_400, job.value - deposit))
    for place, (moment, cents) in enumerate(plan, start=1):
        own = Dice(made.seed, f"invoice {job.number} {place}")
        if moment > made.now:
            continue
        invoice = Paper("invoice", f"{job.number}{place}", job, cents, [moment], "Sent")
        found.invoices.append(invoice)
        if own.percent(4) and job.number > WON:
            invoice.status = "Draft"
            continue
        parts = [cents] if own.percent(78) else [cents * 2 // 5, cents - cents * 2 // 5]
        if own.percent(5):
            parts[-1] = parts[-1] * 9 // 10
        for part, share in enumerate(parts, start=1):
            moment += own.early(3_600, 35 * DAY)
            if moment <= made.now:
                _pay(own, job, invoice, f"{job.number}{place}{part}", share, moment, made.now, found)
        paid = sum(share for _, share in invoice.paid)
        invoice.status = "Paid" if paid >= cents else "Partially Paid" if paid else "Sent"


def _pay(dice: Dice, job: Job, invoice: Paper, number: str, cents: int, moment: int, now: int, found: Papers) -> None:
    payment = Payment(
        number,
        cents,
        [moment],
        # Entered the next morning as often as not, for the midnight before.
        moment // DAY * DAY - (DAY if dice.percent(30) else 0),
        dice.of((_CHECK, _CHECK, _CASH, _CARD)),
        [job],
        [(invoice, cents)],
    )
    invoice.paid.append((payment, cents))
    invoice.happened.append(moment)
    wants = job.number if number == f"{job.number}11" else 0
    if wants == CREDITED or dice.percent(3):
        payment.credit = cents // 20
    if wants == REFUNDED or dice.percent(2):
        back = moment + dice.between(2 * DAY, 20 * DAY)
        if back <= now:
            payment.refunded = cents // 4
            payment.happened.append(back)
    if wants == ARCHIVED or dice.percent(2):
        away = moment + dice.between(DAY, 30 * DAY)
        if away <= now:
            payment.is_archived = True
            payment.happened.append(away)
    if wants == UNDATED:
        payment.date = 0
    found.payments.append(payment)


def _pay_together(made: Roofing, found: Papers) -> None:
    """One check on the first invoices of two jobs of the same homeowner."""
    first: dict[int, Paper] = {}
    for invoice in found.invoices:
        first.setdefault(invoice.job.number, invoice)
    for number in made.jobs:
        pair = (number, number + 1)
        if pair != PAID_TOGETHER and number % 97 != 7:
            continue
        invoices = [first[one] for one in pair if one in first]
        if len(invoices) < 2:
            continue
        moment = max(invoice.happened[0] for invoice in invoices) + 3 * DAY
        if moment > made.now:
            continue
        shares = [invoice.cents // 10 + 1 for invoice in invoices]
        payment = Payment(
            f"{number}9",
            sum(shares),
            [moment],
            moment // DAY * DAY,
            _CHECK,
            [invoice.job for invoice in invoices],
            list(zip(invoices, shares, strict=True)),
        )
        for invoice, share in zip(invoices, shares, strict=True):
            invoice.paid.append((payment, share))
            invoice.happened.append(moment)
        found.payments.append(payment)


_MATERIALS = (
    ("Architectural shingle", "Shingles", 11_450),
    ("Starter strip", "Shingles", 6_375),
    ("Ridge cap", "Shingles", 7_290),
    ("Synthetic underlayment", "Underlayment", 8_999),
    ("Ice & water shield", "Underlayment", 9_450),
    ("Drip edge 10'", "Metal", 1_125),
    ("Coil nails", "Fasteners", 4_310),
)
_OWN_COSTS = (("City permit", "Permit"), ("Dumpster 20 yd", "Disposal"), ("Sales commission", "Commission"))


def _spend(made: Roofing, job: Job, found: Papers) -> None:
    started = job.first(WORK, BILLED, DONE)
    if started is None:
        return
    dice = Dice(made.seed, f"spend {job.number}")
    done = job.first(BILLED, DONE)
    labor = [_labor(dice, job, started, done, place) for place in (1, 2)]
    wanted = 85 if job.workflow.id != 59 else 100
    drawn = [dice.percent(wanted), dice.percent(10)]
    found.workorders += [one for one, is_made in zip(labor, drawn, strict=True) if is_made and _is_past(made, one)]
    material = _material(dice, job, started)
    if dice.percent(80) and _is_past(made, material):
        found.materialorders.append(material)
    budget = _budget(dice, job, started)
    if dice.percent(55) and _is_past(made, budget):
        found.budgets.append(budget)
    for one in (*labor, material):
        one.happened = [moment for moment in one.happened if moment <= made.now]
        if len(one.happened) < 2:
            one.status = {"Complete": "New", "Delivered": "Ordered"}.get(one.status, one.status)


def _is_past(made: Roofing, paper: Paper) -> bool:
    return paper.happened[0] <= made.now


def _labor(dice: Dice, job: Job, started: int, done: int | None, place: int) -> Paper:
    cents = job.value * dice.between(20, 34) // (100 if place == 1 else 600)
    crew = dice.between(1, 12)
    to = None if dice.percent(15) else [crew] if dice.percent(70) else []
    moment = started + place * 4_000
    happened = [moment, *([done + 900] if done and done > moment else [])]
    paper = Paper("workorder", f"{job.number}{place}", job, cents, happened, "Complete", to=to)
    if dice.percent(4):
        paper.cents, paper.happened, paper.status = 0, [moment], "Draft"
    return paper


def _material(dice: Dice, job: Job, started: int) -> Paper:
    target = job.value * dice.between(18, 32) // 100
    items: list[Item] = []
    for _ in range(dice.between(2, 5)):
        name, category, cost = dice.of(_MATERIALS)
        cost += dice.between(-99, 99)
        items.append(Item(name, category, "material", max(target // 4 // cost, 1), cost))
    moment = started + 6_000 + dice.below(3_000)
    paper = Paper("materialorder", f"{job.number}1", job, 0, [moment, moment + 3 * DAY], "Delivered")
    paper.items = {"Roof": items[:2], "Other": items[2:]}
    paper.cents = sum(item.total for item in items)
    paper.is_archived = dice.percent(3)
    return paper


def _budget(dice: Dice, job: Job, started: int) -> Paper:
    """Revenue is the job's; materials and labour are what was thought, the others are nowhere else."""
    lines = {
        "Materials": [Item("Roof materials", "Shingles", "material", 1, job.value * dice.between(18, 32) // 100)],
        "Labor": [Item("Crew", "Labor", "labor", 1, job.value * dice.between(20, 34) // 100)],
        "Other": [
            Item(name, category, None, 1, job.value * dice.between(1, 6) // 100 + dice.below(100))
            for name, category in _OWN_COSTS
            if dice.percent(70)
        ],
    }
    if dice.percent(20):
        lines["Other"].append(Item("Final inspection", "Inspection", None, 1, 12_500))
    paper = Paper("budget", f"{job.number}1", job, job.value, [started + 9_000 + dice.below(DAY)], "")
    paper.items = lines
    return paper


def _happen(made: Roofing, day: int, found: Papers) -> None:
    """What a day brings besides: two payments of a homeowner's own accord, a refund, something deleted."""
    dice = Dice(made.seed, f"papers on {day}")
    moment = begin(day) + dice.between(7 * 3_600, 20 * 3_600)
    earlier = [one for one in found.payments if one.happened[0] < begin(day) and one.deleted is None]
    refunded, deleted = earlier[dice.below(len(earlier))], earlier[dice.below(len(earlier))]
    refunded.refunded = refunded.cents // 2
    refunded.happened.append(moment)
    if deleted is not refunded:
        deleted.deleted = moment
    estimates = [one for one in found.estimates if one.happened[0] < begin(day) and one.deleted is None]
    estimates[dice.below(len(estimates))].deleted = moment
    orders = [one for one in found.workorders if one.happened[0] < begin(day) and one.deleted is None]
    orders[dice.below(len(orders))].deleted = moment
    sold = [one for one in made.jobs.values() if (one.first(SOLD, WORK, BILLED, DONE) or made.now) < begin(day)]
    for place in (1, 2):
        job = sold[dice.below(len(sold))]
        cents = dice.between(2_500, 250_000)
        payment = Payment(f"{day}00{place}", cents, [moment + place], begin(day), _CARD, [job])
        if place == 2:
            # For nobody's job: the homeowner is all that is known.
            payment.jobs, payment.contact = [], job.contact
            payment.credit = cents // 10
        found.payments.append(payment)
