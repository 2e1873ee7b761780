"""Before anything that uses Redis is started: it must answer, and no message may vanish in it."""

from collections.abc import Callable
from time import monotonic, sleep

from redis.exceptions import ConnectionError as Away
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as Silent

from cli.errors import UNAVAILABLE, CommandError
from cli.output import warn
from worker.redis_fitness import Shortcoming, examine
from worker.stream import connect

PAUSE_S = 1.0
SAY_AGAIN_S = 60.0

Say = Callable[[str], None]


def refuse_unfit(url: str) -> None:
    """Raise CommandError where messages could vanish; say what else is amiss. Connects once.

    Raises redis.exceptions.RedisError when it does not answer.
    """
    with connect(url) as redis:
        found = examine(redis)
    fatal = [one for one in found if one.fatal]
    if fatal:
        raise _refusal(fatal[0])
    for one in found:
        warn(str(one))


def wait_until_it_is_fit(url: str, say: Say) -> None:
    """Wait for a Redis that answers; raises CommandError where messages could vanish in it."""
    said_at = -SAY_AGAIN_S
    while True:
        try:
            refuse_unfit(url)
        except (Away, Silent) as error:
            if monotonic() - said_at >= SAY_AGAIN_S:
                say(f"Waiting: Redis does not answer ({_first_line(error)}).")
                said_at = monotonic()
        else:
            return
        sleep(PAUSE_S)


def _refusal(one: Shortcoming) -> CommandError:
    return CommandError(one.fault, one.remedy, UNAVAILABLE)


def _first_line(error: RedisError) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
