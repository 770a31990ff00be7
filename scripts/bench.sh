#!/usr/bin/env bash
# Builds the cubes' images, measures, and writes docs/benchmarks.md; `make bench` calls it with an engine.
#
#     scripts/bench.sh [SECTION…]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build_cubes.sh
command -v wrk >/dev/null || scripts/apt_install.sh wrk
exec .venv/bin/python scripts/with_postgres.py .venv/bin/python -m tests.benchmarks "$@"
