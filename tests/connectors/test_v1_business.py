"""The made-up deals, listings and money: that the truth adds up, and that V1's documents tell it."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest

from connectors.sandbox import commissions, world
from connectors.sandbox.business import Business
from connectors.sandbox.deals import BUYING, SELLING
from connectors.sandbox.participants import PARTIES
from connectors.sandbox.world import SEED, World
from connectors.v1 import documents as v1

Documents = dict[int, dict[str, Any]]

SCALES = (0.01, 0.1, 1.0)
SETTLED = pd.Timestamp("2026-08-01")
"""Deals closed before this day have been paid out in full, second instalments included."""


@pytest.fixture(scope="module", params=SCALES)
def made(request: pytest.FixtureRequest) -> World:
    return world.build(scale=request.param)


@pytest.fixture(scope="module")
def done(made: World) -> Business:
    return made.business


@pytest.fixture(scope="module")
def tenth() -> World:
    return world.build(scale=0.1)


@pytest.fixture(scope="module")
def told(tenth: World) -> dict[str, Documents]:
    names = ("transaction", "participant", "participant_paid", "listing", "contributions")
    return {name: dict(rendered(tenth, name)) for name in names}


def rendered(made: World, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    (table,) = (table for table in v1.TABLES if table.name == name)
    for chunk in v1.documents(made, table, SEED):
        yield from chunk


@pytest.mark.parametrize("scale", [0.01, 0.02, 0.1, 1.0])
def test_counts_are_exact(scale: float) -> None:
    """Deals and listings have the counts of the real V1, scaled; ids run from 1."""
    rows, done = world.sizes(scale), world.build(scale=scale).business
    for name in ("deals", "listings", "participants", "contributions", "pending_contributions", "equity"):
        frame = getattr(done, name)
        assert len(frame) == rows[name], name
        assert frame["id"].tolist() == list(range(1, rows[name] + 1)), name
    if scale == 1:
        assert (len(done.deals), len(done.listings)) == (55_008, 14_819)
    assert 0.9 * rows["payouts"] < len(done.payouts) <= rows["payouts"]
    assert 0 < len(done.revshare_totals) <= rows["revshare_totals"]
    assert 0 < len(done.revshare_payments) <= rows["revshare_payments"]


def test_what_becomes_of_deals(done: Business) -> None:
    shares = done.deals["status"].value_counts(normalize=True)
    expected = {"Closed": 0.78, "Terminated": 0.09, "Canceled": 0.03, "Archived": 0.01, "Listed": 0.01}
    for status, share in expected.items():
        assert shares[status] == pytest.approx(share, abs=0.04)
    assert shares["Pending"] + shares["Active"] == pytest.approx(0.08, abs=0.03)


def test_deals_go_in_order_of_time(done: Business) -> None:
    deals = done.deals
    for before, after in (
        ("created", "contract"),
        ("listed", "contract"),
        ("contract", "closed"),
        ("contract", "given_up"),
        ("closed", "paid"),
    ):
        assert not (deals[before] > deals[after]).any(), (before, after)
    escrow = (deals["closed_day"] - deals["contract"].dt.floor("D")).dt.days.dropna()
    assert escrow.between(20, 60).all()
    assert deals["created"].is_monotonic_increasing
    assert (deals["closed_day"].notna() == deals["status"].isin(["Closed", "Archived"])).all()
    assert (deals["given_up"].notna() == deals["status"].isin(["Terminated", "Canceled"])).all()
    assert deals.loc[deals["status"] == "Terminated", "contract"].notna().all()


def test_moments_lie_on_the_business_day(done: Business) -> None:
    """A closing in the evening is the next day in UTC, and the same one in Chicago."""
    closed = done.deals[done.deals["closed"].notna()]
    there = closed["closed"].dt.tz_localize("UTC").dt.tz_convert("America/Chicago")
    assert (there.dt.tz_localize(None).dt.floor("D") == closed["closed_day"]).all()
    assert (closed["closed"].dt.floor("D") != closed["closed_day"]).any()


def test_business_grows_and_has_seasons(tenth: World) -> None:
    day = tenth.business.deals["closed_day"].dropna()
    by_year = day.dt.year.value_counts()
    assert by_year[2025] > 1.4 * by_year[2022]
    by_month = day[day < "2026-11-01"].dt.month.value_counts()
    assert by_month[6] > 1.5 * by_month[12]
    by_weekday = day.dt.weekday.value_counts()
    assert by_weekday[4] > by_weekday[0] > 3 * by_weekday[6]
    ends = (day + pd.Timedelta(days=1)).dt.day == 1
    assert ends.mean() > 2 / 30


def test_few_agents_do_much(tenth: World) -> None:
    a_head = tenth.business.deals["owner_agent_id"].value_counts()
    assert a_head.iloc[0] > 20 > 2 >= a_head.median()


def test_agents_are_there_when_they_deal(made: World) -> None:
    deals, joined = made.business.deals, made.agents["joined"].to_numpy()
    for column in (one for one in deals.columns if one.endswith("agent_id") and one != "team_owner_agent_id"):
        on = deals[deals[column] > 0]
        assert (joined[on[column] - 1] <= on["created"]).all(), column
    listings = made.business.listings
    assert (joined[listings["agent_id"] - 1] <= listings["created"]).all()
    ours = made.agents.iloc[deals["owner_agent_id"] - 1]
    assert not ours["from_outside"].any()
    assert ours["status"].isin(["ACTIVE", "INACTIVE", "RESURRECTING"]).all()


def test_sides_follow_the_representation(done: Business) -> None:
    deals = done.deals[done.deals["type"] != "REFERRAL"]
    owner = deals["owner_agent_id"]
    buying, selling = (deals["representation"].isin(sides) for sides in (BUYING, SELLING))
    assert (deals["buy_agent_id"] == owner)[buying].all()
    assert (deals["sell_agent_id"] == owner)[selling].all()
    dual = deals[deals["representation"] == "DUAL"]
    assert (dual[["buy_agent_id", "sell_agent_id"]] > 0).all(axis=None)
    for side in ("buy", "sell"):
        assert (deals[f"{side}_agent_id"] > 0)[deals[f"co_{side}_agent_id"] > 0].all()


def test_commissions_add_up(done: Business) -> None:
    """Gross = referral + brokerage + team + agents', net = agents' - fees, to the cent."""
    deals = done.deals
    assert (deals["gross_cents"] == deals["buy_commission_cents"] + deals["sell_commission_cents"]).all()
    closed = deals[deals["closed_day"].notna()]
    parts = closed[["referral_cents", "cap_cents", "team_cents", "agents_cents"]]
    assert (parts.sum(axis=1) == closed["gross_cents"]).all()
    assert (closed["net_cents"] == closed["agents_cents"] - closed["fees_cents"]).all()
    assert (closed[["gross_cents", "net_cents", "team_cents", "referral_cents"]] >= 0).all(axis=None)
    sales = closed[(closed["type"] == "RESIDENTIAL_SALE") & (closed["price_cents"] > 0)]
    for side in ("buy", "sell"):
        rate = (sales[f"{side}_commission_cents"] / sales["price_cents"])[sales[f"{side}_agent_id"] > 0]
        assert rate.between(0.018, 0.032).all()


def test_caps_are_never_passed(made: World) -> None:
    """In no cap year does an agent pay more than the cap; the running year's sum is the agent's own figure."""
    closed = made.business.deals[made.business.deals["closed_day"].notna()]
    owner = closed["owner_agent_id"].to_numpy()
    start = commissions.cap_starts(made.agents, owner, closed["closed_day"].to_numpy())
    assert (start <= closed["closed_day"].to_numpy()).all()
    paid = closed.groupby([owner, start])["cap_cents"].sum()
    cap = made.agents["cap"].to_numpy()[paid.index.get_level_values(0) - 1] * 100
    assert (paid.to_numpy() <= cap).all()
    capped = made.agents["capped_at"].notna()
    assert (capped == (made.agents["cap_paid_cents"] == made.agents["cap"] * 100)).all()
    today = np.full(len(made.agents), np.datetime64(world.WORLD_DAY, "s"))
    running = pd.Series(commissions.cap_starts(made.agents, made.agents["id"].to_numpy(), today), made.agents["id"])
    counted = closed[(closed["status"] == "Closed") & (closed["closed_day"] >= running.loc[owner].to_numpy())]
    sums = counted.groupby("owner_agent_id")["cap_cents"].sum().reindex(made.agents["id"]).fillna(0)
    assert (sums.to_numpy() == made.agents["cap_paid_cents"]).all()


def test_leap_agent_has_a_cap_year_of_february(tenth: World) -> None:
    days = pd.to_datetime(["2023-02-27", "2023-02-28", "2024-02-28", "2024-02-29"]).to_numpy().astype("datetime64[s]")
    starts = commissions.cap_starts(tenth.agents, np.array([29] * 4), days)
    assert [str(one)[:10] for one in starts] == ["2022-02-28", "2023-02-28", "2023-02-28", "2024-02-29"]


def test_payouts_add_up(done: Business) -> None:
    """Of a settled deal's gross and net every cent was paid to somebody."""
    deals = done.deals[(done.deals["status"] == "Closed") & (done.deals["closed_day"] < SETTLED)].set_index("id")
    paid = done.payouts[done.payouts["deal_id"].isin(deals.index)]
    gross = paid[paid["kind"] == "COMMISSION"].groupby("deal_id")["gross_cents"].sum().reindex(deals.index).fillna(0)
    assert (gross == deals["gross_cents"]).all()
    amount = paid.groupby("deal_id")["amount_cents"].sum().reindex(deals.index).fillna(0)
    assert (amount == deals["net_cents"] + deals["team_cents"] + deals["referral_cents"]).all()
    assert (paid["paid_at"].to_numpy() > deals["closed"].loc[paid["deal_id"]].to_numpy()).all()
    assert (done.payouts.loc[done.payouts["kind"] == "FEE", "amount_cents"] < 0).all()


