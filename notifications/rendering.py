"""Puts a notice into words: a summary, a subject, a text, a page of HTML and a Slack message."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import css_inline
import structlog

from domain.severity import Severity
from notifications import last_resort
from notifications.digest import Digest
from notifications.digest_placeholders import LIST_COMMAND, digest_placeholders
from notifications.escaping import html, plain, slack
from notifications.notice import Notice
from notifications.placeholders import NAME, Escape, is_over, is_taken, placeholders, show_command
from notifications.slack_blocks import payload
from notifications.template_sandbox import Sandbox, fault, sandbox

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


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is to be rendered: in which folder its templates are looked for first, and what they may name."""

    folder: str
    words: Callable[[Escape], dict[str, Any]]
    summary: str
    subject: str
    colour: str
    where: str


class Renderer:
    """Renders notices; templates in `overrides` go before the built-in ones of the same name."""

    def __init__(self, overrides: Path | None = None) -> None:
        self._templates = sandbox(overrides)
        self._built_in = None if overrides is None else sandbox(None)
        self._inliner = css_inline.CSSInliner(
            keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
        )

    def render(self, notice: Notice) -> Rendered:
        """Never fails: a broken template gives way to the built-in ones, and those to plain fields."""
        return self._safely(lambda templates: _one(templates, notice), [notice])

    def render_digest(self, digest: Digest) -> Rendered:
        """Many notices as one message; never fails either."""
        return self._safely(lambda templates: _many(templates, digest), digest.lines)

    def _safely(self, draft: Callable[[Sandbox], _Draft], notices: Sequence[Notice]) -> Rendered:
        try:
            return self._rendered(self._templates, draft, broken=None)
        except Exception as error:  # noqa: BLE001 - whatever a template does, the page goes out
            problem = fault(error)
        told = log.bind(delivery_id=notices[0].delivery_id)
        if self._built_in is not None:
            told.warning("template_broken", problem=problem)
            try:
                return self._rendered(self._built_in, draft, broken=problem)
            except Exception as error:  # noqa: BLE001 - the same, for our own templates
                problem = fault(error)
        told.error("rendering_failed", problem=problem)
        return _last_resort(notices, problem)

    def _rendered(
        self, templates: Sandbox, drafted: Callable[[Sandbox], _Draft], broken: str | None
    ) -> Rendered:
        draft = drafted(templates)

        def part(name: str, escape: Escape) -> str:
            words = draft.words(escape) | {
                "headline": escape(draft.summary),
                "colour": draft.colour,
                "broken_template": broken and escape(plain(broken, 500)),
            }
            return templates.rendered([f"{draft.folder}/{name}", f"shared/{name}"], words)

        return Rendered(
            summary=draft.summary,
            subject=draft.subject,
            text=_tidy(part("body.txt", str)),
            html=self._inliner.inline(part("body.html", html)),
            slack=payload(slack(draft.summary), _tidy(part("slack.txt", slack)), draft.colour, draft.where),
        )


def _one(templates: Sandbox, notice: Notice) -> _Draft:
    summary, kind = _summary(templates, notice), notice.kind.value
    return _Draft(
        folder=kind,
        words=lambda escape: placeholders(notice, escape) | {"kind": kind},
        summary=summary,
        subject=f"{summary} [alert {notice.alert_id}]",
        colour=colour(notice.severity, over=is_over(notice), taken=is_taken(notice)),
        where=show_command(notice),
    )


def _many(templates: Sandbox, digest: Digest) -> _Draft:
    subjects = [_summary(templates, notice) for notice in digest.lines]
    summary = _short(
        lambda width: templates.rendered(
            ["digest/subject.txt"], digest_placeholders(digest, subjects, str, width=width)
        )
    )
    return _Draft(
        folder="digest",
        words=lambda escape: digest_placeholders(digest, subjects, escape),
        summary=summary,
        subject=f"{summary} [digest {digest.digest_id}]",
        colour=_OVER if digest.over else _COLOURS[digest.severity],
        where=LIST_COMMAND,
    )


def colour(severity: Severity, *, over: bool, taken: bool) -> str:
    """The colour, as `#rrggbb`, of an alert that is over, that somebody has taken, or that waits."""
    if over:
        return _OVER
    return _TAKEN if taken else _COLOURS[severity]


def _summary(templates: Sandbox, notice: Notice) -> str:
    names = [f"{notice.kind.value}/subject.txt", "shared/subject.txt"]
    return _short(lambda width: templates.rendered(names, placeholders(notice, str, width=width)))


def _short(worded: Callable[[int], str]) -> str:
    """One line for a lock screen, `worded` with names just short enough for it."""
    for width in _WIDTHS:
        summary = plain(worded(width), 2 * LOCK_SCREEN)
        if len(summary) <= LOCK_SCREEN:
            break
    return summary


def _tidy(text: str) -> str:
    return re.sub(r"\n\s*\n\s*\n", "\n\n", text).strip() + "\n"


def _last_resort(notices: Sequence[Notice], problem: str) -> Rendered:
    summary, text = last_resort.summary(notices), last_resort.text(notices, problem)
    return Rendered(
        summary=summary,
        subject=f"{summary} [alert {notices[0].alert_id}]",
        text=text,
        html=f"<pre>{html(text)}</pre>",
        slack={"text": slack(summary), "blocks": [], "attachments": []},
    )
