"""Runs a command with a PostgreSQL at hand, which is gone after it.

with_postgres.py COMMAND…     the command finds it in MEDPERF_TEST_POSTGRES_URL

Where that is set already, the server it names is used and left alone. Else a private one is
started; root on Debian or Ubuntu gets the package installed. Anyone else without one is told what
to install, and the command runs without it: the tests that need it are skipped, and say so.
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
Until then the tests that need it are skipped."""


def main() -> int:
    """The command's exit status, or 1 when PostgreSQL cannot be installed or started."""
    command = sys.argv[1:]
    if os.environ.get(VARIABLE):
        os.execvp(command[0], command)  # noqa: S606 - the caller's own command
    pass_signals_on()
    if programs_folder() is None:
        if not _may_install():
            print(_EXPLANATION, file=sys.stderr)
            return run(command)[0]
        if subprocess.run([_INSTALL, "postgresql"], check=False).returncode:
            return 1
    try:
        with private_postgres() as server:
            os.environ[VARIABLE] = server.url
            return run(command)[0]
    except CannotStart as reason:
        print(f"with_postgres: {reason}", file=sys.stderr)
        return 1


def _may_install() -> bool:
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


if __name__ == "__main__":
    sys.exit(main())
