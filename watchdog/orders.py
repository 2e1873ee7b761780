"""What the watchdog has to know of the settings, on its way from the program that reads them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class Orders:
    """Where to look, whom to call and how to log; an address may hold a password, and is never shown.

    `secrets` are all that are set, to be kept out of the logs.
    """

    home: str
    log_level: str
    log_format: str
    buttons_awaited: bool
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    ping_url: str | None = field(repr=False)
    secrets: Sequence[str] = field(repr=False)

    def dumped(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def loaded(cls, text: str) -> Self:
        """The orders of `dumped`; raises ValueError or TypeError for anything else."""
        return cls(**json.loads(text))
