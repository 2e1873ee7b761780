"""The buttons under a Slack message; who presses one is heard by `tocsin buttons`."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Button(StrEnum):
    """The buttons under a message, by the ids of their actions; the value of each is the alert's number."""

    ACKNOWLEDGE = "tocsin_acknowledge"
    SILENCE_1H = "tocsin_silence_1h"


LABELS = {Button.ACKNOWLEDGE: "Acknowledge", Button.SILENCE_1H: "Silence 1 h"}


@dataclass(frozen=True, slots=True)
class Answerable:
    """An open alert that people may answer; `taken` says that somebody has it already."""

    alert_id: int
    taken: bool


def actions(alert: Answerable) -> dict[str, Any]:
    """The block of buttons; what somebody has taken is not offered to be taken."""
    offered = [button for button in Button if not (alert.taken and button is Button.ACKNOWLEDGE)]
    return {"type": "actions", "elements": [_button(button, alert.alert_id) for button in offered]}


def _button(button: Button, alert_id: int) -> dict[str, Any]:
    drawn = {
        "type": "button",
        "text": {"type": "plain_text", "text": LABELS[button], "emoji": False},
        "action_id": button.value,
        "value": str(alert_id),
    }
    return drawn | ({"style": "primary"} if button is Button.ACKNOWLEDGE else {})
