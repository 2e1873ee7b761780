"""Plans who hears of what: every event becomes rows of the outbox, or a reason why not."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import Connection, Engine, func, select, text

from domain.alerts import EventKind
from domain.severity import Severity
from models import Alert, AlertEvent, Host, clock, events
from notifications import flapping
from notifications.cooldown import Action, Cause, Occasion, Verdict, decide
from notifications.escalation import destinations_of
from notifications.followups import follow_up
from notifications.history import Correspondences, Recipient
from notifications.incidents import CHANGES, Incidents
from notifications.plan import NewEvent, Plan
from notifications.quiet import quiet
from notifications.silences import Quiet
from policy import Policy

# One planner at a time: planning is short, and order matters more than speed.
PLANNER = "tocsin.planning"
BATCH = 1_000

NOBODY = Recipient("")
# What only concerns those who have heard of the incident, or were about to.
FOR_THOSE_CONCERNED = frozenset(
    {EventKind.RESOLVED, EventKind.EASED, EventKind.REMINDED, EventKind.FLAPPING, EventKind.SETTLED}
)

# What time brings about, and nobody wants once somebody has acted.
UNASKED = frozenset({EventKind.ESCALATED, EventKind.REMINDED})


@dataclass(frozen=True, slots=True)
class Planned:
    """What came of planning: events looked at, messages to send now, messages held, messages left out."""

    events: int = 0
    sent: int = 0
    held: int = 0
    skipped: int = 0

    def __add__(self, other: "Planned") -> "Planned":
        mine, others = astuple(self), astuple(other)
        return Planned(*(m + o for m, o in zip(mine, others, strict=True)))


def plan_all(engine: Engine, policy: Policy) -> Planned:
    """Plan what is new and what is due by now, a transaction for each batch."""
    with engine.begin() as connection:
        take_turn(connection)
        now = clock.now(connection)
        follow_up(connection, quiet(connection, policy, now), now)
    total = Planned()
    while True:
        with engine.begin() as connection:
            planned = plan(connection, policy)
        if not planned.events:
            return total
        total += planned


def plan(connection: Connection, policy: Policy) -> Planned:
    """Plan a batch of events that are not planned yet, each exactly once, in the caller's transaction."""
    take_turn(connection)
    new = _unplanned(connection)
    if not new:
        return Planned()
    planner = _Planner(connection, policy, new)
    for event in new:
        planner.decide(event)
    planner.plan.write(connection, [event.id for event in new])
    counts = (planner.plan.count(action) for action in (Action.SEND, Action.HOLD, Action.SKIP))
    return Planned(len(new), *counts)


