"""A property of Yardi Voyager: three interfaces, each with its own address, entity, license and WSDL.

Belongs here: settings, logging in to the right interface, which day it is. Does not belong here: what is asked
(`connectors/yardi/source.py`) and SOAP (`connectors/soap.py`).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dlt.common.configuration import with_config
from dlt.common.typing import TSecretStrValue

from connectors import personal
from connectors.errors import HeadwaterError
from connectors.rest import SourceError
from connectors.soap import EmptyError, Service, SoapError
from connectors.sync import Row

RESIDENTS, CHARGES, GUESTS = "ItfResidentData", "ItfResidentTransactions20", "ItfILSGuestCard"
WSDLS = {name: Path(__file__).parent / "wsdl" / f"{name}.wsdl" for name in (RESIDENTS, CHARGES, GUESTS)}
_LOGIN_REFUSED = re.compile(r"\b(login|user name|password|database)\b", re.IGNORECASE)
"""Words of messages about what every operation is asked with."""


@dataclass(frozen=True)
class Interface:
    """One interface as Yardi licenses it: the service's name, the vendor's entity, the license."""

    service: str
    entity: str
    license: str = field(repr=False)


@dataclass(frozen=True)
class Settings:
    """What the configuration says; see `settings`."""

    base_url: str
    username: str
    password: str = field(repr=False)
    server_name: str
    database: str
    platform: str
    person_salt: str = field(repr=False)
    snapshot_date: str
    timezone: str
    interfaces: Mapping[str, Interface]
    accounts: tuple[str, ...]

    @property
    def day(self) -> date:
        """The business day that what Yardi says now is landed under."""
        if not self.snapshot_date:
            return datetime.now(ZoneInfo(self.timezone)).date()
        try:
            return date.fromisoformat(self.snapshot_date)
        except ValueError:
            raise HeadwaterError("yardi: sources.yardi.snapshot_date must be a day, YYYY-MM-DD") from None

    def missing(self) -> list[str]:
        """The settings without which nothing can be asked."""
        needed = ("base_url", "username", "password", "server_name", "database", "person_salt", "accounts")
        names = [name for name in needed if not getattr(self, name)]
        for name, interface in self.interfaces.items():
            names += [f"{name}_{part}" for part in ("entity", "license") if not getattr(interface, part)]
        return names


@with_config(sections=("sources", "yardi"))
def settings(
    base_url: str | None = None,
    username: str | None = None,
    password: TSecretStrValue | None = None,
    server_name: str | None = None,
    database: str | None = None,
    platform: str = "SQL Server",
    interface_entity: str | None = None,
    resident_data_service: str = RESIDENTS,
    resident_data_entity: str | None = None,
    resident_data_license: TSecretStrValue | None = None,
    billing_service: str = CHARGES,
    billing_entity: str | None = None,
    billing_license: TSecretStrValue | None = None,
    guest_card_service: str = GUESTS,
    guest_card_entity: str | None = None,
    guest_card_license: TSecretStrValue | None = None,
    person_salt: TSecretStrValue | None = None,
    snapshot_date: str | None = None,
    timezone: str = "America/Chicago",
    accounts: list[Any] | None = None,
) -> Settings:
    """The settings.

    Args:
        base_url: of the web services, `https://<host>/<webshare>/Webservices`.
        username: Yardi's, one for all interfaces.
        password: likewise.
        server_name: of the database server, as Yardi names it.
        database: likewise.
        platform: of the database.
        interface_entity: the vendor's registered name, for interfaces that have none of their own below.
        resident_data_service: the service's file name without `.asmx`; so for the other two.
        resident_data_entity: the vendor's name there.
        resident_data_license: its license.
        billing_service: Billing and Payments.
        billing_entity: the vendor's name there.
        billing_license: its license.
        guest_card_service: ILS / Guest Card.
        guest_card_entity: the vendor's name there.
        guest_card_license: its license.
        person_salt: what the hashes that stand in for people are salted with; the same for ever.
        snapshot_date: the day that counts as today.
        timezone: whose day is the business day otherwise.
        accounts: `{"name": property code}` each.
    """

    def interface(service: str, entity: str | None, license_: str | None) -> Interface:
        return Interface(service, entity or interface_entity or "", license_ or "")

    return Settings(
        base_url=(base_url or "").rstrip("/"),
        username=username or "",
        password=password or "",
        server_name=server_name or "",
        database=database or "",
        platform=platform,
        person_salt=person_salt or "",
        snapshot_date=snapshot_date or "",
        timezone=timezone,
        interfaces={
            "resident_data": interface(resident_data_service, resident_data_entity, resident_data_license),
            "billing": interface(billing_service, billing_entity, billing_license),
            "guest_card": interface(guest_card_service, guest_card_entity, guest_card_license),
        },
        accounts=tuple(str(one["name"]) if isinstance(one, Mapping) else str(one) for one in accounts or []),
    )


class Voyager:
    """A property; `tenants` are the codes of who lives or will live there, once residents were read."""

    def __init__(self, code: str, chosen: Settings) -> None:
        self.code, self.day = code, chosen.day
        self.tenants: list[str] | None = None
        self._salt = chosen.person_salt
        self._login = {
            "UserName": chosen.username,
            "Password": chosen.password,
            "ServerName": chosen.server_name,
            "Database": chosen.database,
            "Platform": chosen.platform,
        }
        self._interfaces = chosen.interfaces
        secrets = (chosen.password, *(one.license for one in chosen.interfaces.values()))
        self._services = {
            name: Service("yardi", WSDLS[wsdl], f"{chosen.base_url}/{chosen.interfaces[name].service}.asmx", secrets)
            for name, wsdl in (("resident_data", RESIDENTS), ("billing", CHARGES), ("guest_card", GUESTS))
        }

    def records(
        self, interface: str, operation: str, path: str, many: Collection[str] = (), **parameters: Any
    ) -> Iterator[list[Row]]:
        """Yield what an operation of an interface answers.

        Raises:
            SourceError: it failed, or refused. What Yardi says of a wrong login is about all that is asked.
        """
        chosen = self._interfaces[interface]
        try:
            answer = self._services[interface].call(
                operation,
                **self._login,
                InterfaceEntity=chosen.entity,
                InterfaceLicense=chosen.license,
                **parameters,
            )
            yield from answer.records(path, many)
        except EmptyError as error:
            raise SourceError(f"{error}: mostly a wrong server_name, database or login", 401) from None
        except SoapError as error:
            if _LOGIN_REFUSED.search(error.words):
                raise SourceError(str(error), 401) from None
            raise

    @property
    def request(self) -> dict[str, Any]:
        """What rows do not say themselves."""
        return {"snapshot_date": self.day.isoformat(), "property_code": self.code}

    def person(self, *parts: Any) -> str | None:
        """The hash that stands for a person; None for nobody."""
        return personal.key_of(self._salt, *parts) if all(parts) else None
