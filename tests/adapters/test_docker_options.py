"""The sandbox in the engine's own words, rule by rule, and that nothing of a job loosens it."""

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medperf_client.adapters.docker_options import container_options
from medperf_client.errors import BadData, UsageFault
from medperf_client.policy.sandbox import Limits
from medperf_client.ports.engine import ContainerJob

ENGINE = {"MemTotal": 16 * 1024**3, "NCPU": 8, "SecurityOptions": ["name=seccomp,profile=default"]}
OWNER = {"org.medperf.client": "1", "org.medperf.owner.pid": "7"}


def options(engine: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    defaults: dict[str, Any] = {
        "image_id": f"sha256:{'ab' * 32}",
        "name": "cube infer",
        "inputs": {"/in": Path("/nowhere/data")},
        "outputs": {"/out": Path("/nowhere/out")},
        "limits": Limits(),
    }
    job = ContainerJob(**{**defaults, **fields})
    return container_options(job, ENGINE if engine is None else engine, OWNER)


def host(**fields: Any) -> dict[str, Any]:
    config: dict[str, Any] = options(**fields)["HostConfig"]
    return config


SANDBOX = {
    "no network": ("NetworkMode", "none"),
    "no capabilities": ("CapDrop", ["ALL"]),
    "no new privileges": ("SecurityOpt", ["no-new-privileges"]),
    "read-only root": ("ReadonlyRootfs", True),
    "not privileged": ("Privileged", False),
    "its own ipc": ("IpcMode", "private"),
    "its own control groups": ("CgroupnsMode", "private"),
    "an init": ("Init", True),
    "no copy of its words in the engine": ("LogConfig", {"Type": "none"}),
    "no core dumps": ("Ulimits", [{"Name": "core", "Soft": 0, "Hard": 0}]),
    "bounded processes": ("PidsLimit", 512),
    "bounded shared memory": ("ShmSize", 64 * 1024**2),
    "bounded memory": ("Memory", 12 * 1024**3),
    "no swap": ("MemorySwap", 12 * 1024**3),
    "a /tmp of its own": (
        "Tmpfs",
        {"/tmp": "rw,nosuid,nodev,exec,mode=1777,size=1073741824"},
    ),
}
# What would open the sandbox must not be said at all.
NEVER = {
    "CapAdd", "Devices", "DeviceCgroupRules", "GroupAdd", "PidMode", "UTSMode", "UsernsMode",
    "Binds", "VolumesFrom", "PortBindings", "PublishAllPorts", "ExtraHosts", "Links", "Sysctls",
    "Runtime", "OomKillDisable", "MaskedPaths", "ReadonlyPaths", "CgroupParent", "RestartPolicy",
}  # fmt: skip


@pytest.mark.parametrize("rule", SANDBOX)
def test_the_sandbox_holds_for_every_job(rule: str) -> None:
    key, value = SANDBOX[rule]
    assert host()[key] == value


def test_nothing_that_would_open_the_sandbox_is_said() -> None:
    assert not NEVER & host().keys()
    assert "DeviceRequests" not in host()


def test_the_network_is_disabled_twice() -> None:
    assert options()["NetworkDisabled"] is True


def test_a_container_runs_as_its_caller() -> None:
    assert options()["User"] == f"{os.getuid()}:{os.getgid()}"


def test_in_a_rootless_engine_the_caller_is_what_root_means_inside() -> None:
    assert options(engine={**ENGINE, "SecurityOptions": ["name=rootless"]})["User"] == "0:0"


def test_inputs_are_read_only_and_outputs_are_not() -> None:
    mounts = {mount["Target"]: mount for mount in host()["Mounts"]}
    assert mounts.keys() == {"/in", "/out"}
    assert mounts["/in"]["ReadOnly"] is True
    assert mounts["/out"]["ReadOnly"] is False
    assert {mount["Type"] for mount in mounts.values()} == {"bind"}
    assert {mount["BindOptions"]["Propagation"] for mount in mounts.values()} == {"rprivate"}


def test_limits_of_the_profile_are_passed_on() -> None:
    limits = Limits(memory_bytes=1 << 30, cpus=2.5, pids=9, tmp_bytes=1 << 20, shm_bytes=1 << 21)
    config = host(limits=limits)
    assert config["Memory"] == config["MemorySwap"] == 1 << 30
    assert config["NanoCpus"] == 2_500_000_000
    assert config["PidsLimit"] == 9
    assert config["Tmpfs"]["/tmp"].endswith(f",size={1 << 20}")
    assert config["ShmSize"] == 1 << 21


def test_more_processors_than_the_machine_has_are_all_it_has() -> None:
    assert host(limits=Limits(cpus=64))["NanoCpus"] == 8_000_000_000


def test_a_job_may_ask_for_shared_memory_and_gpus() -> None:
    assert host(shm_bytes=1 << 22)["ShmSize"] == 1 << 22
    assert host(gpus="all")["DeviceRequests"] == [{"Capabilities": [["gpu"]], "Count": -1}]
    assert host(gpus="2")["DeviceRequests"] == [{"Capabilities": [["gpu"]], "Count": 2}]
    ids = host(gpus="device=0,GPU-1")["DeviceRequests"]
    assert ids == [{"Capabilities": [["gpu"]], "DeviceIDs": ["0", "GPU-1"]}]


@pytest.mark.parametrize("spec", ["0", "-1", "device=", "some", "1.5", "²"])
def test_what_names_no_gpus_is_refused(spec: str) -> None:
    with pytest.raises(UsageFault, match="names no GPUs"):
        options(gpus=spec)


@pytest.mark.parametrize("name", ["", "HOME=/root;X", "A\0B"])
def test_a_name_that_is_none_of_an_environment_variable_is_refused(name: str) -> None:
    with pytest.raises(BadData, match="cube infer"):
        options(environment={name: "x"})


words = st.text(st.characters(codec="utf-8", exclude_characters="\0="), max_size=20)
names = words.filter(bool) | st.sampled_from(["HOME", "NetworkMode", "DOCKER_HOST"])
labels = words | st.sampled_from(sorted(OWNER))
places = st.sampled_from(["/in", "/out", "/a b", "/tmp/x", "/var/run/docker.sock", "/etc"])


@given(
    labels=st.dictionaries(labels, words),
    environment=st.dictionaries(names, words),
    command=st.none() | st.lists(words).map(tuple),
    entrypoint=st.none() | st.lists(words).map(tuple),
    inputs=st.dictionaries(places, words.map(lambda word: Path("/data", f"x{word}"))),
    gpus=st.sampled_from([None, "all", "1"]),
    shm_bytes=st.none() | st.integers(1, 2**40),
)
def test_nothing_an_author_writes_changes_the_sandbox(**fields: Any) -> None:
    body = options(**fields, outputs={})
    plain = options()
    for key, value in SANDBOX.values():
        if key != "ShmSize":
            assert body["HostConfig"][key] == value
    assert body["HostConfig"].keys() - plain["HostConfig"].keys() <= {"DeviceRequests"}
    assert body.keys() - plain.keys() <= {"Cmd", "Entrypoint"}
    assert (body["NetworkDisabled"], body["User"]) == (True, plain["User"])
    assert {mount["Target"] for mount in body["HostConfig"]["Mounts"]} == fields["inputs"].keys()
    assert all(mount["ReadOnly"] for mount in body["HostConfig"]["Mounts"])
    assert [line for line in body["Env"] if line.startswith("HOME=")] == ["HOME=/tmp"]
    assert OWNER.items() <= body["Labels"].items()
