"""Sets silences and ends them early, which lets go what they held."""

import glob
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, insert, select, update

from domain.severity import Severity
from models import Alert, Delivery, Host, clock
from models import Silence as SilenceRow
from models.base import Json
from notifications.planning import take_turn
from notifications.quiet import in_force, of_row
from notifications.silences import Silence
from policy.matching import Scope
from policy.windows import Once, Recurring


@dataclass(frozen=True, slots=True)
class Ended:
    """A silence as it was before it was ended, and how many messages that it held may leave now."""

    silence: Silence
    let_go: int


@dataclass(frozen=True, slots=True)
class Silenced:
    """The silence that keeps people in peace of an alert, and whether it was set just now."""

    silence: Silence
    new: bool


class NoOpenAlert(LookupError):  # noqa: N818 - it says what is the case
    """There is no open alert of that number."""


class NoSuchSilence(LookupError):  # noqa: N818 - it says what is the case
    """There is no silence of that number that is not over."""


def add(
    connection: Connection, scope: Scope, span: Once, within: Recurring | None, *, by: str, reason: str
) -> int:
    """Set a silence; answer its number. Whoever plans or sends from now on obeys it."""
    return connection.execute(
        insert(SilenceRow)
        .values(
            starts_at=span.starts_at,
            ends_at=span.ends_at,
            matchers=_matchers(scope),
            recurrence=_recurrence(within) if within else None,
            created_by=by,
            reason=reason,
        )
        .returning(SilenceRow.id)
    ).scalar_one()


def silence_alert(connection: Connection, alert_id: int, length: timedelta, *, by: str) -> Silenced:
    """Tell nobody of what an open alert is about, for `length` from now on, unless it is silenced already.

    A silenced warning that turns critical is told. Raises NoOpenAlert where no alert of that number is open.
    """
    alert = _open_alert(connection, alert_id)
    now, severity = clock.now(connection), Severity(alert.severity)
    for silence in in_force(connection, now):
        if silence.hold(host=alert.host, component=alert.component, severity=severity, at=now):
            return Silenced(silence, new=False)
    scope = Scope((glob.escape(alert.host),), (glob.escape(alert.component),), _up_to(severity))
    span, reason = Once(now, now + length), f"alert {alert_id}"
    number = add(connection, scope, span, None, by=by, reason=reason)
    return Silenced(Silence(number, scope, span, None, by, reason), new=True)


def end(connection: Connection, number: int, *, by: str) -> Ended:
    """End a silence now, or take back one that has not begun.

    What it held is due at once; at sending it is decided again whether anything else holds it.
    Raises NoSuchSilence where no silence of that number is left to end.
    """
    # A planner at work has read the silences already, and would hold by one that has ended.
    take_turn(connection)
    now = clock.now(connection)
    silence = _left(connection, number, now)
    connection.execute(update(SilenceRow).where(SilenceRow.id == number).values(ends_at=now, ended_by=by))
    held = _held(connection, silence, now)
    connection.execute(
        update(Delivery)
        .where(Delivery.id.in_(held), Delivery.state == "pending")
        .values(due_at=now, reason=f"{by} ended silence {number} that held it")
    )
    return Ended(silence, len(held))


def _open_alert(connection: Connection, alert_id: int) -> Row[str, str, datetime | None, str]:
    """The alert and its host; locked, so that of two who silence it at once the second finds the first."""
    alert = connection.execute(
        select(Alert.component, Alert.severity, Alert.resolved_at, Host.name.label("host"))
        .join(Host, Host.id == Alert.host_id)
        .where(Alert.id == alert_id)
        .with_for_update(of=Alert)
    ).one_or_none()
    if alert is None:
        raise NoOpenAlert(f"there is no alert {alert_id}")
    if alert.resolved_at is not None:
        raise NoOpenAlert(f"alert {alert_id} is over since {alert.resolved_at:%Y-%m-%d %H:%M:%S} UTC")
    return alert


def _up_to(severity: Severity) -> frozenset[Severity]:
    return frozenset(one for one in Severity if one.rank <= severity.rank)


def _left(connection: Connection, number: int, now: datetime) -> Silence:
    query = select(SilenceRow.__table__).where(SilenceRow.id == number).with_for_update()
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoSuchSilence(f"there is no silence {number}")
    if row.ends_at <= now:
        raise NoSuchSilence(f"silence {number} is over since {row.ends_at:%Y-%m-%d %H:%M:%S} UTC")
    return of_row(row._asdict())


def _held(connection: Connection, silence: Silence, now: datetime) -> Sequence[int]:
    """The messages that wait for the end of this silence: they are about what it matches, and due then."""
    rows = connection.execute(
        select(Delivery.id, Delivery.due_at, Delivery.severity, Alert.component, Host.name.label("host"))
        .join(Alert, Alert.id == Delivery.alert_id)
        .join(Host, Host.id == Alert.host_id)
        .where(Delivery.state == "pending", Delivery.due_at > now)
    )
    held = []
    for row in rows:
        severity = Severity(row.severity)
        hold = silence.hold(host=row.host, component=row.component, severity=severity, at=now)
        if hold is not None and hold.until == row.due_at:
            held.append(row.id)
    return held


def _matchers(scope: Scope) -> Json:
    return {
        "hosts": list(scope.hosts),
        "components": list(scope.components),
        "severities": sorted(scope.severities),
    }


def _recurrence(within: Recurring) -> Json:
    return {
        "start": f"{within.start:%H:%M}",
        "minutes": within.duration.total_seconds() / 60,
        "days": sorted(within.days),
    }
