"""The Postgres from a wheel: reached only by a socket, and up again whatever happened before."""

import os
import signal
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError

from embedded import EmbeddedError, EmbeddedPostgres
from tests.embedded.programs import alive, parent
from tests.waiting import until

FAST = {"fsync": "off"}
AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root has to become somebody else")
START = """
import sys
from pathlib import Path
from embedded import EmbeddedPostgres
server = EmbeddedPostgres(Path(sys.argv[1]), {"fsync": "off"})
server.start()
print(server.pid)
"""


@pytest.fixture
def server(home: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(home, FAST)
    server.start()
    yield server
    server.stop()


def ask(server: EmbeddedPostgres, question: str) -> object:
    engine = create_engine(server.url)
    try:
        with engine.begin() as connection:
            return _answer(connection, question)
    finally:
        engine.dispose()


def _answer(connection: Connection, question: str) -> object:
    result = connection.execute(text(question))
    return result.scalar() if result.returns_rows else None


def test_it_serves_a_database_in_utf8_and_utc(server: EmbeddedPostgres) -> None:
    assert ask(server, "SELECT current_database() || ' ' || pg_encoding_to_char(encoding) FROM pg_database "
               "WHERE datname = current_database()") == "tocsin UTF8"  # fmt: skip
    assert ask(server, "SHOW timezone") == "UTC"


def test_it_listens_on_no_port(server: EmbeddedPostgres) -> None:
    assert ask(server, "SHOW listen_addresses") == ""


def test_only_its_owner_can_reach_socket_and_data(server: EmbeddedPostgres) -> None:
    private = (server.sockets, server.home / "postgres", server.home / "postgres" / "data")
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in private} == {0o700}


@AS_ROOT
def test_root_has_it_run_by_somebody_else(server: EmbeddedPostgres) -> None:
    assert psutil.Process(server.pid).uids().real != 0


def test_starting_it_twice_changes_nothing(server: EmbeddedPostgres) -> None:
    before = server.pid
    server.start()
    assert server.pid == before


def test_after_a_stop_nothing_runs_and_rows_are_kept(server: EmbeddedPostgres) -> None:
    ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    pid = server.pid
    assert pid is not None
    server.stop()
    assert (server.pid, alive(pid)) == (None, False)
    server.start()
    assert ask(server, "SELECT answer FROM kept") == 42


def test_it_recovers_from_kill_9(server: EmbeddedPostgres) -> None:
    ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert server.pid is not None
    os.kill(server.pid, signal.SIGKILL)
    server.start()
    assert ask(server, "SELECT answer FROM kept") == 42


def test_it_recovers_while_a_session_outlives_the_server(server: EmbeddedPostgres) -> None:
    engine = create_engine(server.url)
    with engine.connect() as connection:
        session = connection.execute(text("SELECT pg_backend_pid()")).scalar_one()
        os.kill(session, signal.SIGSTOP)  # as one that is too busy to notice that its server is dead
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        server.start()
        with pytest.raises(DBAPIError):
            connection.execute(text("SELECT 1"))
    engine.dispose()
    assert ask(server, "SELECT 1") == 1
    assert not alive(session)


def test_it_ends_with_a_parent_that_is_killed_and_starts_again(home: Path) -> None:
    with parent(START, str(home)) as (process, [pid]):
        process.kill()
        until(lambda: not alive(pid), within=10, what="the server to end with its parent")
    server = EmbeddedPostgres(home, FAST)
    server.start()
    assert ask(server, "SELECT 1") == 1
    server.stop()


def test_it_starts_at_once_after_its_parent_was_killed(home: Path) -> None:
    server = EmbeddedPostgres(home, FAST)
    with parent(START, str(home)) as (process, _):
        process.kill()
        process.wait()
        server.start()
    assert ask(server, "SELECT 1") == 1
    server.stop()


def test_it_is_refused_to_a_second_parent(home: Path) -> None:
    with parent(START, str(home)) as (process, [pid]):
        with pytest.raises(EmbeddedError, match=rf"process {pid}, and process {process.pid} looks after it"):
            EmbeddedPostgres(home, FAST).start()
        assert alive(pid)


@pytest.mark.parametrize("content", ["", "99999999\n", "not a number\n"])
def test_it_ignores_a_pid_file_that_is_broken_or_names_nobody(server: EmbeddedPostgres, content: str) -> None:
    server.stop()
    (server.home / "postgres" / "data" / "postmaster.pid").write_text(content, "ascii")
    server.start()
    assert ask(server, "SELECT 1") == 1


def test_it_ignores_a_pid_file_whose_number_another_process_of_its_user_has(server: EmbeddedPostgres) -> None:
    """As after a reboot: Postgres itself would take it for a server that runs."""
    server.stop()
    data = server.home / "postgres" / "data"
    with subprocess.Popen(["/bin/sleep", "60"], user=data.stat().st_uid) as other:
        (data / "postmaster.pid").write_text(f"{other.pid}\n{data}\n", "ascii")
        server.start()
        assert ask(server, "SELECT 1") == 1
        other.kill()


def test_an_interrupted_first_start_leaves_no_trap(home: Path) -> None:
    half_made = home / "postgres" / "data.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text("18\n", "ascii")
    home.chmod(0o711)
    server = EmbeddedPostgres(home, FAST)
    server.start()
    assert ask(server, "SELECT 1") == 1
    server.stop()


def test_settings_of_our_environment_do_not_reach_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGOPTIONS", "-c nonsense=1")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGDATA", "/nowhere")
    server = EmbeddedPostgres(home, FAST)
    server.start()
    assert (server.sockets / ".s.PGSQL.5432").exists()
    server.stop()


def test_a_home_with_a_path_too_long_for_a_socket_works(home: Path) -> None:
    deep = home.parent / ("long-" * 20) / "home"
    server = EmbeddedPostgres(deep, FAST)
    server.start()
    assert server.sockets.parent != deep / "postgres"
    assert ask(server, "SELECT 1") == 1
    server.stop()
    server.sockets.rmdir()


def test_it_says_what_the_server_said_when_it_refuses_to_start(home: Path) -> None:
    with pytest.raises(EmbeddedError, match=r"(?s)ended with exit code 1.*postgres\.log.*no_such_setting"):
        EmbeddedPostgres(home, {"no_such_setting": "1"}).start()


def test_it_refuses_data_of_another_version(server: EmbeddedPostgres) -> None:
    server.stop()
    (server.home / "postgres" / "data" / "PG_VERSION").write_text("16\n", "ascii")
    with pytest.raises(EmbeddedError, match="written by Postgres 16 and this is Postgres 18"):
        server.start()


@AS_ROOT
def test_root_can_keep_it_in_a_home_that_nobody_else_can_reach(home: Path) -> None:
    home.parent.chmod(0o700)
    server = EmbeddedPostgres(home, FAST)
    server.start()
    assert ask(server, "SELECT 1") == 1
    assert (home / "postgres" / "data").stat().st_uid == 0
    server.stop()
