"""Alerts as if machines had raised them, in any number, written straight into the tables."""

from sqlalchemy import Engine, text

from models import clock

HOSTS = text("""
    INSERT INTO hosts (name, first_seen_at)
    SELECT 'web-' || n, :now FROM generate_series(1, :hosts) AS n
        ON CONFLICT DO NOTHING
""")

ALERTS = text("""
    INSERT INTO infrastructure_alerts (opened_at, breach_since, host_id, value, peak, threshold, seq,
                                       component, rule, metric, unit, severity, message, snapshot)
    SELECT :now, CAST(:now AS timestamptz) - interval '1 minute', h.id, 97, 98, 90, 1,
           'disk:/' || (count_so_far + n), 'disk-full', 'disk_percent', '%',
           CASE WHEN n % :critical_every = 0 THEN 'critical' ELSE 'warning' END,
           'disk / of ' || h.name || ' is at 97 %', '{}'
      FROM generate_series(1, :alerts) AS n
      JOIN hosts AS h ON h.name = 'web-' || (1 + n % :hosts)
     CROSS JOIN (SELECT count(*) AS count_so_far FROM infrastructure_alerts) AS before
     ORDER BY n
 RETURNING id
""")

EVENTS = text("""
    INSERT INTO alert_events (alert_id, at, seq, kind, severity, actor, reason)
    SELECT id, :now, seq, :kind, severity, 'tocsin', 'Disk usage is 97 %, and has been at or above 90 %'
      FROM infrastructure_alerts WHERE id = ANY(CAST(:ids AS bigint[])) ORDER BY id
""")

RESOLVE = text("""
    UPDATE infrastructure_alerts SET resolved_at = :now, seq = seq + 1
     WHERE id = ANY(CAST(:ids AS bigint[]))
""")


def ring(engine: Engine, alerts: int = 1, *, hosts: int = 1, critical_every: int = 1) -> list[int]:
    """Open so many alerts on so many hosts at this moment, and answer their numbers.

    Every so many-th is critical, the others are warnings.
    """
    with engine.begin() as connection:
        about = {"now": clock.now(connection), "hosts": hosts}
        connection.execute(HOSTS, about)
        rows = connection.execute(ALERTS, about | {"alerts": alerts, "critical_every": critical_every})
        ids = sorted(rows.scalars())
        connection.execute(EVENTS, about | {"ids": ids, "kind": "opened"})
    return ids


def end(engine: Engine, ids: list[int]) -> None:
    """These alerts are over."""
    with engine.begin() as connection:
        about = {"now": clock.now(connection), "ids": ids}
        connection.execute(RESOLVE, about)
        connection.execute(EVENTS, about | {"kind": "resolved"})
