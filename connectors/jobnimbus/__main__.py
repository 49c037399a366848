"""Land JobNimbus without Dagster: `python -m connectors.jobnimbus`, with DATABASE_URL and SOURCES__JOBNIMBUS__TOKEN."""

import os
import sys
from pathlib import Path

from connectors.jobnimbus.source import SOURCE
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), SOURCE.configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_jobnimbus.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or 0)
