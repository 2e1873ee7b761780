"""Tocsin's own signs of life and the ledger of its chores."""

from datetime import datetime

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, Json


class Heartbeat(Base):
    """The last sign of life of one part."""

    __tablename__ = "heartbeats"
    __table_args__ = {"comment": "Last sign of life of every part of Tocsin"}  # noqa: RUF012

    component: Mapped[str] = mapped_column(primary_key=True, comment="As task:collect.system or recorder")
    instance: Mapped[str] = mapped_column(primary_key=True, comment="Which one, by host")
    at: Mapped[datetime] = mapped_column(comment="When it was last seen at work")
    since: Mapped[datetime] = mapped_column(comment="From when it has been at work without a break")
    detail: Mapped[Json] = mapped_column(comment="Outcome, duration and figures of that work")


class TaskRun(Base):
    """One run of one chore; a tick of the schedule is claimed by its unique row."""

    __tablename__ = "task_runs"
    __table_args__ = (
        UniqueConstraint("task", "tick"),
        Index("idx_task_runs_started_at", "started_at"),
        {"comment": "Ledger of chores: every run, who started it, what it did"},
    )

    id: Mapped[BigId] = mapped_column(comment="Key")
    task: Mapped[str] = mapped_column(comment="Name of the task, as Flower shows it")
    tick: Mapped[datetime | None] = mapped_column(
        comment="Tick of the schedule that it claims; null for a run by hand"
    )
    started_at: Mapped[datetime] = mapped_column(comment="When it began")
    finished_at: Mapped[datetime | None] = mapped_column(
        comment="When it ended; null while it runs or if it died"
    )
    origin: Mapped[str] = mapped_column(comment="Who or what started it")
    outcome: Mapped[str] = mapped_column(comment="running, done, skipped or failed")
    arguments: Mapped[Json] = mapped_column(comment="Its arguments")
    result: Mapped[Json | None] = mapped_column(comment="What it did, or the error")
