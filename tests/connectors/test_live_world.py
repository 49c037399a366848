"""What the live sources know beside V1: the same truth, a little further on."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from connectors.sandbox import world
from connectors.sandbox.business import Business
from connectors.sandbox.crm import Crm
from connectors.sandbox.frames import LIVE_ONLY, at
from connectors.sandbox.world import SEED, World

TODAY = pd.Timestamp(world.WORLD_DAY)


@pytest.fixture(scope="module", params=[0.01, 0.1])
def made(request: pytest.FixtureRequest) -> World:
    return world.build(scale=request.param)


def pairs(made: World) -> dict[str, tuple[pd.DataFrame, pd.DataFrame]]:
    """The frames with ids as V1 and as the live sources have them."""
    found = {name: (getattr(made, name), getattr(made.live, name)) for name in ("agents", "network")}
    for part, kind in (("business", Business), ("crm", Crm)):
        for one in dataclasses.fields(kind):
            both = (getattr(getattr(made, part), one.name), getattr(getattr(made.live, part), one.name))
            if "id" in both[0]:
                found[f"{part}.{one.name}"] = both
    return found


def test_same_columns_and_two_more(made: World) -> None:
    for name, (v1, live) in pairs(made).items():
        more = {"updated", "ahead"} | ({"told_in"} if name in ("business.deals", "business.listings") else set())
        assert set(live.columns) == set(v1.columns) | more, name
        assert live["updated"].notna().all(), name
        assert live["id"].is_unique, name
        assert live["id"].is_monotonic_increasing, name


def test_rows_not_ahead_are_as_v1_has_them(made: World) -> None:
    for name, (v1, live) in pairs(made).items():
        known = live[~live["ahead"]]
        theirs = at(v1, known["id"])
        assert (known["id"] < LIVE_ONLY).all(), name
        for column in v1.columns:
            ours, v1s = (one[column].reset_index(drop=True) for one in (known, theirs))
            pd.testing.assert_series_equal(ours, v1s, check_dtype=len(ours) > 0, obj=f"{name}.{column}")
        assert (known["updated"] <= TODAY).all(), name


def test_rows_ahead_were_changed_on_the_last_day(made: World) -> None:
    counts = {}
    for name, (_, live) in pairs(made).items():
        ahead = live[live["ahead"]]
        counts[name] = len(ahead)
        if name not in ("crm.text_messages", "crm.people"):  # V1 never got a text message, and texts keep their moments
            assert (ahead["updated"] > TODAY).all(), name
            assert (ahead["updated"] < TODAY + pd.Timedelta(days=1)).all(), name
    for name in ("agents", "network", "business.deals", "business.listings", "business.participants"):
        assert 2 <= counts[name] <= 0.1 * len(pairs(made)[name][1]), name
    for name in ("calls", "events", "appointments", "deals", "people"):
        assert counts[f"crm.{name}"] >= 2, name


def test_live_only_deals_are_told_by_every_source(made: World) -> None:
    for name in ("deals", "listings"):
        frame = getattr(made.live.business, name)
        only = frame[frame["id"] > LIVE_ONLY]
        sources = {"rezen", "skyslope", "csv"} | ({"dotloop"} if name == "deals" else set())
        assert set(only["told_in"]) == sources
        assert only["told_in"].value_counts().min() >= 2
        assert set(frame.loc[frame["id"] < LIVE_ONLY, "told_in"]) == {"rezen", "skyslope"}
        assert frame["uuid"].is_unique


def test_live_only_deals_hang_together(made: World) -> None:
    business = made.live.business
    deals = business.deals[business.deals["id"] > LIVE_ONLY]
    credited = business.credits[business.credits["deal_id"] > LIVE_ONLY]
    assert set(credited["deal_id"]) == set(deals["id"])
    keyed = made.users.loc[made.users["rezen_key"], "agent_id"]
    in_rezen = deals.loc[deals["told_in"] == "rezen", "id"]
    assert set(in_rezen) == set(
        credited.loc[credited["agent_id"].isin(keyed) & credited["deal_id"].isin(in_rezen), "deal_id"]
    )
    shares = deals["referral_cents"] + deals["cap_cents"] + deals["team_cents"] + deals["agents_cents"]
    closed = deals["closed_day"].notna()
    assert (deals["gross_cents"] == shares)[closed].all()
    assert not set(deals["property"]) & set(made.business.deals["property"])
    for name, parent in (("participants", "deals"), ("payouts", "deals"), ("contributions", "deals")):
        ids = getattr(business, name)["deal_id"]
        assert set(ids[ids > 0]) <= set(getattr(business, parent)["id"]), name
    listed = business.deals["listing_id"]
    assert set(listed[listed > 0]) <= set(business.listings["id"])


def test_what_changed_since_v1_is_what_happens_to_deals(made: World) -> None:
    live = made.live.business
    ahead = live.deals[live.deals["ahead"] & (live.deals["id"] < LIVE_ONLY)]
    then = at(made.business.deals, ahead["id"])
    assert set(then["status"]) <= {"Pending", "Active"}
    closed = ahead[ahead["status"] == "Closed"]
    assert len(closed)
    assert (closed["closed_day"] == TODAY).all()
    assert (closed["closed"] == closed["updated"]).all()
    cheaper = ahead["status"].to_numpy() == then["status"].to_numpy()
    assert (ahead["price_cents"].to_numpy() < then["price_cents"].to_numpy())[cheaper].all()
    assert cheaper.any()
    assert (ahead["status"] == "Terminated").any()
    pending = live.pending_contributions["deal_id"]
    assert not pending.isin(ahead.loc[~cheaper, "id"]).any()
    new = live.contributions[live.contributions["ahead"] & live.contributions["deal_id"].isin(closed["id"])]
    assert len(new)
    caps = at(made.live.agents, closed["owner_agent_id"])
    assert (caps["cap_paid_cents"] <= caps["cap"] * 100).all()


def test_members_v1_has_not(made: World) -> None:
    network, agents = made.live.network, made.live.agents
    new = network[network["id"] > LIVE_ONLY]
    assert 2 <= len(new) <= 6
    assert not network.duplicated(["agent_id", "member_id"]).any()
    keyed = made.users.loc[made.users["rezen_key"], "agent_id"]
    assert new["agent_id"].isin(keyed).all()
    assert new["tier"].between(1, 5).all()
    at(agents, new["member_id"])


def test_texts_cover_few_people_and_move_their_last_activity(made: World) -> None:
    crm = made.live.crm
    assert made.crm.text_messages.empty
    texts = crm.text_messages
    assert texts["incoming"].nunique() == 2
    assert texts["user_missing"].any() or len(texts) < 200
    people = crm.people.set_index("id")
    last = texts.groupby("person_id")["at"].max()
    assert (people.loc[last.index, "last_activity"] >= last).all()
    assert (texts["at"] >= people.loc[texts["person_id"], "created"].to_numpy()).all()
    for name in ("calls", "events", "appointments", "text_messages", "people", "deals"):
        assert not getattr(crm, name).duplicated(["account_id", "number"]).any(), name


def test_keys_to_rezen_belong_to_agents(made: World) -> None:
    assert (made.users.loc[made.users["rezen_key"], "agent_id"] > 0).all()
    assert made.users["rezen_key"].sum() >= 4


def test_counts_at_full_size() -> None:
    whole = world.build(SEED, 1.0)
    live = whole.live
    assert len(live.network) == 86_623
    only = live.business.deals[live.business.deals["id"] > LIVE_ONLY]["told_in"].value_counts()
    assert only.to_dict() == {"rezen": 40, "skyslope": 25, "dotloop": 20, "csv": 20}
    assert len(live.crm.text_messages) == 8_000
    assert np.isclose(live.crm.text_messages["person_id"].nunique(), 1_500, rtol=0.25)
