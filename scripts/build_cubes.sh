#!/usr/bin/env bash
# Builds the cubes' images and lays out what is registered with them, in build/assets/<cube>/.
#
#     scripts/build_cubes.sh [CUBE…] [--out FOLDER] [--no-cache]      BASE_IMAGE=… chooses the base
#
# Needs an engine: run it under scripts/with_engine.sh. The same tree on the same base gives the same image.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

"$here/setup.sh"
PYTHONPATH="$here" exec "$here/../.venv/bin/python" -m cube_images "$@"
