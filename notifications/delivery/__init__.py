"""Delivers what is due: for each destination claim, check, send, record, until nothing is due there."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from time import monotonic

from models import clock
from notifications.delivery import due, editing, fallback
from notifications.delivery.lane import Lane
from notifications.delivery.post import Delivered, Post

__all__ = ["Delivered", "Post", "deliver"]


def deliver(post: Post, *, within: timedelta) -> Delivered:
    """Deliver everything that is due and allowed; no message is begun after `within`.

    Each destination has a lane of its own, so that a dead one holds no other back. No transaction is open
    while a message is on its way. Whoever dies here leaves a lease that ends. When nothing is left to tell,
    what was told is brought up to date where it can be edited.
    """
    return asyncio.run(_told(post, monotonic() + within.total_seconds()))


async def _told(post: Post, end: float) -> Delivered:
    done = await _rounds(post, end)
    await editing.catch_up(post, end)
    return done


async def _rounds(post: Post, end: float) -> Delivered:
    """Round after round, as a failure here may have made a message due elsewhere."""
    total = Delivered()
    while monotonic() < end:
        names = await asyncio.to_thread(_due, post)
        done = await _side_by_side([Lane(post, name, end) for name in names])
        total += done
        if done == Delivered():
            break
    return total


def _due(post: Post) -> Sequence[str]:
    """The destinations with something to send, once the stand-ins have got what is overdue."""
    with post.engine.begin() as connection:
        now = clock.now(connection)
        fallback.appoint_overdue(connection, post.policy, now)
        return due.destinations(connection, now)


async def _side_by_side(lanes: Sequence[Lane]) -> Delivered:
    """All lanes to their ends, even where one of them breaks; then its error is raised."""
    results = await asyncio.gather(*(lane.run() for lane in lanes), return_exceptions=True)
    total = Delivered()
    for result in results:
        if isinstance(result, BaseException):
            raise result
        total += result
    return total
