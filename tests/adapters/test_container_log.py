"""What a container prints: lines for whoever listens, and a private file with a bound."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medperf_client.adapters.container_log import LAST_LINES, LONGEST_LINE, ContainerLog
from medperf_client.errors import BadData


def read(*chunks: bytes, file: Path | None = None, limit: int = 10**6) -> list[str]:
    lines: list[str] = []
    with ContainerLog(file, limit, lines.append) as log:
        log.read(iter(chunks))
    return lines


def test_lines_are_put_together_from_pieces() -> None:
    assert read(b"on", b"e\ntw", b"o\nthree") == ["one", "two", "three"]


def test_a_carriage_return_ends_a_line_and_windows_ends_are_one() -> None:
    assert read(b"10 %\r20 %\r", b"\ndone\r\n") == ["10 %", "20 %", "done"]


def test_bytes_that_are_no_text_are_shown_as_such() -> None:
    assert read(b"caf\xe9\n") == ["caf\ufffd"]


def test_a_character_in_two_pieces_is_one() -> None:
    assert read("é\n".encode()[:1], "é\n".encode()[1:]) == ["é"]


def test_a_line_without_end_is_cut_into_lines() -> None:
    lines = read(*[b"x" * 1000] * 100)
    assert "".join(lines) == "x" * 100_000
    assert max(map(len, lines)) == LONGEST_LINE


def test_the_last_lines_are_kept_and_no_more() -> None:
    with ContainerLog(None, 10**6, lambda _line: None) as log:
        log.read(f"{number}\n".encode() for number in range(100))
    assert list(log.last) == [str(number) for number in range(100 - LAST_LINES, 100)]


def test_the_file_holds_every_line_as_it_came(tmp_path: Path) -> None:
    file = tmp_path / "log"
    read(b"one\n\xff\xfe\rthree", file=file)
    assert file.read_bytes() == b"one\n\xff\xfe\nthree\n"


@pytest.mark.parametrize("mask", [0o000, 0o077])
def test_the_file_is_its_owners_alone(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        read(b"x\n", file=tmp_path / "log")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o600


def test_a_file_up_to_the_limit_is_whole(tmp_path: Path) -> None:
    read(b"1234\n" * 20, file=tmp_path / "log", limit=100)
    assert (tmp_path / "log").read_bytes() == b"1234\n" * 20


def test_beyond_the_limit_the_file_says_so_once_and_listeners_still_hear(tmp_path: Path) -> None:
    lines = read(b"1234\n" * 1000, file=tmp_path / "log", limit=101)
    text = (tmp_path / "log").read_text()
    assert len(lines) == 1000
    assert text.startswith("1234\n" * 20 + "... more was printed")
    assert text.count("\n") == 21


def test_a_link_in_the_files_place_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadData, match="log"):
        read(b"x\n", file=tmp_path / "log")
    assert not (tmp_path / "elsewhere").exists()


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_however_it_is_cut_the_lines_are_the_same(pieces: list[bytes]) -> None:
    assert read(*pieces) == read(b"".join(pieces))
