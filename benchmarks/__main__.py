"""`make bench`: run every benchmark, or those named, and print a Markdown table; `--runs` and `--scale` as given."""

import argparse
import sys

from benchmarks import build, landing, soap, workbooks
from orchestration import sandbox

_BENCHMARKS = {"landing": landing.measure, "build": build.measure, "soap": soap.measure, "workbooks": workbooks.measure}


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(_BENCHMARKS)}; all without one")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scale", type=float, default=sandbox.scale(), help="HEADWATER_SCALE without it")
    options = parser.parse_args()
    if unknown := set(options.names) - _BENCHMARKS.keys():
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    sys.stdout.write(
        "| what | reference | ours, median | reference, median | ratio | peak memory |\n|---|---|---|---|---|---|\n"
    )
    for name in options.names or _BENCHMARKS:
        for row in _BENCHMARKS[name](options.runs, options.scale):
            sys.stdout.write("| " + " | ".join(row) + " |\n")
            sys.stdout.flush()


main()
