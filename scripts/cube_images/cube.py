"""One cube, from its folder to an image in the engine and the files that are registered with it."""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from cube_images.engine import Engine, Image
from cube_images.errors import CannotBuild
from cube_images.normalise import normalise
from cube_images.plain_tar import files_below, write_plain_tar, write_tarball
from cube_images.wheels import fetch_wheels

_CONFIG, _PARAMETERS, _ADDITIONAL = "container_config.yaml", "parameters.yaml", "additional_files"


@dataclass(frozen=True, slots=True)
class Build:
    """What all cubes of one call share."""

    engine: Engine
    base_name: str
    base: Image
    workspace: Path
    no_cache: bool


def build_cube(build: Build, cube: Path, out: Path) -> None:
    """Build the cube's image unless it is there unchanged, and lay out its assets in `out`."""
    image_hash = _image(build, cube)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    for name in (_CONFIG, _PARAMETERS):
        if (cube / name).is_file():
            shutil.copyfile(cube / name, out / name)
    if (cube / _ADDITIONAL).is_dir():
        write_tarball(out / f"{_ADDITIONAL}.tar.gz", cube / _ADDITIONAL)
    (out / "image_hash").write_text(f"{image_hash}\n")


def _image(build: Build, cube: Path) -> str:
    """The configuration's digest of the cube's image."""
    tag = _tag(cube / _CONFIG)
    record = build.workspace / "images" / f"{cube.name}.json"
    wheels = build.workspace / "wheels" / cube.name
    if (cube / "requirements.txt").is_file():
        fetch_wheels(cube / "requirements.txt", wheels, build.base.architecture)
    with tempfile.TemporaryFile(dir=build.workspace) as context:
        write_plain_tar(context, _context(cube, wheels))
        context.seek(0)
        digest = hashlib.file_digest(context, "sha256").hexdigest()
        inputs = {"context": digest, "base": build.base.engine_id, "tag": tag}
        known = _known(build, record, inputs, tag)
        if known and not build.no_cache:
            return known
        print(f"Building {tag} …", file=sys.stderr)
        context.seek(0)
        built = build.engine.build(
            context, {"BASE_IMAGE": build.base_name}, no_cache=build.no_cache
        )
    image_hash, engine_id = _finish(build, built, tag)
    record.parent.mkdir(exist_ok=True)
    record.write_text(json.dumps(inputs | {"engine_id": engine_id, "image_hash": image_hash}))
    return image_hash


def _known(build: Build, record: Path, inputs: dict[str, str], tag: str) -> str | None:
    if not record.is_file():
        return None
    earlier = json.loads(record.read_text())
    found = build.engine.find(tag)
    if found is None or earlier != earlier | inputs | {"engine_id": found.engine_id}:
        return None
    return str(earlier["image_hash"])


def _finish(build: Build, built: list[str], tag: str) -> tuple[str, str]:
    """Replace the build by its normalised twin; return that one's digest and engine id."""
    before = build.engine.find(tag)
    with tempfile.TemporaryDirectory(dir=build.workspace) as folder:
        saved, finished = Path(folder, "saved.tar"), Path(folder, "finished.tar")
        build.engine.save(built[-1], saved)
        image_hash = normalise(saved, finished, build.base.diff_ids, tag)
        saved.unlink()
        build.engine.load(finished)
    after = build.engine.find(tag)
    if after is None:
        raise CannotBuild(f"the engine took {tag} and does not have it")
    superseded = [before.engine_id] if before and before != after else []
    for old in superseded + built[::-1]:
        build.engine.remove_if_unnamed(old)
    return image_hash, after.engine_id


def _context(cube: Path, wheels: Path) -> Iterator[tuple[str, Path]]:
    """What a Dockerfile may copy: the cube's folder, less what stays outside, and its wheels."""
    for path in files_below(cube):
        name = path.relative_to(cube).as_posix()
        if name.split("/")[0] not in (_CONFIG, _PARAMETERS, _ADDITIONAL):
            yield name, path
    for path in sorted(wheels.glob("*.whl")):
        yield f"wheels/{path.name}", path


def _tag(config: Path) -> str:
    if not config.is_file():
        raise CannotBuild(f"{config} is missing: it names the image to build")
    image = yaml.safe_load(config.read_text())["image"]
    if "@" in image:
        raise CannotBuild(
            f"{config} names its image by digest, so it cannot be built under that name"
        )
    return str(image)
