"""`make bench`: run every benchmark and print a Markdown table; `--runs` and `--scale` as given."""

import argparse
import sys

from benchmarks import landing


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    rows = landing.measure(options.runs, options.scale)
    sys.stdout.write(
        "| what | reference | ours, median | reference, median | ratio | peak memory |\n|---|---|---|---|---|---|\n"
    )
    for row in rows:
        sys.stdout.write("| " + " | ".join(row) + " |\n")


main()
