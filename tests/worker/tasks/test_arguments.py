"""What a task may be told: the usual case is nothing, and nonsense is refused in one sentence."""

import json
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import worker.tasks  # noqa: F401 - it declares every task
from worker.tasks.arguments import Arguments, Refused
from worker.tasks.chores import Cleaning, Rolling
from worker.tasks.custom import Writing
from worker.tasks.jobs import JOBS
from worker.tasks.trial import Trying

NOW = datetime(2026, 11, 25, 13, 0, tzinfo=UTC)

NESTED: Any = "deep"
for _ in range(1_000):
    NESTED = [NESTED]

NONSENSE: list[tuple[type[Arguments], dict[str, Any], str]] = [
    (Rolling, {"sinse": "2026-11-20"}, "sinse: there is no such argument; did you mean since?"),
    (Rolling, {"days": 0}, "days: there is no such argument; there are since, until, force"),
    (Arguments, {"host": "web-1"}, "host: there is no such argument; this task takes none"),
    (Rolling, {"since": 5}, "since: '5' is no time; write it as 2026-11-21 or 2026-11-21T03:00, in UTC"),
    (Rolling, {"since": "2025-13-45"}, "since: '2025-13-45' is no time; write it as 2026-11-21"),
    (Rolling, {"since": "'; DROP TABLE hosts; --"}, 'since: "\'; DROP TABLE hosts; --" is no time'),
    (Rolling, {"since": "2031-01-01"}, "since: '2031-01-01' lies in the future; write a time that has been"),
    (Rolling, {"since": "1066-10-14"}, "since: '1066-10-14' lies before 1970"),
    (Rolling, {"since": "2026-11-20", "until": "2026-11-19"}, "since does not come before until"),
    (Rolling, {"since": "1976-11-20"}, "since lies 18,267 days before until; ask for 366 at most"),
    (Rolling, {"until": "2026-11-20"}, "until and force need since; say from when on to aggregate"),
    (
        Rolling,
        {"since": "2026-11-20", "force": "yes"},
        "force: '\"yes\"' will not do, it should be a valid b",
    ),
    (Rolling, {"since": "2026-11-20", "force": 1}, "force: '1' will not do, it should be a valid boolean"),
    (Rolling, {"since": "x" * 5_000_000}, "since: it is no single value of at most 1,000 characters; write"),
    (
        Rolling,
        {"since": NESTED},
        "since: it is no single value of at most 1,000 characters; write it as 2026",
    ),
    (Rolling, {"force": {"a": 1}}, "force: it is no single value of at most 1,000 characters; write one"),
    (Rolling, {"since": "\ud800"}, "since: '\\ud800' is no text; write it as 2026-11-20T"),
    (Rolling, {"\ud800": 1}, "?: there is no such argument; there are since, until, force"),
    (Trying, {"to": "slack\x00"}, "to: 'slack\\x00' is no text; write it as slack"),
    (
        Writing,
        {"name": "jobs", "value": 1, "labels": "zone=eu,zone=us"},
        "labels has a name twice; give each",
    ),
    (Cleaning, {"confirm": "2026-11-24"}, "confirm: '2026-11-24' is not today; write 2026-11-25 to remove"),
    (Cleaning, {"confirm": True}, "confirm: 'True' is not today; write 2026-11-25 to remove for good"),
]


@pytest.mark.parametrize(("arguments", "told", "sentence"), NONSENSE)
def test_nonsense_is_refused_in_one_sentence(
    arguments: type[Arguments], told: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        arguments.told(told, NOW)
    assert str(refused.value).startswith(sentence)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


@given(
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["since", "until", "force"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
        max_size=4,
    )
)
def test_whatever_is_told_is_taken_or_refused(told: dict[str, Any]) -> None:
    with suppress(Refused):
        Rolling.told(told, NOW)


@pytest.mark.parametrize("name", sorted(JOBS))
def test_every_task_can_be_told_nothing(name: str) -> None:
    assert JOBS[name].arguments.told({}, NOW).plain() == {}


def test_a_message_and_a_form_mean_the_same() -> None:
    told = Rolling.told({"since": "2026-11-20T01:00", "until": None, "force": True}, NOW)
    typed = Rolling.typed({"since": "2026-11-20T01:00", "until": "", "force": "true"}, NOW)
    assert told.since == typed.since == datetime(2026, 11, 20, 1, tzinfo=UTC)
    assert told.force is typed.force is True
    assert told.until is typed.until is None


def test_a_time_may_name_its_zone() -> None:
    told = Rolling.told({"since": "2026-11-20T02:00+02:00"}, NOW)
    assert told.since == datetime(2026, 11, 20, tzinfo=UTC)


def test_todays_date_confirms() -> None:
    assert Cleaning.told({"confirm": "2026-11-25"}, NOW).confirm == date(2026, 11, 25)
    assert Cleaning.typed({"confirm": "2026-11-25"}, NOW).confirm == date(2026, 11, 25)


def test_what_no_task_knows_is_not_written_down() -> None:
    kept = Rolling.masked({"since": "2026-11-20", "until": "x" * 999, "password": "hunter2", "force": [1]})
    assert kept == {"since": "2026-11-20", "until": "x" * 200 + "…", "password": "****", "force": "…"}
    assert "hunter2" not in json.dumps(kept)


@pytest.mark.parametrize("name", sorted(JOBS))
def test_every_task_and_every_argument_says_what_it_is(name: str) -> None:
    job = JOBS[name]
    assert job.summary.endswith(".")
    assert [field for field, what in job.arguments.model_fields.items() if not what.description] == []
