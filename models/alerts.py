"""Alerts, what happened to each, and what is remembered between two observations."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ColumnClause,
    ForeignKey,
    Index,
    SmallInteger,
    UniqueConstraint,
    text,
)

from models.base import Base, Json, big_id


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

    id: ColumnClause[int] = big_id("The number that people see")
    incident_id: ColumnClause[int | None] = Column(
        BigInteger,
        ForeignKey("infrastructure_alerts.id"),
        comment="First alert of the incident when this one fired again within the cooldown, else null",
    )
    opened_at: ColumnClause[datetime] = Column(server_default=text("now()"), comment="When it fired")
    breach_since: ColumnClause[datetime] = Column(comment="First sample of the breach that opened it")
    acknowledged_at: ColumnClause[datetime | None] = Column(comment="When somebody took it")
    resolved_at: ColumnClause[datetime | None] = Column(comment="When it was over; null while it is open")
    host_id: ColumnClause[int] = Column(ForeignKey("hosts.id"), comment="The host")
    value: ColumnClause[float] = Column(comment="Value at the last event, in unit")
    peak: ColumnClause[float] = Column(comment="Worst value while it was open, in unit")
    threshold: ColumnClause[float] = Column(comment="Threshold in force at the last event, in unit")
    seq: ColumnClause[int] = Column(server_default="0", comment="Number of its newest event")
    is_drill: ColumnClause[bool] = Column(
        server_default=text("false"), comment="Whether somebody rang the bell to try it"
    )
    component: ColumnClause[str] = Column(comment="cpu, memory, disk:/mount, host, database, redis")
    rule: ColumnClause[str] = Column(comment="Name of the rule")
    metric: ColumnClause[str] = Column(comment="What was measured")
    unit: ColumnClause[str] = Column(comment="Unit of value, peak and threshold")
    severity: ColumnClause[str] = Column(comment="warning or critical, at present")
    message: ColumnClause[str] = Column(comment="What is the matter, in one sentence")
    acknowledged_by: ColumnClause[str | None] = Column(comment="Who took it")
    snapshot: ColumnClause[Json] = Column(comment="The system at the moment it fired")


class AlertEvent(Base):
    """One change of an alert's state, from the transaction that made it; only planned_at ever changes."""

    __tablename__ = "alert_events"
    __table_args__ = (
        UniqueConstraint("alert_id", "seq"),
        Index("idx_alerts_events_unplanned", "id", postgresql_where=text("planned_at IS NULL")),
        Index("idx_alerts_events_at", "at"),
        {"comment": "Every change of state of every alert, in order"},
    )

    id: ColumnClause[int] = big_id("Key")
    alert_id: ColumnClause[int] = Column(
        BigInteger, ForeignKey("infrastructure_alerts.id", ondelete="CASCADE"), comment="The alert"
    )
    at: ColumnClause[datetime] = Column(server_default=text("now()"), comment="When, on the database's clock")
    planned_at: ColumnClause[datetime | None] = Column(
        comment="When it was decided who hears of it; null until then"
    )
    seq: ColumnClause[int] = Column(comment="1, 2, 3 … within the alert")
    step: ColumnClause[int | None] = Column(
        SmallInteger, comment="Escalation step, counted from 1, where the event is one"
    )
    value: ColumnClause[float | None] = Column(comment="Value at that moment, in the alert's unit")
    threshold: ColumnClause[float | None] = Column(comment="Threshold in force, in the alert's unit")
    kind: ColumnClause[str] = Column(comment="What happened, as opened or resolved: see the on-call guide")
    severity: ColumnClause[str] = Column(comment="Severity after the event")
    actor: ColumnClause[str] = Column(comment="Who or what did it")
    reason: ColumnClause[str] = Column(comment="Why, in one sentence")
    trace: ColumnClause[str | None] = Column(comment="The work that made it, as a W3C traceparent")
    snapshot: ColumnClause[Json | None] = Column(comment="The system at that moment, where it was looked at")


class AlertWatch(Base):
    """What is remembered of a breach that lasts, or of an open alert, between two samples."""

    __tablename__ = "alert_watches"
    __table_args__ = {"comment": "Breaches in the making and the state of open alerts, one row per identity"}  # noqa: RUF012

    host_id: ColumnClause[int] = Column(ForeignKey("hosts.id"), primary_key=True, comment="The host")
    component: ColumnClause[str] = Column(primary_key=True, comment="As in infrastructure_alerts")
    rule: ColumnClause[str] = Column(primary_key=True, comment="As in infrastructure_alerts")
    severity: ColumnClause[str | None] = Column(comment="Of the open alert, null while none is open")
    warning_since: ColumnClause[datetime | None] = Column(comment="At or above the warning threshold since")
    critical_since: ColumnClause[datetime | None] = Column(comment="At or above the critical threshold since")
    below_critical_since: ColumnClause[datetime | None] = Column(
        comment="Clear of the critical threshold since"
    )
    clear_since: ColumnClause[datetime | None] = Column(comment="Clear of every threshold since")
    last_at: ColumnClause[datetime | None] = Column(comment="Time of the last observation")
    peak: ColumnClause[float | None] = Column(comment="Worst value so far, in the rule's unit")
