#!/bin/sh
# Lays out the data owner's tutorial: medperf_tutorial/sample_raw_data/{images/,labels/labels.csv}.
# The 200 X-rays are synthetic: drawn from a statistical model, no patient's image among them.
#
#     sh scripts/setup_data_tutorial.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)

"$here/setup.sh"
"$here/../.venv/bin/python" "$here/draw_sample.py" --count 200 --seed 1 medperf_tutorial/sample_raw_data
