"""Yardi: every operation against the world, what must not land, every refusal, against the stand-in over HTTP."""

from collections.abc import Iterator
from typing import Any

import pytest
from live import first_walk, walked
from property_servers import names, personal, posted, properties, texts

from connectors.document_store import Store
from connectors.errors import HeadwaterError
from connectors.rest import SourceError
from connectors.sandbox.properties import PropertyWorld
from connectors.sandbox.services import Service
from connectors.sandbox.world import build
from connectors.stand_in import Fault, Request, serve
from connectors.sync import Account, Context
from connectors.yardi import stand_in
from connectors.yardi.client import CHARGES, GUESTS, RESIDENTS, Voyager
from connectors.yardi.documents import records, status_of
from connectors.yardi.guest_documents import EVENTS
from connectors.yardi.source import SOURCE, STATUSES, configured, connect
from connectors.yardi.stand_in import ENTITY, LICENSES, LOGIN, SHARE, YardiStandIn

RESOURCES = {resource.name: resource for resource in SOURCE.resources}
SITE = 4810158
DAY = "2026-11-01"


def world() -> PropertyWorld:
    return properties().site(SITE)


@pytest.fixture(scope="module")
def filled() -> Store:
    store = Store()
    store.hold(records(properties(), [SITE]))
    return store


