"""Postgres and Redis from wheels, and the supervisor: the zero-setup default and the tests' servers."""

from embedded.error import EmbeddedError
from embedded.keeping import State, Status
from embedded.postgres import EmbeddedPostgres
from embedded.program import Program
from embedded.redis import EmbeddedRedis
from embedded.supervisor import Supervisor

__all__ = [
    "EmbeddedError",
    "EmbeddedPostgres",
    "EmbeddedRedis",
    "Program",
    "State",
    "Status",
    "Supervisor",
]
