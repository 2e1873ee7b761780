"""Whether a Redis may carry messages, by what INFO says."""

from typing import Any

import pytest
from redis import Redis

from worker.redis_fitness import UNSEEN, examine, judge

GIGABYTE = 2**30
WELL = {"redis_version": "8.2.1", "maxmemory": GIGABYTE, "used_memory": 0, "maxmemory_policy": "noeviction"}


@pytest.mark.parametrize(
    ("different", "fatal", "word"),
    [
        ({"maxmemory_policy": "allkeys-lru"}, True, "vanish"),
        ({"maxmemory_policy": "volatile-ttl", "maxmemory": 0}, True, "vanish"),
        ({"redis_version": "6.2.14"}, True, "7.0 or newer"),
        ({"redis_version": "5"}, True, "7.0 or newer"),
        ({"used_memory": 0.85 * GIGABYTE}, False, "85% of its 1,024 MB"),
        ({"maxmemory_policy": None}, False, "does not say"),
    ],
)
def test_what_is_not_as_it_should_be_is_said_with_its_remedy(
    different: dict[str, Any],
    fatal: bool,  # noqa: FBT001 - a column of the table above
    word: str,
) -> None:
    [found] = judge(WELL | different)
    assert found.fatal is fatal
    assert word in found.fault
    assert found.remedy


@pytest.mark.parametrize(
    "different", [{}, {"redis_version": "7.0.0"}, {"maxmemory": 0, "used_memory": GIGABYTE}]
)
def test_nothing_is_said_of_what_is_well(different: dict[str, Any]) -> None:
    assert judge(WELL | different) == ()


def test_the_one_of_tocsin_up_is_fit(redis: Redis) -> None:
    assert examine(redis) == ()


def test_an_account_that_may_not_ask_is_told_what_it_lacks(redis_client: Redis, redis_url: str) -> None:
    redis_client.acl_setuser("blind", enabled=True, nopass=True, commands=["+@all", "-info"], keys=["*"])
    try:
        with Redis.from_url(redis_url, username="blind", password="none", decode_responses=True) as blind:
            assert examine(blind) == (UNSEEN,)
    finally:
        redis_client.acl_deluser("blind")


def test_a_key_of_another_type_is_named_with_what_to_do(redis: Redis) -> None:
    redis.rpush("health", "a message")
    assert examine(redis) == ()
    redis.set("chores", "x")
    [found] = examine(redis)
    assert found.fatal
    assert found.fault == "the key chores in Redis is a string, and Tocsin keeps a list there"
    assert "redis-cli DEL chores" in found.remedy
