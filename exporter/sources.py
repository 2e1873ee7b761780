"""Everything that one scrape answers with: what Postgres says, what Redis says, and which of them spoke."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from threading import Lock
from time import monotonic, perf_counter

import structlog
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.registry import Collector
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from exporter import postgres, redis_metrics
from exporter.metric import Kind, Label, Metric, Series, gauge
from worker import task_counts

log = structlog.get_logger()

# Several Prometheus, or a person with a browser, are no more work than one.
FRESH_S = 2.0

PART = Label("part", ("postgres", "redis"))
UP = gauge("up", "1 if the part answered this scrape, else 0.", PART)
SCRAPE_SECONDS = gauge("scrape_duration_seconds", "How long the part took to answer.", PART)
DURATIONS = "tocsin_task_duration_seconds"
DURATIONS_HELP = "How long runs of a task took."

Read = Callable[[], Iterable[tuple[Metric, Series]]]


@dataclass(eq=False)
class Sources(Collector):
    """The two servers, asked at most once in two seconds; what one of them cannot say is left out."""

    engine: Engine
    redis: Redis
    clock: Callable[[], float] = monotonic
    _lock: Lock = field(default_factory=Lock)
    _answer: Sequence[Family] = ()
    _asked_at: float = float("-inf")

    def collect(self) -> Iterable[Family]:
        with self._lock:
            if self.clock() - self._asked_at >= FRESH_S:
                self._answer = list(self._ask())
                self._asked_at = self.clock()
            return self._answer

    def close(self) -> None:
        """Let go of the connections; the next question opens new ones."""
        self.engine.dispose()
        self.redis.close()

    def _ask(self) -> Iterator[Family]:
        up: dict[tuple[str, ...], float] = {}
        seconds: dict[tuple[str, ...], float] = {}
        parts: dict[str, Read] = {
            "postgres": lambda: postgres.read(self.engine),
            "redis": lambda: redis_metrics.read(self.redis),
        }
        for part, read in parts.items():
            began = perf_counter()
            found = _answered(part, read)
            up[part,], seconds[part,] = float(bool(found)), perf_counter() - began
            yield from (_family(metric, series) for metric, series in found)
        if up["redis",]:
            yield from self._durations()
        yield _family(UP, up)
        yield _family(SCRAPE_SECONDS, seconds)

    def _durations(self) -> Iterator[Family]:
        try:
            counts = task_counts.read(self.redis)
        except RedisError:
            return
        family = HistogramMetricFamily(DURATIONS, DURATIONS_HELP, labels=["task"])
        bounds = [*map(str, task_counts.BUCKETS_S), "+Inf"]
        for task, one in sorted(counts.items()):
            buckets = list(zip(bounds, map(float, accumulate(one.buckets)), strict=True))
            family.add_metric([task], buckets, one.seconds)
        yield family


def exposition(sources: Sources) -> str:
    """What a scrape would get, as text."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(sources)
    return generate_latest(registry).decode()


def _answered(part: str, read: Read) -> list[tuple[Metric, Series]]:
    """All that a part says, or nothing: half an answer would look like a fall to zero."""
    try:
        return list(read())
    except (SQLAlchemyError, RedisError) as error:
        log.warning("metrics.part_away", part=part, reason=_first_line(error))
        return []


def _family(metric: Metric, series: Series) -> Family:
    kind = CounterMetricFamily if metric.kind is Kind.COUNTER else GaugeMetricFamily
    family = kind(metric.full_name, metric.help, labels=[label.name for label in metric.labels])
    for values, number in sorted(metric.bounded(series).items()):
        family.add_metric(list(values), number)
    return family


def _first_line(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0][:300]