def test_splits_of_a_side_come_to_one_hundred(done: Business) -> None:
    sides = done.credits[done.credits["side"] != ""]
    whole = sides.groupby(["deal_id", "side"])["split"].sum()
    assert np.allclose(whole, 100)
    assert (sides["agent_id"] > 0).all()
    assert not sides.duplicated(["deal_id", "side", "agent_id"]).any()


def test_participants_hang_together(done: Business) -> None:
    rows, deals = done.participants, done.deals
    assert ((rows["deal_id"] > 0) | (rows["listing_id"] > 0)).all()
    assert rows["deal_id"].between(0, len(deals)).all()
    assert rows["listing_id"].between(0, len(done.listings)).all()
    silent = deals.loc[deals["told_by"] != "participants", "id"]
    assert len(silent)
    assert not rows["deal_id"].isin(silent).any()
    assert (rows.loc[rows["role"].isin(PARTIES), "agent_id"] == 0).all()
    assert rows.iloc[7]["role"] in PARTIES, "a planted fault needs a party there"
    paid = done.payouts[done.payouts["participant_id"] > 0]
    named = rows.set_index("id").loc[paid["participant_id"]]
    for column in ("deal_id", "agent_id", "role"):
        assert (named[column].to_numpy() == paid[column].to_numpy()).all(), column
    assert rows["external"].mean() > 0.4
    assert (rows["deal_id"] == 0).any()


