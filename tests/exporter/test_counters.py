"""Counters go up and never down: whatever retention removes, and whoever folds."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from threading import Barrier, Thread

from sqlalchemy import Engine, create_engine, func, select

from models import CounterIncrement, clock, counters
from notifications.retrying import retry_now
from tests.exporter.conftest import Scrape
from tests.scenarios.stage import Stage
from tests.standins.behaviour import answer
from worker.retention import Horizons, clean

Ask = Callable[[], Scrape]


def totals(scrape: Scrape) -> Mapping[tuple[str, ...], float]:
    return {name: value for name, value in scrape.items() if name[0].endswith("_total")}


def test_retention_takes_nothing_from_a_counter(stage: Stage, scrape: Ask) -> None:
    stage.disk(97)
    stage.disk(10)
    before = totals(scrape())
    with stage.engine.begin() as connection:
        later = clock.now(connection) + timedelta(days=900)
    clean(stage.engine, Horizons(), later, dry_run=False)
    after = totals(scrape())
    assert {name: value for name, value in before.items() if after.get(name, 0) < value} == {}


def test_folding_changes_no_count(stage: Stage, scrape: Ask) -> None:
    stage.disk(97)
    before = totals(scrape())
    with stage.engine.begin() as connection:
        counters.fold(connection)
    with stage.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(CounterIncrement)) == 0
    assert totals(scrape()) == before
    stage.disk(10)
    assert scrape()["tocsin_samples_recorded_total", "system"] == 2


def test_the_health_check_folds(stage: Stage) -> None:
    stage.disk(97)
    stage.check()
    with stage.engine.connect() as connection:
        names = set(connection.scalars(select(CounterIncrement.name)))
    assert "samples_recorded" not in names


def test_whoever_counts_in_another_order_waits_for_nobody(engine: Engine) -> None:
    other = create_engine(engine.url, pool_size=1)
    met = Barrier(2, timeout=20)

    def count(engine: Engine, *names: str) -> None:
        with engine.begin() as connection:
            for name in names:
                counters.count(connection, name, {"a": 1}, label="kind")
                met.wait()

    threads = [
        Thread(target=count, args=(engine, "one", "two")),
        Thread(target=count, args=(other, "two", "one")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    other.dispose()
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(CounterIncrement)) == 4


def test_what_is_rolled_back_was_not_counted(stage: Stage, scrape: Ask) -> None:
    with stage.engine.connect() as connection:
        counters.count(connection, "samples_recorded", {"system": 5}, label="kind")
        connection.rollback()
    assert ("tocsin_samples_recorded_total", "system") not in scrape()


def test_a_delivery_that_somebody_tries_again_ends_twice(stage: Stage, scrape: Ask) -> None:
    stage.slack.script.append(answer(404))
    stage.disk(97)
    assert scrape()["tocsin_deliveries_total", "slack", "dead"] == 1
    with stage.engine.begin() as connection:
        retry_now(connection, 1, by="ada")
    stage.notify()
    found = scrape()
    assert found["tocsin_deliveries_total", "slack", "dead"] == 1
    assert found["tocsin_deliveries_total", "slack", "delivered"] == 1
    assert found["tocsin_notification_decisions_total", "by_hand", "send"] == 1
