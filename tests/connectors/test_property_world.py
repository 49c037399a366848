"""The made-up properties: they hang together, are as full as they are known to be, and their past stays the past."""

import csv
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from connectors.sandbox import world
from connectors.sandbox.properties import PropertyWorld, build, of, places, truth
from connectors.sandbox.world import SEED

KNOWN = {
    "nexus_east": (352, 337, 95.74),
    "aspire_7th_and_grant": (178, 166, 93.26),
    "parkside": (432, 375, 86.81),
    "edison_at_rino": (277, 238, 85.92),
    "ridian": (123, 70, 56.91),
}
LIVING = ["current", "notice", "eviction"]


@cache
def small(day: int) -> PropertyWorld:
    return build(SEED, 0.01, day)


@pytest.fixture(scope="module", params=[0, 40])
def made(request: pytest.FixtureRequest) -> PropertyWorld:
    return build(SEED, 0.24, request.param)


@pytest.fixture(scope="module")
def first() -> PropertyWorld:
    return build(SEED, 0.24, 0)


def by_slug(made: PropertyWorld, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(slug=frame["site_id"].map(made.properties.set_index("site_id")["slug"])).set_index("slug")


def counted(made: PropertyWorld) -> pd.DataFrame:
    return made.units[made.units["counted"]]


def test_the_known_properties_are_as_large_and_as_full_as_they_are(first: PropertyWorld) -> None:
    found = by_slug(first, truth.occupancy(first))
    for slug, (units, occupied, percent) in KNOWN.items():
        assert (found.loc[slug, "total_units"], found.loc[slug, "occupied_units"]) == (units, occupied)
        assert found.loc[slug, "physical_occupancy"] * 100 == pytest.approx(percent, abs=0.005)


@pytest.mark.parametrize("day", [1, 5, 30, 90])
def test_they_stay_about_as_full(day: int) -> None:
    made = small(day)
    found = by_slug(made, truth.occupancy(made))
    for slug, (_, _, percent) in KNOWN.items():
        assert found.loc[slug, "physical_occupancy"] * 100 == pytest.approx(percent, abs=1.5 + 8 * min(day, 90) / 90)


@pytest.mark.parametrize(("scale", "realpage", "yardi"), [(0.01, 5, 3), (0.24, 6, 3), (1.0, 25, 5)])
def test_as_many_properties_as_the_scale_says(scale: float, realpage: int, yardi: int) -> None:
    listed = places.properties(SEED, scale, world.WORLD_DAY)
    assert (listed["on_realpage"].sum(), listed["on_yardi"].sum()) == (realpage, yardi)
    assert (listed["on_realpage"] & listed["on_yardi"]).sum() == 2
    assert listed["site_id"].is_unique
    assert listed["yardi_code"].is_unique


def test_a_property_is_the_same_at_any_scale(first: PropertyWorld) -> None:
    few = small(0)
    for site in few.realpage:
        ours, theirs = few.site(site), first.site(site)
        for one in fields(PropertyWorld):
            pd.testing.assert_frame_equal(getattr(ours, one.name), getattr(theirs, one.name))


def test_the_seed_names_the_same_properties(first: PropertyWorld) -> None:
    with places.SEED_CSV.open(encoding="utf-8", newline="") as file:
        rows = {row["unified_property_id"]: row for row in csv.DictReader(file)}
    assert len(rows) == 28
    for one in first.properties.to_dict("records"):
        row = rows[one["slug"]]
        assert row["name"] == one["name"]
        assert row["realpage_site_id"] in ("", str(one["site_id"]))
        assert row["yardi_property_code"] in ("", one["yardi_code"])


def test_every_unit_is_in_one_state_and_the_state_is_true(made: PropertyWorld) -> None:
    units, state = counted(made), counted(made)["state"]
    assert state.isin(truth.STATES).all()
    assert (made.units.loc[~made.units["counted"], "state"] == "X").all()
    occupied = units["household_id"] > 0
    assert (occupied == state.isin(truth.OCCUPIED)).all()
    assert ((units["incoming_household_id"] > 0) == state.isin(["OL", "VL"])).all()
    households = made.households.set_index("household_id")
    lives = households.loc[units.loc[occupied, "household_id"]]
    assert lives["status"].isin(LIVING).all()
    assert (lives["unit_id"].to_numpy() == units.loc[occupied, "unit_id"].to_numpy()).all()
    assert (lives["notice_given_on"].notna().to_numpy() == state[occupied].isin(["ON", "OL"]).to_numpy()).all()
    assert occupied.sum() == made.households["status"].isin(LIVING).sum()
    coming = households.loc[units.loc[units["incoming_household_id"] > 0, "incoming_household_id"]]
    assert (coming["status"] == "future").all()
    assert len(coming) == (made.households["status"] == "future").sum()
    off = state.isin(["VM", "VD"])
    assert ((units["reason_not_available"] != "") == off).all()
    assert (units["reason_not_available"].eq("Down unit") == state.eq("VD")).all()


def test_what_does_not_count_is_told_by_each_system(made: PropertyWorld) -> None:
    units = made.units.merge(made.plans[["plan_id", "counts"]], on="plan_id")
    says_realpage = units["deleted"] | ~units["counts"] | (units["sqft"] == 0)
    assert (says_realpage == ~units["counted"]).all()
    says_yardi = units["yardi_code"].isin(["", "WAIT", "RETAIL", "NONRESID"])
    assert (says_yardi == ~units["counted"]).all()
    assert set(units["x_reason"]) == {"", "deleted", "not_in_occupancy", "no_sqft", "wait", "retail"}
    assert not counted(made).duplicated(["site_id", "label"]).any()
    assert made.units.duplicated(["site_id", "number"]).groupby(made.units["site_id"]).any().all()


def test_an_occupied_unit_has_one_lease_in_force(made: PropertyWorld) -> None:
    force = made.leases[made.leases["in_force"]]
    units = counted(made)
    occupied = units[units["household_id"] > 0]
    assert force["unit_id"].is_unique
    assert set(force["unit_id"]) == set(occupied["unit_id"])
    assert set(force["lease_id"]) == set(occupied["lease_id"])
    assert force["status"].isin(["current", "current_future"]).all()
    assert (force["rent_cents"] > 0).all()
    assert made.leases["lease_id"].is_unique
    following = made.leases[made.leases["next_lease_id"] > 0]
    assert following["next_lease_id"].isin(made.leases["lease_id"]).all()
    future = made.leases[made.leases["status"] == "future"]
    renewed = made.leases[made.leases["status"] == "current_future"]
    assert set(renewed["next_lease_id"]) == set(future["lease_id"])


def test_rents_are_the_sum_of_their_charges(made: PropertyWorld) -> None:
    rents = made.charges[made.charges["is_rent"]].groupby("lease_id")["cents"].sum()
    billed = made.leases.set_index("lease_id").loc[rents.index]
    assert (billed["rent_cents"] == rents).all()
    assert (made.charges["end_on"] >= made.charges["begin_on"]).all()
    everything = made.charges.groupby("lease_id")["cents"].sum()
    whole = billed[["rent_cents", "other_cents", "credits_cents"]].sum(axis=1)
    assert (whole == everything.loc[whole.index]).all()


def test_the_ledger_adds_up(made: PropertyWorld) -> None:
    lines = made.ledger
    assert not ((lines["prepaid_cents"] != 0) & (lines["delinquent_cents"] != 0)).any()
    assert (lines["balance_cents"] != 0).all()
    buckets = lines[[f"bucket_{age}_cents" for age in (0, 30, 60, 90)]]
    assert (buckets.sum(axis=1) == lines["balance_cents"]).all()
    assert (lines["prepaid_cents"] + lines["delinquent_cents"] == lines["balance_cents"]).all()
    assert not lines.duplicated(["account_no", "code"]).any()
    assert (lines["description"].notna() & (lines["status"] != "")).all()
    sums = lines.groupby("account_no")["balance_cents"].sum()
    assert (made.accounts.set_index("account_no")["balance_cents"] == sums).all()
    people = made.households.set_index("household_id")["balance_cents"]
    assert people.sum() == sums[sums.index.isin(people.index)].sum()
    assert (made.accounts["household_id"] == 0).sum() == len(made.properties)
    found = truth.delinquency(made)
    assert (found["total_delinquent"] > 0).all()
    ages = found[["balance_0_30", "balance_31_60", "balance_61_90", "balance_over_90"]].sum(axis=1)
    np.testing.assert_allclose(ages, found["total_delinquent"])
    assert found["delinquent_share"].between(0.02, 0.5).all()


def test_everything_awkward_is_there(first: PropertyWorld) -> None:
    as_of = pd.Timestamp(world.WORLD_DAY)
    people, units, leases, accounts = first.households, counted(first), first.leases, first.accounts
    noticed = people[people["status"].eq("notice")]
    assert (noticed["notice_for_on"] < as_of).any(), "overdue"
    assert noticed["notice_for_on"].isna().any(), "without a date"
    assert ((units["expected_move_in_on"] - as_of).dt.days > 60).any()
    assert (people["status"] == "eviction").any()
    assert people["is_transfer"].any()
    assert (people["notice_type"] == "transfer").any()
    assert leases["month_to_month_on"].notna().any()
    assert (leases["term_months"] == 0).any()
    assert {"current_future", "current_past", "future", "signed", "former_applicant"} <= set(leases["status"])
    assert ((accounts["prepaid_cents"] < 0) & (accounts["delinquent_cents"] > 0)).any()
    assert accounts[accounts["unit_id"] > 0].duplicated("unit_id").any(), "several accounts a unit"
    assert (accounts["unit_label"] == "NONE").any()
    assert set(accounts["status"]) >= {"Current resident", "NTV", "Former resident", "Misc. Income", "Applicant"}
    assert counted(first).duplicated(["site_id", "number"]).any(), "two homes with one number"
    assert first.plans.duplicated(["site_id", "name"]).groupby(first.plans["site_id"]).any().all()
    assert (~first.plans["plan_id"].isin(first.units["plan_id"])).groupby(first.plans["site_id"]).any().all()
    vacant = units[units["state"].isin(["VU", "VL"])]
    never, stale = vacant["made_ready_on"].isna(), vacant["made_ready_on"] < vacant["last_move_out_on"]
    assert never.any()
    assert stale.any()
    assert (vacant["made_ready_on"] > as_of).any(), "planned to be ready"
    assert vacant["days_vacant"].isna().any()
    assert (vacant["days_vacant"] > 90).any()
    assert first.properties["lagging"].sum() == 1
    cards = first.prospect_events[first.prospect_events["is_first_contact"]]
    assert cards["prospect_id"].duplicated().any(), "two first contacts"
    assert set(first.prospects["occ_status"]) == {"Prospect", "Applicant", "Resident", "Former"}


def test_lagging_properties_are_a_day_behind(made: PropertyWorld) -> None:
    dates = made.properties.groupby("lagging")["property_date"].agg(["min", "max"])
    assert (dates["min"] == dates["max"]).all()
    assert dates.loc[True, "max"] + pd.Timedelta(days=1) == dates.loc[False, "max"]


REFERENCES = [
    ("units", "plan_id", "plans", "plan_id"),
    ("units", "building_id", "buildings", "building_id"),
    ("units", "household_id", "households", "household_id"),
    ("units", "lease_id", "leases", "lease_id"),
    ("units", "incoming_household_id", "households", "household_id"),
    ("households", "unit_id", "units", "unit_id"),
    ("households", "prospect_id", "prospects", "prospect_id"),
    ("households", "head_member_id", "members", "member_id"),
    ("members", "household_id", "households", "household_id"),
    ("leases", "household_id", "households", "household_id"),
    ("leases", "unit_id", "units", "unit_id"),
    ("leases", "plan_id", "plans", "plan_id"),
    ("charges", "lease_id", "leases", "lease_id"),
    ("accounts", "household_id", "households", "household_id"),
    ("accounts", "unit_id", "units", "unit_id"),
    ("ledger", "account_no", "accounts", "account_no"),
    ("prospects", "household_id", "households", "household_id"),
    ("prospect_events", "prospect_id", "prospects", "prospect_id"),
    ("prospect_events", "household_id", "households", "household_id"),
    ("resident_events", "household_id", "households", "household_id"),
    ("rentable_items", "lease_id", "leases", "lease_id"),
]


def test_references_lead_somewhere(made: PropertyWorld) -> None:
    for table, column, target, key in REFERENCES:
        values = getattr(made, table)[column]
        assert values.dtype == np.int64, (table, column)
        values = values[values != 0]
        assert values.isin(getattr(made, target)[key]).all(), (table, column)
    for one, key in [("households", "household_id"), ("prospect_events", "event_id"), ("resident_events", "event_id")]:
        assert getattr(made, one)[key].is_unique, one
    assert made.members["member_id"].is_unique
    assert (made.members.groupby("household_id")["is_head"].sum() == 1).all()


def test_no_frame_has_a_missing_text_or_knows_the_future(made: PropertyWorld) -> None:
    today = made.properties.set_index("site_id")["property_date"]
    known = {
        "resident_events": ["on"],
        "stays": ["move_in_on", "move_out_on"],
        "households": "applied_on approved_on signed_on move_in_on move_out_on notice_given_on cancelled_on".split(),
        "leases": "applied_on signed_on active_on inactive_on notice_given_on last_rent_change_on".split(),
        "units": ["last_move_out_on"],
        "prospects": ["first_contact_on"],
    }
    for one in fields(PropertyWorld):
        frame = getattr(made, one.name)
        for column in frame.columns:
            assert frame[column].dtype.kind in "biufMOU" or frame[column].dtype == "str", (one.name, column)
            if frame[column].dtype == "str" or frame[column].dtype.kind == "O":
                assert frame[column].notna().all(), (one.name, column)
        for column in known.get(one.name, []):
            later = frame[column] > frame["site_id"].map(today)
            assert not later.any(), (one.name, column)
    assert (made.prospect_events["at"].dt.normalize() <= made.prospect_events["site_id"].map(today)).all()


def test_leases_tell_the_funnel_as_guest_cards_do(made: PropertyWorld) -> None:
    told = truth.leasing_funnel(made).set_index(["site_id", "month"])
    first = made.leases[made.leases["kind"] == "first"]
    assert made.leases.loc[made.leases["kind"] != "first", "applied_on"].isna().all()
    for stage, column in [("applications", "applied_on"), ("lease_signs", "signed_on")]:
        rows = first[first[column].notna()]
        month = rows[column].dt.to_period("M").dt.to_timestamp()
        counts = rows.groupby([rows["site_id"], month])["household_id"].nunique().reindex(told.index).fillna(0)
        assert (counts == told[stage]).all(), stage


def test_events_and_households_tell_the_same(made: PropertyWorld) -> None:
    events = made.prospect_events
    people = made.households[made.households["prospect_id"] > 0].set_index("prospect_id")
    for kind, column in [("application", "applied_on"), ("lease_sign", "signed_on"), ("move_in", "move_in_on")]:
        told = events[(events["kind"] == kind) & (events["household_id"] > 0)].set_index("prospect_id")["at"]
        expected = people[column].dropna()
        assert set(told.index) == set(expected.index), kind
        assert (told.dt.normalize() == expected.loc[told.index]).all(), kind
    contact = events[events["is_first_contact"]].groupby("prospect_id")["at"].min().dt.normalize()
    cards = made.prospects.set_index("prospect_id")["first_contact_on"]
    assert (contact == cards.loc[contact.index]).all()
    assert len(contact) == len(cards)
    moved = made.resident_events[made.resident_events["action"] == "moved_in"].set_index("household_id")["on"]
    assert (made.households.set_index("household_id").loc[moved.index, "move_in_on"] == moved).all()
    renewed = made.resident_events[made.resident_events["action"] == "renewed"]
    leases = made.leases.set_index("lease_id")
    kept = renewed[renewed["lease_id"].isin(leases.index)]
    assert (leases.loc[kept["lease_id"], "begin_on"].to_numpy() == kept["on"].to_numpy()).all()


@pytest.mark.parametrize("day", [1, 30])
def test_the_past_stays_the_past(day: int) -> None:
    before, after = small(0), small(day)
    for name, key, when in (
        ("resident_events", "event_id", "on"),
        ("prospect_events", "event_id", "at"),
        ("stays", "stay_id", "move_in_on"),
    ):
        old, new = getattr(before, name).set_index(key), getattr(after, name).set_index(key)
        assert len(new) >= len(old)
        assert old.index.isin(new.index).all(), name
        assert (new.loc[old.index, when] == old[when]).all(), name
        added = new[~new.index.isin(old.index)]
        assert (added[when].dt.normalize() > pd.Timestamp(world.WORLD_DAY)).all(), name
    ended = before.stays[before.stays["move_out_on"].notna()].set_index("stay_id")["move_out_on"]
    assert (after.stays.set_index("stay_id").loc[ended.index, "move_out_on"] == ended).all()
    told = before.households.set_index("household_id")
    still = after.households.set_index("household_id")
    both = told.index.intersection(still.index[still["notice_type"] != ""])
    both = both[told.loc[both, "is_transfer"] == still.loc[both, "is_transfer"]]
    given = told.loc[both, "notice_given_on"].dropna()
    assert len(given) > 50
    assert (still.loc[given.index, "notice_given_on"] == given).all()
    leases = before.leases.set_index("lease_id")
    later = after.leases.set_index("lease_id")
    both = leases.index.intersection(later.index)
    assert (leases.loc[both, "rent_cents"] == later.loc[both, "rent_cents"]).all()
    months = truth.leasing_funnel(before).set_index(["site_id", "month"])["leads"]
    whole = months[months.index.get_level_values("month") < "2026-11-01"]
    assert (truth.leasing_funnel(after).set_index(["site_id", "month"])["leads"].loc[whole.index] == whole).all()


def test_days_bring_something_of_everything() -> None:
    before, after = small(0), small(30)
    new = after.resident_events[after.resident_events["on"] > pd.Timestamp(world.WORLD_DAY)]
    assert set(new["action"]) == set(before.resident_events["action"])
    assert truth.delinquency(before)["total_delinquent"].sum() != truth.delinquency(after)["total_delinquent"].sum()


def test_another_seed_is_another_world_and_the_same_seed_the_same() -> None:
    one = small(1)
    build.cache_clear()
    again, other = build(SEED, 0.01, 1), build(SEED + 1, 0.01, 1)
    for part in fields(PropertyWorld):
        pd.testing.assert_frame_equal(getattr(one, part.name), getattr(again, part.name))
    assert not one.ledger["balance_cents"].equals(other.ledger["balance_cents"])


def test_the_properties_of_a_world() -> None:
    brokerage = world.build(scale=0.01)
    pd.testing.assert_frame_equal(of(brokerage).units, small(0).units)
    later = of(replace(brokerage, day=1))
    pd.testing.assert_frame_equal(later.units, small(1).units)
    assert later.properties["property_date"].max() == pd.Timestamp(world.WORLD_DAY) + pd.Timedelta(days=1)


def test_metrics_keep_their_identities(made: PropertyWorld) -> None:
    found = truth.occupancy(made)
    assert (found["occupied_units"] + found["vacant_units"] == found["total_units"]).all()
    states = truth.unit_states(made)
    assert (states[list(truth.STATES)].sum(axis=1) == states["units"]).all()
    off = states.groupby("site_id")[["VM", "VD"]].sum().sum(axis=1).to_numpy()
    assert (found["vacant_ready"] + found["vacant_not_ready"] + off == found["vacant_units"]).all()
    ready = counted(made).groupby("site_id")["is_ready"].sum()
    assert (found.set_index("site_id")["vacant_ready"] == ready).all()
    exposed = truth.exposure(made)
    assert (exposed["notices_30"] <= exposed["notices_60"]).all()
    assert (exposed["move_ins_30"] <= exposed["move_ins_60"]).all()
    assert truth.pricing(made)["rent_growth"].dropna().between(-0.3, 0.4).all()
    rates = truth.activity(made)["renewal_rate"].dropna()
    assert rates.between(0, 1).all()
    assert len(truth.summary(made)) == len(made.properties)
    assert truth.portfolio(made)["total_units"].sum() == len(counted(made))


def test_the_vocabulary_says_one_thing_a_word() -> None:
    rows = pd.read_csv(places.SEED_CSV.with_name("property_vocabulary.csv"), dtype=str, keep_default_na=False)
    word = rows["source_value"].str.lower().str.replace(r"[\s/_-]+", " ", regex=True)
    assert not rows.assign(word=word).duplicated(["source", "kind", "word"]).any()
    meanings = rows.groupby("kind")["unified_value"].agg(set)
    assert meanings["unit"] == {*truth.STATES, "X"}
    ours = set(small(0).households["status"].replace("cancelled", "canceled"))
    assert meanings["resident"] == ours | {"miscellaneous", "waitlist"}
