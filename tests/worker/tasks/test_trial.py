"""`notifications.test`: destinations are tried out from Flower, and what does not arrive fails the task."""

from collections.abc import Iterator

import pytest

import settings
from tests.standins.behaviour import answer
from tests.standins.slack import SlackStandIn
from worker.resources import Resources
from worker.tasks.arguments import Refused
from worker.tasks.conduct import TaskFailed
from worker.tasks.jobs import JOBS, Order
from worker.tasks.trial import Trying
from worker.tasks.trying import Arrived


@pytest.fixture
def slack() -> Iterator[SlackStandIn]:
    with SlackStandIn() as slack:
        yield slack


def tried(slack: SlackStandIn, to: str | None) -> Arrived:
    known = {"SLACK_WEBHOOK_URL": slack.webhook_url, "HOST_NAME": "web-1"}
    order = Order(Trying(to=to), "ops")
    arrived = JOBS["notifications.test"].work(Resources(settings.load(known)), order)
    assert isinstance(arrived, Arrived)
    return arrived


@pytest.mark.parametrize("to", ["slack", None])
def test_it_tells_what_became_of_each_step(slack: SlackStandIn, to: str | None) -> None:
    found = {one.destination: one for one in tried(slack, to).tried}
    assert set(found) == ({"slack"} if to else {"slack", "console"})
    assert [step.name for step in found["slack"].steps] == ["name", "connection", "message"]
    assert "This is a test of the destination slack by ops" in str(slack.posts[0].message)


def test_what_does_not_arrive_fails_in_one_sentence(slack: SlackStandIn) -> None:
    slack.script.append(answer(404, "no_service"))
    with pytest.raises(TaskFailed, match=r"^slack: message: 127\.0\.0\.1 answered 404: no_service; what the"):
        tried(slack, "slack")


def test_a_destination_that_is_none_is_refused(slack: SlackStandIn) -> None:
    with pytest.raises(Refused, match=r"^to: there is no destination 'slakc'; did you mean slack\?$"):
        tried(slack, "slakc")
