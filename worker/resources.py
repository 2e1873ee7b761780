"""What a process works with: settings, policy, the way to Postgres, to Redis and to people."""

import sys
from functools import cache, cached_property

from redis import Redis
from sqlalchemy import Engine

import settings
from models.session import make_engine
from notifications.channels.opening import open_channel
from notifications.delivery import Post
from notifications.rendering import Renderer
from policy import Policy
from worker.draining import Drain
from worker.live_policy import LivePolicy
from worker.stream import connect
from worker.task_counts import TaskCounter

# Each task of a worker runs in a thread of its own, and a chore uses up to three connections.
CONNECTIONS = 20

__all__ = ["Resources", "connect", "resources"]


class Resources:
    """The parts that a task uses, each made when it is first used and kept as long as the process."""

    def __init__(self, configured: settings.Settings) -> None:
        self.settings = configured
        self.live_policy = LivePolicy(configured)
        self._post: Post | None = None

    @property
    def policy(self) -> Policy:
        """The policy in force at this moment."""
        return self.live_policy.current

    @cached_property
    def engine(self) -> Engine | None:
        """None on a host that only collects: it needs Redis and nothing else."""
        url = self.settings.database_url
        return None if url is None else make_engine(url.get_secret_value(), most=CONNECTIONS)

    @cached_property
    def redis(self) -> Redis:
        url = self.settings.redis_url
        if url is None:
            problem = settings.Problem("REDIS_URL", "it is not set", "set it to your Redis")
            raise settings.SettingsError([problem])
        return connect(url.get_secret_value())

    @cached_property
    def task_counter(self) -> TaskCounter:
        return TaskCounter(self.redis)

    @cached_property
    def drain(self) -> Drain:
        return Drain()

    @cached_property
    def renderer(self) -> Renderer:
        return Renderer(self.settings.tocsin_templates)

    @property
    def post(self) -> Post:
        """What it takes to deliver, with the channels of the policy in force."""
        policy = self.policy
        if self._post is None or self._post.policy is not policy:
            self._post = Post(
                engine=self.database,
                renderer=self.renderer,
                channels={name: open_channel(to, sys.stdout) for name, to in policy.destinations.items()},
                policy=policy,
                runbooks=self.settings.runbook_url,
            )
        return self._post

    @property
    def database(self) -> Engine:
        if self.engine is None:
            problem = settings.Problem("DATABASE_URL", "it is not set", "set it to your PostgreSQL")
            raise settings.SettingsError([problem])
        return self.engine


@cache
def resources() -> Resources:
    """The resources of this process, from its environment."""
    return Resources(settings.load(settings.environment()))
