"""Tags: names for groups of hosts, wherever an entry says which hosts it is about."""

from datetime import UTC, datetime

import pytest

from domain.severity import Severity
from policy import Policy
from tests.policy.conftest import Read, Refuse

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TAGS = '[tags]\nproduction = ["web-*", "db-*"]\nlab = "lab-*"\n'
ELSE = '[destinations.anybody-else]\ntype = "console"\n'
ROUTE = '[[routes]]\ndestinations = "console"\n'
RULE = '[[rules]]\nname = "cpu-high"\nwarning = 33\n'
WINDOW = '[[maintenance]]\nname = "m"\nstart = "11:00"\nduration = "2h"\n'
HOSTS = ("web-1", "db-1", "lab-1", "other")

ABOUT = pytest.mark.parametrize(
    ("keys", "hosts"),
    [
        ("", HOSTS),
        ('tags = "production"', ("web-1", "db-1")),
        ('tags = ["production", "lab"]', ("web-1", "db-1", "lab-1")),
        ('tags = "production"\nhosts = "lab-1"', ("web-1", "db-1", "lab-1")),
        ('tags = "lab"\nhosts = ["other", "lab-*"]', ("lab-1", "other")),
        ('hosts = "other"', ("other",)),
        ('hosts = "production"', ()),
    ],
)


def is_routed(
    policy: Policy, host: str, component: str = "cpu", severity: Severity = Severity.WARNING
) -> bool:
    return policy.route(host=host, component=component, severity=severity) == ("console",)


@ABOUT
def test_a_rule_holds_on_hosts_that_match_or_have_a_tag(
    read: Read, keys: str, hosts: tuple[str, ...]
) -> None:
    policy = read(TAGS + RULE + keys)
    assert tuple(host for host in HOSTS if policy.rules_for(host, "cpu")[0].warning == 33) == hosts


@ABOUT
def test_a_route_takes_hosts_that_match_or_have_a_tag(read: Read, keys: str, hosts: tuple[str, ...]) -> None:
    policy = read(TAGS + ELSE + ROUTE + keys)
    assert tuple(host for host in HOSTS if is_routed(policy, host)) == hosts


@ABOUT
def test_maintenance_is_about_hosts_that_match_or_have_a_tag(
    read: Read, keys: str, hosts: tuple[str, ...]
) -> None:
    policy = read(TAGS + WINDOW + keys)
    held = [
        host for host in HOSTS if policy.hold(host=host, component="cpu", severity=Severity.CRITICAL, at=NOON)
    ]
    assert tuple(held) == hosts


def test_a_tag_and_everything_else_that_a_route_says_must_hold(read: Read) -> None:
    policy = read(TAGS + ELSE + ROUTE + 'tags = "production"\nseverities = "critical"\ncomponents = "disk"\n')
    assert is_routed(policy, "db-1", "disk:/var", Severity.CRITICAL)
    assert not is_routed(policy, "db-1", "disk:/var", Severity.WARNING)
    assert not is_routed(policy, "db-1", "cpu", Severity.CRITICAL)
    assert not is_routed(policy, "lab-1", "disk:/var", Severity.CRITICAL)


def test_tags_may_stand_below_what_names_them(read: Read) -> None:
    policy = read(ELSE + ROUTE + 'tags = "lab"\n' + TAGS)
    assert [host for host in HOSTS if is_routed(policy, host)] == ["lab-1"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            TAGS + ROUTE + 'tags = "producton"',
            "line 6, [[routes]] no. 1, tags: there is no tag producton; did you mean production?",
        ),
        (
            RULE + 'tags = ["lab"]',
            '[[rules]] cpu-high, tags: there is no tag lab; write lab = ["web-*"] into [tags]',
        ),
        (WINDOW + 'tags = "lab"', "line 5, [[maintenance]] m, tags: there is no tag lab"),
        (ROUTE + 'tags = "a b"', "tags: 'a b' is not a name; use letters"),
        (ROUTE + "tags = []", "tags: the list of names is empty"),
        (ROUTE + 'tag = "lab"', "tag: there is no such key here; did you mean tags?"),
        ("[tags]\nlab = []", "line 2, [tags] lab: the tag has no hosts; name at least one pattern"),
        ("[tags]\nlab = 5", "line 2, [tags] lab: '5' is not a line of text"),
        ('[tags]\nlab = [""]', "[tags] lab: '' is not a line of text"),
        ('[tags]\n"a b" = "a"', "'a b' is not a name; use letters, digits, dots and dashes"),
        ('[tags.lab]\nhosts = "a"', "[tags.lab]: a tag is a list of hosts and no table; write it as name ="),
        ('[[tags]]\nname = "lab"', "line 1, tags: this is not a table; write it as [tags]"),
        ('[tag]\nlab = "a"', "there is no such section; did you mean tags?"),
    ],
)
def test_a_wrong_tag_is_refused_with_its_place(refuse: Refuse, text: str, sentence: str) -> None:
    (found,) = refuse(text)
    assert found.startswith("tocsin.toml, line ")
    assert sentence in found


@pytest.mark.parametrize("tags", ["[tags]\nlab = []\n", "[[tags]]\n", 'tags = "lab"\n'])
def test_what_names_a_broken_tag_is_not_called_wrong_too(refuse: Refuse, tags: str) -> None:
    assert len(refuse(f'{tags}{ROUTE}tags = "lab"\n{RULE}tags = "lab"\n')) == 1


def test_two_mistakes_in_tags_are_not_a_third_in_rules(refuse: Refuse) -> None:
    found = refuse(RULE + 'tags = "one"\n' + RULE + 'tags = "two"\n' + RULE)
    assert ["there is no tag" in sentence for sentence in found] == [True, True]


def test_the_same_rule_for_a_tag_and_for_its_hosts_is_the_same_entry_twice(refuse: Refuse) -> None:
    (found,) = refuse(TAGS + RULE + 'tags = "lab"\n' + RULE + 'hosts = "lab-*"\n')
    assert "there is another entry for the same rule, hosts and mounts" in found


def test_a_tag_that_nobody_uses_is_mentioned(read: Read) -> None:
    policy = read(TAGS + ROUTE + 'tags = "lab"\n')
    assert policy.oddities == (
        "tocsin.toml, line 2, [tags] production: no rule, route or maintenance names this tag",
    )


@pytest.mark.parametrize(
    ("first", "second", "is_reached"),
    [
        ('tags = "production"', 'hosts = "db-1"', False),
        ('hosts = ["*-*"]', 'tags = ["production", "lab"]', False),
        ('tags = ["lab", "production"]', 'tags = "lab"', False),
        ('tags = "production"', 'tags = ["production", "lab"]', True),
        ('hosts = "web-*"', 'tags = ["production", "lab"]', True),
        ('tags = ["production", "lab"]', "", True),
    ],
)
def test_a_route_that_nothing_reaches_is_found_behind_tags(
    read: Read, first: str, second: str, *, is_reached: bool
) -> None:
    every_tag_is_used = WINDOW + 'tags = ["production", "lab"]\n'
    oddities = read(f"{TAGS}{every_tag_is_used}{ROUTE}{first}\n{ROUTE}{second}\n").oddities
    assert ["nothing ever reaches it" in oddity for oddity in oddities] == ([] if is_reached else [True])
