"""The silences that are in force, read from where people set them."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sqlalchemy import Connection, select

from domain.severity import Severity
from models import Silence as SilenceRow
from models.base import Json
from notifications.silences import Quiet, Silence
from policy import Policy
from policy.matching import ALL_SEVERITIES, EVERY, Scope
from policy.windows import EVERY_DAY, Once, Recurring


def quiet(connection: Connection, policy: Policy, now: datetime) -> Quiet:
    """Everything that may keep people from being told at this moment."""
    return Quiet(policy, in_force(connection, now))


def in_force(connection: Connection, now: datetime) -> Sequence[Silence]:
    """The silences that people set and whose span is at this moment, those that rest among them."""
    rows = connection.execute(
        select(SilenceRow.__table__).where(SilenceRow.starts_at <= now, SilenceRow.ends_at > now)
    )
    return [of_row(row._asdict()) for row in rows]


def of_row(row: Json) -> Silence:
    """A silence from its row, as names and values."""
    return Silence(
        number=row["id"],
        scope=_scope(row["matchers"]),
        span=Once(row["starts_at"], row["ends_at"]),
        within=_recurring(row["recurrence"]) if row["recurrence"] else None,
        by=row["created_by"],
        reason=row["reason"],
    )


def _scope(matchers: Json) -> Scope:
    severities = matchers.get("severities")
    return Scope(
        hosts=tuple(matchers.get("hosts") or EVERY),
        components=tuple(matchers.get("components") or EVERY),
        severities=frozenset(Severity(s) for s in severities) if severities else ALL_SEVERITIES,
    )


def _recurring(recurrence: Json) -> Recurring:
    return Recurring(
        start=time.fromisoformat(recurrence["start"]),
        duration=timedelta(minutes=recurrence["minutes"]),
        days=frozenset(recurrence.get("days") or EVERY_DAY),
    )
