"""The metrics that rules may watch: where each is read, its component and its unit."""

import difflib
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from domain.cadence import HEALTH_INTERVAL, SAMPLE_INTERVAL


class Origin(StrEnum):
    """Who observes a metric: a field of SystemSample, a field of each of its disks, or the health check."""

    SYSTEM = "system"
    DISK = "disk"
    HEALTH = "health"


@dataclass(frozen=True, slots=True)
class Metric:
    """Something that a rule may watch.

    `attribute` is the field of `SystemSample` or `Disk` that holds it, empty where the health check measures
    it. `component` is the first word of an alert's component; partitions add their mount. `title` is what
    people call it, as the first words of a sentence.
    """

    name: str
    component: str
    unit: str
    origin: Origin
    attribute: str
    title: str
    description: str

    @property
    def per_mount(self) -> bool:
        return self.origin is Origin.DISK

    @property
    def gap(self) -> timedelta:
        """Two observations further apart than this do not belong to one unbroken breach."""
        return 3 * (HEALTH_INTERVAL if self.origin is Origin.HEALTH else SAMPLE_INTERVAL)

    def component_of(self, mount: str | None = None) -> str:
        """The component of an alert, as `cpu` or `disk:/var`."""
        return f"{self.component}:{mount}" if mount is not None else self.component


def _of_system(name: str, component: str, unit: str, title: str, description: str) -> Metric:
    return Metric(name, component, unit, Origin.SYSTEM, name, title, description)


SILENCE = Metric(
    "silence_s",
    "host",
    "s",
    Origin.HEALTH,
    "",
    "The age of the newest sample",
    "seconds since the newest sample of a host",
)
WATCHDOG_SILENCE = Metric(
    "watchdog_silence_s",
    "watchdog",
    "s",
    Origin.HEALTH,
    "",
    "The age of the watchdog's newest sign of life",
    "seconds since the watchdog was last seen at work",
)
MACHINES = Metric(
    "machines",
    "name",
    "machines",
    Origin.HEALTH,
    "",
    "What sends under this name",
    "machines that send under one HOST_NAME: 1, or 2 where there are more",
)
# Whose value says for how long nothing has been heard.
SILENCES = frozenset({SILENCE.name, WATCHDOG_SILENCE.name})
DATABASE_RESPONSE = Metric(
    "database_response_ms",
    "database",
    "ms",
    Origin.HEALTH,
    "",
    "The response time of the database",
    "response time of the database",
)
DISK = Metric(
    "disk_percent", "disk", "%", Origin.DISK, "percent", "Disk usage", "usage of one partition, as df has it"
)

_ALL = (
    _of_system("cpu_percent", "cpu", "%", "CPU usage", "CPU in use, of all cores"),
    _of_system(
        "cpu_percent_5m", "cpu", "%", "CPU usage over 5 minutes", "CPU in use over the last 5 minutes"
    ),
    _of_system(
        "cpu_percent_15m", "cpu", "%", "CPU usage over 15 minutes", "CPU in use over the last 15 minutes"
    ),
    _of_system("load_1m", "cpu", "", "The load over 1 minute", "load average over 1 minute"),
    _of_system("load_5m", "cpu", "", "The load over 5 minutes", "load average over 5 minutes"),
    _of_system("load_15m", "cpu", "", "The load over 15 minutes", "load average over 15 minutes"),
    _of_system("memory_percent", "memory", "%", "Memory usage", "memory in use"),
    _of_system("swap_percent", "memory", "%", "Swap usage", "swap in use"),
    DISK,
    _of_system("network_bytes_in_per_s", "network", "B/s", "Incoming traffic", "bytes received per second"),
    _of_system("network_bytes_out_per_s", "network", "B/s", "Outgoing traffic", "bytes sent per second"),
    _of_system("connections", "network", "", "The number of TCP sockets", "TCP sockets in use"),
    _of_system(
        "redis_response_ms", "redis", "ms", "The round trip to Redis", "round trip from the host to Redis"
    ),
    SILENCE,
    DATABASE_RESPONSE,
    MACHINES,
    WATCHDOG_SILENCE,
)

METRICS = {metric.name: metric for metric in _ALL}
COMPONENTS = tuple(dict.fromkeys(metric.component for metric in _ALL))


def component_meant(glob: str) -> str | None:
    """The component that a pattern was surely meant to name when its word is nearly one, else None.

    Tocsin alerts on parts of itself as well, so only a word that is nearly a component is a mistake.
    """
    word = glob.partition(":")[0]
    if word in COMPONENTS or set("*?[") & set(word):
        return None
    return next(iter(difflib.get_close_matches(word, COMPONENTS, 1, 0.6)), None)
