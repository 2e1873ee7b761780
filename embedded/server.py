"""What the servers from wheels have in common: a home, a program, start and stop."""

import importlib.util
from abc import ABC, abstractmethod
from pathlib import Path

from embedded.child import Child
from embedded.error import EmbeddedError
from embedded.program import Program


class EmbeddedServer(ABC):
    """A server that runs as our child, with all it owns under one folder."""

    def __init__(self, home: Path) -> None:
        self.home = home.absolute()
        self._child: Child | None = None

    @abstractmethod
    def program(self) -> Program:
        """How the server is run, for a supervisor; raises EmbeddedError when it cannot be."""

    def start(self) -> None:
        """Start it unless it runs, and wait until it answers; raises EmbeddedError.

        Call it in a thread that lives as long as the server should: on Linux the server ends with it.
        """
        if self._child is not None and self._child.ready:
            return
        self.stop()
        self._child = Child.start(self.program(), self.home)
        self._child.wait_until_ready()

    def stop(self) -> None:
        """Stop it and wait until it is gone; nothing happens when it does not run."""
        if self._child is not None:
            self._child.stop()
            self._child = None

    @property
    def pid(self) -> int | None:
        """Its process id, None while it does not run."""
        return None if self._child is None or self._child.exit_code is not None else self._child.pid


def installed(package: str, binary: str, setting: str) -> Path:
    """The path of `binary`, a pattern below the folder of an installed package; it is not imported.

    Raises EmbeddedError, which names `setting` as the way to do without.
    """
    spec = importlib.util.find_spec(package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        for path in Path(folder).glob(binary):
            return path
    raise EmbeddedError(
        f"The server {Path(binary).name} is not installed: the Python package {package} is missing or has no "
        f"build for this machine. Install it with `make run`, or set {setting} to a server of your own."
    )
