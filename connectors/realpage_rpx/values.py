"""How the gateway spells values: dates, money, yes and no, a column at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

DAY = "%Y-%m-%d"
MOMENT = "%Y-%m-%d 00:00:00"
SLASHED = "%m/%d/%Y"
SQL_TEXT = "%b %e %Y 12:00AM"
"""SQL Server's own: two blanks before a day of one digit."""


def days(column: pd.Series, spelling: str) -> pd.Series:
    """Days as text; '' for none."""
    return pd.to_datetime(column).dt.strftime(spelling).fillna("")


def money(cents: pd.Series, places: int, *, commas: bool = False) -> list[str]:
    """Cents as a decimal with so many places, thousands with commas on request."""
    form = f"{{:{',' if commas else ''}.{places}f}}"
    return [form.format(one / 100) for one in cents.tolist()]


def flags(column: Any, yes: str, no: str) -> Any:
    """True and false in an API's words."""
    return np.where(column, yes, no)


def either(condition: Any, one: Any, other: Any) -> Any:
    """One where the condition holds, elsewhere the other."""
    return np.where(condition, one, other)
