"""The CRM of the made-up world and the V1 documents that tell it; no database needed."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from connectors.sandbox import crm, world
from connectors.sandbox.world import SEED, World
from connectors.v1 import documents as v1

Documents = dict[str, dict[int, dict[str, Any]]]

END = pd.Timestamp(world.WORLD_DAY)
RECORDS = ("fub_people", "fub_deals", "fub_calls", "fub_events")
"""Tables of which V1's API says that texts are never null."""


@pytest.fixture(scope="module")
def whole() -> World:
    return world.build()


@pytest.fixture(scope="module", params=[0.01, 0.1, 1.0])
def made(request: pytest.FixtureRequest) -> World:
    return world.build(scale=request.param)


@pytest.fixture(scope="module")
def tenth() -> World:
    """A tenth of the world, with text messages, which V1 has no rows of."""
    small = world.build(scale=0.1)
    return replace(small, crm=with_texts(small, 0.1))


def with_texts(small: World, scale: float) -> crm.Crm:
    return crm.build(SEED, world.sizes(scale) | {"fub_text_messages": 400}, small.users, small.agents, small.teams)


@pytest.fixture(scope="module")
def told(tenth: World) -> Documents:
    return {
        table.name: {key: one for chunk in v1.documents(tenth, table, SEED) for key, one in chunk}
        for table in v1.TABLES
        if table.frame.startswith("crm.")
    }


def frames(made: World) -> dict[str, pd.DataFrame]:
    return vars(made.crm)


def test_headline_counts_at_full_size(whole: World) -> None:
    assert {name: len(frame) for name, frame in frames(whole).items()} == {
        "accounts": 15,
        "users": 271,
        "stages": 28,
        "groups": 17,
        "people": 40_000,
        "deals": 101,
        "calls": 60_000,
        "events": 30_000,
        "appointments": 6_639,
        "text_messages": 0,
        "sync_jobs": 60,
    }


def test_accounts_differ_in_size(whole: World) -> None:
    users = whole.crm.users["account_id"].value_counts()
    assert users.max() > 5 * users.min() >= 5 * 3
    people = whole.crm.people["fub_user_id"].value_counts().drop(0)
    assert people.iloc[0] > 10 * people.median() > 10


def test_references_resolve_within_one_account(made: World) -> None:
    parents = {"account_id": "accounts", "person_id": "people", "fub_user_id": "users", "author_id": "users"}
    parents |= {"second_person_id": "people", "second_fub_user_id": "users", "stage_id": "stages", "group_id": "groups"}
    checked = 0
    for frame in frames(made).values():
        for column in frame.columns.intersection(list(parents)):
            parent = getattr(made.crm, parents[column])
            known = frame[frame[column] > 0]
            assert frame[column].between(0, len(parent)).all(), column
            if column != "account_id" and len(known):
                accounts = parent["account_id"].to_numpy()[known[column] - 1]
                assert (accounts == known["account_id"]).all(), column
                checked += 1
    assert checked >= 10
    for frame in (made.crm.users, made.crm.accounts):
        assert frame["user_id"].between(0, len(made.users)).all()
        assert frame["team_id"].between(0, len(made.teams)).all()
    assert made.crm.users["agent_id"].between(0, len(made.agents)).all()
    assert (made.crm.people["account_id"] > 0).all()


def test_numbers_are_unique_inside_an_account_only(made: World) -> None:
    for name, frame in frames(made).items():
        if "number" in frame and name != "accounts":
            assert not frame.duplicated(["account_id", "number"]).any(), name
    for name in ("users", "stages", "groups", "people", "calls", "events", "appointments"):
        assert frames(made)[name]["number"].duplicated().any(), name


def test_every_way_to_find_the_agent_occurs(made: World) -> None:
    users = made.crm.users.set_index("link")
    assert set(users.index) >= {"both", "login", "agent", "address", "nobody"}
    agents = made.agents.set_index("id")
    found = users.loc[["address"]]
    assert (agents.loc[found["agent_id"], "email"].to_numpy() == found["email"]).all()
    login = users.loc[["login", "both"]]
    assert (made.users.set_index("id").loc[login["user_id"], "agent_id"].to_numpy() == login["agent_id"]).all()
    for link in {"login", "nobody", "staff"} & set(users.index):
        assert not users.loc[[link], "email"].isin(agents["email"]).any(), "only an address may tell the agent"
    assert (users.loc[["nobody"], ["user_id", "agent_id"]] == 0).all(axis=None)
    known = users[users["agent_id"] > 0]
    assert not known["agent_id"].duplicated().any()


