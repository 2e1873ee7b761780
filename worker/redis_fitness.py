"""Whether a Redis may carry our messages: none of them may vanish without a word."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from redis import Redis
from redis.exceptions import NoPermissionError

# How much of a stream waits for a consumer group (XINFO GROUPS, "lag") is known since then:
# https://redis.io/docs/latest/commands/xinfo-groups/
OLDEST = (7, 0)

# Above this part of maxmemory there is room for minutes and not for an outage.
NEARLY_FULL = 0.8


@dataclass(frozen=True, slots=True)
class Shortcoming:
    """What is not as it should be, with the remedy; `fatal` where messages could vanish or nothing works."""

    fault: str
    remedy: str
    fatal: bool = False

    def __str__(self) -> str:
        return f"{self.fault}; {self.remedy}"


UNSEEN = Shortcoming(
    "this account of Redis may not ask for INFO, so nobody knows whether messages can vanish",
    "give it +info, and see that maxmemory-policy is noeviction",
)


def examine(redis: Redis) -> tuple[Shortcoming, ...]:
    """Ask a Redis how it is set up, without CONFIG, which managed ones forbid.

    Raises redis.exceptions.ConnectionError and its like when it does not answer.
    """
    try:
        return judge(redis.info())
    except NoPermissionError:
        return (UNSEEN,)


def judge(info: Mapping[str, Any]) -> tuple[Shortcoming, ...]:
    """What INFO says, held against what we need; sizes are in bytes."""
    return (*_version(info), *_eviction(info), *_memory(info))


def _version(info: Mapping[str, Any]) -> Iterator[Shortcoming]:
    version = str(info.get("redis_version", ""))
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdecimal())
    if numbers and numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        yield Shortcoming(
            f"Redis is {version}, and Tocsin needs {oldest} or newer", "upgrade it, or use Valkey", fatal=True
        )


def _eviction(info: Mapping[str, Any]) -> Iterator[Shortcoming]:
    policy = info.get("maxmemory_policy")
    if policy is None:
        yield Shortcoming(
            "this Redis does not say what it does when its memory is full",
            "see that its maxmemory-policy is noeviction",
        )
    elif policy != "noeviction":
        yield Shortcoming(
            f"Redis has maxmemory-policy {policy}, so messages vanish without a word when its memory is full",
            "set it to noeviction, in redis.conf, with redis-cli CONFIG SET maxmemory-policy noeviction,"
            " or in the parameters of a managed Redis",
            fatal=True,
        )


def _memory(info: Mapping[str, Any]) -> Iterator[Shortcoming]:
    most, used = int(info.get("maxmemory") or 0), int(info.get("used_memory") or 0)
    if most and used >= NEARLY_FULL * most:
        # Not fatal: whoever works the queues off makes room.
        yield Shortcoming(
            f"Redis has used {used / most:.0%} of its {most / 2**20:,.0f} MB, and refuses messages when it is"
            " full",
            "raise maxmemory, or see with tocsin status why samples or messages wait",
        )