@pytest.fixture
def server(filled: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[YardiStandIn]:
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.01")
    here = YardiStandIn(filled)
    with serve(here) as url:
        for name, value in settings_of(url).items():
            monkeypatch.setenv(f"SOURCES__YARDI__{name}", value)
        yield here


def settings_of(url: str) -> dict[str, str]:
    return {
        "BASE_URL": url + SHARE,
        "USERNAME": LOGIN["UserName"],
        "PASSWORD": LOGIN["Password"],
        "SERVER_NAME": LOGIN["ServerName"],
        "DATABASE": LOGIN["Database"],
        "INTERFACE_ENTITY": ENTITY,
        "RESIDENT_DATA_LICENSE": LICENSES[RESIDENTS],
        "BILLING_LICENSE": LICENSES[CHARGES],
        "GUEST_CARD_LICENSE": LICENSES[GUESTS],
        "PERSON_SALT": "a grain of salt",
        "SNAPSHOT_DATE": DAY,
        "ACCOUNTS": f'[{{"name": "{code()}"}}]',
    }


def code() -> str:
    return str(world().properties["yardi_code"].iloc[0])


def client() -> Voyager:
    return connect(Account(code()), "")


def rows_of(resource: str, of: Voyager | None = None) -> list[dict[str, Any]]:
    rows, done = first_walk(RESOURCES[resource], of or client())
    assert done.cursor == DAY
    return rows[resource]


def text_of(value: Any) -> str:
    return value["#text"] if isinstance(value, dict) else value


# Rows against the world


def test_units_are_the_worlds_and_say_their_state(server: Any) -> None:
    known, rows = world().units, rows_of("units")
    known = known[known["yardi_code"] != ""]
    assert len(rows) == len(known)
    told = {text_of(row["UnitID"]): row["Unit"]["UnitEconomicStatusDescription"] for row in rows}
    assert told == {unit["yardi_code"]: status_of(unit) for unit in known.to_dict("records")}
    dwellings = [row for row in rows if text_of(row["UnitID"]) not in {"WAIT", "RETAIL", "NONRESID"}]
    assert len(dwellings) == 123
    occupied = [
        row for row in dwellings if row["Unit"]["UnitEconomicStatusDescription"].split()[0] in {"Occupied", "Notice"}
    ]
    assert len(occupied) == 70
    assert all(row["PersonID"][0]["@Type"] == "Current Resident" for row in occupied)
    cents = sum(round(float(row["Unit"]["MarketRent"]) * 100) for row in dwellings)
    assert cents == known.loc[known["counted"], "market_cents"].sum()


def test_residents_of_all_statuses_come_at_once(server: Any) -> None:
    known, rows = world().households["status"], rows_of("residents")
    assert len(rows) == len(known)
    living = [row for row in rows if row["Status"] in {"Current", "Notice", "Eviction"}]
    assert len(living) == known.isin(["current", "notice", "eviction"]).sum() == 70
    assert {row["Status"] for row in rows} >= {"Future", "Past", "Denied"}
    assert server.requests[f"POST {SHARE}/{RESIDENTS}.asmx/GetResidentsByStatus"] == 1
    assert {row["MoveOutDate"] for row in rows} & {"01/01/1900", None}


def rents(rows: list[dict[str, Any]]) -> int:
    lines = [line for row in rows for line in (row["RTServiceTransactions"] or {}).get("Transactions", [])]
    details = [line["Charge"]["Detail"] for line in lines]
    return sum(round(float(one["Amount"]) * 100) for one in details if one["ChargeCode"] in {"rent", "rentstep"})


def test_lease_charges_add_up_to_the_rents_in_force(server: Any) -> None:
    leases = world().leases
    assert rents(rows_of("lease_charges")) == leases.loc[leases["in_force"], "rent_cents"].sum()


def test_a_licence_without_charges_of_a_whole_property_is_asked_tenant_by_tenant(server: Any) -> None:
    server.unlicensed = frozenset({"GetResidentsLeaseCharges_Login"})
    one = client()
    rows_of("residents", one)
    leases = world().leases
    assert rents(rows_of("lease_charges", one)) == leases.loc[leases["in_force"], "rent_cents"].sum()
    asked = server.requests[f"POST {SHARE}/{CHARGES}.asmx/GetResidentLeaseCharges_Login"]
    assert asked == world().households["status"].isin(["current", "notice", "eviction", "future"]).sum()
    with pytest.raises(SourceError, match=r"not licensed .* residents were not read"):
        rows_of("lease_charges")


def test_available_units_say_when_they_are_ready(server: Any) -> None:
    known, rows = world().units, rows_of("available_units")
    assert len(rows) == known["state"].isin(["VU", "VL", "ON", "OL", "VM"]).sum()
    ready = [(row["Availability"].get("MadeReadyDate") or {}).get("@Year") for row in rows]
    assert {None, "0"} < set(ready)
    assert all(isinstance(row["Deposit"], list) for row in rows)


def test_the_property_is_one_of_many(server: Any, filled: Store) -> None:
    rows = rows_of("properties")
    assert [(row["Code"], row["MarketingName"]) for row in rows] == [(code(), "Ridian")]


# Guest activity


def test_the_first_load_has_every_event_later_ones_the_last_thirty_days(server: Any) -> None:
    known = world().prospect_events
    expected = sum(len(EVENTS[kind]) for kind in known["kind"])
    rows = rows_of("guest_activity")
    assert len(rows) == len({row["EventID"]["@IDValue"] for row in rows}) == expected
    found, done = walked(RESOURCES["guest_activity"], client(), Context(DAY))
    assert not done.complete
    since = {row["EventID"]["@IDValue"] for row in found["guest_activity"]}
    recent = {row["EventID"]["@IDValue"] for row in rows if row["@EventDate"] >= "2026-10-02"}
    assert recent <= since
    assert len(since) < expected / 2
    assert server.requests[f"POST {SHARE}/{GUESTS}.asmx/GetYardiGuestActivity_DateRange"] == 1


def test_events_know_their_prospect(server: Any) -> None:
    known = world().prospects.set_index("prospect_code")
    rows = rows_of("guest_activity")
    first = [row for row in rows if row["FirstContact"] == "true"]
    assert len({row["Prospect"]["person_key"] for row in first}) == len(known)
    for row in rows[::50]:
        lead = row["Prospect"]["Customer"][0]
        ids = {one["@IDType"]: one["@IDValue"] for one in lead["Identification"]}
        assert lead["@Type"] == known.loc[ids["ProspectID"], "status"]
    assert any(len(row["Prospect"]["Customer"]) > 1 for row in rows)
    assert {row["Prospect"]["CustomerPreferences"]["TargetMoveInDate"] for row in rows} > {"0001-01-01"}
    assert {row["@EventDate"].endswith(".0") for row in rows} == {True, False}


# What must not land


@pytest.mark.parametrize("resource", sorted(RESOURCES))
def test_nothing_personal_lands(server: Any, resource: str) -> None:
    rows = rows_of(resource)
    place = {"8330 Mill Rd", *(world().properties["street"]), *(world().properties["city"])}
    assert not {text for text in texts(rows) if text in personal(SITE)} - place
    dropped = {"FirstName", "LastName", "Name", "Email", "Phone", "Comment", "Comments", "Agent", "AgentName"}
    assert not dropped & set(names(rows))
    if resource == "residents":
        assert all(len(row["resident_key"]) == 64 for row in rows)


# Refusals


@pytest.mark.parametrize(
    ("setting", "value", "words", "is_about_all"),
    [
        ("PASSWORD", "wrong one", r"Login failed\. User Name or Password is incorrect", True),
        ("DATABASE", "other", "an empty result, without UnitInformation: mostly a wrong server_name", True),
        ("INTERFACE_ENTITY", "Somebody", "Invalid Interface Entity", False),
        ("RESIDENT_DATA_LICENSE", "MII-wrong", "Interface license is invalid", False),
    ],
)
def test_a_wrong_login_is_one_clear_error(
    server: Any, monkeypatch: pytest.MonkeyPatch, setting: str, value: str, words: str, is_about_all: bool
) -> None:
    monkeypatch.setenv(f"SOURCES__YARDI__{setting}", value)
    with pytest.raises(SourceError, match=words) as caught:
        rows_of("units")
    assert caught.value.is_about_all == is_about_all
    assert value not in str(caught.value).replace("Somebody", "") or setting == "DATABASE"


def test_a_property_that_is_not_set_up_is_one_error(server: Any) -> None:
    with pytest.raises(SourceError, match="Property nowhere is not configured for interface"):
        first_walk(RESOURCES["units"], connect(Account("nowhere"), ""))
    with pytest.raises(SourceError, match="shows no property nowhere: is it licensed"):
        first_walk(RESOURCES["properties"], connect(Account("nowhere"), ""))


def test_a_failing_server_is_asked_again(server: Any) -> None:
    server.faults.append(Fault("GetUnitInformation", 502, times=1))
    assert rows_of("units")
    assert server.requests[f"POST {SHARE}/{RESIDENTS}.asmx/GetUnitInformation"] == 2


def test_the_stand_in_holds_to_the_contract(server: Any) -> None:
    space = "http://tempuri.org/YSI.Interfaces.WebServices/"
    told = server.answer(Request("GET", f"{SHARE}/{GUESTS}.asmx", {"WSDL": [""]}, {}, b"", base_url="http://here"))
    assert f'location="http://here{SHARE}/{GUESTS}.asmx"' in told.body.decode()

    def post(interface: str, operation: str, *fields: tuple[str, str]) -> tuple[int, str]:
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in [*LOGIN.items(), *fields])
        body = f'<{operation} xmlns="{space}{interface}">{inner}</{operation}>'
        return posted(server, f"{SHARE}/{interface}.asmx", f"{space}{interface}/{operation}", body)

    entity, place = ("InterfaceEntity", ENTITY), ("YardiPropertyId", code())
    # Trap 1: lease charges are not in Resident Data.
    status, text = post(RESIDENTS, "GetResidentLeaseCharges_Login", entity, place)
    assert (status, "did not recognize the value of HTTP Header SOAPAction" in text) == (500, True)
    # Trap 2: nor is the other interface's name for units.
    assert post(RESIDENTS, "GetUnitInformation_Login", entity, place)[0] == 500
    # The order of one interface is not another's: what comes after its turn is null.
    license_ = ("InterfaceLicense", LICENSES[GUESTS])
    assert "<Prospect>" in post(GUESTS, "GetYardiGuestActivity_Login", place, entity, license_)[1]
    assert "Property  is not configured" in post(GUESTS, "GetYardiGuestActivity_Login", entity, license_, place)[1]
    # A month is required.
    license_ = ("InterfaceLicense", LICENSES[CHARGES])
    assert post(CHARGES, "GetResidentsLeaseCharges_Login", place, entity, license_)[0] == 500


