"""RealPage Exchange (RPX), a SOAP gateway: what a property's site is today.

Fetched: seven operations of a site, each one answer with everything. Paging: there is none; answers are read record by
record (`connectors/soap.py`). A row is unique by its day and its id; a resident by member and lease, since a member
with a signed renewal is listed once a lease.
Incremental: there is nothing to go on from. Every run reads the site's day, which is the property's own (`SysDate` of
getsitelist, mostly yesterday's close), and lands it under that day; days before stay as they were.

    getsitelist ──SysDate──> snapshot_date
    getbuildings, unitlist, getresidentlistinfo, getresident, getleaseinfo, getrentableitems
        └─ without names, phones, addresses ──> staging_realpage_rpx (account = site id, key = day:id, payload, …)

Alone: `python -m connectors.realpage_rpx` with DATABASE_URL, SOURCES__REALPAGE_RPX__URL, …PMCID, …LICENSEKEY,
…PERSON_SALT and …ACCOUNTS set. Does not belong here: what a field means, its six ways to write a date (the models).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlt.common.configuration import with_config
from dlt.common.typing import TSecretStrValue

from connectors import personal, snapshots
from connectors.errors import HeadwaterError
from connectors.rest import SourceError
from connectors.soap import Service
from connectors.sync import Account, Context, Resource, Row, Source, Walk

WSDL = Path(__file__).parent / "wsdl" / "realpage_rpx.wsdl"
SITES_AT_A_TIME = 4
"""The gateway is used gently: answers of one site take it up to ten seconds."""

_LEASES_BACK_DAYS = 365
_DEATHS = ("DeathOnPremise", "DateOfDeath", "DeathNotes", "Notes")


@dataclass(frozen=True)
class _Settings:
    url: str = ""
    pmcid: str = ""
    licensekey: str = field(default="", repr=False)
    username: str = ""
    password: str = field(default="", repr=False)
    person_salt: str = field(default="", repr=False)
    accounts: tuple[str, ...] = ()


@with_config(sections=("sources", "realpage_rpx"))
def _settings(
    url: str | None = None,
    pmcid: str | None = None,
    licensekey: TSecretStrValue | None = None,
    username: str | None = None,
    password: TSecretStrValue | None = None,
    person_salt: TSecretStrValue | None = None,
    accounts: list[Any] | None = None,
) -> _Settings:
    """The settings.

    Args:
        url: of the partner's service, `https://gateway.rpx.realpage.com/rpxgateway/partner/<Partner>/<Partner>.svc`.
        pmcid: of the management company.
        licensekey: of the partner.
        username: for partners that have one.
        password: likewise.
        person_salt: what the hashes that stand in for people are salted with; the same for ever.
        accounts: `{"name": site id}` each.
    """
    names = (str(one["name"]) if isinstance(one, Mapping) else str(one) for one in accounts or [])
    return _Settings(
        (url or "").strip(),
        (pmcid or "").strip(),
        (licensekey or "").strip(),
        username or "",
        password or "",
        person_salt or "",
        tuple(names),
    )


class Gateway:
    """A site of the gateway."""

    def __init__(self, site: str, settings: _Settings) -> None:
        self.site, self.pmcid, self._salt = site, settings.pmcid, settings.person_salt
        secrets = (settings.licensekey, settings.password)
        self._service = Service("realpage_rpx", WSDL, settings.url, secrets)
        self._auth = {
            "pmcid": settings.pmcid,
            "siteid": site,
            "username": settings.username or None,
            "password": settings.password or None,
            "licensekey": settings.licensekey,
            "system": "Onesite",
        }
        self._own: Row | None = None

    def records(self, operation: str, path: str, parameters: Mapping[str, Any]) -> Iterator[list[Row]]:
        """Yield what an operation answers."""
        yield from self._service.call(operation, auth=self._auth, **parameters).records(path)

    def own(self) -> Row:
        """The site as getsitelist tells it, read once: everything hangs on its day.

        Raises:
            SourceError: it cannot be read, so that nothing of the site can.
        """
        if self._own is None:
            try:
                rows = [row for page in self.records("getsitelist", "SiteList/Site", {}) for row in page]
            except SourceError as error:
                raise SourceError(str(error)) from None
            found = [row for row in rows if str(row.get("SiteID") or "").strip() == self.site]
            if not found or not found[0].get("SysDate"):
                raise SourceError(
                    f"realpage_rpx: getsitelist shows no site {self.site} with a SysDate: does the licence cover it?"
                )
            self._own = found[0]
        return self._own

    @property
    def request(self) -> dict[str, Any]:
        """What rows of the site do not say themselves; the day is the site's, not ours."""
        return {"snapshot_date": str(self.own()["SysDate"])[:10], "pmcid": self.pmcid, "siteid": self.site}

    def person(self, member: Any) -> str:
        """The hash that stands for a member of a household."""
        return personal.key_of(self._salt, self.site, member)


