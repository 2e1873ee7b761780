"""Everything that the first release stores: series, health, alerts, roll-ups, notifications, operations."""

from alembic import op

from models.migrations.script import drop_leftovers, run_scripts

revision = "infra_metrics_001"
down_revision = None
branch_labels = None
depends_on = None

# Referring tables before those that they refer to; partitions and indexes go with their tables.
TABLES = (
    "first_messages",
    "notification_attempts",
    "notification_decisions",
    "notification_deliveries",
    "silences",
    "destination_states",
    "alert_events",
    "alert_watches",
    "infrastructure_alerts",
    "rollup_dues",
    "rollup_windows",
    "metric_aggregations",
    "custom_series",
    "metrics",
    "custom_metrics_history",
    "infrastructure_health",
    "process_metrics_history",
    "disk_metrics_history",
    "system_metrics_packed",
    "system_metrics_history",
    "heartbeats",
    "outages",
    "task_runs",
    "task_minutes",
    "holds",
    "hosts",
    "counter_increments",
    "counters",
)
PARTITIONED = tuple(name for name in TABLES if name.endswith(("_history", "_health", "_packed")))
COUNTING = ("count_alert_events", "count_decisions", "count_attempts", "count_ended_deliveries")
PARTITIONING = ("make_partition", "drop_partition", "partition_name", "partition_state", "grant_access")
PACKING = (
    *("real_to_bits", "bits_to_real", "pack_series", "unpack_series", "pack_reals", "unpack_reals"),
    *("packed_columns", "skip_packed", "pack_day", "rewrite_keys"),
)
ENUMS = ("metrictype", "healthstatus")
VIEWS = (
    "v_current",
    "v_history_hourly",
    "v_history_daily",
    "v_alert_timeline",
    "v_alert_stats",
    "v_deliveries",
    "v_rollup_gaps",
    "v_storage",
)


def upgrade() -> None:
    run_scripts(revision)


def downgrade() -> None:
    op.execute(f"DROP VIEW {', '.join(VIEWS)}")
    op.execute("DROP FUNCTION system_metrics")  # its rows are of the type of a table
    drop_leftovers(PARTITIONED)
    op.execute(f"DROP TABLE {', '.join(TABLES)}")
    op.execute(f"DROP FUNCTION {', '.join((*COUNTING, *PARTITIONING, *PACKING))}")
    op.execute("DROP AGGREGATE moments(double precision)")
    op.execute(f"DROP TYPE {', '.join(ENUMS)}")
