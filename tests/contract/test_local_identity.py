"""Names of token files are safe names."""

from pathlib import Path

import pytest

from medperf_api.contract.local_identity import token_path


def test_a_token_lies_under_the_address_it_is_for() -> None:
    assert token_path(Path("/x"), "a@b.c") == Path("/x/tokens/a@b.c.jwt")


@pytest.mark.parametrize(
    "address", ["", "a", "a@", "@b", "../a@b", "a@b/c", ".a@b", "a b@c", "a@b\n", "a@" + "b" * 300]
)
def test_what_is_no_plain_address_names_no_file(address: str) -> None:
    with pytest.raises(ValueError, match="not an e-mail address"):
        token_path(Path("/x"), address)
