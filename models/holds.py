"""What people want kept beyond its retention."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Column, ColumnClause, Index, func, text

from models.base import Base, big_id


class Hold(Base):
    """A named time whose history stays until somebody says that it may go."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("uq_holds_name", "name", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"comment": "Times whose history stays whatever its retention, until somebody ends the hold"},
    )

    id: ColumnClause[int] = big_id("Key")
    created_at: ColumnClause[datetime] = Column(server_default=func.now(), comment="When it was set")
    starts_at: ColumnClause[datetime] = Column(comment="Start of the time whose history stays")
    ends_at: ColumnClause[datetime] = Column(comment="End of that time, which is left out")
    ended_at: ColumnClause[datetime | None] = Column(comment="When the hold was ended; null while it holds")
    name: ColumnClause[str] = Column(comment="What people call it; one that holds has its name to itself")
    created_by: ColumnClause[str] = Column(comment="Who set it")
    ended_by: ColumnClause[str | None] = Column(comment="Who ended it")
    reason: ColumnClause[str] = Column(comment="Why")
