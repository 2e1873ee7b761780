"""The laws of telling people, as invariants over whatever may happen: breaches, failures, crashes, silences.

The machine plays one identity and three recipients through the same decisions that the live system takes,
with an outbox in memory. Each step is one thing that may happen in a night; the laws are checked at each.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.alerts import EventKind
from domain.severity import Severity
from notifications import flapping
from notifications.cooldown import (
    FIRING,
    REFIRED_CRITICAL,
    Action,
    History,
    Occasion,
    Told,
    Verdict,
    decide,
    recheck,
)
from policy import Hold

COOLDOWN = timedelta(minutes=15)
START = datetime(2026, 3, 1, tzinfo=UTC)
RECIPIENTS = ("slack", "email", "lead")
CHANGES = (EventKind.OPENED, EventKind.WORSENED, EventKind.EASED, EventKind.RESOLVED)


@dataclass
class Letter:
    """One row of the outbox."""

    occasion: Occasion
    due_at: datetime
    planned_at: datetime
    state: str = "pending"


@dataclass
class Recipient:
    """What one recipient got, and what is still to come."""

    told: list[Told] = field(default_factory=list)
    letters: list[Letter] = field(default_factory=list)

    def waiting(self) -> list[Letter]:
        return [letter for letter in self.letters if letter.state == "pending"]

    def in_flight(self) -> list[Letter]:
        return [letter for letter in self.letters if letter.state == "sending"]

    def history(self, *, without: Letter | None = None) -> History:
        return History(
            tuple(self.told),
            tuple(
                x.occasion.severity
                for x in self.in_flight()
                if x is not without and x.occasion.kind in FIRING
            ),
            tuple(x.occasion.severity for x in self.waiting() if x is not without),
        )


class Night(RuleBasedStateMachine):
    """One identity, from calm to calm again and again."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        self.severity: Severity | None = None
        self.opened_at = START
        self.resolved_at: datetime | None = None
        self.refired = False
        self.changes: list[datetime] = []
        self.flapping = False
        self.silenced_until: datetime | None = None
        self.recipients = {name: Recipient() for name in RECIPIENTS}
        self.verdicts: list[Verdict] = []
        self.weather = dict.fromkeys(RECIPIENTS, "up")

    # What may happen.

    @rule(span=st.sampled_from([5, 60, 240, 600, 960]))
    def time_passes(self, span: int) -> None:
        self.now += timedelta(seconds=span)
        if self.silenced_until and self.now >= self.silenced_until:
            self.silenced_until = None
        self._rest()
        self._sweep()

    @precondition(lambda self: self.severity is None)
    @rule(severity=st.sampled_from(Severity))
    def it_fires(self, severity: Severity) -> None:
        self.refired = self.resolved_at is not None and self.now - self.resolved_at < COOLDOWN
        if not self.refired:
            # A new incident: nobody knows anything of it yet.
            self.recipients = {name: Recipient() for name in RECIPIENTS}
            self.changes, self.flapping = [], False
        self.severity, self.opened_at = severity, self.now
        self._changed(EventKind.OPENED)

    @precondition(lambda self: self.severity is Severity.WARNING)
    @rule()
    def it_worsens(self) -> None:
        self.severity = Severity.CRITICAL
        self._changed(EventKind.WORSENED)

    @precondition(lambda self: self.severity is Severity.CRITICAL)
    @rule()
    def it_eases(self) -> None:
        self.severity = Severity.WARNING
        self._changed(EventKind.EASED)

    @precondition(lambda self: self.severity is not None)
    @rule()
    def it_resolves(self) -> None:
        self._changed(EventKind.RESOLVED)
        self.severity, self.resolved_at = None, self.now

    @precondition(lambda self: self.severity is not None and not self.flapping)
    @rule(kind=st.sampled_from([EventKind.REMINDED, EventKind.ESCALATED]))
    def nobody_answers(self, kind: EventKind) -> None:
        self._plan(kind, RECIPIENTS if kind is EventKind.REMINDED else ("lead",))

    @rule(minutes=st.integers(1, 60))
    def somebody_silences_it(self, minutes: int) -> None:
        self.silenced_until = self.now + timedelta(minutes=minutes)

    @rule(name=st.sampled_from(RECIPIENTS), weather=st.sampled_from(["up", "down", "slow"]))
    def the_weather_changes(self, name: str, weather: str) -> None:
        self.weather[name] = weather

    @rule(name=st.sampled_from(RECIPIENTS))
    def the_sender_dies(self, name: str) -> None:
        for letter in self.recipients[name].in_flight():
            letter.state, letter.due_at = "pending", self.now + timedelta(seconds=60)

    # How the system answers, by the decisions under test.

    def _hold(self) -> Hold | None:
        return Hold("a silence", self.silenced_until) if self.silenced_until else None

    def _changed(self, kind: EventKind) -> None:
        self.changes.append(self.now)
        if not self.flapping and flapping.begins(self.changes, window=COOLDOWN, now=self.now):
            self.flapping = True
            self._plan(EventKind.FLAPPING, RECIPIENTS)
        elif not self.flapping:
            self._plan(kind, RECIPIENTS)

    def _rest(self) -> None:
        if self.flapping and flapping.is_over(self.changes[-1], self.severity, window=COOLDOWN, now=self.now):
            self.flapping = False
            self._plan(EventKind.RESOLVED if self.severity is None else EventKind.SETTLED, RECIPIENTS)

    def _plan(self, kind: EventKind, names: tuple[str, ...]) -> None:
        self._decide(kind, names)
        self._sweep()

    def _decide(self, kind: EventKind, names: tuple[str, ...]) -> None:
        severity = self.severity or Severity.WARNING
        occasion = Occasion(kind, severity, self.opened_at, self.refired, self._hold())
        for name in names:
            recipient = self.recipients[name]
            verdict = decide(occasion, recipient.history(), cooldown=COOLDOWN, now=self.now)
            self._check_held(recipient, occasion, verdict)
            self.verdicts.append(verdict)
            if verdict.action is not Action.SKIP or kind is EventKind.RESOLVED:
                for letter in recipient.waiting():
                    letter.state = "superseded"
            if verdict.action is not Action.SKIP:
                recipient.letters.append(Letter(occasion, verdict.until or self.now, self.now))

    def _recheck(self, recipient: Recipient, letter: Letter) -> None:
        later = recipient.letters[recipient.letters.index(letter) + 1 :]
        verdict = recheck(
            replace(letter.occasion, hold=self._hold()),
            recipient.history(without=letter),
            cooldown=COOLDOWN,
            now=self.now,
            over=self.severity is None,
            newer=any(x.state != "superseded" or x.occasion.kind is EventKind.RESOLVED for x in later),
        )
        self.verdicts.append(verdict)
        if verdict.action is Action.SEND:
            self._check_sent(recipient, letter)
            letter.state = "sending"
        elif verdict.action is Action.HOLD:
            assert verdict.until is not None
            letter.due_at = verdict.until
        else:
            letter.state = "superseded"

    def _deliver(self, recipient: Recipient, letter: Letter) -> None:
        letter.state = "delivered"
        told = Told(letter.occasion.kind, letter.occasion.severity, self.now)
        self._check_new(recipient, told, letter)
        recipient.told.append(told)

    def _sweep(self) -> None:
        """The sweep comes by: what is due goes out, as far as the weather lets it."""
        for name, recipient in self.recipients.items():
            if self.weather[name] != "slow":
                self._finish(recipient, self.weather[name])
            for letter in recipient.waiting():
                if letter.due_at <= self.now and not recipient.in_flight():
                    self._recheck(recipient, letter)
            if self.weather[name] != "slow":
                self._finish(recipient, self.weather[name])

    def _finish(self, recipient: Recipient, weather: str) -> None:
        for letter in recipient.in_flight():
            if weather == "up":
                self._deliver(recipient, letter)
            else:
                letter.state, letter.due_at = "pending", self.now + timedelta(seconds=5)

    # The laws.

    def _check_held(self, recipient: Recipient, occasion: Occasion, verdict: Verdict) -> None:
        if verdict.action is not Action.HOLD or occasion.hold is not None:
            return
        known = [t.severity for t in recipient.told if t.kind in FIRING]
        known += [letter.occasion.severity for letter in recipient.in_flight()]
        assert any(s.rank >= occasion.severity.rank for s in known), "a rise in severity was held"

    def _check_sent(self, recipient: Recipient, letter: Letter) -> None:
        kind = letter.occasion.kind
        if kind in FIRING and kind is not EventKind.FLAPPING:
            assert self.severity is not None, "it is told as firing, and it is over"
        later = recipient.letters[recipient.letters.index(letter) + 1 :]
        assert not [x for x in later if x.state == "delivered"], "an older message follows a newer one"

    def _check_new(self, recipient: Recipient, told: Told, letter: Letter) -> None:
        if told.kind is EventKind.RESOLVED:
            knew = recipient.told and recipient.told[-1].kind in FIRING
            unsent = [x for x in recipient.letters if x.state == "superseded"]
            meant = any(x.occasion.severity is Severity.CRITICAL for x in unsent)
            assert knew or meant, "a resolve for what nobody was told"
        if told.kind not in (EventKind.OPENED, EventKind.WORSENED, EventKind.EASED, EventKind.REMINDED):
            return
        waited = self.now - letter.occasion.fired_at
        again = letter.occasion.refired and told.severity is Severity.CRITICAL and waited >= REFIRED_CRITICAL
        for earlier in recipient.told:
            if earlier.kind in FIRING and earlier.severity.rank >= told.severity.rank:
                assert again or self.now - earlier.at >= COOLDOWN, "the same severity twice in the cooldown"

    @invariant()
    def every_decision_has_a_reason(self) -> None:
        assert all(verdict.reason for verdict in self.verdicts)
        assert all((v.until is not None) == (v.action is Action.HOLD) for v in self.verdicts)

    @invariant()
    def what_is_held_has_a_time(self) -> None:
        for recipient in self.recipients.values():
            for letter in recipient.waiting():
                assert letter.due_at <= self.now + timedelta(minutes=60)

    @invariant()
    def at_most_one_message_waits_for_a_recipient(self) -> None:
        for recipient in self.recipients.values():
            fresh = [x for x in recipient.waiting() if not recipient.in_flight()]
            assert len(fresh) <= 2

    def teardown(self) -> None:
        """When everything is calm and all ways are open, what was held is told or withdrawn."""
        if not hasattr(self, "now"):
            return
        self.weather = dict.fromkeys(RECIPIENTS, "up")
        for _ in range(30):
            self.time_passes(600)
        for recipient in self.recipients.values():
            assert not recipient.waiting(), "something is held and never told"
            assert not recipient.in_flight()
            if self.severity is None and recipient.told:
                assert recipient.told[-1].kind is EventKind.RESOLVED, (
                    "it heard of the firing and not of the end"
                )
            if self.severity is not None and not self.flapping and recipient.letters:
                assert recipient.told, "it fires and this one was never told"
                assert recipient.told[-1].kind in FIRING
                assert recipient.told[-1].severity is self.severity


Night.TestCase.settings = settings(max_examples=1000, stateful_step_count=25, deadline=None)
test_the_laws_hold_whatever_happens = Night.TestCase
