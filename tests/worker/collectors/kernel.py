"""A folder that looks like a kernel, so that a test can say what the machine says."""

from collections.abc import Callable
from pathlib import Path

from worker.collectors.machine import Machine
from worker.collectors.probes import Mount, Usage

GIB = 2**30

# Every figure is another one, so that none can be taken for its neighbour.
FILES = {
    "proc/stat": (
        "cpu  100 20 300 4000 500 6 7 80 50 10\ncpu0 100 20 300 4000 500 6 7 80 50 10\n"
        "intr 1 2 3\nbtime 1700000000\nprocesses 10\n"
    ),
    "proc/loadavg": "0.25 0.50 0.75 2/345 6789\n",
    "proc/meminfo": (
        "MemTotal:        8388608 kB\nMemFree:         1048576 kB\nMemAvailable:    2097152 kB\n"
        "SwapCached:            0 kB\nSwapTotal:       4194304 kB\nSwapFree:        3145728 kB\n"
    ),
    "proc/net/dev": (
        "Inter-|   Receive                            |  Transmit\n"
        " face |bytes packets errs drop and four more |bytes packets errs drop and four more\n"
        "    lo: 9000 90 9 9 0 0 0 0 9000 90 9 9 0 0 0 0\n"
        "  eth0: 1000 10 1 2 0 0 0 0 2000 20 3 4 0 0 0 0\n"
        " wlan0: 100 1 10 20 0 0 0 0 200 2 30 40 0 0 0 0\n"
    ),
    "proc/net/sockstat": "sockets: used 100\nTCP: inuse 12 orphan 0 tw 3 alloc 20\nUDP: inuse 5\n",
    "proc/net/sockstat6": "TCP6: inuse 4\nUDP6: inuse 1\n",
    "proc/cpuinfo": "processor\t: 0\ncpu MHz\t\t: 2000.000\n\nprocessor\t: 1\ncpu MHz\t\t: 3000.000\n\n",
    "proc/self/mountinfo": "27 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n",
    "proc/self/cgroup": "0::/\n",
    "proc/sys/kernel/random/boot_id": "11111111-2222-3333-4444-555555555555\n",
}


class Kernel:
    """The files under `root`, the usage of the mounts and the seconds since boot, as a test sets them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.now_s = 1000.0
        self.probe: Callable[[Mount], Usage] = lambda _mount: Usage(100 * GIB, 40 * GIB, 40 * GIB)
        for path, content in FILES.items():
            self.write(path, content)

    def write(self, path: str, content: str | bytes) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())

    def remove(self, path: str) -> None:
        (self.root / path).unlink()

    def machine(self, *, limit_s: float = 1.0) -> Machine:
        """The machine with these files, as a collector that has just started sees it."""
        return Machine(self.root, clock=lambda: self.now_s, probe=self._probe, limit_s=limit_s)

    def _probe(self, mount: Mount) -> Usage:
        return self.probe(mount)

    def process(self, pid: int, *, stat: str = "", name: bytes = b"app", **fields: int) -> None:
        """A process with these fields of its stat file; `fds` files are open."""
        parts = {"parent": 1, "group": pid, "utime": 0, "stime": 0, "threads": 1, "started": 500, "rss": 100}
        parts |= fields
        numbers = (
            f"{stat or 'S'} {parts['parent']} {parts['group']} {parts['group']} 0 -1 4194560 0 0 0 0"
            f" {parts['utime']} {parts['stime']} 7 7 20 0 {parts['threads']} 0 {parts['started']} 4096"
            f" {parts['rss']} 18446744073709551615 1 1 0 0\n"
        )
        self.write(f"proc/{pid}/stat", b"%d (%s) %s" % (pid, name, numbers.encode()))
        for descriptor in range(fields.get("fds", 3)):
            self.write(f"proc/{pid}/fd/{descriptor}", "")
