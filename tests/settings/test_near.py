"""Variables that are nearly settings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings import Settings, load
from settings.near import slips
from tests.settings.test_load import problems_of

NAMES = st.sampled_from([field.upper() for field in Settings.model_fields])


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("HEALTH_CPU_WARNIGN", "HEALTH_CPU_WARNING"),
        ("SLACK_WEBHOK_URL", "SLACK_WEBHOOK_URL"),
        ("SLACK_WEBHOK_URL_FILE", "SLACK_WEBHOOK_URL_FILE"),
        ("health_cpu_warning", "HEALTH_CPU_WARNING"),
        ("HEALTH_PCU_WARNIGN", "HEALTH_CPU_WARNING"),
        ("HEALTH_CPU_WARNI", "HEALTH_CPU_WARNING"),
        ("TOCSIN_RULE", "TOCSIN_RULES"),
        ("RETENTION_RAW_DAY", "RETENTION_RAW_DAYS"),
        ("FLOWER_PASWORD", "FLOWER_PASSWORD"),
    ],
)
def test_a_typing_mistake_is_refused_with_the_name_that_was_meant(variable: str, meant: str) -> None:
    assert problems_of({variable: "x"}) == [f"{variable}: there is no such setting; did you mean {meant}?"]


@pytest.mark.parametrize("variable", ["SMTP_USER", "SLACK_WEBHOOK", "HEALTH_CPU_WARN"])
def test_a_name_that_is_merely_alike_is_mentioned(variable: str) -> None:
    heard: list[str] = []
    load({variable: "x"}, heard.append)
    assert len(heard) == 1
    assert heard[0].startswith(
        f"{variable} is not a setting of Tocsin and has no effect here; one like it is "
    )


@pytest.mark.parametrize(
    "variable",
    ["SMTP_TLS_ENABLED", "SLACK_APP_ID", "EMAIL_BACKEND", "HOSTNAME", "DATABASE_URI", "PATH", "HEALTH_CHECK"],
)
def test_the_variables_of_others_are_left_alone(variable: str) -> None:
    heard: list[str] = []
    load({variable: "x"}, heard.append)
    assert heard == []


def test_a_name_of_a_hundred_thousand_letters_takes_no_time() -> None:
    assert problems_of({f"SMTP_{'X' * 100_000}": "x"}) == []


def test_a_slip_stands_among_the_other_problems() -> None:
    assert len(problems_of({"SMTP_PROT": "25", "SMTP_PORT": "0"})) == 2


@given(NAMES, st.integers(0, 40), st.sampled_from(["out", "twice", "swapped", "mistaken"]))
def test_one_slip_of_the_finger_is_one_slip(name: str, place: int, how: str) -> None:
    i = place % (len(name) - 1)
    typed = {
        "out": name[:i] + name[i + 1 :],
        "twice": name[:i] + name[i] + name[i:],
        "swapped": name[:i] + name[i + 1] + name[i] + name[i + 2 :],
        "mistaken": name[:i] + "~" + name[i + 1 :],
    }[how]
    assert slips(typed, name) == (typed != name)


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_slips_are_the_same_both_ways_and_none_only_for_the_same_word(one: str, other: str) -> None:
    assert slips(one, other) == slips(other, one)
    assert (slips(one, other) == 0) == (one == other)
    assert abs(len(one) - len(other)) <= slips(one, other) <= max(len(one), len(other))
