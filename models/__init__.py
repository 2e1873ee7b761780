"""What the DBA sees: tables, views, comments, roles, migrations, and the way into the database."""

from models.aggregations import Metric, MetricAggregation, RollupDue, RollupWindow
from models.alerts import Alert, AlertEvent, AlertWatch
from models.base import Base
from models.counters import Counter, CounterIncrement
from models.custom import CustomMetrics, CustomSeries
from models.health import InfrastructureHealth
from models.holds import Hold
from models.metrics import (
    DiskMetrics,
    Host,
    ProcessMetrics,
    SystemMetrics,
    SystemMetricsPacked,
    system_metrics,
)
from models.notifications import Attempt, Decision, Delivery, DestinationState, FirstMessage, Silence
from models.operations import Heartbeat, TaskMinute, TaskRun
from models.outages import Outage

__all__ = [
    "Alert",
    "AlertEvent",
    "AlertWatch",
    "Attempt",
    "Base",
    "Counter",
    "CounterIncrement",
    "CustomMetrics",
    "CustomSeries",
    "Decision",
    "Delivery",
    "DestinationState",
    "DiskMetrics",
    "FirstMessage",
    "Heartbeat",
    "Hold",
    "Host",
    "InfrastructureHealth",
    "Metric",
    "MetricAggregation",
    "Outage",
    "ProcessMetrics",
    "RollupDue",
    "RollupWindow",
    "Silence",
    "SystemMetrics",
    "SystemMetricsPacked",
    "TaskMinute",
    "TaskRun",
    "system_metrics",
]
