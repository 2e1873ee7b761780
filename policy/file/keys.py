"""What the keys of `tocsin.toml` may be: each kind of value, and the sentence for what is none."""

import difflib
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Annotated

from pydantic import BeforeValidator

from domain.severity import Severity
from policy.durations import duration
from policy.matching import Globs
from policy.metrics import METRICS, Metric
from policy.windows import WEEKDAYS
from settings import FaultError, shown
from settings.addresses import is_address

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")
LONGEST_TEXT = 200


def name_of(value: object) -> str:
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise FaultError(
            f"{shown(value)} is not a name", "use letters, digits, dots and dashes, 63 at the most"
        )
    return value


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 1 <= len(value) <= LONGEST_TEXT:
        raise FaultError(
            f"{shown(value)} is not a line of text",
            f"write 1 to {LONGEST_TEXT} printable characters in quotes",
        )
    return value


def _each(one: Callable[[object], str], what: str) -> Callable[[object], tuple[str, ...]]:
    """A list of texts, or one text for a list of one."""

    def parse(value: object) -> tuple[str, ...]:
        items = value if isinstance(value, list) else [value]
        if not items:
            raise FaultError(f"the list of {what} is empty", "name at least one, or leave the key out")
        return tuple(dict.fromkeys(one(item) for item in items))

    return parse


_patterns = _each(_text, "patterns")


def hosts_of_tag(value: object) -> Globs:
    """The patterns of the hosts that have a tag, at least one; raises `FaultError`."""
    if isinstance(value, dict):
        raise FaultError("a tag is a list of hosts and no table", 'write it as name = ["web-*", "db-*"]')
    if value == []:
        raise FaultError("the tag has no hosts", "name at least one pattern, or take the tag out")
    return _patterns(value)


def _severities(value: object) -> frozenset[Severity]:
    words = _each(_text, "severities")(value)
    for word in words:
        if word not in tuple(Severity):
            raise FaultError(f"{shown(word)} is not a severity", "write warning, critical or both in a list")
    return frozenset(Severity(word) for word in words)


def days_of(value: object) -> frozenset[int]:
    words = _each(_text, "days")(value)
    for word in words:
        if word not in WEEKDAYS:
            raise FaultError(f"{shown(word)} is not a day of the week", f"use {', '.join(WEEKDAYS)}")
    return frozenset(WEEKDAYS.index(word) for word in words)


def _threshold(value: object) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value) or value < 0:
        raise FaultError(
            f"{shown(value)} is not a number from 0 upward", "write it without quotes, such as 85"
        )
    return float(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise FaultError(f"{shown(value)} is neither true nor false", "write true or false without quotes")
    return value


def _whole(value: object, *, most: int, remedy: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most:
        raise FaultError(f"{shown(value)} is not a whole number from 1 to {most}", remedy)
    return value


def _metric(value: object) -> Metric:
    if isinstance(value, str) and value in METRICS:
        return METRICS[value]
    near = difflib.get_close_matches(str(value), METRICS, 1, 0.6)
    of_component = [metric.name for metric in METRICS.values() if metric.component == value]
    remedy = f"did you mean {near[0]}?" if near else f"use one of {', '.join(of_component or METRICS)}"
    raise FaultError(f"{shown(value)} is not a metric that rules can watch", remedy)


def _moment(value: object) -> datetime:
    if not isinstance(value, datetime) or value.tzinfo is None:
        raise FaultError(
            f"{shown(value)} is not a time with its zone",
            "write it without quotes, such as 2026-12-24T18:00:00Z",
        )
    return value.astimezone(UTC)


def clock_of(value: object) -> time:
    if isinstance(value, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", value):
        return time.fromisoformat(value)
    if isinstance(value, time):
        return value.replace(microsecond=0)
    raise FaultError(
        f"{shown(value)} is not a time of day", 'write hours and minutes in UTC, such as "22:30"'
    )


def span_of(value: object) -> timedelta:
    length = duration(value)
    if not timedelta(0) < length <= timedelta(days=1):
        raise FaultError(f"{shown(value)} is not longer than 0s and at most 1d", "write one such as 2h")
    return length


def _positive(value: object) -> timedelta:
    length = duration(value)
    if length < timedelta(minutes=1):
        raise FaultError(f"{shown(value)} is shorter than a minute", "write one such as 15m")
    return length


def _or_never(value: object) -> timedelta | None:
    return None if value == "never" else _positive(value)


def _mail(value: object) -> str:
    if not isinstance(value, str) or not is_address(value):
        raise FaultError(f"{shown(value)} is not an e-mail address", "write one such as tocsin@example.com")
    return value


Name = Annotated[str, BeforeValidator(name_of)]
Names = Annotated[tuple[str, ...], BeforeValidator(_each(name_of, "names"))]
Text = Annotated[str, BeforeValidator(_text)]
GlobList = Annotated[Globs, BeforeValidator(_patterns)]
Severities = Annotated[frozenset[Severity], BeforeValidator(_severities)]
Days = Annotated[frozenset[int], BeforeValidator(days_of)]
Threshold = Annotated[float, BeforeValidator(_threshold)]
Flag = Annotated[bool, BeforeValidator(_flag)]
PerMinute = Annotated[int, BeforeValidator(partial(_whole, most=6000, remedy="write one, such as 30"))]
Repeats = Annotated[int, BeforeValidator(partial(_whole, most=1000, remedy="write how often, such as 3"))]
Duration = Annotated[timedelta, BeforeValidator(duration)]
Positive = Annotated[timedelta, BeforeValidator(_positive)]
Span = Annotated[timedelta, BeforeValidator(span_of)]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Clock = Annotated[time, BeforeValidator(clock_of)]
OneMetric = Annotated[Metric, BeforeValidator(_metric)]
Sender = Annotated[str, BeforeValidator(_mail)]
OrNever = Annotated[timedelta | None, BeforeValidator(_or_never)]
