"""`tocsin doctor`: everything that Tocsin stands on, each with a mark and a remedy."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from redis import Redis
from sqlalchemy import Engine, text

from cli.checkup import Looked, Mark, host
from cli.checkup.database import database, of_clock, of_room, of_schema, of_version
from cli.checkup.host import of_disk
from cli.checkup.postgres_disk import disk
from cli.checkup.queues import of_queue, of_stream
from cli.schema import Schema
from models import clock
from tests import bell
from tests.cli.conftest import Done, Run
from tests.watchdog.conftest import PARTS
from watchdog.readings import BUTTONS
from worker import heartbeats
from worker.celery import Tocsin, _configuration

GIGABYTE = 1024**3
HOME = Path("/srv/tocsin")


@pytest.fixture
def well(engine: Engine, home: Path) -> None:
    home.mkdir(mode=0o700)
    with engine.begin() as connection:
        for part in (*PARTS, "watchdog"):
            heartbeats.beat(connection, part, clock.now(connection), {})


def marks(done: Done) -> dict[str, str]:
    """The worst mark of each thing that was looked at."""
    found: dict[str, str] = {}
    for one in done.json["looked"]:
        found[one["about"]] = max(found.get(one["about"], "ok"), one["mark"], key=list(Mark).index)
    return found


@pytest.mark.usefixtures("well")
def test_all_is_well_is_0(tocsin: Run) -> None:
    done = tocsin("doctor", "--json")
    assert set(marks(done).values()) == {"ok"}
    assert {"settings", "disk", "permissions", "redis", "queues", "postgres", "schema", "clock"} < set(
        marks(done)
    )
    assert {"beat", "queue chores", "recorder", "evaluation", "outbox", "deliveries"} < set(marks(done))
    assert done.code == 0


@pytest.mark.usefixtures("well")
def test_without_a_watchdog_it_warns(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE heartbeats SET at = at - interval '10 min' WHERE component = 'watchdog'")
        )
    done = tocsin("doctor")
    assert done.code == 1
    assert "warning watchdog       no watchdog has been at work for 10 min" in done.out
    assert "-> start tocsin watchdog" in done.out


@pytest.mark.usefixtures("well")
def test_a_part_that_stopped_is_wrong_and_people_read_what_to_do(tocsin: Run, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text(
                "UPDATE heartbeats SET at = at - interval '1 h', since = since - interval '2 h'"
                " WHERE component <> 'watchdog'"
            )
        )
        connection.execute(
            text("UPDATE heartbeats SET since = since - interval '2 h' WHERE component = 'watchdog'")
        )
    done = tocsin("doctor")
    assert done.code == 2
    assert "wrong   beat           no tick of beat has been worked on for 1 h" in done.out
    assert "-> start one with tocsin beat" in done.out


def test_the_disk_of_postgres_is_looked_at_where_it_can_be_seen(engine: Engine) -> None:
    with engine.connect() as connection:
        seen = disk(connection)
        assert (seen.about, seen.found.partition(" GB are free where /")[1]) == (
            "postgres disk",
            " GB are free where /",
        )
        connection.execute(text("SET ROLE pg_signal_backend"))
        unseen = disk(connection)
    assert unseen.found == "PostgreSQL does not tell this account where its data lies"
    assert "GRANT pg_read_all_settings TO pg_signal_backend" in unseen.remedy


def test_of_a_postgres_elsewhere_it_says_that_nobody_has_looked(engine: Engine) -> None:
    # A name that is looked for before that of Postgres's own: here every server is near.
    elsewhere = text("CREATE FUNCTION inet_server_addr() RETURNS inet RETURN '192.0.2.7'::inet")
    with engine.connect() as connection:
        connection.execute(text("SELECT set_config('search_path', current_schema() || ', pg_catalog', true)"))
        connection.execute(elsewhere)
        seen = disk(connection)
    assert seen.mark is Mark.OK
    assert seen.found == "PostgreSQL runs on 192.0.2.7, and does not say how full its disk is"
    assert seen.remedy == "its host wants a tocsin collector, whose alerts tell of a full disk"


@pytest.mark.usefixtures("well")
def test_a_redis_that_forgets_is_wrong(tocsin: Run, redis_client: Redis) -> None:
    redis_client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        done = tocsin("doctor", "--json")
    finally:
        redis_client.config_set("maxmemory-policy", "noeviction")
    assert done.code == 2
    assert marks(done)["redis"] == "wrong"


@pytest.mark.usefixtures("well")
def test_the_age_of_what_waits_in_a_queue_is_told(
    tocsin: Run, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    app = Tocsin("doctored")
    app.conf.update(_configuration())
    with time_machine.travel(datetime.now(UTC) - timedelta(minutes=5)):
        app.send_task("canary.chores", expires=3600)
        app.send_task("notifications.deliver", expires=3600)
    app.send_task("notifications.deliver", expires=3600)
    app.close()
    said = {one["found"]: one["mark"] for one in tocsin("doctor", "--json").json["looked"]}
    assert said["0 messages wait in the queue health"] == "ok"
    assert said["1 messages wait in the queue chores, the oldest for 5 min"] == "ok"
    assert said["2 messages wait in the queue notify, the oldest for 5 min"] == "warning"


@pytest.mark.usefixtures("well")
def test_a_queue_of_another_type_is_wrong_and_said_once(tocsin: Run, redis_client: Redis) -> None:
    redis_client.set("chores", "x")
    done = tocsin("doctor")
    assert done.code == 2
    assert "wrong   redis          the key chores in Redis is a string, and Tocsin keeps a list" in done.out
    assert "redis-cli DEL chores" in done.out
    assert "does not answer" not in done.out


@pytest.mark.usefixtures("well")
def test_a_message_that_is_stuck_is_wrong(tocsin: Run, engine: Engine) -> None:
    from notifications.planning import plan_all
    from policy import load
    from settings import Settings

    bell.ring(engine)
    plan_all(engine, load(None, Settings()))
    with engine.begin() as connection:
        connection.execute(text("UPDATE notification_deliveries SET due_at = due_at - interval '11 min'"))
    done = tocsin("doctor", "--json")
    assert marks(done)["deliveries"] == "wrong"
    assert done.code == 2


@pytest.mark.usefixtures("well")
def test_a_home_that_others_look_into_is_wrong(tocsin: Run, home: Path) -> None:
    home.chmod(0o755)
    done = tocsin("doctor")
    assert f"others may look into {home}" in done.out
    assert f"-> run chmod 700 {home}" in done.out


@pytest.mark.usefixtures("well")
def test_a_secret_that_others_may_read_is_a_warning(
    tocsin: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "hook"
    secret.write_text("https://hooks.slack.com/services/T000/B000/XXXX", "utf-8")
    tmp_path.chmod(0o755)
    secret.chmod(0o644)
    monkeypatch.setenv("SLACK_WEBHOOK_URL_FILE", str(secret))
    done = tocsin("doctor", "--json")
    assert (done.code, marks(done)["permissions"]) == (1, "warning")
    # Where a container runtime has mounted it, the folder outside keeps others out.
    monkeypatch.setattr(host, "MOUNTED", secret.parent)
    assert marks(tocsin("doctor", "--json"))["permissions"] == "ok"


def test_a_database_that_was_never_migrated_is_told_what_to_run(
    run: Run, empty_database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", empty_database_url)
    monkeypatch.setenv("REDIS_URL", redis_url)
    done = run("doctor")
    assert done.code == 2
    assert "-> run tocsin db upgrade" in done.out


def test_servers_that_are_away_and_settings_that_are_wrong_are_said_all_at_once(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/away")
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")
    monkeypatch.setenv("HEALTH_CPU_WARNING", "much")
    done = run("doctor", "--json")
    assert done.code == 2
    assert {name for name, mark in marks(done).items() if mark == "wrong"} == {
        "settings",
        "redis",
        "postgres",
    }


def test_where_nothing_runs_it_says_how_to_start(run: Run) -> None:
    done = run("doctor")
    assert done.code == 2
    assert done.out.count("start everything with tocsin up, or set it") == 2


def test_a_clock_that_is_off_is_seen(engine: Engine) -> None:
    url = engine.url.render_as_string(hide_password=False)
    late = datetime.now(UTC) - timedelta(seconds=30)
    [clock_] = [one for one in database(engine, url, now=late) if one.about == "clock"]
    assert clock_.mark is Mark.WARNING


@pytest.mark.parametrize(
    ("looked", "mark"),
    [
        (of_disk(HOME, free=4 * GIGABYTE, total=100 * GIGABYTE), Mark.WARNING),
        (of_disk(HOME, free=GIGABYTE // 4, total=100 * GIGABYTE), Mark.WRONG),
        (of_disk(HOME, free=50 * GIGABYTE, total=100 * GIGABYTE), Mark.OK),
        (of_disk(HOME, free=GIGABYTE // 20, total=GIGABYTE // 16), Mark.OK),
        (of_disk(HOME, free=GIGABYTE // 200, total=GIGABYTE // 16), Mark.WRONG),
        (of_version((13, 9)), Mark.WRONG),
        (of_version((17, 2)), Mark.OK),
        (of_clock(timedelta(seconds=-2.5)), Mark.WARNING),
        (of_schema(Schema("infra_metrics_999", "infra_metrics_001")), Mark.WRONG),
        (of_room(open_=90, most=100, size=0), Mark.WARNING),
        (of_queue("health", 101), Mark.WARNING),
        (of_queue("health", 1, timedelta(seconds=61)), Mark.WARNING),
        (of_queue("chores", 1, timedelta(minutes=59)), Mark.OK),
        (of_stream(0, 1), Mark.WARNING),
        (of_stream(1001, 0), Mark.WARNING),
    ],
)
def test_each_mark_has_its_limit_and_its_remedy(looked: Looked, mark: Mark) -> None:
    assert looked.mark is mark
    assert bool(looked.remedy) is (mark is not Mark.OK)


@pytest.mark.usefixtures("well")
def test_buttons_that_nobody_hears_are_wrong(
    tocsin: Run, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "buttons" not in marks(tocsin("doctor", "--json"))
    monkeypatch.setenv("SLACK_APP_TOKEN", "xapp-1")
    monkeypatch.setenv("SLACK_WEBHOOK_URL", "https://hooks.slack.com/services/T/B/X")
    with engine.begin() as connection:
        connection.execute(text("UPDATE heartbeats SET since = since - interval '2 h'"))
    assert marks(tocsin("doctor", "--json"))["buttons"] == "wrong"
    status = tocsin("status", "--json")
    assert "nobody hears the buttons in Slack yet" in str(status.json["findings"])
    with engine.begin() as connection:
        heartbeats.beat(connection, BUTTONS, clock.now(connection), {}, instance="web-1")
    assert marks(tocsin("doctor", "--json"))["buttons"] == "ok"
