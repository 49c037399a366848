"""Live sources as steps: what a sync did and what failed is what Dagster and the command line show."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import psycopg
import pytest

from connectors import sync
from connectors.landing_live import Attempt, apply, prepare
from connectors.sync import Account, Outcome, Resource, Source
from orchestration import cli, doctor, landing
from orchestration.database import Databases
from orchestration.landing import ACCOUNTS_READ, Warehouse, live_assets

MANIFEST = {
    "nodes": {},
    "sources": {
        name: {"schema": "staging_acme", "name": name, "description": name, "config": {"meta": {"group": "acme"}}}
        for name in ("people", "sync_state")
    },
}
FAILURE = "acme, account b: people: /people answered 401: key revoked"


def source(accounts: list[Account] | None) -> Source:
    people = Resource("people", ("people",), lambda _client, _context: iter(()), lambda row, _: str(row["id"]))
    return Source("acme", "acme", (people,), lambda: accounts, lambda account, _: account)


@pytest.fixture
def connection(empty_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(empty_database, autocommit=True) as opened:
        prepare(opened, "acme", ["people"])
        yield opened


def materialized(monkeypatch: pytest.MonkeyPatch, url: str, made: Source, outcome: Outcome) -> Any:
    monkeypatch.setattr(sync, "land", lambda *_arguments, **_options: outcome)
    loads = {"staging_acme.people": "7"}
    monkeypatch.setattr(landing.build_state, "loads", lambda _connection: loads)
    return dg.materialize([live_assets(MANIFEST, made)], resources={"warehouse": Warehouse(url=url)})


def test_a_failed_account_is_a_failed_check_and_no_failed_step(
    environment: pytest.MonkeyPatch,
    monkeypatch: pytest.MonkeyPatch,
    connection: psycopg.Connection,
    empty_database: str,
) -> None:
    two = [Account("a"), Account("b")]
    outcome = materialized(monkeypatch, empty_database, source(two), Outcome({"people": 3}, [FAILURE]))
    assert outcome.success
    (check,) = outcome.get_asset_check_evaluations()
    assert (check.check_name, check.passed, check.severity) == (ACCOUNTS_READ, False, dg.AssetCheckSeverity.WARN)
    assert check.metadata["failures"].value == [FAILURE]
    landed = {
        event.asset_key.path[-1]: event.materialization.metadata["rows_landed"].value
        for event in outcome.get_asset_materialization_events()
    }
    assert landed == {"people": 3, "sync_state": 0}


@pytest.mark.parametrize("accounts", [None, []], ids=["not configured", "no account"])
def test_a_source_without_accounts_fails_nothing(
    accounts: list[Account] | None,
    environment: pytest.MonkeyPatch,
    monkeypatch: pytest.MonkeyPatch,
    connection: psycopg.Connection,
    empty_database: str,
) -> None:
    outcome = materialized(monkeypatch, empty_database, source(accounts), Outcome({}, []))
    assert outcome.success
    assert [check.passed for check in outcome.get_asset_check_evaluations()] == [True]


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({}, "ok       source lofty: not configured, the sandbox plays it"),
        (
            {"SOURCES__LOFTY__ACCOUNTS": '[{"name": "north", "api_key": "k3y"}]'},
            "ok       source lofty: 1 accounts configured",
        ),
        ({"SOURCES__LOFTY__ACCOUNTS": "north k3y"}, "PROBLEM  source lofty: "),
        (
            {"SOURCES__DOTLOOP__ACCOUNTS": '[{"name": "north"}]'},
            "PROBLEM  source dotloop: set sources.dotloop.client_id",
        ),
    ],
    ids=["nothing", "an account", "no list", "half of it"],
)
def test_the_doctor_tells_what_is_configured(
    settings: dict[str, str],
    line: str,
    databases: Databases,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And shows no key of it."""
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    doctor.report()
    printed = capsys.readouterr().out
    assert [one for one in printed.splitlines() if one.startswith(line)], printed
    assert "k3y" not in printed


def test_a_run_ends_with_a_line_for_what_could_not_be_read(
    monkeypatch: pytest.MonkeyPatch,
    connection: psycopg.Connection,
    empty_database: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As long as it is so: once the account is read the line goes."""
    monkeypatch.setattr("connectors.registry.live_sources", lambda: [source([])])
    databases = Databases(*[empty_database] * 4)
    (moment,) = connection.execute("select now()").fetchone()
    apply(connection, "acme", None, [Attempt("b", "people", ("people",), moment, error="key revoked")])
    cli._print_unread(databases)
    assert capsys.readouterr().out == "\nNot read; the next run tries again:\n  acme, account b: people: key revoked\n"
    apply(connection, "acme", None, [Attempt("b", "people", ("people",), moment, cursor="5")])
    cli._print_unread(databases)
    assert capsys.readouterr().out == ""
