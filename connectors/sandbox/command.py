"""Filling a made-up database from the command line.

Belongs here: the options such stand-ins share. Does not belong here: what is filled in (`connectors/*/stand_in.py`).
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable

from connectors.sandbox.world import SEED


def run(description: str, variable: str, fill: Callable[[str, int, float, int], dict[str, int]]) -> None:
    """Read url, seed, scale and day, fill, and print the rows a table.

    Args:
        description: what is filled, for `--help`.
        variable: of the environment, which names the database without `--url`.
        fill: does it, and returns the rows by table.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--url", default=os.environ.get(variable), help=f"default: {variable}")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--day", type=int, default=0, help="how many days have passed; default: none")
    options = parser.parse_args()
    if not options.url:
        parser.error(f"say which database to fill: --url, or {variable} in the environment")
    for name, rows in fill(options.url, options.seed, options.scale, options.day).items():
        sys.stdout.write(f"{name}: {rows} rows\n")
