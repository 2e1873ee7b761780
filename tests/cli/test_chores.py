"""`tocsin aggregate` and `tocsin cleanup`: the chores by hand, written down like all others."""

from datetime import UTC, datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import Engine, select, text

from models import MetricAggregation, TaskRun, clock, partitions
from tests.cli.conftest import HOST, Run
from tests.cli.ringing import rules
from tests.worker.raw import add_hosts, add_many
from worker.collection import collect_system
from worker.recording import record_waiting
from worker.rollups import Period, aggregate

LONG_AGO = datetime.now(UTC).date() - timedelta(days=40)


@pytest.fixture
def sampled(engine: Engine, redis: Redis) -> None:
    """One reading of this hour is stored."""
    collect_system(redis, HOST)
    record_waiting(engine, redis, rules(), consumer=HOST)


@pytest.fixture
def old_day(engine: Engine) -> str:
    """There is an empty day past its horizon."""
    with engine.begin() as connection:
        partitions.ensure(connection, LONG_AGO, LONG_AGO)
    return f"system_metrics_history_{LONG_AGO:%Y%m%d}"


@pytest.mark.usefixtures("sampled")
@pytest.mark.parametrize(("command", "period"), [("hourly", "hour"), ("daily", "day")])
def test_what_is_due_is_rolled_up_and_written_down(
    tocsin: Run, engine: Engine, command: str, period: str
) -> None:
    done = tocsin("aggregate", command)
    assert done.code == 0
    # In the evening there are more hours of today than are worth a line.
    assert all(f": {period} " in line for line in done.err.splitlines())
    assert done.out.startswith("rolled up ")
    assert f" {period}" in done.out
    with engine.connect() as connection:
        assert connection.execute(select(MetricAggregation.metric_id)).first()
        [run] = connection.execute(select(TaskRun.task, TaskRun.origin, TaskRun.outcome)).all()
    assert (run.task, run.outcome) == (f"aggregate.{command}", "done")
    assert run.origin.endswith(" on the command line")


@pytest.mark.usefixtures("sampled")
def test_an_interval_can_be_done_again_and_json_counts(tocsin: Run, engine: Engine) -> None:
    start = f"{datetime.now(UTC) - timedelta(hours=1):%Y-%m-%dT%H:00}"
    first = tocsin("aggregate", "hourly", "--from", start, "--json").json
    again = tocsin("aggregate", "hourly", "--from", start, "--force", "--json").json
    assert first["windows"] == again["windows"] >= 1
    assert again["rolled_up"] == again["windows"] - again["without_raw"]
    with engine.connect() as connection:
        arguments = (
            connection.execute(select(TaskRun.arguments).order_by(TaskRun.id.desc())).scalars().first()
        )
    assert arguments == {"since": f"{start}:00Z", "until": None, "force": True}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--to", "2026-11-20"), "--to and --force need --from"),
        (("--force",), "--to and --force need --from"),
        (("--from", "tomorrow"), "--from: 'tomorrow' is no time; write it as 2026-11-21"),
        (("--from", "2026-11-20", "--to", "2026-11-19"), "--from comes after --to"),
        (("--from", "2999-01-01"), "--from comes after --to, or after now"),
    ],
)
def test_an_interval_that_makes_no_sense_is_refused(
    tocsin: Run, arguments: tuple[str, ...], said: str
) -> None:
    done = tocsin("aggregate", "daily", *arguments)
    assert done.code == 2
    assert said in done.err


def test_a_chore_that_runs_elsewhere_is_not_begun_a_second_time(tocsin: Run, engine: Engine) -> None:
    lock = text("SELECT pg_advisory_xact_lock(hashtextextended('tocsin.task.aggregate.hourly', 0))")
    with engine.begin() as holder:
        holder.execute(lock)
        done = tocsin("aggregate", "hourly")
    assert done.code == 1
    assert done.err.startswith("tocsin: aggregate.hourly: running ")


def test_a_dry_run_foretells_and_changes_nothing(tocsin: Run, engine: Engine, old_day: str) -> None:
    done = tocsin("cleanup", "--dry-run")
    assert done.code == 0
    assert old_day in done.out
    assert "would be removed" in done.out
    with engine.connect() as connection:
        assert old_day in {one.name for one in partitions.existing(connection)}
        assert connection.execute(select(TaskRun.id)).all() == []


def test_nobody_is_asked_without_a_terminal_and_nothing_is_removed(
    tocsin: Run, engine: Engine, old_day: str
) -> None:
    done = tocsin("cleanup")
    assert done.code == 2
    assert old_day in done.out
    assert "give --yes if that is meant" in done.err
    with engine.connect() as connection:
        assert old_day in {one.name for one in partitions.existing(connection)}


def test_what_is_past_its_retention_goes_and_is_written_down(
    tocsin: Run, engine: Engine, old_day: str
) -> None:
    result = tocsin("cleanup", "--yes", "--vacuum", "--json").json
    assert old_day in {one["partition"] for one in result["dropped"]}
    with engine.connect() as connection:
        assert old_day not in {one.name for one in partitions.existing(connection)}
        [run] = connection.execute(select(TaskRun.task, TaskRun.outcome, TaskRun.result)).all()
    assert (run.task, run.outcome) == ("cleanup.retention", "done")
    assert run.result["dropped"] == result["dropped"]
    again = tocsin("cleanup", "--yes")
    assert "nothing is past its retention" in again.out


def test_what_is_packed_is_shown_with_what_it_took_and_takes(tocsin: Run, engine: Engine) -> None:
    day = datetime.combine(LONG_AGO + timedelta(days=30), datetime.min.time(), UTC)
    with engine.begin() as connection:
        partitions.ensure(connection, day.date(), day.date())
        (host_id,) = add_hosts(connection, "web-1")
        add_many(connection, host_id, day, 720)
    for period in Period:
        aggregate(engine, period, day, day + timedelta(days=1))
    name = f"system_metrics_history_{day:%Y%m%d}"
    foretold, done = tocsin("cleanup", "--dry-run").out, tocsin("cleanup", "--yes").out
    for shown in (foretold, done):
        (row,) = (line.split() for line in shown.splitlines() if line.startswith(name))
        assert row[:3] == [name, f"{day:%Y-%m-%d}", "720"]
    assert foretold.splitlines()[0].split() == ["PACKED", "DAY", "ROWS", "MB", "MB", "SINCE"]
    assert len(row) == 5


def test_the_retention_of_the_settings_holds(
    tocsin: Run, old_day: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_RAW_DAYS", "50")
    assert old_day not in tocsin("cleanup", "--dry-run").out


def test_the_clock_is_the_databases(engine: Engine) -> None:
    with engine.connect() as connection:
        assert abs(clock.now(connection) - datetime.now(UTC)) < timedelta(minutes=1)
