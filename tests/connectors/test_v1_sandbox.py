"""The made-up world and the V1 documents that tell it; no database needed."""

import csv
import hashlib
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from connectors.sandbox import names, world
from connectors.sandbox.world import SEED, World
from connectors.v1 import documents as v1
from connectors.v1.other_tables import OTHER_TABLES, listed_tables

Documents = dict[str, dict[int, dict[str, Any]]]

PINNED = "bef9f348c92746d7650ec3482690f016bb260b2ddfcb79cd2954ed095f3c4d89"
FEW = {"users": 12, "agents": 370, "teams": 3, "directors": 1, "leaders": 2, "mentors": 1}


@pytest.fixture(scope="module")
def whole() -> World:
    return world.build()


@pytest.fixture(scope="module")
def tenth() -> World:
    return world.build(scale=0.1)


def rendered(made: World) -> Documents:
    return {
        table.name: {key: one for chunk in v1.documents(made, table, SEED) for key, one in chunk} for table in v1.TABLES
    }


@pytest.fixture(scope="module")
def told(tenth: World) -> Documents:
    return rendered(tenth)


def test_headline_counts_at_full_size(whole: World) -> None:
    assert {name: len(frame) for name, frame in vars(whole).items() if name not in ("sponsor_tree", "listed_only")} == {
        "agents": 37_040,
        "users": 335,
        "second_factors": 120,
        "teams": 260,
        "roster": 3_697,
        "directors": 40,
        "leaders": 234,
        "mentors": 9,
        "director_assignments": 80,
        "leader_assignments": 900,
        "mentor_assignments": 300,
        "network": 86_617,
    }
    assert (whole.users["agent_id"] > 0).sum() == 234
    assert (whole.users["team_id"] > 0).sum() == 204
    assert whole.sponsor_tree["agent_id"].nunique() == 2_000
    assert 12_000 < len(whole.sponsor_tree) < 16_000


@pytest.mark.parametrize("scale", [0.01, 0.1, 1.0])
def test_sponsor_forest_is_exactly_fifteen_levels_deep(scale: float) -> None:
    agents = world.build(scale=scale).agents
    sponsor = agents["sponsor_id"].to_numpy()
    assert (sponsor < agents["id"]).all(), "a sponsor must be older, so there is no circle"
    sponsored = sponsor > 0
    depth = agents["depth"].to_numpy()
    assert (depth[sponsored] == depth[sponsor[sponsored] - 1] + 1).all()
    assert (depth[~sponsored] == 0).all()
    assert depth.max() == 15


def test_few_agents_sponsor_many(whole: World) -> None:
    sponsored = whole.agents["sponsor_id"].value_counts().drop(0)
    assert sponsored.iloc[0] > 50 > 2 > sponsored.median()


def test_network_rows_follow_the_forest(whole: World) -> None:
    rows, sponsor = whole.network, np.append(0, whole.agents["sponsor_id"])
    above = rows["member_id"].to_numpy()
    assert (rows["sponsor_id"] == sponsor[above]).all()
    for tier in range(1, 6):
        above = sponsor[above]
        at_tier = (rows["tier"] == tier).to_numpy()
        assert (above[at_tier] == rows["agent_id"][at_tier]).all()
    assert not rows.duplicated(["agent_id", "member_id"]).any()
    owner = whole.users.set_index("id")["agent_id"]
    assert (owner.loc[rows["user_id"]].to_numpy() == rows["agent_id"]).all()


def test_nothing_else_tells_the_sponsor_of_the_broken_chains_member(tenth: World, whole: World) -> None:
    for made in (world.build(scale=0.01), tenth, whole):
        member = made.network.loc[made.network["id"] == 12, "member_id"].item()
        assert (made.network["member_id"] == member).sum() == 1


@pytest.mark.parametrize("scale", [0.01, 0.1, 1.0])
def test_references_resolve(scale: float) -> None:
    made = world.build(scale=scale)
    parents = {"agent": "agents", "team": "teams", "user": "users", "director": "directors"}
    parents |= {"leader": "leaders", "mentor": "mentors", "member": "agents", "sponsor": "agents"}
    checked = 0
    for frame in vars(made).values():
        for column in (one for one in frame.columns if one.endswith("_id")):
            parent = parents.get(column.removesuffix("_id").split("_")[-1].replace("owner", "agent"))
            if column not in ("brokerage_id", "office_id") and parent:
                assert frame[column].between(0, len(getattr(made, parent))).all(), column
                checked += 1
    assert checked > 25


