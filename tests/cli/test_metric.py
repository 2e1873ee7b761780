"""`tocsin metric`: writing one, seeing which there are, and what is refused."""

import pytest
from redis import Redis
from sqlalchemy import Engine

import policy
import settings
from tests.cli.conftest import HOST, Run
from worker.recording import record_waiting


def test_a_metric_is_written_and_listed(tocsin: Run, engine: Engine, redis: Redis) -> None:
    assert tocsin("metric", "list").out == "nobody has written a metric yet\n"
    done = tocsin("metric", "write", "queue_length", "12.5", "--label", "queue=mail", "--label", "zone=eu")
    assert done.out == f"queue_length{{queue=mail,zone=eu}} = 12.5 of {HOST}, handed to Redis\n"
    record_waiting(engine, redis, policy.load(None, settings.load({})), consumer="test")
    (row,) = tocsin("metric", "list", "--json").json
    assert (row["metric"], row["labels"], row["value"]) == ("queue_length", "queue=mail,zone=eu", 12.5)
    assert f"queue_length{{queue=mail,zone=eu}} = 12.5 of {HOST}, " in tocsin("metric", "list").out
    shown = tocsin("history", "queue_length", "--host", HOST, "--json").json
    assert (shown["subject"], [point["avg"] for point in shown["points"]]) == ("queue=mail,zone=eu", [12.5])
    assert (shown["source"], shown["reason"]) == ("raw", "nothing is rolled up yet")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("Queue", "1"), "'Queue' is no name for a metric: write it as queue_length"),
        (("queue", "nan"), "nan is no value between -1e30 and 1e30"),
        (("queue", "1", "--label", "mail"), "--label: 'mail' is no label; write it as --label queue=mail"),
        (("queue", "1", "--label", "a=b=c"), "without , and ="),
    ],
)
def test_what_is_no_metric_is_refused(
    tocsin: Run, redis: Redis, words: tuple[str, ...], sentence: str
) -> None:
    done = tocsin("metric", "write", *words)
    assert done.code == 2
    assert sentence in done.err
    assert redis.exists("samples") == 0