@dataclass(frozen=True)
class Listing:
    """An operation and where it lands.

    Attributes:
        table: it lands in.
        operation: its name.
        path: to its records.
        key: the fields that make a record unique.
        parameters: it is asked with, given the day.
        clean: what lands of a record.
        may_be_empty: a site need not have any.
    """

    table: str
    operation: str
    path: str
    key: tuple[str, ...]
    parameters: Callable[[str], Mapping[str, Any]] = lambda _: {}
    clean: Callable[[Gateway, Row], Row] = lambda _, row: row
    may_be_empty: bool = False

    def key_of(self, row: Row, request: Mapping[str, Any]) -> str:
        """The key of a record; a resident without a lease has `0` in its place."""
        parts = [row.get(name) or ("0" if name == "leaseid" else None) for name in self.key]
        return snapshots.key_of(str(request["snapshot_date"]), *parts)

    def fetch(self, client: Gateway, context: Context) -> Walk:
        """Walk it."""
        request = client.request
        parameters = self.parameters(request["snapshot_date"])
        pages = (
            [self.clean(client, row) for row in page] for page in client.records(self.operation, self.path, parameters)
        )
        walk = snapshots.snapshot(context, self.table, request, pages, self.key_of, may_be_empty=self.may_be_empty)
        return (yield from walk)


def _unit(_: Gateway, row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _DEATHS}


def _resident(client: Gateway, row: Row) -> Row:
    return {**personal.without(row), "resident_key": client.person(row.get("residentmemberid"))}


def _member(client: Gateway, row: Row) -> Row:
    return {**personal.without(row), "resident_key": client.person(row.get("resmid"))}


def _lease(_: Gateway, row: Row) -> Row:
    cleaned: Row = personal.without(row)
    return cleaned


def _sites(client: Gateway, context: Context) -> Walk:
    request = client.request
    return (yield from snapshots.snapshot(context, "sites", request, iter([[client.own()]]), _SITES.key_of))


_SITES = Listing("sites", "getsitelist", "SiteList/Site", ("SiteID",))
LISTINGS = (
    Listing("buildings", "getbuildings", "BuildingList/Building", ("BuildingID",)),
    Listing("units", "unitlist", "UnitList/Unit", ("UnitID",), clean=_unit),
    Listing(
        "residents",
        "getresidentlistinfo",
        "residentlist/resident",
        ("residentmemberid", "leaseid"),
        lambda _: {"getresidentlistinfo": {"headofhousehold": "0", "status": "ALL"}},
        _resident,
    ),
    Listing(
        "household_members",
        "getresident",
        "residents/resident",
        ("resmid",),
        lambda _: {
            "getresident": {
                "residentstatus": "C",
                "residentheldthestatus": "0",
                "residentwillhavethestatus": "0",
            }
        },
        _member,
    ),
    Listing(
        "leases",
        "getleaseinfo",
        "GetLeaseInfo/Leases/Lease",
        ("LeaseID",),
        lambda _: {"getleaseinfo": {"residentstatus": "ALL", "residentheldthestatus": str(_LEASES_BACK_DAYS)}},
        _lease,
    ),
    Listing(
        "rentable_items",
        "getrentableitems",
        "GetRentableItemsResponse/Response/RentableItem",
        ("RidID",),
        lambda day: {"getrentableitemRequest": {"unitid": "0", "dateneeded": day, "leaseid": "0"}},
        may_be_empty=True,
    ),
)


def configured() -> list[Account] | None:
    """The sites of `sources.realpage_rpx.accounts`.

    Raises:
        HeadwaterError: something of what they need is not set.
    """
    settings = _settings()
    if not settings.licensekey and not settings.accounts:
        return None
    missing = [
        name for name in ("url", "pmcid", "licensekey", "person_salt", "accounts") if not getattr(settings, name)
    ]
    if missing:
        salt = ": a long random text, to be kept for ever" if "person_salt" in missing else ""
        raise HeadwaterError(f"realpage_rpx: set sources.realpage_rpx.{', .'.join(missing)}{salt}")
    if len(set(settings.accounts)) < len(settings.accounts):
        raise HeadwaterError("realpage_rpx: a site stands twice in sources.realpage_rpx.accounts")
    return [Account(name, {"licensekey": settings.licensekey}) for name in settings.accounts]


def connect(account: Account, _: str) -> Gateway:
    """Return a site's client; nothing is asked for yet."""
    return Gateway(account.name, _settings())


SOURCE = Source(
    name="realpage_rpx",
    schema="realpage_rpx",
    resources=(
        Resource("sites", ("sites",), _sites, _SITES.key_of, lands_whole=True),
        *(Resource(one.table, (one.table,), one.fetch, one.key_of, lands_whole=True) for one in LISTINGS),
    ),
    configured=configured,
    connect=connect,
    accounts_at_a_time=SITES_AT_A_TIME,
)
