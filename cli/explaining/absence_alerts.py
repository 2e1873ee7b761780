"""Why nobody was told of an alert that was open at some time: what was decided and tried up to then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.alerting.queries import Shown
from cli.explaining.story import addressee
from domain.alerts import EventKind
from domain.cadence import NOTIFY_INTERVAL
from notifications.cooldown import FIRING, NO_MESSAGE
from notifications.quantities import moment

Row = Mapping[str, Any]

# Who asks about the moment of the breach wants to hear of what was decided on it a moment later.
SOON = 3 * NOTIFY_INTERVAL


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason, or what speaks against there being one: a word for programs and a sentence for people."""

    kind: str
    text: str


def findings_of(shown: Shown, at: datetime) -> Iterator[Finding]:
    """Why nobody was told of an open alert by a time, or who was."""
    alert, until = shown.alert, at + SOON
    name = f"alert {alert.id} ({alert.component})"
    yield Finding("open", f"{name} was open since {moment(alert.opened_at)}: {alert.message}")
    for row in shown.deliveries:
        if row["state"] == "delivered" and row["kind"] in FIRING and row["finished_at"] <= until:
            text = f"{addressee(row)} was told of it ({row['kind']}) at {moment(row['finished_at'])}"
            yield Finding("told", text)
    taken = _taken(shown, at)
    if taken is not None:
        yield Finding(
            "acknowledged", f"{taken['actor']} had it since {moment(taken['at'])}: nobody is told again"
        )
    yield from _decided(shown, until)
    yield from _tried(shown, until)
    if all(row["planned_at"] is None or row["planned_at"] > until for row in shown.events):
        yield Finding("not-planned", f"nothing was decided about {name} by then: the worker did not come by")


def _taken(shown: Shown, at: datetime) -> Row | None:
    """The acknowledgement that was in force at a time."""
    ends = (EventKind.ACKNOWLEDGED, EventKind.UNACKNOWLEDGED, EventKind.WORSENED)
    rows = [row for row in shown.events if row["kind"] in ends and row["at"] <= at]
    return rows[-1] if rows and rows[-1]["kind"] == EventKind.ACKNOWLEDGED else None


def _decided(shown: Shown, until: datetime) -> Iterator[Finding]:
    """The last decision about each recipient, where it was not to tell."""
    last: dict[tuple[str, str], Row] = {}
    for row in shown.decisions:
        if row["at"] <= until and row["kind"] not in NO_MESSAGE:
            last[row["destination"], row["recipient"]] = row
    for row in last.values():
        if not row["destination"]:
            yield Finding("nobody", f"nobody is told of it ({row['kind']}): {row['reason']}")
        elif row["verdict"] != "send":
            verb = "was held back" if row["verdict"] == "hold" else "was left out"
            yield Finding(row["verdict"], f"{addressee(row)} {verb} ({row['kind']}): {row['reason']}")


def _tried(shown: Shown, until: datetime) -> Iterator[Finding]:
    """What could not be delivered by then, with the last answer; and what was put off at sending."""
    told = {
        row["id"] for row in shown.deliveries if row["state"] == "delivered" and row["finished_at"] <= until
    }
    answers = {row["delivery_id"]: row for row in shown.attempts if row["started_at"] <= until}
    for row in shown.deliveries:
        if row["id"] in told or row["created_at"] > until:
            continue
        attempt = answers.get(row["id"])
        if attempt is not None:
            text = f"{addressee(row)} could not be reached ({row['kind']}): {attempt['answer']}"
            yield Finding("not-delivered", text)
        elif row["state"] == "pending":
            yield Finding(
                "waiting", f"the message for {addressee(row)} ({row['kind']}) waits: {row['reason']}"
            )
