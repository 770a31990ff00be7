"""Fetching: from files and from a real server, which breaks off, lies, redirects and is slow."""

import gzip
import hashlib
import io
import os
import resource
import socket
import stat
import tarfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from medperf_client.adapters.assets import Assets
from medperf_client.errors import BadData, HashDiffers, MedperfError, ServerUnreachable
from tests.adapters.asset_server import (
    AssetServer,
    body,
    broken_off,
    make_certificate,
    start,
    status,
)

CONTENT = b"weights" * 100_000
SHA = hashlib.sha256(CONTENT).hexdigest()
OTHER_SHA = hashlib.sha256(b"other").hexdigest()


@pytest.fixture
def server() -> Iterator[AssetServer]:
    with AssetServer().running() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where assets go; nothing else is in its folder."""
    (tmp_path / "cube").mkdir()
    return tmp_path / "cube" / "weights.bin"


def silent(_: int, __: int | None) -> None:
    """Told about progress, does nothing."""


def refused(
    kind: type[MedperfError], source: str, place: Path, expected: str | None = SHA, **options: float
) -> MedperfError:
    """Why a source was not fetched, once it is sure that nothing of it is left."""
    assets = Assets(**options)  # type: ignore[arg-type]  # one option each
    with pytest.raises(MedperfError) as caught:
        assets.fetch(source, expected, place, silent)
    assert type(caught.value) is kind, caught.value.message
    assert list(place.parent.iterdir()) == []
    assert caught.value.hint
    return caught.value


# What is fetched


def test_a_url_is_fetched_and_its_digest_returned(server: AssetServer, place: Path) -> None:
    url = server.serve("/weights", CONTENT)
    told: list[tuple[int, int | None]] = []

    found = Assets().fetch(url, SHA, place, lambda done, total: told.append((done, total)))

    assert found == SHA
    assert place.read_bytes() == CONTENT
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert list(place.parent.iterdir()) == [place]
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in told] == sorted({done for done, _ in told})


@pytest.mark.parametrize(
    "write", [lambda url: f"direct:{url}", lambda url: f"  {url}\n", str],
    ids=["direct", "with spaces", "bare"],
)  # fmt: skip
def test_a_url_is_taken_as_people_write_it(server: AssetServer, place: Path, write: object) -> None:
    url = server.serve("/weights", CONTENT)

    Assets().fetch(write(url), SHA, place, silent)  # type: ignore[operator]

    assert place.read_bytes() == CONTENT


def test_files_of_this_machine_are_fetched_however_they_are_named(
    tmp_path: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "my weights.bin"
    source.write_bytes(CONTENT)
    (tmp_path / "link").symlink_to(source)
    monkeypatch.chdir(tmp_path)

    for name in (
        str(source), "my weights.bin", "./my weights.bin", f"direct:{source}", source.as_uri(),
        f"file://localhost{source}", f"direct:{source.as_uri()}", "link",
    ):  # fmt: skip
        place.unlink(missing_ok=True)

        assert Assets().fetch(name, None, place, silent) == SHA
        assert place.read_bytes() == CONTENT
        assert not place.is_symlink()


@pytest.mark.parametrize("wanted", [SHA, SHA.upper(), f"sha256:{SHA}", f" {SHA} "])
def test_a_digest_may_be_written_in_any_of_its_ways(
    server: AssetServer, place: Path, wanted: str
) -> None:
    assert Assets().fetch(server.serve("/weights", CONTENT), wanted, place, silent) == SHA


def test_what_is_here_already_is_not_fetched_again(server: AssetServer, place: Path) -> None:
    place.write_bytes(CONTENT)

    found = Assets().fetch(server.serve("/weights", CONTENT), SHA, place, silent)

    assert found == SHA
    assert server.asked == []


def test_what_is_here_but_is_something_else_is_replaced(server: AssetServer, place: Path) -> None:
    place.write_bytes(b"older")

    Assets().fetch(server.serve("/weights", CONTENT), SHA, place, silent)

    assert place.read_bytes() == CONTENT


def test_without_a_digest_it_is_fetched_each_time(server: AssetServer, place: Path) -> None:
    url = server.serve("/weights", CONTENT)
    Assets().fetch(url, None, place, silent)
    server.serve("/weights", b"newer")

    assert Assets().fetch(url, None, place, silent) == hashlib.sha256(b"newer").hexdigest()


def test_a_body_without_a_length_is_fetched(server: AssetServer, place: Path) -> None:
    totals: set[int | None] = set()
    url = server.answer("/weights", broken_off(CONTENT, Connection="close"))

    Assets().fetch(url, SHA, place, lambda _, total: totals.add(total))

    assert totals == {None}


def test_nothing_is_unpacked_on_the_way(server: AssetServer, place: Path) -> None:
    packed = gzip.compress(CONTENT)
    url = server.serve("/weights.gz", packed, Content_Encoding="gzip")

    Assets().fetch(url, hashlib.sha256(packed).hexdigest(), place, silent)

    assert server.headers[0]["accept-encoding"] == "identity"


def test_redirects_are_followed(server: AssetServer, place: Path) -> None:
    server.serve("/there/weights", CONTENT)
    server.answer("/moved", status(302, Location=f"{server.url}/again"))
    server.answer("/again", status(307, Location="there/weights"))

    Assets().fetch(f"{server.url}/moved", SHA, place, silent)

    assert server.asked == ["/moved", "/again", "/there/weights"]


# What is refused


def test_what_is_not_what_was_registered_is_refused(server: AssetServer, place: Path) -> None:
    refusal = refused(HashDiffers, server.serve("/weights", CONTENT), place, OTHER_SHA)

    assert SHA in refusal.message
    assert OTHER_SHA in refusal.message


def test_a_refusal_leaves_what_was_there_before(server: AssetServer, place: Path) -> None:
    place.write_bytes(b"older")

    with pytest.raises(HashDiffers):
        Assets().fetch(server.serve("/weights", CONTENT), OTHER_SHA, place, silent)

    assert place.read_bytes() == b"older"
    assert list(place.parent.iterdir()) == [place]


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        (404, BadData, "is not there: 404"),
        (410, BadData, "is not there: 410"),
        (403, BadData, "was not given: 403"),
        (304, BadData, "was not given: 304"),
        (429, ServerUnreachable, "cannot be had now: 429"),
        (503, ServerUnreachable, "cannot be had now: 503"),
    ],
)
def test_an_answer_that_is_no_file_is_told(
    server: AssetServer, place: Path, code: int, kind: type[MedperfError], told: str
) -> None:
    url = server.answer("/weights", status(code))

    assert f"{url} {told}" in refused(kind, url, place).message


@pytest.mark.parametrize("expected", [SHA, None])
@pytest.mark.parametrize(
    "answer",
    [
        broken_off(CONTENT[:1000], Content_Length=str(len(CONTENT))),
        broken_off(b"400\r\n" + b"x" * 1024 + b"\r\n", Transfer_Encoding="chunked"),
    ],
    ids=["length", "chunked"],
)
def test_a_download_that_breaks_off_is_told(
    server: AssetServer, place: Path, answer: object, expected: str | None
) -> None:
    url = server.answer("/weights", answer)  # type: ignore[arg-type]

    told = refused(ServerUnreachable, url, place, expected).message

    assert told.startswith(f"The download of {url} broke off: ")


def test_a_download_without_a_length_that_breaks_off_differs(
    server: AssetServer, place: Path
) -> None:
    url = server.answer("/weights", broken_off(CONTENT[:1000], Connection="close"))

    refused(HashDiffers, url, place)


@pytest.mark.parametrize("sent", [b"", b"a few bytes"], ids=["no answer", "half an answer"])
def test_a_server_that_falls_silent_is_left(server: AssetServer, place: Path, sent: bytes) -> None:
    def answer(request: BaseHTTPRequestHandler) -> None:
        if sent:
            start(request, Content_Length="1000")
            request.wfile.write(sent)
        server.closing.wait(10)
        request.close_connection = True

    url = server.answer("/weights", answer)

    told = refused(ServerUnreachable, url, place, timeout_s=0.2).message

    assert told == f"{url} takes too long to answer."


def test_a_server_that_is_not_there_is_told(place: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/weights"

    told = refused(ServerUnreachable, url, place).message

    assert told.startswith(f"{url} cannot be reached: ")


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("file:///etc/passwd", "no web address"),
        ("ftp://127.0.0.1/x", "no web address"),
        ("data:,x", "leads to what is no URL"),
    ],
)
def test_a_redirect_to_what_is_no_web_address_is_not_followed(
    server: AssetServer, place: Path, target: str, told: str
) -> None:
    url = server.answer("/weights", status(302, Location=target))

    assert told in refused(BadData, url, place, None).message


def test_redirects_in_a_circle_end(server: AssetServer, place: Path) -> None:
    url = server.answer("/weights", status(302, Location="/weights"))

    assert "redirected once too often" in refused(BadData, url, place).message
    assert len(server.asked) == 11


@pytest.mark.parametrize("announced", [True, False])
def test_more_than_the_bound_is_refused(server: AssetServer, place: Path, announced: bool) -> None:
    answer = body(CONTENT) if announced else broken_off(CONTENT, Connection="close")
    url = server.answer("/weights", answer)

    told = refused(BadData, url, place, limit_bytes=len(CONTENT) - 1).message

    assert f"larger than {len(CONTENT) - 1} bytes" in told


def test_what_the_disk_has_no_room_for_is_not_begun(server: AssetServer, place: Path) -> None:
    url = server.answer("/weights", broken_off(b"x", Content_Length=str(2**60)))

    refusal = refused(BadData, url, place, limit_bytes=2**61)

    assert f"has {2**60} bytes, and only " in refusal.message
    assert "MEDPERF_STORAGE" in refusal.hint


@pytest.fixture
def small_files() -> Iterator[None]:
    """No file of this process may grow beyond 64 KiB: the system refuses in the middle."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 * 1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.usefixtures("small_files")
