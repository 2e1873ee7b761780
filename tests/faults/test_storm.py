"""Ten thousand alerts at once: few messages, the worst first, all of them delivered, and little memory."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import pytest

from notifications.planning import plan_all
from tests import bell
from tests.faults import sender
from tests.faults.scene import SLACK, Scene, mail, policy_of
from tests.standins.slack import SlackStandIn
from tests.standins.slack_view import shown

ALERTS, HOSTS = 10_000, 1_000
POLICY = policy_of(SLACK, replace(mail(), per_minute=30))


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    """Slack as it is: one message a second for each channel, or 429."""
    with SlackStandIn(per_second=1) as server:
        yield server


@pytest.fixture
def scene(scene: Scene) -> Scene:
    scene.policy = POLICY
    bell.ring(scene.engine, ALERTS, hosts=HOSTS, critical_every=10)
    return scene


def test_ten_thousand_alerts_are_a_handful_of_messages(scene: Scene) -> None:
    assert plan_all(scene.engine, POLICY).sent == 2 * ALERTS
    done = sender.run(scene.orders(within=25))
    assert done is not None
    assert done.delivered.failed == 0
    assert scene.states() == {"delivered": 2 * ALERTS}
    assert scene.outcomes() == {"delivered": 2 * ALERTS}
    assert all(row.digest_id for row in scene.rows())
    assert len(scene.slack.posts) <= 3
    assert len(scene.mailbox.mails) <= 3
    assert done.megabytes < 300


def test_the_rate_of_slack_is_kept_in_the_storm_and_after_it(scene: Scene) -> None:
    plan_all(scene.engine, POLICY)
    assert sender.run(scene.orders(within=10)) is not None
    for _ in range(4):
        scene.plan(1)
        assert sender.run(scene.orders(within=10)) is not None
    assert len(scene.slack.requests) == len(scene.slack.posts)
    times = [post.at for post in scene.slack.posts]
    assert all(after - before >= 1 for before, after in pairwise(times))


def test_the_worst_stand_first_and_the_rest_is_counted(scene: Scene) -> None:
    plan_all(scene.engine, POLICY)
    assert sender.run(scene.orders()) is not None
    first = scene.slack.posts[0].message
    assert first["text"] == "CRITICAL 10,000 alerts on 1,000 hosts: 1,000 critical, 9,000 warning"
    page = shown(first)
    lines = [line for line in page.splitlines() if "(alert " in line]
    assert len(lines) == 40
    assert all("CRITICAL" in line for line in lines)
    assert "and 9,960 more" in page
    assert "tocsin alerts list" in page


def test_a_critical_in_the_middle_of_a_storm_is_told_by_itself(scene: Scene) -> None:
    plan_all(scene.engine, POLICY)
    storm = sender.start(scene.orders())
    scene.plan(1)
    latest = scene.rows()[-1].alert_id
    storm.join()
    assert sender.run(scene.orders(within=10)) is not None
    told = [post.message["text"] for post in scene.slack.posts]
    assert scene.states() == {"delivered": 2 * ALERTS + 2}
    assert len(told) <= 3
    assert any(f"alert {latest}" in shown(post.message) for post in scene.slack.posts)
