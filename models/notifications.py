"""The outbox, what each attempt met, why each message was sent or held back, and silences."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Json


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

    id: Mapped[BigId] = mapped_column(comment="Key, and the number in the message's identity")
    event_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("alert_events.id", ondelete="CASCADE"), comment="The event to tell of"
    )
    alert_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("infrastructure_alerts.id", ondelete="CASCADE"), comment="Its alert"
    )
    incident_id: Mapped[int] = mapped_column(
        BigInteger, comment="First alert of the incident: the cooldown's key"
    )
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="When it was planned")
    due_at: Mapped[datetime] = mapped_column(comment="Not to be sent before this moment")
    lease_until: Mapped[datetime | None] = mapped_column(comment="Until when a sender has it to itself")
    finished_at: Mapped[datetime | None] = mapped_column(comment="When it ended, whichever way")
    lease_token: Mapped[UUID | None] = mapped_column(
        comment="The sender's token: only it may record the outcome"
    )
    step: Mapped[int] = mapped_column(
        SmallInteger, server_default="0", comment="Escalation step, 0 for the first"
    )
    attempts: Mapped[int] = mapped_column(SmallInteger, server_default="0", comment="How often it was tried")
    destination: Mapped[str] = mapped_column(comment="Name of the destination")
    recipient: Mapped[str] = mapped_column(
        server_default="", comment="Mail address, where the destination has several"
    )
    kind: Mapped[str] = mapped_column(comment="Kind of the event")
    severity: Mapped[str] = mapped_column(comment="Severity that the message speaks of")
    state: Mapped[str] = mapped_column(
        server_default="pending", comment="pending, sending, delivered, superseded or dead"
    )
    reason: Mapped[str] = mapped_column(comment="Why it is in that state, in one sentence")
    digest_id: Mapped[int | None] = mapped_column(
        BigInteger, comment="First delivery of the digest that told of this one among others"
    )
    fallback_for: Mapped[str | None] = mapped_column(
        comment="Destination that could not be reached and that this one stands in for"
    )
    summary: Mapped[str | None] = mapped_column(comment="First line of the message, as it was sent")
    provider_id: Mapped[str | None] = mapped_column(
        comment="What the provider calls it, as Message-ID or Slack ts"
    )
    rendered: Mapped[Json | None] = mapped_column(
        comment="What was sent: summary, subject, text, Slack's layout; null until then and in a digest"
    )


class FirstMessage(Base):
    """The first message of an incident where it can be edited, and the state that its first line shows."""

    __tablename__ = "first_messages"
    __table_args__ = (
        Index("idx_first_messages_incident", "incident_id"),
        {"comment": "First messages of incidents that are edited as their incident goes on"},
    )

    delivery_id: Mapped[int] = mapped_column(
        BigInteger,
        ForeignKey("notification_deliveries.id", ondelete="CASCADE"),
        primary_key=True,
        comment="The delivery that sent it",
    )
    incident_id: Mapped[int] = mapped_column(BigInteger, comment="First alert of the incident")
    shown_event_id: Mapped[int] = mapped_column(
        BigInteger, comment="Newest event that it shows, or could not be made to show"
    )
    due_at: Mapped[datetime] = mapped_column(comment="Not to be edited before this moment")
    failures: Mapped[int] = mapped_column(
        SmallInteger, server_default="0", comment="Edits that failed since the last that did not"
    )
    place: Mapped[str] = mapped_column(comment="Where it stands, as Slack's id of the channel")
    answer: Mapped[str | None] = mapped_column(comment="What the last edit met, without secrets")


class Attempt(Base):
    """One try at one delivery."""

    __tablename__ = "notification_attempts"
    __table_args__ = (
        Index("idx_attempts_delivery", "delivery_id"),
        Index("idx_attempts_started_at", "started_at", postgresql_using="brin"),
        {"comment": "One row per attempt to deliver: when, how long, what answer"},
    )

    id: Mapped[BigId] = mapped_column(comment="Key")
    delivery_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("notification_deliveries.id", ondelete="CASCADE"), comment="The delivery"
    )
    started_at: Mapped[datetime] = mapped_column(comment="When it began")
    duration_ms: Mapped[float] = mapped_column(comment="How long it took, milliseconds")
    outcome: Mapped[str] = mapped_column(comment="delivered, retry, ambiguous or permanent")
    answer: Mapped[str] = mapped_column(comment="What the other side said, without secrets")


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

    id: Mapped[BigId] = mapped_column(comment="Key")
    event_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("alert_events.id", ondelete="CASCADE"), comment="The event"
    )
    alert_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("infrastructure_alerts.id", ondelete="CASCADE"), comment="Its alert"
    )
    at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="When it was decided")
    until: Mapped[datetime | None] = mapped_column(comment="Until when a held message is held")
    step: Mapped[int] = mapped_column(SmallInteger, server_default="0", comment="Escalation step")
    destination: Mapped[str] = mapped_column(comment="Name of the destination")
    recipient: Mapped[str] = mapped_column(server_default="", comment="Mail address, where there are several")
    verdict: Mapped[str] = mapped_column(comment="send, hold or skip")
    cause: Mapped[str] = mapped_column(comment="The kind of reason, in one word, as cooldown or silence")
    reason: Mapped[str] = mapped_column(comment="Why, in one sentence")


class DestinationState(Base):
    """How a destination fares: how much it may get now, and whether it is worth trying."""

    __tablename__ = "destination_states"
    __table_args__ = {"comment": "Rate limit and circuit breaker of each destination"}  # noqa: RUF012

    destination: Mapped[str] = mapped_column(primary_key=True, comment="Name of the destination")
    refilled_at: Mapped[datetime] = mapped_column(comment="When tokens was true")
    tokens: Mapped[float] = mapped_column(comment="Messages that it may get at once")
    open_until: Mapped[datetime | None] = mapped_column(
        comment="Not tried before this moment, because it failed again and again; null while it works"
    )
    failures: Mapped[int] = mapped_column(server_default="0", comment="Failures since the last success")
    last_error: Mapped[str | None] = mapped_column(comment="What the last failure was, without secrets")


class Silence(Base):
    """A time in which nobody is told of what matches; evaluation and history go on."""

    __tablename__ = "silences"
    __table_args__ = {"comment": "Silences and maintenance windows set by people"}  # noqa: RUF012

    id: Mapped[BigId] = mapped_column(comment="Key")
    created_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="When it was set")
    starts_at: Mapped[datetime] = mapped_column(comment="From when it holds")
    ends_at: Mapped[datetime] = mapped_column(comment="Until when it holds; brought forward when it is ended")
    matchers: Mapped[Json] = mapped_column(comment="What it silences: host, component, severity")
    recurrence: Mapped[Json | None] = mapped_column(
        comment="Where it holds again and again: start (UTC), minutes, days of the week; else null"
    )
    created_by: Mapped[str] = mapped_column(comment="Who set it")
    ended_by: Mapped[str | None] = mapped_column(comment="Who ended it early")
    reason: Mapped[str] = mapped_column(comment="Why")
