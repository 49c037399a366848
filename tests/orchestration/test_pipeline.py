"""The sandbox kept in step with the code: filled once, and anew when its world would be another one.

The filling itself is replaced here (`connectors/test_v1_sandbox.py` has it).
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from connectors.v1 import stand_in
from connectors.v1.stand_in import Filled
from orchestration import sandbox
from orchestration.database import Databases

SCALE = 0.01
EDITION = "of this code"


@pytest.fixture
def filling(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[bool, bool]]:
    """Keep a sandbox in step: whether V1 was filled, and whether what was landed of it stands."""

    def fill(was: Filled | None, *, anew: bool = False) -> tuple[bool, bool]:
        filled: list[float] = []
        monkeypatch.setattr(stand_in, "edition", lambda: EDITION)
        monkeypatch.setattr(stand_in, "filled_with", lambda _url: was)
        monkeypatch.setattr(stand_in, "fill", lambda _url, **world: filled.append(world["scale"]) or {"user": 1})
        with psycopg.connect(empty_database, autocommit=True) as connection:
            connection.execute("create schema staging_v1; create table staging_v1.agent (key text)")
            sandbox.fill(Databases(empty_database, empty_database, "", empty_database), SCALE, anew=anew)
            (stands,) = connection.execute("select to_regclass('staging_v1.agent') is not null").fetchone()
        return filled == [SCALE], stands

    return fill


@pytest.mark.parametrize("day", [0, 3])
def test_the_same_world_is_left_alone(day: int, filling: Callable[..., tuple[bool, bool]]) -> None:
    """A V1 filled by this code, at this size, is the one the run reads."""
    assert filling(Filled(stand_in.SEED, SCALE, EDITION, day)) == (False, True)


@pytest.mark.parametrize(
    "was",
    [
        Filled(stand_in.SEED, SCALE, "of older code", 0),
        Filled(stand_in.SEED, 1.0, EDITION, 0),
        Filled(7, SCALE, EDITION, 0),
    ],
    ids=["code", "scale", "seed"],
)
def test_another_world_replaces_the_old_one(was: Filled, filling: Callable[..., tuple[bool, bool]]) -> None:
    """V1 is filled anew, and what was landed goes: its rows would stay in V2 as rows that V1 deleted."""
    assert filling(was) == (True, False)


def test_an_empty_sandbox_is_filled(filling: Callable[..., tuple[bool, bool]]) -> None:
    """The first fill drops nothing: what may have landed is not of a sandbox."""
    assert filling(None) == (True, True)


def test_a_fill_that_is_asked_for_happens(filling: Callable[..., tuple[bool, bool]]) -> None:
    """`headwater sandbox fill` makes the same world anew."""
    assert filling(Filled(stand_in.SEED, SCALE, EDITION, 0), anew=True) == (True, False)


@pytest.mark.parametrize(
    ("file", "counts"),
    [("v1/documents.py", True), ("v1/planted_faults.csv", True), ("sandbox/deals.py", True), ("v1/source.py", False)],
)
def test_code_that_makes_the_world_tells_it_apart(
    file: str, counts: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change of what V1 holds is another edition; a change of how it is read is none."""
    here = Path(stand_in.__file__).parents[1]
    for folder, module in (("v1", stand_in), ("sandbox", stand_in.editions)):
        shutil.copytree(here / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
        monkeypatch.setattr(module, "__file__", str(tmp_path / folder / Path(module.__file__).name))
    before = stand_in.edition()
    with (tmp_path / file).open("a") as changed:
        changed.write("\n")
    assert (stand_in.edition() != before) == counts
