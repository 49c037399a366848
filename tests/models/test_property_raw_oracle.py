"""The raw property tables against the made-up world, by way of workbooks, SOAP and landing: every unit, lease, account.

Does not belong here: the metrics made of them (`test_property_marts.py`), rules on rows made by hand
(`test_property_raw.py`, `test_property_raw_yardi.py`).
"""

from collections.abc import Callable
from typing import Any

import pandas as pd
import psycopg
import pytest

from connectors.sandbox.properties import PropertyWorld, build, truth
from connectors.sandbox.world import SEED

Told = dict[tuple[str, ...], Any]

STATES = ["O", "ON", "OL", "VU", "VL", "VM", "VD"]


@pytest.fixture(scope="module")
def world() -> PropertyWorld:
    """The world that the sandbox shows at the tests' scale."""
    return build(SEED, 0.01, 0)


def _told(frame: pd.DataFrame, keys: list[str], *values: str) -> Told:
    """What a frame says of its keys: texts, cents as dollars, days as ISO texts and '' for none."""
    columns = []
    for name in values:
        column = frame[name]
        if name.endswith("_on"):
            column = pd.to_datetime(column).dt.strftime("%Y-%m-%d").fillna("")
        columns.append((column / 100).map("{:.2f}".format) if name.endswith("_cents") else column.astype(str))
    index = zip(*(frame[key].astype(str) for key in keys), strict=True)
    return dict(zip(index, zip(*columns, strict=True), strict=True))


def _of(frame: pd.DataFrame, sites: Any) -> pd.DataFrame:
    return frame[frame["site_id"].isin(list(sites))]


def _rents(world: PropertyWorld) -> Told:
    leases = _of(world.leases, world.realpage).query("in_force")
    leases = leases.assign(billed_cents=leases["rent_cents"] + leases["other_cents"] + leases["credits_cents"])
    units = world.units[["site_id", "unit_id", "label"]]
    return _told(leases.merge(units, on=["site_id", "unit_id"]), ["site_id", "label"], "rent_cents", "billed_cents")


def _units(world: PropertyWorld) -> Told:
    units = _of(world.units, world.realpage)
    return _told(units, ["site_id", "unit_id"], "state", "market_cents", "made_ready_on")


def _plans(world: PropertyWorld) -> Told:
    plans = _of(truth.unit_states(world).reset_index(), world.realpage)
    return _told(plans, ["site_id", "plan_name"], *STATES)


def _leases(world: PropertyWorld) -> Told:
    leases = _of(world.leases, world.realpage).query("in_force")
    return _told(leases, ["site_id", "lease_id"], "begin_on", "end_on", "signed_on", "rent_cents")


def _accounts(world: PropertyWorld) -> Told:
    ledger = _of(world.ledger, world.realpage)
    owed = ledger["delinquent_cents"] > 0
    ages = [f"bucket_{age}_cents" for age in (0, 30, 60, 90)]
    ledger = ledger.assign(**{age: ledger[age].where(owed, 0) for age in ages})
    ledger["prepaid_cents"] = -ledger["prepaid_cents"]
    figures = ["delinquent_cents", "prepaid_cents", *ages]
    # Accounts have no number in the report: a unit's are told apart by how they stand.
    sums = ledger.groupby(["site_id", "unit_label", "status"], as_index=False)[figures].sum()
    return _told(sums, ["site_id", "unit_label", "status"], *figures)


def _with_codes(world: PropertyWorld, frame: pd.DataFrame) -> pd.DataFrame:
    properties = world.properties[["site_id", "yardi_code"]].rename(columns={"yardi_code": "property_code"})
    return _of(frame, world.yardi).merge(properties, on="site_id")


def _yardi_units(world: PropertyWorld) -> Told:
    units = _with_codes(world, world.units[world.units["yardi_code"] != ""])
    units = units.assign(excluded=~units["counted"])
    return _told(units, ["property_code", "yardi_code"], "market_cents", "excluded")


