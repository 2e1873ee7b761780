"""What happens between the servers and the view: the schema, a first look at this machine, the programs."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from redis import Redis
from sqlalchemy import Engine

from cli.logs import log_beside_the_result
from cli.schema import bring_up
from cli.startup import flower_access, metrics_server, programs
from cli.startup.programs import Access
from cli.startup.redis_start import refuse_unfit
from embedded import Program, Supervisor
from models import clock, partitions
from models.session import make_engine
from policy import Policy
from settings import Settings, environment
from worker.collection import collect_system
from worker.recording import record_waiting
from worker.stream import connect

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Step:
    """Programs that are launched together once a task has run, None for at once.

    All at once would take each other's processors: each of them imports for seconds.
    """

    programs: tuple[Program, ...]
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """A running Tocsin: the ways to its servers, and the steps that are still to be taken.

    `began` is when its programs were launched, on the database's clock.
    """

    settings: Settings
    engine: Engine
    redis: Redis
    access: Access
    metrics_url: str
    began: datetime
    later: Iterator[Step]


def start(supervisor: Supervisor, settings: Settings, policy: Policy, say: Say) -> Started:
    """Bring the schema up, launch what collects, and take the first sample; the servers run already.

    The first sample is taken here because a collector takes seconds to start.
    """
    database, redis_url = settings.database_url, settings.redis_url
    if database is None or redis_url is None:
        raise ValueError("the servers have to be known before anything is started")
    log_beside_the_result()
    redis = connect(redis_url.get_secret_value())
    refuse_unfit(redis_url.get_secret_value())
    bring_up(database.get_secret_value(), say)
    access = _access(settings, say)
    later = _steps(settings, access)
    for program in next(later).programs:
        supervisor.launch(program)
    engine = make_engine(database.get_secret_value(), application_name="tocsin up")
    collect_system(redis, settings.host_name)
    record_waiting(engine, redis, policy, consumer=settings.host_name)
    # From here, because a process of its own costs ninety megabytes.
    metrics = metrics_server.start_somewhere(settings)
    return Started(settings, engine, redis, access, metrics.url, _days_ahead(engine), later)


def _steps(settings: Settings, access: Access) -> Iterator[Step]:
    """In the order of need: what works, what people look at."""
    env = programs.environment(environment(), settings)
    make = partial(programs.program, env=env)
    flower_env = programs.flower_environment(env, access)
    yield Step((make("worker", programs.together(settings)),))
    last = [programs.program("flower", programs.flower(access), flower_env)]
    if settings.slack_app_token:
        last.append(make("buttons", programs.buttons()))
    # It is stopped before all others, as it would tell people of their end.
    last.append(make("watchdog", programs.watchdog()))
    yield Step(tuple(last), after="notifications.deliver")


def _access(settings: Settings, say: Say) -> Access:
    port = flower_access.free_port(settings)
    if port != settings.flower_port:
        say(f"Port {settings.flower_port} is taken, so Flower listens on {port}.")
    return flower_access.access(settings, port=port)


def _days_ahead(engine: Engine) -> datetime:
    """Make the partitions of the next days, and answer the time on the database's clock."""
    with engine.begin() as connection:
        now = clock.now(connection)
        today = partitions.day_of(now)
        partitions.ensure(connection, today, today + timedelta(days=partitions.DAYS_AHEAD))
    return now
