"""What a workspace collects in years: V1's tables that nothing maps, by name, with a few plain rows each.

Belongs here: names and rows of V1 tables that only have to land. Does not belong here: tables whose format is
special (`connectors/v1/other_tables.py`), V1's mapped tables (`connectors/v1/documents.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_MADE = 1_660_000_000_000
_DAY = 86_400_000
_MOST = 61

_BY_HAND = {
    # tables that V2 replaced: of each, the keys of a document and how many there are
    109: ("income", "agent_id user_id amount", 60),
    52: ("equity - annual", "agent_id year shares", 24),
    68: ("equity - monthly", "agent_id month shares", 60),
    50: ("contributors", "agent_id tier total", 40),
    976: ("transaction_stage_log", "transaction_id", 30),
    978: ("transaction_price_log", "transaction_id price", 30),
    977: ("transaction_effective_close_date_log", "transaction_id", 12),
}

_FAMILIES = {
    # ids go up from the first one
    713: "dotloop_accounts;dotloop_profiles;dotloop_loops;dotloop_contacts;dotloop_participants;dotloop_staging",
    886: "lofty_accounts;lofty_leads;lofty_activities;lofty_staging",
    908: "pages;page_tabs;page_sections;page_widgets;chart_catalog;page_filters;page_filter_options;"
    "user_filter_preferences;widget_viewport_layouts",
    210: "dashboard - cards;dashboard - layouts;saved views;saved filters;user sessions;login history;password resets;"
    "user devices;user feedback;announcements;announcement reads;help articles;tours;tour progress;release notes",
    225: "goals;goal progress;goal templates;budgets;budget lines;commission plans;commission plan tiers;"
    "commission plan - history;cap overrides;referral fees;invoices;invoice lines;payment methods;credits;refunds",
    240: "agent - notes;agent - documents;agent - licenses;agent - awards;agent - goals;agent - tags;"
    "agent - import errors;agent status log;agent merge queue;recruiting leads;recruiting stages;recruiting notes;"
    "exit interviews;birthday emails sent;anniversary emails sent",
    255: "team - invitations;team - goals;team - announcements;team - splits history;team - files;"
    "team - import errors;team owner log;mentor reviews;leader notes;director notes;team map pins",
    266: "listing - open houses;listing - showings;listing - feedback;listing - documents;listing - price log;"
    "listing - import errors;mls feeds;mls field map;photo queue;virtual tours",
    276: "transaction - notes;transaction - documents;transaction - tasks;transaction - task templates;"
    "transaction - checklists;transaction - import errors;transaction - duplicates;escrow companies;title companies;"
    "lenders;inspectors;vendors;vendor categories",
    289: "network - snapshots;network - change log;network - import errors;revshare statements;"
    "revshare - import errors;sponsor change requests;sponsor tree - old",
    296: "fub - webhooks;fub - webhook log;fub - notes;fub - tasks;fub - action plans;fub - pipelines;"
    "fub - custom fields;fub - smart lists;fub - import errors;fub - rate limits",
    306: "rezen - tokens;rezen - raw transactions;rezen - raw listings;rezen - raw network;rezen - failed calls;"
    "rezen - worker locks;skyslope - users;skyslope - raw sales;skyslope - raw listings;skyslope - failed calls",
    316: "stripe - webhook log;stripe - coupons;stripe - checkouts;stripe - invoices;stripe - customers",
    322: "🔔 notifications;🔔 notification queue;📧 email log;📧 email templates;📧 bounces;📱 sms log",
    329: "🧪 test - agents;🧪 test - deals;🧪 scratch;🧪 load test results",
    333: "zz deprecated - deals;zz deprecated - people;zz deprecated - network v0;zz deprecated - leaderboard cache;"
    "zz deprecated - office map;zz deprecated - charts;zz deprecated - zapier hooks;zz deprecated - csv uploads",
    341: "old - user roles;old - settings;old - dashboards;old - team members;old - income by month;old - stages",
    348: "leaderboard - cache;leaderboard - snapshots;agg - monthly;agg - weekly;chart definitions;chart data cache;"
    "report runs;report schedules;exports",
    359: "cities;counties;zip codes;time zones;currencies;countries;languages;property types;deal types",
    370: "background tasks;task locks;cron log;error log;api log;audit log;feature requests;environment",
}
_EMPTY_FAMILIES = (713, 886, 908)
"""Prepared and never used: their tables have no rows."""

_SHAPES = (
    "name order active",
    "user_id message level",
    "agent_id status payload",
    "name value note",
)


def leftover_tables() -> Iterator[tuple[int, str, list[dict[str, Any]]]]:
    """Yield id, name and documents of each."""
    for xano_id, (name, keys, rows) in _BY_HAND.items():
        yield xano_id, name, [_document(keys, number) for number in range(1, rows + 1)]
    for first, names in _FAMILIES.items():
        for xano_id, name in enumerate(names.split(";"), start=first):
            rows = 0 if first in _EMPTY_FAMILIES else xano_id * 17 % _MOST
            keys = _SHAPES[xano_id % len(_SHAPES)]
            yield xano_id, name, [_document(keys, number) for number in range(1, rows + 1)]


def _document(keys: str, number: int) -> dict[str, Any]:
    values: dict[str, Any] = {
        "active": number % 5 != 0,
        "level": ("info", "error", "")[number % 3],
        "message": f"done in {number} ms",
        "month": f"2023-{number % 12 + 1:02d}",
        "name": f"Sample {number}",
        "note": "" if number % 4 else "see the old board",
        "payload": {"n": number, "raw": None},
        "status": ("done", "Done", "")[number % 3],
        "value": str(number),
        "year": 2020 + number % 6,
    }
    return {"created_at": _MADE + number * _DAY, **{key: values.get(key, number) for key in keys.split()}}
