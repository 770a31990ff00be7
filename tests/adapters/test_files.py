"""Data of the owner and output of containers: what is taken, and each thing that is refused."""

import hashlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medperf_api.contract.digests import folder_digest
from medperf_client.adapters.files import LocalFiles
from medperf_client.errors import BadData

FILES = LocalFiles()
PLENTY = 10**9


def nobody(_: int) -> None:
    """Told about bytes, does nothing."""


def fill(folder: Path, contents: dict[str, bytes]) -> Path:
    """The folder with these files."""
    for name, content in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def without_roots_rights(call: str, *args: str | Path) -> str:
    """What a call on ``files`` says where permissions bind, as they do not bind root."""
    rights = "-dac_override,-dac_read_search"
    bound = ["setpriv", f"--inh-caps={rights}", f"--bounding-set={rights}"]
    code = (
        "import sys; from pathlib import Path\n"
        "from medperf_client.adapters.files import LocalFiles\n"
        "files, given = LocalFiles(), [Path(one) for one in sys.argv[1:]]\n"
        f"{call}"
    )
    command = [*(bound if os.geteuid() == 0 else []), sys.executable, "-c", code, *args]
    return subprocess.run(command, capture_output=True, text=True, check=False).stderr


# The digest of a folder


def test_the_digest_is_the_contracts_over_names_and_contents(tmp_path: Path) -> None:
    contents = {"b.bin": b"b" * 3_000_000, "deep/er/a.txt": b"a", "empty": b""}
    fill(tmp_path, contents)

    found = FILES.digest(tmp_path, nobody)

    assert found == folder_digest((name, sha(content)) for name, content in contents.items())


@given(
    contents=st.dictionaries(
        st.text("abcäé\u0301 .-", min_size=1, max_size=8).filter(lambda n: n.strip(". ")),
        st.binary(max_size=64),
        max_size=12,
    ),
    random=st.randoms(use_true_random=False),
)
def test_the_digest_does_not_depend_on_the_order_of_the_files(
    tmp_path_factory: pytest.TempPathFactory, contents: dict[str, bytes], random: object
) -> None:
    names = list(contents)
    shuffled = sorted(names, key=lambda _: random.random())  # type: ignore[attr-defined]
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    fill(one, contents)
    fill(other, {name: contents[name] for name in shuffled})

    assert FILES.digest(one, nobody) == FILES.digest(other, nobody)


def test_more_files_than_one_thread_is_handed_at_a_time_are_all_in_the_digest(
    tmp_path: Path,
) -> None:
    contents = {f"{number % 7}/{number}": str(number).encode() for number in range(1_000)}
    fill(tmp_path, contents)
    before = FILES.digest(tmp_path, nobody)
    (tmp_path / "3" / "500").rename(tmp_path / "3" / "renamed")

    assert before == folder_digest((name, sha(content)) for name, content in contents.items())
    assert FILES.digest(tmp_path, nobody) != before


def test_every_byte_is_told_once_and_by_one_thread_at_a_time(tmp_path: Path) -> None:
    fill(tmp_path, {str(number): b"x" * 700_000 for number in range(20)})
    told: list[int] = []
    telling = threading.Lock()

    def tell(more: int) -> None:
        assert telling.acquire(blocking=False), "two threads tell at once"
        told.append(more)
        telling.release()

    FILES.digest(tmp_path, tell)

    assert sum(told) == 20 * 700_000


def test_a_folder_that_is_named_through_a_link_has_the_same_digest(tmp_path: Path) -> None:
    folder = fill(tmp_path / "real", {"a": b"1"})
    (tmp_path / "link").symlink_to(folder)

    assert FILES.digest(tmp_path / "link", nobody) == FILES.digest(folder, nobody)


def test_a_link_to_a_file_inside_counts_as_that_file(tmp_path: Path) -> None:
    linked = fill(tmp_path / "linked", {"sub/a": b"1", "b": b"2"})
    (linked / "sub" / "again").symlink_to("../b")
    copied = fill(tmp_path / "copied", {"sub/a": b"1", "b": b"2", "sub/again": b"2"})

    assert FILES.digest(linked, nobody) == FILES.digest(copied, nobody)


