"""The property marts against the made-up world: by every door alone, by both systems, and what they say they lack.

Belongs here: that the figures are the world's, that nobody says what he cannot know, portfolio, coverage and the
reconciliation of RealPage's sources. Does not belong here: the world (`tests/connectors/test_property_world.py`), rules
on rows made by hand (`dbt_project/models/**/_property__unit_tests.yml`), raw tables (`test_property_raw*.py`).
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pandas as pd
import psycopg
import pytest
from oracle import property as oracle
from property_tables import GATEWAY, ON_BOTH, REPORTS, one, rebuild, rows, silence, tell_by, world_of

from connectors.sandbox import WORLD_DAY
from connectors.sandbox.properties import PropertyWorld, truth

SEEDS_FIVE = {
    "nexus_east": (352, 337),
    "aspire_7th_and_grant": (178, 166),
    "parkside": (432, 375),
    "edison_at_rino": (277, 238),
    "ridian": (123, 70),
}
"""Units and occupied ones of the properties that the original system had synced."""

HISTORY = dict.fromkeys(
    [
        *(("leasing_funnel", name) for name in ("leads", "tours", "applications", "lease_signs")),
        *(("leasing_funnel", name) for name in ("lead_to_tour", "tour_to_application", "application_to_lease")),
        *(("activity", name) for name in ("renewals", "expirations", "renewal_rate")),
    ],
    "older months were over before the first load",
)


@pytest.fixture
def connection(warehouse: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(warehouse, options="-c timezone=UTC") as opened:
        yield opened
        opened.rollback()


@pytest.fixture(scope="module")
def world(warehouse: str) -> PropertyWorld:
    """The world that the sandbox shows at the tests' scale, on the last day that was loaded."""
    return world_of(warehouse)


def _wrong(
    connection: psycopg.Connection,
    world: PropertyWorld,
    by_realpage: Mapping[str, pd.DataFrame],
    silent: Mapping[tuple[str, str], str],
) -> list[str]:
    """Every wrong figure; of RealPage's properties some modules are what its doors can know, and some are not told."""
    registry = rows(connection, "select * from seeds.properties")
    primary = {known["unified_property_id"]: known["primary_pms"] for known in registry}
    realpage = [slug for slug in world.properties["slug"] if primary[slug] == "realpage"]
    cannot = {
        slug: HISTORY | (silent if slug in realpage else truth.CANNOT_SAY["yardi"]) for slug in world.properties["slug"]
    }
    found = []
    for mart in oracle.MARTS:
        true = oracle.expected(mart, world)
        if mart.module in by_realpage:
            told = oracle.by_property(by_realpage[mart.module], world)
            true = pd.concat(
                [
                    told[told["unified_property_id"].isin(realpage)],
                    true[~true["unified_property_id"].isin(realpage)],
                ]
            )
        found += oracle.differences(mart, oracle.stored(connection, mart.name), true, cannot)
    return found


def test_every_figure_is_what_the_world_knows(connection: psycopg.Connection, world: PropertyWorld) -> None:
    """All five modules, to the cent, of every property through the system that is its own."""
    known = oracle.as_reported(world, leases_too=True)
    assert _wrong(connection, world, {"leasing_funnel": truth.leasing_funnel(known)}, {}) == []


def test_realpages_reports_alone_tell_the_truth_or_nothing(
    connection: psycopg.Connection, world: PropertyWorld
) -> None:
    """Without the gateway a figure is the same or null, never another."""
    silence(connection, GATEWAY)
    rebuild(connection)
    by_report = {"leasing_funnel": truth.leasing_funnel(oracle.as_reported(world, leases_too=False))}
    assert _wrong(connection, world, by_report, oracle.SILENT["reports"] | truth.CANNOT_SAY["reports"]) == []


def test_realpages_gateway_alone_tells_the_truth_or_nothing(
    connection: psycopg.Connection, world: PropertyWorld
) -> None:
    """Without reports a figure is the same or null; balances are netted within a household."""
    silence(connection, REPORTS)
    rebuild(connection)
    by_gateway = {"delinquency": oracle.netted_delinquency(world)}
    assert _wrong(connection, world, by_gateway, truth.CANNOT_SAY["rpx"]) == []


def test_the_five_properties_show_their_units_and_occupancy(connection: psycopg.Connection) -> None:
    """On the sandbox's first day, which stays when others come; somebody owes something everywhere."""
    found = rows(
        connection,
        "select * from marts.agg_property_occupancy inner join marts.agg_property_delinquency"
        " using (unified_property_id, snapshot_date) where snapshot_date = %s and unified_property_id = any(%s)",
        WORLD_DAY,
        list(SEEDS_FIVE),
    )
    assert {row["unified_property_id"]: (row["total_units"], row["occupied_units"]) for row in found} == SEEDS_FIVE
    assert all(row["total_delinquent"] > 0 for row in found)
    assert {row["unified_property_id"]: round(row["physical_occupancy"] * 100, 2) for row in found} == {
        "nexus_east": Decimal("95.74"),
        "aspire_7th_and_grant": Decimal("93.26"),
        "parkside": Decimal("86.81"),
        "edison_at_rino": Decimal("85.92"),
        "ridian": Decimal("56.91"),
    }


