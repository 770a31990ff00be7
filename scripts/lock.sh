#!/usr/bin/env bash
# Pins every package of pyproject.toml, with hashes and without naming an index, in scripts/constraints.txt.
#
#     scripts/lock.sh [--upgrade]     keeps what is pinned unless told to upgrade
set -euo pipefail
cd "$(dirname "$0")/.."

compile=.venv/bin/pip-compile
if [ ! -x "$compile" ]; then
    python3 -m venv build/lock
    build/lock/bin/python -m pip install --quiet pip-tools
    compile=build/lock/bin/pip-compile
fi

CUSTOM_COMPILE_COMMAND="make lock" "$compile" pyproject.toml \
    --all-extras --output-file scripts/constraints.txt \
    --generate-hashes --strip-extras --allow-unsafe --quiet --no-header \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links "$@"

if grep -nE '://|^--|(^|[^[:alnum:]])/(home|root|opt|Users|tmp)/' scripts/constraints.txt; then
    echo "lock: scripts/constraints.txt names an index or a path of this machine (above)" >&2
    exit 1
fi
