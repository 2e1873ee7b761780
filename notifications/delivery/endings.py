"""What becomes of deliveries after a sending: delivered, dead, or to be tried again, and when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from notifications import keepsake, retry
from notifications.delivery.parcel import Claimed, Outcome, Parcel


@dataclass(frozen=True, slots=True)
class Ending:
    """How some deliveries of a parcel stand after a sending; a `final` one is not tried again."""

    claimed: Sequence[Claimed]
    values: dict[str, Any]
    final: bool = True


def endings(parcel: Parcel, outcome: Outcome, now: datetime, random: Random) -> list[Ending]:
    """What becomes of each delivery: all delivered, all dead, or some tried again and some given up."""
    if outcome.receipt is not None:
        told: dict[str, Any] = {"state": "delivered", "provider_id": outcome.receipt.provider_id}
        over = {"finished_at": now, "reason": f"delivered: {outcome.answer}"}
        if parcel.bundle is None:
            told["rendered"] = keepsake.written(outcome.rendered)
        return [Ending(parcel.claimed, told | over)]
    if outcome.error is not None and outcome.error.permanent:
        return [Ending(parcel.claimed, {"state": "dead", "finished_at": now, "reason": outcome.answer})]
    return list(_again_or_never(parcel, outcome, now, random))


def _again_or_never(parcel: Parcel, outcome: Outcome, now: datetime, random: Random) -> Iterator[Ending]:
    """All of a digest are tried again at the same time, but for those that have waited for too long."""
    failures = max(one.failures for one in parcel.claimed) + 1
    again_at = now + retry.pause(failures=failures, retry_after=outcome.retry_after, random=random)
    given_up: list[Claimed] = []
    rest: list[Claimed] = []
    for one in parcel.claimed:
        too_old = retry.given_up(waits_since=one.waits_since, again_at=again_at)
        (given_up if too_old else rest).append(one)
    if given_up:
        reason = f"given up after {retry.HOURS} hours: {outcome.answer}"
        yield Ending(given_up, {"state": "dead", "finished_at": now, "reason": reason})
    if rest:
        # What surely did not arrive may leave in any other message; a copy has to be the same one.
        digest_id = parcel.bundle.digest_id if parcel.bundle and outcome.ambiguous else None
        reason = f"to be tried again: {outcome.answer}"
        values = {"state": "pending", "due_at": again_at, "reason": reason, "digest_id": digest_id}
        yield Ending(rest, values, final=False)
