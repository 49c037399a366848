"""The sandbox's customer app: what is planted in it, and days that pass the same however one comes to them."""

from __future__ import annotations

from dataclasses import fields

import pandas as pd
import pytest
from app_database import SCALE, AppDatabase, app, app_url

from connectors.customer_app import stand_in
from connectors.sandbox import app as apps
from connectors.sandbox import app_words as words
from connectors.sandbox.app import AppWorld
from connectors.sandbox.world import SEED

__all__ = ["app", "app_url"]  # fixtures

FRAMES = [one.name for one in fields(AppWorld) if one.name not in {"day", "today"}]


@pytest.fixture(scope="module")
def world() -> AppWorld:
    return apps.build(SEED)


def test_sizes(world: AppWorld) -> None:
    assert len(world.users) == 4_000
    assert len(world.answers) == pytest.approx(3_600, rel=0.03)
    assert len(world.events) == pytest.approx(60_000, rel=0.05)
    assert len(world.lines) == pytest.approx(120_000, rel=0.05)


def test_what_is_planted(world: AppWorld) -> None:
    users, answers, events, lines = (getattr(world, name) for name in FRAMES)
    created = users.set_index("id")["created"]
    finished = answers["completed"].notna()
    planted = {
        "second answers": answers["user_id"].duplicated().sum(),
        "finished before begun": (answers["completed"] < answers["created"]).sum(),
        "finished whatever the step": (finished & (answers["step"] < 6)).sum(),
        "a step no screen has": (~answers["step"].between(-1, 7)).sum(),
        "no step": (answers["step"] == -1).sum(),
        "before the sign-up": (events["moment"] < events["user_id"].map(created)).sum(),
        "nobody knows": (events["event_type"] == words.UNKNOWN_EVENT).sum(),
        "demo": lines["account"].isin(words.DEMO_ACCOUNTS).sum(),
        "untracked": lines["upload"].isna().sum(),
        "only a fact": (lines["id"] == 0).sum(),
        "erased": users["erased"].notna().sum(),
        "no token": (~users["has_token"]).sum(),
        "blocked": (users["active"] == "no").sum(),
        "admin": events["is_admin"].sum(),
        "not ASCII": (~users["first_name"].map(str.isascii)).sum(),
        "spelled otherwise": lines["account"].isin(["td chequing "]).sum(),
    }
    assert [what for what, count in planted.items() if count == 0] == []
    assert users.loc[users["email"] == words.ADMIN, "id"].tolist() == [1]
    assert {"login", "dashboard_access", "feedback", "consent", "statement_linked"} <= set(events["event_type"])


def test_it_hangs_together(world: AppWorld) -> None:
    users, answers, events, lines = (getattr(world, name) for name in FRAMES)
    with_token = set(users["id"][users["has_token"]])
    assert set(lines["user_id"]) <= with_token
    for frame in (answers, events):
        assert set(frame["user_id"]) <= set(users["id"])
        assert frame["id"].is_unique
    assert lines["fact_id"].is_unique
    assert lines["id"][lines["id"] > 0].is_unique
    assert users["email"].is_unique
    assert (users["email"] == users["email"].str.lower()).all()
    end = pd.Timestamp(world.today) + pd.Timedelta(days=1)
    assert max(events["moment"].max(), lines["created"].max(), answers["created"].max()) < end
    is_income = lines["cashflow"] == "income"
    assert (lines["amount_cents"][is_income] > 0).all()
    assert (lines["amount_cents"][~is_income] < 0).all()
    assert not events.duplicated(["user_id", "metadata"])[events["event_type"] == "consent"].any()


def test_days(world: AppWorld) -> None:
    before = apps.build(SEED, SCALE)
    for day in (1, 2, 3):
        after = apps.build(SEED, SCALE, day)
        again = apps.build(SEED, SCALE, day)
        for name in FRAMES:
            pd.testing.assert_frame_equal(getattr(after, name), getattr(again, name))
        assert (after.today - world.today).days == day
        assert set(after.users["id"]) - set(before.users["id"])
        assert set(before.users["id"]) - set(after.users["id"])
        assert after.users["erased"].notna().sum() > before.users["erased"].notna().sum()
        for name, key in (("events", "id"), ("lines", "fact_id"), ("answers", "id")):
            new = set(getattr(after, name)[key]) - set(getattr(before, name)[key])
            assert min(new) > getattr(before, name)[key].max()
        kept = after.lines[after.lines["fact_id"].isin(before.lines["fact_id"])].reset_index(drop=True)
        assert (kept["category"] != before.lines["category"].reset_index(drop=True)).any()
        before = after


def test_a_database_comes_to_a_day_by_any_way(app: AppDatabase) -> None:
    for day in (1, 2):
        stand_in.fill(app.url, scale=SCALE, day=day)
    by_days = {table: app.rows(f"select * from {table} order by 1") for table in stand_in.TABLES}
    assert stand_in.filled_with(app.url) == stand_in.Filled(SEED, SCALE, stand_in.edition(), 2)
    assert set(stand_in.fill(app.url, scale=SCALE, day=2).values()) == {0}
    app.do("drop table users cascade; delete from user_events")
    stand_in.fill(app.url, scale=SCALE, day=2)
    assert {table: app.rows(f"select * from {table} order by 1") for table in stand_in.TABLES} == by_days
    # Back to the day before is a way as well.
    stand_in.fill(app.url, scale=SCALE, day=0)
    assert len(app.rows("select 1 from users")) == len(apps.build(SEED, SCALE).users)


def test_every_line_of_the_older_table_has_one_fact(app: AppDatabase) -> None:
    (unmatched,) = app.rows(
        "select count(*) from transactions t full join l1_transaction_facts f on f.legacy_transaction_id = t.id"
        " where t.id is not null and (f.amount, f.created_at) is distinct from (t.amount, t.created_at)"
    )[0]
    assert unmatched == 0
