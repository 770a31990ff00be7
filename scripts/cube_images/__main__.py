"""The command behind scripts/build_cubes.sh."""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
from pathlib import Path

from cube_images.base_image import choose_base
from cube_images.cube import Build, build_cube
from cube_images.engine import Engine
from cube_images.errors import CannotBuild

_ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Build what the command line names; 0 if all of it is there afterwards."""
    arguments = _arguments()
    arguments.workspace.mkdir(parents=True, exist_ok=True)
    with (arguments.workspace / "build_cubes.lock").open("w") as lock:
        # Of two builds at once each would remove what the other is about to use.
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _build(arguments)
        except CannotBuild as reason:
            print(f"build_cubes: {reason}", file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            return 130
    return 0


def _build(arguments: argparse.Namespace) -> None:
    engine = Engine()
    base_name, base = choose_base(engine, arguments.base, arguments.workspace)
    build = Build(engine, base_name, base, arguments.workspace, arguments.no_cache)
    for cube in arguments.cubes or _all_cubes():
        folder = cube if cube.is_dir() else _ROOT / "cubes" / cube
        if not (folder / "Dockerfile").is_file():
            raise CannotBuild(f"{cube} is no cube: there is no {folder / 'Dockerfile'}")
        build_cube(build, folder.resolve(), arguments.out / folder.name)


def _all_cubes() -> list[Path]:
    return sorted(path.parent for path in (_ROOT / "cubes").glob("*/Dockerfile"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="build_cubes.sh", description=__doc__)
    add = parser.add_argument
    add("cubes", nargs="*", type=Path, metavar="CUBE", help="folder, or its name in cubes/ (all)")
    add("--out", type=Path, default=_ROOT / "build/assets", help="where each cube's assets go")
    add("--no-cache", action="store_true", help="build again, even if nothing changed")
    add("--base", default=os.environ.get("BASE_IMAGE"), help="base image ($BASE_IMAGE)")
    add("--workspace", type=Path, default=_ROOT / "build", help="for wheels and records")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
