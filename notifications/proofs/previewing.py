"""A rendered message as somebody would see it: a page for mail and for Slack, text for the rest."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from notifications.channels.base import Message
from notifications.channels.mail import CHART
from notifications.channels.slack_message import bodies
from notifications.digest import Digest
from notifications.notice import Notice
from notifications.pictures import picture
from notifications.rendering import Rendered
from notifications.slack_page import message, page

CHANNELS = ("email", "slack", "text")


def preview(subject: Notice | Digest, rendered: Rendered, channel: str, at: str = "") -> str:
    """The page, or the text, of one of CHANNELS; `at` is when it came, in words. A page fetches nothing."""
    if channel == "slack":
        return page(rendered.summary, [message(as_sent(subject, rendered), at)])
    if channel == "email":
        return _with_chart(subject, rendered.html)
    return f"Subject: {rendered.subject}\n\n{rendered.text}"


def as_sent(subject: Notice | Digest, rendered: Rendered) -> Mapping[str, Any]:
    """What a bot sends to Slack at its first try, where somebody listens to the buttons."""
    if isinstance(subject, Digest):
        letter = Message.gathered(subject, rendered)
    else:
        letter = Message.of(subject, rendered)
    return next(bodies(letter, charts=True, buttons=True)).content


def _with_chart(subject: Notice | Digest, html: str) -> str:
    """The page with its chart in it, which in a mail is a part beside it."""
    chart = picture(subject) if isinstance(subject, Notice) and CHART in html else None
    if chart is None:
        return html
    return html.replace(CHART, f"data:image/png;base64,{b64encode(chart).decode()}")
