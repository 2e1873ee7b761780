"""A sender is killed at every step: nothing is lost, and only what had left leaves twice, marked so."""

from dataclasses import replace

import pytest

from tests.faults import sender
from tests.faults.scene import LEASE, SLACK, Scene, mail, policy_of
from tests.faults.sender import Point
from tests.standins.behaviour import answer
from tests.standins.slack_view import shown

COPIES = {
    Point.BEFORE_CLAIM: 1,
    Point.CLAIM_WRITTEN: 1,
    Point.AFTER_CLAIM: 1,
    Point.AFTER_SEND: 2,
    Point.RECORD_WRITTEN: 2,
    Point.AFTER_RECORD: 1,
}
# Whoever takes over cannot know whether it had left, so what was claimed is called a possible copy.
MARKED = {Point.AFTER_CLAIM, Point.AFTER_SEND, Point.RECORD_WRITTEN}
MARK = "This may be a second copy"


def killed_and_taken_over(scene: Scene, point: Point) -> None:
    assert sender.run(scene.orders(point)) is None
    scene.forward(LEASE)
    assert sender.run(scene.orders()) is not None


@pytest.mark.parametrize("alerts", [1, 30], ids=["one alert", "a digest"])
@pytest.mark.parametrize("point", Point)
def test_a_mail_is_never_lost_and_twice_only_when_it_had_left(
    scene: Scene, point: Point, alerts: int
) -> None:
    scene.plan(alerts)
    killed_and_taken_over(scene, point)
    assert scene.states() == {"delivered": alerts}
    assert list(scene.mail_copies().values()) == [COPIES[point]]
    texts = [mail.part("plain") for mail in scene.mailbox.mails]
    assert (MARK in texts[-1]) == (point in MARKED)
    assert all(MARK not in first for first in texts[:-1])


@pytest.mark.parametrize("alerts", [1, 30], ids=["one alert", "a digest"])
@pytest.mark.parametrize("point", Point)
def test_a_slack_message_is_never_lost_and_twice_only_when_it_had_left(
    scene: Scene, point: Point, alerts: int
) -> None:
    scene.policy = policy_of(SLACK)
    scene.plan(alerts)
    killed_and_taken_over(scene, point)
    assert scene.states() == {"delivered": alerts}
    assert list(scene.slack_copies().values()) == [COPIES[point]]
    texts = [shown(post.message) for post in scene.slack.posts]
    assert (MARK in texts[-1]) == (point in MARKED)


@pytest.mark.parametrize("point", [Point.RECORD_WRITTEN, Point.AFTER_RECORD])
def test_a_refusal_and_its_stand_in_are_written_together(scene: Scene, point: Point) -> None:
    scene.policy = policy_of(replace(SLACK, fallback="email"), mail(), told=("slack",))
    scene.slack.script.extend([answer(404, "no_service")] * 2)
    scene.plan(1)
    assert sender.run(scene.orders(point)) is None
    assert [row.destination for row in scene.rows()] == (
        ["slack"] if point is Point.RECORD_WRITTEN else ["slack", "email"]
    )
    scene.forward(LEASE)
    assert sender.run(scene.orders()) is not None
    assert [(row.destination, row.state) for row in scene.rows()] == [
        ("slack", "dead"),
        ("email", "delivered"),
    ]
    assert len(scene.mailbox.mails) == 1


@pytest.mark.parametrize("point", [Point.AFTER_CLAIM, Point.AFTER_SEND])
def test_what_a_dead_sender_holds_waits_for_the_end_of_its_lease(scene: Scene, point: Point) -> None:
    scene.plan(1)
    assert sender.run(scene.orders(point)) is None
    before = len(scene.mailbox.mails)
    done = sender.run(scene.orders())
    assert done is not None
    assert done.delivered.delivered == 0
    assert len(scene.mailbox.mails) == before
    assert scene.states() == {"sending": 1}


def test_a_sender_that_dies_again_and_again_makes_one_copy_for_each_death(scene: Scene) -> None:
    scene.plan(1)
    for _ in range(3):
        assert sender.run(scene.orders(Point.AFTER_SEND)) is None
        scene.forward(LEASE)
    assert sender.run(scene.orders()) is not None
    assert list(scene.mail_copies().values()) == [4]
    assert scene.states() == {"delivered": 1}
    assert scene.rows()[0].attempts == 4


def test_of_several_recipients_only_those_get_a_copy_whose_mail_had_left(scene: Scene) -> None:
    scene.policy = policy_of(mail(*(f"{n}@example.com" for n in range(8))))
    scene.plan(1)
    killed_and_taken_over(scene, Point.AFTER_SEND)
    copies = scene.mail_copies()
    assert len(copies) == 8
    assert max(copies.values()) == 2
    assert scene.states() == {"delivered": 8}