@pytest.mark.parametrize(
    ("target", "told"),
    [
        ("/etc/hostname", "leads out"),
        ("../../outside", "leads out"),
        ("../folder/a", "leads out"),
        ("x/../../a", "leads out"),
        ("missing", "leads nowhere"),
        ("link", "leads nowhere"),
        (".", "a link to a folder"),
    ],
)
def test_a_link_that_a_container_could_not_follow_is_refused(
    tmp_path: Path, target: str, told: str
) -> None:
    (tmp_path / "outside").write_bytes(b"secret")
    folder = fill(tmp_path / "folder", {"a": b"1"})
    (folder / "link").symlink_to(target)

    with pytest.raises(BadData, match=f"'link' is .*{told}") as caught:
        FILES.digest(folder, nobody)

    assert "Put a copy" in caught.value.hint


def make_socket(path: Path) -> None:
    # A socket's whole path must be short.
    back = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(back)


def make_device(path: Path) -> None:
    try:
        os.mknod(path, 0o020600, os.makedev(1, 3))
    except PermissionError:
        pytest.skip("only root may make devices")


SPECIAL = {"FIFO": os.mkfifo, "socket": make_socket, "device": make_device}


@pytest.mark.parametrize("kind", SPECIAL)
def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path, kind: str) -> None:
    folder = fill(tmp_path, {"sub/a": b"1"})
    SPECIAL[kind](folder / "sub" / "odd")

    for look in (
        lambda: FILES.digest(folder, nobody),
        lambda: FILES.require_regular(folder, PLENTY, PLENTY),
        lambda: FILES.read_yaml(folder / "sub" / "odd"),
    ):
        with pytest.raises(BadData, match=f"odd' is a {kind}"):
            look()


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    folder = fill(tmp_path, {"a": b"1", "sub/closed": b"2"})
    (folder / "sub" / "closed").chmod(0)

    told = without_roots_rights("files.digest(given[0], lambda _: None)", folder)

    assert "BadData: 'sub/closed' cannot be read: Permission denied." in told


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path: Path) -> None:
    fill(tmp_path, {"grows": b"x" * 3_000_000})

    def grow(_: int) -> None:
        with (tmp_path / "grows").open("ab") as file:
            file.write(b"y")

    with pytest.raises(BadData, match="'grows' changed while it was read"):
        FILES.digest(tmp_path, grow)


def test_an_interruption_ends_the_hashing_at_once(tmp_path: Path) -> None:
    fill(tmp_path, {str(number): b"x" * 9_000_000 for number in range(12)})
    seen = 0

    def interrupt(more: int) -> None:
        nonlocal seen
        seen += more
        if seen > 2_000_000:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        FILES.digest(tmp_path, interrupt)

    assert seen < 30_000_000


# Data that a dataset is made of


def test_a_folder_with_a_file_somewhere_below_is_data(tmp_path: Path) -> None:
    fill(tmp_path, {"a/b/c": b""})

    FILES.require_data(tmp_path, "The data path")


@pytest.mark.parametrize("fault", ["does not exist", "is a file", "is empty"])
def test_what_can_hold_no_data_is_refused_with_its_path(tmp_path: Path, fault: str) -> None:
    path = tmp_path / "given"
    if fault == "is a file":
        path.write_bytes(b"1")
    elif fault == "is empty":
        (path / "only" / "folders").mkdir(parents=True)

    with pytest.raises(BadData, match=f"The data path {fault}") as caught:
        FILES.require_data(path, "The data path")

    assert str(path) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("mode", [0o000, 0o400, 0o100])
def test_a_folder_that_cannot_be_read_is_refused_with_its_path(tmp_path: Path, mode: int) -> None:
    folder = fill(tmp_path / "given", {"a": b"1"})
    folder.chmod(mode)

    told = without_roots_rights("files.require_data(given[0], 'The data path')", folder)

    folder.chmod(0o700)
    assert f"BadData: The data path cannot be read: {folder}" in told


