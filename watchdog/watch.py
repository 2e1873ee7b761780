"""One turn of the watchdog: look, judge, stand in for who is dead, tell people, and call outside."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import structlog
from psycopg import Connection
from psycopg.types.json import Jsonb

from domain.cadence import HEARTBEAT_INTERVAL, UNWATCHED
from watchdog import away, outages
from watchdog.away import Absence
from watchdog.children import Understudy
from watchdog.database import SIGN_OF_LIFE, Database
from watchdog.judgement import judge, next_look, stand_ins
from watchdog.limits import EVERY, SOONEST
from watchdog.news import Item, News
from watchdog.outages import Outage
from watchdog.ping import Pinger
from watchdog.reach import answers
from watchdog.readings import read
from watchdog.rhythm import Rhythm
from watchdog.verdict import stopped
from watchdog.vitals import Vitals

log = structlog.get_logger()

# After a message that reached nobody.
TRY_AGAIN_AFTER_S = 30.0

Tell = Callable[[News], bool]


@dataclass
class Watchdog:
    """Looks after everything once a turn; `tell` answers whether anybody was reached."""

    database: Database
    redis_url: str | None = field(repr=False)
    home: Path
    tell: Tell
    understudy: Understudy
    pinger: Pinger
    buttons_awaited: bool = False
    rhythm: Rhythm = field(default_factory=Rhythm)
    watching_since: datetime = field(default_factory=lambda: datetime.now(UTC))
    next_look_s: float = EVERY.total_seconds()
    sees_since: datetime | None = None
    _mute_until: float = 0.0
    _postgres_answered_at: datetime | None = None
    _postgres_was_away: bool = False

    def turn(self) -> Sequence[str]:
        """One look at everything; answers what is wrong, in sentences. The next is due in `next_look_s`."""
        self.next_look_s, began, began_s = EVERY.total_seconds(), datetime.now(UTC), monotonic()
        try:
            wrong = self._with_postgres(self.database.connection, began_s)
        except psycopg.Error as error:
            self.database.close()
            wrong = self._without_postgres(error, began)
        self.rhythm.rest(turn_s=monotonic() - began_s, next_look_s=self.next_look_s)
        if wrong is None:
            return ()
        self.pinger.call(wrong)
        return wrong

    def stop(self) -> None:
        self.understudy.stop()
        self.pinger.stop()
        self.database.close()

    def _with_postgres(self, connection: Connection[Any], began_s: float) -> Sequence[str] | None:
        """What is wrong; None when another watchdog does all this."""
        if not self.database.is_alone():
            self.understudy.stand_in(())
            return None
        self._postgres_is_back(datetime.now(UTC))
        self._show_life(connection)
        vitals = read(connection, buttons_awaited=self.buttons_awaited)
        vitals = replace(vitals, redis_answers=self._redis_answers(vitals))
        self._postgres_answered_at = datetime.now(UTC)
        self._see(vitals.at, turn_s=monotonic() - began_s)
        vitals = vitals.watched_not_before(self.sees_since)
        self.next_look_s = next_look(vitals).total_seconds()
        verdicts = judge(vitals)
        outages.note(connection, verdicts)
        self.understudy.stand_in(stand_ins(vitals))
        self._tell_what_is_new(connection, vitals.at)
        return [str(one) for one in stopped(verdicts)]

    def _see(self, at: datetime, *, turn_s: float) -> None:
        """Know since when nothing escaped this watchdog: not what was before it was started, or was blind."""
        if self.rhythm.was_paused(at, turn_s=turn_s) or self._postgres_was_away:
            self._postgres_was_away, self.sees_since = False, at
        elif self.sees_since is None:
            self.sees_since = at - (datetime.now(UTC) - self.watching_since)
        # Where the clock is set back, what was seen before lies in the future.
        self.sees_since = min(self.sees_since, at)

    def _redis_answers(self, vitals: Vitals) -> bool | None:
        """Whether Redis answers; a tick that came through it a moment ago shows that without asking."""
        if self.redis_url is None:
            return None
        heard = vitals.beat is not None and abs(vitals.at - vitals.beat) <= HEARTBEAT_INTERVAL
        return heard or answers(self.redis_url)

    def _show_life(self, connection: Connection[Any]) -> None:
        detail = Jsonb({"standing_in": sorted(self.understudy.queues)})
        connection.execute(SIGN_OF_LIFE, {"detail": detail, "gap": UNWATCHED.total_seconds()})

    def _tell_what_is_new(self, connection: Connection[Any], now: datetime) -> None:
        news = outages.to_tell(connection)
        if news and self._told(now, map(_item, news)):
            outages.told(connection, news)

    def _told(self, now: datetime, items: Iterable[Item]) -> bool:
        if monotonic() < self._mute_until:
            return False
        told = self.tell(News(now, list(items), sorted(self.understudy.queues)))
        if not told:
            self._mute_until = monotonic() + TRY_AGAIN_AFTER_S
        return told

    def _without_postgres(self, error: psycopg.Error, began: datetime) -> Sequence[str]:
        self.understudy.stand_in(())
        self._postgres_was_away, now = True, datetime.now(UTC)
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        absence = away.load(self.home)
        if absence is None:
            log.warning("watchdog.postgres_away", reason=reason)
            away.save(self.home, absence := Absence(now, seen_at=self._seen_before(began)))
        self.next_look_s = SOONEST.total_seconds()
        item = _postgres(absence, reason)
        if absence.is_to_be_told(now, watching_since=self.watching_since) and self._told(now, [item]):
            away.save(self.home, absence.told(now))
        return [f"{item.reason}; {item.remedy}"]

    def _seen_before(self, began: datetime) -> datetime | None:
        """When Postgres answered last, unless that was long before the turn which `began` and missed it."""
        answered_at = self._postgres_answered_at
        return answered_at if answered_at and began - answered_at < 2 * EVERY else None

    def _postgres_is_back(self, now: datetime) -> None:
        absence = away.load(self.home)
        if absence is None:
            return
        heard = absence.told_at is None or now - absence.told_at > timedelta(days=1)
        if heard or self._told(now, [_postgres(absence, "it answers again", ended_at=now)]):
            away.forget(self.home)


def _item(outage: Outage) -> Item:
    return Item(outage.part, outage.began_at, outage.reason, outage.remedy, outage.ended_at)


def _postgres(absence: Absence, reason: str, ended_at: datetime | None = None) -> Item:
    return Item(
        "postgres",
        absence.began_at,
        f"Postgres cannot be used ({reason}), so nothing is stored and nobody is told of alerts",
        "start it, or correct DATABASE_URL; tocsin doctor looks closer",
        ended_at,
    )
