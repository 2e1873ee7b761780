"""Two and three beats at once: what is done for a tick is done once."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
import time_machine
from celery import Celery
from celery.beat import Scheduler
from sqlalchemy import Engine, select

from beat_schedule import SCHEDULE
from models import TaskRun
from worker import ledger
from worker.beat import SteadyScheduler
from worker.ledger import Run
from worker.tasks.jobs import CHORES

HOURLY = "aggregate.hourly"
NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TICKS = 200


class Told(SteadyScheduler):
    """Writes down when it would have sent what, instead of sending it."""

    sent: list[datetime]

    def apply_entry(self, entry: object, producer: object = None) -> None:  # noqa: ARG002 - Celery's signature
        self.sent.append(datetime.now(UTC))


@pytest.fixture(params=[2, 3])
def beats(request: pytest.FixtureRequest) -> list[Told]:
    """So many beats for the hourly roll-up, started at different moments."""
    app = Celery("beats", broker="memory://", set_as_current=False)
    app.conf.update(
        beat_schedule={HOURLY: SCHEDULE[HOURLY]}, beat_max_loop_interval=1, timezone="UTC", enable_utc=True
    )
    started = []
    for number in range(request.param):
        with time_machine.travel(NOON + timedelta(seconds=7 * number), tick=False):
            beat: Scheduler = Told(app=app)
            assert isinstance(beat, Told)
            beat.sent = []
            started.append(beat)
    return started


def test_each_of_200_ticks_that_several_beats_send_runs_once(beats: list[Told], engine: Engine) -> None:
    with time_machine.travel(NOON + timedelta(minutes=1), tick=False) as clock:
        for _ in range(TICKS):
            clock.shift(timedelta(hours=1))
            for beat in beats:
                while beat.tick() == 0:
                    pass
    sent = list(zip(*(beat.sent for beat in beats), strict=True))
    assert len(sent) == TICKS
    with ThreadPoolExecutor(len(beats)) as workers:
        done = [outcome for tick in sent for outcome in workers.map(partial(_run, engine), tick)]
    assert Counter(done) == {"done": TICKS, "skipped": (len(beats) - 1) * TICKS}
    assert set(_runs_by_tick(engine).values()) == {1}


def _run(engine: Engine, at: datetime) -> str:
    """What a worker does with a message that a beat sent at that time."""
    chore = CHORES[HOURLY]
    tick = chore.tick_of(at + chore.expires, at)
    return ledger.keep(engine, Run(HOURLY, "beat", {}, tick), lambda: {"rows": 1}).outcome


def _runs_by_tick(engine: Engine) -> Counter[datetime | None]:
    with engine.connect() as connection:
        done = select(TaskRun.tick).where(TaskRun.task == HOURLY, TaskRun.outcome == "done")
        return Counter(connection.execute(done).scalars())
