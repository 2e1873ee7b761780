"""What one reading leaves to the next, whichever process takes it."""

from dataclasses import dataclass, field
from typing import Any, Final, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError, with_config

from domain.rates import CpuTimes, Interfaces, Moment, Trail
from domain.values import value

FINITE = ConfigDict(allow_inf_nan=False)


@with_config(FINITE)
@value
class Counters:
    """The machine's counters: CPU ticks, bytes through each interface, and the averages' trail."""

    moment: Moment
    cpu: CpuTimes | None = None
    interfaces: Interfaces = Interfaces()
    trail: Trail = ()


@with_config(FINITE)
@dataclass(frozen=True, slots=True)
class ProcessCounters:
    """For each process id when it started and how much CPU time it has used, both in ticks.

    The start tells a process from a later one with the same id.
    """

    moment: Moment
    used: dict[int, tuple[int, int]] = field(default_factory=dict)


T = TypeVar("T", Counters, ProcessCounters)

ADAPTERS: Final[dict[type, TypeAdapter[Any]]] = {
    Counters: TypeAdapter(Counters),
    ProcessCounters: TypeAdapter(ProcessCounters),
}


def dump(counters: Counters | ProcessCounters) -> bytes:
    """Counters as JSON, to be kept between two readings."""
    return ADAPTERS[type(counters)].dump_json(counters)


def load(kind: type[T], content: bytes | str | None) -> T | None:
    """The counters that were kept; None if there are none, or none that this version understands."""
    if content is None:
        return None
    try:
        return cast("T", ADAPTERS[kind].validate_json(content))
    except ValidationError:
        return None
