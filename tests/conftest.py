"""The servers that tests run on: one Postgres and one Redis per test process, a fresh database per test."""

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from hypothesis import settings
from redis import Redis
from sqlalchemy import Engine, create_engine, make_url, text

from embedded import EmbeddedPostgres, EmbeddedRedis

THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would hold a template that is about to be cloned
    "max_wal_size": "256MB",
}
TEMPLATE = "migrated"
_numbers = itertools.count(1)

# A machine that does other things at the same time makes no example wrong.
settings.register_profile("tocsin", deadline=None)
settings.load_profile("tocsin")


@pytest.fixture(autouse=True)
def _logs_as_they_are_before_anybody_sets_them_up() -> Iterator[None]:
    """A command sets up the logs of its whole process, and the next test runs in the same one."""
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def server_home() -> Iterator[Path]:
    """A short-lived TOCSIN_HOME that an unprivileged server can reach when the tests run as root."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-tests-"))
    home.chmod(0o711)
    yield home
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server(server_home: Path) -> Iterator[EmbeddedPostgres]:
    server = EmbeddedPostgres(server_home, THROW_AWAY)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis_server(server_home: Path) -> Iterator[EmbeddedRedis]:
    server = EmbeddedRedis(server_home)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def administration(postgres_server: EmbeddedPostgres) -> Iterator[Engine]:
    """An engine that creates and drops databases, outside transactions."""
    engine = create_engine(_url(postgres_server, "postgres"), isolation_level="AUTOCOMMIT", pool_size=1)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def template(postgres_server: EmbeddedPostgres, administration: Engine) -> str:
    """The name of a database that has every migration and no rows beyond theirs."""
    from models.migrate import upgrade  # Alembic: tests without a database start without it

    _execute(administration, f"CREATE DATABASE {TEMPLATE}")
    upgrade(_url(postgres_server, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def empty_database_url(postgres_server: EmbeddedPostgres, administration: Engine) -> Iterator[str]:
    """A database without tables, for tests of the migrations themselves."""
    with a_database(postgres_server, administration, "template0") as url:
        yield url


@pytest.fixture
def database_url(postgres_server: EmbeddedPostgres, administration: Engine, template: str) -> Iterator[str]:
    """A migrated database of the test's own."""
    with a_database(postgres_server, administration, template) as url:
        yield url


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    from models.session import make_engine

    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def redis_url(redis_server: EmbeddedRedis) -> str:
    """An empty Redis, spelt for redis-py."""
    with Redis.from_url(redis_server.url) as client:
        client.flushall()
    return redis_server.url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client


@contextmanager
def a_redis() -> Iterator[EmbeddedRedis]:
    """A Redis of a test's own, which may be stopped and emptied."""
    home = Path(tempfile.mkdtemp(prefix="tocsin-redis-"))
    home.chmod(0o711)
    server = EmbeddedRedis(home)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(home)


@contextmanager
def a_database(server: EmbeddedPostgres, administration: Engine, template: str) -> Iterator[str]:
    """A database cloned from `template`, dropped at the end with whoever is still connected to it."""
    name = f"test_{next(_numbers)}"
    _execute(administration, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _url(server, name)
    _execute(administration, f"DROP DATABASE {name} WITH (FORCE)")


def _execute(engine: Engine, statement: str) -> None:
    with engine.connect() as connection:
        connection.execute(text(statement))


def _url(server: EmbeddedPostgres, database: str) -> str:
    return make_url(server.url).set(database=database).render_as_string(hide_password=False)
