"""The steps of a sending, each with what came of it and how long it took."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from time import perf_counter

# What to look at when a step fails; nothing here depends on the words of the other side.
REMEDIES = {
    "name": "check how the host is spelt, and whether this machine can resolve names",
    "connection": "check host and port, and whether a firewall lets this machine out",
    "encryption": "check the port and the kind of encryption; this machine has to trust the certificate",
    "login": "check the user name, password or token, and what it may do",
    "envelope": "check sender and recipient, and whether the server takes mail for them",
    "message": "what the other side answered says why; tocsin config show says what is set",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step, from `name` to `message`; `said` is what the other side made of it or what went wrong."""

    name: str
    ok: bool
    ms: float
    said: str = ""
    remedy: str = ""


@dataclass
class Course:
    """How a sending goes; `tell` hears of each step when it is over."""

    tell: Callable[[Step], None] = lambda _step: None
    steps: list[Step] = field(default_factory=list)
    _broken: tuple[str, float] | None = None

    @contextmanager
    def step(self, name: str) -> Iterator[list[str]]:
        """One step; into the list goes what there is to say of it. An error passes through."""
        began, said = perf_counter(), list[str]()
        with ExitStack() as unless_done:
            unless_done.callback(self._breaks, name, began)
            yield said
            unless_done.pop_all()
        self._add(Step(name, ok=True, ms=_since(began), said=", ".join(said)))

    def _breaks(self, name: str, began: float) -> None:
        # The innermost step that an error passes through is the one that failed.
        self._broken = self._broken or (name, _since(began))

    def failed(self, reason: str) -> None:
        """Write the failure down at the step that an error came from."""
        name, ms = self._broken or ("message", 0.0)
        self._broken = None
        self._add(Step(name, ok=False, ms=ms, said=reason, remedy=REMEDIES[name]))

    @property
    def ok(self) -> bool:
        return all(step.ok for step in self.steps)

    def _add(self, step: Step) -> None:
        self.steps.append(step)
        self.tell(step)


def _since(began: float) -> float:
    return round((perf_counter() - began) * 1000, 1)