def test_listings_and_their_deals_agree(done: Business) -> None:
    deals = done.deals[done.deals["listing_id"] > 0]
    listing = done.listings.set_index("id").loc[deals["listing_id"]].reset_index()
    for column in ("property", "place"):
        assert (listing[column].to_numpy() == deals[column].to_numpy()).all(), column
    assert (listing["agent_id"].to_numpy() == deals["sell_agent_id"].to_numpy()).all()
    assert (listing["listed_day"].to_numpy() <= deals["listed"].to_numpy()).all()
    latest = deals.drop_duplicates("listing_id", keep="last").set_index("listing_id")
    sold = done.listings[done.listings["id"].isin(latest.index[latest["status"] == "Closed"])]
    assert (sold["status"] == "Closed").all()
    rows = done.listings
    assert (rows["over"].notna() == rows["status"].isin(["Closed", "Terminated"])).all()
    assert not (rows["contracted"] > rows["over"]).any()
    assert (rows["listed_day"] < rows["expires"]).all()
    assert (rows["days_on_market"] >= 0).all()
    assert (rows["first_price_cents"] >= rows["price_cents"]).all()


def test_some_listings_became_more_than_one_deal(tenth: World) -> None:
    linked = tenth.business.deals["listing_id"]
    assert linked[linked > 0].duplicated().sum() > 5


