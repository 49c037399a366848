"""The sandbox: systems that play the business where none is configured: databases here, the live sources' servers.

Belongs here: filling them, keeping them in step with the code and with each other, starting and stopping the servers.
Does not belong here: what is in them (`connectors/sandbox/`, `connectors/<source>/stand_in.py`).
"""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

import psycopg

from connectors.errors import HeadwaterError
from connectors.sandbox import WORLD_DAY
from connectors.sandbox.app_words import ADMIN
from orchestration.database import Databases, home
from orchestration.progress import progress

if TYPE_CHECKING:
    from connectors.v1.stand_in import Filled

REQUESTS = "requests.json"
"""Requests of the last run by source and endpoint, in the folder `sandbox` of Headwater's home."""

_ROOT = Path(__file__).parents[1]
_STOPS_WITHIN_SECONDS = 10


class SandboxError(HeadwaterError):
    """The sandbox could not be made or served."""


def scale() -> float:
    """`HEADWATER_SCALE`, the size of the sandbox; 1 is the size of the real business.

    Raises:
        HeadwaterError: it is no positive number.
    """
    text = os.environ.get("HEADWATER_SCALE", "1")
    try:
        found = float(text)
    except ValueError:
        found = 0
    if not 0 < found <= 1000:
        raise HeadwaterError(f"HEADWATER_SCALE is {text!r}: write a number above 0, such as 0.01, 1 or 10.")
    return found


def today(databases: Databases) -> date:
    """The sandbox's day: nothing happens after it."""
    from connectors.v1 import stand_in  # pandas; a run with a V1 of its own needs none of it

    filled = stand_in.filled_with(databases.v1)
    return WORLD_DAY + timedelta(days=filled.day if filled else 0)


def app_admin() -> str:
    """SHA-256 of the address of the made-up customer app's administrator."""
    return hashlib.sha256(ADMIN.encode()).hexdigest()


def fill(databases: Databases, size: float, *, anew: bool = False) -> None:
    """Fill the sandbox's databases, V1's and the customer app's, unless they hold that world already.

    V1 may hold it on whatever day, and the app is brought up to that day. Another world replaces the old one, and what
    was landed of that one is dropped: its rows would stay in V2 as rows that V1 deleted.
    """
    from connectors.v1 import stand_in

    filled = stand_in.filled_with(databases.v1)
    day = None if anew else _day_of(filled, size)
    if day is None:
        progress(f"filling the sandbox's V1 database at scale {size:g}")
        rows = stand_in.fill(databases.v1, seed=stand_in.SEED, scale=size)
        progress(f"sandbox: {sum(rows.values()):,} documents in {len(rows)} V1 tables")
        if filled:
            _forget(databases, "^(staging|arriving)_|^headwater$")
    _fill_app(databases, size, day or 0)


def _fill_app(databases: Databases, size: float, day: int) -> None:
    """Bring the customer app's database up to a day, V1's."""
    from connectors.customer_app import stand_in as app

    before, wanted = app.filled_with(databases.app), app.Filled(app.SEED, size, app.edition(), day)
    if before == wanted:
        return
    rows = app.fill(databases.app, wanted.seed, size, day)
    progress(f"sandbox: {sum(rows.values()):,} rows of the customer app new, changed or gone")
    if before and before._replace(day=day) != wanted:
        _forget(databases, "^(staging|arriving)_customer$")


def _day_of(filled: "Filled | None", size: float) -> int | None:
    """The day a database is on that this code filled with the world of this size; None for any other."""
    from connectors.v1 import stand_in

    wanted = (stand_in.SEED, size, stand_in.edition())
    return filled.day if filled and (filled.seed, filled.scale, filled.edition) == wanted else None


def _forget(databases: Databases, schemas: str) -> None:
    """Drop the schemas of the warehouse whose names match: what was landed of a world that is no more."""
    with psycopg.connect(databases.warehouse, autocommit=True) as connection:
        found = connection.execute("select nspname from pg_namespace where nspname ~ %s", [schemas]).fetchall()
        for (schema,) in found:
            connection.execute(f'drop schema "{schema}" cascade')


def advance(databases: Databases) -> date:
    """Let a day pass in every source of the sandbox; return the new day."""
    from connectors.v1 import stand_in

    fill(databases, scale())
    stand_in.advance(databases.v1)
    with serving(databases):
        pass  # servers that find another day than theirs bring their documents up to it
    return today(databases)


@contextmanager
def serving(databases: Databases) -> Iterator[dict[str, str]]:
    """Serve the live sources' stand-ins as long as the block lasts, and lead the connectors to them.

    V1 is filled first, if it has to be, while the servers start and fill themselves. A source that the environment
    configures already is left as it is.

    Args:
        databases: V1's tells which world and which day it is.

    Yields:
        The servers' URLs by source.
    """
    from connectors.customer_app.stand_in import configuration
    from connectors.registry import live_sources  # dlt: 2 s, which every command that imports this would feel
    from connectors.v1 import stand_in

    process = _start(_day_of(stand_in.filled_with(databases.v1), scale()) or 0)
    try:
        fill(databases, scale())
        told = json.loads(_first_line(process))
        if told["anew"]:
            schemas = [source.schema for source in live_sources() if source.name in told["anew"]]
            _forget(databases, f"^(staging|arriving)_({'|'.join(schemas)})$")
        known = {name.rsplit("__", 1)[0] for name in os.environ if name.startswith("SOURCES__")}
        offered = told["settings"] | configuration(databases.app)
        settings = {name: value for name, value in offered.items() if name.rsplit("__", 1)[0] not in known}
        os.environ.update(settings)
        try:
            yield told["urls"]
        finally:
            _note_requests(told["urls"])
            for name in settings:
                os.environ.pop(name, None)
    finally:
        _stop(process)


def _start(day: int) -> subprocess.Popen[str]:
    arguments = ["--folder", str(home() / "sandbox"), "--scale", str(scale()), "--day", str(day)]
    return subprocess.Popen(
        [sys.executable, "-m", "connectors.sandbox.services", *arguments],
        cwd=_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        process_group=0,  # Ctrl-C is for the command, which then ends this one
    )


def _first_line(process: subprocess.Popen[str]) -> str:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise SandboxError("The sandbox's stand-ins did not start; what they said stands above.")
    return line


def _note_requests(urls: Mapping[str, str]) -> None:
    """Write down how often each endpoint was asked while the servers ran: what a sync costs of an API's budget."""
    counts = {}
    for name, url in urls.items():
        with urlopen(f"{url}/_stand_in/requests") as answer:  # noqa: S310 - our own server, on loopback
            counts[name] = json.load(answer)
    (home() / "sandbox" / REQUESTS).write_text(json.dumps(counts, indent=2, sort_keys=True) + "\n")


def _stop(process: subprocess.Popen[str]) -> None:
    """End the servers: they live as long as their input is open."""
    try:
        process.communicate(timeout=_STOPS_WITHIN_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
