"""`tocsin status`: one answer and one exit code."""

from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, text

import policy
import settings
from beat_schedule import ENTRIES
from domain.sample import DrillSample
from models import clock
from tests.cli.conftest import HOST, Run
from tests.watchdog.conftest import PARTS
from worker import heartbeats, stream
from worker.collection import collect_processes, collect_system
from worker.health_check import check
from worker.recording import record_waiting
from worker.resources import Resources
from worker.tasks.health import ours

POLICY = policy.load(None, settings.load({"HEALTH_CPU_WARNING": "98", "HEALTH_CPU_CRITICAL": "99"}))


@pytest.fixture
def well(engine: Engine, redis: Redis) -> None:
    """All is well: the host has spoken, every task has run."""
    collect_system(redis, HOST)
    collect_processes(redis, HOST)
    record_waiting(engine, redis, POLICY, consumer=HOST)
    check(engine, redis, POLICY)
    with engine.begin() as connection:
        for part in (*PARTS, "watchdog", *(f"task:{entry.task}" for entry in ENTRIES)):
            heartbeats.beat(connection, part, clock.now(connection), {})


@pytest.mark.usefixtures("well")
def test_all_is_well_is_0(tocsin: Run) -> None:
    done = tocsin("status")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("All is well: 1 host, no open alert.\n")
    assert "samples to store: 0" in done.out


@pytest.mark.usefixtures("well")
def test_a_warning_is_1_and_says_what(tocsin: Run, engine: Engine, redis: Redis) -> None:
    _ring(engine, redis, 80)
    done = tocsin("status")
    assert done.code == 1
    assert done.out.startswith(f"Warning: {HOST} drill:try: ")


@pytest.mark.usefixtures("well")
@pytest.mark.parametrize(("allow", "code"), [("1", 1), ("0", 0)])
def test_less_safety_than_usual_is_a_warning(
    tocsin: Run, engine: Engine, redis: Redis, allow: str, code: int
) -> None:
    lax = Resources(settings.load({"ALLOW_INSECURE": allow}))
    check(engine, redis, POLICY, further=ours(lax))
    done = tocsin("status")
    assert done.code == code
    assert done.out.startswith("Warning: tocsin ALLOW_INSECURE: it is set") is lax.settings.allow_insecure
    with engine.begin() as connection:
        status = text("SELECT status::text FROM infrastructure_health WHERE component = 'settings'")
        assert connection.execute(status).scalars().all() == ["degraded"] * code


@pytest.mark.usefixtures("well")
def test_what_is_critical_is_2_and_json_says_the_same(tocsin: Run, engine: Engine, redis: Redis) -> None:
    _ring(engine, redis, 99)
    done = tocsin("status", "--json")
    assert done.code == 2
    assert (done.json["ok"], done.json["worst"]) == (False, "critical")
    assert done.json["findings"][0]["severity"] == "critical"
    assert done.json["situation"]["readings"][0]["host"] == HOST


@pytest.mark.usefixtures("well")
def test_a_silent_host_is_2(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE hosts SET last_seen_at = last_seen_at - CAST(:ago AS interval)"),
            {"ago": timedelta(minutes=5)},
        )
    done = tocsin("status")
    assert done.code == 2
    assert f"{HOST} is unknown: it has been silent for 5 min" in done.out


@pytest.mark.usefixtures("well")
def test_a_part_of_tocsin_that_stopped_is_2_and_is_said_once(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        ago = {"ago": timedelta(minutes=5)}
        connection.execute(
            text(
                "UPDATE heartbeats SET since = since - :ago, at = at - CASE component WHEN 'watchdog'"
                " THEN interval '0' WHEN 'queue:notify' THEN :ago ELSE interval '0' END"
            ),
            ago,
        )
    done = tocsin("status", "--json")
    assert done.code == 2
    [found] = done.json["findings"]
    assert found["sentence"].startswith("nothing that is put into the queue notify has been done for 5 min")


@pytest.mark.usefixtures("well")
def test_without_a_watchdog_it_is_1(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM heartbeats WHERE component = 'watchdog'"))
    assert tocsin("status").code == 0, "in the first two minutes one may still be started"
    with engine.begin() as connection:
        connection.execute(text("UPDATE heartbeats SET since = since - interval '1 hour'"))
    done = tocsin("status")
    assert done.code == 1
    assert done.out.startswith("Warning: no watchdog is at work")


@pytest.mark.parametrize("away", ["DATABASE_URL", "REDIS_URL"])
def test_a_server_that_is_away_is_2(tocsin: Run, monkeypatch: pytest.MonkeyPatch, away: str) -> None:
    scheme = "postgresql" if away == "DATABASE_URL" else "redis"
    monkeypatch.setenv(away, f"{scheme}://nobody@127.0.0.1:1/0")
    done = tocsin("status")
    assert done.code == 2
    assert done.out.startswith("Critical: ")
    assert "cannot be reached" in done.out
    assert tocsin("status", "--json").json["worst"] == "critical"


def test_nobody_is_a_host_who_only_rang_the_bell(tocsin: Run, engine: Engine, redis: Redis) -> None:
    _ring(engine, redis, 0)
    assert tocsin("status", "--json").json["situation"]["readings"] == []


def test_an_empty_house_is_2(tocsin: Run) -> None:
    done = tocsin("status")
    assert done.code == 2
    assert "no host has sent a sample yet" in done.out


def test_where_nothing_runs_it_says_how_to_start(run: Run) -> None:
    done = run("status")
    assert done.code == 69
    assert done.err.endswith("start it with tocsin up\n")
    assert "DATABASE_URL is not set" in done.err


def test_a_database_that_was_never_migrated_says_what_to_run(
    run: Run, empty_database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    done = run("status")
    assert done.code == 69
    assert "tocsin db upgrade" in done.err


def _ring(engine: Engine, redis: Redis, value: float) -> None:
    with engine.connect() as connection:
        now = clock.now(connection)
    stream.publish(redis, DrillSample(HOST, now, "try", value))
    record_waiting(engine, redis, POLICY, consumer=HOST)
