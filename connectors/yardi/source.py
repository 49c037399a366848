"""Yardi Voyager: what a property is today, and what happened with the people who asked for a home there.

Fetched: six operations of three interfaces. Paging: there is none; answers are read record by record
(`connectors/soap.py`). A row is unique by its day and code; lease charges come a tenant, guest activity an event, whose
EventID has no day. Incremental: guest activity alone; a first load asks for all of it, later ones from 30 days before
the last one. All else is landed whole under the business day; days before stay as they were.
A licence without charges of a whole property is served too, a request for each tenant.

    ItfResidentData          GetPropertyConfigurations, GetUnitInformation, GetResidentsByStatus ──┐
    ItfResidentTransactions20  GetResidentsLeaseCharges_Login (a tenant: GetResidentLeaseCharges_Login) ──┤
    ItfILSGuestCard          AvailableUnits_Login, GetYardiGuestActivity_Login, …_DateRange ──┤
        └─ XML as JSON, without names, phones, addresses, comments ──> staging_yardi (account = property code)

Alone: `python -m connectors.yardi` with DATABASE_URL and SOURCES__YARDI__… set. Does not belong here: what a field
means (the models).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors import personal, snapshots
from connectors.errors import HeadwaterError
from connectors.rest import SourceError
from connectors.soap import SoapError
from connectors.sync import Account, Context, Done, Page, Resource, Row, Source, Walk
from connectors.yardi.client import Voyager, settings

STATUSES = "Current^Future^Past^Notice^Applicant^Eviction^Denied^Canceled"
PROPERTIES_AT_A_TIME = 4

_SINCE_EVER = "01/01/1900"
_ACTIVITY_BACK = timedelta(days=30)
_LIVES_THERE_OR_WILL = {"current", "notice", "eviction", "future"}

_UNIT_LISTS = ("PersonID", "Identification")
_RESIDENT_LISTS: tuple[str, ...] = ("Phone",)
_CHARGE_LISTS = ("Identification", "Customer", "Transactions")
_AVAILABLE_LISTS = ("Unit", "Identification", "Amenity", "Deposit")
_GUEST_LISTS = ("Customer", "Identification", "Phone", "Event", "Quote")
_KEPT = ("FloorplanName", "BuildingName", "MarketingName", "@MarketingName", "@OrganizationName")
"""Fields that sound like a person's and are a building's."""


def _texts(value: Any) -> Any:
    """The text of an element that may have attributes beside it."""
    return value.get("#text") if isinstance(value, dict) else value


def _properties(client: Voyager, context: Context) -> Walk:
    """The account's row of the configurations, which cover every property of the licence."""
    pages = client.records("resident_data", "GetPropertyConfigurations", "Properties/Property")
    rows = [row for page in pages for row in page if str(row.get("Code") or "").strip() == client.code]
    if not rows:
        raise SourceError(f"yardi: GetPropertyConfigurations shows no property {client.code}: is it licensed?", 200)
    return (yield from snapshots.snapshot(context, "properties", client.request, iter([rows]), _property_key))


def _property_key(row: Row, request: Mapping[str, Any]) -> str:
    return snapshots.key_of(request["snapshot_date"], row["Code"])


def _units(client: Voyager, context: Context) -> Walk:
    path = "UnitInformation/Property/Units/UnitInfo"
    pages = client.records("resident_data", "GetUnitInformation", path, _UNIT_LISTS, YardiPropertyId=client.code)
    return (yield from snapshots.snapshot(context, "units", client.request, pages, _unit_key))


def _unit_key(row: Row, request: Mapping[str, Any]) -> str:
    return snapshots.key_of(request["snapshot_date"], _texts(row["UnitID"]))


def _residents(client: Voyager, context: Context) -> Walk:
    def pages() -> Iterator[list[Row]]:
        path = "MITS-ResidentData/PropertyResidents/Residents/Resident"
        asked = {"YardiPropertyId": client.code, "Status": STATUSES, "DateFrom": _SINCE_EVER}
        tenants: list[str] = []
        for page in client.records("resident_data", "GetResidentsByStatus", path, _RESIDENT_LISTS, **asked):
            yield [
                {**personal.without(row, _KEPT), "resident_key": client.person(client.code, row.get("@tCode"))}
                for row in page
            ]
            tenants += [row["@tCode"] for row in page if str(row.get("Status") or "").lower() in _LIVES_THERE_OR_WILL]
        client.tenants = tenants

    return (yield from snapshots.snapshot(context, "residents", client.request, pages(), _resident_key))


def _resident_key(row: Row, request: Mapping[str, Any]) -> str:
    return snapshots.key_of(request["snapshot_date"], row["@tCode"])


def _charges(client: Voyager, context: Context) -> Walk:
    def pages() -> Iterator[list[Row]]:
        for page in _charge_pages(client, datetime.combine(client.day, time())):
            yield [personal.without(row, _KEPT) for row in page]

    request = {**client.request, "post_month": client.day.replace(day=1).isoformat()}
    walk = snapshots.snapshot(context, "lease_charges", request, pages(), _charge_key, may_be_empty=True)
    return (yield from walk)


def _charge_pages(client: Voyager, month: datetime) -> Iterator[list[Row]]:
    """The charges of the whole property at once; of one tenant after the other where the licence has only that."""
    path = "ResidentTransactions/Property/RT_Customer"
    asked = {"YardiPropertyId": client.code, "PostMonth": month}
    has_begun = False
    try:
        for page in client.records("billing", "GetResidentsLeaseCharges_Login", path, _CHARGE_LISTS, **asked):
            has_begun = True
            yield page
    except SourceError as error:
        if has_begun or not _lacks_it(error):
            raise
        if client.tenants is None:
            raise SourceError(
                f"{error}; one tenant at a time is not possible either: residents were not read"
            ) from None
        for tenant in client.tenants:
            one = {**asked, "TenantId": tenant}
            yield from client.records("billing", "GetResidentLeaseCharges_Login", path, _CHARGE_LISTS, **one)


