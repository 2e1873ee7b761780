"""The text of each setting: from its variable, or from the file that NAME_FILE names."""

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from settings.files import secret_in
from settings.model import Fields, is_secret
from settings.problems import FaultError, Problem, shown

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
            reading = _read(field, environ)
        except FaultError as fault:
            wrong[field] = Problem(field.upper(), fault.fault, fault.remedy)
        else:
            if reading is not None:
                readings[field] = reading
    return readings, wrong


def secrets(environ: Mapping[str, str]) -> list[str]:
    """Every secret that is set, right or wrong."""
    readings, _ = read(environ)
    return [reading.text.strip() for field, reading in readings.items() if is_secret(field)]


def exposed(readings: Mapping[str, Reading], environ: Mapping[str, str]) -> list[str]:
    """A sentence for each secret in a file that every user of this machine may read."""
    return [
        f"{field.upper()}{SUFFIX}: every user of this machine may read {reading.source}; take that right away"
        f" with chmod o-r {reading.source}"
        for field, reading in readings.items()
        if environ.get(field.upper() + SUFFIX) and is_secret(field) and _world_readable(Path(reading.source))
    ]


def _read(field: str, environ: Mapping[str, str]) -> Reading | None:
    name = field.upper()
    text, path = environ.get(name, ""), environ.get(name + SUFFIX, "")
    if text and path:
        raise FaultError(f"{name} and {name}{SUFFIX} are both set", "take one of them out")
    if text:
        return Reading(_checked(text), f"environment variable {name}")
    return Reading(_from_file(field, path), path) if path else None


def _from_file(field: str, path: str) -> str:
    name = field.upper() + SUFFIX
    # Whoever puts the secret itself here must not find it in an error.
    if is_secret(field) and not path.startswith(("/", ".")):
        raise FaultError(f"{name} does not start with / or .", f"set {name} to the path of a file")
    try:
        return secret_in(Path(path))
    except FaultError as fault:
        raise FaultError(f"{name} names {shown(path)}, which {fault.fault}", fault.remedy) from None


def _checked(text: str) -> str:
    if not text.strip():
        raise FaultError(
            "the value holds only spaces", "write a value, or take the variable out for the default"
        )
    try:
        text.encode()
    except UnicodeEncodeError:
        raise FaultError("the value is not text in UTF-8", "write it as UTF-8") from None
    return text


def _world_readable(path: Path) -> bool:
    return not str(path).startswith(MOUNTED_SECRETS) and bool(path.stat().st_mode & stat.S_IROTH)
