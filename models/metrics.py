"""The hosts, and the time series that they send.

The series have no foreign key to `hosts`: its check would lock the host's row at every insert, and making or
dropping a partition would lock the whole table. A row's host is written in the transaction that needs it.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    FromClause,
    Identity,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    column,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import BIT
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Json


class Host(Base):
    """A watched machine; `kind` is `host`, or `self` for the one row that stands for Tocsin's services."""

    __tablename__ = "hosts"
    __table_args__ = {"comment": "One row for each watched machine, and one named tocsin for Tocsin itself"}  # noqa: RUF012

    id: Mapped[int] = mapped_column(
        Identity(always=True), primary_key=True, comment="Short key used by every series"
    )
    name: Mapped[str] = mapped_column(unique=True, comment="HOST_NAME of its collector")
    kind: Mapped[str] = mapped_column(
        server_default="host", comment="host, or self for Tocsin's own services"
    )
    first_seen_at: Mapped[datetime] = mapped_column(comment="When its first sample arrived")
    last_seen_at: Mapped[datetime | None] = mapped_column(comment="Time of its newest system sample")
    clock_skew_s: Mapped[float | None] = mapped_column(
        comment="Seconds by which its clock was ahead of the database's at its newest sample"
    )
    system: Mapped[str | None] = mapped_column(comment="Operating system, as Linux")
    release: Mapped[str | None] = mapped_column(comment="Release of the kernel")
    architecture: Mapped[str | None] = mapped_column(comment="Machine architecture, as x86_64")
    python_version: Mapped[str | None] = mapped_column(comment="Python that its collector runs on")
    boot_time: Mapped[datetime | None] = mapped_column(comment="When it started, by its own clock")
    cpu_count: Mapped[int | None] = mapped_column(SmallInteger, comment="Logical CPUs")
    memory_total_gb: Mapped[float | None] = mapped_column(comment="Physical memory in GB of 2^30 bytes")
    missing: Mapped[Json | None] = mapped_column(comment="What its newest sample could not read, and why")


class SystemMetrics(Base):
    """One reading of a whole machine; partitioned by day of `ts`. Wide columns first, against padding."""

    __tablename__ = "system_metrics_history"
    __table_args__ = (
        PrimaryKeyConstraint("host_id", "ts"),
        Index("idx_system_ts", "ts", postgresql_using="brin", postgresql_with={"pages_per_range": 16}),
        Index("idx_system_cpu", "cpu_percent", postgresql_where=text("cpu_percent >= 90")),
        Index("idx_system_memory", "memory_percent", postgresql_where=text("memory_percent >= 90")),
        {
            "comment": "System metrics, one row per host and 5 s slot, by day;"
            " system_metrics() has packed days too",
            "postgresql_partition_by": "RANGE (ts)",
        },
    )

    ts: Mapped[datetime] = mapped_column(comment="The 5 s slot, on the database's clock")
    network_bytes_in_total: Mapped[int | None] = mapped_column(
        BigInteger, comment="Bytes received since boot; in 30 s slots"
    )
    network_bytes_out_total: Mapped[int | None] = mapped_column(
        BigInteger, comment="Bytes sent since boot; in 30 s slots"
    )
    network_packets_in_total: Mapped[int | None] = mapped_column(
        BigInteger, comment="Packets received since boot; in 30 s slots"
    )
    network_packets_out_total: Mapped[int | None] = mapped_column(
        BigInteger, comment="Packets sent since boot; in 30 s slots"
    )
    host_id: Mapped[int] = mapped_column(comment="The host, a key of hosts")
    connections: Mapped[int | None] = mapped_column(comment="TCP sockets in use")
    network_errors_in_total: Mapped[int | None] = mapped_column(
        comment="Receive errors since boot, modulo 2^31; in 30 s slots"
    )
    network_errors_out_total: Mapped[int | None] = mapped_column(
        comment="Send errors since boot, modulo 2^31; in 30 s slots"
    )
    network_drops_in_total: Mapped[int | None] = mapped_column(
        comment="Incoming packets dropped since boot, modulo 2^31; in 30 s slots"
    )
    network_drops_out_total: Mapped[int | None] = mapped_column(
        comment="Outgoing packets dropped since boot, modulo 2^31; in 30 s slots"
    )
    uptime_s: Mapped[float] = mapped_column(comment="Seconds since boot")
    window_s: Mapped[float | None] = mapped_column(comment="Seconds that CPU percent and rates cover")
    cpu_percent: Mapped[float | None] = mapped_column(comment="CPU in use, percent of all cores")
    cpu_percent_5m: Mapped[float | None] = mapped_column(comment="The same over the last 5 minutes")
    cpu_percent_15m: Mapped[float | None] = mapped_column(comment="The same over the last 15 minutes")
    cpu_frequency_mhz: Mapped[float | None] = mapped_column(comment="Mean current frequency in MHz")
    load_1m: Mapped[float | None] = mapped_column(comment="Load average over 1 minute")
    load_5m: Mapped[float | None] = mapped_column(comment="Load average over 5 minutes")
    load_15m: Mapped[float | None] = mapped_column(comment="Load average over 15 minutes")
    memory_used_gb: Mapped[float | None] = mapped_column(
        comment="Memory in use, total less available, in GB of 2^30"
    )
    memory_available_gb: Mapped[float | None] = mapped_column(
        comment="Memory that can be had without swapping, GB of 2^30"
    )
    memory_percent: Mapped[float | None] = mapped_column(comment="Memory in use, percent of total")
    swap_total_gb: Mapped[float | None] = mapped_column(comment="Swap space in GB of 2^30; in 30 s slots")
    swap_percent: Mapped[float | None] = mapped_column(comment="Swap in use, percent")
    disk_total_gb: Mapped[float | None] = mapped_column(
        comment="All real partitions together, GB of 2^30; in 30 s slots"
    )
    disk_used_gb: Mapped[float | None] = mapped_column(comment="In use on all real partitions, GB of 2^30")
    disk_free_gb: Mapped[float | None] = mapped_column(
        comment="Available to users on all real partitions, GB of 2^30"
    )
    disk_percent: Mapped[float | None] = mapped_column(comment="In use on all real partitions, percent")
    network_bytes_in_per_s: Mapped[float | None] = mapped_column(
        comment="Bytes received per second over the window"
    )
    network_bytes_out_per_s: Mapped[float | None] = mapped_column(
        comment="Bytes sent per second over the window"
    )
    cgroup_cpu_limit_cores: Mapped[float | None] = mapped_column(
        comment="CPU limit of the collector's cgroup, in cores; in 30 s slots"
    )
    cgroup_memory_limit_gb: Mapped[float | None] = mapped_column(
        comment="Memory limit of the collector's cgroup, GB of 2^30; in 30 s slots"
    )
    cgroup_memory_used_gb: Mapped[float | None] = mapped_column(
        comment="Memory in use in the collector's cgroup, GB of 2^30"
    )
    redis_response_ms: Mapped[float | None] = mapped_column(
        comment="Round trip from the host to Redis in milliseconds"
    )


