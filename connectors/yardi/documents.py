"""The property world as Yardi writes it: one XML element a record, in the store by property code.

Belongs here: element names, spellings, what is missing and what is empty. Does not belong here: prospects and their
events (`connectors/yardi/guest_documents.py`), serving (`connectors/yardi/stand_in.py`), what is true
(`connectors/sandbox/properties/`).

Of a resident `parent` is the status that requests filter by, of lease charges the tenant.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from typing import Any

import numpy as np
import pandas as pd

from connectors.document_store import Record
from connectors.sandbox.properties import PropertyWorld
from connectors.soap_stand_in import dicts, flat, tag, wrap
from connectors.yardi.guest_documents import prospects

Rows = Iterable[tuple[str, float, float, str]]

_STATES = {"O": "Occupied No Notice", "ON": "Notice Unrented", "OL": "Notice Rented", "VD": "Down"}
_SLASHED, _ISO = "%m/%d/%Y", "%Y-%m-%d"
_OFFERED = {
    "VU": ("vacant", "available"),
    "VL": ("vacant", "leased_reserved"),
    "ON": ("occupied", "on_notice"),
    "OL": ("occupied", "leased_on_notice"),
    "VM": ("vacant", "other"),
}


def records(world: PropertyWorld, sites: Collection[int]) -> Iterator[Record]:
    """Write the properties down as Yardi does."""
    for site in sites:
        one = world.site(site)
        code = str(one.properties["yardi_code"].iloc[0])
        for collection, made in (
            ("properties", _properties(one)),
            ("units", _units(one)),
            ("residents", _residents(one)),
            ("charges", _charges(one)),
            ("available", _available(one)),
            ("prospects", prospects(one)),
        ):
            for place, (parent, order, changed, xml) in enumerate(made):
                account = "" if collection == "properties" else code
                key = code if collection == "properties" else f"{place:07d}"
                yield Record(collection, account, key, xml, order or place, changed, parent)


def _days(column: Any, spelling: str) -> Any:
    return pd.to_datetime(column).dt.strftime(spelling).fillna("")


def _amount(cents: float) -> str:
    return f"{cents / 100:.6f}"


def _properties(world: PropertyWorld) -> Rows:
    one = world.properties.iloc[0]
    period = one["property_date"].strftime("%m/%Y")
    fields = {
        "Code": one["yardi_code"],
        "MarketingName": one["name"],
        "AddressLine1": one["street"],
        "AddressLine2": "",
        "AddressLine3": None,
        "City": one["city"],
        "State": one["state"],
        "PostalCode": one["zip"],
        "AccountsReceivable": period,
        "AccountsPayable": period,
    }
    yield "", 0, 0, flat("Property", fields)


def status_of(unit: dict[str, Any]) -> str:
    """Voyager's words for a unit's state, as its availability report prints them."""
    state = unit["state"]
    if state in _STATES:
        return _STATES[state]
    if state == "VM":
        return "Model" if unit["reason_not_available"] == "Model" else "Admin"
    if state in {"VU", "VL"}:
        return f"Vacant {'Rented' if state == 'VL' else 'Unrented'} {'Ready' if unit['is_ready'] else 'Not Ready'}"
    return "Waitlist" if unit["x_reason"] == "wait" else "Admin"


def _economic(unit: dict[str, Any]) -> str:
    if unit["x_reason"] == "retail":
        return "commercial"
    return {"VM": "model" if unit["reason_not_available"] == "Model" else "office", "VD": "down"}.get(
        unit["state"], "residential"
    )


def _of_yardi(world: PropertyWorld) -> pd.DataFrame:
    """Its units with their plans: those that have a code."""
    units = world.units[world.units["yardi_code"] != ""]
    plans = world.plans.set_index("plan_id")[["bedrooms", "bathrooms", "yardi_type"]]
    return units.join(plans, on="plan_id")


def _fields(unit: dict[str, Any], **more: Any) -> str:
    """The `Unit` of MITS, which three answers share."""
    identities = (
        tag("Identification", IDType="LeaseDesc", IDValue=unit["designation"]),
        tag("Identification", IDType="RentalType", IDValue="Residential"),
        tag("Identification", IDType="UnitTypeUniqueID", IDValue=unit["plan_id"]),
    )
    return "".join(
        [
            *(more.pop("identities", identities)),
            tag("UnitType", unit["yardi_type"]),
            tag("UnitBedrooms", int(unit["bedrooms"])),
            tag("UnitBathrooms", f"{unit['bathrooms']:.6f}"),
            tag("MinSquareFeet", unit["sqft"]),
            tag("MaxSquareFeet", unit["sqft"]),
            tag("MarketRent", _amount(unit["market_cents"])),
            tag("UnitEconomicStatus", _economic(unit)),
            *(tag(name, value) for name, value in more.items()),
            tag("FloorplanName", unit["plan_name"]),
            tag("BuildingName", f"Building {unit['building']}" if unit["building"] else None),
        ]
    )


def _units(world: PropertyWorld) -> Rows:
    codes = world.households.set_index("household_id")["tenant_code"]
    place = world.properties.iloc[0]
    address = wrap(
        "Address",
        tag("AddressLine1", place["street"]),
        tag("City", place["city"]),
        tag("State", place["state"]),
        tag("PostalCode", place["zip"]),
        AddressType="property",
    )
    all_ = _of_yardi(world)
    available = _days(all_["available_on"], _SLASHED)
    for unit, day in zip(dicts(all_), available, strict=True):
        people = [
            tag("PersonID", codes[unit[name]], Type=kind)
            for name, kind in (("household_id", "Current Resident"), ("incoming_household_id", "Future Resident"))
            if unit[name]
        ]
        told = _fields(unit, UnitEconomicStatusDescription=status_of(unit))
        # Not every host sends when a unit is free.
        free = tag("DateAvailable", day) if day and unit["unit_id"] % 3 else ""
        code = tag("UnitID", unit["yardi_code"], UniqueID=unit["unit_id"] % 1_000_000)
        yield "", 0, 0, wrap("UnitInfo", code, *people, wrap("Unit", told, address, free))


def _residents(world: PropertyWorld) -> Rows:
    all_ = world.households.merge(
        world.units[["unit_id", "yardi_code"]], on="unit_id", how="left", suffixes=("", "_of_unit")
    )
    leases = world.leases[world.leases["status"] != "future"].sort_values(["in_force", "lease_id"])
    own = leases.drop_duplicates("household_id", keep="last").set_index("household_id")
    all_ = all_.join(own[["begin_on", "end_on", "rent_cents"]], on="household_id")
    heads = world.members.set_index("member_id")[["first", "last", "email", "phone_cell", "phone_home"]]
    all_ = all_.join(heads, on="head_member_id")
    moves_out = all_["move_out_on"].where(all_["status"] == "past", all_["notice_for_on"])
    days = {
        "LeaseFromDate": _days(all_["begin_on"], _SLASHED),
        "LeaseToDate": _days(all_["end_on"], _SLASHED),
        "MoveInDate": _days(all_["move_in_on"].fillna(all_["scheduled_move_in_on"]), _SLASHED),
        "MoveOutDate": _days(moves_out, _SLASHED),
        "NoticeDate": _days(all_["notice_given_on"], _ISO),  # from another part of Voyager, and so spelt
    }
    dates = dicts(pd.DataFrame(days, index=all_.index))
    for row, told in zip(dicts(all_), dates, strict=True):
        status = row["status"]
        spelt = "Canceled" if status == "cancelled" and row["household_id"] % 2 else status.capitalize()
        phones = [
            wrap("Phone", tag("PhoneDescription", kind), tag("PhoneNumber", row[name]), PhoneType=kind)
            for name, kind in (("phone_cell", "cell"), ("phone_home", "home"))
            if row[name]
        ]
        code = row["yardi_code"]
        has_rent = not np.isnan(row["rent_cents"])
        never = "01/01/1900" if row["household_id"] % 2 else ""
        inner = "".join(
            [
                tag("FirstName", row["first"]),
                tag("LastName", row["last"]),
                tag("Email", row["email"]),
                *phones,
                tag("UnitCode", code) if isinstance(code, str) and code else "",
                tag("Status", spelt),
                tag("Rent", _amount(row["rent_cents"]) if has_rent else "0.000000"),
                *(tag(name, day or never) for name, day in told.items()),
            ]
        )
        parent = "Canceled" if status == "cancelled" else status.capitalize()
        yield parent, 0, 0, wrap("Resident", inner, tCode=row["tenant_code"])


def _charges(world: PropertyWorld) -> Rows:
    """What is charged in the month of the world's day: leases in force, a customer each."""
    place = world.properties.iloc[0]
    in_force = world.leases[world.leases["in_force"]].merge(
        world.households[["household_id", "tenant_code", "head_member_id"]], on="household_id"
    )
    heads = {one["member_id"]: one for one in dicts(world.members) if one["is_head"]}
    units = {unit["unit_id"]: unit for unit in dicts(_of_yardi(world))}
    by_lease: dict[int, list[dict[str, Any]]] = defaultdict(list)
    since = _days(world.charges["begin_on"], _ISO)
    until = _days(world.charges["end_on"], f"{_ISO}T00:00:00.0")
    for line in dicts(world.charges.assign(since=since, until=until)):
        by_lease[line["lease_id"]].append(line)
    month = place["property_date"].strftime("%Y-%m-01")
    for lease in dicts(in_force):
        unit, tenant, head = units[lease["unit_id"]], lease["tenant_code"], heads[lease["head_member_id"]]
        details = [_charge(line, tenant, unit, place, month) for line in by_lease[lease["lease_id"]]]
        name = wrap("Name", tag("FirstName", head["first"]), tag("LastName", head["last"]))
        customer = wrap("Customers", wrap("Customer", tag("CustomerID", tenant), name, Type="current resident"))
        home = wrap("RT_Unit", tag("UnitID", unit["yardi_code"]), wrap("Unit", _fields(unit)))
        billed = wrap("RTServiceTransactions", *details) if details else tag("RTServiceTransactions")
        yield tenant, 0, 0, wrap("RT_Customer", tag("CustomerID", tenant), customer, home, billed)


