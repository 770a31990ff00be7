"""Nothing is left in an image of when, where and by which builder it was made."""

import json
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from cube_images.errors import CannotBuild
from cube_images.normalise import normalise

from tests.scripts.archives import (
    File,
    config,
    digest,
    docker_archive,
    layer,
    oci_archive,
    write_tar,
)

BASE = layer(File("base", b"as it was", mtime=77), File("old", b"x"))


def rewritten(tmp_path: Path, saved: Path, base: Sequence[bytes] = (BASE,)) -> tuple[str, Path]:
    out = tmp_path / "out.tar"
    return normalise(saved, out, [digest(one) for one in base], "some/name:1"), out


def layers_of(archive: Path) -> list[bytes]:
    with tarfile.open(archive) as tar:
        (image,) = json.load(tar.extractfile("manifest.json"))
        return [tar.extractfile(name).read() for name in image["Layers"]]


def members_of(tmp_path: Path, *layers: bytes) -> dict[str, tarfile.TarInfo]:
    """What our own layers become, by name."""
    stored = [BASE, *layers]
    _, out = rewritten(tmp_path, docker_archive(tmp_path / "in.tar", stored, config(stored)))
    (tmp_path / "merged.tar").write_bytes(layers_of(out)[-1])
    with tarfile.open(tmp_path / "merged.tar") as tar:
        return {member.name: member for member in tar.getmembers()}


def test_two_builds_of_one_content_give_one_image(tmp_path):
    monday = [BASE, layer(File("a", b"1", mtime=5), File("b", mtime=6))]
    friday = [BASE, layer(File("b", mtime=8, headers={"ctime": "1.5"})), layer(File("a", b"1"))]

    first, _ = rewritten(
        tmp_path, docker_archive(tmp_path / "1.tar", monday, config(monday, created="2024"))
    )
    second, _ = rewritten(
        tmp_path,
        docker_archive(
            tmp_path / "2.tar", friday, config(friday, docker_version="9", container="c")
        ),
    )

    assert first == second


def test_another_content_gives_another_image(tmp_path):
    found = set()
    for content in (b"1", b"2"):
        layers = [BASE, layer(File("a", content))]
        found.add(
            rewritten(tmp_path, docker_archive(tmp_path / "i.tar", layers, config(layers)))[0]
        )

    assert len(found) == 2


@pytest.mark.parametrize("written", [docker_archive, oci_archive])
def test_older_and_newer_archives_hold_the_same_image(
    tmp_path, written: Callable[[Path, Sequence[bytes], bytes], Path]
):
    layers = [BASE, layer(File("a", b"1"))]

    image_hash, out = rewritten(tmp_path, written(tmp_path / "in.tar", layers, config(layers)))

    twin = docker_archive(tmp_path / "twin.tar", layers, config(layers))
    assert image_hash == rewritten(tmp_path, twin)[0]
    assert len(layers_of(out)) == 2


def test_the_base_stays_as_it_was_byte_for_byte(tmp_path):
    layers = [BASE, layer(File("a")), layer(File("b"))]

    _, out = rewritten(tmp_path, docker_archive(tmp_path / "in.tar", layers, config(layers)))

    assert layers_of(out)[0] == BASE
    assert len(layers_of(out)) == 2


def test_the_digest_is_that_of_the_configuration_and_names_the_layers(tmp_path):
    layers = [BASE, layer(File("a"))]

    image_hash, out = rewritten(
        tmp_path, docker_archive(tmp_path / "i.tar", layers, config(layers))
    )

    with tarfile.open(out) as tar:
        (image,) = json.load(tar.extractfile("manifest.json"))
        stored = tar.extractfile(image["Config"]).read()
    assert image_hash == digest(stored)
    assert image["RepoTags"] == ["some/name:1"]
    assert json.loads(stored)["rootfs"]["diff_ids"] == [digest(one) for one in layers_of(out)]
    assert json.loads(stored)["config"] == {"Env": ["A=1"], "Cmd": ["run"]}


def test_the_history_counts_as_many_layers_as_there_are(tmp_path):
    layers = [BASE, layer(File("a")), layer(File("b"))]
    steps = [{"created_by": "ENV", "empty_layer": True}, {"created_by": "base"}, {}, {}]
    saved = docker_archive(tmp_path / "in.tar", layers, config(layers, history=steps))

    _, out = rewritten(tmp_path, saved)

    with tarfile.open(out) as tar:
        (image,) = json.load(tar.extractfile("manifest.json"))
        history = json.load(tar.extractfile(image["Config"]))["history"]
    assert sum(not step.get("empty_layer", False) for step in history) == 2