def test_a_disk_that_refuses_in_the_middle_is_told(server: AssetServer, place: Path) -> None:
    refusal = refused(BadData, server.serve("/weights", CONTENT), place)

    assert f"{place} cannot be written: File too large" in refusal.message


def test_an_interruption_leaves_nothing(server: AssetServer, place: Path) -> None:
    def interrupt(_: int, __: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Assets().fetch(server.serve("/weights", CONTENT), SHA, place, interrupt)

    assert list(place.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("synapse:syn123", "synapse is no source known here"),
        ("ftp://127.0.0.1/x", "ftp is no source known here"),
        ("file://elsewhere/x", "a file of another machine"),
        ("http://", "is no URL"),
        ("http://[::1", "is no URL"),
        ("http://127.0.0.1:nine/x", "is no URL"),
        ("missing.bin", "'missing.bin' cannot be read: No such file"),
        ("", "is a folder"),
        (".", "is a folder"),
        ("/dev/zero", "'/dev/zero' is a device"),
        ("file:///dev/zero", "'/dev/zero' is a device"),
    ],
)
def test_a_source_that_cannot_be_meant_is_refused(place: Path, source: str, told: str) -> None:
    assert told in refused(BadData, source, place).message


def test_a_fifo_is_not_waited_for(tmp_path: Path, place: Path) -> None:
    os.mkfifo(tmp_path / "fifo")

    assert "is a FIFO" in refused(BadData, str(tmp_path / "fifo"), place).message


