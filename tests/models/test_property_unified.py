"""The unified tables of properties against the made-up world: every unit, household, lease and account of the last day.

Belongs here: rows, through RealPage and through Yardi. Does not belong here: figures (`test_property_marts.py`) and
rules on rows made by hand (`dbt_project/models/property/unified/_property__unit_tests.yml`).
"""

import json
from collections.abc import Iterator

import pandas as pd
import psycopg
import pytest
from property_tables import ON_BOTH, compiled, rebuild, rows, tell_by, world_of

from connectors.sandbox.properties import PropertyWorld

LEASES = {
    "current": "active",
    "current_future": "renewed_active",
    "current_past": "replaced",
    "former": "former",
    "applicant": "applicant",
    "signed": "signed",
    "former_applicant": "former_applicant",
}

ACCOUNTS = {
    "Current resident": "current",
    "NTV": "notice",
    "Former resident": "former",
    "Former applicant": "former_applicant",
    "Applicant": "applicant",
    "Approved applicant": "applicant",
    "Pending resident": "applicant",
    "Misc. Income": "misc",
}


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(warehouse, options="-c timezone=UTC") as opened:
        yield opened
        opened.rollback()


@pytest.fixture(scope="module")
def world(warehouse: str) -> PropertyWorld:
    """The world that the sandbox shows at the tests' scale, on the last day that was loaded."""
    return world_of(warehouse)


def _told_by(world: PropertyWorld, pms: str) -> pd.Series:
    """Site ids of the properties that a system tells, by our name of them."""
    chosen = world.properties[world.properties["primary_pms"] == pms]
    return chosen.set_index("slug")["site_id"]


def _found(connection: psycopg.Connection, table: str, slugs: list[str]) -> pd.DataFrame:
    found = pd.DataFrame(rows(connection, f"select * from unified.{table} where unified_property_id = any(%s)", slugs))
    assert not found.empty
    return found


def _days(column: pd.Series) -> pd.Series:
    return pd.to_datetime(column).dt.strftime("%Y-%m-%d").fillna("")


def _expected_units(world: PropertyWorld, sites: pd.Series, key: str) -> pd.DataFrame:
    units = world.units[world.units["site_id"].isin(sites) & (world.units[key].astype(str) != "")]
    rent = units["lease_id"].map(world.leases.set_index("lease_id")["rent_cents"]) / 100
    living = units["state"].isin(["O", "ON", "OL"])
    market = units["state"].isin(["VU", "VL"])
    slug = units["site_id"].map({site: slug for slug, site in sites.items()})
    made = pd.DataFrame(
        {
            "key": slug + "/" + units[key].astype(str),
            "state": units["state"],
            "rent": rent.where(living).fillna(-1).round(2),
            "ready": units["is_ready"].astype(object).where(market, ""),
            "notice": _days(units["on_notice_for_on"]),
            "coming": _days(units["expected_move_in_on"].where(units["state"].isin(["OL", "VL"]))),
            "vacant": units["days_vacant"].where(units["counted"] & ~living).fillna(-1),
            "market_rent": units["market_cents"] / 100,
        }
    )
    return made.sort_values("key", ignore_index=True)


def _units(connection: psycopg.Connection, slugs: list[str]) -> pd.DataFrame:
    units = _found(connection, "unified_units", slugs)
    made = pd.DataFrame(
        {
            "key": units["unified_property_id"] + "/" + units["pms_unit_id"],
            "state": units["state"],
            "rent": units["in_place_rent"].astype(float).fillna(-1),
            "ready": units["is_ready"].where(units["is_ready"].notna(), ""),
            "notice": _days(units["on_notice_date"]),
            "coming": _days(units["scheduled_move_in_date"]),
            "vacant": units["days_vacant"].astype(float).fillna(-1),
            "market_rent": units["market_rent"].astype(float),
        }
    )
    return made.sort_values("key", ignore_index=True)


