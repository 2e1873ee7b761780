"""The outbox, what each attempt met, why each message was sent or held back, and silences."""

from datetime import datetime
from uuid import UUID

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


class Delivery(Base):
    """The intent to tell one recipient of one event: a row of the outbox, which ends and is never lost."""

    __tablename__ = "notification_deliveries"
    __table_args__ = (
        UniqueConstraint("event_id", "destination", "recipient", "step"),
        CheckConstraint("state IN ('pending', 'sending', 'delivered', 'superseded', 'dead')", name="state"),
        Index("idx_deliveries_due", "due_at", postgresql_where=text("state IN ('pending', 'sending')")),
        Index("idx_deliveries_incident", "incident_id", "destination", "recipient"),
        Index("idx_deliveries_alert", "alert_id"),
        Index("idx_deliveries_created_at", "created_at"),
        {"comment": "The outbox: one row per event, destination, recipient and escalation step"},
    )

    id: ColumnClause[int] = big_id("Key, and the number in the message's identity")
    event_id: ColumnClause[int] = Column(
        BigInteger, ForeignKey("alert_events.id", ondelete="CASCADE"), comment="The event to tell of"
    )
    alert_id: ColumnClause[int] = Column(
        BigInteger, ForeignKey("infrastructure_alerts.id", ondelete="CASCADE"), comment="Its alert"
    )
    incident_id: ColumnClause[int] = Column(
        BigInteger, comment="First alert of the incident: the cooldown's key"
    )
    created_at: ColumnClause[datetime] = Column(server_default=text("now()"), comment="When it was planned")
    due_at: ColumnClause[datetime] = Column(comment="Not to be sent before this moment")
    lease_until: ColumnClause[datetime | None] = Column(comment="Until when a sender has it to itself")
    finished_at: ColumnClause[datetime | None] = Column(comment="When it ended, whichever way")
    lease_token: ColumnClause[UUID | None] = Column(
        comment="The sender's token: only it may record the outcome"
    )
    step: ColumnClause[int] = Column(
        SmallInteger, server_default="0", comment="Escalation step, 0 for the first"
    )
    attempts: ColumnClause[int] = Column(SmallInteger, server_default="0", comment="How often it was tried")
    destination: ColumnClause[str] = Column(comment="Name of the destination")
    recipient: ColumnClause[str] = Column(
        server_default="", comment="Mail address, where the destination has several"
    )
    kind: ColumnClause[str] = Column(comment="Kind of the event")
    severity: ColumnClause[str] = Column(comment="Severity that the message speaks of")
    state: ColumnClause[str] = Column(
        server_default="pending", comment="pending, sending, delivered, superseded or dead"
    )
    reason: ColumnClause[str] = Column(comment="Why it is in that state, in one sentence")
    digest_id: ColumnClause[int | None] = Column(
        BigInteger, comment="First delivery of the digest that told of this one among others"
    )
    fallback_for: ColumnClause[str | None] = Column(
        comment="Destination that could not be reached and that this one stands in for"
    )
    summary: ColumnClause[str | None] = Column(comment="First line of the message, as it was sent")
    provider_id: ColumnClause[str | None] = Column(
        comment="What the provider calls it, as Message-ID or Slack ts"
    )
    rendered: ColumnClause[Json | None] = Column(
        comment="What was sent: summary, subject, text, Slack's layout; null until then and in a digest"
    )


