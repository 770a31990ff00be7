#!/usr/bin/env bash
# Serves what docs/tutorial.md begins with, until Ctrl+C: benchmark 1, its containers, and a dataset.
#
#     make tutorial          the registry is kept in build/tutorial
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p build/tutorial
url=http://127.0.0.1:8000
export MEDPERF_DATABASE_URL="sqlite+aiosqlite:///$PWD/build/tutorial/medperf.db"

scripts/build_cubes.sh
.venv/bin/medperf-server serve --assets build/assets &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  if .venv/bin/python -c "import httpx; httpx.get('$url/health/').raise_for_status()" 2>/dev/null; then break; fi
  kill -0 "$server" 2>/dev/null || exit 1
  sleep 0.2
done
.venv/bin/python scripts/seed.py --demo data --server "$url"
sh scripts/setup_data_tutorial.sh
echo "Go on in another terminal with the eleven steps of docs/tutorial.md. Ctrl+C ends the server."
wait "$server"
