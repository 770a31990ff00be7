#!/usr/bin/env bash
# Runs a command with a container engine at hand, and afterwards stops the engine if it was started here.
#
#     scripts/with_engine.sh COMMAND…         the command finds the engine in DOCKER_HOST
exec python3 "$(dirname "$0")/with_engine.py" "$@"
