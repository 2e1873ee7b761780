"""Hosts that come no more: nobody waits for their samples, and what they sent stays as long as everything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select, update

from domain.cadence import SILENCE
from models import Alert, AlertWatch, Host, clock
from worker import alerts


@dataclass(frozen=True, slots=True)
class Known:
    """A host, with its newest sample; `retired_at` is None as long as its samples are awaited."""

    name: str
    last_seen_at: datetime
    retired_at: datetime | None
    boot_time: datetime | None
    system: str | None
    release: str | None
    cpu_count: int | None
    memory_total_gb: float | None


@dataclass(frozen=True, slots=True)
class Retired:
    """A host that is awaited no more, and the alerts that ended with that."""

    host: str
    alerts: tuple[int, ...]


class NoSuchHost(LookupError):  # noqa: N818 - it says what is the case
    """There is no host of that name."""


class StillSending(Exception):  # noqa: N818 - as above
    """Its newest sample is only so old, so that it would be back at once."""

    def __init__(self, age: timedelta) -> None:
        super().__init__(f"its newest sample is {age.total_seconds():.0f} s old")
        self.age = age


_COLUMNS = [Host.__table__.c[name] for name in Known.__dataclass_fields__]


def listed(connection: Connection, *, everything: bool) -> Sequence[Known]:
    """The hosts whose samples are awaited, by name; with `everything` the retired ones too.

    Whoever has only rung the bell or sent a metric of their own is none of them.
    """
    is_watched = Host.kind == "host", Host.last_seen_at.is_not(None)
    hosts = select(*_COLUMNS).where(*is_watched).order_by(Host.name)
    if not everything:
        hosts = hosts.where(Host.retired_at.is_(None))
    return [Known(*row) for row in connection.execute(hosts)]


def retire(connection: Connection, name: str, *, by: str) -> Retired:
    """Wait for a host no more, and end its open alerts; its next sample brings it back.

    Raises NoSuchHost, or StillSending where its samples have not been missed yet.
    """
    host = connection.execute(
        select(Host.id, Host.last_seen_at).where(Host.name == name, Host.kind == "host").with_for_update()
    ).first()
    if host is None:
        raise NoSuchHost(f"there is no host {name!r}")
    now = clock.now(connection)
    if host.last_seen_at is not None and now - host.last_seen_at <= SILENCE:
        raise StillSending(now - host.last_seen_at)
    open_ones = select(Alert.id).where(Alert.host_id == host.id, Alert.resolved_at.is_(None))
    ended = tuple(connection.scalars(open_ones.order_by(Alert.id)))
    for alert_id in ended:
        alerts.resolve(connection, alert_id, by=by, reason=f"{name} is retired")
    connection.execute(delete(AlertWatch).where(AlertWatch.host_id == host.id))
    connection.execute(update(Host).where(Host.id == host.id).values(retired_at=now))
    return Retired(name, ended)
