"""Trying destinations out, as a task does it; it loads what every kind of channel needs."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

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
from worker.tasks.arguments import Refused
from worker.tasks.conduct import TaskFailed


@dataclass(frozen=True, slots=True)
class Arrived:
    """Everything that was tried, and it arrived."""

    tried: Sequence[Tried]


def try_all(parts: Resources, name: str | None, by: str) -> Arrived:
    """Try the destination of that name, or every one; raises TaskFailed with what did not arrive."""
    tried = [one for to in _destinations(parts, name) for one in _tried(parts, to, by)]
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
