"""Reads the situation from Postgres and Redis, everything at once."""

from datetime import datetime, timedelta
from typing import Any, cast

import psycopg
from redis import Redis
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import OperationalError, ProgrammingError

from cli.view import queries
from cli.view.situation import Check, LastRun, OpenAlert, Outbox, Reading, Situation, Told
from models import clock
from watchdog.readings import read as read_vitals
from watchdog.vitals import Vitals
from worker import stream

# Whoever has been silent for longer is shown without figures, and a check that is older says nothing.
FIGURES_FOR = timedelta(minutes=10)
CHECKED_FOR = timedelta(minutes=1)
RECENTLY = timedelta(hours=24)
TOLD = 8


def read(engine: Engine, redis: Redis, *, buttons_awaited: bool = False) -> Situation:
    """Read everything; `buttons_awaited` says that somebody has to hear the buttons in Slack.

    Raises sqlalchemy.exc.OperationalError or redis.exceptions.ConnectionError.
    """
    with engine.connect() as connection:
        now = clock.now(connection)
        return Situation(
            at=now,
            readings=_readings(connection, now),
            checks=_checks(connection, now),
            alerts=tuple(OpenAlert(**row) for row in connection.execute(queries.ALERTS).mappings()),
            runs=tuple(LastRun(**row) for row in connection.execute(queries.RUNS).mappings()),
            told=tuple(Told(**row) for row in connection.execute(queries.TOLD, {"most": TOLD}).mappings()),
            outbox=Outbox(**connection.execute(queries.OUTBOX, {"since": now - RECENTLY}).mappings().one()),
            vitals=vitals(connection, redis_answers=True, buttons_awaited=buttons_awaited),
            waiting=stream.waiting(redis),
            rejected=int(redis.xlen(stream.REJECTED)),
        )


def vitals(connection: Connection, *, redis_answers: bool, buttons_awaited: bool) -> Vitals:
    """The signs of life of Tocsin's parts, which the watchdog reads without SQLAlchemy.

    Raises what SQLAlchemy would: sqlalchemy.exc.OperationalError or ProgrammingError.
    """
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        return read_vitals(driver, redis_answers=redis_answers, buttons_awaited=buttons_awaited)
    except psycopg.OperationalError as error:
        raise OperationalError("the signs of life", None, error) from None
    except psycopg.Error as error:
        raise ProgrammingError("the signs of life", None, error) from None


def _readings(connection: Connection, now: datetime) -> tuple[Reading, ...]:
    rows = connection.execute(queries.READINGS, {"since": now - FIGURES_FOR, "until": now + FIGURES_FOR})
    return tuple(_reading(row._mapping, now) for row in rows)  # noqa: SLF001 - SQLAlchemy's public way


def _reading(row: Any, now: datetime) -> Reading:
    figures = dict(row)
    seen_at = figures.pop("last_seen_at")
    return Reading(age=None if seen_at is None else now - seen_at, **figures)


def _checks(connection: Connection, now: datetime) -> tuple[Check, ...]:
    rows = connection.execute(queries.CHECKS, {"since": now - CHECKED_FOR, "until": now + FIGURES_FOR})
    return tuple(_check(dict(row._mapping)) for row in rows)  # noqa: SLF001 - as above


def _check(row: dict[str, Any]) -> Check:
    return Check(**row | {name: tuple(row[name]) for name in ("warnings", "criticals")})
