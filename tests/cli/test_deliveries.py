"""`tocsin deliveries`: the list, one with its attempts, and trying one again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import Engine, insert, select

import policy
import settings
from models import Alert, AlertEvent, Attempt, Decision, Delivery, DestinationState
from tests import samples
from tests.cli.conftest import Run
from worker import stream
from worker.recording import record_waiting

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def firing(engine: Engine, redis: Redis) -> None:
    """Alert 1 is open: the disk of web-1 is full."""
    stream.publish(redis, samples.system(disks={"/": 97.0}))
    record_waiting(engine, redis, policy.load(None, settings.load({})), consumer="test")


def put(engine: Engine, state: str, *, destination: str = "slack", step: int = 0, **more: Any) -> int:
    """A delivery of the opening of alert 1 in this state."""
    with engine.begin() as connection:
        alert_id = connection.execute(select(Alert.id)).scalar_one()
        event_id = connection.execute(select(AlertEvent.id).order_by(AlertEvent.id)).scalars().first()
        row: dict[str, Any] = {
            "event_id": event_id,
            "alert_id": alert_id,
            "incident_id": alert_id,
            "due_at": NOW,
            "destination": destination,
            "step": step,
            "kind": "opened",
            "severity": "critical",
            "state": state,
            "reason": f"why it is {state}",
        }
        return connection.execute(insert(Delivery).values(row | more).returning(Delivery.id)).scalar_one()


def tried(engine: Engine, delivery_id: int, outcome: str, answer: str) -> None:
    with engine.begin() as connection:
        row = {"delivery_id": delivery_id, "started_at": NOW - timedelta(hours=30), "duration_ms": 12.5}
        connection.execute(insert(Attempt).values(row | {"outcome": outcome, "answer": answer}))


def stored(engine: Engine, delivery_id: int) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(Delivery.__table__).where(Delivery.id == delivery_id)).one()


def decided(engine: Engine) -> list[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(Decision.verdict, Decision.reason).order_by(Decision.id))
        return [(row.verdict, row.reason) for row in rows]


def test_the_dead_come_first_and_then_what_waits(tocsin: Run, engine: Engine) -> None:
    states = ("delivered", "dead", "pending", "superseded", "dead")
    numbers = [put(engine, state, step=step) for step, state in enumerate(states)]
    listed = tocsin("deliveries", "list", "--json").json
    assert [one["id"] for one in listed] == [numbers[n] for n in (4, 1, 2, 3, 0)]
    lines = tocsin("deliveries", "list").out.splitlines()
    assert lines[1].split()[:5] == ["5", "dead", "slack", "critical", "opened"]
    assert lines[1].rstrip().endswith("why it is dead")


def test_the_list_can_be_narrowed(tocsin: Run, engine: Engine) -> None:
    put(engine, "dead", created_at=NOW - timedelta(days=3))
    put(engine, "dead", destination="email")
    put(engine, "pending", step=1)

    def numbers(*options: str) -> list[int]:
        return [one["id"] for one in tocsin("deliveries", "list", *options, "--json").json]

    assert numbers("--state", "dead") == [2, 1]
    assert numbers("--destination", "email") == [2]
    assert numbers("--since", "24h") == [2, 3]
    assert numbers("--limit", "1") == [2]
    assert tocsin("deliveries", "list", "--destination", "pager").out == "there is no such delivery\n"


def test_it_shows_every_attempt_and_its_answer(tocsin: Run, engine: Engine) -> None:
    number = put(engine, "dead", fallback_for="email")
    tried(engine, number, "retry", "503 try later")
    tried(engine, number, "permanent", "404 no such hook")
    out = tocsin("deliveries", "show", str(number)).out
    assert "Delivery 1 to slack: dead\n  why it is dead\n" in out
    assert "in the place of: email" in out
    assert out.index("503 try later") < out.index("404 no such hook")
    shown = tocsin("deliveries", "show", str(number), "--json").json
    assert [one["outcome"] for one in shown["attempts"]] == ["retry", "permanent"]


def test_one_that_was_never_tried_says_so(tocsin: Run, engine: Engine) -> None:
    put(engine, "pending")
    assert tocsin("deliveries", "show", "1").out.endswith("ATTEMPTS\nnone\n")


def test_a_hostile_answer_has_no_power_over_the_terminal(tocsin: Run, engine: Engine) -> None:
    number = put(engine, "dead", reason="\x1b[2J[red]x")
    tried(engine, number, "permanent", "\x1b]0;owned\x07")
    out = tocsin("deliveries", "show", "1").out + tocsin("deliveries", "list").out
    assert "\x1b" not in out
    assert "[red]x" in out


def test_a_dead_one_that_is_tried_again_has_a_fresh_start(tocsin: Run, engine: Engine) -> None:
    number = put(engine, "dead", finished_at=NOW, attempts=3, created_at=NOW - timedelta(days=2))
    tried(engine, number, "permanent", "404 no such hook")
    done = tocsin("deliveries", "retry", "1", "--by", "ada")
    assert (done.code, done.out) == (0, "delivery 1 to slack was dead and is due now\n")
    row = stored(engine, number)
    assert (row.state, row.attempts, row.finished_at) == ("pending", 0, None)
    assert row.created_at >= NOW
    assert row.due_at >= NOW
    assert decided(engine) == [("send", "ada asked for it to be tried again; it was dead: why it is dead")]


def test_that_an_earlier_copy_may_have_arrived_stays_known(tocsin: Run, engine: Engine) -> None:
    number = put(engine, "dead", attempts=2)
    tried(engine, number, "ambiguous", "the connection broke")
    tocsin("deliveries", "retry", "1")
    assert stored(engine, number).attempts == 1


def test_one_that_waits_is_due_now_and_keeps_its_history(tocsin: Run, engine: Engine) -> None:
    number = put(engine, "pending", due_at=NOW + timedelta(days=1), attempts=2)
    assert tocsin("deliveries", "retry", "1", "--json").json["was"] == "pending"
    row = stored(engine, number)
    assert (row.state, row.attempts) == ("pending", 2)
    assert row.due_at < NOW + timedelta(days=1)


def test_a_destination_that_is_left_alone_is_named(tocsin: Run, engine: Engine) -> None:
    put(engine, "dead")
    with engine.begin() as connection:
        until = NOW + timedelta(days=1)
        state = {"destination": "slack", "refilled_at": NOW, "tokens": 1.0, "open_until": until}
        connection.execute(insert(DestinationState).values(state))
    assert (
        "slack has failed again and again and is not tried before " in tocsin("deliveries", "retry", "1").out
    )


@pytest.mark.parametrize("state", ["delivered", "superseded", "sending"])
def test_what_ended_well_or_is_on_its_way_is_not_tried_again(tocsin: Run, engine: Engine, state: str) -> None:
    put(engine, state)
    done = tocsin("deliveries", "retry", "1")
    assert done.code == 1
    assert done.err.startswith(
        f"tocsin: delivery 1 is {state}, and only a pending or a dead one is tried again"
    )
    assert stored(engine, 1).state == state
    assert decided(engine) == []


@pytest.mark.parametrize("command", ["show", "retry"])
def test_a_number_that_is_none_is_said(tocsin: Run, command: str) -> None:
    done = tocsin("deliveries", command, "99")
    assert (done.code, done.err.startswith("tocsin: there is no delivery 99; ")) == (1, True)
