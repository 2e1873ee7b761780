"""What one tick asks of Redis, from beat to the row: counted by Redis itself."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, cast

from redis import Redis
from sqlalchemy import Engine, text

from cli.startup import programs
from settings import load
from tests.waiting import until

ROOT = Path(__file__).parents[2]
ROWS = text("SELECT count(*) FROM system_metrics_history")

# Several, so that what a worker does between them by itself is little beside it.
TICKS = 10

# Of the stream: a sample is added, taken and acknowledged, and what others took and left is looked for.
OF_THE_STREAM = {"xadd", "xautoclaim", "xreadgroup", "xack", "time"}

# A worker looks into its queues whether there are ticks or not; and a connection says hello.
WITHOUT_A_TICK = {"brpop", "info", "ping", "hello", "client|setinfo", "subscribe", "config|get", "exists"}

TICK = """
from worker.celery import app
from beat_schedule import SCHEDULE
entry = SCHEDULE["collect.system"]
with app.connection_for_write() as connection:
    send = lambda: app.send_task(entry["task"], connection=connection, **entry["options"])
    for count in (1, 10):
        input()
        for _ in range(count):
            send()
    input()
"""


def test_a_tick_takes_ten_commands_at_most_beside_those_of_the_stream(
    engine: Engine, redis_url: str, redis: Redis, tmp_path: Path
) -> None:
    url = engine.url.render_as_string(hide_password=False)
    given = {"DATABASE_URL": url, "REDIS_URL": redis_url, "HOST_NAME": "web-1", "TOCSIN_HOME": str(tmp_path)}
    base = {"PATH": os.defpath, "PYTHONPATH": str(ROOT), "HOST_NAME": "web-1"}
    env = programs.environment(base, load(given))
    with (
        subprocess.Popen(programs.collector(load(given)), cwd="/", env=env) as collector,
        subprocess.Popen([sys.executable, "-c", TICK], env=env, stdin=subprocess.PIPE, text=True) as beat,
    ):
        try:
            # To ticks, and to what people ask of a worker.
            until(lambda: redis.pubsub_numpat() == 2, within=40, what="the collector to listen")
            _tick(beat)
            until(lambda: _rows(engine), within=40, what="the first row")
            before = _commands(redis)
            _tick(beat)
            until(lambda: _since(before, redis)["xack"] >= TICKS, within=40, what="their ends")
            spent = _since(before, redis)
        finally:
            beat.kill()
            collector.kill()
    beside = {name: count for name, count in spent.items() if name not in OF_THE_STREAM | WITHOUT_A_TICK}
    assert beside["publish"] >= TICKS
    assert sum(beside.values()) / TICKS <= 10, sorted(beside.items())


def _tick(beat: "subprocess.Popen[str]") -> None:
    assert beat.stdin is not None
    beat.stdin.write("\n")
    beat.stdin.flush()


def _rows(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(ROWS).scalar_one())


def _since(before: Counter[str], redis: Redis) -> Counter[str]:
    return _commands(redis) - before


def _commands(redis: Redis) -> Counter[str]:
    stats = cast("dict[str, dict[str, Any]]", redis.info("commandstats"))
    return Counter({name.removeprefix("cmdstat_"): entry["calls"] for name, entry in stats.items()})