class FirstMessage(Base):
    """The first message of an incident where it can be edited, and the state that its first line shows."""

    __tablename__ = "first_messages"
    __table_args__ = (
        Index("idx_first_messages_incident", "incident_id"),
        {"comment": "First messages of incidents that are edited as their incident goes on"},
    )

    delivery_id: ColumnClause[int] = Column(
        BigInteger,
        ForeignKey("notification_deliveries.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The delivery that sent it",
    )
    incident_id: ColumnClause[int] = Column(BigInteger, comment="First alert of the incident")
    shown_event_id: ColumnClause[int] = Column(
        BigInteger, comment="Newest event that it shows, or could not be made to show"
    )
    due_at: ColumnClause[datetime] = Column(comment="Not to be edited before this moment")
    failures: ColumnClause[int] = Column(
        SmallInteger, server_default="0", comment="Edits that failed since the last that did not"
    )
    place: ColumnClause[str] = Column(comment="Where it stands, as Slack's id of the channel")
    answer: ColumnClause[str | None] = Column(comment="What the last edit met, without secrets")


class Attempt(Base):
    """One try at one delivery."""

    __tablename__ = "notification_attempts"
    __table_args__ = (
        Index("idx_attempts_delivery", "delivery_id"),
        Index("idx_attempts_started_at", "started_at", postgresql_using="brin"),
        {"comment": "One row per attempt to deliver: when, how long, what answer"},
    )

    id: ColumnClause[int] = big_id("Key")
    delivery_id: ColumnClause[int] = Column(
        BigInteger, ForeignKey("notification_deliveries.id", ondelete="CASCADE"), comment="The delivery"
    )
    started_at: ColumnClause[datetime] = Column(comment="When it began")
    duration_ms: ColumnClause[float] = Column(comment="How long it took, milliseconds")
    outcome: ColumnClause[str] = Column(comment="delivered, retry, ambiguous or permanent")
    answer: ColumnClause[str] = Column(comment="What the other side said, without secrets")


class Decision(Base):
    """Why one destination was told of one event, or was not."""

    __tablename__ = "notification_decisions"
    __table_args__ = (
        CheckConstraint("verdict IN ('send', 'hold', 'skip')", name="verdict"),
        Index("idx_decisions_alert", "alert_id"),
        Index("idx_decisions_event", "event_id"),
        Index("idx_decisions_at", "at", postgresql_using="brin"),
        {"comment": "Every decision to send, to hold back or to leave out, with its reason"},
    )

    id: ColumnClause[int] = big_id("Key")
    event_id: ColumnClause[int] = Column(
        BigInteger, ForeignKey("alert_events.id", ondelete="CASCADE"), comment="The event"
    )
    alert_id: ColumnClause[int] = Column(
        BigInteger, ForeignKey("infrastructure_alerts.id", ondelete="CASCADE"), comment="Its alert"
    )
    at: ColumnClause[datetime] = Column(server_default=text("now()"), comment="When it was decided")
    until: ColumnClause[datetime | None] = Column(comment="Until when a held message is held")
    step: ColumnClause[int] = Column(SmallInteger, server_default="0", comment="Escalation step")
    destination: ColumnClause[str] = Column(comment="Name of the destination")
    recipient: ColumnClause[str] = Column(server_default="", comment="Mail address, where there are several")
    verdict: ColumnClause[str] = Column(comment="send, hold or skip")
    cause: ColumnClause[str] = Column(comment="The kind of reason, in one word, as cooldown or silence")
    reason: ColumnClause[str] = Column(comment="Why, in one sentence")


class DestinationState(Base):
    """How a destination fares: how much it may get now, and whether it is worth trying."""

    __tablename__ = "destination_states"
    __table_args__ = {"comment": "Rate limit and circuit breaker of each destination"}  # noqa: RUF012

    destination: ColumnClause[str] = Column(primary_key=True, comment="Name of the destination")
    refilled_at: ColumnClause[datetime] = Column(comment="When tokens was true")
    tokens: ColumnClause[float] = Column(comment="Messages that it may get at once")
    open_until: ColumnClause[datetime | None] = Column(
        comment="Not tried before this moment, because it failed again and again; null while it works"
    )
    failures: ColumnClause[int] = Column(server_default="0", comment="Failures since the last success")
    last_error: ColumnClause[str | None] = Column(comment="What the last failure was, without secrets")


class Silence(Base):
    """A time in which nobody is told of what matches; evaluation and history go on."""

    __tablename__ = "silences"
    __table_args__ = {"comment": "Silences and maintenance windows set by people"}  # noqa: RUF012

    id: ColumnClause[int] = big_id("Key")
    created_at: ColumnClause[datetime] = Column(server_default=text("now()"), comment="When it was set")
    starts_at: ColumnClause[datetime] = Column(comment="From when it holds")
    ends_at: ColumnClause[datetime] = Column(comment="Until when it holds; brought forward when it is ended")
    matchers: ColumnClause[Json] = Column(comment="What it silences: host, component, severity")
    recurrence: ColumnClause[Json | None] = Column(
        comment="Where it holds again and again: start (UTC), minutes, days of the week; else null"
    )
    created_by: ColumnClause[str] = Column(comment="Who set it")
    ended_by: ColumnClause[str | None] = Column(comment="Who ended it early")
    reason: ColumnClause[str] = Column(comment="Why")
