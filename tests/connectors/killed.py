"""A process that syncs and is killed where it stands, for `test_kill.py`.

It imports everything once and forks for each order, a line of JSON on its input: {"source", "at", "warehouse",
"folder", "accounts": [[name, {secrets}], …], "settings": {…}}. The fork kills itself with SIGKILL, which nothing can
catch, as soon as it is at the place `at`; one line tells how it ended.
"""

import os
import signal
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import orjson

from connectors import landing, landing_live, registry
from connectors.spool import Spool
from connectors.sync import Account, land

PLACES = ("spooling", "loading", "applying")


def _die(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _die_at(place: str) -> None:
    if place == "spooling":  # a page is written, the next one is to come
        write = Spool.write
        pages = []

        def written(*args: Any) -> None:
            write(*args)
            pages.append(1)
            if len(pages) == 2:
                _die()

        Spool.write = written
    if place == "loading":  # a table is copied, others are not, and dlt does not yet count the load as done
        copy = landing._CopyJob.run_managed

        def copied(*args: Any) -> None:
            copy(*args)
            _die()

        landing._CopyJob.run_managed = copied
    if place == "applying":  # rows are laid over, in a transaction that is not committed
        landing_live._note_attempt = _die


def _sync(order: dict[str, Any]) -> None:
    os.environ.update(order["settings"])
    _die_at(order["at"])
    source = import_module(f"connectors.{order['source']}.source").SOURCE
    accounts = [Account(name, secrets) for name, secrets in order["accounts"]]
    land(source, order["warehouse"], Path(order["folder"]), accounts)


if __name__ == "__main__":
    registry.live_sources()
    for line in sys.stdin:
        child = os.fork()
        if not child:
            try:
                _sync(orjson.loads(line))
            finally:
                os._exit(1)
        status = os.waitpid(child, 0)[1]
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()
