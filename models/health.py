"""The results of health checks."""

from datetime import datetime

from sqlalchemy import Enum, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

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

    checked_at: Mapped[datetime] = mapped_column(comment="The 15 s slot of the check")
    host_id: Mapped[int] = mapped_column(comment="The host, a key of hosts")
    score: Mapped[float | None] = mapped_column(
        comment="0 to 100 by the client's formula, null without fresh data"
    )
    response_ms: Mapped[float | None] = mapped_column(
        comment="How long the component took to answer, milliseconds"
    )
    status: Mapped[HealthStatus] = mapped_column(HEALTH_STATUS, comment="What the thresholds say")
    component: Mapped[str] = mapped_column(comment="machine, database or redis")
    level: Mapped[str | None] = mapped_column(
        comment="What the score says: healthy, degraded, warning or critical"
    )
    warnings: Mapped[list[str]] = mapped_column(comment="Sentences, one for each warning")
    criticals: Mapped[list[str]] = mapped_column(comment="Sentences, one for each critical")
    parts: Mapped[Json] = mapped_column(comment="The points that each part took off, or facts of a service")
