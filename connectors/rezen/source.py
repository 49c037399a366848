"""reZEN, the brokerage's back office: what an agent's API key may read of agent, network, deals and revenue share.

Fetched: the agent, five tiers of network, deals and listings of every group, contributions of five tiers, pending ones.
Paging: by number, overlapping (`connectors/rezen/paging.py`).
A row is unique by its id, a network member by agent, member and tier. `my…` money is the key's agent's own, so the
same deal read with two keys is two rows.
Incremental: reZEN has no cursor. What moves (open deals, pending contributions) is read whole; of what is over, the
newest until a page brings nothing new; deals that left the open ones are looked up by id. The network is asked for what
changed since its newest change, with an overlap. Then reZEN's own counts are held against ours, and where they disagree
all is read again. Contributions are read since the oldest one not yet settled.

    yenta   /agents/me ─> agents    /down-line/{1-5} ─┐ network-size-by-tier agrees? ─> stage_network_downline_…
    arrakis /transactions/… /listing-transactions/… ──┤ counts agree? ─> stage_transactions_…, stage_listings_…
            /revshares/{id}/contributions/{1-5} ──────┤ ─> stage_contributions_…_onboarding or _daily_sync
            /revshares/{id}/payments/pending ─────────┘ ─> stage_pending_contribution_rezen

Alone: `python -m connectors.rezen` with DATABASE_URL and SOURCES__REZEN__ACCOUNTS set. Does not belong here: what a
key means.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from connectors.rest import SourceError
from connectors.rezen.answers import Newest, counts, moment
from connectors.rezen.client import Client, configured, settings
from connectors.rezen.deals import DEALS, OFFERS, Family, Walked
from connectors.rezen.paging import Listing, Row, pages
from connectors.sync import Context, Declared, Done, Page, Resource, Source, Walk

NETWORK = "stage_network_downline_rezen_onboarding"
CONTRIBUTIONS = "stage_contributions_rezen_onboarding"
NEW_CONTRIBUTIONS = "stage_contributions_rezen_daily_sync"
PENDING = "stage_pending_contribution_rezen"

TIERS = range(1, 6)
STATUSES = ("ACTIVE", "INACTIVE", "CANDIDATE", "REJECTED", "RESURRECTING")
_OVERLAP = timedelta(days=3)
_WINDOW = timedelta(days=7)
_UNSETTLED = timedelta(days=60)
"""Contributions older than this before the newest are not looked at again, whatever their status."""
_SETTLED = {"PAID", "VOID", "VOIDED", "CANCELED", "CANCELLED"}


def _agent(client: Client, _: Context) -> Walk:
    yield Page([client.me])
    return Done(complete=True)


def _network(client: Client, context: Context) -> Walk:
    newest = Newest(context.cursor, "updatedAt")
    if context.cursor:
        since = datetime.fromisoformat(context.cursor).date() - _OVERLAP
        known = {key: row.get("status") for key, row in context.landed(NETWORK)}
        known |= yield from _tiers(client, newest, since)
        if _sizes_agree(client, known):
            return Done(newest.cursor)
    for _ in range(2):
        seen = yield from _tiers(client, newest, None)
        if _sizes_agree(client, seen):
            return Done(newest.cursor, complete=True)
    raise SourceError("rezen: the network read and network-size-by-tier disagree, twice; run again later", 200)


def _tiers(client: Client, newest: Newest, since: date | None) -> Generator[Page, None, dict[str, Any]]:
    """Read the tiers; return the status of each member that was seen."""
    seen = {}
    for tier in TIERS:
        params: dict[str, Any] = {"statusIn": list(STATUSES)}
        if since:
            params["updatedAtFrom"] = since.isoformat()
        request = {"agent_id": client.agent_id, "tier": tier}
        path = f"agents/{client.agent_id}/down-line/{tier}"
        for page in pages(Listing(client.yenta, path, ("downLineAgents",), params)):
            for row in page.rows:
                newest.see(row)
                seen[_member_key(row, request)] = row.get("status")
            yield Page(page.rows, request)
    return seen


def _sizes_agree(client: Client, members: Mapping[str, Any]) -> bool:
    """Hold members against reZEN's own count a tier. Whether it counts those no longer active is not documented."""
    if not client.check_totals:
        return True
    path = f"agents/{client.agent_id}/network-size-by-tier"
    told = counts(client.yenta.get(path), path)
    everyone = Counter(key.rsplit("-", 1)[1] for key in members)
    active = Counter(key.rsplit("-", 1)[1] for key, status in members.items() if status == "ACTIVE")
    return all(told.get(str(tier), 0) in {everyone[str(tier)], active[str(tier)]} for tier in TIERS)


