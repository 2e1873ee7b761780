"""What the watchdog remembers while Postgres is away: since when, and when people were told, in a file."""

import json
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from watchdog.limits import DEAD_AFTER
from watchdog.outages import TELL_AGAIN_AFTER

FILE = "watchdog-postgres.json"


@dataclass(frozen=True, slots=True)
class Absence:
    """That Postgres was seen to be away at `began_at`, and when people were last told, None for not yet.

    `seen_at` is when it answered last, None where nobody had looked for a while.
    """

    began_at: datetime
    told_at: datetime | None = None
    seen_at: datetime | None = None

    def is_to_be_told(self, now: datetime, *, watching_since: datetime) -> bool:
        """When it has been away for long enough while somebody watched, and once in 15 minutes."""
        if now - max(self.seen_at or self.began_at, watching_since) <= DEAD_AFTER:
            return False
        return self.told_at is None or now - self.told_at >= TELL_AGAIN_AFTER

    def told(self, now: datetime) -> "Absence":
        return replace(self, told_at=now)


def load(home: Path) -> Absence | None:
    """What was remembered; None where nothing was, or where the file cannot be understood."""
    try:
        found = json.loads((home / FILE).read_text("utf-8"))
        times = {name: at and datetime.fromisoformat(at) for name, at in found.items()}
        return Absence(**times) if times["began_at"] else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def save(home: Path, absence: Absence) -> None:
    """Remember it over a restart; a disk that is full or read-only costs a message too many, not too few."""
    fields = {name: at and at.isoformat() for name, at in asdict(absence).items()}
    with suppress(OSError):
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        (home / FILE).write_text(json.dumps(fields), "utf-8")


def forget(home: Path) -> None:
    with suppress(OSError):
        (home / FILE).unlink(missing_ok=True)
