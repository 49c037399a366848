"""Days that pass: in the made-up world, and in V1's database."""

import dataclasses
from collections.abc import Callable, Iterator
from itertools import pairwise

import pandas as pd
import psycopg
import pytest

from connectors.sandbox import passing, world
from connectors.sandbox.business import Business
from connectors.sandbox.crm import Crm
from connectors.sandbox.frames import LIVE_ONLY, at, present
from connectors.sandbox.world import SEED, World
from connectors.v1 import stand_in
from connectors.v1.documents import TABLES, documents, planted_faults
from connectors.v1.other_tables import OTHER_TABLES

SCALE, DAYS = 0.01, 5
DAY = pd.Timedelta(days=1)


@pytest.fixture(scope="module")
def days() -> list[World]:
    made = [world.build(scale=SCALE)]
    for _ in range(DAYS):
        made.append(passing.next_day(made[-1], SEED))
    return made


Of = Callable[[World], object]


def frames(of: Of, made: World) -> Iterator[tuple[str, pd.DataFrame]]:
    """The frames with ids of V1 (`of` the world) or of the live sources that a day can change."""
    told = of(made)
    for name in ("agents", "network"):
        yield name, getattr(told, name)
    for part, kind in (("business", Business), ("crm", Crm)):
        for one in dataclasses.fields(kind):
            frame = getattr(getattr(told, part), one.name)
            if "id" in frame:
                yield f"{part}.{one.name}", frame


def live(made: World) -> object:
    return made.live


def v1(made: World) -> object:
    return made


def came_changed_went(before: pd.DataFrame, after: pd.DataFrame, moment: str) -> tuple[int, int, int]:
    there = after[after["id"].isin(before["id"])]
    then = at(before, there["id"])[moment].to_numpy()
    same = pd.isna(then) & pd.isna(there[moment].to_numpy()) | (then == there[moment].to_numpy())
    return (~after["id"].isin(before["id"])).sum(), (~same).sum(), (~before["id"].isin(after["id"])).sum()


def test_today_moves_on(days: list[World]) -> None:
    assert [(one.today - world.WORLD_DAY).days for one in days] == [one.day for one in days] == list(range(DAYS + 1))


def test_a_day_is_the_same_however_one_comes_to_it(days: list[World]) -> None:
    again = world.build(scale=SCALE, day=2)
    for of in (live, v1):
        for (name, one), (_, other) in zip(frames(of, again), frames(of, days[2]), strict=True):
            pd.testing.assert_frame_equal(one, other, obj=name)


LIVE_EVENTS = {
    # frame: at least so many new, changed and gone on every day
    "agents": (1, 1, 0),
    "network": (0, 1, 0),
    "business.deals": (2, 3, 0),
    "business.listings": (2, 2, 1),
    "business.participants": (1, 1, 0),
    "business.contributions": (1, 0, 0),
    "crm.people": (1, 3, 1),
    "crm.calls": (2, 1, 0),
    "crm.events": (2, 0, 0),
    "crm.appointments": (2, 1, 0),
    "crm.text_messages": (1, 0, 0),
    "crm.deals": (1, 0, 0),
}


def test_every_day_brings_something_of_each_kind_to_the_live_sources(days: list[World]) -> None:
    for before, after in pairwise(days):
        then, now = dict(frames(live, before)), dict(frames(live, after))
        for name, least in LIVE_EVENTS.items():
            seen = came_changed_went(then[name], now[name], "updated")
            assert all(a >= b for a, b in zip(seen, least, strict=True)), (after.day, name, seen)
    pending = [frame["deal_id"] for one in days for name, frame in frames(live, one) if "pending" in name]
    assert any(len(set(a) - set(b)) for a, b in pairwise(pending)), "some are paid"
    assert any(len(set(b) - set(a)) for a, b in pairwise(pending)), "some are new"


def test_what_changes_on_a_day_says_so(days: list[World]) -> None:
    for before, after in pairwise(days):
        today = pd.Timestamp(after.today)
        for (name, then), (_, now) in zip(frames(live, before), frames(live, after), strict=True):
            columns = [column for column in then.columns if column != "ahead"]
            there = now[now["id"].isin(then["id"])].reset_index(drop=True)
            was = at(then, there["id"]).reset_index(drop=True)
            equal = (there[columns].astype(object).fillna(0) == was[columns].astype(object).fillna(0)).all(axis=1)
            moments = pd.concat([there.loc[~equal, "updated"], now.loc[~now["id"].isin(then["id"]), "updated"]])
            assert moments.between(today, today + DAY, inclusive="left").all(), (after.day, name)
            assert now["id"].is_unique, name
            assert now["updated"].notna().all(), name
            assert (now["updated"] < today + DAY).all(), name


