"""The raw tables of Yardi: answers landed by hand become typed rows.

Does not belong here: RealPage's (`test_property_raw.py`), which also tests how days and amounts are read.
"""

from datetime import UTC, date, datetime
from decimal import Decimal

import psycopg
from property_rows import CODE, Raw, one, rows, yardi

pytest_plugins = "property_fixtures"


def test_a_property_is_what_yardi_last_said(raw: Raw, landing: psycopg.Connection) -> None:
    yardi(landing, "properties", CODE, {"Code": CODE, "MarketingName": "Parkside Flats"}, day="2026-10-31")
    yardi(landing, "properties", CODE, {"Code": CODE, "MarketingName": "Parkside", "PostalCode": "80200"})
    raw.rebuild(landing)
    found = one(landing, "yardi_properties")
    assert (found["marketing_name"], found["zip"]) == ("Parkside", "80200")


def test_units_with_and_without_attributes(raw: Raw, landing: psycopg.Connection) -> None:
    """The resident of a unit is who lives there, not who will; when it is ready the units on offer say."""
    people = [{"@Type": "Future Resident", "#text": "t2"}, {"@Type": "Current Resident", "#text": "t1"}]
    named = [{"@IDType": "LeaseDesc", "@IDValue": "Standard"}, {"@IDType": "RentalType", "@IDValue": "Market"}]
    home = {"UnitBedrooms": "2", "UnitBathrooms": "1.50", "MarketRent": "1650.000000", "Identification": named}
    yardi(
        landing,
        "units",
        "1-101",
        {
            "UnitID": {"@UniqueID": "77", "#text": "1-101"},
            "PersonID": people,
            "Unit": home | {"UnitEconomicStatusDescription": "Notice Rented", "DateAvailable": "12/01/2026"},
        },
    )
    yardi(landing, "units", "WAIT01", {"UnitID": "WAIT01", "Unit": {"UnitEconomicStatusDescription": "Waitlist"}})
    offer = {
        "@IDValue": "9",
        "Units": {"Unit": [{"Identification": [
            {"@IDType": "x", "@IDValue": "B1", "@OrganizationName": "Building"},
            {"@IDType": "x", "@IDValue": "1-101", "@OrganizationName": "Unit"},
        ], "MaxSquareFeet": "701", "UnitLeasedStatus": "leased_on_notice"}]},
        "Availability": {
            "VacateDate": {"@Year": "2026", "@Month": "11", "@Day": "30"},
            "MadeReadyDate": {"@Year": "2026", "@Month": "6", "@Day": "9"},
        },
        "EffectiveRent": {"@Min": "1600.00", "@Max": "1,700.00"},
        "Deposit": ["300", "500.00"],
        "Amenity": ["Balcony"],
    }  # fmt: skip
    zeros = {"@Year": "0", "@Month": "0", "@Day": "0"}
    other = offer | {"Availability": {"VacateDate": zeros, "MadeReadyDate": None}, "Deposit": [], "Amenity": None}
    other["Units"] = {"Unit": [{"Identification": [{"@IDValue": "1-102", "@OrganizationName": "Unit"}]}]}
    yardi(landing, "available_units", "1-101", offer)
    yardi(landing, "available_units", "1-102", other)
    raw.rebuild(landing)
    home, waiting = rows(landing, "yardi_units", "unit_code")
    assert (home["unit_code"], home["unit_unique_id"], home["tenant_code"]) == ("1-101", "77", "t1")
    assert (home["bathrooms"], home["market_rent"], home["lease_desc"], home["rental_type"]) == (
        Decimal("1.50"),
        1650,
        "Standard",
        "Market",
    )
    assert (home["available_date"], home["make_ready_date"]) == (date(2026, 12, 1), date(2026, 6, 9))
    assert (home["excluded_from_occupancy"], waiting["excluded_from_occupancy"]) == (False, True)
    assert (waiting["unit_code"], waiting["tenant_code"], waiting["unit_status"]) == ("WAIT01", None, "Waitlist")
    first, second = rows(landing, "yardi_available_units", "unit_code")
    assert (first["sqft"], first["min_rent"], first["max_rent"], first["deposit"]) == (701, 1600, 1700, 500)
    assert (first["vacate_date"], first["amenities"]) == (date(2026, 11, 30), ["Balcony"])
    assert [second[name] for name in ("available_date", "vacate_date", "deposit", "amenities")] == [None] * 4
    assert raw.findings(landing, "unread_yardi_available_units") == []
    landing.execute(
        "update staging_yardi.available_units set payload ="
        " jsonb_set(payload, '{Availability,VacateDate,@Month}', '\"13\"') where key like '%1-101'"
    )
    assert [row["column_name"] for row in raw.findings(landing, "unread_yardi_available_units")] == ["vacate_date"]


