"""What the watchdog has to tell people, on its way from its process to the one that speaks."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Self


@dataclass(frozen=True, slots=True)
class Item:
    """A part that stopped, or that works again since `ended_at`."""

    part: str
    began_at: datetime
    reason: str
    remedy: str
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class News:
    """One message: what has changed, and for which queues the watchdog stands in."""

    at: datetime
    items: Sequence[Item]
    standing_in: Sequence[str] = ()

    @property
    def over(self) -> bool:
        return all(item.ended_at is not None for item in self.items)

    def dumped(self) -> str:
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def loaded(cls, text: str) -> Self:
        """The news of `dumped`; raises ValueError, KeyError or TypeError for anything else."""
        found = json.loads(text)
        items = [_item(one) for one in found["items"]]
        return cls(datetime.fromisoformat(found["at"]), items, tuple(found["standing_in"]))


def _item(fields: dict[str, str | None]) -> Item:
    texts = {name: fields[name] for name in ("began_at", "ended_at")}
    times = {name: datetime.fromisoformat(text) for name, text in texts.items() if text}
    return Item(**{**fields, **times})  # type: ignore[arg-type] # as it was dumped
