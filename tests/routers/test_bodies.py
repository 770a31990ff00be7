"""Bodies that old clients send, and bodies that nobody should."""

import json
from typing import Any

import pytest

from tests.registry.bodies import cube_body, dataset_body
from tests.registry.world import Person, World

JSON = {"content-type": "application/json"}


def put_raw(person: Person, path: str, content: bytes, **headers: str) -> Any:
    return person.call("PUT", path, content=content, headers={**JSON, **headers})


@pytest.fixture
def path(model_owner: Person) -> str:
    number = model_owner.make("mlcubes/", cube_body())["id"]
    return f"mlcubes/{number}/"


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"user_metadata": 1e400}',
        b'{"user_metadata": "\\ud800"}',
        b'{"a": "\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"user_metadata": ' + b"[" * 101 + b"]" * 101 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    ],
)
def test_what_is_no_json_we_read_is_malformed(
    model_owner: Person, path: str, content: bytes
) -> None:
    answer = put_raw(model_owner, path, content)

    assert answer.status_code == 400
    assert answer.json()["code"] == "malformed"
    assert answer.json()["detail"]


def test_json_may_be_a_hundred_levels_deep(model_owner: Person, path: str) -> None:
    content = b'{"user_metadata": ' + b"[" * 98 + b"]" * 98 + b"}"

    answer = put_raw(model_owner, path, content)

    assert answer.status_code == 200
    assert model_owner.read(path) == answer.json()


@pytest.mark.parametrize("content", [b"[]", b"1", b'"text"', b"null", b"[[{}]]"])
def test_a_body_that_is_no_object_is_refused(
    model_owner: Person, path: str, content: bytes
) -> None:
    answer = put_raw(model_owner, path, content)

    assert answer.status_code == 400
    assert list(answer.json()) == ["non_field_errors", "code"]


@pytest.mark.parametrize("content", [b"", b"  ", b"{}"])
def test_an_empty_body_changes_nothing(model_owner: Person, path: str, content: bytes) -> None:
    before = model_owner.read(path)

    answer = put_raw(model_owner, path, content)

    assert (answer.status_code, answer.json()) == (200, before)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("application/merge-patch+json", 200),
        ("", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
    ],
)
def test_a_body_is_json_by_its_media_type(
    model_owner: Person, path: str, kind: str, status: int
) -> None:
    answer = put_raw(model_owner, path, b'{"is_valid": true}', **{"content-type": kind})

    assert answer.status_code == status
    if status == 415:
        assert answer.json()["code"] == "unsupported_media_type"


def test_a_body_over_the_limit_is_refused(world: World, model_owner: Person, path: str) -> None:
    limit = world.app.state.max_body_bytes
    body = json.dumps({"user_metadata": "x" * limit}).encode()

    answer = put_raw(model_owner, path, body)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_a_body_over_the_limit_is_refused_though_it_does_not_say_how_long_it_is(
    world: World, model_owner: Person, path: str
) -> None:
    async def chunks() -> Any:
        for _ in range(12):
            yield b" " * 2**20

    answer = model_owner.call("PUT", path, content=chunks(), headers=JSON)

    assert answer.status_code == 413


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "", "This may not be empty."),
        ("name", "   ", "This may not be empty."),
        ("name", None, "This may not be null."),
        ("name", True, "Text is needed."),
        ("name", ["a"], "Text is needed."),
        ("name", "a\x00b", "Null characters are not allowed."),
        ("name", "a" * 257, "At most 256 characters are allowed."),
        ("is_valid", "maybe", "True or false is needed."),
        ("is_valid", None, "This may not be null."),
        ("is_valid", 2, "True or false is needed."),
        ("state", "operation", "Not a valid choice: 'operation'. Choose DEVELOPMENT or OPERATION."),
        ("state", 5, "Not a valid choice: '5'. Choose DEVELOPMENT or OPERATION."),
        ("metadata", {"a": ["b\x00"]}, "Null characters are not allowed."),
        ("metadata", {"a\x00": 1}, "Null characters are not allowed."),
    ],
)
def test_a_field_is_refused_in_clear_words(
    model_owner: Person, path: str, field: str, value: Any, message: str
) -> None:
    answer = model_owner.put(path, {field: value})

    assert answer.status_code == 400
    assert answer.json() == {field: [message], "code": "invalid"}


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "This may not be null."),
        ("one", "A whole number is needed."),
        (1.5, "A whole number is needed."),
        (True, "A whole number is needed, not a boolean."),
        (2**31, "The largest number allowed is 2147483647."),
        (-(2**31) - 1, "The smallest number allowed is -2147483648."),
        (10**30, "This number is too long."),
        ("9" * 5_000, "This number is too long."),
    ],
)
def test_a_number_is_refused_in_clear_words(
    data_owner: Person, model_owner: Person, value: Any, message: str
) -> None:
    preparation = model_owner.make("mlcubes/", cube_body())["id"]

    answer = data_owner.post("datasets/", dataset_body(preparation, split_seed=value))

    assert answer.json() == {"split_seed": [message], "code": "invalid"}


def test_every_missing_field_is_named_at_once(data_owner: Person) -> None:
    answer = data_owner.post("datasets/", {})

    assert set(answer.json()) == {
        "name",
        "input_data_hash",
        "generated_uid",
        "split_seed",
        "data_preparation_mlcube",
        "submitted_as_prepared",
        "code",
    }


def test_an_old_client_is_understood(data_owner: Person, model_owner: Person) -> None:
    preparation = model_owner.make("mlcubes/", cube_body())["id"]
    body = dataset_body(
        str(preparation),
        id=None,
        owner=None,
        created_at=None,
        modified_at=None,
        state="DEVELOPMENT",
        split_seed="3",
        is_valid="yes",
        submitted_as_prepared=0,
        location=None,
        for_test=False,
    )

    dataset = data_owner.make("datasets/", body)

    assert dataset["data_preparation_mlcube"] == preparation
    assert (dataset["split_seed"], dataset["is_valid"]) == (3, True)
    assert (dataset["submitted_as_prepared"], dataset["location"]) == (False, "")


def test_text_beyond_ascii_comes_back_as_it_was(model_owner: Person, path: str) -> None:
    text = "Röntgen 胸部 🫁 \u202e \x7f"

    assert model_owner.change(path, user_metadata={text: text})["user_metadata"] == {text: text}
