"""A wait for Postgres ends with the work that waits, whether Postgres answers or not."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psutil
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from embedded import EmbeddedPostgres
from models.deadline import deadline

SLEEP = text("SELECT pg_sleep(1)")
NUMBER = text("SELECT 42")


@contextmanager
def frozen(server: EmbeddedPostgres) -> Iterator[None]:
    """All its processes stopped, as by a hypervisor: they hold their sockets open and say nothing."""
    assert server.pid is not None
    postmaster = psutil.Process(server.pid)
    pids = [postmaster.pid, *(child.pid for child in postmaster.children(recursive=True))]
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


def test_a_frozen_server_holds_nobody_beyond_the_deadline(
    engine: Engine, postgres_server: EmbeddedPostgres
) -> None:
    with engine.connect() as connection:
        connection.execute(NUMBER)
        with (
            frozen(postgres_server),
            deadline(0.2),
            pytest.raises(OperationalError, match="did not answer within the time of this task"),
        ):
            connection.execute(NUMBER)
    with engine.connect() as connection:
        assert connection.execute(NUMBER).scalar_one() == 42


def test_the_check_of_a_kept_connection_ends_too(engine: Engine, postgres_server: EmbeddedPostgres) -> None:
    with engine.connect() as connection:
        connection.execute(NUMBER)
    with frozen(postgres_server), deadline(0.2), pytest.raises(OperationalError):
        engine.connect().close()


def test_an_answer_in_time_is_an_answer(engine: Engine) -> None:
    with deadline(30), engine.connect() as connection:
        assert connection.execute(NUMBER).scalar_one() == 42


def test_a_deadline_holds_for_its_own_work_only(engine: Engine) -> None:
    answers: list[object] = []

    def other() -> None:
        with engine.connect() as connection:
            answers.append(connection.execute(SLEEP).rowcount)

    thread = threading.Thread(target=other)
    thread.start()
    with engine.connect() as connection, deadline(0.1), pytest.raises(OperationalError):
        connection.execute(SLEEP)
    thread.join(20)
    assert answers == [1]
