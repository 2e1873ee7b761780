"""However many destinations, rules or hosts there are, the number of series stays within bounds."""

from collections.abc import Callable

from sqlalchemy import text

from exporter.metric import MOST, Label, counter, gauge
from tests.exporter.conftest import Scrape
from tests.scenarios.stage import Stage

ANY = Label("destination")
STATE = Label("state", ("on", "off"))
MANY = (
    "INSERT INTO hosts (name, first_seen_at, last_seen_at) SELECT 'h' || n, now(), now()",
    "INSERT INTO destination_states (destination, refilled_at, tokens) SELECT 'd' || n, now(), 1",
    "INSERT INTO heartbeats (component, instance, at, since, detail) SELECT 'c', n, now(), now(), '{}'",
    "INSERT INTO counters (name, labels, value) SELECT 'evaluations', jsonb_build_object('rule', n), 1",
)


def test_what_people_name_is_kept_up_to_a_number_and_then_put_together() -> None:
    metric = counter("sendings", "Sendings.", ANY)
    found = metric.bounded({(f"d{n:03}",): 1.0 for n in range(MOST + 7)})
    assert len(found) == MOST + 1
    assert found["other",] == 7


def test_what_is_put_together_only_grows() -> None:
    metric = counter("sendings", "Sendings.", ANY)
    names: dict[tuple[str, ...], float] = {(f"d{n:03}",): 1.0 for n in range(MOST + 7)}
    assert metric.bounded({**names, ("a new one",): 1.0})["other",] == 8


def test_an_age_put_together_is_the_greatest() -> None:
    metric = gauge("age_seconds", "Age.", ANY, together=max)
    assert metric.bounded({(f"d{n:03}",): float(n) for n in range(MOST + 7)})["other",] == MOST + 6


def test_a_value_that_nobody_foresaw_is_no_series_of_its_own() -> None:
    assert gauge("things", "Things.", STATE).bounded({("strange",): 3.0, ("on",): 1.0}) == {
        ("on",): 1.0,
        ("off",): 0.0,
        ("other",): 3.0,
    }


def test_a_thousand_hosts_and_destinations_are_no_more_series(
    stage: Stage, scrape: Callable[[], Scrape]
) -> None:
    stage.disk(97)
    few = len(scrape())
    with stage.engine.begin() as connection:
        for statement in MANY:
            connection.execute(text(f"{statement} FROM generate_series(1, 1000) AS n"))
    assert len(scrape()) <= few + 2 * (MOST + 1) + 1
