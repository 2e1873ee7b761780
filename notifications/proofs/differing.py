"""How an operator's templates differ from ours, and whether ours have changed since they were copied."""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from pathlib import Path

from notifications.proofs.files import overriding
from notifications.template_sandbox import BUILT_IN

_MARK = re.compile(r"\A\{# copied from the built-in ([0-9a-f]{12}) #\}\n")


class Origin(StrEnum):
    """What a template of an operator was made from."""

    NEW = "new"
    CURRENT = "current"
    CHANGED = "changed since"
    UNKNOWN = "unknown"


WORDS = {
    Origin.NEW: "there is no built-in of this name",
    Origin.CURRENT: "the built-in is still the one that it was copied from",
    Origin.CHANGED: "the built-in has changed since it was copied; take over what you want of that",
    Origin.UNKNOWN: "it does not say which built-in it was copied from, as tocsin templates copy does",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One template of an operator held against ours; `lines` are a unified diff, none where they are equal.

    A template for one event is held against the shared one that it takes the place of.
    """

    name: str
    path: Path
    origin: Origin
    lines: Sequence[str]

    @property
    def words(self) -> str:
        return WORDS[self.origin]


def differences(overrides: Path | None) -> list[Difference]:
    """Each of the operator's templates against the built-in of its name."""
    return [_difference(name, overrides / name) for name in overriding(overrides)] if overrides else []


def copied(name: str) -> str:
    """Our template of that name as an operator's, with a first line that says from which it was copied."""
    source = (BUILT_IN / name).read_text("utf-8")
    return f"{{# copied from the built-in {_version(source)} #}}\n{source}"


def _difference(name: str, path: Path) -> Difference:
    theirs = path.read_text("utf-8", errors="replace")
    ours = next((one for one in (BUILT_IN / name, BUILT_IN / "shared" / path.name) if one.is_file()), None)
    if ours is None:
        return Difference(name, path, Origin.NEW, ())
    source, mark = ours.read_text("utf-8"), _MARK.match(theirs)
    words = _MARK.sub("", theirs)
    lines = difflib.unified_diff(
        source.splitlines(),
        words.splitlines(),
        f"built-in/{ours.relative_to(BUILT_IN)}",
        str(path),
        lineterm="",
    )
    return Difference(name, path, _origin(mark, source), tuple(lines))


def _origin(mark: re.Match[str] | None, source: str) -> Origin:
    if mark is None:
        return Origin.UNKNOWN
    return Origin.CURRENT if mark[1] == _version(source) else Origin.CHANGED


def _version(source: str) -> str:
    return sha256(source.encode()).hexdigest()[:12]
