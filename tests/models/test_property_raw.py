"""The raw tables of the property systems: what the manuals describe, in rows landed by hand, becomes typed rows.

Does not belong here: what workbooks and answers look like (`tests/connectors/`), what the figures mean
(`test_property_unified*.py`, `test_property_marts.py`).
"""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from property_rows import DAY, SITE, Raw, file, gateway, one, rows

pytest_plugins = "property_fixtures"

TODAY = date.fromisoformat(DAY)
PLAN = {
    "kind": "plan",
    "Floor Plan Group": "1x1",
    "Floor Plan": "Aspen",
    "Units": 10,
    "Total Vacant": 4,
    "Not Leased": 1,
    "Leased": 1,
    "Model/Admin": 1,
    "Down": 1,
    "Total Occupied": 6,
    "No NTV": 3,
    "NTV-NL": 2,
    "NTV-L": 1,
    "Occupancy Percent": 0.6,
    "Avg Market Rent": 1500.5,
    "Avg Leased Rent": 1400,
    "Net Leased Percent": 0.5,
}


def money(text: str) -> Decimal:
    return Decimal(text)


def test_nothing_landed_is_no_rows_and_no_findings(raw: Raw, landing: psycopg.Connection) -> None:
    assert len(raw.queries) == 15
    for table in raw.queries:
        assert rows(landing, table.partition(".")[2]) == []
    assert {name for name in raw.tests if name.startswith("unread_")} == {
        f"unread_{table.partition('.')[2]}" for table in raw.queries if not table.endswith("yardi_properties")
    }


def test_a_box_scores_plans(raw: Raw, landing: psycopg.Connection) -> None:
    """Totals are no plans; two plans of one name are one; what the counts give is computed."""
    again = PLAN | {"Units": 1, "Total Vacant": 0, "Not Leased": 0, "Leased": 0, "Model/Admin": 0, "Down": 0}
    again |= {"Total Occupied": 1, "No NTV": 1, "NTV-NL": 0, "NTV-L": 0, "Avg Market Rent": 1600.5}
    empty = dict.fromkeys(PLAN, 0) | {"kind": "plan", "Floor Plan": "Elm", "Floor Plan Group": "2x2"}
    file(landing, "box_score", [PLAN, again, empty, PLAN | {"kind": "group_total"}, {"kind": "availability"}])
    raw.rebuild(landing)
    aspen, elm = rows(landing, "realpage_box_score", "floorplan")
    assert (aspen["total_units"], aspen["occupied_on_notice"], aspen["fiscal_period"]) == (11, 3, "112026")
    # (10 x 1500.50 + 1600.50) / 11; in place 1400 in seven units; 8 of 11 let, 3 exposed.
    assert (aspen["avg_market_rent"], aspen["avg_actual_rent"]) == (money("1509.59"), money("1400.00"))
    assert (aspen["leased_pct"], aspen["exposure_pct"]) == (money("0.727273"), money("0.272727"))
    assert (elm["total_units"], elm["avg_market_rent"], elm["occupancy_pct"], elm["leased_pct"]) == (
        0,
        None,
        None,
        None,
    )
    assert raw.findings(landing, "realpage_box_score_states_add_up") == []


def test_of_several_files_of_a_day_the_highest_counts(raw: Raw, landing: psycopg.Connection) -> None:
    """999 is no higher than 1001; one without rows counts too; other days and other properties stay."""
    file(landing, "box_score", [PLAN | {"Units": 1}], "999")
    file(landing, "box_score", [PLAN], "1001")
    file(landing, "box_score", [PLAN | {"Units": 2}], "998", day="2026-10-31")
    file(landing, "box_score", [PLAN | {"Units": 3}], "997", site="4810117")
    file(landing, "rent_roll", [{"kind": "unit", "line_no": 1, "Unit": "101"}], "50")
    file(landing, "rent_roll", [], "51")
    raw.rebuild(landing)
    found = [(row["property_id"], str(row["report_date"]), row["total_units"], row["file_id"]) for row in rows(
        landing, "realpage_box_score", "property_id, report_date"
    )]  # fmt: skip
    assert found == [("4810117", DAY, 3, "997"), (SITE, "2026-10-31", 2, "998"), (SITE, DAY, 10, "1001")]
    assert rows(landing, "realpage_rent_roll") == []


