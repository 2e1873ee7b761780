"""Slack through an incoming webhook: nothing to set up but an address, and no threads."""

from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.webhook.async_client import AsyncWebhookClient

from notifications.channels.base import Message, Receipt
from notifications.channels.exchange import SILENT, Answer, answer_to
from notifications.channels.slack_message import REFUSED_LAYOUT, layout, plain_layout


class SlackWebhook:
    """Posts to the channel that the webhook was made for. The address is the password and is never shown."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url
        self._host = urlsplit(url.get_secret_value()).hostname or "the webhook"

    async def send(self, message: Message) -> Receipt:
        answer = await self._post(layout(message))
        if answer.status == 400 and answer.text in REFUSED_LAYOUT:
            answer = await self._post(plain_layout(message))
        # A proxy's page is a 200 as well; only Slack says ok.
        if answer.status == 200 and answer.text == "ok":
            return Receipt(None, "200 ok")
        raise answer.refusal(self._host, self._url)

    async def _post(self, body: dict[str, object]) -> Answer:
        async def post(session: aiohttp.ClientSession) -> None:
            client = AsyncWebhookClient(
                self._url.get_secret_value(), session=session, retry_handlers=[], logger=SILENT
            )
            client.proxy = None  # the client took it from the environment, which only settings may read
            await client.send_dict(body)

        return await answer_to(post, self._host)
