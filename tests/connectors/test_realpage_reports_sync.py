"""True workbooks through the whole way: stand-in, job list, download, parser, Postgres."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import orjson
import pytest
from live import landed

from connectors.document_store import Record, Store
from connectors.realpage_reports import documents
from connectors.realpage_reports.definitions import REPORTS
from connectors.realpage_reports.source import SOURCE, configured
from connectors.realpage_reports.stand_in import RealPageReportsStandIn, configuration, fill
from connectors.sandbox import properties
from connectors.sandbox.world import SEED, World, build
from connectors.stand_in import serve
from connectors.sync import Outcome, land

KINDS = [report.name for report in REPORTS]


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=0.01)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[RealPageReportsStandIn, str]]:
    stand_in = RealPageReportsStandIn(Store(tmp_path / "reports.sqlite"))
    with serve(stand_in) as url:
        yield stand_in, url


def sync(url: str, folder: Path) -> Outcome:
    return land(SOURCE, url, folder, configured() or [])


def test_the_sandboxs_properties_land_whole_and_nobodys_name(
    world: World,
    server: tuple[RealPageReportsStandIn, str],
    empty_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in, url = server
    fill(stand_in.store, world)
    for name, value in configuration(world, url).items():
        monkeypatch.setenv(name, value)
    first = sync(empty_database, tmp_path)
    assert first.failures == []
    files = landed(empty_database, "realpage_reports", "files", "account, payload")
    made = properties.of(world)
    assert Counter(account for account, _ in files) == dict.fromkeys(map(str, made.realpage), 6)
    assert {kind: first.rows[kind] for kind in KINDS} == {
        kind: sum(row["rows"] for _, row in files if row["report"] == kind) for kind in KINDS
    }
    everything = orjson.dumps(
        [landed(empty_database, "realpage_reports", table, "key, request, payload") for table in (*KINDS, "files")]
    ).decode()
    words = re.findall(r"[^\W\d_]+", everything)
    pairs = set(pairwise(words))
    for frame in (made.members, made.prospects):
        people = {
            tuple(re.findall(r"[^\W\d_]+", f"{last} {first}")) for first, last in frame[["first", "last"]].to_numpy()
        }
        assert not {pair for pair in people if len(pair) == 2} & (pairs | {(b, a) for a, b in pairs})
        assert set(frame["email"]) != {""}
    assert "@" not in everything
    assert not re.search(r"\(\d{3}\) ?\d{3}-\d{4}|\b\d{3}[-.]\d{3}[-.]\d{4}\b", everything)
    assert not {street for street in made.prospects["street"] if street} & set(re.findall(r'"([^"]*)"', everything))
    stand_in.requests.clear()
    assert sync(empty_database, tmp_path).rows == {}
    assert not stand_in.requests


def test_a_property_whose_day_lags_is_read_as_of_the_day_before(
    server: tuple[RealPageReportsStandIn, str],
    world: World,
    empty_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand_in, url = server
    made = properties.build(SEED, 1.0, 0).properties
    lagging = made[made["lagging"] & made["on_realpage"]].iloc[0]
    site = str(lagging["site_id"])
    stand_in.store.put(Record(documents.SITE, "", site, {"name": lagging["name"]}))
    stand_in.store.note("property world", orjson.dumps([SEED, 1.0, 0]).decode())
    for name, value in configuration(world, url).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SOURCES__REALPAGE_REPORTS__ACCOUNTS", orjson.dumps([{"name": site}]).decode())
    assert sync(empty_database, tmp_path).failures == []
    files = landed(empty_database, "realpage_reports", "files", "payload ->> 'report', payload ->> 'report_date'")
    assert dict(files) == dict.fromkeys(KINDS, f"{lagging['property_date']:%Y-%m-%d}")
    assert stand_in.requests["POST /v1/reports/{report}/report-instances"] == 6 + 3 + 3  # an end date, or a month
