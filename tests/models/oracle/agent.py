"""The agent tables: V1's `agent` document taken apart, and the upline from `sponsor_tree`.

Belongs here: every column's rule. Does not belong here: how values are converted (`values.py`).
"""

from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd

from oracle import Document, Landed, climb, newest_first
from oracle.marts import closed_sums
from oracle.values import (
    Rule,
    boolean,
    business_day,
    day,
    first,
    first_of,
    flag,
    frame,
    in_year,
    integer,
    key,
    lower,
    moment,
    money,
    nonzero,
    nonzero_integer,
    object_or_bool,
    of,
    one_to_one,
    percent,
    reference,
    row,
    surrogate,
    text,
    upper,
)


@cache
def _referral_codes(landed: Landed) -> dict[int, int]:
    """The latest referral code of each agent."""
    latest: dict[int, int] = {}
    for code in newest_first(landed.documents("rezen_referral_code"), "created_at"):
        if (agent := nonzero(code.get("agent_id"))) is not None:
            latest.setdefault(agent, code.id)
    return latest


def _of_closed_deals(number: int) -> Rule:
    """Rule of a sum over the closed deals an agent is credited with: volume is the first, commission the second."""
    return lambda document, landed: closed_sums(landed).get(document.id, (None, None))[number]


def _as_of(document: Document, landed: Landed) -> date:
    return landed.as_of


AGENT = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "updated_at"),
    "agent_id_raw": of(text, "agent_id_raw"),
    "display_name": first_of(text, "display_name", "full_name"),
    "first_name": of(text, "first_name"),
    "last_name": of(text, "last_name"),
    "email": of(lower, "email"),
    "phone": of(text, "phone"),
    "agent_status": of(upper, "agent_status"),
    "type": of(text, "type"),
    "title": of(text, "title"),
    "avatar": of(text, "avatar"),
    "birthdate": of(day, "birthdate"),
    "join_date": of(day, "joinDate"),
    "anniversary_date": of(day, "anniversary_date"),
    "real_agent": of(boolean, "real_agent"),
    "active_on_team": of(boolean, "active_on_team"),
    "is_demo": flag("is_demo"),
    "source": of(text, "source"),
    "license_number": of(text, "license_number"),
    "license_state": of(text, "license_state"),
    "city": of(text, "city"),
    "state": of(text, "state"),
    "state_abbreviation": of(text, "state_abbreviation"),
    "api_key": of(text, "api_key"),
    "brokerage_id": of(nonzero, "brokerage_id"),
    "office_id": of(nonzero, "office_id"),
    "team_id": reference("team_id", "team"),
    "user_id": reference("user_id", "user"),
}

COMMISSION = {
    "id": key,
    "agent_id": key,
    "leader_split": of(percent, "leaderSplit"),
    "member_commission_split": of(percent, "memberCommissionSplit"),
    "pre_cap_fee": of(money, "preCapFee"),
    "post_cap_fee": of(money, "postCapFee"),
    "pre_cap_real_commission_split": of(percent, "preCapRealCommissionSplit"),
    "pays_leader_split": of(boolean, "paysLeaderSplit"),
    "normal_team_lead_annual_cap": of(money, "normalTeamLeadAnnualCap"),
    "commission_plan_id": of(nonzero, "commission_plan_id"),
}

PERFORMANCE = {
    "id": key,
    "agent_id": key,
    "all_transactions_count": of(integer, "all_transactions_count"),
    "pending_transaction_count": of(integer, "pending_transaction_count"),
    "closed_transaction_count": of(integer, "closed_transaction_count"),
    "terminated_transaction_count": of(integer, "terminated_transaction_count"),
    "all_listing_count": of(integer, "all_listing_count"),
    "active_listing_count": of(integer, "active_listing_count"),
    "under_contract_listing_count": of(integer, "under_contract_listing_count"),
    "terminated_listing_count": of(integer, "terminated_listing_count"),
    "size_of_network": of(integer, "sizeOfNetwork"),
    "elite": of(boolean, "elite"),
    "closed_volume": _of_closed_deals(0),
    "gci": _of_closed_deals(1),
    "as_of": _as_of,
}

REZEN = {
    "id": key,
    "agent_id": key,
    "rezen_agent_id": of(text, "agent_id_raw"),
    "rezen_team_id": of(text, "team_id_raw"),
    "rezen_office_id": of(text, "office_id_raw"),
    "sponsor_rezen_id": of(text, "sponsorId_raw"),
    "rezen_status": of(text, "agent_status"),
    "size_of_network": of(integer, "sizeOfNetwork"),
    "referral_code_id": lambda document, landed: _referral_codes(landed).get(document.id),
    "last_synced_at": of(moment, "rezen_last_synced"),
}


def _cap_year_start(document: Document, landed: Landed) -> date | None:
    anniversary = day(document.get("anniversary_date"))
    if anniversary is None:
        return None
    this_year = in_year(anniversary, landed.as_of.year)
    return this_year if this_year <= landed.as_of else in_year(anniversary, landed.as_of.year - 1)


