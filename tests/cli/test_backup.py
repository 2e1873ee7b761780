"""A backup is whole or not there, proves itself, and comes back over nothing by accident."""

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from cli.archive import Programs, differences
from cli.archive import programs as at_hand
from models import clock, partitions
from tests import bell
from tests.cli.conftest import Run
from tests.worker.raw import DAY, add_hosts, add_many


@pytest.fixture
def filled(engine: Engine) -> Engine:
    """A database with a host, a day of its samples in part, another that is packed, and an alert."""
    with engine.begin() as connection:
        now = clock.now(connection)
        partitions.ensure(connection, now.date(), now.date())
        (host_id,) = add_hosts(connection, "web-1")
        add_many(connection, host_id, now, 100)
        partitions.ensure(connection, DAY.date(), DAY.date())
        add_many(connection, host_id, DAY, 50)
        connection.execute(
            text("INSERT INTO rollup_windows VALUES ('day', :day, now(), 1, true)"), {"day": DAY}
        )
        connection.execute(text("SELECT pack_day(:day)"), {"day": DAY.date()})
    bell.ring(engine)
    return engine


@pytest.fixture
def taken(tocsin: Run, filled: Engine, tmp_path: Path) -> Path:
    """A backup of it."""
    assert filled
    path = tmp_path / "tocsin.dump"
    done = tocsin("backup", str(path))
    assert (done.code, done.err) == (0, "")
    return path


def _manifest(path: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads(path.with_name(path.name + ".json").read_text())
    return found


def test_a_backup_is_proven_by_restoring_it(tocsin: Run, filled: Engine, tmp_path: Path) -> None:
    done = tocsin("backup", str(tmp_path / "tocsin.dump"), "--verify")
    assert done.out.splitlines()[-1] == "verified: restored, every table has its rows"
    with filled.connect() as connection:
        left = connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE 'tocsin_verify%'"))
        assert list(left) == []


def test_who_may_not_make_a_database_is_told_what_to_grant(
    tocsin: Run, filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filled.begin() as connection:
        connection.execute(
            text(
                "DO $$ BEGIN CREATE ROLE modest LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO modest;"
                "GRANT SELECT ON ALL SEQUENCES IN SCHEMA public TO modest"
            )
        )
    url = filled.url.set(username="modest").render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    done = tocsin("backup", str(tmp_path / "tocsin.dump"), "--verify")
    assert done.code == 77
    assert "this role may not create a database to restore into; grant it CREATEDB" in done.err


def test_a_table_with_other_rows_is_named() -> None:
    found = differences({"hosts": 2, "alert_events": 7}, {"hosts": 2, "alert_events": 6})
    assert found == ["alert_events: 6 rows instead of 7"]


def test_it_says_what_it_holds_and_nobody_else_may_read_it(taken: Path) -> None:
    manifest = _manifest(taken)
    rows = manifest["rows"]
    assert isinstance(rows, dict)
    assert (rows["system_metrics_history"], rows["system_metrics_packed"]) == (100, 1)
    assert rows["infrastructure_alerts"] == 1
    assert manifest["revision"] == "infra_metrics_001"
    assert {stat.S_IMODE(path.stat().st_mode) for path in taken.parent.iterdir()} == {0o600}
    assert {path.name for path in taken.parent.iterdir()} == {"tocsin.dump", "tocsin.dump.json"}


def test_it_never_writes_over_a_file(tocsin: Run, taken: Path) -> None:
    done = tocsin("backup", str(taken))
    assert done.code == 1
    assert "is there already; name a file that is not" in done.err


def test_a_file_without_a_name_is_called_by_the_time(
    tocsin: Run, filled: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert filled
    monkeypatch.chdir(tmp_path)
    answer = tocsin("backup", "--json").json
    assert answer["file"].startswith(f"tocsin-{datetime.now(UTC):%Y%m%dT%H}")
    assert (answer["verified"], answer["manifest"]["rows"]["hosts"]) == (False, 1)


def test_a_database_in_use_is_not_replaced_by_accident(tocsin: Run, taken: Path) -> None:
    done = tocsin("restore", str(taken))
    assert done.code == 1
    assert "is not empty, and what it holds would be lost; give --replace" in done.err
    asked = tocsin("restore", str(taken), "--replace")
    assert "give --yes if that is meant" in asked.err


def test_it_comes_back_into_an_empty_database(
    tocsin: Run, taken: Path, empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    done = tocsin("restore", str(taken))
    assert done.err == ""
    assert done.code == 0
    assert done.out.startswith("restored ")
    assert tocsin("db", "current").out.startswith("infra_metrics_001, which is what this version wants")
    assert tocsin("backup", str(taken.with_name("again")), "--json").json["manifest"]["rows"]["hosts"] == 1


def test_it_comes_back_on_a_new_machine_where_nothing_runs_yet(
    tocsin: Run, taken: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL")
    done = tocsin("restore", str(taken))
    assert (done.code, done.err) == (0, "")
    assert (home / "postgres").is_dir()
    assert tocsin("db", "current").code == 0


def test_what_is_there_is_replaced_when_told_and_other_tables_stay(
    tocsin: Run, taken: Path, filled: Engine
) -> None:
    with filled.begin() as connection:
        add_hosts(connection, "web-2")
        connection.execute(text("CREATE TABLE somebody_elses AS SELECT 1 AS one"))
    again = tocsin("restore", str(taken), "--replace", "--yes", "--json")
    assert again.err == ""
    done = again.json
    with filled.connect() as connection:
        assert list(connection.scalars(text("SELECT name FROM hosts"))) == ["web-1"]
        assert connection.execute(text("SELECT one FROM somebody_elses")).scalar_one() == 1
    assert (done["withdrawn"], list(done["ended"].values())) == (0, ["web-1 disk:/1"])


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-9]), "it is damaged or cut off"),
        (lambda path: path.with_name("tocsin.dump.json").unlink(), "tocsin.dump.json is not there"),
        (lambda path: path.with_name("tocsin.dump.json").write_text("{}"), "is no manifest of a backup"),
    ],
)
def test_what_is_no_whole_backup_is_refused(tocsin: Run, taken: Path, harm: object, said: str) -> None:
    harm(taken)  # type: ignore[operator]
    done = tocsin("restore", str(taken), "--replace", "--yes")
    assert done.code == 1
    assert said in done.err


