"""Residents as the gateway writes them: one record a member of a household and lease, with everything personal.

Belongs here: getresidentlistinfo and getresident. Does not belong here: what else a site holds
(`connectors/realpage_rpx/documents.py`).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from connectors.realpage_rpx.values import DAY, days, flags, money
from connectors.sandbox.properties import PropertyWorld
from connectors.soap_stand_in import elements, flat, tag, wrap

_STATUSES = {
    "current": ("Current", "C"),
    "notice": ("Current", "C"),
    "eviction": ("Current", "C"),
    "future": ("Applicant - Lease Signed", "P"),
    "applicant": ("Applicant", "P"),
    "past": ("Former", "F"),
    "denied": ("Former Applicant", "F"),
    "cancelled": ("Former Applicant", "F"),
}
_TYPES = {
    "first": "First Lease",
    "renewal": "Renewal",
    "notice_move_out": "Notice given - move out",
    "notice_transfer": "Notice given - transfer",
    "moved_out": "Moved Out",
}
_CONTACTS = {"C": "Lease signer", "P": "Lease signer", "F": "Former resident"}
_RESULTS = {
    "Applicant": ("Not Completed", "0"),
    "Former Applicant": ("Denied Final", "3"),
}


def residents(world: PropertyWorld) -> Iterable[tuple[str, float, str]]:
    """Every member with every lease that is listed: of a household with a signed renewal both."""
    listed = _with_leases(world)
    told = world.members.merge(listed, on="household_id", suffixes=("", "_of_household"))
    units = world.units.set_index("unit_id")
    is_future = told["is_renewal"].to_numpy()
    status = told["status"].map(_STATUSES)
    words = np.where(is_future, "Future Lease", status.str[0])
    owes = told["balance_cents"].where(~told["is_renewal"], 0)
    has_unit = told["unit_id"] > 0
    moves_in = told["move_in_on"].fillna(told["scheduled_move_in_on"])
    columns: dict[str, Any] = {
        "residentmemberid": told["member_id"],
        "residenthouseholdid": told["household_id"],
        "leaseid": told["lease_id"].astype(str).where(told["lease_id"] > 0, ""),
        "unitid": told["unit_id"].astype(str).where(has_unit, ""),
        "buildingnumber": told["unit_id"].map(units["building"]).where(has_unit, ""),
        "unitnumber": told["unit_id"].map(units["number"]).where(has_unit, ""),
        "firstname": told["first"],
        "lastname": told["last"],
        "billingname": told["first"] + " " + told["last"],
        "residentagestatus": np.where(told["is_adult"], "Adult", "Unknown"),
        "homephone": told["phone_home"],
        "workphone": "",
        "cellphone": told["phone_cell"],
        "faxnumber": "",
        "email": told["email"],
        "dateofbirth": days(told["birth_on"], DAY),
        "inevict": flags(told["eviction"], "Y", "N"),
        "nochk": flags(told["nochk"], "Y", "N"),
        "haspets": flags(told["pets"], "Y", "N"),
        "incollection": flags(told["in_collection"], "Y", "N"),
        "inpaymentplan": flags(told["payment_plan"], "Y", "N"),
        "balance": money(owes, 2, commas=True),
        "pendingbalance": money(told["pending_cents"].where(~told["is_renewal"], 0), 2, commas=True),
        "estfutchgs": "0.00",
        "curlateamt": money(owes.clip(lower=0), 2, commas=True),
        "leasestatus": words,
        "residentrelationship": np.where(told["is_head"], "Head of household", "Other"),
        "leasesigneddate": days(told["signed_on"], DAY),
        "leasetype": told["type"].map(_TYPES).fillna("First Lease"),
        "residenttype": told["relationship"],
        "cosignerbit": flags(told["is_guarantor"], "TRUE", "FALSE"),
        "occupantbit": flags(~told["is_signer"], "TRUE", "FALSE"),
        "guarantorbit": flags(told["is_guarantor"], "TRUE", "FALSE"),
        "signerbit": flags(told["is_signer"], "TRUE", "FALSE"),
        "activebit": flags(status.str[1] != "F", "TRUE", "FALSE"),
        "hohbit": flags(told["is_head"], "TRUE", "FALSE"),
        "begindate": days(told["begin_on"], DAY),
        "enddate": days(told["end_on"], DAY),
        "moveindate": days(moves_in, DAY),
        "residentsincedate": days(told["move_in_on"], DAY),
        "moveoutdate": days(told["move_out_on"], DAY),
        "noticegivendate": days(told["notice_given_on"], DAY),
        "noticefordate": days(told["notice_for_on"], DAY),
        "propertynumberid": "1",
        "propertynumber": "1",
        "nomoneyorder": "N",
        "donotrenew": flags(told["do_not_renew"], "Y", "N"),
        "allowpartialpayment": "Y",
        "finalcollection": "N",
        "noach": "N",
        "contactstatus": np.where(told["is_guarantor"], "Guarantor", status.str[1].map(_CONTACTS)),
    }
    approved = days(told["approved_on"], "%m/%d/%Y")
    street = told["unit_id"].map(units["label"]).fillna("")
    homes = [_home(number) for number in street]
    screened = [_screening(word, on) for word, on in zip(words, approved, strict=True)]
    nothing = [tag("filteredaddresslist")] * len(told)
    made = elements("resident", columns, homes, nothing, screened)
    return [(letter, 0, xml) for letter, xml in zip(status.str[1], made, strict=True)]


def _home(number: str) -> str:
    place = {"address1": f"{number} Main Street", "city": "Denver", "state": "CO", "zip": "80203", "country": "US"}
    own = flat("address", {"type": "REGULAR", **place})
    return wrap("addresslist", own, flat("address", {"type": "BILLING", "address1": ""}))


def _screening(status: str, on: str) -> str:
    result, code = _RESULTS.get(status, ("Approved Final", "1"))
    return flat("screeningstatus", {"screeningresult": result, "resultdate": on, "screeningresultcode": code})


def _with_leases(world: PropertyWorld) -> pd.DataFrame:
    """Every household with the lease it is listed under, and again with a renewal that is signed and not begun."""
    leases = world.leases.drop(columns=["site_id", "unit_id"])
    is_renewal = leases["status"] == "future"
    # The lease in force, else the newest.
    ranked = leases[~is_renewal].sort_values(["in_force", "lease_id"])
    newest = ranked.drop_duplicates("household_id", keep="last")
    households = world.households.drop(columns=["site_id"])
    own = ["lease_id", "household_id", "begin_on", "end_on", "type", "lease_signed_on"]
    newest, signed = (one.rename(columns={"signed_on": "lease_signed_on"})[own] for one in (newest, leases[is_renewal]))
    first = households.merge(newest, on="household_id", how="left").assign(is_renewal=False)
    again = households.merge(signed, on="household_id").assign(is_renewal=True, type="renewal")
    listed = pd.concat([first, again], ignore_index=True)
    listed["lease_id"] = listed["lease_id"].fillna(0).astype(np.int64)
    return listed.assign(signed_on=listed["lease_signed_on"])


def members(world: PropertyWorld) -> Iterable[tuple[str, float, str]]:
    """Members of households, as getresident answers them."""
    told = world.members.merge(world.households, on=["site_id", "household_id"])
    leases = world.leases[world.leases["in_force"]].set_index("household_id")["lease_id"]
    letters = told["status"].map(_STATUSES).str[1]
    columns = {
        "reshid": told["household_id"],
        "resmid": told["member_id"],
        "leaid": told["household_id"].map(leases).fillna(0).astype(np.int64),
        "siteid": told["site_id"],
        "unitid": told["unit_id"],
        "firstname": told["first"],
        "lastname": told["last"],
        "billname": told["first"] + " " + told["last"],
        "mailname": told["first"] + " " + told["last"],
        "status": told["relationship"],
        "useunitaddress": "Y",
        "latepmtcnt": told["late_count"],
        "nsfcnt": told["nsf_count"],
        "lastlate": np.where(told["late_count"] > 0, "202509", ""),
        "nochk": flags(told["nochk"], "Y", "N"),
        "incoll": flags(told["in_collection"], "Y", "N"),
        "leasesigner": flags(told["is_signer"], "Y", "N"),
    }
    homes = [_member_homes(phone, mail) for phone, mail in zip(told["phone_cell"], told["email"], strict=True)]
    made = elements("resident", columns, homes, leaves_out_empty=True)
    return [(letter, 0, xml) for letter, xml in zip(letters, made, strict=True)]


def _member_homes(phone: str, mail: str) -> str:
    place = {"adr1": "1 Main Street", "city": "Denver", "st": "CO", "zip": "80203", "email": mail, "cell": phone}
    return flat("billingaddress", place) + flat("regularaddress", place)
