"""Whether a Redis may carry our messages: none of them may vanish without a word."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Final

from redis import Redis
from redis.exceptions import ConnectionError as Away
from redis.exceptions import NoPermissionError, RedisError
from redis.exceptions import TimeoutError as Silent

from domain.queues import SHARED
from worker import stream, task_counts

# How much of a stream waits for a consumer group (XINFO GROUPS, "lag") is known since then:
# https://redis.io/docs/latest/commands/xinfo-groups/
OLDEST = (7, 0)

# What lies under our names, and Celery's for what a worker has taken and not finished.
TYPES: Final[Mapping[str, str]] = {
    **dict.fromkeys(SHARED, "list"),
    stream.STREAM: "stream",
    stream.REJECTED: "stream",
    task_counts.KEY: "hash",
    "unacked": "hash",
    "unacked_index": "zset",
}

PAUSE_S = 1.0
SAY_AGAIN_S = 60.0

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


class Unfit(Exception):  # noqa: N818 - it says what is the case
    """A Redis in which messages could vanish, or with which nothing works; says why, and what to do."""

    def __init__(self, shortcoming: Shortcoming) -> None:
        super().__init__(str(shortcoming))
        self.shortcoming = shortcoming


UNSEEN = Shortcoming(
    "this account of Redis may not ask for INFO, so nobody knows whether messages can vanish",
    "give it +info, and see that maxmemory-policy is noeviction",
)


def examine(redis: Redis) -> tuple[Shortcoming, ...]:
    """Ask a Redis how it is set up, without CONFIG, which managed ones forbid, and what lies in it.

    Raises redis.exceptions.ConnectionError and its like when it does not answer.
    """
    try:
        found = judge(redis.info())
    except NoPermissionError:
        found = (UNSEEN,)
    return (*found, *judge_types(_types(redis)))


def require(url: str) -> tuple[Shortcoming, ...]:
    """What is amiss with a Redis and can be lived with; connects once.

    Raises Unfit where something cannot, and redis.exceptions.RedisError when it does not answer.
    """
    with stream.connect(url) as redis:
        found = examine(redis)
    for one in found:
        if one.fatal:
            raise Unfit(one)
    return found


def wait_until_fit(url: str, say: Callable[[str], None]) -> tuple[Shortcoming, ...]:
    """Wait for a Redis that answers, and say so once a minute; answers and raises Unfit as `require` does."""
    said_at = -SAY_AGAIN_S
    while True:
        try:
            return require(url)
        except (Away, Silent) as error:
            if monotonic() - said_at >= SAY_AGAIN_S:
                reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
                say(f"Waiting: Redis does not answer ({reason}).")
                said_at = monotonic()
        sleep(PAUSE_S)


def judge_types(types: Mapping[str, str]) -> tuple[Shortcoming, ...]:
    """What the types of our keys say, each as TYPE names it, `none` where there is no such key."""
    return tuple(
        Shortcoming(
            f"the key {key} in Redis is a {found}, and Tocsin keeps a {TYPES[key]} there",
            f"see who put it there, then delete it with redis-cli DEL {key}",
            fatal=True,
        )
        for key, found in types.items()
        if found not in {TYPES[key], "none"}
    )


def _types(redis: Redis) -> Mapping[str, str]:
    """The type of each key that this account may ask for: a collector's may not, of most."""
    with redis.pipeline(transaction=False) as pipe:
        for key in TYPES:
            pipe.type(key)
        answers = dict(zip(TYPES, pipe.execute(raise_on_error=False), strict=True))
    return {key: answer for key, answer in answers.items() if not isinstance(answer, RedisError)}


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
