"""Puts a notice into words: a summary, a subject, a text, a page of HTML and a Slack message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from notifications import last_resort
from notifications.context import Escape, Frame, escaped, names
from notifications.digest import Digest
from notifications.drafts import draft
from notifications.escaping import html, plain, slack
from notifications.notice import Notice
from notifications.slack_blocks import payload

if TYPE_CHECKING:
    from css_inline import CSSInliner

    from notifications.template_sandbox import Sandbox

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One notice in every form that a channel may need; everything in it is safe to show as it is.

    `summary` is one line whose first 120 characters say how bad, where, how much and since when. A mail has
    `subject`, the same for all of an incident, and begins with `preheader`, which says the rest of that
    line. `slack` holds `text`, `blocks` and `attachments` as chat.postMessage takes them, within Slack's
    limits, and `slack_chart` a block for those workspaces that take it.
    """

    summary: str
    subject: str
    text: str
    html: str
    slack: dict[str, Any] = field(default_factory=dict)
    preheader: str = ""
    slack_chart: dict[str, Any] | None = None


class RenderingError(Exception):
    """A message could not be put into words; `error` is whatever the templates ran into."""

    def __init__(self, error: Exception) -> None:
        super().__init__(str(error))
        self.error = error


class Renderer:
    """Renders notices; templates in `overrides` go before the built-in ones of the same name.

    What it takes is loaded with the first notice: every worker has one, and most have nothing to tell.
    """

    def __init__(self, overrides: Path | None = None) -> None:
        self._overrides = overrides

    @cached_property
    def _templates(self) -> "Sandbox":
        return _sandbox(self._overrides)

    @cached_property
    def _built_in(self) -> "Sandbox | None":
        return None if self._overrides is None else _sandbox(None)

    @cached_property
    def _inliner(self) -> "CSSInliner":
        from css_inline import CSSInliner

        return CSSInliner(keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False)

    def render(self, notice: Notice) -> Rendered:
        """Never fails: a broken template gives way to the built-in ones, and those to plain fields."""
        return self._safely(notice, [notice])

    def render_digest(self, digest: Digest) -> Rendered:
        """Many notices as one message; never fails either."""
        return self._safely(digest, digest.lines)

    def proof(self, subject: Notice | Digest) -> tuple[Frame, Rendered]:
        """What the templates in force make of it, and what they could name; raises RenderingError."""
        rendered = self._rendered(self._templates, subject, broken=None)
        return draft(self._templates, subject).context, rendered

    def _safely(self, about: Notice | Digest, notices: Sequence[Notice]) -> Rendered:
        try:
            return self._rendered(self._templates, about, broken=None)
        except RenderingError as failed:
            problem = _fault(failed.error)
        told = log.bind(delivery=notices[0].delivery_id)
        if self._built_in is not None:
            told.warning("template.broken", problem=problem)
            try:
                return self._rendered(self._built_in, about, broken=problem)
            except RenderingError as failed:
                problem = _fault(failed.error)
        told.error("rendering.failed", problem=problem)
        return _last_resort(notices, problem)

    def _rendered(self, templates: "Sandbox", about: Notice | Digest, *, broken: str | None) -> Rendered:
        try:
            return self._worded(templates, about, broken)
        except Exception as error:
            # A template may be anybody's: whatever it does, the page goes out.
            raise RenderingError(error) from error

    def _worded(self, templates: "Sandbox", about: Notice | Digest, broken: str | None) -> Rendered:
        drafted = draft(templates, about)
        context = replace(drafted.context, broken_template=broken and plain(broken, 500))

        def part(name: str, escape: Escape) -> str:
            candidates = [f"{drafted.folder}/{name}", f"shared/{name}"]
            return templates.rendered(candidates, names(escaped(context, escape)))

        return Rendered(
            summary=context.headline,
            subject=drafted.subject,
            preheader=context.preheader,
            text=_tidy(part("body.txt", str)),
            html=self._inliner.inline(part("body.html", html)),
            slack=payload(
                slack(context.headline), _tidy(part("slack.txt", slack)), context.colour, drafted.where
            ),
            slack_chart=drafted.chart,
        )


def _sandbox(overrides: Path | None) -> "Sandbox":
    from notifications.template_sandbox import sandbox

    return sandbox(overrides)


def _fault(error: Exception) -> str:
    from notifications.template_sandbox import fault

    return fault(error)


def _tidy(text: str) -> str:
    return re.sub(r"\n\s*\n\s*\n", "\n\n", text).strip() + "\n"


def _last_resort(notices: Sequence[Notice], problem: str) -> Rendered:
    summary, text = last_resort.summary(notices), last_resort.text(notices, problem)
    return Rendered(
        summary=summary,
        subject=f"{summary} [alert {notices[0].alert_id}]",
        preheader=summary,
        text=text,
        html=f"<pre>{html(text)}</pre>",
        slack={"text": slack(summary), "blocks": [], "attachments": []},
    )
