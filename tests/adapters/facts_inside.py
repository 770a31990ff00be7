"""Runs inside a container, of Python alone: prints what it finds there as one JSON document."""

import errno
import json
import os
import socket
import sys
from pathlib import Path


def attempt(action, *arguments):
    try:
        action(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"


def write(path):
    with open(path, "w") as file:
        file.write("x")


def status():
    with open("/proc/self/status") as file:
        return dict(line.strip().split(":\t", 1) for line in file if ":\t" in line)


def fill(path, size):
    with open(path, "wb") as file:
        for _ in range(size >> 20):
            file.write(bytes(1 << 20))
            file.flush()


NAMESPACES = ("cgroup", "ipc", "mnt", "net", "pid", "uts")
sys.stdout.write(
    json.dumps(
        {
            "status": status(),
            "interfaces": [name for _, name in socket.if_nameindex()],
            "root": [attempt(write, f"/{place}x") for place in ("", "etc/", "usr/", "var/tmp/")],
            "input": attempt(write, "/in/new"),
            "input file": attempt(write, "/in/given"),
            "below input": attempt(write, "/in/mounted/new"),
            "output": attempt(write, "/out/made"),
            "tmp": attempt(write, "/tmp/made"),
            "too much in tmp": attempt(fill, "/tmp/big", 16 << 20),
            "run in tmp": os.statvfs("/tmp").f_flag & os.ST_NOEXEC == 0,
            "setuid in tmp": os.statvfs("/tmp").f_flag & os.ST_NOSUID == 0,
            "shm": os.statvfs("/dev/shm").f_blocks * os.statvfs("/dev/shm").f_frsize,
            "ids": [os.getuid(), os.geteuid(), os.getgid(), os.getegid()],
            "environment": dict(os.environ),
            "sockets": [
                path
                for path in ("/var/run/docker.sock", "/run/docker.sock", "/run/podman/podman.sock")
                if os.path.exists(path)
            ],
            "hostname": socket.gethostname(),
            "pid 1": Path("/proc/1/cmdline").read_text().split("\0")[0],
            "processes": sum(name.isdigit() for name in os.listdir("/proc")),
            "namespaces": {name: os.readlink(f"/proc/self/ns/{name}") for name in NAMESPACES},
            "mount": attempt(os.chroot, "/tmp"),
            "chown": attempt(os.chown, "/out/made", 12345, 12345),
        }
    )
)
