"""Land RPX without Dagster: `python -m connectors.realpage_rpx`, with DATABASE_URL and SOURCES__REALPAGE_RPX__… set."""

import os
import sys
from pathlib import Path

from connectors.realpage_rpx.source import SOURCE
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), SOURCE.configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_realpage_rpx.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or 0)
