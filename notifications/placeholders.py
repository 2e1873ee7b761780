"""What templates may say: the words of a notice, formatted, bounded, and harmless where they are shown."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from domain.alerts import EventKind
from domain.health import Score
from notifications.escaping import cut, middle, plain
from notifications.notice import BusyProcess, Notice, OpenAlert
from notifications.quantities import clock, moment, number, quantity, span

NAME, SENTENCE, URL = 255, 1500, 2000
PROCESSES, ALSO_OPEN, FACTS, NOTES = 5, 8, 12, 6

DRILL = "This is a drill: somebody rang the bell to try it, and nothing is wrong."
SECOND_COPY = "This may be a second copy: the first was sent, but whether it arrived is not known."

# Kinds of events whose `lead.txt` begins with the reason, or is it.
REASON_FIRST = frozenset({EventKind.RESOLVED, EventKind.NOTED})

Escape = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table in the middle of a message; `verbatim` text was not written by us."""

    label: str
    value: str
    verbatim: bool = False


def placeholders(notice: Notice, escape: Escape, *, width: int = NAME) -> dict[str, Any]:
    """Everything that a template can name (docs/channels.md lists it), each text passed through `escape`.

    `width` bounds host and component in code points, cut in the middle, for lines that must stay short.
    """
    words = _words(notice, width)
    return {key: escaped(value, escape) for key, value in words.items()}


def escaped(value: Any, escape: Escape) -> Any:
    """`value` with every text in it escaped, once, when it is finished: halves would be escaped twice."""
    match value:
        case str():
            return escape(value)
        case list():
            return [escaped(item, escape) for item in value]
        case dict():
            return {key: escaped(item, escape) for key, item in value.items()}
        case Row():
            return Row(value.label, escape(value.value), value.verbatim)
        case _:
            return value


def _words(notice: Notice, width: int) -> dict[str, Any]:
    wording = _Wording(notice)
    return {
        "kind": notice.kind.value,
        "severity": notice.severity.value.upper(),
        "drill": notice.is_drill,
        "repeated": notice.repeated,
        "over": is_over(notice),
        "taken": is_over(notice) or is_taken(notice),
        "alert_id": notice.alert_id,
        "incident_id": notice.incident_id,
        "delivery_id": notice.delivery_id,
        "show_command": show_command(notice),
        "host": name(notice.host, width),
        "component": name(notice.component, width),
        "rule": name(notice.rule),
        "metric": name(notice.metric),
        "value": wording.quantity(notice.value),
        "limit": wording.quantity(notice.threshold),
        "since": clock(notice.breach_since, notice.at),
        "at": clock(notice.at, notice.at),
        "duration": span(open_for(notice)),
        "actor": name(notice.acknowledged_by or "somebody", min(width, 40)),
        "message": wording.sentence(notice.message),
        "reason": wording.sentence(notice.reason),
        "why": wording.why(),
        "marks": list(wording.marks()),
        "acknowledge": notice.acknowledge and name(notice.acknowledge),
        "runbook_url": notice.runbook_url and _url(notice.runbook_url),
        "rows": list(wording.rows()),
        "health": notice.health and _health(notice.health),
        "facts": [Row(name(f.name, 40), wording.quantity(f.value, f.unit)) for f in notice.facts[:FACTS]],
        "processes": [_process(process) for process in notice.processes[:PROCESSES]],
        "also_open": [wording.alert(alert) for alert in notice.also_open[:ALSO_OPEN]],
        "also_open_more": max(0, len(notice.also_open) - ALSO_OPEN),
    }


def show_command(notice: Notice) -> str:
    """The command line that shows everything that is known of the alert."""
    return show_alert(notice.alert_id)


def show_alert(alert_id: int) -> str:
    """The same, of an alert by its number."""
    return f"tocsin alerts show {alert_id}"


def open_for(notice: Notice) -> timedelta:
    """How long the alert has been, or was, open."""
    return notice.duration or ((notice.resolved_at or notice.at) - notice.opened_at)


def is_over(notice: Notice) -> bool:
    return notice.kind is EventKind.RESOLVED or notice.resolved_at is not None


