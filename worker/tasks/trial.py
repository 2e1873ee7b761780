"""The task that tries destinations out, for whoever sits at Flower."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from pydantic import Field

from notifications.trial import (
    Mark,
    Step,
    Tried,
    UnknownDestinationError,
    letter,
    made_up_notice,
    named,
    try_out,
)
from policy import AnyDestination
from worker.resources import Resources
from worker.tasks.arguments import Arguments, Refused
from worker.tasks.base import declare
from worker.tasks.conduct import TaskFailed
from worker.tasks.jobs import Order


class Trying(Arguments):
    """What a test of destinations may be told."""

    to: str | None = Field(
        None, description="The destination's name; by default, every destination.", examples=["slack"]
    )


@dataclass(frozen=True, slots=True)
class Arrived:
    """Everything that was tried, and it arrived."""

    tried: Sequence[Tried]


@declare("notifications.test", Trying)
def test(parts: Resources, order: Order[Trying]) -> Arrived:
    """Send a message that says that it is a test, to one destination or to every one, and show each step.

    No alert is opened and no cooldown begins.
    """
    tried = [one for to in _destinations(parts, order.told.to) for one in _tried(parts, to, order.origin)]
    failed = [(one, step) for one in tried for step in one.steps if not step.ok]
    if failed:
        raise TaskFailed("; ".join(_sentence(one, step) for one, step in failed))
    return Arrived(tried)


def _destinations(parts: Resources, name: str | None) -> Sequence[AnyDestination]:
    known = parts.policy
    if name is None:
        return list(known.destinations.values())
    try:
        return [named(known, name)]
    except UnknownDestinationError as unknown:
        raise Refused(f"to: {unknown}; {unknown.remedy}") from None


def _tried(parts: Resources, destination: AnyDestination, by: str) -> Sequence[Tried]:
    notice = made_up_notice(parts.settings.host_name, datetime.now(UTC))
    written = partial(letter, notice, Mark.test(destination.name, by), parts.renderer)
    return asyncio.run(try_out(destination, written, sys.stdout, _unheard))


def _unheard(_recipient: str, _step: Step) -> None:
    """Nobody follows a task step by step; its result shows them all."""


def _sentence(one: Tried, step: Step) -> str:
    to = f"{one.destination} ({one.recipient})" if one.recipient else one.destination
    return f"{to}: {step.name}: {step.said}; {step.remedy}"