def _contributions(client: Client, context: Context) -> Walk:
    """Read contributions. One stays in the table it came to, so that none is in both.

    A full walk brings all of them to the first table: complete, it marks those in the other as gone from there.
    """
    newest = Newest(context.cursor, "createdAt", "transactionClosedAt", "paidAt")
    tables: dict[str, str] = {}
    moments: list[datetime] = []
    for table in (CONTRIBUTIONS, NEW_CONTRIBUTIONS):
        for key, row in context.landed(table) if context.cursor else ():
            tables[key] = table
            if str(row.get("status")).upper() not in _SETTLED:
                moments += filter(None, [moment(row.get("createdAt"))])
    params: dict[str, Any] = {"missed": "false"}
    if context.cursor:
        last = datetime.fromisoformat(context.cursor)
        since = max(min([last - _WINDOW, *moments]), last - _UNSETTLED)
        params["startDate"] = since.date().isoformat()
    new = NEW_CONTRIBUTIONS if context.cursor else CONTRIBUTIONS
    for tier in TIERS:
        path = f"revshares/{client.agent_id}/contributions/{tier}"
        for page in pages(Listing(client.arrakis, path, ("contributions",), params)):
            for row in page.rows:
                newest.see(row)
            for table in (CONTRIBUTIONS, NEW_CONTRIBUTIONS):
                here = [row for row in page.rows if tables.get(str(row["id"]), new) == table]
                yield Page(here, {"agent_id": client.agent_id, "tier": tier}, table)
    return Done(newest.cursor, complete=context.cursor is None)


def _pending(client: Client, _: Context) -> Walk:
    path = f"revshares/{client.agent_id}/payments/pending"
    for page in pages(Listing(client.arrakis, path, ("contributions", "payments", "data"))):
        yield Page(page.rows, {"agent_id": client.agent_id})
    return Done(complete=True)


def _key(row: Row, _: Mapping[str, Any]) -> str:
    return str(row["id"])


def _member_key(row: Row, request: Mapping[str, Any]) -> str:
    return f"{request['agent_id']}-{row['id']}-{request['tier']}"


def _updated(row: Row) -> Any:
    return row.get("updatedAt")


def _deals(family: Family) -> Callable[[Client, Context], Walk]:
    return lambda client, context: Walked(family, client, context).walk()


SOURCE = Source(
    name="rezen",
    schema="rezen",
    resources=(
        Resource("agents", ("agents",), _agent, _key, _updated),
        Resource("network", (NETWORK,), _network, _member_key, _updated),
        Resource("transactions", (DEALS.table,), _deals(DEALS), _key, _updated),
        Resource("listings", (OFFERS.table,), _deals(OFFERS), _key, _updated),
        Resource(
            "contributions",
            (CONTRIBUTIONS, NEW_CONTRIBUTIONS),
            _contributions,
            _key,
            lambda row: row.get("createdAt"),
            is_guarded=False,
        ),
        Resource("pending_contributions", (PENDING,), _pending, _key, is_guarded=False),
    ),
    configured=configured,
    connect=lambda account, _: Client(account, settings()),
    declared=Declared("user_credentials", "user_id", ("api_key",)),
)
