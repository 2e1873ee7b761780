"""Alerts, what happened to each, and what is remembered between two observations."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Json


class Alert(Base):
    """An alert from its opening to its resolution; at most one open alert has an identity."""

    __tablename__ = "infrastructure_alerts"
    __table_args__ = (
        CheckConstraint("severity IN ('warning', 'critical')", name="severity"),
        Index(
            "idx_alerts_open_identity",
            "host_id",
            "component",
            "rule",
            unique=True,
            postgresql_where=text("resolved_at IS NULL"),
        ),
        Index("idx_alerts_opened_at", "opened_at"),
        Index("idx_alerts_day", text("((opened_at AT TIME ZONE 'UTC')::date)")),
        Index("idx_alerts_host_component", "host_id", "component", "opened_at"),
        Index("idx_alerts_severity", "severity", "opened_at"),
        Index("idx_alerts_incident", "incident_id"),
        {"comment": "Alert history: one row per alert, open while resolved_at is null"},
    )

    id: Mapped[BigId] = mapped_column(comment="The number that people see")
    incident_id: Mapped[int | None] = mapped_column(
        BigInteger,
        ForeignKey("infrastructure_alerts.id"),
        comment="First alert of the incident when this one fired again within the cooldown, else null",
    )
    opened_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="When it fired")
    breach_since: Mapped[datetime] = mapped_column(comment="First sample of the breach that opened it")
    acknowledged_at: Mapped[datetime | None] = mapped_column(comment="When somebody took it")
    resolved_at: Mapped[datetime | None] = mapped_column(comment="When it was over; null while it is open")
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), comment="The host")
    value: Mapped[float] = mapped_column(comment="Value at the last event, in unit")
    peak: Mapped[float] = mapped_column(comment="Worst value while it was open, in unit")
    threshold: Mapped[float] = mapped_column(comment="Threshold in force at the last event, in unit")
    seq: Mapped[int] = mapped_column(server_default="0", comment="Number of its newest event")
    is_drill: Mapped[bool] = mapped_column(
        server_default=text("false"), comment="Whether somebody rang the bell to try it"
    )
    component: Mapped[str] = mapped_column(comment="cpu, memory, disk:/mount, host, database, redis")
    rule: Mapped[str] = mapped_column(comment="Name of the rule")
    metric: Mapped[str] = mapped_column(comment="What was measured")
    unit: Mapped[str] = mapped_column(comment="Unit of value, peak and threshold")
    severity: Mapped[str] = mapped_column(comment="warning or critical, at present")
    message: Mapped[str] = mapped_column(comment="What is the matter, in one sentence")
    acknowledged_by: Mapped[str | None] = mapped_column(comment="Who took it")
    snapshot: Mapped[Json] = mapped_column(comment="The system at the moment it fired")


class AlertEvent(Base):
    """One change of an alert's state, from the transaction that made it; only planned_at ever changes."""

    __tablename__ = "alert_events"
    __table_args__ = (
        UniqueConstraint("alert_id", "seq"),
        Index("idx_alerts_events_unplanned", "id", postgresql_where=text("planned_at IS NULL")),
        Index("idx_alerts_events_at", "at"),
        {"comment": "Every change of state of every alert, in order"},
    )

    id: Mapped[BigId] = mapped_column(comment="Key")
    alert_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("infrastructure_alerts.id", ondelete="CASCADE"), comment="The alert"
    )
    at: Mapped[datetime] = mapped_column(
        server_default=text("now()"), comment="When, on the database's clock"
    )
    planned_at: Mapped[datetime | None] = mapped_column(
        comment="When it was decided who hears of it; null until then"
    )
    seq: Mapped[int] = mapped_column(comment="1, 2, 3 … within the alert")
    step: Mapped[int | None] = mapped_column(
        SmallInteger, comment="Escalation step, counted from 1, where the event is one"
    )
    value: Mapped[float | None] = mapped_column(comment="Value at that moment, in the alert's unit")
    threshold: Mapped[float | None] = mapped_column(comment="Threshold in force, in the alert's unit")
    kind: Mapped[str] = mapped_column(comment="What happened, as opened or resolved: see the on-call guide")
    severity: Mapped[str] = mapped_column(comment="Severity after the event")
    actor: Mapped[str] = mapped_column(comment="Who or what did it")
    reason: Mapped[str] = mapped_column(comment="Why, in one sentence")
    trace: Mapped[str | None] = mapped_column(comment="The work that made it, as a W3C traceparent")
    snapshot: Mapped[Json | None] = mapped_column(comment="The system at that moment, where it was looked at")


class AlertWatch(Base):
    """What is remembered of a breach that lasts, or of an open alert, between two samples."""

    __tablename__ = "alert_watches"
    __table_args__ = {"comment": "Breaches in the making and the state of open alerts, one row per identity"}  # noqa: RUF012

    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), primary_key=True, comment="The host")
    component: Mapped[str] = mapped_column(primary_key=True, comment="As in infrastructure_alerts")
    rule: Mapped[str] = mapped_column(primary_key=True, comment="As in infrastructure_alerts")
    severity: Mapped[str | None] = mapped_column(comment="Of the open alert, null while none is open")
    warning_since: Mapped[datetime | None] = mapped_column(comment="At or above the warning threshold since")
    critical_since: Mapped[datetime | None] = mapped_column(
        comment="At or above the critical threshold since"
    )
    below_critical_since: Mapped[datetime | None] = mapped_column(
        comment="Clear of the critical threshold since"
    )
    clear_since: Mapped[datetime | None] = mapped_column(comment="Clear of every threshold since")
    last_at: Mapped[datetime | None] = mapped_column(comment="Time of the last observation")
    peak: Mapped[float | None] = mapped_column(comment="Worst value so far, in the rule's unit")
