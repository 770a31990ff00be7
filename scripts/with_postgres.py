"""Runs a command with a PostgreSQL at hand, which is gone after it.

with_postgres.py COMMAND…     the command finds it in MEDPERF_TEST_POSTGRES_URL

Where that is set already, the server it names is used and left alone. Else a private one is
started; root on Debian or Ubuntu gets the package installed, anyone else is told what to install.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from child_command import pass_signals_on, run
from private_postgres import CannotStart, private_postgres, programs_folder

VARIABLE = "MEDPERF_TEST_POSTGRES_URL"

_INSTALL = Path(__file__).with_name("apt_install.sh")
_EXPLANATION = f"""\
No PostgreSQL server is installed, and only root on Debian or Ubuntu gets one from here. Either
  install it (Debian: sudo apt-get install postgresql; macOS: brew install postgresql@15), or
  name a running one whose user may create databases:
    {VARIABLE}=postgresql://user:password@host/name
Without it the other tests run: .venv/bin/pytest -k "not postgresql\""""


def main() -> int:
    """The command's exit status, or 1 when there is no PostgreSQL."""
    command = sys.argv[1:]
    if os.environ.get(VARIABLE):
        os.execvp(command[0], command)  # noqa: S606 - the caller's own command
    pass_signals_on()
    if programs_folder() is None and not _installed():
        return 1
    try:
        with private_postgres() as server:
            os.environ[VARIABLE] = server.url
            return run(command)[0]
    except CannotStart as reason:
        print(f"with_postgres: {reason}", file=sys.stderr)
        return 1


def _installed() -> bool:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        return subprocess.run([_INSTALL, "postgresql"], check=False).returncode == 0
    print(_EXPLANATION, file=sys.stderr)
    return False


if __name__ == "__main__":
    sys.exit(main())
