"""When a figure keeps a promise, when it breaks it, and when nobody can tell."""

import pytest

from benchmarks.claims import Claim, Kind, Outcome, judge
from benchmarks.noise import Noise, Reading
from benchmarks.report import Report
from benchmarks.rounds import Comparison, Cost

QUIET, LOUD = Noise(1.0, 0.1, 0.0), Noise(1.0, 1.2, 0.0)


def claim(kind: Kind = Kind.CPU, *, at_least: bool = False) -> Claim:
    return Claim("a row", "a read", 2.0, kind, "in turns", at_least=at_least)


@pytest.mark.parametrize(
    ("kind", "value", "noise", "outcome"),
    [
        (Kind.CPU, 2.0, QUIET, Outcome.KEPT),
        (Kind.CPU, 2.2, QUIET, Outcome.INCONCLUSIVE),
        (Kind.CPU, 2.4, LOUD, Outcome.MISSED),
        (Kind.COUNT, 2.01, LOUD, Outcome.MISSED),
        (Kind.CLOCK, 9.0, LOUD, Outcome.INCONCLUSIVE),
        (Kind.CLOCK, 9.0, Noise(1.0, 0.0, 0.02), Outcome.INCONCLUSIVE),
        (Kind.CLOCK, 2.9, QUIET, Outcome.INCONCLUSIVE),
        (Kind.CLOCK, 3.1, QUIET, Outcome.MISSED),
    ],
)
def test_a_miss_is_one_only_where_noise_does_not_explain_it(
    kind: Kind, value: float, noise: Noise, outcome: Outcome
) -> None:
    assert judge(claim(kind), value, noise).outcome is outcome


def test_a_rival_that_is_cheaper_than_promised_is_a_miss() -> None:
    faster = claim(at_least=True)
    assert judge(faster, 2.1, QUIET).outcome is Outcome.KEPT
    assert judge(faster, 1.2, QUIET).outcome is Outcome.MISSED


def test_a_comparison_is_turned_around_for_a_claim_of_being_cheaper(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report, faster = Report(), claim(at_least=True)
    cost = Cost(0.001, 0.001)
    report.compare(Comparison("ours / theirs", cost, cost, 0.5, (0.5, 0.5), 0.25), faster)
    assert [result.value for result in report.results([faster])] == [4.0]
    assert "ours / theirs" in capsys.readouterr().out


def test_what_was_not_measured_says_why(capsys: pytest.CaptureFixture[str]) -> None:
    report, here, there = Report(), claim(Kind.COUNT), claim(Kind.CLOCK)
    report.skip([here], "Prometheus is not installed")
    verdicts = [str(result.verdict) for result in report.results([here, there])]
    assert verdicts == ["not measured: Prometheus is not installed", "not measured: only with --full"]
    assert "Prometheus is not installed" in capsys.readouterr().out


def test_others_are_who_used_what_we_did_not() -> None:
    noise = Reading(10, 1, 100, 5).until(Reading(40, 2, 200, 15))
    assert noise.others / noise.ours == pytest.approx(2.0)
    assert noise.steal == pytest.approx(0.01)
