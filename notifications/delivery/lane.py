"""The lane of one destination: claim, word, send, record, again and again, whatever other lanes do."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from notifications.channels.base import Message
from notifications.delivery.claiming import Claim, claim, grown
from notifications.delivery.evidence import with_evidence
from notifications.delivery.gathering import digest, worst
from notifications.delivery.notices import notices
from notifications.delivery.parcel import Outcome, Parcel
from notifications.delivery.post import Delivered, Post
from notifications.delivery.recording import record
from notifications.delivery.sending import Letter, send_all
from notifications.notice import Notice

log = structlog.get_logger()

# A distance between two messages is waited out here; what is longer is for the next sweep, as whoever waits
# plans nothing meanwhile.
PATIENCE = timedelta(seconds=3)

# Two clocks are at work, and who looks too early waits for the next sweep.
A_HAIR = timedelta(milliseconds=10)

# What came of a sending is worth waiting for the database: unwritten, it would have to be sent again.
RECORD_WITHIN = timedelta(seconds=15)
RECORD_AGAIN = timedelta(seconds=0.5)

LOST_DATABASE = (OperationalError, InterfaceError)


@dataclass(frozen=True, slots=True)
class Lane:
    """Delivers to one destination until nothing is due there; no message is begun after `end`.

    `end` is on the monotonic clock, in seconds. The database is asked in threads, so that a slow answer
    keeps no other lane from reading its own.
    """

    post: Post
    destination: str
    end: float

    async def run(self) -> Delivered:
        done, waited = Delivered(), False
        while (left := self.end - monotonic()) > 0:
            claimed, told = await asyncio.to_thread(self._claim)
            if claimed.parcels:
                done += await self._deliver([self._letter(parcel, told) for parcel in claimed.parcels])
            elif claimed.wait is not None:
                # Where another lane sends all the time, this one does not stand by for ever.
                if claimed.wait > min(PATIENCE, timedelta(seconds=left)) or (waited and not done.delivered):
                    break
                await asyncio.sleep((claimed.wait + A_HAIR).total_seconds())
                waited = True
            elif not claimed.looked_at:
                break
        return done

    def _claim(self) -> tuple[Claim, Mapping[int, Notice]]:
        """What leaves next, with what is to be said of it: of a digest only as much as it shows.

        The evidence is gathered for what leaves alone: ten thousand alerts in a digest ask for none.
        """
        post = self.post
        with post.engine.begin() as connection:
            claimed = claim(connection, post.policy, self.destination, lease=post.lease)
        while claimed.take is not None:
            with post.engine.begin() as connection:
                claimed = grown(connection, post.policy, self.destination, claimed, lease=post.lease)
        shown = [one for parcel in claimed.parcels for one in worst(parcel.claimed)]
        with post.engine.begin() as connection:
            told = notices(connection, shown, runbooks=post.runbooks)
        alone = {parcel.claimed[0].id for parcel in claimed.parcels if parcel.bundle is None}
        few = {number: notice for number, notice in told.items() if number in alone}
        return claimed, {**told, **with_evidence(post.engine, post.policy, few)}

    def _letter(self, parcel: Parcel, told: Mapping[int, Notice]) -> Letter:
        renderer, address = self.post.renderer, parcel.recipient.address
        if parcel.bundle is not None:
            many = digest(parcel.bundle, parcel.claimed, told)
            return Letter(parcel, Message.gathered(many, renderer.render_digest(many), recipient=address))
        [one] = parcel.claimed
        notice = told[one.id]
        rendered = renderer.render(notice)
        return Letter(parcel, Message.of(notice, rendered, recipient=address, thread=one.thread))

    async def _deliver(self, letters: Sequence[Letter]) -> Delivered:
        done = Delivered()
        channel = self.post.channels.get(self.destination)
        async for letter, outcome in send_all(letters, channel, deadline=self.post.deadline):
            parcel = letter.parcel
            mine = await self._recorded(parcel, outcome)
            _report(parcel, outcome, mine=mine)
            done += Delivered(delivered=len(parcel.claimed)) if outcome.receipt else Delivered(failed=1)
        return done

    async def _recorded(self, parcel: Parcel, outcome: Outcome) -> bool:
        end = monotonic() + RECORD_WITHIN.total_seconds()
        while True:
            try:
                return await asyncio.to_thread(self._record, parcel, outcome)
            except LOST_DATABASE as error:
                if monotonic() > end:
                    raise
                log.warning("delivery.not_recorded", destination=self.destination, reason=_first_line(error))
            await asyncio.sleep(RECORD_AGAIN.total_seconds())

    def _record(self, parcel: Parcel, outcome: Outcome) -> bool:
        with self.post.engine.begin() as connection:
            return record(connection, parcel, outcome, self.post.policy, self.post.random)


def _report(parcel: Parcel, outcome: Outcome, *, mine: bool) -> None:
    first = parcel.claimed[0]
    told = log.bind(delivery=first.id, alert=first.alert_id, destination=first.recipient.destination)
    if parcel.bundle is not None:
        told = told.bind(digest=parcel.bundle.digest_id, alerts=len(parcel.claimed))
    if not mine:
        told.warning("delivery.late_result", answer="another sender had taken over when this one came back")
    if outcome.error is None:
        told.info("delivery.delivered", ms=round(outcome.duration.total_seconds() * 1000))
    else:
        told.warning("delivery.failed", reason=outcome.error.reason, permanent=outcome.error.permanent)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
