"""Every field of every object: what it takes, what it holds by default, when it may change."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from fastapi import FastAPI

from tests.registry.catalogue import (
    FIELDS,
    NOUNS,
    READ_ONLY,
    REFERENCES,
    Catalogue,
    Field,
    companions,
    fields_of,
)
from tests.registry.world import World

TRUE = (True, 1, 1.0, "1", "true", "True", "TRUE", "t", "T", "yes", "Yes", "y", "Y", "on", "ON")
FALSE = (False, 0, 0.0, "0", "false", "False", "f", "F", "no", "No", "n", "N", "off", "OFF")
NO_FLAGS = (None, "", "maybe", "null", 2, -1, [], {}, [True])

WHOLE_NUMBERS = (7, "7", " 7 ", "7.0", 7.0, -7, "-7", 0, 2**31 - 1, -(2**31))
NO_NUMBERS = (None, "", "seven", "7.5", 7.5, True, False, [7], {}, 2**31, -(2**31) - 1, 10**300)

NO_TEXTS = (True, False, [], ["a"], {}, {"a": "b"}, "a\x00b")
NO_CHOICES = (None, "", "operation", "approved", " APPROVED", " OPERATION", "MAYBE", 1, True, [])

DOCUMENTS = (
    {},
    [],
    {"a": {"b": [1, None, True, 0.5, "ü"]}},
    [[1]],
    "text",
    "",
    0,
    0.5,
    True,
    False,
)

# Wider than any client's own limit.
LONG = "ü" * 256

ODD_VALUES = (None, "x", 5, -1, True, [1], {"a": 1}, "2020-01-01T00:00:00Z")


@pytest.fixture
def catalogue(world: World) -> Catalogue:
    return Catalogue(world)


each_noun = pytest.mark.parametrize("noun", NOUNS)


def refused(catalogue: Catalogue, field: Field, values: Iterable[Any]) -> list[str]:
    """The values that are not refused, with messages, under the field's name alone."""
    wrong = []
    for value in values:
        sending = catalogue.sending(field.noun, **{field.name: value})
        answer = sending.person.post(sending.path, sending.body)
        body = answer.json()
        told = list(body) == [field.name, "code"] and isinstance(body[field.name], list)
        if answer.status_code != 400 or not told:
            wrong.append(f"{field.name}={value!r}: {answer.status_code} {answer.text}")
    return wrong


def held(catalogue: Catalogue, field: Field, value: Any, expected: Any) -> list[str]:
    """What is wrong when an object is made with ``value`` and should hold ``expected``."""
    beside = companions(field, str(expected))
    sending = catalogue.sending(field.noun, **beside | {field.name: value})
    answer = sending.person.post(sending.path, sending.body)
    if answer.status_code != 201:
        return [f"{field.name}={value!r}: {answer.status_code} {answer.text}"]
    got = answer.json()[field.name]
    same = got == expected and type(got) is type(expected)
    return [] if same else [f"{field.name}={value!r} became {got!r}, not {expected!r}"]


def no_fault(found: Iterable[str]) -> None:
    faults = list(found)
    assert not faults, "\n".join(faults)


def test_the_table_has_every_field_that_is_read(app: FastAPI) -> None:
    schemas = app.openapi()["components"]["schemas"]
    models = {
        "mlcubes": "Cube",
        "datasets": "Dataset",
        "benchmarks": "Benchmark",
        "datasets/benchmarks": "DatasetAssociation",
        "mlcubes/benchmarks": "ModelAssociation",
        "results": "Result",
    }
    for noun in NOUNS:
        known = {field.name for field in fields_of(noun)}
        assert set(schemas[f"{models[noun]}Read"]["properties"]) == known | set(READ_ONLY[noun])


@each_noun
def test_what_is_left_out_has_its_default(catalogue: Catalogue, noun: str) -> None:
    sending = catalogue.sending(noun)

    made = sending.person.make(sending.path, sending.body)

    for field in fields_of(noun):
        expected = sending.body.get(field.name, field.default_value)
        assert made[field.name] == expected, field