def test_charges_of_tenants(raw: Raw, landing: psycopg.Connection) -> None:
    """A tenant of two units has one count of charges; one without charges has no row."""

    def charge(code: str, amount: str, until: str) -> dict[str, object]:
        detail = {"ChargeCode": code, "Amount": amount, "Description": code.title()}
        return {"Charge": {"Detail": detail | {"ServiceFromDate": "2026-01-01", "ServiceToDate": until}}}

    def tenant(code: str, unit: str | None, *charges: dict[str, object]) -> dict[str, object]:
        listed = {"Transactions": list(charges)} if charges else None
        return {"CustomerID": code, "RT_Unit": {"UnitID": unit}, "RTServiceTransactions": listed}

    endless = "0001-01-01T00:00:00"
    home = tenant("t1", "1-101", charge("RENT", "1500.00", "2026-12-31T00:00:00.0"), charge("conc", "-25.00", endless))
    yardi(landing, "lease_charges", "t1:1-101", home)
    yardi(landing, "lease_charges", "t1:G7", tenant("t1", "G7", charge("parking", "85.00", endless)))
    yardi(landing, "lease_charges", "t2:1-102", tenant("t2", "1-102"))
    yardi(landing, "residents", "t1", {"@tCode": "t1", "LeaseFromDate": "01/01/2026", "LeaseToDate": "12/31/2026"})
    raw.rebuild(landing)
    found = rows(landing, "yardi_leases", "charge_seq")
    assert [(row["charge_seq"], row["unit_code"], row["charge_code"], row["is_rent"]) for row in found] == [
        (1, "1-101", "rent", True),
        (2, "1-101", "conc", False),
        (3, "G7", "parking", False),
    ]
    assert [row["charge_to"] for row in found] == [date(2026, 12, 31), None, None]
    assert {row["total_charges"] for row in found} == {1560}
    assert (found[0]["lease_to_date"], found[0]["post_month"]) == (date(2026, 12, 31), date(2026, 11, 1))


def test_residents_of_yardi(raw: Raw, landing: psycopg.Connection) -> None:
    told = {"@tCode": "t1", "Status": "Notice", "NoticeDate": "2026-10-05T00:00:00", "MoveOutDate": "12/04/2026"}
    yardi(landing, "residents", "t1", told | {"MoveInDate": "01/01/1900", "Rent": "1,500.00"})
    raw.rebuild(landing)
    found = one(landing, "yardi_residents")
    assert (found["notice_date"], found["move_out_date"], found["move_in_date"], found["rent"]) == (
        date(2026, 10, 5),
        date(2026, 12, 4),
        None,
        1500,
    )


def test_events_of_guest_cards(raw: Raw, landing: psycopg.Connection) -> None:
    """The first customer of a card is the prospect; moments are the property's own."""
    ids = [{"@IDType": "ProspectID", "@IDValue": "p1"}, {"@IDType": "TenantID", "@IDValue": "t1"}]
    person = {"person_key": "ab", "Customer": [{"@Type": "prospect", "Identification": ids}, {"@Type": "roommate"}]}
    person["CustomerPreferences"] = {
        "TargetMoveInDate": "0001-01-01T00:00:00",
        "DesiredRent": {"@Exact": "1500"},
        "DesiredNumBedrooms": {"@Exact": "2"},
        "DesiredUnit": {"MarketingName": "1-101"},
    }
    event = {"@EventType": "Show", "@EventDate": "2026-10-31T18:30:00.0", "EventID": {"@IDValue": "5"}}
    event |= {"FirstContact": "true", "Quotes": {"Quote": [{"QuotedRent": {"@Exact": "1480.00"}}]}, "Prospect": person}
    yardi(landing, "guest_activity", "5", event)
    raw.rebuild(landing)
    found = one(landing, "yardi_guest_activity")
    assert found["event_at"] == datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
    assert [found[name] for name in ("prospect_code", "tenant_code", "customer_type", "person_key")] == [
        "p1",
        "t1",
        "prospect",
        "ab",
    ]
    assert [found[name] for name in ("quoted_rent", "desired_rent", "desired_bedrooms", "preferred_unit")] == [
        1480,
        1500,
        2,
        "1-101",
    ]
    assert (found["is_first_contact"], found["preferred_move_in"], found["source"]) == (True, None, None)
