"""Read the app without Dagster: `python -m connectors.customer_app`; `source.py` says with which settings."""

import os
import sys
from pathlib import Path

from connectors.customer_app.source import SOURCE
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), SOURCE.configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_{SOURCE.schema}.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or None)
