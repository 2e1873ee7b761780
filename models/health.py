"""The results of health checks."""

from datetime import datetime

from sqlalchemy import Column, ColumnClause, Enum, Index, PrimaryKeyConstraint, text

from domain.health import HealthStatus
from models.base import Base, Json

HEALTH_STATUS = Enum(HealthStatus, name="healthstatus", values_callable=lambda kind: [m.value for m in kind])


class InfrastructureHealth(Base):
    """One health check of one component of one host; partitioned by day of `checked_at`."""

    __tablename__ = "infrastructure_health"
    __table_args__ = (
        PrimaryKeyConstraint("host_id", "checked_at", "component"),
        Index("idx_infra_checked_at", "checked_at", postgresql_using="brin"),
        Index("idx_infra_score", "score", postgresql_where=text("score < 70")),
        Index("idx_infra_status", "status", postgresql_where=text("status <> 'healthy'")),
        {
            "comment": "Health checks: one row per host, component and check, partitioned by day",
            "postgresql_partition_by": "RANGE (checked_at)",
        },
    )

    checked_at: ColumnClause[datetime] = Column(comment="The 15 s slot of the check")
    host_id: ColumnClause[int] = Column(comment="The host, a key of hosts")
    score: ColumnClause[float | None] = Column(
        comment="0 to 100 by the client's formula, null without fresh data"
    )
    response_ms: ColumnClause[float | None] = Column(
        comment="How long the component took to answer, milliseconds"
    )
    status: ColumnClause[HealthStatus] = Column(HEALTH_STATUS, comment="What the thresholds say")
    component: ColumnClause[str] = Column(comment="machine, database or redis")
    level: ColumnClause[str | None] = Column(
        comment="What the score says: healthy, degraded, warning or critical"
    )
    warnings: ColumnClause[list[str]] = Column(comment="Sentences, one for each warning")
    criticals: ColumnClause[list[str]] = Column(comment="Sentences, one for each critical")
    parts: ColumnClause[Json] = Column(comment="The points that each part took off, or facts of a service")