class _Planner:
    """Decides about a batch of events, with everything that it needs to know read beforehand."""

    def __init__(self, connection: Connection, policy: Policy, new: Sequence[NewEvent]) -> None:
        self._connection = connection
        self._policy = policy
        self._letters = Correspondences(connection, (event.incident_id for event in new))
        self._incidents = Incidents(connection, (event.incident_id for event in new))
        self._flapping = {i for i in self._incidents if self._incidents[i].flapping_since is not None}
        self.plan = Plan(clock.now(connection))
        self._quiet = quiet(connection, policy, self.plan.now)

    def decide(self, event: NewEvent) -> None:
        kept_quiet = self._kept_quiet(event) or _answered(event)
        recipients = list(self._recipients(event))
        for recipient in recipients:
            self._decide(event, recipient, kept_quiet)
        if not recipients:
            self.plan.decided(event, NOBODY, _nobody(event))

    def _decide(self, event: NewEvent, recipient: Recipient, kept_quiet: Verdict | None) -> None:
        letters = self._letters.of(event.incident_id, recipient)
        verdict = kept_quiet or decide(
            _occasion(event, self._quiet, self.plan),
            letters.history,
            cooldown=self._policy.cooldown,
            now=self.plan.now,
        )
        self.plan.decided(event, recipient, verdict)
        if verdict.action is not Action.SKIP:
            self.plan.send(event, recipient, letters, verdict)
        elif event.tells is EventKind.RESOLVED:
            self.plan.supersede(letters)

    def _kept_quiet(self, event: NewEvent) -> Verdict | None:
        """Why a change is told to nobody: its incident is flapping, or begins to with this very change."""
        if event.kind not in CHANGES:
            return None
        if event.incident_id not in self._flapping:
            incident = self._incidents[event.incident_id].until(event.id)
            reason = flapping.begins(incident.changes, window=self._policy.cooldown, now=event.at)
            if reason is None:
                return None
            self._flapping.add(event.incident_id)
            now = self.plan.now
            events.append(self._connection, event.alert_id, EventKind.FLAPPING, at=now, reason=reason)
        return Verdict(
            Action.SKIP, Cause.FLAPPING, "it is flapping: one notice says so, and one when it is over"
        )

    def _recipients(self, event: NewEvent) -> Iterable[Recipient]:
        if event.kind in FOR_THOSE_CONCERNED:
            return self._letters.recipients(event.incident_id)
        names = self._policy.route(host=event.host, component=event.component, severity=event.severity)
        if event.kind is EventKind.ESCALATED:
            steps = self._policy.escalate(host=event.host, component=event.component, severity=event.severity)
            names = destinations_of(steps, event.step)
        known = self._policy.destinations
        return [Recipient(n, address) for n in names if n in known for address in known[n].recipients]


def _answered(event: NewEvent) -> Verdict | None:
    """Why a step or a reminder is wanted no more: somebody has acted since it was due."""
    if event.kind not in UNASKED or not (event.taken or event.over):
        return None
    done = "ended" if event.over else "was acknowledged"
    cause = Cause.OVER if event.over else Cause.TAKEN
    return Verdict(Action.SKIP, cause, f"it {done} before anybody was told of this")


def _occasion(event: NewEvent, quiet: Quiet, plan: Plan) -> Occasion:
    return Occasion(
        kind=event.tells,
        severity=event.severity,
        fired_at=event.opened_at,
        refired=event.incident_id != event.alert_id,
        hold=quiet.hold(host=event.host, component=event.component, severity=event.severity, at=plan.now),
    )


def _nobody(event: NewEvent) -> Verdict:
    if event.kind in FOR_THOSE_CONCERNED:
        return Verdict(Action.SKIP, Cause.NOT_CONCERNED, "nobody was told of the incident")
    if event.kind is EventKind.ESCALATED:
        reason = f"the policy has no step {event.step} for it any more"
        return Verdict(Action.SKIP, Cause.NO_ROUTE, reason)
    reason = "no route leads anywhere for it: see tocsin route test"
    return Verdict(Action.SKIP, Cause.NO_ROUTE, reason)


def take_turn(connection: Connection) -> None:
    """Wait until nobody else plans, and keep it so until the transaction ends."""
    connection.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": PLANNER})


def _unplanned(connection: Connection) -> list[NewEvent]:
    rows = connection.execute(
        select(
            AlertEvent.id,
            AlertEvent.alert_id,
            func.coalesce(Alert.incident_id, Alert.id).label("incident_id"),
            AlertEvent.kind,
            AlertEvent.severity,
            AlertEvent.at,
            func.coalesce(AlertEvent.step, 0).label("step"),
            Alert.opened_at,
            Alert.resolved_at.is_not(None).label("over"),
            Alert.acknowledged_at.is_not(None).label("taken"),
            Host.name.label("host"),
            Alert.component,
        )
        .join(Alert, Alert.id == AlertEvent.alert_id)
        .join(Host, Host.id == Alert.host_id)
        .where(AlertEvent.planned_at.is_(None))
        .order_by(AlertEvent.id)
        .limit(BATCH)
    )
    return [_new_event(row) for row in rows]


def _new_event(row: Any) -> NewEvent:
    fields = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public way to a mapping
    return NewEvent(**fields | {"kind": EventKind(row.kind), "severity": Severity(row.severity)})
