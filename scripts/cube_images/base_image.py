"""Chooses the image that cubes are built on: the one asked for, the usual one, or one made here."""

from __future__ import annotations

import sys
from pathlib import Path

from cube_images.debian_base import write_debian_base
from cube_images.engine import Engine, Image
from cube_images.errors import CannotBuild

USUAL = "python:3.11-slim-bookworm"
MADE_HERE = "medperf-base:bookworm"


def choose_base(engine: Engine, asked_for: str | None, workspace: Path) -> tuple[str, Image]:
    """The base's name and the base, fetched or made if need be. Raises: CannotBuild."""
    if asked_for:
        return asked_for, _asked_for(engine, asked_for)
    # One made here goes before a pull: always the same base, and no wait where none can be had.
    for name in (USUAL, MADE_HERE):
        if image := engine.find(name):
            return name, image
    if engine.pull(USUAL) and (image := engine.find(USUAL)):
        return USUAL, image
    return MADE_HERE, _made_here(engine, workspace)


def _asked_for(engine: Engine, name: str) -> Image:
    image = engine.find(name) or (engine.find(name) if engine.pull(name) else None)
    if image is None:
        raise CannotBuild(f"the base image {name} is neither here nor can it be pulled")
    return image


def _made_here(engine: Engine, workspace: Path) -> Image:
    print(f"{USUAL} cannot be pulled; making {MADE_HERE} with debootstrap …", file=sys.stderr)
    archive = workspace / "base.tar"
    try:
        write_debian_base(archive, engine.architecture, MADE_HERE, workspace)
        engine.load(archive)
    finally:
        archive.unlink(missing_ok=True)
    image = engine.find(MADE_HERE)
    if image is None:
        raise CannotBuild(f"the engine took {MADE_HERE} and does not have it")
    return image
