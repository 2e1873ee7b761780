"""What a scrape says of a system in which something happens."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from sqlalchemy import Engine, text

from exporter import Sources, exposition
from models import clock, partitions
from models.session import make_engine
from tests import samples as machines
from tests.exporter.conftest import Scrape, samples
from tests.scenarios.stage import Stage
from tests.standins.behaviour import answer
from worker import heartbeats, stream
from worker.rollups import Period, aggregate
from worker.task_counts import TaskCounter

Ask = Callable[[], Scrape]


def test_it_tells_of_samples_alerts_and_messages(stage: Stage, scrape: Ask) -> None:
    stage.disk(97)
    stage.acknowledge()
    found = scrape()
    assert found["tocsin_up", "postgres"] == found["tocsin_up", "redis"] == 1
    assert found["tocsin_hosts", "reporting"] == 1
    assert found["tocsin_samples_recorded_total", "system"] == 1
    assert found["tocsin_evaluations_total", "disk-full"] == 1
    assert found["tocsin_alerts", "critical", "acknowledged"] == 1
    assert found["tocsin_alerts", "critical", "firing"] == 0
    assert found["tocsin_alert_events_total", "opened"] == 1
    assert found["tocsin_deliveries_total", "slack", "delivered"] == 1
    assert found["tocsin_delivery_attempts_total", "slack", "delivered"] == 1
    assert found["tocsin_delivery_attempt_seconds_total", "slack"] > 0
    assert found["tocsin_unplanned_events",] == 0


def test_it_counts_what_the_cooldown_held_back(stage: Stage, scrape: Ask) -> None:
    stage.disk(97)
    stage.disk(10)
    stage.forward(seconds=30)
    stage.disk(10)
    stage.disk(85)
    assert scrape()["tocsin_notification_decisions_total", "cooldown", "hold"] == 1


def test_what_waits_in_the_outbox_is_as_old_as_its_first_try(stage: Stage, scrape: Ask) -> None:
    stage.slack.script.append(answer(503))
    stage.disk(97)
    with stage.engine.begin() as connection:
        connection.execute(
            text("UPDATE notification_attempts SET started_at = now() - interval '10 minutes'")
        )
    found = scrape()
    assert found["tocsin_outbox_deliveries", "slack", "pending"] == 1
    assert 600 <= found["tocsin_outbox_oldest_age_seconds",] < 700
    assert found["tocsin_delivery_attempts_total", "slack", "retry"] == 1


def test_it_tells_how_old_signs_of_life_roll_ups_and_chores_are(engine: Engine, scrape: Ask) -> None:
    with engine.begin() as connection:
        now = clock.now(connection)
        partitions.ensure(connection, now.date(), now.date() + timedelta(days=3))
        connection.execute(text("SELECT make_partition('system_metrics_packed', '2026-11-01')"))
        heartbeats.beat(connection, "beat", now - timedelta(minutes=2), {}, instance="a")
        heartbeats.beat(connection, "beat", now - timedelta(minutes=9), {}, instance="b")
        connection.execute(
            text(
                "INSERT INTO task_runs (task, started_at, finished_at, origin, outcome, arguments)"
                " VALUES ('cleanup.retention', now(), now() - interval '1 hour', 'beat', 'done', '{}')"
            )
        )
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    aggregate(engine, Period.HOUR, hour - timedelta(hours=3), hour - timedelta(hours=2))
    found = scrape()
    assert 120 <= found["tocsin_heartbeat_age_seconds", "beat"] < 180
    assert 3600 <= found["tocsin_chore_last_success_age_seconds", "cleanup.retention"] < 3700
    assert 7200 <= found["tocsin_rollup_lag_seconds", "hour"] <= 2 * 7200
    assert found["tocsin_partition_days_ahead", "system_metrics_history"] == 3
    assert ("tocsin_partition_days_ahead", "system_metrics_packed") not in found
    assert found["tocsin_database_size_bytes",] > 1_000_000


def test_it_tells_what_waits_in_redis_and_how_tasks_fared(redis: Redis, scrape: Ask) -> None:
    stream.publish(redis, machines.system())
    redis.lpush("notify", "a", "b")
    counter = TaskCounter(redis)
    counter.count("health.check", "done", 0.07)
    counter.count("health.check", "failed", 400)
    found = scrape()
    assert found["tocsin_stream_entries",] == found["tocsin_stream_waiting_entries",] == 1
    assert found["tocsin_queue_messages", "notify"] == 2
    assert found["tocsin_queue_messages", "health"] == 0
    assert found["tocsin_task_runs_total", "done", "health.check"] == 1
    assert found["tocsin_task_duration_seconds_bucket", "0.05", "health.check"] == 0
    assert found["tocsin_task_duration_seconds_bucket", "0.1", "health.check"] == 1
    assert found["tocsin_task_duration_seconds_bucket", "300.0", "health.check"] == 1
    assert found["tocsin_task_duration_seconds_bucket", "+Inf", "health.check"] == 2
    assert found["tocsin_task_duration_seconds_sum", "health.check"] == 400.07


def test_without_postgres_it_says_so_and_tells_the_rest(redis: Redis) -> None:
    nowhere = make_engine("postgresql+psycopg://nobody@127.0.0.1:1/none")
    found = samples(exposition(Sources(nowhere, redis)))
    assert found["tocsin_up", "postgres"] == 0
    assert found["tocsin_up", "redis"] == 1
    assert ("tocsin_stream_entries",) in found
    assert not any(name[0] == "tocsin_alerts" for name in found)


def test_without_redis_it_says_so_and_tells_the_rest(engine: Engine) -> None:
    found = samples(exposition(Sources(engine, Redis(port=1, socket_connect_timeout=1))))
    assert found["tocsin_up", "redis"] == 0
    assert found["tocsin_up", "postgres"] == 1
    assert found["tocsin_alerts", "critical", "firing"] == 0


def test_a_database_without_tables_is_not_up(empty_database_url: str, redis: Redis) -> None:
    engine = make_engine(empty_database_url)
    assert samples(exposition(Sources(engine, redis)))["tocsin_up", "postgres"] == 0
    engine.dispose()


def test_two_scrapes_in_a_moment_are_one_look(engine: Engine, redis: Redis) -> None:
    time = [100.0]
    sources = Sources(engine, redis, clock=lambda: time[0])
    first = exposition(sources)
    redis.lpush("notify", "a")
    assert exposition(sources) == first
    time[0] += 2
    assert samples(exposition(sources))["tocsin_queue_messages", "notify"] == 1


def test_every_name_follows_the_conventions(stage: Stage) -> None:
    stage.disk(97)
    TaskCounter(stage.redis).count("health.check", "done", 0.07)
    families = list(text_string_to_metric_families(exposition(Sources(stage.engine, stage.redis))))
    for family in families:
        assert family.name.startswith("tocsin_")
        assert family.documentation.endswith(".")
        assert not family.name.endswith(("_ms", "_minutes", "_mb", "_percent"))
    counters = {one.name for f in families if f.type == "counter" for one in f.samples}
    assert {name for name in counters if not name.endswith("_total")} == set()
    gauges = {one.name for f in families if f.type == "gauge" for one in f.samples}
    assert {name for name in gauges if name.endswith("_total")} == set()
