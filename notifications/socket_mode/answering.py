"""Answers whoever pressed a button: to them alone, or to all who read the incident's thread."""

from dataclasses import dataclass
from urllib.parse import urlsplit

import aiohttp

from notifications.channels.base import DeliveryError
from notifications.channels.exchange import answer_to
from notifications.escaping import slack
from notifications.socket_mode.presses import Press


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of a press, in a sentence or two of plain text; `to_all` where others need to know."""

    text: str
    to_all: bool = False


async def answer(press: Press, reply: Reply, api_url: str) -> None:
    """Post the reply; raises DeliveryError when that did not surely succeed."""
    url = press.answer_url.get_secret_value()
    host = _checked(url, api_url)

    async def post(session: aiohttp.ClientSession) -> None:
        await session.post(url, json=_body(press, reply), allow_redirects=False)

    got = await answer_to(post, host)
    if got.status != 200:
        raise got.refusal(host, press.answer_url)


def _body(press: Press, reply: Reply) -> dict[str, object]:
    body: dict[str, object] = {
        "text": slack(reply.text),
        "response_type": "in_channel" if reply.to_all else "ephemeral",
        "replace_original": False,
    }
    return body | ({"thread_ts": press.thread} if press.thread else {})


def _checked(url: str, api_url: str) -> str:
    """The host of `url`; raises DeliveryError unless it is Slack's, as encrypted as the API is."""
    to, api = urlsplit(url), urlsplit(api_url)
    host, home = to.hostname or "", api.hostname or ""
    if to.scheme != api.scheme or not (host == home or host.endswith(f".{home}")):
        raise DeliveryError("the address for the answer is not Slack's", permanent=True)
    return host
