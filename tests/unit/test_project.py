"""What a run is led to: databases, world and day. Nothing is started here.

Does not belong here: whether programs find their way by it (`orchestration/test_cli.py`).
"""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from orchestration import build_state, project, sandbox
from orchestration.database import Databases
from orchestration.project import AS_OF_VARIABLE, V1_VARIABLE, WORLD_VARIABLE

WORLDS_LAST_DAY = "2026-11-01"
DATABASES = Databases(*(f"postgresql://u:p@h:1/a{suffix}" for suffix in ("", "_v1", "_dagster", "_app")))


@pytest.fixture
def led_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., dict[str, str]]:
    """The environment of a run on a machine with these settings, and with no V1 in dlt's files."""
    for name in (AS_OF_VARIABLE, V1_VARIABLE, WORLD_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HEADWATER_HOME", str(tmp_path))

    def environment(**settings: str) -> dict[str, str]:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(project, "is_v1_configured", lambda: V1_VARIABLE in settings)
        monkeypatch.setattr(sandbox, "today", lambda _databases: date.fromisoformat(WORLDS_LAST_DAY))
        return project.environment(DATABASES)

    return environment


def test_the_sandbox_ends_on_its_last_day(led_to: Callable[..., dict[str, str]]) -> None:
    """Nothing happens in the sandbox after its last day, so that is the day its marts are computed for."""
    chosen = led_to()
    assert (chosen[WORLD_VARIABLE], chosen[AS_OF_VARIABLE]) == ("sandbox", WORLDS_LAST_DAY)


def test_production_has_todays_day(led_to: Callable[..., dict[str, str]]) -> None:
    """With a V1 of one's own no day is told: dbt takes today's in the business time zone."""
    chosen = led_to(SOURCES__V1__URL="postgresql://u:p@h/v1")
    assert (chosen[WORLD_VARIABLE], chosen[AS_OF_VARIABLE]) == ("production", "")


@pytest.mark.parametrize("settings", [{}, {V1_VARIABLE: "postgresql://u:p@h/v1"}], ids=["sandbox", "production"])
def test_a_day_that_is_told_counts(settings: dict[str, str], led_to: Callable[..., dict[str, str]]) -> None:
    """HEADWATER_AS_OF computes the marts for a past day, whatever the world."""
    assert led_to(**settings, HEADWATER_AS_OF="2026-06-30")[AS_OF_VARIABLE] == "2026-06-30"


def test_the_build_knows_the_day_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a build is recorded for is the day its models were computed for; another day builds everything anew."""
    monkeypatch.setenv(AS_OF_VARIABLE, "2026-06-30")
    assert build_state.business_day() == "2026-06-30"
    monkeypatch.setenv(AS_OF_VARIABLE, "")
    assert build_state.business_day() > WORLDS_LAST_DAY


def test_nothing_of_v1_is_handed_on(led_to: Callable[..., dict[str, str]]) -> None:
    """Programs such as dbt and psql are led to the warehouse alone."""
    chosen = led_to(SOURCES__V1__URL="postgresql://u:hunter2@h/v1")
    assert chosen["DATABASE_URL"] == DATABASES.warehouse
    assert "hunter2" not in "".join(chosen.values())
