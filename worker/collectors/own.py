"""Which processes are Tocsin's own."""

from collections.abc import Callable, Collection, Iterable

from worker.collectors.process_table import Row

# Every worker, beat and Flower is started with the Celery app that it belongs to.
APP = b"worker.celery"
NAMES = ("celery", "python", "tocsin", "[celery")


def family(rows: Iterable[Row], roots: Collection[int], command_line: Callable[[int], bytes]) -> set[int]:
    """The processes in `roots`, those that run our Celery app, and all that descend from either.

    A command line is asked for only where it can tell: reading it waits for a process that holds its own
    memory map, as one does that hangs. So the process must lead its group and be named like one of ours.
    """
    rows = list(rows)
    own = {
        row.pid for row in rows if row.pid in roots or (_may_be_root(row) and APP in command_line(row.pid))
    }
    children: dict[int, list[int]] = {}
    for row in rows:
        children.setdefault(row.parent, []).append(row.pid)
    waiting = list(own)
    while waiting:
        born = [pid for pid in children.get(waiting.pop(), ()) if pid not in own]
        own.update(born)
        waiting.extend(born)
    return own


def _may_be_root(row: Row) -> bool:
    name = row.name if isinstance(row.name, str) else row.name.decode("utf-8", "replace")
    return row.pid == row.group and name.startswith(NAMES)
