"""Watches Tocsin itself, from outside Celery and Redis, and does what nobody else does any more."""
