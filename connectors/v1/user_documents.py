"""V1's documents about users: user, user_2fa.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.world import World
from connectors.v1.people_values import full_names, phones, short_names
from connectors.v1.quirks import MISSING, Column, Quirks, plain

_STEPS = ("Create account", "Complete profile", "Connect integration", "Join team", "Import history")
_ONBOARDING = {
    "Pending": ("", "New", "Pending"),
    "Started": ("Started",),
    "Partial": ("PARTIAL",),
    "Complete": ("COMPLETED", "Complete"),
}
_PAGES = ("transactions", "network", "listings", "leaderboard")


def _preferences(q: Quirks) -> Column:
    def pages() -> Any:
        count = q.chance.integers(-2, 5)
        if count <= 0:
            return {} if count else MISSING
        chosen = q.chance.permutation(len(_PAGES))[:count]
        return {_PAGES[page]: page_settings() for page in chosen.tolist()}

    def page_settings() -> dict[str, Any]:
        mode = ("table", "card", "chart", "")[q.chance.integers(0, 4)]
        size = int(q.chance.integers(1, 5)) * 25
        settings: tuple[dict[str, Any], ...] = (
            {"table_settings": {"page_size": size, "sort": "-created"}},
            {"table_settings": {}},
            {},
        )
        return {"view_mode": mode, **settings[q.chance.integers(0, 3)]}

    return [pages() for _ in range(q.rows)]


def _onboarding(rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    state = plain(rows["onboarding"])
    steps = [{"Pending": 0, "Started": 1, "Partial": 3, "Complete": len(_STEPS)}[one] for one in state]
    done = np.array(steps)
    started = np.where(done > 0, rows["created"], np.datetime64("NaT"))
    finished = np.where(done == len(_STEPS), rows["created"] + pd.Timedelta(days=3), np.datetime64("NaT"))
    spelt = [_ONBOARDING[one][q.chance.integers(0, len(_ONBOARDING[one]))] for one in state]
    return {
        "onboarding_status": spelt,
        "onboarding_step": [_STEPS[step] if step < len(_STEPS) else "" for step in steps],
        "onboarding_completed_steps": q.numbers(steps),
        "onboarding_started": q.moments(started),
        "onboarding_completed": q.moments(finished),
        "profile_completed": q.flags(done >= 2),
        "integration_connected": q.flags(done >= 3),
    }


def user(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 41."""
    agent_id, team_id = rows["agent_id"].to_numpy(), rows["team_id"].to_numpy()
    is_agent, on_team = agent_id > 0, team_id > 0
    seen = world.agents.iloc[np.maximum(agent_id, 1) - 1]
    above = {name: np.where(is_agent, seen[name], 0) for name in ("director_id", "leader_id", "mentor_id")}
    in_role = {
        name: np.isin(agent_id, getattr(world, f"{name}s")["agent_id"]) for name in ("director", "leader", "mentor")
    }
    owns = np.isin(agent_id, world.teams["owner_agent_id"])
    is_admin = rows["is_admin"].to_numpy() | owns
    old = (rows["created"] < pd.Timestamp("2023-01-01")).to_numpy()
    names = full_names(rows)
    email = q.change(plain(rows["email"]), q.happens(0.08), str.upper)
    token = [
        {"token": f"sandbox-{n}", "expiration": 1_790_000_000_000 + n, "used": n % 2 == 0} for n in plain(rows["id"])
    ]
    unlinked = q.one_of([None, [], MISSING], [1, 1, 1])
    linked = q.happens(0.4).tolist()
    columns = {
        "created_at": q.moments(rows["created"]),
        "updated_at": q.moments(q.until_end(rows["created"])),
        "last_login": q.moments(rows["last_login"].where(~q.happens(0.1))),
        "first_name": q.texts(rows["first_name"], pad=0.04),
        "last_name": q.texts(rows["last_name"]),
        "full_name": q.change(q.texts(names), q.happens(0.08), lambda _: ""),
        "display_name": q.change(q.texts(short_names(rows)), q.happens(0.3), lambda _: ""),
        "email": q.change(email, q.happens(0.05), lambda text: f"  {text} "),
        "email2": q.label("second{}@example.com", rows["id"], 0.1),
        "cell_phone": q.texts(phones(rows["phone"])),
        "birthdate": q.days(rows["birthdate"].where(~q.happens(0.4))),
        "avatar": q.label("https://www.example.com/avatar/{}.png", rows["id"], 0.5),
        "organization": q.one_of(["", "Sunny Realty", "Peña & Söhne", "Café Immobilier"], [7, 1, 1, 1]),
        "active": q.flags(rows["active"]),
        "demo": q.flags(rows["is_demo"]),
        "agent_id": q.ids(agent_id),
        "team_id": q.ids(team_id),
        "brokerage_id": q.ids(np.where(is_agent, seen["brokerage_id"], 0)),
        "director_id": q.ids(above["director_id"]),
        "leader_id": q.ids(above["leader_id"]),
        "mentor_id": q.ids(above["mentor_id"]),
        "role": q.cased(np.where(is_admin, "admin", "common")),
        "account_type": q.cased(np.where(on_team, "Team", "Individual"), 0.4),
        "view": q.cased(np.where(is_admin, "Admin", "Agent")),
        "is_agent": q.flags(is_agent),
        "is_account_admin": q.flags(is_admin),
        "is_individual": q.flags(~on_team),
        "is_on_team": q.flags(on_team),
        "is_team_owner": q.flags(owns),
        "is_director": q.flags(in_role["director"]),
        "is_leader": q.flags(in_role["leader"]),
        "is_mentor": q.flags(in_role["mentor"]),
        "password": q.label("sandbox-hash-{:06d}", rows["id"]),
        "api_key": q.change(q.label("sandbox-key-{:06d}", rows["id"]), ~rows["rezen_key"].to_numpy(), lambda _: ""),
        "api_key_confirmed": q.chance_flags(0.4),
        "account_confirmed": q.chance_flags(0.9),
        "confirmed": q.chance_flags(0.9),
        "confirmation_code": q.ids(np.where(q.happens(0.6), q.chance.integers(1_000, 10_000, q.rows), 0)),
        "magic_link": [one if has else no for one, has, no in zip(token, linked, unlinked, strict=True)],
        "google_sub": q.label("1000000000000{:06d}", rows["id"], 0.3),
        "stripe_customer_id": q.label("cus_{:012d}", rows["id"], 0.7),
        "stripe_product_id": q.ids(q.chance.integers(0, 7, q.rows)),
        "stripe_price_id": q.ids(q.chance.integers(0, 15, q.rows)),
        "subscription_packages_id": q.ids(q.chance.integers(0, 20, q.rows)),
        "subscription_type": q.one_of(["Team Monthly", "Team Annual", "Individual Monthly", ""], [4, 2, 3, 1]),
        "paid": q.flags(rows["paid"]),
        "payment_complete": q.flags(rows["paid"]),
        "preferences": _preferences(q),
        **_onboarding(rows, q),
    }
    settings = (
        "dailyDash_transactions dailyDash_listings dailyDash_revenue daily_dash_daily network_news_daily"
        " network_news_weekly listing_refresh privacy_mode"
    )
    columns |= {key: q.chance_flags(0.6) for key in settings.split()}
    for key in ("privacy_mode", "email2", "google_sub", "onboarding_step"):
        columns[key] = q.late(columns[key], old)
    return columns


def user_2fa(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 358."""
    codes = [{"codes": [f"sandbox-{n}-{k}" for k in range(3)], "used": 0} for n in plain(rows["id"])]
    return {
        "created_at": q.moments(rows["created"]),
        "user_id": q.ids(rows["user_id"]),
        "enabled": q.flags(rows["enabled"]),
        "method": q.texts(rows["method"]),
        "secret": q.label("sandbox-secret-{}", rows["id"]),
        "backup_codes": q.change(codes, q.happens(0.3), lambda _: {}),
        "confirmed_at": q.moments(rows["confirmed"]),
        "last_used_at": q.moments(rows["last_used"]),
    }