class SystemMetricsPacked(Base):
    """An hour of a machine on a day that is packed: its columns are those of SystemMetrics, packed each."""

    __table__ = Table(
        "system_metrics_packed",
        Base.metadata,
        Column("hour", DateTime(timezone=True), nullable=False, comment="Start of the hour in UTC"),
        Column("host_id", Integer, nullable=False, comment="The host, a key of hosts"),
        Column("samples", Integer, nullable=False, comment="Rows that are packed in this one"),
        *(
            Column(one.name, BIT(varying=True), comment=f"Packed, the hour's {one.name}")
            for one in SystemMetrics.__table__.columns
            if one.name != "host_id"
        ),
        PrimaryKeyConstraint("host_id", "hour"),
        comment="Days of system_metrics_history that are over, one row per host and hour;"
        " system_metrics() reads both",
        postgresql_partition_by="RANGE (hour)",
    )


def system_metrics(since: datetime, until: datetime) -> FromClause:
    """Rows of SystemMetrics from `since` up to `until` (aware), those of packed days included."""
    columns = [column(one.name, one.type) for one in SystemMetrics.__table__.columns]
    return func.system_metrics(since, until).table_valued(*columns, name="system_metrics")


class DiskMetrics(Base):
    """One partition of a host; partitioned by day of `ts`."""

    __tablename__ = "disk_metrics_history"
    __table_args__ = (
        PrimaryKeyConstraint("ts", "host_id", "mount", name="idx_system_disk_ts"),
        {
            "comment": "Usage of real partitions, one row per host, 30 s slot and mount, partitioned by day",
            "postgresql_partition_by": "RANGE (ts)",
        },
    )

    ts: Mapped[datetime] = mapped_column(comment="The 30 s slot, on the database's clock")
    host_id: Mapped[int] = mapped_column(comment="The host, a key of hosts")
    total_gb: Mapped[float] = mapped_column(comment="Size in GB of 2^30")
    used_gb: Mapped[float] = mapped_column(comment="In use in GB of 2^30")
    free_gb: Mapped[float] = mapped_column(comment="Available to users in GB of 2^30")
    percent: Mapped[float] = mapped_column(comment="In use, percent of what users can have")
    mount: Mapped[str] = mapped_column(comment="Mount point")
    device: Mapped[str] = mapped_column(comment="Device that is mounted there")
    filesystem: Mapped[str] = mapped_column(comment="Type of file system")


class ProcessMetrics(Base):
    """One process of a host; partitioned by day of `ts`."""

    __tablename__ = "process_metrics_history"
    __table_args__ = (
        PrimaryKeyConstraint("ts", "host_id", "pid", name="idx_process_ts"),
        Index("idx_process_cpu", "cpu_percent", postgresql_where=text("cpu_percent >= 90")),
        Index("idx_process_memory", "memory_percent", postgresql_where=text("memory_percent >= 25")),
        {
            "comment": "Top processes and Tocsin's own, one row per host, 30 s slot and pid, by day",
            "postgresql_partition_by": "RANGE (ts)",
        },
    )

    ts: Mapped[datetime] = mapped_column(comment="The 30 s slot, on the database's clock")
    created_at: Mapped[datetime] = mapped_column(comment="When the process started, by its host's clock")
    host_id: Mapped[int] = mapped_column(comment="The host, a key of hosts")
    pid: Mapped[int] = mapped_column(comment="Process id")
    cpu_percent: Mapped[float | None] = mapped_column(
        comment="CPU in use, percent of one core, null at first sight"
    )
    memory_mb: Mapped[float] = mapped_column(comment="Resident memory in MB of 2^20")
    memory_percent: Mapped[float] = mapped_column(comment="Resident memory, percent of the host's")
    threads: Mapped[int] = mapped_column(comment="Threads")
    file_descriptors: Mapped[int | None] = mapped_column(
        comment="Open file descriptors, null where not permitted"
    )
    own: Mapped[bool] = mapped_column(comment="Whether it is one of Tocsin's own")
    name: Mapped[str] = mapped_column(comment="Name of the executable")
    status: Mapped[str] = mapped_column(comment="State, as running or sleeping")
