"""The stand-in for Yardi Voyager: three interfaces of ASP.NET, SOAP 1.1.

Enforced: login, entity and license of each interface, the properties the interface is set up for, and the order of
parameters: as .asmx does, one that comes after its turn is read as null. Errors are Messages in HTTP 200; a wrong
server or database gives an empty result; an operation that an interface lacks gives a Fault with HTTP 500.
Does not belong here: what is in the records (`connectors/yardi/documents.py`).
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

import orjson

from connectors import soap_stand_in
from connectors.document_store import Store
from connectors.sandbox.properties import of
from connectors.sandbox.world import World
from connectors.soap import local
from connectors.soap_stand_in import asked, described, enveloped, in_order, refused, tag, wrap
from connectors.stand_in import Refused, Request, Response, route
from connectors.yardi.client import CHARGES, GUESTS, RESIDENTS, WSDLS
from connectors.yardi.documents import records

SHARE = "/standin/Webservices"
ENTITY = "Headwater Sandbox"
LICENSES = {name: f"MIIBEzCB…{name}…sandbox" for name in (RESIDENTS, CHARGES, GUESTS)}
LOGIN = {
    "UserName": "headwater",
    "Password": "the sandbox's password",
    "ServerName": "standin-sql",
    "Database": "standin_live",
    "Platform": "SQL Server",
}
_NAMESPACE = "http://tempuri.org/YSI.Interfaces.WebServices/"
_OWN = ("InterfaceEntity", "InterfaceLicense")
_ORDERS: dict[str, tuple[str, ...]] = {
    "GetPropertyConfigurations": _OWN,
    "GetUnitInformation": (*_OWN, "YardiPropertyId"),
    "GetResidentsByStatus": (*_OWN, "YardiPropertyId", "Status", "DateFrom"),
    "GetResidentLeaseCharges_Login": ("YardiPropertyId", "PostMonth", "TenantId", *_OWN),
    "GetResidentsLeaseCharges_Login": ("YardiPropertyId", "PostMonth", *_OWN),
    "AvailableUnits_Login": ("YardiPropertyId", *_OWN, "ExcludePricing"),
    "GetYardiGuestActivity_Login": ("YardiPropertyId", *_OWN),
    "GetYardiGuestActivity_DateRange": ("YardiPropertyId", *_OWN, "FromDate", "ToDate"),
}
"""What follows the login, by operation."""

_DAY = r"\d\d/\d\d/\d{4}"
_MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?"


def fill(store: Store, world: World) -> None:
    """Hold what Yardi knows of its properties, on the world's day."""
    properties = of(world)
    store.hold(records(properties, properties.yardi))


def configuration(world: World, url: str) -> dict[str, str]:
    """The settings that lead the connector here."""
    known = of(world)
    codes = known.properties.set_index("site_id").loc[list(known.yardi), "yardi_code"]
    return {
        "SOURCES__YARDI__BASE_URL": url + SHARE,
        "SOURCES__YARDI__USERNAME": LOGIN["UserName"],
        "SOURCES__YARDI__PASSWORD": LOGIN["Password"],
        "SOURCES__YARDI__SERVER_NAME": LOGIN["ServerName"],
        "SOURCES__YARDI__DATABASE": LOGIN["Database"],
        "SOURCES__YARDI__INTERFACE_ENTITY": ENTITY,
        "SOURCES__YARDI__RESIDENT_DATA_LICENSE": LICENSES[RESIDENTS],
        "SOURCES__YARDI__BILLING_LICENSE": LICENSES[CHARGES],
        "SOURCES__YARDI__GUEST_CARD_LICENSE": LICENSES[GUESTS],
        "SOURCES__YARDI__PERSON_SALT": "the sandbox's own grain of salt",
        "SOURCES__YARDI__SNAPSHOT_DATE": world.today.isoformat(),
        "SOURCES__YARDI__ACCOUNTS": orjson.dumps([{"name": str(code)} for code in codes]).decode(),
    }


def _message(operation: str, interface: str, words: str, kind: str = "Error") -> Response:
    text = f'<Messages xmlns=""><Message messageType="{kind}">{escape(words)}</Message></Messages>'
    return enveloped(_NAMESPACE + interface, operation, [text])


