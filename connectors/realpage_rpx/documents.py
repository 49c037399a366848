"""The property world as the RPX gateway writes it: one XML element a record, in the store by site.

Belongs here: element names, spellings, the six ways to write a date, what is missing and what is empty. Does not belong
here: serving them (`connectors/realpage_rpx/stand_in.py`) and what is true (`connectors/sandbox/properties/`).

Of a record `parent` is what requests filter by (C current, P pending, F former), `changed` the day it ended.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from connectors.document_store import Record
from connectors.realpage_rpx.resident_documents import members, residents
from connectors.realpage_rpx.values import DAY, MOMENT, SLASHED, SQL_TEXT, days, either, flags, money
from connectors.sandbox.properties import PropertyWorld
from connectors.soap_stand_in import elements

_NEVER = "1900-01-01 00:00:00"
_STATUSES = {
    "applicant": (2, "Applicant", "P"),
    "signed": (2, "Applicant - Lease Signed", "P"),
    "former_applicant": (4, "Former Applicant", "F"),
    "current": (6, "Current", "C"),
    "current_future": (6, "Current - Future", "C"),
    "current_past": (6, "Current - Past", "C"),
    "former": (7, "Former", "F"),
}
"""LeaseStatus, LeaseStatusText and the filter by lease. A renewal that has not begun is not among the answers."""

_TYPES = {
    "first": (1, "First (Lease)"),
    "renewal": (2, "Renewal"),
    "notice_move_out": (4, "Notice given - move out"),
    "notice_transfer": (5, "Notice given - transfer"),
    "moved_out": (6, "Moved Out"),
}


def records(world: PropertyWorld, sites: Collection[int]) -> Iterator[Record]:
    """Write the sites down as the gateway does."""
    for site in sites:
        one = world.site(site)
        for collection, made in (
            ("sites", _sites(one)),
            ("buildings", _buildings(one)),
            ("units", _units(one)),
            ("residents", residents(one)),
            ("members", members(one)),
            ("leases", _leases(one)),
            ("rentable_items", _rentable_items(one)),
        ):
            for place, (parent, changed, xml) in enumerate(made):
                yield Record(collection, str(site), f"{place:07d}", xml, place, changed, parent)


def _elements(name: str, columns: dict[str, Any]) -> Iterable[tuple[str, float, str]]:
    return (("", 0, xml) for xml in elements(name, columns))


def _sites(world: PropertyWorld) -> Iterable[tuple[str, float, str]]:
    one = world.properties
    closed = one["property_date"] + pd.offsets.MonthEnd(0)
    columns = {
        "PMCName": one["company"],
        "WSPMCURL": "https://wspmc.example",
        "SiteID": one["site_id"],
        "SiteNumber": one["site_number"],
        "SiteName": one["name"],
        "Adr1": one["street"],
        "Adr2": "",
        "Adr3": "",
        "City": one["city"],
        "State": one["state"],
        "Zip": one["zip"],
        "County": one["county"],
        "Country": "US",
        "Phone1": one["phone"],
        "Phone2": "",
        "Fax": "",
        "Email": one["email"],
        "Web": one["web"],
        "SysDate": days(one["property_date"], "%Y-%m-%dT23:14:05.517-06:00"),
        "AR_AccountingDate": days(one["property_date"], "%Y-%m-%dT00:00:00-06:00"),
        "AR_LastDateofPeriod": days(closed, "%Y-%m-%dT00:00:00-06:00"),
        "AR_AccountingPeriod": one["fiscal_period"],
    }
    return _elements("Site", columns)


def _buildings(world: PropertyWorld) -> Iterable[tuple[str, float, str]]:
    all_ = world.buildings
    columns = {
        "BuildingID": all_["building_id"],
        "BuildingNumber": all_["number"],
        "AddressLine1": all_["street"],
        "AddressLine2": "",
        "City": all_["city"],
        "State": all_["state"],
        "Zip": all_["zip"],
        "County": all_["county"],
        "Country": "US",
    }
    return _elements("Building", columns)


def _units(world: PropertyWorld) -> Iterable[tuple[str, float, str]]:
    all_ = world.units
    is_occupied = all_["state"].isin(["O", "ON", "OL"])
    places = all_.merge(world.buildings, on="building_id", how="left", suffixes=("", "_of_building"))
    places.index = all_.index
    ends = world.leases.set_index("lease_id")["end_on"]
    free = all_["available_on"].where(~is_occupied, all_["on_notice_for_on"].fillna(all_["lease_id"].map(ends)))
    columns = {
        "UnitID": all_["unit_id"],
        "UnitNumber": all_["number"],
        "UnitDescription": np.where(all_["x_reason"] == "no_sqft", "Lift", ""),
        "Notes": np.where(all_["unit_id"] % 41 == 0, "Ask for the key at the office.", ""),
        "BuildingID": all_["building_id"],
        "BuildingNumber": all_["building"],
        "BuildingName": places["name"].fillna(""),
        "FloorplanID": all_["plan_id"],
        "FloorplanName": all_["plan_name"],
        "Adr1": places["street"].fillna(""),
        "Adr2": "",
        "City": places["city"].fillna(""),
        "State": places["state_of_building"].fillna(""),
        "Zip": places["zip"].fillna(""),
        "County": places["county"].fillna(""),
        "Country": "US",
        "GrossSqft": all_["gross_sqft"],
        "RentableSqft": all_["sqft"],
        "Mobility": either(all_["unit_id"] % 53 == 0, "T", "F"),
        "Hearing": either(all_["unit_id"] % 97 == 0, "T", "F"),
        "Vision": "F",
        "Vacant": either(is_occupied, "F", "T"),
        # Leasable now: occupied units on notice too, and not what is preleased, however ready.
        "Available": either(all_["state"].isin(["VU", "ON"]), "T", "F"),
        "AvailableDate": either(free.isna(), _NEVER, days(free, MOMENT)),
        "UnitDeleted": either(all_["deleted"], "T", "F"),
        "ReasonNotAvailable": all_["reason_not_available"],
        "UnitMadeReadyDate": either(all_["made_ready_on"].isna(), _NEVER, days(all_["made_ready_on"], MOMENT)),
        "UnitExpectedMoveinDate": days(all_["expected_move_in_on"], MOMENT),
        "OnNoticeForDate": days(all_["on_notice_for_on"], MOMENT),
        "UnitReserved": either(all_["reserved"], "T", "F"),
        "UnitHoldStatus": flags(all_["reserved"], "true", "false"),
        "UnitHoldUntil": "",
        "FpReportUnitOccupancy": either(all_["x_reason"].isin(["not_in_occupancy", "wait", "retail"]), "false", "true"),
        "UnitDesignationID": all_["designation"]
        .map({"Conventional": 1, "Corporate": 2, "Affordable": 3})
        .fillna(0)
        .astype(int),
        "UnitDesignationName": all_["designation"],
        "UnitDesignationGroupName": all_["designation"],
        "MarketRent": money(all_["market_cents"], 4),
        "MaximumOccs": np.where(all_["sqft"] > 900, 4, 2),
        "DeathOnPremise": either(all_["unit_id"] % 311 == 0, "T", "F"),
        "DateOfDeath": np.where(all_["unit_id"] % 311 == 0, "2019-03-04 00:00:00", ""),
        "DeathNotes": np.where(all_["unit_id"] % 311 == 0, "Natural causes.", ""),
        "PropertyNumber": "1",
        "ParcelID": "",
        "PICUnitNumber": "",
        "BuildingEntranceNumber": "",
    }
    return _elements("Unit", columns)


def _leases(world: PropertyWorld) -> Iterable[tuple[str, float, str]]:
    told = world.leases[world.leases["status"].isin(list(_STATUSES))]
    household = world.households.set_index("household_id").loc[told["household_id"]].set_index(told.index)
    head = world.members.set_index("member_id").loc[household["head_member_id"]].set_index(told.index)
    first = told.groupby("household_id")["begin_on"].transform("min")
    as_of = world.properties["property_date"].iloc[0]
    status = told["status"].map(_STATUSES)
    kind = told["type"].map(_TYPES)
    late = (household["late_count"] > 0).to_numpy()
    months = told["term_months"]
    site = int(world.properties["site_id"].iloc[0])
    columns = {
        "LeaseID": told["lease_id"],
        "ReshID": told["household_id"],
        "SiteID": site,
        "UnitID": told["unit_id"],
        "NextLeaseID": told["next_lease_id"],
        "PriorLeaseID": told["prior_lease_id"],
        "LeaseSignedDate": days(told["signed_on"], SLASHED),
        "LeaseBeginDate": days(told["begin_on"], SLASHED),
        "LeaseEndDate": days(told["end_on"], SLASHED),
        "ActiveDate": days(told["active_on"], SLASHED),
        "InactiveDate": days(told["inactive_on"], SLASHED),
        "AppliedDate": days(told["applied_on"], SLASHED),
        "MoveInDate": days(told["move_in_on"], SLASHED),
        "SchedMoveInDate": days(told["scheduled_move_in_on"], SLASHED),
        "MonthToMonthDate": days(told["month_to_month_on"], SLASHED),
        "BillDate": days(told["begin_on"], SLASHED),
        "NoticeOnDate": days(told["notice_given_on"], SLASHED),
        "NoticeForDate": days(told["notice_for_on"], SLASHED),
        "InitialLeaseDate": days(first, DAY),
        "PaymentDueDate": pd.Timestamp(as_of).strftime("%Y-%m-01 00:00:00.000"),
        "LastRenewalDate": days(household["last_renewal_on"], SQL_TEXT),
        "LeaseStatus": status.str[0],
        "LeaseStatusText": status.str[1],
        "Typecode": kind.str[0],
        "TypeText": kind.str[1],
        "Rent": money(told["rent_cents"], 2),
        "CurBal": money(household["balance_cents"], 2),
        "TotPaid": money(told["rent_cents"] * months, 4),
        "Evict": flags(told["evict"], "Y", "N"),
        "LateDOM": 5,
        "LCFixedAmt": "75.00",
        "LCPerDay": "0.00",
        "LCPct": np.where(late, "5.00", "0.00"),
        "Occ": 1 + told["household_id"] % 3,
        "Notice": 60,
        # Of each site its own: no number of months.
        "LeaseTerm": months + site % 17,
        "LeaseTermDesc": months.astype(str) + (" Months" if site % 2 else " Month Lease"),
        "UnitDesignation": "Conventional",
        "BillSetUpFee": "0.00",
        "ReshAllowFormerPaymentBit": "0",
        "ConsolidateCharges": "N",
        "HeadofHouseholdName": head["last"] + ", " + head["first"],
    }
    never = (pd.Timestamp.max - pd.Timestamp(0)).days
    ended = told["inactive_on"].where(status.str[2] == "F")
    ended_on = np.where(ended.isna(), never, (ended - pd.Timestamp(0)).dt.days)
    made = elements("Lease", columns, leaves_out_empty=True)
    return [(letter, float(day), xml) for letter, day, xml in zip(status.str[2], ended_on, made, strict=True)]


def _rentable_items(world: PropertyWorld) -> Iterable[tuple[str, float, str]]:
    all_ = world.rentable_items
    is_let = all_["unit_id"] > 0

    def reference(name: str) -> Any:
        return all_[name].astype(str).where(is_let, "")

    clock = "%-m/%-d/%Y 12:00:00 AM"
    columns = {
        "RidID": all_["item_id"],
        "ItemName": all_["name"],
        "ItemType": all_["type"],
        "Description": all_["description"],
        "BillingAmount": money(all_["cents"], 2),
        "Frequency": all_["frequency"],
        "TransactionCodeID": all_["code_id"],
        "InService": flags(all_["in_service"], "Y", "N"),
        "SerialNumber": all_["serial"],
        "Status": all_["status"],
        "DateAvailable": days(all_["available_on"], clock),
        "UnitID": reference("unit_id"),
        "LeaseID": reference("lease_id"),
        "ReshID": reference("household_id"),
        "ResidentMemberID": reference("member_id"),
        "StartDate": days(all_["start_on"], clock),
        "EndDate": days(all_["end_on"], clock),
    }
    return _elements("RentableItem", columns)
