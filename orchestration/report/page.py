"""The reconciliation as one HTML page that needs nothing but itself.

Belongs here: what the page shows besides the answer of `headwater reconcile`, and writing it. Does not belong here:
what a difference is (dbt), the page's look (`template.html`, `style.css`, `script.js`). No value of a record is read
here, only tables, keys and columns: pages get mailed around. How many findings the page lists is bounded, so that a
day on which everything differs still gives a page that opens.
"""

import base64
import hashlib
import os
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from psycopg.rows import dict_row

from connectors.errors import HeadwaterError
from orchestration import build_state, reconciliation
from orchestration.database import Databases
from orchestration.project import DBT_PROJECT, WORLD_VARIABLE, environment
from orchestration.report import charts

MOST_SAMPLES = 20
"""Keys shown of one check on one table."""
MOST_SAMPLES_IN_ALL = 4000
MONTHS_SHOWN = 60
CHART_BOX = (880, 150)
"""Width and height of a column chart, in its own units."""

_COVERAGES = ("mapped", "merged", "deprecated", "unmapped")
_V1_CHECKS = ("unmapped_fields", "dead_paths")
"""Checks that are about V1 tables and their paths; all others are about V2's."""
_KEY = re.compile(r"[\w./:|-]{1,80}")
_SOON = timedelta(days=30)


def write(databases: Databases, path: Path) -> str:
    """Compare V1, as last landed, with V2, and write the page.

    Returns:
        The verdict, `pass` or `fail`.

    Raises:
        ReconciliationError: the models were never built.
        HeadwaterError: the page cannot be written.
    """
    with psycopg.connect(databases.warehouse, autocommit=True) as connection:
        reconciliation.renew(connection)
        contents = collect(connection)
    html = render(contents | {"world": _world(databases)})
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(html, encoding="utf-8")
    except OSError as error:
        raise HeadwaterError(f"The page {path} cannot be written: {error.strerror}.") from error
    return str(contents["verdict"])


def collect(connection: psycopg.Connection) -> dict[str, Any]:
    """Read what the page shows: the answer of `headwater reconcile` and what that leaves out.

    Raises:
        ReconciliationError: the models were never built, or by an older version.
    """
    with reconciliation.built():
        result = reconciliation.collect(connection)
        if not result["checks"]:
            raise reconciliation.ReconciliationError("Nothing was compared: run `headwater run` first.")
        built = build_state.last(connection)
        return result | {
            "as_of": built.as_of if built else None,
            "tables": _rows(connection, _TABLES),
            "samples": _samples(connection, result["checks"]),
            "kinds": _rows(connection, _KINDS),
            "exceptions": _exceptions(connection, built.as_of if built else build_state.business_day()),
            "months": _months(connection),
        }


def render(contents: dict[str, Any]) -> str:
    """The page."""
    folder = Path(__file__).parent
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters |= {
        "number": reconciliation.amount,
        "words": _words,
        "breakable": _breakable,
        "key": _key,
        "path": _path,
    }
    # Our own files, not data: they go in as they are, and only what has their hash is allowed to run.
    style, script = (Markup((folder / name).read_text(encoding="utf-8")) for name in ("style.css", "script.js"))  # noqa: S704
    return templates.get_template("template.html").render(
        contents
        | _arranged(contents)
        | {
            "style": style,
            "script": script,
            "style_hash": _hash(style),
            "script_hash": _hash(script),
            "chart_box": CHART_BOX,
            "most_listed": reconciliation.MOST_LISTED,
            "most_samples": MOST_SAMPLES,
            "length": charts.length,
        }
    )


