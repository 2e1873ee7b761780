"""A Slack on loopback: incoming webhooks, chat.postMessage and chat.update, with Slack's own refusals.

As a command, `python -m tests.standins.slack --port 9090` shows what would have arrived in the channel.
"""

import argparse
import itertools
import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from tests.standins.http import HttpStandIn, Request
from tests.standins.slack_rules import has_chart, refusal
from tests.standins.slack_view import shown

HOOK = "/services/T00000000/B00000000/standInSecretXXXXXXXXXX"
TOKEN = "xoxb-stand-in-0123456789"
CHANNELS = {"C0STANDIN01": "#ops", "C0STANDIN02": "#quiet"}
HOOK_CHANNEL = "C0STANDIN01"


@dataclass(frozen=True, slots=True)
class Post:
    """A message as it stands in a channel, or in the thread under the message `thread_ts`."""

    channel: str
    ts: str
    message: dict[str, Any]
    at: float
    thread_ts: str | None = None
    broadcast: bool = False


class SlackStandIn(HttpStandIn):
    """Knows one webhook, one token and two channels; `per_second` limits each channel as Slack does.

    With `charts` off it is a workspace that has never heard of them.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        per_second: float | None = None,
        charts: bool = True,
        watch: Callable[[Post], object] = lambda _post: None,
    ) -> None:
        super().__init__(port)
        self.posts: list[Post] = []
        self._per_second = per_second
        self._charts = charts
        self._watch = watch
        self._numbers = itertools.count(100)

    @property
    def webhook_url(self) -> str:
        return self.url(HOOK)

    @property
    def api_url(self) -> str:
        return self.url("/api/")

    def delete(self, ts: str) -> None:
        """Somebody deletes a message."""
        self.posts = [post for post in self.posts if post.ts != ts]

    async def proper(self, request: Request) -> web.StreamResponse:
        if request.path == HOOK:
            return self._hook(request)
        if request.path.startswith("/api/"):
            return self._method(request, request.path.removeprefix("/api/"))
        return web.Response(status=404, text="no_service")

    def _hook(self, request: Request) -> web.StreamResponse:
        try:
            message = request.json
        except ValueError:
            return web.Response(status=400, text="invalid_payload")
        if wrong := self._refusal(message):
            return web.Response(status=400, text=wrong)
        if limited := self._limited(HOOK_CHANNEL, "rate_limited"):
            return limited
        self._post(HOOK_CHANNEL, message)
        return web.Response(text="ok")

    def _method(self, request: Request, method: str) -> web.StreamResponse:
        bearer = request.headers.get("Authorization", "")
        if not bearer:
            return _error("not_authed")
        if bearer != f"Bearer {TOKEN}":
            return _error("invalid_auth")
        methods = {
            "auth.test": _identity,
            "chat.postMessage": self._post_message,
            "chat.update": self._update,
        }
        if method not in methods:
            return _error("unknown_method")
        return methods[method](request.json)

    def _post_message(self, message: dict[str, Any]) -> web.StreamResponse:
        channel = _channel(message.get("channel"))
        if channel is None:
            return _error("channel_not_found")
        if wrong := self._refusal(message):
            return _error(wrong)
        if limited := self._limited(channel, json.dumps({"ok": False, "error": "ratelimited"})):
            return limited
        # Slack posts a reply to a message that is gone into the channel, and says nothing of it.
        parent = next((post.ts for post in self.posts if post.ts == message.get("thread_ts")), None)
        post = self._post(channel, message, parent)
        said = {"text": message.get("text", ""), "ts": post.ts} | ({"thread_ts": parent} if parent else {})
        return web.json_response({"ok": True, "channel": channel, "ts": post.ts, "message": said})

    def _update(self, message: dict[str, Any]) -> web.StreamResponse:
        for place, post in enumerate(self.posts):
            if (post.channel, post.ts) == (message.get("channel"), message.get("ts")):
                if wrong := self._refusal(message):
                    return _error(wrong)
                self.posts[place] = replace(post, message=message)
                return web.json_response({"ok": True, "channel": post.channel, "ts": post.ts})
        return _error("message_not_found")

    def _post(self, channel: str, message: dict[str, Any], parent: str | None = None) -> Post:
        ts = f"{int(time.time())}.{next(self._numbers):06d}"
        broadcast = bool(parent and message.get("reply_broadcast"))
        post = Post(channel, ts, message, time.monotonic(), parent, broadcast)
        self.posts.append(post)
        self._watch(post)
        return post

    def _refusal(self, message: dict[str, Any]) -> str | None:
        return "invalid_blocks" if has_chart(message) and not self._charts else refusal(message)

    def _limited(self, channel: str, body: str) -> web.Response | None:
        since = time.monotonic() - 1
        recent = sum(post.channel == channel and post.at > since for post in self.posts)
        if self._per_second is None or recent < self._per_second:
            return None
        return web.Response(status=429, text=body, headers={"Retry-After": "1"})


def _channel(name: object) -> str | None:
    return next((key for key, value in CHANNELS.items() if name in {key, value, value[1:]}), None)


def _identity(_message: dict[str, Any]) -> web.StreamResponse:
    return web.json_response({"ok": True, "user": "tocsin", "team": "Stand-in Inc", "team_id": "T0STANDIN"})


def _error(name: str) -> web.Response:
    return web.json_response({"ok": False, "error": name})


def main() -> None:
    parser = argparse.ArgumentParser(description="A Slack on loopback that shows what arrives.")
    parser.add_argument("--port", type=int, default=9090)
    port = parser.parse_args().port

    def show(post: Post) -> None:
        place = CHANNELS[post.channel] + (f", in the thread of {post.thread_ts}" if post.thread_ts else "")
        sys.stdout.write(f"\n── {place} ── {post.ts}\n{shown(post.message)}\n")
        sys.stdout.flush()

    with SlackStandIn(port, watch=show) as slack:
        sys.stdout.write(
            f"SLACK_WEBHOOK_URL={slack.webhook_url}\n"
            f"or SLACK_API_URL={slack.api_url} SLACK_BOT_TOKEN={TOKEN} SLACK_CHANNEL=#ops\n"
            "Ctrl-C ends.\n"
        )
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            sys.stdout.write("\n")


if __name__ == "__main__":
    main()
