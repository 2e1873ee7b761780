"""What the stand-in refuses: the first rule that a message breaks, by Slack's name for it."""

from typing import Any

from notifications.slack_rules import broken


def refusal(message: dict[str, Any]) -> str | None:
    """Slack's name for what is wrong with a message, None if nothing is."""
    return next((one.error for one in broken(message)), None)


def has_chart(message: dict[str, Any]) -> bool:
    """Whether there is a block in it that not every workspace takes."""
    return any(block.get("type") == "data_visualization" for block in message.get("blocks") or [])
