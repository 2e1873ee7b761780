"""What is on its way: claimed deliveries that leave as one message, and what came of the sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from notifications.channels.base import DeliveryError, Receipt
from notifications.cooldown import Occasion
from notifications.history import Recipient
from notifications.rendering import Rendered


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this sender has to itself until its lease ends.

    `waits_since` is when it could go for the first time, `failures` how often it was tried. `repeated` says
    that a copy of it may have arrived, `over` that its alert has ended by now. `trace` is the traceparent of
    what made the event, where that was traced.
    """

    id: int
    event_id: int
    alert_id: int
    incident_id: int
    recipient: Recipient
    occasion: Occasion
    host: str
    component: str
    over: bool
    planned_at: datetime
    waits_since: datetime
    failures: int
    thread: str | None
    repeated: bool
    fallback_for: str | None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """What makes one message of many deliveries: the number and time of planning of the first, and why.

    `repeated` says that a copy of the whole message may have arrived.
    """

    digest_id: int
    planned_at: datetime
    reason: str
    repeated: bool


@dataclass(frozen=True, slots=True)
class Parcel:
    """The deliveries that leave as one message: a single one, or a bundle; `probe` tries the destination."""

    claimed: Sequence[Claimed]
    token: UUID
    probe: bool = False
    bundle: Bundle | None = None

    @property
    def ids(self) -> list[int]:
        return [one.id for one in self.claimed]

    @property
    def recipient(self) -> Recipient:
        return self.claimed[0].recipient


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending `rendered`: a receipt or an error, one of the two, and how long it took."""

    duration: timedelta
    rendered: Rendered
    receipt: Receipt | None = None
    error: DeliveryError | None = None

    @property
    def answer(self) -> str:
        """What the other side said, or what went wrong, without secrets."""
        if self.receipt is not None:
            return self.receipt.answer
        return self.error.reason if self.error else "the sending ended without an answer"

    @property
    def kind(self) -> str:
        """What stands in the row of the attempt: delivered, retry, ambiguous or permanent."""
        if self.receipt is not None:
            return "delivered"
        if self.error is not None and self.error.permanent:
            return "permanent"
        return "ambiguous" if self.ambiguous else "retry"

    @property
    def ambiguous(self) -> bool:
        """Whether the message may have arrived though nobody said so."""
        return self.receipt is None and (self.error is None or self.error.ambiguous)

    @property
    def retry_after(self) -> timedelta | None:
        return self.error.retry_after if self.error else None
