"""Many alerts as one message: counted in full, the worst first, harmless and within every limit."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from domain.alerts import EventKind
from domain.severity import Severity
from notifications.channels.base import Message
from notifications.digest import LINES, Counts, Digest
from notifications.notice import Notice
from notifications.rendering import Renderer
from tests.notifications.examples import BREACH, FULL, RENDERER
from tests.notifications.hostile import NAMES
from tests.notifications.markup import active
from tests.notifications.rigs import RECIPIENT, EmailRig, Rig, WebhookRig
from tests.standins.http import HttpStandIn
from tests.standins.slack_rules import refusal
from tests.standins.slack_view import effects, shown


def notices(number: int) -> list[Notice]:
    """A third critical, every eleventh over, on seven hosts."""
    return [
        replace(
            FULL,
            alert_id=alert,
            delivery_id=alert + 1000,
            host=f"web-{alert % 7}",
            severity=Severity.CRITICAL if alert % 3 == 0 else Severity.WARNING,
            kind=EventKind.RESOLVED if alert % 11 == 0 else EventKind.OPENED,
        )
        for alert in range(1, number + 1)
    ]


def test_it_counts_all_and_shows_the_worst_first() -> None:
    digest = Digest.of(notices(60))
    assert digest.counts.total == 60
    assert (digest.counts.critical, digest.counts.warning, digest.counts.over) == (19, 36, 5)
    assert digest.digest_id == 1001
    shown_first = [(line.severity, line.kind) for line in digest.lines]
    assert shown_first == sorted(shown_first, key=lambda s: (s[1] is EventKind.RESOLVED, -s[0].rank))
    assert len(digest.lines) == LINES


def told(*severities: Severity, over: int = 0, **more: object) -> list[Notice]:
    """One notice for each severity; the last `over` of them have ended."""
    kinds = [EventKind.OPENED] * (len(severities) - over) + [EventKind.RESOLVED] * over
    pairs = zip(severities, kinds, strict=True)
    return [replace(FULL, severity=one, kind=kind, **more) for one, kind in pairs]  # type: ignore[arg-type] # fields of it


def test_it_is_as_bad_as_the_worst_that_fires_and_when_all_is_over_as_the_worst_that_did() -> None:
    warning, critical = Severity.WARNING, Severity.CRITICAL
    assert Digest.of(told(warning, critical)).severity is critical
    assert Digest.of(told(warning, critical, over=1)).severity is warning
    assert Digest.of(told(critical, warning, over=2)).severity is critical
    assert Digest.of(told(warning, warning, over=2)).severity is warning


def test_one_real_alert_among_drills_is_no_drill_and_one_copy_makes_it_a_copy() -> None:
    real, drill = told(Severity.WARNING), told(Severity.WARNING, is_drill=True, repeated=True)
    assert not Digest.of([*real, *drill]).is_drill
    assert Digest.of(drill).is_drill
    assert Digest.of([*real, *drill]).repeated
    assert not Digest.of(real).repeated


def test_it_names_those_for_whom_it_stands_in() -> None:
    [real] = told(Severity.WARNING)
    some = [replace(real, fallback_for=name) for name in ("slack", None, "lead", "slack")]
    assert Digest.of(some).fallback_for == ("lead", "slack")


def test_it_says_how_many_where_and_why() -> None:
    rendered = RENDERER.render_digest(Digest.of(notices(60), "60 were due at once"))
    assert rendered.summary == "CRITICAL 60 alerts on 7 hosts: 19 critical, 36 warning, 5 over"
    assert rendered.subject.endswith("[digest 1001]")
    for form in (rendered.text, shown(rendered.slack)):
        assert "They come as one message: 60 were due at once." in form
        assert "CRITICAL web-0 cpu 97.2 % (limit 90 %) since 03:12 UTC (alert 21)" in form
        assert "and 20 more" in form
        assert "web-1 (9)" in form
        assert "tocsin alerts list" in form
    assert refusal(rendered.slack) is None
    assert active(rendered.html) == []


def test_its_counts_may_be_those_of_thousands() -> None:
    counts = Counts(
        critical=9_000, warning=1_000, over=0, hosts=800, components=3, top_hosts=(("web-1", 40),)
    )
    rendered = RENDERER.render_digest(replace(Digest.of(notices(10)), counts=counts))
    assert rendered.summary == "CRITICAL 10,000 alerts on 800 hosts: 9,000 critical, 1,000 warning"
    assert "web-1 (40) and 799 more" in rendered.text
    assert "and 9,990 more" in rendered.text


def test_on_a_single_host_the_host_is_named() -> None:
    same = [replace(notice, host="db-1") for notice in notices(3)]
    assert RENDERER.render_digest(Digest.of(same)).summary.startswith("CRITICAL 3 alerts on db-1:")


def test_when_all_is_over_it_says_so() -> None:
    over = [replace(n, kind=EventKind.RESOLVED, resolved_at=BREACH) for n in notices(3)]
    rendered = RENDERER.render_digest(Digest.of(over))
    assert rendered.summary == "RESOLVED 3 alerts on 3 hosts: 3 over"
    assert rendered.slack["attachments"][0]["color"] == "#1b6e3c"


def test_it_says_when_it_is_a_drill_or_a_copy_or_a_stand_in() -> None:
    marked = [replace(n, is_drill=True, repeated=True, fallback_for="slack-ops") for n in notices(2)]
    rendered = RENDERER.render_digest(Digest.of(marked))
    assert rendered.summary.startswith("DRILL ")
    for words in ("This is a drill", "second copy", "because slack-ops could not be reached"):
        assert words in rendered.text


def test_a_single_line_that_was_perhaps_told_before_is_marked() -> None:
    mixed = replace(Digest.of([replace(notices(1)[0], repeated=True), *notices(2)]), repeated=False)
    assert RENDERER.render_digest(mixed).text.count("perhaps told before") == 1


@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES)
def test_hostile_names_stay_text_in_a_digest(text: str) -> None:
    hostile = [
        replace(n, host=text, component=text, unit=text, fallback_for=text or None) for n in notices(3)
    ]
    rendered = RENDERER.render_digest(Digest.of(hostile, reason=text))
    assert "could not be worded" not in rendered.text
    assert refusal(rendered.slack) is None
    assert effects(rendered.slack) == []
    assert active(rendered.html) == []


def test_a_broken_template_of_a_digest_gives_way_too(tmp_path: Path) -> None:
    (tmp_path / "digest").mkdir()
    (tmp_path / "digest" / "body.txt").write_text("{{ nothing }}")
    with capture_logs() as logs:
        rendered = Renderer(tmp_path).render_digest(Digest.of(notices(3)))
    assert "built-in wording: digest/body.txt, line 1" in rendered.text
    assert [entry["event"] for entry in logs] == ["template.broken"]


def test_where_nothing_can_be_rendered_each_alert_still_has_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("notifications.template_sandbox.BUILT_IN", tmp_path)
    with capture_logs():
        rendered = Renderer().render_digest(Digest.of(notices(3)))
    assert rendered.summary.endswith(", and 2 more")
    assert rendered.text.count("(alert ") == 3


async def test_every_channel_takes_a_digest(any_rig: Rig) -> None:
    digest = Digest.of(notices(30), "30 were due at once")
    rendered = RENDERER.render_digest(digest)
    await any_rig.channel.send(Message.gathered(digest, rendered, recipient=any_rig.recipient))
    assert "30 were due at once" in any_rig.seen()
    assert any_rig.effects() == []


def test_a_copy_of_a_digest_has_its_key_and_is_no_copy_of_a_single_message() -> None:
    digest = Digest.of(notices(3))
    rendered = RENDERER.render_digest(digest)
    first, again = Message.gathered(digest, rendered), Message.gathered(digest, rendered)
    later = replace(digest, planned_at=digest.planned_at + timedelta(days=1))
    assert first.key == again.key
    assert first.key != Message.gathered(later, rendered).key
    assert first.key != Message.of(digest.lines[0], rendered).key


async def test_a_digest_belongs_to_no_conversation_of_an_incident(mail_rig: EmailRig) -> None:
    digest = Digest.of(notices(3))
    for message in (
        Message.gathered(digest, RENDERER.render_digest(digest), recipient=RECIPIENT),
        mail_rig.message(),
    ):
        await mail_rig.channel.send(message)
    first, second = (mail.message["References"] for mail in mail_rig.mailbox.mails)
    assert first != second


async def test_a_webhook_gets_the_digest_line_by_line(sink: HttpStandIn) -> None:
    digest = Digest.of(notices(30))
    await WebhookRig(sink).channel.send(Message.gathered(digest, RENDERER.render_digest(digest)))
    told = sink.requests[0].json["digest"]
    assert told["counts"]["critical"] == digest.counts.critical
    assert len(told["lines"]) == 30
    assert "notice" not in sink.requests[0].json
