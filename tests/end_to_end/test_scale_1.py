"""The main job at the size of the real business, by the command a person types."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.scale1

Headwater = Callable[..., subprocess.CompletedProcess[str]]

HEADLINES = {
    'select count(*) from v2."user"': 335,
    'select count(*) from v2."user" where agent_id is not null': 234,
    'select count(*) from v2."user" where team_id is not null': 204,
    "select count(*) from v2.agent": 37040,
    "select count(*) from v2.team": 260,
    "select count(*) from v2.network_member": 86617,
    "select max(jsonb_array_length(path_json)) from v2.agent_hierarchy": 15,
    "select count(*) from reconciliation.recon_differences where not accepted": 0,
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
    assert "no model to build" in outcome.stderr
    yield call
    cluster = (home / "postgres" / "data").resolve().parent
    shutil.rmtree(home)
    if cluster.parent.name == "headwater":
        shutil.rmtree(cluster, ignore_errors=True)


@pytest.mark.parametrize("query", HEADLINES)
def test_headline_counts(headwater: Headwater, query: str) -> None:
    """What the business counts in V1 is what V2 counts, to the row."""
    assert headwater("psql", "--", "-XAtc", query).stdout.strip() == str(HEADLINES[query])


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
