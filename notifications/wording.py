"""The words for single fields of a notice: bounded, on one line, as a tired person reads them."""

from datetime import timedelta
from urllib.parse import quote

from domain.alerts import EventKind
from domain.health import Score
from notifications.escaping import cut, middle, plain
from notifications.notice import Notice
from notifications.quantities import number, quantity
from policy.metrics import SILENCES

NAME, SENTENCE, URL = 255, 1500, 2000

DRILL = "This is a drill: somebody rang the bell to try it, and nothing is wrong."
SECOND_COPY = "This may be a second copy: the first was sent, but whether it arrived is not known."


def show_command(notice: Notice) -> str:
    """The command line that shows everything that is known of the alert."""
    return show_alert(notice.alert_id)


def show_alert(number: int) -> str:
    return f"tocsin alerts show {number}"


def open_for(notice: Notice) -> timedelta:
    """How long the alert has been, or was, open."""
    return notice.duration or ((notice.resolved_at or notice.at) - notice.opened_at)


def is_over(notice: Notice) -> bool:
    return notice.kind is EventKind.RESOLVED or notice.resolved_at is not None


def is_taken(notice: Notice) -> bool:
    """Whether somebody has it, as far as this event goes."""
    acknowledged = notice.acknowledged_at is not None and notice.kind is not EventKind.UNACKNOWLEDGED
    return acknowledged or notice.kind is EventKind.ACKNOWLEDGED


def by_memory(notice: Notice) -> bool:
    """Whether it is memory that is short, and not CPU or anything else that a busy process may explain."""
    return notice.component == "memory"


def name(text: str, width: int = NAME) -> str:
    return middle(plain(text, NAME), width) or "(no name)"


def sentence(notice: Notice, text: str) -> str:
    return cut(plain(text, SENTENCE + 1), SENTENCE, show_command(notice))


def amount(notice: Notice, value: float | None, unit: str | None = None) -> str:
    """A value with its unit, that of the alert where none is given."""
    if value is None:
        return "unknown"
    return quantity(value, plain(notice.unit if unit is None else unit, 20))


def measured(notice: Notice) -> str:
    """The value at the event; of a host or the watchdog that is silent, for how long it has been."""
    if notice.metric not in SILENCES:
        return amount(notice, notice.value)
    heard = amount(notice, notice.value)
    return f"heard {heard} ago" if is_over(notice) else f"silent for {heard}"


def link(text: str) -> str | None:
    """A link that people may follow: http or https, and nothing in it that ends the link early."""
    shown = plain(text, URL + 1)
    if not shown.lower().startswith(("http://", "https://")) or len(shown) > URL:
        return None
    return quote(shown, safe="/:?#[]@!$&()*+,;=%~")


def health(score: Score) -> str:
    """The score with what each part took off it, as it must never be shown alone."""
    parts = {
        "cpu": score.cpu,
        "memory": score.memory,
        "disk": score.disk,
        "warnings": score.warnings,
        "criticals": score.criticals,
    }
    lost = ", ".join(f"{name} -{number(points)}" for name, points in parts.items() if points)
    return f"{number(score.value)} of 100, {score.level.name} ({lost or 'nothing lost'})"