def test_people_and_teams_agree(whole: World) -> None:
    logins = whole.users[whole.users["agent_id"] > 0].set_index("agent_id")
    agents = whole.agents.set_index("id").loc[logins.index]
    assert (agents["team_id"] == logins["team_id"]).all()
    assert (agents["user_id"] == logins["id"]).all()
    assert not whole.roster["agent_id"].duplicated().any()
    assert not set(whole.listed_only["agent_id"]) & set(whole.roster["agent_id"])
    assert (whole.roster["role"] == "owner").sum() == len(whole.teams)
    assert not whole.users["email"].duplicated().any()
    assert not whole.agents["uuid"].duplicated().any()


def test_same_seed_same_world_another_seed_another() -> None:
    first, again, other = (vars(world.build(seed, 0.01)) for seed in (SEED, SEED, SEED + 1))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, again[name])
    assert not first["agents"]["sponsor_id"].equals(other["agents"]["sponsor_id"])


def test_documents_have_the_same_bytes_on_every_machine() -> None:
    digest = hashlib.sha256(orjson.dumps(rendered(world.build(scale=0.01)), option=orjson.OPT_NON_STR_KEYS))
    assert digest.hexdigest() == PINNED


def test_nothing_happens_after_the_last_day(whole: World) -> None:
    assert date(2026, 11, 1) == world.WORLD_DAY
    for frame in vars(whole).values():
        for column in frame.select_dtypes("datetime"):
            assert not (frame[column] > pd.Timestamp(world.WORLD_DAY)).any(), column


@pytest.mark.parametrize("scale", [0.01, 0.1])
def test_smaller_worlds_are_sane(scale: float) -> None:
    made = world.build(scale=scale)
    for name, fewest in FEW.items():
        assert len(getattr(made, name)) >= fewest
    assert (made.users["agent_id"] > 0).sum() >= 8
    assert (made.users["team_id"] > 0).sum() >= 7
    assert len(made.network) > 500
    assert len(made.listed_only) >= 1
    assert made.users.loc[made.users["id"] == 7, ["agent_id", "team_id"]].to_numpy().tolist() == [[0, 0]]


