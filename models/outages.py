"""When parts of Tocsin itself stopped, and who was told."""

from datetime import datetime

from sqlalchemy import Column, ColumnClause, Index, text

from models.base import Base, big_id


class Outage(Base):
    """One stop of one of Tocsin's own parts, as the watchdog saw it; at most one of a part goes on."""

    __tablename__ = "outages"
    __table_args__ = (
        Index("uq_outages_part", "part", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index("idx_outages_began_at", "began_at"),
        {"comment": "Stops of parts of Tocsin itself, as the watchdog saw them"},
    )

    id: ColumnClause[int] = big_id("Key")
    part: ColumnClause[str] = Column(comment="As beat, redis, queue health, recorder, evaluation or outbox")
    began_at: ColumnClause[datetime] = Column(comment="When the watchdog called it stopped")
    seen_at: ColumnClause[datetime | None] = Column(comment="When it was last seen at work before")
    ended_at: ColumnClause[datetime | None] = Column(comment="When it was at work again; null until then")
    reason: ColumnClause[str] = Column(comment="What was seen, in one sentence")
    remedy: ColumnClause[str] = Column(comment="What to do")
    told_at: ColumnClause[datetime | None] = Column(comment="When people were last told that it goes on")
    end_told_at: ColumnClause[datetime | None] = Column(comment="When people were told that it was over")
