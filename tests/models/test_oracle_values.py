"""The second opinion's conversions on awkward values, and its chains of sponsors.

Belongs here: that the judge judges rightly, on documents made up here. Does not belong here: V2
(`test_oracle.py`).
"""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from oracle import Document, Landed, agent, climb, network, team, values

BIGINT = 2**63


def _case(name: str, raw: Any, expected: Any) -> Any:
    return pytest.param(name, raw, expected, id=f"{name} of {raw!r:.30}")


@pytest.mark.parametrize(
    ("name", "raw", "expected"),
    [
        _case("text", " \t\r\n", None),
        _case("text", "\u00a0x ", "\u00a0x"),
        _case("text", Decimal("0.0000001"), "0.0000001"),
        _case("text", False, "false"),
        _case("text", {"en": "Broker"}, None),
        _case("initcap", "in_PROGRESS o'neil 2ND", "In_Progress O'Neil 2nd"),
        _case("bigint", " +007\n", 7),
        _case("bigint", "1_000", None),
        _case("bigint", "\u0663", None),
        _case("bigint", Decimal("12.0"), None),
        _case("bigint", True, None),
        _case("bigint", BIGINT - 1, BIGINT - 1),
        _case("bigint", BIGINT, None),
        _case("bigint", -BIGINT, -BIGINT),
        _case("integer", 2**31, None),
        _case("nonzero", "-0", None),
        _case("digits", "Tier 12 of 5", 12),
        _case("digits", 3, 3),
        _case("digits", "none", None),
        _case("money", "1,200.50", None),
        _case("money", " -1.005e0 ", Decimal("-1.01")),
        _case("money", Decimal("2.675"), Decimal("2.68")),
        _case("money", "999999999999.995", None),
        _case("money", Decimal("999999999999.994"), Decimal("999999999999.99")),
        _case("money", "1e400", None),
        _case("money", "1e-400", Decimal(0)),
        _case("money", "NaN", None),
        _case("money", True, None),
        _case("percent", "12.5", Decimal("0.125")),
        _case("percent", Decimal("0.00005"), Decimal("0.000001")),
        _case("percent", 100_000, None),
        _case("percent", "30%", None),
        _case("boolean", " TRUE ", True),
        _case("boolean", 1, None),
        _case("boolean", "yes", None),
        _case("object_or_bool", {"id": 0}, True),
        _case("object_or_bool", {}, False),
        _case("object_or_bool", "true", True),
        _case("object_or_bool", [1], False),
        _case("object_or_bool", 1, False),
        _case("day", " 2024-02-29 ", date(2024, 2, 29)),
        _case("day", "2023-02-29", None),
        _case("day", "20240229", None),
        _case("day", "today", None),
        _case("day", 20240229, None),
        _case("moment", "1700000000001", datetime(2023, 11, 14, 22, 13, 20, 1000, tzinfo=UTC)),
        _case("moment", 0, None),
        _case("moment", Decimal("1.5"), None),
        _case("jsonb", {}, None),
        _case("jsonb", "", None),
        _case("jsonb", False, False),
        _case("jsonb", 0, 0),
    ],
)
def test_awkward_value(name: str, raw: Any, expected: Any) -> None:
    found = getattr(values, name)(raw)
    assert (type(found), found) == (type(expected), expected)


def test_surrogates_are_stable_and_in_their_range() -> None:
    assert values.surrogate(7, None, 1) == 2**52 + 0xB59AF34038793
    assert 2**52 <= values.surrogate(1, "network") < 2**53


@pytest.mark.parametrize(
    ("sponsor_of", "expected"),
    [
        ({}, ([], False)),
        ({1: 2, 2: 3}, ([2, 3], False)),
        ({1: 1}, ([], True)),
        ({1: 2, 2: 3, 3: 2}, ([2, 3], True)),
    ],
)
def test_climbing_ends_at_the_root_or_in_a_circle(sponsor_of: dict[int, int], expected: tuple[list[int], bool]) -> None:
    assert climb(1, sponsor_of) == expected


def _landed(as_of: date = date(2026, 2, 28), **tables: dict[int, dict[str, Any]]) -> Landed:
    documents = {name: [Document(str(key), one) for key, one in rows.items()] for name, rows in tables.items()}
    return Landed(lambda table: documents.get(table, []), as_of)


@pytest.mark.parametrize(
    ("as_of", "document", "expected"),
    [
        (date(2026, 2, 27), {}, (date(2025, 2, 28), date(2026, 2, 27))),
        (date(2026, 2, 28), {}, (date(2026, 2, 28), date(2027, 2, 27))),
        (date(2024, 3, 1), {}, (date(2024, 2, 29), date(2025, 2, 27))),
        # 03:00 UTC is still the day before in Chicago.
        (
            date(2026, 3, 1),
            {"nextAnniversaryDate": 1_803_870_000_000},
            (date(2026, 2, 28), date(2027, 2, 27)),
        ),
        (date(2026, 3, 1), {"anniversary_date": ""}, (None, None)),
    ],
)
def test_cap_year_of_somebody_who_began_on_a_leap_day(as_of: date, document: dict, expected: tuple) -> None:
    landed = _landed(as_of, agent={5: {"anniversary_date": "2020-02-29", **document}})
    (row,) = agent.TABLES["agent_cap_data"](landed).to_dict("records")
    assert (row["cap_year_start"], row["cap_year_end"]) == expected


