"""What the stand-in for JobNimbus holds: the roofing business in the shape of its API.

Belongs here: contacts, jobs, activities, users and settings as JobNimbus writes them, quirks and all. Does not belong
here: papers (`connectors/jobnimbus/paper_documents.py`) and what has happened (`connectors/sandbox/roofing.py`).

A record's account tells whether lists show it: '' they do, `INACTIVE` only its own path does. What the token's profile
hides is not held at all.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from connectors.document_store import Record
from connectors.jobnimbus.paper_documents import paper_records
from connectors.jobnimbus.values import (
    INACTIVE,
    Doc,
    about_contact,
    about_job,
    by,
    dollars,
    record,
    rep_of,
    shared,
)
from connectors.sandbox import roofing
from connectors.sandbox.names import SLUGS
from connectors.sandbox.roofing import Contact, Dice, Job, Move, Roofing, jnid
from connectors.sandbox.roofing_papers import Paper, Papers, papers
from connectors.sandbox.roofing_workflows import (
    BILLED,
    DONE,
    LEAD,
    RETIRED_SOURCES,
    SOLD,
    SOURCES,
    WORK,
    Workflow,
    staff,
    workflows,
)
from connectors.sandbox.world import World

KEYS, USERS, SETTINGS = "keys", "users", "settings"
_DAY = roofing.DAY
_CONTACT_STATUSES = ("Lead", "Inspection", "Customer", "Lost")
_NOTES = (
    "Left a message, will call again.",
    "<p>Met at the house: two layers, <b>soft decking</b> at the chimney.</p>",
    "Neighbour asked for a quote as well.",
    "Adjuster is coming; bring the photos.",
    "",
)
_MARKETS = ("Residential", "Commercial", "HOA")


def records(world: World, token: str) -> Iterator[Record]:
    """Everything on the world's day; `token` may read all of it."""
    made = roofing.build(world.seed, world.scale, world.day)
    written = papers(made)
    yield Record(KEYS, "", token, {"may": ["*"]})
    yield from _users(made.day)
    yield Record(SETTINGS, "", SETTINGS, _settings(made.day))
    of_job = _by_job(written)
    for contact in made.contacts.values():
        if not contact.is_hidden:
            yield _contact(made, contact)
    for job in made.jobs.values():
        if not job.is_hidden:
            yield _job(made, job, of_job[job.number])
        yield from _activities(made, job)
    yield from paper_records(made, written)


def _by_job(written: Papers) -> dict[int, dict[str, list[Paper]]]:
    found: dict[int, dict[str, list[Paper]]] = defaultdict(lambda: defaultdict(list))
    for paper in (*written.estimates, *written.invoices, *written.budgets):
        found[paper.job.number][paper.kind].append(paper)
    return found


def _users(day: int) -> Iterator[Record]:
    """From the third day on one login is no more."""
    for one in staff():
        if one.is_listed and not (day >= 3 and one.number == 24):
            user: Doc = {
                "id": jnid("user", one.number),
                "first_name": one.first,
                "last_name": one.last,
                "email": one.email,
                "image_url": "",
                "calendar_color": f"#{one.number * 9_176 % 0xFFFFFF:06X}",
                "is_active": one.is_active,
            }
            yield Record(USERS, "", user["id"], user, ord=one.number)


def _settings(day: int) -> Doc:
    sources = {**SOURCES, **({40: "Radio"} if day >= 2 else {})}
    contacts = [(1, "Customer", False), (2, "Subcontractor", True)]
    return {
        "workflows": [
            *(_contact_workflow(number, name, is_sub) for number, name, is_sub in contacts),
            *(_job_workflow(one, order) for order, one in enumerate(workflows().values(), start=3)),
            _workflow("workorder", 90, "Work Order", 30, [_status(900 + n, s, n) for n, s in enumerate(_ORDERS, 1)]),
        ],
        "sources": [
            {"JobSourceId": number, "SourceName": name, "IsActive": number not in RETIRED_SOURCES}
            for number, name in sources.items()
        ],
        "fileTypes": [{"FileTypeId": 1, "TypeName": "Photo", "IsActive": True}],
        "taskTypes": [{"TaskTypeId": 1, "TypeName": "Call", "IsActive": True}],
        "activityTypes": [{"ActivityTypeId": 1, "TypeName": "Note", "IsActive": True}],
        "groups": [{"id": 1, "name": "Sales", "is_active": True}],
    }


_ORDERS = ("New", "Complete", "Draft")


def _contact_workflow(number: int, name: str, is_sub: bool) -> Doc:
    statuses = [_status(number * 100 + place, one, place) for place, one in enumerate(_CONTACT_STATUSES, start=1)]
    return {**_workflow("contact", number, name, number, statuses), "is_sub_contractor": is_sub}


