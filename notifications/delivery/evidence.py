"""Gathers what helps to decide whether to get up: the last hour, how it was before, who knows, who is next.

A page never waits for it: each part is asked in a transaction of its own and within a time that all parts of
one round share, and what fails or is late is left out and named.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from time import monotonic
from typing import Any

import structlog
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from models import clock
from notifications.cooldown import FIRING
from notifications.delivery.trends import trend
from notifications.foresight import foresee
from notifications.notice import Background, Notice, Past, Told
from policy import Policy

WITHIN, EACH = timedelta(seconds=2), timedelta(seconds=1)
PAST_DAYS = 30

PAST = text("""
    SELECT count(*) AS times,
           percentile_cont(0.5) WITHIN GROUP (ORDER BY resolved_at - opened_at) AS median
      FROM infrastructure_alerts
     WHERE host_id = (SELECT id FROM hosts WHERE name = :host) AND component = :component
       AND opened_at >= CAST(:opened_at AS timestamptz) - make_interval(days => :days)
       AND opened_at < :opened_at AND rule = :rule AND is_drill = :is_drill
""")

# What is on its way for the same event is told now, whichever of its messages is asked about.
TOLD = text("""
    SELECT destination, count(DISTINCT recipient) AS addresses, min(finished_at) AS at,
           count(*) AS messages
      FROM notification_deliveries
     WHERE incident_id = :incident_id
       AND (state = 'delivered'
            OR state IN ('pending', 'sending') AND due_at <= :now
               AND event_id = (SELECT event_id FROM notification_deliveries WHERE id = :delivery_id))
     GROUP BY destination
     ORDER BY at NULLS LAST, destination
""")

log = structlog.get_logger()


def with_evidence(engine: Engine, policy: Policy, told: Mapping[int, Notice]) -> dict[int, Notice]:
    """The notices, by the delivery's number as they came, each with its background; never fails."""
    end = monotonic() + WITHIN.total_seconds()
    return {
        number: replace(notice, background=_background(_Asking(engine, policy, notice, end)))
        for number, notice in told.items()
    }


@dataclass(frozen=True, slots=True)
class _Asking:
    """One notice that is asked about, until `end` on the monotonic clock, in seconds."""

    engine: Engine
    policy: Policy
    notice: Notice
    end: float

    def ask(self, question: Callable[[Connection, Policy, Notice], Mapping[str, Any]]) -> Mapping[str, Any]:
        """The fields of Background that `question` answers; raises SQLAlchemyError or TimeoutError."""
        left = min(EACH.total_seconds(), self.end - monotonic())
        if left <= 0:
            raise TimeoutError
        with self.engine.begin() as connection:
            connection.execute(text(f"SET LOCAL statement_timeout = {max(1, int(left * 1000))}"))
            return question(connection, self.policy, self.notice)


def _background(asking: _Asking) -> Background:
    known, missing = Background(), []
    for part, question in PARTS.items():
        try:
            known = replace(known, **asking.ask(question))
        except (SQLAlchemyError, TimeoutError) as error:
            missing.append(part)
            about = log.bind(delivery=asking.notice.delivery_id, part=part)
            about.warning("evidence.left_out", reason=type(error).__name__)
    return replace(known, missing=tuple(missing))


def _trend(connection: Connection, _policy: Policy, notice: Notice) -> Mapping[str, Any]:
    return {"trend": trend(connection, notice)}


def _past(connection: Connection, _policy: Policy, notice: Notice) -> Mapping[str, Any]:
    about = {name: getattr(notice, name) for name in ("host", "component", "rule", "opened_at", "is_drill")}
    row = connection.execute(PAST, about | {"days": PAST_DAYS}).one()
    return {"past": Past(days=PAST_DAYS, times=row.times, median=row.median)}


def _told(connection: Connection, _policy: Policy, notice: Notice) -> Mapping[str, Any]:
    now = clock.now(connection)
    about = {"incident_id": notice.incident_id, "delivery_id": notice.delivery_id, "now": now}
    rows = connection.execute(TOLD, about).all()
    return {
        "told": tuple(Told(destination=r.destination, addresses=r.addresses, at=r.at) for r in rows),
        "messages": sum(row.messages for row in rows),
    }


def _coming(connection: Connection, policy: Policy, notice: Notice) -> Mapping[str, Any]:
    now, telling = clock.now(connection), notice.kind in FIRING
    return {"coming": tuple(foresee(connection, policy, notice.alert_id, now, telling=telling))}


PARTS: Mapping[str, Callable[[Connection, Policy, Notice], Mapping[str, Any]]] = {
    "the last hour": _trend,
    "how often it happened before": _past,
    "who was told": _told,
    "what comes next": _coming,
}
