"""Slack through a bot token: any channel, one thread for each incident, and messages that can be edited."""

import json
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.web.async_client import AsyncWebClient

from domain.alerts import EventKind
from notifications.channels.base import DeliveryError, Edit, Message, Receipt
from notifications.channels.exchange import SILENT, Answer, answer_to
from notifications.channels.slack_message import REFUSED_LAYOUT, bodies, chart_refused
from notifications.escaping import plain

API = "https://slack.com/api/"

# A reply in a thread rings at nobody's desk, so all but these are shown in the channel as well.
QUIET = frozenset({EventKind.EASED, EventKind.ACKNOWLEDGED, EventKind.NOTED})

# Errors of Slack's methods that stay until somebody changes something. Everything else is
# tried again: an unknown error that is temporary costs a few requests, the other way round it costs a page.
PERMANENT = REFUSED_LAYOUT | {
    "access_denied",
    "account_inactive",
    "cant_update_message",
    "channel_not_found",
    "edit_window_closed",
    "ekm_access_denied",
    "enterprise_is_restricted",
    "invalid_arguments",
    "invalid_auth",
    "is_archived",
    "message_not_found",
    "missing_scope",
    "no_permission",
    "no_text",
    "not_allowed_token_type",
    "not_authed",
    "not_in_channel",
    "org_login_required",
    "restricted_action",
    "restricted_action_read_only_channel",
    "restricted_action_thread_locked",
    "team_access_not_granted",
    "token_expired",
    "token_revoked",
    "two_factor_setup_required",
}


class SlackBot:
    """Posts to `channel`, or to the recipient that a message names; a receipt carries the message's ts.

    With `buttons` an open alert can be answered there, as somebody listens to who presses them.
    """

    def __init__(self, token: SecretStr, channel: str, api_url: str = API, *, buttons: bool = False) -> None:
        self._token = token
        self._channel = channel
        self._api_url = api_url
        self._buttons = buttons
        self._charts = True
        self._host = urlsplit(api_url).hostname or "Slack"

    async def send(self, message: Message) -> Receipt:
        said = await self._shown("chat.postMessage", message, self._place(message))
        place = said.get("channel")
        return Receipt(said["ts"], _outcome(message, said), place if isinstance(place, str) else None)

    async def identity(self) -> str:
        """Who Slack takes the token for, as `tocsin in Example Inc`; raises DeliveryError."""
        answer = await self._call("auth.test", {})
        said = said_in(answer)
        if said.get("ok") is not True:
            raise self._refusal(answer, said)
        return plain(f"{said.get('user')} in {said.get('team')}", 200)

    async def edit(self, edit: Edit) -> Receipt:
        # Slack keeps what is left out, as the blocks above a plain text, and takes `parse` for something else
        # than in a post.
        place = {"channel": edit.place, "ts": edit.provider_id, "parse": "none"}
        said = await self._shown("chat.update", edit, {**place, "blocks": [], "attachments": []})
        return Receipt(said["ts"], "200 ok", edit.place)

    async def _shown(self, method: str, message: Message | Edit, place: dict[str, object]) -> dict[str, Any]:
        """What Slack said when it took the message, in a simpler form where it does not like the layout."""
        sent = []
        for body in bodies(message, charts=self._charts, buttons=self._buttons):
            sent.append(body)
            answer = await self._call(method, {**place, **body.content})
            said = said_in(answer)
            if said.get("error") not in REFUSED_LAYOUT:
                self._charts &= not chart_refused(sent)
                break
        if answer.status == 200 and said.get("ok") is True and isinstance(said.get("ts"), str):
            return said
        raise self._refusal(answer, said)

    def _place(self, message: Message) -> dict[str, object]:
        place: dict[str, object] = {
            "channel": message.recipient or self._channel,
            "metadata": {"event_type": "tocsin_delivery", "event_payload": {"key": message.key}},
        }
        if message.thread is not None:
            place |= {"thread_ts": message.thread, "reply_broadcast": message.kind not in QUIET}
        return place

    async def _call(self, method: str, body: dict[str, object]) -> Answer:
        async def post(session: aiohttp.ClientSession) -> None:
            client = AsyncWebClient(
                self._token.get_secret_value(),
                base_url=self._api_url,
                session=session,
                retry_handlers=[],
                logger=SILENT,
            )
            client.proxy = None  # the client took it from the environment, which only settings may read
            await client.api_call(method, json=body)

        return await answer_to(post, self._host)

    def _refusal(self, answer: Answer, said: dict[str, Any]) -> DeliveryError:
        error = said.get("error")
        if answer.status == 200 or error in PERMANENT:
            return answer.refusal(self._host, self._token, permanent=error in PERMANENT)
        return answer.refusal(self._host, self._token)


def said_in(answer: Answer) -> dict[str, Any]:
    """The answer's JSON object, empty for anything else."""
    try:
        said = json.loads(answer.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _outcome(message: Message, said: dict[str, Any]) -> str:
    """Slack posts outside the thread, without a word, when the thread's first message was deleted."""
    posted = said.get("message")
    threaded = isinstance(posted, dict) and posted.get("thread_ts")
    if message.thread is not None and not threaded:
        return "200 ok, outside the thread: its first message is gone"
    return "200 ok"
