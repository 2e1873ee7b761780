"""Escalation: which step is due for an alert that nobody has acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from policy import Escalation


@dataclass(frozen=True, slots=True)
class DueStep:
    """A step that is due: its number from 1 on, who hears, and why in words."""

    number: int
    destinations: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long an alert has been waiting for somebody.

    `since` is the event from which steps are counted (it opened, or turned critical), `paused` the time since
    then in which somebody had acknowledged it, `done` the number of the last step that was taken.
    """

    since: datetime
    paused: timedelta = timedelta(0)
    done: int = 0


@dataclass(frozen=True, slots=True)
class ComingStep:
    """The step that comes next if nobody acknowledges, and when."""

    number: int
    destinations: tuple[str, ...]
    after: timedelta
    at: datetime


def next_step(escalations: Sequence[Escalation], waiting: Waiting) -> ComingStep | None:
    """The step after those that were taken; None where the policy has no more."""
    planned = next((p for p in _timeline(escalations, waiting.done + 1) if p.number > waiting.done), None)
    if planned is None:
        return None
    at = waiting.since + waiting.paused + planned.after
    return ComingStep(planned.number, planned.destinations, planned.after, at)


def due_step(escalations: Sequence[Escalation], waiting: Waiting, now: datetime) -> DueStep | None:
    """The next step if its time has come; one at a time, in order, however late anybody looks."""
    coming = next_step(escalations, waiting)
    if coming is None or now < coming.at:
        return None
    minutes = coming.after.total_seconds() / 60
    reason = f"step {coming.number}: nobody has acknowledged it for {minutes:g} minutes"
    return DueStep(coming.number, coming.destinations, reason)


def destinations_of(escalations: Sequence[Escalation], number: int) -> tuple[str, ...]:
    """Who hears of the step of this number; nobody where the policy has no such step any more."""
    return next((p.destinations for p in _timeline(escalations, number) if p.number == number), ())


@dataclass(frozen=True, slots=True)
class _Planned:
    number: int
    after: timedelta
    destinations: tuple[str, ...]


def _timeline(escalations: Sequence[Escalation], up_to: int) -> Sequence[_Planned]:
    """The steps of all escalations in the order of time, with the repeats of the last, as far as asked."""
    steps = sorted((step.after, step.destinations) for e in escalations for step in e.steps)
    timeline = [_Planned(n, after, names) for n, (after, names) in enumerate(steps, start=1)]
    repeated = [(e.repeat, e.repeats) for e in escalations if e.repeat]
    if timeline and repeated:
        last, (repeat, most) = timeline[-1], min(repeated, key=lambda pair: pair[0])
        wanted = up_to - last.number if most is None else min(up_to - last.number, most)
        timeline += [
            _Planned(last.number + n, last.after + n * repeat, last.destinations)
            for n in range(1, wanted + 1)
        ]
    return timeline
