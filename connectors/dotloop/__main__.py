"""Land dotloop without Dagster: `python -m connectors.dotloop`, with DATABASE_URL and SOURCES__DOTLOOP__… set."""

import os
import sys
from pathlib import Path

from connectors.dotloop.source import SOURCE, configured
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_dotloop.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or 0)