@pytest.mark.parametrize(("pms", "key"), [("realpage", "unit_id"), ("yardi", "yardi_code")])
def test_every_unit_is_as_the_world_has_it(
    pms: str, key: str, connection: psycopg.Connection, world: PropertyWorld
) -> None:
    """State, rent, readiness, who goes, who comes, how long vacant: of those that are on both systems too."""
    sites = _told_by(world, pms)
    if pms == "yardi":
        both = world.properties[world.properties["slug"].isin(ON_BOTH)]
        sites = pd.concat([sites, both.set_index("slug")["site_id"]])
        tell_by(connection, "yardi", ON_BOTH)
        rebuild(connection)
    expected, found = _expected_units(world, sites, key), _units(connection, list(sites.index))
    if pms == "yardi":
        # What is no home has no rent there; who left a unit that is off the market for another one, nobody tells.
        expected, found = (frame[frame["state"] != "X"].reset_index(drop=True) for frame in (expected, found))
        for frame in (expected, found):
            frame.loc[frame["state"].isin(["VM", "VD"]), "vacant"] = -1
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_every_household_stands_where_the_world_has_it(connection: psycopg.Connection, world: PropertyWorld) -> None:
    """In one vocabulary; denied and cancelled are one word at RealPage, who owes what is to the cent."""
    for pms in ("realpage", "yardi"):
        sites = _told_by(world, pms)
        homes = world.households[world.households["site_id"].isin(sites)]
        words = {"cancelled": "canceled"} | ({"denied": "canceled"} if pms == "realpage" else {})
        key = homes["head_member_id"].astype(str) if pms == "realpage" else homes["tenant_code"]
        expected = dict(zip(key, homes["status"].replace(words), strict=True))
        people = _found(connection, "unified_residents", list(sites.index))
        heads = people[people["is_head_of_household"]]
        assert dict(zip(heads["pms_resident_id"], heads["status"], strict=True)) == expected
        if pms == "realpage":
            owed = heads.set_index("pms_resident_id")["balance"].astype(float)
            assert (owed * 100).round().astype(int).to_dict() == dict(zip(key, homes["balance_cents"], strict=True))
        else:
            assert people["balance"].isna().all()


def test_every_lease_that_is_listed_stands_as_in_the_world(
    connection: psycopg.Connection, world: PropertyWorld
) -> None:
    """Status, rent, and whether it is a renewal: a transfer is none, whatever a notice did to the lease's type."""
    sites = _told_by(world, "realpage")
    leases = world.leases[world.leases["site_id"].isin(sites)].set_index("lease_id")
    found = _found(connection, "unified_leases", list(sites.index)).set_index("pms_lease_id")
    found.index = found.index.astype(int)
    same = leases.loc[found.index]
    assert (found["status"] == same["status"].map(LEASES)).all()
    assert (found["rent_amount"].astype(float) == same["rent_cents"] / 100).all()
    assert (_days(found["lease_end"]) == _days(same["end_on"])).all()
    assert (found["is_month_to_month"] == same["month_to_month_on"].notna()).all()
    # Of one that followed a lease which is not listed any more, nothing tells what it was.
    told = (same["prior_lease_id"] == 0) | same["prior_lease_id"].isin(found.index)
    wrong = found[told & (found["is_renewal"] != (same["kind"] == "renewal"))]
    assert len(wrong) == 0, wrong[["status", "lease_start", "is_renewal"]]


def test_every_account_is_the_ledgers(connection: psycopg.Connection, world: PropertyWorld) -> None:
    """What is owed by status and age, and what is paid ahead, to the cent."""
    sites = _told_by(world, "realpage")
    lines = world.ledger[world.ledger["site_id"].isin(sites)]
    owed = lines[lines["delinquent_cents"] > 0]
    by = owed["status"].map(ACCOUNTS)
    expected = pd.DataFrame({"total_delinquent": owed.groupby(by)["delinquent_cents"].sum()})
    for name, bucket in (("0_30", "0"), ("31_60", "30"), ("61_90", "60"), ("over_90", "90")):
        expected[f"balance_{name}"] = owed.groupby(by)[f"bucket_{bucket}_cents"].sum()
    expected["prepaid"] = -lines.groupby(lines["status"].map(ACCOUNTS))["prepaid_cents"].sum()
    accounts = _found(connection, "unified_delinquency", list(sites.index))
    assert set(accounts["source"]) == {"report_4260"}
    found = accounts.groupby("status")[list(expected.columns)].sum().astype(float).mul(100).round().astype(int)
    found = found[found["total_delinquent"] > 0]
    pd.testing.assert_frame_equal(found, expected.fillna(0).astype(int), check_names=False, check_dtype=False)


def test_the_registry_names_every_property_once(connection: psycopg.Connection, world: PropertyWorld) -> None:
    """Also one that nobody told of; units are those of the last day."""
    found = {row["unified_property_id"]: row for row in rows(connection, "select * from unified.unified_properties")}
    assert len(found) == len(rows(connection, "select from seeds.properties"))
    assert (found["tamarack_place"]["property_date"], found["tamarack_place"]["total_units"]) == (None, None)
    assert found["umber_street"]["city"] is not None
    counted = world.units[world.units["counted"]].groupby("site_id").size()
    for slug, site in world.properties[["slug", "site_id"]].itertuples(index=False):
        assert found[slug]["total_units"] == counted[site]


