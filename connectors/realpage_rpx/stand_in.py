"""The stand-in for the RPX gateway: one service, seven operations of SOAP 1.1.

Enforced: the licence and the sites it covers, the company, the order of `auth`, the parameters an operation needs,
Faults inside HTTP 200 as the gateway sends them, the Fault of an operation the partner has not. Where the real gateway
is slow it is not. Does not belong here: what is in the records (`connectors/realpage_rpx/documents.py`).
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import orjson
from lxml import etree

from connectors import soap_stand_in
from connectors.document_store import Store
from connectors.realpage_rpx.documents import records
from connectors.realpage_rpx.source import WSDL
from connectors.sandbox.properties import of
from connectors.sandbox.world import World
from connectors.soap import local
from connectors.soap_stand_in import asked, described, enveloped, in_order, refused
from connectors.stand_in import Refused, Request, Response, route

PATH = "/rpxgateway/partner/Standin/Standin.svc"
NAMESPACE = "http://tempuri.org/"
LICENCE = "5a3c9d1e-0000-4000-8000-5a4db0c5a4d1"
PMC = "4248314"

_AUTH = ("pmcid", "siteid", "username", "password", "licensekey", "system")
_LETTERS = {"C", "P", "F", "ALL"}
_APPLICATION = "http://tempuri.org/"


def fill(store: Store, world: World) -> None:
    """Hold what RealPage knows of its properties."""
    properties = of(world)
    store.hold(records(properties, properties.realpage))


def configuration(world: World, url: str) -> dict[str, str]:
    """The settings that lead the connector here."""
    accounts = [{"name": str(site)} for site in of(world).realpage]
    return {
        "SOURCES__REALPAGE_RPX__URL": url + PATH,
        "SOURCES__REALPAGE_RPX__PMCID": PMC,
        "SOURCES__REALPAGE_RPX__LICENSEKEY": LICENCE,
        "SOURCES__REALPAGE_RPX__PERSON_SALT": "the sandbox's own grain of salt",
        "SOURCES__REALPAGE_RPX__ACCOUNTS": orjson.dumps(accounts).decode(),
    }


def _fault(words: str) -> Refused:
    detail = (
        f'<detail><RPXApplicationFault xmlns="{_APPLICATION}"><CustomMessage>Please check the authentication data.'
        f"</CustomMessage><ExceptionMessage>{words}</ExceptionMessage><LogId>0</LogId>"
        "<MessageLogId>2026.11.7f3a.1</MessageLogId></RPXApplicationFault></detail>"
    )
    refusal = Refused(200)
    refusal.response = refused(200, "s:inv_Param", words, detail)
    return refusal


class RealPageRpxStandIn(soap_stand_in.SoapStandIn):
    """The gateway."""

    name = "realpage_rpx"
    forbidden: frozenset[str] = frozenset()
    """Operations that the licence is not authorised for."""

    def account_of(self, request: Request) -> str | None:
        """The site that is asked about."""
        operation = asked(request)
        found = [] if operation is None else [one.text for one in operation.iter() if local(one.tag) == "siteid"]
        return found[0] if found else None

    @route("GET", PATH)
    def wsdl(self, request: Request) -> Response:
        """The description, as `?wsdl` and `?singleWsdl` show it."""
        return described(WSDL, request.base_url + PATH)

    @route("POST", PATH + "/getsitelist")
    def sites(self, request: Request) -> Response:
        """The site, as its licence sees it."""
        return self._listed(request, "getsitelist", "sites", "SiteList")

    @route("POST", PATH + "/getbuildings")
    def buildings(self, request: Request) -> Response:
        """All buildings."""
        return self._listed(request, "getbuildings", "buildings", "BuildingList")

    @route("POST", PATH + "/unitlist")
    def units(self, request: Request) -> Response:
        """All units, deleted ones and those that are no dwellings too."""
        return self._listed(request, "unitlist", "units", "UnitList")

    @route("POST", PATH + "/getresidentlistinfo")
    def residents(self, request: Request) -> Response:
        """Residents of a status; heads of households only on request."""
        told = self._parameters(request, "getresidentlistinfo", "status")
        where, values = _of_status(told["status"])
        if told.get("headofhousehold") in {"1", "true"}:
            where += " and doc like '%<hohbit>TRUE</hohbit>%'"
        return self._listed(request, "getresidentlistinfo", "residents", "residentlist", where, values)

    @route("POST", PATH + "/getresident")
    def members(self, request: Request) -> Response:
        """Members of households of a status."""
        told = self._parameters(request, "getresident", "residentstatus")
        where, values = _of_status(told["residentstatus"])
        return self._listed(request, "getresident", "members", "residents", where, values)

    @route("POST", PATH + "/getleaseinfo")
    def leases(self, request: Request) -> Response:
        """Leases of a status, former ones only of the last days that are asked for."""
        told = self._parameters(request, "getleaseinfo")
        where, values = _of_status(told.get("residentstatus") or "C")
        back = int(told.get("residentheldthestatus") or 0)
        since = (self._today(request) - date(1970, 1, 1) - timedelta(days=back)).days
        return self._listed(
            request, "getleaseinfo", "leases", "GetLeaseInfo/Leases", f"{where} and changed >= ?", [*values, since]
        )

    @route("POST", PATH + "/getrentableitems")
    def rentable_items(self, request: Request) -> Response:
        """What is let besides units."""
        told = self._parameters(request, "getrentableitems", "dateneeded")
        where, values = "true", []
        if told.get("unitid", "0") != "0":
            where, values = "doc like ?", [f"%<UnitID>{told['unitid']}</UnitID>%"]
        path = "GetRentableItemsResponse/Response"
        return self._listed(request, "getrentableitems", "rentable_items", path, where, values)

    @route("POST", PATH + "/{operation}")
    def unknown(self, request: Request) -> Response:
        """What this partner's service does not have."""
        action = request.headers["soapaction"].strip('"')
        words = (
            f"The message with Action '{action}' cannot be processed at the receiver, due to a ContractFilter mismatch"
            " at the EndpointDispatcher."
        )
        addressing = "http://schemas.microsoft.com/ws/2005/05/addressing/none"
        return refused(500, "a:ActionNotSupported", words, namespaces=f' xmlns:a="{addressing}"')

    def _listed(
        self, request: Request, operation: str, collection: str, path: str, where: str = "true", values: Any = ()
    ) -> Response:
        site = self._site(request, operation)
        first, *others = path.split("/")
        opened = f'<{first} xmlns="">' + "".join(f"<{name}>" for name in others)
        closed = "".join(f"</{name}>" for name in reversed(path.split("/")))
        rows = self.store.select(collection, site, where, values)
        return enveloped(NAMESPACE, operation, [opened, *(row[3] for row in rows), closed])

    def _site(self, request: Request, operation: str) -> str:
        """The site of a request that is allowed."""
        element = asked(request)
        if element is None or element.tag != f"{{{NAMESPACE}}}{operation}":
            raise _fault("The request is no message of this operation.")
        first = next(iter(element), None)
        if first is None or local(first.tag) != "auth":
            raise _fault("Authentication is missing.")
        told = in_order(first, _AUTH)
        if told["licensekey"] != LICENCE or told["pmcid"] != PMC or (told["system"] or "").lower() != "onesite":
            raise _fault(f"The license key is not valid for company {told['pmcid']}.")
        if operation in self.forbidden:
            raise _fault(f"The license key is not authorized for the method {operation}.")
        site = told["siteid"] or ""
        if not self.store.count("sites", site):
            raise _fault(f"The license key is not authorized for site {site}.")
        return site

    def _parameters(self, request: Request, operation: str, *needed: str) -> dict[str, str]:
        """The parameter element's children, in any order."""
        element = asked(request)
        children = [] if element is None else list(element)[1:]
        told = {local(one.tag): one.text or "" for child in children for one in child}
        if missing := [name for name in needed if not told.get(name)]:
            raise _fault(f"{operation} needs {', '.join(missing)}.")
        return told

    def _today(self, request: Request) -> date:
        site = etree.fromstring(self.store.select("sites", self.account_of(request) or "")[0][3])
        return date.fromisoformat((site.findtext("SysDate") or "")[:10])


def _of_status(status: str) -> tuple[str, list[str]]:
    if status not in _LETTERS:
        raise _fault(f"{status} is no status.")
    return ("true", []) if status == "ALL" else ("parent = ?", [status])
