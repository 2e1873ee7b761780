"""What somebody pressed under a message, read from the envelope in which Slack sends it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, SecretStr, ValidationError

from notifications.escaping import plain
from notifications.slack_buttons import Button

NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a button by one person.

    `answer_url` takes answers for half an hour and needs no token, so it is a secret. `thread` is the ts of
    the incident's first message.
    """

    button: Button
    alert_id: int
    user_id: str
    user_name: str
    answer_url: SecretStr
    thread: str | None = None

    @property
    def who(self) -> str:
        """The person as they are written down: `ada (Slack U012AB3CD)`."""
        return f"{self.user_name} (Slack {self.user_id})" if self.user_name else f"Slack {self.user_id}"


def press(envelope: Mapping[str, Any]) -> Press | None:
    """The press that an envelope tells of; None for whatever else Slack sends, such as a click on a link."""
    if envelope.get("type") != "interactive":
        return None
    try:
        payload = _Payload.model_validate(envelope.get("payload"))
    except ValidationError:
        return None
    ours = next((action for action in payload.actions if action.action_id in set(Button)), None)
    if ours is None or ours.value is None:
        return None
    return Press(
        button=Button(ours.action_id),
        alert_id=ours.value,
        user_id=plain(payload.user.id, NAME),
        user_name=plain(payload.user.username or payload.user.name, NAME),
        answer_url=payload.response_url,
        thread=payload.container.thread_ts or payload.container.message_ts,
    )


class _User(BaseModel):
    id: str = Field(min_length=1)
    username: str = ""
    name: str = ""


class _Container(BaseModel):
    message_ts: str | None = None
    thread_ts: str | None = None


class _Action(BaseModel):
    action_id: str
    value: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class _Payload(BaseModel):
    """A payload of `block_actions`, as far as we need it."""

    type: Literal["block_actions"]
    user: _User
    actions: list[_Action]
    response_url: SecretStr
    container: _Container = _Container()
