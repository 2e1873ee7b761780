"""The chores: late is fine, lost is not."""

from datetime import date
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, ValidationInfo, model_validator

from domain.cadence import LONGEST_WINDOW
from models import clock
from settings import FaultError, shown
from worker import rollups
from worker.resources import Resources
from worker.retention import CleanupResult, Horizons, clean
from worker.rollups import Period, Rolled
from worker.tasks.arguments import Arguments, Moment, told_at
from worker.tasks.base import declare
from worker.tasks.jobs import Order


class Rolling(Arguments):
    """What a roll-up may be told."""

    since: Moment | None = Field(
        None,
        description="From this time on, in UTC; by default, whatever is due.",
        examples=["2026-11-20T00:00"],
    )
    until: Moment | None = Field(
        None,
        description="Up to this time, which is left out; by default, now. It needs since.",
        examples=["2026-11-21T00:00"],
    )
    force: bool = Field(
        default=False, description="Also what is final and has seen no new samples. It needs since."
    )

    @model_validator(mode="after")
    def _makes_sense(self, info: ValidationInfo) -> Self:
        if self.since is None:
            if self.until or self.force:
                raise FaultError("until and force need since", "say from when on to aggregate")
            return self
        until = self.until or told_at(info)
        if until <= self.since:
            raise FaultError("since does not come before until, or before now", "give an earlier since")
        if until - self.since > LONGEST_WINDOW:
            days = (until - self.since).days
            raise FaultError(
                f"since lies {days:,} days before until", f"ask for {LONGEST_WINDOW.days} at most"
            )
        return self


def _today(value: object, info: ValidationInfo) -> object:
    today = told_at(info).date()
    if value not in {None, today.isoformat()}:
        raise FaultError(f"{shown(value)} is not today", f"write {today} to remove for good")
    return value and today


Today = Annotated[date, BeforeValidator(_today)]


class Cleaning(Arguments):
    """What a cleanup may be told."""

    dry_run: bool = Field(default=False, description="Only say what would go, whatever else is said.")
    vacuum: bool = Field(
        default=False, description="Vacuum and analyse the tables from which rows were deleted."
    )
    confirm: Today | None = Field(
        None,
        description="Today's date (UTC), to remove for good; without it a run by hand is a dry run.",
        examples=["2026-11-25"],
    )


@declare("aggregate.hourly", Rolling)
def hourly(parts: Resources, order: Order[Rolling]) -> Rolled:
    """Roll up the hours that are due, or those from since to until."""
    return _roll_up(parts, Period.HOUR, order.told)


@declare("aggregate.daily", Rolling)
def daily(parts: Resources, order: Order[Rolling]) -> Rolled:
    """Roll up the days that are due, or those from since to until."""
    return _roll_up(parts, Period.DAY, order.told)


@declare("cleanup.retention", Cleaning)
def cleanup(parts: Resources, order: Order[Cleaning]) -> CleanupResult:
    """Remove what is past its retention, pack days that are over; by hand only with confirm."""
    with parts.database.connect() as connection:
        now = clock.now(connection)
    dry_run = order.told.dry_run or not (order.scheduled or order.told.confirm)
    return clean(parts.database, Horizons.of(parts.settings), now, dry_run=dry_run, vacuum=order.told.vacuum)


def _roll_up(parts: Resources, period: Period, wanted: Rolling) -> Rolled:
    if wanted.since is None:
        return rollups.catch_up(parts.database, period)
    with parts.database.connect() as connection:
        until = wanted.until or clock.now(connection)
    return rollups.aggregate(parts.database, period, wanted.since, until, force=wanted.force)
