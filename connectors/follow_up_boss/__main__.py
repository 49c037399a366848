"""Sync Follow Up Boss without Dagster: `python -m connectors.follow_up_boss`, with DATABASE_URL and accounts set."""

import os
import sys
from pathlib import Path

from connectors.follow_up_boss.source import SOURCE
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), SOURCE.configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_{SOURCE.schema}.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or None)
