"""Each figure counts what its name says, and nothing that merely stands in the same table."""

from collections.abc import Callable

from sqlalchemy import Engine, text

from tests import bell
from tests.exporter.conftest import Scrape

Ask = Callable[[], Scrape]


def write(engine: Engine, *statements: str, **about: int) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), about)


def test_hosts_speak_or_are_silent_and_services_are_none(engine: Engine, scrape: Ask) -> None:
    write(
        engine,
        """INSERT INTO hosts (name, kind, first_seen_at, last_seen_at)
           SELECT name, kind, now(), now() - ago::interval
             FROM (VALUES ('web-1', 'host', '1 s'), ('web-2', 'host', '10 s'), ('web-3', 'host', '1 min'),
                          ('tocsin', 'service', '90 s'), ('new', 'host', NULL), ('gone', 'host', '1 day'))
                  AS v (name, kind, ago)""",
        "UPDATE hosts SET retired_at = now() WHERE name = 'gone'",
    )
    found = scrape()
    assert found["tocsin_hosts", "reporting"] == 2
    assert found["tocsin_hosts", "silent"] == 2
    assert 1 <= found["tocsin_newest_sample_age_seconds",] < 10


def test_alerts_that_are_over_and_drills_do_not_fire(engine: Engine, scrape: Ask) -> None:
    _, taken, over, drill, warning = bell.ring(engine, 5)
    write(
        engine,
        "UPDATE infrastructure_alerts SET acknowledged_at = now(), acknowledged_by = 'ada' WHERE id = :taken",
        "UPDATE infrastructure_alerts SET resolved_at = now() WHERE id = :over",
        "UPDATE infrastructure_alerts SET is_drill = true WHERE id = :drill",
        "UPDATE infrastructure_alerts SET severity = 'warning' WHERE id = :warning",
        "UPDATE alert_events SET planned_at = at WHERE alert_id <> :over",
        "UPDATE alert_events SET at = at - interval '1 hour'",
        """INSERT INTO alert_watches (host_id, component, rule, severity)
           SELECT id, component, 'r', severity
             FROM hosts, (VALUES ('a', NULL), ('b', NULL), ('c', 'critical')) AS v (component, severity)""",
        taken=taken,
        over=over,
        drill=drill,
        warning=warning,
    )
    found = scrape()
    assert found["tocsin_alerts", "critical", "firing"] == 1
    assert found["tocsin_alerts", "critical", "acknowledged"] == 1
    assert found["tocsin_alerts", "warning", "firing"] == 1
    assert found["tocsin_unplanned_events",] == 1
    assert 3600 <= found["tocsin_unplanned_events_oldest_age_seconds",] < 3700
    assert found["tocsin_pending_breaches",] == 2


def test_only_what_is_due_or_was_tried_is_old(engine: Engine, scrape: Ask) -> None:
    bell.ring(engine, 4)
    write(
        engine,
        """INSERT INTO notification_deliveries (event_id, alert_id, incident_id, due_at, destination, kind,
                                               severity, state, reason)
           SELECT e.id, alert_id, alert_id, now() - ago::interval, destination, 'opened', 'critical', state,
                  ''
             FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM alert_events) AS e
             JOIN (VALUES (1, '-1 hour', 'slack', 'pending'), (2, '5 min', 'slack', 'sending'),
                          (3, '10 min', 'email', 'pending'), (4, '3 hours', 'email', 'dead'))
               AS v (n, ago, destination, state) USING (n)""",
    )
    found = scrape()
    assert 600 <= found["tocsin_outbox_oldest_age_seconds",] < 700
    assert found["tocsin_outbox_deliveries", "slack", "pending"] == 1
    assert found["tocsin_outbox_deliveries", "slack", "sending"] == 1
    assert found["tocsin_outbox_deliveries", "email", "pending"] == 1
    assert ("tocsin_outbox_deliveries", "email", "dead") not in found


def test_a_silence_is_active_from_its_beginning_to_its_end(engine: Engine, scrape: Ask) -> None:
    write(
        engine,
        """INSERT INTO silences (starts_at, ends_at, matchers, created_by, reason)
           SELECT now() + begins::interval, now() + ends::interval, '{}', 'ada', 'upgrade'
             FROM (VALUES ('-1 h', '1 h'), ('-1 h', '2 h'), ('1 h', '2 h'), ('-2 h', '-1 h'))
               AS v (begins, ends)""",
        """INSERT INTO destination_states (destination, refilled_at, tokens, open_until)
           VALUES ('slack', now(), 1, now()), ('email', now(), 1, NULL)""",
    )
    found = scrape()
    assert found["tocsin_active_silences",] == 2
    assert found["tocsin_destination_left_alone", "slack"] == 1
    assert found["tocsin_destination_left_alone", "email"] == 0


def test_a_chore_that_failed_and_a_window_that_is_not_final_are_no_success(
    engine: Engine, scrape: Ask
) -> None:
    write(
        engine,
        """INSERT INTO task_runs (task, started_at, finished_at, origin, outcome, arguments)
           SELECT 'aggregate.daily', now(), now() - ago::interval, 'beat', outcome, '{}'
             FROM (VALUES ('2 h', 'done'), ('5 h', 'done'), ('1 min', 'failed'), ('2 min', 'skipped'))
               AS v (ago, outcome)""",
        """INSERT INTO rollup_windows
           SELECT period, now() - ago::interval, now(), 1, final
             FROM (VALUES ('hour', '3 h', true), ('hour', '5 h', true), ('hour', '1 h', false),
                          ('day', '3 d', true)) AS v (period, ago, final)""",
        """INSERT INTO rollup_dues (period, bucket)
           SELECT period, now() - ago::interval
             FROM (VALUES ('hour', '3 h'), ('hour', '3 h'), ('hour', '4 h'), ('day', '3 d'))
               AS v (period, ago)""",
    )
    found = scrape()
    assert 7200 <= found["tocsin_chore_last_success_age_seconds", "aggregate.daily"] < 7300
    assert 7200 <= found["tocsin_rollup_lag_seconds", "hour"] < 7300
    assert 2 * 86_400 <= found["tocsin_rollup_lag_seconds", "day"] < 2 * 86_400 + 100
    assert found["tocsin_rollup_windows_due", "hour"] == 2
    assert found["tocsin_rollup_windows_due", "day"] == 1