def test_contributions_go_up_the_sponsors(made: World) -> None:
    done, sponsor = made.business, np.append(0, made.agents["sponsor_id"])
    for rows in (done.contributions, done.pending_contributions):
        from_deals = rows[rows["deal_id"] > 0]
        above = from_deals["contributor_agent_id"].to_numpy()
        owner = done.deals["owner_agent_id"].to_numpy()[from_deals["deal_id"] - 1]
        assert (above == owner).all()
        for tier in range(1, 6):
            above = sponsor[above]
            at_tier = (from_deals["tier"] == tier).to_numpy()
            assert (above[at_tier] == from_deals["receiving_agent_id"][at_tier]).all()
        assert (rows["amount_cents"] > 0).all()
        assert not from_deals.duplicated(["deal_id", "tier"]).any()
    assert done.contributions.iloc[8]["deal_id"] == 0, "a planted fault needs a bonus there"


def test_revenue_share_totals_mostly_agree(tenth: World) -> None:
    done = tenth.business
    counted = done.contributions[done.contributions["status"] != "Void"]
    sums = counted.groupby("receiving_agent_id")["amount_cents"].sum()
    right = sums.loc[done.revshare_totals["agent_id"]].to_numpy() == done.revshare_totals["total_cents"]
    assert 0.9 < right.mean() < 1
    paid = done.contributions[done.contributions["status"] == "Paid"]
    by_month = paid.groupby(
        [paid["receiving_agent_id"], (paid["contributed"] - pd.Timedelta(hours=6)).dt.to_period("M")]
    )
    months = pd.MultiIndex.from_arrays(
        [done.revshare_payments["agent_id"], done.revshare_payments["period"].dt.to_period("M")]
    )
    assert (by_month["amount_cents"].sum().loc[months].to_numpy() == done.revshare_payments["amount_cents"]).all()


def test_nobody_holds_less_than_no_shares(done: Business) -> None:
    """Neither of all shares nor of a single grant, at no time."""
    rows = done.equity.sort_values(["happened", "id"])
    assert rows["id"].is_monotonic_increasing
    sign = rows["kind"].map({"Grant": 1, "Exercise": -1, "Forfeit": -1, "Vest": 0, "Dividend": 0})
    held = sign * rows["units"]
    for by in ("agent_id", "grant"):
        assert (held.groupby(rows[by]).cumsum() >= 0).all(), by
    vested = rows["units"].where(rows["kind"].isin(["Vest", "Forfeit"]), 0).groupby(rows["grant"]).sum()
    granted = rows["units"].where(rows["kind"] == "Grant", 0).groupby(rows["grant"]).sum()
    assert (vested <= granted).all()
    assert (rows.groupby("agent_id")["kind"].first() == "Grant").all()


def test_documents_say_the_true_status(told: dict[str, Documents], tenth: World) -> None:
    """Whatever a document leaves out of archived, stage, status, terminated and closed, the rest still says it."""
    for key, truth in zip(tenth.business.deals["id"], tenth.business.deals["status"], strict=True):
        assert status_of(told["transaction"][key]) == truth


def status_of(one: dict[str, Any]) -> str:
    stage = str(one["stage"] or "").strip() or str(one["status"] or "").strip()
    stage = stage.upper().replace("_", " ")
    flags = {flag: str(one.get(flag, False)).lower() == "true" for flag in ("archived", "closed", "terminated")}
    if flags["archived"]:
        return "Archived"
    if stage in ("CANCELED", "CANCELLED"):
        return "Canceled"
    if flags["terminated"] or stage == "TERMINATED":
        return "Terminated"
    if flags["closed"] or stage in ("CLOSED", "SETTLED"):
        return "Closed"
    known = {"PENDING": "Pending", "UNDER CONTRACT": "Pending", "APPROVED": "Active", "ACTIVE": "Active"}
    known |= {"LISTED": "Listed", "ARCHIVED": "Archived"}
    return known.get(stage) or ("Pending" if one.get("contractAcceptanceDate") else "Listed")


