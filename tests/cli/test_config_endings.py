"""How every command ends: its exit code, one sentence, and never a traceback."""

import errno
import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis
import typer
from sqlalchemy import NullPool, create_engine, text

from cli import main
from cli.errors import CommandError, foreseen
from embedded import EmbeddedError
from policy import PolicyError
from settings import Problem, SettingsError
from tests.cli.config_running import ROOT, tocsin

CANARY = "c4n4ry"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--version",), 0, "tocsin"),
        (("--help",), 0, "Usage: tocsin"),
        (("config", "check", "-h"), 0, "Example: tocsin config check --file tocsin.toml"),
        ((), 2, "Usage: tocsin"),
        (("confg",), 2, "No such command 'confg'. Did you mean 'config'?"),
        (("config", "check", "--flie", "x"), 2, "No such option: --flie"),
        (("config", "check", "--file"), 2, "Option '--file' requires an argument"),
        (("config", "route", "--component", "cpu", "--severity", "bad"), 2, "'bad' is not one of"),
        (("config", "route"), 2, "Missing option '--component'"),
    ],
)
def test_it_ends_with_the_code_that_the_shell_can_use(
    arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = tocsin(*arguments)
    assert done.returncode == code
    assert said in (done.stderr if code else done.stdout)
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "environ", [{"LANG": "C"}, {"LC_ALL": "C"}, {"PYTHONIOENCODING": "ascii"}, {"COLUMNS": "20"}]
)
@pytest.mark.parametrize("arguments", [("config", "show"), ("--help",)])
def test_it_prints_on_every_terminal(environ: dict[str, str], arguments: tuple[str, ...]) -> None:
    more = {"RUNBOOK_URL": "https://wiki/größe/…", "TERM": "dumb"}
    done = tocsin(*arguments, environ=environ | more)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@pytest.mark.parametrize(
    "arguments", [("config", "show"), ("config", "show", "--json"), ("--help",), ("config", "-h")]
)
def test_a_closed_pipe_ends_it_quietly_with_141(arguments: tuple[str, ...]) -> None:
    done = tocsin(*arguments, line="| head -c 0")
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("arguments", [("config", "show"), ("--help",)])
def test_a_full_disk_ends_it_with_74(arguments: tuple[str, ...]) -> None:
    done = tocsin(*arguments, line="> /dev/full")
    assert done.returncode == 74
    assert (
        done.stderr == "tocsin: the output cannot be written, the disk is full; make room and run it again\n"
    )


def test_a_closed_pipe_for_errors_ends_it_with_141_too() -> None:
    done = tocsin("config", "check", environ={"SMTP_PORT": "x"}, line="2>&1 | head -c 0")
    assert (done.returncode, done.stderr) == (141, "")


def test_closed_streams_do_no_harm() -> None:
    assert tocsin("config", "show", line=">&-").returncode == 0
    assert tocsin("config", "show", environ={"SMTP_PORT": "x"}, line=">&- 2>&-").returncode == 2


