"""`tocsin check`: a health check by hand."""

from redis import Redis
from sqlalchemy import Engine, select

from models import InfrastructureHealth
from tests.cli.conftest import HOST, Run
from tests.cli.ringing import rules
from worker.collection import collect_system
from worker.recording import record_waiting


def test_it_checks_stores_and_says_how_each_is(tocsin: Run, engine: Engine, redis: Redis) -> None:
    collect_system(redis, HOST)
    record_waiting(engine, redis, rules(), consumer=HOST)
    done = tocsin("check")
    assert (done.code, done.err) == (0, "")
    assert HOST in done.out
    assert "database" in done.out
    assert done.out.endswith("hosts checked: 1; changes of alerts: 0\n")
    with engine.connect() as connection:
        checked = set(connection.execute(select(InfrastructureHealth.component)).scalars())
    assert checked == {"machine", "database", "redis"}


def test_json_has_every_check(tocsin: Run) -> None:
    document = tocsin("check", "--json").json
    assert document["checked"] == {"hosts": 0, "unknown": 0, "changes": 0}
    assert {one["component"] for one in document["checks"]} == {"database", "redis"}
