"""What is done for many at once is linked to each of them."""

from datetime import timedelta

import tracing
from notifications.delivery import Post, deliver
from notifications.planning import plan_all
from tests import samples
from tests.scenarios.conftest import redis, slack, slack_server, stage
from tests.scenarios.stage import Stage
from tests.standins.behaviour import answer
from tests.standins.otlp import OtlpStandIn
from tests.tracing.conftest import Start
from worker import stream
from worker.recording import record_waiting

__all__ = ["redis", "slack", "slack_server", "stage"]


def test_samples_of_many_hosts_are_one_batch_and_many_traces(
    start: Start, collector: OtlpStandIn, stage: Stage
) -> None:
    start()
    for host in ("web-1", "web-2"):
        with tracing.span(f"collect on {host}"):
            stream.publish(stage.redis, samples.system(host, disks={"/": 97}))
    record_waiting(stage.engine, stage.redis, stage.policy, consumer="elsewhere")
    tracing.stop()
    (batch,) = [span for span in collector.named("record") if not span.failed]
    assert set(batch.links) == {span.id for span in collector.spans if span.name.startswith("collect on")}
    for span in collector.named("evaluate"):
        assert collector.way_to(span) == [f"collect on {span.about['tocsin.host']}", "evaluate"]
        assert span.links == (batch.id,)


def test_a_digest_is_linked_to_everything_that_it_tells_of(
    start: Start, collector: OtlpStandIn, stage: Stage
) -> None:
    start()
    for number in range(12):
        stage.sample(host=f"web-{number}", disks={"/": 97})
    plan_all(stage.engine, stage.policy)
    with tracing.span("sweep"):
        post = Post(stage.engine, stage.renderer, stage.channels, stage.policy)
        deliver(post, within=timedelta(seconds=10))
    tracing.stop()
    (sending,) = collector.named("deliver")
    assert collector.way_to(sending) == ["sweep", "deliver"]
    assert set(sending.links) == {span.id for span in collector.named("evaluate")}
    assert sending.about["tocsin.deliveries"] == "12"


def test_a_message_that_fails_says_so_in_its_trace(
    start: Start, collector: OtlpStandIn, stage: Stage
) -> None:
    start()
    stage.slack.script.append(answer(503))
    stage.disk(97)
    tracing.stop()
    assert [span.failed for span in (*collector.named("POST 127.0.0.1"), *collector.named("deliver"))] == [
        True,
        True,
    ]
