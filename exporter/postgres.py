"""Reads what Postgres remembers: one read-only snapshot, with little patience."""

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, Engine, text
from sqlalchemy.engine import URL

from exporter.metric import Metric, Series
from exporter.postgres_metrics import COUNTERS, QUESTIONS
from models.session import Patience, make_engine

# Prometheus gives up after ten seconds, and a scrape must not stand in anybody's way.
SCRAPE = Patience(timedelta(seconds=2), timedelta(seconds=1), timedelta(seconds=5))

TOTALS = text("""
    SELECT name, labels, sum(value)
      FROM (SELECT name, labels, value FROM counters
             UNION ALL
            SELECT name, labels, value FROM counter_increments) AS both_parts
     GROUP BY name, labels
""")


def open_engine(url: str | URL) -> Engine:
    """The way to the database for scrapes, a standby included."""
    return make_engine(url, application_name="tocsin metrics", patience=SCRAPE, writes=False)


def read(engine: Engine) -> Iterator[tuple[Metric, Series]]:
    """Every metric of Postgres as of one moment; raises sqlalchemy.exc.SQLAlchemyError."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        connection.execute(text("SET TRANSACTION READ ONLY"))
        for metric, question in QUESTIONS.items():
            yield metric, _series(connection, question)
        yield from _totals(connection)


def _series(connection: Connection, question: str) -> Series:
    return {tuple(map(str, labels)): float(number) for *labels, number in connection.execute(text(question))}


def _totals(connection: Connection) -> Iterator[tuple[Metric, Series]]:
    kept: dict[str, dict[tuple[str, ...], float]] = {metric.name: {} for metric in COUNTERS}
    names = {metric.name: [label.name for label in metric.labels] for metric in COUNTERS}
    for name, labels, value in connection.execute(TOTALS):
        metric = f"{name}_total"
        if metric in kept:
            kept[metric][tuple(str(labels.get(one, "")) for one in names[metric])] = value
    for counted in COUNTERS:
        yield counted, kept[counted.name]
