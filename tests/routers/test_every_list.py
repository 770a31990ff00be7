"""Every list: its pages, its order, its filters, by one table."""

import re
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI

from tests.registry.bodies import dataset_body
from tests.registry.cast import Cast
from tests.registry.world import API, BASE, Body, Person, World

# A dash: the list has none. Every list also takes limit and offset.
TABLE = """
list                             read by            orders  filters

users/                           admin              times   is_active
mlcubes/                         stranger           all     is_valid owner state name
datasets/                        admin              all     is_valid owner state name data_preparation_mlcube
benchmarks/                      stranger           all     is_valid is_active owner state name approval_status data_preparation_mlcube
results/                         admin              all     is_valid owner name approval_status benchmark dataset model
me/mlcubes/                      model owner        all     is_valid owner state name
me/datasets/                     data owner         all     is_valid owner state name data_preparation_mlcube
me/benchmarks/                   benchmark owner    all     is_valid is_active owner state name approval_status data_preparation_mlcube
me/results/                      data owner         all     is_valid owner name approval_status benchmark dataset model
me/datasets/associations/        benchmark owner    times   approval_status benchmark dataset
me/mlcubes/associations/         benchmark owner    times   approval_status benchmark model model_mlcube
mlcubes/{unfinished}/datasets/   preparation owner  all     is_valid owner state name data_preparation_mlcube
benchmarks/{benchmark}/models/   data owner         times   approval_status benchmark model model_mlcube
benchmarks/{benchmark}/datasets/ benchmark owner    times   approval_status benchmark dataset
benchmarks/{benchmark}/results/  benchmark owner    all     is_valid owner name approval_status benchmark dataset model
audit/                           admin              created actor action object_type object_id field request_id mlcube dataset benchmark
mlcubes/{model}/history/         model owner        created actor action object_type object_id field request_id mlcube dataset benchmark
datasets/{dataset}/history/      data owner         created actor action object_type object_id field request_id mlcube dataset benchmark
benchmarks/{benchmark}/history/  benchmark owner    created actor action object_type object_id field request_id mlcube dataset benchmark
results/{result}/history/        data owner         created actor action object_type object_id field request_id mlcube dataset benchmark
"""  # noqa: E501  a table has the width it has

ORDERS = {
    "all": ("name", "created_at", "modified_at"),
    "times": ("created_at", "modified_at"),
    "created": ("created_at",),
}
NO_VALUES = {
    "is_valid": "maybe",
    "is_active": "2",
    "owner": "me",
    "state": "operation",
    "name": "a\x00",
    "approval_status": "approved",
    "action": "eaten",
    "object_type": "cube",
    "field": "\x00",
    "request_id": "\x00",
}
# On the wire a model's association calls it by the second name.
WIRE_NAMES = {"model": "model_mlcube"}


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    path: str
    reader: str
    orders: tuple[str, ...]
    filters: tuple[str, ...]

    @classmethod
    def of(cls, line: str) -> "Line":
        path, reader, orders, filters = re.fullmatch(
            r"(\S+) +([a-z ]+?)  +(\w+) +(.*)", line
        ).groups()
        return cls(path, reader, ORDERS[orders], tuple(filters.split()))


LINES = [Line.of(line) for line in TABLE.strip().splitlines()[1:] if line]


@dataclass(frozen=True)
class Listed:
    """A list as one person reads it."""

    line: Line
    person: Person
    path: str

    def page(self, **params: Any) -> Body:
        page: Body = self.person.read(self.path, **params)
        return page

    def rows(self, **params: Any) -> list[Body]:
        rows: list[Body] = self.page(limit=1_000, **params)["results"]
        return rows


@pytest.fixture
def cast(world: World) -> Cast:
    """The cast, and enough beside it that every list has several rows that differ."""
    cast = Cast(world)
    owner, admin = cast.people["data owner"], cast.people["admin"]
    for name in ("joined model", "joined dataset", "new result", "new model"):
        cast.number(name)
    world.benchmark(cast.people["benchmark owner"])
    unfinished = cast.number("unfinished")
    for valid in (True, False):
        owner.make("datasets/", dataset_body(unfinished, is_valid=valid))
    pair = f"mlcubes/{cast.number('model')}/benchmarks/{cast.number('benchmark')}/"
    admin.change(pair, priority=3)
    for path in ("mlcubes/{model}/", "datasets/{dataset}/", "benchmarks/{benchmark}/"):
        admin.change(filled(path, cast), is_valid=False)
    admin.change(filled("results/{result}/", cast), is_valid=False, name="best")
    return cast


@pytest.fixture
def lists(cast: Cast) -> list[Listed]:
    """Made once a test: preparing a registry takes longer than reading its lists."""
    return [Listed(line, cast.people[line.reader], filled(line.path, cast)) for line in LINES]


def filled(path: str, cast: Cast) -> str:
    return re.sub(r"\{([a-z ]+)\}", lambda found: str(cast.number(found[1])), path)


