"""The limits of the places where messages are read: lock screens, Gmail, Slack."""

from collections.abc import Iterator

from notifications.context import Context, Frame
from notifications.drafts import LOCK_SCREEN
from notifications.rendering import Rendered
from notifications.slack_limits import BLOCKS, SPARE_BLOCKS, SPARE_ROOM, TOTAL, size
from notifications.slack_rules import broken

# Gmail shows so many bytes of a page, then "[Message clipped]".
GMAIL = 102 * 1024
SUBJECT = 250
CUT = "(cut; full text:"

Problem = tuple[str, str, str]


def problems(context: Frame, rendered: Rendered) -> Iterator[Problem]:
    """Each limit that a message breaks: the file to blame, what is wrong, and what to do."""
    yield from _first_line(context, rendered)
    length = len(rendered.html.encode())
    if length > GMAIL:
        yield "body.html", f"the page has {length // 1024} kB, and Gmail cuts it after 102", "say less"
    if len(rendered.subject) > SUBJECT:
        yield "subject.txt", f"the subject has {len(rendered.subject)} characters", f"say it in {SUBJECT}"
    yield from _slack(rendered)


def _first_line(context: Frame, rendered: Rendered) -> Iterator[Problem]:
    longer = len(rendered.summary) - LOCK_SCREEN
    if longer > 0:
        yield "subject.txt", f"the first line is {longer} characters longer than a lock screen", "say less"
    seen = rendered.summary[:LOCK_SCREEN]
    for name in ("severity", "host", "component", "value") if isinstance(context, Context) else ("severity",):
        if not _said(getattr(context, name), seen, context):
            yield "subject.txt", f"the first {LOCK_SCREEN} characters lack the {name}", "say it there"


def _said(fact: str, line: str, context: Frame) -> bool:
    """Whether a line says a fact; long names are cut in the middle, and what is over says RESOLVED."""
    if fact in line or fact[:5] in line:
        return True
    return fact == context.severity and getattr(context, "over", False) and "RESOLVED" in line


def _slack(rendered: Rendered) -> Iterator[Problem]:
    blocks = [*rendered.slack.get("blocks", [])]
    for attachment in rendered.slack.get("attachments", []):
        blocks += attachment.get("blocks", [])
    if len(blocks) > BLOCKS - SPARE_BLOCKS or sum(map(size, blocks)) > TOTAL - SPARE_ROOM:
        yield "slack.txt", "it is larger than Slack takes", "say less"
    yield from (("slack.txt", one.words, "Slack would refuse it") for one in broken(rendered.slack))
    if CUT in str(rendered.slack) and CUT not in rendered.text:
        yield "slack.txt", "parts of it are cut, because Slack takes no more", "say less, or say it in fields"
