"""Postgres and Redis as Tocsin sees them: how long they take to answer, and their figures."""

from dataclasses import dataclass, field
from time import perf_counter

from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, QueuePool, text

from domain.health import HealthStatus
from models.base import Json
from worker import redis_fitness

ANYTHING = text("SELECT 1")
CONNECTIONS = text("""
    SELECT count(*) AS open, current_setting('max_connections')::int AS most
      FROM pg_stat_activity WHERE datname = current_database()
""")


@dataclass(frozen=True, slots=True)
class Service:
    """How a service answered: response time in milliseconds, None when it did not answer at all.

    `trouble` is why it does not do its work, `warning` what should be different although it does.
    """

    name: str
    response_ms: float | None
    figures: Json = field(default_factory=dict)
    trouble: str | None = None
    warning: str | None = None

    @property
    def status(self) -> HealthStatus:
        if self.trouble:
            return HealthStatus.UNHEALTHY
        return HealthStatus.DEGRADED if self.warning else HealthStatus.HEALTHY


def database(connection: Connection, engine: Engine) -> Service:
    """Postgres: one round trip, its open connections and their limit, and the size of our own pool."""
    start = perf_counter()
    connection.execute(ANYTHING)
    response_ms = _since(start)
    row = connection.execute(CONNECTIONS).one()
    pool = engine.pool.size() if isinstance(engine.pool, QueuePool) else None
    figures = {"connections": row.open, "max_connections": row.most, "pool_size": pool}
    return Service("database", response_ms, figures)


def redis(client: Redis) -> Service:
    """Redis: one round trip, its memory and its policy when that is full."""
    try:
        start = perf_counter()
        memory = client.info("memory")
        response_ms = _since(start)
    except RedisError as error:
        return Service("redis", None, trouble=f"Redis does not answer: {type(error).__name__}")
    figures = {name: memory.get(name) for name in ("used_memory", "maxmemory", "maxmemory_policy")}
    found = redis_fitness.judge(memory)
    trouble = next((str(one) for one in found if one.fatal), None)
    warning = next((str(one) for one in found), None)
    return Service("redis", response_ms, figures, trouble=trouble, warning=None if trouble else warning)


def _since(start: float) -> float:
    return (perf_counter() - start) * 1000
