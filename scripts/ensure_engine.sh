#!/usr/bin/env bash
# Finds an engine of the Docker API that answers, or, as root on Debian or Ubuntu, installs and starts one.
#
#     scripts/ensure_engine.sh        prints two lines: the engine's DOCKER_HOST, and, if it was started
#                                     here, its process id (else an empty line)
#
# Whoever calls this stops what was started; scripts/with_engine.sh does. For tests and odd machines:
#     MEDPERF_ENGINE_START    never: only look; always: do not look, start one
#     MEDPERF_ENGINE_DIR      keeps a started engine apart from the machine's own: socket, images, log
#     MEDPERF_DOCKERD_ARGS    the arguments of a started engine (default: one that leaves the machine's
#                             network alone, as our containers have none)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

start=${MEDPERF_ENGINE_START:-}
apart=${MEDPERF_ENGINE_DIR:-}
dockerd_args=${MEDPERF_DOCKERD_ARGS:---bridge=none --iptables=false --ip-forward=false}

say() { echo "$*" >&2; }

answers() {
    case "$1" in
        unix://* | tcp://*) python3 "$here/ping_engine.py" "$1" ;;
        *) docker --host "$1" version ;;
    esac >/dev/null 2>&1
}

context_host() {
    # What `docker context use` chose; Docker Desktop, colima and the like are reached that way.
    if command -v docker >/dev/null 2>&1; then
        docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null || true
    fi
}

find_engine() {
    local host
    for host in "$(context_host)" unix:///var/run/docker.sock \
        "unix://${HOME:-/root}/.docker/run/docker.sock" \
        "unix://${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock" \
        "unix://${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/podman/podman.sock" \
        unix:///run/podman/podman.sock; do
        if [ -n "$host" ] && answers "$host"; then
            echo "$host"
            return
        fi
    done
    return 1
}

explain_and_stop() {
    if [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ]; then
        say "A Docker engine is here, but $(id -un) may not use it. Join its group, then log in again:"
        say "    sudo usermod -aG docker $(id -un)"
        exit 1
    fi
    say "No container engine answers, and only root on Debian or Ubuntu gets one installed from here. Either"
    case "$(uname -s)" in
        Darwin) say "  install and start Docker Desktop, or colima (brew install colima docker; colima start), or" ;;
        *) say "  install Docker and start it (on Debian: sudo apt-get install docker.io), or" ;;
    esac
    say "  start podman's socket (systemctl --user start podman.socket), or"
    say "  name a running engine: DOCKER_HOST=unix:///path/to/its.sock"
    exit 1
}

forget_dead_engine() {
    # After a crash the number in a pid file may be another process's, and dockerd would refuse to start.
    local pid
    pid=$(cat "$1" 2>/dev/null) || return 0
    if [ "$(cat "/proc/$pid/comm" 2>/dev/null)" != dockerd ]; then rm -f "$1"; fi
}

start_engine() {
    local run=${apart:-/var/run} tenths=0
    local socket=$run/docker.sock log=${apart:-/var/log}/medperf-dockerd.log
    mkdir -p "$run"
    forget_dead_engine "$run/docker.pid"
    if [ -n "$apart" ]; then
        dockerd_args="$dockerd_args --exec-root $apart/exec --data-root $apart/images"
    fi

    say "Starting dockerd …"
    # In a session of its own, so that Ctrl+C ends the command above it first. Not every descriptor of
    # ours may live on in it: a pipe or a lock would stay open for as long as the engine runs.
    # shellcheck disable=SC2086
    setsid dockerd --host "unix://$socket" --pidfile "$run/docker.pid" $dockerd_args \
        </dev/null >"$log" 2>&1 9>&- &
    engine_pid=$!
    trap 'kill "$engine_pid" 2>/dev/null; exit 130' INT TERM HUP
    while ! answers "unix://$socket"; do
        tenths=$((tenths + 2))
        if ! kill -0 "$engine_pid" 2>/dev/null || [ "$tenths" -gt 600 ]; then
            kill "$engine_pid" 2>/dev/null || true
            explain_failed_start "$log"
        fi
        sleep 0.2
    done
    printf 'unix://%s\n%s\n' "$socket" "$engine_pid"
}

explain_failed_start() {
    tail -n 12 "$1" >&2
    say "dockerd did not start: its last lines are above, all of them in $1. Usual causes: this is itself a"
    say "container that may not mount or make cgroups (run it privileged), cgroups are not mounted, the disk"
    say "is full, or another dockerd already uses the same folders."
    exit 1
}

if [ -n "${DOCKER_HOST:-}" ] && [ "$start" != always ]; then
    if answers "$DOCKER_HOST"; then
        printf '%s\n\n' "$DOCKER_HOST"
        exit 0
    fi
    say "DOCKER_HOST is $DOCKER_HOST, and no engine answers there. Start it, or unset DOCKER_HOST."
    exit 1
fi

if [ "$start" != always ] && host=$(find_engine); then
    printf '%s\n\n' "$host"
    exit 0
fi

if [ "$start" = never ] || [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    explain_and_stop
fi
if ! command -v dockerd >/dev/null 2>&1; then
    "$here/apt_install.sh" docker.io ca-certificates
fi
start_engine
