"""docs/channels.md tells the truth: its sixth channel works, and its list of placeholders is the list."""

import re
from pathlib import Path
from types import ModuleType

from pydantic import SecretStr

from domain.alerts import EventKind
from notifications.channels.base import Channel
from notifications.digest import Digest
from notifications.digest_placeholders import digest_placeholders
from notifications.placeholders import placeholders
from tests.notifications.examples import FULL, message
from tests.notifications.failing import failure
from tests.standins.behaviour import answer, reset
from tests.standins.http import HttpStandIn

PAGE = (Path(__file__).parents[2] / "docs" / "channels.md").read_text()
ADDED = {"headline", "colour", "broken_template"}


def sixth(server: str) -> Channel:
    """The channel of the page, made of the page's own text."""
    source = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert source is not None
    module = ModuleType("ntfy")
    exec(compile(source[1], "docs/channels.md", "exec"), module.__dict__)  # noqa: S102 - our own page
    channel: Channel = module.Ntfy(server, SecretStr("secret-topic"))
    return channel


def test_the_sixth_channel_has_less_than_sixty_lines() -> None:
    source = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert source is not None
    assert len(source[1].splitlines()) < 60


async def test_the_sixth_channel_delivers_and_fails_as_promised(sink: HttpStandIn) -> None:
    channel = sixth(sink.url())
    sink.script += [
        answer(200, '{"id": "x"}'),
        answer(403, "forbidden topic secret-topic"),
        answer(503, ""),
        reset,
    ]
    await channel.send(message())
    assert sink.requests[0].json["title"].startswith("CRITICAL web-1 cpu 97.2 %")
    failures = [await failure(channel, message()) for _ in range(3)]
    assert [(f.permanent, f.ambiguous) for f in failures] == [(True, False), (False, False), (False, True)]
    assert "secret-topic" not in " ".join(f.reason for f in failures)


def test_every_placeholder_is_listed_and_nothing_else() -> None:
    table = PAGE.partition("| placeholder | what |")[2].partition("\n\n")[0]
    listed = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`(\w+)`", row.split("|")[1] if "|" in row else "")
    }
    assert listed == set(placeholders(FULL, str)) | ADDED


def test_every_placeholder_of_a_digest_is_listed() -> None:
    sentence = PAGE.partition("In `digest/…` there are")[2].partition("\n\n")[0]
    listed = set(re.findall(r"`(\w+)`", sentence)) - {"id", "subject", "repeated"}
    assert listed == set(digest_placeholders(Digest.of([FULL]), ["x"], str)) | ADDED


def test_every_kind_of_event_is_listed() -> None:
    kinds = PAGE.partition("Kinds: ")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", kinds)) == {kind.value for kind in EventKind}
