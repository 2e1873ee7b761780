"""Every query of the cookbook answers on half a year of history, for a reader, without reading all of it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, Row, create_engine, text

from embedded import EmbeddedPostgres
from models import partitions
from tests import conftest
from tests.models import half_a_year

PAGE = (Path(__file__).parents[2] / "docs" / "cookbook.md").read_text(encoding="utf-8")
QUERIES = dict(re.findall(r"\n\n((?:(?!\n\n|```).)+)\n\n```sql\n(.*?)```", PAGE, flags=re.DOTALL))
DECLARED = dict(re.findall(r"^\\set (\w+) (.+)$", PAGE, flags=re.MULTILINE))
VARIABLE = re.compile(r"(?<!:):'?(\w+)'?")
# What a query may look at of a raw table: a week of days, today and tomorrow.
MOST_DAYS = 9


@pytest.fixture(scope="module")
def history(
    postgres_server: EmbeddedPostgres, administration: Engine, template: str
) -> Iterator[tuple[Engine, datetime]]:
    with conftest.a_database(postgres_server, administration, template) as url:
        engine = create_engine(url)
        yield engine, half_a_year.make(engine)
        engine.dispose()


@pytest.fixture
def now(history: tuple[Engine, datetime]) -> datetime:
    return history[1]


@pytest.fixture
def reader(history: tuple[Engine, datetime]) -> Iterator[Connection]:
    """Somebody who may read the schema and nothing else."""
    with history[0].connect() as connection:
        connection.execute(
            text(
                "DO $$ BEGIN CREATE ROLE cookbook_reader; EXCEPTION WHEN duplicate_object THEN NULL; END $$;"
                "GRANT SELECT ON ALL TABLES IN SCHEMA public TO cookbook_reader;"
                "SET LOCAL ROLE cookbook_reader; SET LOCAL transaction_read_only = on;"
                "SET LOCAL timezone = 'UTC'; SET LOCAL jit = off"
            )
        )
        yield connection
        connection.rollback()


def values(now: datetime) -> Mapping[str, str]:
    yesterday = (now - timedelta(days=1)).replace(hour=0)
    return {
        "host": "web-1",
        "mount": "/",
        "at": str(now - half_a_year.HALF_HOUR),
        "since": str(yesterday - timedelta(days=1)),
        "until": str(yesterday + timedelta(days=1)),
        "alert": "8",
    }


def as_psql(query: str, now: datetime, **changed: str) -> str:
    """The query with its variables put in as psql puts them in: `:'name'` quoted, `:name` as it is."""

    def put(found: re.Match[str]) -> str:
        value = {**values(now), **changed}[found[1]]
        return f"'{value}'" if "'" in found[0] else value

    return VARIABLE.sub(put, query).replace(":", r"\:").rstrip().rstrip(";")


def ask(reader: Connection, now: datetime, start: str, **changed: str) -> Sequence[Row[Any]]:
    (query,) = (query for question, query in QUERIES.items() if question.startswith(start))
    return reader.execute(text(as_psql(query, now, **changed))).all()


def test_there_are_many_and_each_is_found() -> None:
    assert len(QUERIES) >= 30
    assert PAGE.count("```sql") == len(QUERIES)


def test_the_variables_that_are_set_are_those_that_are_used() -> None:
    used = {name for query in QUERIES.values() for name in VARIABLE.findall(query)}
    assert used == set(DECLARED) == set(values(datetime.now(UTC)))


@pytest.mark.parametrize("question", QUERIES, ids=lambda question: question[:50])
def test_it_answers(reader: Connection, now: datetime, question: str) -> None:
    assert reader.execute(text(as_psql(QUERIES[question], now))).all()


@pytest.mark.parametrize("question", QUERIES, ids=lambda question: question[:50])
def test_it_reads_no_more_days_than_it_asks_for(reader: Connection, now: datetime, question: str) -> None:
    plan = "\n".join(reader.scalars(text("EXPLAIN " + as_psql(QUERIES[question], now))))
    for table in (*partitions.PARTITIONED, partitions.PACKED):
        days = set(re.findall(rf"\b{table.table}_(\d{{8}})\b", plan))
        assert len(days) <= MOST_DAYS, plan


def test_reading_a_raw_table_without_a_time_would_be_found(reader: Connection) -> None:
    plan = "\n".join(reader.scalars(text("EXPLAIN SELECT avg(cpu_percent) FROM system_metrics_history")))
    assert len(set(re.findall(r"\bsystem_metrics_history_(\d{8})\b", plan))) > MOST_DAYS


def test_an_hour_of_ninety_days_ago_is_there_with_how_complete_it_is(
    reader: Connection, now: datetime
) -> None:
    hour, day = ask(reader, now, "What was the CPU of a machine at that hour")
    assert (hour.of, hour.at, hour.complete_percent) == ("hour", now - half_a_year.HALF_HOUR, 50)
    assert (day.of, day.complete_percent, day.source) == ("day", 100, "raw")


def test_older_than_hours_are_kept_the_day_answers(reader: Connection, now: datetime) -> None:
    (day,) = ask(reader, now, "What was the CPU of a machine at that hour", at=str(now - timedelta(days=120)))
    assert day.of == "day"


def test_a_disk_is_full_when_its_free_space_is_used_up(reader: Connection, now: datetime) -> None:
    found = ask(reader, now, "On which date is each disk full")
    assert {(row.host, row.gb_per_day) for row in found} == {(f, 2) for f in ("web-1", "web-2", "db-1")}
    days = (found[0].full_on - datetime.now(UTC).date()).days
    assert abs(days - half_a_year.FREE_GB / half_a_year.FILLS_GB_PER_DAY) <= 1


def test_the_growth_of_tables_has_a_date(reader: Connection, now: datetime) -> None:
    found = ask(reader, now, "How much does each table of Tocsin grow")
    assert {row.table for row in found} >= {"system_metrics_packed", "metric_aggregations"}
    assert found[0].full_on > now.replace(tzinfo=None)


def test_times_to_take_and_to_end_are_those_of_the_alerts(reader: Connection, now: datetime) -> None:
    for row in ask(reader, now, "How long does it take until somebody takes an alert"):
        assert row.mtta == row.median_to_take == timedelta(minutes=5)
        assert row.mttr == row.median_to_end == timedelta(minutes=20)
        assert row.taken < row.alerts


def test_a_gap_is_named_from_its_last_sample_to_its_next(reader: Connection, now: datetime) -> None:
    found = ask(reader, now, "From when to when, exactly")
    longest = max(found, key=lambda row: row.lasted)
    assert (longest.host, longest.lasted) == ("web-1", timedelta(minutes=65))


def test_an_escalation_is_followed_to_its_highest_step(reader: Connection, now: datetime) -> None:
    assert [row.step for row in ask(reader, now, "How far up do escalations go")] == [0, 1]


def test_a_silence_in_force_says_what_it_kept_quiet(reader: Connection, now: datetime) -> None:
    (row,) = ask(reader, now, "Which silences are in force")
    assert (row.created_by, row.recurring) == ("ada", False)
    assert row.kept_quiet_meanwhile > 0


def test_a_reader_cannot_write(reader: Connection) -> None:
    with pytest.raises(Exception, match=r"permission denied|read-only"):
        reader.execute(text("DELETE FROM hosts"))


@pytest.mark.parametrize(
    ("view", "bounds", "whole"),
    [
        (
            "v_history_hourly",
            "host = 'web-1' AND metric = 'cpu_percent' AND hour > now() - interval '1 day'",
            "metric_aggregations",
        ),
        (
            "v_history_daily",
            "host = 'web-1' AND metric = 'cpu_percent' AND day > now() - interval '9 days'",
            "metric_aggregations",
        ),
        ("v_history_hourly", "hour > now() - interval '2 hours'", "metric_aggregations"),
        ("v_alert_timeline", "at > now() - interval '1 day'", "alert_events"),
        ("v_alert_stats", "day > current_date - 2", "infrastructure_alerts"),
        ("v_deliveries", "created_at > now() - interval '1 hour'", "notification_deliveries"),
        ("v_rollup_gaps", "bucket > now() - interval '1 day'", "metric_aggregations"),
    ],
)
def test_a_view_that_is_asked_for_a_time_reads_no_whole_history(
    reader: Connection, view: str, bounds: str, whole: str
) -> None:
    query = f"EXPLAIN SELECT * FROM {view} WHERE {bounds}"  # noqa: S608 - our own words
    plan = "\n".join(reader.scalars(text(query)))
    assert f"Seq Scan on {whole}" not in plan, plan
