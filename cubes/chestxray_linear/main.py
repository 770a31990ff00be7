"""Runs the task named by the only argument."""

import sys

from xray_linear.entry import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
