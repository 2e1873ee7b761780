"""What was sent, as it is written down beside the delivery and read again."""

import re
from collections.abc import Mapping
from typing import Any

from notifications.rendering import Rendered

# Postgres stores neither in a document, and a page that cannot be written down would be sent again and again.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def written(sent: Rendered) -> dict[str, Any]:
    """All but the page of HTML, which is the largest part by far and says what the text says."""
    parts = {
        "summary": sent.summary,
        "subject": sent.subject,
        "preheader": sent.preheader,
        "text": sent.text,
        "slack": sent.slack,
        "slack_chart": sent.slack_chart,
    }
    return {name: _storable(part) for name, part in parts.items()}


def read(parts: Mapping[str, Any]) -> Rendered:
    """The same without the page; what another version left out is empty."""

    def text(name: str) -> str:
        return str(parts.get(name, ""))

    return Rendered(
        summary=text("summary"),
        subject=text("subject"),
        preheader=text("preheader"),
        text=text("text"),
        html="",
        slack=parts.get("slack") or {},
        slack_chart=parts.get("slack_chart"),
    )


def _storable(part: Any) -> Any:
    match part:
        case str():
            return _UNSTORABLE.sub("\ufffd", part)
        case list():
            return [_storable(item) for item in part]
        case dict():
            return {name: _storable(item) for name, item in part.items()}
        case _:
            return part