def _charge(line: dict[str, Any], tenant: str, unit: dict[str, Any], place: Any, month: str) -> str:
    fields = {
        "Description": line["description"],
        "TransactionDate": month,
        "TransactionID": line["lease_id"] * 100 + line["seq"],
        "ChargeCode": line["code"].lower(),
        "GLAccountNumber": "4000-0000" if line["is_rent"] else "4300-0000",
        "CustomerID": tenant,
        "UnitID": unit["yardi_code"],
        "Amount": f"{line['cents'] / 100:.2f}",
        "Comment": "",
        "PropertyPrimaryID": place["yardi_code"],
        "BalanceDue": f"{line['cents'] / 100:.2f}",
        "ServiceFromDate": line["since"],
        "ServiceToDate": line["until"] or "0001-01-01T00:00:00",
    }
    return wrap("Transactions", wrap("Charge", flat("Detail", fields)))


def _available(world: PropertyWorld) -> Rows:
    """Units that can be had or are spoken for, and what keeps others off the market."""
    all_ = _of_yardi(world)
    all_ = all_[all_["state"].isin(list(_OFFERED))]
    out = all_["on_notice_for_on"].fillna(all_["last_move_out_on"])
    for unit, vacates, ready in zip(dicts(all_), out, all_["made_ready_on"], strict=True):
        occupied, leased = _OFFERED[unit["state"]]
        identities = (
            tag("Identification", IDType="UnitID", IDValue=unit["unit_id"] % 1_000_000, OrganizationName="Yardi"),
            tag("Identification", IDType="UnitCode", IDValue=unit["yardi_code"], OrganizationName="Unit"),
        )
        told = _fields(unit, identities=identities, UnitOccupancyStatus=occupied, UnitLeasedStatus=leased)
        rent = _amount(unit["market_cents"])
        inner = [
            wrap("Units", wrap("Unit", told)),
            wrap(
                "Availability",
                _split_date("VacateDate", vacates, unit["unit_id"]),
                _split_date("MadeReadyDate", ready, unit["unit_id"]),
                tag("VacancyClass", "Occupied" if occupied == "occupied" else "Unoccupied"),
            ),
            wrap("EffectiveRent", Min=rent, Max=_amount(unit["market_cents"] + unit["addl_cents"])),
            tag("Deposit", f"{unit['market_cents'] / 200:.2f}"),
            *(tag("Amenity", name) for name in ("Balcony", "Washer & dryer") if unit["addl_cents"]),
        ]
        yield "", 0, 0, wrap("ILS_Unit", *inner, IDValue=unit["yardi_code"])


def _split_date(name: str, day: Any, number: int) -> str:
    """A day in attributes; none is all zeros, or no attributes, or no element at all."""
    if pd.isna(day):
        return (tag(name, Year=0, Month=0, Day=0), tag(name), "")[number % 3]
    return tag(name, Year=day.year, Month=day.month, Day=day.day)
