#!/bin/sh
# Plays the benchmark's owner, who accepts dataset 1 for benchmark 1. Your own login stays as it is.
#
#     sh scripts/simulate_data_association_approval.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
medperf="$here/../.venv/bin/medperf"

# A copy of the configuration, so that another person can be logged in beside you.
own=${MEDPERF_CONFIG_PATH:-$HOME/.medperf/config.yaml}
borrowed=$(mktemp -d)
trap 'rm -rf "$borrowed"' EXIT
if [ -f "$own" ]; then cp "$own" "$borrowed/config.yaml"; fi
export MEDPERF_CONFIG_PATH="$borrowed/config.yaml"

"$medperf" auth login --email testbo@example.com
"$medperf" association approve --benchmark 1 --dataset 1