def test_activities_of_other_people_and_periods_are_no_rivals(raw: Raw, landing: psycopg.Connection) -> None:
    visit = {"kind": "event", "section": "activity", "Type": "Visit", "Date": "2026-10-30", "Name key": "ab"}
    year = {"Start date": "11/01/2025", "End date": "11/01/2026", "Occupancy status": "Prospect"}
    letter = {"kind": "event", "section": "letter", "Letter/Notice": "NTV", "Created": "2026-10-31T09:30:00"}
    due = {"kind": "event", "section": "follow_up", "Priority": "High", "Date/Time": "2026-11-03T10:00:00"}
    file(landing, "activity", [visit, letter, due], "1", parameters=year)
    file(landing, "activity", [visit], "2", parameters={**year, "Start date": "10/01/2026"})
    file(landing, "activity", [visit], "3", parameters={**year, "Occupancy status": "Resident"})
    file(landing, "activity", [visit | {"Type": "Quote"}], "4", parameters={**year, "Occupancy status": "Resident"})
    raw.rebuild(landing)
    found = rows(landing, "realpage_activity", "file_id, section")
    assert [(row["file_id"], row["section"], row["activity_type"]) for row in found] == [
        ("1", "activity", "Visit"),
        ("1", "follow_up", None),
        ("1", "letter", "NTV"),
        ("2", "activity", "Visit"),
        ("4", "activity", "Quote"),
    ]
    assert [str(row["activity_date"]) for row in found[:3]] == ["2026-10-30", "2026-11-03", "2026-10-31"]
    assert (str(found[0]["period_start"]), str(found[0]["period_end"])) == ("2025-11-01", DAY)
    assert [row["occupancy_status"] for row in found] == ["Prospect"] * 4 + ["Resident"]


def test_an_accounts_codes(raw: Raw, landing: psycopg.Connection) -> None:
    """Ages count of what is owed alone: those of what was paid ahead are in the printed ones too."""
    account = {"kind": "account", "account_no": 1, "Unit": "2-101", "Status": "NTV", "Move-In": "2024-02-03"}
    account |= {"Under Eviction": True, "Deposits Held": 300, "Outstanding Deposit": 0, "# Late": 2, "# NSF": 1}
    owed = {"kind": "code", "account_no": 1, "Unit": "2-101", "Total Delinquent": 160.1, "Current": 100}
    owed |= {"30 Days": 50, "60 Days": 10.1, "90+ Days": 0, "NSF": True}
    ahead = {"kind": "code", "account_no": 1, "Unit": "2-101", "Total Prepaid": -20, "Current": -20, "30 Days": 0}
    single = {"kind": "code", "account_no": 2, "Unit": "NONE", "Total Prepaid": -5, "90+ Days": -5}
    misc = {"kind": "account", "account_no": 2, "Unit": "NONE", "Status": "Misc. Income", "Under Eviction": False}
    total = {"kind": "total", "Total Prepaid": -25, "Total Delinquent": 160.1}
    lines = [
        account,
        owed,
        ahead,
        {"kind": "subtotal", "account_no": 1, "Total Delinquent": 160.1},
        misc,
        single,
        total,
    ]
    file(landing, "delinquency", lines, parameters={"Aging Columns": "Fiscal"})
    raw.rebuild(landing)
    first, second = rows(landing, "realpage_delinquency", "account_no")
    assert (first["unit_number"], first["status"], first["is_under_eviction"]) == ("2-101", "NTV", True)
    ages = [first[f"balance_{age}"] for age in ("0_30", "31_60", "61_90", "over_90")]
    assert ages == [money("100.00"), money("50.00"), money("10.10"), money("0.00")]
    assert (first["total_delinquent"], first["prepaid"], first["net_balance"]) == (
        money("160.10"),
        money("20.00"),
        money("140.10"),
    )
    assert (first["current_balance"], first["includes_nsf"], first["late_count"]) == (money("80.00"), True, 2)
    assert (second["unit_number"], second["total_delinquent"], second["net_balance"]) == ("NONE", 0, money("-5.00"))
    assert (second["balance_over_90"], second["includes_nsf"], second["aging_type"]) == (0, False, "Fiscal")
    assert raw.findings(landing, "realpage_delinquency_adds_up") == []
    landing.execute("update realpage_raw.realpage_delinquency set total_delinquent = 160, balance_0_30 = 99.90")
    assert [row["account_no"] for row in raw.findings(landing, "realpage_delinquency_adds_up")] != []


