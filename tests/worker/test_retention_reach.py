"""Nothing that grows is forgotten: every table and every key of Redis has a horizon, or a bound."""

from datetime import UTC, date, datetime, timedelta

from redis import Redis
from sqlalchemy import Connection, Engine, insert, select, text, update

from models import (
    AlertWatch,
    DestinationState,
    Heartbeat,
    Hold,
    Host,
    Outage,
    Silence,
    SystemMetrics,
    TaskMinute,
    partitions,
)
from models.partitions import PACKED, PARTITIONED
from tests import samples
from tests.worker.raw import add_hosts, add_system
from worker import stream
from worker.retention import Horizons, bounded, clean
from worker.retention.incidents import PARTS
from worker.retention.rows import old_rows

HORIZONS = Horizons()
NOW = datetime(2028, 6, 1, 2, tzinfo=UTC)
LONG_AGO, LATELY = NOW - timedelta(days=400), NOW - timedelta(days=1)

CATALOGUE = text("""
    SELECT relname FROM pg_class
     WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace = 'public'::regnamespace
       AND relname <> 'alembic_version'
""")


def test_every_table_has_a_horizon_or_cannot_grow(engine: Engine) -> None:
    reached = {table.table for table in (*PARTITIONED, PACKED)} | PARTS.keys() | bounded.TABLES.keys()
    reached |= {old.table for old in old_rows(HORIZONS, date(2026, 11, 21))}
    with engine.connect() as connection:
        assert set(connection.scalars(CATALOGUE)) == reached


def test_whatever_is_gone_for_long_goes_and_what_is_of_today_stays(engine: Engine) -> None:
    with engine.begin() as connection:
        gone, here = add_hosts(connection, "gone", "here")
        for host_id, name, at in ((gone, "gone", LONG_AGO), (here, "here", LATELY)):
            _leave_traces(connection, host_id, name, at)
        connection.execute(insert(AlertWatch).values(host_id=here, component="x", rule="x", last_at=LONG_AGO))
    foretold = {one.table: one.rows for one in clean(engine, HORIZONS, NOW, dry_run=True).deleted}
    done = {one.table: one.rows for one in clean(engine, HORIZONS, NOW, dry_run=False).deleted}
    expected = ("hosts", "task_minutes", "heartbeats", "outages", "alert_watches", "destination_states")
    assert done == foretold == dict.fromkeys((*expected, "silences", "holds"), 1)
    with engine.connect() as connection:
        assert connection.scalars(select(Host.name)).all() == ["here"]


def _leave_traces(connection: Connection, host_id: int, name: str, at: datetime) -> None:
    """A row in each table that knows hosts, parts, destinations or people by their names."""
    later = at + timedelta(hours=1)
    connection.execute(update(Host).where(Host.id == host_id).values(first_seen_at=at, last_seen_at=at))
    connection.execute(
        insert(TaskMinute).values(task=name, minute=at, runs=1, failed=0, total_ms=1, longest_ms=1)
    )
    connection.execute(insert(Heartbeat).values(component=name, instance="web-1", at=at, since=at, detail={}))
    connection.execute(insert(Outage).values(part=name, began_at=at, ended_at=at, reason="x", remedy="x"))
    connection.execute(insert(DestinationState).values(destination=name, refilled_at=at, tokens=1))
    said = {"created_by": "anna", "reason": "a move", "starts_at": at, "ends_at": later}
    connection.execute(insert(Silence).values(matchers={}, **said))
    connection.execute(insert(Hold).values(name=name, ended_at=later, **said))


def test_a_host_stays_as_long_as_anything_speaks_of_it(engine: Engine) -> None:
    with engine.begin() as connection:
        (host_id,) = add_hosts(connection, "gone")
        connection.execute(text("UPDATE hosts SET first_seen_at = :at"), {"at": LONG_AGO})
        partitions.ensure(connection, LATELY.date(), LATELY.date())
        add_system(connection, [{"host_id": host_id, "ts": LATELY}])
        assert connection.scalars(select(SystemMetrics.host_id)).all() == [host_id]
    assert clean(engine, HORIZONS, NOW, dry_run=False).deleted == ()


def test_the_streams_are_bounded_however_much_comes(redis: Redis) -> None:
    with redis.pipeline(transaction=False) as pipe:
        for n in range(3_000):
            stream.reject(pipe, f"0-{n}", {}, "a test")
        pipe.execute()
    assert redis.xlen(stream.REJECTED) < 1.2 * stream.MAX_REJECTED


def test_a_key_that_nobody_thought_of_would_be_found(redis: Redis) -> None:
    stream.publish(redis, samples.system())
    assert [bounded.pattern_of(key) for key in redis.scan_iter()] == [stream.STREAM]
    assert bounded.pattern_of("mine:forever") is None
