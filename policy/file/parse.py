"""`tocsin.toml` from bytes to tables, each checked by itself, with everything that is wrong at once."""

import difflib
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from operator import itemgetter
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from policy.file import schema
from policy.file.keys import hosts_of_tag, name_of
from policy.file.places import Keys, Places, lines_of
from settings import ConfigurationError, FaultError, Problem, shown
from settings.files import text_of

LARGEST_FILE = 1024 * 1024

_LISTS: dict[str, type[schema.Table]] = {
    "rules": schema.RuleTable,
    "routes": schema.RouteTable,
    "maintenance": schema.MaintenanceTable,
}
_NAMED: dict[str, type[schema.Table] | None] = {
    "destinations": None,
    "escalation": schema.EscalationTable,
}
_SINGLE: dict[str, type[schema.Table]] = {
    "repeat": schema.RepeatTable,
    "quiet_hours": schema.QuietHoursTable,
    "acknowledgement": schema.AcknowledgementTable,
}
_TAGS = "tags"
_SECTIONS = (*_LISTS, *_NAMED, *_SINGLE, _TAGS)
_SECRETS = {"url": "url_file", "webhook_url": "url_file", "token": "token_file", "secret": "secret_file"}


class PolicyError(ConfigurationError):
    """The file with the rules is not usable."""


@dataclass(slots=True)
class Parsed:
    """The tables of a file that are right by themselves, by the keys that lead to them.

    `broken` holds the keys of those that are not, whose names are not to be called unknown on top of it.
    """

    places: Places
    tables: dict[Keys, Any] = field(default_factory=dict)
    broken: set[Keys] = field(default_factory=set)
    complaints: list[tuple[int, Problem]] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        """Everything that is wrong, from top to bottom."""
        return [problem for _, problem in sorted(self.complaints, key=itemgetter(0))]

    def of(self, section: str) -> Iterator[tuple[Keys, Any]]:
        return ((keys, table) for keys, table in self.tables.items() if keys[0] == section)

    def complain(self, keys: Keys, fault: str, remedy: str) -> None:
        problem = Problem(self.places.of(keys), fault, remedy)
        self.complaints.append((self.places.line(keys), problem))


def parse(path: Path) -> Parsed:
    """Read a file; raises `PolicyError` when it cannot be read or is no TOML at all."""
    try:
        text = text_of(path, largest=LARGEST_FILE)
    except FaultError as fault:
        raise PolicyError([Problem(str(path), f"the file {fault.fault}", fault.remedy)]) from None
    document = _document(path, text)
    parsed = Parsed(Places(path, document, lines_of(text)))
    for section, content in document.items():
        _section(parsed, section, content)
    return parsed


def _document(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.fullmatch(
            r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", str(error), re.DOTALL
        )
        what, line, column = found.groups() if found else (str(error), None, None)
        place = f"line {line}, column {column}" if line else "at its end"
        problem = Problem(f"{path.name}, {place}", f"this is not TOML ({what})", "correct the file there")
    except ValueError as error:
        problem = Problem(path.name, f"it holds a value that cannot be read ({error})", "correct the file")
    except RecursionError:
        problem = Problem(path.name, "its values are nested too deeply", "write it with plain tables")
    raise PolicyError([problem]) from None


def _section(parsed: Parsed, section: str, content: Any) -> None:
    if section in _LISTS:
        if not isinstance(content, list):
            parsed.complain((section,), "this is not a list of tables", f"write it as [[{section}]]")
            return
        for index, entry in enumerate(content):
            _table(parsed, (section, index), _LISTS[section], entry)
    elif section in _NAMED:
        if not isinstance(content, dict):
            parsed.complain((section,), "this is not a table of tables", f"write it as [{section}.name]")
            return
        for name, entry in content.items():
            _named(parsed, (section, name), _NAMED[section], entry)
    elif section in _SINGLE:
        _table(parsed, (section,), _SINGLE[section], content)
    elif section == _TAGS:
        _tags(parsed, content)
    else:
        parsed.complain((section,), "there is no such section", _did_you_mean(section, _SECTIONS))


def _tags(parsed: Parsed, content: Any) -> None:
    if not isinstance(content, dict):
        parsed.broken.add((_TAGS,))
        parsed.complain((_TAGS,), "this is not a table", f"write it as [{_TAGS}]")
        return
    for name, hosts in content.items():
        try:
            parsed.tables[_TAGS, name_of(name)] = hosts_of_tag(hosts)
        except FaultError as fault:
            parsed.broken.add((_TAGS, name))
            parsed.complain((_TAGS, name), fault.fault, fault.remedy)


def _named(parsed: Parsed, keys: Keys, kind: type[schema.Table] | None, entry: Any) -> None:
    try:
        name_of(keys[-1])
    except FaultError as fault:
        parsed.complain(keys, fault.fault, fault.remedy)
        return
    if kind is None and isinstance(entry, dict):
        kind = _destination(parsed, keys, entry.get("type"))
        if kind is None:
            parsed.broken.add(keys)
            return
    _table(parsed, keys, kind or schema.DestinationTable, entry)


def _destination(parsed: Parsed, keys: Keys, kind: object) -> type[schema.Table] | None:
    known = tuple(schema.DESTINATIONS)
    if isinstance(kind, str) and kind in known:
        return schema.DESTINATIONS[kind]
    if kind is None:
        parsed.complain(keys, "it has no type", f"add type, one of {', '.join(known)}")
    else:
        parsed.complain((*keys, "type"), f"{shown(kind)} is not a type", _did_you_mean(str(kind), known))
    return None


def _table(parsed: Parsed, keys: Keys, kind: type[schema.Table], entry: Any) -> None:
    if not isinstance(entry, dict):
        parsed.broken.add(keys)
        parsed.complain(keys, "this is not a table", "write it as a table with keys")
        return
    try:
        parsed.tables[keys] = kind.model_validate(entry)
    except ValidationError as invalid:
        parsed.broken.add(keys)
        for error in invalid.errors():
            _complain(parsed, keys, kind, error)


def _complain(parsed: Parsed, keys: Keys, kind: type[schema.Table], error: Any) -> None:
    place = (*keys, *error["loc"])
    fault = error.get("ctx", {}).get("error")
    if isinstance(fault, FaultError):
        parsed.complain(place, fault.fault, fault.remedy)
    elif error["type"] == "extra_forbidden":
        parsed.complain(place, "there is no such key here", _key_remedy(kind, error["loc"]))
    elif error["type"] == "missing":
        parsed.complain(place[:-1], f"it has no {place[-1]}", f"add {place[-1]}")
    else:
        parsed.complain(place, "the value is not of the right kind", "see tocsin.example.toml")


def _key_remedy(kind: type[schema.Table], place: tuple[Any, ...]) -> str:
    table = schema.StepTable if len(place) > 1 else kind
    known = [field.alias or name for name, field in table.model_fields.items()]
    if place[-1] in _SECRETS and _SECRETS[place[-1]] in known:
        return f"a secret is not written here: put it into a file, and its path into {_SECRETS[place[-1]]}"
    return _did_you_mean(str(place[-1]), known)


def _did_you_mean(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word, known, 1, 0.6)
    return f"did you mean {near[0]}?" if near else f"use one of {', '.join(known)}"