def test_a_property_has_the_same_figures_through_either_system(connection: psycopg.Connection) -> None:
    """Wherever both can say: the same world through RealPage and through Yardi."""

    def figures() -> dict[str, pd.DataFrame]:
        return {mart.name: oracle.stored(connection, mart.name) for mart in oracle.MARTS}

    by_realpage = figures()
    tell_by(connection, "yardi", ON_BOTH)
    rebuild(connection)
    by_yardi = figures()
    compared = 0
    for mart in oracle.MARTS:
        keys = ["unified_property_id", *mart.keys]
        ours, theirs = (
            frames[mart.name][frames[mart.name]["unified_property_id"].isin(ON_BOTH)]
            for frames in (by_realpage, by_yardi)
        )
        # Of people RealPage's report has names alone.
        both = ours.drop(columns=oracle.BY_NAME, errors="ignore").merge(theirs, on=keys, suffixes=("_true", "_said"))
        for field in [name.removesuffix("_true") for name in both if name.endswith("_true") and "snapshot" not in name]:
            told = both[both[f"{field}_true"].notna() & both[f"{field}_said"].notna()]
            off = (told[f"{field}_true"] - told[f"{field}_said"]).abs() > oracle.near(field)
            assert told[off].empty, f"{mart.name}.{field}\n{told.loc[off, [*keys, f'{field}_true', f'{field}_said']]}"
            compared += len(told)
    assert compared > 300
    assert {
        row["pms_source"]
        for row in rows(
            connection, "select pms_source from unified.unified_units where unified_property_id = any(%s)", ON_BOTH
        )
    } == {"yardi"}


def test_a_day_stays_as_it_was_when_the_next_one_comes(connection: psycopg.Connection) -> None:
    """Both days can be read, and the summary shows the later one."""
    shown = "select * from marts.agg_property_occupancy where unified_property_id = 'ridian' order by snapshot_date"
    before = rows(connection, shown)
    connection.execute(
        "insert into realpage_raw.realpage_box_score (property_id, property_name, report_date, floorplan, total_units,"
        " vacant_units, vacant_not_leased, vacant_leased, occupied_units, occupied_on_notice, notice_leased,"
        " model_units, down_units, file_id, imported_at)"
        " select property_id, property_name, report_date + 1, floorplan, total_units, vacant_units + 1,"
        " vacant_not_leased + 1, vacant_leased, occupied_units - 1, occupied_on_notice, notice_leased, model_units,"
        " down_units, file_id, imported_at"
        " from realpage_raw.realpage_box_score where property_id = '4810158' and occupied_units > 0"
    )
    rebuild(connection)
    after = rows(connection, shown)
    assert after[: len(before)] == before
    assert len(after) == len(before) + 1
    latest = one(connection, "select * from marts.agg_property_summary where unified_property_id = 'ridian'")
    assert {name: latest[name] for name in after[-1]} == after[-1]
    assert latest["vacant_ready"] is None, "of that day there are no units"


def test_the_portfolio_is_added_up_and_then_divided(connection: psycopg.Connection, world: PropertyWorld) -> None:
    """Shares of sums, rents by their own weights; who is not there on a day is counted as missing."""
    true = truth.portfolio(world).set_index("day")
    for day, expected in true.iterrows():
        shown = one(connection, "select * from marts.agg_portfolio_summary where snapshot_date = %s", day)
        there = int((world.properties["property_date"] == day).sum())
        (active,) = rows(connection, "select count(*) as number from seeds.properties where is_active")
        assert (shown["properties"], shown["properties_missing"]) == (there, active["number"] - there)
        for name in ("total_units", "occupied_units", "vacant_ready", "on_notice", "exposure_30", "exposure_60"):
            assert shown[name] == expected[name], name
        for name in ("physical_occupancy", "leased_percentage", "rent_growth", "in_place_rent", "asking_rent"):
            assert abs(float(shown[name]) - expected[name]) < oracle.near(name), name
    told = truth.delinquency(world).merge(world.properties[["site_id", "primary_pms"]], on="site_id")
    told = told[told["primary_pms"] == "realpage"]
    (owed,) = rows(connection, "select sum(total_delinquent) as amount from marts.agg_portfolio_summary")
    assert float(owed["amount"]) == pytest.approx(told["total_delinquent"].sum(), abs=0.001)


