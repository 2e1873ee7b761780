"""Which stored form of a history answers a question: raw rows, hours or days, and in which steps."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

HOUR, DAY = timedelta(hours=1), timedelta(days=1)

# Longer than this, hours tell as much as raw rows and are read several hundred times faster.
RAW_AT_MOST = timedelta(hours=12)
# Longer than this, hours are more than a picture can show; they are kept for 90 days anyway.
HOURS_AT_MOST = timedelta(days=92)

# Steps that people think in.
_STEPS = (
    *(timedelta(seconds=count) for count in (5, 10, 15, 30)),
    *(timedelta(minutes=count) for count in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=count) for count in (1, 2, 3, 6, 12)),
    *(timedelta(days=count) for count in (1, 2, 7, 14, 28)),
)


class Form(StrEnum):
    """How a value is stored."""

    RAW = "raw"
    HOURS = "hours"
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Kept:
    """From when on each form of a series is there; None for not at all. Aware times."""

    raw: datetime | None
    hours: datetime | None
    days: datetime | None

    def answers(self, form: Form, since: datetime) -> bool:
        """Whether the form is there back to `since`, or at least as far back as what is coarser."""
        reach = {Form.RAW: self.raw, Form.HOURS: self.hours, Form.DAYS: self.days}
        mine, coarser = reach[form], list(reach.values())[list(reach).index(form) + 1 :]
        if mine is None:
            return False
        return mine <= since or all(other is None or mine - DAY < other for other in coarser)


@dataclass(frozen=True, slots=True)
class Resolution:
    """What to read, in steps of which length, and why."""

    form: Form
    step: timedelta
    reason: str


def resolve(
    since: datetime,
    until: datetime,
    kept: Kept,
    *,
    interval: timedelta,
    points: int,
    step: timedelta | None = None,
) -> Resolution:
    """The finest form that is kept back to `since` (aware) and is no waste, in about `points` steps.

    `interval` is the spacing of raw rows. A `step` that is asked for decides instead of the length, and is
    made longer where what is kept is coarser. Raises ValueError for an empty time and a step below a second.
    """
    if until <= since:
        raise ValueError("the end must come after the start")
    if step is not None and step < timedelta(seconds=1):
        raise ValueError("a step is a second at least")
    form, reason = _form(since, until - since, kept, step)
    least = {Form.RAW: interval, Form.HOURS: HOUR, Form.DAYS: DAY}[form]
    wanted = step or next((one for one in _STEPS if (until - since) / one <= points), _STEPS[-1])
    return Resolution(form, least * max(1, math.ceil(wanted / least)), reason)


def usual_step(spacing: timedelta) -> timedelta:
    """The shortest usual step that is no shorter than `spacing`, that of values which come as they please."""
    return next((one for one in _STEPS if one >= spacing), _STEPS[-1])


def _form(since: datetime, length: timedelta, kept: Kept, step: timedelta | None) -> tuple[Form, str]:
    wants_raw = step < HOUR if step else length <= RAW_AT_MOST
    wants_hours = step < DAY if step else length <= HOURS_AT_MOST
    if wants_raw and kept.answers(Form.RAW, since):
        return Form.RAW, "raw rows say most"
    if kept.raw and not (kept.hours or kept.days):
        return Form.RAW, "nothing is rolled up yet"
    if wants_hours and kept.answers(Form.HOURS, since):
        return Form.HOURS, _lacking("raw rows", kept.raw) if wants_raw else _enough(step)
    return Form.DAYS, _lacking("hours", kept.hours) if wants_hours else _enough(step)


def _enough(step: timedelta | None) -> str:
    return "the step asks for no finer ones" if step else "for so long a time they tell as much"


def _lacking(what: str, since: datetime | None) -> str:
    return f"{what} go back to {since:%Y-%m-%d %H:%M} only" if since else f"there are no {what}"
