"""Postgres itself is away: people are told all the same, and what was told is remembered in a file."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.watchdog.conftest import Kennel
from watchdog import away, database
from watchdog.away import FILE, Absence
from watchdog.children import Understudy
from watchdog.database import Database
from watchdog.limits import SOONEST
from watchdog.ping import Pinger
from watchdog.watch import Watchdog

NOWHERE = "postgresql+psycopg://nobody@127.0.0.1:1/away"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

Started = Callable[[], Watchdog]


@pytest.fixture
def started(kennel: Kennel, tmp_path: Path) -> Started:
    """Starts a watchdog that has looked on for long at a Postgres that is not there."""

    def start() -> Watchdog:
        known = kennel.watchdog
        database = Database(NOWHERE)
        return Watchdog(
            database, None, tmp_path, known.tell, Understudy(["cat"]), Pinger(None), watching_since=LONG_AGO
        )

    return start


def ago(**span: float) -> datetime:
    return datetime.now(UTC) - timedelta(**span)


def test_it_is_told_after_two_intervals_and_not_at_once(
    kennel: Kennel, started: Started, tmp_path: Path
) -> None:
    watchdog = started()
    [wrong] = watchdog.turn()
    assert wrong.startswith("Postgres cannot be used (")
    assert kennel.messages == []
    away.save(tmp_path, Absence(ago(seconds=31)))
    watchdog.turn()
    [message] = kennel.messages
    assert "CRITICAL tocsin postgres: Postgres cannot be used" in message
    assert "What to do: start it, or correct DATABASE_URL" in message


def test_it_counts_from_its_last_answer(kennel: Kennel, tmp_path: Path) -> None:
    kennel.look()
    answered_at = kennel.watchdog._postgres_answered_at
    kennel.watchdog.database.close()
    kennel.watchdog.database = Database(NOWHERE)
    kennel.look()
    absence = away.load(tmp_path)
    assert absence is not None
    assert absence.seen_at == answered_at
    assert kennel.watchdog.next_look_s == SOONEST.total_seconds()


def test_when_it_is_back_the_others_get_time_to_begin(kennel: Kennel) -> None:
    kennel.look()
    kennel.pass_time(600)
    kennel.at_work()
    there = kennel.watchdog.database
    kennel.watchdog.database = Database(NOWHERE)
    kennel.look()
    kennel.pass_time(50)
    kennel.watchdog.database = there
    assert kennel.look() == []
    assert not kennel.watchdog.understudy.queues


def test_it_is_told_once_in_15_minutes_whatever_restarts(
    kennel: Kennel, started: Started, tmp_path: Path
) -> None:
    away.save(tmp_path, Absence(ago(minutes=5), told_at=ago(minutes=4)))
    started().turn()
    assert kennel.messages == []
    away.save(tmp_path, Absence(ago(minutes=20), told_at=ago(minutes=16)))
    started().turn()
    started().turn()
    assert len(kennel.messages) == 1


def test_who_was_just_started_gives_it_time(kennel: Kennel, started: Started, tmp_path: Path) -> None:
    away.save(tmp_path, Absence(ago(hours=9)))
    watchdog = started()
    watchdog.watching_since = datetime.now(UTC)
    watchdog.turn()
    assert kennel.messages == []


def test_its_return_is_told_to_who_heard_of_it(kennel: Kennel, tmp_path: Path) -> None:
    away.save(tmp_path, Absence(ago(minutes=5), told_at=ago(minutes=4)))
    kennel.look()
    kennel.look()
    [message] = kennel.messages
    assert "OVER tocsin postgres: at work again after 5 min" in message
    assert not (tmp_path / FILE).exists()


def test_a_short_absence_is_nothing_to_talk_about(kennel: Kennel, tmp_path: Path) -> None:
    away.save(tmp_path, Absence(ago(seconds=5)))
    kennel.look()
    assert kennel.messages == []
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"began_at": 1}', json.dumps({"began_at": "x", "told_at": ""})]
)
def test_a_file_that_cannot_be_understood_is_no_hindrance(
    kennel: Kennel, started: Started, tmp_path: Path, content: str
) -> None:
    (tmp_path / FILE).write_text(content, "utf-8")
    started().turn()
    assert away.load(tmp_path) is not None
    assert kennel.messages == []


def test_a_disk_that_takes_no_file_is_no_hindrance(started: Started, tmp_path: Path) -> None:
    watchdog = started()
    watchdog.home = tmp_path / "a file"
    watchdog.home.touch()
    assert len(watchdog.turn()) == 1


def test_a_postgres_that_is_frozen_is_given_up(kennel: Kennel, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = kennel.watchdog.database.connection
    monkeypatch.setattr(database, "ANSWERS_WITHIN_S", 0.2)
    with pytest.raises(psycopg.OperationalError, match=r"did not answer within 0\.2 s"):
        connection.execute("SELECT pg_sleep(4)")
    assert connection.closed
