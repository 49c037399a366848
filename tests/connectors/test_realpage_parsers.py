"""What lands of each of RealPage's reports, of reports whose figures are known."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import Any

import pytest
import workbooks
from workbooks import Grid

from connectors.realpage_reports.layout import Report, read_report

_SALT = "pepper"


def _read(content: bytes) -> tuple[Report, list[tuple[int, dict[str, Any]]]]:
    report = read_report(content, file="a.xls", property="4810133", salt=_SALT)
    return report, [(row.row_number, row.payload) for row in report.rows]


def _of(content: bytes, *kinds: str) -> list[dict[str, Any]]:
    return [payload for _, payload in _read(content)[1] if payload["kind"] in kinds]


def _key(name: str, *more: str) -> str:
    return sha256(":".join((_SALT + name.lower(), *more)).encode()).hexdigest()


def test_the_header_says_which_report_of_what_and_when() -> None:
    report, _ = _read(workbooks.delinquency().xls())
    assert (report.kind, report.title, report.property_name) == ("delinquency", "DELINQUENT AND PREPAID", "Parkside")
    assert (report.report_date, report.as_of, report.fiscal_period) == (
        date(2025, 10, 30),
        date(2025, 10, 30),
        "102025",
    )
    assert report.parameters["Aging Columns"] == "Fiscal"
    assert report.parameters["MarketRentType"] == "Market + Addl."


def test_a_property_whose_name_has_a_hyphen_is_named_whole_where_the_company_is_known() -> None:
    named = workbooks.box_score().replaced("Juniper Square Management - Parkside", "Juniper - West - The Oaks - East")
    content = named.xls()
    assert read_report(content, file="a", property=None, salt="s").property_name == "West - The Oaks - East"
    known = read_report(content, file="a", property=None, salt="s", company="Juniper - West")
    assert known.property_name == "The Oaks - East"


def test_box_score_plans_groups_and_totals() -> None:
    _, rows = _read(workbooks.box_score().xls())
    plans = [payload for _, payload in rows if payload["kind"] == "plan"]
    assert [(plan["Floor Plan Group"], plan["Floor Plan"], plan["Units"]) for plan in plans] == [
        ("1x1", "A1", 20),
        ("1x1", "A2", 10),
        ("2x2", "B1", 8),
        ("2x2", "B2", 0),
    ]
    assert {name: plans[0][name] for name in ("Total Vacant", "Not Leased", "Leased", "Model/Admin", "Down")} == {
        "Total Vacant": 4,
        "Not Leased": 2,
        "Leased": 1,
        "Model/Admin": 1,
        "Down": 0,
    }
    assert (plans[1]["Avg Market Rent"], plans[1]["Avg Leased Rent"], plans[1]["Occupancy Percent"]) == (
        1610.25,
        1555.1,
        0.9,
    )
    (total,) = [payload for _, payload in rows if payload["kind"] == "total"]
    assert (total["Units"], total["Total Occupied"], total["NTV-L"]) == (38, 33, 2)
    made = [payload["Make Ready"] for _, payload in rows if "Make Ready" in payload]
    assert [(one["Status"], one["Number"], one["Admin/Down"]) for one in made] == [
        ("Made Ready", 3, 1),
        ("Not Made Ready", 2, 1),
        ("Total Vacant Units", 5, 2),
    ]


def test_rent_roll_a_row_a_lease_and_each_unit_once() -> None:
    leases = _of(workbooks.rent_roll().xls(), "unit", "lease")
    assert [(one["kind"], one["Unit"], one["Unit/Lease Status"], one["is_in_totals"]) for one in leases] == [
        ("unit", "1-101", "Occupied", True),
        ("unit", "1-102", "Occupied-NTVL", True),
        ("lease", "1-102", "Applicant", False),
        ("unit", "1-103", "Vacant", True),
        ("unit", "1-104", "Vacant-Leased", True),
        ("lease", "1-104", "Applicant", False),
        ("unit", "1-105", "Admin/Down", True),
        ("unit", "1-106", "Occupied-NTV", True),
        ("lease", "1-106", "Pending renewal", False),
    ]
    first, second = leases[:2]
    said = ("Lease Rent", "Other Charges/Credits", "Total Billing", "Dep On Hand", "Balance", "Market + Addl.", "SQFT")
    assert [first[name] for name in said] == [1450, 35, 1485, 300, -12.5, 1500, 700]
    assert [charge["Trans Code"] for charge in first["Charges"]] == ["RENT", "PEST", "TRASH"]
    assert (second["Move-In"], second["Move-Out"], second["Lease End"]) == ("2023-06-01", "2025-11-30", "2025-11-30")
    assert leases[2]["Lease Rent"] == 1510


def test_rent_roll_in_its_flat_shape() -> None:
    labels = "Resh ID,Lease ID,Bldg/Unit,Floorplan,Unit Designation,SQFT,Unit/Lease Status,Name,Move-In,Move-Out,"
    labels += "Lease Start,Lease End,Market + Addl.,RENT,PEST"
    grid = Grid().put(0, {0: "OneSite Reports - Parkside"}).put(1, {0: "RENT ROLL DETAIL"})
    grid.put(2, {0: "10/31/2025 6:15:02AM"}).put(3, {0: "As of Date: 10/30/2025"}).put(
        4, {0: "Parameters: SortBy: Unit;"}
    )
    grid.put(5, dict(enumerate(labels.split(","))))
    grid.put(
        6, {0: 1, 1: 2, 2: 101, 3: "A1", 5: 700, 6: "Occupied", 7: "Fern, Otto", 8: "05/01/2024", 12: 1500, 13: 1450}
    )
    grid.put(7, {2: 102, 3: "A1", 5: 700, 6: "Vacant Leased", 12: 1500}).put(7, {})
    grid.put(8, {0: 3, 1: 4, 2: 102, 3: "A1", 5: 700, 6: "Applicant", 10: "11/01/2025", 12: 1500, 13: 1490, 14: 5})
    report, rows = _read(grid.xlsx())
    assert (report.property_name, report.report_date) == ("Parkside", date(2025, 10, 30))
    found = [payload for _, payload in rows]
    assert [(one["kind"], one["Unit"], one["Charges"]) for one in found] == [
        ("unit", "101", [{"Trans Code": "RENT", "Amount": 1450}]),
        ("unit", "102", []),
        ("lease", "102", [{"Trans Code": "RENT", "Amount": 1490}, {"Trans Code": "PEST", "Amount": 5}]),
    ]


def test_delinquency_accounts_codes_and_totals_to_the_cent() -> None:
    _, rows = _read(workbooks.delinquency().xls())
    accounts = [payload for _, payload in rows if payload["kind"] == "account"]
    assert [(one["account_no"], one["Unit"], one["Status"], one["Under Eviction"]) for one in accounts] == [
        (1, "1-101", "Current resident", False),
        (2, "1-102", "NTV", True),
        (3, "1-102", "Former resident", False),
        (4, "NONE", "Misc. Income", False),
    ]
    assert (accounts[1]["Move-In"], accounts[1]["Move-Out"]) == ("2023-06-01", "2025-11-30")
    assert [(one["# Late"], one["# NSF"]) for one in accounts] == [(2, 1), (0, 0), (4, 2), (0, 0)]
    codes = [payload for _, payload in rows if payload["kind"] == "code"]
    assert round(sum(code.get("Total Delinquent", 0) for code in codes), 2) == 3070.98
    assert round(sum(code.get("Total Prepaid", 0) for code in codes), 2) == -125.6
    assert [code["account_no"] for code in codes] == [1, 1, 1, 2, 3, 3, 4]
    assert [code.get("NSF") for code in codes] == [None, True, None, None, None, None, None]
    (total,) = [payload for _, payload in rows if payload["kind"] == "total"]
    assert (total["Accounts"], total["90+ Days"], total["Net Balance"]) == (4, 1512.4, 2945.38)


def test_delinquency_in_its_flat_shape_says_the_same() -> None:
    codes = _of(workbooks.delinquency().xls(), "code")
    flat = _of(workbooks.flat_delinquency().xlsx(), "code")
    same = ("account_no", "Unit", "Code Description", "Current", "30 Days", "60 Days", "90+ Days")
    assert [[code.get(name) for name in same] for code in flat] == [[code.get(name) for name in same] for code in codes]
    assert (flat[3]["Status"], flat[3]["Move-Out"], flat[3]["# Late"]) == ("NTV", "2025-11-30", 1)


def test_activity_lands_people_as_hashes_with_the_property() -> None:
    report, rows = _read(workbooks.activity().html())
    assert (report.report_date, report.parameters) == (
        date(2025, 10, 30),
        {"startdate": "10/01/2025", "enddate": "10/30/2025", "OccStatus": "Prospect"},
    )
    events = [payload for _, payload in rows]
    assert [(one["section"], one.get("Type"), one.get("Date")) for one in events[:3]] == [
        ("activity", "E-mail", "2025-10-02"),
        ("activity", "Visit", "2025-10-04"),
        ("activity", "Leased", "2025-10-05"),
    ]
    assert [one["Name key"] for one in events[:2]] == [_key("Fern, Otto", "4810133")] * 2
    assert (events[2]["Bldg/Unit"], events[2]["Leasing Consultant key"]) == ("1-104", _key("Reed, Sam"))
    assert (events[3]["section"], events[3]["Created"], events[3]["Letter/Notice"]) == (
        "letter",
        "2025-10-06",
        "Welcome",
    )
    assert (events[4]["section"], events[4]["Date/Time"]) == ("follow_up", "2025-10-31T14:30:00")


def test_monthly_summary_plans_activity_and_events() -> None:
    _, rows = _read(workbooks.monthly_summary().xls())
    plans = [payload for _, payload in rows if payload["kind"] == "plan"]
    assert [(one["section"], one["Floor plan"]) for one in plans] == [
        ("occupancy", "A1"),
        ("occupancy", "B1"),
        ("activity", "A1"),
        ("activity", "B1"),
    ]
    assert [plans[0][name] for name in ("Market Rent", "Total Base Rent", "Total SQFT", "Vacant Administrative")] == [
        30000,
        27000.5,
        14000,
        1,
    ]
    said = ("Rent Charged", "Other Charges", "Payments", "Other Credits", "Deposits In", "Deposits Out")
    assert [plans[2][name] for name in said] == [26000, 300.25, -26100, -10, 500, 0]
    assert [plans[3][name] for name in said] == [15800, 80, -15880, 0, 0, -300]
    events = [payload for _, payload in rows if payload["kind"] == "event"]
    assert [(one["Unit"], one["Action"], one["Date"]) for one in events] == [
        ("1-101", "Moved In", "2025-10-03"),
        ("1-104", "Moved Out", "2025-10-09"),
        ("1-106", "Move Out Notice", "2025-10-12"),
        ("1-102", "Move Out Notice", "2025-10-20"),
    ]


def test_lease_expirations_in_all_three_shapes() -> None:
    leases = _of(workbooks.lease_expirations().xls(), "lease")
    said = ("Market + Addl.", "Lease Rent", "Other Charges", "Other Credits", "Total Billing", "Balance")
    assert [[one[name] for name in said] for one in leases] == [
        [1500, 1450, 35, -10, 1475, 0],
        [1500, 1400, 10, 0, 1410, 12.25],
        [2100, 2000, 0, -50, 1950, 75],
    ]
    assert [one["Do Not Renew"] for one in leases] == [False, False, True]
    assert [one.get("Last Rent Change Amt") for one in leases] == [None, 25.5, None]
    assert [(one["Section Month"], one["Term"], one["# Late"]) for one in leases] == [
        (None, "MTM", 1),
        ("2025-11-01", "12", 0),
        ("2025-11-01", "12", 2),
    ]
    assert leases[1]["Expected Move-out"] == "2025-11-30"


def test_lease_renewals_come_from_the_sheet_of_details() -> None:
    first, others = workbooks.lease_renewals()
    report, rows = _read(first.xls("Table of Contents", others))
    assert report.kind == "lease_expirations"
    assert [(one["kind"], one["Decision"], one["Actual rent"], one.get("New Rent")) for _, one in rows] == [
        ("renewal", "Renewed", 1450, 1500),
        ("renewal", "Vacating", 1400, None),
    ]


@pytest.mark.parametrize("kind", ["xls", "xlsx"])
@pytest.mark.parametrize(
    "report", ["box_score", "rent_roll", "delinquency", "monthly_summary", "lease_expirations", "flat_delinquency"]
)
def test_nothing_of_a_person_lands(report: str, kind: str) -> None:
    landed = json.dumps([payload for _, payload in _read(getattr(getattr(workbooks, report)(), kind)())[1]]).lower()
    for said in ("fern", "quill", "moss", "reed", "marianne", "@", "303-555", "3035550100"):
        assert said not in landed


def test_nothing_of_a_person_lands_of_an_activity() -> None:
    report, rows = _read(workbooks.activity().html())
    landed = json.dumps([payload for _, payload in rows] + [dict(report.parameters)]).lower()
    for said in ("fern", "moss", "reed", "elm", "denver", "asked", "price", "call back"):
        assert said not in landed
