"""What the tests of running tasks share: a stage for real processes."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from embedded import EmbeddedPostgres, EmbeddedRedis
from models.session import make_engine
from tests.conftest import a_database
from tests.waiting import until
from tests.worker.tasks.running import ROOT, WITHIN, Flower, Stage, flower, worker


@pytest.fixture(scope="module")
def stage(
    postgres_server: EmbeddedPostgres, administration: Engine, template: str, redis_server: EmbeddedRedis
) -> Iterator[Stage]:
    """A migrated database, an empty Redis, and an environment that names both."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-tasks-"))
    with a_database(postgres_server, administration, template) as url:
        engine = make_engine(url)
        yield Stage(engine, _environ(home, url, redis_server.url), home)
        engine.dispose()
    shutil.rmtree(home)


@pytest.fixture(scope="module")
def working(stage: Stage) -> Iterator[Stage]:
    """The stage with one worker for everything but collections."""
    with worker(stage, "health", "notify", "chores"):
        yield stage


@pytest.fixture(scope="module")
def there(working: Stage) -> Iterator[Flower]:
    """A Flower, with a worker behind it."""
    with flower(working) as it:
        # What it has not heard it never knows.
        until(it.hears_of_tasks, within=WITHIN, what="Flower to hear of tasks")
        yield it


def _environ(home: Path, database: str, redis: str) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "HOME": str(home),
        "TOCSIN_HOME": str(home),
        "HOST_NAME": "web-1",
        "DATABASE_URL": database,
        "REDIS_URL": redis,
        "LOG_LEVEL": "info",
    }
