"""RPX: every operation against the world, what must not land, every refusal, against the stand-in over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from live import first_walk
from property_servers import OTHER, SMALL, names, personal, posted, properties, texts

from connectors.document_store import Store
from connectors.errors import HeadwaterError
from connectors.realpage_rpx import source, stand_in
from connectors.realpage_rpx.documents import records
from connectors.realpage_rpx.source import SOURCE, configured, connect
from connectors.realpage_rpx.stand_in import LICENCE, PATH, PMC, RealPageRpxStandIn
from connectors.rest import SourceError
from connectors.sandbox.services import Service
from connectors.sandbox.world import build
from connectors.stand_in import Fault, Request, serve
from connectors.sync import Account

RESOURCES = {resource.name: resource for resource in SOURCE.resources}
SALT = "a grain of salt"


@pytest.fixture(scope="module")
def filled() -> Store:
    store = Store()
    store.hold(records(properties(), [SMALL, OTHER]))
    return store


@pytest.fixture
def server(filled: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[RealPageRpxStandIn, str]]:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    here = RealPageRpxStandIn(filled)
    with serve(here) as url:
        for name, value in {
            "URL": url + PATH,
            "PMCID": PMC,
            "LICENSEKEY": LICENCE,
            "PERSON_SALT": SALT,
            "ACCOUNTS": f'[{{"name": "{SMALL}"}}, {{"name": "{OTHER}"}}]',
        }.items():
            monkeypatch.setenv(f"SOURCES__REALPAGE_RPX__{name}", value)
        yield here, url


def walked(resource: str, site: int = SMALL) -> list[dict[str, Any]]:
    rows, done = first_walk(RESOURCES[resource], connect(Account(str(site)), ""))
    assert done.cursor == "2026-11-01"
    return rows[resource]


def cents(text: str) -> int:
    return round(float(text.replace(",", "")) * 100)


# Rows against the world


def test_units_are_the_worlds(server: Any) -> None:
    world, rows = properties().site(SMALL), walked("units")
    assert len(rows) == len(world.units)
    counted = [
        row
        for row in rows
        if row["UnitDeleted"] == "F" and row["FpReportUnitOccupancy"] == "true" and row["RentableSqft"] != "0"
    ]
    occupied = [row for row in counted if row["Vacant"] == "F"]
    assert (len(counted), len(occupied)) == (123, 70)
    is_counted = world.units["counted"]
    assert sum(cents(row["MarketRent"]) for row in counted) == world.units.loc[is_counted, "market_cents"].sum()
    down = [row for row in counted if row["Vacant"] == "T" and "down" in (row["ReasonNotAvailable"] or "").lower()]
    assert len(down) == (world.units["state"] == "VD").sum()
    numbers = [row["UnitNumber"] for row in rows]
    assert len(set(numbers)) < len(numbers)
    assert {row["UnitMadeReadyDate"] for row in rows} > {"1900-01-01 00:00:00"}


def state_of(unit: dict[str, Any], on_notice: set[str], incoming: set[str]) -> str:
    """The state of a unit by the rules of the metrics, from what two operations say."""
    key, reason = unit["UnitID"], (unit["ReasonNotAvailable"] or "").lower()
    if unit["UnitDeleted"] == "T" or unit["FpReportUnitOccupancy"] == "false" or unit["RentableSqft"] == "0":
        return "X"
    is_let = key in incoming or (unit["UnitExpectedMoveinDate"] or "") >= "2026-11-01"
    if unit["Vacant"] == "F":
        return ("OL" if is_let else "ON") if unit["OnNoticeForDate"] or key in on_notice else "O"
    if reason:
        return "VD" if "down" in reason else "VM"
    return "VL" if is_let else "VU"


@pytest.mark.parametrize("site", [SMALL, OTHER])
def test_every_unit_has_the_worlds_state(server: Any, site: int) -> None:
    heads = [row for row in walked("residents", site) if row["hohbit"] == "TRUE"]
    on_notice = {row["unitid"] for row in heads if row["leasetype"].startswith("Notice")}
    incoming = {row["unitid"] for row in heads if row["leasestatus"] == "Applicant - Lease Signed"}
    told = {row["UnitID"]: state_of(row, on_notice, incoming) for row in walked("units", site)}
    known = properties().site(site).units
    assert told == dict(zip(known["unit_id"].astype(str), known["state"], strict=True))


def test_balances_of_heads_are_the_worlds_ledger(server: Any) -> None:
    world, rows = properties().site(SMALL), walked("residents")
    heads = [row for row in rows if row["hohbit"] == "TRUE" and row["leasestatus"] != "Future Lease"]
    assert len(heads) == len(world.households)
    assert sum(cents(row["balance"]) for row in heads) == world.households["balance_cents"].sum()
    assert any("," in row["balance"] for row in rows)


def test_residents_say_who_lives_there_and_who_will(server: Any) -> None:
    world, rows = properties().site(SMALL), walked("residents")
    heads = [row for row in rows if row["hohbit"] == "TRUE"]
    by_status = {
        word: [row for row in heads if row["leasestatus"] == word] for word in {r["leasestatus"] for r in rows}
    }
    status = world.households["status"]
    assert len(by_status["Current"]) == status.isin(["current", "notice", "eviction"]).sum()
    assert len(by_status["Applicant - Lease Signed"]) == (status == "future").sum()
    assert len(by_status["Future Lease"]) == (world.leases["status"] == "future").sum()
    assert "Notice" not in by_status
    keys = [RESOURCES["residents"].key(row, {"snapshot_date": "2026-11-01"}) for row in rows]
    assert len(set(keys)) == len(keys)


def test_leases_in_force_are_the_occupied_units(server: Any) -> None:
    world, rows = properties().site(SMALL), walked("leases")
    in_force = [row for row in rows if row["LeaseStatusText"] in {"Current", "Current - Future"}]
    told = world.leases[world.leases["in_force"]]
    assert len(in_force) == len(told) == 70
    assert sum(cents(row["Rent"]) for row in in_force) == told["rent_cents"].sum()
    assert all(value is not None for row in rows for value in row.values()), "empty ones are left out"
    assert {row["LeaseStatusText"] for row in rows} >= {"Former", "Current - Future"}
    assert "future" not in {row["LeaseStatusText"].lower() for row in rows}
    oldest = min(
        (row["InactiveDate"][6:], row["InactiveDate"][:5]) for row in rows if row["LeaseStatusText"] == "Former"
    )
    assert oldest >= ("2025", "11/01")


def test_what_else_there_is(server: Any) -> None:
    world = properties().site(SMALL)
    assert [row["SiteID"] for row in walked("sites")] == [str(SMALL)]
    assert len(walked("buildings")) == len(world.buildings)
    assert len(walked("rentable_items")) == len(world.rentable_items)
    living = world.households["status"].isin(["current", "notice", "eviction"])
    members = world.members["household_id"].isin(world.households.loc[living, "household_id"])
    assert len(walked("household_members")) == members.sum()


def test_dates_come_in_six_spellings(server: Any) -> None:
    lease = next(row for row in walked("leases") if "LastRenewalDate" in row)
    unit, resident, item = walked("units")[0], walked("residents")[0], walked("rentable_items")
    assert lease["LeaseBeginDate"][2] == lease["LeaseBeginDate"][5] == "/"
    assert lease["LastRenewalDate"].endswith("12:00AM")
    assert lease["PaymentDueDate"].endswith(".000")
    assert unit["AvailableDate"].endswith(" 00:00:00")
    assert resident["moveindate"][4] == "-"
    assert any((row["DateAvailable"] or "").endswith(" AM") for row in item)


# What must not land


@pytest.mark.parametrize("resource", sorted(RESOURCES))
def test_nothing_personal_lands(server: Any, resource: str) -> None:
    rows = walked(resource)
    assert not {text for text in texts(rows) if text in personal(SMALL)}
    dropped = {"firstname", "lastname", "billingname", "email", "dateofbirth", "addresslist", "DeathNotes", "Notes"}
    dropped |= {"HeadofHouseholdName", "homephone", "cellphone", "workphone", "mailname", "regularaddress"}
    assert not dropped & set(names(rows))


def test_a_person_has_the_same_hash_in_every_list_and_another_with_other_salt(server: Any, monkeypatch: Any) -> None:
    listed = {row["residentmemberid"]: row["resident_key"] for row in walked("residents")}
    members = {row["resmid"]: row["resident_key"] for row in walked("household_members")}
    assert len(set(listed.values())) == len(listed)
    assert all(listed[key] == value and len(value) == 64 for key, value in members.items())
    monkeypatch.setenv("SOURCES__REALPAGE_RPX__PERSON_SALT", "another")
    assert not set(listed.values()) & {row["resident_key"] for row in walked("residents")}


# Refusals


def test_a_wrong_licence_ends_a_site_with_the_gateways_own_words(server: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("SOURCES__REALPAGE_RPX__LICENSEKEY", "wrong-licence")
    with pytest.raises(SourceError, match=r"getsitelist answered inv_Param: The license key is not valid") as caught:
        walked("units")
    assert caught.value.is_about_all
    assert "wrong-licence" not in str(caught.value)


def test_a_site_the_licence_does_not_cover_is_one_error(server: Any) -> None:
    with pytest.raises(SourceError, match="not authorized for site 99"):
        walked("sites", 99)


def test_one_operation_that_is_not_authorised_fails_alone(server: Any) -> None:
    server[0].forbidden = frozenset({"getrentableitems"})
    with pytest.raises(SourceError, match="not authorized for the method getrentableitems") as caught:
        walked("rentable_items")
    assert not caught.value.is_about_all
    assert walked("buildings")


def test_the_gateway_is_asked_again_when_it_fails_without_a_fault(server: Any) -> None:
    here, _ = server
    here.faults.append(Fault("unitlist", 503, times=1))
    assert walked("units")
    assert here.requests[f"POST {PATH}/unitlist"] == 2
    assert here.requests[f"POST {PATH}/getsitelist"] == 1


def test_the_stand_in_holds_to_the_contract(server: Any) -> None:
    here, url = server
    told = here.answer(Request("GET", PATH, {"wsdl": [""]}, {}, b"", base_url=url))
    assert f'location="{url}{PATH}"' in told.body.decode()

    def post(operation: str, *inner: str) -> tuple[int, str]:
        body = f'<{operation} xmlns="http://tempuri.org/">{"".join(inner)}</{operation}>'
        return posted(here, PATH, f"http://tempuri.org/IRPXService/{operation}", body)

    status, text = post("getledger")
    assert (status, "a:ActionNotSupported" in text) == (500, True)
    known = f"<pmcid>{PMC}</pmcid><siteid>{SMALL}</siteid><licensekey>{LICENCE}</licensekey>"
    status, text = post("getresidentlistinfo", f"<auth>{known}<system>onesite</system></auth>")
    assert (status, "RPXApplicationFault" in text, "needs status" in text) == (200, True, True)
    assert "<Building>" in post("getbuildings", f"<auth>{known}<system>onesite</system></auth>")[1]
    assert "is not valid" in post("getbuildings", f"<auth><system>onesite</system>{known}</auth>")[1]


# Settings


def test_settings_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured() is None
    monkeypatch.setenv("SOURCES__REALPAGE_RPX__LICENSEKEY", "x")
    monkeypatch.setenv("SOURCES__REALPAGE_RPX__URL", "https://gateway.example/x.svc")
    with pytest.raises(HeadwaterError, match=r"set sources\.realpage_rpx\.pmcid, \.person_salt, \.accounts"):
        configured()


def test_sites_are_accounts_once(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [account.name for account in configured() or []] == [str(SMALL), str(OTHER)]
    assert SOURCE.accounts_at_a_time == source.SITES_AT_A_TIME == 4
    monkeypatch.setenv("SOURCES__REALPAGE_RPX__ACCOUNTS", '["7", "7"]')
    with pytest.raises(HeadwaterError, match="stands twice"):
        configured()


def test_the_sandbox_leads_the_connector_to_its_sites(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    world = build(scale=0.01)
    store = Store()
    stand_in.fill(store, world)
    with serve(RealPageRpxStandIn(store)) as url:
        for name, value in stand_in.configuration(world, url).items():
            monkeypatch.setenv(name, value)
        accounts = configured() or []
        assert len(accounts) == 5
        assert len(walked("units", int(accounts[0].name))) > 352
    assert Service("realpage_rpx", stand_in).server is RealPageRpxStandIn
