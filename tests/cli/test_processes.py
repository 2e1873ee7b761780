"""`tocsin worker`, `collector`, `beat` and `flower`: what they refuse, wait for and become."""

import os
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Engine, text

from models import migrate
from tests.cli.conftest import Run
from tests.cli.running_up import COMMAND, environment
from tests.waiting import until


@contextmanager
def started(home: Path, *arguments: str, environ: Mapping[str, str]) -> Iterator[tuple[psutil.Process, Path]]:
    """A process of Tocsin, and the file that it speaks to; stopped as systemd and Docker stop it."""
    said = home.with_name("said")
    with said.open("wb") as output:
        process = subprocess.Popen(
            [*COMMAND, *arguments],
            cwd="/",
            env=environment(home) | dict(environ),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield psutil.Process(process.pid), said
            process.terminate()
            assert process.wait(30) in (0, -signal.SIGTERM)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def speaks(said: Path, word: str) -> None:
    until(lambda: word in said.read_text("utf-8", "replace"), within=40, what=f"{word!r} in the output")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("worker", "--queues", "helth"), "--queues: there is no queue 'helth'; did you mean health?"),
        (("worker", "--queues", "x"), "there is no queue 'x'; there are health, notify, chores"),
        (("worker", "--queues", "collect"), "there is no queue 'collect'"),
        (("worker", "--queues", ","), "--queues: it names no queue"),
        (("worker", "--concurrency", "0"), "--concurrency"),
    ],
)
def test_what_makes_no_sense_is_refused(tocsin: Run, arguments: tuple[str, ...], said: str) -> None:
    done = tocsin(*arguments)
    assert done.code == 2
    assert said in done.err


@pytest.mark.parametrize("name", ["worker", "collector", "beat", "flower", "watchdog"])
def test_a_mistake_in_the_settings_ends_each_with_2(
    tocsin: Run, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEALTH_DISK_WARNING", "full")
    done = tocsin(name)
    assert done.code == 2
    assert done.err.startswith("tocsin: HEALTH_DISK_WARNING: ")


@pytest.mark.parametrize("name", ["worker", "collector", "beat", "flower", "watchdog"])
def test_where_nothing_runs_each_says_how_to_start(run: Run, name: str) -> None:
    done = run(name)
    assert done.code == 69
    assert done.err.endswith("start it with tocsin up\n")


@pytest.mark.parametrize("name", ["worker", "collector", "watchdog"])
def test_a_database_of_a_newer_version_is_not_touched(tocsin: Run, engine: Engine, name: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'infra_metrics_999'"))
    done = tocsin(name)
    assert done.code == 3
    assert "infra_metrics_999" in done.err
    assert migrate.head() in done.err


def test_a_worker_waits_for_the_schema_says_so_and_then_works_on_its_queues(
    home: Path, empty_database_url: str, redis_url: str
) -> None:
    environ = {"DATABASE_URL": empty_database_url, "REDIS_URL": redis_url}
    with started(home, "worker", "--queues", "chores", "--concurrency", "1", environ=environ) as (
        process,
        said,
    ):
        speaks(said, f"Waiting: the database has revision none, and this version wants {migrate.head()}")
        assert "-m cli.main" in " ".join(process.cmdline())
        migrate.upgrade(empty_database_url)
        speaks(said, "chores@web-1 ready.")
        assert "worker.run" in process.cmdline()
    assert "notify " not in said.read_text("utf-8")


def test_a_collector_needs_no_postgres_and_has_the_name_of_its_host(home: Path, redis_url: str) -> None:
    with started(home, "collector", environ={"REDIS_URL": redis_url}) as (_, said):
        speaks(said, "collector@web-1 ready.")


def test_a_collector_does_not_wait_for_a_postgres_that_is_away(home: Path, redis_url: str) -> None:
    environ = {"REDIS_URL": redis_url, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/away"}
    with started(home, "collector", environ=environ) as (_, said):
        speaks(said, "collector@web-1 ready.")


def test_flower_asks_for_a_password_and_says_where_it_lies(home: Path, redis_url: str) -> None:
    with started(home, "flower", environ={"REDIS_URL": redis_url}) as (process, said):
        speaks(said, f"log in as ops with the password in {home}/flower-password.")
        speaks(said, "Visit me at")
        password = (home / "flower-password").read_text("utf-8").strip()
        assert password not in " ".join(process.cmdline())
        assert process.environ()["FLOWER_BASIC_AUTH"] == f"ops:{password}"
