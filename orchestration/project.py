"""Where things are, and the environment every part of a run shares.

Belongs here: paths of the repository and of `var/`, the environment variables that lead dlt, dbt and Dagster to
the databases. Does not belong here: the databases themselves (`database.py`).
"""

import os
from pathlib import Path

from orchestration import sandbox
from orchestration.database import Databases, home, psql_command

ROOT = Path(__file__).parents[1]
DBT_PROJECT = ROOT / "dbt_project"
SEEDS = ROOT / "seeds"

WAREHOUSE_VARIABLE = "DATABASE_URL"
V1_VARIABLE = "SOURCES__V1__URL"
WORLD_VARIABLE = "HEADWATER_WORLD"
AS_OF_VARIABLE = "HEADWATER_AS_OF"
DAGSTER_VARIABLE = "HEADWATER_DAGSTER_URL"
APP_ADMIN_VARIABLE = "HEADWATER_CUSTOMER_ADMIN_SHA256"
"""SHA-256 of the address of the customer app's administrator, who counts in no mart; never the address itself."""


def dbt_target() -> Path:
    """The folder of dbt's artifacts."""
    return home() / "dbt" / "target"


def environment(databases: Databases) -> dict[str, str]:
    """Variables that lead dlt, dbt, psql and Dagster to these databases, without V1's.

    The warehouse's are libpq's own (PGHOST, ...): dbt's profile and psql read them.
    """
    _, variables = psql_command(databases)
    chosen = {name: value for name, value in variables.items() if name.startswith("PG")}
    chosen |= {
        WAREHOUSE_VARIABLE: databases.warehouse,
        # dagster-postgres takes psycopg 3 for plain postgresql:// when it is there, and cannot use it.
        DAGSTER_VARIABLE: databases.dagster.replace("postgresql://", "postgresql+psycopg2://", 1),
        "DAGSTER_HOME": str(dagster_home()),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_TARGET_PATH": str(dbt_target()),
        "DBT_LOG_PATH": str(home() / "dbt" / "logs"),
        "HEADWATER_HOME": str(home()),
    }
    chosen.setdefault("PGPORT", "5432")
    # Differences that the sandbox plants are accepted in the sandbox only.
    chosen[WORLD_VARIABLE] = os.environ.get(WORLD_VARIABLE) or ("production" if is_v1_configured() else "sandbox")
    # In the sandbox nothing happens after its last day: that is its today.
    chosen[AS_OF_VARIABLE] = os.environ.get(AS_OF_VARIABLE) or (
        sandbox.today(databases).isoformat() if chosen[WORLD_VARIABLE] == "sandbox" else ""
    )
    chosen[APP_ADMIN_VARIABLE] = os.environ.get(APP_ADMIN_VARIABLE) or (
        sandbox.app_admin() if chosen[WORLD_VARIABLE] == "sandbox" else ""
    )
    return chosen


def is_v1_configured() -> bool:
    """Is there a V1 system of the user's own? Otherwise the sandbox plays it."""
    if os.environ.get(V1_VARIABLE):
        return True
    import dlt  # 2 s, which `headwater psql` would feel
    from dlt.common.configuration.exceptions import ConfigFieldMissingException

    try:
        return bool(dlt.secrets.get("sources.v1.url"))
    except ConfigFieldMissingException:
        return False


def dagster_home() -> Path:
    """Dagster's folder under `var/`, holding a copy of the committed instance settings."""
    folder = home() / "dagster"
    folder.mkdir(exist_ok=True)
    settings = (Path(__file__).parent / "dagster.yaml").read_text()
    target = folder / "dagster.yaml"
    if not target.exists() or target.read_text() != settings:
        target.write_text(settings)
    return folder
