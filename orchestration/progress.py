"""Lines that tell a person what a run is doing, with the seconds since it began.

Belongs here: the one logger of progress. Does not belong here: results (`reconciliation.py`) and errors.
"""

import logging
import sys
import time

_log = logging.getLogger("headwater")
_began = time.monotonic()


def show_progress() -> None:
    """Print progress on standard error from now on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(message)s"))
    _log.addHandler(handler)
    _log.setLevel(logging.INFO)
    _log.propagate = False


def progress(message: str) -> None:
    """Say what was just done or is about to be."""
    _log.info("%6.1f s  %s", time.monotonic() - _began, message)
