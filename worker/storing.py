"""Writing rows into the series: by binary COPY, or row by row where some may be there already.

COPY costs hardly more than the insert itself, but knows no ON CONFLICT: it is for the rule, that rows are new
and their day is there. An exception, as a tick that comes a second time, takes the other way.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from models import partitions
from worker.rows import Rows

_DIALECT = PGDialect_psycopg()  # type: ignore[no-untyped-call] # SQLAlchemy says nothing of its arguments

# Of numbers in a column of this type, in either direction.
LIMITS = {"integer": 2**31, "bigint": 2**63, "real": 2.0**128}

Store = Callable[[Connection, Sequence[Rows]], None]


class CareNeededError(Exception):
    """These rows cannot be copied: one is there already, a day is not, or a value does not fit its column."""


def copy_new(connection: Connection, tables: Sequence[Rows]) -> None:
    """Store rows of which none is there yet.

    Raises CareNeededError when that is not the way for them; the transaction is of no use then.
    """
    driver = cast("psycopg.Connection", connection.connection.driver_connection)
    try:
        with driver.cursor() as cursor:
            for rows in tables:
                if rows.values:
                    _copy(cursor, rows)
    except (psycopg.IntegrityError, psycopg.DataError) as error:
        raise CareNeededError from error


def insert_missing(connection: Connection, tables: Sequence[Rows]) -> None:
    """Store those rows that are not there yet, and make the days that have no partition.

    A row that is there already came from a second worker, a second beat or a redelivery: the same tick.
    Raises sqlalchemy.exc.DataError for a value that does not fit.
    """
    for day in sorted({values[0].date() for rows in tables for values in rows.values}):
        partitions.ensure(connection, day, day)
    for rows in tables:
        if rows.values:
            named = [dict(zip(rows.columns, values, strict=True)) for values in rows.values]
            connection.execute(insert(rows.table).on_conflict_do_nothing(), named)


def _copy(cursor: psycopg.Cursor, rows: Rows) -> None:
    statement, types, limits = _statement(rows.table.__table__, rows.columns)
    with cursor.copy(statement) as copy:
        copy.set_types(types)
        for values in rows.values:
            _check(values, limits)
            copy.write_row(values)


def _check(values: Sequence[Any], limits: Sequence[tuple[int, float]]) -> None:
    """The driver cuts a number to the size of its column, and says nothing."""
    for place, limit in limits:
        if values[place] is not None and not -limit <= values[place] < limit:
            raise CareNeededError(f"{values[place]} does not fit")


@cache
def _statement(table: Table, columns: tuple[str, ...]) -> tuple[str, list[int], Sequence[tuple[int, float]]]:
    """COPY for these columns, the numbers of their types, and by their place how large a value may be."""
    types = [table.c[name].type.compile(_DIALECT).lower() for name in columns]
    limits = [(place, LIMITS[kind]) for place, kind in enumerate(types) if kind in LIMITS]
    # By name, psycopg would look for each of them at every COPY.
    oids = [psycopg.adapters.types.get_oid(kind) for kind in types]
    return f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)", oids, limits