@each_noun
def test_what_is_required_is_missed(catalogue: Catalogue, noun: str) -> None:
    sending = catalogue.sending(noun)

    for field in filter(lambda field: field.is_required, fields_of(noun)):
        # Whoever names no side of theirs may not ask at all, unless they are an admin.
        answer = catalogue.admin.post(sending.path, sending.without(field.name))
        assert answer.status_code == 400
        assert answer.json() == {field.name: ["This field is required."], "code": "invalid"}


@each_noun
def test_what_is_required_may_not_be_null(catalogue: Catalogue, noun: str) -> None:
    sending = catalogue.sending(noun)

    for field in filter(lambda field: field.is_required, fields_of(noun)):
        answer = catalogue.admin.post(sending.path, sending.body | {field.name: None})
        assert answer.status_code == 400, field
        assert answer.json() == {field.name: ["This may not be null."], "code": "invalid"}


@each_noun
def test_text_that_is_needed_is_not_blank(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, "text"):
        no_fault(refused(catalogue, field, ["", "   ", "\t\n"]))


@each_noun
def test_other_text_may_be_empty_or_null(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, "text?"):
        for value in ("", "  ", None):
            no_fault(held(catalogue, field, value or "", ""))


@each_noun
def test_text_is_trimmed_and_may_be_a_number(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, "text", "text?"):
        name = field.name
        for value, expected in ((f"  {name} \n", name), (12, "12"), (0.5, "0.5"), (LONG, LONG)):
            no_fault(held(catalogue, field, value, expected))


@each_noun
def test_what_is_no_text_is_refused(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, "text", "text?"):
        no_fault(refused(catalogue, field, NO_TEXTS))


@each_noun
def test_a_flag_is_said_in_many_ways(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, "flag"):
        for values, expected in ((TRUE, True), (FALSE, False)):
            for value in values:
                no_fault(held(catalogue, field, value, expected))
        no_fault(refused(catalogue, field, NO_FLAGS))


def test_a_whole_number_is_said_in_many_ways(catalogue: Catalogue) -> None:
    (field,) = fields_of("datasets", "integer")

    for value in WHOLE_NUMBERS:
        no_fault(held(catalogue, field, value, int(float(value))))
    no_fault(refused(catalogue, field, NO_NUMBERS))


@each_noun
def test_a_reference_is_a_number_or_its_text(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, *REFERENCES):
        number = catalogue.sending(noun).body[field.name]
        if "/" in noun and field.name != "benchmark":
            sending = catalogue.sending(noun)
            text = sending.body | {field.name: str(sending.body[field.name])}
            assert sending.person.post(sending.path, text).status_code == 201
        else:
            no_fault(held(catalogue, field, str(number), number))


@each_noun
def test_a_reference_leads_somewhere(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, *REFERENCES):
        for value in (0, -1, 999_999, "999999", True, "x", [], {}, 2**31, 2**64, "9" * 400):
            sending = catalogue.sending(noun)
            answer = catalogue.admin.post(sending.path, sending.body | {field.name: value})
            assert answer.status_code == 400, (field, value)
            assert list(answer.json()) == [field.name, "code"], (field, value)


@each_noun
def test_a_choice_is_one_of_the_words(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, "state", "approval"):
        no_fault(refused(catalogue, field, NO_CHOICES))


@each_noun
def test_a_document_is_any_json(catalogue: Catalogue, noun: str) -> None:
    for field in fields_of(noun, "json"):
        for value in DOCUMENTS:
            no_fault(held(catalogue, field, value, value))
        if not field.is_required:
            no_fault(held(catalogue, field, None, {}))
        no_fault(refused(catalogue, field, [{"a": ["b\x00"]}, {"a\x00": 1}]))


@each_noun
def test_what_the_server_gives_is_ignored_at_creation(catalogue: Catalogue, noun: str) -> None:
    for value in ODD_VALUES:
        plain, odd = catalogue.sending(noun), catalogue.sending(noun)
        expected = plain.person.make(plain.path, plain.body)
        ignored = dict.fromkeys((*READ_ONLY[noun], "unknown", "for_test"), value)

        made = odd.person.make(odd.path, odd.body | ignored)

        assert set(made) == set(expected)
        for name in set(READ_ONLY[noun]) & {"state", "approval_status", "approved_at", "priority"}:
            assert made[name] == expected[name], (name, value)
        assert made["id"] > expected["id"]


