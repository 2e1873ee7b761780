"""What a process works with: settings, policy, the way to Postgres, to Redis and to people."""

import sys
from dataclasses import dataclass
from functools import cache, cached_property

from redis import Redis
from sqlalchemy import Engine

import policy
import settings
from models.session import make_engine
from notifications.channels.opening import open_channel
from notifications.delivery import Post
from notifications.rendering import Renderer
from worker.draining import Drain
from worker.stream import connect

__all__ = ["Resources", "connect", "resources"]


@dataclass(frozen=True)
class Resources:
    """The parts that a task uses, each made when it is first used and kept as long as the process."""

    settings: settings.Settings
    policy: policy.Policy

    @cached_property
    def engine(self) -> Engine | None:
        """None on a host that only collects: it needs Redis and nothing else."""
        url = self.settings.database_url
        return None if url is None else make_engine(url.get_secret_value())

    @cached_property
    def redis(self) -> Redis:
        url = self.settings.redis_url
        if url is None:
            problem = settings.Problem("REDIS_URL", "it is not set", "set it to your Redis")
            raise settings.SettingsError([problem])
        return connect(url.get_secret_value())

    @cached_property
    def drain(self) -> Drain:
        return Drain()

    @cached_property
    def post(self) -> Post:
        return Post(
            engine=self.database,
            renderer=Renderer(),
            channels={name: open_channel(to, sys.stdout) for name, to in self.policy.destinations.items()},
            policy=self.policy,
            runbooks=self.settings.runbook_url,
        )

    @property
    def database(self) -> Engine:
        if self.engine is None:
            problem = settings.Problem("DATABASE_URL", "it is not set", "set it to your PostgreSQL")
            raise settings.SettingsError([problem])
        return self.engine


@cache
def resources() -> Resources:
    """The resources of this process, from its environment."""
    configured = settings.load(settings.environment())
    return Resources(configured, policy.load(configured.tocsin_rules, configured))
