"""A collection is for every host, whoever asks for it: each collector runs it once."""

from collections import Counter
from collections.abc import Iterator

import pytest
from redis import Redis

from tests.waiting import until
from tests.worker.tasks.running import WITHIN, Stage, called, published, worker
from worker import stream

HOSTS = ("web-1", "web-2")

KINDS = {"collect.system": "system", "collect.processes": "processes"}

# As beat sends it, as a task is asked for in code, and by its name alone.
PUBLISHERS = {
    "beat": "from celery.beat import Scheduler; s = Scheduler(app=app); s.apply_async(s.schedule['{task}'])",
    "the task": "app.loader.import_default_modules(); app.tasks['{task}'].apply_async()",
    "its name": "app.send_task('{task}')",
}


@pytest.fixture(scope="module")
def redis(stage: Stage) -> Iterator[Redis]:
    with stream.connect(stage.environ["REDIS_URL"]) as client:
        client.flushall()
        yield client


@pytest.fixture(scope="module")
def collectors(stage: Stage, redis: Redis) -> Iterator[None]:
    """Two hosts that have Redis, and no database."""
    bare = {name: value for name, value in stage.environ.items() if name != "DATABASE_URL"}
    alone = Stage(stage.engine, bare, stage.home)
    with worker(alone, "collect", host=HOSTS[0]), worker(alone, "collect", host=HOSTS[1]):
        until(lambda: redis.pubsub_numpat() == len(HOSTS), within=WITHIN, what="both to listen")
        yield


def samples(redis: Redis) -> Counter[tuple[str, str]]:
    found = stream.newest(redis, 1_000)
    return Counter((entry.sample.host, stream.KIND_OF[type(entry.sample)]) for entry in found)


@pytest.mark.usefixtures("collectors")
@pytest.mark.parametrize("way", [*PUBLISHERS, "celery call"])
def test_each_host_answers_once(stage: Stage, redis: Redis, way: str) -> None:
    before = samples(redis)
    if way in PUBLISHERS:
        published(stage, *(PUBLISHERS[way].format(task=task) for task in KINDS))
    else:
        for task in KINDS:
            called(stage, task)
    once = {(host, kind): 1 for host in HOSTS for kind in KINDS.values()}
    until(lambda: (samples(redis) - before).total() >= len(once), within=WITHIN, what="both to answer")
    assert samples(redis) - before == once
