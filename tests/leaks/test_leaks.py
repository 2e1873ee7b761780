"""No secret comes out anywhere, whatever fails: each is a word of its own, and the words are looked for."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from cli import crash, main
from models import Attempt, Delivery
from tests.leaks import canaries, evidence
from tests.leaks.canaries import word
from tests.leaks.conftest import Scene
from tests.waiting import until

COMMANDS = (
    ["status"],
    ["doctor"],
    ["config", "show"],
    ["config", "check"],
    ["alerts", "list", "--json"],
    ["alerts", "show", "1"],
    ["explain", "1"],
    ["deliveries", "list", "--json"],
    ["notify", "test", "bot"],
    ["notify", "test", "email"],
    ["runs", "list"],
    ["check"],
)
TOLD = {"HOOK_URL", "BOT_TOKEN", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "TICKETS_URL", "SMTP_PASSWORD"}
DESTINATIONS = {"hook", "bot", "slack", "tickets", "email"}


@pytest.mark.timeout(240)
def test_no_secret_comes_out_anywhere(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with evidence.monitored(scene.redis_socket) as passing:
        scene.start()
        until(lambda: tried(scene) >= DESTINATIONS, within=90, what="every destination to be tried")
        until(lambda: scene.traces.named("POST 127.0.0.1"), within=30, what="traces of it")
        until(lambda: "apps.connections" in scene.http.told, within=30, what="the buttons to ask Slack")
        places = commands(scene, monkeypatch, capsys)
        places["flower's pages"] = evidence.of_flower(scene.flower_url)
        places["metrics"] = evidence.fetched(scene.metrics_url, f"Bearer {word('METRICS_TOKEN')}")
        places["redis"] = evidence.of_redis(scene.redis)
        scene.stop()
    places["what passed redis"] = passing.decode("utf-8", "replace")
    places["the database"] = evidence.of_database(scene.engine)
    places["spans"] = "\n".join(repr(one.body) for one in scene.traces.requests)
    places |= {f"log of {name}": text for name, text in scene.said("err").items()}
    places |= {f"output of {name}": text for name, text in scene.said("out").items()}
    places["crash file"] = crash_file(scene)
    assert {place: names for place, text in places.items() if (names := canaries.found(text))} == {}
    looked_at(places)
    assert canaries.found(scene.http.told + scene.mail.told) >= TOLD
    for name in ("tocsin", "flower", "watchdog", "buttons"):
        for line in places[f"log of {name}"].splitlines():
            assert {"event", "level", "timestamp"} <= json.loads(line).keys()


def looked_at(places: dict[str, str]) -> None:
    """Each place holds what belongs there: an empty one would prove nothing."""
    expected = {
        "log of tocsin": "delivery.failed",
        "log of flower": "Visit me at",
        "metrics": "tocsin_deliveries_total",
        "flower's pages": "tocsin@web-1",
        "what passed redis": '"XADD" "samples"',
        "redis": "samples",
        "the database": "refused: POST",
        "spans": "collect.system",
        "crash file": "RuntimeError",
        "config show": "SLACK_BOT_TOKEN",
        "deliveries list --json": "hook",
    }
    assert {place: word for place, word in expected.items() if word not in places[place]} == {}


def tried(scene: Scene) -> set[str]:
    """The destinations that were tried so far."""
    query = select(Delivery.destination).join(Attempt, Attempt.delivery_id == Delivery.id)
    with scene.engine.connect() as connection:
        return set(connection.scalars(query))


def commands(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> dict[str, str]:
    """What commands say, with both servers there and with neither."""
    for name, value in scene.environ.items():
        monkeypatch.setenv(name, value)
    said = {" ".join(one): spoken(one, capsys) for one in COMMANDS}
    monkeypatch.setenv("DATABASE_URL", f"postgresql://u:{word('DATABASE_URL')}@127.0.0.1:1/none")
    said["status without Postgres"] = spoken(["status"], capsys)
    monkeypatch.setenv("REDIS_URL", f"redis://u:{word('REDIS_URL')}@127.0.0.1:1/0")
    said["worker without Redis"] = spoken(["top"], capsys)
    return said


def spoken(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    code = main.run(arguments)
    heard = capsys.readouterr()
    return f"{' '.join(arguments)} ended with {code} and said\n{heard.out}{heard.err}"


def crash_file(scene: Scene) -> str:
    """The file of a bug whose error holds every secret of the environment."""
    error = RuntimeError(json.dumps(dict(scene.environ)))
    assert canaries.found(str(error)) == set(canaries.NAMES)
    where = crash.write(error, datetime.now(UTC))
    assert where is not None
    return Path(where).read_text("utf-8")
