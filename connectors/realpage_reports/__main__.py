"""Sync RealPage's reports without Dagster: `python -m connectors.realpage_reports`; `source.py` names the settings."""

import os
import sys
from pathlib import Path

from connectors.realpage_reports.source import SOURCE
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), SOURCE.configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_{SOURCE.schema}.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or None)