def test_the_flat_delinquency_report(raw: Raw, landing: psycopg.Connection) -> None:
    """4009 says an account's own in each of its rows."""
    row = {"kind": "code", "account_no": 1, "Unit": "101", "Status": "Current resident", "Under Eviction": False}
    row |= {"Total Delinquent": 10, "Current": 10, "# Late": 1, "# NSF": 0, "Deposits Held": 250, "Name key": "ab"}
    file(landing, "delinquency", [row, row | {"Total Delinquent": 5, "Current": 0, "60 Days": 5}])
    raw.rebuild(landing)
    found = one(landing, "realpage_delinquency")
    assert (found["total_delinquent"], found["balance_61_90"], found["deposits_held"]) == (15, 5, 250)
    assert (found["resident_key"], found["late_count"]) == ("ab", 1)


def test_leases_of_a_rent_roll(raw: Raw, landing: psycopg.Connection) -> None:
    """A unit counts once; the flat export tells rent by charge codes, var rent_codes."""
    unit = {"kind": "unit", "line_no": 1, "Unit": "101", "SQFT": 700, "Unit/Lease Status": "Vacant-Leased"}
    unit |= {"Market + Addl.": 1450.5, "Market Rent Type": "Market + Addl.", "is_in_totals": True, "Charges": []}
    coming = {"kind": "lease", "line_no": 2, "Unit": "101", "Unit/Lease Status": "Applicant", "is_in_totals": False}
    coming |= {"Lease Rent": 1500, "Total Billing": 1525, "Other Charges/Credits": 25, "Move-In": "2026-11-20"}
    codes = {"RENT": 1400, "RENTSTEP": 50, "CONC": -10}
    flat = {"kind": "unit", "line_no": 1, "Unit": "101", "Unit/Lease Status": "Occupied"}
    flat["Charges"] = [{"Trans Code": code, "Amount": amount} for code, amount in codes.items()]
    file(landing, "rent_roll", [unit, coming, {"kind": "total"}, {"kind": "summary"}], "1")
    file(landing, "rent_roll", [flat], "2", day="2026-10-31")
    raw.rebuild(landing)
    other_day, first, second = rows(landing, "realpage_rent_roll", "report_date, line_no")
    assert (first["is_unit_row"], first["market_rent"], first["actual_rent"], first["total_charges"]) == (
        True,
        money("1450.50"),
        None,
        None,
    )
    assert (second["is_unit_row"], second["is_in_totals"], second["actual_rent"]) == (False, False, 1500)
    assert (other_day["actual_rent"], other_day["other_charges"], other_day["total_charges"]) == (1450, -10, 1440)


def test_a_rent_roll_that_counts_other_units_is_told(raw: Raw, landing: psycopg.Connection) -> None:
    file(landing, "box_score", [PLAN], "1")
    file(landing, "rent_roll", [{"kind": "unit", "line_no": 1, "Unit": "101"}], "2")
    raw.rebuild(landing)
    (finding,) = raw.findings(landing, "realpage_rent_roll_counts_box_score")
    assert (finding["rent_roll_units"], finding["box_score_units"]) == (1, 10)