def test_a_restore_that_fails_changes_nothing(tocsin: Run, taken: Path, filled: Engine) -> None:
    with filled.begin() as connection:
        # Something in the way that no restore of ours removes.
        connection.execute(text("DROP TABLE metrics CASCADE"))
        connection.execute(text("CREATE SEQUENCE metrics"))
        add_hosts(connection, "web-2")
    done = tocsin("restore", str(taken), "--replace", "--yes")
    assert done.code == 1
    assert "psql failed with 3; it said: " in done.err
    with filled.connect() as connection:
        assert set(connection.scalars(text("SELECT name FROM hosts"))) == {"web-1", "web-2"}


@pytest.mark.parametrize(
    ("major", "server", "fits"),
    [(18, 18, True), (18, 17, True), (16, 17, False), (18, 16, False), (16, 15, True)],
)
def test_programs_fit_a_server_that_they_understand_and_that_understands_them(
    major: int, server: int, *, fits: bool
) -> None:
    assert Programs(Path("/nowhere"), major).fits(server) is fits


def test_without_programs_for_the_server_it_says_which_to_install(
    monkeypatch: pytest.MonkeyPatch, tocsin: Run, filled: Engine, tmp_path: Path
) -> None:
    assert filled
    monkeypatch.setattr(at_hand, "at_hand", lambda: iter([Programs(Path("/nowhere"), 15)]))
    done = tocsin("backup", str(tmp_path / "x"))
    assert done.code == 69
    assert "the pg_dump at hand is of version 15; install the client programs of Postgres 18" in done.err
