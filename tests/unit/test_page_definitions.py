"""The page builder's definitions in `seeds/page_builder`: they hang together and fit their grids."""

import csv
import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "seeds" / "page_builder"
COLUMNS = {"desktop": 12, "tablet": 8, "mobile": 4}
PERIODS = ["mtd", "qtd", "ytd", "last_month", "last_quarter", "last_year", "last_12_months", "all_time"]


def rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / f"definition_{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def ids(name: str) -> set[str]:
    return {row["id"] for row in rows(name)}


@pytest.mark.parametrize(
    ("child", "column", "parent"),
    [
        ("page_tabs", "page_id", "pages"),
        ("page_sections", "page_id", "pages"),
        ("page_sections", "tab_id", "page_tabs"),
        ("page_widgets", "section_id", "page_sections"),
        ("page_filters", "page_id", "pages"),
        ("page_filter_options", "filter_id", "page_filters"),
        ("widget_viewport_layouts", "widget_id", "page_widgets"),
    ],
)
def test_every_part_has_its_whole(child: str, column: str, parent: str) -> None:
    made = rows(child)
    assert [int(row["id"]) for row in made] == list(range(1, len(made) + 1))
    assert {row[column] for row in made} <= ids(parent)


def test_every_page_has_one_first_tab_and_something_on_it() -> None:
    first = [row["page_id"] for row in rows("page_tabs") if row["is_default"] == "true"]
    assert sorted(first) == sorted(ids("pages"))
    assert {row["tab_id"] for row in rows("page_sections")} == ids("page_tabs")
    assert {row["section_id"] for row in rows("page_widgets")} == ids("page_sections")
    assert len({row["slug"] for row in rows("pages")}) == len(rows("pages"))


def test_a_section_is_on_the_page_of_its_tab() -> None:
    page_of = {row["id"]: row["page_id"] for row in rows("page_tabs")}
    assert all(page_of[row["tab_id"]] == row["page_id"] for row in rows("page_sections"))


def test_widgets_show_a_metric_of_a_mart() -> None:
    for row in rows("page_widgets"):
        mart, _, metric = row["chart_key"].partition(".")
        assert mart in ("agg_agent_monthly", "agg_leaderboard", "agg_transactions_weekly", "agg_fub_activity")
        assert metric
        assert "title" in json.loads(row["config_overrides"])


@pytest.mark.parametrize("viewport", COLUMNS)
def test_widgets_fit_each_grid_and_do_not_overlap(viewport: str) -> None:
    section_of = {row["id"]: row["section_id"] for row in rows("page_widgets")}
    taken: set[tuple[str, int, int]] = set()
    there = [row for row in rows("widget_viewport_layouts") if row["viewport"] == viewport]
    assert [row["widget_id"] for row in there] == list(section_of)
    for row in there:
        place = json.loads(row["grid_position"])
        assert place["x"] + place["w"] <= COLUMNS[viewport]
        for x in range(place["x"], place["x"] + place["w"]):
            for y in range(place["y"], place["y"] + place["h"]):
                cell = (section_of[row["widget_id"]], x, y)
                assert cell not in taken
                taken.add(cell)


def test_a_filters_default_is_one_of_its_options() -> None:
    options: dict[str, list[dict[str, str]]] = {}
    for row in rows("page_filter_options"):
        options.setdefault(row["filter_id"], []).append(row)
    for row in rows("page_filters"):
        chosen = [option["value"] for option in options.get(row["id"], []) if option["is_default"] == "true"]
        assert chosen == ([json.loads(row["default_value"])] if row["default_value"] else [])


def test_the_leaderboard_asks_what_its_mart_knows() -> None:
    (page,) = [row["id"] for row in rows("pages") if row["slug"] == "leaderboard"]
    filters = {row["filter_key"]: row["id"] for row in rows("page_filters") if row["page_id"] == page}
    values = {
        key: [row["value"] for row in rows("page_filter_options") if row["filter_id"] == number]
        for key, number in filters.items()
    }
    assert values == {
        "time_period": PERIODS,
        "status": ["closed", "pending", "listed"],
        "metric": ["units", "volume", "gci"],
        "team_id": [],
    }
