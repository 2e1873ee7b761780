"""One reading of the whole machine."""

from datetime import datetime
from typing import NamedTuple

from domain import rates
from domain.rates import Interfaces, Moment, Rate
from domain.sample import SystemSample
from worker.collectors.counters import Counters
from worker.collectors.cpu import Load, read_load, read_times
from worker.collectors.disks import Disks, Space, read_disks
from worker.collectors.facts import LIMITS, Facts, read_facts
from worker.collectors.gaps import attempt, known
from worker.collectors.machine import Machine, local
from worker.collectors.memory import Memory, read_memory
from worker.collectors.network import Traffic, read_connections, read_network
from worker.collectors.platform import read_uptime


class Derived(NamedTuple):
    """What only two readings together can tell, under the names that a sample has for it."""

    window_s: float | None
    cpu_percent: float | None
    cpu_percent_5m: float | None
    cpu_percent_15m: float | None
    network_bytes_in_per_s: float | None
    network_bytes_out_per_s: float | None


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
    facts = machine.seldom(read_facts)
    missing = dict(facts.missing)
    counters, traffic = _read_counters(previous, machine, facts.boot_id, missing)
    derived = _derive(previous, counters, missing)
    sample = _sample(machine, host, now, facts, derived=derived, traffic=traffic, missing=missing)
    too_soon = missing.get("window_s") == rates.TOO_SOON
    return sample, previous if previous is not None and too_soon else counters


def _read_counters(
    previous: Counters | None, machine: Machine, boot_id: str, missing: dict[str, str]
) -> tuple[Counters, Traffic]:
    moment = Moment(boot_id, machine.clock())
    cpu = attempt(missing, CPU_FIELDS, read_times, machine)
    traffic, interfaces = attempt(missing, NETWORK_FIELDS, read_network, machine) or (Traffic(), Interfaces())
    same_boot = previous is not None and previous.moment.boot_id == boot_id
    trail = previous.trail if previous is not None and same_boot else ()
    if cpu is not None:
        trail = rates.extend(trail, cpu)
    return Counters(moment, cpu, interfaces, trail), traffic


def _derive(previous: Counters | None, now: Counters, missing: dict[str, str]) -> Derived:
    window = rates.window(previous.moment if previous else None, now.moment)
    if previous is None or isinstance(window, str):
        cpu = bytes_in = bytes_out = window
    else:
        cpu = rates.cpu_percent(previous.cpu, now.cpu) if previous.cpu and now.cpu else rates.FIRST
        bytes_in, bytes_out = rates.bytes_per_second(previous.interfaces, now.interfaces, window)
    five, fifteen = _averages(now)
    return Derived(
        known(missing, "window_s", window),
        known(missing, "cpu_percent", cpu),
        known(missing, "cpu_percent_5m", five),
        known(missing, "cpu_percent_15m", fifteen),
        known(missing, "network_bytes_in_per_s", bytes_in),
        known(missing, "network_bytes_out_per_s", bytes_out),
    )


def _averages(now: Counters) -> tuple[Rate, Rate]:
    if now.cpu is None:
        return rates.FIRST, rates.FIRST
    five = rates.average(now.trail, now.cpu, rates.FIVE_MINUTES_S)
    return five, rates.average(now.trail, now.cpu, rates.FIFTEEN_MINUTES_S)


def _sample(
    machine: Machine,
    host: str,
    now: datetime,
    facts: Facts,
    *,
    derived: Derived,
    traffic: Traffic,
    missing: dict[str, str],
) -> SystemSample:
    limits = facts.limits
    load = attempt(missing, Load._fields, read_load, machine) or Load()
    memory = attempt(missing, Memory._fields, read_memory, machine) or Memory()
    disks, space, unmeasured = attempt(missing, Space._fields, read_disks, machine) or Disks()
    missing.update(unmeasured)
    window_s, cpu, cpu_5m, cpu_15m, bytes_in, bytes_out = derived
    # Each group is in the order of the sample's own fields: to name all 41 takes a tenth of a reading's time.
    return SystemSample(
        host,
        now,
        facts.platform,
        read_uptime(machine),
        window_s,
        cpu,
        cpu_5m,
        cpu_15m,
        facts.frequency_mhz,
        *load,
        *memory,
        *space,
        *traffic,
        bytes_in,
        bytes_out,
        attempt(missing, ("connections",), read_connections, machine),
        limits.cores,
        limits.memory_gb,
        attempt(missing, LIMITS[2:], limits.memory_used_gb, machine) if limits.folder else None,
        None,  # how fast Redis answers, who asks it knows
        disks,
        missing,
    )
