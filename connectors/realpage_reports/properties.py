"""The properties, as `seeds/properties.csv` lists them: the one place that knows names and site ids.

Does not belong here: what is read of them.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SEED = Path(__file__).parents[2] / "seeds" / "properties.csv"


@dataclass(frozen=True)
class Property:
    """A property with RealPage.

    Attributes:
        site_id: RealPage's id of it; its account.
        name: as the reports print it.
        company: that manages it, as the reports print it before the name.
        timezone: where its days begin.
        is_active: is it still synced?
    """

    site_id: str
    name: str
    company: str
    timezone: str
    is_active: bool


@cache
def properties() -> Sequence[Property]:
    """Every property that has a RealPage site id."""
    with _SEED.open(encoding="utf-8", newline="") as file:
        return tuple(
            Property(
                row["realpage_site_id"],
                row["name"],
                row["company"],
                row["timezone"],
                row["is_active"].strip().lower() in {"true", "t", "1", "yes"},
            )
            for row in csv.DictReader(file)
            if row["realpage_site_id"]
        )


def same(name: str) -> str:
    """A property's name as it is compared: case and blanks do not count."""
    return " ".join(name.split()).casefold()
