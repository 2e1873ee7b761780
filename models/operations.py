"""Tocsin's own signs of life and the ledger of its chores."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Json


class Heartbeat(Base):
    """The last sign of life of one part."""

    __tablename__ = "heartbeats"
    __table_args__ = {"comment": "Last sign of life of every part of Tocsin"}  # noqa: RUF012

    component: Mapped[str] = mapped_column(
        primary_key=True, comment="As task:health.check, queue:notify or recorder"
    )
    instance: Mapped[str] = mapped_column(primary_key=True, comment="Which one, by host")
    at: Mapped[datetime] = mapped_column(comment="When it was last seen at work")
    since: Mapped[datetime] = mapped_column(comment="From when it has been at work without a break")
    detail: Mapped[Json] = mapped_column(comment="Outcome, duration and figures of that work")


# A message that is delivered twice is done once; one that was skipped or refused was not done.
CLAIMS = "tick IS NULL AND outcome IN ('running', 'done', 'failed')"


class TaskRun(Base):
    """One run of one task; a tick of the schedule, or a message, is claimed by its unique row."""

    __tablename__ = "task_runs"
    __table_args__ = (
        UniqueConstraint("task", "tick"),
        Index("idx_task_runs_started_at", "started_at"),
        Index("uq_task_runs_task_id", "task_id", unique=True, postgresql_where=text(CLAIMS)),
        {"comment": "Ledger of tasks: every run of a chore or by hand, who started it, what it did"},
    )

    id: Mapped[BigId] = mapped_column(comment="Key")
    task: Mapped[str] = mapped_column(comment="Name of the task, as Flower shows it")
    tick: Mapped[datetime | None] = mapped_column(
        comment="Tick of the schedule that it claims; null for a run by hand"
    )
    task_id: Mapped[str | None] = mapped_column(
        comment="Celery's id of the message that asked for it, as Flower shows it; null without Celery"
    )
    started_at: Mapped[datetime] = mapped_column(comment="When it began")
    finished_at: Mapped[datetime | None] = mapped_column(
        comment="When it ended; null while it runs or if it died"
    )
    origin: Mapped[str] = mapped_column(comment="Who or what started it")
    outcome: Mapped[str] = mapped_column(comment="running, done, skipped, refused or failed")
    arguments: Mapped[Json] = mapped_column(comment="Its arguments, without what might be a secret")
    window: Mapped[str | None] = mapped_column(comment="From when to when it worked, if it worked on times")
    rows: Mapped[int | None] = mapped_column(
        BigInteger, comment="How many rows it wrote or removed, if that is its work"
    )
    result: Mapped[Json | None] = mapped_column(comment="What it did, or why it was skipped")
    error: Mapped[str | None] = mapped_column(comment="Why it failed or was refused")


class TaskMinute(Base):
    """The runs of a frequent task that ended in one minute."""

    __tablename__ = "task_minutes"
    __table_args__ = {"comment": "Ledger of frequent tasks: totals of each minute"}  # noqa: RUF012

    task: Mapped[str] = mapped_column(primary_key=True, comment="Name of the task, as Flower shows it")
    minute: Mapped[datetime] = mapped_column(primary_key=True, comment="Start of the minute")
    runs: Mapped[int] = mapped_column(comment="How many runs ended in it")
    failed: Mapped[int] = mapped_column(comment="How many of them failed")
    total_ms: Mapped[float] = mapped_column(comment="How long they took together, ms")
    longest_ms: Mapped[float] = mapped_column(comment="How long the longest took, ms")
    last_error: Mapped[str | None] = mapped_column(comment="Why the last of those that failed did")
