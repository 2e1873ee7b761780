"""Reads the signs of life from Postgres, in four statements and without SQLAlchemy, which is heavy."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from psycopg import Connection

from domain.cadence import UNWATCHED
from domain.queues import SHARED
from watchdog.limits import DEAD_AFTER
from watchdog.vitals import Outbox, Vitals

Heartbeats = dict[str, tuple[datetime, datetime, dict[str, Any]]]

QUEUE = "queue:"
WATCHDOG = "watchdog"

# What tocsin buttons leaves every 15 s while a connection to Slack stands.
BUTTONS = "slack-buttons"

# Whoever has been silent for longer has an alert, or was taken away on purpose.
SPOKE_WITHIN = timedelta(hours=1)

HEARTBEATS = """
    SELECT component, max(at) AS at, max(since) AS since, (array_agg(detail ORDER BY at DESC))[1] AS detail
      FROM heartbeats
     WHERE component IN ('beat', 'recorder', 'health.check', 'task:record.samples', 'watchdog',
                         'task:notifications.deliver', 'slack-buttons')
        OR starts_with(component, 'queue:')
     GROUP BY component
"""

# Open alerts of the component host tell of a silent one already.
COLLECTORS = """
      WITH silent AS (
           SELECT id, name FROM hosts
            WHERE kind = 'host' AND retired_at IS NULL
              AND last_seen_at BETWEEN clock_timestamp() - %(spoke)s AND clock_timestamp() - %(silent)s)
    SELECT clock_timestamp() AS at, (SELECT max(last_seen_at) FROM hosts WHERE kind = 'host') AS newest,
           (SELECT jsonb_object_agg(part, calm_since)
              FROM (SELECT part, extract(epoch FROM max(coalesce(ended_at, clock_timestamp()))) AS calm_since
                      FROM outages WHERE part IN ('redis', 'beat') GROUP BY part) AS o) AS calm,
           (SELECT array_agg(h.name ORDER BY h.name) FILTER (WHERE NOT EXISTS (
                       SELECT FROM infrastructure_alerts AS a
                        WHERE a.host_id = h.id AND a.component = 'host' AND a.resolved_at IS NULL))
              FROM silent AS h),
           EXISTS (SELECT FROM silent)
"""

# What waits behind a destination that is known to be down is retried in its own time. A lease that runs is
# somebody's who sends.
OUTBOX = """
    SELECT (SELECT min(d.due_at)
              FROM notification_deliveries AS d
              LEFT JOIN destination_states AS s ON s.destination = d.destination
             WHERE d.state IN ('pending', 'sending') AND d.due_at <= clock_timestamp()
               AND (d.state = 'pending' OR d.lease_until < clock_timestamp())
               AND (s.open_until IS NULL OR s.open_until < clock_timestamp() - interval '1 minute')),
           (SELECT min(at) FROM alert_events WHERE planned_at IS NULL),
           EXISTS (SELECT FROM notification_deliveries
                    WHERE state = 'sending' AND lease_until > clock_timestamp())
"""

# A chore holds a lock as long as its process lives, whatever its row in the ledger says.
CHORE_RUNS = """
    SELECT EXISTS (
        SELECT FROM pg_locks AS l
          JOIN (SELECT hashtextextended('tocsin.task.' || task, 0) AS key
                  FROM unnest(%(chores)s::text[]) AS task) AS k
            ON l.classid = ((k.key >> 32) & 4294967295)::oid AND l.objid = (k.key & 4294967295)::oid
         WHERE l.locktype = 'advisory' AND l.objsubid = 1 AND l.granted
           AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
"""
CHORES = ["aggregate.hourly", "aggregate.daily", "cleanup.retention"]


def read(
    connection: Connection[Any], *, redis_answers: bool | None = None, buttons_awaited: bool = False
) -> Vitals:
    """Every sign of life; raises psycopg.Error when Postgres does not answer in time."""
    with connection.cursor() as cursor:
        found: Heartbeats = {
            component: (at, since, detail)
            for component, at, since, detail in cursor.execute(HEARTBEATS).fetchall()
        }
        span = {"spoke": SPOKE_WITHIN, "silent": DEAD_AFTER}
        at, newest, calm, silent, hosts_are_silent = _one(cursor.execute(COLLECTORS, span).fetchall())
        due_since, unplanned_since, sending = _one(cursor.execute(OUTBOX).fetchall())
        (chore_runs,) = _one(cursor.execute(CHORE_RUNS, {"chores": CHORES}).fetchall())
    watchdog, since, detail = found.get(WATCHDOG, (None, None, {}))
    return Vitals(
        at=at,
        watched_since=since if watchdog is not None and abs(at - watchdog) <= UNWATCHED else None,
        watchdog=watchdog,
        calm_since={part: datetime.fromtimestamp(ended, UTC) for part, ended in (calm or {}).items()},
        beat=_seen(found, ["beat"]),
        # Before workers have heard its first tick, that of a collector is the sign of it.
        beat_since=next((found[one][1] for one in ("beat", "recorder") if one in found), None),
        queues={queue: _seen(found, [f"{QUEUE}{queue}"]) for queue in SHARED},
        chore_runs=chore_runs,
        newest_sample=newest,
        silent_collectors=tuple(silent or ()),
        hosts_are_silent=hosts_are_silent,
        recorder=_seen(found, ["recorder", "task:record.samples"]),
        evaluation=_seen(found, ["health.check"]),
        outbox=Outbox(due_since, unplanned_since, _seen(found, ["task:notifications.deliver"]), sending),
        standing_in=frozenset(detail.get("standing_in", ())),
        redis_answers=redis_answers,
        buttons=_seen(found, [BUTTONS]),
        buttons_awaited=buttons_awaited,
    )


def _seen(found: Heartbeats, components: Iterable[str]) -> datetime | None:
    return max((found[one][0] for one in components if one in found), default=None)


def _one(rows: list[Any]) -> Any:
    [row] = rows
    return row
