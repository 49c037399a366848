"""JobNimbus' objects as received, and a database of their own in which dbt makes `growth` and its marts of them.

Belongs here: made-up objects in the manual's words, how they are landed, how the tables are built. Does not belong
here: what must come of them (`test_growth*.py`), the second opinion (`oracle/growth.py`).
"""

import hashlib
import json
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
from dbt_database import beside, dbt, refill
from psycopg import sql
from psycopg.rows import dict_row

from connectors.landing_live import prepare
from orchestration.database import Databases

Payload = dict[str, Any]

AS_OF = date(2026, 11, 1)
FIRST_LOAD = datetime(2026, 11, 1, 12, tzinfo=UTC)
EVENTS = "staging_jobnimbus.jobnimbus_raw_events"
SELECTION = ("jobnimbus_stages", "growth", "marts.growth")


def at(day: str, clock: str = "12:00") -> int:
    """A moment in Chicago, as JobNimbus writes it."""
    when = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo("America/Chicago"))
    return round(when.timestamp())


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


# Job types and statuses as a workflow lists them.
STATUSES = {
    62: {
        601: "Lead",
        602: "Appointment Scheduled",
        603: "Estimating",
        604: "Signed Contract",
        605: "In Progress",
        606: "Job Completed",
        607: "Invoiced Customer",
        608: "Paid & Closed",
        609: "Request Review",
        610: "Lost",
    },
    57: {701: "Lead", 702: "Signed Contract", 703: "Deductible Collection", 704: "Request Review", 705: "Lost"},
}
TYPES = {62: "Roof Replacement", 57: "Insurance", 47: "Legacy (Bob's Workflow)", 63: "Window Replacement"}


def workflows() -> list[Payload]:
    """What the settings say of the statuses of jobs."""
    return [
        {
            "id": number,
            "object_type": "job",
            "name": TYPES[number],
            "status": [{"id": status, "name": name} for status, name in statuses.items()],
        }
        for number, statuses in STATUSES.items()
    ]


def user(key: str, **fields: Any) -> Payload:
    return {
        "id": key,
        "first_name": "Ash",
        "last_name": "Finch",
        "email": "ASH@example.com",
        "is_active": True,
    } | fields


def contact(key: str, **fields: Any) -> Payload:
    return {
        "jnid": key,
        "type": "contact",
        "first_name": "Rowan",
        "last_name": "Vale",
        "display_name": "Rowan Vale",
        "mobile_phone": "",
        "home_phone": None,
        "work_phone": "5550100",
        "record_type_name": "Customer",
        "source_name": "Referral",
        "sales_rep": "rep1",
        "date_created": at("2026-01-05"),
        "date_updated": at("2026-01-05"),
        "is_active": True,
        "is_archived": False,
    } | fields


def job(key: str, status: int = 601, record_type: int = 62, **fields: Any) -> Payload:
    """A job of a homeowner, made on 5 January and never changed since."""
    names = STATUSES.get(record_type, STATUSES[62])
    return {
        "jnid": key,
        "type": "job",
        "recid": 7,
        "name": "412 Alder Ct - Rowan Vale",
        "record_type": record_type,
        "record_type_name": TYPES[record_type],
        "status": status,
        "status_name": names.get(status),
        "date_created": at("2026-01-05"),
        "date_updated": at("2026-01-05"),
        "date_status_change": at("2026-01-05"),
        "primary": {"id": "con1", "type": "contact", "name": "Rowan Vale"},
        "related": [],
        "source_name": "Web",
        "sales_rep": "rep1",
        "sales_rep_name": "Ash Finch",
        "approved_estimate_total": 0,
        "last_estimate": 0,
        "parent_approved_estimate_total": 0,
        "geo": {"lat": 0, "lon": 0},
        "is_active": True,
        "is_archived": False,
    } | fields


def moved(told: Payload, status: int, when: int, **fields: Any) -> Payload:
    """A job once it came to another status."""
    name = STATUSES.get(told["record_type"], STATUSES[62])[status]
    return told | {"status": status, "status_name": name, "date_status_change": when, "date_updated": when} | fields


def move(key: str, job_id: str, status: int, when: int, **fields: Any) -> Payload:
    """The activity that a change of status makes."""
    return {
        "jnid": key,
        "type": "activity",
        "primary": {"new_status": status, "id": job_id, "type": "job"},
        "note": "Job status changed",
        "is_status_change": True,
        "record_type_name": "Status Changed",
        "date_created": when,
        "date_updated": when,
        "is_active": True,
    } | fields


def payment(key: str, total: float, day: str, *jobs: str, **fields: Any) -> Payload:
    return {
        "jnid": key,
        "type": "payment",
        "total": total,
        "credit": 0,
        "method_id": 1,
        "date_payment": at(day),
        "date_created": at(day),
        "date_updated": at(day),
        "primary": None,
        "related": [{"id": one, "type": "job"} for one in jobs],
        "invoices": [],
        "refunded_amount": None,
        "is_active": True,
        "is_archived": False,
    } | fields


