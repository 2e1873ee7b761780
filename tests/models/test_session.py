"""Connections give up in time, speak UTC, and do as their URL says."""

import socket

import pytest
from sqlalchemy import Engine, make_url, text
from sqlalchemy.exc import OperationalError

from models.session import CHORE, make_engine, take_time


def _show(engine: Engine, setting: str) -> str:
    with engine.connect() as connection:
        return str(connection.execute(text(f"SHOW {setting}")).scalar_one())


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("statement_timeout", "5s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("timezone", "UTC"),
        ("application_name", "tocsin"),
    ],
)
def test_it_gives_every_session_its_limits(engine: Engine, setting: str, value: str) -> None:
    assert _show(engine, setting).lower() == value.lower()


def test_it_lets_the_url_have_the_last_word(database_url: str) -> None:
    url = make_url(database_url).update_query_dict(
        {"application_name": "mine", "options": "-c lock_timeout=7s -c work_mem=5MB"}
    )
    engine = make_engine(url)
    assert [_show(engine, name) for name in ("application_name", "lock_timeout", "work_mem")] == [
        "mine",
        "7s",
        "5MB",
    ]
    assert _show(engine, "statement_timeout") == "5s"
    engine.dispose()


def test_it_lets_one_transaction_take_its_time_and_only_that_one(engine: Engine) -> None:
    show = text("SHOW statement_timeout")
    with engine.connect() as connection:
        take_time(connection, CHORE)
        assert connection.execute(show).scalar_one() == "10min"
        connection.rollback()
        assert connection.execute(show).scalar_one() == "5s"


def test_it_stops_a_statement_that_runs_too_long(engine: Engine) -> None:
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL statement_timeout = '50ms'"))
        with pytest.raises(OperationalError, match="statement timeout"):
            connection.execute(text("SELECT pg_sleep(60)"))


def test_it_survives_a_server_that_closed_its_connection(engine: Engine) -> None:
    with engine.connect() as connection:
        pid = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
    with make_engine(engine.url).connect() as other:
        other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        other.invalidate()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT pg_backend_pid()")).scalar_one() != pid


def test_it_refuses_a_server_that_only_reads_unless_it_only_wants_to_read(database_url: str) -> None:
    url = make_url(database_url).update_query_dict({"options": "-c default_transaction_read_only=on"})
    writer, reader = make_engine(url), make_engine(url, writes=False)
    with pytest.raises(OperationalError, match="read-only"):
        writer.connect()
    assert _show(reader, "default_transaction_read_only") == "on"
    reader.dispose()


def test_it_gives_up_on_a_server_that_accepts_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        engine = make_engine(f"postgresql+psycopg://nobody@127.0.0.1:{port}/none?connect_timeout=2")
        with pytest.raises(OperationalError, match="timeout"):
            engine.connect()


def test_it_connects_to_nothing_before_it_is_used() -> None:
    make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none").dispose()
