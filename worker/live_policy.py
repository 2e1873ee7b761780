"""The policy in force: read anew when its file changes, and kept when the new one is wrong."""

from dataclasses import dataclass, field
from pathlib import Path

import structlog

import policy
from policy import Policy
from settings import ConfigurationError, Settings

log = structlog.get_logger()

# What tells one state of a file from another: when it was written, and how long it is.
Stamp = tuple[int, int] | None


@dataclass
class LivePolicy:
    """Answers with the policy of the file as it is now, or as it was when it was last right.

    Raises ConfigurationError only at the start, when there is no right one to keep.
    """

    settings: Settings
    problem: str | None = None
    _stamp: Stamp = field(init=False)
    _policy: Policy = field(init=False)

    def __post_init__(self) -> None:
        self._stamp = _stamp(self.settings.tocsin_rules)
        self._policy = policy.load(self.settings.tocsin_rules, self.settings)

    @property
    def current(self) -> Policy:
        stamp = _stamp(self.settings.tocsin_rules)
        if stamp != self._stamp:
            self._stamp = stamp
            self._reload()
        return self._policy

    def _reload(self) -> None:
        try:
            self._policy = policy.load(self.settings.tocsin_rules, self.settings)
        except ConfigurationError as error:
            self.problem = str(error)
            # The sentence is the whole story; a traceback would bury it.
            log.error("policy.refused", kept="the rules from before", problem=self.problem)  # noqa: TRY400
        else:
            self.problem = None
            log.info("policy.reloaded", file=str(self.settings.tocsin_rules))


def _stamp(path: Path | None) -> Stamp:
    if path is None:
        return None
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