def _cap_year_end(document: Document, landed: Landed) -> date | None:
    start = _cap_year_start(document, landed)
    coming = moment(document.get("nextAnniversaryDate"))
    next_start = business_day(coming)
    # One that has passed since V1 wrote it says nothing of the running cap year.
    if next_start is None or (start is not None and next_start <= start):
        return None if start is None else in_year(start, start.year + 1) - timedelta(days=1)
    return next_start - timedelta(days=1)


def _cap_remaining(document: Document, landed: Landed) -> Any:
    cap, paid = money(document.get("brokerage_cap")), money(document.get("brokerage_cap_paid"))
    return None if cap is None or paid is None else money(max(cap - paid, cap * 0))


def _cap_id(document: Document, landed: Landed) -> int:
    return surrogate(document.id, _cap_year_start(document, landed))


CAP = {
    "id": _cap_id,
    "agent_id": key,
    "cap_year_start": _cap_year_start,
    "cap_year_end": _cap_year_end,
    "team_cap": of(money, "team_cap"),
    "team_cap_paid": of(money, "team_cap_paid"),
    "brokerage_cap": of(money, "brokerage_cap"),
    "brokerage_cap_paid": of(money, "brokerage_cap_paid"),
    "brokerage_cap_remaining": _cap_remaining,
    "annual_cap": of(money, "annualCap"),
    "group_team_cap": of(money, "groupTeamCap"),
    "capped": of(boolean, "capped"),
    "unlocked": of(boolean, "unlocked"),
    "capped_at": of(moment, "cappedAt"),
    "next_anniversary": of(moment, "nextAnniversaryDate"),
    "sponsor_producing_grace_period_end": of(moment, "sponsorProducingGracePeriodEnd"),
    "deferred_cap_end_date": of(moment, "deferredCapEndDat"),  # V1's spelling
    "grace_period_end": of(moment, "gracePeriodEnd"),
}

# What every row of an agent in the hierarchy says, whoever the sponsor of that row is.
OF_THE_AGENT = {
    "agent_id": key,
    "is_director": of(object_or_bool, "director"),
    "is_leader": of(object_or_bool, "leader"),
    "is_mentor": of(object_or_bool, "mentor"),
    "needs_mentorship": of(boolean, "needsMentorship"),
    "director_id": reference("director_id", "directors"),
    "leader_id": reference("leader_id", "leaders"),
    "mentor_id": reference("mentor_id", "mentors"),
    "team_id": reference("team_id", "team"),
}


def rezen(landed: Landed) -> pd.DataFrame:
    """One row for each agent that reZEN knows."""
    known = (one for one in landed.documents("agent") if text(one.get("agent_id_raw")))
    return frame((row(document, REZEN, landed) for document in known), REZEN)


def _tree(landed: Landed) -> dict[int, dict[int, int]]:
    """Sponsors of each agent by level, where the sponsor tree names one that exists."""
    sponsors: dict[int, dict[int, int]] = {}
    for document in newest_first(landed.documents("sponsor_tree"), "created_at", by_text=True):
        agent = landed.agent_named(document.get("agent_id"), document.get("agent_id_raw"))
        sponsor = landed.agent_named(document.get("sponsor_agent_id"), document.get("sponsor_id_raw"))
        if agent in landed.agents and sponsor in landed.agents:
            level = nonzero_integer(document.get("level")) or 1
            sponsors.setdefault(agent, {}).setdefault(level, sponsor)
    return sponsors


def hierarchy(landed: Landed) -> pd.DataFrame:
    """One row for each agent and level: level 1 always, higher ones where the sponsor tree has them."""
    by_level = _tree(landed)

    def direct(document: Document) -> int | None:
        own = first(nonzero(document.get(path)) for path in ("sponsorId", "sponsor_id"))
        return by_level.get(document.id, {}).get(1) or landed.known("agent", own)

    sponsor_of = {number: direct(document) for number, document in landed.agents.items()}

    def rows_of(document: Document) -> Iterator[dict[str, Any]]:
        above, circular = climb(document.id, sponsor_of)
        further = {level: who for level, who in by_level.get(document.id, {}).items() if level > 1}
        for level, sponsor in {1: sponsor_of[document.id], **further}.items():
            yield {
                "id": surrogate(document.id, sponsor, level),
                "sponsor_agent_id": sponsor,
                "level": level,
                "path_json": None if circular else above,
                **row(document, OF_THE_AGENT, landed),
            }

    rows = (one for document in landed.documents("agent") for one in rows_of(document))
    return frame(rows, ("id", "sponsor_agent_id", "level", "path_json", *OF_THE_AGENT))


TABLES = {
    "agent": one_to_one("agent", AGENT),
    "agent_cap_data": one_to_one("agent", CAP),
    "agent_commission": one_to_one("agent", COMMISSION),
    "agent_performance": one_to_one("agent", PERFORMANCE),
    "agent_rezen": rezen,
    "agent_hierarchy": hierarchy,
}
