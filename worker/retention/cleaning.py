"""The cleanup: makes the days ahead, drops raw days that are past their horizon, deletes old rows."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Engine, text

from models.partitions import DAYS_AHEAD, PartitionBusyError, day_of, drop, ensure
from models.session import CHORE, make_engine, take_time
from worker.retention.horizons import Horizons, horizon
from worker.retention.incidents import delete_incidents
from worker.retention.planning import CleanupPlan, plan
from worker.retention.raw import Drop, Refusal
from worker.retention.rows import Deletion, old_rows


@dataclass(frozen=True, slots=True)
class CleanupResult:
    """What a cleanup did, or with `dry_run` would do.

    `bytes` are those of the dropped partitions, which the disk gets back; deleted rows leave their room to
    new ones. `vacuumed` names the tables that were vacuumed and analysed.
    """

    dry_run: bool
    day: str
    made: tuple[str, ...]
    dropped: tuple[Drop, ...]
    refused: tuple[Refusal, ...]
    deleted: tuple[Deletion, ...]
    vacuumed: tuple[str, ...]
    bytes: int

    @property
    def rows(self) -> int:
        """Rows that went, or would go."""
        return sum(one.rows for one in self.dropped) + sum(one.rows for one in self.deleted)


def clean(
    engine: Engine, horizons: Horizons, now: datetime, *, dry_run: bool, vacuum: bool = False
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
        dropped, busy = _drop(patient, planned)
        deleted = _delete(patient, horizons, today)
        return CleanupResult(
            dry_run=False,
            day=today.isoformat(),
            made=made,
            dropped=dropped,
            refused=(*planned.refusals, *busy),
            deleted=deleted,
            vacuumed=_vacuum(patient, _tables(deleted)) if vacuum else (),
            bytes=_bytes(dropped),
        )


def _predicted(planned: CleanupPlan, today: date, *, vacuum: bool) -> CleanupResult:
    return CleanupResult(
        dry_run=True,
        day=today.isoformat(),
        made=planned.to_make,
        dropped=planned.drops,
        refused=planned.refusals,
        deleted=planned.deletions,
        vacuumed=_tables(planned.deletions) if vacuum else (),
        bytes=_bytes(planned.drops),
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


def _drop(engine: Engine, planned: CleanupPlan) -> tuple[tuple[Drop, ...], tuple[Refusal, ...]]:
    """Oldest first; of a table that somebody keeps in use the rest is left alone."""
    dropped: list[Drop] = []
    busy: dict[str, str] = {}
    refused: list[Refusal] = []
    for partition, what in zip(planned.partitions, planned.drops, strict=True):
        if partition.parent not in busy:
            try:
                drop(engine, partition)
            except PartitionBusyError as error:
                busy[partition.parent] = str(error)
            else:
                dropped.append(what)
        if partition.parent in busy:
            refused.append(Refusal(partition.name, what.day, busy[partition.parent]))
    return tuple(dropped), tuple(refused)


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