def _job_workflow(workflow: Workflow, order: int) -> Doc:
    statuses = [
        _status(one.id, one.name, one.order, is_lead=one.part == LEAD, is_closed=one.is_closed)
        for one in workflow.statuses
    ]
    return _workflow("job", workflow.id, workflow.name, order, statuses)


def _workflow(kind: str, number: int, name: str, order: int, statuses: list[Doc]) -> Doc:
    return {
        "id": number,
        "order": order,
        "object_type": kind,
        "name": name,
        "is_active": True,
        "is_sub_contractor": False,
        "is_supplier": False,
        "is_vendor": False,
        "can_access_by_all": True,
        "icon": "home",
        "status": statuses,
    }


def _status(number: int, name: str, order: int, *, is_lead: bool = False, is_closed: bool = False) -> Doc:
    return {
        "id": number,
        "name": name,
        "order": order,
        "is_lead": is_lead,
        "is_closed": is_closed,
        "is_active": True,
        "is_archived": False,
        "send_to_quickbooks": False,
        "force_mobile_sync": False,
        "profile_ids": [],
    }


def _source(number: int) -> Doc:
    return {"source": number, "source_name": SOURCES[number]}


def _address(place: Contact | Job) -> Doc:
    city, state, zip_code = place.town
    is_known = place.number % 5 > 0
    return {
        "address_line1": place.street,
        "address_line2": (None, "", "Unit B")[place.number % 3],
        "city": city,
        "state_text": state,
        "zip": zip_code,
        "country_name": "United States",
        "geo": {"lat": 38 + place.number % 1_000 / 1_000, "lon": -94.5} if is_known else {"lat": 0, "lon": 0},
    }


def _sold_at(job: Job) -> int | None:
    return job.first(SOLD, WORK, BILLED, DONE)


def _contact(made: Roofing, one: Contact) -> Record:
    sold = [(moment, job) for job in map(made.jobs.__getitem__, one.jobs) if (moment := _sold_at(job))]
    deleted = [one.deleted] if one.deleted else []
    updated = max([one.created, *one.edits, *deleted, *(moment for moment, _ in sold)])
    number = one.number
    # Of what the phones are, one is changed at every edit.
    phone = f"913555{number % 10_000:04d}"
    status = 3 if sold else 1 + bool(one.jobs)
    slug = ".".join(SLUGS.get(name, "crew") for name in (one.first, one.last) if name)
    total = dollars(sum(job.value for _, job in sold))
    return record(
        "contacts",
        {
            **shared("contact", one.jnid, 3_000 + number, one.created, updated, by(number)),
            "is_active": one.deleted is None,
            "first_name": one.first,
            "last_name": one.last or None,
            "display_name": one.name,
            "company": one.name if one.is_subcontractor else ("", None)[number % 2],
            "description": "",
            "email": (f"{slug}{number}@example.com", None, f"{slug.upper()}{number}@EXAMPLE.COM", "")[number % 4],
            "home_phone": ("", None, f"({phone[:3]}) {phone[3:6]}-{phone[6:]}")[number % 3],
            "mobile_phone": f"{int(phone) + len(one.edits)}" if number % 4 else "",
            "work_phone": None,
            "fax_number": None,
            "website": "",
            **_address(one),
            "record_type": 2 if one.is_subcontractor else 1,
            "record_type_name": "Subcontractor" if one.is_subcontractor else "Customer",
            "status": (200 if one.is_subcontractor else 100) + status,
            "status_name": _CONTACT_STATUSES[status - 1],
            **_source(one.source),
            "date_status_change": sold[0][0] if sold else one.created,
            "date_start": 0,
            "date_end": 0,
            "is_lead": not sold,
            "is_closed": False,
            "is_sub_contractor": one.is_subcontractor,
            "last_estimate": total,
            "last_invoice": 0,
            "approved_estimate_total": total,
            "approved_invoice_total": 0,
            "attachment_count": number % 4,
            "task_count": 0,
            "rules": [],
            "cf_string_2": "Español" if number % 7 == 0 else "English",
            "Language & Notes": "Español" if number % 7 == 0 else "English",
        },
        INACTIVE if one.deleted else "",
    )


