"""Puts a notice into words: a summary, a subject, a text, a page of HTML and a Slack message."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import structlog

from domain.severity import Severity
from notifications import last_resort
from notifications.context import Escape, Frame, escaped, names
from notifications.digest import Digest
from notifications.digest_placeholders import LIST_COMMAND, digest_placeholders
from notifications.escaping import html, plain, slack
from notifications.notice import Notice
from notifications.placeholders import placeholders
from notifications.slack_blocks import payload
from notifications.slack_charts import slack_chart
from notifications.wording import NAME, is_over, is_taken, show_command

if TYPE_CHECKING:
    from css_inline import CSSInliner

    from notifications.template_sandbox import Sandbox

# A phone shows a mail's subject and the beginning of its text, together as long as the one line of Slack.
LOCK_SCREEN, CONVERSATION = 120, 60
_WIDTHS = (NAME, 64, 44, 32, 24, 20, 16, 10)
_COLOURS = {Severity.WARNING: "#8f5b00", Severity.CRITICAL: "#b3261e"}
_OVER, _TAKEN = "#1b6e3c", "#1a5fb4"

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


@dataclass(frozen=True, slots=True)
class _Draft:
    """What is to be rendered: in which folder its templates are looked for first, and what they may name."""

    folder: str
    context: Frame
    subject: str
    where: str
    chart: dict[str, Any] | None = None


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
        return self._safely(lambda templates: _one(templates, notice), [notice])

    def render_digest(self, digest: Digest) -> Rendered:
        """Many notices as one message; never fails either."""
        return self._safely(lambda templates: _many(templates, digest), digest.lines)

    def proof(self, subject: Notice | Digest) -> tuple[Frame, Rendered]:
        """What the templates in force make of it, and what they could name; raises whatever one runs into."""

        def draft(templates: "Sandbox") -> _Draft:
            return _many(templates, subject) if isinstance(subject, Digest) else _one(templates, subject)

        return draft(self._templates).context, self._rendered(self._templates, draft, broken=None)

    def _safely(self, draft: Callable[["Sandbox"], _Draft], notices: Sequence[Notice]) -> Rendered:
        try:
            return self._rendered(self._templates, draft, broken=None)
        except Exception as error:  # noqa: BLE001 - whatever a template does, the page goes out
            problem = _fault(error)
        told = log.bind(delivery=notices[0].delivery_id)
        if self._built_in is not None:
            told.warning("template.broken", problem=problem)
            try:
                return self._rendered(self._built_in, draft, broken=problem)
            except Exception as error:  # noqa: BLE001 - the same, for our own templates
                problem = _fault(error)
        told.error("rendering.failed", problem=problem)
        return _last_resort(notices, problem)

    def _rendered(
        self, templates: "Sandbox", drafted: Callable[["Sandbox"], _Draft], broken: str | None
    ) -> Rendered:
        draft = drafted(templates)
        context = replace(draft.context, broken_template=broken and plain(broken, 500))

        def part(name: str, escape: Escape) -> str:
            candidates = [f"{draft.folder}/{name}", f"shared/{name}"]
            return templates.rendered(candidates, names(escaped(context, escape)))

        return Rendered(
            summary=context.headline,
            subject=draft.subject,
            preheader=context.preheader,
            text=_tidy(part("body.txt", str)),
            html=self._inliner.inline(part("body.html", html)),
            slack=payload(
                slack(context.headline), _tidy(part("slack.txt", slack)), context.colour, draft.where
            ),
            slack_chart=draft.chart,
        )


def _sandbox(overrides: Path | None) -> "Sandbox":
    from notifications.template_sandbox import sandbox

    return sandbox(overrides)


def _fault(error: Exception) -> str:
    from notifications.template_sandbox import fault

    return fault(error)


def _one(templates: "Sandbox", notice: Notice) -> _Draft:
    brief = templates.rendered(_subjects(notice), names(placeholders(notice, brief=True)))
    return _Draft(
        folder=notice.kind.value,
        context=replace(
            placeholders(notice),
            headline=_summary(templates, notice),
            preheader=plain(brief, 2 * LOCK_SCREEN),
            colour=colour(notice.severity, over=is_over(notice), taken=is_taken(notice)),
        ),
        subject=_conversation(templates, notice),
        where=show_command(notice),
        chart=slack_chart(notice),
    )


def _many(templates: "Sandbox", digest: Digest) -> _Draft:
    subjects = [_summary(templates, notice) for notice in digest.lines]
    summary = _short(
        lambda width: templates.rendered(
            ["digest/subject.txt"], names(digest_placeholders(digest, subjects, width=width))
        ),
        LOCK_SCREEN,
    )
    return _Draft(
        folder="digest",
        context=replace(
            digest_placeholders(digest, subjects),
            headline=summary,
            preheader=summary,
            colour=_OVER if digest.over else _COLOURS[digest.severity],
        ),
        subject=f"{summary} [digest {digest.digest_id}]",
        where=LIST_COMMAND,
    )


def colour(severity: Severity, *, over: bool, taken: bool) -> str:
    """The colour, as `#rrggbb`, of an alert that is over, that somebody has taken, or that waits."""
    if over:
        return _OVER
    return _TAKEN if taken else _COLOURS[severity]


def _subjects(notice: Notice) -> list[str]:
    return [f"{notice.kind.value}/subject.txt", "shared/subject.txt"]


def _summary(templates: "Sandbox", notice: Notice) -> str:
    subjects = _subjects(notice)
    return _short(
        lambda width: templates.rendered(subjects, names(placeholders(notice, width=width))), LOCK_SCREEN
    )


def _conversation(templates: "Sandbox", notice: Notice) -> str:
    """The subject of every mail of the incident: Gmail keeps together only what has the same one."""
    template = ["shared/conversation.txt"]
    return _short(
        lambda width: templates.rendered(template, names(placeholders(notice, width=width))), CONVERSATION
    )


def _short(worded: Callable[[int], str], limit: int) -> str:
    """One line of at most `limit` characters, `worded` with names just short enough for it."""
    for width in _WIDTHS:
        line = plain(worded(width), 2 * LOCK_SCREEN)
        if len(line) <= limit:
            break
    return line


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
