"""One reading of the whole machine."""

from datetime import datetime
from typing import NamedTuple

from domain import rates
from domain.rates import Rate
from domain.sample import SystemSample
from worker.collectors.cgroup import Cgroup, read_cgroup
from worker.collectors.counters import Counters
from worker.collectors.cpu import FREQUENCY_S, Load, read_frequency, read_load, read_times
from worker.collectors.disks import Disks, Space, read_disks
from worker.collectors.gaps import attempt
from worker.collectors.machine import HARDLY_EVER_S, Machine, local
from worker.collectors.memory import Memory, read_memory
from worker.collectors.network import Network, Traffic, read_connections, read_network
from worker.collectors.platform import read_moment, read_platform, read_uptime


class Derived(NamedTuple):
    """What only two readings together can tell, under the names that a sample has for it."""

    window_s: Rate
    cpu_percent: Rate
    cpu_percent_5m: Rate
    cpu_percent_15m: Rate
    network_bytes_in_per_s: Rate
    network_bytes_out_per_s: Rate


CPU_FIELDS = Derived._fields[1:4]
NETWORK_FIELDS = Traffic._fields + Derived._fields[4:]


def read_system(
    previous: Counters | None, *, host: str, now: datetime, machine: Machine | None = None
) -> tuple[SystemSample, Counters]:
    """Read the machine; answer with the sample and the counters that the next reading needs.

    `previous` are those of the reading before, by this process or any other; `now` only names the moment.
    Nothing is raised: what cannot be read is None, and `missing` names it.
    """
    machine = machine or local()
    missing: dict[str, str] = {}
    counters, traffic = _read_counters(previous, machine, missing)
    derived = _derive(previous, counters)
    sample = _sample(machine, host, now, derived=derived, traffic=traffic, missing=missing)
    too_soon = derived.window_s == rates.TOO_SOON
    return sample, previous if previous is not None and too_soon else counters


def _read_counters(
    previous: Counters | None, machine: Machine, missing: dict[str, str]
) -> tuple[Counters, Traffic]:
    moment = read_moment(machine)
    cpu = attempt(missing, CPU_FIELDS, read_times, machine)
    network = attempt(missing, NETWORK_FIELDS, read_network, machine) or Network(Traffic(), {}, {})
    same_boot = previous is not None and previous.moment.boot_id == moment.boot_id
    trail = previous.trail if previous is not None and same_boot else ()
    if cpu is not None:
        trail = rates.extend(trail, cpu)
    return Counters(moment, cpu, network.bytes_in, network.bytes_out, trail), network.total


def _derive(previous: Counters | None, now: Counters) -> Derived:
    window = rates.window(previous.moment if previous else None, now.moment)
    five, fifteen = _averages(now)
    if previous is None or isinstance(window, str):
        return Derived(window, window, five, fifteen, window, window)
    return Derived(
        window,
        rates.cpu_percent(previous.cpu, now.cpu) if previous.cpu and now.cpu else rates.FIRST,
        five,
        fifteen,
        rates.total_per_second(previous.bytes_in, now.bytes_in, window),
        rates.total_per_second(previous.bytes_out, now.bytes_out, window),
    )


def _averages(now: Counters) -> tuple[Rate, Rate]:
    if now.cpu is None:
        return rates.FIRST, rates.FIRST
    five = rates.average(now.trail, now.cpu, rates.FIVE_MINUTES_S)
    return five, rates.average(now.trail, now.cpu, rates.FIFTEEN_MINUTES_S)


def _sample(
    machine: Machine, host: str, now: datetime, *, derived: Derived, traffic: Traffic, missing: dict[str, str]
) -> SystemSample:
    load = attempt(missing, Load._fields, read_load, machine) or Load()
    memory = attempt(missing, Memory._fields, read_memory, machine) or Memory()
    disks, space, unmeasured = attempt(missing, Space._fields, read_disks, machine) or Disks()
    missing.update(unmeasured)
    window_s, cpu, cpu_5m, cpu_15m, bytes_in, bytes_out = _known(derived, missing)
    # Each group is in the order of the sample's own fields: to name all 41 takes a tenth of a reading's time.
    return SystemSample(
        host,
        now,
        machine.seldom(read_platform, HARDLY_EVER_S),
        read_uptime(machine),
        window_s,
        cpu,
        cpu_5m,
        cpu_15m,
        attempt(missing, ("cpu_frequency_mhz",), _frequency, machine),
        *load,
        *memory,
        *space,
        *traffic,
        bytes_in,
        bytes_out,
        attempt(missing, ("connections",), read_connections, machine),
        *(attempt(missing, Cgroup._fields, read_cgroup, machine) or Cgroup()),
        disks=disks,
        missing=missing,
    )


def _known(derived: Derived, missing: dict[str, str]) -> list[float | None]:
    """The rates that there are; of the others, why not."""
    values = [None if isinstance(rate, str) else rate for rate in derived]
    if None in values:
        for name, rate in zip(Derived._fields, derived, strict=True):
            if isinstance(rate, str):
                missing.setdefault(name, rate)
    return values


def _frequency(machine: Machine) -> float:
    return machine.seldom(read_frequency, FREQUENCY_S)
