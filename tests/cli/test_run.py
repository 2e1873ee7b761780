"""`tocsin run` and `tocsin runs`: any task here and now, and the ledger in which it stands."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select, text

from models import TaskMinute, TaskRun
from tests.cli.conftest import Run
from worker.tasks.jobs import INTERNAL

NOW = datetime.now(UTC)


def stored(engine: Engine) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(TaskRun.__table__).order_by(TaskRun.id.desc())).first()


@pytest.mark.parametrize("task", ["aggregate.hourly", "aggregate.daily", "cleanup.retention", "health.check"])
def test_a_task_runs_here_without_a_worker_and_stands_in_the_ledger(
    tocsin: Run, engine: Engine, task: str
) -> None:
    done = tocsin("run", task, "--json")
    assert (done.code, done.err) == (0, "")
    run = stored(engine)
    assert (run.task, run.outcome, run.result) == (task, "done", done.json)
    assert run.origin.endswith(" on the command line")


def test_arguments_are_options_and_what_it_did_is_said(tocsin: Run, engine: Engine) -> None:
    done = tocsin(
        "run", "aggregate.hourly", "--since", "2026-11-20", "--until", "2026-11-20T02:00", "--force"
    )
    assert done.code == 0
    assert "windows: 2\n" in done.out
    assert stored(engine).arguments == {
        "since": "2026-11-20T00:00:00Z",
        "until": "2026-11-20T02:00:00Z",
        "force": True,
    }


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--since", "soon"), "tocsin: aggregate.hourly: since: 'soon' is no time; write it as 2026-11-21"),
        (("--force",), "tocsin: aggregate.hourly: until and force need since; say from when on"),
        (("--since", "1976-01-01"), "tocsin: aggregate.hourly: since lies 18,"),
        (("--dais", "3"), "No such option"),
    ],
)
def test_nonsense_is_refused_and_changes_nothing(
    tocsin: Run, engine: Engine, arguments: tuple[str, ...], sentence: str
) -> None:
    done = tocsin("run", "aggregate.hourly", *arguments)
    assert done.code == 2
    assert sentence in done.err
    assert stored(engine) is None


@pytest.mark.parametrize("task", INTERNAL)
def test_an_internal_task_is_not_run(tocsin: Run, task: str) -> None:
    assert tocsin("run", task).code == 2


def test_by_hand_nothing_is_removed_that_was_not_confirmed(tocsin: Run) -> None:
    assert tocsin("run", "cleanup.retention", "--json").json["dry_run"] is True
    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert tocsin("run", "cleanup.retention", "--confirm", today, "--json").json["dry_run"] is False
    assert "is not today" in tocsin("run", "cleanup.retention", "--confirm", "2020-01-01").err


def test_what_runs_elsewhere_is_not_begun(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as holder:
        holder.execute(text("SELECT pg_advisory_xact_lock(hashtextextended('tocsin.task.health.check', 0))"))
        done = tocsin("run", "health.check")
    assert done.code == 1
    assert done.err.startswith("tocsin: health.check: running just now; wait until that is over")


@pytest.fixture
def ledger(engine: Engine) -> None:
    """Two runs of last hour, one of last week, and two minutes."""
    more = {
        "outcome": "done",
        "result": {"rows": 7},
        "rows": 7,
        "arguments": {"force": True},
        "origin": "beat",
    }
    with engine.begin() as connection:
        for age, task, extra in (
            (timedelta(minutes=5), "aggregate.hourly", {"task_id": "a1", "window": "hour one to hour two"}),
            (
                timedelta(minutes=9),
                "cleanup.retention",
                {"outcome": "failed", "error": "disk full", "rows": None},
            ),
            (timedelta(days=8), "aggregate.daily", {"origin": "ada in Flower"}),
        ):
            start = NOW - age
            row = {"task": task, "started_at": start, "finished_at": start + timedelta(seconds=3)}
            connection.execute(insert(TaskRun).values(row | more | extra))
        for failed in (0, 2):
            minute = (NOW - timedelta(minutes=1 + failed)).replace(second=0, microsecond=0)
            row = {"task": "health.check", "minute": minute, "runs": 4, "failed": failed, "total_ms": 100.0}
            connection.execute(
                insert(TaskMinute).values(
                    row | {"longest_ms": 40.0, "last_error": "away" if failed else None}
                )
            )


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize(
    ("options", "tasks"),
    [
        ((), ["aggregate.hourly", "cleanup.retention", "aggregate.daily"]),
        (("--outcome", "failed"), ["cleanup.retention"]),
        (("--since", "24h"), ["aggregate.hourly", "cleanup.retention"]),
        (("--by", "flower"), ["aggregate.daily"]),
        (("--task", "aggregate.daily"), ["aggregate.daily"]),
        (("--limit", "1"), ["aggregate.hourly"]),
    ],
)
def test_the_ledger_is_listed_as_wanted(tocsin: Run, options: tuple[str, ...], tasks: list[str]) -> None:
    assert [run["task"] for run in tocsin("runs", "list", *options, "--json").json] == tasks


@pytest.mark.usefixtures("ledger")
def test_a_list_for_people_says_who_what_and_why(tocsin: Run) -> None:
    said = tocsin("runs", "list").out
    for word in ("ada in Flower", "disk full", "hour one to hour two", "force=True"):
        assert word in said


@pytest.mark.usefixtures("ledger")
def test_a_run_is_shown_by_its_number_or_its_id_in_flower(tocsin: Run) -> None:
    run = tocsin("runs", "list", "--task", "aggregate.hourly", "--json").json[0]
    for name in (str(run["id"]), "a1"):
        said = tocsin("runs", "show", name).out
        assert said.startswith(f"Run {run['id']} of aggregate.hourly: done")
        assert "took 3.0 s" in said
        assert "RESULT\n  rows: 7" in said
    assert tocsin("runs", "show", "a1", "--json").json["result"] == {"rows": 7}
    assert "there is no run 99999" in tocsin("runs", "show", "99999").err


@pytest.mark.usefixtures("ledger")
def test_minutes_show_totals_and_failures(tocsin: Run) -> None:
    both = tocsin("runs", "minutes", "--json").json
    assert [minute["failed"] for minute in both] == [0, 2]
    assert both[0]["average_ms"] == 25
    assert [m["last_error"] for m in tocsin("runs", "minutes", "--failed", "--json").json] == ["away"]
    assert "away" in tocsin("runs", "minutes").out


@pytest.mark.parametrize("kind", ["list", "minutes"])
def test_a_task_that_is_none_is_told_where_nothing_is_found(tocsin: Run, kind: str) -> None:
    said = tocsin("runs", kind, "--task", "agregate.hourly")
    assert said.code == 1
    assert "there is no task agregate.hourly; did you mean aggregate.hourly?" in said.err
    assert "there is no such" in tocsin("runs", kind, "--task", "aggregate.hourly").out


def test_the_schedule_has_every_entry_and_exits_by_what_is_late(tocsin: Run, engine: Engine) -> None:
    done = tocsin("schedule", "--json")
    assert (done.code, {line["last"] for line in done.json}) == (0, {None})
    with engine.begin() as connection:
        connection.execute(
            insert(TaskRun).values(
                task="aggregate.hourly",
                started_at=NOW - timedelta(hours=5),
                tick=NOW - timedelta(hours=5),
                origin="beat",
                outcome="done",
                arguments={},
            )
        )
    late = tocsin("schedule")
    assert late.code == 1
    assert "aggregate.hourly" in late.out
