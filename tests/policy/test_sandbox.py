"""Sizes as people write them, and bounds that no one loosens by accident."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medperf_client.errors import UsageFault
from medperf_client.policy import sandbox
from medperf_client.policy.sandbox import GIB, MIB, Limits, size_bytes


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("1", 1), ("1024", 1024), ("1b", 1), ("512k", 512 * 1024), ("64m", 64 * MIB),
        ("64M", 64 * MIB), ("64mb", 64 * MIB), ("2GiB", 2 * GIB), ("1.5g", 3 * GIB // 2),
        (" 2 g ", 2 * GIB), ("1t", 1024 * GIB), ("1TB", 1024 * GIB), ("2gb", 2 * GIB),
    ],
)  # fmt: skip
def test_a_size_is_read_as_people_write_it(text: str, size: int) -> None:
    assert size_bytes(text) == size


@pytest.mark.parametrize(
    "text",
    ["", " ", "b", "g", "-1", "-2g", "0", "0m", "0.1", "nan", "inf", "1e999", "1x", "1gg", "g1",
     "1,5g", "0x10", "1 2m", "all", "-0", "1p"],
)  # fmt: skip
def test_what_is_no_size_is_refused_and_no_limit_is_ever_meant(text: str) -> None:
    with pytest.raises(UsageFault, match="is not a size") as caught:
        size_bytes(text)
    assert "512m" in caught.value.hint


@given(st.text(max_size=12))
def test_any_text_is_a_size_of_a_byte_or_more_or_refused(text: str) -> None:
    with contextlib.suppress(UsageFault):
        assert size_bytes(text) >= 1


@given(st.integers(1, 2**50))
def test_a_plain_number_is_itself(number: int) -> None:
    assert size_bytes(str(number)) == number


def test_a_timeout_is_added_and_its_absence_changes_nothing() -> None:
    limits = Limits(pids=7, timeout_s=5)
    assert limits.with_timeout(None) is limits
    assert limits.with_timeout(60) == Limits(pids=7, timeout_s=60)


def test_every_bound_has_a_default_that_binds() -> None:
    limits = Limits()
    assert min(limits.pids, limits.tmp_bytes, limits.shm_bytes, limits.log_bytes) > 0
    assert min(limits.output_bytes, limits.output_files) > 0


def test_the_sandbox_itself_is_what_the_design_says() -> None:
    assert sandbox.NETWORK == "none"
    assert sandbox.DROPPED_CAPABILITIES == ("ALL",)
    assert sandbox.SECURITY_OPTIONS == ("no-new-privileges",)
    assert sandbox.TMPFS.keys() == {"/tmp"}
    assert {"nosuid", "nodev"} <= set(sandbox.TMPFS["/tmp"].split(","))
