"""What went through the network interfaces, and how many connections there are."""

from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import psutil

from worker.collectors.gaps import UnknownError
from worker.collectors.machine import Machine
from worker.collectors.names import visible

LOOPBACK = frozenset({"lo", "lo0"})


class Traffic(NamedTuple):
    """The kernel's counters since boot; drops and errors are packets."""

    network_bytes_in_total: int | None = None
    network_bytes_out_total: int | None = None
    network_packets_in_total: int | None = None
    network_packets_out_total: int | None = None
    network_errors_in_total: int | None = None
    network_errors_out_total: int | None = None
    network_drops_in_total: int | None = None
    network_drops_out_total: int | None = None


class Interface(NamedTuple):
    """The counters of one interface, in the order of `Traffic`."""

    name: str
    traffic: tuple[int, ...]


class Network(NamedTuple):
    """All interfaces but loopback: their sum, and the bytes in and out of each, from which rates come."""

    total: Traffic
    bytes_in: dict[str, int]
    bytes_out: dict[str, int]


def read_network(machine: Machine) -> Network:
    if machine.has_proc:
        lines = machine.files.read("proc/net/dev").split(b"\n")[2:-1]
        found = [interface for interface in map(_interface, lines) if interface[0] not in LOOPBACK]
    else:
        found = _by_psutil()
    return Network(
        Traffic(*map(sum, zip(*[counters for _, counters in found], strict=True)))
        if found
        else Traffic(*[0] * 8),
        {name: counters[0] for name, counters in found},
        {name: counters[1] for name, counters in found},
    )


_in_order = itemgetter(0, 8, 1, 9, 2, 10, 3, 11)


# Most interfaces are idle most of the time: a line that has not changed need not be read again.
@lru_cache(maxsize=256)
def _interface(line: bytes) -> Interface:
    """A line of net/dev, proc_net(5): bytes packets errs drop and four more, first received, then sent."""
    name, _, counters = line.partition(b":")
    return Interface(visible(name.strip()), tuple(map(int, _in_order(counters.split()))))


def _by_psutil() -> list[Interface]:
    # nowrap would correct wraps from what this process saw before, which another process did not see.
    found = psutil.net_io_counters(pernic=True, nowrap=False)
    order = (
        "bytes_recv",
        "bytes_sent",
        "packets_recv",
        "packets_sent",
        "errin",
        "errout",
        "dropin",
        "dropout",
    )
    return [
        Interface(visible(name), tuple(getattr(counters, field) for field in order))
        for name, counters in found.items()
        if name not in LOOPBACK
    ]


def read_connections(machine: Machine) -> int:
    """TCP sockets in use, IPv4 and IPv6, by the kernel's own count: a walk over all takes 400 times as long.

    UnknownError where the system keeps no such count.
    """
    if not machine.has_proc:
        raise UnknownError("this system keeps no count of connections")
    count = _in_use(machine.files.read("proc/net/sockstat"), b"TCP: inuse ")
    try:
        return count + _in_use(machine.files.read("proc/net/sockstat6"), b"TCP6: inuse ")
    except FileNotFoundError:  # a kernel without IPv6
        return count


def _in_use(content: bytes, label: bytes) -> int:
    return int(content[content.index(label) + len(label) :].split(None, 1)[0])
