"""How the schedule is kept: of each entry the last run, the next, how late it is, and what was missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, TextClause, text

from beat_schedule import CANARIES, ENTRIES, Entry

# For so long back misses are counted: of chores, and of what runs every few seconds.
CHORES_FOR, OFTEN_FOR = timedelta(days=7), timedelta(hours=1)
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """What is written of an entry: its last run, how many in the time that counts, and since when it is."""

    last: datetime | None = None
    outcome: str | None = None
    runs: int = 0
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the timetable; `late` is by how much the next run after the last is overdue.

    `missed` of `due` ticks were not run in the time that counts: a week for chores, an hour for the rest, and
    never from before the first run that is known.
    """

    task: str
    queue: str
    every: timedelta
    last: datetime | None
    outcome: str | None
    next: datetime
    late: timedelta
    due: int
    missed: int


def timetable(connection: Connection, now: datetime) -> Sequence[Line]:
    """Every entry of the schedule at `now` (aware)."""
    whole = now.replace(second=0, microsecond=0)
    chores = _seen(connection, CHORES, now - CHORES_FOR, now)
    often = _seen(connection, OFTEN, whole - OFTEN_FOR, whole)
    return [
        line(entry, (chores if entry.chore else often).get(entry.task, Seen()), now)
        for entry in (*ENTRIES, *CANARIES)
    ]


def line(entry: Entry, seen: Seen, now: datetime) -> Line:
    """What can be said of an entry from what was seen of it."""
    until = now if entry.chore else now.replace(second=0, microsecond=0)
    due = ticks(entry, seen.since, until) if seen.since else 0
    overdue = now - entry.next_after(seen.last) if seen.last else timedelta(0)
    return Line(
        task=entry.task,
        queue=entry.queue,
        every=entry.period,
        last=seen.last,
        outcome=seen.outcome,
        next=entry.next_after(now),
        # It is not late as long as it can be on its way.
        late=overdue if overdue > min(entry.period, MINUTE) else timedelta(0),
        due=due,
        missed=max(0, due - seen.runs),
    )


def ticks(entry: Entry, since: datetime, until: datetime) -> int:
    """How many times an entry was due from `since` on and before `until`."""
    at, count = entry.next_after(since - timedelta(microseconds=1)), 0
    while at < until:
        at, count = entry.next_after(at), count + 1
    return count


# A tick that was run counts once, however often it was begun.
CHORES = text("""
    SELECT DISTINCT ON (task) task, started_at AS last, outcome,
           count(*) FILTER (WHERE tick IS NOT NULL AND outcome = 'done') OVER (PARTITION BY task) AS runs,
           min(tick) OVER (PARTITION BY task) AS since
      FROM task_runs
     WHERE started_at >= :since AND started_at < :until AND outcome <> 'refused'
     ORDER BY task, started_at DESC
""")

# Samples are the runs of a collection: whichever host answered, the tick was run. A collector that reaches
# Postgres records without a task of its own. The first minute of the rest may be part of one and is left out.
OFTEN = text("""
    SELECT h.task, h.last, 'done' AS outcome, coalesce(m.runs, 0) AS runs, m.since
      FROM (SELECT substr(component, 6) AS task, max(at) AS last FROM heartbeats
             WHERE component LIKE 'task:%' GROUP BY component) AS h
      LEFT JOIN (SELECT task, sum(runs) - (array_agg(runs ORDER BY minute))[1] AS runs,
                        min(minute) + interval '1 minute' AS since
                   FROM task_minutes WHERE minute >= :since AND minute < :until
                  GROUP BY task) AS m USING (task)
     UNION ALL
    SELECT 'record.samples', max(at), 'done', 0, NULL
      FROM heartbeats WHERE component = 'recorder' HAVING max(at) IS NOT NULL
       AND NOT EXISTS (SELECT FROM heartbeats WHERE component = 'task:record.samples')
     UNION ALL
    SELECT 'collect.system', max(ts), 'done', count(DISTINCT ts) FILTER (WHERE ts < :until), min(ts)
      FROM system_metrics_history WHERE ts >= :since HAVING max(ts) IS NOT NULL
     UNION ALL
    SELECT 'collect.processes', max(ts), 'done', count(DISTINCT ts) FILTER (WHERE ts < :until), min(ts)
      FROM process_metrics_history WHERE ts >= :since HAVING max(ts) IS NOT NULL
""")


def _seen(
    connection: Connection, statement: TextClause, since: datetime, until: datetime
) -> Mapping[str, Seen]:
    rows = connection.execute(statement, {"since": since, "until": until}).mappings()
    return {row["task"]: Seen(row["last"], row["outcome"], row["runs"], row["since"]) for row in rows}
