"""`/metrics`: what Prometheus reads about all of Tocsin, from Postgres and Redis, which remember it."""

from exporter.server import Server, serve
from exporter.sources import Sources, exposition

__all__ = ["Server", "Sources", "exposition", "serve"]