def order(key: str, job_id: str, **fields: Any) -> Payload:
    """A work order; of a material order or budget, fields say more."""
    return {
        "jnid": key,
        "related": [{"id": job_id, "type": "job"}],
        "date_created": at("2026-02-01"),
        "date_updated": at("2026-02-01"),
        "is_active": True,
        "is_archived": False,
    } | fields


def land(connection: psycopg.Connection, load: int, **objects: Iterable[Payload]) -> None:
    """Land versions of objects, by kind; a load is a day later than the one before it."""
    for kind, payloads in objects.items():
        for payload in payloads:
            key = str(payload.get("jnid") or payload.get("id"))
            written = json.dumps(payload, sort_keys=True)
            digest = hashlib.sha256(written.encode()).hexdigest()[:32]
            _insert(connection, load, f"{kind}:{key}:{digest}", {"object": kind, "jnid": key}, payload)


def lose(connection: psycopg.Connection, load: int, kind: str, key: str) -> None:
    """Land that an object was found gone."""
    _insert(connection, load, f"{kind}:{key}:gone:{load}", {"object": kind, "jnid": key, "gone": True}, {})


def _insert(connection: psycopg.Connection, load: int, key: str, request: Payload, payload: Payload) -> None:
    connection.execute(
        f"insert into {EVENTS} (account, key, request, payload, extracted_at, _dlt_load_id)"
        " values ('main', %s, %s, %s, %s, %s)",
        [key, json.dumps(request), json.dumps(payload), FIRST_LOAD + timedelta(days=load - 1), str(load)],
    )


class Growth:
    """A database with JobNimbus' events, and dbt's models over them.

    Args:
        url: where it is.
        target: folder for dbt's artifacts.
        as_of: the day the marts are computed for.
    """

    def __init__(self, url: str, target: Path, as_of: date) -> None:
        self.url, self.target, self.as_of = url, target, as_of
        with psycopg.connect(url, autocommit=True) as connection:
            prepare(connection, "jobnimbus", ["jobnimbus_raw_events"])

    def dbt(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run dbt on the models of JobNimbus."""
        settings = {"HEADWATER_AS_OF": self.as_of.isoformat()}
        return dbt(self.url, self.target, *arguments, "--select", *SELECTION, **settings)

    def build(self) -> None:
        """Make every table, as a run does."""
        made = self.dbt("build", "--exclude-resource-type", "test", "unit_test")
        assert made.returncode == 0, made.stdout[-4000:]

    @cached_property
    def queries(self) -> dict[str, str]:
        """The SQL of every table, `schema.name`, as dbt compiled it; parents first."""
        manifest = json.loads((self.target / "manifest.json").read_text())
        models = {
            key: node
            for key, node in manifest["nodes"].items()
            if node["resource_type"] == "model" and "growth" in node["fqn"][1:3]
        }
        compiled = self.target / "compiled" / manifest["metadata"]["project_name"]
        order = TopologicalSorter({key: manifest["parent_map"][key] for key in models}).static_order()
        return {
            f"{models[key]['schema']}.{models[key]['name']}": (compiled / models[key]["original_file_path"]).read_text()
            for key in order
            if key in models
        }

    def rebuild(self, connection: psycopg.Connection) -> None:
        """Fill every table anew within a transaction."""
        connection.execute("set local session_replication_role = replica")
        refill(connection, self.queries)


@contextmanager
def own_database(databases: Databases, name: str, target: Path, as_of: date = AS_OF) -> Iterator[Growth]:
    """A database beside the warehouse, gone afterwards."""
    with beside(databases, name) as url:
        yield Growth(url, target, as_of)


def copy_events(source: Growth, target: Growth) -> None:
    """Give a database another one's events, and nothing else of it."""
    with psycopg.connect(source.url) as reading, psycopg.connect(target.url) as writing:
        copied = reading.cursor().copy(f"copy {EVENTS} to stdout")
        with copied as blocks, writing.cursor().copy(f"copy {EVENTS} from stdin") as out:
            for block in blocks:
                out.write(block)


def contents(growth: Growth) -> dict[str, list[str]]:
    """Every row of every table, in an order of its own."""
    with psycopg.connect(growth.url) as connection:
        return {
            table: [row for (row,) in connection.execute(f"select to_jsonb(t)::text from {table} as t order by 1")]
            for table in growth.queries
        }


def rows(connection: psycopg.Connection, table: str, **where: Any) -> list[dict[str, Any]]:
    """The rows of a table with these values."""
    conditions = [sql.SQL("{} is not distinct from %s").format(sql.Identifier(name)) for name in where]
    query = sql.SQL("select * from {}{}").format(
        sql.SQL(table), sql.SQL(" where ") + sql.SQL(" and ").join(conditions) if where else sql.SQL("")
    )
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, list(where.values())).fetchall()


def one(connection: psycopg.Connection, table: str, **where: Any) -> dict[str, Any]:
    """The one row of a table with these values."""
    found = rows(connection, table, **where)
    assert len(found) == 1, f"{table} has {len(found)} rows where {where}"
    return found[0]
