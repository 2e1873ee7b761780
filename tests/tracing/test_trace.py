"""One trace from beat's tick to the message in Slack, made by the real processes."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

import settings
from cli.startup import programs
from tests.scenarios.conftest import slack, slack_server
from tests.standins.otlp import Got, OtlpStandIn
from tests.standins.slack import SlackStandIn
from tests.waiting import until

__all__ = ["slack", "slack_server"]

ROOT = Path(__file__).parents[2]


@pytest.fixture
def running(
    engine: Engine, redis_url: str, slack: SlackStandIn, collector: OtlpStandIn, tmp_path: Path
) -> Iterator[None]:
    """Beat and a worker on a machine whose disk is over every threshold."""
    environ = {
        "PATH": os.defpath,
        "PYTHONPATH": str(ROOT),
        "HOME": str(tmp_path),
        "TOCSIN_HOME": str(tmp_path / "home"),
        "HOST_NAME": "web-1",
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "REDIS_URL": redis_url,
        "SLACK_WEBHOOK_URL": slack.webhook_url,
        "HEALTH_DISK_WARNING": "0.001",
        "HEALTH_DISK_CRITICAL": "0.002",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        "OTEL_BSP_SCHEDULE_DELAY": "100",
    }
    argv = programs.together(settings.load(environ))
    process = subprocess.Popen(
        argv, env=environ, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield
    process.send_signal(signal.SIGTERM)
    process.wait(30)


@pytest.mark.usefixtures("running")
def test_a_trace_leads_from_the_tick_to_the_message(collector: OtlpStandIn, slack: SlackStandIn) -> None:
    post = until(lambda: _posted(collector), within=60, what="the message to Slack to be traced")
    way = ["send collect.system", "collect.system", "evaluate", "deliver", "POST 127.0.0.1"]
    assert collector.way_to(post) == way
    assert post.about["http.response.status_code"] == "200"
    assert slack.posts
    # What asked for the delivery is in the trace too, and ends a little later.
    asked = until(lambda: _sweep(collector, post), within=30, what="the sweep to be traced")
    asking = ["collect.system", "send notifications.deliver", "notifications.deliver"]
    assert collector.way_to(asked) == ["send collect.system", *asking]
    (evaluated,) = [span for span in collector.named("evaluate") if span.trace == post.trace]
    (recorded,) = [span for span in collector.named("record") if evaluated.links == (span.id,)]
    assert evaluated.parent in recorded.links
    assert not [span for span in collector.spans if "standInSecret" in str(span)]


def _posted(collector: OtlpStandIn) -> Got | None:
    return next((s for s in collector.named("POST 127.0.0.1") if len(collector.way_to(s)) == 5), None)


def _sweep(collector: OtlpStandIn, post: Got) -> Got | None:
    return next((s for s in collector.named("notifications.deliver") if s.trace == post.trace), None)
