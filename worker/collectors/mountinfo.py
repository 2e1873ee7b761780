"""The kernel's table of mounts, line by line."""

import re
from typing import NamedTuple

MOUNTINFO = "proc/self/mountinfo"

_OCTAL = re.compile(rb"\\([0-7]{3})")


class Row(NamedTuple):
    """One mount, proc_pid_mountinfo(5); `root` is the folder of the file system that is seen at `point`."""

    number: int
    device_number: str
    root: bytes
    point: bytes
    filesystem: str
    device: bytes
    options: frozenset[str]


def parse(content: bytes) -> list[Row]:
    """The mounts that paths lead to: of several at one point, the last one covers the others."""
    rows = [_row(line) for line in content.split(b"\n") if line]
    return list({row.point: row for row in rows}.values())


def _row(line: bytes) -> Row:
    place, _, origin = line.partition(b" - ")
    number, _parent, device_number, root, point = place.split(b" ")[:5]
    filesystem, device, options = origin.split(b" ")[:3]
    return Row(
        number=int(number),
        device_number=device_number.decode("ascii"),
        root=_plain(root),
        point=_plain(point),
        filesystem=filesystem.decode("ascii", "replace"),
        device=_plain(device),
        options=frozenset(options.decode("utf-8", "replace").split(",")),
    )


def _plain(field: bytes) -> bytes:
    """The kernel writes a space, a line break and a backslash as octal numbers."""
    return _OCTAL.sub(lambda found: bytes([int(found[1], 8)]), field) if b"\\" in field else field
