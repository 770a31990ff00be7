"""Registering containers: by path and by URL, hashed and checked before anything is sent."""

import hashlib
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.adapters.asset_server import AssetServer
from tests.e2e.running import Ended, Site, require
from tests.e2e.starters import Starters, packed

pytestmark = pytest.mark.engine

USAGE, REFUSED, CONTAINER, BAD_DATA = 2, 3, 5, 6


@pytest.fixture
def web() -> Iterator[AssetServer]:
    with AssetServer().running() as server:
        yield server


@pytest.fixture
def model(starters: Starters, tmp_path: Path) -> Path:
    """A copy of the model's folder that a test may spoil; its parameters are like no other's."""
    folder = shutil.copytree(starters.model, tmp_path / "model")
    with (folder / "parameters.yaml").open("a") as parameters:
        parameters.write(f"# {uuid4()}\n")
    return folder


def submit(site: Site, folder: Path, *more: str, config: str | Path | None = None) -> Ended:
    """Submit what is in a folder, all by path, under a name of its own."""
    tarball = packed(folder / "additional_files", folder.parent / "additional.tar.gz")
    return site.medperf(
        "--json", "container", "submit", "-n", f"c{uuid4().hex}",
        "-m", str(config or folder / "container_config.yaml"),
        "-p", str(folder / "parameters.yaml"), "-a", str(tarball), *more, "-y",
    )  # fmt: skip


def registered(site: Site) -> int:
    with site.as_user("testbo@example.com") as owner:
        return int(owner.get("/me/mlcubes/").json()["count"])


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_container_of_this_machine_is_registered_with_the_hashes_of_its_files(
    shared: Site, starters: Starters, model: Path
) -> None:
    ended = require(submit(shared, model))

    cube = ended.json()
    assert cube["mlcube_hash"] == sha256(model / "container_config.yaml")
    assert cube["parameters_hash"] == sha256(model / "parameters.yaml")
    assert cube["additional_files_tarball_hash"] == sha256(model.parent / "additional.tar.gz")
    assert cube["image_hash"] == starters.image_id("model")
    assert cube["git_mlcube_url"] == (model / "container_config.yaml").as_uri()
    assert cube["state"] == "DEVELOPMENT"
    assert "nobody else can run it" in ended.said
    # What was shown is what was sent.
    assert all(str(cube[key]) in ended.said for key in cube if key.endswith(("_url", "_hash")))


def test_files_of_a_web_server_are_fetched_and_compared(
    shared: Site, model: Path, web: AssetServer
) -> None:
    config = model / "container_config.yaml"
    url = web.serve("/lab/container_config.yaml", config.read_bytes())
    words = ("--container-config-hash", f"sha256:{sha256(config).upper()}", "--operational")

    cube = require(submit(shared, model, *words, config=f"direct:{url}")).json()

    assert cube["git_mlcube_url"] == f"direct:{url}"
    assert cube["state"] == "OPERATION"
    assert web.asked == ["/lab/container_config.yaml"]


def test_the_id_alone_is_printed(shared: Site, model: Path) -> None:
    tarball = packed(model / "additional_files", model.parent / "additional.tar.gz")

    ended = require(
        shared.medperf(
            "mlcube", "submit", "--name", f"c{uuid4().hex}",
            "--container-config-file", model / "container_config.yaml",
            "--parameters-file", model / "parameters.yaml", "--additional-file", tarball, "--yes",
        )
    )  # fmt: skip

    assert ended.out.strip().isdecimal()


OLDER = """name: older
docker:
  image: {image}
tasks:
  infer:
    parameters:
      inputs:
        data_path: data/
        parameters_file: parameters.yaml
        additional_files: additional_files/
      outputs: {{output_path: {{type: directory, default: predictions}}}}
"""


def test_the_older_form_of_the_configuration_is_taken(
    shared: Site, starters: Starters, model: Path
) -> None:
    older = model / "mlcube.yaml"
    older.write_text(OLDER.format(image=starters.image("model")))

    assert require(submit(shared, model, config=older)).json()["mlcube_hash"] == sha256(older)


