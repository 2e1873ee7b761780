"""`tocsin top`: the hosts as they speak, Postgres or not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis

from cli.top import newest, page
from tests.cli.conftest import Run
from tests.cli.running_up import on_a_terminal
from tests.cli.situations import NOW, reading
from worker import stream
from worker.collection import collect_processes, collect_system


@pytest.fixture
def without_postgres(run: Run, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/away")
    return run


def test_each_host_has_its_newest_figures(without_postgres: Run, redis: Redis) -> None:
    for host in ("web-2", "web-1", "web-2"):
        collect_system(redis, host)
        collect_processes(redis, host)
    done = without_postgres("top", "--json")
    assert (done.code, done.err) == (0, "")
    hosts = done.json["hosts"]
    assert [one["host"] for one in hosts] == ["web-1", "web-2"]
    assert all(0 <= one["age"] < 30 for one in hosts)
    assert hosts[0]["memory_percent"] > 0


def test_without_a_terminal_it_prints_once(without_postgres: Run, redis: Redis) -> None:
    collect_system(redis, "web-1")
    done = without_postgres("top")
    assert done.code == 0
    assert [line.split()[0] for line in done.out.splitlines() if line.strip()] == ["Tocsin", "HOST", "web-1"]


def test_before_the_first_sample_it_says_that_one_will_come(without_postgres: Run) -> None:
    assert "no sample yet" in without_postgres("top").out


def test_an_entry_that_is_no_sample_hides_no_other(redis: Redis) -> None:
    collect_system(redis, "web-1")
    redis.xadd(stream.STREAM, {"kind": "system", "body": "{"})
    redis.xadd(stream.STREAM, {"kind": "nonsense", "body": "{}"})
    redis.xadd(stream.STREAM, {"none": "of it"})
    assert [one.host for one in newest(redis)] == ["web-1"]


def test_it_shows_how_long_a_host_is_up_where_health_is_not_known() -> None:
    shown = page([reading()], NOW, width=80).plain.split("\n")
    assert shown[0].endswith("2026-11-21 09:30:00 UTC")
    assert shown[2].split()[-1] == "UP"
    assert shown[3].endswith("2 h")


@pytest.mark.parametrize("width", [10, 40, 80, 200])
def test_no_screen_is_too_small_for_it(width: int) -> None:
    hosts = [reading(f"a-long-name-of-a-host-{n}") for n in range(60)]
    shown = page(hosts, datetime.now(UTC), width=width, height=10).split("\n")
    assert len(shown) <= 10
    assert all(line.cell_len <= width for line in shown)


def test_on_a_terminal_it_goes_on_until_ctrl_c(home: Path, redis: Redis, redis_url: str) -> None:
    collect_system(redis, "web-1")
    code, shown = on_a_terminal(home, "top", until="web-1", environ={"REDIS_URL": redis_url})
    assert code == 130
    assert "\x1b[?1049l" in shown
    assert "Traceback" not in shown
