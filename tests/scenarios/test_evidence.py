"""What a page brings along: the last hour, how it was before, who knows, who is next; it waits for none."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text

from domain.sample import Process, ProcessSample
from models import Host
from notifications.delivery import evidence
from notifications.delivery.neighbours import open_alerts
from tests import bell, samples
from tests.scenarios.office import Office
from tests.scenarios.stage import Stage
from tests.standins.slack_view import shown
from worker import stream
from worker.recording import record_waiting

NIGHT = datetime(2027, 3, 1, 3, 0, tzinfo=UTC)
FULL, EMPTY = 97, 10


@pytest.fixture
def stage(stage: Stage) -> Stage:
    """Three at night, in a time zone in which nobody has to reckon."""
    stage.at(NIGHT)
    return stage


def pages(stage: Stage) -> list[str]:
    """All that was told, as it was shown."""
    return [shown(post.message) for post in stage.slack.posts]


def row(page: str, label: str) -> str:
    """What stands behind a label."""
    found = re.search(rf"(?:\*{label}\*|{label}:) (.+)", page)
    assert found is not None, f"no {label} in:\n{page}"
    return found[1]


def spark(page: str) -> str:
    return row(page, "Last hour").strip("`")


def fill(stage: Stage, *percents: float, every: timedelta = timedelta(minutes=2)) -> None:
    """The disk fills, one reading each time."""
    for percent in percents:
        stage.disk(percent)
        stage.clock.offset += every


def test_a_page_draws_the_hour_of_a_disk_and_says_where_nothing_was_measured(stage: Stage) -> None:
    fill(stage, 20, 30, 40, 50)
    stage.forward(minutes=10)
    fill(stage, 60, 70, 97)
    [page] = pages(stage)
    assert spark(page).lstrip("·") == "▂▃▄▅·····▅▆█"
    assert "20 % to 97 %, from 02:22 UTC to 03:22 UTC; a gap (·) is no data" in page


def test_a_page_draws_the_hour_of_a_cpu(stage: Stage) -> None:
    stage.sample(cpu_percent=12.5)
    stage.forward(minutes=2)
    stage.lasts(seconds=65, cpu_percent=99.0)
    page = pages(stage)[0]
    assert spark(page).endswith("█")
    assert "12.5 % to 99 %" in page


def test_another_disk_and_another_host_are_not_drawn(stage: Stage) -> None:
    stage.sample(host="web-2", disks={"/": 55.0})
    stage.sample(disks={"/": 60.0, "/var": 5.0})
    stage.clock.offset += timedelta(minutes=2)
    stage.disk(FULL)
    assert "60 % to 97 %" in pages(stage)[0]


def test_what_is_measured_by_the_health_check_has_no_hour(stage: Stage) -> None:
    stage.alive("web-1", seconds=15)
    stage.alive("web-2", seconds=120)
    page = pages(stage)[0]
    assert "web-1 host silent for" in page
    assert "Last hour" not in page
    assert "Left out" not in page


def test_a_page_says_how_often_it_happened_and_how_long_it_took(stage: Stage) -> None:
    for minutes in (4, 10, 90):
        stage.disk(FULL)
        stage.forward(minutes=minutes)
        stage.disk(EMPTY)
        stage.forward(hours=2)
    stage.disk(FULL)
    firing = [page for page in pages(stage) if page.startswith("## CRITICAL")]
    assert row(firing[0], "Before") == "not once in the 30 days before"
    assert row(firing[-1], "Before") == "3 times in the 30 days before, half of them over within 10 min"


def test_the_first_page_says_who_hears_it_now_and_what_comes_next(stage: Stage) -> None:
    stage.disk(FULL)
    [page] = pages(stage)
    assert row(page, "Told") == "slack now"
    assert row(page, "Next").startswith("03:15 UTC, a reminder to everybody who was told")


def test_a_reminder_says_who_was_told_and_when(stage: Stage) -> None:
    stage.disk(FULL)
    stage.forward(minutes=16)
    page = pages(stage)[1]
    assert row(page, "Told") == "slack 03:00 UTC"
    assert row(page, "Next").startswith("03:31 UTC")


def test_an_end_says_who_had_it_and_how_many_messages_it_took(stage: Stage) -> None:
    stage.disk(FULL)
    stage.forward(minutes=16)
    stage.acknowledge(by="ada")
    stage.forward(minutes=4)
    stage.disk(EMPTY)
    page = pages(stage)[-1]
    assert page.startswith("## RESOLVED web-1 disk:/ 10 %")
    assert row(page, "Value now").startswith("10 %")
    assert row(page, "Peak") == "97 %"
    assert row(page, "Open for") == "20 min"
    assert row(page, "Taken by") == "`ada`"
    assert "(16 min after it opened)" in row(page, "Taken at")
    assert row(page, "Messages") == "3, with this one"


def test_a_process_that_began_within_the_hour_is_marked(stage: Stage) -> None:
    old = samples.processes().processes[0]
    young = replace(old, pid=99, name="reindex", created_at=stage.now() - timedelta(minutes=3))
    look(stage, old, young)
    stage.disk(FULL)
    page = pages(stage)[0]
    assert re.search(r"`reindex` pid 99, .*\*new, started 3 min( \d s)? before\*", page)
    assert re.search(r"`postgres` pid 42, [^*]*$", page, re.MULTILINE)


def look(stage: Stage, *found: Process) -> None:
    """A sample of processes is recorded."""
    sample = replace(samples.processes(), processes=found)
    assert isinstance(sample, ProcessSample)
    stream.publish(stage.redis, sample)
    record_waiting(stage.engine, stage.redis, stage.policy, consumer="stage")


def test_a_part_that_cannot_be_read_is_left_out_and_the_page_goes_out(stage: Stage) -> None:
    stage.plan_after(disks={"/": FULL})
    with stage.engine.begin() as connection:
        connection.execute(text("ALTER TABLE disk_metrics_history RENAME TO gone"))
    stage.deliver()
    [page] = pages(stage)
    assert "Left out, as the database did not say it in time: the last hour." in page
    assert row(page, "Before") == "not once in the 30 days before"


def test_a_part_that_is_slow_is_left_out_and_the_page_goes_out(stage: Stage) -> None:
    stage.plan_after(disks={"/": FULL})
    with stage.engine.begin() as connection:
        connection.execute(text("LOCK TABLE disk_metrics_history IN ACCESS EXCLUSIVE MODE"))
        stage.deliver()
    [page] = pages(stage)
    assert "the last hour." in page
    assert row(page, "Told") == "slack now"


def test_time_that_is_used_up_leaves_all_of_it_out_and_the_page_goes_out(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "WITHIN", timedelta(0))
    stage.disk(FULL)
    [page] = pages(stage)
    assert f"in time: {', '.join(evidence.PARTS)}." in page
    assert row(page, "Host") == "`web-1`"


@pytest.fixture
def asked(office: Office) -> Iterator[list[str]]:
    """Every statement that the database was asked."""
    statements: list[str] = []

    def note(*about: Any) -> None:
        statements.append(about[2])

    event.listen(office.engine, "before_cursor_execute", note)
    yield statements
    event.remove(office.engine, "before_cursor_execute", note)


def test_a_digest_asks_for_no_evidence(office: Office, asked: list[str]) -> None:
    office.ring(40)
    assert len(office.slack.posts) == 1
    assert not [statement for statement in asked if "percentile_cont" in statement]


def test_the_worst_of_what_else_is_open_is_known_and_the_rest_is_counted(engine: Engine) -> None:
    mine, *others = bell.ring(engine, 9, critical_every=3)
    with engine.connect() as connection:
        [host_id] = connection.execute(select(Host.id)).scalars()
        [found] = open_alerts(connection, [host_id]).values()
    assert [one.severity.value for one in found.worst] == ["critical"] * 3 + ["warning"] * 3
    beside = found.without(mine, is_open=True)
    assert (len(beside.worst), beside.total) == (5, len(others))
    assert mine not in [one.alert_id for one in beside.worst]
    assert found.without(0, is_open=False).total == 9
