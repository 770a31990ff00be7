"""A container is abandoned when the client that made it is gone, and in no other case."""

import os
import subprocess
import sys

import pytest

from medperf_client.adapters.container_owner import is_abandoned, own_labels


def labels_of(pid: int, started: str) -> dict[str, str]:
    return own_labels() | {
        "org.medperf.owner.pid": str(pid),
        "org.medperf.owner.start": started,
    }


def started(pid: int) -> str:
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[19]


def test_our_own_containers_are_not_abandoned() -> None:
    assert not is_abandoned(own_labels())


def test_those_of_a_living_process_are_not_and_those_of_a_dead_one_are() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        labels = labels_of(other.pid, started(other.pid))
        assert not is_abandoned(labels)
        other.kill()
        os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
        # Dead, though its parent did not look yet: its number is still taken.
        assert is_abandoned(labels)
    assert is_abandoned(labels)


def test_a_number_that_was_given_to_another_process_means_a_dead_one() -> None:
    assert is_abandoned(labels_of(os.getpid(), "1"))


def test_after_a_reboot_every_client_is_dead() -> None:
    assert is_abandoned(own_labels() | {"org.medperf.owner.boot": "another"})


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("owner.host", "elsewhere"),
        ("owner.uid", "4711"),
        ("owner.pidns", "pid:[1]"),
        ("owner.pid", "not a number"),
        ("client", "2"),
    ],
)
def test_what_cannot_be_judged_is_left_alone(part: str, value: str) -> None:
    dead = labels_of(2**22 + 1, "1")
    assert is_abandoned(dead)
    assert not is_abandoned(dead | {f"org.medperf.{part}": value})


def test_a_container_of_somebody_else_is_left_alone() -> None:
    assert not is_abandoned({})
    assert not is_abandoned({"com.example": "1"})
