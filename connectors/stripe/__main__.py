"""Land Stripe without Dagster: `python -m connectors.stripe`, with DATABASE_URL and SOURCES__STRIPE__API_KEY set."""

import os
import sys
from pathlib import Path

from connectors.stripe.source import SOURCE
from connectors.sync import land

outcome = land(SOURCE, os.environ["DATABASE_URL"], Path("var"), SOURCE.configured() or [])
for name, rows in sorted(outcome.rows.items()):
    sys.stdout.write(f"staging_stripe.{name}: {rows} rows\n")
sys.exit("\n".join(outcome.failures) or 0)