def test_nothing_happens_before_the_person_came_in_or_after_the_last_day(made: World) -> None:
    came_in = made.crm.people["created"].to_numpy()
    deeds = {"calls": "at", "events": "at", "appointments": "set_at", "deals": "created"}
    for name, moment in deeds.items():
        frame = frames(made)[name]
        known = frame[frame["person_id"] > 0]
        assert (known[moment].to_numpy() >= came_in[known["person_id"] - 1]).all(), name
        assert name == "deals" or frame[moment].is_monotonic_increasing, name
    ahead = {
        (name, column)
        for name, frame in frames(made).items()
        for column in frame.select_dtypes("datetime")
        if (frame[column] > END).any()
    }
    assert ahead <= {("appointments", "start"), ("appointments", "end"), ("deals", "projected_close")}
    assert ("appointments", "start") in ahead
    coming = made.crm.appointments[made.crm.appointments["end"] > END]
    assert (coming["outcome"] == "").all()


def test_durations_fit_the_outcomes(whole: World) -> None:
    longest = whole.crm.calls.groupby("outcome")["duration"].max().to_dict()
    assert set(longest) == {"Interested", "Not Interested", "Left Message", "No Answer", "Busy", "Bad Number", ""}
    assert longest["Busy"] <= 5
    assert longest["Bad Number"] <= 12
    assert longest["No Answer"] <= 30
    assert longest["Left Message"] <= 55
    assert longest["Interested"] > 1_500
    assert {60, 61} <= set(whole.crm.calls.loc[whole.crm.calls["outcome"] == "", "duration"]), "the threshold's sides"


def test_weekdays_and_seasons_show(whole: World) -> None:
    day = whole.crm.calls["at"].dt.tz_localize("UTC").dt.tz_convert("America/Chicago")
    by_weekday = day.dt.weekday.value_counts()
    assert by_weekday[0] > 1.5 * by_weekday[5] > 1.5 * by_weekday[6]
    by_month = day[day.dt.year == 2025].dt.month.value_counts()
    assert by_month[[5, 6]].min() > 1.5 * by_month[12]
    assert by_month[12] > 0
    assert day.dt.hour.between(8, 20).all()
    assert (day.dt.day != whole.crm.calls["at"].dt.day).any(), "evening calls: the business day is not UTC's"


def test_people_carry_what_the_records_say(made: World) -> None:
    calls = made.crm.calls[~made.crm.calls["incoming"]].groupby("person_id").size()
    people = made.crm.people.set_index("id")
    assert (people["contacted"] == calls.reindex(people.index, fill_value=0)).all()
    last = made.crm.calls.groupby("person_id")["at"].max().drop(0, errors="ignore")
    assert (people.loc[last.index, "last_activity"] >= last).all()


def test_same_seed_same_crm_another_seed_another() -> None:
    first, again, other = (frames(world.build(seed, 0.01)) for seed in (SEED, SEED, SEED + 1))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, again[name])
    assert not first["calls"]["duration"].equals(other["calls"]["duration"])


