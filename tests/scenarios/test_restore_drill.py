"""The drill: a system that was restored goes on, and tells nobody of what was told before."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from cli import archive
from models import Alert, AlertEvent, Delivery
from tests.scenarios.stage import Stage
from tests.standins.behaviour import answer

WARNING, CRITICAL, OVER = 85, 97, 10


@dataclass
class Drill:
    """A stage with a backup of it."""

    stage: Stage
    backup: Path
    manifest: archive.Manifest | None = None

    def take(self) -> None:
        self.manifest = archive.take(self.stage.engine, self.backup, self._programs, lambda _: None)

    def restore(self) -> None:
        """The disaster: all that was since is lost, what people have heard is not."""
        assert self.manifest is not None
        url = self.stage.engine.url
        archive.restore(url, self.backup, self.manifest, self._programs, lambda _: None)
        self.stage.engine.dispose()
        self.stage.heard()

    @property
    def _programs(self) -> archive.Programs:
        return archive.fitting(18)


@pytest.fixture
def drill(stage: Stage, tmp_path: Path) -> Drill:
    # Reminders would speak of what fires, which is right, and is not what is tried here.
    stage.policy = replace(stage.policy, repeat={})
    return Drill(stage, tmp_path / "tocsin.dump")


def test_what_was_pending_and_arrived_after_the_backup_does_not_come_again(
    drill: Drill, stage: Stage
) -> None:
    stage.slack.script.append(answer(503))
    stage.disk(CRITICAL)  # it could not be delivered yet
    drill.take()
    stage.forward(minutes=5)
    assert stage.heard()[-1] == "CRITICAL web-1 disk:/"
    drill.restore()
    stage.forward(minutes=30)
    stage.forward(hours=24)
    assert stage.heard() == []
    assert stage.outbox() == [("opened", "superseded")]


def test_what_was_not_even_planned_is_not_told_later(drill: Drill, stage: Stage) -> None:
    stage.sample(disks={"/": CRITICAL})
    drill.take()
    stage.notify()
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    drill.restore()
    stage.forward(hours=24)
    assert stage.heard() == []
    verdict, reason = stage.decisions()[0]
    assert verdict == "skip"
    assert reason.startswith("restored from the backup of ")


def test_an_alert_that_is_over_since_is_not_told_as_over_again(drill: Drill, stage: Stage) -> None:
    stage.disk(CRITICAL)
    drill.take()
    stage.forward(minutes=20)
    stage.disk(OVER)
    assert stage.heard() == ["CRITICAL web-1 disk:/", "RESOLVED web-1 disk:/"]
    drill.restore()
    for _ in range(6):
        stage.disk(OVER)
        stage.forward(minutes=10)
    assert stage.heard() == []
    assert stage.events() == ["opened", "resolved"]


def test_what_still_fires_after_the_restore_is_told_once(drill: Drill, stage: Stage) -> None:
    stage.disk(CRITICAL)
    drill.take()
    stage.forward(hours=6)
    drill.restore()
    for _ in range(20):
        stage.disk(CRITICAL)
        stage.forward(minutes=1)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]
    stage.disk(OVER)
    assert stage.heard() == ["RESOLVED web-1 disk:/"]


def test_a_restore_soon_after_the_backup_keeps_to_the_cooldown(drill: Drill, stage: Stage) -> None:
    stage.disk(CRITICAL)
    drill.take()
    stage.forward(minutes=2)
    drill.restore()
    stage.disk(CRITICAL)
    assert stage.heard() == []
    for _ in range(20):
        stage.forward(minutes=1)
        stage.disk(CRITICAL)
    assert stage.heard() == ["CRITICAL web-1 disk:/"]


def test_what_was_held_back_then_is_not_sent_when_its_time_comes(drill: Drill, stage: Stage) -> None:
    stage.disk(CRITICAL)
    stage.disk(WARNING)
    assert stage.decisions()[-1][0] == "hold"
    stage.heard()
    drill.take()
    drill.restore()
    stage.forward(minutes=30)
    assert stage.heard() == []


def test_an_incident_that_was_flapping_is_at_rest_without_a_word(drill: Drill, stage: Stage) -> None:
    for percent in (CRITICAL, OVER) * 3:
        stage.disk(percent)
        stage.forward(seconds=30)
    assert "flapping" in stage.events()
    drill.take()
    drill.restore()
    stage.forward(hours=2)
    assert stage.heard() == []
    assert stage.events()[-1] == "settled"


def test_steps_of_an_escalation_and_reminders_do_not_run_on(drill: Drill, stage: Stage) -> None:
    stage.policy = replace(stage.policy, repeat=drill.stage.policy.repeat)
    stage.disk(CRITICAL)
    drill.take()
    drill.restore()
    stage.forward(hours=3)
    assert stage.heard() == []


def test_all_hosts_are_silent_until_they_speak_and_nobody_is_told(drill: Drill, stage: Stage) -> None:
    stage.alive("web-1", "web-2", seconds=30)
    drill.take()
    stage.forward(hours=5)
    drill.restore()
    stage.check()
    stage.alive("web-1", "web-2", seconds=60)
    assert stage.heard() == []


def test_a_host_that_stays_silent_after_the_restore_is_told_of_once(drill: Drill, stage: Stage) -> None:
    stage.alive("web-1", "web-2", seconds=30)
    drill.take()
    stage.forward(hours=5)
    drill.restore()
    stage.alive("web-1", seconds=120)
    assert stage.heard() == ["CRITICAL web-2 host silent for"]


def test_a_stop_of_our_own_parts_is_neither_told_again_nor_told_as_over(drill: Drill, stage: Stage) -> None:
    with stage.engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO outages (part, began_at, told_at, reason, remedy)"
                " VALUES ('beat', now(), now(), '', '')"
            )
        )
    drill.take()
    drill.restore()
    with stage.engine.connect() as connection:
        waiting = text("SELECT count(*) FROM outages WHERE ended_at IS NULL OR end_told_at IS NULL")
        assert connection.execute(waiting).scalar_one() == 0


def test_numbers_in_old_messages_are_not_given_to_new_alerts(drill: Drill, stage: Stage) -> None:
    stage.disk(CRITICAL)
    drill.take()
    stage.disk(OVER)
    stage.forward(hours=1)
    stage.disk(CRITICAL)  # lost with the database, but its number stands in a message
    lost = _newest(stage)
    drill.restore()
    stage.forward(hours=1)
    stage.disk(CRITICAL)
    assert all(new > old for new, old in zip(_newest(stage), lost, strict=True))


def test_the_history_says_what_was_done(drill: Drill, stage: Stage) -> None:
    stage.disk(CRITICAL)
    drill.take()
    drill.restore()
    with stage.engine.connect() as connection:
        last = connection.execute(select(AlertEvent.__table__).order_by(AlertEvent.id.desc())).first()
        open_now = connection.execute(text("SELECT count(*) FROM v_current WHERE open_criticals > 0"))
        assert last is not None
        assert (last.actor, last.kind) == ("restore", "resolved")
        assert "if it still fires it opens anew" in last.reason
        assert last.at - drill.manifest.taken_at < timedelta(seconds=1) if drill.manifest else False
        assert open_now.scalar_one() == 0


def _newest(stage: Stage) -> tuple[int, ...]:
    with stage.engine.connect() as connection:
        return tuple(
            connection.execute(select(table.id).order_by(table.id.desc()).limit(1)).scalar_one()
            for table in (Alert, AlertEvent, Delivery)
        )