def test_roles_are_spelled_so_that_they_can_be_read(told: dict[str, Documents], tenth: World) -> None:
    known = {"BUYER_AGENT": "BUYERS_AGENT", "BUYING_AGENT": "BUYERS_AGENT", "TENANTS_AGENT": "BUYERS_AGENT"}
    known |= {"SELLERS_AGENT": "LISTING_AGENT", "LANDLORDS_AGENT": "LISTING_AGENT", "REFERRAL_AGENT": "REFERRAL"}
    known |= {"CO_BUYER_AGENT": "CO_BUYERS_AGENT"}
    sides = {"BUYER": "buy", "TENANT": "buy", "SELLER": "sell", "LANDLORD": "sell"}
    ours = tenth.business.participants[~tenth.business.participants["external"]]
    plain = 0
    for row in ours.itertuples():
        one = told["participant"][row.id]
        role = re.sub("[ -]", "_", (one["role"] or "").upper()).replace("'", "")
        if role in ("AGENT", ""):
            plain += 1
            deal = tenth.business.deals["representation"].iloc[row.deal_id - 1]
            assert sides[deal] == row.side
        else:
            assert known.get(role, role) == row.role
    assert plain


def test_deals_and_agents_are_named_one_way_or_the_other(told: dict[str, Documents], tenth: World) -> None:
    by_uuid = {"deal": 0, "agent": 0}
    for row in tenth.business.participants.itertuples():
        one = told["participant"][row.id]
        for kind, key in (("deal", "transaction_id"), ("agent", "agent_id")):
            true = getattr(row, f"{kind}_id")
            if true and not int(one[key] or 0):
                by_uuid[kind] += 1
                frame = tenth.business.deals if kind == "deal" else tenth.agents
                assert one[f"{key}_raw"] == frame["uuid"].iloc[true - 1]
    assert min(by_uuid.values()) > 100
    assert all(one["transaction_id"] or one["transaction_id_raw"] for one in told["transaction"].values())


def test_nothing_names_the_deals_with_a_shared_uuid_by_it_alone(tenth: World) -> None:
    shared = {tenth.business.deals["uuid"].iloc[number - 1] for number in (30, 31)}
    for name in ("participant", "contributions", "participant_paid"):
        for _, one in rendered(tenth, name):
            if one["transaction_id_raw"] in shared and name != "participant_paid":
                assert one["transaction_id"] not in (0, "", None)


def test_quirks_of_deals_occur(told: dict[str, Documents]) -> None:
    deals = list(told["transaction"].values())
    assert {type(one["address"]) for one in deals} == {str, dict}
    assert {str, list} <= {type(one["tags"]) for one in deals if one.get("tags")}
    assert any("history" not in one for one in deals)
    assert any(one.get("price") in (None, "") and one.get("price_amount") for one in deals)
    assert {"Closed", "CLOSED", "SETTLED", "UNDER_CONTRACT", "CANCELLED", ""} <= {one["stage"] for one in deals}
    assert any(one["close_date"] and not one.get("closedAt") for one in deals)
    listings = list(told["listing"].values())
    assert {int, str} <= {type(one["listingDate"]) for one in listings}
    photos = [photo for one in listings for photo in one.get("photos") or []]
    assert {str, dict} == {type(photo) for photo in photos}
    assert {"", "Tier 1", "1"} & {one["tier"] for one in told["contributions"].values()} == {"Tier 1", "1"}


def test_histories_go_in_order_of_time(told: dict[str, Documents], tenth: World) -> None:
    for name in ("transaction", "listing"):
        histories = [one["history"] for one in told[name].values() if one.get("history")]
        assert len(histories) > 100
        for history in histories:
            moments = [change["changed_at"] for change in history]
            assert moments == sorted(moments), name
    fields = {change["field"] for one in told["transaction"].values() for change in one.get("history") or []}
    assert fields == {"stage", "price", "close_date"}
    reopened = tenth.business.deals.loc[tenth.business.deals["reopened"], "id"]
    assert len(reopened)
    for key in reopened:
        one = told["transaction"][key]
        assert not one.get("closedAt")
        stages = [change["new_value"] for change in one.get("history") or [] if change["field"] == "stage"]
        assert not stages or stages[-3:-1] == ["Pending", "Closed"] or "Closed" in stages


def test_agents_counters_mostly_agree(tenth: World) -> None:
    owned = tenth.business.deals["owner_agent_id"].value_counts()
    right = [int(one["all_transactions_count"]) == owned.get(key, 0) for key, one in rendered(tenth, "agent")]
    assert 0.93 < np.mean(right) < 0.99


def test_nobody_real(told: dict[str, Documents]) -> None:
    for one in told["participant"].values():
        assert re.fullmatch(r"(555-01\d\d)?", one["phone"])
        assert re.fullmatch(r"\s*[\w.@+-]+@example\.com\s*", one["email"] or "x@example.com", re.IGNORECASE)
