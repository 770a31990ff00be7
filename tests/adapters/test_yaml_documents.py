"""Documents that containers wrote: read as JSON holds them, and all that is refused."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medperf_client.adapters.files import LocalFiles
from medperf_client.errors import BadData

FILES = LocalFiles()


def document(tmp_path: Path, text: str | bytes) -> object:
    path = tmp_path / "results.yaml"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return FILES.read_yaml(path)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("auc: 0.91\nn: [1, 2]\nnote: ~\nok: true\n", {"auc": 0.91, "n": [1, 2], "note": None,
                                                      "ok": True}),
        ('{"p": 1e-05, "q": -2.5E+3, "name": "1e5"}', {"p": 1e-05, "q": -2500.0, "name": "1e5"}),
        ("no: 1\n1: one\n1.50: x\nnan: 2\n", {"no": 1, "1": "one", "1.50": "x", "nan": 2}),
        ("day: 2024-05-01\n", {"day": "2024-05-01"}),
        ("text: |\n  two\n  lines\n", {"text": "two\nlines\n"}),
        ("'': {'': 1}", {"": {"": 1}}),
        ("a: !!str 5", {"a": "5"}),
        ("---\na: {}\n...\n", {"a": {}}),
    ],
)  # fmt: skip
def test_plain_yaml_is_read_as_json_holds_it(tmp_path: Path, text: str, read: object) -> None:
    assert document(tmp_path, text) == read


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{two}: &{two} [{','.join([f'*{one}'] * 9)}]\n" for one, two in zip("abcdefgh", "bcdefghi",
                                                                        strict=True)
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "results.yaml is empty: nothing was written"),
        ("# a remark\n", "is empty"),
        ("auc: .nan", "holds nan at auc"),
        ("auc: NaN", "holds nan at auc"),
        ("a: [{b: -.inf}]", "holds -inf at a.0.b"),
        ("a: -Infinity", "holds -inf at a"),
        ("a: 1e400", "holds inf at a"),
        ("a: 1" + "0" * 5_000, "line 1: a number has more than 128 digits"),
        ("a: 1" + ":59" * 5_000, "a number has more than 128 digits"),
        (BOMB, "line 1: anchors and aliases"),
        ("a: *x", "line 1: anchors and aliases"),
        ("[" * 10_000, "nested more than 64 deep"),
        ("{a: " * 10_000, "nested more than 64 deep"),
        ("- " * 10_000 + "x", "nested more than 64 deep"),
        ("a: 1\nb: 2\na: 3", "line 3: the key 'a' is given twice"),
        ("? [1, 2]\n: 3", "a key is no text"),
        ("a: !!python/object/apply:os.system ['true']", "tag '.*os.system' is not taken"),
        ("a: !!python/name:os.system x", "line 1 is no YAML|could not determine"),
        ("a: !!set {x, y}", "tag .* is not taken"),
        ("--- 1\n--- 2", "a second document begins"),
        ("a: [1", "line 1|line 2"),
        ("a: 2024-13-45", "is no YAML"),
        (b"a: \xff\xfe\xfd", "is no YAML"),
        (b"a: \x00", "is no YAML"),
        ("a: " + "x" * (5 * 1024**2), "is larger than 5242880 bytes"),
        ("[" + "1," * 600_000 + "]", "more than 500000 values"),
    ],
)
def test_yaml_that_is_no_result_is_refused(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(BadData, match=told) as caught:
        document(tmp_path, text)

    assert caught.value.message.startswith("results.yaml")
    assert caught.value.hint


def test_a_huge_file_is_refused_without_being_read(tmp_path: Path) -> None:
    with (tmp_path / "results.yaml").open("wb") as file:
        file.truncate(1024**4)

    with pytest.raises(BadData, match="larger than"):
        FILES.read_yaml(tmp_path / "results.yaml")


def test_a_link_in_place_of_the_results_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real.yaml").write_text("a: 1")
    (tmp_path / "results.yaml").symlink_to("real.yaml")

    with pytest.raises(BadData, match=r"'results.yaml' is a symbolic link, not a file"):
        FILES.read_yaml(tmp_path / "results.yaml")


def test_results_that_were_never_written_are_told(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"'results.yaml' cannot be read: No such file"):
        FILES.read_yaml(tmp_path / "results.yaml")


def test_a_folder_in_place_of_the_results_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.yaml").mkdir()

    with pytest.raises(BadData, match="is a folder, not a file"):
        FILES.read_yaml(tmp_path / "results.yaml")


@given(text=st.text("ab:-{}[]&*!?,#|>'\"%@\n 01.e~", max_size=60))
def test_no_text_breaks_the_reading(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    with suppress(BadData):
        document(tmp_path_factory.getbasetemp(), text)
