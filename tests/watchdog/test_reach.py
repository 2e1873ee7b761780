"""Whether Redis answers: one that is there, one that asks for an account, and one that says nothing."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest
from redis import Redis

from watchdog import reach
from watchdog.reach import answers


def test_redis_that_answers_is_there(redis_url: str) -> None:
    assert answers(redis_url)


def test_a_refusal_is_an_answer(redis_url: str, redis_client: Redis) -> None:
    redis_client.config_set("requirepass", "a secret")
    try:
        assert answers(redis_url)
    finally:
        redis_client.config_set("requirepass", "")


def test_who_takes_connections_and_says_nothing_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reach, "WITHIN_S", 0.2)
    with socket.socket(socket.AF_UNIX) as frozen:
        frozen.bind(str(tmp_path / "s"))
        frozen.listen()
        assert not answers(f"unix://{tmp_path}/s")


def test_where_nobody_listens_nobody_answers(tmp_path: Path) -> None:
    assert not answers(f"unix://{tmp_path}/nothing")
    assert not answers("redis://127.0.0.1:1/0")


def test_a_server_that_wants_to_speak_otherwise_over_tls_is_there() -> None:
    with listening(b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert answers(f"rediss://127.0.0.1:{port}/0")


@contextmanager
def listening(greeting: bytes) -> Iterator[int]:
    """Somebody who answers whatever is said with a greeting."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def greet() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(greeting)

        thread = Thread(target=greet)
        thread.start()
        yield server.getsockname()[1]
        thread.join()
