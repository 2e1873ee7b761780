"""Which processes are Tocsin's own."""

from collections.abc import Callable, Collection, Iterable

from worker.collectors.stat_files import Row

# The command that starts everything else, servers included.
COMMAND = "tocsin"

# Every worker and beat is started by our module, and Flower with the Celery app that it belongs to.
APPS = (b"worker.run", b"worker.celery")
NAMES = ("celery", "python", "[celery")


def family(rows: Iterable[Row], roots: Collection[int], command_line: Callable[[int], bytes]) -> set[int]:
    """The processes in `roots`, those of our command or our Celery app, and all that descend from these.

    A command line is asked for only where it can tell: reading it waits for a process that holds its own
    memory map, as one does that hangs. So the process must lead its group and be named like one of ours.
    """
    children: dict[int, list[int]] = {}
    waiting = []
    for row in rows:
        children.setdefault(row.parent, []).append(row.pid)
        if row.pid in roots or (row.pid == row.group and _is_root(row, command_line)):
            waiting.append(row.pid)
    own: set[int] = set()
    while waiting:
        pid = waiting.pop()
        if pid not in own:
            own.add(pid)
            waiting.extend(children.get(pid, ()))
    return own


def _is_root(row: Row, command_line: Callable[[int], bytes]) -> bool:
    name = row.name if isinstance(row.name, str) else row.name.decode("utf-8", "replace")
    if name == COMMAND or not name.startswith(NAMES):
        return name == COMMAND
    words = command_line(row.pid)
    return any(app in words for app in APPS)
