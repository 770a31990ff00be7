#!/usr/bin/env bash
# Makes .venv with exactly the packages of scripts/constraints.txt and this project in it.
#
# Does nothing when pyproject.toml and the constraints are what .venv was made from. A set-up that was
# interrupted left no stamp, so the next one starts afresh instead of trusting half a package.
set -euo pipefail
cd "$(dirname "$0")/.."

constraints=scripts/constraints.txt
stamp=.venv/made-from

wanted() {
    # Scripts in .venv/bin hold absolute paths, so a checkout that moved needs a new one.
    echo "$PWD"
    cat pyproject.toml "$constraints"
}

is_current() {
    [ -f "$stamp" ] && wanted | cmp -s - "$stamp" && .venv/bin/python -c '' 2>/dev/null
}

is_recent_python() {
    "$1" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    local name
    for name in ${PYTHON:-} python3.11 python3 python3.12 python3.13 python3.14; do
        if is_recent_python "$name"; then
            command -v "$name"
            return
        fi
    done
    echo "Python 3.11 or newer is needed, and none is on the PATH. Install one, or name it: PYTHON=… make setup" >&2
    return 1
}

make_venv() {
    local python
    python=$(find_python)
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$python has no venv module; Debian keeps it in a package of its own." >&2
        scripts/apt_install.sh python3-venv
    fi
    "$python" -m venv --clear .venv
}

is_usable() {
    [ -f "$stamp" ] && [ "$(head -n 1 "$stamp")" = "$PWD" ] && .venv/bin/python -m pip --version >/dev/null 2>&1
}

install() {
    .venv/bin/python -m pip install -qq --no-input --disable-pip-version-check --root-user-action=ignore "$@"
}

if is_current; then exit 0; fi

# Two set-ups at once would tread on each other: the second waits, then finds the work done.
# flock(1) is not on every system; Python's is, and the lock stays with this shell's descriptor.
mkdir -p build
exec 9>build/setup.lock
"$(find_python)" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
if is_current; then exit 0; fi

echo "Setting up .venv (a minute or two the first time) …" >&2
is_usable || make_venv
rm -f "$stamp"
install --require-hashes -r "$constraints"
install --no-deps --no-build-isolation --no-index -e .
wanted >"$stamp"