def test_control_c_ends_it_quietly_with_130() -> None:
    code = (
        "import os, signal, sys; import cli.main as m; from cli.group import single;"
        "import cli.config as c;"
        "c.app.command('wait')(lambda: os.kill(os.getpid(), signal.SIGINT));"
        "sys.exit(m.run(['config', 'wait']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={"HOME": "/proc/nowhere"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
    assert signal.SIGINT + 128 == 130


def run_a_command_that(
    fails: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    """The exit code and what was said of a command whose work is `fails`."""
    app = typer.Typer(add_completion=False)
    app.command()(fails)
    monkeypatch.setattr(main, "app", app)
    code = main.run([])
    said = capsys.readouterr()
    assert said.out == ""
    return code, said.err


@pytest.fixture
def failing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[[Callable[[], Any]], tuple[int, str]]:
    for name in list(os.environ):
        if name != "PATH":
            monkeypatch.delenv(name)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    return lambda fails: run_a_command_that(fails, monkeypatch, capsys)


def raiser(error: BaseException) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (
            CommandError("there is no alert 7", "see tocsin alerts"),
            1,
            "tocsin: there is no alert 7; see tocsin alerts\n",
        ),
        (CommandError("not now", code=69), 69, "tocsin: not now\n"),
        (
            SettingsError([Problem("A", "b", "c"), Problem("D", "e", "f")]),
            2,
            "tocsin: A: b; c\ntocsin: D: e; f\n",
        ),
        (PolicyError([Problem("A", "b", "c")]), 2, "tocsin: A: b; c\n"),
        (EmbeddedError("Postgres does not start"), 69, "tocsin: Postgres does not start\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
)
def test_an_error_that_may_well_happen_is_a_sentence(
    failing: Callable[..., tuple[int, str]], error: BaseException, code: int, said: str
) -> None:
    assert failing(raiser(error)) == (code, said)


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_database_that_cannot_be_reached_is_named_without_its_password(
    failing: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    url = f"postgresql+psycopg://u:{CANARY}@127.0.0.1:{closed_port}/db"
    monkeypatch.setenv("DATABASE_URL", url)
    code, said = failing(lambda: create_engine(url).connect())
    assert code == 69
    assert said.startswith(
        f"tocsin: postgresql+psycopg://u:****@127.0.0.1:{closed_port}/db cannot be reached ("
    )
    assert said.endswith(
        "check that it runs and that DATABASE_URL is right, or start everything with tocsin up\n"
    )
    assert CANARY not in said
    assert said.count("\n") == 1


def test_psycopg_on_its_own_is_understood_too(
    failing: Callable[..., tuple[int, str]], closed_port: int
) -> None:
    code, said = failing(lambda: psycopg.connect(f"postgresql://u@127.0.0.1:{closed_port}/db"))
    assert code == 69
    assert said.startswith("tocsin: PostgreSQL under TOCSIN_HOME cannot be reached (")


def test_a_redis_that_cannot_be_reached_is_named_without_its_password(
    failing: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    url = f"redis://:{CANARY}@127.0.0.1:{closed_port}/0"
    monkeypatch.setenv("REDIS_URL", url)
    code, said = failing(lambda: redis.Redis.from_url(url).ping())
    assert code == 69
    assert said.startswith(f"tocsin: redis://:****@127.0.0.1:{closed_port}/0 cannot be reached (")
    assert CANARY not in said


def test_a_database_without_tables_is_told_apart_from_a_bug(
    failing: Callable[..., tuple[int, str]], empty_database_url: str
) -> None:
    def count() -> None:
        with create_engine(empty_database_url, poolclass=NullPool).connect() as connection:
            connection.execute(text("SELECT count(*) FROM hosts"))

    code, said = failing(count)
    assert code == 69
    assert 'lacks tables of Tocsin (relation "hosts" does not exist)' in said


def test_wrong_sql_is_a_bug(failing: Callable[..., tuple[int, str]], empty_database_url: str) -> None:
    def ask() -> None:
        with create_engine(empty_database_url, poolclass=NullPool).connect() as connection:
            connection.execute(text("SELEKT 1"))

    assert failing(ask)[0] == 70


def test_a_bug_is_one_line_and_its_traceback_a_file(
    failing: Callable[..., tuple[int, str]], tmp_path: Path
) -> None:
    code, said = failing(raiser(ZeroDivisionError("by hand")))
    (crash,) = (tmp_path / "home" / "log").iterdir()
    assert code == 70
    assert said == f"tocsin: this is a bug in tocsin (ZeroDivisionError); the full traceback is in {crash}\n"
    assert "ZeroDivisionError: by hand" in crash.read_text()
    assert stat.S_IMODE(crash.stat().st_mode) == 0o600


def test_a_file_that_is_somebody_elses_is_named_with_77(failing: Callable[..., tuple[int, str]]) -> None:
    code, said = failing(raiser(PermissionError(errno.EACCES, "Permission denied", "/srv/tocsin/key")))
    assert code == 77
    assert said.startswith("tocsin: '/srv/tocsin/key' cannot be used (Permission denied);")


def test_the_password_of_a_url_is_hidden_wherever_it_is(
    failing: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://u:s%40cr3t@h/db")
    assert failing(raiser(EmbeddedError("s@cr3t and s%40cr3t are wrong"))) == (
        69,
        "tocsin: **** and **** are wrong\n",
    )


def test_a_traceback_holds_no_secret(
    failing: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SLACK_WEBHOOK_URL", f"https://hooks.slack.com/services/{CANARY}")
    monkeypatch.setenv("FLOWER_PASSWORD", CANARY)
    code, said = failing(
        raiser(ValueError(f"cannot post to https://hooks.slack.com/services/{CANARY} as {CANARY}"))
    )
    (crash,) = (tmp_path / "home" / "log").iterdir()
    assert code == 70
    assert CANARY not in said + crash.read_text()
    assert "cannot post to **** as ****" in crash.read_text()


def test_a_traceback_finds_a_place_when_the_home_is_none(
    failing: Callable[..., tuple[int, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TOCSIN_HOME", "/proc/nowhere")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    code, said = failing(raiser(ZeroDivisionError()))
    assert code == 70
    assert f"the full traceback is in {tmp_path}/crash-" in said


def test_an_error_of_a_library_that_is_not_loaded_is_not_looked_for() -> None:
    assert foreseen(ValueError()) is None


def test_every_command_has_an_example_and_a_summary() -> None:
    def commands(command: Any, way: tuple[str, ...]) -> Any:
        yield way, command
        for name in getattr(command, "commands", ()):
            yield from commands(command.commands[name], (*way, name))

    for way, command in commands(typer.main.get_command(main.app), ("tocsin",)):
        assert re.match(r"Example: .*\btocsin\b", command.epilog or ""), way
        assert command.help, way
