"""The `[[rules]]` of a file."""

from datetime import timedelta

import pytest

from domain.alerts import Rule
from policy import Policy
from settings import load as load_settings
from tests.policy.conftest import Read, Refuse


def named(policy: Policy, name: str, host: str = "web-1", mount: str = "/") -> Rule | None:
    components = ("cpu", "memory", "disk", "network", "database")
    found = [rule for part in components for rule in policy.rules_for(host, part, mount) if rule.name == name]
    assert len(found) <= 1
    return found[0] if found else None


def test_an_entry_changes_what_it_says_and_nothing_else(read: Read) -> None:
    rule = named(read('[[rules]]\nname = "cpu-high"\nwarning = 80\n'), "cpu-high")
    assert rule
    assert (rule.warning, rule.critical, rule.opens_after) == (80, 90, timedelta(seconds=60))


def test_an_entry_holds_on_its_hosts_only(read: Read) -> None:
    policy = read('[[rules]]\nname = "cpu-high"\nhosts = ["db-*", "old"]\nfor = "10m"\n')
    for host, opens_after in (("db-1", 600), ("old", 600), ("older", 60), ("DB-1", 60)):
        rule = named(policy, "cpu-high", host)
        assert rule
        assert rule.opens_after == timedelta(seconds=opens_after), host


def test_an_entry_holds_on_its_mounts_only(read: Read) -> None:
    policy = read('[[rules]]\nname = "disk-full"\nmounts = "/data*"\ncritical = 85\n')
    for mount, critical in (("/data", 85), ("/data/db", 85), ("/", 95)):
        rule = named(policy, "disk-full", mount=mount)
        assert rule
        assert rule.critical == critical, mount


def test_the_last_entry_that_matches_wins_key_by_key(read: Read) -> None:
    policy = read("""
        [[rules]]
        name = "cpu-high"
        hosts = "db-*"
        warning = 50
        for = "5m"
        [[rules]]
        name = "cpu-high"
        hosts = "db-1"
        warning = 60
    """)
    first, second = named(policy, "cpu-high", "db-1"), named(policy, "cpu-high", "db-2")
    assert first
    assert second
    assert (first.warning, first.opens_after) == (60, timedelta(minutes=5))
    assert (second.warning, second.opens_after) == (50, timedelta(minutes=5))


def test_a_rule_can_be_switched_off_and_on_again(read: Read) -> None:
    policy = read("""
        [[rules]]
        name = "database-slow"
        enabled = false
        [[rules]]
        name = "database-slow"
        enabled = true
        hosts = "db-*"
    """)
    assert named(policy, "database-slow", "web-1") is None
    assert named(policy, "database-slow", "db-1") is not None


def test_a_rule_of_ones_own_is_added(read: Read) -> None:
    policy = read("""
        [[rules]]
        name = "swapping"
        metric = "swap_percent"
        warning = 25
        critical = 60.5
        for = "5m"
        clear_for = "1m"
        clear_margin = 10
    """)
    rule = named(policy, "swapping")
    assert rule == Rule(
        name="swapping",
        metric="swap_percent",
        title="Swap usage",
        unit="%",
        warning=25,
        critical=60.5,
        opens_after=timedelta(minutes=5),
        resolves_after=timedelta(minutes=1),
        gap=timedelta(seconds=15),
        clear_margin=10,
    )
    assert named(policy, "memory-high"), "built-in rules stay"


