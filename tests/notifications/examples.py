"""The alert that the tests of this folder tell of."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

from domain.alerts import EventKind
from notifications.channels.base import Message
from notifications.examples import BREACH, CPU, OPENED
from notifications.notice import Notice
from notifications.rendering import Renderer

__all__ = ["BARE", "BREACH", "FULL", "OPENED", "RENDERER", "message", "notice"]

RENDERER = Renderer()
FULL = CPU
BARE = Notice(**{f.name: getattr(CPU, f.name) for f in fields(Notice) if f.default is f.default_factory})


def notice(kind: EventKind = EventKind.OPENED, **changes: Any) -> Notice:
    """The full example, with the event of `kind` coming 14 minutes into it."""
    if kind is not EventKind.OPENED:
        changes = {"at": BREACH + timedelta(minutes=14)} | changes
    return replace(FULL, kind=kind, **changes)


def message(recipient: str = "", thread: str | None = None, **changes: Any) -> Message:
    """The rendered example."""
    example = notice(**changes)
    return Message.of(example, RENDERER.render(example), recipient=recipient, thread=thread)