@each_noun
def test_an_object_sent_back_is_no_change(catalogue: Catalogue, noun: str) -> None:
    sending = catalogue.sending(noun)
    made = sending.person.make(sending.path, sending.body)
    person, path = updating(catalogue, noun, made)
    back = {name: value for name, value in made.items() if name != "approval_status"}

    assert person.change(path, **back) == made
    assert person.change(path) == made
    for value in ODD_VALUES:
        names = set(READ_ONLY[noun]) - {"state", "approval_status", "priority"}
        assert person.change(path, **dict.fromkeys(names, value), unknown=value) == made


@each_noun
def test_a_field_that_is_not_frozen_yet_changes_alone(catalogue: Catalogue, noun: str) -> None:
    for field in changeable(noun):
        sending = catalogue.sending(noun)
        made = sending.person.make(sending.path, sending.body)
        person, path = updating(catalogue, noun, made)
        value = "OPERATION" if field.kind == "state" else catalogue.another(field)
        beside = companions(field, str(value))

        changed = person.change(path, **beside | {field.name: value})

        assert changed[field.name] == value
        assert changed["modified_at"] > made["modified_at"]
        same = set(made) - set(beside) - {field.name, "modified_at"}
        assert {name: changed[name] for name in same} == {name: made[name] for name in same}


@pytest.mark.parametrize("noun", ["mlcubes", "datasets", "benchmarks"])
def test_in_operation_only_the_open_fields_change(catalogue: Catalogue, noun: str) -> None:
    path, person = catalogue.operational(noun)
    states = [Field(noun, "state", "state", "", "frozen")] if noun == "datasets" else []

    for field in fields_of(noun) + states:
        value = catalogue.another(field)
        for somebody in (person, catalogue.admin):
            answer = somebody.put(path, {field.name: value})
            if field.in_operation == "open":
                assert (answer.status_code, answer.json()[field.name]) == (200, value)
            else:
                assert answer.status_code == 400, field
                assert list(answer.json()) == [field.name, "code"]
                assert answer.json()["code"] == "not_editable"
    both = {"is_valid": True, "name": "another", "state": "DEVELOPMENT"}
    assert list(person.put(path, both).json()) == ["name", "state", "code"]
    current = catalogue.admin.read(path)
    changed = person.change(path, **current | {"user_metadata": {"b": 1}})
    assert changed["user_metadata"] == {"b": 1}


@pytest.mark.parametrize("noun", ["datasets/benchmarks", "mlcubes/benchmarks", "results"])
def test_what_is_fixed_is_ignored_in_a_change(catalogue: Catalogue, noun: str) -> None:
    sending = catalogue.sending(noun)
    made = sending.person.make(sending.path, sending.body)
    person, path = updating(catalogue, noun, made)

    for field in fields_of(noun):
        if field.in_operation == "fixed":
            for value in (*ODD_VALUES, 999_999):
                assert person.change(path, **{field.name: value}) == made


def changeable(noun: str) -> list[Field]:
    return [f for f in fields_of(noun) if f.in_operation != "fixed" and f.kind != "approval"]


def updating(catalogue: Catalogue, noun: str, made: dict[str, Any]) -> tuple[Any, str]:
    """Who may change an object, and where."""
    paths: dict[str, Callable[[], str]] = {
        "datasets/benchmarks": lambda: (
            f"datasets/{made['dataset']}/benchmarks/{made['benchmark']}/"
        ),
        "mlcubes/benchmarks": lambda: (
            f"mlcubes/{made['model_mlcube']}/benchmarks/{made['benchmark']}/"
        ),
    }
    return catalogue.admin, paths.get(noun, lambda: f"{noun}/{made['id']}/")()


def test_every_noun_has_fields() -> None:
    assert {field.noun for field in FIELDS} == set(NOUNS)