def test_v1_hears_of_a_part_and_the_live_sources_know_all(days: list[World]) -> None:
    last = days[-1]
    for (name, told), (_, known) in zip(frames(v1, last), frames(live, last), strict=True):
        if name == "crm.text_messages":
            assert told.empty
            continue
        assert (told["id"].to_numpy() == range(1, len(told) + 1)).all(), name
        agreed = known[~known["ahead"]]
        assert (agreed["id"] < LIVE_ONLY).all(), name
        theirs = at(present(told), agreed["id"])
        for column in (one for one in told.columns if one not in ("born", "changed", "gone")):
            ours, v1s = (one[column].reset_index(drop=True) for one in (agreed, theirs))
            pd.testing.assert_series_equal(ours, v1s, check_dtype=False, obj=f"{name}.{column}")
        if "changed" in told:
            late = known[known["ahead"] & (known["id"] < LIVE_ONLY)]
            heard = at(told, late["id"])["changed"].to_numpy()
            assert not (heard >= late["updated"].to_numpy()).any(), (name, "what V1 missed is newer than what it heard")


def test_the_business_still_adds_up(days: list[World]) -> None:
    for of in (live, v1):
        business = of(days[-1]).business
        deals = business.deals
        money = deals["referral_cents"] + deals["cap_cents"] + deals["team_cents"] + deals["agents_cents"]
        closed = deals["closed_day"].notna()
        assert (money == deals["gross_cents"])[closed].all()
        assert (deals["created"] <= deals["contract"]).mask(deals["contract"].isna(), True).all()
        assert not (deals["closed"] < deals["contract"]).any()
        assert not (deals["given_up"] < deals["contract"]).any()
        for name in ("participants", "payouts", "contributions", "pending_contributions"):
            ids = getattr(business, name)["deal_id"]
            assert set(ids[ids > 0]) <= set(deals["id"]), name
        listed = deals["listing_id"]
        assert set(listed[listed > 0]) <= set(present(business.listings)["id"])
        assert set(business.credits["deal_id"]) <= set(deals["id"])
        assert business.participants["id"].is_unique
        assert deals["uuid"].is_unique
    for part in (days[-1].live.crm, days[-1].crm):
        people = set(present(part.people)["id"]) | {0}
        for name in ("calls", "events", "appointments", "deals", "text_messages"):
            assert set(getattr(part, name)["person_id"]) <= people, name
            assert not getattr(part, name).duplicated(["account_id", "number"]).any(), name


def test_few_documents_change_in_a_day(days: list[World]) -> None:
    def rendered(made: World) -> dict[str, dict[int, object]]:
        return {one.name: {key: doc for chunk in documents(made, one, SEED) for key, doc in chunk} for one in TABLES}

    before, after = rendered(days[0]), rendered(days[1])
    rows = sum(len(table) for table in before.values())
    touched = {
        name: sum(table.get(key) != before[name].get(key) for key in table.keys() | before[name].keys())
        for name, table in after.items()
    }
    assert 20 < sum(touched.values()) < 0.03 * rows
    for name in ("transaction", "listing", "participant", "agent", "network", "contributions", "contributions_pending"):
        assert touched[name], name
    assert before["listing"].keys() - after["listing"].keys()
    assert before["fub_people"].keys() - after["fub_people"].keys()


def test_days_leave_the_planted_faults_alone(days: list[World]) -> None:
    shown = {one.name: one for one in TABLES}
    known = dict(frames(live, days[-1]))
    for fault in planted_faults():
        held = {key: one for chunk in documents(days[-1], shown[fault.table], SEED) for key, one in chunk}
        assert held[fault.id][fault.path] == fault.value, fault
        if shown[fault.table].frame in known:
            assert not at(known[shown[fault.table].frame], [fault.id])["ahead"].item(), fault


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    found = {}
    with psycopg.connect(url) as connection:
        for table in (*TABLES, *OTHER_TABLES):
            relation = f"public.mvpw1_{table.xano_id}"
            found[relation] = connection.execute(f"select t::text from {relation} as t order by 1").fetchall()
    return found


def written_by_last(url: str) -> dict[str, int]:
    """How many rows each table has that the newest transaction wrote."""
    with psycopg.connect(url) as connection:
        newest = "select max(xmin::text::bigint) from public.mvpw1_34"
        (last,) = connection.execute(newest).fetchone() or (0,)
        return {
            table.name: connection.execute(
                f"select count(*) from public.mvpw1_{table.xano_id} where xmin::text::bigint = %s", [last]
            ).fetchone()[0]
            for table in TABLES
        }


def test_advancing_v1_writes_only_what_differs_and_ends_where_a_fill_does(empty_database: str) -> None:
    stand_in.fill(empty_database, scale=SCALE)
    assert stand_in.filled_with(empty_database) == (SEED, SCALE, stand_in.edition(), 0)
    for day in (1, 2, 3):
        written = stand_in.advance(empty_database)
        assert stand_in.filled_with(empty_database).day == day
        for name, rows in written_by_last(empty_database).items():
            new, changed, _ = written.get(name, (0, 0, 0))
            assert rows == new + changed, name
    advanced = everything(empty_database)
    stand_in.fill(empty_database, scale=SCALE, day=3)
    filled = everything(empty_database)
    for relation, rows in filled.items():
        assert advanced[relation] == rows, relation


def test_a_database_of_other_code_is_not_advanced(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(stand_in.NotFilledError, match="never filled"):
        stand_in.advance(empty_database)
    stand_in.fill(empty_database, scale=SCALE)
    monkeypatch.setattr(stand_in, "edition", lambda: "another")
    with pytest.raises(stand_in.NotFilledError, match="another version"):
        stand_in.advance(empty_database)