_TABLES = """
    select v1_table as "table", relation, mapping, coverage, v2_tables, coalesce(v1_rows, 0) as rows, note
    from reconciliation.recon_table_coverage
    order by v1_table, relation
"""
_KINDS = """
    select
        kind,
        count(*) filter (where not accepted) as failing,
        count(*) filter (where accepted) as accepted
    from reconciliation.recon_differences
    group by kind
    order by failing desc, accepted desc, kind
"""
_SAMPLES = """
    select check_name as "check", table_name as "table", column_name as "column", kind, key, accepted, reason
    from (
        select
            *,
            row_number() over (
                partition by check_name, table_name order by accepted, length(key), key, column_name
            ) as place
        from reconciliation.recon_differences
    ) as numbered
    where place <= %s
    order by check_name, table_name, place
    limit %s
"""
_EXCEPTIONS = """
    with accepted (check_name, table_name, column_name, key, reason) as (
        select check_name, table_name, column_name, key, reason from reconciliation.recon_differences where accepted
        union all
        select check_name, v1_table, json_path, null, reason from reconciliation.recon_unmapped_fields where accepted
    )

    select
        listed.check_name as "check",
        listed.table_name as "table",
        listed.column_name as "column",
        listed.key_pattern,
        listed.applies_to,
        listed.reason,
        listed.owner_role,
        listed.expires_on,
        count(accepted.check_name) as accepts
    from seeds.recon_exceptions as listed
    left join accepted
        on
            accepted.check_name = listed.check_name
            and accepted.table_name = listed.table_name
            and accepted.reason = listed.reason
            and accepted.column_name is not distinct from listed.column_name
            and coalesce(accepted.key, '') like coalesce(listed.key_pattern, '%')
    group by 1, 2, 3, 4, 5, 6, 7, 8
    order by 1, 2, 3, 4
"""
_MONTHS = """
    select month, sum(closed_units) as units, sum(closed_volume) as volume
    from marts.agg_agent_monthly
    group by month
    order by month desc
    limit %s
"""


def _rows(connection: psycopg.Connection, query: str, *parameters: object) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(query, parameters or None).fetchall()


