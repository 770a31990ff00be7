"""What old clients send, and what the contract makes of it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import ValidationError

from medperf_api.contract.base import Id, Wire, utc_text
from medperf_api.contract.cubes import CubeCreate, CubeUpdate
from medperf_api.contract.datasets import DatasetCreate
from medperf_api.contract.states import State
from tests.registry.bodies import cube_body, dataset_body


class Reference(Wire):
    """One foreign key."""

    target: Id


@pytest.mark.parametrize("given", [7, "7", " 7 ", 7.0, "7.0"])
def test_a_reference_may_be_a_number_or_its_text(given: object) -> None:
    assert Reference.model_validate({"target": given}).target == 7


@pytest.mark.parametrize("given", [True, None, "", "seven", 7.5, 2**31, [7], {"id": 7}])
def test_what_is_no_reference_is_refused(given: object) -> None:
    with pytest.raises(ValidationError):
        Reference.model_validate({"target": given})


@pytest.mark.parametrize("given", [True, 1, "true", "True", "yes", "on", "1"])
def test_a_flag_may_be_said_in_several_ways(given: object) -> None:
    assert CubeCreate.model_validate(cube_body(is_valid=given)).is_valid is True


def test_text_is_trimmed_and_may_be_a_number() -> None:
    cube = CubeCreate.model_validate(cube_body(name="  a cube ", mlcube_hash=12))

    assert (cube.name, cube.mlcube_hash) == ("a cube", "12")


def test_a_null_in_optional_text_and_documents_is_emptiness() -> None:
    cube = CubeCreate.model_validate(cube_body(parameters_hash=None, metadata=None))

    assert (cube.parameters_hash, cube.metadata) == ("", {})


def test_unknown_and_read_only_fields_are_ignored_whatever_their_type() -> None:
    body = cube_body(id=None, owner="nobody", created_at=[], unknown={"a": 1})

    assert "owner" not in CubeCreate.model_validate(body).model_dump()


def test_a_new_dataset_is_in_development_whatever_it_says() -> None:
    dataset = DatasetCreate.model_validate(dataset_body(1, state="OPERATION"))

    assert dataset.state is State.DEVELOPMENT


def test_a_partial_update_holds_what_was_named_and_nothing_else() -> None:
    assert CubeUpdate.model_validate({"name": "a", "owner": 3}).changes() == {"name": "a"}
    assert CubeUpdate.model_validate({}).changes() == {}


def test_a_time_on_the_wire_is_utc_with_microseconds() -> None:
    summer = datetime(2026, 7, 1, 12, 0, tzinfo=timezone(timedelta(hours=2)))

    assert utc_text(summer) == "2026-07-01T10:00:00.000000Z"
    assert datetime.fromisoformat(utc_text(summer)).astimezone(UTC) == summer
