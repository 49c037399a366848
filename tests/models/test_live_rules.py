"""How live sources write amounts and days, against plain Python.

Belongs here: `macros/live/`. Does not belong here: which column follows which rule.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.dbt_build import invoke

Rule = Callable[..., Any]

ZERO_DECIMAL = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split()
THREE_DECIMAL = "bhd jod kwd omr tnd".split()
AMOUNTS = {
    "25000": Decimal(25000),
    "110000.0": Decimal(110000),
    "$1,250,000.005": Decimal("1250000.01"),
    " $ 10 ": Decimal(10),
    "1,2,3": None,
    "12%": None,
    "1e5": None,
    "-5": None,
    "": None,
    "9999999999999": None,
    "about 300": None,
}
DAYS = {
    "11/01/2017": date(2017, 11, 1),
    "3/5/2026": date(2026, 3, 5),
    "March 05, 2017": date(2017, 3, 5),
    "Sept 5 2017": date(2017, 9, 5),
    " May 31, 2024 ": date(2024, 5, 31),
    "2026-03-15": date(2026, 3, 15),
    "2026-03-15T10:00:00Z": date(2026, 3, 15),
    "13/01/2017": None,
    "02/30/2024": None,
    "Monday 05, 2017": None,
    "today": None,
    "05.03.2017": None,
    "": None,
}


@pytest.fixture(scope="module")
def rule(warehouse: str) -> Rule:
    """What a macro makes of values: its SQL over $1, $2, … run on the warehouse."""
    compiled: dict[str, str] = {}
    connection = psycopg.connect(warehouse, autocommit=True)

    def apply(call: str, *values: Any) -> Any:
        if call not in compiled:
            compiled[call] = invoke(["compile", "--inline", "select {{ " + call + " }}"])[0].node.compiled_code
        query = compiled[call].replace("%", "%%")
        for number in range(len(values)):
            query = query.replace(f"value_{number}", f"%(value_{number})s::text")
        row = connection.execute(query, {f"value_{number}": value for number, value in enumerate(values)}).fetchone()
        return row[0] if row else None

    return apply


@given(
    minor=st.integers(0, 99_999_999),
    currency=st.sampled_from([*ZERO_DECIMAL, *THREE_DECIMAL, "usd", "EUR", "isk", "ugx", "huf", "twd"]),
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_stripes_smallest_units(rule: Rule, minor: int, currency: str) -> None:
    """Whole units, thousandths, else hundredths: also of ISK and UGX, which have no hundredths."""
    places = {**dict.fromkeys(ZERO_DECIMAL, 0), **dict.fromkeys(THREE_DECIMAL, 3)}.get(currency.lower(), 2)
    found = rule("stripe_amount('value_0::numeric', 'value_1')", str(minor), currency)
    assert found == Decimal(minor).scaleb(-places)


@pytest.mark.parametrize(("written", "amount"), AMOUNTS.items())
def test_amounts_people_wrote(rule: Rule, written: str, amount: Decimal | None) -> None:
    """Dollars and commas go; what is no amount is null."""
    assert rule("written_amount('value_0')", written) == amount


@pytest.mark.parametrize(("written", "day"), DAYS.items())
def test_days_people_wrote(rule: Rule, written: str, day: date | None) -> None:
    """Month first, or its name; what is no day of the calendar is null."""
    assert rule("written_day('value_0')", written) == day


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(["%m/%d/%Y", "%B %d, %Y", "%b %d, %Y"]))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_every_day_is_read_back(rule: Rule, day: date, form: str) -> None:
    """In each of dotloop's ways."""
    assert rule("written_day('value_0')", day.strftime(form)) == day


@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"), max_size=20))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_no_text_is_an_error(rule: Rule, text: str) -> None:
    """Whatever somebody types into a form, a run goes on."""
    for name in ("written_amount", "written_day"):
        rule(f"{name}('value_0')", text)
