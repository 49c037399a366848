"""True-to-layout workbooks of the property world, read by the parser: every figure is the world's, to the cent.

Renderers and parser were written apart, both from RealPage's layouts: what they agree on neither made up alone.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import pytest

from connectors.realpage_reports.definitions import REPORTS
from connectors.realpage_reports.documents import _RENDERERS, too_late
from connectors.realpage_reports.layout import ErrorWorkbook, Report, read_report
from connectors.realpage_reports.properties import properties as in_seed
from connectors.realpage_reports.render_activity import reported
from connectors.realpage_reports.render_lease_expirations import expiring
from connectors.sandbox.properties import PropertyWorld, build
from connectors.sandbox.world import SEED

SITES = [4810117, 4810125, 4810133, 4810141, 4810158]
"""The five of the sandbox's smallest world: the seed's properties at their full size."""


@pytest.fixture(scope="module", params=SITES)
def site(request: pytest.FixtureRequest) -> PropertyWorld:
    return build(SEED, 0.01, 0).site(request.param)


def read(
    site: PropertyWorld, kind: str, months_back: int = 1
) -> tuple[Report, list[dict[str, Any]], Mapping[str, str]]:
    """A report of a property: itself, the payloads of its rows, what it was asked with."""
    one = site.properties.iloc[0]
    definition = next(report for report in REPORTS if report.name == kind)
    told = definition.filled_in(day(site), months_back)
    content = _RENDERERS[kind](site, told)
    report = read_report(content, file=kind, property=str(one["site_id"]), salt="salt", company=one["company"])
    assert (report.kind, report.report_date, report.property_name) == (kind, day(site), one["name"])
    return report, [row.payload for row in report.rows], told


def day(site: PropertyWorld) -> date:
    return pd.Timestamp(site.properties.iloc[0]["property_date"]).date()


def of(rows: list[dict[str, Any]], kind: str, **more: Any) -> list[dict[str, Any]]:
    return [row for row in rows if row["kind"] == kind and all(row.get(name) == value for name, value in more.items())]


def cents(rows: list[dict[str, Any]], label: str) -> int:
    return sum(round((row.get(label) or 0) * 100) for row in rows)


def counted(site: PropertyWorld) -> pd.DataFrame:
    return site.units[site.units["counted"]]


def test_the_box_score_has_every_plan_and_state(site: PropertyWorld) -> None:
    _, rows, _ = read(site, "box_score")
    plans = of(rows, "plan")
    units = counted(site)
    assert {row["Floor Plan"] for row in plans} == set(site.plans.loc[site.plans["counts"], "name"])
    assert any(row["Units"] == 0 for row in plans)
    labels = {"O": "No NTV", "ON": "NTV-NL", "OL": "NTV-L", "VU": "Not Leased", "VL": "Leased", "VD": "Down"}
    labels["VM"] = "Model/Admin"
    for row in plans:
        states = units.loc[units["plan_name"] == row["Floor Plan"], "state"].value_counts()
        assert {state: row[label] for state, label in labels.items()} == {s: states.get(s, 0) for s in labels}
    assert sum(row["Units"] for row in plans) == len(units)
    market = sum(row["Avg Market Rent"] * row["Units"] for row in plans)
    assert market == pytest.approx(units["market_cents"].sum() / 100, abs=0.005 * len(units))
    rents = site.charges[site.charges["is_rent"] & site.charges["lease_id"].isin(units["lease_id"])]
    leased = sum(row["Avg Leased Rent"] * row["Total Occupied"] for row in plans)
    assert leased == pytest.approx(rents["cents"].sum() / 100, abs=0.005 * len(units))
    ready = of(rows, "availability")[0]["Make Ready"]
    empty = units[units["state"].isin(["VU", "VL"])]
    assert ready["Number"] - ready["Admin/Down"] == int(empty["is_ready"].sum())


def test_the_rent_roll_has_every_unit_once_and_every_charge(site: PropertyWorld) -> None:
    _, rows, _ = read(site, "rent_roll")
    units = counted(site)
    found = of(rows, "unit")
    assert Counter(row["Unit"] for row in found) == Counter(units["label"])
    words = {"O": "Occupied", "ON": "Occupied-NTV", "OL": "Occupied-NTVL", "VU": "Vacant", "VL": "Vacant-Leased"}
    assert Counter(row["Unit/Lease Status"] for row in found) == Counter(
        units["state"].map({**words, "VM": "Admin/Down", "VD": "Admin/Down"})
    )
    assert cents(found, "Market + Addl.") == int((units["market_cents"] + units["addl_cents"]).sum())
    charges = site.charges[site.charges["lease_id"].isin(units["lease_id"])]
    assert cents(found, "Lease Rent") == int(charges.loc[charges["is_rent"], "cents"].sum())
    assert cents(found, "Other Charges/Credits") == int(charges.loc[~charges["is_rent"], "cents"].sum())
    homes = site.households[site.households["household_id"].isin(units["household_id"])]
    assert cents(found, "Balance") == int(homes["balance_cents"].sum())
    assert all(row["is_in_totals"] for row in found)
    others = of(rows, "lease")
    assert not any(row["is_in_totals"] for row in others)
    waiting = site.leases[site.leases["status"].isin(["signed", "applicant", "future"])]
    assert len(others) == int(waiting["unit_id"].isin(units["unit_id"]).sum())


def test_delinquency_has_every_line_of_the_ledger(site: PropertyWorld) -> None:
    report, rows, _ = read(site, "delinquency")
    codes, ledger = of(rows, "code"), site.ledger
    assert len(of(rows, "account")) == len(site.accounts)
    assert len(codes) == len(ledger)
    for label, column in {
        "Total Prepaid": "prepaid_cents",
        "Total Delinquent": "delinquent_cents",
        "Current": "bucket_0_cents",
        "30 Days": "bucket_30_cents",
        "60 Days": "bucket_60_cents",
        "90+ Days": "bucket_90_cents",
    }.items():
        assert cents(codes, label) == int(ledger[column].sum()), label
    assert cents(codes, "Total Delinquent") > 0
    assert Counter(row["Status"] for row in of(rows, "account")) == Counter(site.accounts["status"])
    assert sum(row["Under Eviction"] for row in of(rows, "account")) == int(site.accounts["in_eviction"].sum())
    assert report.fiscal_period == f"{day(site):%m%Y}"
    one_code = site.ledger.groupby("account_no").size()
    assert len(of(rows, "subtotal")) == int((one_code > 1).sum())


def test_activity_has_everything_prospects_did_and_no_name(site: PropertyWorld) -> None:
    report, rows, told = read(site, "activity", months_back=3)
    events = reported(site, told)
    found = of(rows, "event", section="activity")
    assert len(found) == len(events) > 50
    assert Counter(row["Type"] for row in found) == Counter(events["type"])
    people = events["last"] + ", " + events["first"]
    assert len({row["Name key"] for row in found}) == people.nunique()
    assert min(row["Date"] for row in found) == f"{events['at'].min():%Y-%m-%d}"
    said = repr([report.parameters, rows])
    assert not [name for name in people.unique() if name in said]
    assert not [mail for mail in site.prospects["email"] if mail and mail in said]


def test_the_monthly_summary_has_plans_and_events(site: PropertyWorld) -> None:
    _, rows, told = read(site, "monthly_summary")
    units = counted(site)
    plans = of(rows, "plan", section="occupancy")
    assert sum(row["Total Units"] for row in plans) == len(units)
    assert sum(row["Total SQFT"] for row in plans) == int(units["sqft"].sum())
    assert cents(plans, "Market Rent") == int(units["market_cents"].sum())
    since = pd.to_datetime(told["OccStartDate"], format="%m/%d/%Y")
    words = {"moved_in": "Moved In", "moved_out": "Moved Out", "move_out_notice": "Move Out Notice"}
    words |= {"renewed": "Renewed Lease", "lease_approved": "Lease Approved", "transfer_notice": "Transfer Notice"}
    words |= {"transferred": "Transferred to New Unit"}
    events = site.resident_events[site.resident_events["on"] >= since]
    told_of = events.loc[events["action"].isin(list(words)), "action"].map(words)
    assert Counter(row["Action"] for row in of(rows, "event")) == Counter(told_of)


def test_lease_expirations_have_every_lease_in_three_shapes(site: PropertyWorld) -> None:
    _, rows, told = read(site, "lease_expirations")
    leases = expiring(site, told)
    found = of(rows, "lease")
    assert Counter(row["Unit"] for row in found) == Counter(leases["label"])
    for label, column in {
        "Lease Rent": "rent_cents",
        "Other Charges": "other_cents",
        "Other Credits": "credits_cents",
        "Last Rent Change Amt": "last_rent_change_cents",
    }.items():
        assert cents(found, label) == int(leases[column].sum()), label
    homes = site.households.set_index("household_id").loc[leases["household_id"]]
    assert cents(found, "Balance") == int(homes["balance_cents"].sum())
    assert sum(row["Do Not Renew"] for row in found) == int(homes["do_not_renew"].sum())
    assert len(of(rows, "section_total")) == leases["month"].nunique(dropna=False)
    assert len({row["Name key"] for row in found}) > len(found) * 0.9


def test_an_end_date_after_the_propertys_day_gives_a_sentence(site: PropertyWorld) -> None:
    for kind in ("box_score", "rent_roll", "activity"):
        with pytest.raises(ErrorWorkbook, match="end date must be less than or equal to the property date"):
            read_report(too_late(site, kind), file=kind, property="1", salt="salt")


def test_the_seed_lists_the_worlds_properties() -> None:
    made = build(SEED, 1.0, 0).properties.set_index("site_id")
    listed = {int(one.site_id): (one.name, one.company) for one in in_seed()}
    shown = made[made["on_realpage"]]
    assert len(shown) == 25
    assert {site: listed[site] for site in shown.index} == {
        site: (row["name"], row["company"]) for site, row in shown.iterrows()
    }
