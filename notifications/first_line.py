"""The line on top of an incident's first message: how things stand, without opening the thread."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.colours import colour
from notifications.escaping import slack
from notifications.quantities import clock, span
from notifications.rendering import Rendered
from notifications.slack_limits import FALLBACK, HEADER
from notifications.wording import name

# What changes how an incident stands, and so the line; what else happens is told in the thread.
SHOWN = frozenset(
    {
        EventKind.OPENED,
        EventKind.WORSENED,
        EventKind.EASED,
        EventKind.RESOLVED,
        EventKind.ESCALATED,
        EventKind.ACKNOWLEDGED,
        EventKind.UNACKNOWLEDGED,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How an incident stands: its newest change, `at` a time, by an `actor`, and who has its alert.

    `sent_at` is when the first message was sent: times of another day are shown with the date.
    """

    kind: EventKind
    severity: Severity
    at: datetime
    actor: str
    opened_at: datetime
    sent_at: datetime
    step: int | None = None
    taken_by: str | None = None


def first_line(stand: Stand, *, width: int = 40) -> str:
    """The line as plain text: `RESOLVED after 14 min, at 03:26 UTC`; `width` bounds names in code points."""
    at = f"at {clock(stand.at, stand.sent_at)}"
    severity = stand.severity.value.upper()
    match stand.kind:
        case EventKind.RESOLVED:
            return f"RESOLVED after {span(stand.at - stand.opened_at)}, {at}"
        case EventKind.ACKNOWLEDGED:
            return f"ACKNOWLEDGED by {name(stand.actor, width)} {at}"
        case EventKind.UNACKNOWLEDGED:
            return f"UNACKNOWLEDGED {at}, nobody has it now"
        case EventKind.OPENED:
            return f"FIRING AGAIN as {severity} since {clock(stand.at, stand.sent_at)}"
        case EventKind.ESCALATED:
            words = f"ESCALATED to step {stand.step} {at}"
        case _:
            words = f"{stand.kind.value.upper()} to {severity} {at}"
    return f"{words}, taken by {name(stand.taken_by, width)}" if stand.taken_by else words


def restated(sent: Rendered, stand: Stand) -> Rendered:
    """The first message as it was sent, with the line on top and in the colour of how things stand."""
    line = first_line(stand)
    return replace(
        sent,
        summary=f"{line}: {sent.summary}",
        text=f"{line}\n\n{sent.text}",
        slack=_slack(sent.slack, stand),
    )


def _slack(sent: Mapping[str, Any], stand: Stand) -> dict[str, Any]:
    if not sent.get("blocks"):
        return {}
    # A name of ampersands is five times as long as it looks, and half an entity would be shown as it is.
    lines = [slack(first_line(stand, width=width)) for width in (40, 24, 10)]
    line = next((line for line in lines if len(line) <= HEADER), lines[-1])
    over, taken = stand.kind is EventKind.RESOLVED, stand.taken_by is not None
    bar = colour(stand.severity, over=over, taken=taken)
    on_top = {"type": "header", "text": {"type": "plain_text", "text": line, "emoji": False}}
    return {
        "text": f"{line}: {sent['text']}"[:FALLBACK],
        "blocks": [on_top, *sent["blocks"]],
        "attachments": [attachment | {"color": bar} for attachment in sent.get("attachments", [])],
    }