def _expected_paths() -> Iterator[tuple[str, str]]:
    with Path(__file__).with_name("v1_paths.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["table"], row["path"]


def _keys(documents: dict[int, dict[str, Any]]) -> set[str]:
    found = {key for one in documents.values() for key in one}
    pages = [page for one in documents.values() for page in (one.get("preferences") or {}).values()]
    return found | {f"preferences.*.{key}" for page in pages for key in page}


def test_every_listed_path_occurs_and_no_other_but_the_planted(told: Documents) -> None:
    expected = set(_expected_paths())
    found = {(table, key) for table, documents in told.items() for key in _keys(documents)}
    assert expected - found == set()
    assert found - expected == {("agent", "temp_import_flag"), ("user", "legacy_score")}


def test_faults_change_exactly_what_the_file_says(told: Documents, tenth: World, monkeypatch: Any) -> None:
    faults = v1.planted_faults()
    monkeypatch.setattr(v1, "planted_faults", tuple)
    clean = rendered(tenth)
    changed = [
        (table, key, path)
        for table, documents in told.items()
        for key, one in documents.items()
        for path in one.keys() | clean[table][key].keys()
        if one.get(path) != clean[table][key].get(path)
    ]
    assert sorted(changed) == sorted((fault.table, fault.id, fault.path) for fault in faults)
    for fault in faults:
        assert told[fault.table][fault.id][fault.path] == fault.value


def test_faults_hit_documents_of_the_smallest_world() -> None:
    smallest = rendered(world.build(scale=0.01))
    assert len(v1.planted_faults()) == 12
    for fault in v1.planted_faults():
        assert smallest[fault.table][fault.id][fault.path] == fault.value


def test_shared_uuid_is_the_other_agents_and_nobody_is_named_by_it_alone(whole: World) -> None:
    told = rendered(whole)
    assert told["agent"][21]["agent_id_raw"] == told["agent"][20]["agent_id_raw"]
    shared = {whole.agents["uuid"][19], whole.agents["uuid"][20]}
    pairs = (("team_roster", "agent_id"), ("sponsor_tree", "agent_id"))
    for table, key in pairs:
        by_uuid = [one for one in told[table].values() if one[f"{key}_raw"] in shared]
        assert all(one[key] not in (0, "", None) for one in by_uuid)
    upline = [one for one in told["sponsor_tree"].values() if one["sponsor_id_raw"] in shared]
    assert upline
    assert all(one["sponsor_agent_id"] not in (0, "", None) for one in upline)


def _values(told: Documents, table: str, key: str) -> set[Any]:
    return {one[key] for one in told[table].values() if key in one and not isinstance(one[key], dict | list)}


def test_quirks_of_the_real_v1_occur(told: Documents) -> None:
    assert {"", None, 0} <= _values(told, "agent", "team_id")
    assert any(isinstance(one, str) and one.isdigit() for one in _values(told, "network", "downline_agent_id"))
    assert {True, False, "true", "false"} <= _values(told, "agent", "real_agent")
    assert {"team", "Team", "TEAM"} <= _values(told, "user", "account_type")
    assert _values(told, "network", "tier") == {f"{word}{n}" for word in ("", "Tier ") for n in range(1, 6)}
    assert {"", "2020-02-29"} <= _values(told, "agent", "anniversary_date")
    assert {0, None} <= _values(told, "agent", "nextAnniversaryDate")
    assert {12.5, 20} <= _values(told, "agent", "leaderSplit")
    assert any(name != name.strip() for name in _values(told, "agent", "first_name"))
    assert {type(one["director"]) for one in told["agent"].values() if "director" in one} >= {dict, bool}
    assert any("agent_id" in member for one in told["team"].values() for member in one.get("members") or [])
    assert any("createdAt" not in one for one in told["agent"].values())
    assert all(str(one["first_name"]).strip() for one in told["user"].values())
    addresses = [one["email"].strip().lower() for one in told["user"].values()]
    assert len(set(addresses)) == len(addresses)


def test_a_network_row_can_be_named_by_its_parts(told: Documents) -> None:
    unnamed = 0
    for one in told["network"].values():
        tier = re.sub(r"\D", "", one["tier"])
        parts = f"{one['agent_id_raw']}-{one['downline_agent_id_raw']}-{tier}"
        assert one["network_id_raw"] in ("", parts)
        unnamed += one["network_id_raw"] == ""
    assert unnamed


def test_a_team_and_a_sponsor_are_always_named_somewhere(told: Documents, tenth: World) -> None:
    assert all(one["team_id"] or one["team_id_raw"] for one in told["team"].values())
    for agent, sponsor in zip(tenth.agents["id"].tolist(), tenth.agents["sponsor_id"].tolist(), strict=True):
        one = told["agent"][agent]
        assert int(one["sponsorId"] or one.get("sponsor_id") or 0) == sponsor


def test_phones_and_addresses_belong_to_nobody(told: Documents) -> None:
    for one in told["agent"].values():
        assert re.fullmatch(r"(555-01\d\d)?", one["phone"])
        assert re.fullmatch(r"\s*[\w.@+-]+@example\.com\s*", one["email"] or "x@example.com", re.IGNORECASE)


def test_next_anniversary_is_the_first_after_the_last_day(told: Documents) -> None:
    for one in told["agent"].values():
        if one.get("nextAnniversaryDate"):
            coming = pd.Timestamp(one["nextAnniversaryDate"], unit="ms").date()
            anniversary = date.fromisoformat(one["anniversary_date"])
            assert world.WORLD_DAY < coming <= date(2027, 11, 1)
            day = 28 if (anniversary.month, anniversary.day) == (2, 29) else anniversary.day
            assert (coming.month, coming.day) == (anniversary.month, day)


def test_other_tables_and_their_list() -> None:
    assert {other.name for other in OTHER_TABLES} >= {None, "state_province"}
    assert len(names.STATES) == 64
    listed = [(workspace, xano_id) for xano_id, workspace, *_ in listed_tables()]
    assert len(set(listed)) == len(listed)
    assert {xano_id for workspace, xano_id in listed if workspace == 1} < {
        table.xano_id for table in (*v1.TABLES, *OTHER_TABLES)
    }