class YardiStandIn(soap_stand_in.SoapStandIn):
    """The web services of one Voyager."""

    name = "yardi"
    unlicensed: frozenset[str] = frozenset()
    """Operations that the license of their interface leaves out."""

    def account_of(self, request: Request) -> str | None:
        """The property that is asked about."""
        operation = asked(request)
        found = [] if operation is None else [one.text for one in operation if local(one.tag) == "YardiPropertyId"]
        return found[0] if found else None

    @route("GET", SHARE + "/{service}.asmx")
    def wsdl(self, request: Request) -> Response:
        """The description, as `?WSDL` shows it."""
        service = request.parts["service"]
        if service not in WSDLS:
            raise Refused(404, self.error(404, "The resource cannot be found."))
        return described(WSDLS[service], f"{request.base_url}{SHARE}/{service}.asmx")

    @route("POST", f"{SHARE}/{RESIDENTS}.asmx/GetPropertyConfigurations")
    def properties(self, request: Request) -> Response:
        """Every property the interface is set up for."""
        self._told(request, RESIDENTS)
        return self._listed(request, RESIDENTS, "properties", "", "Properties")

    @route("POST", f"{SHARE}/{RESIDENTS}.asmx/GetUnitInformation")
    def units(self, request: Request) -> Response:
        """All units of a property."""
        code = self._told(request, RESIDENTS)["YardiPropertyId"]
        head = wrap("PropertyID", tag("Identification", IDType="PropertyCode", IDValue=code))
        return self._listed(request, RESIDENTS, "units", code, "UnitInformation/Property/Units", before=head)

    @route("POST", f"{SHARE}/{RESIDENTS}.asmx/GetResidentsByStatus")
    def residents(self, request: Request) -> Response:
        """Residents of some statuses, joined by ^."""
        told = self._told(request, RESIDENTS)
        wanted = [one for one in told["Status"].split("^") if one]
        if not wanted:
            raise self._refusal(request, RESIDENTS, "Status is required.")
        if told["DateFrom"] and not re.fullmatch(_DAY, told["DateFrom"]):
            raise self._refusal(request, RESIDENTS, "DateFrom must be MM/DD/YYYY.")
        where = f"parent in ({', '.join('?' * len(wanted))})"
        path = "MITS-ResidentData/PropertyResidents/Residents"
        before = f"<PropertyCode>{escape(told['YardiPropertyId'])}</PropertyCode>"
        return self._listed(
            request, RESIDENTS, "residents", told["YardiPropertyId"], path, where, wanted, before=before
        )

    @route("POST", f"{SHARE}/{CHARGES}.asmx/GetResidentsLeaseCharges_Login")
    def charges(self, request: Request) -> Response:
        """Lease charges of a whole property."""
        told = self._told(request, CHARGES)
        return self._charges(request, told, "true", [])

    @route("POST", f"{SHARE}/{CHARGES}.asmx/GetResidentLeaseCharges_Login")
    def charges_of_one(self, request: Request) -> Response:
        """Lease charges of one resident."""
        told = self._told(request, CHARGES)
        if not told["TenantId"]:
            raise self._refusal(request, CHARGES, "TenantId is required.")
        return self._charges(request, told, "parent = ?", [told["TenantId"]])

    @route("POST", f"{SHARE}/{GUESTS}.asmx/AvailableUnits_Login")
    def available(self, request: Request) -> Response:
        """Units that can be had, and those that are spoken for."""
        code = self._told(request, GUESTS)["YardiPropertyId"]
        before = '<PropertyID><Identification IDType="PropertyCode"/></PropertyID><Floorplan IDValue="x"/>'
        return self._listed(request, GUESTS, "available", code, "PhysicalProperty/Property", before=before)

    @route("POST", f"{SHARE}/{GUESTS}.asmx/GetYardiGuestActivity_Login")
    def guests(self, request: Request) -> Response:
        """All prospects with all events."""
        code = self._told(request, GUESTS)["YardiPropertyId"]
        return self._listed(request, GUESTS, "prospects", code, "LeadManagement/Prospects")

    @route("POST", f"{SHARE}/{GUESTS}.asmx/GetYardiGuestActivity_DateRange")
    def guests_between(self, request: Request) -> Response:
        """Prospects with events between two moments."""
        told = self._told(request, GUESTS)
        moments = [told[name] for name in ("FromDate", "ToDate")]
        if not all(re.fullmatch(_MOMENT, one) for one in moments):
            raise self._invalid(request)
        since, until = (datetime.fromisoformat(f"{one[:19]}+00:00").timestamp() for one in moments)
        path, where = "LeadManagement/Prospects", "changed >= ? and ord <= ?"
        return self._listed(request, GUESTS, "prospects", told["YardiPropertyId"], path, where, [since, until])

    @route("POST", SHARE + "/{service}.asmx/{operation}")
    def unknown(self, request: Request) -> Response:
        """What an interface does not have, such as lease charges in Resident Data."""
        action = escape(request.headers["soapaction"].strip('"'))
        words = (
            "System.Web.Services.Protocols.SoapException: Server did not recognize the value of HTTP Header SOAPAction:"
            f" {action}."
        )
        return refused(500, "soap:Client", words)

    def _charges(self, request: Request, told: dict[str, str], where: str, values: list[str]) -> Response:
        if not re.fullmatch(_MOMENT, told["PostMonth"]):
            raise self._invalid(request)
        code, path = told["YardiPropertyId"], "ResidentTransactions/Property"
        before = wrap("PropertyID", tag("Identification", Type="other", PrimaryID=code))
        return self._listed(request, CHARGES, "charges", code, path, where, values, before=before)

    def _invalid(self, request: Request) -> Refused:
        refusal = Refused(500)
        refusal.response = refused(500, "soap:Client", "Server was unable to read request: an xs:dateTime is missing.")
        del request
        return refusal

    def _refusal(self, request: Request, interface: str, words: str) -> Refused:
        refusal = Refused(200)
        refusal.response = _message(_operation(request), interface, words)
        return refusal

    def _told(self, request: Request, interface: str) -> dict[str, str]:
        """The parameters of a request that is allowed, '' for those that are null."""
        operation = _operation(request)
        element = asked(request)
        if element is None or element.tag != f"{{{_NAMESPACE}{interface}}}{operation}":
            raise self._invalid(request)
        order = _ORDERS[operation]
        told = {name: value or "" for name, value in in_order(element, (*LOGIN, *order)).items()}
        if (told["ServerName"], told["Database"]) != (LOGIN["ServerName"], LOGIN["Database"]):
            refusal = Refused(200)
            refusal.response = enveloped(_NAMESPACE + interface, operation, [])
            raise refusal
        if (told["UserName"], told["Password"]) != (LOGIN["UserName"], LOGIN["Password"]):
            raise self._refusal(request, interface, "Login failed. User Name or Password is incorrect.")
        if told["InterfaceEntity"] != ENTITY:
            raise self._refusal(request, interface, "Invalid Interface Entity.")
        if told["InterfaceLicense"] != LICENSES[interface]:
            raise self._refusal(request, interface, "Interface license is invalid.")
        if operation in self.unlicensed:
            raise self._refusal(request, interface, f"{operation} is not licensed for interface {ENTITY}.")
        code = told.get("YardiPropertyId")
        if code is not None and not self.store.count("properties", "", "id = ?", [code]):
            raise self._refusal(request, interface, f"Property {code} is not configured for interface {ENTITY}.")
        return told

    def _listed(
        self,
        request: Request,
        interface: str,
        collection: str,
        account: str,
        path: str,
        where: str = "true",
        values: Any = (),
        before: str = "",
    ) -> Response:
        first, *others = path.split("/")
        opened = f'<{first} xmlns="">' + "".join(f"<{name}>" for name in others[:-1])
        last = f"<{others[-1]}>" if others else ""
        # What is told of the property stands before the innermost list, or in it where the property is the list.
        inner = f"{last}{before}" if others and others[-1] == "Property" else f"{before}{last}"
        closed = "".join(f"</{name}>" for name in reversed(path.split("/")))
        rows = self.store.select(collection, account, where, values)
        content = [opened, inner, *(row[3] for row in rows), closed]
        return enveloped(_NAMESPACE + interface, _operation(request), content)


def _operation(request: Request) -> str:
    return request.path.rpartition("/")[2]
