"""The stand-ins of all live sources in one process: filled once, served as long as someone holds its input open.

Belongs here: which stand-ins there are, keeping their documents in step with the world, serving them. Does not
belong here: any one of them (`connectors/<source>/stand_in.py`).

Alone: `python -m connectors.sandbox.services --folder var/sandbox --scale 0.01`. Once all answer, one line of JSON on
standard output tells the settings that lead the connectors to them; it ends when its standard input does.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import orjson

from connectors import registry
from connectors.document_store import Store
from connectors.sandbox.edition import edition
from connectors.sandbox.world import SEED, World, build
from connectors.stand_in import StandIn, serve

HURRY = 50.0
"""A sandbox's first sync is not to take the hours of a real one: its limits are so many times the real ones."""

_PLACE = "{url}"


@dataclass(frozen=True)
class Service:
    """A source that has a stand-in: a server, or files in a folder."""

    name: str
    module: ModuleType

    @property
    def server(self) -> type[StandIn] | None:
        """The class of its server, None where it writes files."""
        found = (one for one in vars(self.module).values() if isinstance(one, type) and issubclass(one, StandIn))
        return next((one for one in found if one is not StandIn), None)

    def edition(self) -> str:
        """What tells this code's documents from another version's."""
        return edition(Path(str(self.module.__file__)).parent)


def services() -> list[Service]:
    """Every source with a stand-in, in order of name, but a database: `orchestration/sandbox.py` fills those."""
    modules = {name: f"connectors.{name}.stand_in" for name in registry.names()}
    made = [Service(name, import_module(module)) for name, module in modules.items() if find_spec(module)]
    return [service for service in made if not hasattr(service.module, "filled_with")]


def run(folder: Path, seed: int, scale: float, day: int) -> None:
    """Fill what is not filled with this world, serve it all, tell where, and wait for the end of standard input.

    What it tells: `settings` that lead the connectors here, `urls` of the servers by source, and `anew`, the sources
    that hold another world than before, not merely another day of it.
    """

    @cache
    def world() -> World:
        return build(seed, scale, day)

    folder.mkdir(parents=True, exist_ok=True)
    settings: dict[str, str] = {}
    urls: dict[str, str] = {}
    anew: list[str] = []
    with contextlib.ExitStack() as served:
        for service in services():
            store = Store(folder / f"{service.name}.sqlite")
            before = orjson.loads(store.note("made_with") or "[]")
            made_with = [seed, scale, service.edition(), day]
            place = _PLACE if service.server else str(folder / service.name)
            if before != made_with:
                if before[:3] != made_with[:3]:
                    anew.append(service.name)
                store.note("made_with", orjson.dumps([*made_with[:3], None]).decode())  # half a fill is of no day
                service.module.fill(store if service.server else Path(place), world())
                store.note("settings", orjson.dumps(service.module.configuration(world(), place)).decode())
                store.note("made_with", orjson.dumps(made_with).decode())
            found: dict[str, str] = orjson.loads(store.note("settings") or "{}")
            if service.server:
                url = urls[service.name] = served.enter_context(serve(service.server(store, HURRY)))
                found = {name: value.replace(_PLACE, url) for name, value in found.items()}
            settings |= found
        sys.stdout.write(orjson.dumps({"settings": settings, "urls": urls, "anew": anew}).decode() + "\n")
        sys.stdout.flush()
        sys.stdin.read()


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve from the command line."""
    parser = argparse.ArgumentParser(description="Serve the stand-ins of the live sources.")
    parser.add_argument("--folder", type=Path, required=True, help="where their documents are kept")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--day", type=int, default=0, help="days since the world's first one")
    options = parser.parse_args(arguments)
    run(options.folder, options.seed, options.scale, options.day)


if __name__ == "__main__":
    main()
