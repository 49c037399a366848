"""Sync reZEN without Dagster: `python -m connectors.rezen`, with DATABASE_URL and SOURCES__REZEN__ACCOUNTS set."""

import os
import sys
from pathlib import Path

from connectors.rezen.source import SOURCE, configured
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), configured() or [])
for table, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_rezen.{table}: {rows} rows\n")
for failure in outcome.failures:
    sys.stdout.write(failure + "\n")
sys.exit(bool(outcome.failures))
