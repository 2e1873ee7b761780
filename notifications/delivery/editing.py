"""Edits first messages that no longer show how their incident stands: a courtesy, which no page waits for."""

import asyncio
from datetime import timedelta
from time import monotonic

import structlog

from models import clock
from notifications import retry
from notifications.channels.answering import answered
from notifications.channels.base import DeliveryError, Editor
from notifications.delivery import first_messages
from notifications.delivery.first_messages import Behind
from notifications.delivery.post import Post

# One by one, so that a destination meets one failure at a time, and few in a row: Slack takes 50 a minute
# (chat.update, Tier 3 of its rate limits).
MOST = 8
WITHIN = timedelta(seconds=5)
DEADLINE = timedelta(seconds=3)

log = structlog.get_logger()


async def catch_up(post: Post, end: float) -> None:
    """Edit what is behind, wherever it can be edited; none is begun after `end`, on the monotonic clock."""
    end = min(end, monotonic() + WITHIN.total_seconds())
    editors = {name: channel for name, channel in post.channels.items() if isinstance(channel, Editor)}
    catching_up = (_catch_up(post, name, editor, end) for name, editor in editors.items())
    for result in await asyncio.gather(*catching_up, return_exceptions=True):
        # Whatever it is, the pages are out and written down, and saying so must not fail.
        if isinstance(result, Exception):
            log.error("first_message.editing_broken", exc_info=result)


async def _catch_up(post: Post, destination: str, editor: Editor, end: float) -> None:
    for _ in range(MOST):
        if monotonic() >= end:
            return
        behind = await asyncio.to_thread(_take, post, destination)
        if behind is None:
            return
        error = await _edited(editor, behind, min(post.deadline, DEADLINE))
        await asyncio.to_thread(_record, post, behind, error)
        if error is not None:
            about = log.bind(delivery=behind.delivery_id, alert=behind.alert_id, destination=destination)
            about.info("first_message.not_edited", reason=error.reason, permanent=error.permanent)


async def _edited(editor: Editor, behind: Behind, deadline: timedelta) -> DeliveryError | None:
    try:
        async with answered(deadline):
            await editor.edit(behind.edit)
    except DeliveryError as error:
        return error
    return None


def _take(post: Post, destination: str) -> Behind | None:
    with post.engine.begin() as connection:
        return first_messages.take(connection, destination, clock.now(connection))


def _record(post: Post, behind: Behind, error: DeliveryError | None) -> None:
    """A refusal that stays, as when somebody deleted the message, ends the matter until the next change."""
    with post.engine.begin() as connection:
        now = clock.now(connection)
        if error is None or error.permanent:
            first_messages.shown(connection, behind, error.reason if error else "200 ok", now)
            return
        pause = retry.pause(failures=behind.failures + 1, retry_after=error.retry_after, random=post.random)
        first_messages.put_off(connection, behind, error.reason, now + pause)