def test_events_of_a_month_by_the_plan_of_their_unit(raw: Raw, landing: psycopg.Connection) -> None:
    """Labels have the building where there are several; what cannot be placed is known of no plan."""
    states = ("Vacant Not Leased", "Vacant Leased", "Occupied NTV not Leased", "Occupied NTV Leased")
    states += ("Vacant Administrative", "Vacant Down")
    occupancy = dict.fromkeys(states, 0) | {"kind": "plan", "section": "occupancy", "Total Units": 5}
    occupancy |= {"Occupied no NTV": 4, "Occupied NTV Leased": 1}
    activity = {"kind": "plan", "section": "activity", "Move-ins": 2, "Payments": -100.25}
    plans = [line | {"Floor plan": plan} for plan in ("Aspen", "Elm") for line in (occupancy, activity)]
    moved = {"kind": "event", "Unit": "2-101", "Action": "Transferred to New Unit", "Date": "2026-11-01"}
    notice = {"kind": "event", "Unit": "999", "Action": "Move Out Notice", "Date": "2026-11-01"}
    period = {"Occupancy activity since": "11/01/2026", "Accounting activity since": "10/01/2026"}
    file(landing, "monthly_summary", [*plans, moved, notice, {"kind": "total"}], parameters=period)
    unit = {"UnitID": "1", "UnitNumber": "101", "BuildingID": "7", "FloorplanName": "Elm", "Vacant": "F"}
    old = unit | {"UnitID": "2", "FloorplanName": "Aspen", "UnitDeleted": "T"}
    gateway(landing, "units", unit, old)
    gateway(landing, "buildings", {"BuildingID": "7", "BuildingNumber": "2"})
    raw.rebuild(landing)
    aspen, elm = rows(landing, "realpage_monthly_summary", "floorplan")
    assert (aspen["transfers_in"], elm["transfers_in"]) == (0, 1)
    assert (aspen["notices"], elm["notices"]) == (None, None)
    assert (elm["ending_occupancy"], elm["move_ins"], elm["payments"]) == (5, 2, money("-100.25"))
    assert (elm["period_start"], elm["period_end"]) == (date(2026, 11, 1), TODAY)
    assert raw.findings(landing, "realpage_monthly_states_add_up") == []


def test_leases_that_end(raw: Raw, landing: psycopg.Connection) -> None:
    """4156 decides on leases of 3838; those that 3838 does not list are rows of their own."""
    lease = {"kind": "lease", "Unit": "101", "Lease End": "2027-01-31", "Term": "12", "Section": "January 2027"}
    lease |= {"Section Month": "2027-01-01", "Lease Rent": 1400, "Market + Addl.": 1500, "Do Not Renew": True}
    monthly = {"kind": "lease", "Unit": "102", "Lease End": "2026-09-30", "Term": "MTM", "Section": "MTM"}
    decided = {"kind": "renewal", "Bldg/Unit": "101", "Lease end Date": "2027-01-31", "Decision": "Renewed"}
    other = {"kind": "renewal", "Bldg/Unit": "103", "Lease end Date": "2026-11-30", "Decision": "Vacating"}
    other |= {"Actual rent": 1300, "Market Rent": 1350}
    file(landing, "lease_expirations", [lease, monthly, {"kind": "total"}], "1", title="LEASE EXPIRATION DETAIL")
    file(landing, "lease_expirations", [decided, other], "2", title="LEASE EXPIRATION/RENEWAL DETAIL")
    raw.rebuild(landing)
    first, second, third = rows(landing, "realpage_lease_expirations", "unit_number")
    assert (first["renewal_status"], first["term_months"], first["months_until_expiration"]) == ("Renewed", 12, 2)
    assert (first["do_not_renew"], first["is_month_to_month"], str(first["section_month"])) == (
        True,
        False,
        "2027-01-01",
    )
    assert (second["is_month_to_month"], second["term_months"], second["months_until_expiration"]) == (True, None, -1)
    assert (third["renewal_status"], third["current_rent"], third["section_month"]) == ("Vacating", 1300, None)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("2026-01-04", "2026-01-04"),
        ("2026-01-04 00:00:00", "2026-01-04"),
        ("01/04/2026", "2026-01-04"),
        ("1/4/2026 12:00:00 AM", "2026-01-04"),
        ("Jan  4 2026 12:00AM", "2026-01-04"),
        ("1900-01-01 00:00:00", None),
        ("01/01/1900", None),
        ("0001-01-01", None),
        ("", None),
        (None, None),
    ],
)
def test_days_as_the_gateway_spells_them(
    written: str | None, day: str | None, raw: Raw, landing: psycopg.Connection
) -> None:
    gateway(landing, "leases", {"LeaseID": "1", "MoveInDate": written})
    raw.rebuild(landing)
    assert one(landing, "realpage_leases")["move_in_date"] == (date.fromisoformat(day) if day else None)
    assert raw.findings(landing, "unread_realpage_leases") == []


