"""What is rolled up: which columns of which series, and how often a value is expected.

Processes come and go, and the series holds only the top ones, so that a mean over them would say how often a
process was in the list. What is always recorded, and rolled up, is Tocsin's own share.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from domain.cadence import HEALTH_INTERVAL, PROCESS_INTERVAL, SAMPLE_INTERVAL
from models.catalogue import METRIC_IDS


@dataclass(frozen=True)
class Source:
    """A series with a row every `interval`, and the SQL of each metric that is in it.

    `rows` is a table or a query with the columns `host_id` and, under the name `ts`, the time. Where days are
    packed, `packed` is a query for all of them, with the parameters `start` and `end` of the time.
    """

    rows: str
    ts: str
    interval: timedelta
    metrics: Mapping[str, str]
    subject: str = "''"
    packed: str | None = None

    def __post_init__(self) -> None:
        unknown = self.metrics.keys() - METRIC_IDS.keys()
        if unknown:
            raise ValueError(f"the catalogue of metrics does not know {', '.join(sorted(unknown))}")

    @property
    def with_packed(self) -> Self:
        """The same, packed days included."""
        return replace(self, rows=self.packed or self.rows)


SYSTEM = Source(
    rows="system_metrics_history",
    packed="system_metrics(:start, :end)",
    ts="ts",
    interval=SAMPLE_INTERVAL,
    metrics={
        "cpu_percent": "cpu_percent",
        "load_1m": "load_1m",
        "cpu_frequency_mhz": "cpu_frequency_mhz",
        "memory_percent": "memory_percent",
        "memory_used_gb": "memory_used_gb",
        "swap_percent": "swap_percent",
        "uptime_s": "uptime_s",
        "cgroup_memory_used_gb": "cgroup_memory_used_gb",
        "disk_percent": "disk_percent",
        "disk_used_gb": "disk_used_gb",
        "network_bytes_in_per_s": "network_bytes_in_per_s",
        "network_bytes_out_per_s": "network_bytes_out_per_s",
        # Aggregates over integers count in numeric, which is exact and slow.
        "connections": "connections::float8",
        "redis_response_ms": "redis_response_ms",
    },
)

DISKS = Source(
    rows="disk_metrics_history",
    ts="ts",
    interval=PROCESS_INTERVAL,
    metrics={"mount_percent": "percent", "mount_used_gb": "used_gb"},
    subject="mount",
)

OWN_PROCESSES = Source(
    rows="""(
        SELECT ts, host_id, sum(cpu_percent) AS cpu_percent, sum(memory_mb) AS memory_mb
          FROM process_metrics_history WHERE own GROUP BY ts, host_id
    ) AS own_processes""",
    ts="ts",
    interval=PROCESS_INTERVAL,
    metrics={"tocsin_cpu_percent": "cpu_percent", "tocsin_memory_mb": "memory_mb"},
)

HEALTH = Source(
    rows="""(
        SELECT checked_at, host_id, score FROM infrastructure_health WHERE component = 'machine'
    ) AS machine""",
    ts="checked_at",
    interval=HEALTH_INTERVAL,
    metrics={"health_score": "score"},
)

SOURCES = (SYSTEM, DISKS, OWN_PROCESSES, HEALTH)
