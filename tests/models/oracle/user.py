"""The user tables, one document of V1's `user` (and `user_2fa`) taken apart.

Belongs here: every column's rule. Does not belong here: how values are converted (`values.py`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from oracle import Document, Landed
from oracle.values import (
    boolean,
    day,
    first,
    flag,
    frame,
    initcap,
    integer,
    jsonb,
    key,
    lower,
    moment,
    nonzero,
    nonzero_integer,
    of,
    one_to_one,
    reference,
    surrogate,
    text,
)

_STEPS = Path(__file__).parents[3] / "seeds" / "user_onboarding_steps.csv"
_STATES = {
    "new": "Pending",
    "pending": "Pending",
    "started": "Started",
    "in_progress": "Started",
    "partial": "Partial",
    "complete": "Complete",
    "completed": "Complete",
}


def _full_name(document: Document, landed: Landed) -> str | None:
    names = (text(document.get("first_name")), text(document.get("last_name")))
    return first([text(document.get("full_name")), " ".join(name for name in names if name) or None])


def _onboarding_status(document: Document, landed: Landed) -> str | None:
    status = lower(document.get("onboarding_status"))
    return "Pending" if status is None else _STATES.get(status, initcap(status))


def _step_count(document: Document, landed: Landed) -> int:
    return len(pd.read_csv(_STEPS))


USER = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "updated_at": of(moment, "updated_at"),
    "last_login": of(moment, "last_login"),
    "first_name": of(text, "first_name"),
    "last_name": of(text, "last_name"),
    "full_name": _full_name,
    "display_name": of(text, "display_name"),
    "email": of(lower, "email"),
    "email2": of(text, "email2"),
    "cell_phone": of(text, "cell_phone"),
    "birthdate": of(day, "birthdate"),
    "avatar": of(text, "avatar"),
    "organization": of(text, "organization"),
    "active": flag("active"),
    "demo_account": flag("demo"),
    "agent_id": reference("agent_id", "agent"),
    "team_id": reference("team_id", "team"),
    "brokerage_id": of(nonzero, "brokerage_id"),
}

CREDENTIALS = {
    "id": key,
    "user_id": key,
    "created_at": of(moment, "created_at"),
    "password_hash": of(text, "password"),
    "api_key": of(text, "api_key"),
    "api_key_confirmed": of(boolean, "api_key_confirmed"),
    "account_confirmed": of(boolean, "account_confirmed"),
    "confirmed": of(boolean, "confirmed"),
    "confirmation_code": of(nonzero_integer, "confirmation_code"),
    "magic_link": of(jsonb, "magic_link"),
    "oauth_google": of(text, "google_sub"),
}

SUBSCRIPTIONS = {
    "id": key,
    "user_id": key,
    "stripe_customer_id": of(text, "stripe_customer_id"),
    "plan_type": of(text, "subscription_type"),
    "paid": of(boolean, "paid"),
    "payment_complete": of(boolean, "payment_complete"),
    "stripe_product_id": of(nonzero, "stripe_product_id"),
    "stripe_price_id": of(nonzero, "stripe_price_id"),
    "stripe_subscription_package_id": of(nonzero, "subscription_packages_id"),
    "created_at": of(moment, "created_at"),
}

SETTINGS = {
    "id": key,
    "user_id": key,
    "privacy_mode": of(boolean, "privacy_mode"),
    "daily_email_enabled": of(boolean, "daily_dash_daily"),
    "default_view": of(text, "view"),
    "demo_mode": of(boolean, "demo"),
    "daily_dash_transactions": of(boolean, "dailyDash_transactions"),
    "daily_dash_listings": of(boolean, "dailyDash_listings"),
    "daily_dash_revenue": of(boolean, "dailyDash_revenue"),
    "network_news_daily": of(boolean, "network_news_daily"),
    "network_news_weekly": of(boolean, "network_news_weekly"),
    "listing_refresh": of(boolean, "listing_refresh"),
    "updated_at": of(moment, "updated_at"),
}

ROLES = {
    "id": key,
    "user_id": key,
    "role": of(text, "role"),
    "account_type": of(initcap, "account_type"),
    "is_agent": flag("is_agent"),
    "is_account_admin": flag("is_account_admin"),
    "is_individual": flag("is_individual"),
    "is_on_team": flag("is_on_team"),
    "is_team_owner": flag("is_team_owner"),
    "is_leader": flag("is_leader"),
    "is_director": flag("is_director"),
    "is_mentor": flag("is_mentor"),
    "director_id": reference("director_id", "directors"),
    "leader_id": reference("leader_id", "leaders"),
    "mentor_id": reference("mentor_id", "mentors"),
    "team_id": reference("team_id", "team"),
}

ONBOARDING = {
    "id": key,
    "user_id": key,
    "status": _onboarding_status,
    "current_step": of(text, "onboarding_step"),
    "steps_completed": of(integer, "onboarding_completed_steps", default=0),
    "total_steps": _step_count,
    "profile_completed": of(boolean, "profile_completed"),
    "integration_connected": of(boolean, "integration_connected"),
    "started_at": of(moment, "onboarding_started"),
    "completed_at": of(moment, "onboarding_completed"),
}

PREFERENCES = ("id", "user_id", "page_key", "view_mode", "table_settings", "updated_at")

SECOND_FACTOR = {
    "id": key,
    "created_at": of(moment, "created_at"),
    "user_id": reference("user_id", "user"),
    "enabled": flag("enabled"),
    "method": of(text, "method"),
    "secret": of(text, "secret"),
    "backup_codes": of(jsonb, "backup_codes"),
    "confirmed_at": of(moment, "confirmed_at"),
    "last_used_at": of(moment, "last_used_at"),
}


def preferences(landed: Landed) -> pd.DataFrame:
    """One row for each page a user keeps preferences of."""

    def rows_of(document: Document) -> Iterator[dict[str, Any]]:
        pages = document.get("preferences")
        for page, kept in pages.items() if isinstance(pages, dict) else ():
            settings = kept if isinstance(kept, dict) else {}
            cells = (
                surrogate(document.id, page),
                document.id,
                page,
                text(settings.get("view_mode")),
                jsonb(settings.get("table_settings")),
                moment(document.get("updated_at")),
            )
            yield dict(zip(PREFERENCES, cells, strict=True))

    return frame((one for document in landed.documents("user") for one in rows_of(document)), PREFERENCES)


TABLES = {
    "user": one_to_one("user", USER),
    "user_credentials": one_to_one("user", CREDENTIALS),
    "user_subscriptions": one_to_one("user", SUBSCRIPTIONS),
    "user_settings": one_to_one("user", SETTINGS),
    "user_roles": one_to_one("user", ROLES),
    "user_preferences": preferences,
    "user_onboarding": one_to_one("user", ONBOARDING),
    "user_2fa": one_to_one("user_2fa", SECOND_FACTOR),
}
