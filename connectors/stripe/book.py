"""The stand-in's books: Stripe's objects while things happen to them, and an event for each happening.

Belongs here: what Stripe itself does when a period ends, somebody subscribes, pays or leaves. Does not belong here:
the fields of an object (`connectors/stripe/objects.py`) and who does what when (`connectors/stripe/documents.py`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import orjson

from connectors.document_store import Record
from connectors.stripe import objects
from connectors.stripe.objects import FINAL_AFTER, PAID_AFTER, Doc

_RUNNING = ("active", "trialing", "past_due")


class Book:
    """All objects of the account, and the events so far.

    Args:
        events_since: what happened before this moment left no event.
    """

    def __init__(self, events_since: int) -> None:
        self.kinds: defaultdict[str, dict[str, Doc]] = defaultdict(dict)
        self.ended: defaultdict[str, dict[str, Doc]] = defaultdict(dict)
        self._events_since = events_since
        self._events: list[tuple[str, int, str]] = []

    def tell(self, kind: str, moment: int, of: Doc, before: Doc | None = None, *, is_asked: bool = True) -> None:
        """Write an event, as the object is now."""
        if moment >= self._events_since:
            key = f"evt_{len(self._events) + 1:014d}"
            told = objects.event(key, kind, moment, of, before, is_asked)
            self._events.append((key, moment, orjson.dumps(told).decode()))

    def make(self, kind: str, event: str, of: Doc) -> Doc:
        """Add an object."""
        self.kinds[kind][of["id"]] = of
        self.tell(f"{event}.created", of["created"], of)
        return of

    def change(self, event: str, moment: int, of: Doc, *, is_asked: bool = True, **values: object) -> None:
        """Change fields of an object."""
        before = {name: of[name] for name in values}
        of.update(values)
        self.tell(f"{event}.updated", moment, of, before, is_asked=is_asked)

    def delete(self, kind: str, event: str, moment: int, key: str) -> None:
        """Delete an object; of a customer it stays known that there was one."""
        of = self.kinds[kind].pop(key)
        self.tell(f"{event}.deleted", moment, of)
        if kind == "customers":
            self.ended[kind][key] = objects.gone(key, "customer")

    def subscribe(
        self, key: str, to: Doc, prices: Sequence[tuple[Doc, int | None]], moment: int, length: int, **values: object
    ) -> Doc:
        """Let a customer subscribe, and pay at once."""
        period = (moment, moment + length)
        items = [
            objects.item(key, number, price, quantity, period, moment + 1)
            for number, (price, quantity) in enumerate(prices, start=1)
        ]
        made = objects.subscription(key, to["id"], "active", moment, items, metadata=to["metadata"], **values)
        self.make("subscriptions", "customer.subscription", made)
        self.bill(made, moment)
        return made

    def bill(self, of: Doc, moment: int, status: str = "paid") -> None:
        """Make the invoice of the period that begins, and tell its life up to this status."""
        to = self.kinds["customers"][of["customer"]]
        number = to["next_invoice_sequence"]
        key = f"in_{of['id'].removeprefix('sub_')}{number:04d}"

        def at(stage: str) -> Doc:
            return objects.invoice(key, of, to, number, moment, stage)

        self.tell("invoice.created", moment, at("draft"), is_asked=False)
        if status != "draft":
            self.tell("invoice.finalized", moment + FINAL_AFTER, at("open"), is_asked=False)
        if status == "paid":
            self.tell("invoice.paid", moment + PAID_AFTER, at(status), is_asked=False)
            self.tell("invoice.payment_succeeded", moment + PAID_AFTER, at(status), is_asked=False)
        elif status == "open":
            self.tell("invoice.payment_failed", moment + PAID_AFTER, at(status), is_asked=False)
        self.kinds["invoices"][key] = at(status)
        of["latest_invoice"] = key
        told = {"next_invoice_sequence": number + 1, "currency": of["currency"]}
        self.change("customer", moment, to, is_asked=False, **told)

    def pay(self, of: Doc, moment: int) -> None:
        """Let somebody pay a subscription's last invoice after all."""
        due = self.kinds["invoices"][of["latest_invoice"]]
        when = {**due["status_transitions"], "paid_at": moment}
        paid = {"status": "paid", "amount_paid": due["amount_due"], "amount_remaining": 0}
        self.change("invoice", moment, due, **paid, next_payment_attempt=None, status_transitions=when)
        self.tell("invoice.paid", moment, due)
        self.change("customer.subscription", moment, of, is_asked=False, status="active")

    def pass_until(self, moment: int) -> None:
        """Let every period that has ended by then be followed by the next, or by none."""
        for of in list(self.kinds["subscriptions"].values()):
            while of["status"] in _RUNNING and (over := of["items"]["data"][0]["current_period_end"]) <= moment:
                if of["cancel_at_period_end"]:
                    self.cancel(of, over)
                else:
                    self._renew(of, over)

    def cancel(self, of: Doc, moment: int) -> None:
        """End a subscription."""
        of.update(status="canceled", ended_at=moment, canceled_at=of["canceled_at"] or moment)
        self.tell("customer.subscription.deleted", moment, of, is_asked=False)

    def _renew(self, of: Doc, moment: int) -> None:
        items = []
        for one in of["items"]["data"]:
            length = one["current_period_end"] - one["current_period_start"]
            items.append({**one, "current_period_start": moment, "current_period_end": moment + length})
        before = objects.old_shape(of)
        started = {name: before[name] for name in ("current_period_start", "current_period_end")}
        status = "active" if of["status"] == "trialing" else of["status"]
        of.update(items={**of["items"], "data": items}, status=status)
        self.tell("customer.subscription.updated", moment, of, started, is_asked=False)
        self.bill(of, moment, "paid" if status == "active" else "open")

    def records(self) -> Iterator[Record]:
        """Everything there is now, with every event."""
        for of in self.kinds["subscriptions"].values():
            for one in of["items"]["data"]:  # whose price may have another name by now
                one["plan"] = objects.plan(one["price"])
        for all_of in (self.kinds, self.ended):
            for kind, found in all_of.items():
                for key, of in found.items():
                    yield Record(kind, "", key, of, ord=of.get("created", 0))
        for key, moment, text in self._events:
            yield Record("events", "", key, text, ord=moment)
