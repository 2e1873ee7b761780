"""Tocsin's own signs of life and the ledger of its chores."""

from datetime import datetime

from sqlalchemy import BigInteger, Column, ColumnClause, Index, UniqueConstraint, text

from models.base import Base, Json, big_id


class Heartbeat(Base):
    """The last sign of life of one part."""

    __tablename__ = "heartbeats"
    __table_args__ = {"comment": "Last sign of life of every part of Tocsin"}  # noqa: RUF012

    component: ColumnClause[str] = Column(
        primary_key=True, comment="As task:health.check, queue:notify or recorder"
    )
    instance: ColumnClause[str] = Column(primary_key=True, comment="Which one, by host")
    at: ColumnClause[datetime] = Column(comment="When it was last seen at work")
    since: ColumnClause[datetime] = Column(comment="From when it has been at work without a break")
    detail: ColumnClause[Json] = Column(comment="Outcome, duration and figures of that work")


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

    id: ColumnClause[int] = big_id("Key")
    task: ColumnClause[str] = Column(comment="Name of the task, as Flower shows it")
    tick: ColumnClause[datetime | None] = Column(
        comment="Tick of the schedule that it claims; null for a run by hand"
    )
    task_id: ColumnClause[str | None] = Column(
        comment="Celery's id of the message that asked for it, as Flower shows it; null without Celery"
    )
    started_at: ColumnClause[datetime] = Column(comment="When it began")
    finished_at: ColumnClause[datetime | None] = Column(
        comment="When it ended; null while it runs or if it died"
    )
    origin: ColumnClause[str] = Column(comment="Who or what started it")
    outcome: ColumnClause[str] = Column(comment="running, done, skipped, refused or failed")
    arguments: ColumnClause[Json] = Column(comment="Its arguments, without what might be a secret")
    window: ColumnClause[str | None] = Column(comment="From when to when it worked, if it worked on times")
    rows: ColumnClause[int | None] = Column(
        BigInteger, comment="How many rows it wrote or removed, if that is its work"
    )
    result: ColumnClause[Json | None] = Column(comment="What it did, or why it was skipped")
    error: ColumnClause[str | None] = Column(comment="Why it failed or was refused")


class TaskMinute(Base):
    """The runs of a frequent task that ended in one minute."""

    __tablename__ = "task_minutes"
    __table_args__ = {"comment": "Ledger of frequent tasks: totals of each minute"}  # noqa: RUF012

    task: ColumnClause[str] = Column(primary_key=True, comment="Name of the task, as Flower shows it")
    minute: ColumnClause[datetime] = Column(primary_key=True, comment="Start of the minute")
    runs: ColumnClause[int] = Column(comment="How many runs ended in it")
    failed: ColumnClause[int] = Column(comment="How many of them failed")
    total_ms: ColumnClause[float] = Column(comment="How long they took together, ms")
    longest_ms: ColumnClause[float] = Column(comment="How long the longest took, ms")
    last_error: ColumnClause[str | None] = Column(comment="Why the last of those that failed did")
