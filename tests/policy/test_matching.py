"""Patterns: what they match, and when one leaves nothing for another."""

from fnmatch import fnmatchcase

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.severity import Severity
from policy.matching import Scope, covers

GLOBS = st.lists(st.text("ab*?", min_size=1, max_size=4), min_size=1, max_size=3).map(tuple)


@pytest.mark.parametrize(
    ("pattern", "component", "holds"),
    [
        ("disk", "disk:/var", True),
        ("disk:/var", "disk:/var", True),
        ("disk:/var", "disk:/", False),
        ("disk:*", "disk:/", True),
        ("*", "database", True),
        ("d*", "database", True),
        ("cpu", "cpufreq", False),
    ],
)
def test_a_component_stands_for_its_parts(pattern: str, component: str, *, holds: bool) -> None:
    scope = Scope(components=(pattern,))
    assert scope.holds(host="h", component=component, severity=Severity.WARNING) is holds


def test_a_scope_holds_when_all_of_it_does() -> None:
    scope = Scope(("db-*",), ("cpu",), frozenset({Severity.CRITICAL}))
    assert scope.holds(host="db-1", component="cpu", severity=Severity.CRITICAL)
    assert not scope.holds(host="web-1", component="cpu", severity=Severity.CRITICAL)
    assert not scope.holds(host="db-1", component="memory", severity=Severity.CRITICAL)
    assert not scope.holds(host="db-1", component="cpu", severity=Severity.WARNING)


@pytest.mark.parametrize(
    ("wide", "narrow", "covered"),
    [
        (("*",), ("db-*", "web-?"), True),
        (("db-*",), ("db-1",), True),
        (("db-*",), ("db-[12]",), True),
        (("db-?",), ("db-*",), False),
        (("a", "b"), ("a",), True),
        (("a",), ("a", "b"), False),
    ],
)
def test_a_wide_pattern_covers_a_narrow_one(
    wide: tuple[str, ...], narrow: tuple[str, ...], *, covered: bool
) -> None:
    assert covers(wide, narrow) is covered


@given(GLOBS, GLOBS, st.text("ab", max_size=5))
def test_what_is_covered_never_matches_alone(
    wide: tuple[str, ...], narrow: tuple[str, ...], name: str
) -> None:
    if covers(wide, narrow) and any(fnmatchcase(name, glob) for glob in narrow):
        assert any(fnmatchcase(name, glob) for glob in wide)


def test_a_scope_on_disks_covers_one_on_a_partition() -> None:
    assert Scope(components=("disk",)).covers(Scope(components=("disk:/var",)))
    assert not Scope(components=("disk:/var",)).covers(Scope(components=("disk",)))
    assert not Scope(severities=frozenset({Severity.WARNING})).covers(Scope())
