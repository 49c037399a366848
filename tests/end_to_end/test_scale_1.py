"""The main job at the size of the real business, by the command a person types."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.postgres import quoted
from orchestration.project import DBT_PROJECT

pytestmark = pytest.mark.scale1

Headwater = Callable[..., subprocess.CompletedProcess[str]]

SOURCES = ("dotloop", "fub", "lofty", "rezen", "skyslope", "stripe")
HEADLINES = {
    'select count(*) from v2."user"': 335,
    'select count(*) from v2."user" where agent_id is not null': 234,
    'select count(*) from v2."user" where team_id is not null': 204,
    # One more than V1 has: the agent whose UUID V1 gives to another (planted).
    "select count(*) from v2.agent": 37041,
    "select count(*) from v2.agent where id < 4503599627370496": 37040,
    "select count(*) from v2.team": 260,
    "select count(*) from v2.network_member": 86623,
    "select count(*) from v2.network_member where id < 4503599627370496": 86617,
    "select count(*) from v2.transaction where id < 4503599627370496": 55008,
    "select count(*) from v2.transaction where id >= 4503599627370496": 106,
    "select count(*) - count(distinct transaction_id_raw) from v2.transaction where id >= 4503599627370496": 0,
    "select count(*) from v2.listing where id < 4503599627370496": 14819,
    "select count(*) from v2.listing where id >= 4503599627370496": 31,
    "select count(*) - count(distinct listing_id_raw) from v2.listing where id >= 4503599627370496": 0,
    "select count(distinct _source) from v2.transaction": 5,
    "select count(*) from v2.fub_text_messages": 7701,
    "select count(*) from v2.fub_accounts": 15,
    "select count(*) from v2.fub_users": 271,
    "select max(jsonb_array_length(path_json)) from v2.agent_hierarchy": 15,
    # The counts the migration was checked by, in Xano's names.
    "select count(*) from xano.mvpw1_41": 335,
    "select count(*) from xano.mvpw5_664": 335,
    "select count(*) from xano.mvpw1_48": 86617,
    "select count(*) from xano.mvpw5_698": 86623,
    "select count(*) from reconciliation.recon_table_coverage where relation is not null": 251,
    "select count(*) from reconciliation.recon_differences where not accepted": 0,
    "select count(*) from reconciliation.recon_unmapped_fields where not accepted": 0,
    "select count(*) from reconciliation.recon_entity_counts where status = 'incomplete'": 0,
    "select count(*) from reconciliation.recon_entity_counts where entity = 'network_member'"
    " and (v1_count, v2_count, status) = (86617, 86623, 'V2 superset')": 1,
    **{f"select count(distinct status) from v2.{name}_sync_state where status = 'ready'": 1 for name in SOURCES},
    **{f"select count(*) from v2.{name}_sync_state where status <> 'ready'": 0 for name in SOURCES},
    # The properties whose size is known.
    "select count(*) from marts.agg_property_summary where (unified_property_id, total_units, occupied_units) in"
    " (('aspire_7th_and_grant', 178, 166), ('edison_at_rino', 277, 238), ('nexus_east', 352, 337),"
    " ('parkside', 432, 375), ('ridian', 123, 70))": 5,
    "select count(*) from marts.agg_property_summary": 28,
    "select count(*) from marts.agg_property_summary where total_delinquent > 0": 25,
    "select count(distinct mart) from reconciliation.recon_aggregation_status where rows > 0": 23,
    "select count(*) from reconciliation.recon_aggregation_status where status <> 'tied out'": 0,
}
MODELS = {
    model["name"]: model
    for file in sorted((DBT_PROJECT / "models" / "v2").rglob("*__models.yml"))
    for model in yaml.safe_load(file.read_text())["models"]
}


@pytest.fixture(scope="module")
def headwater() -> Iterator[Headwater]:
    """The command, in a home of its own that has been through two runs."""
    home = Path(tempfile.mkdtemp(prefix="headwater-test-"))
    home.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    variables = {**kept, "HEADWATER_HOME": str(home), "HEADWATER_SCALE": "1"}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = [str(Path(sys.executable).with_name("headwater")), *arguments]
        return subprocess.run(program, env=variables, capture_output=True, text=True, check=False)

    for _ in range(2):
        outcome = call("run")
        assert outcome.returncode == 0, outcome.stderr
        assert "verdict: pass" in outcome.stdout
    assert "no model to build" in outcome.stderr
    yield call
    cluster = (home / "postgres" / "data").resolve().parent
    shutil.rmtree(home)
    if cluster.parent.name == "headwater":
        shutil.rmtree(cluster, ignore_errors=True)


def test_headline_counts(headwater: Headwater) -> None:
    """What the business counts in V1 is what V2 counts, to the row."""
    commands = [argument for query in HEADLINES for argument in ("-c", query)]
    counts = headwater("psql", "--", "-XAt", *commands).stdout.split()
    assert dict(zip(HEADLINES, map(int, counts), strict=True)) == HEADLINES


def test_live_activity_reaches_the_mart(headwater: Headwater) -> None:
    """Calls, texts, appointments and events of Follow Up Boss; texts are known to the live source alone."""
    sums = "sum(calls_made), sum(texts_sent), sum(texts_received), sum(appointments_set), sum(events)"
    counts = headwater("psql", "--", "-XAtc", f"select {sums} from marts.agg_fub_activity").stdout.strip().split("|")
    assert [count for count in map(int, counts) if count < 1000] == []


def test_every_live_source_tells_how_far_it_was_read(headwater: Headwater) -> None:
    """All six sync states have cursors."""
    queries = [f"select count(cursor) from v2.{name}_sync_state" for name in SOURCES]
    counts = headwater("psql", "--", "-XAt", *(word for query in queries for word in ("-c", query))).stdout.split()
    assert "0" not in counts
    assert len(counts) == len(SOURCES)


def test_only_what_is_declared_so_is_empty(headwater: Headwater, tmp_path: Path) -> None:
    """A table without rows, or a column null in all, is a fault in a model unless the YAML gives the reason for it."""
    queries = tmp_path / "counts.sql"
    queries.write_text(
        "".join(
            f"select '{table}', count(*), {', '.join(f'count({quoted(name)})' for name in columns(table))}"
            f" from v2.{quoted(table)};\n"
            for table in MODELS
        )
    )
    empty, null = set(), set()
    for line in headwater("psql", "--", "-XAt", "-f", str(queries)).stdout.splitlines():
        table, rows, *counts = line.split("|")
        if rows == "0":
            empty.add(table)
        else:
            null |= {(table, name) for name, count in zip(columns(table), counts, strict=True) if count == "0"}
    assert empty == {table for table, model in MODELS.items() if "empty" in meta(model)}
    assert null == {
        (table, name)
        for table in MODELS
        for name, column in columns(table).items()
        if "may_be_null" in meta(column) and table not in empty
    }


def columns(table: str) -> dict[str, dict[str, Any]]:
    return {column["name"]: column for column in MODELS[table]["columns"]}


def meta(declared: dict[str, Any]) -> dict[str, Any]:
    return declared.get("config", {}).get("meta", {})


def test_foreign_keys_stand_after_two_runs(headwater: Headwater) -> None:
    """Every declared reference to a table that is built is a foreign key of the database."""
    query = (
        "select count(*) from pg_constraint where contype = 'f' and connamespace = 'v2'::regnamespace and convalidated"
    )
    assert int(headwater("psql", "--", "-XAtc", query).stdout) >= 50


def test_no_reference_dangles(headwater: Headwater) -> None:
    """Counted in plain SQL over the declared foreign keys, not by our own macros."""
    query = """
        select string_agg(format(
            'select count(*) from %s c where c.%I is not null and not exists (select from %s p where p.id = c.%I)',
            conrelid::regclass, attname, confrelid::regclass, attname), ' union all ')
        from pg_constraint inner join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        where contype = 'f' and connamespace = 'v2'::regnamespace
    """
    counts = headwater("psql", "--", "-XAtc", headwater("psql", "--", "-XAtc", query).stdout.strip())
    assert set(counts.stdout.split()) == {"0"}
