"""The `[tags]` of a file: names for groups of hosts, which become the patterns that they stand for."""

import difflib
from collections.abc import Iterator

from policy.file.parse import Parsed
from policy.file.places import Keys
from policy.file.schema import HostsTable
from policy.matching import EVERY, Globs


def hosts_of(parsed: Parsed, keys: Keys, table: HostsTable) -> Globs:
    """The hosts that an entry is about: those that match its `hosts` or have one of its `tags`.

    Complains of a tag that there is not.
    """
    tagged = (glob for tag in table.tags for glob in _hosts_with(parsed, (*keys, "tags"), tag))
    return tuple(dict.fromkeys((*table.hosts, *tagged))) or EVERY


def unused(parsed: Parsed) -> Iterator[Keys]:
    """The keys of the tags that no entry names."""
    used = {tag for table in parsed.tables.values() if isinstance(table, HostsTable) for tag in table.tags}
    yield from (keys for keys, _ in parsed.of("tags") if keys[1] not in used)


def _hosts_with(parsed: Parsed, keys: Keys, tag: str) -> Globs:
    found: Globs | None = parsed.tables.get(("tags", tag))
    if found is not None:
        return found
    if not parsed.broken & {("tags",), ("tags", tag)}:
        known = [str(keys[1]) for keys, _ in parsed.of("tags")]
        near = difflib.get_close_matches(tag, known, 1, 0.6)
        remedy = f"did you mean {near[0]}?" if near else f'write {tag} = ["web-*"] into [tags]'
        parsed.complain(keys, f"there is no tag {tag}", remedy)
    # Any pattern will do, but none would be taken for every host, and more would be called wrong.
    return (tag,)
