"""Where a benchmark runs: databases and a folder of its own, gone afterwards.

Belongs here: keeping benchmarks away from whatever the machine is configured for; they drop and fill as they like.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from orchestration.database import Databases, open_databases
from orchestration.project import AS_OF_VARIABLE, V1_VARIABLE, WAREHOUSE_VARIABLE, WORLD_VARIABLE


@contextmanager
def own_databases() -> Iterator[tuple[Databases, Path]]:
    """Give the embedded server's databases, empty, and the folder they are in."""
    # Not closed to the user the embedded server runs as under root.
    home = Path(tempfile.mkdtemp(prefix="headwater-bench-"))
    home.chmod(0o755)
    try:
        with patch.dict(os.environ, {"HEADWATER_HOME": str(home), WORLD_VARIABLE: "sandbox"}):
            for name in (WAREHOUSE_VARIABLE, V1_VARIABLE, AS_OF_VARIABLE):
                os.environ.pop(name, None)
            with open_databases() as databases:
                yield databases, home
    finally:
        shutil.rmtree(home)