def _expected_paths() -> Iterator[tuple[str, str]]:
    with (Path(__file__).parent / "v1_paths.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["table"].startswith("fub_"):
                yield row["table"], row["path"]


def test_every_listed_path_occurs_and_no_other_but_the_planted(told: Documents) -> None:
    found = {
        (table, key)
        for table, documents in told.items()
        if table != "fub_text_messages"
        for one in documents.values()
        for key in one
    }
    assert found ^ set(_expected_paths()) == {("fub_people", "zapier_batch")}


def test_text_messages_would_have_every_key(told: Documents, whole: World) -> None:
    """V1's table is empty; the documents it would hold are ready."""
    assert {key for one in told["fub_text_messages"].values() for key in one} == set(
        """
        ad_text_message_id ad_updatedAt archived created_at created_at_fub from_number fub_account_id fub_people_id
        fub_users_id is_incoming is_webhook message name participants picture read sent status text_message_id
        to_number updated_at_fub user_id user_id_fub user_name
    """.split()
    )
    table = next(one for one in v1.TABLES if one.name == "fub_text_messages")
    assert list(v1.documents(whole, table, SEED)) == []


def test_absent_values_are_written_as_the_crm_tables_do(told: Documents) -> None:
    texts = {"people_name", "source_name", "outcome", "note", "user_name", "description", "stage_name", "message"}
    for table in RECORDS:
        for one in told[table].values():
            assert all(one[key] is not None for key in texts & one.keys())
            assert one["created_at"]
    calls = told["fub_calls"].values()
    assert {type(one["fub_people_id"]) for one in calls} == {int, str, type(None)}
    assert all(one["fub_people_id"] not in (0, "", "0") for one in calls)
    assert any(one["created_by_id"] == 0 for one in calls)
    appointments = told["fub_appointments"].values()
    assert any(one["outcome"] is None for one in appointments)
    assert all(one["location"] != "" and one["type"] != "" for one in appointments)


def test_old_calls_name_the_user_under_keys_of_their_time(told: Documents, tenth: World) -> None:
    calls = tenth.crm.calls.set_index("id")
    by_old_key, by_new_key = 0, 0
    for key, one in told["fub_calls"].items():
        new, old = one["fub_users_id"], one["fub_users_id_deprecated"]
        assert int(new or old) == calls["fub_user_id"][key]
        by_old_key += new is None and old != 0
        by_new_key += new is not None and old == 0
    assert by_old_key > 100
    assert by_new_key > 100
    assert any(one["user_id"] is None and one["ad_user_id"] for one in told["fub_calls"].values())


def test_composite_keys_name_account_and_number(told: Documents) -> None:
    accounts = {key: one["account_id_raw"] for key, one in told["fub_accounts"].items()}
    named = 0
    for one in told["fub_calls"].values():
        if one["ad_call_id"]:
            assert one["ad_call_id"] == f"{accounts[int(one['fub_account_id'])]}_{one['call_id']}"
            named += 1
    assert named > 5_000


def test_counters_of_accounts_agree_with_the_rows(told: Documents, tenth: World) -> None:
    for kind in ("users", "people", "deals", "calls", "events", "appointments", "text_messages"):
        rows = frames(tenth)[kind]["account_id"].value_counts()
        for key, one in told["fub_accounts"].items():
            assert int(one[f"{kind}_ad"]) == rows.get(key, 0)
            if kind != "text_messages":
                assert 0 <= int(one[f"{kind}_fub"]) - int(one[f"{kind}_ad"]) < 10
    first = told["fub_accounts"][1]
    assert int(first["people_fub"]) == int(first["people_ad"])
    people = tenth.crm.people["stage_id"].value_counts()
    assert all(int(one["peopleCount"]) == people.get(key, 0) for key, one in told["fub_stages"].items())


def test_lists_mark_the_main_address(told: Documents) -> None:
    marks, lengths = set(), set()
    for key, one in told["fub_people"].items():
        entries = one.get("emails") or []
        lengths.add(len(entries))
        for entry in entries:
            is_main = str(entry["isPrimary"]).lower() in ("true", "1")
            marks.add(entry["isPrimary"] if isinstance(entry["isPrimary"], str) else type(entry["isPrimary"]))
            assert is_main == entry["emailAddress"].lower().endswith(f"{key}p@example.com") ^ (
                entry["emailAddress"].lower().startswith("second")
            )
    assert lengths == {0, 1, 2}
    assert marks == {bool, int, "true"}


def test_numbers_belong_to_nobody(told: Documents) -> None:
    for one in told["fub_calls"].values():
        for key in ("phone", "from_number", "to_number"):
            assert one[key] == "" or (one[key].startswith("555-01") and len(one[key]) == 8)
    assert all(one["email"].lower().endswith("@example.com") for one in told["fub_users"].values())


def test_faults_hit_documents_of_the_smallest_world() -> None:
    smallest = world.build(scale=0.01)
    planted = [fault for fault in v1.planted_faults() if fault.table.startswith("fub_")]
    assert len(planted) == 8
    for fault in planted:
        table = next(one for one in v1.TABLES if one.name == fault.table)
        documents = dict(one for chunk in v1.documents(smallest, table, SEED) for one in chunk)
        assert documents[fault.id][fault.path] == fault.value


def test_dangling_references_are_the_planted_ones_only(told: Documents, tenth: World) -> None:
    parents = {"fub_people_id": "people", "invited_person_id": "people", "primary_person_id": "people"}
    parents |= {"fub_users_id": "users", "assigned_to_fub_id": "users", "created_by_fub_user_id": "users"}
    parents |= {"fub_account_id": "accounts", "fub_accounts_id": "accounts"}
    dangling = set()
    for table, documents in told.items():
        for key, one in documents.items():
            for path in one.keys() & parents.keys():
                if not 0 <= int(one[path] or 0) <= len(frames(tenth)[parents[path]]):
                    dangling.add((table, key, path))
            if table == "fub_people" and int(one["stage_id"] or 0) > len(tenth.crm.stages):
                dangling.add((table, key, "stage_id"))
    assert dangling == {
        ("fub_calls", 7, "fub_people_id"),
        ("fub_events", 5, "fub_accounts_id"),
        ("fub_people", 13, "stage_id"),
    }


def test_shares_of_quirks_stay_small(told: Documents) -> None:
    padded = np.mean([one["people_name"] != one["people_name"].strip() for one in told["fub_people"].values()])
    assert 0 < padded < 0.05
    as_text = np.mean([isinstance(one["duration"], str) for one in told["fub_calls"].values()])
    assert 0 < as_text < 0.05
