"""What is to be put into words: which templates, what they may name, and the lines that must be short."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from notifications.colours import colour
from notifications.context import Frame, names
from notifications.digest import Digest
from notifications.digest_placeholders import LIST_COMMAND, digest_placeholders
from notifications.escaping import plain
from notifications.notice import Notice
from notifications.placeholders import placeholders
from notifications.slack_charts import slack_chart
from notifications.wording import NAME, is_over, is_taken, show_command

if TYPE_CHECKING:
    from notifications.template_sandbox import Sandbox

# A phone shows a mail's subject and the beginning of its text, together as long as the one line of Slack.
LOCK_SCREEN, CONVERSATION = 120, 60
_WIDTHS = (NAME, 64, 44, 32, 24, 20, 16, 10)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be rendered: in which folder its templates are looked for first, and what they may name."""

    folder: str
    context: Frame
    subject: str
    where: str
    chart: dict[str, Any] | None = None


def draft(templates: "Sandbox", about: Notice | Digest) -> Draft:
    """The draft of one message; raises whatever a template runs into."""
    return _of_digest(templates, about) if isinstance(about, Digest) else _of_notice(templates, about)


def _of_notice(templates: "Sandbox", notice: Notice) -> Draft:
    brief = templates.rendered(_subjects(notice), names(placeholders(notice, brief=True)))
    return Draft(
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


def _of_digest(templates: "Sandbox", digest: Digest) -> Draft:
    subjects = [_summary(templates, notice) for notice in digest.lines]
    summary = _short(
        lambda width: templates.rendered(
            ["digest/subject.txt"], names(digest_placeholders(digest, subjects, width=width))
        ),
        LOCK_SCREEN,
    )
    return Draft(
        folder="digest",
        context=replace(
            digest_placeholders(digest, subjects),
            headline=summary,
            preheader=summary,
            colour=colour(digest.severity, over=digest.over),
        ),
        subject=f"{summary} [digest {digest.digest_id}]",
        where=LIST_COMMAND,
    )


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
