"""A real server and the real command, as processes of their own, for the end-to-end tests."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

PROJECT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
ASSETS = PROJECT / "build" / "assets"


@dataclass(frozen=True)
class Ended:
    """How one command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def said(self) -> str:
        """All it printed, with the wrapping of the terminal taken out."""
        return " ".join((self.out + " " + self.err).split())


@dataclass
class Site:
    """One machine's worth of settings: a folder that holds storage, profiles and identity."""

    home: Path
    url: str = ""
    server: subprocess.Popen[str] | None = None
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith("MEDPERF_")
        }
        return {
            **kept,
            "PATH": f"{BIN}{os.pathsep}{kept.get('PATH', '')}",
            "HOME": str(self.home),
            "MEDPERF_STORAGE": str(self.home / "storage"),
            "MEDPERF_CONFIG_PATH": str(self.home / "client" / "config.yaml"),
            "MEDPERF_LOCAL_IDENTITY": str(self.home / "identity"),
            "MEDPERF_DATABASE_URL": f"sqlite+aiosqlite:///{self.home}/medperf.db",
            **self.extra,
        }

    @property
    def port(self) -> int:
        """The port the server listens, or listened, on."""
        return int(self.url.rsplit(":", 1)[1])

    def start_server(self, port: int = 0) -> None:
        """Start `medperf-server serve`, on a free port, and point the local profile at it."""
        log = self.home / "server.log"
        with log.open("w") as output:
            self.server = subprocess.Popen(
                [BIN / "medperf-server", "serve", "--port", str(port), "--assets", str(ASSETS)],
                cwd=self.home,
                env=self.environment,
                stdout=output,
                stderr=subprocess.STDOUT,
                text=True,
            )
        self.url = _when_listening(self.server, log)
        self.medperf("profile", "set", "--server", self.url)

    def stop_server(self) -> None:
        if self.server is not None and self.server.poll() is None:
            self.server.terminate()
            self.server.wait(timeout=20)
        self.server = None

    def run(
        self, *command: str | Path, cwd: Path | None = None, **more: Any
    ) -> subprocess.CompletedProcess[str]:
        """Run a program of the project to its end."""
        return subprocess.run(
            command,
            cwd=cwd or self.home,
            env=self.environment,
            text=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=300,
            **more,
        )

    def medperf(self, *arguments: str | Path) -> Ended:
        """Run one `medperf` command to its end, without a terminal."""
        ended = self.run(BIN / "medperf", *map(str, arguments))
        return Ended(ended.returncode, ended.stdout, ended.stderr)

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Start a program of the project and go on."""
        return subprocess.Popen(
            [BIN / program, *arguments],
            cwd=self.home,
            env=self.environment,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def when_running(self, labels: Mapping[str, str]) -> None:
        """Wait until a container with these labels is there."""
        deadline = time.monotonic() + 60
        while not containers(labels):
            assert time.monotonic() < deadline, f"no container {labels}"
            time.sleep(0.05)

    def as_user(self, email: str) -> httpx.Client:
        """The API as one of the tutorial's people."""
        token = (self.home / "identity" / "tokens" / f"{email}.jwt").read_text().strip()
        return httpx.Client(
            base_url=f"{self.url}/api/v0", headers={"Authorization": f"Bearer {token}"}
        )

    def storage(self, *parts: str) -> Path:
        """A place below this server's storage."""
        name = self.url.removeprefix("http://").replace(":", "_")
        return self.home.joinpath("storage", name, *parts)


def _when_listening(server: subprocess.Popen[str], log: Path) -> str:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        found = re.search(r"listening on (http\S+)", log.read_text())
        if found:
            return found[1].rstrip("/.")
        if server.poll() is not None:
            break
        time.sleep(0.05)
    raise RuntimeError(f"the server did not start: {log.read_text()}")


def draw_sample(home: Path, count: int) -> tuple[Path, Path]:
    """A small synthetic sample: its images and its labels."""
    out = home / "raw"
    subprocess.run(
        [sys.executable, PROJECT / "scripts/draw_sample.py", out, "--count", str(count)],
        check=True,
        capture_output=True,
    )
    return out / "images", out / "labels"


def copy_site(template: Site, home: Path) -> Site:
    """A site whose registry begins as the template's; its assets are named by path."""
    shutil.copytree(template.home, home, dirs_exist_ok=True)
    return Site(home)


def require(ended: Ended, code: int = 0) -> Ended:
    """Insist on an exit code, showing all that was said otherwise."""
    assert ended.code == code, f"exit code {ended.code}, not {code}:\n{ended.out}\n{ended.err}"
    return ended


def containers(labels: Mapping[str, str]) -> list[str]:
    """Ids of the engine's containers with these labels, running or not."""
    filters = [
        part for key, value in labels.items() for part in ("--filter", f"label={key}={value}")
    ]
    listed = subprocess.run(
        ["docker", "ps", "--all", "--quiet", *filters], capture_output=True, text=True, check=True
    )
    return listed.stdout.split()