def _samples(connection: psycopg.Connection, checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Some keys of every check and table that has findings; fewer of each where there are many such."""
    found = sum(check["failing_rows"] + check["accepted"] > 0 for check in checks)
    each = max(1, min(MOST_SAMPLES, MOST_SAMPLES_IN_ALL // max(1, found)))
    return _rows(connection, _SAMPLES, each, MOST_SAMPLES_IN_ALL)


def _exceptions(connection: psycopg.Connection, as_of: str) -> list[dict[str, Any]]:
    """The accepted exceptions, each with its standing on a day."""
    today = date.fromisoformat(as_of)
    listed = _rows(connection, _EXCEPTIONS)
    for row in listed:
        if row["expires_on"] < today:
            row["standing"] = "expired"
        elif not row["accepts"]:
            row["standing"] = "unused"
        else:
            row["standing"] = "expires soon" if row["expires_on"] <= today + _SOON else "in use"
    return listed


def _months(connection: psycopg.Connection) -> list[dict[str, Any]]:
    """The newest months of the agents' mart, oldest first; none before the mart is built."""
    known = connection.execute("select to_regclass('marts.agg_agent_monthly')").fetchone()
    if known is None or known[0] is None:
        return []
    return _rows(connection, _MONTHS, MONTHS_SHOWN)[::-1]


def _world(databases: Databases) -> str:
    """Which V1 was compared: the business's own, or the sandbox and its size."""
    if (os.environ.get(WORLD_VARIABLE) or environment(databases)[WORLD_VARIABLE]) == "production":
        return "production"
    from connectors.v1 import stand_in  # pandas; a V1 of one's own needs none of it

    filled = stand_in.filled_with(databases.v1)
    return f"sandbox at scale {filled.scale:g}" if filled else "sandbox"


def _arranged(contents: dict[str, Any]) -> dict[str, Any]:
    """The rows as the page groups them, and their totals."""
    checks, tables, months = contents["checks"], contents["tables"], contents["months"]
    found = [check for check in checks if check["failing_rows"] or check["accepted"]]
    found.sort(key=lambda check: (check["passed"], check["severity"] != "error", -check["failing_rows"]))
    volumes = [float(row["volume"] or 0) for row in months]
    return {
        "failing": [check for check in found if not check["passed"]],
        "found": found,
        "untied": [row for row in contents["aggregations"] if row["status"] == "differs"],
        "accepted_rows": sum(check["accepted"] for check in checks),
        "domains": _by_domain(contents["entities"]),
        "coverage_bars": _coverage_bars(tables),
        "matrices": [
            ("v2", "V2 tables", _matrix([check for check in checks if check["check"] not in _V1_CHECKS])),
            ("v1", "V1 tables", _matrix([check for check in checks if check["check"] in _V1_CHECKS])),
        ],
        "by_check": _by_check(checks),
        "samples_of": _grouped(contents["samples"]),
        "paths_of": {check: contents[check] for check in _V1_CHECKS},
        "reasons": {(row["check"], row["table"], row["column"]): row["reason"] for row in contents["exceptions"]},
        "month_charts": [
            ("Closed volume", "volume", charts.columns(volumes, *CHART_BOX)),
            ("Closed units", "units", charts.columns([float(row["units"] or 0) for row in months], *CHART_BOX)),
        ],
    }


def _by_domain(entities: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Entities under their domain: the folder of their model."""
    folders = {model.stem: model.parent.name for model in (DBT_PROJECT / "models" / "v2").glob("*/*.sql")}
    domains: dict[str, list[dict[str, Any]]] = {}
    for entity in entities:
        domains.setdefault(folders.get(entity["entity"], "other"), []).append(entity)
    return dict(sorted(domains.items()))


def _coverage_bars(tables: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each kind of coverage with its share of the tables and of the rows."""
    names = [*_COVERAGES, *sorted({table["coverage"] for table in tables} - set(_COVERAGES))]
    members = [[table for table in tables if table["coverage"] == name] for name in names]
    counts = [len(same) for same in members]
    rows = [sum(table["rows"] for table in same) for same in members]
    return [
        {"name": name, "tables": count, "rows": row_count, "of_tables": of_tables, "of_rows": of_rows}
        for name, count, row_count, of_tables, of_rows in zip(
            names, counts, rows, charts.shares(counts), charts.shares(rows), strict=True
        )
    ]


def _matrix(checks: list[dict[str, Any]]) -> dict[str, Any]:
    """Checks by table: the columns, and the tables with what each check found, those that fail first."""
    cells: dict[str, dict[str, dict[str, Any]]] = {}
    for check in checks:
        cells.setdefault(check["table"], {})[check["check"]] = check

    def weight(table: str) -> tuple[int, int, str]:
        found = cells[table].values()
        return -sum(one["failing_rows"] for one in found), -sum(one["accepted"] for one in found), table

    return {
        "checks": sorted({check["check"] for check in checks}),
        "tables": [(table, cells[table]) for table in sorted(cells, key=weight)],
    }


def _by_check(checks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Findings of each check over all tables, those that fail first."""
    totals: dict[str, dict[str, Any]] = {}
    for check in checks:
        total = totals.setdefault(check["check"], {"name": check["check"], "tables": 0, "failing": 0, "accepted": 0})
        total["tables"] += 1
        total["failing"] += check["failing_rows"]
        total["accepted"] += check["accepted"]
    return sorted(totals.values(), key=lambda total: (-total["failing"], -total["accepted"], total["name"]))


def _grouped(samples: list[dict[str, Any]]) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Samples by check and table, the keys that share column, kind and reason in one row."""
    grouped: dict[tuple[str, str], dict[tuple[Any, ...], dict[str, Any]]] = {}
    for sample in samples:
        same = grouped.setdefault((sample["check"], sample["table"]), {})
        told = tuple(sample[name] for name in ("column", "kind", "accepted", "reason"))
        same.setdefault(told, sample | {"keys": []})["keys"].append(sample["key"])
    return {place: list(rows.values()) for place, rows in grouped.items()}


def _key(key: str | None) -> str:
    """A key as the page shows it: ids and slugs; what looks like words of a record is held back."""
    if key is None:
        return "no key"
    return key if _KEY.fullmatch(key) else "(not shown)"


def _path(path: str) -> str:
    """A JSON path as the page shows it: an address someone used as a key is held back."""
    return path if "@" not in path and len(path) <= 120 else "(not shown)"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _breakable(name: str) -> Markup:
    """A name that a narrow column may break behind its underscores."""
    return Markup("_<wbr>").join(name.split("_"))


def _hash(text: str) -> str:
    """What a Content-Security-Policy calls a script or style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
