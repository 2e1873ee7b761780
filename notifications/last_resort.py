"""Says the essentials of a notice without any template, for the day on which rendering itself is broken."""

from notifications.escaping import plain
from notifications.notice import Notice

_REST = ("message", "reason", "metric", "rule", "at", "opened_at", "acknowledge", "runbook_url", "notes")


def summary(notice: Notice) -> str:
    """One line: how bad, where, how much, since when."""
    drill = "DRILL " if notice.is_drill else ""
    state, where = (
        f"{notice.kind} {notice.severity}".upper(),
        f"{_short(notice.host)} {_short(notice.component)}",
    )
    value = f"{_short(notice.value)} {_short(notice.unit)} (limit {_short(notice.threshold)})"
    return f"{drill}{state} {where} {value} since {_short(notice.breach_since)}"


def text(notice: Notice, problem: str) -> str:
    """The fields that matter, one to a line, under the summary, and why it looks like this."""
    lines = [f"{name}: {plain(str(getattr(notice, name)), 500)}" for name in _REST if getattr(notice, name)]
    apology = f"This message could not be worded properly: {plain(problem, 500)}"
    return "\n".join([summary(notice), "", *lines, "", apology])


def _short(value: object) -> str:
    return plain(str(value), 40)
