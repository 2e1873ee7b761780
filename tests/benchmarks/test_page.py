"""The page of benchmarks: the claims of the code, the figures as last measured."""

from pathlib import Path

import pytest

from benchmarks import page
from benchmarks.claims import Claim, Kind
from benchmarks.suites import every_claim

PAGE = Path(__file__).parents[2] / "docs/benchmarks.md"
ONE = Claim("a row", "a read", 2.0, Kind.CPU, "in turns")
OTHER = Claim("a table", "a pass", 1.5, Kind.CPU, "in turns")


def test_the_page_says_what_the_code_claims() -> None:
    text = PAGE.read_text("utf-8")
    assert page.written(text, every_claim(), {}) == text, (
        "run: python -m benchmarks --page docs/benchmarks.md"
    )


def test_no_two_claims_have_one_name_and_none_breaks_the_table() -> None:
    claims = every_claim()
    assert len({claim.what for claim in claims}) == len(claims)
    assert not any("|" in claim.what + claim.floor + claim.how for claim in claims)


def test_a_figure_stays_until_it_is_measured_again() -> None:
    empty = f"before\n\n{page.HEAD}\nafter\n"
    first = page.written(empty, [ONE, OTHER], {ONE: "1.9x"})
    then = page.written(first, [OTHER, ONE], {OTHER: "1.4x"})
    assert page.figures(then) == {"a row": "1.9x", "a table": "1.4x"}
    assert then.startswith("before\n\n|")
    assert then.endswith("|\n\nafter\n")


def test_a_claim_that_was_never_measured_says_so() -> None:
    assert page.figures(page.written(page.HEAD, [ONE], {})) == {"a row": "not yet"}


def test_a_page_without_a_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no table"):
        page.written("nothing", [ONE], {})
