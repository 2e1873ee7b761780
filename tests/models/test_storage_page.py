"""Every index has a query on the page about storage that uses it, and none is left over."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, text

from models.partitions import ensure
from tests.worker.history import add_alert
from tests.worker.raw import DAY, add_hosts

PAGE = (Path(__file__).parents[2] / "docs" / "storage.md").read_text(encoding="utf-8")
QUERIES = dict(re.findall(r"\n\n`(\w+)`: [^`]+\n\n```sql\n(.*?)```", PAGE, flags=re.DOTALL))

A_DAY = (Path(__file__).parent / "a_day.sql").read_text(encoding="utf-8").split(";\n")
_ALERTS = 100


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.begin() as connection:
        ensure(connection, DAY.date(), DAY.date())
        hosts = add_hosts(connection, "web-1", "web-2")
        for statement in filter(str.strip, A_DAY):
            connection.execute(text(statement), {"day": DAY})
        for n in range(_ALERTS):
            at = DAY - timedelta(days=n)
            first = add_alert(connection, hosts[n % 2], at, at, of=1 if n % 50 == 1 else None)
        connection.execute(text("UPDATE infrastructure_alerts SET component = 'disk:/' || id WHERE id > 9"))
        connection.execute(text("UPDATE infrastructure_alerts SET severity = 'warning' WHERE id % 20 > 0"))
        connection.execute(text("UPDATE infrastructure_alerts SET resolved_at = NULL WHERE id < 3"))
        connection.execute(text("UPDATE notification_deliveries SET state = 'pending' WHERE id = 1"))
        connection.execute(text("UPDATE alert_events SET planned_at = at WHERE id > 1"))
        assert first == _ALERTS
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
        # A page or two are always read faster as they are; the history that it is about is longer.
        connection.execute(text("SET enable_seqscan = off"))
        # As a DBA has it: in our own sessions a page elsewhere costs less, and the primary key is used more.
        connection.execute(text("SET random_page_cost = 4"))
        yield connection


def test_every_query_uses_the_index_that_it_is_for(connection: Connection) -> None:
    plans = {index: _plan(connection, index) for index in QUERIES}
    assert {index: plan for index, plan in plans.items() if not _names(connection, index) & _used(plan)} == {}


def test_every_index_is_on_the_page(engine: Engine) -> None:
    indexes = "SELECT relname FROM pg_class WHERE relkind IN ('i', 'I') AND relname LIKE 'idx%'"
    with engine.connect() as connection:
        assert set(connection.scalars(text(indexes))) == QUERIES.keys()


def _plan(connection: Connection, index: str) -> str:
    return "\n".join(connection.scalars(text(f"EXPLAIN {QUERIES[index]}")))


def _used(plan: str) -> set[str]:
    return set(re.findall(r"(?:using|Index Scan on|Index Scan Backward using) (\w+)", plan))


def _names(connection: Connection, index: str) -> set[str]:
    """The index by its own name, and its parts in the partitions."""
    parts = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = CAST(:index AS regclass)"
    return {index, *connection.scalars(text(parts), {"index": index})}
