"""Many senders at once: nothing twice while they live, nothing lost however they die."""

import signal
from dataclasses import replace
from datetime import timedelta
from functools import partial
from multiprocessing.context import ForkServerProcess
from random import Random

import psutil
import pytest

from notifications.bundling import SIDE_BY_SIDE
from tests.faults import sender
from tests.faults.scene import LEASE, SLACK, Scene, mail, policy_of
from tests.faults.sender import Point
from tests.waiting import until

PEOPLE = tuple(f"person-{n}@example.com" for n in range(10))


@pytest.fixture
def scene(scene: Scene) -> Scene:
    """Ten people by mail, so that every alert is ten single messages."""
    scene.policy = policy_of(mail(*PEOPLE))
    return scene


def test_four_senders_of_500_messages_send_nothing_twice(scene: Scene) -> None:
    for _ in range(5):
        scene.plan(10)
        senders = [sender.start(scene.orders()) for _ in range(4)]
        for process in senders:
            process.join()
    assert scene.states() == {"delivered": 500}
    assert set(scene.mail_copies().values()) == {1}
    assert len(scene.mailbox.mails) == 500
    assert scene.outcomes() == {"delivered": 500}


def test_four_senders_of_500_alerts_for_one_channel_send_nothing_twice(scene: Scene) -> None:
    scene.policy = policy_of(SLACK)
    scene.plan(500)
    senders = [sender.start(scene.orders()) for _ in range(4)]
    for process in senders:
        process.join()
    assert scene.states() == {"delivered": 500}
    assert set(scene.slack_copies().values()) == {1}
    assert len(scene.slack.posts) <= 3


def test_a_sender_that_freezes_in_a_claim_holds_the_others_for_ten_seconds_at_most(scene: Scene) -> None:
    """It has the lock on the destination until Postgres ends its session."""
    scene.plan(1)
    frozen = sender.start(replace(scene.orders(Point.CLAIM_WRITTEN), how=signal.SIGSTOP))
    until(lambda: _is_frozen(frozen), within=20, what="the freezing")
    try:
        until(lambda: _sent_by_another(scene), within=20, what="another sender to get through")
    finally:
        frozen.kill()
        frozen.join()
    assert scene.states() == {"delivered": len(PEOPLE)}
    assert set(scene.mail_copies().values()) == {1}


def _is_frozen(process: ForkServerProcess) -> bool:
    assert process.pid is not None
    return psutil.Process(process.pid).status() == psutil.STATUS_STOPPED


def _sent_by_another(scene: Scene) -> bool:
    done = sender.run(scene.orders())
    return done is not None and done.delivered.delivered > 0


@pytest.mark.timeout(300)
def test_thirty_kills_lose_nothing_and_make_one_copy_at_most(scene: Scene) -> None:
    """Again and again three of four senders die while they send, and somebody cleans up after them."""
    random, killed, planned = Random(20260301), 0, 0
    while killed < 30:
        scene.plan(5)
        planned += 5 * len(PEOPLE)
        killed += _kill_three_of_four(scene, random)
        scene.forward(LEASE + timedelta(seconds=1))
        assert sender.run(scene.orders()) is not None
        assert scene.states() == {"delivered": planned}
    copies = scene.mail_copies()
    assert len(copies) == planned
    assert max(copies.values()) <= 2
    doubled = {message_id for message_id, count in copies.items() if count == 2}
    assert len(doubled) <= SIDE_BY_SIDE * killed
    marked = [mail for mail in scene.mailbox.mails if "second copy" in mail.part("plain")]
    assert {str(mail.message["Message-ID"]) for mail in marked} >= doubled


def _kill_three_of_four(scene: Scene, random: Random) -> int:
    """Each dies when some more mails have arrived, if it has not finished; answer how many were killed."""
    senders = [sender.start(scene.orders()) for _ in range(4)]
    killed = 0
    for process in senders[:3]:
        target = len(scene.mailbox.mails) + random.randrange(12)
        until(partial(_enough, scene, target, process), within=20, what=f"{target} mails")
        process.kill()
        process.join()
        killed += process.exitcode == -9
    senders[3].join()
    return killed


def _enough(scene: Scene, mails: int, process: ForkServerProcess) -> bool:
    return len(scene.mailbox.mails) >= mails or not process.is_alive()
