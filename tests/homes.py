"""Homes of Headwater to throw away, for tests that start servers or run commands of their own."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orchestration.postgres_server import PostgresServer

REPOSITORY = Path(__file__).parents[1]


@contextmanager
def fresh_home() -> Iterator[Path]:
    # Not tmp_path: as root nobody else may enter it, so the cluster would be made elsewhere.
    base = Path(tempfile.mkdtemp(prefix="headwater-test-"))
    base.chmod(0o755)
    try:
        yield base / "var"
    finally:
        server = PostgresServer(base / "var")
        server.stop()
        data = server.cluster.data
        shutil.rmtree(base)
        if data.parent.parent.name == "headwater":
            shutil.rmtree(data.parent)
