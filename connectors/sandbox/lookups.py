"""What the business works with and no person made: brokerages, offices, days, modules, defaults, what it sells.

Belongs here: frames that are the same in every world, whatever its seed and size. Does not belong here: what
users made of the defaults (`connectors/sandbox/systems.py`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.names import CITIES, FIRST, LAST, STATES

_START = np.datetime64("2022-03-24T20:00:00", "s")
_MINUTE = np.timedelta64(60, "s")

OFFICES = 40
"""Agents know offices 0 (none) to 39: the last one has nobody yet."""

_BROKERAGES = (
    ("Headwater Realty", "HWR", "United States"),
    ("Headwater Realty Canada", "HWC", "Canada"),
    ("Headwater Commercial", "HWX", "United States"),
    ("Headwater Referral Network", "HWN", "United States"),
)
_MODULES = (
    ("business_summary", "Business Summary"),
    ("transactions", "Transactions"),
    ("listings", "Listings"),
    ("revenue", "Revenue"),
    ("network", "Network"),
    ("leaderboard", "Leaderboard"),
    ("agent_insights", "Agent Insights"),
    ("directory", "Directory"),
    ("leads", "Leads"),
    ("team_management", "Team Management"),
    ("admins", "Admins"),
    ("staff", "Staff"),
    ("links", "Links"),
    ("calendar", "Calendar"),
    ("goals", "Goals"),
    ("pipeline", "Pipeline"),
    ("reports", "Reports"),
    ("integrations", "Integrations"),
    ("billing", "Billing"),
    ("notifications", "Notifications"),
    ("settings", "Settings"),
    ("equity", "Equity"),
    ("revenue_share", "Revenue Share"),
)
_ROLES = ("admin", "owner", "leader", "common")
_GUARDED_MODULES = 10
"""The first modules have permissions, one a role."""

_TAGS = (
    # name, colour, what it is put on, user and team it belongs to: 0 for everybody
    ("Luxury", "#8a6d3b", "transaction", 0, 0),
    ("Referral", "#336699", "transaction", 0, 0),
    ("First Time Buyer", "#3c763d", "contact", 0, 0),
    ("Investor", "#31708f", "contact", 5, 0),
    ("Relocation", "#a94442", "transaction", 0, 2),
    ("New Construction", "#777777", "listing", 0, 0),
)
_LEAD_SOURCES = {
    "Portal": "Zillow,Realtor.com,Homes Portal,Listing Hub,Rental Portal,Auction Site,New Homes Portal,Land Portal,"
    "Luxury Portal,Foreclosure List,For Sale by Owner Site,Condo Portal,Relocation Portal,Agent Finder,Home Value Site",
    "Referral": "Referral,Sphere,Past Client,Family,Friend,Neighbour,Agent Referral,Out of State Agent,Lender,Attorney,"
    "Financial Advisor,Builder,Contractor,Insurance Agent,Accountant,Employer,Relocation Company,Divorce Mediator",
    "Social": "Facebook,Facebook Group,Facebook Ad,Instagram,Instagram Ad,LinkedIn,YouTube,TikTok,Pinterest,Nextdoor,"
    "Reddit,X,Podcast,Live Stream",
    "Online": "Google,Google Ad,Google Business Profile,Bing,Website,Landing Page,Blog,Chat,Registration,Newsletter,"
    "Drip Campaign,Webinar,Text Code,QR Code,Virtual Tour,Video Email",
    "Print": "Postcard,Flyer,Newspaper,Magazine,Door Hanger,Handwritten Note,Billboard,Bus Bench,Calendar Mailer,"
    "Just Sold Card,Just Listed Card",
    "In person": "Open House,Broker Open,Yard Sign,Door Knocking,Walk-in,Office Duty,Home Show,Community Event,Seminar,"
    "School Event,Church,Gym,Chamber of Commerce,Networking Group,Farmers Market,Charity Event",
    "Phone": "Cold Call,Expired Listing,Cancelled Listing,Circle Prospecting,Sign Call,Call Capture",
    "CRM": "Follow Up Boss,Lofty,dotloop,Imported List,Purchased List,Reactivated Lead,Other",
}
_NOTIFICATIONS = (
    # code, group, type, title, text, by e-mail, pushed
    ("ONBOARDING_STARTED", "Onboarding", "INFO", "We are on it", "Your records are being imported.", True, False),
    ("ONBOARDING_COMPLETE", "Onboarding", "INFO", "All set 🎉", "Your records are here.", True, True),
    ("ONBOARDING_ERROR", "Onboarding", "ERROR", "Import stopped", "We could not import all records.", True, True),
    ("SYNC_ERROR", "Integration", "WARNING", "Sync failed", "One of your connections needs you.", True, False),
    ("TRANSACTION_CLOSED", "Transaction", "INFO", "Deal closed", "One of your deals has closed.", False, True),
    ("CAP_REACHED", "Transaction", "INFO", "You capped!", "You have paid this year's cap.", True, True),
    ("TEAM_MEMBER_JOINED", "Team", "INFO", "New on the team", "Somebody has joined your team.", False, False),
)
_STAGES = (
    ("New Lead", "#e8f0fe", "#1a56c4", "Nobody has called yet"),
    ("Attempted Contact", "#fef7e0", "#9a6700", "Called, not reached"),
    ("Contacted", "#e6f4ea", "#137333", "Reached once"),
    ("Appointment Set", "#e0f2f1", "#00695c", ""),
    ("Signed", "#ede7f6", "#4527a0", "Agreement signed"),
    ("Under Contract", "#fff3e0", "#e65100", ""),
    ("Closed", "#d7ccc8", "#3e2723", "Won"),
    ("Lost", "#eceff1", "#37474f", "Gone elsewhere"),
)
_RHYTHMS = ("Weekly", "Bi-Weekly", "Monthly", "Quarterly", "Semi-Annual", "Annual", "Weekly", "")
_PRODUCTS = (
    # name, text, price a month in cents, a seat beyond those included, seats, admins; no month price: sold once
    ("Agent", "For an agent alone", 4_900, 0, 1, 1),
    ("Team", "For a team and its leaders", 19_900, 1_250, 10, 2),
    ("Team Plus", "For a team of teams", 49_950, 1_050, 40, 5),
    ("Brokerage", "For a whole office", 149_900, 900, 200, 10),
    ("Coaching", "Monthly sessions with a coach", 29_950, 0, 0, 0),
    ("Set-up", "Import of the years before", 0, 0, 0, 0),
)
_ONCE_CENTS = (25_000, 75_050)
_MONTHS_A_YEAR = 10
"""Who pays for a year pays this many months."""

_TIERS = {"Basic": 100, "Pro": 160, "Enterprise": 250}
"""What a package of the tier costs, in percent of its product."""

_FEATURES = ("dashboards", "leaderboard", "network", "revenue share", "lead routing", "API")


@dataclass(frozen=True)
class Lookups:
    """Frames that are the same in every world."""

    brokerages: pd.DataFrame
    offices: pd.DataFrame
    calendar: pd.DataFrame
    modules: pd.DataFrame
    permissions: pd.DataFrame
    tags: pd.DataFrame
    lead_sources: pd.DataFrame
    notifications: pd.DataFrame
    stages: pd.DataFrame
    prospects: pd.DataFrame
    products: pd.DataFrame
    prices: pd.DataFrame
    packages: pd.DataFrame


def build() -> Lookups:
    """Make all lookups."""
    return Lookups(
        brokerages=_frame(("name", "code", "country"), _BROKERAGES),
        offices=_offices(),
        calendar=_calendar(),
        modules=_frame(("name", "label"), _MODULES),
        permissions=_permissions(),
        tags=_frame(("name", "color", "type", "user_id", "team_id"), _TAGS),
        lead_sources=_frame(
            ("category", "name"),
            [(group, name) for group, names in _LEAD_SOURCES.items() for name in names.split(",")],
        ),
        notifications=_frame(("code", "category", "type", "title", "message", "email", "push"), _NOTIFICATIONS),
        stages=_frame(("name", "background_color", "text_color", "description"), _STAGES),
        prospects=_prospects(),
        products=_products(),
        prices=_prices(),
        packages=_packages(),
    )


def _frame(columns: tuple[str, ...], rows: Any) -> pd.DataFrame:
    """Make a frame of these rows, with an id and the minute each was typed in."""
    made = pd.DataFrame(list(rows), columns=list(columns))
    ids = np.arange(1, len(made) + 1)
    made.insert(0, "id", ids)
    return made.assign(created=_START + ids * _MINUTE)


def _offices() -> pd.DataFrame:
    rows = []
    for number in range(1, OFFICES + 1):
        place = number * 7 % len(STATES)
        canadian = place >= 51
        zipcode = f"A{number % 10}A {number // 10}A1" if canadian else f"{number * 401:05d}"
        rows.append((CITIES[number % len(CITIES)], place, 2 if canadian else 1, zipcode))
    return _frame(("city", "place", "brokerage_id", "zip"), rows)


def _calendar() -> pd.DataFrame:
    days = pd.date_range("2016-01-01", "2027-12-31", unit="s")
    weeks = days.isocalendar()
    return pd.DataFrame(
        {
            "id": np.arange(1, len(days) + 1),
            "day": days,
            "iso_week": weeks["week"].to_numpy(dtype=np.int64),
            "iso_day": weeks["day"].to_numpy(dtype=np.int64),
            "created": _START,
        }
    )


def _permissions() -> pd.DataFrame:
    guarded = list(enumerate(_MODULES[:_GUARDED_MODULES], start=1))
    rows = [
        (f"{name}:{role}", role, number, f"{label} for the role {role}", role in ("admin", "owner"))
        for number, (name, label) in guarded
        for role in _ROLES
    ]
    return _frame(("name", "role", "module_id", "description", "can_edit"), rows)


def _prospects() -> pd.DataFrame:
    """One sample a stage, so that nobody starts with an empty board."""
    rows = [
        (FIRST[number * 11], LAST[number * 13], number, rhythm, number * 5)
        for number, rhythm in enumerate(_RHYTHMS, start=1)
    ]
    return _frame(("first_name", "last_name", "stage_id", "rhythm", "days_ago"), rows)


def _products() -> pd.DataFrame:
    made = _frame(("name", "description", "cents", "seat_cents", "seats", "admins"), _PRODUCTS)
    return made.assign(key=[f"prod_{number:012d}" for number in made["id"]])


def _prices() -> pd.DataFrame:
    """Two prices a product: a month and a year, or two sizes of what is sold once; and two that were dropped."""
    rows = []
    for number, (name, _, cents, seat_cents, seats, admins) in enumerate(_PRODUCTS, start=1):
        seated = (seat_cents, seats, admins)
        if cents:
            rows.append((number, f"{name} Monthly", "month", cents, *seated))
            rows.append((number, f"{name} Annual", "year", cents * _MONTHS_A_YEAR, *seated))
        else:
            rows += [
                (number, f"{name} {size}", "", once, *seated) for size, once in zip("SL", _ONCE_CENTS, strict=True)
            ]
    rows.append((1, "Agent Monthly (2022)", "month", 3_950, 0, 1, 1))
    rows.append((2, "Team Quarterly (2022)", "month", 47_700, 1_250, 10, 2))
    made = _frame(("product_id", "name", "interval", "cents", "seat_cents", "seats", "admins"), rows)
    made["interval_count"] = np.where(made["name"].str.contains("Quarterly"), 3, 1)
    return made.assign(key=[f"price_{number:012d}" for number in made["id"]])


def _packages() -> pd.DataFrame:
    """A package a product and tier, and one that only the first customers have."""
    rows = [
        (f"{name} {tier}", tier, number, (cents or _ONCE_CENTS[0]) * percent // 100, index + 2 * number)
        for number, (name, _, cents, *_) in enumerate(_PRODUCTS, start=1)
        for index, (tier, percent) in enumerate(_TIERS.items())
    ]
    made = _frame(("name", "tier", "product_id", "cents", "reach"), [*rows, ("Founders", "", 0, 2_900, 18)])
    made["features"] = [_FEATURES[: reach % len(_FEATURES)] for reach in made["reach"]]
    return made.assign(year_cents=made["cents"] * _MONTHS_A_YEAR).drop(columns="reach")
