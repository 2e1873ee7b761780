"""Roll-ups: what a metric did in an hour or a day."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Column,
    ColumnClause,
    Enum,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    text,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION

from models.base import Base, big_id


class MetricType(StrEnum):
    """What a metric is about; the database enum `metrictype`."""

    SYSTEM = "system"
    PROCESS = "process"
    NETWORK = "network"
    DISK = "disk"
    CUSTOM = "custom"


METRIC_TYPE = Enum(MetricType, name="metrictype", values_callable=lambda kind: [m.value for m in kind])


class Metric(Base):
    """A metric that is rolled up: its name and unit, behind a short key."""

    __tablename__ = "metrics"
    __table_args__ = {"comment": "The metrics that are rolled up, with their units"}  # noqa: RUF012

    id: ColumnClause[int] = Column(SmallInteger, primary_key=True, autoincrement=False, comment="Short key")
    name: ColumnClause[str] = Column(unique=True, comment="Name, as cpu_percent")
    type: ColumnClause[MetricType] = Column(METRIC_TYPE, comment="What it is about")
    unit: ColumnClause[str] = Column(comment="Unit of its values")
    description: ColumnClause[str] = Column(comment="What it says, in one sentence")


class MetricAggregation(Base):
    """One metric of one host (and subject, as a mount) over an hour or a day, with its parts."""

    __tablename__ = "metric_aggregations"
    __table_args__ = (
        CheckConstraint("period IN ('hour', 'day')", name="period"),
        PrimaryKeyConstraint(
            *("host_id", "metric_id", "period", "subject", "bucket"),
            postgresql_include=["count", "min", "max", "avg", "sum"],
        ),
        CheckConstraint("NOT from_raw OR num_nulls(median, p95, p99) = 0", name="percentiles"),
        Index("idx_infra_aggregations_bucket", "period", "bucket"),
        {"comment": "Hourly and daily roll-ups of every metric of every host"},
    )

    host_id: ColumnClause[int] = Column(ForeignKey("hosts.id"), primary_key=True, comment="The host")
    metric_id: ColumnClause[int] = Column(
        SmallInteger, ForeignKey("metrics.id"), primary_key=True, comment="The metric"
    )
    period: ColumnClause[str] = Column(primary_key=True, comment="hour or day")
    subject: ColumnClause[str] = Column(
        primary_key=True,
        server_default="",
        comment="Which one of several, as a mount; empty where there is one",
    )
    bucket: ColumnClause[datetime] = Column(primary_key=True, comment="Start of the hour or day in UTC")
    computed_at: ColumnClause[datetime] = Column(comment="When this row was computed")
    sum: ColumnClause[float] = Column(DOUBLE_PRECISION, comment="Sum of the values")
    squared_deviation: ColumnClause[float] = Column(
        DOUBLE_PRECISION, comment="Sum of squared deviations from the average"
    )
    count: ColumnClause[int] = Column(comment="Values that there were")
    expected: ColumnClause[int] = Column(comment="Values that a complete period has")
    min: ColumnClause[float] = Column(REAL, comment="Smallest value")
    max: ColumnClause[float] = Column(REAL, comment="Largest value")
    avg: ColumnClause[float] = Column(REAL, comment="Mean")
    median: ColumnClause[float | None] = Column(REAL, comment="Median, interpolated; null when not from raw")
    stddev: ColumnClause[float | None] = Column(REAL, comment="Sample standard deviation, null for one value")
    p95: ColumnClause[float | None] = Column(
        REAL, comment="95th percentile, interpolated; null when not from raw"
    )
    p99: ColumnClause[float | None] = Column(
        REAL, comment="99th percentile, interpolated; null when not from raw"
    )
    final: ColumnClause[bool] = Column(
        comment="Whether the period was over, with time for late data, when computed"
    )
    from_raw: ColumnClause[bool] = Column(
        server_default=text("true"),
        comment="Whether it comes from raw rows; else a day from its hours, because its raw rows were gone",
    )


class RollupWindow(Base):
    """One hour or day of all hosts that was rolled up, also when there was nothing in it."""

    __tablename__ = "rollup_windows"
    __table_args__ = (
        CheckConstraint("period IN ('hour', 'day')", name="period"),
        {"comment": "Ledger of the roll-ups: one row per hour and day that was rolled up, of all hosts"},
    )

    period: ColumnClause[str] = Column(primary_key=True, comment="hour or day")
    bucket: ColumnClause[datetime] = Column(primary_key=True, comment="Start of the hour or day in UTC")
    computed_at: ColumnClause[datetime] = Column(comment="When it was last rolled up")
    rows: ColumnClause[int] = Column(comment="Rows of metric_aggregations that came out of it")
    final: ColumnClause[bool] = Column(
        comment="Whether the period was over, with time for late data, when computed"
    )


class RollupDue(Base):
    """A note that samples of an hour or day were stored after its roll-up was final."""

    __tablename__ = "rollup_dues"
    __table_args__ = (
        CheckConstraint("period IN ('hour', 'day')", name="period"),
        Index("idx_rollup_dues_window", "period", "bucket"),
        {"comment": "Hours and days to roll up again because data came late; a row goes when that is done"},
    )

    id: ColumnClause[int] = big_id("Key: a roll-up takes away the notes that it saw, and no later one")
    bucket: ColumnClause[datetime] = Column(comment="Start of the hour or day in UTC")
    marked_at: ColumnClause[datetime] = Column(server_default=text("now()"), comment="When the data came")
    period: ColumnClause[str] = Column(comment="hour or day")