def test_a_file_removed_by_a_later_step_is_not_carried_along(tmp_path):
    found = members_of(tmp_path, layer(File("wheels/big", b"x" * 9)), layer(File("wheels/.wh.big")))

    assert set(found) == {"wheels/.wh.big"}


def test_a_file_of_the_base_that_was_removed_stays_removed(tmp_path):
    assert set(members_of(tmp_path, layer(File(".wh.old")))) == {".wh.old"}


def test_a_file_made_again_after_its_removal_is_there(tmp_path):
    found = members_of(tmp_path, layer(File(".wh.old")), layer(File("old", b"new")))

    assert set(found) == {"old"}


def test_a_folder_made_again_hides_what_the_base_had_in_it(tmp_path):
    folder = File("old", kind=tarfile.DIRTYPE)

    found = members_of(tmp_path, layer(File(".wh.old")), layer(folder, File("old/a")))

    assert set(found) == {"old", "old/.wh..wh..opq", "old/a"}


def test_names_that_share_a_file_still_share_it(tmp_path):
    shared = layer(File("z", b"content"), File("a", kind=tarfile.LNKTYPE, link="z"))

    found = members_of(tmp_path, shared)

    assert found["a"].isreg()
    assert (found["z"].islnk(), found["z"].linkname) == (True, "a")


def test_file_capabilities_survive_and_times_do_not(tmp_path):
    capability = {"SCHILY.xattr.security.capability": "x", "mtime": "5.25"}

    found = members_of(tmp_path, layer(File("ping", headers=capability)))

    assert found["ping"].pax_headers == {"SCHILY.xattr.security.capability": "x"}
    assert isinstance(found["ping"].mtime, int)


GOOD = [BASE, layer(File("a"))]


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"readme": b""}, "no file index.json"),
        ({"manifest.json": b"{}"}, "exactly one image"),
        ({"manifest.json": b"no"}, "no JSON"),
        ({"manifest.json": b'[{"Config": "c", "Layers": []}]'}, "no file c"),
        ({"manifest.json": b'[{"Config": "c", "Layers": []}]', "c": b"[]"}, "lists no layers"),
        (
            {"manifest.json": b'[{"Config": "c", "Layers": []}]', "c": config(GOOD)},
            "0 layers stored",
        ),
        ({"index.json": b'{"manifests": [{}, {}]}'}, "2 images"),
        ({"index.json": b"{}"}, "names no configuration"),
    ],
)
def test_an_archive_that_is_no_image_is_refused(tmp_path, files, says):
    with pytest.raises(CannotBuild, match=says):
        rewritten(tmp_path, write_tar(tmp_path / "in.tar", files))


def test_a_file_that_is_no_archive_is_refused(tmp_path):
    (tmp_path / "in.tar").write_bytes(b"no archive at all" * 100)

    with pytest.raises(CannotBuild, match="no whole image archive"):
        rewritten(tmp_path, tmp_path / "in.tar")


def test_an_archive_cut_short_is_refused(tmp_path):
    layers = [BASE, layer(File("a", b"x" * 100_000))]
    saved = docker_archive(tmp_path / "in.tar", layers, config(layers))
    saved.write_bytes(saved.read_bytes()[:60_000])

    with pytest.raises(CannotBuild):
        rewritten(tmp_path, saved)


def test_a_layer_that_is_not_what_the_image_says_is_refused(tmp_path):
    stored = [BASE, layer(File("a", b"swapped"))]

    with pytest.raises(CannotBuild, match="not what its image says"):
        rewritten(tmp_path, docker_archive(tmp_path / "in.tar", stored, config(GOOD)))


def test_an_image_on_another_base_is_refused(tmp_path):
    saved = docker_archive(tmp_path / "in.tar", GOOD, config(GOOD))

    with pytest.raises(CannotBuild, match="not built on the base"):
        rewritten(tmp_path, saved, base=[layer(File("other"))])


@pytest.mark.parametrize("name", ["../out", "a/../../out"])
def test_a_path_that_leads_out_of_the_layer_is_refused(tmp_path, name):
    with pytest.raises(CannotBuild, match="leads out"):
        members_of(tmp_path, layer(File(name)))
