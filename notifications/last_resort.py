"""Says the essentials without any template, for the day on which rendering itself is broken."""

from collections.abc import Sequence

from notifications.escaping import plain
from notifications.notice import Notice

_REST = ("message", "reason", "metric", "rule", "at", "opened_at", "acknowledge", "runbook_url", "notes")


def summary(notices: Sequence[Notice]) -> str:
    """One line: how bad, where, how much, since when, of the first; and how many others there are."""
    others = f", and {len(notices) - 1} more" if len(notices) > 1 else ""
    return _line(notices[0]) + others


def text(notices: Sequence[Notice], problem: str) -> str:
    """A line for each, every field that matters where there is only one, and why it looks like this."""
    lines = [f"{_line(notice)} (alert {notice.alert_id})" for notice in notices]
    if len(notices) == 1:
        lines += [
            f"{name}: {plain(str(value), 500)}" for name in _REST if (value := getattr(notices[0], name))
        ]
    apology = f"This message could not be worded properly: {plain(problem, 500)}"
    return "\n".join([*lines, "", apology])


def _line(notice: Notice) -> str:
    drill = "DRILL " if notice.is_drill else ""
    state, where = (
        f"{notice.kind} {notice.severity}".upper(),
        f"{_short(notice.host)} {_short(notice.component)}",
    )
    value = f"{_short(notice.value)} {_short(notice.unit)} (limit {_short(notice.threshold)})"
    return f"{drill}{state} {where} {value} since {_short(notice.breach_since)}"


def _short(value: object) -> str:
    return plain(str(value), 40)
