"""The pages tell the truth: the sixth channel works, and what templates can name is what is listed."""

import re
from dataclasses import FrozenInstanceError, fields, is_dataclass
from pathlib import Path
from types import ModuleType

import pytest
from pydantic import SecretStr

from domain.alerts import EventKind
from notifications import context
from notifications.channels.base import Channel
from notifications.context import (
    Context,
    DigestContext,
    DigestLine,
    Frame,
    OtherAlert,
    Process,
    Row,
    TrendWords,
)
from notifications.digest import Digest
from notifications.digest_placeholders import digest_placeholders
from notifications.placeholders import placeholders
from tests.notifications.examples import FULL, message
from tests.notifications.failing import failure
from tests.standins.behaviour import answer, reset
from tests.standins.http import HttpStandIn

DOCS = Path(__file__).parents[2] / "docs"
PAGE, MESSAGES = (DOCS / "channels.md").read_text(), (DOCS / "messages.md").read_text()


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


CONTEXT = (Frame, Context, Row, TrendWords, Process, OtherAlert, DigestContext, DigestLine)


@pytest.mark.parametrize("part", CONTEXT)
def test_every_field_that_a_template_can_name_is_listed_and_nothing_else(part: type) -> None:
    section = MESSAGES.partition(f"### {part.__name__}\n")[2].partition("\n#")[0]
    own = {field.name for field in fields(part)}
    inherited = set() if part is Frame or not issubclass(part, Frame) else {f.name for f in fields(Frame)}
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == own - inherited


def test_no_part_of_the_context_is_left_out() -> None:
    named = {
        thing
        for thing in vars(context).values()
        if is_dataclass(thing) and thing.__module__ == context.__name__
    }
    assert named == set(CONTEXT)


def test_a_context_cannot_be_changed() -> None:
    for part in (placeholders(FULL), digest_placeholders(Digest.of([FULL]), ["x"])):
        with pytest.raises(FrozenInstanceError):
            part.headline = "quiet"  # type: ignore[misc]


def test_every_kind_of_event_is_listed() -> None:
    kinds = MESSAGES.partition("Kinds: ")[2].partition("\n\n")[0]
    assert set(re.findall(r"`(\w+)`", kinds)) == {kind.value for kind in EventKind}
