"""`tocsin alerts unack`, `resolve` and `note`: what they answer, and what they refuse."""

import pytest
from redis import Redis
from sqlalchemy import Engine

import policy
import settings
from tests import samples
from tests.cli.conftest import Run
from worker import stream
from worker.recording import record_waiting


@pytest.fixture(autouse=True)
def firing(engine: Engine, redis: Redis) -> None:
    """Alert 1 is open: the disk of web-1 is full."""
    stream.publish(redis, samples.system(disks={"/": 97.0}))
    record_waiting(engine, redis, policy.load(None, settings.load({})), consumer="test")


def test_what_nobody_has_cannot_be_given_back(tocsin: Run) -> None:
    done = tocsin("alerts", "unack", "1", "--by", "ada")
    assert (done.code, done.out) == (1, "nobody has taken alert 1\n")


def test_it_says_from_whom_it_was_taken(tocsin: Run) -> None:
    tocsin("alerts", "ack", "1", "--by", "ada")
    done = tocsin("alerts", "unack", "1", "--by", "bob")
    assert (done.code, done.out) == (0, "bob has taken alert 1 from ada; nobody has it now\n")


def test_programs_get_the_same_as_json(tocsin: Run) -> None:
    tocsin("alerts", "ack", "1", "--by", "ada")
    assert tocsin("alerts", "unack", "1", "--by", "ada", "--json").json == {
        "alert": 1,
        "given_back": True,
        "had": "ada",
        "message": "ada has given alert 1 back",
    }
    assert tocsin("alerts", "note", "1", "a note", "--json").json["noted"] is True
    assert tocsin("alerts", "resolve", "1", "--reason", "over", "--json").json["resolved"] is True


def test_ending_it_needs_a_reason(tocsin: Run) -> None:
    assert "--reason" in tocsin("alerts", "resolve", "1").err
    done = tocsin("alerts", "resolve", "1", "--reason", " \n ")
    assert (done.code, done.err.startswith("tocsin: --reason: it says nothing")) == (2, True)
    assert "open" in tocsin("alerts", "list").out


def test_a_note_has_to_say_something_that_can_be_shown(tocsin: Run) -> None:
    for text in ("", "\x1b[2J", "x" * 1001):
        assert tocsin("alerts", "note", "1", text).code == 2


def test_what_is_over_is_not_ended_again(tocsin: Run) -> None:
    tocsin("alerts", "resolve", "1", "--reason", "swapped the disk")
    done = tocsin("alerts", "resolve", "1", "--reason", "again")
    assert (done.code, done.err.startswith("tocsin: alert 1 is over since ")) == (1, True)


@pytest.mark.parametrize("rest", [("unack", "99"), ("resolve", "99", "--reason", "x"), ("note", "99", "x")])
def test_a_number_that_is_none_is_said(tocsin: Run, rest: tuple[str, ...]) -> None:
    done = tocsin("alerts", *rest)
    assert (done.code, done.err.startswith("tocsin: there is no alert 99; ")) == (1, True)
