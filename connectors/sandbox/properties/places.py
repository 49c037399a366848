"""The properties of the made-up world: who they are, where they stand, how large and how full they are.

Belongs here: one row a property. Does not belong here: what stands on it (`buildings.py`), who lives there.

Names and the ids of the two systems are those of `seeds/properties.csv`; the sandbox adds what only a system knows.
"""

from __future__ import annotations

import csv
from collections.abc import Hashable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from connectors.sandbox.chance import stream

SEED_CSV = Path(__file__).parents[3] / "seeds" / "properties.csv"

REALPAGE, YARDI = 25, 5
"""How many properties each system has at scale 1."""

_FEWEST_REALPAGE, _FEWEST_YARDI = 5, 3

_FILLED = {
    "nexus_east": (352, 337),
    "aspire_7th_and_grant": (178, 166),
    "parkside": (432, 375),
    "edison_at_rino": (277, 238),
    "ridian": (123, 70),
}
"""Units, and those occupied on the world's first day, of the properties whose figures are known."""

_LAGGING = {"alder_creek"}
"""Their accounting day is the day before everyone else's."""

_WITHOUT_SITE = 4_819_001
"""The first site id of the properties that RealPage does not have."""

_STREETS = ("Larimer St", "Grant St", "Mill Rd", "Alder Ave", "Station Pkwy", "Canal St", "Orchard Ln", "Quarry Dr")
_TOWNS = {
    "America/Denver": (("Denver", "CO", "80203", "Denver"), ("Aurora", "CO", "80012", "Arapahoe")),
    "America/Chicago": (("Madison", "WI", "53703", "Dane"), ("Austin", "TX", "78702", "Travis")),
    "America/Phoenix": (("Mesa", "AZ", "85201", "Maricopa"), ("Tempe", "AZ", "85281", "Maricopa")),
    "America/New_York": (("Durham", "NC", "27701", "Durham"), ("Albany", "NY", "12207", "Albany")),
    "America/Los_Angeles": (("Fresno", "CA", "93721", "Fresno"), ("Reno", "NV", "89501", "Washoe")),
}


def properties(seed: int, scale: float, today: date) -> pd.DataFrame:
    """Make the properties of a scale; `number` is their place in the seed, whatever the scale."""
    with SEED_CSV.open(encoding="utf-8", newline="") as file:
        listed = pd.DataFrame(list(csv.DictReader(file)), dtype=str)
    listed["number"] = np.arange(1, len(listed) + 1)
    has_site, has_code = listed["realpage_site_id"] != "", listed["yardi_property_code"] != ""
    shown = has_site & (has_site.cumsum() <= max(_FEWEST_REALPAGE, round(REALPAGE * scale)))
    shown_by_yardi = has_code & (has_code.cumsum() <= max(_FEWEST_YARDI, round(YARDI * scale)))
    rows = listed[shown | shown_by_yardi]
    made = [_property(seed, row, today) for row in rows.to_dict("records")]
    frame = pd.DataFrame(made)
    frame.insert(9, "on_realpage", shown[rows.index].to_numpy())
    frame.insert(10, "on_yardi", shown_by_yardi[rows.index].to_numpy())
    return frame


def _property(seed: int, row: dict[Hashable, Any], today: date) -> dict[str, Any]:
    slug, number = str(row["unified_property_id"]), int(row["number"])
    chance = stream(seed, f"property {slug}")
    drawn = chance.integers(0, 1_000_000, 8)
    units, share = 60 + int(drawn[0]) % 300, 870 + int(drawn[1]) % 105
    units, occupied = _FILLED.get(slug, (units, units * share // 1000))
    towns = _TOWNS[str(row["timezone"])]
    city, state, zip_code, county = towns[int(drawn[2]) % len(towns)]
    lagging = slug in _LAGGING
    property_date = today - timedelta(days=1) if lagging else today
    digits = slug.replace("_", "")
    return {
        "site_id": int(row["realpage_site_id"] or _WITHOUT_SITE + number),
        "slug": slug,
        "name": row["name"],
        "company": row["company"],
        "pmc_id": 4_248_314,
        "site_number": f"{100 + number:04d}",
        "yardi_code": row["yardi_property_code"] or f"{digits[:4]}{number:02d}",
        "primary_pms": row["primary_pms"],
        "timezone": row["timezone"],
        "street": f"{100 + int(drawn[3]) % 8_900} {_STREETS[int(drawn[4]) % len(_STREETS)]}",
        "city": city,
        "state": state,
        "zip": zip_code,
        "county": county,
        "phone": f"(303) 555-01{number:02d}",
        "email": f"office@{digits}.example",
        "web": f"https://www.{digits}.example",
        "property_date": np.datetime64(property_date, "s"),
        "lagging": lagging,
        "fiscal_period": f"{property_date:%m%Y}",
        "period_start_on": np.datetime64(property_date.replace(day=1), "s"),
        "uses_buildings": slug == "parkside" or number % 4 == 0,
        "seed_property": slug in _FILLED,
        "number": number,
        "first_day_units": units,
        "first_day_occupied": occupied,
    }
