"""A PostgreSQL that nobody else reaches, on a socket in a private folder, and that leaves no trace.

It is as durable as its process, not as the machine: it never waits for the disk.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

# Debian keeps them out of the PATH, a folder a version; so do others.
_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_USER = "postgres"
_PATIENCE_S = 60
_PR_SET_PDEATHSIG = 1

_OPTIONS = {
    "listen_addresses": "",
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "log_min_messages": "warning",
}


class CannotStart(Exception):
    """There is no PostgreSQL to start, or it does not start; the text says what to do."""


class PrivatePostgres:
    """One server and its data, both under ``folder``."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._data = folder / "data"
        self._log = folder / "log"
        self._process: subprocess.Popen[bytes] | None = None
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        self._user = _USER if os.geteuid() == 0 else None
        self.url = f"postgresql://{_USER}@/postgres?host={quote(str(folder), safe='')}"

    def prepare(self) -> None:
        """Make an empty cluster. Raises: CannotStart."""
        if self._user:
            shutil.chown(self._folder, self._user, pwd.getpwnam(self._user).pw_gid)
        initdb = [self._programs / "initdb", "--pgdata", self._data, "--username", _USER]
        # Whoever can enter the folder may connect: that is us alone.
        settled = ("--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync")
        done = self._launch([*map(str, initdb), *settled])
        if done.wait():
            raise self._failed("initdb")

    def start(self) -> None:
        """Start it, and wait until it answers. Raises: CannotStart."""
        options = [f"--{name}={value}" for name, value in _OPTIONS.items()]
        socket = f"--unix_socket_directories={self._folder}"
        server = [self._programs / "postgres", "-D", self._data]
        self._process = self._launch([*map(str, server), socket, *options])
        until = time.monotonic() + _PATIENCE_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise self._failed("postgres")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it without waiting for who is connected; SIGQUIT stops it as a crash would."""
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_PATIENCE_S)
        self._process = None

    def _answers(self) -> bool:
        asked = [self._programs / "pg_isready", "--quiet", "--host", self._folder]
        return subprocess.run(asked, check=False).returncode == 0

    def _launch(self, command: list[str]) -> subprocess.Popen[bytes]:
        with self._log.open("ab") as log:
            return subprocess.Popen(
                command,
                cwd=self._folder,
                env={"PATH": os.defpath, "LC_ALL": "C"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=self._user,
                group=pwd.getpwnam(self._user).pw_gid if self._user else None,
                extra_groups=[] if self._user else None,
                # Ctrl+C ends what uses it first.
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    def _failed(self, program: str) -> CannotStart:
        last = self._log.read_text(errors="replace").splitlines()[-12:]
        return CannotStart("\n".join([*last, f"{program} failed: its last lines are above."]))


@contextmanager
def private_postgres() -> Iterator[PrivatePostgres]:
    """A server that runs, and is gone afterwards with all it held. Raises: CannotStart."""
    programs = programs_folder()
    if programs is None:
        raise CannotStart("PostgreSQL's server is not installed here; `make test` says how to.")
    # Short, because the name of a socket has at most 107 bytes.
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = PrivatePostgres(programs, Path(folder))
        server.prepare()
        try:
            server.start()
            yield server
        finally:
            server.stop()


def programs_folder() -> Path | None:
    """Where the newest PostgreSQL's programs are; None where there is none.

    For tests and odd machines, MEDPERF_POSTGRES_PROGRAMS names the only folder to look in.
    """
    if named := os.environ.get("MEDPERF_POSTGRES_PROGRAMS"):
        return Path(named) if (Path(named) / "initdb").exists() else None
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).resolve().parent
    found = [path for pattern in _FOLDERS for path in Path("/").glob(pattern.lstrip("/"))]
    return max((path for path in found if (path / "initdb").exists()), key=_version, default=None)


def _version(programs: Path) -> float:
    digits = "".join(c for c in programs.parent.name if c.isdigit() or c == ".")
    return float(digits or 0)


def _die_with_parent() -> None:
    # For a parent that is killed and cannot stop it.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT, 0, 0, 0)
