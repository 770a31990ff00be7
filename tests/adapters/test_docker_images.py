"""Images are found by what they are, not by what they are called."""

import contextlib
import io
import json
import tarfile
from collections.abc import Iterator

import docker
import pytest

from medperf_client.adapters.docker_engine import DockerEngine
from medperf_client.adapters.docker_images import DockerImages, config_digest
from medperf_client.errors import Cause, ContainerFailed, HashDiffers
from tests.adapters.container_bench import image_id

DIGEST = f"sha256:{'ab' * 32}"
# Nothing listens there, and nothing leaves the machine.
NOWHERE = "127.0.0.1:1/nope:1"


def archive(files: dict[str, bytes]) -> bytes:
    """A tar stream of ``files``, in their order."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def listed(config: object) -> bytes:
    return json.dumps([{"Config": config, "RepoTags": ["a:1"], "Layers": []}]).encode()


def chunks(content: bytes, size: int = 700) -> Iterator[bytes]:
    return (content[at : at + size] for at in range(0, len(content), size))


@pytest.mark.parametrize("config", [f"{'ab' * 32}.json", f"blobs/sha256/{'ab' * 32}"])
@pytest.mark.parametrize("size", [1, 511, 10240, 100_000])
def test_both_layouts_of_an_archive_give_the_config_digest(config: str, size: int) -> None:
    content = archive({"layer.tar": bytes(20_000), "manifest.json": listed(config)})
    assert config_digest(chunks(content, size)) == DIGEST


def test_nothing_is_read_beyond_the_list_of_contents() -> None:
    content = archive({"manifest.json": listed("ab" * 32), "layer.tar": bytes(100_000)})

    def until_needed() -> Iterator[bytes]:
        yield content[:20_480]
        raise AssertionError("read too far")

    assert config_digest(until_needed()) == DIGEST


whole = archive({"layer.tar": bytes(20_000), "manifest.json": listed("ab" * 32)})


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no archive at all" * 100,
        whole[:300],
        whole[:15_000],
        whole[:21_600],
        archive({"layer.tar": b"x"}),
        archive({"manifest.json": b"[]"}),
        archive({"manifest.json": b"{"}),
        archive({"manifest.json": b"\xff\xfe"}),
        archive({"manifest.json": b'{"Config": 1}'}),
        archive({"manifest.json": listed(None)}),
        archive({"manifest.json": listed("../../etc/passwd")}),
    ],
    ids=range(12),
)
def test_a_broken_archive_is_told_as_one(content: bytes) -> None:
    with pytest.raises(ContainerFailed, match="archive of the image is broken") as caught:
        config_digest(chunks(content))
    assert caught.value.cause is Cause.IMAGE_MISSING
    assert "docker rmi" in caught.value.hint


@pytest.fixture
def tagged() -> Iterator[str]:
    """Another name for this project's image, taken away afterwards."""
    name = "medperf-test/renamed:1"
    with contextlib.closing(docker.APIClient(version="auto")) as api:
        api.tag(image_id(), "medperf-test/renamed", "1")
        yield name
        api.remove_image(name, noprune=True)


@pytest.mark.engine
def test_a_real_engines_archive_gives_the_digest_it_has(engine: DockerEngine) -> None:
    with contextlib.closing(docker.APIClient(version="auto")) as api:
        by_archive = DockerImages(api, keeps_manifests=True)
        assert by_archive.digest(image_id()) == image_id()
    assert engine.digest(image_id()) == image_id()


@pytest.mark.engine
def test_an_image_here_under_its_digest_is_taken_whatever_its_name(engine: DockerEngine) -> None:
    said: list[str] = []
    assert engine.resolve(NOWHERE, image_id(), said.append) == image_id()
    assert said == []


@pytest.mark.engine
def test_a_cube_under_test_is_found_by_its_name(engine: DockerEngine, tagged: str) -> None:
    assert engine.resolve(tagged, None, lambda _line: None) == image_id()


@pytest.mark.engine
def test_an_image_that_is_nowhere_is_missing(engine: DockerEngine) -> None:
    for registered in (None, DIGEST):
        with pytest.raises(ContainerFailed, match="cannot be pulled") as caught:
            engine.resolve(NOWHERE, registered, lambda _line: None)
        assert caught.value.cause is Cause.IMAGE_MISSING
        assert "docker load" in caught.value.hint


class OneImage:
    """An engine's API whose only name leads to another image than the registered one."""

    pulled = 0

    def inspect_image(self, reference: str) -> dict[str, str]:
        if reference == DIGEST:
            raise docker.errors.ImageNotFound("no such image")
        return {"Id": f"sha256:{'cd' * 32}"}

    def pull(self, name: str, **_: object) -> list[dict[str, str]]:
        self.pulled += 1
        return [{"status": f"Pulling {name}"}]


@pytest.mark.parametrize("image", ["cube:1", "127.0.0.1:5000/cube", f"cube@sha256:{'cd' * 32}"])
def test_a_name_that_was_given_to_another_image_is_refused(image: str) -> None:
    api, said = OneImage(), list[str]()
    with pytest.raises(HashDiffers, match="cdcd") as caught:
        DockerImages(api, keeps_manifests=False).resolve(image, DIGEST, said.append)
    assert DIGEST in caught.value.message
    assert "nothing of it was run" in caught.value.hint
    assert (api.pulled, len(said)) == (1, 1)
