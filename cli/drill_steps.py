"""What a drill waits for, step by step, and who is to blame for a step that does not come."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine, text

from domain.alerts import EventKind
from models import clock
from notifications.quantities import span
from worker import heartbeats

# Collectors record every 5 s and deliveries are swept every 10 s: what is silent for longer is down.
SILENT_AFTER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Part:
    """A part of Tocsin by its heartbeat, what it does not do while it is silent, and what to start."""

    component: str
    fault: str
    remedy: str


RECORDED_BY = Part(
    "recorder", "no sample has been stored", "start tocsin collector, or tocsin up, which starts everything"
)
DELIVERED_BY = Part(
    "task:notifications.deliver",
    "no message has been looked after",
    "start tocsin worker and tocsin beat, or tocsin up, which starts everything",
)


class Missing(Exception):  # noqa: N818 - it says what is the case
    """A step that did not come in time, and what is silent, if something is."""

    def __init__(self, fault: str, silence: str | None) -> None:
        super().__init__(f"{fault}: {silence}" if silence else f"{fault}; the logs of the workers say why")


@dataclass(frozen=True, slots=True)
class Opened:
    """The alert of a drill."""

    alert_id: int
    message: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of telling one destination; `after_s` is since the event."""

    destination: str
    recipient: str
    state: str
    answer: str
    after_s: float | None

    @property
    def delivered(self) -> bool:
        return self.state == "delivered"

    def __str__(self) -> str:
        to = f"{self.destination} {self.recipient}".strip()
        took = "" if self.after_s is None else f" after {self.after_s:.1f} s"
        return f"{to}: {self.state}{took}: {self.answer}"


def silence(engine: Engine, part: Part) -> str | None:
    """That a part is silent, and since when, in a sentence; None when it works."""
    with engine.connect() as connection:
        now, seen = clock.now(connection), heartbeats.last(connection, part.component)
    if part.component not in seen:
        return f"{part.fault} yet; {part.remedy}"
    at, _since = seen[part.component]
    silent = now - at
    return f"{part.fault} for {span(silent)}; {part.remedy}" if silent > SILENT_AFTER else None


def opened(engine: Engine, host: str, name: str) -> Opened | None:
    with engine.connect() as connection:
        row = connection.execute(_OPENED, {"host": host, "component": f"drill:{name}"}).first()
    return None if row is None else Opened(row.id, row.message)


def is_over(engine: Engine, alert: Opened) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(_IS_OVER, {"id": alert.alert_id}).scalar())


def outcomes(engine: Engine, alert: Opened, kind: EventKind) -> Sequence[Outcome] | None:
    """What came of an event for everybody; None while somebody's outcome is still open."""
    with engine.connect() as connection:
        rows = connection.execute(_OUTCOMES, {"id": alert.alert_id, "kind": kind}).all()
    if not rows or any(row.state in ("unplanned", "pending", "sending") for row in rows):
        return None
    return [Outcome(r.destination, r.recipient, r.state, r.answer, r.after_s) for r in rows]


_OPENED = text("""
    SELECT a.id, a.message
      FROM infrastructure_alerts AS a
      JOIN hosts AS h ON h.id = a.host_id
     WHERE h.name = :host AND a.component = :component AND a.is_drill
     ORDER BY a.id DESC
     LIMIT 1
""")

_IS_OVER = text("SELECT resolved_at IS NOT NULL FROM infrastructure_alerts WHERE id = :id")

# A row for each recipient: how the delivery ended or failed last, or why it was decided not to send.
_OUTCOMES = text("""
    SELECT coalesce(n.destination, d.destination, '') AS destination,
           coalesce(n.recipient, d.recipient, '') AS recipient,
           CASE WHEN e.planned_at IS NULL THEN 'unplanned'
                WHEN n.verdict IS NULL THEN 'nobody'
                WHEN d.id IS NULL OR n.verdict <> 'send' THEN n.verdict
                WHEN d.state = 'pending' AND t.outcome IS NOT NULL THEN 'failed'
                ELSE d.state END AS state,
           CASE WHEN d.state = 'pending' AND t.outcome IS NOT NULL THEN t.answer || ', to be tried again'
                WHEN t.answer IS NOT NULL THEN t.answer
                ELSE coalesce(d.reason, n.reason, 'no route leads anywhere for this alert') END AS answer,
           CAST(extract(epoch FROM d.finished_at - e.at) AS float) AS after_s
      FROM alert_events AS e
      LEFT JOIN notification_decisions AS n ON n.event_id = e.id
      LEFT JOIN notification_deliveries AS d
             ON d.event_id = e.id AND d.destination = n.destination AND d.recipient = n.recipient
            AND d.step = n.step
      LEFT JOIN LATERAL (SELECT outcome, answer FROM notification_attempts
                          WHERE delivery_id = d.id ORDER BY id DESC LIMIT 1) AS t ON true
     WHERE e.alert_id = :id AND e.kind = :kind
     ORDER BY 1, 2
""")
