"""V1's documents about lookups and users' own copies of them: brokerage, office, calendar, modules, defaults.

Belongs here: which key holds what, with V1's own spelling. Does not belong here: how a kind of value is
written (`connectors/v1/quirks.py`) and what is true (`connectors/sandbox/`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.world import World
from connectors.v1.people_values import ABBREVIATIONS, full_names, phones
from connectors.v1.quirks import Column, Quirks, plain

_COLORS = ("#336699", "#8a6d3b", "#3c763d", "#a94442", "#777777", "")


def brokerage(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 81."""
    codes = rows["code"].str.lower()
    return {
        "created_at": q.moments(rows["created"]),
        "name": q.texts(rows["name"], pad=0.2),
        "code": q.texts(rows["code"]),
        "country": q.texts(rows["country"]),
        "website": q.label("https://www.example.com/{}", codes),
        "logo": q.label("https://www.example.com/brokerage/{}.png", codes),
        "active": q.flags(np.ones(q.rows, dtype=bool)),
    }


def _addresses(rows: pd.DataFrame) -> list[dict[str, Any]]:
    states = ABBREVIATIONS[rows["place"].to_numpy()].tolist()
    parts = zip(plain(rows["id"]), plain(rows["city"]), states, plain(rows["zip"]), strict=True)
    return [
        {
            "oneLine": f"{number} Example St, {city}, {state} {zipcode}",
            "street": f"{number} Example St",
            "city": city,
            "state": state,
            "zipcode": zipcode,
        }
        for number, city, state, zipcode in parts
    ]