def test_sponsor_tree_wins_over_the_agent_document() -> None:
    landed = _landed(
        agent={
            1: {"agent_id_raw": "u"},
            2: {"agent_id_raw": " u "},
            3: {"sponsorId": 0, "sponsor_id": "2"},
            4: {},
        },
        sponsor_tree={
            1: {"agent_id": 4, "sponsor_agent_id": 3, "created_at": 5},
            2: {"agent_id": 4, "sponsor_agent_id": 2, "level": 1, "created_at": 4},
            3: {"agent_id": 4, "sponsor_id_raw": "u", "level": 2},
            4: {"agent_id": 4, "sponsor_agent_id": 77, "level": 3},
            5: {"agent_id": 77, "sponsor_agent_id": 1},
        },
    )
    found = agent.TABLES["agent_hierarchy"](landed)
    rows = found[["agent_id", "sponsor_agent_id", "level", "path_json"]].to_numpy().tolist()
    assert rows == [[1, None, 1, []], [2, None, 1, []], [3, 2, 1, [2]], [4, 3, 1, [3, 2]], [4, 1, 2, [3, 2]]]


def test_members_that_only_their_team_names_are_added_once() -> None:
    named = [{"agent_id": 1}, {"agent_id_raw": "u", "role": " Admin"}, {"agent_id": "2"}, "3", {}]
    landed = _landed(
        user={8: {}, 9: {}},
        agent={1: {"user_id": 8}, 2: {"agent_id_raw": "u", "user_id": 9}},
        team={6: {"owner_agent_id": 1, "members": named}},
        team_roster={5: {"team_id": "6", "agent_id": 1, "is_leader": True}},
    )
    found = team.TABLES["team_members"](landed)
    rows = found[["id", "agent_id", "user_id", "member_role", "active", "is_leader"]].to_numpy().tolist()
    assert rows == [[5, 1, 8, "owner", True, True], [values.surrogate(6, 2), 2, 9, "admin", True, False]]


def test_network_closure_says_where_chains_are_broken() -> None:
    landed = _landed(
        agent={number: {} for number in (1, 2, 3, 4, 5)},
        network={
            10: {"agent_id": 1, "sponsoring_agent_id": 1, "downline_agent_id": 2},
            11: {"agent_id": 1, "sponsoring_agent_id": 2, "downline_agent_id": 3, "last_updatedAt": 1},
            12: {"agent_id": 1, "sponsoring_agent_id": 0, "downline_agent_id": 4, "tier": "Tier 2"},
            13: {"agent_id": 4, "sponsoring_agent_id": 4, "downline_agent_id": 5},
            14: {"agent_id": 5, "sponsoring_agent_id": 5, "downline_agent_id": 4},
            15: {"agent_id": 3, "sponsoring_agent_id": 1, "downline_agent_id": 3},
        },
    )
    found = network.TABLES["network_hierarchy"](landed)
    pairs = zip(found["ancestor_agent_id"], found["descendant_agent_id"], strict=True)
    rest = found[["depth", "path_json", "is_broken"]].to_numpy().tolist()
    assert dict(zip(pairs, rest, strict=True)) == {
        (1, 2): [1, [1, 2], False],
        (2, 3): [1, [2, 3], False],
        (1, 3): [2, [1, 2, 3], False],
        (4, 5): [1, [4, 5], True],
        (5, 4): [1, [5, 4], True],
        (1, 4): [2, None, True],
    }


def test_each_member_has_one_preference_a_user() -> None:
    landed = _landed(
        user={8: {}},
        network={
            1: {"user_id": 8, "downline_agent_id": 99, "notes": "old", "last_updatedAt": 1},
            2: {"user_id": 8, "downline_agent_id": 99, "notes": "new", "last_updatedAt": 2},
            3: {"user_id": 8, "downline_agent_id": 99, "notes": "undated"},
            4: {"user_id": 8, "notes": "nobody"},
            5: {"user_id": 7, "notes": "lost user"},
        },
    )
    found = network.TABLES["network_user_prefs"](landed)
    assert dict(zip(found["network_member_id"], found["notes"], strict=True)) == {2: "new", 4: "nobody"}


def test_frames_keep_every_cell_as_it_is() -> None:
    frame = values.frame([{"n": 1, "b": True, "j": json.loads("[1]")}, {"n": None, "b": None, "j": None}], "nbj")
    assert [[type(cell) for cell in frame[name]] for name in "nbj"] == [
        [int, type(None)],
        [bool, type(None)],
        [list, type(None)],
    ]