@pytest.mark.parametrize(
    ("written", "amount"),
    [
        ("1650.0000", "1650.00"),
        ("-5,675.60", "-5675.60"),
        ("(1,234.56)", "-1234.56"),
        ("$1,200", "1200"),
        (" ", None),
        ("0.00", "0"),
    ],
)
def test_amounts_as_the_gateway_spells_them(
    written: str, amount: str | None, raw: Raw, landing: psycopg.Connection
) -> None:
    gateway(landing, "residents", {"residentmemberid": "1", "leaseid": "2", "balance": written})
    raw.rebuild(landing)
    assert one(landing, "realpage_residents")["balance"] == (Decimal(amount) if amount else None)
    assert raw.findings(landing, "unread_realpage_residents") == []


def test_what_cannot_be_read_is_null_and_told(raw: Raw, landing: psycopg.Connection) -> None:
    told: dict[str, Any] = {"LeaseID": "1", "MoveInDate": "31/31/2026", "ActiveDate": "soon", "Rent": "1,65.00"}
    gateway(landing, "leases", told | {"Evict": "maybe", "LeaseStatus": "6.5", "InactiveDate": "Foo  4 2026"})
    gateway(landing, "units", {"UnitID": "9", "UnitMadeReadyDate": "2026-13-01 00:00:00", "GrossSqft": "1e3"})
    raw.rebuild(landing)
    lease = one(landing, "realpage_leases")
    names = {"move_in_date", "active_date", "rent_amount", "evict", "status", "inactive_date"}
    assert {name for name in names if lease[name] is not None} == set()
    found = raw.findings(landing, "unread_realpage_leases")
    assert {row["column_name"] for row in found} == names
    assert {(row["table_name"], row["account"], row["key"]) for row in found} == {("realpage_leases", SITE, f"{DAY}:1")}
    units = {row["column_name"] for row in raw.findings(landing, "unread_realpage_units")}
    assert units == {"made_ready_date", "gross_sqft"}


def test_units_of_the_gateway(raw: Raw, landing: psycopg.Connection) -> None:
    """A state follows from flags and people; a moment is local; what is gone the same day is gone."""
    unit = {
        "UnitNumber": "101",
        "Vacant": "F",
        "UnitDeleted": "F",
        "FpReportUnitOccupancy": "true",
        "RentableSqft": "700",
    }
    head = {"residentmemberid": "1", "leaseid": "5", "unitid": "4", "hohbit": "TRUE"}
    gateway(
        landing,
        "units",
        unit | {"UnitID": "1", "FloorplanName": "2x1 Deluxe", "UnitMadeReadyDate": "2026-07-01 00:00:00"},
        unit | {"UnitID": "2", "OnNoticeForDate": "2026-12-01 00:00:00", "FloorplanName": "Studio"},
        unit | {"UnitID": "3", "Vacant": "T", "ReasonNotAvailable": "Down unit"},
        unit | {"UnitID": "4", "Vacant": "T", "UnitMadeReadyDate": "1900-01-01 00:00:00"},
        unit | {"UnitID": "5", "UnitDeleted": "T", "ReasonNotAvailable": "Storage"},
    )
    gateway(landing, "units", unit | {"UnitID": "6"}, gone=True)
    gateway(landing, "units", unit | {"UnitID": "1", "Vacant": "T"}, day="2026-10-31")
    gateway(landing, "residents", head | {"leasestatus": "Applicant - Lease Signed"})
    raw.rebuild(landing)
    before, *today = rows(landing, "realpage_units", "snapshot_date, unit_id")
    assert (before["unit_id"], before["unit_status"]) == ("1", "VU")
    assert [row["unit_status"] for row in today] == ["O", "ON", "VD", "VL", "X"]
    assert [row["bedrooms"] for row in today[:3]] == [2, 0, None]
    assert today[0]["made_ready_date"] == datetime(2026, 7, 1, 6, tzinfo=UTC)  # midnight in Denver
    assert today[3]["made_ready_date"] is None
    assert [row["exclude_from_occupancy"] for row in today] == [False] * 4 + [True]
    assert (today[2]["exclude_reason"], today[4]["exclude_reason"]) == (None, "Storage")


