"""The bodies that both Slack channels send: the layout in blocks, and plain text when Slack refuses it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from notifications.channels.base import Edit, Message
from notifications.escaping import cut, slack
from notifications.slack_buttons import actions
from notifications.slack_limits import Block

PLAIN = 3500

# What Slack answers when it is the layout that it does not like, and plain text would still get through.
REFUSED_LAYOUT = frozenset(
    {
        "invalid_blocks",
        "invalid_blocks_format",
        "invalid_attachments",
        "invalid_payload",
        "msg_blocks_too_long",
        "msg_too_long",
        "too_many_attachments",
    }
)


@dataclass(frozen=True, slots=True)
class Body:
    """A message as it is sent; `charted` says that it has a block which not every workspace takes."""

    content: Mapping[str, object]
    charted: bool = False


def bodies(message: Message | Edit, *, charts: bool, buttons: bool = False) -> Iterator[Body]:
    """What is sent, one after the other while Slack refuses the layout: at last the plain text."""
    chart = message.rendered.slack_chart
    if message.rendered.slack.get("blocks"):
        if charts and chart is not None:
            yield Body(_layout(message, [chart], buttons=buttons), charted=True)
        yield Body(_layout(message, [], buttons=buttons))
    yield Body(plain_layout(message))


def chart_refused(sent: Sequence[Body]) -> bool:
    """Whether of the bodies that were sent the last got through because it had no chart any more."""
    return len(sent) == 2 and sent[0].charted


def _layout(message: Message | Edit, chart: Sequence[Block], *, buttons: bool) -> dict[str, object]:
    """The message in blocks; buttons and chart stand above the coloured bar, where a phone shows them."""
    answerable = message.answerable if buttons else None
    added = [*([actions(answerable)] if answerable else []), *chart]
    slack = message.rendered.slack
    return {**slack, "blocks": [*slack["blocks"], *added], "unfurl_links": False, "unfurl_media": False}


def plain_layout(message: Message | Edit) -> dict[str, object]:
    """The whole text as it would stand in a mail, in a block of code so that nothing in it takes effect."""
    text = cut(slack(message.rendered.text.strip()), PLAIN, message.where)
    return {
        "text": f"```\n{text}\n```",
        "mrkdwn": True,
        "unfurl_links": False,
        "unfurl_media": False,
    }