NOTICE = {"OnNoticeForDate": "2026-12-01 00:00:00"}
SIGNED = ("Applicant - Lease Signed", "First Lease")
LIVES = ("Current", "First Lease")

STATES: dict[str, tuple[str, dict[str, str], list[tuple[str, str]]]] = {
    "occupied": ("O", {}, [LIVES]),
    "renewing": ("O", {}, [LIVES, ("Future Lease", "Renewal")]),
    "model, lived in": ("O", {"ReasonNotAvailable": "Model"}, [LIVES]),
    "notice": ("ON", NOTICE, [LIVES]),
    "notice without date": ("ON", {}, [("Current", "Notice given - transfer")]),
    "notice, wanted": ("ON", NOTICE, [LIVES, ("Applicant", "First Lease")]),
    "notice, let": ("OL", NOTICE, [LIVES, SIGNED]),
    "vacant": ("VU", {"Vacant": "T"}, [("Former", "Notice given - move out")]),
    "move-in missed": ("VU", {"Vacant": "T", "UnitExpectedMoveinDate": "2026-10-31 00:00:00"}, []),
    "move-in planned": ("VL", {"Vacant": "T", "UnitExpectedMoveinDate": "2026-11-01 00:00:00"}, []),
    "vacant, let": ("VL", {"Vacant": "T"}, [SIGNED]),
    "rehab": ("VM", {"Vacant": "T", "ReasonNotAvailable": "Under rehab"}, []),
    "down": ("VD", {"Vacant": "T", "ReasonNotAvailable": "Down unit"}, []),
    "deleted": ("X", {"Vacant": "T", "UnitDeleted": "T"}, []),
    "club house": ("X", {"FpReportUnitOccupancy": "false"}, []),
    "lift": ("X", {"Vacant": "T", "RentableSqft": "0"}, []),
}
"""Of units of the gateway: the state, what the unit's flags say, and the heads of household with their leases."""


def test_the_gateways_flags_and_people_make_eight_states(connection: psycopg.Connection) -> None:
    """A renewal and a plain applicant are nobody new; a notice may lack its date; a reason takes it off the market."""
    flags = {"Vacant": "F", "RentableSqft": "700", "UnitDeleted": "F", "FpReportUnitOccupancy": "true"}
    for name, (_, said, people) in STATES.items():
        connection.execute(
            "insert into staging_realpage_rpx.units (account, key, request, payload, extracted_at, _dlt_load_id)"
            ' select account, %s, request || \'{"snapshot_date": "2026-11-01"}\', %s, extracted_at, _dlt_load_id'
            " from staging_realpage_rpx.units where account = '4810117' limit 1",
            [f"2026-11-01:{name}", json.dumps({**flags, "UnitID": name, **said})],
        )
        for number, (status, kind) in enumerate(people):
            connection.execute(
                "insert into realpage_raw.realpage_residents (site_id, snapshot_date, unit_id, resident_member_id,"
                " is_head_of_household, lease_status, lease_type, extracted_at)"
                " values ('4810117', '2026-11-01', %s, %s, true, %s, %s, now())",
                [name, f"{name} {number}", status, kind],
            )
    query = compiled("models/property/raw/realpage/realpage_units.sql")
    found = rows(connection, f"select unit_id, unit_status from ({query}) as units")
    states = {row["unit_id"]: row["unit_status"] for row in found if row["unit_id"] in STATES}
    assert states == {name: case[0] for name, case in STATES.items()}


def test_a_word_that_the_vocabulary_lacks_is_no_silent_zero(connection: psycopg.Connection) -> None:
    """Units and residents of unknown words have no state: what their models' contract tests name."""
    connection.execute("alter table unified.unified_units alter state drop not null, alter status drop not null")
    connection.execute("alter table unified.unified_residents alter status drop not null")
    connection.execute("update yardi_raw.yardi_units set unit_status = 'Haunted' where unit_status like 'Occupied%'")
    connection.execute("update yardi_raw.yardi_residents set status = 'Ghost' where status = 'Past'")
    rebuild(connection)
    for table in ("unified_units", "unified_residents"):
        (found,) = rows(connection, f"select count(*) as number from unified.{table} where status is null")
        assert found["number"] > 0, table
