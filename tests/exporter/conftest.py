"""A stage on which alerts fire and people are told, and the metrics of it."""

from collections.abc import Callable

import pytest
from prometheus_client.parser import text_string_to_metric_families
from redis import Redis
from sqlalchemy import Engine

from exporter import Sources, exposition
from tests.scenarios.conftest import redis, slack, slack_server, stage

__all__ = ["redis", "slack", "slack_server", "stage"]

# Every sample of a scrape by its name and the values of its labels, in the order of the labels' names.
Scrape = dict[tuple[str, ...], float]


def samples(text: str) -> Scrape:
    return {
        (one.name, *(value for _, value in sorted(one.labels.items()))): one.value
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


@pytest.fixture
def scrape(engine: Engine, redis: Redis) -> Callable[[], Scrape]:
    """Ask for the metrics as they are now."""
    return lambda: samples(exposition(Sources(engine, redis)))
