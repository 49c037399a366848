"""reZEN's stand-in as the made-up world fills it, synced into Postgres: first, unchanged, a day later, in trouble."""

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path

import orjson
import psycopg
import pytest
from live import landed, state

from connectors.document_store import Store
from connectors.rezen.client import settings
from connectors.rezen.documents import keys, records
from connectors.rezen.source import SOURCE
from connectors.rezen.stand_in import RezenStandIn, configuration, fill
from connectors.sandbox.frames import LIVE_ONLY, at
from connectors.sandbox.world import World, build
from connectors.stand_in import Fault, serve
from connectors.sync import Account, Outcome, land

NETWORK = "stage_network_downline_rezen_onboarding"
DEALS = "stage_transactions_rezen_onboarding"
LISTINGS = "stage_listings_rezen_onboarding"
PENDING = "stage_pending_contribution_rezen"
SCALE = 0.01


@pytest.fixture(scope="module")
def world() -> World:
    return build(scale=SCALE)


@pytest.fixture(scope="module")
def tomorrow() -> World:
    return build(scale=SCALE, day=1)


@pytest.fixture(scope="module")
def filled(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("rezen") / "store.sqlite"
    fill(Store(path), world)
    return path


@pytest.fixture
def server(filled: Path, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RezenStandIn]:
    shutil.copytree(filled.parent, tmp_path / "store")
    stand_in = RezenStandIn(Store(tmp_path / "store" / filled.name), hurry=1_000)
    monkeypatch.setenv("RUNTIME__REQUEST_BACKOFF_FACTOR", "0.001")
    with serve(stand_in) as url:
        for name, value in configuration(world, url).items():
            monkeypatch.setenv(name, value)
        yield stand_in


@pytest.fixture
def accounts(world: World) -> list[Account]:
    return [Account(str(row.user_id), {"api_key": row.key}) for row in keys(world).itertuples()]


def sync(url: str, folder: Path, accounts: list[Account], *, full: bool = False) -> Outcome:
    return land(SOURCE, url, folder, accounts, full=full)


def everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    """What is landed and still there. Contributions are one set, whichever of their tables they came to."""
    rows: dict[str, list[tuple[object, ...]]] = {}
    with psycopg.connect(url) as connection:
        for table in SOURCE.tables:
            found = connection.execute(
                f"select account, key, request, payload from staging_rezen.{table} where deleted_at is null"
            ).fetchall()
            rows.setdefault("contributions" if "stage_contributions" in table else table, []).extend(found)
    return {table: sorted(found, key=str) for table, found in rows.items()}


def test_a_first_sync_lands_what_each_key_may_see_and_a_second_nothing(
    server: RezenStandIn, world: World, accounts: list[Account], empty_database: str, tmp_path: Path
) -> None:
    outcome = sync(empty_database, tmp_path, accounts)
    assert outcome.failures == []
    held = keys(world)
    network = world.live.network[world.live.network["agent_id"].isin(held["agent_id"])]
    member_uuids = at(world.live.agents, network["member_id"])["uuid"]
    owner_uuids = at(world.live.agents, network["agent_id"])["uuid"]
    told = {
        (str(user), f"{owner}-{member}-{tier}")
        for user, owner, member, tier in zip(
            network["user_id"], owner_uuids, member_uuids, network["tier"], strict=True
        )
    }
    assert {row[:2] for row in landed(empty_database, "rezen", NETWORK)} == told
    assert (world.live.network["id"] > LIVE_ONLY).sum() == (network["id"] > LIVE_ONLY).sum() > 0

    deals = world.live.business.deals
    new = deals[(deals["told_in"] == "rezen") & (deals["id"] > LIVE_ONLY)]
    assert len(new)
    assert set(new["uuid"]) <= {key for _, key, _ in landed(empty_database, "rezen", DEALS)}
    states = state(empty_database, "rezen")
    assert len(states) == len(accounts) * len(SOURCE.resources)
    assert {one[0] for one in states.values()} == {"ready"}
    user = accounts[0].name
    assert states[user, "network"][2].startswith("20")
    assert landed(empty_database, "rezen", "agents", "account") == [
        (name,) for name in sorted(a.name for a in accounts)
    ]
    assert landed(empty_database, "rezen", NETWORK, "request")[0][0].keys() == {"agent_id", "tier"}
    assert landed(empty_database, "rezen", DEALS, "request")[0][0].keys() == {"agent_id", "group"}

    # Again, in an unchanged world: asked little, and nothing written.
    before = landed(empty_database, "rezen", DEALS, "xmin::text, key")
    server.requests.clear()
    assert sync(empty_database, tmp_path, accounts) == Outcome({}, [])
    assert landed(empty_database, "rezen", DEALS, "xmin::text, key") == before
    assert sum(server.requests.values()) <= 20 * len(accounts)


def test_a_day_later_what_is_landed_is_what_a_sync_from_scratch_lands(
    server: RezenStandIn,
    tomorrow: World,
    accounts: list[Account],
    empty_database: str,
    tmp_path: Path,
) -> None:
    sync(empty_database, tmp_path, accounts)
    fill(server.store, tomorrow)
    server.requests.clear()
    outcome = sync(empty_database, tmp_path, accounts)
    assert outcome.failures == []
    assert sum(server.requests.values()) < 25 * len(accounts)
    incremental = everything(empty_database)
    with psycopg.connect(empty_database, autocommit=True) as connection:
        connection.execute("drop schema staging_rezen cascade")
        connection.execute("drop schema arriving_rezen cascade")
    assert sync(empty_database, tmp_path, accounts).failures == []
    scratch = everything(empty_database)
    for table, rows in scratch.items():
        assert incremental[table] == rows, table


def test_one_dead_key_and_one_storm_leave_the_others(
    server: RezenStandIn, accounts: list[Account], empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNTIME__REQUEST_MAX_ATTEMPTS", "2")
    dead, stormy, *others = accounts
    revoked = dataclasses.replace(dead, secrets={"api_key": "sandbox-key-revoked"})
    server.faults.append(Fault("/down-line/", status=500, times=1_000, account=stormy.name))
    outcome = sync(empty_database, tmp_path, [revoked, stormy, *others])
    first, second = outcome.failures
    assert first == f"rezen, account {dead.name}: agents: rezen: /agents/me answered 401: The API key is not valid."
    assert second.startswith(f"rezen, account {stormy.name}: network: rezen: /agents/")
    assert second.endswith("/down-line/1 answered 500: asked for")
    states = state(empty_database, "rezen")
    assert {one for (name, _), (one, *_) in states.items() if name in {other.name for other in others}} == {"ready"}
    server.faults.clear()
    assert sync(empty_database, tmp_path, accounts).failures == []
    assert {one for one, *_ in state(empty_database, "rezen").values()} == {"ready"}


def test_what_leaves_is_marked_and_a_full_sync_agrees(
    server: RezenStandIn, accounts: list[Account], empty_database: str, tmp_path: Path
) -> None:
    sync(empty_database, tmp_path, accounts)
    gone = {}
    for table, collection in ((NETWORK, "member"), (DEALS, "deal"), (LISTINGS, "listing"), (PENDING, "pending")):
        with psycopg.connect(empty_database) as connection:
            query = f"select account, key, payload ->> 'id', request from staging_rezen.{table} order by key limit 1"
            account, key, number, request = connection.execute(query).fetchone()
        gone[table] = account, key
        store_id = f"{request['tier']}-{number}" if table == NETWORK else number
        server.store.remove(collection, request["agent_id"], store_id)
    outcome = sync(empty_database, tmp_path, accounts)
    assert outcome == Outcome(dict.fromkeys(outcome.rows, 1), [])
    for table, row in gone.items():
        assert [one[:2] for one in landed(empty_database, "rezen", table, "account, key, deleted_at") if one[2]] == [
            row
        ]
    before = everything(empty_database)
    assert sync(empty_database, tmp_path, accounts, full=True).failures == []
    assert everything(empty_database) == before


def test_documents_change_only_with_their_moment(world: World, tomorrow: World) -> None:
    today = {(one.collection, one.account, one.id): one for one in records(world)}
    later = {(one.collection, one.account, one.id): one for one in records(tomorrow)}
    changed = [key for key in today.keys() & later.keys() if today[key].document != later[key].document]
    assert changed
    assert [key for key in changed if today[key].document["updatedAt"] >= later[key].document["updatedAt"]] == []


def test_money_is_the_keys_agents_own(world: World) -> None:
    payouts: dict[str, set[bytes]] = {}
    for one in records(world):
        if one.collection == "deal" and one.document["closed"]:
            payouts.setdefault(one.id, set()).add(orjson.dumps(one.document["myNetPayout"]))
    assert 2 in map(len, payouts.values())


def test_shapes_vary_as_the_api_does(world: World) -> None:
    made = [one.document for one in records(world) if one.collection in {"deal", "listing"}]
    assert {key for one in made for key in ("zip", "zipCode", "zipOrPostalCode") if key in one["address"]} == {
        "zip",
        "zipCode",
        "zipOrPostalCode",
    }
    assert {key for one in made for key in ("mlsNum", "mlsNumber") if key in one} == {"mlsNum", "mlsNumber"}
    assert {type(one["lifecycleState"]) for one in made} >= {dict, str}
    assert {one["currency"] for one in made} == {"USD", "CAD"}


def test_the_configuration_leads_here(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in configuration(world, "http://here").items():
        monkeypatch.setenv(name, value)
    assert settings().arrakis_url == "http://here/arrakis/api/v1"
    assert settings().yenta_url == "http://here/yenta/api/v1"