def _charges(world: PropertyWorld) -> Told:
    in_force = world.leases.query("in_force")[["site_id", "lease_id"]]
    tenants = world.households[["site_id", "household_id", "tenant_code"]]
    charges = _with_codes(world, world.charges).merge(in_force, on=["site_id", "lease_id"])
    charges = charges.merge(tenants, on=["site_id", "household_id"])
    charges = charges.assign(all_cents=charges["cents"], rent_cents=charges["cents"].where(charges["is_rent"], 0))
    sums = charges.groupby(["property_code", "tenant_code"], as_index=False)[["all_cents", "rent_cents"]].sum()
    return _told(sums, ["property_code", "tenant_code"], "all_cents", "rent_cents")


def _first_contacts(world: PropertyWorld) -> Told:
    prospects = _with_codes(world, world.prospects)
    return _told(prospects, ["property_code", "prospect_code"], "first_contact_on")


CASES: dict[str, tuple[int, Callable[[PropertyWorld], Told], str]] = {
    "units of the gateway": (
        2,
        _units,
        """
        select site_id, unit_id, unit_status, market_rent,
            coalesce((made_ready_date at time zone timezone)::date::text, '')
        from realpage_raw.realpage_units
        inner join seeds.properties on realpage_site_id = site_id
        """,
    ),
    "plans of the Box Score": (
        2,
        _plans,
        """
        select property_id, floorplan, occupied_no_notice, notice_not_leased, notice_leased, vacant_not_leased,
            vacant_leased, model_units, down_units
        from realpage_raw.realpage_box_score
        where total_units > 0
        """,
    ),
    "plans of the Monthly Summary": (
        2,
        _plans,
        """
        select property_id, floorplan, occupied_no_notice, notice_not_leased, notice_leased, vacant_not_leased,
            vacant_leased, vacant_admin, vacant_down
        from realpage_raw.realpage_monthly_summary
        where total_units > 0
        """,
    ),
    "rents of the rent roll": (
        2,
        _rents,
        """
        select property_id, unit_number, actual_rent, total_charges
        from realpage_raw.realpage_rent_roll
        where is_unit_row and status like 'Occupied%'
        """,
    ),
    "leases in force of the gateway": (
        2,
        _leases,
        """
        select site_id, lease_id, coalesce(lease_start_date::text, ''), coalesce(lease_end_date::text, ''),
            coalesce(lease_signed_date::text, ''), rent_amount
        from realpage_raw.realpage_leases
        where status_text in ('Current', 'Current - Future')
        """,
    ),
    "accounts of the delinquency report": (
        3,
        _accounts,
        """
        select property_id, unit_number, status, sum(total_delinquent), sum(prepaid), sum(balance_0_30),
            sum(balance_31_60), sum(balance_61_90), sum(balance_over_90)
        from realpage_raw.realpage_delinquency
        group by 1, 2, 3
        """,
    ),
    "units of Yardi": (
        2,
        _yardi_units,
        """
        select property_code, unit_code, market_rent, initcap(excluded_from_occupancy::text)
        from yardi_raw.yardi_units
        """,
    ),
    "charges of Yardi": (
        2,
        _charges,
        """
        select property_code, tenant_code, sum(charge_amount),
            coalesce(sum(charge_amount) filter (where is_rent), 0)
        from yardi_raw.yardi_leases
        group by 1, 2
        """,
    ),
    "first contacts of Yardi": (
        2,
        _first_contacts,
        """
        select property_code, prospect_code,
            min((event_at at time zone timezone)::date) filter (where is_first_contact)
        from yardi_raw.yardi_guest_activity
        inner join seeds.properties on yardi_property_code = property_code
        group by 1, 2
        """,
    ),
}
"""Per case how many columns are the key, what the world says, and a query."""


@pytest.mark.parametrize("case", CASES)
def test_every_row_is_the_worlds(case: str, warehouse: str, world: PropertyWorld) -> None:
    keys, expected, query = CASES[case]
    with psycopg.connect(warehouse) as connection:
        found = {tuple(row[:keys]): tuple(map(str, row[keys:])) for row in connection.execute(query)}
    told = expected(world)
    assert found.keys() == told.keys()
    assert {key: (found[key], told[key]) for key in told if found[key] != told[key]} == {}
