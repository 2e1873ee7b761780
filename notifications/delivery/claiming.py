"""Claims what leaves next for one destination: allowed, still wanted, and held under a lease."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import Connection, select, update

from models import Delivery, clock
from notifications import circuit, pacing
from notifications.bundling import Take, next_take
from notifications.circuit import Access
from notifications.delivery import due, states, waiting
from notifications.delivery.checking import checked
from notifications.delivery.parcel import Bundle, Claimed, Parcel
from policy import Policy

# One digest tells of so many deliveries at most, claimed in transactions of so many rows: what is held in
# memory and locked stays bounded, whatever is due.
MOST = 10_000
CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Claim:
    """What was claimed: the messages that leave now, side by side.

    `looked_at` counts the rows that were due, wanted or not; `wait` is how long the destination is to be left
    alone. A digest with a `take` may grow: there may be more for it.
    """

    parcels: Sequence[Parcel] = ()
    looked_at: int = 0
    wait: timedelta | None = None
    take: Take | None = None


def claim(connection: Connection, policy: Policy, destination: str, *, lease: timedelta) -> Claim:
    """Claim for one destination what its circuit and its rate allow now, in the caller's transaction.

    What is due and no longer wanted is ended or put off on the way.
    """
    now = clock.now(connection)
    limit = pacing.limit(policy.destinations.get(destination))
    state = states.locked(connection, destination, limit, now)
    verdict = circuit.access(destination, state.standing, now)
    if verdict.until is not None:
        waiting.behind_circuit(connection, destination, state.standing, now)
        return Claim(wait=verdict.until - now)
    groups = due.groups(connection, destination, now)
    if not groups:
        return Claim()
    allowed = pacing.allowance(state.bucket, limit, now)
    if not allowed.messages:
        return Claim(wait=allowed.next_at - now)
    probe = verdict.access is Access.PROBE
    take = next_take(groups, messages=allowed.messages, at_once=allowed.at_once, probe=probe, most=MOST)
    claiming = _Claiming(connection, policy, destination, now, lease)
    found = claiming.first(take, probe=probe)
    if found.parcels:
        bucket = pacing.drawn(state.bucket, limit, len(found.parcels), now)
        standing = circuit.probed(state.standing, now + lease) if probe else state.standing
        states.write(connection, destination, states.State(bucket, standing))
    return found


def grown(
    connection: Connection, policy: Policy, destination: str, so_far: Claim, *, lease: timedelta
) -> Claim:
    """The claim of a digest with another chunk of what it tells of, in the caller's transaction."""
    now = clock.now(connection)
    states.locked(connection, destination, pacing.limit(policy.destinations.get(destination)), now)
    [parcel], take = so_far.parcels, so_far.take
    if take is None or parcel.bundle is None:
        return so_far
    claiming = _Claiming(connection, policy, destination, now, lease)
    return claiming.further(so_far, parcel, parcel.bundle, take)


@dataclass(frozen=True, slots=True)
class _Claiming:
    """One claim for one destination, in one transaction."""

    connection: Connection
    policy: Policy
    destination: str
    now: datetime
    lease: timedelta

    def first(self, take: Take, *, probe: bool) -> Claim:
        most = min(take.most, CHUNK)
        looked_at, wanted = self._wanted(take, most)
        token = uuid4()
        if not wanted:
            return Claim(looked_at=looked_at)
        if not take.digest or (len(wanted) == 1 and take.digest_id is None):
            self._hold(wanted, token, None)
            return Claim([Parcel([one], token, probe) for one in wanted], looked_at)
        bundle = self._bundle(take, wanted[0])
        self._hold(wanted, token, bundle.digest_id)
        return Claim(
            [Parcel(wanted, token, probe, bundle)], looked_at, take=take if looked_at == most else None
        )

    def further(self, so_far: Claim, parcel: Parcel, bundle: Bundle, take: Take) -> Claim:
        most = min(take.most - len(parcel.claimed), CHUNK)
        looked_at, wanted = self._wanted(take, most)
        self._hold(wanted, parcel.token, bundle.digest_id)
        more = looked_at == most and len(parcel.claimed) + len(wanted) < take.most
        return Claim(
            [replace(parcel, claimed=[*parcel.claimed, *wanted])],
            so_far.looked_at + looked_at,
            take=take if more else None,
        )

    def _wanted(self, take: Take, most: int) -> tuple[int, list[Claimed]]:
        """How many rows were due, and those that are still wanted; the others are put aside."""
        rows = due.rows(self.connection, self.destination, take, self.now, most)
        wanted, aside = checked(self.connection, self.policy, rows, self.now)
        waiting.put_aside(self.connection, aside, self.now)
        return len(rows), wanted

    def _bundle(self, take: Take, first: Claimed) -> Bundle:
        if take.digest_id is None:
            return Bundle(first.id, first.planned_at, take.reason, repeated=False)
        query = select(Delivery.created_at).where(Delivery.id == take.digest_id)
        planned_at = self.connection.execute(query).scalar() or first.planned_at
        return Bundle(take.digest_id, planned_at, take.reason, repeated=True)

    def _hold(self, wanted: Sequence[Claimed], token: UUID, digest_id: int | None) -> None:
        if wanted:
            self.connection.execute(
                update(Delivery)
                .where(Delivery.id.in_([one.id for one in wanted]))
                .values(
                    state="sending",
                    lease_token=token,
                    lease_until=self.now + self.lease,
                    attempts=Delivery.attempts + 1,
                    digest_id=digest_id,
                )
            )
