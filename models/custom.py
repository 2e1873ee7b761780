"""Metrics that people and their programs write, with names and labels of their own."""

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Identity, PrimaryKeyConstraint, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json


class CustomSeries(Base):
    """What values are filed under: host, metric and labels."""

    __tablename__ = "custom_series"
    __table_args__ = (
        UniqueConstraint("host_id", "metric_id", "subject"),
        {"comment": "One row for each host, custom metric and set of labels"},
    )

    id: Mapped[int] = mapped_column(
        Identity(always=True), primary_key=True, comment="Short key used by custom_metrics_history"
    )
    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), comment="The host")
    last_at: Mapped[datetime] = mapped_column(comment="Time of its newest value")
    metric_id: Mapped[int] = mapped_column(
        SmallInteger, ForeignKey("metrics.id"), comment="The metric, whose type is custom"
    )
    subject: Mapped[str] = mapped_column(comment="The labels in one text, as in roll-ups; empty without any")
    labels: Mapped[Json] = mapped_column(comment="The labels")


class CustomMetrics(Base):
    """One value; partitioned by day of `ts`."""

    __tablename__ = "custom_metrics_history"
    __table_args__ = (
        PrimaryKeyConstraint("series_id", "ts"),
        {
            "comment": "Custom metrics, one row per series and second, partitioned by day",
            "postgresql_partition_by": "RANGE (ts)",
        },
    )

    ts: Mapped[datetime] = mapped_column(comment="The second of arrival, on the database's clock")
    value: Mapped[float] = mapped_column(Double, comment="The value, in whatever unit its writer meant")
    series_id: Mapped[int] = mapped_column(comment="The series, a key of custom_series")
