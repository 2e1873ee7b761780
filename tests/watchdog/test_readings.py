"""What the watchdog reads: of several signs the newest, and of what waits only what could have left."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from psycopg.types.json import Jsonb
from sqlalchemy import Engine, text

from tests import bell
from tests.watchdog.conftest import Book
from watchdog.readings import read

Ago = Callable[[float], datetime]


@pytest.fixture
def ago(book: Book) -> Ago:
    """The moment so many seconds before this one, by the database's clock."""
    now: datetime = book.execute("SELECT clock_timestamp()").fetchall()[0][0]
    return lambda seconds: now.astimezone(UTC) - timedelta(seconds=seconds)


def sign(book: Book, part: str, at: datetime, instance: str = "a", **detail: object) -> None:
    book.execute(
        "INSERT INTO heartbeats (component, instance, at, since, detail) VALUES (%s, %s, %s, %s, %s)",
        (part, instance, at, at - timedelta(hours=1), Jsonb(detail)),
    )


def host(book: Book, name: str, last_seen_at: datetime, kind: str = "host") -> None:
    book.execute(
        "INSERT INTO hosts (name, kind, first_seen_at, last_seen_at) VALUES (%s, %s, %s, %s)",
        (name, kind, last_seen_at, last_seen_at),
    )


def alert(book: Book, name: str, component: str, *, over: bool = False) -> None:
    book.execute(
        "INSERT INTO infrastructure_alerts (breach_since, host_id, value, peak, threshold, component, rule,"
        "    metric, unit, severity, message, snapshot, resolved_at)"
        " SELECT now(), id, 1, 1, 1, %s, 'no-data', 'silence_s', 's', 'critical', 'silent', '{}',"
        "        CASE WHEN %s THEN now() END FROM hosts WHERE name = %s",
        (component, over, name),
    )


def test_of_several_that_do_the_same_the_newest_sign_counts(book: Book, ago: Ago) -> None:
    for instance, seconds in (("a", 40), ("b", 3), ("c", 20)):
        for part in ("beat", "queue:notify", "health.check", "task:notifications.deliver", "slack-buttons"):
            sign(book, part, ago(seconds), instance)
    sign(book, "recorder", ago(50))
    sign(book, "task:record.samples", ago(7))
    found = read(book)
    assert found.beat == found.queues["notify"] == found.evaluation == ago(3)
    assert found.outbox.swept_at == found.buttons == ago(3)
    assert found.recorder == ago(7)
    assert found.queues["chores"] is None


def test_the_watchdog_that_looks_now_says_for_whom_it_stands_in(book: Book, ago: Ago) -> None:
    sign(book, "watchdog", ago(300), "old", standing_in=["chores"])
    sign(book, "watchdog", ago(2), "new", standing_in=["collect", "notify"])
    found = read(book)
    assert found.standing_in == {"collect", "notify"}
    assert found.watchdog == ago(2)
    assert found.watched_since == ago(2) - timedelta(hours=1)


def test_whoever_has_not_looked_for_long_has_not_watched(book: Book, ago: Ago) -> None:
    sign(book, "watchdog", ago(300))
    sign(book, "beat", ago(3))
    found = read(book)
    assert (found.watched_since, found.watchdog) == (None, ago(300))
    assert found.beat_since == ago(3) - timedelta(hours=1)


def test_a_silent_host_is_one_that_spoke_within_the_hour_and_of_which_no_alert_tells(
    book: Book, ago: Ago
) -> None:
    host(book, "speaks", ago(3))
    host(book, "silent-b", ago(30))
    host(book, "silent-a", ago(3500))
    host(book, "told", ago(30))
    host(book, "told-before", ago(30))
    host(book, "full", ago(30))
    host(book, "taken-away", ago(3700))
    host(book, "tocsin", ago(1), kind="service")
    host(book, "retired", ago(30))
    book.execute("UPDATE hosts SET retired_at = now() WHERE name = 'retired'")
    alert(book, "told", "host")
    alert(book, "told-before", "host", over=True)
    alert(book, "full", "disk:/")
    found = read(book)
    assert found.silent_collectors == ("full", "silent-a", "silent-b", "told-before")
    assert found.hosts_are_silent
    assert found.newest_sample == ago(3)


def test_hosts_of_which_alerts_tell_are_silent_all_the_same(book: Book, ago: Ago) -> None:
    host(book, "told", ago(30))
    alert(book, "told", "host")
    found = read(book)
    assert (found.silent_collectors, found.hosts_are_silent) == ((), True)


