"""Which live sources there are: every folder here whose `source.py` exports a `SOURCE`.

Belongs here: finding them, so that a new source is a folder and nothing else. V1 is none of them: it is the baseline,
and lands its own way (`connectors/v1/source.py`).
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from pkgutil import iter_modules

from connectors.sync import Source


def names() -> list[str]:
    """The folders that hold a source, V1's left out."""
    packages = [module.name for module in iter_modules([str(Path(__file__).parent)]) if module.ispkg]
    return [name for name in packages if name != "v1" and find_spec(f"connectors.{name}.source")]


def live_sources() -> list[Source]:
    """Every live source, in order of name. Imports them, which connects to nothing."""
    found = (getattr(import_module(f"connectors.{name}.source"), "SOURCE", None) for name in names())
    return [source for source in found if isinstance(source, Source)]