def test_passwords_and_signatures_of_a_url_are_not_shown(server: AssetServer, place: Path) -> None:
    secret = server.url.replace("://", "://me:hunter2@") + "/weights?signature=hunter3#hunter4"

    for expected, answer in ((SHA, status(404)), (OTHER_SHA, body(CONTENT))):
        server.answer("/weights?signature=hunter3", answer)
        kind = BadData if expected == SHA else HashDiffers

        told = refused(kind, secret, place, expected)

        assert f"{server.url}/weights " in told.message
        assert "hunter" not in told.message + told.hint


# Proxies and certificates


def test_a_proxy_is_used_but_never_for_this_machine(
    server: AssetServer, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server stands for a proxy, which is asked for whole URLs."""
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, server.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    direct = server.serve("/direct", CONTENT)
    far = "http://assets.invalid/far"
    server.serve(far, CONTENT)

    Assets().fetch(direct, None, place, silent)
    Assets().fetch(far, None, place, silent)

    assert server.asked == ["/direct", far]


def test_a_certificate_is_checked_and_one_more_can_be_trusted(tmp_path: Path, place: Path) -> None:
    own, trusted = make_certificate(tmp_path)
    with AssetServer(own).running() as server:
        url = server.serve("/weights", CONTENT)

        refusal = refused(ServerUnreachable, url, place)
        Assets(certificate=trusted).fetch(url, SHA, place, silent)

    assert "--certificate" in refusal.hint
    assert place.read_bytes() == CONTENT


def test_a_certificate_that_cannot_be_used_is_told(tmp_path: Path, place: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")

    for name in ("ca.pem", "missing.pem"):
        with pytest.raises(BadData, match=f"{name} cannot be used"):
            Assets(certificate=tmp_path / name).fetch("https://127.0.0.1:1/x", SHA, place, silent)


# From the tarball to its files


def test_a_tarball_is_fetched_and_unpacked(
    server: AssetServer, place: Path, tmp_path: Path
) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as made:
        member = tarfile.TarInfo("model/weights.bin")
        member.size = len(CONTENT)
        made.addfile(member, io.BytesIO(CONTENT))
    assets = Assets()

    assets.fetch(server.serve("/model.tar.gz", out.getvalue()), None, place, silent)
    assets.extract(place, tmp_path / "unpacked")

    assert (tmp_path / "unpacked" / "model" / "weights.bin").read_bytes() == CONTENT
