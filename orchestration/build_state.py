"""What the models were last built from, so that only what changed is built again.

Belongs here: the fingerprint of the dbt project, the landed loads, and the selection that follows from both.
Does not belong here: running dbt (`dbt_build.py`). dbt's own `state:modified` misses changes of a column's meta,
which is where the extraction is declared; hence a fingerprint of files.
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import psycopg
import yaml

from orchestration.project import APP_ADMIN_VARIABLE, AS_OF_VARIABLE, DBT_PROJECT, SEEDS, WORLD_VARIABLE

_TABLE = "headwater.build_state"


@dataclass(frozen=True)
class BuildState:
    """What a build was made from.

    Attributes:
        code: hash of every file of the dbt project and of the seeds.
        as_of: the day the models were computed for.
        loads: newest dlt load id per landed table, `schema.table`.
    """

    code: str
    as_of: str
    loads: dict[str, str]


def code_fingerprint() -> str:
    """Hash the dbt project's and the seeds' files, names and contents, and the settings they are compiled for."""
    settings = [os.environ.get(name, "") for name in (WORLD_VARIABLE, APP_ADMIN_VARIABLE)]
    digest = hashlib.sha256("\0".join(settings).encode())
    for folder in (DBT_PROJECT, SEEDS):
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.suffix in {".sql", ".yml", ".csv"} and name.parts[0] != "target":
                digest.update(f"{folder.name}/{name}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def business_day() -> str:
    """The day dbt computes for, YYYY-MM-DD: the one it is told, else today in the project's business time zone."""
    variables = yaml.safe_load((DBT_PROJECT / "dbt_project.yml").read_text())["vars"]
    if told := variables["as_of"] or os.environ.get(AS_OF_VARIABLE):
        return str(told)
    return datetime.now(ZoneInfo(variables["business_timezone"])).date().isoformat()


def current(connection: psycopg.Connection) -> BuildState:
    """The state a build made now would have."""
    return BuildState(code_fingerprint(), business_day(), loads(connection))


def loads(connection: psycopg.Connection) -> dict[str, str]:
    """The newest load per landed table. V1's state is landed like its tables; live sources keep a plain one."""
    found: dict[str, str] = {}
    schemas = connection.execute(
        "select table_schema from information_schema.tables"
        # Without dlt's own schemas: what V1 merges passes through staging_v1_staging.
        " where table_name = 'landing_state' and table_schema ~ '^staging_(?!.*_staging$)' order by 1"
    ).fetchall()
    for (schema,) in schemas:
        columns = "key, _dlt_load_id" if schema == "staging_v1" else '"table", load_id'
        rows = connection.execute(f'select {columns} from "{schema}".landing_state').fetchall()
        found |= {f"{schema}.{table}": load for table, load in rows}
    return found


def last(connection: psycopg.Connection) -> BuildState | None:
    """The state of the last complete build, None when there is none."""
    if not (connection.execute(f"select to_regclass('{_TABLE}')").fetchone() or (None,))[0]:
        return None
    row = connection.execute(f"select state from {_TABLE}").fetchone()
    return BuildState(**row[0]) if row else None


def record(connection: psycopg.Connection, state: BuildState | None) -> None:
    """Write the state of a complete build; None while one is under way, so that a broken one counts as none."""
    with connection.transaction():
        connection.execute("create schema if not exists headwater")
        connection.execute(f"create table if not exists {_TABLE} (state jsonb not null, built_at timestamptz not null)")
        connection.execute(f"delete from {_TABLE}")
        if state:
            connection.execute(f"insert into {_TABLE} values (%s, now())", [json.dumps(asdict(state))])


def relations(connection: psycopg.Connection) -> set[str]:
    """Tables and views that stand in the warehouse, `schema.name`."""
    rows = connection.execute("select table_schema || '.' || table_name from information_schema.tables")
    return {name for (name,) in rows}


def changed_selection(old: BuildState | None, new: BuildState) -> list[str] | None:
    """What dbt must select to bring a build from one state to the other.

    Returns:
        None for everything, [] for nothing, else `source:schema.table+` selectors.
    """
    if old is None or (old.code, old.as_of) != (new.code, new.as_of):
        return None
    changed = {table for table, load in new.loads.items() if old.loads.get(table) != load}
    return [f"source:{table}+" for table in sorted(changed)]
