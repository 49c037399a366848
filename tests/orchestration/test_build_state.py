"""What was built from what: only what changed is built again, and a broken build counts as none.

Does not belong here: running dbt (`test_dbt_build.py`) and whole runs (`end_to_end/test_second_run.py`).
"""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from orchestration import build_state
from orchestration.build_state import BuildState, changed_selection, current, last, record
from orchestration.project import DBT_PROJECT, SEEDS

BUILT = BuildState("code", "2024-06-30", {"staging_v1.agent": "1", "staging_v1.user": "1"})


@pytest.mark.parametrize(
    ("old", "new", "selection"),
    [
        (BUILT, BUILT, []),
        (None, BUILT, None),
        (BUILT, replace(BUILT, code="other"), None),
        (BUILT, replace(BUILT, as_of="2024-07-01"), None),
        (BUILT, replace(BUILT, loads={**BUILT.loads, "staging_v1.user": "2"}), ["source:staging_v1.user+"]),
        (BUILT, replace(BUILT, loads={**BUILT.loads, "staging_v1.team": "2"}), ["source:staging_v1.team+"]),
        (
            BUILT,
            replace(BUILT, loads={"staging_v1.user": "2", "staging_v1.agent": "2"}),
            ["source:staging_v1.agent+", "source:staging_v1.user+"],
        ),
    ],
    ids=["nothing", "first build", "code", "day", "one load", "new table", "two loads, sorted"],
)
def test_what_is_built_again(old: BuildState | None, new: BuildState, selection: list[str] | None) -> None:
    """Nothing without a change, all for other code or another day, else what lies below a changed table."""
    assert changed_selection(old, new) == selection


@pytest.fixture
def connection(empty_database: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(empty_database, autocommit=True) as opened:
        yield opened


def test_the_state_is_kept(connection: psycopg.Connection) -> None:
    """What was recorded is read back; a newer state replaces it."""
    assert last(connection) is None
    record(connection, replace(BUILT, code="older"))
    record(connection, BUILT)
    assert last(connection) == BUILT


def test_a_build_under_way_counts_as_none(connection: psycopg.Connection) -> None:
    """Once a build begins the old state is gone: if it breaks, everything is built again."""
    record(connection, BUILT)
    record(connection, None)
    assert last(connection) is None


def test_before_the_first_landing(connection: psycopg.Connection) -> None:
    """A database in which nothing landed has a state without loads, not an error."""
    assert current(connection).loads == {}


def test_the_loads_of_a_warehouse(warehouse: str) -> None:
    """Each landed table comes with its newest load, by the name dbt's sources have."""
    with psycopg.connect(warehouse) as connection:
        loads = current(connection).loads
        tables = connection.execute("select key, _dlt_load_id from staging_v1.landing_state").fetchall()
        people = connection.execute("select max(_dlt_load_id) from staging_fub.people").fetchone()
    of_v1 = {table: load for table, load in loads.items() if table.startswith("staging_v1.")}
    assert of_v1 == {f"staging_v1.{table}": load for table, load in tables}
    assert "staging_v1.agent" in of_v1
    assert (loads["staging_fub.people"],) == people
    assert {table.split(".")[0] for table in loads} > {"staging_v1", "staging_fub", "staging_rezen"}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the dbt project and its seeds that the fingerprint is taken of."""
    for name, folder in (("DBT_PROJECT", DBT_PROJECT), ("SEEDS", SEEDS)):
        shutil.copytree(folder, tmp_path / folder.name, ignore=shutil.ignore_patterns("target", "logs"))
        monkeypatch.setattr(build_state, name, tmp_path / folder.name)
    return tmp_path


def test_the_same_files_have_the_same_fingerprint(project: Path) -> None:
    """Neither the age of the files nor what dbt writes beside them tells two versions apart."""
    assert build_state.code_fingerprint() == build_state.code_fingerprint()
    before = build_state.code_fingerprint()
    (project / "dbt_project" / "dbt_project.yml").touch()
    (project / "dbt_project" / "target").mkdir()
    (project / "dbt_project" / "target" / "manifest.sql").write_text("select 1")
    (project / "dbt_project" / "notes.txt").write_text("no code")
    assert build_state.code_fingerprint() == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("dbt_project/models/v2/team/_team__models.yml", "path: maxTeammates", "path: max_teammates"),
        ("dbt_project/macros/engine/surrogate.sql", "'|'", "'/'"),
        ("dbt_project/dbt_project.yml", "America/Chicago", "America/New_York"),
        ("seeds/recon_exceptions.csv", "2029-12-31", "2028-12-31"),
    ],
    ids=["meta of a column", "macro", "variable", "seed"],
)
def test_every_change_of_code_shows(project: Path, file: str, old: str, new: str) -> None:
    """A changed declaration counts as changed code, which dbt's own state:modified misses."""
    before = build_state.code_fingerprint()
    text = (project / file).read_text()
    assert old in text
    (project / file).write_text(text.replace(old, new, 1))
    assert build_state.code_fingerprint() != before


@pytest.mark.parametrize("change", ["new", "renamed", "removed"])
def test_files_that_come_and_go_show(project: Path, change: str) -> None:
    """A model that is new, renamed or gone counts as changed code."""
    before = build_state.code_fingerprint()
    model = project / "dbt_project" / "models" / "v2" / "team" / "mentor.sql"
    if change == "new":
        model.with_name("another.sql").write_text("select 1")
    elif change == "renamed":
        model.rename(model.with_name("coach.sql"))
    else:
        model.unlink()
    assert build_state.code_fingerprint() != before


def test_a_checkout_may_lie_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder called `target` above the checkout is not dbt's target folder."""
    root = tmp_path / "target" / "headwater"
    (root / "dbt_project").mkdir(parents=True)
    monkeypatch.setattr(build_state, "DBT_PROJECT", root / "dbt_project")
    monkeypatch.setattr(build_state, "SEEDS", root / "seeds")
    empty = build_state.code_fingerprint()
    (root / "dbt_project" / "model.sql").write_text("select 1")
    assert build_state.code_fingerprint() != empty


@pytest.mark.parametrize("as_of", ["2024-06-30", "'2024-06-30'"])
def test_a_given_day_can_be_recorded(
    as_of: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, connection: psycopg.Connection
) -> None:
    """`as_of: 2024-06-30` is a date to YAML and the same day to us, with and without quotes."""
    (tmp_path / "dbt_project.yml").write_text(f"vars: {{business_timezone: America/Chicago, as_of: {as_of}}}")
    monkeypatch.setattr(build_state, "DBT_PROJECT", tmp_path)
    record(connection, replace(BUILT, as_of=build_state.business_day()))
    assert last(connection).as_of == "2024-06-30"
