"""The files of templates: ours, and those of an operator that go before them."""

from collections.abc import Iterator
from pathlib import Path

from notifications.template_sandbox import BUILT_IN

SUFFIXES = frozenset({".txt", ".html", ".css"})


def built_in() -> list[str]:
    """The names of our templates, as `shared/body.txt`, in order."""
    return sorted(_names(BUILT_IN))


def overriding(overrides: Path | None) -> list[str]:
    """The names of an operator's templates, those that nothing uses among them."""
    return sorted(_names(overrides)) if overrides is not None and overrides.is_dir() else []


def path_of(name: str, overrides: Path | None) -> Path:
    """The file that a name leads to: the operator's where there is one."""
    own = overrides / name if overrides is not None else None
    return own if own is not None and own.is_file() else BUILT_IN / name


def _names(folder: Path) -> Iterator[str]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and path.suffix in SUFFIXES and not hidden:
            yield path.relative_to(folder).as_posix()
