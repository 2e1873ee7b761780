"""Roll-ups: what a metric did in an hour or a day."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    REAL,
    CheckConstraint,
    Enum,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    SmallInteger,
    text,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId


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

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False, comment="Short key")
    name: Mapped[str] = mapped_column(unique=True, comment="Name, as cpu_percent")
    type: Mapped[MetricType] = mapped_column(METRIC_TYPE, comment="What it is about")
    unit: Mapped[str] = mapped_column(comment="Unit of its values")
    description: Mapped[str] = mapped_column(comment="What it says, in one sentence")


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

    host_id: Mapped[int] = mapped_column(ForeignKey("hosts.id"), primary_key=True, comment="The host")
    metric_id: Mapped[int] = mapped_column(
        SmallInteger, ForeignKey("metrics.id"), primary_key=True, comment="The metric"
    )
    period: Mapped[str] = mapped_column(primary_key=True, comment="hour or day")
    subject: Mapped[str] = mapped_column(
        primary_key=True,
        server_default="",
        comment="Which one of several, as a mount; empty where there is one",
    )
    bucket: Mapped[datetime] = mapped_column(primary_key=True, comment="Start of the hour or day in UTC")
    computed_at: Mapped[datetime] = mapped_column(comment="When this row was computed")
    sum: Mapped[float] = mapped_column(DOUBLE_PRECISION, comment="Sum of the values")
    squared_deviation: Mapped[float] = mapped_column(
        DOUBLE_PRECISION, comment="Sum of squared deviations from the average"
    )
    count: Mapped[int] = mapped_column(comment="Values that there were")
    expected: Mapped[int] = mapped_column(comment="Values that a complete period has")
    min: Mapped[float] = mapped_column(REAL, comment="Smallest value")
    max: Mapped[float] = mapped_column(REAL, comment="Largest value")
    avg: Mapped[float] = mapped_column(REAL, comment="Mean")
    median: Mapped[float | None] = mapped_column(REAL, comment="Median, interpolated; null when not from raw")
    stddev: Mapped[float | None] = mapped_column(
        REAL, comment="Sample standard deviation, null for one value"
    )
    p95: Mapped[float | None] = mapped_column(
        REAL, comment="95th percentile, interpolated; null when not from raw"
    )
    p99: Mapped[float | None] = mapped_column(
        REAL, comment="99th percentile, interpolated; null when not from raw"
    )
    final: Mapped[bool] = mapped_column(
        comment="Whether the period was over, with time for late data, when computed"
    )
    from_raw: Mapped[bool] = mapped_column(
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

    period: Mapped[str] = mapped_column(primary_key=True, comment="hour or day")
    bucket: Mapped[datetime] = mapped_column(primary_key=True, comment="Start of the hour or day in UTC")
    computed_at: Mapped[datetime] = mapped_column(comment="When it was last rolled up")
    rows: Mapped[int] = mapped_column(comment="Rows of metric_aggregations that came out of it")
    final: Mapped[bool] = mapped_column(
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

    id: Mapped[BigId] = mapped_column(
        comment="Key: a roll-up takes away the notes that it saw, and no later one"
    )
    bucket: Mapped[datetime] = mapped_column(comment="Start of the hour or day in UTC")
    marked_at: Mapped[datetime] = mapped_column(server_default=text("now()"), comment="When the data came")
    period: Mapped[str] = mapped_column(comment="hour or day")
