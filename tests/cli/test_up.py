"""`tocsin up`, end to end: from nothing to a row and a rung bell, and an end that leaves nothing behind."""

import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, select

from models import Host
from tests.cli.running_up import command, gone, rows, up
from tests.waiting import until
from worker.retention import bounded

IN_ORDER = ["watchdog", "flower", "worker", "redis", "postgres"]


def test_from_nothing_to_a_row_and_a_rung_bell_and_ctrl_c_leaves_nothing(home: Path) -> None:
    with up(home) as running:
        until(lambda: rows(home), within=15, what="the first row")
        running.wait_for("flower is running")
        drill = command(home, "drill")
        assert drill.returncode == 0, drill.stdout + drill.stderr
        assert "console: delivered after" in drill.stdout
        running.wait_for("console was told: DRILL CRITICAL web-1")
        family = running.family()
        assert len(family) >= len(IN_ORDER)
        assert running.stop(signal.SIGINT) == 0
    assert gone(family)
    stopped = [line.split()[1] for line in running.said.splitlines() if line.startswith("Stopping")]
    assert stopped == IN_ORDER
    assert running.said.endswith("Stopped.\n")
    assert "Traceback" not in running.said


def test_after_kill_9_everything_ends_and_a_second_start_goes_on(home: Path) -> None:
    with up(home) as running:
        running.wait_for("web-1: ")
        family = running.family()
        running.stop(signal.SIGKILL)
    until(lambda: gone(family), within=20, what="the programs to end with their supervisor")
    before = rows(home)
    assert before == 0
    began = datetime.now(UTC)
    with up(home, terminal=True) as again:
        until(lambda: rows(home, began.isoformat()), within=15, what="a row of the second start")
        again.wait_for("HOSTS")
        second = command(home, "up")
        assert second.returncode == 69
        assert "runs on" in second.stderr
        family = again.family()
        assert again.stop(signal.SIGTERM) == 0
    assert gone(family)
    assert "\x1b[?1049l" in again.said


def test_servers_that_are_named_are_used_and_none_is_started(
    home: Path, engine: Engine, redis_url: str, redis: Redis
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    with up(home, environ={"DATABASE_URL": url, "REDIS_URL": redis_url}) as running:
        running.wait_for("worker is running")
        until(lambda: redis.exists("samples"), within=15, what="the first sample")
        assert {
            key: bounded.pattern_of(key) for key in redis.scan_iter() if not _is_bounded(redis, key)
        } == {}
        assert running.stop() == 0
    with engine.connect() as connection:
        assert list(connection.execute(select(Host.name)).scalars()) == ["web-1"]
    assert not (home / "postgres").exists()
    assert not (home / "redis").exists()


def test_a_mistake_in_the_settings_starts_nothing(home: Path) -> None:
    with up(home, environ={"HEALTH_CPU_WARNING": "ninety"}) as running:
        assert running.process.wait(30) == 2
    assert running.said.startswith("tocsin: HEALTH_CPU_WARNING: ")
    assert not home.exists()


@pytest.mark.parametrize("setting", ["DATABASE_URL", "REDIS_URL"])
def test_a_server_that_is_named_and_away_ends_it_in_a_sentence(home: Path, setting: str) -> None:
    url = {
        "DATABASE_URL": "postgresql://u:s3cret@127.0.0.1:1/x",
        "REDIS_URL": "redis://:s3cret@127.0.0.1:1/0",
    }
    with up(home, environ={setting: url[setting]}) as running:
        assert running.process.wait(60) == 69
    assert "cannot be reached" in running.said
    assert "s3cret" not in running.said
    assert "Traceback" not in running.said


def _is_bounded(redis: Redis, key: str) -> bool:
    """Whether somebody thought of this key, and it goes by itself if that is what was thought."""
    pattern = bounded.pattern_of(key)
    return pattern is not None and (pattern not in bounded.EXPIRING or redis.ttl(key) > 0)