def test_a_folder_behind_a_closed_one_is_refused_with_its_path(tmp_path: Path) -> None:
    folder = fill(tmp_path / "closed" / "given", {"a": b"1"})
    folder.parent.chmod(0)

    told = without_roots_rights("files.require_data(given[0], 'The data path')", folder)

    folder.parent.chmod(0o700)
    assert f"BadData: {folder} cannot be read" in told


# Output of containers


def test_plain_files_within_the_limits_are_taken(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"123", "sub/b c.txt": b"4", "sub/ä\u3000名": b"5"})

    FILES.require_regular(tmp_path, limit_bytes=5, limit_files=4)


def link(folder: Path) -> None:
    (folder / "odd").symlink_to("/etc/passwd")


def inner_link(folder: Path) -> None:
    (folder / "odd").symlink_to("sub")


def hard_link(folder: Path) -> None:
    os.link(folder / "a", folder / "odd")


def sparse(folder: Path) -> None:
    with (folder / "odd").open("wb") as file:
        file.truncate(50 * 1024**2)


def deep(folder: Path) -> None:
    # Deep enough for the refusal, and not too deep for pytest's own cleaning.
    (folder / "/".join(["odd"] * 150)).mkdir(parents=True)


def named(name: str) -> Callable[[Path], None]:
    return lambda folder: fill(folder, {name: b""}) and None


ODD_OUTPUT: dict[str, tuple[Callable[[Path], None], str]] = {
    "a link out": (link, "'odd' is a symbolic link"),
    "a link inside": (inner_link, "'odd' is a symbolic link"),
    "a hard link": (hard_link, "is a hard link"),
    "a sparse file": (sparse, "'odd' is sparse: it claims 52428800"),
    "a deep tree": (deep, "more than 100 folders deep"),
    "a name with a newline": (named("odd\nname"), r"name 'odd\\nname' has characters"),
    "a name with a terminal's control": (named("odd\x1b[2J"), r"'odd\\x1b\[2J' has characters"),
    "a name that runs backwards": (named("odd\u202egnp"), r"'odd\\u202egnp' has characters"),
    "a name of raw bytes": (named("odd\udcff"), r"'odd\\udcff' has characters"),
    "too many bytes": (lambda folder: fill(folder, {"big": b"1" * 101}) and None, "than 100 bytes"),
    "too many folders": (
        lambda folder: [(folder / str(one)).mkdir() for one in range(12)] and None,
        "than 12 files and folders",
    ),
}


@pytest.mark.parametrize("what", ODD_OUTPUT)
def test_output_that_is_not_plain_is_refused(tmp_path: Path, what: str) -> None:
    make, told = ODD_OUTPUT[what]
    folder = fill(tmp_path / "output", {"a": b"1", "sub/b": b"2"})
    make(folder)
    limit = 100 if what == "too many bytes" else PLENTY

    with pytest.raises(BadData, match=told) as caught:
        FILES.require_regular(folder, limit, 12 if what == "too many folders" else PLENTY)

    assert caught.value.message.isprintable()
    assert caught.value.hint


def test_output_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="cannot be read: No such file"):
        FILES.require_regular(tmp_path / "gone", PLENTY, PLENTY)


def test_a_folder_that_a_container_closed_is_told(tmp_path: Path) -> None:
    folder = fill(tmp_path, {"a": b"1", "closed/b": b"2"})
    (folder / "closed").chmod(0)

    told = without_roots_rights("files.require_regular(given[0], 100, 100)", folder)

    (folder / "closed").chmod(0o700)
    assert "BadData: 'closed' cannot be read: Permission denied." in told


def test_a_walk_gives_regular_files_alone(tmp_path: Path) -> None:
    fill(tmp_path, {"a": b"1", "sub/b": b"2"})
    (tmp_path / "link").symlink_to("a")
    (tmp_path / "loop").symlink_to(".")
    os.mkfifo(tmp_path / "fifo")

    assert sorted(FILES.walk(tmp_path)) == [Path("a"), Path("sub/b")]
    assert list(FILES.walk(tmp_path / "missing")) == []