def test_beat_and_redis_are_calm_since_their_last_stop_ended(book: Book, ago: Ago) -> None:
    for part, ended in (("redis", ago(900)), ("redis", ago(300)), ("beat", ago(50)), ("recorder", ago(9))):
        book.execute(
            "INSERT INTO outages (part, began_at, ended_at, reason, remedy) VALUES (%s, %s, %s, '', '')",
            (part, ago(1000), ended),
        )
    assert read(book).calm_since == {"redis": ago(300), "beat": ago(50)}
    book.execute(
        "INSERT INTO outages (part, began_at, reason, remedy) VALUES ('beat', %s, '', '')", (ago(5),)
    )
    assert read(book).calm_since["beat"] >= ago(0)


@pytest.fixture
def outbox(book: Book, engine: Engine, ago: Ago) -> Callable[..., None]:
    """Writes a delivery that has been due for so many seconds."""
    event_id = iter(bell.ring(engine, 20))
    book.execute("UPDATE alert_events SET planned_at = at")

    def put(
        due: float, destination: str = "slack", state: str = "pending", lease: float | None = None
    ) -> None:
        book.execute(
            "INSERT INTO notification_deliveries (event_id, alert_id, incident_id, due_at, destination, kind,"
            "    severity, state, reason, lease_until)"
            " SELECT id, alert_id, alert_id, %s, %s, 'opened', 'critical', %s, '', %s"
            "   FROM alert_events WHERE alert_id = %s",
            (ago(due), destination, state, None if lease is None else ago(lease), next(event_id)),
        )

    return put


def test_what_waits_longest_and_could_leave_counts(book: Book, ago: Ago, outbox: Callable[..., None]) -> None:
    outbox(-60)
    outbox(900, state="delivered")
    outbox(800, state="dead")
    assert read(book).outbox.due_since is None
    outbox(30)
    outbox(90)
    outbox(400, state="sending", lease=-20)
    assert (read(book).outbox.due_since, read(book).outbox.sending) == (ago(90), True)
    outbox(200, state="sending", lease=10)
    assert read(book).outbox.due_since == ago(200)


def test_a_lease_that_has_run_out_is_nobody_who_sends(book: Book, outbox: Callable[..., None]) -> None:
    outbox(30, state="sending", lease=10)
    assert not read(book).outbox.sending


def test_what_waits_for_a_destination_that_is_down_is_not_overdue(
    book: Book, ago: Ago, outbox: Callable[..., None]
) -> None:
    """Nor is it at once when that may be tried again."""
    for name, opens in (
        ("down", ago(-60)),
        ("was-down", ago(30)),
        ("works", None),
        ("was-long-down", ago(90)),
    ):
        book.execute(
            "INSERT INTO destination_states (destination, refilled_at, tokens, open_until)"
            " VALUES (%s, now(), 1, %s)",
            (name, opens),
        )
    outbox(500, "down")
    outbox(400, "was-down")
    assert read(book).outbox.due_since is None
    outbox(50, "works")
    assert read(book).outbox.due_since == ago(50)
    outbox(70, "was-long-down")
    assert read(book).outbox.due_since == ago(70)


def test_the_oldest_event_that_nobody_has_planned_counts(book: Book, engine: Engine, ago: Ago) -> None:
    first, second, third = bell.ring(engine, 3)
    for number, seconds in ((first, 300), (second, 40), (third, 20)):
        book.execute("UPDATE alert_events SET at = %s WHERE alert_id = %s", (ago(seconds), number))
    book.execute("UPDATE alert_events SET planned_at = now() WHERE alert_id = %s", (first,))
    assert read(book).outbox.unplanned_since == ago(40)


LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended('tocsin.task.' || :task, 0))")


@pytest.mark.parametrize("task", ["aggregate.hourly", "aggregate.daily", "cleanup.retention"])
def test_a_chore_runs_for_as_long_as_its_lock_is_held(book: Book, engine: Engine, task: str) -> None:
    assert not read(book).chore_runs
    with engine.begin() as holder:
        holder.execute(LOCK, {"task": task})
        assert read(book).chore_runs
    assert not read(book).chore_runs


def test_other_tasks_and_the_chores_of_another_tocsin_are_none_of_ours(
    book: Book, engine: Engine, administration: Engine
) -> None:
    with (
        engine.begin() as holder,
        administration.execution_options(isolation_level="READ COMMITTED").begin() as elsewhere,
    ):
        holder.execute(LOCK, {"task": "health.check"})
        elsewhere.execute(LOCK, {"task": "aggregate.daily"})
        assert not read(book).chore_runs
