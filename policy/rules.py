"""Which thresholds hold for which host and mount: the built-in rules, and what the file says on top."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

from domain.alerts import CLEAR_MARGIN, Rule
from domain.cadence import SILENCE as SILENT_AFTER
from domain.cadence import UNWATCHED
from policy.matching import EVERY, Globs, covers, matches
from policy.metrics import DATABASE_RESPONSE, DISK, MACHINES, METRICS, SILENCE, WATCHDOG_SILENCE, Metric
from settings.model import Fields

AT_ONCE = timedelta(0)
RELATIVE_MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class RuleEntry:
    """What one entry says of the rule of its name, on the hosts and mounts that it is about.

    None says nothing. Of several entries with the same name, each that
    matches replaces what it sets, from first to last.
    """

    name: str
    metric: Metric
    warning: float | None = None
    critical: float | None = None
    opens_after: timedelta | None = None
    resolves_after: timedelta | None = None
    clear_margin: float | None = None
    enabled: bool | None = None
    hosts: Globs = EVERY
    mounts: Globs = EVERY

    def on(self, base: "RuleEntry") -> "RuleEntry":
        """The entry with what it leaves open taken from another one."""
        said = ("warning", "critical", "opens_after", "resolves_after", "clear_margin", "enabled")
        left = {name: getattr(base, name) for name in said if getattr(self, name) is None}
        return replace(self, **left)

    def matches(self, host: str, mount: str | None) -> bool:
        return matches(self.hosts, host) and (mount is None or matches(self.mounts, mount))

    def holds_wherever(self, other: "RuleEntry") -> bool:
        """Whether an entry surely holds wherever another one does."""
        return covers(self.hosts, other.hosts) and covers(self.mounts, other.mounts)

    @property
    def thresholds(self) -> list[float]:
        return [threshold for threshold in (self.warning, self.critical) if threshold is not None]

    def rule(self) -> Rule | None:
        """The rule that this entry makes, None where it is switched off or has no threshold."""
        if self.enabled is False or not self.thresholds:
            return None
        opens_after = AT_ONCE if self.opens_after is None else self.opens_after
        return Rule(
            name=self.name,
            metric=self.metric.name,
            title=self.metric.title,
            unit=self.metric.unit,
            warning=self.warning,
            critical=self.critical,
            opens_after=opens_after,
            resolves_after=opens_after if self.resolves_after is None else self.resolves_after,
            gap=self.metric.gap,
            clear_margin=self._margin(),
        )

    def _margin(self) -> float:
        """How far under its lowest threshold a value must be for the alert to resolve, in the metric's unit.

        By default 5 points of a percentage and 5 % of any other threshold; never so much that nothing could
        ever be under it.
        """
        if self.clear_margin is not None:
            return self.clear_margin
        lowest = min(self.thresholds)
        usual = CLEAR_MARGIN if self.metric.unit in ("%", "s") else lowest * RELATIVE_MARGIN
        return min(usual, lowest / 2)


def builtin(settings: Fields) -> tuple[RuleEntry, ...]:
    """The rules that hold without a file, with the thresholds of the environment."""
    return (
        RuleEntry(
            "cpu-high",
            METRICS["cpu_percent"],
            settings.health_cpu_warning,
            settings.health_cpu_critical,
            timedelta(seconds=60),
        ),
        RuleEntry(
            "memory-high",
            METRICS["memory_percent"],
            settings.health_memory_warning,
            settings.health_memory_critical,
            timedelta(seconds=30),
        ),
        RuleEntry("disk-full", DISK, settings.health_disk_warning, settings.health_disk_critical, AT_ONCE),
        RuleEntry("no-data", SILENCE, None, SILENT_AFTER.total_seconds(), AT_ONCE),
        RuleEntry(
            "database-slow",
            DATABASE_RESPONSE,
            settings.health_database_latency_warning,
            None,
            timedelta(seconds=30),
        ),
        RuleEntry("name-shared", MACHINES, 2, None, timedelta(seconds=60)),
        RuleEntry("unwatched", WATCHDOG_SILENCE, UNWATCHED.total_seconds(), None, AT_ONCE),
    )


def effective(entries: Iterable[RuleEntry], *, host: str, mount: str | None = None) -> Iterator[RuleEntry]:
    """Each rule by name as it holds on one host and mount, the last matching entry on top."""
    found: dict[str, RuleEntry] = {}
    for entry in entries:
        if entry.matches(host, mount):
            found[entry.name] = entry.on(found[entry.name]) if entry.name in found else entry
    yield from found.values()
