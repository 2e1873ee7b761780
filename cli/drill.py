"""`tocsin drill`: ring the bell, see who is told, and see it end."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import Annotated, TypeVar

import typer
from redis import Redis
from sqlalchemy import Engine

from cli import drill_steps as steps
from cli.context import load_settings
from cli.drill_steps import Missing, Opened, Outcome
from cli.errors import NOT_SO
from cli.group import single
from cli.output import AsJson, complain, print_json, say, warn
from cli.servers import open_database, open_redis
from domain.alerts import EventKind
from domain.sample import DrillSample
from domain.severity import Severity
from worker import stream

app = single()

# Percent of nothing: well over and well under the drill's thresholds of 70 and 90.
VALUES = {Severity.WARNING: 80.0, Severity.CRITICAL: 99.0}
OVER = 0.0
PAUSE_S = 0.1

T = TypeVar("T")


@dataclass
class Course:
    """How a drill went; times are seconds since the bell was rung."""

    drill: str
    host: str
    severity: Severity
    ok: bool = False
    alert: int | None = None
    opened_after_s: float | None = None
    fired: Sequence[Outcome] = ()
    resolved_after_s: float | None = None
    resolved: Sequence[Outcome] = ()
    missing: str | None = None


@dataclass
class Drill:
    """A drill under way: the servers, and the clock that it is held against."""

    engine: Engine
    redis: Redis
    course: Course
    within_s: float
    tell: Callable[[str], None]
    began: float = field(default_factory=monotonic)

    def run(self) -> None:
        """Ring, wait for the alert and for the people, end it, wait for that; raises Missing."""
        with self._rung():
            opened = self._wait(self._opened, "the sample was not turned into an alert", steps.RECORDED_BY)
            self.course.alert, self.course.opened_after_s = opened.alert_id, self._seconds()
            self.tell(f"alert {opened.alert_id} opened after {self._seconds():.1f} s: {opened.message}")
            self.course.fired = self._told(opened, EventKind.OPENED)
        self._wait(lambda: steps.is_over(self.engine, opened), "the alert did not end", steps.RECORDED_BY)
        self.course.resolved_after_s = self._seconds()
        self.tell(f"alert {opened.alert_id} was over after {self._seconds():.1f} s")
        self.course.resolved = self._told(opened, EventKind.RESOLVED)
        self.course.ok = any(one.delivered for one in self.course.fired)

    @contextmanager
    def _rung(self) -> Iterator[None]:
        """The bell rings, and stops ringing however this ends: nobody wants an alert left of a drill."""
        self._publish(VALUES[self.course.severity])
        try:
            yield
        finally:
            self._publish(OVER)

    def _publish(self, value: float) -> None:
        course = self.course
        stream.publish(self.redis, DrillSample(course.host, datetime.now(UTC), course.drill, value))

    def _opened(self) -> Opened | None:
        return steps.opened(self.engine, self.course.host, self.course.drill)

    def _told(self, opened: Opened, kind: EventKind) -> Sequence[Outcome]:
        found = self._wait(
            lambda: steps.outcomes(self.engine, opened, kind), "nobody was told", steps.DELIVERED_BY
        )
        for one in found:
            self.tell(f"  {one}")
        return found

    def _wait(self, question: Callable[[], T | None], fault: str, part: steps.Part) -> T:
        while not (answer := question()):
            if self._seconds() > self.within_s:
                raise Missing(f"{fault} within {self.within_s:g} s", steps.silence(self.engine, part))
            sleep(PAUSE_S)
        return answer

    def _seconds(self) -> float:
        return monotonic() - self.began


@app.command(epilog="Example: tocsin drill --severity warning")
def drill(
    *,
    severity: Annotated[Severity, typer.Option(help="How bad the alert is to be.")] = Severity.CRITICAL,
    within: Annotated[float, typer.Option(min=1, max=600, help="Seconds to wait before giving up.")] = 60,
    as_json: AsJson = False,
) -> None:
    """Ring the bell, to see that it reaches people. Exits with 1 when it does not.

    It is an alert that says that it is a drill, told as a real one would be, and ended again.
    """
    settings = load_settings()
    course = Course(f"{datetime.now(UTC):%H%M%S}", settings.host_name, severity)
    with open_database(settings, "drill") as engine:
        _run(Drill(engine, open_redis(settings), course, within, _nothing if as_json else _say_now))
    _report(course, as_json=as_json)


def _run(drill: Drill) -> None:
    for part in (steps.RECORDED_BY, steps.DELIVERED_BY):
        if sentence := steps.silence(drill.engine, part):
            warn(f"{sentence}; waiting for at most {drill.within_s:g} s")
    course = drill.course
    drill.tell(f"drill {course.drill} rings on {course.host}, as {course.severity} as can be")
    try:
        drill.run()
    except Missing as missing:
        course.missing = str(missing)


def _say_now(sentence: str) -> None:
    say(sentence)
    sys.stdout.flush()


def _nothing(_: str) -> None:
    """Nobody follows a drill whose course is printed at its end."""


def _report(course: Course, *, as_json: bool) -> None:
    if as_json:
        print_json(course)
    elif course.ok:
        say("the bell works")
    if course.missing:
        complain(course.missing)
    elif not course.ok:
        complain("the alert opened, and reached nobody; what each destination answered stands above")
    if not course.ok:
        raise typer.Exit(NOT_SO)
