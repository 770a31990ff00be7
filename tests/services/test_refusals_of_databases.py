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
    ("sqlstate", "told"),
    [
        ("40001", "The server is busy. Nothing was changed"),
        ("40P01", "The server is busy. Nothing was changed"),
        ("53100", "no room left for its data. Nothing was changed"),
        ("25006", "can only be read at the moment. Nothing was changed"),
        ("57P01", "Look whether it was done"),
        ("57P02", "Look whether it was done"),
        ("57P03", "does not reach its database. Nothing was changed"),
    ],
)
def test_what_hinders_postgresql_is_told_with_what_became_of_the_write(
    sqlstate: str, told: str
) -> None:
    refusal = refusal_of(wrapped(DBAPIError, PostgresError(sqlstate)))

    assert isinstance(refusal, Unavailable)
    assert told in refusal.detail


def test_a_connection_that_breaks_leaves_open_how_it_ended() -> None:
    broken = DBAPIError("INSERT …", {}, OSError(), connection_invalidated=True)

    refusal = refusal_of(broken)

    assert isinstance(refusal, Unavailable)
    assert "Look whether it was done" in refusal.detail


@pytest.mark.parametrize(
    "error",
    [
        wrapped(OperationalError, sqlite3.OperationalError("disk I/O error")),
        wrapped(IntegrityError, sqlite3.IntegrityError("CHECK constraint failed: ck_cubes_state")),
    ],
)
def test_a_fault_of_ours_stays_one(error: DBAPIError) -> None:
    assert refusal_of(error) is None
