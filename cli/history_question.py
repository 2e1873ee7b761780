"""What `tocsin history` is asked, made precise: which host, which metric, which one of several."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from charts import Mark, Threshold
from cli.errors import USAGE, CommandError
from worker.history import Asked

# What the catalogue says, as short as axes want it.
UNITS = {"percent": "%", "bytes/s": "B/s", "seconds": "s", "processes": "", "sockets": "", "points": ""}

_HOST = text("SELECT id FROM hosts WHERE name = :name")
_HOSTS = text("SELECT name FROM hosts WHERE kind = 'host' ORDER BY name")
_METRIC = text("SELECT unit, description FROM metrics WHERE name = :name")
_METRICS = text("SELECT name FROM metrics ORDER BY name")
_SUBJECTS = text("""
    SELECT subject FROM metric_aggregations
     WHERE host_id = :host_id AND period = 'day' AND bucket >= CAST(:since AS timestamptz) - interval '1 day'
       AND metric_id = (SELECT id FROM metrics WHERE name = :metric)
     UNION
    SELECT subject FROM custom_series
     WHERE host_id = :host_id AND last_at >= :since
       AND metric_id = (SELECT id FROM metrics WHERE name = :metric)
     ORDER BY subject
""")
_ALERTS = text("""
    SELECT id, opened_at, severity, threshold, component FROM infrastructure_alerts
     WHERE host_id = :host_id AND metric = :metric AND NOT is_drill
       AND opened_at >= :since AND opened_at < :until
     ORDER BY opened_at DESC LIMIT :most
""")
# More marks than this hide the line.
MARKS = 8


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the words for its answer; `unit` as an axis has it."""

    asked: Asked
    host: str
    unit: str
    description: str

    @property
    def title(self) -> str:
        about = f" {self.asked.subject}" if self.asked.subject else ""
        return f"{self.host} · {self.asked.metric}{about}"


def question(
    connection: Connection, metric: str, host: str, *, subject: str | None, since: datetime, until: datetime
) -> Question:
    """Raises CommandError for a metric or host that is unknown, with what was surely meant."""
    about = connection.execute(_METRIC, {"name": metric}).one_or_none()
    if about is None:
        raise _unknown("metric", metric, connection.scalars(_METRICS).all())
    host_id = connection.execute(_HOST, {"name": host}).scalar()
    if host_id is None:
        raise _unknown("host", host, connection.scalars(_HOSTS).all())
    one = {"host_id": host_id, "metric": metric, "since": since}
    which = _subject(metric, subject, connection.scalars(_SUBJECTS, one).all())
    unit = UNITS.get(about.unit, about.unit)
    return Question(Asked(metric, host_id, which, since, until), host, unit, about.description)


def marks(connection: Connection, asked: Asked) -> tuple[tuple[Threshold, ...], tuple[Mark, ...]]:
    """The alerts of the metric that opened in that time, and the thresholds that they crossed."""
    about = {"host_id": asked.host_id, "metric": asked.metric, "since": asked.since, "until": asked.until}
    rows = connection.execute(_ALERTS, about | {"most": MARKS}).all()
    levels = {(row.severity, row.threshold) for row in rows}
    return (
        tuple(Threshold(f"{severity} {value:g}", value, severity) for severity, value in sorted(levels)),
        tuple(Mark(f"#{row.id}", row.opened_at, row.severity) for row in rows),
    )


def _subject(metric: str, wanted: str | None, known: Sequence[str]) -> str:
    if wanted is None and len(known) == 1:
        return known[0]
    if wanted is None and known and "" not in known:
        raise CommandError(
            f"{metric} is of one of several", f"give --subject, one of {', '.join(known)}", USAGE
        )
    if wanted and known and wanted not in known:
        raise _unknown("subject", wanted, known)
    return wanted or ""


def _unknown(kind: str, wanted: str, known: Sequence[str]) -> CommandError:
    near = difflib.get_close_matches(wanted, known, 1, 0.5)
    names = ", ".join(known) or "none yet"
    return CommandError(
        f"there is no {kind} {wanted!r}", f"did you mean {near[0]}?" if near else f"there are {names}", USAGE
    )