def _job(made: Roofing, one: Job, of_it: dict[str, list[Paper]]) -> Record:
    last, sold = one.moves[-1], _sold_at(one)
    deleted = [one.deleted] if one.deleted else []
    made_at = [paper.happened[0] for kind in of_it.values() for paper in kind]
    updated = max([last.moment, *one.edits, *deleted, *made_at])
    contact = made.contacts.get(one.contact)
    started = one.first(WORK)
    is_child = one.number % 90 == 17
    approved = one.value if sold else 0
    billed = sum(paper.cents for paper in of_it["invoice"] if paper.status != "Draft")
    market = _MARKETS[one.number % 11 // 5]
    squares = one.value / 40_000 + len(one.edits)
    claim = f"CLM-{one.number:06d}" if one.workflow.id == 57 else None
    return record(
        "jobs",
        {
            **shared("job", one.jnid, 2_000 + one.number, one.created, updated, by(one.number)),
            **rep_of(one, is_sold=sold is not None),
            "is_active": one.deleted is None,
            "name": f"{one.street} - {contact.name}" if contact else one.street,
            "record_type": one.workflow.id,
            "record_type_name": one.type_name,
            "status": last.status.id,
            "status_name": last.status.name,
            "date_status_change": last.moment,
            "date_start": started + 2 * _DAY if started else 0,
            "date_end": started + 5 * _DAY if started and one.number % 2 else (0, None)[one.number % 3 % 2],
            "is_lead": last.status.part == LEAD,
            "is_closed": last.status.is_closed,
            **_source(one.source),
            "primary": about_contact(contact) if contact else None,
            "related": [about_contact(contact)] if contact else [],
            **_address(one),
            "approved_estimate_total": dollars(approved),
            "approved_invoice_total": dollars(billed),
            **_last("estimate", of_it["estimate"]),
            **_last("invoice", of_it["invoice"]),
            **_budget(of_it["budget"]),
            "parent_approved_estimate_total": dollars(approved) if is_child else 0,
            "parent_approved_invoice_total": dollars(billed) if is_child else 0,
            "attachment_count": one.number % 9,
            "task_count": one.number % 3,
            "class_id": None,
            "class_name": None,
            "fieldassists": [],
            "rules": [],
            "cf_string_10": market,
            "Market Type": market,
            "cf_string_3": claim,
            "Claim #": claim,
            "cf_double_1": squares,
            "Total Squares Installed": squares,
            "cf_date_1": sold or 0,
            "Contract Date": sold or 0,
            "cf_boolean_1": one.number % 2 == 0,
            "HOA Approval & Permit": one.number % 2 == 0,
        },
        INACTIVE if one.deleted else "",
    )


def _last(kind: str, of_it: list[Paper]) -> Doc:
    name = f"last_{kind}"
    if not of_it:
        return {name: 0, f"{name}_date_created": 0, f"{name}_number": None, f"{name}_jnid": None}
    last = of_it[-1]
    return {
        name: dollars(last.cents),
        f"{name}_date_created": last.happened[0],
        f"{name}_number": last.number,
        f"{name}_jnid": jnid(kind, last.number),
    }


def _budget(of_it: list[Paper]) -> Doc:
    revenue = sum(paper.cents for paper in of_it)
    profit = revenue - sum(item.total for paper in of_it for items in paper.items.values() for item in items)
    return {
        "last_budget_revenue": dollars(revenue),
        "last_budget_gross_profit": dollars(profit),
        "last_budget_gross_margin": round(profit * 100 / revenue, 2) if revenue else 0,
    }


def _activities(made: Roofing, job: Job) -> Iterator[Record]:
    for place, move in enumerate(job.moves):
        if move.is_told:
            yield _activity(made, job, f"{job.number} {place}", move.told_at, move=move)
    dice = Dice(made.seed, f"notes {job.number}")
    for place in range(dice.below(3)):
        moment = job.created + dice.between(600, 40 * _DAY)
        note, is_active = dice.of(_NOTES), not dice.percent(1)
        if moment <= min(made.now, job.deleted or made.now):
            yield _activity(made, job, f"{job.number} note {place}", moment, note=note, is_active=is_active)


def _activity(
    made: Roofing, job: Job, name: str, moment: int, *, move: Move | None = None, note: str = "", is_active: bool = True
) -> Record:
    contact = made.contacts.get(job.contact)
    primary = {**about_job(job), **({"new_status": move.status.id} if move else {})}
    kind, number = ("Note", 1) if not move else ("Job Created", 10) if move.is_first else ("Status Changed", 11)
    told = "" if not move else "Job created" if move.is_first else f"Job status changed to {move.status.name}"
    return record(
        "activities",
        {
            "jnid": jnid("activity", name),
            "type": "activity",
            "customer": jnid("account", 1),
            "location": {"id": 1, "parent_id": None},
            "primary": primary,
            "note": told or note,
            **({"is_status_change": not move.is_first} if move else {}),
            "record_type": number,
            "record_type_name": kind,
            "owners": None if job.number % 13 == 0 else [],
            "related": [about_job(job), *([about_contact(contact)] if contact else [])],
            **by(job.number),
            "date_created": moment,
            "date_updated": moment,
            "date_start": 0,
            "date_end": 0,
            "is_active": is_active,
            "is_archived": False,
            "is_editable": not move,
            "source": None,
        },
        "" if is_active else INACTIVE,
    )
