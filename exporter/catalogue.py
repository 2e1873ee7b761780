"""Every metric that there is, in the order in which people read of them."""

from collections.abc import Iterator

from exporter import postgres_metrics, redis_metrics, sources


def rows() -> Iterator[tuple[str, str, tuple[str, ...], str]]:
    """Name, kind, names of the labels and meaning of each."""
    metrics = (
        *(sources.UP, sources.SCRAPE_SECONDS),
        *postgres_metrics.QUESTIONS,
        *postgres_metrics.COUNTERS,
        *redis_metrics.METRICS,
    )
    for metric in metrics:
        yield metric.full_name, metric.kind.value, tuple(one.name for one in metric.labels), metric.help
    yield sources.DURATIONS, "histogram", ("task",), sources.DURATIONS_HELP
