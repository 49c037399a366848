"""Land Yardi without Dagster: `python -m connectors.yardi`, with DATABASE_URL and SOURCES__YARDI__… set."""

import os
import sys
from pathlib import Path

from connectors.sync import land
from connectors.yardi.source import SOURCE

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), SOURCE.configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_yardi.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or 0)