STATES = {
    "occupied": ("O", {}, [{"leasestatus": "Current"}]),
    "renewing": ("O", {}, [{"leasestatus": "Current"}, {"leasestatus": "Future Lease", "leaseid": "2"}]),
    "model but lived in": ("O", {"ReasonNotAvailable": "Model"}, []),
    "notice": ("ON", {"OnNoticeForDate": "2026-12-01 00:00:00"}, []),
    "notice without date": ("ON", {}, [{"leasestatus": "Current", "leasetype": "Notice given - transfer"}]),
    "notice, let": (
        "OL",
        {"OnNoticeForDate": "2026-12-01 00:00:00"},
        [{"leasestatus": "Current"}, {"leasestatus": "Applicant - Lease Signed", "leaseid": "2"}],
    ),
    "notice, wanted": ("ON", {"OnNoticeForDate": "2026-12-01 00:00:00"}, [{"leasestatus": "Applicant"}]),
    "vacant": ("VU", {"Vacant": "T"}, [{"leasestatus": "Former", "noticefordate": "2026-05-01"}]),
    "vacant, a child is told": (
        "VU",
        {"Vacant": "T"},
        [{"leasestatus": "Applicant - Lease Signed", "hohbit": "FALSE"}],
    ),
    "vacant, missed move-in": ("VU", {"Vacant": "T", "UnitExpectedMoveinDate": "2026-10-31 00:00:00"}, []),
    "vacant, planned": ("VL", {"Vacant": "T", "UnitExpectedMoveinDate": "2026-11-01 00:00:00"}, []),
    "vacant, let": ("VL", {"Vacant": "T"}, [{"leasestatus": "Applicant - Lease Signed"}]),
    "rehab": ("VM", {"Vacant": "T", "ReasonNotAvailable": "Under rehab"}, []),
    "down": ("VD", {"Vacant": "T", "ReasonNotAvailable": "Down unit"}, []),
    "deleted": ("X", {"Vacant": "T", "UnitDeleted": "T"}, []),
    "club house": ("X", {"FpReportUnitOccupancy": "false"}, []),
    "lift": ("X", {"Vacant": "T", "RentableSqft": "0"}, []),
}
"""Per unit the state that follows from its flags and its people (docs/property_metrics.md)."""


def test_the_eight_states_of_a_unit(raw: Raw, landing: psycopg.Connection) -> None:
    """A renewal and a plain applicant are nobody new; a notice may lack its date; a reason takes it off the market."""
    plain = {"Vacant": "F", "UnitDeleted": "F", "FpReportUnitOccupancy": "true", "RentableSqft": "700"}
    for number, (name, (_, told, people)) in enumerate(STATES.items(), 1):
        gateway(landing, "units", {**plain, "ReasonNotAvailable": "", "UnitID": name, **told})
        for person in people:
            head = {"residentmemberid": str(number), "leaseid": "1", "unitid": name, "hohbit": "TRUE"}
            gateway(landing, "residents", {**head, **person})
    raw.rebuild(landing)
    found = {row["unit_id"]: row["unit_status"] for row in rows(landing, "realpage_units")}
    assert found == {name: state for name, (state, _, _) in STATES.items()}


def test_members_and_leases_of_the_gateway(raw: Raw, landing: psycopg.Connection) -> None:
    """A member with a signed renewal has two rows; 0 is no lease and no unit."""
    member = {"residentmemberid": "1", "residenthouseholdid": "3", "unitid": "7", "hohbit": "TRUE", "inevict": "N"}
    gateway(landing, "residents", member | {"leaseid": "5", "leasestatus": "Current"})
    gateway(landing, "residents", member | {"leaseid": "6", "leasestatus": "Future Lease"})
    waiting = {"residentmemberid": "2", "leaseid": "", "unitid": "0", "hohbit": "FALSE", "inevict": "Y"}
    gateway(landing, "residents", waiting | {"screeningstatus": {"resultdate": "10/09/2026"}})
    gateway(landing, "leases", {"LeaseID": "5", "NextLeaseID": "6", "PriorLeaseID": "0", "LeaseTermDesc": "12 Months"})
    raw.rebuild(landing)
    first, second, third = rows(landing, "realpage_residents", "resident_member_id, lease_id")
    assert (first["lease_id"], second["lease_id"], third["lease_id"], third["unit_id"]) == ("5", "6", None, None)
    assert (first["is_head_of_household"], third["in_eviction"], third["approved_date"]) == (
        True,
        True,
        date(2026, 10, 9),
    )
    lease = one(landing, "realpage_leases")
    assert (lease["next_lease_id"], lease["prior_lease_id"], lease["lease_term_months"]) == ("6", None, 12)
