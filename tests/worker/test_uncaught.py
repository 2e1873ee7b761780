"""Celery's own command, typed by a person whose settings are wrong."""

import os
import subprocess
import sys

import pytest
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from worker.uncaught import said

NOBODY = "redis://:hunter2@127.0.0.1:1/0"


def celery(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    settings = {name: value for name, value in os.environ.items() if not name.startswith("REDIS_")}
    return subprocess.run(
        [sys.executable, "-m", "celery", "-A", "worker.celery", *words],
        env=settings | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        ({}, "Error: REDIS_URL: it is not set, and Celery needs it; set it to your Redis\n"),
        (
            {"REDIS_URL": "nonsense"},
            "Error: REDIS_URL: the value is not a URL; write it as redis://host:6379/0\n",
        ),
    ],
)
def test_wrong_settings_are_said_in_a_sentence(environ: dict[str, str], sentence: str) -> None:
    done = celery("call", "health.check", **environ)
    assert done.returncode != 0
    assert done.stderr == sentence


def test_a_redis_that_does_not_answer_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", NOBODY)
    with pytest.raises(RedisConnectionError) as behind:
        Redis.from_url(NOBODY).ping()
    with pytest.raises(OperationalError) as raised:
        raise OperationalError("Retry limit exceeded") from behind.value
    sentence = said(raised.value)
    assert sentence is not None
    assert sentence.startswith("redis://:****@127.0.0.1:1/0 cannot be used (Error 111 connecting to")


def test_a_fault_of_the_program_keeps_its_traceback() -> None:
    assert said(ZeroDivisionError()) is None
