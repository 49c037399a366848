"""What all documents of the stand-in have in common: shared fields, references to other records, money.

Belongs here: what more than one kind of document needs. Does not belong here: any one kind
(`connectors/jobnimbus/documents.py`, `connectors/jobnimbus/paper_documents.py`).
"""

from __future__ import annotations

from typing import Any

from connectors.document_store import Record
from connectors.sandbox.roofing import Contact, Job, jnid
from connectors.sandbox.roofing_workflows import staff

Doc = dict[str, Any]

INACTIVE = "inactive"
"""The account of records that lists do not show, as if they were someone else's."""


def dollars(cents: int) -> float:
    """Money as JobNimbus writes it: whole dollars without a point."""
    return cents // 100 if cents % 100 == 0 else cents / 100


def record(collection: str, document: Doc, account: str = "") -> Record:
    """Hold a document by its id and moments."""
    return Record(
        collection,
        account,
        document["jnid"],
        document,
        ord=document["date_created"],
        changed=document["date_updated"],
    )


def by(number: int) -> Doc:
    """Who made a thing: any colleague, of those who still are."""
    one = staff()[number % 25]
    return {"created_by": jnid("user", one.number), "created_by_name": one.name}


def shared(kind: str, name: str, number: int | str, created: int, updated: int, made_by: Doc) -> Doc:
    """The fields of every object. Lists without anything in them may be null, or not there."""
    place = int(number)
    return {
        "jnid": name,
        "recid": place,
        "type": kind,
        "customer": jnid("account", 1),
        "number": str(number),
        "external_id": None,
        **made_by,
        "date_created": created,
        "date_updated": updated,
        "is_active": True,
        "is_archived": False,
        "location": {"id": 1 + (place % 9 == 0), "parent_id": None, "name": "Kansas City"},
        **({} if place % 17 == 0 else {"owners": None if place % 5 == 0 else []}),
        "subcontractors": [],
        **({} if place % 19 == 0 else {"tags": (None, [], ["storm"], [{"name": "hail"}])[place % 4]}),
        "related": [],
        "primary": None,
        "sales_rep": None,
        "sales_rep_name": None,
    }


def rep_of(job: Job | None, *, is_sold: bool = True) -> Doc:
    """Who sold a job. Its owner is someone of production as soon as it is sold."""
    if job is None or job.rep is None:
        return {"sales_rep": None, "sales_rep_name": None}
    owner = 15 + job.number % 8 if is_sold else job.rep.number
    return {
        "sales_rep": jnid("user", job.rep.number),
        "sales_rep_name": job.rep.name,
        **({"owners": [{"id": jnid("user", owner)}]} if job.number % 10 else {}),
    }


def about_job(job: Job) -> Doc:
    """A reference to a job."""
    return {
        "id": job.jnid,
        "name": job.street,
        "number": str(2_000 + job.number),
        "type": "job",
        "email": None,
        "subject": None,
    }


def about_contact(contact: Contact) -> Doc:
    """A reference to a contact."""
    return {
        "id": contact.jnid,
        "name": contact.name,
        "number": str(3_000 + contact.number),
        "type": "contact",
        "email": None,
        "subject": None,
    }
