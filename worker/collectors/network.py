"""What went through the network interfaces, and how many connections there are."""

from functools import lru_cache
from operator import itemgetter
from typing import NamedTuple

import psutil

from domain.rates import Interfaces
from worker.collectors.files import BEGINNING
from worker.collectors.gaps import UnknownError
from worker.collectors.machine import Machine
from worker.collectors.names import visible

LOOPBACK = frozenset({"lo", "lo0"})
# In net/dev a name has six places at least, and that of loopback is everywhere the same.
LOOPBACK_LINE = b"    lo:"


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


# The name of an interface, and its counters in the order of `Traffic`.
Row = tuple[str, *tuple[int, ...]]


def read_network(machine: Machine) -> tuple[Traffic, Interfaces]:
    """All interfaces but loopback: their sum, and the bytes through each, from which rates come."""
    if machine.has_proc:
        lines = machine.files.read("proc/net/dev").split(b"\n")[2:-1]
        found = [_row(line) for line in lines if not line.startswith(LOOPBACK_LINE)]
    else:
        found = _by_psutil()
    if not found:
        return Traffic(*[0] * 8), Interfaces()
    names, *counters = zip(*found, strict=True)
    return Traffic(*map(sum, counters)), Interfaces(names, counters[0], counters[1])


_in_order = itemgetter(0, 8, 1, 9, 2, 10, 3, 11)


# Most interfaces are idle most of the time: a line that has not changed need not be read again.
@lru_cache(maxsize=256)
def _row(line: bytes) -> Row:
    """A line of net/dev, proc_net(5): bytes packets errs drop and four more, first received, then sent."""
    name, _, counters = line.partition(b":")
    return visible(name.strip()), *map(int, _in_order(counters.split()))


def _by_psutil() -> list[Row]:
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
        (visible(name), *(getattr(counters, field) for field in order))
        for name, counters in found.items()
        if name not in LOOPBACK
    ]


def read_connections(machine: Machine) -> int:
    """TCP sockets in use, IPv4 and IPv6, by the kernel's own count: a walk over all takes 400 times as long.

    UnknownError where the system keeps no such count.
    """
    if not machine.has_proc:
        raise UnknownError("this system keeps no count of connections")
    count = _in_use(machine.files.read("proc/net/sockstat", BEGINNING), b"TCP: inuse ")
    try:
        return count + _in_use(machine.files.read("proc/net/sockstat6", BEGINNING), b"TCP6: inuse ")
    except FileNotFoundError:  # a kernel without IPv6
        return count


def _in_use(content: bytes, label: bytes) -> int:
    return int(content.partition(label)[2].split(None, 1)[0])
