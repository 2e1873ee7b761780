"""Totals that only go up, for Prometheus: counted where things are done, kept whatever retention removes.

Events, decisions, attempts and ends of deliveries are counted by triggers of their tables, so that no writer
can forget it; what leaves no row of its own is counted with `count`. Both are part of the transaction that
did the thing.
"""

import json
from collections.abc import Mapping

from sqlalchemy import Column, ColumnClause, Connection, Double, text
from sqlalchemy.dialects.postgresql import JSONB

from models.base import Base, big_id

# Whoever folds holds it; two at once would add nothing twice, but wait for each other.
FOLDER = "tocsin.counters"

FOLD = text("""
    WITH gone AS (DELETE FROM counter_increments RETURNING name, labels, value)
    INSERT INTO counters AS c (name, labels, value)
    SELECT name, labels, sum(value) FROM gone GROUP BY name, labels ORDER BY name, labels
        ON CONFLICT (name, labels) DO UPDATE SET value = c.value + excluded.value
""")

COUNT = text("""
    INSERT INTO counter_increments (value, name, labels)
    SELECT CAST(n.value AS double precision), :name, jsonb_build_object(CAST(:label AS text), n.key)
      FROM jsonb_each_text(CAST(:numbers AS jsonb)) AS n
""")

Labels = dict[str, str]


class Counter(Base):
    """A total, but for what is not folded in yet."""

    __tablename__ = "counters"
    __table_args__ = {"comment": "Totals that only go up, but for counter_increments"}  # noqa: RUF012

    value: ColumnClause[float] = Column(Double, comment="The total, in the unit of the counter")
    name: ColumnClause[str] = Column(
        primary_key=True, comment="As alert_events; Prometheus sees tocsin_alert_events_total"
    )
    labels: ColumnClause[Labels] = Column(
        JSONB,
        primary_key=True,
        comment='What tells it from others of the name, as {"kind": "opened"}',
    )


class CounterIncrement(Base):
    """Something that was counted: a row of its own, so that whoever counts waits for nobody."""

    __tablename__ = "counter_increments"
    __table_args__ = {"comment": "What was counted since counters was brought up to date"}  # noqa: RUF012

    id: ColumnClause[int] = big_id("Key")
    value: ColumnClause[float] = Column(Double, comment="By how much it went up")
    name: ColumnClause[str] = Column(comment="As in counters")
    labels: ColumnClause[Labels] = Column(JSONB, comment="As in counters")


def count(connection: Connection, name: str, numbers: Mapping[str, float], *, label: str) -> None:
    """Count in the caller's transaction: by how much the counter `name` goes up for each value of `label`."""
    counted = {value: number for value, number in numbers.items() if number}
    if counted:
        connection.execute(COUNT, {"name": name, "label": label, "numbers": json.dumps(counted)})


def fold(connection: Connection) -> None:
    """Add the increments to the totals, unless somebody else is at it."""
    alone = text("SELECT pg_try_advisory_xact_lock(hashtextextended(:name, 0))")
    if connection.execute(alone, {"name": FOLDER}).scalar_one():
        connection.execute(FOLD)