def test_a_rule_of_ones_own_holds_where_it_has_thresholds(read: Read) -> None:
    policy = read("""
        [[rules]]
        name = "load"
        metric = "load_1m"
        warning = 8
        hosts = "web-*"
        [[rules]]
        name = "load"
        warning = 64
        hosts = "db-*"
    """)
    loads = {host: named(policy, "load", host) for host in ("web-1", "db-1", "lab-1")}
    assert {host: rule and rule.warning for host, rule in loads.items()} == {
        "web-1": 8,
        "db-1": 64,
        "lab-1": None,
    }


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ("", "it has no name; add name"),
        ('name = "no such"', "line 2, [[rules]] no such, name: 'no such' is not a name"),
        (
            'name = "cpu-hihg"',
            "there is no rule 'cpu-hihg' yet, and it has no metric; did you mean cpu-high?",
        ),
        ('name = "x"', "there is no rule 'x' yet, and it has no metric; add metric, one of cpu_percent, "),
        (
            'name = "x"\nmetric = "cpu"',
            "'cpu' is not a metric that rules can watch; use one of cpu_percent, cpu_percent_5m, ",
        ),
        (
            'name = "x"\nmetric = "network"',
            "use one of network_bytes_in_per_s, network_bytes_out_per_s, connections",
        ),
        ('name = "x"\nmetric = "load_2m"', "a metric that rules can watch; did you mean load_"),
        ('name = "x"\nmetric = "qqqq"', "use one of cpu_percent, cpu_percent_5m, "),
        ("name = 5", "name: '5' is not a name"),
        ('name = "x"\nmetric = 5', "metric: '5' is not a metric"),
        ('name = "x"\nmetric = "load_1m"', "it has neither warning nor critical"),
        ('name = "cpu-high"\nmetric = "load_1m"\nwarning = 1', "the rule cpu-high watches cpu_percent"),
        (
            'name = "cpu-high"\nwarning = "85"',
            "warning: '85' is not a number from 0 upward; write it without",
        ),
        ('name = "cpu-high"\nwarning = nan', "warning: 'nan' is not a number from 0 upward"),
        ('name = "cpu-high"\nwarning = inf', "warning: 'inf' is not a number from 0 upward"),
        ('name = "cpu-high"\nwarning = -1', "warning: '-1' is not a number from 0 upward"),
        ('name = "cpu-high"\nwarning = true', "warning: 'True' is not a number from 0 upward"),
        ('name = "cpu-high"\ncritical = 101', "a threshold above 100 % is never reached"),
        ('name = "cpu-high"\nwarning = 95', "the warning at 95 is not below the critical at 90"),
        ('name = "cpu-high"\nwarning = 90', "the warning at 90 is not below the critical at 90"),
        ('name = "cpu-high"\ncritical = 60', "the warning at 70 is not below the critical at 60"),
        ('name = "cpu-high"\nclear_margin = 70', "no value is 70 % under 70 %, so it would never resolve"),
        ('name = "cpu-high"\nmounts = "/"', "cpu_percent has no mounts; leave mounts out"),
        ('name = "cpu-high"\nfor = 60', "for: '60' is not a duration; write it with its unit"),
        ('name = "cpu-high"\nenabled = "no"', "enabled: 'no' is neither true nor false"),
        ('name = "cpu-high"\nhosts = []', "hosts: the list of patterns is empty"),
        ('name = "cpu-high"\nhosts = "a\\u0007b"', "is not a line of text; write 1 to 200 printable"),
        (f'name = "cpu-high"\nhosts = "{"x" * 201}"', "is not a line of text"),
        ('name = "cpu-high"\nhosts = [1]', "hosts: '1' is not a line of text"),
        ('name = "cpu-high"\nwarnign = 5', "warnign: there is no such key here; did you mean warning?"),
        ('name = "cpu-high"\nclear = 5', "clear: there is no such key here; did you mean clear_for?"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(refuse: Refuse, keys: str, sentence: str) -> None:
    (found,) = refuse(f"[[rules]]\n{keys}\n")
    assert found.startswith("tocsin.toml, line ")
    assert sentence in found


def test_thresholds_of_several_entries_are_held_against_each_other(refuse: Refuse) -> None:
    (found,) = refuse("""
        [[rules]]
        name = "cpu-high"
        warning = 85
        [[rules]]
        name = "cpu-high"
        hosts = "db-*"
        critical = 80
    """)
    assert found.startswith("tocsin.toml, line 5, [[rules]] cpu-high: the warning at 85 is not below")


def test_entries_that_never_hold_together_are_not_held_against_each_other(refuse: Refuse) -> None:
    assert not refuse("""
        [[rules]]
        name = "cpu-high"
        hosts = "web-*"
        warning = 85
        [[rules]]
        name = "cpu-high"
        hosts = "db-*"
        critical = 80
        [[rules]]
        name = "disk-full"
        mounts = "/"
        warning = 90
        [[rules]]
        name = "disk-full"
        mounts = "/var"
        critical = 85
    """)


def test_both_ends_of_a_percentage_are_thresholds_too(read: Read) -> None:
    found = named(read('[[rules]]\nname = "cpu-high"\nwarning = 0\ncritical = 100\n'), "cpu-high", "h")
    assert found is not None
    assert (found.warning, found.critical) == (0, 100)


@pytest.mark.parametrize(
    "keys",
    [
        'name = "cpu-high"\nmetric = "cpu_percent"\nwarning = 80',
        'name = "load"\nmetric = "load_1m"\ncritical = 8',
        'name = "load"\nmetric = "load_1m"\nwarning = 8',
        'name = "load"\nmetric = "load_1m"\nenabled = false',
        'name = "load"\nmetric = "load_1m"\nenabled = false\nclear_margin = 2',
    ],
)
def test_what_says_no_more_than_it_must_is_taken(refuse: Refuse, keys: str) -> None:
    assert refuse(f"[[rules]]\n{keys}\n") == []


def test_a_rule_of_ones_own_opens_at_once_unless_it_says_for_how_long(read: Read) -> None:
    load = '[[rules]]\nname = "load"\nmetric = "load_1m"\nwarning = 8\n'
    for text, seconds in ((load, 0), (load + 'for = "90s"\n', 90)):
        found = named(read(text), "load", "h")
        assert found is not None
        assert (found.opens_after, found.resolves_after) == (timedelta(seconds=seconds),) * 2


def test_thresholds_are_held_against_those_of_the_environment(refuse: Refuse) -> None:
    settings = load_settings({"HEALTH_CPU_WARNING": "60", "HEALTH_CPU_CRITICAL": "65"})
    assert refuse('[[rules]]\nname = "cpu-high"\nwarning = 66\n', settings)
    assert not refuse('[[rules]]\nname = "cpu-high"\nwarning = 64\n', settings)


def test_the_same_entry_twice_is_refused(refuse: Refuse) -> None:
    entry = '[[rules]]\nname = "cpu-high"\nhosts = "a"\nwarning = 5\n'
    (found,) = refuse(entry + entry)
    assert found.startswith("tocsin.toml, line 5, [[rules]] cpu-high: there is another entry")


def test_what_depends_on_a_broken_entry_is_not_called_wrong_too(refuse: Refuse) -> None:
    text = '[[rules]]\nname = "load"\nmetric = "load_1"\n[[rules]]\nname = "load"\nhosts = "a"\nwarning = 5\n'
    assert len(refuse(text)) == 1
