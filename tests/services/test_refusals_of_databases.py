"""What a database refuses in the middle of a request becomes a refusal of ours, never a failure."""

import sqlite3

import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from medperf_api.contract.errors import ErrorCode
from medperf_api.database import refusal_of
from medperf_api.errors import Invalid, Unavailable


class PostgresError(Exception):
    """As asyncpg's errors come through SQLAlchemy."""

    def __init__(self, sqlstate: str) -> None:
        super().__init__("duplicate key value violates unique constraint")
        self.sqlstate = sqlstate


def wrapped(kind: type[DBAPIError], orig: BaseException) -> DBAPIError:
    return kind("INSERT …", {}, orig)


@pytest.mark.parametrize(
    "orig",
    [sqlite3.IntegrityError("UNIQUE constraint failed: cubes.name"), PostgresError("23505")],
)
def test_losing_a_race_for_a_name_is_a_fault_of_the_body(orig: Exception) -> None:
    refusal = refusal_of(wrapped(IntegrityError, orig))

    assert isinstance(refusal, Invalid)
    assert refusal.shared_code() is ErrorCode.NOT_UNIQUE


@pytest.mark.parametrize(
    "orig", [sqlite3.IntegrityError("FOREIGN KEY constraint failed"), PostgresError("23503")]
)
def test_referring_to_what_was_just_deleted_is_a_fault_of_the_body(orig: Exception) -> None:
    assert isinstance(refusal_of(wrapped(IntegrityError, orig)), Invalid)


def test_waiting_too_long_asks_for_another_try() -> None:
    locked = wrapped(OperationalError, sqlite3.OperationalError("database is locked"))

    assert isinstance(refusal_of(locked), Unavailable)


@pytest.mark.parametrize(
    "error",
    [
        wrapped(OperationalError, sqlite3.OperationalError("disk I/O error")),
        wrapped(IntegrityError, sqlite3.IntegrityError("CHECK constraint failed: ck_cubes_state")),
    ],
)
def test_a_fault_of_ours_stays_one(error: DBAPIError) -> None:
    assert refusal_of(error) is None
