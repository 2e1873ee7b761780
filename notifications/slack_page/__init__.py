"""A Slack message as a page of HTML that follows Slack's layout, for whoever changes what messages say.

It is a likeness, not Slack: widths and fonts differ by client. What it shows is what Slack would make of the
text: what is bold, what is code, what is a link, and what stands beside the coloured bar.
"""

from notifications.slack_page.blocks import KINDS, UnknownBlockError
from notifications.slack_page.page import message, page

__all__ = ["KINDS", "UnknownBlockError", "message", "page"]
