"""The text of each setting: from its variable, or from the file that NAME_FILE names."""

import codecs
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from settings.model import Fields, is_secret
from settings.problems import FaultError, Problem, shown

LARGEST_FILE = 64 * 1024  # bytes; no secret is as long, and a wrong path may lead to a disk image
SUFFIX = "_FILE"
MOUNTED_SECRETS = ("/run/", "/var/run/")  # their modes are the container engine's choice, not the user's


@dataclass(frozen=True, slots=True)
class Reading:
    """The text of one setting, and the variable or file that it came from."""

    text: str
    source: str


def environment() -> Mapping[str, str]:
    """The environment of the process at this moment; nothing else looks at it."""
    return MappingProxyType(dict(os.environ))


def read(environ: Mapping[str, str]) -> tuple[dict[str, Reading], dict[str, Problem]]:
    """What is set, and what is wrong with the ways to it, both by the names of fields."""
    readings: dict[str, Reading] = {}
    wrong: dict[str, Problem] = {}
    for field in Fields.model_fields:
        try:
            reading = _read(field.upper(), environ)
        except FaultError as fault:
            wrong[field] = Problem(field.upper(), fault.fault, fault.remedy)
        else:
            if reading is not None:
                readings[field] = reading
    return readings, wrong


def exposed(readings: Mapping[str, Reading], environ: Mapping[str, str]) -> list[str]:
    """A sentence for each secret in a file that every user of this machine may read."""
    return [
        f"{field.upper()}{SUFFIX}: every user of this machine may read {reading.source}; take that right away"
        f" with chmod o-r {reading.source}"
        for field, reading in readings.items()
        if environ.get(field.upper() + SUFFIX) and is_secret(field) and _world_readable(Path(reading.source))
    ]


def _read(name: str, environ: Mapping[str, str]) -> Reading | None:
    text, path = environ.get(name, ""), environ.get(name + SUFFIX, "")
    if text and path:
        raise FaultError(f"{name} and {name}{SUFFIX} are both set", "take one of them out")
    if path:
        return Reading(_clean(_content(name, path), f"the file {shown(path)}"), path)
    return Reading(_clean(text, "the value"), f"environment variable {name}") if text else None


def _content(name: str, path: str) -> str:
    place, remedy = f"{name}{SUFFIX} names {shown(path)}", f"correct {name}{SUFFIX}, or put the value there"
    try:
        # A pipe would block until somebody writes into it.
        if not stat.S_ISREG(Path(path).stat().st_mode):
            raise FaultError(f"{place}, which is not a file", remedy)
        with Path(path).open("rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds a NUL"
        raise FaultError(f"{place}, which cannot be read ({reason})", remedy) from None
    if len(content) > LARGEST_FILE:
        raise FaultError(f"{place}, which is larger than 64 kB", remedy)
    try:
        text = content.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError:
        raise FaultError(f"{place}, which is not text in UTF-8", "save it as UTF-8") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if not text:
        raise FaultError(f"{place}, which is empty", remedy)
    return text


def _clean(text: str, what: str) -> str:
    """Text without what a shell or an editor may have left in it that no setting can mean."""
    if not text.strip():
        raise FaultError(
            f"{what} holds only spaces", "write a value there, or take the variable out for the default"
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FaultError(f"{what} is not text in UTF-8", "write it as UTF-8") from None
    return text


def _world_readable(path: Path) -> bool:
    return not str(path).startswith(MOUNTED_SECRETS) and bool(path.stat().st_mode & stat.S_IROTH)
