"""Puts a notice into words: a summary, a subject, a text, a page of HTML and a Slack message."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import css_inline
import structlog
from jinja2 import TemplateSyntaxError

from domain.severity import Severity
from notifications import last_resort
from notifications.escaping import html, plain, slack
from notifications.notice import Notice
from notifications.placeholders import NAME, Escape, is_over, is_taken, placeholders, show_command
from notifications.slack_blocks import payload
from notifications.template_sandbox import Sandbox, sandbox

LOCK_SCREEN = 120
_WIDTHS = (NAME, 64, 44, 32, 24, 16, 10)
_COLOURS = {Severity.WARNING: "#8f5b00", Severity.CRITICAL: "#b3261e"}
_OVER, _TAKEN = "#1b6e3c", "#1a5fb4"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Rendered:
    """One notice in every form that a channel may need; everything in it is safe to show as it is.

    `summary` is one line whose first 120 characters say how bad, where, how much and since when; `slack`
    holds `text`, `blocks` and `attachments` as chat.postMessage takes them, within Slack's limits.
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
        self._templates = sandbox(overrides)
        self._built_in = sandbox(None)
        self._inliner = css_inline.CSSInliner(
            keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
        )

    def render(self, notice: Notice) -> Rendered:
        """Never fails: a broken template gives way to the built-in ones, and those to plain fields."""
        try:
            return self._render(self._templates, notice, broken=None)
        except Exception as error:  # noqa: BLE001 - whatever a template does, the page goes out
            problem = self._problem(error)
        if self._overrides is None:
            log.error("rendering_failed", problem=problem, delivery_id=notice.delivery_id)
            return _last_resort(notice, problem)
        log.warning("template_broken", problem=problem, delivery_id=notice.delivery_id)
        return self._with_built_in(notice, problem)

    def _with_built_in(self, notice: Notice, broken: str) -> Rendered:
        try:
            return self._render(self._built_in, notice, broken=broken)
        except Exception as error:  # noqa: BLE001 - the same, for our own templates
            problem = self._problem(error)
        log.error("rendering_failed", problem=problem, delivery_id=notice.delivery_id)
        return _last_resort(notice, problem)

    def _render(self, templates: Sandbox, notice: Notice, broken: str | None) -> Rendered:
        summary = _summary(templates, notice)
        colour = _colour(notice)

        def part(name: str, escape: Escape) -> str:
            words = placeholders(notice, escape) | {
                "kind": notice.kind.value,
                "headline": escape(summary),
                "colour": colour,
                "broken_template": broken and escape(plain(broken, 500)),
            }
            return templates.rendered([f"{notice.kind.value}/{name}", f"shared/{name}"], words)

        return Rendered(
            summary=summary,
            subject=f"{summary} [alert {notice.alert_id}]",
            text=_tidy(part("body.txt", str)),
            html=self._inliner.inline(part("body.html", html)),
            slack=payload(slack(summary), _tidy(part("slack.txt", slack)), colour, show_command(notice)),
        )

    def _problem(self, error: Exception) -> str:
        """What is wrong and in which line of which template, in one sentence."""
        place = ""
        if isinstance(error, TemplateSyntaxError):
            place = f"{error.name}, line {error.lineno}: "
        else:
            place = self._place(error)
        return f"{place}{type(error).__name__}: {plain(str(error), 300)}"

    def _place(self, error: Exception) -> str:
        """The innermost line of a template that the error passed through, if it passed through any."""
        place, step = "", error.__traceback__
        while step is not None:
            filename = Path(step.tb_frame.f_code.co_filename)
            if filename.suffix in {".txt", ".html"}:
                place = f"{filename.parent.name}/{filename.name}, line {step.tb_lineno}: "
            step = step.tb_next
        return place


def _colour(notice: Notice) -> str:
    if is_over(notice):
        return _OVER
    return _TAKEN if is_taken(notice) else _COLOURS[notice.severity]


def _summary(templates: Sandbox, notice: Notice) -> str:
    """The subject's words with names just short enough for a lock screen."""
    names = [f"{notice.kind.value}/subject.txt", "shared/subject.txt"]
    for width in _WIDTHS:
        words = placeholders(notice, str, width=width)
        summary = plain(templates.rendered(names, words), 2 * LOCK_SCREEN)
        if len(summary) <= LOCK_SCREEN:
            break
    return summary


def _tidy(text: str) -> str:
    return re.sub(r"\n\s*\n\s*\n", "\n\n", text).strip() + "\n"


def _last_resort(notice: Notice, problem: str) -> Rendered:
    summary, text = last_resort.summary(notice), last_resort.text(notice, problem)
    return Rendered(
        summary=summary,
        subject=f"{summary} [alert {notice.alert_id}]",
        text=text,
        html=f"<pre>{html(text)}</pre>",
        slack={"text": slack(summary), "blocks": [], "attachments": []},
    )
