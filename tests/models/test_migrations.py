"""The migrations lead to what the models say, and back to nothing."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.util import CommandError
from sqlalchemy import Engine, create_engine, make_url, select, text

from models import Base, Metric, migrate, partitions
from models.catalogue import METRICS
from models.migrate import current, downgrade, head, upgrade
from models.migrations.scope import is_ours
from tests.models.schema import described, everything, uncommented
from tests.waiting import until

ROOT = Path(__file__).parents[2]
TODAY = date(2026, 11, 21)
MIGRATE = "import sys; from models.migrate import upgrade; upgrade(sys.argv[1])"


def _migrate_apart(url: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", MIGRATE, url], cwd=ROOT)


def _engine(url: str) -> Engine:
    return create_engine(url, pool_size=1)


def test_it_starts_with_the_revision_that_the_client_named(empty_database_url: str) -> None:
    upgrade(empty_database_url, "infra_metrics_001")
    assert current(empty_database_url) == "infra_metrics_001"


def test_it_finds_nothing_to_do_between_models_and_migrations(engine: Engine) -> None:
    with engine.begin() as connection:
        partitions.ensure(connection, TODAY, TODAY)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"include_object": is_ours, "compare_server_default": True}
        )
        assert compare_metadata(context, Base.metadata) == []


def test_models_and_migrations_agree_in_every_word(engine: Engine, empty_database_url: str) -> None:
    of_models = _engine(empty_database_url)
    with of_models.begin() as connection:
        Base.metadata.create_all(connection)
        wanted = described(connection)
    of_models.dispose()
    with engine.connect() as connection:
        assert described(connection) ^ wanted == set()


def test_it_notices_a_model_that_went_ahead(engine: Engine) -> None:
    with engine.begin() as connection:
        before = described(connection)
        connection.execute(text("DROP INDEX idx_system_cpu"))
        connection.execute(
            text("CREATE INDEX idx_system_cpu ON system_metrics_history USING brin (cpu_percent)")
        )
        connection.execute(text("COMMENT ON COLUMN hosts.name IS 'something else'"))
        assert len(described(connection) ^ before) == 4


def test_it_goes_down_to_nothing_and_up_again(empty_database_url: str) -> None:
    engine = _engine(empty_database_url)
    with engine.connect() as connection:
        untouched = everything(connection)
    upgrade(empty_database_url)
    with engine.begin() as connection:
        first = described(connection)
        partitions.ensure(connection, TODAY, TODAY)
        connection.execute(
            text("ALTER TABLE infrastructure_health DETACH PARTITION infrastructure_health_20261121")
        )
    downgrade(empty_database_url, "base")
    with engine.connect() as connection:
        assert everything(connection) == untouched
    upgrade(empty_database_url)
    with engine.connect() as connection:
        assert described(connection) == first
    engine.dispose()


def test_it_knows_where_a_database_stands(empty_database_url: str) -> None:
    assert current(empty_database_url) is None
    upgrade(empty_database_url)
    assert current(empty_database_url) == head()
    upgrade(empty_database_url)
    assert current(empty_database_url) == head()


def test_it_does_not_guess_at_a_revision_that_it_does_not_know(database_url: str) -> None:
    engine = _engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'from_the_future'"))
    engine.dispose()
    with pytest.raises(CommandError, match="from_the_future"):
        upgrade(database_url)


def test_it_takes_a_password_with_a_percent_sign(empty_database_url: str) -> None:
    url = make_url(empty_database_url).set(password="50%_of(it)s")
    upgrade(url.render_as_string(hide_password=False))
    assert current(url) == head()


def test_two_at_once_wait_for_each_other(empty_database_url: str) -> None:
    both = [_migrate_apart(empty_database_url) for _ in range(2)]
    assert [migration.wait(timeout=60) for migration in both] == [0, 0]
    assert current(empty_database_url) == head()


def test_a_migration_that_is_killed_leaves_the_old_schema(empty_database_url: str) -> None:
    engine = _engine(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE task_runs ()"))  # in its way, near the end
        with _migrate_apart(empty_database_url) as blocked:
            until(
                lambda: _waiting(engine), within=30, what="the migration to meet the table of the same name"
            )
            blocked.kill()
        connection.rollback()
    assert current(empty_database_url) is None
    upgrade(empty_database_url)
    assert current(empty_database_url) == head()
    engine.dispose()


def test_a_new_revision_gives_up_on_locks_and_warns_of_them(database_url: str, tmp_path: Path) -> None:
    config = migrate.config(database_url)
    config.set_main_option(
        "version_locations", os.pathsep.join([str(migrate.MIGRATIONS / "versions"), str(tmp_path)])
    )
    command.revision(
        config, "Nothing yet", rev_id="nothing_002", version_path=str(tmp_path), autogenerate=True
    )
    (written,) = tmp_path.glob("nothing_002*.py")
    assert "must not wait for seconds" in written.read_text()
    assert written.read_text().count("SET LOCAL lock_timeout") == 2
    command.upgrade(config, "head")
    assert current(database_url) == "nothing_002"
    command.downgrade(config, "infra_metrics_001")


def test_it_offers_the_metrics_of_the_catalogue(engine: Engine) -> None:
    with engine.connect() as connection:
        rows = connection.execute(
            select(Metric.id, Metric.name, Metric.type, Metric.unit, Metric.description).order_by(Metric.id)
        )
        assert [tuple(row) for row in rows] == [
            (metric.id, metric.name, metric.type, metric.unit, metric.description) for metric in METRICS
        ]


def test_it_explains_every_table_view_and_column(engine: Engine) -> None:
    with engine.begin() as connection:
        partitions.ensure(connection, TODAY, TODAY)
        assert uncommented(connection) == set()


def test_a_missing_comment_would_be_found(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("COMMENT ON COLUMN hosts.name IS NULL"))
        connection.execute(text("CREATE VIEW nameless AS SELECT 1 AS one"))
        assert uncommented(connection) == {"hosts.name", "nameless", "nameless.one"}


@pytest.mark.parametrize(
    ("pattern", "indexes"),
    [
        ("idx_system_%", {"idx_system_cpu", "idx_system_disk_ts", "idx_system_memory", "idx_system_ts"}),
        ("idx_process_%", {"idx_process_cpu", "idx_process_memory", "idx_process_ts"}),
        (
            "idx_infra_%",
            {"idx_infra_aggregations_bucket", "idx_infra_checked_at", "idx_infra_score", "idx_infra_status"},
        ),
    ],
)
def test_it_lists_the_indexes_by_the_clients_names(engine: Engine, pattern: str, indexes: set[str]) -> None:
    with engine.connect() as connection:
        named = text("SELECT relname FROM pg_class WHERE relkind IN ('i', 'I') AND relname LIKE :pattern")
        assert set(connection.scalars(named, {"pattern": pattern})) == indexes


def _waiting(engine: Engine) -> int:
    with create_engine(engine.url, pool_size=1).connect() as connection:
        count: int = connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one()
        connection.invalidate()
        return count
