"""Times on the command line: a moment in UTC, or how long ago."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from cli.errors import USAGE, CommandError
from policy.durations import duration
from settings import FaultError, shown


def moment(option: str, value: str) -> datetime:
    """An aware time: ISO 8601, in UTC where it names no zone; raises CommandError for anything else."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        raise _no_time(option, value, "write it as 2026-11-21 or 2026-11-21T03:00, in UTC") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def since(value: str | None, option: str = "--since") -> datetime | None:
    """A moment, or how long ago: `24h`, `7d`, `2026-11-21`; raises CommandError for anything else."""
    if value is None:
        return None
    try:
        return datetime.now(UTC) - duration(value)
    except FaultError:
        pass
    try:
        return moment(option, value)
    except CommandError:
        remedy = "write how long ago, as 24h or 7d, or when, as 2026-11-21T03:00 in UTC"
        raise _no_time(option, value, remedy) from None


Since = Annotated[
    str | None,
    typer.Option(help="Only those since then: how long ago, as 24h or 7d, or when, as 2026-11-21."),
]


def _no_time(option: str, value: str, remedy: str) -> CommandError:
    return CommandError(f"{option}: {shown(value)} is no time", remedy, USAGE)