def test_every_list_is_in_the_table_as_documented(app: FastAPI) -> None:
    documented = {}
    for path, methods in app.openapi()["paths"].items():
        names = {
            parameter["name"]: parameter
            for parameter in methods.get("get", {}).get("parameters", [])
        }
        if "limit" in names:
            orders = names.pop("ordering")["schema"]["enum"]
            filters = {name for name in names if names[name]["in"] == "query"} - {"limit", "offset"}
            wire_path = re.sub(r"\{\w+\}", "{}", path.removeprefix(API))
            documented[wire_path] = ({order for order in orders if order[0] != "-"}, filters)

    assert documented == {
        re.sub(r"\{[a-z ]+\}", "{}", line.path): (set(line.orders), set(line.filters))
        for line in LINES
    }


def test_walking_along_the_links_meets_every_row_once(lists: list[Listed]) -> None:
    for listed in lists:
        rows = listed.rows(ordering="-created_at")
        assert len(rows) >= 2, listed
        page = listed.page(limit=1, ordering="-created_at", colour="red")
        met, back = list(page["results"]), []

        while page["next"]:
            assert page["next"].startswith(f"{BASE}{API}{listed.path}?"), listed
            assert "ordering=-created_at" in page["next"], listed
            page = listed.person.read(page["next"].removeprefix(BASE))
            assert page["count"] == len(rows), listed
            met += page["results"]
        while page["previous"]:
            page = listed.person.read(page["previous"].removeprefix(BASE))
            back += page["results"]

        assert met == rows, listed
        assert back == met[-2::-1], listed


def test_the_usual_order_is_by_change_unless_said_otherwise(lists: list[Listed]) -> None:
    for listed in lists:
        rows = listed.rows()
        if "history" in listed.path or listed.path == "audit/":
            assert [row["id"] for row in rows] == sorted(row["id"] for row in rows), listed
        elif "modified_at" in rows[0]:
            by_change = sorted(rows, key=lambda row: (row["modified_at"], row["id"]))
            assert rows == by_change, listed
        assert listed.page()["results"] == rows[:32], listed


def test_a_list_is_ordered_as_asked_and_then_by_number(lists: list[Listed]) -> None:
    for listed in lists:
        rows = listed.rows()
        for order in listed.line.orders:
            found = listed.rows(ordering=order)
            # How names are ordered is the database's affair.
            if order in rows[0] and "id" in rows[0] and order != "name":
                assert found == sorted(rows, key=lambda row: (row[order], row["id"])), listed
            assert listed.rows(ordering=f"-{order}") == found[::-1], listed


def test_an_order_that_is_none_is_refused(lists: list[Listed]) -> None:
    for listed in lists:
        for order in ("id", "-", "name,id", "NAME", "-created_at "):
            answer = listed.person.get(listed.path, ordering=order)
            assert answer.status_code == 400, (listed, order)
            assert list(answer.json()) == ["ordering", "code"]
        assert listed.rows(ordering="") == listed.rows()


def test_a_filter_leaves_the_rows_that_have_its_value(lists: list[Listed]) -> None:
    for listed in lists:
        rows = listed.rows()
        for name in listed.line.filters:
            wire = name if name in rows[0] else WIRE_NAMES.get(name, name)
            for value in {row[wire] for row in rows if wire in row} - {None, ""}:
                wanted = [row for row in rows if row[wire] == value]
                page = listed.page(**{name: value, "limit": 1})
                assert page["count"] == len(wanted), (listed, name, value)
                if page["next"]:
                    page = listed.person.read(all_of(page["next"]))
                    assert page["results"] == wanted[1:], (listed, name, value)
        assert listed.page(is_valid="", owner="", state="")["count"] == len(rows), listed


def all_of(link: str) -> str:
    return link.removeprefix(BASE).replace("limit=1&", "limit=1000&")


def test_a_filter_that_meets_nothing_leaves_nothing(lists: list[Listed]) -> None:
    for listed in lists:
        for name in set(listed.line.filters) - set(NO_VALUES):
            page = listed.page(**{name: "999999"})
            assert (page["count"], page["results"], page["next"]) == (0, [], None), (listed, name)


def test_a_value_that_a_filter_cannot_have_is_refused(lists: list[Listed]) -> None:
    for listed in lists:
        for name in listed.line.filters:
            answer = listed.person.get(listed.path, **{name: NO_VALUES.get(name, "x")})
            assert answer.status_code == 400, (listed, name)
            assert list(answer.json()) == [name, "code"]


def test_the_filters_of_other_lists_are_ignored(lists: list[Listed]) -> None:
    everything = {name for line in LINES for name in line.filters}
    for listed in lists:
        others = dict.fromkeys(everything - set(listed.line.filters), "999999")
        assert listed.page(**others)["count"] == len(listed.rows()), listed


def test_no_limit_and_no_offset_breaks_a_list(lists: list[Listed]) -> None:
    for listed in lists:
        rows = listed.rows()
        for limit in ("0", "-1", "x", "1e1", "2000", "9" * 30):
            assert listed.page(limit=limit)["results"] == rows[:32] or int(limit) > 32, listed
        for offset in ("-1", "x", "1e1"):
            assert listed.page(offset=offset)["results"] == rows[:32], listed
        for offset in (str(len(rows)), "9" * 30):
            beyond = listed.page(offset=offset)
            assert (beyond["results"], beyond["count"]) == ([], len(rows)), listed
            assert beyond["next"] is None, listed
            assert beyond["previous"], listed
