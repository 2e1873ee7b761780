"""Where something stands in a TOML file: the names on the way to it, and the line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from settings.problems import SHOWN_LENGTH, shown

Key = str | int
Keys = tuple[Key, ...]

_HEADER = re.compile(r"\s*(\[\[?)\s*([^\]]+?)\s*\]\]?\s*(#.*)?")
_ASSIGNMENT = re.compile(r"""\s*((?:"[^"]*"|'[^']*'|[A-Za-z0-9_.\s-])+?)\s*=""")
_PART = re.compile(r""""([^"]*)"|'([^']*)'|([A-Za-z0-9_-]+)""")
_QUOTES = ('"' * 3, "'" * 3)


def lines_of(text: str) -> dict[Keys, int]:
    """The line, from 1, on which each table and key of a TOML text begins.

    tomllib does not tell; this reads headers and assignments and no values, so a key inside an inline table
    is found at the line of the table.
    """
    lines: dict[Keys, int] = {}
    reader = _Reader()
    for number, line in enumerate(text.splitlines(), 1):
        for keys in reader.read(line):
            lines.setdefault(keys, number)
    return lines


@dataclass(slots=True)
class _Reader:
    table: Keys = ()
    arrays: dict[Keys, int] = field(default_factory=dict)
    open_quotes: str = ""

    def read(self, line: str) -> list[Keys]:
        if self.open_quotes:
            if self.open_quotes in line:
                self.open_quotes = ""
            return []
        if header := _HEADER.fullmatch(line):
            is_array = header[1] == "[["
            self.table = self._resolved(_parts(header[2]), is_array=is_array)
            return [self.table[:-1], self.table] if is_array else [self.table]
        assignment = _ASSIGNMENT.match(line)
        if assignment is None:
            return []
        self.open_quotes = next((quotes for quotes in _QUOTES if line.count(quotes) % 2), "")
        return [(*self.table, *_parts(assignment[1]))]

    def _resolved(self, names: Sequence[str], *, is_array: bool) -> Keys:
        """The keys of a header, with the number of the entry after each name that is an array of tables."""
        keys: Keys = ()
        for depth, name in enumerate(names, 1):
            keys = (*keys, name)
            if is_array and depth == len(names):
                self.arrays[keys] = self.arrays.get(keys, -1) + 1
            if keys in self.arrays:
                keys = (*keys, self.arrays[keys])
        return keys


def _parts(dotted: str) -> list[str]:
    return ["".join(part) for part in _PART.findall(dotted)]


@dataclass(frozen=True, slots=True)
class Places:
    """Says where a key of a file stands, as `tocsin.toml, line 12, [[rules]] cpu-high, warning`."""

    path: Path
    document: dict[str, Any]
    lines: dict[Keys, int]

    def of(self, keys: Keys) -> str:
        line = self.line(keys)
        words = [self.path.name, *([f"line {line}"] if line else []), *self._table(keys)]
        return ", ".join(words)

    def line(self, keys: Keys) -> int:
        """The line of a key, or of the nearest table around it; 0 when it is not known."""
        ways = (keys[:length] for length in range(len(keys), 0, -1))
        return next((self.lines[way] for way in ways if way in self.lines), 0)

    def _table(self, keys: Keys) -> list[str]:
        match keys:
            case (str() as section, int() as index, *rest):
                entry = self.document[section][index]
                name = entry.get("name") if isinstance(entry, dict) else None
                title = _named(name) if isinstance(name, str) and name else f"no. {index + 1}"
                return [f"[[{section}]] {title}", *_spelt(rest)]
            case (str() as section, str() as name, *rest):
                key = _named(name)
                title = f"[{section}.{key}]" if self._is_table(section, name) else f"[{section}] {key}"
                return [title, *_spelt(rest)]
        return _spelt(keys)

    def _is_table(self, section: str, name: str) -> bool:
        return isinstance(self.document[section], dict) and isinstance(self.document[section].get(name), dict)


def _spelt(keys: Sequence[Key]) -> list[str]:
    return [f"no. {key + 1}" if isinstance(key, int) else _named(key) for key in keys]


def _named(key: str) -> str:
    """A key as it may stand in a sentence: quoted keys of TOML may hold anything."""
    return key if key.isprintable() and len(key) <= SHOWN_LENGTH else shown(key)
