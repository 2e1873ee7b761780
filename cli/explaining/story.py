"""The story of an alert: everything that happened and was decided, in order, in sentences."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cli.alerting.queries import Shown
from domain.alerts import EventKind
from notifications.foresight import Coming
from notifications.quantities import moment

Row = Mapping[str, Any]

WORDS = {
    EventKind.OPENED: "it opened as {severity}: {reason}",
    EventKind.WORSENED: "it got worse and is {severity}: {reason}",
    EventKind.EASED: "it eased to {severity}: {reason}",
    EventKind.RESOLVED: "it is over: {reason}",
    EventKind.REMINDED: "a reminder is due: {reason}",
    EventKind.ESCALATED: "it goes up: {reason}",
    EventKind.FLAPPING: "it began to flap: {reason}",
    EventKind.SETTLED: "it stopped flapping: {reason}",
    EventKind.ACKNOWLEDGED: "it was acknowledged: {reason}",
    EventKind.UNACKNOWLEDGED: "nobody has it any more: {reason}",
    EventKind.NOTED: "{actor} noted: {reason}",
}

VERDICTS = {
    "send": "{who} is told of it ({kind}): {reason}",
    "hold": "{who} is told of it ({kind}) later, not before {until}: {reason}",
    "skip": "{who} is not told of it ({kind}): {reason}",
}


@dataclass(frozen=True, slots=True)
class Line:
    """Something that happened, was decided or was tried, at `at`; `by` is who or what did it."""

    at: datetime
    what: str
    by: str
    text: str


def story_of(shown: Shown) -> list[Line]:
    """Everything about an alert in the order of time; of one moment, what happened comes first."""
    lines = [*_events(shown.events), *_decisions(shown.decisions)]
    return sorted(
        [*lines, *_appointed(shown.deliveries), *_attempts(shown), *_ended(shown.deliveries)],
        key=lambda line: line.at,
    )


def waiting_of(shown: Shown, now: datetime) -> Iterator[Coming]:
    """The messages that have not left yet, and since when or until when they wait."""
    for row in shown.deliveries:
        if row["state"] == "sending":
            yield Coming(None, f"the message for {addressee(row)} ({row['kind']}) is being sent")
        elif row["state"] == "pending":
            when = "will be decided again and sent" if row["due_at"] > now else "is due now"
            yield Coming(
                row["due_at"], f"the message for {addressee(row)} ({row['kind']}) {when}: {row['reason']}"
            )


def addressee(row: Row) -> str:
    """Who a row is about: a destination, and its address where it has several."""
    return f"{row['destination']} ({row['recipient']})" if row["recipient"] else str(row["destination"])


def printed(line: Line) -> str:
    """A line for people; all times are UTC, which the head of the page says."""
    return f"{line.at.astimezone(UTC):%Y-%m-%d %H:%M:%S}  {line.text}"


def _events(rows: Sequence[Row]) -> Iterator[Line]:
    for row in rows:
        yield Line(row["at"], "event", row["actor"], WORDS[EventKind(row["kind"])].format(**row))


def _decisions(rows: Sequence[Row]) -> Iterator[Line]:
    for row in rows:
        until = moment(row["until"]) if row["until"] else "it is decided again"
        if not row["destination"]:
            text = f"nobody is told of it ({row['kind']}): {row['reason']}"
        else:
            text = VERDICTS[row["verdict"]].format(**{**row, "who": addressee(row), "until": until})
        yield Line(row["at"], "decision", "tocsin", text)


def _appointed(rows: Sequence[Row]) -> Iterator[Line]:
    for row in rows:
        if row["fallback_for"]:
            text = f"{addressee(row)} is told in the place of {row['fallback_for']}: {row['reason']}"
            yield Line(row["created_at"], "stand-in", "tocsin", text)


def _attempts(shown: Shown) -> Iterator[Line]:
    kinds = {row["id"]: row["kind"] for row in shown.deliveries}
    for row in shown.attempts:
        took = f"{row['duration_ms'] / 1000:.1f} s"
        about = f"{addressee(row)} ({kinds[row['delivery_id']]})"
        if row["outcome"] == "delivered":
            text = f"delivered to {about} in {took}: {row['answer']}"
        else:
            text = f"not delivered to {about}, {row['outcome']}, after {took}: {row['answer']}"
        yield Line(row["started_at"], "attempt", "tocsin", text)


def _ended(rows: Sequence[Row]) -> Iterator[Line]:
    for row in rows:
        about = f"the message for {addressee(row)} ({row['kind']})"
        if row["finished_at"] and row["state"] == "superseded":
            yield Line(row["finished_at"], "withdrawal", "tocsin", f"{about} is withdrawn: {row['reason']}")
        elif row["finished_at"] and row["state"] == "dead":
            yield Line(row["finished_at"], "death", "tocsin", f"{about} is given up: {row['reason']}")
