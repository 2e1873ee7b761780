"""The `[[rules]]` of a file: changes of built-in rules, and rules of the user's own."""

import difflib
from collections.abc import Iterator, Sequence

from policy.file.parse import Parsed
from policy.file.places import Keys
from policy.file.schema import RuleTable
from policy.file.tags import hosts_of
from policy.matching import EVERY, Globs
from policy.metrics import METRICS, Metric
from policy.rules import RuleEntry
from settings import shown


def entries(parsed: Parsed, builtin: Sequence[RuleEntry]) -> tuple[RuleEntry, ...]:
    """The built-in entries and those of the file, in the order in which they hold."""
    found = list(builtin)
    metrics = {entry.name: entry.metric for entry in builtin}
    broken = {_name_of(parsed, keys) for keys in parsed.broken if keys[0] == "rules"}
    for keys, table in parsed.of("rules"):
        hosts = hosts_of(parsed, keys, table)
        metric = _metric(parsed, keys, table, metrics, trusted=table.name in broken)
        if metric is None:
            continue
        metrics.setdefault(table.name, metric)
        entry = _entry(table, metric, hosts)
        _check(parsed, keys, entry, found, builtin)
        found.append(entry)
    return tuple(found)


def _name_of(parsed: Parsed, keys: Keys) -> object:
    entry = parsed.places.document["rules"][keys[1]]
    return entry.get("name") if isinstance(entry, dict) else None


def _metric(
    parsed: Parsed, keys: Keys, table: RuleTable, known: dict[str, Metric], *, trusted: bool
) -> Metric | None:
    """What a rule watches; the first entry of its name decides."""
    before = known.get(table.name)
    if before is None and table.metric is None:
        if not trusted:
            near = difflib.get_close_matches(table.name, known, 1, 0.7)
            remedy = f"did you mean {near[0]}?" if near else f"add metric, one of {', '.join(METRICS)}"
            parsed.complain(keys, f"there is no rule {shown(table.name)} yet, and it has no metric", remedy)
        return None
    if before and table.metric and table.metric != before:
        parsed.complain(
            (*keys, "metric"),
            f"the rule {table.name} watches {before.name}",
            f"leave the metric out, or give a rule on {table.metric.name} a name of its own",
        )
        return None
    return before or table.metric


def _entry(table: RuleTable, metric: Metric, hosts: Globs) -> RuleEntry:
    return RuleEntry(
        name=table.name,
        metric=metric,
        warning=table.warning,
        critical=table.critical,
        opens_after=table.opens_after,
        resolves_after=table.resolves_after,
        clear_margin=table.clear_margin,
        enabled=table.enabled,
        hosts=hosts,
        mounts=table.mounts,
    )


def _check(
    parsed: Parsed, keys: Keys, entry: RuleEntry, before: Sequence[RuleEntry], builtin: Sequence[RuleEntry]
) -> None:
    """Look at an entry together with those before it that hold wherever it does."""
    if any(
        (entry.name, entry.hosts, entry.mounts) == (other.name, other.hosts, other.mounts)
        for other in before
        if other not in builtin
    ):
        parsed.complain(
            keys, "there is another entry for the same rule, hosts and mounts", "make one of the two"
        )
    whole = entry
    for other in reversed(before):
        if other.name == entry.name and other.holds_wherever(entry):
            whole = whole.on(other)
    for fault, remedy in _faults(whole):
        parsed.complain(keys, fault, remedy)


def _faults(rule: RuleEntry) -> Iterator[tuple[str, str]]:
    """What is wrong with a rule as a whole, and what to do."""
    unit, lowest = rule.metric.unit, min(rule.thresholds, default=None)
    if lowest is None and rule.enabled is not False:
        yield "it has neither warning nor critical", "add one of them, or enabled = false"
    if rule.warning is not None and rule.critical is not None and rule.warning >= rule.critical:
        fault = f"the warning at {rule.warning:g} is not below the critical at {rule.critical:g}"
        yield fault, "a warning comes before a critical: lower the one or raise the other"
    if unit == "%" and max(rule.thresholds, default=0) > 100:
        yield "a threshold above 100 % is never reached", "write a percentage from 0 to 100"
    if rule.clear_margin is not None and lowest is not None and rule.clear_margin >= lowest:
        fault = f"no value is {rule.clear_margin:g} {unit} under {lowest:g} {unit}, so it would never resolve"
        yield fault, "write a smaller clear_margin"
    if rule.mounts != EVERY and not rule.metric.per_mount:
        yield f"{rule.metric.name} has no mounts", "leave mounts out"
