"""Payments, estimates, invoices, orders and budgets as JobNimbus writes them.

Belongs here: their fields. Does not belong here: what they are about (`connectors/sandbox/roofing_papers.py`).
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.document_store import Record
from connectors.jobnimbus.values import INACTIVE, Doc, about_contact, about_job, by, dollars, record, rep_of, shared
from connectors.sandbox.roofing import Job, Roofing, jnid
from connectors.sandbox.roofing_papers import Item, Paper, Papers, Payment


def paper_records(made: Roofing, written: Papers) -> Iterator[Record]:
    """All of them, those that lists no longer show included."""
    for payment in written.payments:
        yield record("payments", _payment(made, payment), INACTIVE if payment.deleted else "")
    for collection, one_of in (
        ("estimates", _estimate),
        ("invoices", _invoice),
        ("workorders", _workorder),
        ("materialorders", _materialorder),
        ("budgets", _budget),
    ):
        for paper in getattr(written, collection):
            yield record(collection, one_of(made, paper), INACTIVE if paper.deleted else "")


def _related(made: Roofing, jobs: list[Job], contact: int = 0) -> list[Doc]:
    """The jobs and whose they are; references outlive what they name."""
    numbers = dict.fromkeys([*(job.contact for job in jobs), contact])
    found = [about_contact(made.contacts[number]) for number in numbers if number]
    return [*(about_job(job) for job in jobs), *found]


def _updated(paper: Paper | Payment) -> int:
    return max([*paper.happened, paper.deleted or 0])


def _about_invoice(invoice: Paper) -> Doc:
    return {
        "id": jnid("invoice", invoice.number),
        "name": f"#{invoice.number}",
        "number": invoice.number,
        "type": "invoice",
        "email": None,
        "subject": None,
    }


def _payment(made: Roofing, one: Payment) -> Doc:
    job = one.jobs[0] if one.jobs else None
    related = _related(made, one.jobs, one.contact)
    number = int(one.number)
    name = jnid("payment", one.number)
    if one.invoices and number % 7:
        primary: Doc | None = _about_invoice(one.invoices[0][0])
    else:
        primary = related[0] if related else None
    is_card = one.method == 3
    return {
        **shared("payment", name, one.number, one.happened[0], _updated(one), by(number)),
        **rep_of(job),
        "is_active": one.deleted is None,
        "is_archived": one.is_archived,
        "total": dollars(one.cents),
        "credit": dollars(one.credit),
        "reference": (str(1_000 + number % 9_000), None, "")[number % 3] if one.method == 1 else None,
        "method_id": one.method,
        "transaction_id": f"t1_txn_{number:x}" if is_card else None,
        "external_record_id": None,
        "date_payment": one.date,
        "invoices": [
            {
                "jnid": f"{name}_{place}",
                "invoice_id": jnid("invoice", invoice.number),
                "invoice_no": invoice.number,
                "amount": dollars(cents),
                "created_by": by(number)["created_by"],
                "date_created": one.happened[0],
                "is_active": True,
            }
            for place, (invoice, cents) in enumerate(one.invoices, start=1)
        ],
        "estimates": [],
        "primary": primary,
        "related": related,
        "created_by_processor": "Payrix" if is_card else None,
        "PaymentSource": "Invoice" if one.invoices else None,
        "card": {"brand": "visa", "last4": f"{number % 10_000:04d}"} if is_card else None,
        "globalPayPayment": None,
        "wepay_payment_status": None,
        "chargeback_id": None,
        "refund_id": jnid("refund", one.number) if one.refunded else None,
        "refunded_amount": dollars(one.refunded) if one.refunded else None,
        "surcharge": None,
        "merged": None,
    }


def _paper(made: Roofing, one: Paper) -> Doc:
    return {
        **shared(one.kind, jnid(one.kind, one.number), one.number, one.happened[0], _updated(one), by(one.job.number)),
        **rep_of(one.job),
        "is_active": one.deleted is None,
        "is_archived": one.is_archived,
        "status_name": one.status,
        "primary": about_job(one.job),
        "related": _related(made, [one.job]),
    }


def _item(paper: Paper, place: int, item: Item) -> Doc:
    return {
        "jnid": jnid("item", f"{paper.kind} {paper.number} {place}"),
        "name": item.name,
        "description": "",
        "category": item.category,
        "sku": f"SKU-{item.cost % 997:03d}",
        "uom": "EA",
        "quantity": item.quantity,
        "cost": dollars(item.cost),
        "price": dollars(item.cost * 3 // 2),
        "color": ("", None, "Weathered Wood")[place % 3],
        "photos": [],
        "item_type": item.kind,
    }


def _sections(paper: Paper) -> list[Doc]:
    return [
        {"name": name, "items": [_item(paper, number * 10 + place, item) for place, item in enumerate(items)]}
        for number, (name, items) in enumerate(paper.items.items())
    ]


_STATUSES = {
    "estimate": ("Draft", "Sent", "Approved", "Denied"),
    "invoice": ("Draft", "Sent", "Partially Paid", "Paid", "Void"),
}


def _sale(made: Roofing, one: Paper) -> Doc:
    """What an estimate and an invoice have in common. Tax is within the total."""
    tax = one.cents * 3 // 100
    subtotal, cost = one.cents - tax, one.cents * 55 // 100
    line: Doc = {
        "jnid": jnid("item", f"{one.kind} {one.number}"),
        "name": "Roof, complete",
        "description": "Tear-off & haul away",
        "category": "Roof",
        "sku": None,
        "uom": "EA",
        "quantity": 1,
        "cost": dollars(cost),
        "price": dollars(subtotal),
        "amount": dollars(subtotal),
        "tax_rate": 3,
        "color": None,
        "photos": [],
        "item_type": "labor",
        "labor": {"amount": 0, "cost": 0, "price": 0, "tax_rate": 0},
        "quickbooksId": None,
    }
    return {
        **_paper(made, one),
        "status": _STATUSES[one.kind].index(one.status) + 1,
        "subtotal": dollars(subtotal),
        "tax": dollars(tax),
        "total": dollars(one.cents),
        "cost": dollars(cost),
        "margin": round((subtotal - cost) * 100 / subtotal, 2) if subtotal else 0,
        "items": [line],
        "sections": [],
        "esigned": one.signed > 0,
        "terms": "",
        "note": None,
        "internal_note": "",
        "guid": jnid("guid", f"{one.kind} {one.number}"),
        "template_id": None,
        "attachment_id": None,
        "duplicate_from_id": None,
        "class_id": None,
        "class_name": None,
        "date_status_change": max(one.happened),
    }


def _estimate(made: Roofing, one: Paper) -> Doc:
    is_sent = one.status != "Draft"
    return {
        **_sale(made, one),
        "date_estimate": one.happened[0],
        "date_signed": one.signed,
        "date_sign_requested": one.happened[0] if is_sent else 0,
        "signature_status": "signed" if one.signed else "requested" if is_sent else "none",
    }


def _invoice(made: Roofing, one: Paper) -> Doc:
    paid = sum(cents for _, cents in one.paid)
    moments = [payment.happened[0] for payment, _ in one.paid]
    return {
        **_sale(made, one),
        "total_paid": dollars(paid),
        "due": dollars(one.cents - paid),
        "date_invoice": one.happened[0],
        "date_due": one.happened[0] + 30 * 86_400,
        "date_paid_in_full": max(moments) if moments and one.status == "Paid" else 0,
        "first_payment_date": min(moments, default=0),
        "payments": [
            {
                "jnid": jnid("payment", payment.number),
                "amount": dollars(cents),
                "date_payment": payment.date,
                "is_active": True,
            }
            for payment, cents in one.paid
        ],
    }


def _workorder(made: Roofing, one: Paper) -> Doc:
    crews = None if one.to is None else [made.contacts[number] for number in one.to]
    return {
        **_paper(made, one),
        "name": f"Labor {one.job.street}",
        "description": "",
        "status": ("New", "Complete", "Draft").index(one.status) + 901,
        "internal_note": "",
        "customer_note": None,
        "total": dollars(one.cents),
        "date_start": one.happened[0],
        "date_end": 0,
        "subcontractors": None if crews is None else [{"id": crew.jnid, "name": crew.name} for crew in crews],
        "sections": [],
        "items": [],
    }


def _materialorder(made: Roofing, one: Paper) -> Doc:
    return {
        **_paper(made, one),
        "status": ("Ordered", "Delivered").index(one.status) + 1,
        "esigned": False,
        "sections": _sections(one),
        "total_line_item_cost": dollars(one.cents),
        "total_line_item_price": dollars(sum(i.cost * 3 // 2 * i.quantity for s in one.items.values() for i in s)),
        "internal_note": "",
        "customer_note": "",
        "supplier": {"id": "sup1", "name": "Blue Heron Supply"},
        "merged": None,
    }


def _budget(made: Roofing, one: Paper) -> Doc:
    cost = sum(item.total for items in one.items.values() for item in items)
    document = {
        **_paper(made, one),
        "revenue": dollars(one.cents),
        "cost": dollars(cost),
        "gross_profit": dollars(one.cents - cost),
        "gross_margin": round((one.cents - cost) * 100 / one.cents, 2) if one.cents else 0,
        "sections": _sections(one),
    }
    del document["is_archived"], document["status_name"]
    return document