# Settings


def test_settings_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert configured() is None
    monkeypatch.setenv("SOURCES__YARDI__PASSWORD", "x")
    with pytest.raises(HeadwaterError, match=r"set sources\.yardi\.base_url, \.username, .*\.billing_license"):
        configured()


def test_days_and_properties_are_checked(server: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert [account.name for account in configured() or []] == [code()]
    monkeypatch.setenv("SOURCES__YARDI__SNAPSHOT_DATE", "11/01/2026")
    with pytest.raises(HeadwaterError, match="must be a day"):
        client()
    monkeypatch.delenv("SOURCES__YARDI__SNAPSHOT_DATE")
    assert client().day.year >= 2026
    assert STATUSES.count("^") == 7


def test_the_sandbox_leads_the_connector_to_its_properties(monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = build(scale=0.01)
    store = Store()
    stand_in.fill(store, sandbox)
    with serve(YardiStandIn(store)) as url:
        for name, value in stand_in.configuration(sandbox, url).items():
            monkeypatch.setenv(name, value)
        accounts = configured() or []
        assert len(accounts) == 3
        rows, done = first_walk(RESOURCES["units"], connect(accounts[0], ""))
        assert done.cursor == sandbox.today.isoformat()
        assert len(rows["units"]) > 432
    assert Service("yardi", stand_in).server is YardiStandIn