def _coverage(connection: psycopg.Connection, slug: str) -> dict[str, dict[str, Any]]:
    found = rows(connection, "select * from marts.agg_property_coverage where unified_property_id = %s", slug)
    return {row["field"]: row for row in found}


def _reasons(connection: psycopg.Connection, slug: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in _coverage(connection, slug).values():
        found.setdefault(row["module"], set()).add(row["reason"])
    return found


def test_coverage_says_what_is_there_and_why_the_rest_is_not(connection: psycopg.Connection) -> None:
    """From the data: a system that has no balances, one that was not read, a property that nobody told of."""
    modules = ("occupancy", "exposure", "pricing", "delinquency", "leasing_funnel", "activity")
    assert _reasons(connection, "nexus_east") == {module: {"ok"} for module in modules}
    assert _reasons(connection, "umber_street")["delinquency"] == {"not_in_pms"}
    assert _reasons(connection, "tamarack_place") == {module: {"no_source"} for module in modules}
    silence(connection, [*GATEWAY, "delinquency"], "4810158")
    rebuild(connection)
    fields = _coverage(connection, "ridian")
    assert fields["total_units"]["source"] == "realpage_box_score"
    assert (fields["vacant_ready"]["reason"], fields["total_delinquent"]["reason"]) == ("no_source", "no_source")
    assert fields["exposure_30"]["source"] == "realpage_rent_roll"


def test_what_was_loaded_and_says_nothing_is_not_parsed(connection: psycopg.Connection) -> None:
    """A figure that is null although its source is there is no silent gap."""
    connection.execute("update realpage_raw.realpage_box_score set avg_actual_rent = 0 where property_id = '4810158'")
    rebuild(connection)
    fields = _coverage(connection, "ridian")
    assert (fields["in_place_rent"]["available"], fields["in_place_rent"]["reason"]) == (False, "not_parsed")
    assert (fields["asking_rent"]["available"], fields["rent_growth"]["reason"]) == (True, "not_parsed")


def test_notices_without_a_date_are_counted_in_coverage(connection: psycopg.Connection, world: PropertyWorld) -> None:
    noticed = world.units[world.units["state"].isin(["ON", "OL"]) & world.units["on_notice_for_on"].isna()]
    expected = noticed.groupby("site_id").size().reindex(world.properties["site_id"]).fillna(0)
    assert expected.sum() > 0
    for site, slug in world.properties[["site_id", "slug"]].itertuples(index=False):
        assert _coverage(connection, slug)["notices_30"]["affected"] == expected[site], slug


def test_sources_that_disagree_are_a_conflict_and_are_reconciled(connection: psycopg.Connection) -> None:
    """Two units may differ, three may not; a cent in an account's parts is an error."""
    assert _failed(connection) == {}
    gone = (
        "delete from realpage_raw.realpage_units where site_id = '4810117' and unit_id in (select pms_unit_id from"
        " unified.unified_units where unified_property_id = 'nexus_east' and state = 'O' order by pms_unit_id limit %s)"
    )
    connection.execute(gone, [2])
    rebuild(connection)
    assert _failed(connection) == {}
    connection.execute(gone, [1])
    connection.execute(
        "update realpage_raw.realpage_delinquency set balance_61_90 = balance_61_90 + 0.01"
        " where property_id = '4810117' and account_no = (select min(account_no) from"
        " realpage_raw.realpage_delinquency where property_id = '4810117' and total_delinquent > 0)"
    )
    rebuild(connection)
    failed = _failed(connection)
    assert {name: row["severity"] for name, row in failed.items()} == {
        "property_units": "warn",
        "delinquency_buckets": "error",
    }
    assert failed["delinquency_buckets"]["failing_rows"] == 1
    row = _coverage(connection, "nexus_east")["total_units"]
    assert (row["available"], row["reason"], row["affected"]) == (True, "conflict", 3)


def test_a_balance_that_is_not_the_reports_is_reconciled(connection: psycopg.Connection) -> None:
    connection.execute(
        "update realpage_raw.realpage_residents set balance = balance + 0.01 where resident_member_id = ("
        "select min(resident_member_id) from realpage_raw.realpage_residents"
        " where site_id = '4810117' and is_head_of_household and lease_status = 'Current')"
    )
    rebuild(connection)
    assert {name: row["failing_rows"] for name, row in _failed(connection).items()} == {"delinquency_balances": 1}


def _failed(connection: psycopg.Connection) -> dict[str, dict[str, Any]]:
    found = rows(
        connection,
        "select * from reconciliation.recon_summary where not passed and"
        " check_name in ('property_units', 'delinquency_buckets', 'delinquency_balances')",
    )
    return {row["check_name"]: row for row in found}
