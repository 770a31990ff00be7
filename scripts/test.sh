#!/usr/bin/env bash
# Builds the cubes' images and runs the tests with a PostgreSQL; `make test` calls it with an engine at hand.
#
#     scripts/test.sh [PYTEST ARGUMENT…]
set -euo pipefail
cd "$(dirname "$0")/.."

scripts/build_cubes.sh
exec .venv/bin/python scripts/with_postgres.py \
    .venv/bin/pytest --quiet --numprocesses 2 --junitxml=build/junit.xml -m "${MARKS:-not benchmark_timing and not long}" "$@"
