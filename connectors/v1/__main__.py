"""Land V1 without Dagster: `python -m connectors.v1`, with DATABASE_URL and SOURCES__V1__URL set."""

import os
import sys
from pathlib import Path

from connectors.v1.source import land

for name, rows in sorted(land(os.environ["DATABASE_URL"], Path("var")).items()):
    sys.stdout.write(f"staging_v1.{name}: {rows} rows\n")
