"""docs/tasks.md says of every task what the code says."""

import re
from pathlib import Path

import pytest

import worker.tasks  # noqa: F401 - it declares every task
from worker.flower.gate import CLOSED
from worker.tasks.fields import fields
from worker.tasks.jobs import INTERNAL, JOBS, for_people

PAGE = (Path(__file__).parents[2] / "docs" / "tasks.md").read_text()


def section(task: str) -> str:
    return PAGE.partition(f"\n### `{task}`\n")[2].partition("\n#")[0]


@pytest.mark.parametrize("task", for_people())
def test_every_task_for_people_has_a_section_with_its_arguments(task: str) -> None:
    job = JOBS[task]
    assert job.summary in section(task)
    rows = [
        f"| `{field.name}` | {field.kind} | {field.default_in_words} | {field.description} |"
        for field in fields(job.arguments)
    ]
    assert [line for line in section(task).splitlines() if line.startswith("| `")] == rows


def test_every_other_task_says_why_people_do_not_start_it() -> None:
    assert [
        f"| `{task}` | {why} |" for task, why in INTERNAL.items() if f"| `{task}` | {why} |" not in PAGE
    ] == []
    assert set(INTERNAL) | set(for_people()) == set(JOBS)


def test_of_every_task_is_told_what_comes_of_it_twice_and_killed() -> None:
    told = PAGE.partition("\n## Twice, and killed\n")[2].partition("\n## ")[0]
    firsts = [line.split("|")[1] for line in told.splitlines() if line.startswith("| `")]
    assert {task for first in firsts for task in re.findall(r"`(.+?)`", first)} == set(JOBS)


@pytest.mark.parametrize("pattern", CLOSED)
def test_what_flower_may_not_do_is_told(pattern: str) -> None:
    assert f"| `{pattern.removesuffix('/(.+)')}` | {CLOSED[pattern]} |" in PAGE
