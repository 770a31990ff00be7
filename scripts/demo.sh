#!/usr/bin/env bash
# Goes through the data owner's tutorial for real: a server on SQLite, four images, eleven steps.
#
#     make demo          everything it makes is in build/demo, made anew each time
set -euo pipefail
cd "$(dirname "$0")/.."
project=$PWD
demo=$project/build/demo
export PATH="$project/.venv/bin:$PATH"

# Nothing of yours is touched: storage, profiles, identity and database are the demo's own.
rm -rf "$demo"
mkdir -p "$demo"
export MEDPERF_STORAGE="$demo/storage" MEDPERF_CONFIG_PATH="$demo/client/config.yaml"
export MEDPERF_LOCAL_IDENTITY="$demo/identity"
export MEDPERF_DATABASE_URL="sqlite+aiosqlite:///$demo/medperf.db"

say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
run() {
  local shown='' word
  for word in "$@"; do
    case $word in *' '*) shown+=" \"$word\"" ;; *) shown+=" $word" ;; esac
  done
  printf '\n\033[1m$%s\033[0m\n' "$shown"
  "$@"
}

say "Building the four containers"
scripts/build_cubes.sh

say "Starting a server"
medperf-server serve --port 0 --assets build/assets >"$demo/server.out" 2>"$demo/server.log" &
server=$!
trap 'kill "$server" 2>/dev/null; wait "$server" 2>/dev/null || true' EXIT
for _ in $(seq 100); do
  url=$(sed -n 's/.*listening on \(http[^ ]*\).*/\1/p' "$demo/server.out" "$demo/server.log" | head -n 1)
  if [ -n "$url" ]; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then
    cat "$demo/server.log" >&2
    exit 1
  fi
  sleep 0.1
done
echo "It listens on ${url:?the server did not start within 10 seconds; see build/demo/server.log}"

say "Filling it as a benchmark's committee, a model's owner and an admin would"
medperf profile set --server "$url"
python scripts/seed.py --demo data --server "$url"

cd "$demo"
say "Drawing 200 synthetic chest X-rays"
sh "$project/scripts/setup_data_tutorial.sh"

say "The data owner's tutorial (-y answers the questions that each step asks)"
run medperf benchmark ls
run medperf dataset submit -y --name "mytestdata" --description "A tutorial dataset" \
  --location "My machine" --data_path "medperf_tutorial/sample_raw_data/images" \
  --labels_path "medperf_tutorial/sample_raw_data/labels" --benchmark 1
run medperf dataset ls --mine
run medperf dataset prepare -y --data_uid 1
run medperf dataset set_operational -y --data_uid 1
run medperf dataset associate -y --benchmark_uid 1 --data_uid 1
run medperf association ls
run sh ../../scripts/simulate_data_association_approval.sh
run medperf benchmark run --benchmark 1 --data_uid 1
run medperf result view b1m4d1
run medperf result submit -y --result b1m4d1

say "Done. The server holds one result; the images never left this folder: build/demo"
