"""The bodies that both Slack channels send: the layout in blocks, and plain text when Slack refuses it."""

from notifications.channels.base import Edit, Message
from notifications.escaping import cut, slack

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


def layout(message: Message | Edit) -> dict[str, object]:
    """The message in blocks, where rendering came as far as that."""
    if not message.rendered.slack.get("blocks"):
        return plain_layout(message)
    return {**message.rendered.slack, "unfurl_links": False, "unfurl_media": False}


def plain_layout(message: Message | Edit) -> dict[str, object]:
    """The whole text as it would stand in a mail, in a block of code so that nothing in it takes effect."""
    text = cut(slack(message.rendered.text.strip()), PLAIN, message.where)
    return {
        "text": f"```\n{text}\n```",
        "mrkdwn": True,
        "unfurl_links": False,
        "unfurl_media": False,
    }