def _lacks_it(error: SourceError) -> bool:
    """May the licence, or the service, lack this operation alone? It says so in words of its own, or knows no such."""
    words = str(error).lower()
    return isinstance(error, SoapError) or (error.status == 500 and "soapaction" in words)


def _charge_key(row: Row, request: Mapping[str, Any]) -> str:
    unit = row.get("RT_Unit") or {}
    return snapshots.key_of(request["snapshot_date"], row["CustomerID"], _texts(unit.get("UnitID")) or "-")


def _available(client: Voyager, context: Context) -> Walk:
    asked = {"YardiPropertyId": client.code, "ExcludePricing": False}
    path = "PhysicalProperty/Property/ILS_Unit"
    pages = client.records("guest_card", "AvailableUnits_Login", path, _AVAILABLE_LISTS, **asked)
    walk = snapshots.snapshot(context, "available_units", client.request, pages, _available_key, may_be_empty=True)
    return (yield from walk)


def _available_key(row: Row, request: Mapping[str, Any]) -> str:
    codes = [
        named["@IDValue"]
        for unit in row["Units"]["Unit"]
        for named in unit["Identification"]
        if named.get("@OrganizationName") == "Unit"
    ]
    return snapshots.key_of(request["snapshot_date"], codes[0] if codes else None)


def _activity(client: Voyager, context: Context) -> Walk:
    """Events of all time at first, later of the last 30 days before the last run and of what came since."""
    if context.cursor:
        since = datetime.combine(date.fromisoformat(context.cursor) - _ACTIVITY_BACK, time())
        operation = "GetYardiGuestActivity_DateRange"
        window = {"FromDate": since, "ToDate": datetime.combine(client.day, time(23, 59, 59))}
    else:
        operation, window = "GetYardiGuestActivity_Login", {}
    # An event keeps the day it was first seen on: a later one would be a change where nothing changed.
    known = dict(context.requests("guest_activity"))
    path = "LeadManagement/Prospects/Prospect"
    for page in client.records("guest_card", operation, path, _GUEST_LISTS, YardiPropertyId=client.code, **window):
        by_day: dict[str, list[Row]] = {}
        for row in (event for prospect in page for event in events_of(client, prospect)):
            first = (known.get(_event_key(row, {})) or client.request)["snapshot_date"]
            by_day.setdefault(first, []).append(row)
        for day, rows in by_day.items():
            yield Page(rows, {**client.request, "snapshot_date": day})
    return Done(cursor=client.day.isoformat(), complete=not window)


def events_of(client: Voyager, prospect: Row) -> Iterator[Row]:
    """A prospect's events, each with what is known of the prospect under `Prospect`."""
    customers = (prospect.get("Customers") or {}).get("Customer") or [{}]
    ids = {one.get("@IDType"): one.get("@IDValue") for one in customers[0].get("Identification") or []}
    known = {
        "person_key": client.person(client.code, ids.get("ProspectID")),
        "Customer": [personal.without(one, _KEPT) for one in customers],
        "CustomerPreferences": personal.without(prospect.get("CustomerPreferences") or {}, _KEPT),
    }
    for event in (prospect.get("Events") or {}).get("Event") or []:
        agent = event.get("Agent") or {}
        name = agent.get("AgentName")
        if isinstance(name, dict):
            name = " ".join(str(part) for part in name.values() if part)
        yield {
            **personal.without({field: value for field, value in event.items() if field != "Agent"}, _KEPT),
            "agent_key": client.person(client.code, name),
            "Prospect": known,
        }


def _event_key(row: Row, _: Mapping[str, Any]) -> str:
    return str(row["EventID"]["@IDValue"])


def configured() -> list[Account] | None:
    """The properties of `sources.yardi.accounts`.

    Raises:
        HeadwaterError: something of what they need is not set.
    """
    chosen = settings()
    if not chosen.password and not chosen.accounts:
        return None
    if missing := chosen.missing():
        salt = ": person_salt is a long random text, to be kept for ever" if "person_salt" in missing else ""
        raise HeadwaterError(f"yardi: set sources.yardi.{', .'.join(missing)}{salt}")
    if len(set(chosen.accounts)) < len(chosen.accounts):
        raise HeadwaterError("yardi: a property stands twice in sources.yardi.accounts")
    return [Account(name, {"password": chosen.password}) for name in chosen.accounts]


def connect(account: Account, _: str) -> Voyager:
    """Return a property's client; nothing is asked for yet."""
    return Voyager(account.name, settings())


SOURCE = Source(
    name="yardi",
    schema="yardi",
    resources=(
        *(
            Resource(table, (table,), fetch, key, lands_whole=True)
            for table, fetch, key in (
                ("properties", _properties, _property_key),
                ("units", _units, _unit_key),
                ("residents", _residents, _resident_key),
                ("lease_charges", _charges, _charge_key),
                ("available_units", _available, _available_key),
            )
        ),
        Resource("guest_activity", ("guest_activity",), _activity, _event_key, lambda row: row.get("@EventDate")),
    ),
    configured=configured,
    connect=connect,
    accounts_at_a_time=PROPERTIES_AT_A_TIME,
)
