"""What a container finds inside: the sandbox as a real engine builds it."""

import contextlib
import json
import os
import socket
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest

from medperf_client.adapters.docker_engine import DockerEngine
from tests.adapters.container_bench import Bench, client, engine_socket, image_id

pytestmark = pytest.mark.engine

FACTS = (Path(__file__).parent / "facts_inside.py").read_text()
MIB = 1024**2
NOBODY = 65534


@pytest.fixture(scope="module")
def inside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one container found, and the folder it wrote to."""
    folder = tmp_path_factory.mktemp("inside")
    (folder / "in" / "mounted").mkdir(parents=True)
    (folder / "in" / "given").write_text("as given")
    engine = DockerEngine()
    bench = Bench(engine, folder)
    lines = bench.run(
        FACTS,
        inputs={"/in": folder / "in"},
        outputs={"/out": bench.out},
        environment={"MEDPERF_LOGLEVEL": "debug", "HOME": "/root"},
        tmp_bytes=8 * MIB,
        shm_bytes=4 * MIB,
    )
    engine.close()
    return {**json.loads(lines[-1]), "folder": folder}


def test_a_container_sees_no_network_but_itself(inside: dict[str, Any]) -> None:
    assert inside["interfaces"] == ["lo"]


@pytest.mark.parametrize("kind", ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"])
def test_a_container_has_no_capabilities(inside: dict[str, Any], kind: str) -> None:
    assert int(inside["status"][kind], 16) == 0


def test_a_container_gains_no_privileges_and_its_calls_are_filtered(
    inside: dict[str, Any],
) -> None:
    assert inside["status"]["NoNewPrivs"] == "1"
    assert inside["status"]["Seccomp"] == "2"
    assert inside["mount"] == "EPERM"
    assert inside["chown"] == "EPERM"


def test_the_image_and_the_inputs_are_read_only(inside: dict[str, Any]) -> None:
    assert set(inside["root"]) <= {"EROFS", "EACCES"}
    assert "EROFS" in inside["root"]
    assert inside["input"] == "EROFS"
    assert inside["input file"] == "EROFS"
    assert (inside["folder"] / "in" / "given").read_text() == "as given"


def test_outputs_belong_to_the_caller(inside: dict[str, Any]) -> None:
    made = (inside["folder"] / "out" / "made").stat()
    assert inside["output"] == "done"
    assert (made.st_uid, made.st_gid) == (os.getuid(), os.getgid())
    assert inside["ids"] == [os.getuid(), os.getuid(), os.getgid(), os.getgid()]


def test_tmp_is_writable_within_its_bound(inside: dict[str, Any]) -> None:
    assert inside["tmp"] == "done"
    assert inside["too much in tmp"] == "ENOSPC"
    assert inside["run in tmp"]
    assert not inside["setuid in tmp"]
    assert inside["shm"] == 4 * MIB


def test_the_environment_is_the_authors_but_for_home(inside: dict[str, Any]) -> None:
    assert inside["environment"]["HOME"] == "/tmp"
    assert inside["environment"]["MEDPERF_LOGLEVEL"] == "debug"


def test_no_engine_can_be_reached(inside: dict[str, Any]) -> None:
    assert inside["sockets"] == []


def test_no_namespace_is_the_machines_own(inside: dict[str, Any]) -> None:
    for name, space in inside["namespaces"].items():
        assert space != os.readlink(f"/proc/self/ns/{name}"), name
    assert inside["hostname"] != socket.gethostname()
    assert "init" in inside["pid 1"]
    assert inside["processes"] <= 4


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_the_container_of_an_ordinary_user_is_that_users(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)
    out = tmp_path / "out"
    out.mkdir()
    os.chown(out, NOBODY, NOBODY)
    code = "import os; open('/out/made', 'w').close(); print(os.getuid(), os.getgid())"
    group = os.stat(engine_socket()).st_gid
    ended = client("ordinary", code, uid=NOBODY, groups=(group,), out=out)
    said, _ = ended.communicate(timeout=60)
    assert (said, ended.returncode) == (f"{NOBODY} {NOBODY}\n", 0)
    assert (out / "made").stat().st_uid == NOBODY


def test_processes_are_bounded(bench: Bench) -> None:
    code = """
import os, signal
children = []
for _ in range(64):
    try:
        child = os.fork()
    except BlockingIOError:
        break
    if child == 0:
        signal.pause()
    children.append(child)
print(len(children))
[os.kill(child, 9) for child in children]
"""
    assert int(bench.run(code, pids=16)[0]) < 16


def test_memory_is_bounded_and_swap_adds_nothing(bench: Bench) -> None:
    code = """
import glob
for name in ("memory/memory.limit_in_bytes", "memory.max"):
    for path in glob.glob("/sys/fs/cgroup/" + name):
        print("memory", open(path).read())
for name in ("memory/memory.memsw.limit_in_bytes", "memory.swap.max"):
    for path in glob.glob("/sys/fs/cgroup/" + name):
        print("swap", open(path).read())
"""
    found = dict(line.split() for line in bench.run(code, memory_bytes=64 * MIB))
    assert found["memory"] == str(64 * MIB)
    # The older kind of control group counts memory and swap together, the newer swap alone.
    assert found.get("swap", "0") in {"0", str(64 * MIB)}


def test_a_job_without_its_own_memory_limit_leaves_a_quarter_to_the_machine(bench: Bench) -> None:
    code = """
import os
old, new = "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max"
print(open(old if os.path.exists(old) else new).read())
"""
    total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert int(bench.run(code)[0]) == pytest.approx(total * 3 / 4, rel=0.01)


def test_a_log_is_its_owners_alone_and_complete(bench: Bench) -> None:
    log = bench.folder / "run.log"
    before = os.umask(0)
    try:
        bench.run("print('one'); print('two')", log_file=log)
    finally:
        os.umask(before)
    assert log.read_text() == "one\ntwo\n"
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.skipif(os.getuid() != 0, reason="only root may mount")
def test_what_is_mounted_below_an_input_is_read_only_too(bench: Bench) -> None:
    below = bench.folder / "in" / "mounted"
    below.mkdir(parents=True)
    if subprocess.run(["mount", "-t", "tmpfs", "none", below], check=False).returncode:
        pytest.skip("this machine does not let root mount")
    try:
        (below / "given").write_text("as given")
        code = """
print(open("/in/mounted/given").read())
try:
    open("/in/mounted/given", "w").write("changed")
except OSError as error:
    print(error.strerror)
"""
        said = bench.run(code, inputs={"/in": bench.folder / "in"})
        assert said == ["as given", "Read-only file system"]
    finally:
        subprocess.run(["umount", below], check=True)


@pytest.fixture
def with_volume() -> Iterator[str]:
    """An image that declares a volume of its own at /hole; its id."""
    with contextlib.closing(docker.from_env().api) as api:
        made = api.create_container(image_id())["Id"]
        image = str(api.commit(made, changes=["VOLUME /hole"])["Id"])
        api.remove_container(made, v=True)
        yield image
        api.remove_image(image, force=True)


def test_a_volume_that_an_image_declares_is_bounded_memory_and_no_disk(
    bench: Bench, with_volume: str
) -> None:
    code = """
print(open("/proc/mounts").read().split(" /hole ")[1].split()[0])
try:
    open("/hole/big", "wb").write(bytes(16 << 20))
except OSError as error:
    print(error.strerror)
"""
    said = bench.run(code, image_id=with_volume, tmp_bytes=8 * MIB)

    assert said == ["tmpfs", "No space left on device"]
