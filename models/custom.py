"""Metrics that people and their programs write, with names and labels of their own."""

from datetime import datetime

from sqlalchemy import (
    Column,
    ColumnClause,
    Double,
    ForeignKey,
    Identity,
    PrimaryKeyConstraint,
    SmallInteger,
    UniqueConstraint,
)

from models.base import Base, Json


class CustomSeries(Base):
    """What values are filed under: host, metric and labels."""

    __tablename__ = "custom_series"
    __table_args__ = (
        UniqueConstraint("host_id", "metric_id", "subject"),
        {"comment": "One row for each host, custom metric and set of labels"},
    )

    id: ColumnClause[int] = Column(
        Identity(always=True), primary_key=True, comment="Short key used by custom_metrics_history"
    )
    host_id: ColumnClause[int] = Column(ForeignKey("hosts.id"), comment="The host")
    last_at: ColumnClause[datetime] = Column(comment="Time of its newest value")
    metric_id: ColumnClause[int] = Column(
        SmallInteger, ForeignKey("metrics.id"), comment="The metric, whose type is custom"
    )
    subject: ColumnClause[str] = Column(comment="The labels in one text, as in roll-ups; empty without any")
    labels: ColumnClause[Json] = Column(comment="The labels")


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

    ts: ColumnClause[datetime] = Column(comment="The second of arrival, on the database's clock")
    value: ColumnClause[float] = Column(Double, comment="The value, in whatever unit its writer meant")
    series_id: ColumnClause[int] = Column(comment="The series, a key of custom_series")
