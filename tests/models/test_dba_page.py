"""Every query that the page for DBAs shows runs, and answers with what it promises."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Row, text

from models.partitions import ensure
from tests.worker.history import add_alert, add_delivery
from tests.worker.raw import add_disk, add_health, add_hosts, add_process, add_system
from worker.rollups import Period, aggregate

PAGE = (Path(__file__).parents[2] / "docs" / "dba.md").read_text(encoding="utf-8")
QUERIES = dict(re.findall(r"\n\n([^\n|]+)\n\n```sql\n(.*?)```", PAGE, flags=re.DOTALL))


@pytest.fixture
def connection(engine: Engine) -> Any:
    """Two days of a machine that is sometimes busy, with alerts and messages."""
    now = datetime.now(UTC).replace(microsecond=0)
    with engine.begin() as connection:
        ensure(connection, (now - timedelta(days=2)).date(), (now + timedelta(days=1)).date())
        _store(connection, now)
    aggregate(engine, Period.HOUR, now - timedelta(hours=1), now + timedelta(minutes=2))
    aggregate(engine, Period.DAY, now - timedelta(days=2), now + timedelta(minutes=2))
    with engine.connect() as connection:
        yield connection


def _store(connection: Connection, now: datetime) -> None:
    (host_id,) = add_hosts(connection, "web-1")
    yesterday = now.replace(hour=12, minute=0, second=0) - timedelta(days=1)
    for n in range(20):
        figures = {"host_id": host_id, "cpu_percent": 95, "network_bytes_in_total": (n % 10) * 2**30}
        add_system(connection, [{"ts": at + n * timedelta(seconds=5), **figures} for at in (yesterday, now)])
    connection.execute(text("UPDATE hosts SET last_seen_at = :now"), {"now": now})
    for at, percent in ((yesterday, 40), (now, 50)):
        add_disk(connection, host_id, at, "/", percent)
        add_process(connection, host_id, at, 1, 50, own=True)
        add_health(connection, host_id, at, 80)
    connection.execute(text("UPDATE process_metrics_history SET memory_percent = 30"))
    alert = add_alert(connection, host_id, now - timedelta(minutes=5), None)
    add_delivery(connection, alert, alert, now, seq=2, state="dead")
    connection.execute(text("UPDATE notification_decisions SET verdict = 'hold' WHERE id = 1"))
    connection.execute(
        text(
            "INSERT INTO task_runs (task, started_at, origin, outcome, arguments)"
            " VALUES ('aggregate.hourly', now(), 'beat', 'done', '{}')"
        )
    )


def _ask(connection: Connection, start: str) -> Sequence[Row[Any]]:
    (query,) = (query for question, query in QUERIES.items() if question.startswith(start))
    return connection.execute(text(query)).all()


def test_the_page_answers_a_dozen_questions() -> None:
    assert len(QUERIES) >= 12
    assert PAGE.count("```sql") == len(QUERIES)


@pytest.mark.parametrize("question", QUERIES)
def test_every_query_answers(connection: Connection, question: str) -> None:
    assert connection.execute(text(QUERIES[question])).all()


def test_it_finds_who_was_busy_and_for_how_long(connection: Connection) -> None:
    (row,) = _ask(connection, "Which machines were over 90 percent")
    assert (row.host, row.peak) == ("web-1", 95)
    assert row.over_90 >= timedelta(seconds=100)


def test_it_adds_up_a_counter_over_a_restart(connection: Connection) -> None:
    (row,) = _ask(connection, "How much went over the network")
    assert row.gb_in == 9 + 9  # from 0 to 9, a restart at 0, and to 9 once more


def test_it_sees_where_a_disk_is_going(connection: Connection) -> None:
    (row,) = _ask(connection, "Which partitions will be full first")
    assert row.mount == "/"
    assert row.percent_per_day == pytest.approx(10)


def test_it_shows_a_machine_as_it_is(connection: Connection) -> None:
    (row,) = _ask(connection, "How is everybody")
    assert (row.host, row.cpu_percent, row.score, row.open_criticals) == ("web-1", 95, 80, 1)


def test_a_machine_that_went_silent_is_unknown(connection: Connection) -> None:
    status = text("SELECT status FROM v_current")
    assert connection.execute(status).scalar_one() == "healthy"
    connection.execute(text("UPDATE hosts SET last_seen_at = now() - interval '16 s'"))
    assert connection.execute(status).scalar_one() == "unknown"


def test_it_names_hours_that_nobody_rolled_up(connection: Connection) -> None:
    gaps = text("SELECT problem, host, count(*) FROM v_rollup_gaps GROUP BY 1, 2 ORDER BY 1")
    assert {(row.problem, row.host) for row in connection.execute(gaps)} >= {("samples are missing", "web-1")}
    connection.execute(text("TRUNCATE rollup_windows"))
    assert {(row.problem, row.host) for row in connection.execute(gaps)} >= {("not rolled up", None)}


def test_it_counts_what_tables_take_with_their_partitions(connection: Connection) -> None:
    storage = {row.table: row for row in connection.execute(text("SELECT * FROM v_storage"))}
    assert storage["system_metrics_history"].partitions == 4
    assert storage["hosts"].partitions == 0
    assert storage["system_metrics_history"].total_bytes > storage["system_metrics_history"].index_bytes > 0


def test_the_page_names_every_view(connection: Connection) -> None:
    views = connection.scalars(text("SELECT viewname FROM pg_views WHERE schemaname = 'public'"))
    assert set(re.findall(r"`(v_\w+)`", PAGE)) == set(views)
