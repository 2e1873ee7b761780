"""The hosts that the simulator plays, and how it sums up what it saw."""

from collections import Counter

from redis import Redis

from benchmarks.player import BUSY, Player
from benchmarks.simulator import Percentiles
from domain.sample import ProcessSample, SystemSample
from tests.waiting import until
from worker import stream
from worker.resources import connect


def test_each_host_answers_each_tick_and_one_more_at_a_time_is_busy(
    redis_url: str, redis_client: Redis
) -> None:
    redis = connect(redis_url)
    player = Player(redis, 3)
    player.breaching = True
    player.start()
    until(lambda: redis_client.xlen(stream.STREAM) >= 3, within=15, what="a tick of all hosts")
    player.stop()
    samples = [entry.sample for entry in stream.newest(redis, 100)]
    system = [sample for sample in samples if isinstance(sample, SystemSample)]
    assert Counter(sample.host for sample in system[:3]) == {"sim-00000": 1, "sim-00001": 1, "sim-00002": 1}
    assert [one.host for one in system[:3] if (one.cpu_percent or 0) >= BUSY] == ["sim-00000"]
    assert all(len(one.processes) == 20 for one in samples if isinstance(one, ProcessSample))
    assert next(iter(player.breached)) == "sim-00000"


def test_percentiles_are_those_of_what_was_seen() -> None:
    assert Percentiles.of([float(n) for n in range(101)]) == Percentiles(50.0, 95.0, 99.0)
    assert Percentiles.of([0.5]) == Percentiles(0.5, 0.5, 0.5)
    assert str(Percentiles.of([])) == "- / - / -"
