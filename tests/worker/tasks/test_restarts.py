"""The ledger outlives Flower and Redis: what ran and what runs stands in Postgres, for whoever asks."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Engine, text

from embedded import EmbeddedRedis
from tests.conftest import a_redis
from tests.waiting import until
from tests.worker.tasks.contestants import wait_for_waiters
from tests.worker.tasks.running import WITHIN, Flower, Stage, flower, published, worker
from worker import task_counts
from worker.flower.gate import AWAY
from worker.resources import connect

WAITS = text("LOCK TABLE rollup_windows IN ACCESS EXCLUSIVE MODE")


@pytest.fixture(scope="module")
def redis_server() -> Iterator[EmbeddedRedis]:
    """A Redis of this file's own, which may be stopped and emptied."""
    with a_redis() as server:
        yield server


@pytest.fixture
def patient(stage: Stage) -> Stage:
    """A stage on which nobody gives up while the test holds them."""
    url = f"{stage.environ['DATABASE_URL']}&options={quote('-c lock_timeout=0 -c statement_timeout=0')}"
    return Stage(stage.engine, {**stage.environ, "DATABASE_URL": url}, stage.home)


def runs(stage: Stage) -> list[Any]:
    """What `tocsin runs list` says."""
    argv = [sys.executable, "-m", "cli.main", "runs", "list", "--json"]
    done = subprocess.run(argv, cwd="/", env=stage.environ, capture_output=True, check=True)
    found: list[Any] = json.loads(done.stdout)
    return found


def restarted_empty(redis: EmbeddedRedis) -> None:
    redis.stop()
    shutil.rmtree(redis.home / "redis")
    redis.start()


def test_what_ran_and_what_runs_is_known_after_flower_and_redis_began_anew(
    patient: Stage, redis_server: EmbeddedRedis
) -> None:
    with worker(patient, "chores"), patient.engine.connect() as holder:
        with flower(patient) as before:
            done = json.loads(before.post("/api/task/apply/aggregate.daily")[1])["task-id"]
            holder.execute(text("SET idle_in_transaction_session_timeout = 0"))
            holder.execute(WAITS)
            under_way = json.loads(before.post("/api/task/async-apply/aggregate.hourly")[1])["task-id"]
            wait_for_waiters(patient.engine, 1)
            known = runs(patient)
        restarted_empty(redis_server)
        assert [(one["task_id"], one["outcome"]) for one in known] == [
            (under_way, "running"),
            (done, "done"),
        ]
        assert runs(patient) == known
        with flower(patient) as after:
            ledger = after.get("/run/ledger")[1]
            assert all(f'<li id="{one}">' in ledger for one in (done, under_way))
            assert says(after, done) == "done"
            assert says(after, under_way).startswith("running")
            holder.rollback()
            until(lambda: says(after, under_way) == "done", within=WITHIN, what="the run to end")
            assert "took s" in after.get(f"/run/{under_way}")[1]
    assert [one["outcome"] for one in runs(patient)] == ["done", "done"]


def test_with_redis_away_flower_says_that_nothing_was_started(
    patient: Stage, redis_server: EmbeddedRedis
) -> None:
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    with flower(patient) as there:
        redis_server.stop()
        for way in ("async-apply", "apply"):
            assert there.post(f"/api/task/{way}/health.check") == (503, f"{AWAY}\n")
        status, page = there.post("/run", "task=health.check", **form)
        assert status == 503
        assert AWAY in page
        assert there.get("/run/ledger")[0] == 200
        redis_server.start()
        assert there.post("/api/task/async-apply/health.check")[0] == 200


def test_with_postgres_away_the_page_of_the_ledger_says_so(patient: Stage, administration: Engine) -> None:
    name = patient.engine.url.database
    with flower(patient) as there, administration.connect() as connection:
        assert "The newest" in there.get("/run/ledger")[1]
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"),
            {"name": name},
        )
        status, page = there.get("/run/ledger")
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
    assert status == 200
    assert "This Flower cannot reach Postgres" in page


def test_a_worker_that_is_stopped_has_counted_every_run(patient: Stage, redis_server: EmbeddedRedis) -> None:
    with connect(redis_server.url) as redis:
        redis.flushall()
        with worker(patient, "health") as it:
            published(patient, *(["app.send_task('health.check', headers={'origin': 'beat'})"] * 3))
            runs = "SELECT 1 FROM task_minutes WHERE task = 'health.check' HAVING sum(runs) >= 3"
            until(lambda: patient.rows(runs), within=WITHIN, what="three checks")
            it.terminate()
            it.wait(WITHIN)
        assert task_counts.read(redis)["health.check"].outcomes == {"done": 3}


def says(there: Flower, task_id: str) -> str:
    """How the page of a run says that it stands."""
    return there.get(f"/run/{task_id}")[1].partition('role="status">')[2].partition("<")[0]
