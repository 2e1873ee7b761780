"""The hosts, and the time series that they send.

The series have no foreign key to `hosts`: its check would lock the host's row at every insert, and making or
dropping a partition would lock the whole table. A row's host is written in the transaction that needs it.
"""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnClause,
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

from models.base import Base, Json


class Host(Base):
    """A watched machine; `kind` is `host`, or `self` for the one row that stands for Tocsin's services."""

    __tablename__ = "hosts"
    __table_args__ = {"comment": "One row for each watched machine, and one named tocsin for Tocsin itself"}  # noqa: RUF012

    id: ColumnClause[int] = Column(
        Identity(always=True), primary_key=True, comment="Short key used by every series"
    )
    name: ColumnClause[str] = Column(unique=True, comment="HOST_NAME of its collector")
    kind: ColumnClause[str] = Column(server_default="host", comment="host, or self for Tocsin's own services")
    first_seen_at: ColumnClause[datetime] = Column(comment="When its first sample arrived")
    last_seen_at: ColumnClause[datetime | None] = Column(comment="Time of its newest system sample")
    clock_skew_s: ColumnClause[float | None] = Column(
        comment="Seconds by which its clock was ahead of the database's at its newest sample"
    )
    system: ColumnClause[str | None] = Column(comment="Operating system, as Linux")
    release: ColumnClause[str | None] = Column(comment="Release of the kernel")
    architecture: ColumnClause[str | None] = Column(comment="Machine architecture, as x86_64")
    python_version: ColumnClause[str | None] = Column(comment="Python that its collector runs on")
    boot_time: ColumnClause[datetime | None] = Column(comment="When it started, by its own clock")
    contested_at: ColumnClause[datetime | None] = Column(
        comment="When two machines sent under this name: after one boot came a sample of an earlier one"
    )
    retired_at: ColumnClause[datetime | None] = Column(
        comment="Since when its samples are awaited no more, by tocsin hosts retire;"
        " empty again with the next one"
    )
    cpu_count: ColumnClause[int | None] = Column(SmallInteger, comment="Logical CPUs")
    memory_total_gb: ColumnClause[float | None] = Column(comment="Physical memory in GB of 2^30 bytes")
    missing: ColumnClause[Json | None] = Column(comment="What its newest sample could not read, and why")


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

    ts: ColumnClause[datetime] = Column(comment="The 5 s slot, on the database's clock")
    network_bytes_in_total: ColumnClause[int | None] = Column(
        BigInteger, comment="Bytes received since boot; in 30 s slots"
    )
    network_bytes_out_total: ColumnClause[int | None] = Column(
        BigInteger, comment="Bytes sent since boot; in 30 s slots"
    )
    network_packets_in_total: ColumnClause[int | None] = Column(
        BigInteger, comment="Packets received since boot; in 30 s slots"
    )
    network_packets_out_total: ColumnClause[int | None] = Column(
        BigInteger, comment="Packets sent since boot; in 30 s slots"
    )
    host_id: ColumnClause[int] = Column(comment="The host, a key of hosts")
    connections: ColumnClause[int | None] = Column(comment="TCP sockets in use")
    network_errors_in_total: ColumnClause[int | None] = Column(
        comment="Receive errors since boot, modulo 2^31; in 30 s slots"
    )
    network_errors_out_total: ColumnClause[int | None] = Column(
        comment="Send errors since boot, modulo 2^31; in 30 s slots"
    )
    network_drops_in_total: ColumnClause[int | None] = Column(
        comment="Incoming packets dropped since boot, modulo 2^31; in 30 s slots"
    )
    network_drops_out_total: ColumnClause[int | None] = Column(
        comment="Outgoing packets dropped since boot, modulo 2^31; in 30 s slots"
    )
    uptime_s: ColumnClause[float] = Column(comment="Seconds since boot")
    window_s: ColumnClause[float | None] = Column(comment="Seconds that CPU percent and rates cover")
    cpu_percent: ColumnClause[float | None] = Column(comment="CPU in use, percent of all cores")
    cpu_percent_5m: ColumnClause[float | None] = Column(comment="The same over the last 5 minutes")
    cpu_percent_15m: ColumnClause[float | None] = Column(comment="The same over the last 15 minutes")
    cpu_frequency_mhz: ColumnClause[float | None] = Column(comment="Mean current frequency in MHz")
    load_1m: ColumnClause[float | None] = Column(comment="Load average over 1 minute")
    load_5m: ColumnClause[float | None] = Column(comment="Load average over 5 minutes")
    load_15m: ColumnClause[float | None] = Column(comment="Load average over 15 minutes")
    memory_used_gb: ColumnClause[float | None] = Column(
        comment="Memory in use, total less available, in GB of 2^30"
    )
    memory_available_gb: ColumnClause[float | None] = Column(
        comment="Memory that can be had without swapping, GB of 2^30"
    )
    memory_percent: ColumnClause[float | None] = Column(comment="Memory in use, percent of total")
    swap_total_gb: ColumnClause[float | None] = Column(comment="Swap space in GB of 2^30; in 30 s slots")
    swap_percent: ColumnClause[float | None] = Column(comment="Swap in use, percent")
    disk_total_gb: ColumnClause[float | None] = Column(
        comment="All real partitions together, GB of 2^30; in 30 s slots"
    )
    disk_used_gb: ColumnClause[float | None] = Column(comment="In use on all real partitions, GB of 2^30")
    disk_free_gb: ColumnClause[float | None] = Column(
        comment="Available to users on all real partitions, GB of 2^30"
    )
    disk_percent: ColumnClause[float | None] = Column(comment="In use on all real partitions, percent")
    network_bytes_in_per_s: ColumnClause[float | None] = Column(
        comment="Bytes received per second over the window"
    )
    network_bytes_out_per_s: ColumnClause[float | None] = Column(
        comment="Bytes sent per second over the window"
    )
    cgroup_cpu_limit_cores: ColumnClause[float | None] = Column(
        comment="CPU limit of the collector's cgroup, in cores; in 30 s slots"
    )
    cgroup_memory_limit_gb: ColumnClause[float | None] = Column(
        comment="Memory limit of the collector's cgroup, GB of 2^30; in 30 s slots"
    )
    cgroup_memory_used_gb: ColumnClause[float | None] = Column(
        comment="Memory in use in the collector's cgroup, GB of 2^30"
    )
    redis_response_ms: ColumnClause[float | None] = Column(
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

    ts: ColumnClause[datetime] = Column(comment="The 30 s slot, on the database's clock")
    host_id: ColumnClause[int] = Column(comment="The host, a key of hosts")
    total_gb: ColumnClause[float] = Column(comment="Size in GB of 2^30")
    used_gb: ColumnClause[float] = Column(comment="In use in GB of 2^30")
    free_gb: ColumnClause[float] = Column(comment="Available to users in GB of 2^30")
    percent: ColumnClause[float] = Column(comment="In use, percent of what users can have")
    mount: ColumnClause[str] = Column(comment="Mount point")
    device: ColumnClause[str] = Column(comment="Device that is mounted there")
    filesystem: ColumnClause[str] = Column(comment="Type of file system")


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

    ts: ColumnClause[datetime] = Column(comment="The 30 s slot, on the database's clock")
    created_at: ColumnClause[datetime] = Column(comment="When the process started, by its host's clock")
    host_id: ColumnClause[int] = Column(comment="The host, a key of hosts")
    pid: ColumnClause[int] = Column(comment="Process id")
    cpu_percent: ColumnClause[float | None] = Column(
        comment="CPU in use, percent of one core, null at first sight"
    )
    memory_mb: ColumnClause[float] = Column(comment="Resident memory in MB of 2^20")
    memory_percent: ColumnClause[float] = Column(comment="Resident memory, percent of the host's")
    threads: ColumnClause[int] = Column(comment="Threads")
    file_descriptors: ColumnClause[int | None] = Column(
        comment="Open file descriptors, null where not permitted"
    )
    own: ColumnClause[bool] = Column(comment="Whether it is one of Tocsin's own")
    name: ColumnClause[str] = Column(comment="Name of the executable")
    status: ColumnClause[str] = Column(comment="State, as running or sleeping")
