"""The books of the roll-ups: whose turn a window is, what came late for it, and how it was left."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from models import RollupDue, RollupWindow
from worker.rollups.windows import Window


def take_turn(connection: Connection, window: Window) -> None:
    """Two upserts of one window would deadlock; the second waits, and mostly finds the work done."""
    key = func.hashtextextended(f"tocsin.rollup.{window}", 0)
    connection.execute(select(func.pg_advisory_xact_lock(key)))


def notes(connection: Connection, window: Window) -> list[int]:
    """The notes of late samples, read before the samples are, so that a later note stays for the next run."""
    notes = select(RollupDue.id).where(RollupDue.period == window.period, RollupDue.bucket == window.start)
    return list(connection.scalars(notes))


def take_away(connection: Connection, notes: Sequence[int]) -> None:
    if notes:
        connection.execute(delete(RollupDue).where(RollupDue.id.in_(notes)))


def is_final(connection: Connection, window: Window) -> bool:
    ledger = select(RollupWindow.final).where(
        RollupWindow.period == window.period, RollupWindow.bucket == window.start
    )
    return bool(connection.execute(ledger).scalar())


def enter(connection: Connection, window: Window, now: datetime, rows: int) -> None:
    entry = insert(RollupWindow).values(
        period=window.period, bucket=window.start, computed_at=now, rows=rows, final=window.final(now)
    )
    new = entry.excluded
    connection.execute(
        entry.on_conflict_do_update(
            index_elements=["period", "bucket"],
            set_={"computed_at": new.computed_at, "rows": new.rows, "final": new.final},
        )
    )
