"""What the programs of one host have loaded when they end: nearly all of the memory that they take."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cli.startup import programs
from settings import Settings, load
from tests.waiting import until

ROOT = Path(__file__).parents[1]

# Runs a program as `python -m` does, and has it say when it ends which modules it has.
ASKED = """
import atexit, json, runpy, sys

def say():
    print(json.dumps([name for name, module in sys.modules.items() if module]))

atexit.register(say)
runpy.run_module(sys.argv.pop(1), run_name="__main__", alter_sys=True)
"""

# Of the commands and of what is told or drawn now and then.
NOT_AT_REST = {
    "typer",
    "alembic",
    "flower",
    "tornado",
    "aiohttp",
    "aiosmtplib",
    "slack_sdk",
    "jinja2",
    "resvg_py",
}
TAKEN_WHERE_IT_IS_FOUND = {"rich", "yaml", "opentelemetry"}


@pytest.fixture
def configured(engine: Engine, redis_url: str, tmp_path: Path) -> Settings:
    url = engine.url.render_as_string(hide_password=False)
    given = {"DATABASE_URL": url, "REDIS_URL": redis_url, "HOST_NAME": "web-1", "TOCSIN_HOME": str(tmp_path)}
    return load(given)


def loaded(argv: tuple[str, ...], configured: Settings, engine: Engine, *, beats: str) -> set[str]:
    """Modules of a program that has run until `beats` had a row in heartbeats."""
    python, *options, _, program = argv[: argv.index("-m") + 2]
    asked = (python, *options, "-c", ASKED, program, *argv[argv.index("-m") + 2 :])
    base = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOST_NAME": "web-1"}
    env = programs.environment(base, configured)
    with subprocess.Popen(asked, cwd="/", env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            until(lambda: _is_there(engine, beats), within=30, what=f"a sign of life of {beats}")
            process.send_signal(signal.SIGTERM)
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
    return set(json.loads(said.splitlines()[-1]))


def test_a_worker_is_without_what_it_does_not_use(configured: Settings, engine: Engine) -> None:
    names = loaded(programs.together(configured), configured, engine, beats="task:notifications.deliver")
    assert {"worker.recording", "notifications.planning", "sqlalchemy.sql", "celery.worker"} <= names
    assert names & (NOT_AT_REST | TAKEN_WHERE_IT_IS_FOUND) == set()
    assert "sqlalchemy.orm" not in names


def test_a_watchdog_is_without_what_reads_settings_works_and_speaks(
    configured: Settings, engine: Engine
) -> None:
    names = loaded(programs.watchdog(), configured, engine, beats="watchdog")
    assert {"watchdog.watch", "psycopg", "structlog"} <= names
    assert names & (NOT_AT_REST | TAKEN_WHERE_IT_IS_FOUND) == set()
    heavy = {"pydantic", "settings", "policy", "sqlalchemy", "redis", "celery", "kombu", "http.client"}
    assert names & heavy == set()


def _is_there(engine: Engine, component: str) -> bool:
    with engine.connect() as connection:
        query = text("SELECT EXISTS (SELECT FROM heartbeats WHERE component = :component)")
        return bool(connection.execute(query, {"component": component}).scalar_one())
