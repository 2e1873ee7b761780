"""What people want kept beyond its retention."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, func, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId


class Hold(Base):
    """A named time whose history stays until somebody says that it may go."""

    __tablename__ = "holds"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("uq_holds_name", "name", unique=True, postgresql_where=text("ended_at IS NULL")),
        {"comment": "Times whose history stays whatever its retention, until somebody ends the hold"},
    )

    id: Mapped[BigId] = mapped_column(comment="Key")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), comment="When it was set")
    starts_at: Mapped[datetime] = mapped_column(comment="Start of the time whose history stays")
    ends_at: Mapped[datetime] = mapped_column(comment="End of that time, which is left out")
    ended_at: Mapped[datetime | None] = mapped_column(comment="When the hold was ended; null while it holds")
    name: Mapped[str] = mapped_column(comment="What people call it; one that holds has its name to itself")
    created_by: Mapped[str] = mapped_column(comment="Who set it")
    ended_by: Mapped[str | None] = mapped_column(comment="Who ended it")
    reason: Mapped[str] = mapped_column(comment="Why")
