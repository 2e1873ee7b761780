"""Records what came of a sending: the deliveries, an attempt for each, the stand-in, and the destination."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from sqlalchemy import Connection, and_, insert, or_, update

from models import Attempt, Delivery, clock
from notifications import circuit, pacing
from notifications.circuit import Standing
from notifications.delivery import fallback, first_messages, states
from notifications.delivery.endings import Ending, endings
from notifications.delivery.parcel import Outcome, Parcel
from policy import Policy


def record(connection: Connection, parcel: Parcel, outcome: Outcome, policy: Policy, random: Random) -> bool:
    """Write down what came of a sending, in the caller's transaction.

    False when the lease of any of it had gone to somebody else meanwhile.
    """
    now = clock.now(connection)
    recording = _Recording(connection, parcel, outcome, policy, now)
    written = 0
    for ending in endings(parcel, outcome, now, random):
        written += recording.write(ending)
        recording.appoint_stand_in(ending)
    recording.write_attempts()
    if written:
        first_messages.remember(connection, parcel, outcome, now)
    recording.write_destination(random)
    return written == len(parcel.claimed)


@dataclass(frozen=True, slots=True)
class _Recording:
    connection: Connection
    parcel: Parcel
    outcome: Outcome
    policy: Policy
    now: datetime

    @property
    def _destination(self) -> str:
        return self.parcel.recipient.destination

    def write(self, ending: Ending) -> int:
        mine = and_(Delivery.state == "sending", Delivery.lease_token == self.parcel.token)
        if self.outcome.receipt is not None:
            # Whoever took over has failed since, and this one has arrived.
            mine = or_(mine, Delivery.state == "pending")
        return self.connection.execute(
            update(Delivery)
            .where(Delivery.id.in_([one.id for one in ending.claimed]), mine)
            .values(
                lease_token=None, lease_until=None, summary=self.outcome.rendered.summary, **ending.values
            )
        ).rowcount

    def appoint_stand_in(self, ending: Ending) -> None:
        if self.outcome.receipt is not None:
            return
        found: dict[str, list[int]] = {}
        for one in ending.claimed:
            failures, since = one.failures + 1, one.waits_since
            why = fallback.due(failures=failures, waits_since=since, final=ending.final, now=self.now)
            if why is not None:
                found.setdefault(why, []).append(one.id)
        for why, ids in found.items():
            fallback.appoint(self.connection, self.policy, self._destination, ids, why=why, now=self.now)

    def write_attempts(self) -> None:
        attempt = {
            "started_at": self.now - self.outcome.duration,
            "duration_ms": self.outcome.duration.total_seconds() * 1000,
            "outcome": self.outcome.kind,
            "answer": self.outcome.answer,
        }
        rows = [attempt | {"delivery_id": number} for number in self.parcel.ids]
        self.connection.execute(insert(Attempt), rows)

    def write_destination(self, random: Random) -> None:
        """Keep the circuit, and the distance between messages; last, as whoever claims waits for the lock."""
        limit = pacing.limit(self.policy.destinations.get(self._destination))
        if self._answered and not limit.spacing and self._well():
            return
        state = states.locked(self.connection, self._destination, limit, self.now)
        bucket = pacing.refilled(state.bucket, limit, self.now)
        standing = self._after(state.standing, random)
        states.write(self.connection, self._destination, states.State(bucket, standing))

    @property
    def _answered(self) -> bool:
        """An acceptance and a final refusal both say that the other side is there."""
        error = self.outcome.error
        return error is not None and error.permanent if self.outcome.receipt is None else True

    def _well(self) -> bool:
        state = states.read(self.connection, self._destination)
        return state is not None and state.standing == Standing()

    def _after(self, standing: Standing, random: Random) -> Standing:
        probe = self.parcel.probe
        if self._answered:
            return circuit.after_answer(standing, now=self.now, probe=probe)
        return circuit.after_failure(
            standing,
            self.outcome.answer,
            self.outcome.retry_after,
            now=self.now,
            probe=probe,
            random=random,
        )
