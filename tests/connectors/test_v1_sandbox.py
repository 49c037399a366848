"""The made-up world and the V1 documents that tell it; no database needed."""

import csv
import dataclasses
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

PINNED = "901575ee3e1257ec6b539613cc57565e21f79df44544908b05fdcbbdf81222de"
FEW = {"users": 12, "agents": 370, "teams": 3, "directors": 1, "leaders": 2, "mentors": 1}


@pytest.fixture(scope="module")
def whole() -> World:
    return world.build()


@pytest.fixture(scope="module")
def tenth() -> World:
    return world.build(scale=0.1)


def rendered(made: World) -> Documents:
    return {table.name: dict(documents(made, table.name)) for table in v1.TABLES}


def documents(made: World, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """One table's documents, without keeping them."""
    (table,) = (table for table in v1.TABLES if table.name == name)
    for chunk in v1.documents(made, table, SEED):
        yield from chunk


def frames(made: World) -> dict[str, pd.DataFrame]:
    """Every frame V1 tells of by name; those of a part by the part's name, a dot and theirs."""
    told = {name: part for name, part in vars(made).items() if name not in ("seed", "scale", "live", "day", "today")}
    parts = {name: part for name, part in told.items() if dataclasses.is_dataclass(part)}
    own = {name: frame for name, frame in told.items() if name not in parts}
    return own | {f"{name}.{key}": frame for name, part in parts.items() for key, frame in vars(part).items()}


@pytest.fixture(scope="module")
def told(tenth: World) -> Documents:
    return rendered(tenth)


def test_headline_counts_at_full_size(whole: World) -> None:
    counts = {name: len(frame) for name, frame in frames(whole).items() if "." not in name}
    assert {name: rows for name, rows in counts.items() if name not in ("sponsor_tree", "listed_only")} == {
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
    for name, frame in frames(made).items():
        if name.startswith(("crm.", "lookups.", "systems.")):
            continue  # their own tests know what their references point at
        for column in (one for one in frame.columns if one.endswith("_id")):
            parent = parents.get(column.removesuffix("_id").split("_")[-1].replace("owner", "agent"))
            if column not in ("brokerage_id", "office_id") and parent:
                assert frame[column].between(0, len(getattr(made, parent))).all(), (name, column)
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
    first, again, other = (frames(world.build(seed, 0.01)) for seed in (SEED, SEED, SEED + 1))
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, again[name])
    assert not first["agents"]["sponsor_id"].equals(other["agents"]["sponsor_id"])


def test_documents_have_the_same_bytes_on_every_machine() -> None:
    digest = hashlib.sha256(orjson.dumps(rendered(world.build(scale=0.01)), option=orjson.OPT_NON_STR_KEYS))
    assert digest.hexdigest() == PINNED


AHEAD = {
    "business.deals": {"closing_day"},
    "business.listings": {"expires"},
    "business.pending_contributions": {"closing_day"},
    "business.equity": {"vests", "expires"},
    "crm.appointments": {"start", "end"},
    "crm.deals": {"projected_close"},
    "lookups.calendar": {"day"},
    "systems.subscriptions": {"period_end"},
}
"""What may lie after the last day: days agreed on, not things that happened."""


def test_nothing_happens_after_the_last_day(whole: World) -> None:
    assert date(2026, 11, 1) == world.WORLD_DAY
    tomorrow = pd.Timestamp(world.WORLD_DAY) + pd.Timedelta(days=1)
    for name, frame in frames(whole).items():
        for column in frame.select_dtypes("datetime"):
            assert column in AHEAD.get(name, ()) or not (frame[column] >= tomorrow).any(), (name, column)


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


def _unknown_keys() -> Iterator[tuple[str, str]]:
    with Path(v1.__file__).with_name("planted_faults.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["expected_in"] == "unmapped_fields":
                yield row["v1_table"], row["path"]


def _keys(documents: dict[int, dict[str, Any]], within: set[str]) -> set[str]:
    """The keys of the documents, and of what lies within some of them: `a.b` in an object, `a.*.b` in elements."""
    found = {key for one in documents.values() for key in one}
    for path in within:
        parent, every = path.removesuffix(".*"), path.endswith(".*")
        values = [one[parent] for one in documents.values() if one.get(parent)]
        if every:
            elements = [value.values() if isinstance(value, dict) else value for value in values]
            values = [element for some in elements for element in some]
        found |= {f"{path}.{key}" for value in values if isinstance(value, dict) for key in value}
    return found


def test_every_listed_path_occurs_and_no_other_but_the_planted(told: Documents) -> None:
    expected = set(_expected_paths())
    within = {table: {path.rpartition(".")[0] for name, path in expected if name == table} - {""} for table in told}
    found = {(table, key) for table, documents in told.items() for key in _keys(documents, within[table])}
    assert expected - found == set()
    assert found - expected == set(_unknown_keys())


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
    assert len(v1.planted_faults()) >= 12
    for fault in v1.planted_faults():
        assert smallest[fault.table][fault.id][fault.path] == fault.value


def test_shared_uuid_is_the_other_agents_and_nobody_is_named_by_it_alone(whole: World) -> None:
    twins = {key: one["agent_id_raw"] for key, one in documents(whole, "agent") if key in (20, 21)}
    assert twins[20] == twins[21]
    shared = {whole.agents["uuid"][19], whole.agents["uuid"][20]}
    pairs = (("team_roster", "agent_id"), ("sponsor_tree", "agent_id"), ("participant", "agent_id"))
    for table, key in pairs:
        by_uuid = [one for _, one in documents(whole, table) if one[f"{key}_raw"] in shared]
        assert all(one[key] not in (0, "", None) for one in by_uuid)
    upline = [one for _, one in documents(whole, "sponsor_tree") if one["sponsor_id_raw"] in shared]
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