NEWER = """container_type: DockerImage
image: {image}
tasks:
  infer:
    run_args: {{privileged: true}}
    input_volumes:
      data_path: {{mount_path: /data, type: directory}}
    output_volumes:
      output_path: {{mount_path: /out, type: directory}}
"""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (NEWER, "line 5: tasks.infer.run_args.privileged: nothing of this name can be set here"),
        (OLDER.replace("data_path: data/", "data: data/"), "line 8: tasks.infer.parameters.inputs"),
        ("a: b: c\n", "line 1"),
        ("container_type: DockerImage\nimage: x\ntasks: {train: {}}\n", "train"),
    ],
)
def test_a_malformed_configuration_is_refused_with_the_line_and_the_reason(
    shared: Site, starters: Starters, model: Path, text: str, told: str
) -> None:
    before = registered(shared)
    bad = model / "bad.yaml"
    bad.write_text(text.format(image=starters.image("model")) if "{image}" in text else text)

    ended = require(submit(shared, model, config=bad), BAD_DATA)

    assert "bad.yaml" in ended.said
    assert told in ended.said
    assert "Nothing left this machine" in ended.said
    assert registered(shared) == before


def test_a_hash_that_differs_is_refused(shared: Site, model: Path) -> None:
    for option in ("container-config", "parameters", "additional"):
        ended = require(submit(shared, model, f"--{option}-hash", "0" * 64), BAD_DATA)
        assert "0" * 64 in ended.said


def test_an_image_of_another_digest_is_refused(shared: Site, model: Path) -> None:
    ended = require(submit(shared, model, "--image-hash", "1" * 64), BAD_DATA)

    assert "1" * 64 in ended.said


def test_an_image_that_nobody_has_is_told(shared: Site, model: Path) -> None:
    config = model / "container_config.yaml"
    lines = config.read_text().splitlines()
    lines[1] = "image: 127.0.0.1:9/nobody/has:this"
    config.write_text("\n".join(lines))

    assert "nobody/has:this" in require(submit(shared, model), CONTAINER).said


def test_a_tarball_that_reaches_outside_is_refused(shared: Site, model: Path) -> None:
    bomb = model.parent / "bomb.tar.gz"
    with tarfile.open(bomb, "w:gz") as archive:
        archive.add(model / "parameters.yaml", "../outside")

    ended = require(submit(shared, model, "-a", str(bomb)), BAD_DATA)

    assert "outside" in ended.said


def test_what_the_configuration_asks_for_must_be_given(shared: Site, model: Path) -> None:
    words = ("container", "submit", "-n", "bare", "-m", str(model / "container_config.yaml"), "-y")

    ended = require(shared.medperf(*words), USAGE)

    assert "--parameters-file" in ended.said


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("-p", "ftp://example.org/p.yaml"), BAD_DATA, "ftp"),
        (("-p", "/no/such/file"), BAD_DATA, "/no/such/file"),
        (("-p", "https://me:secret@example.org/p.yaml"), USAGE, "password"),
        (("-p", "http://[::1/p.yaml"), BAD_DATA, "no URL"),
    ],
)
def test_an_asset_that_cannot_be_used_is_told(
    shared: Site, model: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    ended = require(submit(shared, model, *words), code)

    assert told in ended.said
    assert "secret" not in ended.said
    assert "Traceback" not in ended.said


def test_a_hash_of_no_file_is_told(shared: Site, model: Path) -> None:
    words = ("container", "submit", "-n", "bad", "-m", str(model / "container_config.yaml"))

    ended = require(shared.medperf(*words, "--parameters-hash", "a" * 64, "-y"), USAGE)

    assert "--parameters-file" in ended.said


def test_an_empty_name_is_told(shared: Site, model: Path) -> None:
    ended = require(submit(shared, model, "-n", " "), USAGE)

    assert "name" in ended.said


def test_without_a_yes_nothing_is_sent(shared: Site, starters: Starters) -> None:
    before = registered(shared)
    tarball = packed(starters.model / "additional_files", starters.home / "unsent.tar.gz")

    ended = shared.medperf(
        "container", "submit", "-n", "unsent", "-m", starters.model / "container_config.yaml",
        "-p", starters.model / "parameters.yaml", "-a", tarball,
    )  # fmt: skip

    require(ended, USAGE)
    assert registered(shared) == before