def office(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 35: rows from reZEN have the address in parts, and sometimes nowhere else."""
    ids, addresses = plain(rows["id"]), _addresses(rows)
    from_rezen = q.happens(0.5)
    inside_only = from_rezen & q.happens(0.6)
    bank = q.label("{} Example Plaza", ids, 0.3)
    return {
        "created_at": q.moments(rows["created"]),
        "office_id": q.label("00000000-0000-4000-8000-{:012d}", ids),
        "name": q.texts([f"{city} {number}" for city, number in zip(plain(rows["city"]), ids, strict=True)], pad=0.05),
        "brokerage_id": q.ids(rows["brokerage_id"]),
        "address": q.change(list[Any](addresses), ~from_rezen, lambda address: address["oneLine"]),
        "city": q.change(q.texts(rows["city"]), inside_only, lambda _: ""),
        "state_or_province_id": q.ids(rows["place"] + 1),
        "zip": q.change(q.texts(rows["zip"]), inside_only, lambda _: ""),
        "phone": q.texts(phones(rows["id"])),
        "email": q.label("office{}@example.com", ids, 0.9),
        "bank_address": q.change(bank, q.happens(0.15), lambda text: text and {"oneLine": text}),
        "active": q.flags(np.array(ids) % 13 != 0),
    }


def calendar(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 49."""
    days = rows["day"].dt
    return {
        "created_at": q.moments(rows["created"]),
        "date": q.days(rows["day"]),
        "year": q.numbers(days.year),
        "quarter": q.numbers(days.quarter),
        "month": q.numbers(days.month),
        "monthName": q.texts(days.month_name()),
        "week": q.numbers(rows["iso_week"]),
        "day": q.numbers(days.day),
        "dayOfWeek": q.numbers(rows["iso_day"]),
        "dayName": q.texts(days.day_name()),
        "isWeekend": q.flags(rows["iso_day"] > 5),
    }


def modules(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 148."""
    return {
        "created_at": q.moments(rows["created"]),
        "name": q.texts(rows["name"]),
        "label": q.texts(rows["label"], pad=0.05),
        "description": q.label("The pages of {}", rows["label"], 0.6),
        "enabled": q.flags(rows["id"] < 22),
        "order": q.numbers(rows["id"]),
    }


def permissions(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 149."""
    return {
        "created_at": q.moments(rows["created"]),
        "name": q.texts(rows["name"]),
        "role": q.texts(rows["role"]),
        "module_id": q.ids(rows["module_id"]),
        "description": q.texts(rows["description"]),
        "can_view": q.flags(np.ones(q.rows, dtype=bool)),
        "can_edit": q.flags(rows["can_edit"]),
    }


def tags(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 143."""
    return {
        "created_at": q.moments(rows["created"]),
        "name": q.texts(rows["name"], pad=0.1),
        "color": q.texts(rows["color"]),
        "type": q.texts(rows["type"]),
        "user_id": q.ids(rows["user_id"]),
        "team_id": q.ids(rows["team_id"]),
    }


def lead_source_defaults(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 140."""
    return {
        "created_at": q.moments(rows["created"]),
        "name": q.texts(rows["name"], pad=0.03),
        "category": q.texts(rows["category"]),
        "color": q.one_of(_COLORS, [1] * len(_COLORS)),
        "order": q.numbers(rows["id"]),
        "active": q.flags(rows["id"] % 20 != 0),
    }


def lead_source_user(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 142."""
    return {
        "created_at": q.moments(rows["created"]),
        "user_id": q.ids(rows["user_id"]),
        "lead_source_defaults_id": q.ids(rows["default_id"]),
        "name": q.texts(rows["name"]),
        "category": q.texts(rows["category"]),
        "color": q.one_of(_COLORS, [1] * len(_COLORS)),
        "order": q.numbers(rows["order"]),
        "active": q.flags(rows["active"]),
    }


def notification_defaults(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 204."""
    return {
        "created_at": q.moments(rows["created"]),
        "code": q.texts(rows["code"]),
        "category": q.texts(rows["category"]),
        "type": q.texts(rows["type"]),
        "title": q.texts(rows["title"]),
        "message": q.texts(rows["message"]),
        "email": q.flags(rows["email"]),
        "push": q.flags(rows["push"]),
        "in_app": q.flags(np.ones(q.rows, dtype=bool)),
    }


def notification_user_prefs(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 205: the key of the default says categories, which it once pointed to."""
    return {
        "created_at": q.moments(rows["created"]),
        "updated_at": q.moments(rows["updated"]),
        "user_id": q.ids(rows["user_id"]),
        "notification_default_categories_id": q.ids(rows["default_id"]),
        "email": q.flags(rows["email"]),
        "push": q.flags(rows["push"]),
        "in_app": q.flags(rows["in_app"]),
    }


def pipeline_stage_defaults(_: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 199."""
    return {
        "created_at": q.moments(rows["created"]),
        "name": q.texts(rows["name"], pad=0.1),
        "description": q.texts(rows["description"]),
        "background_color": q.texts(rows["background_color"]),
        "text_color": q.texts(rows["text_color"]),
        "order": q.numbers(rows["id"]),
        "inactive": q.flags(rows["id"] == 4),
    }


def pipeline_prospect_defaults(world: World, rows: pd.DataFrame, q: Quirks) -> dict[str, Column]:
    """V1 table 200."""
    contacted = np.datetime64(WORLD_DAY, "D") - rows["days_ago"].to_numpy().astype("timedelta64[D]")
    coming = np.where(rows["rhythm"] == "", np.datetime64("NaT"), contacted + np.timedelta64(90, "D"))
    return {
        "created_at": q.moments(rows["created"]),
        "prospect_id": q.label("sample-{}", rows["id"]),
        "name": q.texts(full_names(rows)),
        "first_name": q.texts(rows["first_name"]),
        "last_name": q.texts(rows["last_name"]),
        "email": q.label("prospect{}@example.com", rows["id"]),
        "phone": q.texts(phones(rows["id"])),
        "company": q.label("Example & Co. {}", rows["id"], 0.5),
        "stage": q.texts(world.lookups.stages["name"].to_numpy(dtype=object)[rows["stage_id"].to_numpy() - 1]),
        "pipeline_stages_id": q.ids(rows["stage_id"]),
        "notes": q.one_of(["", "Likes gardens 🌱\nCall in the evening", 'Says "maybe"'], [2, 1, 1]),
        "followup_frequency": q.texts(rows["rhythm"]),
        "last_contacted_date": q.days(contacted),
        "followup_date": q.days(coming),
    }
