"""The stand-ins are commands too, and refuse what the real ones refuse."""

import json
import smtplib
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.standins.refusing import closed_port
from tests.standins.slack import TOKEN, SlackStandIn
from tests.standins.slack_rules import refusal
from tests.waiting import until

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "x"}}


@contextmanager
def command(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    with subprocess.Popen(
        [sys.executable, "-m", *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def posted(url: str, document: object, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(  # noqa: S310 - a stand-in's address
        url, json.dumps(document).encode(), {"Content-Type": "application/json", **headers}
    )
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - the same
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def test_slack_as_a_command_shows_what_arrives() -> None:
    with command("tests.standins.slack", "--port", str(closed_port())) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip().removeprefix("SLACK_WEBHOOK_URL=")
        assert posted(url, {"text": "hello <!channel>", "blocks": [SECTION]}) == (200, "ok")
        lines = [process.stdout.readline() for _ in range(5)]
    assert any("#ops" in line for line in lines)
    assert "x\n" in lines


def test_the_mailbox_as_a_command_writes_files(tmp_path: Path) -> None:
    port = closed_port()
    with command("tests.standins.mailbox", "--port", str(port), "--into", str(tmp_path)) as process:
        assert process.stdout is not None
        assert f"SMTP_PORT={port}" in process.stdout.readline()
        with smtplib.SMTP("127.0.0.1", port, timeout=5) as client:
            client.sendmail("a@example.com", ["b@example.com"], "Subject: hello\r\n\r\nthere\r\n")
        written = until(lambda: list(tmp_path.glob("*.eml")), within=5, what="the mail to be a file")
    assert b"Subject: hello" in written[0].read_bytes()


@pytest.mark.parametrize(
    ("message", "name"),
    [
        ({"text": "x"}, None),
        ({"blocks": [SECTION] * 50}, None),
        ({}, "no_text"),
        ({"text": ""}, "no_text"),
        ({"blocks": [SECTION] * 51}, "invalid_blocks"),
        ({"blocks": [{"type": "carousel"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section"}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": ""}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3001}}]}, "invalid_blocks"),
        ({"blocks": [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}]}, "invalid_blocks"),
        (
            {"blocks": [{"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}]},
            "invalid_blocks",
        ),
        ({"blocks": [{"type": "section", "fields": [SECTION["text"]] * 11}]}, "invalid_blocks"),
        ({"blocks": [{"type": "context", "elements": []}]}, "invalid_blocks"),
        ({"attachments": [{"blocks": [{"type": "nothing"}]}]}, "invalid_blocks"),
        (
            {"blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5},
            "msg_blocks_too_long",
        ),
    ],
)
def test_slack_names_what_it_refuses(message: dict[str, object], name: str | None) -> None:
    assert refusal(message) == name


def test_slack_refuses_strangers_and_edits_its_own() -> None:
    with SlackStandIn() as slack:
        api, bearer = slack.api_url, {"Authorization": f"Bearer {TOKEN}"}
        assert posted(slack.url("/services/other"), {"text": "x"}) == (404, "no_service")
        assert "not_authed" in posted(f"{api}chat.postMessage", {"channel": "#ops", "text": "x"})[1]
        said = json.loads(posted(f"{api}chat.postMessage", {"channel": "#ops", "text": "x"}, **bearer)[1])
        place = {"channel": said["channel"], "ts": said["ts"]}
        assert json.loads(posted(f"{api}chat.update", place | {"text": "y"}, **bearer)[1])["ok"]
        assert (
            "message_not_found"
            in posted(f"{api}chat.update", place | {"ts": "1.0", "text": "y"}, **bearer)[1]
        )
        assert "unknown_method" in posted(f"{api}chat.other", {}, **bearer)[1]
    assert [post.message["text"] for post in slack.posts] == ["y"]
