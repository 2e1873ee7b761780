"""What Flower passes on to a worker: known tasks, sensible arguments, and nothing that hurts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

import worker.tasks  # noqa: F401 - it declares every task
from tests.waiting import until
from tests.worker.tasks.running import WITHIN, Flower, Stage, called, published
from worker.flower.gate import CLOSED
from worker.tasks.jobs import for_people

HOURLY = "/api/task/async-apply/aggregate.hourly"
WORKER = "health-notify-chores@web-1"

# Each of these went through, and time_limit killed a child of the worker.
OPTIONS = {
    "time_limit": -1,
    "soft_time_limit": -1,
    "queue": "nosuch",
    "serializer": "pickle",
    "eta": "2099-01-01 00:00:00.0",
    "link": 1,
    "task_id": "../../x",
    "priority": "x",
    "headers": {"origin": "beat"},
    "countdown": 5,
    "expires": 1,
    "bogus": 1,
}


def runs(stage: Stage, task: str) -> int:
    return int(stage.rows("SELECT count(*) FROM task_runs WHERE task = :task", task=task)[0][0])


def test_without_a_login_nothing_can_be_seen_or_done(there: Flower) -> None:
    for path in ("/", "/workers?json=1", "/tasks", "/metrics", "/run", "/run/ledger", "/api/workers"):
        assert there.get(path, Authorization="")[0] == 401, path
    assert there.post(HOURLY, {}, Authorization="")[0] == 401
    assert there.get("/healthcheck", Authorization="") == (200, "OK")


@pytest.mark.parametrize("way", ["async-apply", "apply", "send-task"])
@pytest.mark.parametrize("option", OPTIONS)
def test_no_option_of_celerys_is_passed_on(there: Flower, stage: Stage, way: str, option: str) -> None:
    before = runs(stage, "aggregate.hourly")
    status, said = there.post(f"/api/task/{way}/aggregate.hourly", {"kwargs": {}, option: OPTIONS[option]})
    assert status == 400
    assert said == f"{option}: Celery's own options are not passed on; give kwargs and no more\n"
    assert runs(stage, "aggregate.hourly") == before


def test_the_worker_outlives_all_of_it(there: Flower, stage: Stage) -> None:
    before = processes(stage)
    for option, value in OPTIONS.items():
        there.post(HOURLY, {option: value})
    assert there.post("/api/task/apply/health.check", {})[0] == 200
    assert before
    assert processes(stage) == before


def processes(stage: Stage) -> set[int]:
    """The worker of this stage, and its children if it has any."""
    ours = [one for one in psutil.process_iter(["cmdline"]) if WORKER in (one.info["cmdline"] or ())]
    found = [one for one in ours if one.environ().get("TOCSIN_HOME") == str(stage.home)]
    return {one.pid for parent in found for one in (parent, *parent.children(recursive=True))}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"kwargs": {"days": 0}}, "days: there is no such argument; there are since, until, force"),
        ({"kwargs": {"since": "2025-13-45"}}, "since: '2025-13-45' is no time"),
        ({"kwargs": {"since": "2026-11-20", "force": "yes"}}, "force: '\"yes\"' will not do"),
        ({"args": ["2026-11-20"]}, "args: arguments are given by name, in kwargs"),
        ({"kwargs": [1]}, "kwargs: it is no object"),
        ([], "the body is no object"),
        ("{", "the body is no JSON"),
        ("[" * 30_000, "the body is no JSON, or nested too deeply"),
    ],
)
def test_wrong_arguments_are_answered_with_what_is_wrong(there: Flower, body: Any, sentence: str) -> None:
    status, said = there.post(HOURLY, body)
    assert status == 400
    assert said.startswith(sentence)


def test_nobody_sends_five_megabytes(there: Flower) -> None:
    status, said = there.post(HOURLY, {"kwargs": {"since": "x" * 5_000_000}})
    assert status == 413
    assert said == "the request has 5,000,025 bytes; 65,536 are more than any task needs\n"


@pytest.mark.parametrize("way", ["async-apply", "apply", "send-task"])
def test_only_tasks_for_people_are_started(there: Flower, way: str) -> None:
    assert there.post(f"/api/task/{way}/celery.backend_cleanup", {})[0] == 404
    assert there.post(f"/api/task/{way}/agregate.hourly", {}) == (
        404,
        "agregate.hourly: there is no such task; did you mean aggregate.hourly?\n",
    )
    status, said = there.post(f"/api/task/{way}/record.samples", {})
    assert status == 403
    assert said.startswith("record.samples is not started by hand: ")


@pytest.mark.parametrize("pattern", sorted(CLOSED))
def test_workers_are_not_controlled_from_here(there: Flower, pattern: str) -> None:
    path = pattern.replace("(.+)", "health-notify-chores@web-1")
    status, said = there.post(f"{path}?n=1&terminate=true&workername=x")
    assert status == 403
    assert said == f"this is not done from Flower: {CLOSED[pattern]}\n"


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
    ],
)
def test_another_site_starts_nothing(there: Flower, stage: Stage, headers: dict[str, str]) -> None:
    before = runs(stage, "aggregate.hourly")
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert there.post("/run", "task=aggregate.hourly", **headers, **form)[0] == 403
    assert there.post(HOURLY, {}, **headers)[0] == 403
    assert runs(stage, "aggregate.hourly") == before


def test_a_run_is_waited_for_and_says_what_it_did(there: Flower, stage: Stage) -> None:
    status, said = there.post("/api/task/apply/aggregate.hourly", {"kwargs": {"since": "2026-11-20T00:30"}})
    answer = json.loads(said)
    assert (status, answer["state"]) == (200, "SUCCESS")
    assert answer["result"]["first"] == "hour 2026-11-20 00:00 UTC"
    [(origin, outcome, arguments, window)] = stage.rows(
        'SELECT origin, outcome, arguments, "window" FROM task_runs WHERE task_id = :id', id=answer["task-id"]
    )
    assert (origin, outcome) == ("ada in Flower", "done")
    assert arguments == {"since": "2026-11-20T00:30:00Z"}
    assert window.startswith("hour 2026-11-20 00:00 UTC to hour ")


def test_who_waits_no_longer_is_answered_with_the_id_and_finds_the_result_later(there: Flower) -> None:
    status, said = there.post("/api/task/apply/health.check", {"timeout": 0})
    assert status == 200
    answer = json.loads(said)
    assert answer["state"] in {"PENDING", "STARTED"}
    path = f"/api/task/result/{answer['task-id']}"
    until(lambda: '"SUCCESS"' in there.get(path)[1], within=WITHIN, what="its result")


@pytest.mark.parametrize("task", for_people())
def test_every_task_for_people_starts_without_arguments(there: Flower, stage: Stage, task: str) -> None:
    answer = json.loads(there.post(f"/api/task/apply/{task}", "")[1])
    assert answer["state"] == "SUCCESS", answer
    assert isinstance(answer["result"], dict)
    assert runs(stage, task) >= 1


def test_a_cleanup_from_flower_removes_only_what_was_confirmed(there: Flower) -> None:
    path = "/api/task/apply/cleanup.retention"
    assert json.loads(there.post(path)[1])["result"]["dry_run"] is True
    assert there.post(path, {"kwargs": {"confirm": "2020-01-01"}})[0] == 400
    today = {"kwargs": {"confirm": f"{datetime.now(UTC):%Y-%m-%d}"}}
    assert json.loads(there.post(path, today)[1])["result"]["dry_run"] is False


def test_a_refusal_that_reached_a_worker_is_seen_in_flower(there: Flower, working: Stage) -> None:
    """By `celery call`, which asks nobody: the worker refuses, and nothing is tried again."""
    task_id = called(working, "aggregate.hourly", {"dais": 3, "token": "hunter2"})
    sentence = "dais: there is no such argument; there are since, until, force; token: there is no such"
    seen = until(lambda: failure(there, task_id), within=WITHIN, what="Flower to show it")
    assert seen["state"] == "FAILURE"
    assert seen["exception"].startswith(f"Refused('{sentence}")
    assert "Traceback" not in str(seen["traceback"])
    assert "hunter2" not in json.dumps(seen)
    stored = json.loads(there.get(f"/api/task/result/{task_id}")[1])
    assert stored["result"].startswith(f"Refused: {sentence}")
    assert "Traceback" not in json.dumps(stored)
    [(outcome, arguments, error, origin)] = working.rows(
        "SELECT outcome, arguments, error, origin FROM task_runs WHERE task_id = :id", id=task_id
    )
    assert origin.startswith("celery on ")
    assert (outcome, arguments) == ("refused", {"dais": "****", "token": "****"})
    assert error.startswith(sentence)


def test_a_chore_that_beat_sent_before_midnight_is_the_tick_of_the_day_before(working: Stage) -> None:
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    ends = midnight + timedelta(days=1, seconds=-1)
    published(
        working,
        "from datetime import datetime",
        f"ends = datetime.fromisoformat('{ends.isoformat()}')",
        "app.send_task('aggregate.daily', headers={'origin': 'beat'}, expires=ends)",
    )
    ticks = "SELECT tick FROM task_runs WHERE task = 'aggregate.daily' AND origin = 'beat'"
    until(lambda: working.rows(ticks), within=WITHIN, what="the run")
    assert working.rows(ticks) == [(midnight - timedelta(days=1),)]


def failure(there: Flower, task_id: str) -> Any:
    status, said = there.get(f"/api/task/info/{task_id}")
    seen = json.loads(said) if status == 200 else {}
    return seen if seen.get("state") == "FAILURE" else None


def test_a_worker_refuses_what_nobody_checked_and_lives(working: Stage) -> None:
    """Messages past every gate, from somebody who can write into Redis."""
    before = processes(working)
    published(
        working,
        "app.send_task('aggregate.daily', kwargs={'since': deep})",
        "app.send_task('aggregate.daily', kwargs={'since': 'x' * 5_000_000})",
        "app.send_task('aggregate.daily', args=['2026-11-20'])",
        "app.send_task('aggregate.daily', kwargs={'force': True}, time_limit=-1, soft_time_limit=-1)",
    )
    refused = "SELECT error FROM task_runs WHERE task = 'aggregate.daily' AND outcome = 'refused' ORDER BY id"
    errors = until(
        lambda: found if len(found := working.rows(refused)) >= 4 else None, within=WITHIN, what="refusals"
    )
    said = [error.partition(";")[0] for (error,) in errors]
    assert said == [
        "since: it is no single value of at most 1,000 characters",
        "since: it is no single value of at most 1,000 characters",
        "aggregate.daily: arguments are given by name (since, until, force)",
        "until and force need since",
    ]
    assert processes(working) == before