def is_taken(notice: Notice) -> bool:
    """Whether somebody has it, as far as this event goes."""
    acknowledged = notice.acknowledged_at is not None and notice.kind is not EventKind.UNACKNOWLEDGED
    return acknowledged or notice.kind is EventKind.ACKNOWLEDGED


def name(text: str, width: int = NAME) -> str:
    return middle(plain(text, NAME), width) or "(no name)"


def _url(text: str) -> str | None:
    """A link that people may follow: http or https, and nothing in it that ends the link early."""
    shown = plain(text, URL + 1)
    if not shown.lower().startswith(("http://", "https://")) or len(shown) > URL:
        return None
    return quote(shown, safe="/:?#[]@!$&()*+,;=%~")


def _health(score: Score) -> str:
    """The score with what each part took off it, as it must never be shown alone."""
    parts = {
        "cpu": score.cpu,
        "memory": score.memory,
        "disk": score.disk,
        "warnings": score.warnings,
        "criticals": score.criticals,
    }
    lost = ", ".join(f"{name} -{number(points)}" for name, points in parts.items() if points)
    return f"{number(score.value)} of 100, {score.level.name} ({lost or 'nothing lost'})"


def _process(process: BusyProcess) -> dict[str, str]:
    memory = f"{number(process.memory_mb)} MB"
    if process.memory_percent is not None:
        memory += f" ({number(process.memory_percent)} %)"
    cpu = "unknown" if process.cpu_percent is None else quantity(process.cpu_percent, "%")
    return {"name": name(process.name, 40), "pid": str(process.pid), "cpu": cpu, "memory": memory}


@dataclass(frozen=True, slots=True)
class _Wording:
    """The words that need more than one field of the notice."""

    notice: Notice

    def sentence(self, text: str) -> str:
        return cut(plain(text, SENTENCE + 1), SENTENCE, show_command(self.notice))

    def why(self) -> str | None:
        """The reason, unless the first words of the message say it already."""
        said = self.notice.kind in REASON_FIRST or self.notice.reason == self.notice.message
        return None if said else self.sentence(self.notice.reason)

    def quantity(self, value: float | None, unit: str | None = None) -> str:
        if value is None:
            return "unknown"
        return quantity(value, plain(self.notice.unit if unit is None else unit, 20))

    def marks(self) -> Iterator[str]:
        """What must be read before the rest: a drill, a copy, a stand-in, and what planning has to say."""
        if self.notice.is_drill:
            yield DRILL
        if self.notice.repeated:
            yield SECOND_COPY
        if self.notice.fallback_for:
            yield f"Sent here because {name(self.notice.fallback_for)} could not be reached."
        for note in self.notice.notes[:NOTES]:
            yield self.sentence(note)

    def rows(self) -> Iterator[Row]:
        """The table: where, how much, since when, and what belongs to this kind of event."""
        notice = self.notice
        yield Row("Host", name(notice.host), verbatim=True)
        yield Row("Component", name(notice.component), verbatim=True)
        yield Row("Value", self._value())
        if is_over(notice):
            yield Row("Open for", f"{span(open_for(notice))}, since {moment(notice.opened_at)}")
            yield Row("Over at", moment(notice.resolved_at or notice.at))
        else:
            yield Row("Since", f"{moment(notice.breach_since)} ({span(notice.at - notice.breach_since)})")
        if is_taken(notice):
            yield Row("Taken by", name(notice.acknowledged_by or "somebody"), verbatim=True)
            yield Row("Taken at", moment(notice.acknowledged_at or notice.at))
        yield Row("Rule", name(notice.rule), verbatim=True)

    def _value(self) -> str:
        limits = f"limit {self.quantity(self.notice.threshold)}"
        if self.notice.peak is not None:
            limits += f", peak {self.quantity(self.notice.peak)}"
        return f"{self.quantity(self.notice.value)} ({limits})"

    def alert(self, alert: OpenAlert) -> dict[str, str]:
        return {
            "id": str(alert.alert_id),
            "severity": alert.severity.value.upper(),
            "component": name(alert.component, 80),
            "value": self.quantity(alert.value, alert.unit),
            "since": clock(alert.opened_at, self.notice.at),
        }
