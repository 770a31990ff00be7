"""Makes a base image, where none can be pulled, from Debian's packages: Python 3.11 and pip."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cube_images.archive import write_archive
from cube_images.errors import CannotBuild
from cube_images.normalise import CREATED, plain_config
from cube_images.plain_tar import EPOCH
from cube_images.squash import merge, write_layer

_SUITE = "bookworm"
_SCRIPTS = Path(__file__).parent.parent
_SETTINGS = {
    "Env": ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8"],
    "Cmd": ["python3"],
}
# Left out: what differs from day to day or machine to machine, and what no container reads.
_EMPTIED = (
    "dev", "proc", "run", "sys", "tmp", "var/cache", "var/lib/apt/lists", "var/log", "var/tmp",
    "usr/share/info", "usr/share/lintian", "usr/share/locale", "usr/share/man",
    "usr/share/python-wheels",
)  # fmt: skip
_LEFT_OUT = frozenset({
    "etc/.pwd.lock", "etc/group-", "etc/gshadow-", "etc/hostname", "etc/machine-id", "etc/passwd-",
    "etc/resolv.conf", "etc/shadow-", "usr/lib/python3.11/EXTERNALLY-MANAGED",
    "var/lib/dpkg/diversions-old", "var/lib/dpkg/status-old",
})  # fmt: skip


def write_debian_base(out: Path, architecture: str, tag: str, workspace: Path) -> None:
    """Write an archive of the base image, ready to load. Raises: CannotBuild."""
    _refuse_unless_possible()
    with (
        _folder_with_mounts(workspace) as root,
        tempfile.TemporaryFile(dir=workspace) as raw,
        tempfile.TemporaryFile(dir=workspace) as room,
    ):
        _debootstrap(root, architecture, workspace / "debootstrap.log")
        _give_pip(root)
        _compile(root)
        with tarfile.open(fileobj=raw, mode="w", format=tarfile.PAX_FORMAT) as tar:
            tar.add(root, arcname=".", filter=_kept)
        raw.seek(0)
        with tarfile.open(fileobj=raw, mode="r:") as tar:
            layer = write_layer(merge([tar]), room)
        history = [{"created": CREATED, "created_by": f"debootstrap {_SUITE}"}]
        write_archive(out, plain_config(architecture, _SETTINGS, [layer], history), [layer], tag)


def _refuse_unless_possible() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise CannotBuild(
            "no base image: python:3.11-slim-bookworm cannot be pulled, and making one needs root "
            "on Debian or Ubuntu. Pull or load that image, or name another that has Python 3.11 "
            "and pip: BASE_IMAGE=… make demo"
        )
    if not shutil.which("debootstrap"):
        packages = ["debootstrap", "debian-archive-keyring"]
        if subprocess.run([_SCRIPTS / "apt_install.sh", *packages], check=False).returncode:
            raise CannotBuild("no base image: debootstrap could not be installed")


@contextmanager
def _folder_with_mounts(workspace: Path) -> Iterator[Path]:
    """A temporary folder; what debootstrap mounted in it is unmounted before it is removed."""
    root = Path(tempfile.mkdtemp(prefix="base-", dir=workspace))
    try:
        root.chmod(0o755)
        yield root
    finally:
        for mounted in ("proc", "sys"):
            if os.path.ismount(root / mounted):
                subprocess.run(["umount", "--lazy", root / mounted], check=False)
        shutil.rmtree(root, ignore_errors=True)


def _debootstrap(root: Path, architecture: str, log: Path) -> None:
    command = [
        "debootstrap", "--variant=minbase", "--include=python3,python3-pip-whl",
        f"--arch={architecture}", _SUITE, str(root), *_mirror(),
    ]  # fmt: skip
    # Tools that write dates into /etc/shadow and the like take this day for today.
    env = os.environ | {"SOURCE_DATE_EPOCH": str(EPOCH), "LC_ALL": "C"}
    with log.open("wb") as out:
        done = subprocess.run(command, stdout=out, stderr=out, env=env, check=False)
    if done.returncode:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-15:])
        raise CannotBuild(
            f"{tail}\nno base image: debootstrap failed (above). Usual causes: the Debian mirror "
            "cannot be reached, the disk is full, or this container may not mount or make devices"
        )


def _mirror() -> list[str]:
    """The Debian mirror that this machine uses; if it is no Debian, debootstrap's own choice."""
    if "ID=debian" not in Path("/etc/os-release").read_text().splitlines():
        return []
    command = ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    rows = [line.split() for line in listed.splitlines()]
    codename = _codename()
    found = [
        row[0] for suite in (_SUITE, codename) for row in rows
        if row[1:] == [suite, "main"] and row[0].startswith(("http://", "https://", "file:"))
    ]  # fmt: skip
    return found[:1]


def _codename() -> str:
    lines = Path("/etc/os-release").read_text().splitlines()
    return next((x.partition("=")[2] for x in lines if x.startswith("VERSION_CODENAME=")), _SUITE)


def _give_pip(root: Path) -> None:
    # Debian's package of pip brings a dozen others; the wheel kept for venv is all of pip.
    (wheel,) = (root / "usr/share/python-wheels").glob("pip-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(root / "usr/lib/python3/dist-packages")  # noqa: S202 - Debian's own
    (root / "usr/bin/python").symlink_to("python3")


def _compile(root: Path) -> None:
    # Byte code that names its source's date would be stale at once: dates are about to be fixed.
    for stale in list(root.glob("usr/**/__pycache__")):
        shutil.rmtree(stale)
    compiler = ["python3", "-m", "compileall", "-q", "--invalidation-mode", "unchecked-hash"]
    folders = ["/usr/lib/python3.11", "/usr/lib/python3"]
    subprocess.run(
        ["chroot", root, *compiler, *folders],
        env={"PYTHONHASHSEED": "0", "PATH": "/usr/sbin:/usr/bin"},
        check=True,
    )


def _kept(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    name = member.name.removeprefix("./")
    in_emptied = any(name.startswith(f"{folder}/") for folder in _EMPTIED)
    in_docs = name.startswith("usr/share/doc/") and not member.isdir()
    if in_emptied or name in _LEFT_OUT or (in_docs and not name.endswith("/copyright")):
        return None
    return member
