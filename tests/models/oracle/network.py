"""The network tables: V1's `network` document, the closure of its sponsorships, and a user's view of it.

Belongs here: every column's rule. Does not belong here: how values are converted (`values.py`).
"""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from oracle import Document, Landed, climb, newest_first
from oracle.values import (
    boolean,
    day,
    digits,
    flag,
    frame,
    initcap,
    integer,
    key,
    moment,
    money,
    nonzero,
    of,
    one_to_one,
    percent,
    reference,
    row,
    surrogate,
    text,
)


def _network_id_raw(document: Document, landed: Landed) -> str | None:
    parts = [text(document.get("agent_id_raw")), text(document.get("downline_agent_id_raw"))]
    parts.append(text(digits(document.get("tier"))))
    composed = None if None in parts else "-".join(parts)
    return text(document.get("network_id_raw")) or composed


MEMBER = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "last_updated": of(moment, "last_updatedAt"),
    "network_id_raw": _network_id_raw,
    "user_id": reference("user_id", "user"),
    "agent_id": reference("agent_id", "agent"),
    "downline_agent_id": reference("downline_agent_id", "agent"),
    "sponsoring_agent_id": reference("sponsoring_agent_id", "agent"),
    "status": of(initcap, "status"),
    "tier": of(digits, "tier"),
    "sponsor_split": of(percent, "sponsor_split"),
    "unlocking": of(boolean, "unlocking"),
    "unlocking_expiry": of(day, "unlockingExpiryDate"),
    "network_size": of(integer, "network_size"),
    "capped": of(boolean, "capped"),
    "cap_amount": of(money, "capAmount"),
    "cap_amount_paid": of(money, "capAmountPaid"),
    "left_network": flag("left_network"),
    "total_contribution": of(money, "total_contribution"),
    "contact_frequency": of(text, "contact_frequency"),
    "last_contacted_date": of(moment, "last_contacted_date"),
    "sponsorship_type": of(text, "sponsorship_type"),
    "anniversary_date": of(day, "anniversary_date"),
    "broker_join_date": of(day, "broker_joinDate"),
    "broker_terminated_date": of(day, "broker_terminatedDate"),
}

HIERARCHY = ("id", "ancestor_agent_id", "descendant_agent_id", "depth", "path_json", "is_broken")

PREFERENCES = {
    "user_id": reference("user_id", "user"),
    "network_member_id": key,
    "is_favorite": flag("favorite"),
    "is_collapsed": flag("collapsed"),
    "sort_order": of(integer, "sort_order"),
    "display_name": of(text, "display_name"),
    "notes": of(text, "notes"),
    "contact_frequency": of(text, "contact_frequency"),
}


def _pairs(landed: Landed, above: str) -> Iterator[tuple[int, int, Document]]:
    """Two different agents of a network document, the upper one by the key `above`, newest document first."""
    for document in newest_first(landed.documents("network"), "last_updatedAt"):
        upper, lower = nonzero(document.get(above)), nonzero(document.get("downline_agent_id"))
        if upper != lower and upper in landed.agents and lower in landed.agents:
            yield upper, lower, document


def hierarchy(landed: Landed) -> pd.DataFrame:
    """One row for each pair of agents of which one is above the other."""
    sponsor_of: dict[int, int] = {}
    for sponsor, member, _ in _pairs(landed, "sponsoring_agent_id"):
        sponsor_of.setdefault(member, sponsor)

    rows: dict[tuple[int, int], dict[str, Any]] = {}

    def add(ancestor: int, descendant: int, depth: int, path: list[int] | None, is_broken: bool) -> None:
        cells = (surrogate(ancestor, descendant), ancestor, descendant, depth, path, is_broken)
        rows[ancestor, descendant] = dict(zip(HIERARCHY, cells, strict=True))

    for member in sponsor_of:
        above, circular = climb(member, sponsor_of)
        for depth, ancestor in enumerate(above, start=1):
            add(ancestor, member, depth, [*reversed(above[:depth]), member], circular)

    # Somebody's network that the sponsorships do not lead to: the chain lacks a link, so the tier has to do.
    for owner, member, document in _pairs(landed, "agent_id"):
        if (owner, member) not in rows:
            tier = digits(document.get("tier"))
            add(owner, member, 1 if tier is None else tier, None, is_broken=True)
    return frame(rows.values(), HIERARCHY)


def preferences(landed: Landed) -> pd.DataFrame:
    """One row for each user and member, of the newest document about both."""
    newest: dict[int, Document] = {}
    for document in newest_first(landed.documents("network"), "last_updatedAt"):
        user, member = nonzero(document.get("user_id")), nonzero(document.get("downline_agent_id"))
        if landed.known("user", user) is not None:
            newest.setdefault(surrogate(user, member, document.key if member is None else None), document)
    rows = ({"id": number, **row(document, PREFERENCES, landed)} for number, document in newest.items())
    return frame(rows, ("id", *PREFERENCES))


TABLES = {
    "network_member": one_to_one("network", MEMBER),
    "network_hierarchy": hierarchy,
    "network_user_prefs": preferences,
}
