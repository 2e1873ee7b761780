"""`tocsin collect`: one look by hand, and where it goes."""

from dataclasses import fields

import pytest
from redis import Redis
from sqlalchemy import Engine, select

from cli.sample_pages import FIGURES
from domain.sample import SystemSample
from models import ProcessMetrics, SystemMetrics
from tests.cli.conftest import HOST, Run
from worker import stream

NO_FIGURES = {"host", "collected_at", "platform", "disks", "missing"}


def test_every_figure_of_a_sample_has_a_name_for_people() -> None:
    assert set(FIGURES) == {field.name for field in fields(SystemSample)} - NO_FIGURES


def test_it_shows_publishes_and_stores(tocsin: Run, redis: Redis, engine: Engine) -> None:
    done = tocsin("collect")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"{HOST} at 2")
    assert "CPU over 15 minutes  not known: there are no 15 minutes of readings yet" in _squeezed(done.out)
    assert done.out.endswith("published to Redis and stored in Postgres\n")
    assert redis.xlen(stream.STREAM) == 1
    with engine.connect() as connection:
        assert len(connection.execute(select(SystemMetrics.ts)).all()) == 1


def test_processes_are_stored_too_and_ours_are_marked(tocsin: Run, engine: Engine) -> None:
    done = tocsin("collect", "--processes")
    assert done.code == 0
    assert "Tocsin's own marked with *" in done.out
    with engine.connect() as connection:
        assert connection.execute(select(ProcessMetrics.pid)).all()


def test_json_is_the_sample(tocsin: Run) -> None:
    sample = tocsin("collect", "--json").json
    assert sample["host"] == HOST
    assert sample["missing"]["cpu_percent"] == "the first reading has nothing to compare with"
    assert sample["platform"]["cpu_count"] > 0


def test_what_is_logged_on_the_way_does_not_spoil_the_json(tocsin: Run, redis: Redis) -> None:
    redis.xadd(stream.STREAM, {"kind": "system", "body": "{"})
    done = tocsin("collect", "--json")
    assert done.json["host"] == HOST
    assert "sample.rejected" in done.err


@pytest.mark.parametrize("what", [(), ("--processes",)])
def test_a_dry_run_leaves_nothing_anywhere(tocsin: Run, redis: Redis, what: tuple[str, ...]) -> None:
    done = tocsin("collect", "--dry-run", "--json", *what)
    assert (done.code, done.err) == (0, "")
    assert done.json["window_s"] >= 1
    assert redis.keys() == []


def test_without_redis_it_still_shows_what_it_sees_and_says_why_that_is_all(run: Run) -> None:
    done = run("collect")
    assert done.code == 0
    assert "nothing was published: REDIS_URL is not set and none runs under" in done.out
    done = run("collect", "--json")
    assert done.json["cpu_percent"] is not None
    assert done.err.startswith("warning: nothing was published: ")


def test_without_postgres_it_publishes(
    run: Run, redis: Redis, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    assert run("collect").out.endswith("whoever can reach Postgres will store it\n")
    assert redis.xlen(stream.STREAM) == 1


def test_a_host_may_not_have_our_name(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST_NAME", "tocsin")
    done = run("collect")
    assert done.code == 2
    assert done.err.startswith("tocsin: HOST_NAME: ")


def _squeezed(text: str) -> str:
    """Columns are as wide as their widest cell; for the test two spaces are between them."""
    return "\n".join("  ".join(part for part in line.split("  ") if part) for line in text.splitlines())
