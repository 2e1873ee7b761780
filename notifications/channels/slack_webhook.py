"""Slack through an incoming webhook: nothing to set up but an address, and no threads."""

from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp
from pydantic import SecretStr
from slack_sdk.webhook.async_client import AsyncWebhookClient

from notifications.channels.base import Message, Receipt
from notifications.channels.exchange import SILENT, Answer, answer_to
from notifications.channels.slack_message import REFUSED_LAYOUT, bodies, chart_refused


class SlackWebhook:
    """Posts to the channel that the webhook was made for. The address is the password and is never shown."""

    def __init__(self, url: SecretStr) -> None:
        self._url = url
        self._host = urlsplit(url.get_secret_value()).hostname or "the webhook"
        self._charts = True

    async def send(self, message: Message) -> Receipt:
        sent = []
        for body in bodies(message, charts=self._charts):
            sent.append(body)
            answer = await self._post(body.content)
            if answer.status != 400 or answer.text not in REFUSED_LAYOUT:
                self._charts &= not chart_refused(sent)
                break
        # A proxy's page is a 200 as well; only Slack says ok.
        if answer.status == 200 and answer.text == "ok":
            return Receipt(None, "200 ok")
        raise answer.refusal(self._host, self._url)

    async def _post(self, body: Mapping[str, object]) -> Answer:
        async def post(session: aiohttp.ClientSession) -> None:
            client = AsyncWebhookClient(
                self._url.get_secret_value(), session=session, retry_handlers=[], logger=SILENT
            )
            client.proxy = None  # the client took it from the environment, which only settings may read
            await client.send_dict(dict(body))

        return await answer_to(post, self._host)
