"""What there is to hold against rules: one value per component and rule."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from domain.alerts import Rule
from domain.sample import DrillSample, Sample, SystemSample
from policy import METRICS, Origin, Policy

# A drill is at once what it is: nobody who rings the bell to try it wants to wait a minute.
DRILL = Rule(
    name="drill",
    metric="drill",
    title="The drill",
    unit="%",
    warning=70,
    critical=90,
    opens_after=timedelta(0),
    resolves_after=timedelta(0),
    gap=timedelta(days=1),
)

MACHINE = tuple(dict.fromkeys(m.component for m in METRICS.values() if m.origin is Origin.SYSTEM))


@dataclass(frozen=True, slots=True)
class Observation:
    """One value of one component, with the rule that it is held against."""

    component: str
    rule: Rule
    value: float


def observations(policy: Policy, sample: Sample) -> Sequence[Observation]:
    """What a sample says that some rule is about; what it could not read, nothing is said of."""
    if isinstance(sample, DrillSample):
        return [Observation(f"drill:{sample.name}", DRILL, sample.value)]
    if isinstance(sample, SystemSample):
        values = {name: getattr(sample, METRICS[name].attribute) for name in METRICS if _of_machine(name)}
        return of_machine(policy, sample.host, values, {disk.mount: disk.percent for disk in sample.disks})
    return []


def of_machine(
    policy: Policy, host: str, values: Mapping[str, float | None], mounts: Mapping[str, float]
) -> list[Observation]:
    """Observations from figures by the name of their metric, and usage in percent by mount."""
    rules = (rule for component in MACHINE for rule in policy.rules_for(host, component))
    return [*_system(rules, values), *_mounts(policy, host, mounts)]


def _of_machine(metric: str) -> bool:
    return METRICS[metric].origin is Origin.SYSTEM


def _system(rules: Iterable[Rule], values: Mapping[str, float | None]) -> Iterator[Observation]:
    for rule in rules:
        value = values.get(rule.metric)
        if value is not None:
            yield Observation(METRICS[rule.metric].component, rule, value)


def _mounts(policy: Policy, host: str, mounts: Mapping[str, float]) -> Iterator[Observation]:
    for mount, percent in mounts.items():
        for rule in policy.rules_for(host, "disk", mount):
            yield Observation(METRICS[rule.metric].component_of(mount), rule, percent)
