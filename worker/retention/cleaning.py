"""The cleanup: makes days ahead, drops those past their horizon, packs what is over, deletes old rows."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from sqlalchemy import Engine, text

from models.partitions import (
    DAYS_AHEAD,
    PACKED,
    Partition,
    PartitionBusyError,
    day_of,
    drop,
    ensure,
    pack,
    rewrite_keys,
)
from models.session import CHORE, make_engine, take_time
from worker.retention.closing import Pack
from worker.retention.horizons import Horizons, horizon
from worker.retention.incidents import delete_incidents
from worker.retention.planning import CleanupPlan, plan
from worker.retention.raw import Drop, Refusal
from worker.retention.rows import Deletion, old_rows

# Told after each partition: how many are done, of how many, and which it was.
Progress = Callable[[int, int, object], None]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """What a cleanup did, or with `dry_run` would do.

    `bytes` are those of the dropped partitions, which the disk gets back; deleted rows leave their room to
    new ones. `rewritten` names the partitions whose keys were made anew, `vacuumed` the tables that were
    vacuumed and analysed.
    """

    dry_run: bool
    day: str
    made: tuple[str, ...]
    dropped: tuple[Drop, ...]
    packed: tuple[Pack, ...]
    rewritten: tuple[str, ...]
    refused: tuple[Refusal, ...]
    deleted: tuple[Deletion, ...]
    vacuumed: tuple[str, ...]
    bytes: int

    @property
    def rows(self) -> int:
        """Rows that went, or would go."""
        return sum(one.rows for one in self.dropped) + sum(one.rows for one in self.deleted)


def clean(
    engine: Engine,
    horizons: Horizons,
    now: datetime,
    *,
    dry_run: bool,
    vacuum: bool = False,
    progress: Progress | None = None,
) -> CleanupResult:
    """Clean up what is past its horizon at `now` (aware), or with `dry_run` only say what that would be.

    Whoever writes or reads is never held up. A partition that somebody keeps in use stays until the next run
    and is told as refused. An interruption leaves nothing half done that the next run does not take up.
    """
    today = day_of(now)
    with _patient(engine) as patient:
        with patient.connect() as connection:
            take_time(connection)
            planned = plan(connection, horizons, today)
        if dry_run:
            return _predicted(planned, today, vacuum=vacuum)
        made = _make_days(patient, today)
        each = _Each(patient, progress, len(planned.drops) + len(planned.packs) + len(planned.rewrites))
        dropped = each.do(drop, planned.drops)
        packed = each.do(pack, planned.packs)
        rewritten = each.do(rewrite_keys, [(one, one.name) for one in planned.rewrites])
        deleted = _delete(patient, horizons, today)
        return CleanupResult(
            dry_run=False,
            day=today.isoformat(),
            made=made,
            dropped=dropped,
            packed=_weighed(patient, packed),
            rewritten=rewritten,
            refused=(*planned.refusals, *each.refused),
            deleted=deleted,
            vacuumed=_vacuum(patient, _tables(deleted)) if vacuum else (),
            bytes=_bytes(dropped),
        )


def _predicted(planned: CleanupPlan, today: date, *, vacuum: bool) -> CleanupResult:
    dropped = tuple(what for _, what in planned.drops)
    return CleanupResult(
        dry_run=True,
        day=today.isoformat(),
        made=planned.to_make,
        dropped=dropped,
        packed=tuple(what for _, what in planned.packs),
        rewritten=tuple(one.name for one in planned.rewrites),
        refused=planned.refusals,
        deleted=planned.deletions,
        vacuumed=_tables(planned.deletions) if vacuum else (),
        bytes=_bytes(dropped),
    )


@contextmanager
def _patient(engine: Engine) -> Iterator[Engine]:
    """The same database with a chore's patience: VACUUM and DETACH run outside transactions."""
    patient = make_engine(engine.url, application_name="tocsin cleanup", patience=CHORE)
    try:
        yield patient
    finally:
        patient.dispose()


def _make_days(engine: Engine, today: date) -> tuple[str, ...]:
    with engine.begin() as connection:
        return tuple(ensure(connection, today, today + timedelta(days=DAYS_AHEAD)))


@dataclass
class _Each:
    """Does one thing after the other to partitions; of a table that somebody keeps in use the rest stays."""

    engine: Engine
    progress: Progress | None
    total: int
    done: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def do(
        self, work: Callable[[Engine, Partition], None], wanted: Iterable[tuple[Partition, T]]
    ) -> tuple[T, ...]:
        busy: dict[str, str] = {}
        finished: list[T] = []
        for partition, what in wanted:
            if partition.parent not in busy:
                try:
                    work(self.engine, partition)
                except PartitionBusyError as error:
                    busy[partition.parent] = str(error)
                else:
                    finished.append(what)
            if partition.parent in busy:
                why = busy[partition.parent]
                self.refused.append(Refusal(partition.name, partition.day.isoformat(), why))
            self._tell(partition)
        return tuple(finished)

    def _tell(self, partition: Partition) -> None:
        self.done += 1
        if self.progress:
            self.progress(self.done, self.total, partition.name)


def _weighed(engine: Engine, packs: Iterable[Pack]) -> tuple[Pack, ...]:
    size = text("SELECT pg_total_relation_size(CAST(:name AS regclass))")
    with engine.connect() as connection:
        return tuple(
            replace(
                one,
                packed_bytes=connection.scalar(size, {"name": PACKED.child(date.fromisoformat(one.day))}),
            )
            for one in packs
        )


def _delete(engine: Engine, horizons: Horizons, today: date) -> tuple[Deletion, ...]:
    deletions = [old.delete(engine) for old in old_rows(horizons, today)]
    deletions += delete_incidents(engine, horizon(today, horizons.alert_days))
    return tuple(deletion for deletion in deletions if deletion.rows)


def _bytes(drops: Iterable[Drop]) -> int:
    return sum(one.bytes for one in drops)


def _tables(deletions: Iterable[Deletion]) -> tuple[str, ...]:
    return tuple(sorted({deletion.table for deletion in deletions}))


def _vacuum(engine: Engine, tables: tuple[str, ...]) -> tuple[str, ...]:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in tables:
            connection.execute(text(f"VACUUM (ANALYZE) {table}"))
    return tables
