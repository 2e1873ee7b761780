"""The silences that there are, read as values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from cli.silencing.recurrences import spelt
from models import Host, clock
from models import Silence as SilenceRow
from notifications.quiet import of_row
from notifications.silences import Phase
from policy.matching import matches


@dataclass(frozen=True, slots=True)
class ListedSilence:
    """A silence in a list; `every` is when it comes again, as the command line has it."""

    id: int
    phase: Phase
    starts_at: datetime
    ends_at: datetime
    every: str | None
    hosts: Sequence[str]
    components: Sequence[str]
    severities: Sequence[str]
    created_at: datetime
    created_by: str
    ended_by: str | None
    reason: str


def listed(connection: Connection, *, everything: bool) -> list[ListedSilence]:
    """Those that are not over, or all of them, the one that ends last first."""
    now = clock.now(connection)
    query = select(SilenceRow.__table__).order_by(SilenceRow.ends_at.desc(), SilenceRow.id.desc())
    if not everything:
        query = query.where(SilenceRow.ends_at > now)
    return [_listed(row, now) for row in connection.execute(query)]


def one(connection: Connection, number: int) -> ListedSilence:
    """The silence of this number, which is known to be there."""
    query = select(SilenceRow.__table__).where(SilenceRow.id == number)
    return _listed(connection.execute(query).one(), clock.now(connection))


def hosts_that_match(connection: Connection, globs: Iterable[str]) -> Mapping[str, Sequence[str]]:
    """The known hosts that each pattern matches."""
    names = connection.execute(select(Host.name)).scalars().all()
    return {glob: [name for name in names if matches((glob,), name)] for glob in globs}


def _listed(row: Any, now: datetime) -> ListedSilence:
    silence = of_row(row._asdict())
    return ListedSilence(
        id=row.id,
        phase=silence.phase(now),
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        every=spelt(silence.within) if silence.within else None,
        hosts=silence.scope.hosts,
        components=silence.scope.components,
        severities=sorted(silence.scope.severities),
        created_at=row.created_at,
        created_by=row.created_by,
        ended_by=row.ended_by,
        reason=row.reason,
    )
