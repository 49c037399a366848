"""Land Lofty without Dagster: `python -m connectors.lofty`, with DATABASE_URL and SOURCES__LOFTY__ACCOUNTS set."""

import os
import sys
from pathlib import Path

from connectors.lofty.source import SOURCE
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), SOURCE.configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_lofty.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or 0)
