"""The live view where there is no terminal: a line when something changes, and one now and then."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cli.view.live import Picture, verdict
from cli.view.situation import Situation, Told
from cli.view.verdict import findings
from embedded import Status
from notifications.quantities import number

SUMMARY_EVERY_S = 60.0


@dataclass
class LogLines:
    """Remembers what was said, so that each thing is said once."""

    _programs: dict[str, tuple[str, int | None]] = field(default_factory=dict)
    _alerts: dict[int, str] = field(default_factory=dict)
    _told: int = -1
    _summary_at: float | None = None
    _trouble: str | None = None

    def new(self, picture: Picture, clock_s: float) -> Iterator[str]:
        """What has to be said of this picture that was not said of those before."""
        stamp = f"{picture.at:%Y-%m-%d %H:%M:%S} UTC"
        for line in self._lines(picture, clock_s):
            yield f"{stamp}  {line}"

    def _lines(self, picture: Picture, clock_s: float) -> Iterator[str]:
        for status in picture.programs:
            yield from self._program(status)
        if picture.trouble != self._trouble:
            self._trouble = picture.trouble
            yield picture.trouble or "PostgreSQL and Redis answer again"
        if picture.situation is None or picture.trouble:
            return
        yield from self._alert_lines(picture.situation)
        yield from self._told_lines(picture.situation)
        if self._summary_at is None or clock_s >= self._summary_at:
            if picture.situation.readings:
                self._summary_at = clock_s + SUMMARY_EVERY_S
            yield from summary(picture.situation, picture.began)

    def _program(self, status: Status) -> Iterator[str]:
        is_now = (status.state.value, status.pid)
        if self._programs.get(status.name) == is_now:
            return
        self._programs[status.name] = is_now
        pid = f", pid {status.pid}" if status.pid else ""
        why = f": {status.reason}" if status.pid is None and status.reason else ""
        yield f"{status.name} is {status.state}{pid}{why}"

    def _alert_lines(self, now: Situation) -> Iterator[str]:
        open_now = {alert.id: alert for alert in now.alerts}
        for alert in now.alerts:
            if self._alerts.get(alert.id) != alert.severity:
                yield f"alert {alert.id} {alert.severity}: {alert.host} {alert.component}: {alert.message}"
        for alert_id in self._alerts.keys() - open_now.keys():
            yield f"alert {alert_id} is over"
        self._alerts = {alert.id: alert.severity for alert in now.alerts}

    def _told_lines(self, now: Situation) -> Iterator[str]:
        newest = max((one.id for one in now.told), default=0)
        if self._told >= 0:
            yield from (_told(one) for one in sorted(now.told, key=lambda o: o.id) if one.id > self._told)
        self._told = max(newest, self._told, 0)


def summary(now: Situation, began: datetime) -> Iterator[str]:
    """One line for each host, and one that says how all of it is."""
    for one in now.readings:
        check = now.check_of(one.host)
        figures = {"cpu": one.cpu_percent, "memory": one.memory_percent, "disks": one.disk_percent}
        said = [f"{name} {number(value)} %" for name, value in figures.items() if value is not None]
        said += [f"load {number(one.load_1m)}"] if one.load_1m is not None else []
        said += [f"health {number(check.score)} {check.level}"] if check and check.score is not None else []
        yield f"{one.host}: {', '.join(said)}"
    yield verdict(findings(now, began), now).plain


def _told(one: Told) -> str:
    to = f"{one.destination} {one.recipient}".strip()
    if one.state == "dead":
        return f"{to} was not told of alert {one.alert_id}: {one.reason}"
    return f"{to} was told: {one.summary or f'alert {one.alert_id} {one.kind}'}"
