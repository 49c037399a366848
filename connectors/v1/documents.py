"""The made-up world as V1 documents: which table shows which part of it, chunk by chunk, faults included.

Belongs here: the list of V1's mapped tables, and how columns become documents. Does not belong here: which
key holds what (`connectors/v1/*_documents.py`) and how documents get into Postgres
(`connectors/v1/stand_in.py`).
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from typing import Any

import pandas as pd

from connectors.sandbox.chance import stream
from connectors.sandbox.frames import present
from connectors.sandbox.world import World
from connectors.v1 import (
    agent_documents,
    financial_documents,
    fub_activity_documents,
    fub_documents,
    listing_documents,
    lookup_documents,
    network_documents,
    ops_documents,
    participant_documents,
    rezen_documents,
    stripe_documents,
    team_documents,
    transaction_documents,
    user_documents,
)
from connectors.v1.quirks import MISSING, Column, Quirks

CHUNK = 5_000
"""Documents rendered at a time: each chunk has its own stream of chance, so this is part of the world."""

Document = dict[str, Any]
Render = Callable[[World, pd.DataFrame, Quirks], dict[str, Column]]


@dataclass(frozen=True)
class Table:
    """A V1 table: its Xano id and name, the frame of the world it shows (dotted: a part's frame), and how."""

    xano_id: int
    name: str
    frame: str
    render: Render


TABLES = (
    Table(41, "user", "users", user_documents.user),
    Table(358, "user_2fa", "second_factors", user_documents.user_2fa),
    Table(36, "agent", "agents", agent_documents.agent),
    Table(77, "sponsor_tree", "sponsor_tree", network_documents.sponsor_tree),
    Table(45, "team", "teams", team_documents.team),
    Table(97, "team_roster", "roster", team_documents.team_roster),
    Table(92, "directors", "directors", team_documents.directors),
    Table(88, "leaders", "leaders", team_documents.leaders),
    Table(94, "mentors", "mentors", team_documents.mentors),
    Table(98, "team_director_assignments", "director_assignments", team_documents.team_director_assignments),
    Table(99, "team_leader_assignments", "leader_assignments", team_documents.team_leader_assignments),
    Table(100, "team_mentor_assignments", "mentor_assignments", team_documents.team_mentor_assignments),
    Table(48, "network", "network", network_documents.network),
    Table(34, "transaction", "business.deals", transaction_documents.transaction),
    Table(39, "participant", "business.participants", participant_documents.participant),
    Table(43, "participant_paid", "business.payouts", participant_documents.participant_paid),
    Table(40, "listing", "business.listings", listing_documents.listing),
    Table(51, "contributions", "business.contributions", financial_documents.contributions),
    Table(135, "contributions_pending", "business.pending_contributions", financial_documents.contributions_pending),
    Table(56, "revshare_totals", "business.revshare_totals", financial_documents.revshare_totals),
    Table(71, "revshare_payments", "business.revshare_payments", financial_documents.revshare_payments),
    Table(85, "equity_transactions", "business.equity", financial_documents.equity_transactions),
    Table(121, "fub_accounts", "crm.accounts", fub_documents.fub_accounts),
    Table(78, "fub_users", "crm.users", fub_documents.fub_users),
    Table(119, "fub_stages", "crm.stages", fub_documents.fub_stages),
    Table(123, "fub_groups", "crm.groups", fub_documents.fub_groups),
    Table(118, "fub_people", "crm.people", fub_documents.fub_people),
    Table(154, "fub_deals", "crm.deals", fub_activity_documents.fub_deals),
    Table(117, "fub_calls", "crm.calls", fub_activity_documents.fub_calls),
    Table(156, "fub_events", "crm.events", fub_activity_documents.fub_events),
    Table(124, "fub_appointments", "crm.appointments", fub_activity_documents.fub_appointments),
    Table(127, "fub_text_messages", "crm.text_messages", fub_activity_documents.fub_text_messages),
    Table(187, "fub_sync_jobs", "crm.sync_jobs", fub_documents.fub_sync_jobs),
    Table(173, "rezen_sync_jobs", "systems.sync_jobs", rezen_documents.rezen_sync_jobs),
    Table(96, "rezen_onboarding_jobs", "systems.onboarding_jobs", rezen_documents.rezen_onboarding_jobs),
    Table(207, "rezen_process_webhook", "systems.webhook_calls", rezen_documents.rezen_process_webhook),
    Table(206, "rezen_referral_code", "systems.referral_codes", rezen_documents.rezen_referral_code),
    Table(201, "rezen_webhooks_registered", "systems.webhooks", rezen_documents.rezen_webhooks_registered),
    Table(175, "skyslope_connection", "systems.skyslope_connections", ops_documents.skyslope_connection),
    Table(208, "stripe_product", "lookups.products", stripe_documents.stripe_product),
    Table(38, "stripe_pricing", "lookups.prices", stripe_documents.stripe_pricing),
    Table(37, "stripe_subscriptions", "systems.subscriptions", stripe_documents.stripe_subscriptions),
    Table(150, "stripe_subscription_packages", "lookups.packages", stripe_documents.stripe_subscription_packages),
    Table(81, "brokerage", "lookups.brokerages", lookup_documents.brokerage),
    Table(35, "office", "lookups.offices", lookup_documents.office),
    Table(49, "calendar", "lookups.calendar", lookup_documents.calendar),
    Table(149, "permissions", "lookups.permissions", lookup_documents.permissions),
    Table(148, "modules", "lookups.modules", lookup_documents.modules),
    Table(143, "tags", "lookups.tags", lookup_documents.tags),
    Table(140, "lead_source_defaults", "lookups.lead_sources", lookup_documents.lead_source_defaults),
    Table(142, "lead_source_user", "systems.lead_sources", lookup_documents.lead_source_user),
    Table(204, "notification_defaults", "lookups.notifications", lookup_documents.notification_defaults),
    Table(205, "notification_user_prefs", "systems.notification_prefs", lookup_documents.notification_user_prefs),
    Table(199, "pipeline_stage_defaults", "lookups.stages", lookup_documents.pipeline_stage_defaults),
    Table(200, "pipeline_prospect_defaults", "lookups.prospects", lookup_documents.pipeline_prospect_defaults),
    Table(163, "lambda_job_status", "systems.jobs", ops_documents.lambda_job_status),
    Table(165, "lambda_worker_logs", "systems.worker_logs", ops_documents.lambda_worker_logs),
)


@dataclass(frozen=True)
class Fault:
    """A planted fault: in this table, the document with this id holds this value under this key."""

    table: str
    id: int
    path: str
    value: Any


@cache
def planted_faults() -> tuple[Fault, ...]:
    """Read `planted_faults.csv`, the one place that says what is wrong with V1 on purpose."""
    with Path(__file__).with_name("planted_faults.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(Fault(row["v1_table"], int(row["key"]), row["path"], json.loads(row["value"])) for row in rows)


def documents(world: World, table: Table, seed: int) -> Iterator[list[tuple[int, Document]]]:
    """Render a table as chunks of (id, document)."""
    frame: pd.DataFrame = attrgetter(table.frame)(world)
    for name, cohort in _cohorts(frame, table.name):
        for start in range(0, len(cohort), CHUNK):
            rows = cohort.iloc[start : start + CHUNK]
            chance = stream(seed, f"v1 {name} {start // CHUNK}")
            changed = rows["changed"].to_numpy() if "changed" in rows else None
            columns = table.render(world, rows, Quirks(chance, len(rows), changed))
            chunk = list(zip(rows["id"].tolist(), _documents(columns), strict=True))
            _plant(table.name, dict(chunk))
            there = set(present(rows)["id"].tolist())
            yield [one for one in chunk if one[0] in there]


def _cohorts(frame: pd.DataFrame, name: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Part a frame by the day its rows came: later ones must not change the chance of earlier ones."""
    if "born" not in frame:
        yield name, frame
        return
    for day in sorted(set(frame["born"].tolist())):
        yield (f"{name} day {day}" if day else name), frame[frame["born"] == day]


def _documents(columns: dict[str, Column]) -> list[Document]:
    keys = tuple(columns)
    rows = zip(*columns.values(), strict=True)
    return [{key: value for key, value in zip(keys, row, strict=True) if value is not MISSING} for row in rows]


def _plant(table: str, by_id: dict[int, Document]) -> None:
    for fault in planted_faults():
        if fault.table == table and fault.id in by_id:
            by_id[fault.id][fault.path] = fault.value
