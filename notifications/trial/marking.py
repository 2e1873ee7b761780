"""Makes a message that says of itself, on its first line too, that it is a test or a replay."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.channels.base import Message
from notifications.escaping import slack
from notifications.notice import Notice
from notifications.rendering import Rendered, Renderer
from notifications.slack_limits import FALLBACK


@dataclass(frozen=True, slots=True)
class Mark:
    """What a message is, in a word for the first line, and in a sentence above everything else."""

    word: str
    sentence: str

    @classmethod
    def test(cls, destination: str, by: str) -> "Mark":
        return cls("TEST", f"This is a test of the destination {destination} by {by}: nothing is wrong.")

    @classmethod
    def replay(cls, delivery: int, destination: str, by: str) -> "Mark":
        first = f"This is delivery {delivery} again, which was for {destination}, sent by {by}"
        return cls("REPLAY", f"{first}: nothing has happened since.")


def letter(notice: Notice, mark: Mark, renderer: Renderer, recipient: str) -> Message:
    """The message that carries a marked notice; it belongs to no thread, and nothing in it can be taken."""
    marked = replace(notice, notes=(mark.sentence, *notice.notes), acknowledge=None)
    key = f"{mark.word.lower()}-{uuid4().hex}"
    return Message(
        delivery_id=notice.delivery_id,
        key=key,
        incident_key=key,
        notice=marked,
        rendered=_first(mark.word, renderer.render(marked)),
        recipient=recipient,
    )


def made_up_notice(host: str, now: datetime) -> Notice:
    """An alert that does not exist, made up for a test."""
    return Notice(
        delivery_id=0,
        alert_id=0,
        incident_id=0,
        kind=EventKind.OPENED,
        severity=Severity.WARNING,
        host=host,
        component="cpu",
        rule="test",
        metric="cpu_percent",
        unit="%",
        value=75.0,
        threshold=70.0,
        message="An example of an alert, with made-up figures.",
        reason="somebody tries out whether messages arrive",
        at=now,
        opened_at=now,
        breach_since=now,
    )


def _first(word: str, rendered: Rendered) -> Rendered:
    return replace(
        rendered,
        summary=f"{word} {rendered.summary}",
        subject=f"{word} {rendered.subject}",
        preheader=f"{word} {rendered.preheader}",
        text=f"{word} {rendered.text}",
        slack=_slack(word, rendered.slack),
    )


def _slack(word: str, sent: dict[str, Any]) -> dict[str, Any]:
    if not sent.get("blocks"):
        return sent
    on_top = {"type": "header", "text": {"type": "plain_text", "text": slack(word), "emoji": False}}
    return {**sent, "text": f"{word} {sent['text']}"[:FALLBACK], "blocks": [on_top, *sent["blocks"]]}
