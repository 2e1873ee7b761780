"""`tocsin db`: up, down, and into the database."""

from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from models import migrate
from tests.cli.conftest import Run
from tests.cli.running_up import command, environment, gone_from


@pytest.fixture
def empty(run: Run, empty_database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command line in an environment that names a database without tables."""
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    return run


def test_upgrade_brings_an_empty_database_up_and_says_from_where_to_where(
    empty: Run, empty_database_url: str
) -> None:
    done = empty("db", "upgrade")
    assert done.code == 0
    assert done.out.splitlines() == [
        f"Migrating the database from nothing to {migrate.head()} …",
        f"The database is at {migrate.head()}.",
    ]
    assert migrate.current(empty_database_url) == migrate.head()
    assert empty("db", "upgrade").out == f"The database is at {migrate.head()}.\n"


def test_current_says_what_is_there_and_what_is_wanted(empty: Run) -> None:
    behind = empty("db", "current")
    assert behind.code == 1
    assert behind.out == (
        f"the database has revision none, and this version wants {migrate.head()}; run tocsin db upgrade\n"
    )
    empty("db", "upgrade")
    done = empty("db", "current", "--json")
    assert done.code == 0
    assert done.json == {
        "current": migrate.head(),
        "wanted": migrate.head(),
        "fits": True,
        "ahead": False,
    }


def test_a_database_of_a_newer_version_is_left_alone(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = 'infra_metrics_999'"))
    for arguments in (("upgrade",), ("downgrade", "base", "--yes")):
        done = tocsin("db", *arguments)
        assert done.code == 3
        assert "infra_metrics_999" in done.err
        assert migrate.head() in done.err
        assert "install the version that migrated it" in done.err
    assert tocsin("db", "current", "--json").json["ahead"] is True
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM hosts")).scalar_one() == 0


def test_downgrade_deletes_nothing_unless_it_is_meant(tocsin: Run, engine: Engine) -> None:
    done = tocsin("db", "downgrade", "base")
    assert done.code == 2
    assert "give --yes if that is meant" in done.err
    assert migrate.current(engine) == migrate.head()
    done = tocsin("db", "downgrade", "base", "--yes")
    assert (done.code, done.out) == (0, "The database is at no revision: it is empty.\n")
    assert migrate.current(engine) is None


def test_an_unknown_revision_is_a_sentence(tocsin: Run) -> None:
    done = tocsin("db", "downgrade", "nonsense", "--yes")
    assert done.code == 3
    assert "nonsense" in done.err
    assert "Traceback" not in done.err


def test_the_address_hides_its_password_unless_it_is_asked_for(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:p%40ss@db.example:5433/x?sslmode=require")
    assert run("db", "url").out == "postgresql://u:****@db.example:5433/x?sslmode=require\n"
    shown = run("db", "url", "--show-password").out
    assert shown == "postgresql://u:p%40ss@db.example:5433/x?sslmode=require\n"


def test_the_address_of_our_own_needs_no_server_that_runs(run: Run, home: Path) -> None:
    done = run("db", "url")
    assert (done.code, done.err) == (0, "")
    assert done.out == f"postgresql://postgres@/tocsin?host={home}/postgres/socket\n"
    assert not home.exists()


def test_our_own_is_started_for_as_long_as_it_takes(home: Path) -> None:
    assert command(home, "db", "upgrade").returncode == 0
    done = command(home, "db", "shell", "--", "-Atc", "SELECT count(*) FROM metrics")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 10
    assert command(home, "db", "shell", "--", "-c", "nonsense").returncode == 1
    assert gone_from(home)


def test_the_shell_is_psql_with_the_password_in_no_command_line(
    home: Path, engine: Engine, tmp_path: Path
) -> None:
    fake = tmp_path / "psql"
    fake.write_text('#!/bin/sh\necho "$PGPASSWORD $@"\n', "utf-8")
    fake.chmod(0o755)
    url = engine.url.set(password="s3cret").render_as_string(hide_password=False)
    environ = environment(home) | {"DATABASE_URL": url, "PATH": f"{tmp_path}:/usr/bin:/bin"}
    done = command(home, "db", "shell", "--", "-c", "SELECT 1", environ=environ)
    password, address, *rest = done.stdout.split()
    assert password == "s3cret"
    assert "s3cret" not in address
    assert create_engine(address.replace("postgresql:", "postgresql+psycopg:")).url.database
    assert rest == ["-c", "SELECT", "1"]
